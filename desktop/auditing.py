"""The audit, for the window: what is seen and printed is noted beside the work, never on its way; and it is read, and handed
out."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from desktop.events import Events
from desktop.tasks import Tasks
from forms.problem import Problem
from sync import audit, disclosure, incident
from sync.counter import Changes
from sync.store.audit import Asked, Place

Failed = Callable[[Problem], None]
_RESTS = 2000
"""Milliseconds without a key after which what was looked for counts as one search."""


class Auditing:
    """Part of ``Commands``. ``at_work``: the operator, None once the store is closed; ``failed`` says a Problem that nobody else
    waits for."""

    def __init__(self, tasks: Tasks, events: Events, at_work: Callable[[], str | None], failed: Failed) -> None:
        self._tasks, self._events, self._at_work, self._failed = tasks, events, at_work, failed
        self._search: tuple[str, int] | None = None
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_RESTS)
        self._rest.timeout.connect(self._note_search)

    def note(self, did: str, dossier: str = "", about: str = "", once: bool = True) -> None:
        """A row by whoever is at work; with ``once`` not again within some minutes."""
        who = self._at_work()
        if who is not None:
            self._write(who, did, dossier, about, once)

    def _who(self) -> str:
        """:raises RuntimeError: before sign-in, a bug."""
        who = self._at_work()
        if who is None:
            raise RuntimeError("nobody has signed in")
        return who

    def _write(self, who: str, did: str, dossier: str, about: str, once: bool) -> None:
        verb = audit.note_once if once else audit.note
        self._tasks.run(lambda c: verb(c, who, did, dossier, about), lambda _changes: None, self._failed)

    def searched(self, found: int) -> None:
        """Something was looked for: noted once the typing rests, only how many were found."""
        who = self._at_work()
        if who is not None:
            self._search = (who, found)
            self._rest.start()

    def _note_search(self) -> None:
        if self._search is not None:
            (who, found), self._search = self._search, None
            self._write(who, "searched", "", str(found), once=False)

    def leave(self, did: str) -> None:
        """Whoever is at work has ``locked`` the window, or closed it (``signed_out``): before the store is closed."""
        who = self._who()
        self._rest.stop()
        self._note_search()
        self._tasks.run(lambda c: audit.left(c, who, did), lambda _none: None, self._failed)

    # Reading and handing out

    def page(
        self,
        wanted: Asked,
        code: str,
        place: Place,
        done: Callable[[tuple[list[dict[str, Any]], Place]], None],
        failed: Failed,
    ) -> None:
        """The next rows of what is looked for, and the place after them. Beside everything else: what is rare is looked for in
        all that ever happened."""
        who = self._who()
        if place == (0, 0):
            self._tasks.run(lambda c: audit.look(c, who, wanted), lambda _changes: None, failed)
        self._tasks.read_long(
            lambda c, _tell: audit.page(c, who, audit.asked(c, wanted, code), place), lambda _n, _most: None, done, failed
        )

    def state(self, done: Callable[[dict[str, Any]], None]) -> None:
        """Whether the chain holds, and up to where it is anchored; a long look, beside everything else."""
        self._tasks.read_long(lambda c, _tell: audit.state(c), lambda _n, _most: None, done, self._unless_cancelled)

    def ask(self, number: str, done: Callable[[dict[str, Any]], None], failed: Failed) -> None:
        """Note that a person asks for their data."""
        who = self._who()
        self._tasks.run(lambda c: disclosure.ask(c, who, number), self._changed(done), failed)

    def export_person(self, number: str, file: Path, done: Callable[[dict[str, Any]], None], failed: Failed) -> None:
        """Everything that is held of a person, into a ZIP file."""
        who = self._who()
        self._tasks.read_long(
            lambda c, _tell: disclosure.export_person(c, who, number, file),
            lambda _n, _most: None,
            self._changed(done),
            failed,
        )

    def note_incident(self, done: Callable[[dict[str, Any]], None], failed: Failed) -> None:
        """A data incident has become known."""
        who = self._who()
        self._tasks.run(lambda c: incident.note(c, who), self._changed(done), failed)

    def export_incident(
        self, span: tuple[datetime, datetime], file: Path, bodies: bool, done: Callable[[dict[str, Any]], None], failed: Failed
    ) -> None:
        """What happened between two moments, into a ZIP file."""
        who = self._who()
        self._tasks.read_long(
            lambda c, _tell: incident.export_incident(c, who, *span, file, bodies),
            lambda _n, _most: None,
            self._changed(done),
            failed,
        )

    def _changed(self, done: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        def announced(said: dict[str, Any]) -> None:
            self._events.changed.emit(Changes(status=True))
            done(said)

        return announced

    def _unless_cancelled(self, problem: Problem) -> None:
        if problem.code != "cancelled":
            self._failed(problem)
