"""The real application on a real store; any bug that would reach the crash dialog fails the test instead."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.crash import CrashGuard
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled
from tests.demo.hands import Hands


@pytest.fixture
def data(tmp_path: Path, hub: GatewayProcess) -> Path:
    """An enrolled counter."""
    enrolled(tmp_path / "counter", hub, code=hub.new_code())
    return tmp_path / "counter"


class Sitting:
    """One run of the application with somebody at the keyboard."""

    def __init__(self, data: Path, out: Path, qtbot: QtBot) -> None:
        self.data, self.prints = data, out / "prints"
        self.app = Application(["--data", str(data), "--theme", "light", "--print-to", str(self.prints)])
        self.hands = Hands(lambda: self.app.window, out / "pictures")
        self.qtbot = qtbot
        self.bugs: list[BaseException] = []
        self.app.tasks.bug.connect(self.bugs.append)

    def sign_in(self) -> None:
        self.app.start()
        self.app.guard.remove()  # pytest-qt reports what slots raise
        self.sign_in_again()

    def sign_in_again(self) -> None:
        self.hands.wait(QApplication.focusWidget, what="keyboard")
        self.hands.enter(PASSPHRASE)
        self.hands.wait(lambda: self.app.window.desk, what="desk")

    def text(self, name: str) -> str:
        return str(self.hands.find(name).text())  # type: ignore[attr-defined]

    def stop(self) -> None:
        self.app.stop()
        if self.app._follower is not None:
            self.app._follower.end()
        QApplication.processEvents()  # answers that are on their way
        self.app.window.close()
        self.app.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # or every later window is styled with all before it
        assert not self.bugs


@pytest.fixture
def sitting(data: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Sitting]]:
    """Starts sittings on the one store: ``sitting()``, already signed in."""
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    begun: list[Sitting] = []

    def begin() -> Sitting:
        begun.append(Sitting(data, tmp_path, qtbot))
        begun[-1].sign_in()
        return begun[-1]

    yield begin
    for one in begun:
        if one.app._lock is not None and one.app._lock.is_locked:
            one.stop()
