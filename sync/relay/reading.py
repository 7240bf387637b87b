"""A dossier read out of the gateway's database, with all that an adapter needs to tell its system of it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from forms.dossier import Dossier, fold
from forms.problem import Problem
from forms.routing import PORTAL, Table, route_of
from forms.stages import Stage
from forms.working_days import VIETNAM, parse_moment
from sync.events import Event
from sync.gateway import files, relaying
from sync.gateway.ledger import Ledger
from sync.relay.cases import case_of, ordered
from sync.relay.store import RelayStore, Work
from sync.relay.systems import Case, Told

_LINKS = 7 * 86400
"""Seconds for which a receiving system may fetch a scan."""


class Reading:
    """``table``: which dossier goes where; ``spoken_to``: keys of the systems that are spoken to; ``board``: the one at which
    dossiers are filed online, "" for none; ``public_url``: where systems reach the gateway, "" = they cannot."""

    def __init__(
        self,
        ledger: Ledger,
        store: RelayStore,
        table: Table,
        spoken_to: Collection[str],
        board: str,
        public_url: str,
        clock: Callable[[], float],
    ) -> None:
        self._ledger, self._store, self._table, self._spoken_to = ledger, store, table, spoken_to
        self._board, self._public_url, self._clock = board, public_url, clock
        self._homes: dict[str, str] = {}

    def now(self) -> datetime:
        """Vietnam time."""
        return datetime.fromtimestamp(self._clock(), VIETNAM)

    def home(self, counter: str) -> str:
        """The commune of a counter, "" for one that is not known."""
        if counter not in self._homes:
            try:
                self._homes[counter] = self._ledger.counter(counter)[1]
            except Problem:
                return ""
        return self._homes[counter]

    def case(self, work: Work, told: Told) -> tuple[str, Case, str] | None:
        """(system, case, commune to speak to); None: nobody is to be told of it by this program, or not now.

        What counts is what the receiving commune hears: whoever has no part in the dossier moves nothing, whatever they say.
        While acts are missing that were told already (the gateway was put back), nothing is told: they come again."""
        home = self._home_of(work)
        events = self._ledger.of_dossier(home, work.dossier)
        held = {(e.epoch, e.number) for e in events if e.counter == PORTAL}
        own = self._store.said(self._store.log(home).epoch, 0, work.dossier)
        events = ordered([*events, *(e for e in own if (e.epoch, e.number) not in held)])
        dossier = fold(work.dossier, events)
        missing = {act for act in told.rows if act not in {r["act"] for r in dossier.history}}
        if missing or dossier.stage is Stage.UNKNOWN or relaying.erased(self._ledger, work.dossier):
            return None
        key = work.system if told.exists or told.number or told.doubt else self._system(dossier)
        return (key, self._case(dossier, events, home), home) if key in self._spoken_to else None

    def _home_of(self, work: Work) -> str:
        """The commune that received it; before that one that has a part in it."""
        communes = relaying.communes_of(self._ledger, work.dossier)
        for commune in communes:
            if any(
                e.name == "received" and self.home(e.counter) == commune for e in self._ledger.of_dossier(commune, work.dossier)
            ):
                return commune
        return work.commune if work.commune in communes or not communes else communes[0]

    def _system(self, dossier: Dossier) -> str:
        """What was filed online is known there, whatever the procedure."""
        if dossier.filed_at and self._board:
            return self._board
        day = parse_moment(str(dossier.received_at or "")) or self.now()
        return route_of(self._table, dossier.procedure, day.date()).system

    def _case(self, dossier: Dossier, events: list[Event], home: str) -> Case:
        profile = self._ledger.marked_profile(home)[0]
        names = {str(o.get("id")): str(o.get("name")) for o in profile.get("operators") or ()} | self._store.names(home)
        listed = self._store.listed(str(dossier.procedure.get("code"))).get("listed") or {}
        link, scan = partial(self._link, home, dossier), partial(self._ledger.scan, home)
        return case_of(dossier, events, names, listed, profile, link, scan, self.now())

    def _link(self, commune: str, dossier: Dossier, sha256: str) -> str:
        scan = next((s for s in dossier.scans if s["sha256"] == sha256), None)
        if not self._public_url or scan is None or not self.whole(commune, scan):
            return ""
        return files.link(self._ledger, self._public_url, dossier.id, sha256, _LINKS, self.now())

    def whole(self, commune: str, scan: Mapping[str, Any]) -> bool:
        """Whether all bytes of a scan are here."""
        return self._ledger.scan_held(commune, str(scan["sha256"])) >= int(scan["size"])
