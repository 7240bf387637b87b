"""What the sync process does for the store while nothing has to be sent: back-ups, their copy, once a week the whole check."""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from typing import Any

from forms.problem import Problem
from sync import backups, recovery
from sync.counter import Counter
from sync.store import journal

WEEK = timedelta(days=7)
_PACE, _LATER, _FAILED = 1.0, 60.0, 600.0
"""Seconds between two looks at what is due; after something more urgent came between; after it could not be done."""
_ASK = 0.2
"""Seconds between two questions whether something is more urgent."""
_CUTS = 3
"""So often something may come between before the work is done all the same."""


class Care:
    """``look`` is called over and over. What it does is broken off when ``urgent`` says so, and begun again a little later; the
    fourth time it goes through. ``now``: monotonic seconds."""

    def __init__(
        self,
        counter: Counter,
        key: bytes,
        urgent: Callable[[], bool],
        now: Callable[[], float] = time.monotonic,
        first: float = 5.0,
    ) -> None:
        self._counter, self._key, self._urgent, self._now = counter, key, urgent, now
        self._next = dict.fromkeys(("back_up", "copy", "check"), now() + first)
        self._cuts, self._asked = 0, 0.0
        self._wish = counter.store.meta("backup_wish")

    def look(self) -> None:
        """Do what is due, if anything is. What cannot be done is reported to the clerk."""
        counter = self._counter
        if counter.profile.get("practice"):
            return
        wish = counter.store.meta("backup_wish")
        asked = wish is not None and wish != self._wish
        if asked or (self._due("back_up") and backups.due(counter)):
            over = self._try("back_up", lambda own: backups.make(own, self._key, self._tell))
            self._wish = wish if over else self._wish
        if self._due("copy"):
            self._copy()
        if self._due("check") and self._check_due():
            self._try("check", lambda own: keep_report(own, recovery.verify(own.store, self._tell)))

    def last(self) -> None:
        """The desk is closed: what was done since the last back-up should not stand on one disk alone."""
        if not self._counter.profile.get("practice") and backups.changed(self._counter):
            self._cuts = _CUTS
            self._try("back_up", lambda own: backups.make(own, self._key, self._tell))
            self._copy()

    def _due(self, what: str) -> bool:
        if self._now() < self._next[what]:
            return False
        self._next[what] = self._now() + _PACE
        return True

    def _copy(self) -> None:
        store = self._counter.store
        try:
            file = backups.to_copy(self._counter)
        except Problem as problem:  # where the copies go cannot be read any more
            self._next["copy"] = self._now() + _FAILED
            with suppress(Problem), store.write():
                journal.add_task(store, "backup_place_missing", self._counter.clock(), reason=problem.code)
            return
        if file is not None:
            self._try("copy", lambda own: backups.copy(own, file, self._tell))

    def _try(self, what: str, work: Callable[[Counter], object]) -> bool:
        """With a connection of its own: what it reads stands still for it, while ``urgent`` hears what is new. False when it was
        broken off."""
        counter = self._counter
        try:
            with closing(Counter.open(counter.data, self._key, writes=False, clock=counter.clock)) as own:
                done = work(own) is not False
        except Problem as problem:
            cut = problem.code == "cancelled"
            self._cuts = self._cuts + 1 if cut else 0
            self._next[what] = self._now() + (_LATER if cut else _FAILED)
            if not cut and what == "back_up":
                self._failed(problem)
            return not cut
        self._cuts = 0
        if not done:
            self._next[what] = self._now() + _FAILED
        return True

    def _failed(self, problem: Problem) -> None:
        store, now = self._counter.store, self._counter.clock()
        last = store.meta("backup", {}).get("at") or store.meta("enrolled_at")
        with suppress(Problem), store.write():  # where nothing can be written, the window says so itself
            store.set_meta(backup_wish=None)
            journal.add_task(store, "backup_failed", now, reason=problem.code)
            if now - datetime.fromisoformat(last) > backups.OLD:
                journal.add_task(store, "backup_old", now, last=last)

    def _check_due(self) -> bool:
        store = self._counter.store
        last = store.meta("verified", {}).get("at") or store.meta("enrolled_at")
        return self._counter.clock() - datetime.fromisoformat(last) >= WEEK

    def _tell(self, _done: int, _most: int) -> None:
        if self._cuts >= _CUTS or self._now() - self._asked < _ASK:
            return
        self._asked = self._now()
        if self._urgent():
            raise Problem("cancelled")


def keep_report(counter: Counter, report: dict[str, Any]) -> None:
    """What ``recovery.verify`` found, for whoever looks (``verified``), and as a task when it is not well."""
    store, now, number = counter.store, counter.clock(), len(report["problems"])
    with store.write():
        store.set_meta(verified={"at": now.isoformat(), "ok": report["ok"], "problems": number})
        if report["ok"]:
            journal.settle_kind(store, "store_damaged_found")
        else:
            journal.add_task(store, "store_damaged_found", now, problems=number)
