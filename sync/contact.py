"""Meeting the gateway: one contact, or contacts until nothing waits; and the process that does it beside the window."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from forms.cli import say
from forms.problem import Problem
from sync.counter import Counter
from sync.files import hold
from sync.gateway_client import GatewayClient, Traffic, fresh_nonce
from sync.house_rules import apply_outages
from sync.link import Backoff, kind_of
from sync.replication import Exchange, Outcome
from sync.store import journal, log

_TICK = 0.25


@dataclass
class Totals:
    """Over several contacts. ``complete``: at the last one nothing waited and the feed was read to its head."""

    sent: int = 0
    heard: int = 0
    complete: bool = False


def contact(counter: Counter, url: str, deadline: float, traffic: Traffic) -> tuple[Outcome, bool]:
    """One round trip, noted in the journal; the flag says whether nothing is left to do.

    :raises Problem: ``no_line``, ``deadline``, ``not_the_gateway``, ``log_forked``, or what the gateway said.
    """
    exchange = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())
    client, known = GatewayClient(url), log.rules_mark(counter.store)
    try:
        with client:
            client.exchange(exchange, deadline)
    except Problem as problem:
        _note(counter, exchange.outcome, None if exchange.outcome.acknowledged else problem.code)
        raise
    finally:
        traffic.up += client.traffic.up
        traffic.down += client.traffic.down
    _note(counter, exchange.outcome, None)
    moved = apply_outages(counter, "") if log.rules_mark(counter.store) != known else frozenset()
    return exchange.outcome, exchange.complete and not moved


def _note(counter: Counter, outcome: Outcome, problem: str | None) -> None:
    counter.profile = counter.store.meta("profile")
    with counter.store.write():
        counter.store.set_meta(link="offline" if problem else "online")
        journal.add_contact(counter.store, counter.clock(), outcome.sent, outcome.heard, problem)


def until_empty(counter: Counter, url: str, deadline: float, traffic: Traffic) -> Totals:
    """Contacts until own events are acknowledged and the feed is read; a cut line is tried again until the deadline.

    :raises Problem: ``deadline`` with what is still waiting; ``log_forked`` and other words of the gateway at once.
    """
    totals, backoff = Totals(), Backoff(first=0.3, most=5.0)
    while not totals.complete:
        try:
            outcome, totals.complete = contact(counter, url, deadline, traffic)
        except Problem as problem:
            if kind_of(problem) == "record":
                raise
            if time.monotonic() >= deadline:
                raise Problem("deadline", waiting=log.waiting(counter.store), last=problem.code) from problem
            time.sleep(min(backoff.pause(), max(0.0, deadline - time.monotonic())))
            continue
        backoff.reset()
        totals.sent += outcome.sent
        totals.heard += outcome.heard
    return totals


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
    """The sync process: contacts while there is something to do, and now and then to hear news.

    It outlives the window: with no window it goes on until nothing waits, for at most ``linger`` seconds. A newer one
    takes over: its token in the store tells the older one to end.
    """

    def __init__(self, counter: Counter, idle: float, linger: float) -> None:
        self.counter, self.linger = counter, linger
        self._schedule = _Schedule(idle)
        self._backoff = Backoff(first=1.0, most=idle)
        self._token = f"{os.getpid()}-{fresh_nonce()[:8]}"
        self._alone_since: float | None = None
        self._wish: str | None = None
        self._seen: int | None = None
        self._say: Callable[[dict[str, Any]], None] = _speak

    def run(self) -> None:
        """Until there is no window and nothing to do, or another follower has come."""
        store = self.counter.store
        with store.write():
            store.set_meta(sync_owner=self._token)
        lock = hold(self.counter.data, "sync", wait=20)
        try:
            while self._wanted():
                if time.monotonic() >= self._schedule.next_at or self._asked():
                    self._contact()
                time.sleep(_TICK)
        finally:
            lock.release()

    def _wanted(self) -> bool:
        if self.counter.store.meta("sync_owner") != self._token:
            return False
        if _window_open(self.counter):
            self._alone_since = None
            return True
        self._alone_since = self._alone_since or time.monotonic()
        alone = time.monotonic() - self._alone_since
        return alone < 2 or (alone < self.linger and log.waiting(self.counter.store) > 0)

    def _asked(self) -> bool:
        """The window asked, or something new waits."""
        store = self.counter.store
        wish, waiting = store.meta("sync_wish"), log.waiting(store)
        asked = wish != self._wish or (self._seen is not None and waiting > self._seen)
        self._wish, self._seen = wish, waiting
        return asked

    def _contact(self) -> None:
        store, now = self.counter.store, time.monotonic()
        self._say({"state": "sending", "waiting": log.waiting(store)})
        try:
            outcome, complete = contact(self.counter, self.counter.gateway_url, now + 120, Traffic())
        except Problem as problem:
            self._schedule.next_at = time.monotonic() + self._backoff.pause()
            self._say({"problem": problem.code, "details": problem.details})
            self._say({"state": "offline", "waiting": log.waiting(store)})
        else:
            self._backoff.reset()
            self._schedule.after(outcome, complete, time.monotonic())
            self._say({"state": "online", "waiting": log.waiting(store)})
            if outcome.sent or outcome.heard:
                self._say({"changed": True})
        self._seen = log.waiting(store)


def _window_open(counter: Counter) -> bool:
    lock = FileLock(counter.data / "window.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def _speak(line: dict[str, Any]) -> None:
    """Tell the window; when it is gone, nobody listens and that is no error."""
    try:
        say(line)
    except (BrokenPipeError, OSError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the rest of the process
