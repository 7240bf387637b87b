"""A desk that nobody touches locks itself: in a real window the process that knew the key is gone, the draft is not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.autolock import IdleWatch
from sync import people, vault
from sync.files import held
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess, enrolled, open_counter
from tests.desktop.conftest import Sitting

KEY = Qt.Key


def test_nobody_there_is_said_and_then_locks(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    watch, told = IdleWatch(app, app), []
    watch.warned.connect(lambda left: told.append(left))
    watch.eased.connect(lambda: told.append("eased"))
    widget = QWidget()
    qtbot.addWidget(widget)
    watch.start(2.0)
    qtbot.waitUntil(lambda: told == [1], timeout=5000)
    qtbot.keyClick(widget, KEY.Key_A)
    assert told == [1, "eased"]
    with qtbot.waitSignal(watch.expired, timeout=8000):
        pass
    assert told == [1, "eased", 1]
    watch.deleteLater()


def test_without_a_successor_the_same_window_asks_for_the_secret(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("đăng ký kết hôn")
    one.app.idle.start(0.1)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "sign_in_button"), what="sign in")
    one.sign_in_again()
    assert one.app.window.desk is not None
    one.hands.wait(lambda: one.app.window.desk.reception.unfinished, what="the draft")  # type: ignore[union-attr]


def test_after_how_long_is_settled_for_the_machine(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.press(KEY.Key_F10)
    one.hands.find("topic.secrets").click()  # type: ignore[attr-defined]
    one.hands.wait(lambda: one.hands.find("lock_after.5").isChecked(), what="as it is")  # type: ignore[attr-defined]
    one.hands.find("lock_after.3").click()  # type: ignore[attr-defined]
    with closing(open_counter(one.data, writes=False)) as counter:
        one.hands.wait(lambda: people.lock_minutes(counter) == 3, what="kept")


# The real thing


PLAYED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from desktop import app, processes
from tests.demo.hands import Hands

def play():
    window = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "" and hasattr(w, "desk"))
    hands = Hands(lambda: window, None)
    hands.wait(QApplication.focusWidget, what="keyboard")
    hands.enter(sys.argv[1])
    hands.wait(lambda: window.desk, what="desk")
    hands.enter("đăng ký kết hôn")
    print("typed", flush=True)

QTimer.singleShot(0, play)
sys.exit(app.main(sys.argv[2:]))
"""


@pytest.fixture
def counter(tmp_path: Path, hub: GatewayProcess) -> Iterator[Path]:
    """A counter; at the end no process that works on it is left."""
    data = tmp_path / "counter"
    enrolled(data, hub, code=hub.new_code())
    yield data
    for pid in processes_of(data):
        os.kill(pid, signal.SIGKILL)


def processes_of(data: Path) -> dict[int, list[str]]:
    """Processes that were started with this folder: id and words."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if str(data) in words and int(place.parent.name) != os.getpid():
            found[int(place.parent.name)] = words
    return found


def holds(pid: int, secret: bytes) -> bool:
    """Whether these bytes stand in the memory of a process."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(edge, 16) for edge in span.split("-"))
            try:
                memory.seek(start)
                if secret in memory.read(end - start):
                    return True
            except OSError:
                continue
    return False


def until(condition: Callable[[], Any], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.1)
    return found


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="looks into processes by /proc")
def test_the_process_that_knew_the_key_is_gone_and_the_draft_is_not(counter: Path) -> None:
    key = vault.unlock(counter, "CB001", PASSPHRASE)
    words = [sys.executable, "-c", PLAYED, PASSPHRASE, "--data", str(counter), "--idle", "8"]
    first = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert first.stdout and first.stdout.readline() == "typed\n"
    assert until(lambda: holds(first.pid, key))  # or the look below would prove nothing
    assert first.wait(60) == 0
    first.stdout.close()
    following = {pid: words for pid, words in processes_of(counter).items() if "--locked" in words}
    assert len(following) == 1
    second, told = following.popitem()
    until(lambda: held(counter, "window") and not held(counter, "next"))
    assert told[told.index("--locked") + 1] == "CB001" and "--resume" in told
    assert any("follow" in words for words in processes_of(counter).values())  # what waits goes on travelling
    assert not holds(second, key)
    with closing(open_counter(counter, writes=False)) as opened:
        assert [d.id for d in opened.drafts()] == [told[told.index("--resume") + 1]]
