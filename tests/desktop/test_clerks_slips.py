"""What a hurried clerk does by mistake, and must not pay for."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from tests.desktop.conftest import Sitting

KEY = Qt.Key
CARD = "010096000318||Giàng Văn Phúc|14081996|Nam|Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai|01012022"


def focus() -> str:
    widget = QApplication.focusWidget()
    return widget.objectName() if widget else ""


def line(one: Sitting) -> dict[str, object]:
    assert one.app.window.desk is not None
    return one.app.window.desk.reception.line()


def certified_copy(one: Sitting) -> None:
    one.hands.enter("sao y")
    one.hands.enter(CARD)
    one.hands.wait(lambda: focus() == "applicant.phone")
    for name, answer in (("document_name", "Giấy phép lái xe"), ("pages", "2"), ("copies", "3")):
        one.hands.go(f"answers.{name}")
        one.hands.enter(answer)
    one.hands.go("paper.BC.tick")
    one.hands.press(KEY.Key_Space)


def test_coming_back_from_another_screen_goes_on_where_one_was(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    certified_copy(one)
    one.hands.go("answers.document_name")
    one.hands.press(KEY.Key_F3)
    one.hands.press(KEY.Key_F2)
    assert focus() == "answers.document_name"
    one.hands.go("receive_button")
    one.hands.press(KEY.Key_F3)
    one.hands.press(KEY.Key_F2)
    assert focus() != "receive_button"


def test_another_procedure_and_back_keeps_what_was_typed_and_ticks_nothing_else(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.go("answers.child_name")
    one.hands.enter("Giàng Thị Ẩn")
    one.hands.go("paper.TK.tick")
    one.hands.press(KEY.Key_Space)
    for said, papers in (("trich luc", []), ("khai sinh", ["TK"])):
        one.hands.go("procedure_search")
        search = one.hands.find("procedure_search")
        assert isinstance(search, QLineEdit)
        search.selectAll()
        one.hands.enter(said)
        one.hands.wait(lambda: focus() == "applicant.scan")
        assert [p["code"] for p in line(one)["papers"]] == papers  # type: ignore[attr-defined]
    assert line(one)["answers"]["child_name"] == "Giàng Thị Ẩn"  # type: ignore[index]


def test_enter_walks_past_what_takes_away_and_a_person_given_up_comes_back(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.go("answers.mother.scan")
    one.hands.enter(CARD.replace("Giàng Văn Phúc", "Lý Thị Mẩy"))
    one.hands.wait(lambda: focus().startswith("answers.mother."))
    for _ in range(8):
        one.hands.press(KEY.Key_Return)
    assert line(one)["answers"]["mother"]["full_name"] == "Lý Thị Mẩy"  # type: ignore[index]
    one.hands.go("answers.mother.again")
    one.hands.press(KEY.Key_Space)
    assert "mother" not in line(one)["answers"]  # type: ignore[operator]
    undo = one.hands.find("answers.mother.undo")
    assert isinstance(undo, QPushButton)
    undo.click()
    assert line(one)["answers"]["mother"]["full_name"] == "Lý Thị Mẩy"  # type: ignore[index]


def test_a_name_begun_on_the_scan_target_is_whole(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    for target, name in (("answers.mother.scan", "answers.mother.full_name"), ("applicant.scan", "applicant.full_name")):
        one.hands.go(target)
        one.hands.type("ly thi may")
        field = one.hands.find(name)
        assert isinstance(field, QLineEdit)
        assert field.text() == "ly thi may"


def test_a_card_scanned_into_a_name_is_read_as_a_card(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("sao y")
    one.hands.go("applicant.full_name")
    one.hands.enter(CARD)
    assert line(one)["applicant"]["full_name"] == "Giàng Văn Phúc"  # type: ignore[index]
    assert line(one)["applicant"]["personal_id"] == "010096000318"  # type: ignore[index]


def test_a_broken_card_text_is_no_name(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("sao y")
    one.hands.go("applicant.full_name")
    one.hands.enter("01009600031||Giàng|x|y|z|t")
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: "chưa đúng dạng" in one.text("still_missing"), what="said")


def test_after_locking_the_same_dossier_lies_on_the_desk(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    certified_copy(one)
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.sign_in_again()
    one.hands.wait(lambda: line(one)["answers"].get("document_name") == "Giấy phép lái xe", what="back")  # type: ignore[attr-defined]
    assert line(one)["applicant"]["full_name"] == "Giàng Văn Phúc"  # type: ignore[index]


def test_a_fee_that_waits_for_its_quantity_is_not_said_to_be_free(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("sao y")
    one.hands.wait(lambda: "còn thiếu số lượng" in one.text("live_receipt"), what="receipt")
    assert "Miễn lệ phí" not in one.text("live_receipt")
