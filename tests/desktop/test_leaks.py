"""What the processes of the product leave outside the store: a log with nothing about anybody, no cores, no copies."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.clipboard import Clipboard
from forms.problem import Problem
from sync import hardening
from sync.logbook import LARGEST, Logbook, allowed, take_over
from tests.conftest import ROOT
from tests.desktop.conftest import Sitting

NAME, NUMBER = "Giàng Văn Kín", "010096000318"


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("ascii").splitlines()]


# The log


def test_only_what_is_allowed_is_written(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "deep" / "sync.log")
    book.write("contact", sent=3, waiting=0, seconds=1.5, counter="0123456789ab", problem="no_line")
    book.write(
        "contact", name=NAME, problem=NAME, counter=NUMBER + "\n", sent=NUMBER, kind=f"x {NAME}", places=[f"a.py:1 {NAME}"]
    )
    one, two = lines(book.file)
    assert {k: v for k, v in one.items() if k != "at"} == {
        "what": "contact", "sent": 3, "waiting": 0, "seconds": 1.5, "counter": "0123456789ab", "problem": "no_line"}  # fmt: skip
    assert two.keys() == {"at", "what", "left_out"}
    assert two["left_out"] == 6


def test_an_error_is_its_kind_and_its_places(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "window.log")

    def fails() -> None:
        raise Problem("disk_full", file=NAME)

    for act in (fails, lambda: {}[NAME], lambda: int(NUMBER + "x")):
        try:
            act()
        except Exception as error:  # noqa: BLE001
            book.error("bug", type(error), error, error.__traceback__)
    found = lines(book.file)
    assert [one["kind"] for one in found] == ["forms.problem.Problem", "builtins.KeyError", "builtins.ValueError"]
    assert found[0]["problem"] == "disk_full"
    assert all("test_leaks.py:" in str(one["places"]) for one in found)
    text = book.file.read_text("ascii")
    assert NAME not in text
    assert json.dumps(NAME)[1:-1] not in text
    assert NUMBER not in text


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "window.log")
    book.file.write_text("x" * (LARGEST + 1))
    for _ in range(3):
        book.write("bug")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["window.log", "window.log.1"]
    assert len(lines(book.file)) == 3


def test_a_disk_that_refuses_does_not_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    Logbook(tmp_path / "file" / "window.log").write("bug", kind=NAME)
    assert NAME not in capsys.readouterr().err


def test_what_libraries_log_loses_its_words(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    try:
        take_over(Logbook(tmp_path / "gateway.log"))
        try:
            raise KeyError(NAME)
        except KeyError:
            logging.getLogger("uvicorn.error").exception("of %s", NAME)
    finally:
        root.handlers[:] = before
    [one] = lines(tmp_path / "gateway.log")
    assert one["logger"] == "uvicorn.error"
    assert one["kind"] == "builtins.KeyError"
    assert "left_out" not in one


def test_no_key_takes_a_sentence() -> None:
    assert allowed(dict.fromkeys(("what", "problem", "kind", "counter", "logger", "sent"), NAME)) == {"left_out": 6}


# Processes


def run(code: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_hardened_process_leaves_no_core_and_no_words() -> None:
    code = (
        "import ctypes, resource\nfrom sync.hardening import harden\nharden()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
        f"raise KeyError({NAME!r})"
    )
    done = run(code)
    assert done.stdout.strip() == "(0, 0) 0"
    assert done.returncode == 1
    assert "builtins.KeyError" in done.stderr
    assert "Traceback" in done.stderr
    assert NAME not in done.stderr


@pytest.mark.parametrize("module", ["sync", "desktop"])
def test_every_face_is_hardened(module: str, tmp_path: Path) -> None:
    """The entry itself, up to the point where it would begin to work."""
    entry = "desktop.app" if module == "desktop" else "sync.cli"
    code = (
        f"import runpy, sys, {entry} as face, sync.hardening as h\n"
        "began = []\nh.harden = lambda: began.append(1)\n"
        "if hasattr(face, 'harden'): face.harden = h.harden\n"
        f"sys.argv = ['{module}', '--nonsense']\n"
        f"try: runpy.run_module('{module}', run_name='__main__')\n"
        "except SystemExit: pass\nprint(began)"
    )
    assert run(code, XDG_RUNTIME_DIR="").stdout.strip() == "[1]"


@pytest.mark.skipif(sys.platform != "linux", reason="memory-backed folders are Linux's")
def test_what_a_killed_window_left_for_the_printer_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", os.environ.get("TMPDIR", "/tmp"))
    left = tmp_path / "motcua" / "999999999"
    left.mkdir(parents=True)
    (left / "spooled.pdf").write_bytes(b"%PDF")
    code = (
        "import os, tempfile\nfrom sync.hardening import private_temp\nfolder = private_temp()\n"
        "print(folder, tempfile.mkstemp()[1], oct(folder.stat().st_mode & 0o777))"
    )
    folder, file, mode = run(code).stdout.split()
    assert not left.exists()
    assert Path(file).parent == Path(folder)
    assert mode == "0o700"
    assert not Path(folder).exists(), "and its own is gone at the end"


def test_no_private_place_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    assert hardening.private_temp() is None


# The clipboard


@pytest.fixture
def clipboard(qtbot: QtBot) -> Iterator[SimpleNamespace]:
    held = Clipboard()
    yield SimpleNamespace(ours=held, system=QGuiApplication.clipboard())
    held.deleteLater()
    QGuiApplication.clipboard().clear()


def test_a_copy_is_marked_and_forgotten(clipboard: SimpleNamespace, qtbot: QtBot) -> None:
    field = QLineEdit(NAME)
    qtbot.addWidget(field)
    field.selectAll()
    field.copy()
    held = clipboard.system.mimeData()
    assert held.text() == NAME
    wanted = "x-kde-passwordManagerHint" if sys.platform != "win32" else "Exclude"
    assert any(wanted in name for name in held.formats())
    clipboard.ours.forget()
    assert clipboard.system.text() == ""


def test_what_another_program_copied_stays(clipboard: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clipboard, "_ours", lambda _self, _mode: False)
    theirs = QMimeData()
    theirs.setText("của chương trình khác")
    clipboard.system.setMimeData(theirs)
    assert clipboard.system.mimeData().formats() == ["text/plain"]
    clipboard.ours.forget()
    assert clipboard.system.text() == "của chương trình khác"


def test_locking_clears_it(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    QGuiApplication.clipboard().setText(NAME)
    one.hands.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: QGuiApplication.clipboard().text() == "", what="an empty clipboard")


def test_the_window_is_called_the_same_whatever_it_shows(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    title = one.app.window.windowTitle()
    one.hands.enter("sao y")
    one.hands.wait(lambda: one.app.window.findChild(QLineEdit, "applicant.full_name"), what="applicant")
    one.hands.go("applicant.full_name")
    one.hands.type(NAME)
    assert one.app.window.windowTitle() == title == "Quầy Một cửa"
