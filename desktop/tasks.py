"""The only thread starter. One worker thread owns the open Counter and runs closures in the order they were given; a second
one has a reading connection of its own for what takes long (reports), so that no key waits for it. Results come back by
queued signals: no callback ever runs off the GUI thread and nothing blocks it.
"""

import queue
import time
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QThread, Signal

from desktop.events import EVERYTHING, Events
from forms.problem import Problem
from sync.counter import Counter

T = TypeVar("T")
_NOT_DONE = object()
_POLL = 1.0  # seconds between two looks at the store for commits of the sync process


class _Worker(QThread):
    """Runs jobs until told to stop; looks for foreign commits while idle and after each job."""

    finished_job = Signal(object)
    foreign_commit = Signal()
    said = Signal(object)
    failed_look = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.jobs: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any, BaseException | None], None]] | None]
        self.jobs = queue.SimpleQueue()
        self.counter: Counter | None = None
        self._version = -1
        self._looked = 0.0

    def take(self, counter: Counter) -> None:
        """From now on this is the store: what others commit after this moment is news."""
        self.counter, self._version = counter, counter.data_version()

    def run(self) -> None:
        while True:
            try:
                job = self.jobs.get(timeout=_POLL)
            except queue.Empty:
                self._look_safely()
                continue
            if job is None:
                break
            work, done = job
            try:
                outcome: tuple[Any, BaseException | None] = (work(), None)
            except Exception as error:  # noqa: BLE001 - handed whole to the GUI thread, which knows what it is
                outcome = (None, error)
            self.finished_job.emit((done, *outcome))
            del job, work, done, outcome
            if time.monotonic() - self._looked >= _POLL:
                self._look_safely()  # somebody who types without a pause hears the others all the same
        if self.counter is not None:
            self.counter.close()

    def _look_safely(self) -> None:
        """A look that fails is a bug to be told; the worker goes on, or nothing would ever be kept again."""
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - handed whole to the GUI thread, which knows what it is
            self.failed_look.emit(error)

    def _look(self) -> None:
        self._looked = time.monotonic()
        if self.counter is None:
            return
        version = self.counter.data_version()
        if self._version != version:
            self.foreign_commit.emit()
        self._version = version


class Tasks(QObject):
    """``run`` a closure with the open Counter, ``run_free`` one without. ``bug`` gets what nobody expected."""

    bug = Signal(object)

    def __init__(self, events: Events) -> None:
        super().__init__()
        self._events = events
        self._worker, self._reader = _Worker("worker"), _Worker("reader")
        self._worker.foreign_commit.connect(lambda: events.changed.emit(EVERYTHING))
        for worker in (self._worker, self._reader):
            worker.finished_job.connect(self._deliver)
            worker.said.connect(lambda say: say())
            worker.failed_look.connect(self.bug)
            worker.start()
        self._second: Callable[[], Counter] | None = None
        self._reading: list[list[bool]] = []

    def run_free(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None] | None = None) -> None:
        """Run ``work`` in the worker; ``done`` or, for a Problem, ``failed`` is called on the GUI thread."""

        def finish(result: T, error: BaseException | None) -> None:
            self._finish(result, error, done, failed)

        self._worker.jobs.put((work, finish))

    def _finish(
        self, result: T, error: BaseException | None, done: Callable[[T], None], failed: Callable[[Problem], None] | None
    ) -> None:
        if error is None:
            done(result)
        elif isinstance(error, Problem) and failed is not None:
            failed(error)
        else:
            self.bug.emit(error)

    def read_long(
        self,
        work: Callable[[Counter, Callable[[int, int], None]], T],
        progress: Callable[[int, int], None],
        done: Callable[[T], None],
        failed: Callable[[Problem], None],
    ) -> Callable[[], None]:
        """Long reading: as ``beside``, with a Counter of its own that only reads."""
        second = self._second

        def reading(tell: Callable[[int, int], None]) -> T:
            if self._reader.counter is None:
                if second is None:
                    raise Problem("cancelled")  # locked meanwhile
                self._reader.counter = second()
            return work(self._reader.counter, tell)

        return self.beside(reading, progress, done, failed)

    def beside(
        self,
        work: Callable[[Callable[[int, int], None]], T],
        progress: Callable[[int, int], None],
        done: Callable[[T], None],
        failed: Callable[[Problem], None],
    ) -> Callable[[], None]:
        """Long work beside everything else. It gets a function to tell how far it is, which ends it with
        ``Problem("cancelled")`` after the returned function was called."""
        stopped = [False]
        self._reading = [*(r for r in self._reading if not r[0]), stopped]

        def tell(number: int, most: int) -> None:
            if stopped[0]:
                raise Problem("cancelled")
            self._reader.said.emit(lambda: None if stopped[0] else progress(number, most))

        def working() -> T:
            tell(0, 0)
            return work(tell)

        self._reader.jobs.put((working, lambda result, error: self._finish(result, error, done, failed)))
        return lambda: stopped.__setitem__(0, True)

    def run(
        self, work: Callable[[Counter], T], done: Callable[[T], None], failed: Callable[[Problem], None] | None = None
    ) -> None:
        """As ``run_free``, with the Counter. After ``close_counter`` the work is silently not done: nobody waits."""

        def with_counter() -> Any:
            return work(self._worker.counter) if self._worker.counter is not None else _NOT_DONE

        def finish(result: Any) -> None:
            if result is not _NOT_DONE:
                done(result)

        self.run_free(with_counter, finish, failed)

    def open_counter(
        self,
        make: Callable[[], tuple[Counter, Callable[[], Counter]]],
        done: Callable[[Counter], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Let ``make`` open the Counter in its thread, and say how to open one that only reads. ``done`` gets the first for its
        immutable parts only."""

        def work() -> Counter:
            counter, self._second = make()
            self._worker.take(counter)
            return counter

        self.run_free(work, done, failed)

    def close_counter(self, done: Callable[[], None]) -> None:
        """Finish what was given so far, then close the store and forget its key."""

        def close(worker: _Worker) -> Callable[[], None]:
            def work() -> None:
                if worker.counter is not None:
                    worker.counter.close()
                    worker.counter = None

            return work

        self._stop_reading()  # nobody waits for a report to lock the desk
        self._reader.jobs.put((close(self._reader), lambda _result, _error: None))
        self.run_free(close(self._worker), lambda _none: done())

    def stop(self) -> None:
        """Finish what was given, close the store, end the thread. Blocks, at the very end only."""
        self._stop_reading()
        for worker in (self._reader, self._worker):
            worker.jobs.put(None)
            worker.wait(10_000)

    def _stop_reading(self) -> None:
        self._second = None
        for stopped in self._reading:
            stopped[0] = True

    def _deliver(self, outcome: tuple[Callable[[Any, BaseException | None], None], Any, BaseException | None]) -> None:
        done, result, error = outcome
        done(result, error)
