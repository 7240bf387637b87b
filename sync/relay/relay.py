"""The relay: hears the communes' feeds, tells the receiving systems, says in the dossiers what they answered.

Every round is made of steps that a crash may end anywhere. What was read is remembered with what there is to do; before a call
that changes something elsewhere its intention is durable; what it answered is durable together with what is said of it; and
what is said goes to the gateway as any counter's acts do, from where the gateway holds them. So nothing is repeated or skipped.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from forms.catalogue import Catalogue
from forms.erasure import target
from forms.people import SET
from forms.problem import Problem
from forms.receiving import EVENT as OUTAGE
from forms.routing import EVENT as ROUTES
from forms.routing import PORTAL, Table
from forms.stages import OPEN, Stage
from forms.working_days import VIETNAM
from sync.events import Event
from sync.gateway import incoming, relaying
from sync.gateway.ledger import Ledger
from sync.relay import filing
from sync.relay.cataloguing import Cataloguing, Looks
from sync.relay.gate import Gate
from sync.relay.pace import Outage
from sync.relay.reading import Reading
from sync.relay.shapes import MALFORMED
from sync.relay.store import RelayStore, Work
from sync.relay.systems import LOGIN, Board, Case, digest
from sync.relay.telling import Station, Telling
from sync.relay.voice import Voice

_FEED = 400
_AT_ONCE = 64
"""Dossiers that are looked at in one round."""
_HOUR = 3600.0
_SILENT = 0.5
"""Seconds after which what was answered is said, however much there still is to tell."""


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
    ``on_erased``: hears of each dossier that was erased, with the body of the act."""

    def __init__(
        self,
        ledger: Ledger,
        store: RelayStore,
        gate: Gate,
        stations: Mapping[str, Station],
        table: Table,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
        on_erased: Callable[[str, Mapping[str, Any]], None] = lambda dossier, body: None,
    ) -> None:
        self.ledger, self.store, self.stations = ledger, store, stations
        self.voice = Voice(ledger, store, gate, clock)
        self._settings, self.clock = settings or Settings(), clock
        self._on_erased = on_erased
        board = next((key for key, s in stations.items() if isinstance(s.system, Board)), "")
        url = self._settings.public_url
        self._reading = Reading(ledger, store, table, stations.keys(), board, url, clock)
        self._telling = Telling(store, self.voice, self._reading, stations, clock)
        self._catalogue = self._cataloguing()
        self._read: dict[str, int] = {}
        self._epoch = ""
        self._unwiped = True  # a former process may have ended before it was
        for key, (begun, why) in store.meta("outages", {}).items():
            if key in stations:
                stations[key].pace.resume(Outage(begun, None, why))
            else:
                self._tell_outage(key, key, Outage(begun, clock(), why))  # nobody will say that it has ended
        store.bring_forward(clock() + _HOUR)  # a clock may have been set back since
        self._routes_mark = digest(dict(self._settings.published))
        spoken_to = digest([sorted(stations), self._routes_mark])
        if store.meta("spoken_to") != spoken_to:
            store.look_at_untold(clock())  # what went nowhere may go somewhere now
            store.set_meta(spoken_to=spoken_to)

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
            done += self._telling.one(work) + self.voice.speak(_SILENT)
        for work in self.store.watched(self.clock(), _AT_ONCE):
            if ended():
                break
            done += self._ask(work)
        done += self._catalogue.work(self.clock()) if self._catalogue else 0
        return done + self._outages() + self.voice.speak()

    # What was said at the counters

    def _hear(self) -> int:
        """What stands in the feeds since the last time. Of those in which nothing is new not even that is asked."""
        self._same_gateway()
        heard = 0
        for commune, head in relaying.feed_heads(self.ledger).items():
            after = self._read.get(commune)
            after = self.store.position(commune) if after is None else after
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

    def _same_gateway(self) -> None:
        """A gateway that was put back has other feeds, and may not hold what was said: all is read, and compared, anew."""
        epoch = relaying.epoch(self.ledger)
        if epoch != self._epoch:
            if self.store.meta("gateway_epoch") != epoch:
                self.store.read_again()
                self.store.set_meta(gateway_epoch=epoch)
            self._epoch, self._read = epoch, {}
            self.voice.begin_again()

    def _heard(self, commune: str, event: Event) -> None:
        if event.counter == PORTAL:
            return
        erased, body = target(event.name, event.body), event.body or {}
        if event.dossier:
            self.store.touch(event.dossier, self._reading.home(event.counter) or commune, self.clock() + self._settings.settle)
        elif erased and relaying.erased(self.ledger, erased):
            self.store.erase(erased)
            self._unwiped = True
            self._on_erased(erased, body)
        elif event.name == SET and isinstance(body.get("name"), str):
            self.store.learn_name(commune, str(body.get("id")), body["name"])

    # What was filed online

    def file(self, commune: str, dossier: str, body: dict[str, Any]) -> int:
        """A dossier was filed online; whoever hears of it again says nothing new."""
        if self.store.work(dossier) is not None or self.ledger.of_dossier(commune, dossier):
            return 0
        with self.store.writing():
            self.voice.say(commune, dossier, "filed", body)
            self.store.touch(dossier, commune, self.clock())
        return 1

    def _filed(self) -> int:
        """What was sent to the gateway meanwhile. A record that nobody here can read goes to no commune, and is left for a person
        to look at."""
        done = 0
        for path in incoming.waiting(self.ledger.data):
            unit, unread = "", list[Any]()
            try:
                unit, records = incoming.opened(path)
                for record in records:
                    done += self._file_one(unit, record, unread)
            except Problem:
                path.replace(path.with_suffix(".unread"))
                continue
            if unread:
                logging.getLogger("relay").error("unread")
                incoming.set_aside(path, unit, unread)
            path.unlink()
        return done

    def _file_one(self, unit: str, record: Any, unread: list[Any]) -> int:
        try:
            commune, code = relaying.commune_named(self.ledger, unit), filing.code_of(record)
            body = filing.filed(record, self._shipped, self._reading.now())
        except (Problem, *MALFORMED):
            unread.append(record)
            return 0
        return self.file(commune, filing.dossier_id(commune, code), body)

    @cached_property
    def _shipped(self) -> Catalogue:
        return Catalogue.load()

    # What became of it there

    def _ask(self, work: Work) -> int:
        """Ask the national board what became of an open dossier; what moved there is said here."""
        boards = [(s, s.system) for s in self.stations.values() if isinstance(s.system, Board)]
        self.store.watch(work.dossier, self.clock() + _HOUR)  # whatever comes of this, others are asked about first
        try:
            found = self._reading.case(work, work.told)
            if not boards or found is None or Stage(found[1].dossier["stage"]) not in OPEN:
                self.store.watch(work.dossier, None)
                return 0
            (board, system), (key, case, home) = boards[0], found
            return self._asked(board, system, work, key, case, home)
        except MALFORMED:
            logging.getLogger("relay").exception("unreadable")
            return 0

    def _asked(self, board: Station, system: Board, work: Work, key: str, case: Case, home: str) -> int:
        now = self.clock()
        wait = board.pace.wait(now)
        self.store.watch(work.dossier, now + max(self.stations[key].watch, wait, 1.0))
        if wait:
            return 0
        call = system.watch(work.told.number or str(case.dossier["code"]))
        board.pace.goes(now)
        try:
            verdicts = system.moved(case, work.told, board.door.send(call.request))
        except Problem as problem:
            if problem.code != "system_unreadable":
                board.pace.troubled(now, problem)
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
        mark, known = self._routes_mark, dict(self.store.meta("routes", {}))
        new = [c for c in self.ledger.communes() if known.get(c) != mark]
        if new:
            with self.store.writing():
                for commune in new:
                    if self._settings.published:
                        self.voice.say(commune, "", ROUTES, dict(self._settings.published))
                    if self._catalogue and commune not in known:
                        self._catalogue.tell_again(commune)
                self.store.set_meta(routes=known | dict.fromkeys(new, mark))
        return len(new)

    def _outages(self) -> int:
        """What there is to tell of systems that do not answer."""
        told = 0
        for key, station in self.stations.items():
            outage = station.pace.outage(self.clock())
            told += self._tell_outage(key, station.system.label, outage) if outage else 0
        return told

    def _tell_outage(self, key: str, label: str, outage: Outage) -> int:
        spans = [None if t is None else datetime.fromtimestamp(t, VIETNAM).isoformat() for t in (outage.begun, outage.ended)]
        body = {"system": key, "name": label, "from": spans[0], "until": spans[1], "why": outage.why}
        lasting = {k: v for k, v in self.store.meta("outages", {}).items() if k != key}
        with self.store.writing():
            told = self.voice.say_everywhere(OUTAGE, body)
            self.store.set_meta(outages=lasting | ({key: [outage.begun, outage.why]} if outage.ended is None else {}))
        return told
