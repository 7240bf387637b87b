"""Outages of receiving systems at the counter: heard from the gateway, said quietly on F5 while they last, then history."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.crash import CrashGuard
from desktop.sync_panel import words
from forms.people import Person
from forms.receiving import EVENT
from forms.working_days import VIETNAM
from sync.contact import until_empty
from sync.counter import vietnam_now
from sync.events import Event, body_hash, hybrid
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from sync.group import Group
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_copy_lane import hear, received
from tests.desktop.test_layout import cut
from tests.desktop.test_sync_page import Nobody, said

NATIONAL, MINISTRY = "Cổng Dịch vụ công quốc gia", "Hệ thống một cửa của bộ, ngành"
SENT = "Hồ sơ đã ở máy chủ, sẽ tự gửi."
NOW = datetime(2026, 11, 23, 15, 30, tzinfo=VIETNAM)


def body(start: datetime, until: datetime | None = None, system: str = "national") -> dict[str, Any]:
    named = {"system": system, "name": NATIONAL if system == "national" else MINISTRY, "why": "maintenance"}
    return named | {"from": start.isoformat(), "until": until.isoformat() if until else None}


def told(hub: GatewayProcess, start: datetime) -> None:
    """The relay says it in the feed of the commune; the gateway does not run meanwhile."""
    secret, said = b"s" * 16, body(start, system="ministry")
    with closing(Ledger(hub.data)) as ledger:
        held, at = ledger.held("portal", "e"), hybrid(round(start.timestamp() * 1000))
        digest = body_hash(secret, "e", 1, said)
        group = Group((Event("portal", "e", 1, "", EVENT, at, "", held.head, digest, said),), {"": secret.hex()})
        ledger.store(lambda batch: batch.add_group(hub.commune, group))


def lines(one: Sitting) -> list[str]:
    """What the history says, from top to bottom."""
    assert one.app.window.desk is not None
    rows = [w for w in one.app.window.desk.sync.findChildren(QWidget) if w.objectName() == "contact" and w.isVisible()]
    return [" ".join(label.text() for label in row.findChildren(QLabel)) for row in sorted(rows, key=lambda w: w.y())]


Heard = tuple[Sitting, str, datetime]


@pytest.fixture
def heard(
    tmp_path: Path, qtbot: QtBot, gateway: Callable[..., GatewayProcess], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Heard]:
    """A sitting whose store has heard of an outage that lasts, with a dossier that waits for it, and when it began."""
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    hub, data, now = gateway(), tmp_path / "counter", vietnam_now()
    start = max(now - timedelta(minutes=25), now.replace(hour=0, minute=0))  # of one day
    enrolled(data, hub)
    hub.stop()
    told(hub, start)
    hub.start()
    counter = open_counter(data)
    which = received(counter, "1.004873")
    until_empty(counter, hub.url, time.monotonic() + 60, Traffic())
    counter.close()
    one = Sitting(data, tmp_path, qtbot)
    one.app._follower = Nobody()  # type: ignore[assignment]
    one.sign_in()
    yield one, which, start
    one.stop()


def test_it_is_said_while_it_lasts_and_then_stands_in_the_history(heard: Heard) -> None:
    one, which, start = heard
    one.app.commands.show_wanted.emit("dossiers", which)
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "story_road"), what="the dossier")
    assert said(one, "story_road") == f"{MINISTRY} chưa nhận được từ {start:%H:%M %d/%m}"
    one.hands.press(Qt.Key.Key_F5)
    one.hands.wait(lambda: said(one, "system_outage"), what="the outage")
    assert said(one, "system_outage").startswith(f"{MINISTRY} chưa nhận được từ {start:%H:%M}")
    assert said(one, "system_outage").endswith(f" (bảo trì). {SENT}")
    assert "Cài đặt" in said(one, "system_outage_announced")
    one.hands.wait(lambda: any("không nhận (bảo trì), chưa nhận lại" in line for line in lines(one)), what="history")
    assert one.hands.find("send_now").hasFocus()
    one.hands.look("lasts")
    assert cut(one.app.window) == []
    one.app.commands.staff.take({"CB001": Person("CB001", "Trần Thị Kiểm", ("clerk",))})
    one.app.window.desk.sync.reload()  # type: ignore[union-attr]
    one.hands.wait(lambda: not said(one, "system_outage_announced"), what="not for who may not enter it")
    assert said(one, "system_outage")
    counter = open_counter(one.data)
    hear(counter, EVENT, body(start, start + timedelta(seconds=1), "ministry"))
    counter.close()
    one.hands.wait(lambda: not said(one, "system_outage"), what="over")
    span = f"{start:%H:%M} – "
    one.hands.wait(lambda: any(line.startswith(span) and "không nhận (bảo trì)" in line for line in lines(one)), what="history")
    one.app.commands.show_wanted.emit("dossiers", which)
    one.hands.wait(lambda: said(one, "story_road") == f"Đi đường: {MINISTRY}", what="the road is free")


def shown(start: datetime, until: datetime | None = None, lasts: bool = False, **more: Any) -> dict[str, Any]:
    return body(start, until) | {"lasts": lasts} | more


def spoken(*outages: dict[str, Any], link: str = "good", contact: datetime | None = NOW) -> str:
    return words.outage_words(list(outages), {"last_contact": contact.isoformat() if contact else None}, link, NOW)


AT = NOW.replace(hour=14, minute=5)
LASTS = f"{NATIONAL} chưa nhận được từ 14:05 (bảo trì)."


def test_the_line_says_what_is_known_and_when_it_was_heard() -> None:
    lasting = shown(AT, lasts=True)
    assert spoken(lasting) == f"{LASTS} {SENT}"
    assert spoken(lasting, link="offline", contact=NOW.replace(minute=1)) == f"Tin lúc 15:01: {LASTS} {SENT}"
    assert spoken(shown(AT - timedelta(days=1), lasts=True)).startswith(f"{NATIONAL} chưa nhận được từ 14:05 22/11 (bảo trì).")
    assert spoken(lasting, shown(AT, lasts=True, name=MINISTRY, why="line")) == (
        f"{LASTS} {MINISTRY} chưa nhận được từ 14:05 (mất liên lạc). {SENT}"
    )
    assert spoken(shown(AT, lasts=True, why="denied")).endswith("Cần người phụ trách máy chủ xem lại tài khoản kết nối.")
    assert spoken(shown(AT, lasts=True, why="moved")) == f"{NATIONAL} chưa nhận được từ 14:05. {SENT}"
    assert spoken() == spoken(shown(AT, NOW), shown(AT - timedelta(hours=3))) == ""
    assert words.announced_words([shown(AT, NOW)]) == ""


def test_the_history_has_outages_among_the_contacts() -> None:
    def contact(hour: int, minute: int, **more: Any) -> dict[str, Any]:
        return {
            "at": NOW.replace(hour=hour, minute=minute).isoformat(),
            "ok": True,
            "sent": 0,
            "heard": 0,
            "problem": None,
        } | more

    contacts = [contact(13, 0, heard=2), contact(14, 30), contact(14, 50), contact(15, 25)]
    past = AT - timedelta(days=1)
    outages = [
        shown(past - timedelta(hours=20), past),
        shown(past, past + timedelta(minutes=30)),
        shown(past + timedelta(hours=1)),
        shown(AT, lasts=True),
    ]
    assert words.contact_lines(contacts, NOW, 20, outages) == [
        ("14:30 – 15:25", "Liên lạc được (3 lần)", True),
        ("14:05", f"{NATIONAL} không nhận (bảo trì), chưa nhận lại", False),
        ("13:00", "Nhận 2 việc", True),
        ("15:05 22/11", f"{NATIONAL} không nhận (bảo trì), không rõ lúc nhận lại", False),
        ("14:05 – 14:35 22/11", f"{NATIONAL} không nhận (bảo trì)", False),
        ("14:05 22/11", f"{NATIONAL} nhận lại, đã không nhận từ 18:05 21/11 (bảo trì)", False),
    ]
    assert len(words.contact_lines(contacts, NOW, 3, outages)) == 3
