"""What the counter ``portal`` says: appended to its own log first, then pushed to the gateway from where that holds it."""

import logging
import random
from collections.abc import Callable
from typing import Any

from forms.problem import Problem
from forms.routing import PORTAL
from sync.events import canonical, hybrid
from sync.gateway.ledger import Ledger
from sync.gateway.storing import Held
from sync.group import EVENT_BYTES
from sync.relay.gate import Gate
from sync.relay.store import RelayStore
from sync.relay.systems import Verdict

_WORDS = ("accepted", "refused", "unexpressed")
"""What is said of a dossier without moving it: it cannot stand against an act that was not heard."""


_REST = 2.0
_AHEAD_MS = 600_000


class Voice:
    """``clock``: seconds since 1970."""

    def __init__(self, ledger: Ledger, store: RelayStore, gate: Gate, clock: Callable[[], float]) -> None:
        self._ledger, self._store, self._gate, self._clock = ledger, store, gate, clock
        self._unsaid: set[str] | None = None
        self._rests = self._spoken = 0.0
        self._chance = random.Random()

    def say_all(self, commune: str, dossier: str, verdicts: tuple[Verdict, ...]) -> None:
        """Acts of a dossier, after all that is known of it; what moves it says what was heard of the others."""
        if not verdicts:
            return
        events = self._ledger.of_dossier(commune, dossier)
        heard: dict[str, int] = {}
        for e in events:
            if e.counter != PORTAL:
                heard[f"{e.counter}/{e.epoch}"] = max(heard.get(f"{e.counter}/{e.epoch}", 0), e.number)
        ahead = hybrid(round(self._clock() * 1000) + _AHEAD_MS)  # who is later than that does not carry us along
        latest = max((e.at for e in events if e.at <= ahead), default=0)
        for name, body in verdicts:
            self.say(commune, dossier, name, body if name in _WORDS else body | {"after": heard}, latest)

    def say(self, commune: str, dossier: str, name: str, body: dict[str, Any], after: int = 0) -> None:
        """One act, now, and behind the hybrid time ``after``.

        :raises Problem: ``line_too_large``: no frame would carry it, and what came after it would wait for ever.
        """
        if len(canonical(body)) > EVENT_BYTES:
            raise Problem("line_too_large", most=EVENT_BYTES)
        self._store.say(commune, dossier, name, body, round(self._clock() * 1000), after)
        if self._unsaid is not None:
            self._unsaid.add(commune)

    def say_everywhere(self, name: str, body: dict[str, Any]) -> int:
        """An act without a dossier, to every commune; to how many."""
        communes = self._ledger.communes()
        with self._store.writing():
            for commune in communes:
                self.say(commune, "", name, body)
        return len(communes)

    @property
    def waiting(self) -> bool:
        """Something was said that the gateway may not hold yet."""
        return self._unsaid is None or bool(self._unsaid)

    def begin_again(self) -> None:
        """The gateway may not hold what it held: all is compared with it."""
        self._unsaid = None

    def speak(self, silent: float = 0.0) -> int:
        """Own acts that the gateway does not hold yet, unless that was done less than ``silent`` seconds ago. What stands in the
        way of one commune is tried again a little later, and not in the way of another."""
        now = self._clock()
        if 0 <= now - self._spoken < silent or 0 < self._rests - now <= _REST:
            return 0
        self._spoken = now
        waiting, sent = set(self._store.communes()) if self._unsaid is None else self._unsaid, 0
        self._unsaid = set[str]()
        for commune in sorted(waiting):
            try:
                sent += self._push(commune)
            except Problem as problem:
                logging.getLogger("relay").error("not said", exc_info=problem)
                self._unsaid.add(commune)
                self._rests = now + self._chance.uniform(0.3, _REST)
        return sent

    def _push(self, commune: str) -> int:
        log = self._store.log(commune)
        held = self._ledger.held(PORTAL, log.epoch)
        if (held.number, held.head) == (log.number, log.head):
            return 0
        if self._store.hash_at(log.epoch, held.number) != held.head:
            self._store.begin_again(commune, self._common(log.epoch, held))
            log = self._store.log(commune)
            held = self._ledger.held(PORTAL, log.epoch)
        self._gate.push(commune, self._store.groups(log.epoch, held.number), held.number)
        return log.number - held.number

    def _common(self, epoch: str, held: Held) -> int:
        """Up to where both logs are the same one."""
        place = held.number
        while place and self._store.hash_at(epoch, place) != self._ledger.hash_at(PORTAL, epoch, place):
            place -= 1
        return place
