"""What is open is settled on screen, and the next dossier knows it."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.settings.topics import topics
from desktop.widgets import Button
from forms.catalogue import Catalogue
from forms.working_days import Calendar
from sync.events import Event
from sync.store import log
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_reception import CARD, focus

KEY = Qt.Key
LAST = {"valid_to": "2026-12-31"}
TOPICS = ("time", "fee", "day", "hours", "outage", "account", "nationwide", "offline_days", "scan_days")


def fill(one: Sitting, topic: str, **answers: str) -> None:
    one.hands.press(KEY.Key_F10)
    chip = one.hands.find(f"topic.{topic}")
    assert isinstance(chip, Button)
    chip.click()
    for name, words in answers.items():
        one.hands.go(f"settings.{name}")
        one.hands.type(words)


def save(one: Sitting) -> None:
    one.hands.press(KEY.Key_Return, Qt.KeyboardModifier.ControlModifier)


def rows(one: Sitting) -> str:
    assert one.app.window.desk is not None
    page = one.app.window.desk.settings
    return "\n".join(w.text() for w in page.findChildren(QWidget) if hasattr(w, "text") and w.isVisible())


def own_rules(one: Sitting) -> list[Event]:
    """What this counter settled: others of the commune, which other tests are, settle things too and are heard."""
    with closing(open_counter(one.data, writes=False)) as counter:
        return [event for event in log.of_counters(counter.store, "rule_set") if event.counter == counter.counter_id]


def test_a_limit_that_was_open_is_settled_and_counts_for_the_next_dossier(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("đăng ký kết hôn")
    assert one.app.window.desk is not None
    fees = one.app.window.desk.reception.fees
    one.hands.wait(lambda: fees._figures[1].text() == "chưa rõ thời hạn", what="open limit")
    fill(one, "time", procedure="đăng ký kết hôn", amount="1", unit="ngày làm")
    assert "Đăng ký kết hôn · 1.000894: chưa rõ thời hạn" in rows(one)
    save(one)
    one.hands.wait(lambda: "văn bản" in one.text("settings.trouble"), what="no source, no rule")
    one.hands.go("settings.source")
    one.hands.type("QĐ 163/QĐ-BTP")
    save(one)
    one.hands.wait(lambda: "Đăng ký kết hôn · 1.000894: 1 ngày làm việc" in rows(one), what="settled")
    one.hands.press(KEY.Key_F2)
    one.hands.wait(lambda: "17:00" in fees._figures[1].text(), what="a return date")


def test_a_fee_of_the_council_is_settled_taken_back_and_taken_again(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    fill(one, "fee", fee="xác nhận tình trạng hôn nhân", amount="15000", source="NQ 5/2026/NQ-HĐND")
    one.hands.go("settings.valid_from")
    one.hands.find("settings.valid_from").setText("")  # type: ignore[attr-defined]
    one.hands.type("01012026")
    save(one)
    one.hands.wait(lambda: "15.000\u00a0đ từ 01/01/2026 (NQ 5/2026/NQ-HĐND)" in rows(one), what="table")
    one.hands.press(KEY.Key_F2)
    one.hands.enter("giấy độc thân")
    one.hands.enter(CARD)
    assert one.app.window.desk is not None
    fees = one.app.window.desk.reception.fees
    one.hands.wait(lambda: fees._figures[0].text() == "15.000\u00a0đ", what="fee")
    one.hands.press(KEY.Key_F10)
    drop = next(b for b in one.app.window.desk.settings.findChildren(Button) if b.accessibleName().startswith("Bỏ: "))
    drop.click()
    one.hands.wait(lambda: fees._figures[0].text() == "Cần xác nhận", what="fee open again")
    one.hands.find("notice_action").click()  # type: ignore[attr-defined]
    one.hands.wait(lambda: fees._figures[0].text() == "15.000\u00a0đ", what="fee back")


def test_a_closed_day_is_told_to_the_clerk(sitting: Callable[[], Sitting]) -> None:
    from datetime import timedelta

    one = sitting()
    one.hands.enter("giấy độc thân")
    assert one.app.window.desk is not None
    fees = one.app.window.desk.reception.fees
    one.hands.wait(lambda: "3 ngày làm việc" in fees._notes[1].text(), what="limit")
    calendar, day = Calendar.load(), one.app.commands.now().date()
    for _ in range(2):
        day = calendar.next_working(day)
    fill(one, "day", date=f"{day:%d%m%Y}", kind="quầy", name="Bão số 9", source="CV 12")
    save(one)
    one.hands.press(KEY.Key_F2)
    one.hands.wait(lambda: "trừ Bão số 9" in fees._notes[1].text(), what="the closure named")
    assert day + timedelta(days=1) > day


@pytest.mark.parametrize(
    ("topic", "answers"),
    [
        ("hours", {"hours": "bảy giờ", "source": "x"}),
        ("hours", {"hours": "13:00-17:00, 07:00-14:00", "source": "x"}),
        ("account", {"bank": "12", "number": "1", "holder": "x", "source": "x"}),
        ("outage", {"system": "Hộ tịch", "source": "x"}),
        ("day", {"date": "31022026", "name": "x", "source": "x"}),
        ("time", {"amount": "3", "source": "x"}),
    ],
)
def test_what_is_malformed_is_said_beside_the_button(sitting: Callable[[], Sitting], topic: str, answers: dict[str, str]) -> None:
    one = sitting()
    fill(one, topic, **answers)
    save(one)
    one.hands.wait(lambda: one.text("settings.trouble"), what="trouble")
    assert not own_rules(one)
    assert focus().startswith("settings.")


def test_every_topic_says_what_is_in_force_in_words() -> None:
    from datetime import date

    from forms.local_rules import check_rule, fold_rules
    from tests.forms.test_local_rules import Act

    bodies = [
        check_rule("time", "1.000894/163/QĐ-BTP/*/", {"amount": 1, "unit": "working_day"}, "QĐ"),
        check_rule("fee", "1.004873/LPHT/2026-01-01", {"amount": 15000, "valid_from": "2026-01-01"} | LAST, "NQ"),
        check_rule("day", "2026-11-11", {"kind": "closed", "name": "Bão"}, "CV"),
        check_rule("hours", "", [["07:00", "11:00"], ["13:00", "16:30"]], "QĐ"),
        check_rule("outage", "o", {"start": "2026-11-11T08:00:00+07:00", "system": "Hộ tịch", "basis": "NQ 9"}, "TB"),
        check_rule("account", "", {"bank": "970405", "number": "123", "holder": "UBND"}, "QĐ"),
        check_rule("nationwide", "1.004873", {"listed": True}, "QĐ 12/2026"),
        check_rule("offline_days", "", 30, "QĐ 13/2026"),
        check_rule("scan_days", "", 90, "QĐ 14/2026"),
    ]
    rules = fold_rules([Act(n, b, number=n) for n, b in enumerate(bodies, 1)])
    found: dict[str, Any] = {t.kind: t.rows(rules) for t in topics(Catalogue.load(), Calendar.load(), date(2026, 11, 23))}
    said = {kind: " | ".join(words for words, _key, _needs in rows_) for kind, rows_ in found.items()}
    assert set(found) == set(TOPICS)
    for kind, words in (
        ("time", "1 ngày làm việc"),
        ("fee", "đến 31/12/2026 (NQ)"),
        ("day", "11/11/2026: Quầy đóng cửa"),
        ("hours", "07:00 – 11:00, 13:00 – 16:30"),
        ("outage", "chưa khắc phục, tạm dừng thời hạn theo NQ 9"),
        ("account", "UBND: 123, ngân hàng 970405"),
        ("nationwide", "Xác nhận tình trạng hôn nhân · 1.004873 (QĐ 12/2026)"),
        ("offline_days", "Quá 30 ngày không liên lạc máy chủ"),
        ("scan_days", "Quá 90 ngày từ khi được chấp nhận"),
    ):
        assert words in said[kind], kind
