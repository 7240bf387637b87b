"""The gateway of a world: real visits, a queue for the real writer's ``commit``, a process that can die and a disk that can be
put back.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from forms.problem import Problem
from forms.routing import PORTAL
from sync.gateway import writer
from sync.gateway.scans import ScanPiece
from sync.gateway.visit import Visit
from sync.group import Group
from tests.faults.simulation.memory import Died, MemoryLedger, Outside, engine, in_memory, template
from tests.faults.simulation.portal import Portal


class Cut(Exception):
    """Nothing more comes over this line."""


@dataclass(frozen=True)
class Image:
    """A back-up of the gateway: its database, and the state folder that only an image of the whole machine holds."""

    database: bytes
    outside: str


class Office:
    """``life``: grows when an older state is put back. ``process``: grows at each start."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        database, outside, _ = template()
        self.outside = Outside()
        self.outside.content = outside
        self.life = self.process = 0
        self.jobs: list[writer._Job] = []
        self.recorded: list[bytes] = []
        self.answers: list[bytes] = []
        self._put(database)
        self.start()

    def _put(self, database: bytes) -> None:
        engine().raw.deserialize(database)
        self.ledger = MemoryLedger()

    def image(self) -> Image:
        """What a back-up made now would hold."""
        return Image(engine().raw.serialize(), self.outside.content)

    def restore(self, image: Image, whole_machine: bool) -> None:
        """An older database is put back; with ``whole_machine`` its state folder too, so that it cannot know."""
        self.life += 1
        if whole_machine:
            self.outside.content = image.outside
        self._put(image.database)
        self.start()

    def start(self) -> None:
        """A new process on what is durable: requests and jobs of the last one are gone."""
        self.process += 1
        self.jobs.clear()
        self.ledger.ends = None
        self.ledger = MemoryLedger()
        with in_memory(self.outside):
            self.ledger.begin()

    def die(self) -> None:
        """The process ended in the middle of something, and was started again."""
        self._say("gateway died", f"process {self.process}")
        self.start()

    def commit(self, most: int = 64) -> None:
        """What the writer thread does with what is queued. :raises Died: the process ended there."""
        batch, self.jobs = self.jobs[:most], self.jobs[most:]
        if batch:
            writer.commit(self.ledger, batch)

    def portal_works(self) -> None:
        """The national side says what it has to say, as far as this process lives."""
        try:
            Portal(self.ledger, self.submit).work()
        except Died:
            self.die()

    def submit(self, commune: str, group: Group) -> "Future[Any]":
        job = self._queued((commune, group))
        if group.first.counter == PORTAL:
            self.commit()  # its thread waits for the writer's
        return job

    def submit_scan(self, piece: ScanPiece) -> "Future[Any]":
        return self._queued(piece)

    def _queued(self, work: Any) -> "Future[Any]":
        job = writer._Job(work, Future())
        self.jobs.append(job)
        return job.done


class Request:
    """One request at the gateway, as ``sync.gateway.app`` treats it. Every method may find the process gone: :class:`Cut`."""

    def __init__(self, office: Office) -> None:
        self.office, self.process, self.life = office, office.process, office.life
        self.visit = Visit(office.ledger, office.submit, office.submit_scan)
        self.refused = b""

    def _inside(self, act: Callable[[], Any]) -> Any:
        """In the process that took the request, if it still runs. :raises Cut: it does not, or ended here."""
        if self.office.process != self.process:
            raise Cut
        try:
            return act()
        except Died:
            self.office.die()
            raise Cut from None

    def take(self, data: bytes) -> None:
        """Bytes that came; after a refusal nobody listens."""
        if not self.refused:
            self._inside(lambda: self._understood(lambda: self.visit.take(data)))

    def lull(self) -> None:
        """Nothing came for a moment."""
        self._inside(self.visit.flush)

    def commit(self, most: int) -> None:
        """The writer comes to it."""
        self._inside(lambda: self.office.commit(most))

    def gone(self) -> None:
        """The counter is not there any more: what came is kept."""
        self._inside(self.visit.flush)

    def end(self) -> None:
        """The request is whole: durable before anything is answered."""

        def durable() -> None:
            self.visit.finish()
            self._understood(self._durable)

        if not self.refused:
            self._inside(lambda: self._understood(durable))

    def _durable(self) -> None:
        while not all(job.done() for job in self.visit.jobs):
            self.office.commit()
        for job in self.visit.jobs:
            job.result()

    def _understood(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Problem as problem:
            self.refused = self.visit.refusal(problem)

    def answer(self) -> Iterator[bytes]:
        """Frames of the answer, made one by one."""
        if self.refused:
            yield self.refused
            return
        frames = self.visit.answer()
        while frame := self._inside(lambda: next(frames, b"")):
            yield frame

    def position(self, header: bytes) -> bytes:
        """``GET /v1/position``."""

        def told() -> bytes:
            try:
                self.visit.admit(header)
            except Problem as problem:
                return self.visit.refusal(problem)
            return self.visit.acknowledgement()

        return bytes(self._inside(told))
