"""What the window says and where the keyboard goes after a slip."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from tests.desktop.conftest import Sitting
from tests.desktop.test_clerks_slips import CARD, certified_copy, focus, line

KEY = Qt.Key


def shown(one: Sitting, words: str) -> bool:
    return any(w.isVisible() and w.text() == words for w in one.app.window.findChildren(QLabel))


def test_what_is_wrong_is_not_called_missing(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    certified_copy(one)
    one.hands.go("applicant.personal_id")
    one.hands.find("applicant.personal_id").selectAll()  # type: ignore[attr-defined]
    one.hands.type("0101")
    one.hands.press(KEY.Key_F9)
    assert one.text("notice") == "Chưa tiếp nhận được: Số định danh: cần đủ 12 chữ số."
    assert one.text("still_missing") == "Số định danh: cần đủ 12 chữ số"
    assert shown(one, "Số định danh – cần đủ 12 chữ số")


def test_digits_in_a_name_are_remarked(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.go("answers.child_name")
    one.hands.enter("Giàng Thị 5")
    one.hands.wait(lambda: any("tên có chữ số" in w.text() for w in one.app.window.findChildren(QLabel)), what="remark")


def test_a_card_scanned_into_the_name_of_a_child_leaves_its_name(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.go("answers.child_name")
    one.hands.enter(CARD)
    assert line(one)["answers"]["child_name"] == "Giàng Văn Phúc"  # type: ignore[index]


def test_a_borrowed_person_that_was_changed_says_so(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    one.hands.wait(lambda: focus() == "applicant.phone")
    one.hands.find("answers.father.borrow").click()  # type: ignore[attr-defined]
    assert shown(one, "lấy từ mục 2")
    name = one.hands.find("answers.father.full_name")
    assert isinstance(name, QLineEdit)
    one.hands.go("answers.father.full_name")
    name.selectAll()
    one.hands.type("Giàng Văn Phù")
    one.hands.wait(lambda: shown(one, "khác mục 2"), what="pill")


def test_the_case_comes_back_with_its_procedure(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    assert one.app.window.desk is not None
    chosen = one.app.window.desk.reception.procedure.procedure
    assert chosen is not None
    other = chosen.cases[-1].id
    one.hands.find(f"case.{other}").click()  # type: ignore[attr-defined]
    for said in ("sao y", "khai sinh"):
        one.hands.go("procedure_search")
        one.hands.find("procedure_search").selectAll()  # type: ignore[attr-defined]
        one.hands.enter(said)
        one.hands.wait(lambda: focus() == "applicant.scan")
    assert line(one)["case"] == other


def test_unlocking_puts_the_keyboard_back(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    certified_copy(one)
    one.hands.go("answers.document_name")
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.sign_in_again()
    one.hands.wait(lambda: focus() == "answers.document_name", what="keyboard")
    one.hands.wait(lambda: not one.hands.find("draft_offer").isVisible(), what="no offer of itself")


def test_going_on_with_a_draft_is_near_and_giving_it_up_is_far(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    certified_copy(one)
    one.hands.press(KEY.Key_N, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.hands.find("draft_offer").isVisible(), what="offer")
    one.hands.press(KEY.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert focus() == "draft_resume"
    assert one.text("draft_state") == "Chưa có gì để giữ"
    one.hands.go("put_aside_button")
    walked = []
    for _ in range(4):
        one.hands.press(KEY.Key_Tab)
        walked.append(focus())
    assert walked == ["before.guided", "before.declined", "draft_later", "draft_drop"]
    one.hands.press(KEY.Key_Space)
    one.hands.wait(lambda: one.hands.find("notice_action").isVisible(), what="undo")
    assert focus() == "procedure_search"


def test_a_search_in_a_list_is_taken_back_letter_by_letter(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.go("answers.child_ethnicity")
    one.hands.type("mon")
    one.hands.press(KEY.Key_Backspace)
    one.hands.press(KEY.Key_Backspace)
    one.hands.type("ong")
    assert line(one)["answers"]["child_ethnicity"] == "Mông"  # type: ignore[index]
    one.hands.press(KEY.Key_Delete)
    assert "child_ethnicity" not in line(one)["answers"]  # type: ignore[operator]


def test_a_name_typed_on_the_scan_target_takes_the_place_of_the_old_one(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("sao y")
    one.hands.enter(CARD)
    one.hands.wait(lambda: focus() == "applicant.phone")
    one.hands.press(KEY.Key_F8)
    one.hands.type("Lý Thị Mẩy")
    assert line(one)["applicant"]["full_name"] == "Lý Thị Mẩy"  # type: ignore[index]


def test_the_search_above_is_empty_after_use(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.press(KEY.Key_K, Qt.KeyboardModifier.ControlModifier)
    one.hands.type("giang")
    one.hands.press(KEY.Key_F2)
    assert one.text("search") == ""
    assert isinstance(QApplication.focusWidget(), QWidget)
