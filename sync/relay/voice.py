"""What the counter ``portal`` says: appended to its own log first, then pushed to the gateway from where that holds it."""

import random
from collections.abc import Callable
from typing import Any

from forms.problem import Problem
from sync.events import tick
from sync.gateway.ledger import Ledger
from sync.gateway.storing import Held
from sync.relay.gate import Gate
from sync.relay.store import COUNTER, RelayStore
from sync.relay.systems import Verdict

_WORDS = ("accepted", "refused", "unexpressed")
"""What is said of a dossier without moving it: it cannot stand against an act that was not heard."""


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
        events = [e for e in self._ledger.acts(dossier) if e.dossier == dossier]
        heard: dict[str, int] = {}
        for e in events:
            if e.counter != COUNTER:
                heard[f"{e.counter}/{e.epoch}"] = max(heard.get(f"{e.counter}/{e.epoch}", 0), e.number)
        for name, body in verdicts:
            at = tick(max([self._store.log(commune).at, *(e.at for e in events)]), round(self._clock() * 1000))
            self.say(commune, dossier, name, body if name in _WORDS else body | {"after": heard}, at)

    def say(self, commune: str, dossier: str, name: str, body: dict[str, Any], at: int = 0) -> None:
        """One act, at the hybrid time ``at``, 0 = now."""
        at = at or tick(self._store.log(commune).at, round(self._clock() * 1000))
        self._store.say(commune, dossier, name, at, body)
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

    def speak(self, silent: float = 0.0) -> int:
        """Own acts that the gateway does not hold yet, unless that was done less than ``silent`` seconds ago. What stands in the
        way is tried again a little later."""
        now = self._clock()
        if now < self._rests or now < self._spoken + silent:
            return 0
        self._spoken = now
        waiting = set(self._store.communes()) if self._unsaid is None else self._unsaid
        sent = 0
        for commune in sorted(waiting):
            try:
                sent += self._push(commune)
            except Problem:
                self._rests, self._unsaid = self._clock() + self._chance.uniform(0.3, 2.0), None
                return sent
        self._unsaid = set()
        return sent

    def _push(self, commune: str) -> int:
        log = self._store.log(commune)
        held = self._ledger.held(COUNTER, log.epoch)
        if (held.number, held.head) == (log.number, log.head):
            return 0
        if self._store.hash_at(log.epoch, held.number) != held.head:
            self._store.begin_again(commune, self._common(log.epoch, held))
            log = self._store.log(commune)
            held = self._ledger.held(COUNTER, log.epoch)
        self._gate.push(commune, self._store.groups(log.epoch, held.number), held.number)
        return log.number - held.number

    def _common(self, epoch: str, held: Held) -> int:
        """Up to where both logs are the same one."""
        place = held.number
        while place and self._store.hash_at(epoch, place) != self._ledger.hash_at(COUNTER, epoch, place):
            place -= 1
        return place
