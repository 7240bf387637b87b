"""A clerk's time: a birth registration from nothing to the printed receipt, no mouse, counted key by key."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.conftest import open_counter
from tests.desktop.conftest import Sitting

KEY, MOST = Qt.Key, 25
FATHER = "010096000318||Giàng Văn Phúc|14081996|Nam|Thôn Nà Lộc, xã Bảo Thắng, tỉnh Lào Cai|01012022"
MOTHER = "010198000222||Lý Thị Mẩy|02031998|Nữ|Thôn Nà Lộc, xã Bảo Thắng, tỉnh Lào Cai|01012022"


CHILD = (
    ("Giàng Thị Ngọc Ẩn", "relation"),
    ("cha đẻ", "child_birth_date"),
    ("20112026", "child_gender"),
    ("nữ", "child_ethnicity"),
    ("mông", "child_nationality"),
    ("", "child_birth_place"),
)
"""What is typed into a field, and the field that Tab then comes to."""


class Counting:
    """Keys that are not data. What a reader sends with its closing Enter, and letters and digits, are the data."""

    def __init__(self, sitting: Sitting) -> None:
        self.sitting, self.actions = sitting, 0

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.actions += 1
        self.sitting.hands.press(key, modifier)

    def data(self, text: str) -> None:
        self.sitting.hands.type(text)

    def card(self, text: str) -> None:
        self.sitting.hands.enter(text)

    def at(self, name: str) -> None:
        self.sitting.hands.wait(lambda: focus() == name, what=f"{name}, not {focus()}")


def focus() -> str:
    widget = QApplication.focusWidget()
    return widget.objectName() if widget else ""


def fill_in(one: Sitting, clerk: Counting) -> None:
    """From the empty page to F9."""
    alt = Qt.KeyboardModifier.AltModifier
    clerk.data("khai sinh")
    clerk.key(KEY.Key_Return)
    clerk.card(FATHER)
    clerk.at("applicant.phone")
    clerk.data("0912345678")
    clerk.key(KEY.Key_3, alt)
    clerk.at("answers.child_name")
    for answer, following in CHILD:
        clerk.data(answer)
        clerk.key(KEY.Key_Tab)
        clerk.at(f"answers.{following}")
    clerk.data("Trạm Y tế, xã bảo thắng, lào cai")
    clerk.key(KEY.Key_Return)  # the one commune it can mean
    clerk.key(KEY.Key_Tab)
    clerk.data("xã bảo thắng, lào cai")
    clerk.key(KEY.Key_Return)
    clerk.key(KEY.Key_Tab)
    clerk.at("answers.mother.scan")
    clerk.card(MOTHER)
    clerk.at("answers.mother.ethnicity")
    clerk.data("mông")
    clerk.key(KEY.Key_4, alt)
    clerk.at("paper.TK.tick")
    clerk.key(KEY.Key_Space)
    clerk.key(KEY.Key_Down)
    clerk.key(KEY.Key_Space)
    clerk.key(KEY.Key_F9)


def test_a_birth_registration_takes_at_most_25_keys_beyond_its_data(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    clerk = Counting(one)
    fill_in(one, clerk)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    one.hands.wait(lambda: list(one.prints.glob("*.pdf")), what="print")
    print(f"keys beyond the data: {clerk.actions}")
    assert clerk.actions <= MOST
    counter = open_counter(data, writes=False)
    [row] = counter.dossiers(one.text("received_code"))
    dossier = counter.dossier(row["id"])
    counter.close()
    answers = dossier["answers"]
    assert dossier["incomplete"] == []
    assert answers["father"]["personal_id"] == "010096000318", "the applicant is the father because the form says so"
    assert answers["mother"]["full_name"] == "Lý Thị Mẩy"
    assert "address" not in answers["mother"], "the card gave number and date, so residence is not asked"
    assert answers["child_birth_place"]["text"] == "Trạm Y tế, xã Bảo Thắng, tỉnh Lào Cai"
    assert answers["child_home_town"]["unit"] == answers["child_birth_place"]["unit"]
