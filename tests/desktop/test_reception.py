"""A dossier from the first key to the printed receipt, with the keyboard alone."""

import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop.app import Application
from forms.problem import Problem
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting

CARD = "010096000318||Giàng Văn Phúc|14081996|Nam|Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai|01012022"
KEY = Qt.Key


def focus() -> str:
    widget = QApplication.focusWidget()
    return widget.objectName() if widget else ""


def tab_to(sitting: Sitting, name: str) -> None:
    """Tab until the named control has the keyboard; a control that Tab does not reach fails."""
    for _ in range(80):
        if focus() == name:
            return
        sitting.hands.press(KEY.Key_Tab)
    raise AssertionError(f"Tab never came to {name}")


def fill_certified_copy(sitting: Sitting, card: str = CARD) -> None:
    hands = sitting.hands
    hands.enter("sao y")
    hands.enter(card)
    hands.wait(lambda: focus() == "applicant.phone")
    for name, answer in (("document_name", "Giấy phép lái xe"), ("pages", "2"), ("copies", "3")):
        tab_to(sitting, f"answers.{name}")
        hands.type(answer)
    tab_to(sitting, "paper.BC.tick")
    hands.press(KEY.Key_Space)


def test_keyboard_alone_is_enough(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    fill_certified_copy(one)
    one.hands.wait(lambda: one.text("still_missing") == "Đủ để tiếp nhận", what="nothing missing")
    assert "Giàng Văn Phúc" in one.text("live_receipt")
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    one.hands.wait(lambda: list(one.prints.glob("*.pdf")), what="print")
    code = one.text("received_code")
    counter = open_counter(data, writes=False)
    [row] = counter.dossiers(code)
    dossier = counter.dossier(row["id"])
    counter.close()
    assert dossier["code"] == code
    assert dossier["applicant"]["full_name"] == "Giàng Văn Phúc"
    assert dossier["applicant"]["gender"] == "male"
    assert dossier["answers"]["pages"] == 2
    assert [p["code"] for p in dossier["papers"]] == ["BC"]
    [printed] = one.prints.glob("*.pdf")
    document = pypdfium2.PdfDocument(printed)
    width, height = document[0].get_size()
    document.close()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (148, 210)  # A5, millimetres
    one.hands.press(KEY.Key_F2, Qt.KeyboardModifier.ControlModifier)
    assert one.app.window.desk is not None
    assert one.app.window.desk.reception.line()["applicant"]["full_name"] == "Giàng Văn Phúc"
    assert focus() == "procedure_search"


def test_too_early_goes_to_what_is_missing_and_says_it(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.press(KEY.Key_F9)
    assert focus() == "procedure_search"
    one.hands.enter("khai sinh")
    one.hands.press(KEY.Key_F9)
    assert focus() == "applicant.full_name"
    assert "Họ, chữ đệm và tên" in one.text("notice")
    one.hands.type("A")
    assert not one.hands.find("notice").isVisible()
    one.hands.press(KEY.Key_3, Qt.KeyboardModifier.AltModifier)
    assert focus() == "answers.child_name"


def test_a_draft_is_kept_within_a_second_and_comes_back_exactly(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    one.hands.wait(lambda: focus() == "applicant.phone")
    one.hands.go("answers.mother.scan")
    one.hands.type("Lý Thị Mẩy")
    one.hands.go("answers.child_birth_date")
    one.hands.type("2/11/20")
    last_key = time.monotonic()
    one.hands.wait(lambda: "Đã giữ nháp" in one.text("draft_state"), what="draft kept")
    assert time.monotonic() - last_key < 1.0
    assert one.app.window.desk is not None
    typed = one.app.window.desk.reception.line()
    counter = open_counter(data, writes=False)
    [draft] = counter.drafts()
    counter.close()
    assert draft.content == typed
    one.stop()
    again = sitting()
    again.hands.wait(lambda: again.hands.find("draft_offer").isVisible(), what="offer")
    assert "Giàng Văn Phúc" in again.text("draft_offer")
    again.hands.find("draft_resume").click()  # type: ignore[attr-defined]
    assert again.app.window.desk is not None
    assert again.app.window.desk.reception.line() == typed


def test_a_dropped_draft_can_be_taken_back(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.wait(lambda: "Đã giữ nháp" in one.text("draft_state"), what="draft kept")
    one.stop()
    two = sitting()
    two.hands.wait(lambda: two.hands.find("draft_offer").isVisible(), what="offer")
    two.hands.find("draft_drop").click()  # type: ignore[attr-defined]
    two.hands.wait(lambda: two.hands.find("notice_action").isVisible(), what="undo")
    two.hands.find("notice_action").click()  # type: ignore[attr-defined]
    two.stop()
    counter = open_counter(data, writes=False)
    assert len(counter.drafts()) == 1
    counter.close()


def test_a_card_is_read_by_keys_and_by_paste_and_a_bad_one_changes_nothing(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.press(KEY.Key_F8)
    assert focus() == "applicant.scan"
    one.hands.enter("123|not a card")
    assert one.app.window.desk is not None
    assert one.app.window.desk.reception.line()["applicant"] == {}
    assert "Không đọc được" in one.hands.find("applicant.scan").accessibleDescription()
    QGuiApplication.clipboard().setText(CARD)
    one.hands.press(KEY.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert one.app.window.desk.reception.line()["applicant"]["personal_id"] == "010096000318"


def test_an_input_method_writes_into_a_name(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.go("applicant.full_name")
    field = one.hands.find("applicant.full_name")
    assert isinstance(field, QLineEdit)
    event = QInputMethodEvent()
    event.setCommitString("Đặng Thị Ửng")
    QApplication.sendEvent(field, event)
    assert one.app.window.desk is not None
    assert one.app.window.desk.reception.line()["applicant"]["full_name"] == "Đặng Thị Ửng"


def test_lists_are_searched_without_marks(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("1.001193")
    one.hands.go("answers.child_ethnicity")
    one.hands.type("kho me")
    assert one.app.window.desk is not None
    assert one.app.window.desk.reception.line()["answers"]["child_ethnicity"] == "Khơ-me"


def test_a_refused_sign_in_says_how_many_tries_remain(data: Path, sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.hands.enter("không phải câu này")
    one.hands.wait(lambda: "Còn 4 lần" in one.text("sign_in_message"), what="refusal")


def test_a_second_window_on_the_same_data_is_told_so(sitting: Callable[[], Sitting], data: Path) -> None:
    sitting()
    second = Application(["--data", str(data), "--theme", "light"])
    with pytest.raises(Problem, match="already_open"):
        second.start()
    second.tasks.stop()


def test_search_finds_the_owner_without_marks(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    fill_certified_copy(one, CARD.replace("Giàng", "Khuất"))  # other tests' dossiers may have come from the shared gateway
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    one.hands.press(KEY.Key_K, Qt.KeyboardModifier.ControlModifier)
    one.hands.type("khuat van phuc")
    one.hands.wait(lambda: one.text("dossier_count") == "1 hồ sơ", what="hit")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "story_code"), what="story")
    one.hands.type(" không có")
    one.hands.wait(lambda: one.text("dossier_count") == "0 hồ sơ", what="no hit")


def test_a_draft_put_aside_is_offered_and_a_received_one_is_gone(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.hands.find("draft_offer").isVisible(), what="offer")
    fill_certified_copy(one)
    assert one.app.window.desk is not None
    one.app.window.desk.reception.receive()
    one.app.window.desk.reception.receive()  # a second press while the first one works
    one.hands.wait(lambda: one.text("received_code"), what="code")
    one.hands.wait(lambda: list(one.prints.glob("*.pdf")), what="print")
    one.hands.look("received")
    code = one.text("received_code")
    one.stop()
    counter = open_counter(data, writes=False)
    assert [d.content["procedure"] for d in counter.drafts()] == ["1.001193"]
    own = counter.store.rows("SELECT dossier FROM events WHERE counter = ? AND name = 'received'", counter.counter_id)
    [row] = counter.dossiers(code)
    assert own == [(row["id"],)]
    assert counter.printed(row["id"], "receipt") == 1
    counter.close()


def test_locking_keeps_the_last_key(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.go("applicant.full_name")
    one.hands.type("Đặng Ổn")
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    counter = open_counter(data, writes=False)
    assert [d.content["applicant"] for d in counter.drafts()] == [{"full_name": "Đặng Ổn"}]
    counter.close()
