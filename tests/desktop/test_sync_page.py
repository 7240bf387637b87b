"""F5 on a real store; where something travels, with the real sync process, a real gateway and a line that is cut."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.crash import CrashGuard
from desktop.widgets import Button
from forms.catalogue import Catalogue
from forms.example import examples
from sync import travel
from sync.contact import contact
from sync.counter import Counter, vietnam_now
from sync.gateway_client import Traffic
from sync.scans import attach_bytes
from sync.store import journal, scans
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.demo.line import Line
from tests.desktop.conftest import Sitting
from tests.desktop.test_layout import cut
from tests.sync.scan_samples import png

KEY = Qt.Key
MARITAL = "1.004873"
CATALOGUE = Catalogue.load()
Begin = Callable[[], Sitting]
AGREED = "Mọi hồ sơ đã được nhận, hai bên khớp số"


class Nobody:
    """In place of the sync process: nothing travels, and what a test writes into the store stays."""

    def end(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def still(data: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Starts sittings beside which no sync process runs."""
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    begun: list[Sitting] = []

    def begin() -> Sitting:
        begun.append(Sitting(data, tmp_path, qtbot))
        begun[-1].app._follower = Nobody()  # type: ignore[assignment]
        begun[-1].sign_in()
        begun[-1].hands.press(KEY.Key_F5)
        begun[-1].hands.wait(lambda: said(begun[-1], "sync_sentence"), what="F5 has read")
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


@pytest.fixture
def travelling(
    tmp_path: Path, qtbot: QtBot, gateway: Callable[..., GatewayProcess], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Sitting, Line, Path]]:
    """A sitting at F5 with its sync process, whose gateway is behind a line that can be cut."""
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    hub, data = gateway("--portal", "instant"), tmp_path / "counter"
    enrolled(data, hub)
    line = Line(int(hub.port))
    counter = open_counter(data)
    counter.use_gateway(line.url)
    counter.close()
    one = Sitting(data, tmp_path, qtbot)
    one.sign_in()
    one.hands.press(KEY.Key_F5)
    yield one, line, data
    one.stop()
    line.close()


def receive(data: Path, *kilobytes: int) -> list[str]:
    """A dossier for each number, with a scan of so many KB; 0 for none."""
    counter, made = open_counter(data), []
    for seed, size in enumerate(kilobytes):
        typed = next(examples(CATALOGUE, MARITAL, None, 1, 300 + seed)) | {"id": str(uuid.uuid4())}
        made.append(counter.receive(typed, "CB001", date_confirmed=True).id)
        if size:
            attach_bytes(counter, made[-1], counter.dossier(made[-1])["papers"][0]["code"], png(noise=size << 10), "CB001")
    counter.close()
    return made


def put(data: Path, problem: str | None = None, **meta: Any) -> None:
    """What the sync process would have written: a contact and what it found."""
    counter = open_counter(data)
    with counter.store.write():
        journal.add_contact(counter.store, vietnam_now(), 0, 0, problem)
        counter.store.set_meta(**meta)
    counter.close()


def read(data: Path, what: Callable[[Counter], Any]) -> Any:
    counter = open_counter(data, writes=False)
    found = what(counter)
    counter.close()
    return found


def said(one: Sitting, name: str) -> str:
    label = one.hands.find(name)
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def until(one: Sitting, name: str, part: str, seconds: float = 30) -> None:
    """Wait until this label says so."""
    try:
        one.hands.wait(lambda: part in said(one, name), seconds)
    except TimeoutError:
        pytest.fail(f"{name} says {said(one, name)!r}, not {part!r}")


def click(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button) and button.isVisible(), name
    button.click()


def rows(one: Sitting) -> list[str]:
    """The queue from top to bottom, by dossier."""
    assert one.app.window.desk is not None
    found = [w for w in one.app.window.desk.sync.findChildren(QWidget) if w.objectName().startswith("queue.") and w.isVisible()]
    return [w.objectName().removeprefix("queue.") for w in sorted(found, key=lambda w: w.y())]


def words_of(one: Sitting, which: str) -> str:
    return " | ".join(label.text() for label in one.hands.find(f"queue.{which}").findChildren(QLabel) if label.isVisible())


SPEED = {"rate": 6000.0, "rtt": 0.5, "weight": 1.0}


def test_offline_everything_waits_with_a_forecast_and_its_reason(still: Begin, data: Path) -> None:
    with_scan, without = receive(data, 700, 0)
    now = time.time()
    known = {"failure": {"code": "no_line", "reason": "timeout"}, "up": SPEED | {"at": now, "rtt_at": now}}
    put(data, "no_line", link="offline", sense=known)
    one = still()
    until(one, "sync_sentence", "Đang mất mạng: còn 2 hồ sơ, 1 tệp quét chờ gửi")
    assert said(one, "sync_forecast") == "Khi có mạng: 701 KB, khoảng 2 phút"
    until(one, "status_line", "Ngoại tuyến")
    assert "2 hồ sơ và 1 tệp quét chờ gửi" in said(one, "status_sentence")
    one.hands.wait(lambda: rows(one) == [with_scan, without], what="the older one first")
    assert "hồ sơ và 1 tệp, 701 KB" in words_of(one, with_scan)
    assert "Đã giữ trên máy từ" in words_of(one, without) and "chờ có mạng" in words_of(one, without)
    assert said(one, "count.kept") == "2 hồ sơ"
    for size in ((1366, 768), (1093, 614), (1920, 1080)):
        one.app.window.resize(*size)
        one.hands.look(f"offline_{size[0]}")
        assert cut(one.app.window) == []


@pytest.mark.parametrize(
    ("link", "problem", "bar", "sentence"),
    [
        ("captive", "not_the_gateway", "Wi-Fi đòi đăng nhập", "Wi-Fi đòi đăng nhập"),
        ("no_internet", "no_line", "Mạng không ra Internet", "Mạng không ra Internet"),
        ("slow", None, "Mạng chậm", "Mạng chậm"),
        ("unknown", "no_line", "Chưa tới được máy chủ", "Chưa tới được máy chủ"),
        ("unknown", "clock_wrong", "Chưa tới được máy chủ", "Chưa tới được máy chủ"),
    ],
)
def test_the_line_is_named_alike_here_and_below(
    still: Begin, data: Path, link: str, problem: str | None, bar: str, sentence: str
) -> None:
    receive(data, 0)
    put(data, problem, link=link, sense={"failure": {"code": problem}} if problem else {})
    one = still()
    until(one, "sync_sentence", f"{sentence}: còn 1 hồ sơ chờ gửi")
    until(one, "status_line", bar)
    assert ("Ngày giờ của máy" in said(one, "sync_advice")) == (problem == "clock_wrong")


def test_cut_then_sent_and_agreed(travelling: tuple[Sitting, Line, Path]) -> None:
    one, line, data = travelling
    until(one, "status_line", "Đang có mạng")
    line.cut()
    made = receive(data, 40, 0)
    until(one, "sync_sentence", "Chưa tới được máy chủ: còn 2 hồ sơ, 1 tệp quét chờ gửi")
    one.hands.wait(lambda: rows(one) == made, what="both stand there")
    assert AGREED not in said(one, "sync_sentence")
    line.restore()
    click(one, "send_now")
    until(one, "sync_sentence", "Đã gửi hết" if one.hands.find("load_older").isVisible() else AGREED)
    if one.hands.find("load_older").isVisible():
        click(one, "load_older")
    until(one, "sync_sentence", AGREED)
    assert rows(one) == []
    until(one, "count.accepted", "2 hồ sơ")
    assert (said(one, "count.kept"), said(one, "count.refused")) == ("0 hồ sơ", "0 hồ sơ")
    assert said(one, "sync_advice").startswith("Đối chiếu lúc")


def test_paused_nothing_travels_and_the_keyboard_stays_on_what_leads_on(travelling: tuple[Sitting, Line, Path]) -> None:
    one, _line, data = travelling
    until(one, "status_line", "Đang có mạng")
    click(one, "sync_pause")
    until(one, "sync_sentence", "Đang tạm dừng: không gửi và không nhận gì")
    until(one, "status_line", "Đang tạm dừng")
    one.hands.wait(lambda: one.hands.find("sync_resume").hasFocus(), what="going on is under Enter")
    assert not one.hands.find("send_now").isVisible()
    (which,) = receive(data, 0)
    until(one, "sync_sentence", "Đang tạm dừng: còn 1 hồ sơ chờ gửi")
    one.hands.wait(lambda: "chờ bấm Tiếp tục" in words_of(one, which), what="why it waits")
    time.sleep(1.5)  # long enough for a sync process that did not obey
    assert read(data, lambda c: c.dossier(which)["delivery"]) == "kept"
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: rows(one) == [], what="it goes")
    until(one, "status_line", "Đang có mạng")
    one.hands.wait(lambda: one.hands.find("send_now").hasFocus(), what="the keyboard comes back")


def test_what_is_under_way_shows_bytes_speed_and_time(travelling: tuple[Sitting, Line, Path]) -> None:
    one, _line, data = travelling
    until(one, "status_line", "Đang có mạng")
    click(one, "sync_options")
    cap = one.hands.find("option.cap")
    cap.setCurrentIndex(2)  # type: ignore[attr-defined]
    cap.activated.emit(2)  # type: ignore[attr-defined]
    until(one, "notice", "Gửi nhiều nhất 256 kbit/giây")
    click(one, "sync_options")
    receive(data, 150)
    until(one, "sync_progress", "/giây · còn")
    assert "đang gửi" in said(one, "sync_sentence").lower()
    one.hands.look("under_way")
    assert cut(one.app.window) == []
    one.hands.wait(lambda: rows(one) == [], what="all of it arrives")
    one.hands.wait(lambda: not said(one, "sync_progress"), what="the line goes")


def test_this_one_now_goes_before_the_others_and_the_keyboard_keeps_its_place(still: Begin, data: Path) -> None:
    first, second, third = receive(data, 20, 30, 40)
    put(data, "no_line", link="offline", sense={"failure": {"code": "no_line"}})
    one = still()
    one.hands.wait(lambda: rows(one) == [first, second, third], what="as they were kept")
    one.hands.press(KEY.Key_Tab)
    one.hands.press(KEY.Key_Tab)
    one.hands.press(KEY.Key_Tab)
    one.hands.wait(lambda: one.hands.find(f"queue_hurry.{first}").hasFocus(), what="the queue follows the buttons")
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Down)
    assert one.hands.find(f"queue_hurry.{third}").hasFocus(), "the arrows walk the rows"
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: rows(one) == [third, first, second], what="it stands first")
    until(one, "notice", "sẽ đi trước các hồ sơ khác")
    one.hands.wait(lambda: "Đi trước" in words_of(one, third), what="why it stands there")
    assert read(data, lambda c: scans.pending(c.store)[0].size) == len(png(noise=40 << 10))
    focus = QApplication.focusWidget()
    assert focus is not None and focus.objectName().startswith("queue_hurry."), "the keyboard stays in the queue"
    put(data, "no_line")
    one.hands.wait(lambda: "2 lần" in " ".join(w.text() for w in one.app.window.findChildren(QLabel)), what="the news")
    assert QApplication.focusWidget() is focus, "news change figures, not the place of the keyboard"


def test_options_are_kept_and_a_proxy_that_cannot_be_is_refused(still: Begin, data: Path) -> None:
    one = still()
    click(one, "sync_options")
    one.hands.wait(lambda: one.hands.find("option.metered_scans").hasFocus(), what="the keyboard goes in")
    one.hands.press(KEY.Key_Space)
    one.hands.wait(lambda: read(data, travel.view)["metered_scans"], what="kept")
    one.hands.go("option.cap")
    one.hands.type("64")
    one.hands.wait(lambda: read(data, travel.view)["cap_kbit"] == 64, what="a cap by typing")
    assert not one.hands.find("option.use").isVisible(), "nothing to settle"
    one.hands.go("option.proxy")
    one.hands.type("nhập")
    one.hands.press(KEY.Key_Return)
    assert one.hands.find("option.address").hasFocus()
    one.hands.type("proxy của xã")
    one.hands.press(KEY.Key_Return)
    one.hands.press(KEY.Key_Return)
    until(one, "option.told", "Cấu hình proxy chưa dùng được")
    one.hands.look("refused")
    assert cut(one.app.window) == []
    assert read(data, travel.view)["proxy"]["mode"] == "none", "what cannot be is not kept"
    one.hands.find("option.address").setText("")  # type: ignore[attr-defined]
    one.hands.go("option.address")
    one.hands.type("http://lan:bí.mật@10.0.0.1:3128")
    click(one, "option.use")
    one.hands.wait(lambda: read(data, travel.view)["proxy"]["address"].endswith("bí.mật@10.0.0.1:3128"), what="kept")
    address = one.hands.find("option.address")
    one.hands.wait(lambda: address.text() == "http://lan:•••@10.0.0.1:3128", what="the password is hidden")  # type: ignore[attr-defined]
    address.setText("http://lan:•••@10.0.0.1:8080")  # type: ignore[attr-defined]
    click(one, "option.use")
    one.hands.wait(lambda: read(data, travel.view)["proxy"]["address"].endswith("bí.mật@10.0.0.1:8080"), what="and kept with it")
    one.hands.press(KEY.Key_Escape)
    one.hands.wait(lambda: one.hands.find("sync_options").hasFocus(), what="Esc folds it in")
    assert not address.isVisible()


def test_a_pac_file_that_cannot_be_read_is_refused_while_everything_else_goes_on(
    still: Begin, data: Path, tmp_path: Path
) -> None:
    one = still()
    click(one, "sync_options")
    mode = one.hands.find("option.proxy")
    mode.setCurrentIndex(3)  # type: ignore[attr-defined]
    mode.activated.emit(3)  # type: ignore[attr-defined]
    address = one.hands.find("option.address")
    address.setText((tmp_path / "none.pac").as_uri())  # type: ignore[attr-defined]
    click(one, "option.use")
    until(one, "option.told", "Không đọc được tệp cấu hình proxy tự động")
    (tmp_path / "a.pac").write_text('function FindProxyForURL(url, host) { return "PROXY 10.0.0.1:3128; DIRECT"; }', "utf-8")
    address.setText((tmp_path / "a.pac").as_uri())  # type: ignore[attr-defined]
    click(one, "option.use")
    one.hands.wait(lambda: read(data, travel.view)["proxy"]["mode"] == "pac", what="kept")
    until(one, "notice", "Đã ghi cách ra mạng")
    assert not said(one, "option.told")


def test_scans_wait_for_a_network_that_costs_nothing(still: Begin, data: Path, hub: GatewayProcess) -> None:
    (which,) = receive(data, 30)
    one = still()
    one.app._hint(True, True, None)
    one.hands.wait(lambda: read(data, travel.view)["metered"] is True, what="the system's word")
    one.hands.wait(lambda: rows(one) == [which], what="it waits")
    counter = open_counter(data)
    _outcome, complete = contact(counter, hub.url, time.monotonic() + 30, Traffic())
    counter.close()
    assert complete, "nothing more may be done on this network, so nobody asks again and again"
    one.hands.wait(lambda: "chờ mạng không tính tiền" in words_of(one, which), what="why")
    assert "Cổng xã đã nhận · còn tệp quét" in words_of(one, which), "its acts have arrived"
    assert "tệp quét chờ mạng khác" in said(one, "sync_advice")
    until(one, "count.kept", "0 hồ sơ")


def test_what_the_system_says_of_its_networks_is_told_again_after_a_lock(still: Begin, data: Path) -> None:
    one = still()
    one.app._hint(True, False, None)
    one.hands.wait(lambda: read(data, lambda c: c.store.meta("hints")) == [True, False, None], what="told")
    one.app.lock()
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.app._hint(True, True, True)
    one.sign_in_again()
    one.hands.wait(lambda: read(data, lambda c: c.store.meta("hints")) == [True, True, True], what="told after the lock")


def test_older_dossiers_are_asked_for_once_and_counted(still: Begin, data: Path) -> None:
    put(data, older=[0, 1234])
    one = still()
    until(one, "older_words", "mọi hồ sơ của 90 ngày gần đây")
    one.hands.look("left_out")
    assert cut(one.app.window) == []
    click(one, "load_older")
    until(one, "older_words", "còn 1234 việc")
    assert not one.hands.find("load_older").isVisible()
    put(data, older=[1234, 1234])
    one.hands.wait(lambda: not said(one, "older_words"), what="all is here")


def test_progress_that_nobody_renews_goes_and_the_status_bar_with_it(
    still: Begin, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(data, 900)
    one = still()
    assert one.app.window.desk is not None
    one.app.window.desk.sync._timer.setInterval(300)
    put(data, None, link="good", progress={"at": vietnam_now().isoformat(), "done": 9000, "total": 900_000, "speed": 9000})
    until(one, "sync_progress", "9 KB trên 879 KB")
    until(one, "status_line", "Đang gửi")
    monkeypatch.setattr(travel, "_STALE", -1.0)  # the process that wrote it has long gone
    one.hands.wait(lambda: not said(one, "sync_progress"), what="the line goes")
    monkeypatch.setattr("desktop.chrome._SILENT", timedelta())
    until(one, "status_line", "Đang có mạng")
