"""The relay: hears the communes' feeds, tells the receiving systems, says in the dossiers what they answered.

Every round is made of steps that a crash may end anywhere. What was read is remembered with what there is to do; before a call
that changes something elsewhere its intention is durable; what it answered is durable together with what is said of it; and
what is said goes to the gateway as any counter's acts do, from where the gateway holds them. So nothing is repeated or skipped.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from forms.catalogue import Catalogue
from forms.erasure import target
from forms.people import SET
from forms.problem import Problem
from forms.routing import Table
from forms.stages import OPEN, Stage
from forms.working_days import VIETNAM
from sync.events import Event
from sync.gateway import incoming
from sync.gateway.ledger import Ledger
from sync.relay import filing
from sync.relay.calls import Door
from sync.relay.cataloguing import Cataloguing, Looks
from sync.relay.gate import Gate
from sync.relay.pace import Outage, Pace
from sync.relay.reading import Reading
from sync.relay.store import COUNTER, RelayStore, Work
from sync.relay.systems import LOGIN, Board, Call, Case, Heard, System, Told, digest
from sync.relay.voice import Voice

_FEED = 400
_AT_ONCE = 64
"""Dossiers that are looked at in one round."""
_CALLS, _SAME = 60, 6
"""Calls about one dossier in one round, and of them the same one: then it is left for later."""
_LATER, _HOUR = 60.0, 3600.0
_SILENT = 0.5
"""Seconds after which what was answered is said, however much there still is to tell."""
ROUTES, OUTAGE = "routes_set", "system_outage"


_MALFORMED = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)
_UNREAD: dict[str, Any] = {
    "what": "unreadable",
    "said": {
        "code": "unreadable",
        "reason": "Hồ sơ gửi lên chưa đọc được",
        "field": None,
        "say": "Quầy nhập lại mục còn thiếu rồi gửi lại, anh chị không phải đi lại.",
        "raw": "unreadable record",
    },
}


@dataclass(frozen=True)
class Station:
    """A receiving system with the way there. ``watch``: seconds until it is asked what became of an open dossier, 0 = never."""

    system: System
    door: Door
    pace: Pace
    kind: str
    watch: float = 0.0


@dataclass(frozen=True)
class Settings:
    """``published``: the table as the communes are told of it. ``public_url``: where receiving systems reach this gateway, "" =
    they cannot. ``settle``: seconds that a clerk has to set something right before it is told. ``catalogue``: None = it is not
    fetched."""

    published: Mapping[str, Any] = field(default_factory=dict)
    public_url: str = ""
    settle: float = 0.0
    catalogue: Looks | None = None


class Relay:
    """``work`` as often as wanted, by one thread. ``stations`` by their key; ``table``: which dossier goes where;
    ``on_erased``: hears the body of each erasure."""

    def __init__(
        self,
        ledger: Ledger,
        store: RelayStore,
        gate: Gate,
        stations: Mapping[str, Station],
        table: Table,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        on_erased: Callable[[Mapping[str, Any]], None] = lambda body: None,
    ) -> None:
        self.ledger, self.store, self.stations, self.table = ledger, store, stations, table
        self.voice = Voice(ledger, store, gate, clock)
        self._settings, self.clock = settings or Settings(), clock
        self._on_erased = on_erased
        board = next((key for key, s in stations.items() if isinstance(s.system, Board)), "")
        url = self._settings.public_url
        self._reading = Reading(ledger, store, table, stations.keys(), board, url, clock)
        self._catalogue = self._cataloguing()
        self._read: dict[str, int] = {}
        self._unwiped = True  # a former process may have ended before it was
        self._chance = random.Random()
        for key, (begun, why) in store.meta("outages", {}).items():
            if key in stations:
                stations[key].pace.resume(Outage(begun, None, why))
        if store.meta("gateway_epoch") != ledger.epoch:
            store.read_again()  # the gateway was put back: its feeds are other ones
            store.set_meta(gateway_epoch=ledger.epoch)

    def _cataloguing(self) -> Cataloguing | None:
        if self._settings.catalogue is None:
            return None
        one = self.stations[self._settings.catalogue.system]
        return Cataloguing(self.store, self.voice, one.system, one.door, one.pace, self._settings.catalogue)

    def work(self, ended: Callable[[], bool] = lambda: False) -> int:
        """One round; how many things were done. Asks ``ended`` between dossiers: the rest waits for the next start."""
        done = self._hear() + self._routes() + self._filed()
        for work in self.store.due(self.clock(), _AT_ONCE):
            if ended():
                break
            done += self._one(work) + self.voice.speak(_SILENT)
        for work in self.store.watched(self.clock(), _AT_ONCE):
            if ended():
                break
            done += self._ask(work)
        done += self._catalogue.work(self.clock()) if self._catalogue else 0
        return done + self._outages() + self.voice.speak()

    # What was said at the counters

    def _hear(self) -> int:
        """What stands in the feeds since the last time. Of those in which nothing is new not even that is asked: one question
        tells for all communes."""
        heard = 0
        for commune, head in self.ledger.feed_heads().items():
            after = self._read.get(commune)
            after = self.store.position(commune) if after is None else after
            if after > head:
                after = 0  # the gateway was put back, and this process did not start since
            while after < head and (entries := self.ledger.feed(commune, after, _FEED)):
                with self.store.writing():
                    for _, event in entries:
                        self._heard(commune, event)
                    after = entries[-1][0]
                    self.store.set_position(commune, after)
                heard += len(entries)
            self._read[commune] = after
        self._unwiped = self._unwiped and not self.store.wipe()
        return heard

    def _heard(self, commune: str, event: Event) -> None:
        if event.counter == COUNTER:
            return
        erased, body = target(event.name, event.body), event.body or {}
        if event.dossier:
            self.store.touch(event.dossier, self._reading.home(event.counter) or commune, self.clock() + self._settings.settle)
        elif erased:
            self.store.erase(erased)
            self._unwiped = True
            self._on_erased(body)
        elif event.name == SET and isinstance(body.get("name"), str):
            self.store.learn_name(commune, str(body.get("id")), body["name"])

    # What was filed online

    def file(self, commune: str, dossier: str, body: dict[str, Any]) -> int:
        """A dossier was filed online; whoever hears of it again says nothing new."""
        if self.store.work(dossier) is not None or self.ledger.acts(dossier):
            return 0
        with self.store.writing():
            self.voice.say(commune, dossier, "filed", body)
            self.store.touch(dossier, commune, self.clock())
        return 1

    def _filed(self) -> int:
        """What was sent to the gateway meanwhile. A record that cannot be read goes to no commune, and is left where it lies,
        for a person to look at."""
        done = 0
        for path, unit, records in incoming.waiting(self.ledger.data):
            try:
                found = [(str(r["MaHoSo"]), filing.filed(r, self._shipped, self._reading.now())) for r in records]
                commune = self.ledger.commune_of(unit)
            except Problem:
                path.replace(path.with_suffix(".unread"))
                continue
            done += sum(self.file(commune, filing.dossier_id(commune, code), body) for code, body in found)
            path.unlink()
        return done

    @cached_property
    def _shipped(self) -> Catalogue:
        return Catalogue.load()

    # What a system is told

    def _one(self, work: Work) -> int:
        """One dossier. What some counter of another version, or a broken one, made of it may not stop the others: it is answered
        as refused, and the place is in the log."""
        try:
            return self._tell(work)
        except _MALFORMED:
            logging.getLogger("relay").exception("unreadable")
            with self.store.writing():
                self.store.look_again(work.dossier, None, 0)
                if _UNREAD["what"] not in work.told.noted:
                    told = work.told.but(noted=(*work.told.noted, _UNREAD["what"]))
                    self.store.keep(work.dossier, told, work.system)
                    self.voice.say_all(work.commune, work.dossier, (("refused", _UNREAD["said"]),))
            return 1

    def _tell(self, work: Work) -> int:
        """Calls about one dossier, until there is nothing more to tell or something stands in the way; how many."""
        told, made = work.told, list[str]()
        while len(made) < _CALLS:
            found = self._reading.case(work, told)
            if found is None:
                self.store.look_again(work.dossier, None, 0)
                return len(made)
            key, case, home = found
            work, station = replace(work, system=key), self.stations[key]
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
        self.store.look_again(work.dossier, self.clock() + _LATER, work.tries + 1)
        return len(made)

    def _call(self, work: Work, key: str, case: Case, told: Told, call: Call) -> Heard | None:
        """One call, its intention durable before it; None: it is to be made later, and when is noted."""
        station, now = self.stations[key], self.clock()
        wait = station.pace.wait(now)
        if wait:
            self.store.look_again(work.dossier, now + wait, work.tries)
            return None
        asked = told if call.safe else told.but(doubt={"call": call.name, **call.about})
        if asked != told:
            self.store.keep(work.dossier, asked, key)
        station.pace.goes(now)
        try:
            heard = station.system.heard(case, asked, call, station.door.send(call.request))
        except Problem as problem:
            if problem.code == "system_busy":  # it was not carried out
                self.store.keep(work.dossier, told, key)
            self._failed(work, station, problem)
            return None
        station.pace.answered()
        return heard

    def _failed(self, work: Work, station: Station, problem: Problem) -> None:
        now, tries = self.clock(), work.tries + 1
        own = self._chance.uniform(0.5, 1) * min(600.0, 0.1 * 2 ** min(tries, 16))
        if problem.code == "system_unreadable":  # about this record: others go on
            station.pace.answered()
            rest = max(own, _LATER if tries > _SAME else 0.0)
        else:
            why = {"system_busy": "busy", "system_denied": "denied"}.get(problem.code, "line")
            rest = max(own, station.pace.failed(now, why, problem.details.get("retry_after")))
        self.store.look_again(work.dossier, now + rest, tries)

    def _keep(self, work: Work, key: str, heard: Heard, home: str) -> Told:
        """What was heard, and what is said of it, at once."""
        with self.store.writing():
            self.store.keep(work.dossier, heard.told, key)
            self.voice.say_all(home, work.dossier, heard.verdicts)
        return heard.told

    def _settled(self, work: Work, station: Station, case: Case, told: Told, home: str) -> None:
        """Nothing more to tell now. Bytes of a scan come without an act: they are looked for."""
        missing = any(not self._reading.whole(home, s) for s in case.dossier["scans"])
        rest = min(_HOUR, 2.0 ** min(work.tries, 12))
        with self.store.writing():
            self.store.look_again(work.dossier, self.clock() + rest if missing else None, work.tries + 1 if missing else 0)
            open_there = told.exists and Stage(case.dossier["stage"]) in OPEN
            self.store.watch(work.dossier, self.clock() + station.watch if station.watch and open_there else None)

    # What became of it there

    def _ask(self, work: Work) -> int:
        """Ask the national board what became of an open dossier; what moved there is said here."""
        boards = [(s, s.system) for s in self.stations.values() if isinstance(s.system, Board)]
        found = self._reading.case(work, work.told)
        if not boards or found is None or Stage(found[1].dossier["stage"]) not in OPEN:
            self.store.watch(work.dossier, None)
            return 0
        (board, asked), (key, case, home) = boards[0], found
        now = self.clock()
        self.store.watch(work.dossier, now + max(self.stations[key].watch, 1.0))
        call = asked.watch(work.told.number or str(case.dossier["code"]))
        if board.pace.wait(now):
            return 0
        board.pace.goes(now)
        try:
            reply = board.door.send(call.request)
            verdicts = asked.moved(case, reply)
        except Problem as problem:
            if problem.code != "system_unreadable":
                board.pace.failed(now, "busy" if problem.code == "system_busy" else "line", problem.details.get("retry_after"))
            return 0
        board.pace.answered()
        with self.store.writing():
            self.voice.say_all(home, work.dossier, verdicts)
            if verdicts:
                self.store.touch(work.dossier, work.commune, now)
            if call.name == LOGIN:
                self.store.watch(work.dossier, now)  # that was the door, not the question
        return 1

    # What every commune is to know

    def _routes(self) -> int:
        """Each commune knows by which road its dossiers go."""
        body = dict(self._settings.published)
        mark, known = digest(body), dict(self.store.meta("routes", {}))
        new = [c for c in self.ledger.communes() if known.get(c) != mark]
        if new:
            with self.store.writing():
                for commune in new:
                    if body:
                        self.voice.say(commune, "", ROUTES, body)
                    if self._catalogue and commune not in known:
                        self._catalogue.tell_again(commune)
                self.store.set_meta(routes=known | dict.fromkeys(new, mark))
        return len(new)

    def _outages(self) -> int:
        """What there is to tell of systems that do not answer."""
        told = 0
        for key, station in self.stations.items():
            outage = station.pace.outage(self.clock())
            if outage is None:
                continue
            spans = [None if t is None else datetime.fromtimestamp(t, VIETNAM).isoformat() for t in (outage.begun, outage.ended)]
            body = {"system": key, "name": station.system.label, "from": spans[0], "until": spans[1], "why": outage.why}
            lasting = dict(self.store.meta("outages", {}))
            lasting.pop(key, None)
            with self.store.writing():
                told += self.voice.say_everywhere(OUTAGE, body)
                open_now = {key: [outage.begun, outage.why]} if outage.ended is None else {}
                self.store.set_meta(outages=lasting | open_now)
        return told
