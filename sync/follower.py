"""The sync process beside the window: contacts while there is something to do, and now and then to hear news; between them it
takes care of the store (``care``)."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forms.cli import say
from forms.problem import Problem
from sync.care import Care
from sync.contact import Road
from sync.counter import Counter
from sync.files import held, hold
from sync.gateway_client import fresh_nonce
from sync.link import Backoff, Policy
from sync.replication import Outcome
from sync.restoring import RESTORE
from sync.retention import purge
from sync.store import ballast, log, scans

_TICK = 0.25
_LONGEST = 600.0
"""Seconds of one contact at most; scans go on in the next."""


@dataclass
class _Schedule:
    """When the next contact is due, in monotonic seconds."""

    idle: float
    next_at: float = 0.0
    eager: float = 1.0

    def after(self, outcome: Outcome, complete: bool, now: float) -> None:
        """A verdict usually follows soon: look again after 1, 2, 4 … seconds, then at the idle pace."""
        self.eager = 1.0 if outcome.sent else min(self.idle, self.eager * 2)
        self.next_at = now + (self.eager if complete else 0.0)


class Follower:
    """It outlives the window: with no window it goes on until nothing waits, for at most ``linger`` seconds. A newer one
    takes over: its token in the store tells the older one to end. Whoever restores the store ends it, too.
    """

    def __init__(self, counter: Counter, key: bytes, idle: float, linger: float) -> None:
        self.counter, self.linger = counter, linger
        self._schedule = _Schedule(idle)
        self._backoff = Backoff(first=1.0, most=idle)
        self._token = f"{os.getpid()}-{fresh_nonce()[:8]}"
        self._alone_since: float | None = None
        self._wish: list[Any] = []
        self._seen: int | None = None
        self._say: Callable[[dict[str, Any]], None] = _speak
        self._road = Road(counter, counter.gateway_url, cancelled=self._unwanted)
        self._care = Care(counter, key, self._urgent)

    def run(self) -> None:
        """Until there is no window and nothing to do, or another follower has come."""
        store = self.counter.store
        with store.write():
            store.set_meta(sync_owner=self._token)
        lock = hold(self.counter.data, "sync", wait=20)
        try:
            while self._wanted():
                asked = self._asked()
                if (asked or time.monotonic() >= self._schedule.next_at) and not self._paused():
                    self._contact()
                else:
                    self._care.look()
                time.sleep(_TICK)
            if not self._replaced():
                self._care.last()
        finally:
            self._road.close()
            lock.release()

    def _wanted(self) -> bool:
        if self._replaced():
            return False
        if held(self.counter.data, "window"):
            self._alone_since = None
            return True
        self._alone_since = self._alone_since or time.monotonic()
        alone = time.monotonic() - self._alone_since
        return alone < 2 or (alone < self.linger and _waiting(self.counter) > 0)

    def _unwanted(self) -> bool:
        """Asked while a contact is under way: a person paused it, or a newer follower has come."""
        return self._replaced() or self._paused()

    def _replaced(self) -> bool:
        """A newer follower has come, or another store is here or about to be: this one's time is over."""
        store = self.counter.store
        return not store.in_place or held(self.counter.data, RESTORE) or bool(store.meta("sync_owner") != self._token)

    def _paused(self) -> bool:
        return Policy.from_dict(self.counter.store.meta("policy")).paused

    def _asked(self) -> bool:
        """The window asked, the system says that its networks changed, or something new waits."""
        store = self.counter.store
        wish, waiting = [store.meta("sync_wish"), store.meta("hints")], _waiting(self.counter)
        asked = wish != self._wish or (self._seen is not None and waiting > self._seen)
        self._wish, self._seen = wish, waiting
        return asked

    def _urgent(self) -> bool:
        """Asked while the store is taken care of: something waits for a contact, or for the end."""
        store = self.counter.store
        wish = [store.meta("sync_wish"), store.meta("hints")]
        return self._replaced() or wish != self._wish or (self._seen is not None and _waiting(self.counter) > self._seen)

    def _contact(self) -> None:
        store, now = self.counter.store, time.monotonic()
        ballast.tend(self.counter.data)
        self._say({"state": "sending", "waiting": log.waiting(store)})
        try:
            outcome, complete = self._road.contact(now + _LONGEST)
        except Problem as problem:
            self._schedule.next_at = time.monotonic() + self._road.rest(self._backoff, problem)
            self._say({"problem": problem.code, "details": problem.details})
            self._say({"state": "offline", "waiting": log.waiting(store)})
        else:
            self._schedule.after(outcome, complete, time.monotonic())
            self._say({"state": "online", "waiting": log.waiting(store)})
            if outcome.sent or outcome.heard:
                self._say({"changed": True})
            gone = purge(self.counter)
            if gone["purged"]:
                self._say(gone)
        self._seen = _waiting(self.counter)


def _waiting(counter: Counter) -> int:
    """Acts and scans that wait."""
    return log.waiting(counter.store) + scans.waiting(counter.store)[0]


def _speak(line: dict[str, Any]) -> None:
    """Tell the window; when it is gone, nobody listens and that is no error."""
    try:
        say(line)
    except (BrokenPipeError, OSError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
