"""A clerk's hands: keys pressed one by one into whatever has the focus, and eyes that wait for the screen."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_ALL = QEventLoop.ProcessEventsFlag.AllEvents


class Hands:
    """Drives one application window. ``pictures`` is where ``look`` puts what it sees."""

    def __init__(self, window: Callable[[], QWidget], pictures: Path) -> None:
        self._window, self._pictures = window, pictures

    def type(self, text: str) -> None:
        """Characters as an input method delivers them: one event each, with its text."""
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                target = QApplication.focusWidget() or self._window()
                QApplication.sendEvent(target, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
            QApplication.processEvents()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key."""
        QTest.keyClick(QApplication.focusWidget() or self._window(), key, modifier)
        QApplication.processEvents()

    def enter(self, text: str) -> None:
        """Type and press Enter, which goes to the next field."""
        self.type(text)
        self.press(Qt.Key.Key_Return)

    def find(self, name: str) -> QWidget:
        """The widget of this name."""
        found = self._window().findChild(QWidget, name)
        if found is None:
            raise LookupError(name)
        return found

    def go(self, name: str) -> None:
        """Put the focus on a named field."""
        self.find(name).setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()

    def wait(self, condition: Callable[[], object], seconds: float = 30, what: str = "") -> None:
        """Keep the events going until it is so."""
        until = time.monotonic() + seconds
        while not condition():
            QApplication.processEvents(_ALL, 20)
            if time.monotonic() > until:
                raise TimeoutError(what or "the screen did not come about")

    def look(self, name: str) -> None:
        """A picture of the window, after everything pending was painted."""
        until = time.monotonic() + 0.35
        while time.monotonic() < until:
            QApplication.processEvents(_ALL, 20)
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._window().grab().save(str(self._pictures / f"{name}.png"))
