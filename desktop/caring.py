"""Back-ups and the whole check, for the window: what is known of them, and what a person may ask for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.tasks import Tasks
from forms.problem import Problem
from sync import backups, recovery
from sync.care import keep_report
from sync.counter import Counter

Failed = Callable[[Problem], None]


class Caring:
    """Part of ``Commands``. ``failed`` says a Problem that nobody else waits for."""

    def __init__(self, tasks: Tasks, failed: Failed) -> None:
        self._tasks, self._failed = tasks, failed

    def view(self, done: Callable[[dict[str, Any]], None]) -> None:
        """As ``backups.view``."""
        self._tasks.run(backups.view, done, self._failed)

    def back_up(self, done: Callable[[], None]) -> None:
        """Lưu ngay: the sync process makes one."""
        self._tasks.run(backups.wish, lambda _changes: done(), self._failed)

    def choose_place(self, folder: Path | None, done: Callable[[], None]) -> None:
        """The second place, or none; looked at beside everything else, because a share may let one wait."""

        def choose(counter: Counter, _tell: Callable[[int, int], None]) -> None:
            backups.choose_place(counter.data, folder)

        self._tasks.read_long(choose, lambda _n, _most: None, lambda _none: done(), self._failed)

    def check(
        self, progress: Callable[[int, int], None], done: Callable[[dict[str, Any]], None], failed: Failed
    ) -> Callable[[], None]:
        """Kiểm tra ngay: all of the store; what was found is kept. The answer cancels it."""

        def found(report: dict[str, Any]) -> None:
            self._tasks.run(lambda c: keep_report(c, report), lambda _none: done(report), self._failed)

        return self._tasks.read_long(lambda c, tell: recovery.verify(c.store, tell), progress, found, failed)
