"""An unexpected error: the draft is saved, the log says where but nothing about anybody, the clerk reads plain words."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from desktop.crash import CrashGuard
from forms.working_days import VIETNAM


def fail(name: str) -> None:
    raise KeyError(name)


@pytest.fixture
def seen(qtbot: QtBot) -> Iterator[list[str]]:
    """What dialogs said; each is closed by its button."""
    said: list[str] = []

    def close() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            said.append(box.text() + box.informativeText())
            box.buttons()[0].click()

    timer = QTimer()
    timer.timeout.connect(close)
    timer.start(20)
    yield said
    timer.stop()


@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform, at every dialog
def test_a_bug_saves_the_draft_and_names_nobody(tmp_path: Path, seen: list[str]) -> None:
    saved: list[bool] = []
    moment = datetime(2026, 11, 23, 9, 14, tzinfo=VIETNAM)
    guard = CrashGuard(tmp_path, lambda: moment, lambda: saved.append(True), lambda: None)
    try:
        fail("Giàng Văn Phúc")
    except KeyError as error:
        guard.report(error)
    assert saved == [True]
    log = (tmp_path / "window.log").read_text("utf-8")
    assert "KeyError" in log
    assert "test_crash.py" in log
    assert "Giàng" not in log
    assert len(seen) == 1
    assert "“Đã giữ” vẫn còn nguyên" in seen[0]
    assert "KeyError" not in seen[0]
    assert "Traceback" not in seen[0]
