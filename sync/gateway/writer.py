"""The one writer thread: takes all queued groups (at most 64) into one transaction, one fsync, then answers each.

Never wait for a commit in the loop that reads a request: on a cut the server would throw away what TCP had taken.
"""

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass

import sqlalchemy as sa

from forms.problem import Problem
from sync.gateway.ledger import Held, Ledger
from sync.wire import Group

_BATCH = 64


@dataclass(frozen=True)
class _Job:
    commune: str
    group: Group
    done: "Future[Held]"


class Writer:
    """Start it, ``submit`` from any thread, ``close`` at the end."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=1024)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, commune: str, group: Group) -> "Future[Held]":
        """A future of the log's end once it is durable; or of the Problem of this group alone."""
        job = _Job(commune, group, Future())
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            while len(batch) < _BATCH and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                batch.append(following)
            self._commit(batch)

    def _commit(self, batch: list[_Job]) -> None:
        results: list[Held | Problem] = []
        try:
            with self._ledger.writing() as db:
                for job in batch:
                    results.append(self._one(db, job))
        except Exception as error:  # noqa: BLE001 - the whole transaction is gone: every waiting request hears the same bug
            for job in batch:
                job.done.set_exception(error)
            return
        for job, result in zip(batch, results, strict=True):
            if isinstance(result, Problem):
                job.done.set_exception(result)
            else:
                job.done.set_result(result)

    def _one(self, db: sa.Connection, job: _Job) -> Held | Problem:
        try:
            with db.begin_nested():  # what one group may not do, the others of the batch do not pay for
                return self._ledger.store(db, job.commune, job.group)
        except Problem as problem:
            return problem
        except (sa.exc.InterfaceError, sa.exc.ProgrammingError, sa.exc.IntegrityError, sa.exc.DataError, OverflowError) as error:
            return Problem("frame_malformed", reason=type(error).__name__)
