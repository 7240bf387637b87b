"""Autosave: what was typed is on the disk within a second of the last key, and at the latest every second while typing."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.commands import Commands
from forms.problem import Problem

_QUIET_MS = 400  # this long without a key means a pause
_LONGEST = 0.8  # seconds a key may wait while typing goes on; the commit takes some milliseconds more


class Autosave(QObject):
    """``touch`` after every edit. ``kept(datetime)`` comes after COMMIT and only when nothing newer is waiting;
    ``troubled(Problem)`` when the disk refused. Saves never overlap: the next one starts when the last has answered."""

    kept = Signal(object)
    troubled = Signal(object)

    def __init__(self, commands: Commands, content: Callable[[], tuple[str, dict[str, Any]] | None]) -> None:
        super().__init__()
        self._commands, self._content = commands, content
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)
        self._first_edit: float | None = None
        self._saving = False

    @property
    def pending(self) -> bool:
        """Whether something typed is not yet known to be on the disk."""
        return self._first_edit is not None or self._saving

    def touch(self) -> None:
        """Something was typed."""
        now = time.monotonic()
        if self._first_edit is None:
            self._first_edit = now
        left = _LONGEST - (now - self._first_edit)
        self._timer.start(max(min(_QUIET_MS, round(left * 1000)), 0))

    def flush(self, last: bool = False) -> None:
        """Save now what is not saved; ``last`` does not wait for a save under way, because the store will be closed."""
        self._timer.stop()
        if (self._saving and not last) or self._first_edit is None:
            return
        content = self._content()
        self._first_edit = None
        if content is None:
            return
        self._saving = True
        self._commands.save_draft(*content, self._done, self._failed)

    def forget(self) -> None:
        """The draft became a dossier or was given up: nothing is to be saved any more."""
        self._timer.stop()
        self._first_edit = None

    def _done(self, moment: datetime) -> None:
        self._saving = False
        if self._first_edit is None:
            self.kept.emit(moment)
        elif not self._timer.isActive():
            self.flush()

    def _failed(self, problem: Problem) -> None:
        self._saving = False
        self.troubled.emit(problem)
        self.touch()
