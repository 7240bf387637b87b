"""One dossier told to its system: call after call, each with its intention durable before it and its answer with what is said."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms.problem import Problem
from forms.routing import PORTAL
from forms.stages import OPEN, Stage
from sync.relay.calls import Door
from sync.relay.pace import Pace
from sync.relay.reading import Reading
from sync.relay.shapes import MALFORMED
from sync.relay.store import RelayStore, Work
from sync.relay.systems import Call, Case, Heard, System, Told, digest
from sync.relay.voice import Voice

_CALLS, _SAME = 60, 6
"""Calls about one dossier in one round, and of them the same one: then it is left for later."""
_LATER, _HOUR = 60.0, 3600.0
_UNREAD: dict[str, Any] = {
    "code": "unreadable",
    "reason": "Hồ sơ gửi lên chưa đọc được",
    "field": None,
    "say": "Quầy nhập lại mục còn thiếu rồi gửi lại, anh chị không phải đi lại.",
    "raw": "unreadable record",
}
_UNANSWERED = "{} trả lời không đọc được về hồ sơ này nhiều lần; máy chủ vẫn thử lại, người phụ trách cần xem."


@dataclass(frozen=True)
class Station:
    """A receiving system with the way there. ``watch``: seconds until it is asked what became of an open dossier, 0 = never."""

    system: System
    door: Door
    pace: Pace
    kind: str
    watch: float = 0.0


class Telling:
    """``stations`` by their key; ``clock``: seconds since 1970."""

    def __init__(
        self, store: RelayStore, voice: Voice, reading: Reading, stations: Mapping[str, Station], clock: Callable[[], float]
    ) -> None:
        self._store, self._voice, self._reading, self._stations, self._clock = store, voice, reading, stations, clock
        self._chance = random.Random()

    def one(self, work: Work) -> int:
        """Tell what there is to tell of one dossier; how many calls were made. What some counter of another version, or a broken
        one, made of it may not stop the others: it is answered as refused, and the place is in the log."""
        station = self._stations.get(work.system)
        wait = station.pace.wait(self._clock()) if station else 0.0
        if wait:  # before it is looked at: when a system rests, many wait
            self._store.look_again(work.dossier, self._clock() + wait, work.tries)
            return 0
        try:
            return self._tell(work)
        except (Problem, *MALFORMED):
            logging.getLogger("relay").exception("unreadable")
            known = self._store.work(work.dossier) or work  # what was learned in this round stays
            with self._store.writing():
                self._store.look_again(work.dossier, None, 0)
                self._note(known, "unreadable", "refused", _UNREAD)
            return 1

    def _note(self, work: Work, what: str, name: str, body: dict[str, Any]) -> None:
        """Say something of a dossier that no adapter said, once."""
        if what not in work.told.noted:
            told = work.told.but(noted=(*work.told.noted, what))
            self._store.keep(work.dossier, told, work.system)
            self._voice.say_all(work.commune, work.dossier, ((name, body),))

    def _tell(self, work: Work) -> int:
        """Calls about one dossier, until there is nothing more to tell or something stands in the way; how many."""
        told, made = work.told, list[str]()
        while len(made) < _CALLS:
            found = self._reading.case(work, told)
            if found is None:
                self._store.look_again(work.dossier, None, 0)
                return len(made)
            key, case, home = found
            work, station, told = replace(work, system=key), self._stations[key], _seeded(told, case, key)
            said = station.system.remarks(case, told)
            if said.verdicts or said.told != told:
                told = self._keep(work, key, said, home)
                continue
            call = station.system.next(case, told)
            if call is None:
                self._settled(work, station, case, told, home)
                return len(made)
            made.append(f"{call.name} {digest(call.about)}")
            if made.count(made[-1]) > _SAME:
                break
            heard = self._call(work, key, case, told, call)
            if heard is None:
                return len(made)
            told, work = self._keep(work, key, heard, home), replace(work, tries=0)
        self._store.look_again(work.dossier, self._clock() + _LATER, work.tries + 1)
        return len(made)

    def _call(self, work: Work, key: str, case: Case, told: Told, call: Call) -> Heard | None:
        """One call, its intention durable before it; None: it is to be made later, and when is noted."""
        station, now = self._stations[key], self._clock()
        wait = station.pace.wait(now)
        if wait:
            self._store.look_again(work.dossier, now + wait, work.tries)
            return None
        asked = told if call.safe else told.but(doubt={"call": call.name, **call.about})
        if asked != told:
            self._store.keep(work.dossier, asked, key)
        station.pace.goes(now)
        try:
            heard = station.system.heard(case, asked, call, station.door.send(call.request))
        except Problem as problem:
            if problem.code == "system_busy":  # it was not carried out
                self._store.keep(work.dossier, told, key)
            self._failed(work, station, problem)
            return None
        station.pace.answered()
        return heard

    def _failed(self, work: Work, station: Station, problem: Problem) -> None:
        now, tries = self._clock(), work.tries + 1
        if tries in (1, _SAME + 1):
            logging.getLogger("relay").error("not told", exc_info=problem)
        own = self._chance.uniform(0.5, 1) * min(600.0, 0.1 * 2 ** min(tries, 16))
        if problem.code == "system_unreadable":  # about this record: others go on
            station.pace.answered()
            rest = max(own, _LATER if tries > _SAME else 0.0)
            if tries > _SAME:
                body = {"system": work.system, "what": "unanswered", "say": _UNANSWERED.format(station.system.label)}
                self._note(self._store.work(work.dossier) or work, "unanswered", "unexpressed", body)
        else:
            rest = max(own, station.pace.troubled(now, problem))
        self._store.look_again(work.dossier, now + rest, tries)

    def _keep(self, work: Work, key: str, heard: Heard, home: str) -> Told:
        """What was heard, and what is said of it, at once."""
        with self._store.writing():
            self._store.keep(work.dossier, heard.told, key)
            self._voice.say_all(home, work.dossier, heard.verdicts)
        return heard.told

    def _settled(self, work: Work, station: Station, case: Case, told: Told, home: str) -> None:
        """Nothing more to tell now. Bytes of a scan come without an act: they are looked for."""
        missing = any(not self._reading.whole(home, s) for s in case.dossier["scans"])
        rest = min(_HOUR, 2.0 ** min(work.tries, 12))
        with self._store.writing():
            self._store.look_again(work.dossier, self._clock() + rest if missing else None, work.tries + 1 if missing else 0)
            open_there = told.exists and Stage(case.dossier["stage"]) in OPEN
            self._store.watch(work.dossier, self._clock() + station.watch if station.watch and open_there else None)


def _seeded(told: Told, case: Case, key: str) -> Told:
    """What the dossier itself knows of the other side, for a relay that has forgotten: the number that was issued there. Told
    again under it, the dossier is known there already."""
    if told != Told():
        return told
    issued = [a.body for a in case.acts if a.counter == PORTAL and a.event == "accepted" and a.body.get("system") == key]
    number = next((str(b["official_code"]) for b in reversed(issued) if b.get("official_code")), "")
    return Told(number=number) if number else told
