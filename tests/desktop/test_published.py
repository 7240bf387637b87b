"""Procedures that the portal publishes come to the open window, without a restart and without a wrong tick."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget

from forms.published import PUBLISHED
from sync.store import log
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.relay.listing_samples import PortalLog, code, paper, record, time

Begin = Callable[[], Sitting]
READ = "1.004873"


def hear(data: Path, portal: PortalLog, *bodies: dict[str, Any]) -> None:
    """What the sync process would hear, in a process of its own as far as the window can tell."""
    with closing(open_counter(data)) as counter, counter.store.write():
        for event in portal.say((PUBLISHED, body) for body in bodies):
            log.keep_secret(counter.store, event.counter, event.epoch, "", portal.secret)
            log.add_heard(counter.store, event)


def body(number: int, version: str, *papers: str, **more: Any) -> dict[str, Any]:
    checklist = [{"TRUONGHOP": "", "GIAYTO": [paper(name) for name in papers]}]
    one = record(number, TENTTHC=f"Đăng ký nuôi chim {number}", THANHPHANHOSO=checklist, **more)
    return {"code": code(number), "version": version, "valid_from": "2026-11-01", "record": one}


def offered(one: Sitting, words: str) -> list[str]:
    found = one.hands.find("procedure_results")
    assert isinstance(found, QListWidget)
    one.hands.go("procedure_search")
    one.hands.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    one.hands.type(words)
    return [found.item(n).text() for n in range(found.count())]


def ticked(one: Sitting) -> dict[str, bool]:
    assert one.app.window.desk
    return {row.need.name: row.tick.isChecked() for row in one.app.window.desk.reception.papers.rows}


def test_a_new_procedure_is_offered_and_a_changed_one_keeps_only_the_ticks_that_are_true(sitting: Begin, data: Path) -> None:
    portal, one = PortalLog(), sitting()
    desk = one.app.window.desk
    assert desk and not any("chim 1" in row for row in offered(one, "nuôi chim"))
    hear(data, portal, body(1, "1/QĐ-THU", "Đơn đề nghị", "Bản vẽ chuồng", "Giấy phép cũ"))
    one.hands.wait(lambda: any("chim 1" in row for row in offered(one, "nuôi chim")), what="the new procedure")
    one.hands.press(Qt.Key.Key_Return)
    for row in desk.reception.papers.rows[1:]:
        row.tick.click()
    assert ticked(one) == {"Đơn đề nghị": False, "Bản vẽ chuồng": True, "Giấy phép cũ": True}

    hear(data, portal, body(1, "1/QĐ-THU · ab12", "Giấy phép cũ", "Bản đồ"))
    one.hands.wait(lambda: len(ticked(one)) == 2, what="the changed checklist")
    assert ticked(one) == {"Giấy phép cũ": True, "Bản đồ": False}
    assert "vừa có bản mới" in " ".join(label.text() for label in desk.notice.findChildren(QLabel))

    desk.show_screen("handbook")
    hear(data, portal, body(2, "2/QĐ-THU", "Đơn"), body(3, "9/QĐ-KHAC", "Đơn") | {"code": READ} | {"record": other_record()})
    one.hands.wait(lambda: desk.handbook.index._model.place(code(2)) >= 0, what="another procedure in the handbook")
    desk.handbook.open_procedure(READ)
    words = " ".join(label.text() for label in desk.handbook.article.findChildren(QLabel))
    assert "9/QĐ-KHAC" in words and "chưa ai" not in words


def other_record() -> dict[str, Any]:
    return record(3, MaTTHC=READ, CACHTHUCTHUCHIEN=[{"KENH": "1", "THOIGIAN": [time("9")]}])


def test_a_draft_of_a_published_procedure_is_there_in_the_morning(sitting: Begin, data: Path) -> None:
    hear(data, PortalLog(), body(1, "1/QĐ-THU", "Đơn đề nghị"))
    one = sitting()
    assert one.app.window.desk
    one.hands.wait(lambda: any("chim 1" in row for row in offered(one, "nuôi chim")), what="the procedure")
    one.hands.press(Qt.Key.Key_Return)
    one.app.window.desk.reception.autosave.flush(last=True)
    one.stop()
    two = sitting()
    offer = two.hands.find("draft_offer")
    two.hands.wait(lambda: "nuôi chim 1" in offer.toolTip() + offer.text(), what="the draft by its procedure")  # type: ignore[attr-defined]
    two.hands.find("draft_resume").click()  # type: ignore[attr-defined]
    two.hands.wait(lambda: set(ticked(two)) == {"Đơn đề nghị"}, what="its checklist")
