"""Locking ends the window's process, because Python cannot wipe what it knew: a fresh one takes its place and asks for the PIN.

The new process waits beside (it holds the place ``next``), the old one sees that and leaves, and only then the window's own
place changes hands: there is never a moment with two windows, nor one in which the sync process would believe that there is
none. If the new process cannot start, the old one asks for the PIN itself.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop.widgets import column, text
from forms.problem import Problem
from sync.files import held, hold

Successor = Callable[[list[str]], "subprocess.Popen[bytes]"]
"""Starts a window with these arguments. :raises Problem: ``process_failed``."""
_NEXT = "next"
_LOOK = 50  # ms
_LEAVES = 30
"""Seconds in which the old window is gone."""


def take_over(data: Path) -> FileLock:
    """The place of the window that is locking, once it has left. :raises Problem: ``already_open``."""
    following = hold(data, _NEXT, wait=_LEAVES)
    try:
        return hold(data, "window", wait=_LEAVES)
    finally:
        following.release()


class LockingPage(QWidget):
    """What stands there for the second that it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lock_side")
        words = text("Đang khoá…", "h1", "railOn")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column(self).addWidget(words)


class HandingOver(QObject):
    """``begin`` starts the successor and ends this application when it is there; ``stay`` is called when it cannot come."""

    def __init__(self, data: Path, successor: Successor, stay: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._data, self._successor, self._stay = data, successor, stay
        self._child: subprocess.Popen[bytes] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)

    def begin(self, arguments: list[str]) -> None:
        """The store is closed; what was typed is kept."""
        try:
            self._child = self._successor(arguments)
        except Problem:
            self._stay()
            return
        self._timer.start()

    def _look(self) -> None:
        if self._child is None or self._child.poll() is not None:
            self._timer.stop()
            self._stay()
        elif held(self._data, _NEXT):
            self._timer.stop()
            QApplication.quit()
