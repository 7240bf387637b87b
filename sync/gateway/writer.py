"""The one writer thread: takes all queued jobs (at most 64) into one transaction, one fsync, then answers each.

Never wait for a commit in the loop that reads a request: on a cut the server would throw away what TCP had taken.
"""

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from forms.problem import Problem
from sync.gateway.ledger import Ledger
from sync.gateway.scans import ScanPiece
from sync.gateway.storing import Batch, Held
from sync.group import Group

_BATCH = 64
_BAD = (sa.exc.InterfaceError, sa.exc.ProgrammingError, sa.exc.IntegrityError, sa.exc.DataError, OverflowError, UnicodeError)
"""What a record that no table can take looks like."""


@dataclass(frozen=True)
class _Job:
    work: tuple[str, Group] | ScanPiece
    done: "Future[Any]"


class Writer:
    """Start it, ``submit`` from any thread, ``close`` at the end."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=1024)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, commune: str, group: Group) -> "Future[Held]":
        """A future of the log's end once it is durable; or of the Problem of this group alone."""
        return self._put((commune, group))

    def submit_scan(self, piece: ScanPiece) -> "Future[int]":
        """A future of how many bytes of the scan are durable from its start."""
        return self._put(piece)

    def _put(self, work: tuple[str, Group] | ScanPiece) -> "Future[Any]":
        job = _Job(work, Future())
        self._jobs.put(job)
        return job.done

    @property
    def busy(self) -> bool:
        """So much is queued that the next may have to wait: nothing more should be read from the line for now."""
        return self._jobs.qsize() > 512

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
            commit(self._ledger, batch)


def commit(ledger: Ledger, jobs: list[_Job]) -> None:
    """Store jobs together and answer each. When the tables refuse the whole, each is tried by itself, so that the record they
    cannot take answers for itself alone."""
    results: list[Any] = []
    try:
        ledger.store(lambda batch: results.extend(_one(batch, job) for job in jobs))
    except _BAD as error:
        if len(jobs) > 1:
            for job in jobs:
                commit(ledger, [job])
            return
        results = [Problem("frame_malformed", reason=type(error).__name__)]
    except Exception as error:  # noqa: BLE001 - the whole transaction is gone: every waiting request hears the same bug
        for job in jobs:
            job.done.set_exception(error)
        return
    for job, result in zip(jobs, results, strict=True):
        if isinstance(result, Problem):
            job.done.set_exception(result)
        else:
            job.done.set_result(result)


def _one(batch: Batch, job: _Job) -> Any:
    try:
        return batch.add_scan(job.work) if isinstance(job.work, ScanPiece) else batch.add_group(*job.work)
    except Problem as problem:
        return problem
