"""A store that does not open is brought back by hand in a minute; the settings page tells of back-ups and looks at everything."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.repair import RepairPage
from desktop.widgets import Button
from sync import backups, vault
from sync.store.opening import FILE
from tests.conftest import PASSPHRASE, open_counter
from tests.desktop.conftest import Sitting
from tests.sync.cared import lines

KEY = Qt.Key


@pytest.fixture
def begun(data: Path, tmp_path: Path, sitting: Callable[[], Sitting], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Sitting]:
    """A sitting that gets as far as the passphrase: what comes then is the repair page."""

    def begin() -> Sitting:
        monkeypatch.setattr(Sitting, "sign_in_again", _only_type)
        return sitting()

    return begin


def _only_type(one: Sitting) -> None:
    one.hands.wait(QApplication.focusWidget, what="keyboard")
    one.hands.enter(PASSPHRASE)


def told(one: Sitting, name: str) -> str:
    return str(one.hands.find(name).text())  # type: ignore[attr-defined]


def free(one: Sitting) -> bool:
    page = one.app.window.page
    return isinstance(page, RepairPage) and one.hands.find("repair.choose").isEnabled()


def press(widget: QWidget) -> None:
    assert isinstance(widget, Button)
    widget.click()


def prepared(data: Path) -> str:
    """Two dossiers in a back-up, one more since, and its code; then the middle of the file is overwritten."""
    key = vault.unlock(data, "CB001", PASSPHRASE)
    with closing(open_counter(data)) as counter:
        for line in lines(2, 1):
            counter.receive(line, "CB001", date_confirmed=True)
        backups.make(counter, key)
        (data / "backups" / "motcua-20991231-080000.backup").write_bytes(b"spoilt")
        code = counter.receive(lines(1, 2)[0], "CB001", date_confirmed=True).code
        page = counter.store.value("SELECT rootpage FROM sqlite_master WHERE name = 'meta'")
        size = int(counter.store.value("PRAGMA page_size"))
    with (data / FILE).open("rb+") as file:
        file.seek((page - 1) * size)
        file.write(b"\0" * 512)
    return code


def test_a_damaged_store_is_repaired_from_the_newest_good_back_up(data: Path, begun: Callable[[], Sitting]) -> None:
    code = prepared(data)
    one = begun()
    one.hands.wait(lambda: free(one), what="a good back-up")
    assert "bị hỏng" in told(one, "repair.happened")
    assert "Bản lưu tốt mới nhất" in told(one, "repair.which")
    assert "2099" not in told(one, "repair.button"), "one that does not hold is passed over"
    assert one.app.window.page is not None
    assert one.app.window.page.minimumSizeHint().width() <= 960
    one.hands.look("repair")
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    one.hands.wait(lambda: "Đã lấy lại 1 việc" in told(one, "notice"), what="what was saved")
    with closing(open_counter(data, writes=False)) as counter:
        assert code in {d["code"] for d in counter.dossiers(limit=-1)}
        assert [a["kind"] for a in counter.status()["alerts"]] == ["store_restored"]


def test_with_no_good_back_up_here_a_file_may_be_chosen(
    data: Path, begun: Callable[[], Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(data)
    real = next(b.file for b in backups.found(data / "backups") if "2099" not in b.file.name)
    real.rename(tmp_path / "stick.backup")
    for file in data.glob(FILE + "*"):
        file.unlink()
    one = begun()
    one.hands.wait(lambda: free(one), what="looked through")
    assert "Không thấy kho" in told(one, "repair.happened")
    assert not one.hands.find("repair.button").isVisible()
    spoilt = data / "backups" / "motcua-20991231-080000.backup"
    for chosen, words in ((spoilt, "không đọc được"), (tmp_path / "stick.backup", "")):
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, chosen=chosen: (str(chosen), ""))
        press(one.hands.find("repair.choose"))
        one.hands.wait(lambda: free(one), what="tried")
        assert words in told(one, "repair.said")
    assert "Bản lưu đã chọn" in told(one, "repair.which")
    press(one.hands.find("repair.button"))
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    with closing(open_counter(data, writes=False)) as counter:
        assert len(counter.dossiers(limit=-1)) >= 2


def test_the_settings_tell_of_back_ups_and_look_at_everything(
    data: Path, sitting: Callable[[], Sitting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = sitting()
    one.hands.press(KEY.Key_F10)
    press(one.hands.find("topic.care"))
    one.hands.wait(lambda: told(one, "care.verified") == "Chưa kiểm tra lần nào trên máy này.")
    assert "Nên chọn" in told(one, "care.place")
    (tmp_path / "stick").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "stick"))
    press(one.hands.find("care.choose"))
    one.hands.wait(lambda: str(tmp_path / "stick") in told(one, "care.place"), what="place")
    press(one.hands.find("care.now"))
    one.hands.wait(lambda: "Gần nhất" in told(one, "care.last"), what="made by the sync process")
    one.hands.wait(lambda: "đã có bản gần nhất" in told(one, "care.place"), what="copied")
    press(one.hands.find("care.check"))
    one.hands.wait(lambda: "mọi thứ đúng như đã ghi" in told(one, "care.verified"), what="checked")
    one.hands.look("care")
    press(one.hands.find("care.check"))
    press(one.hands.find("care.cancel"))
    one.hands.wait(lambda: one.hands.find("care.check").isVisible(), what="cancelled")
