"""Every kind of question on screen: addresses by new and old name, tables, times, conditions, what is known already."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget
from pytestqt.qtbot import QtBot

from desktop import fields
from desktop.fields.times import read_time
from forms.catalogue import Catalogue
from forms.example import examples
from forms.validation import check
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_reception import CARD, focus

KEY = Qt.Key
CATALOGUE = Catalogue.load()


def offers(one: Sitting) -> list[str]:
    shown = one.app.window.findChild(QListWidget, "address_offers")
    return [shown.item(n).text() for n in range(shown.count())] if shown and shown.isVisible() else []


def answer(one: Sitting, name: str) -> Any:
    assert one.app.window.desk is not None
    return one.app.window.desk.reception.line()["answers"].get(name)


def typing(one: Sitting, name: str, words: str) -> None:
    one.hands.go(f"answers.{name}")
    control = QApplication.focusWidget()
    if isinstance(control, QLineEdit):
        control.selectAll()
    one.hands.type(words)


def test_a_commune_by_its_new_name_is_one_key_away(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    typing(one, "child_birth_place", "Trạm y tế, bao thang, lao cai")
    assert offers(one)[0] == "Xã Bảo Thắng, Tỉnh Lào Cai"
    one.hands.press(KEY.Key_Return)
    assert offers(one) == []
    found = answer(one, "child_birth_place")
    assert found["text"] == "Trạm y tế, xã Bảo Thắng, tỉnh Lào Cai"
    assert "old" not in found
    one.hands.type("x")
    assert isinstance(answer(one, "child_birth_place"), str), "what was edited is plain text again"


def test_a_divided_commune_is_a_choice_and_its_old_address_stays_beside(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    typing(one, "child_home_town", "P. Dịch Vọng Hậu, Q. Cầu Giấy, HN")
    assert len([o for o in offers(one) if "Dịch Vọng Hậu" in o]) == 2
    one.hands.press(KEY.Key_Return)
    assert isinstance(answer(one, "child_home_town"), str), "nothing was chosen, so nothing is taken"
    typing(one, "child_home_town", "P. Dịch Vọng Hậu, Q. Cầu Giấy, HN")
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Return)
    found = answer(one, "child_home_town")
    assert found["old"]["text"] == "phường Dịch Vọng Hậu, quận Cầu Giấy, thành phố Hà Nội"
    assert found["unit"] != found["old"]["code"]
    typing(one, "child_home_town", "bao thang")
    one.hands.press(KEY.Key_Escape)
    assert offers(one) == []


def test_an_exact_address_is_known_without_a_choice(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("khai sinh")
    typing(one, "child_home_town", "XÃ BẢO THẮNG, TỈNH LÀO CAI")
    one.hands.press(KEY.Key_Tab)
    assert answer(one, "child_home_town")["text"] == "xã Bảo Thắng, tỉnh Lào Cai"
    typing(one, "child_home_town", "nơi không ai biết tên")
    one.hands.press(KEY.Key_Tab)
    assert answer(one, "child_home_town") == "nơi không ai biết tên", "nothing typed is lost"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("14h5", "14:05"), ("1405", "14:05"), ("905", "09:05"), ("9h", "09:00"), ("25h", "25h"), ("", ""), ("x", "x")],
)
def test_a_time_as_people_type_it(typed: str, read: str) -> None:
    assert read_time(typed) == read


def test_a_table_grows_by_enter_and_shrinks_by_its_button(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("thành lập hộ kinh doanh")
    assert one.hands.find("answers.trades.0.trade").isVisible(), "a required table begins with a row"
    typing(one, "trades.0.trade", "Bán lẻ gạo")
    one.hands.go("answers.trades.add")
    one.hands.press(KEY.Key_Return)
    assert focus() == "answers.trades.1.trade"
    one.hands.type("Sửa xe máy")
    assert [r["trade"] for r in answer(one, "trades")] == ["Bán lẻ gạo", "Sửa xe máy"]
    assert one.app.window.desk is not None
    form = one.app.window.desk.reception.form
    form.fields["trades"]._drop(form.fields["trades"]._rows[0][0])  # type: ignore[attr-defined]
    assert [r["trade"] for r in answer(one, "trades")] == ["Sửa xe máy"]
    assert one.hands.find("answers.trades.0.trade").text() == "Sửa xe máy"  # type: ignore[attr-defined]


def test_a_question_is_there_only_while_it_is_asked(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    one.hands.enter("giấy độc thân")
    assert not one.hands.find("answers.evidence").isVisible()
    typing(one, "marital_status", "đã ly hôn")
    assert one.hands.find("answers.evidence").isVisible()
    typing(one, "evidence", "Quyết định 12/2024")
    assert answer(one, "evidence") == "Quyết định 12/2024"
    one.hands.go("answers.marital_status")
    one.hands.press(KEY.Key_Delete)
    one.hands.type("chưa đăng ký")
    assert not one.hands.find("answers.evidence").isVisible()
    assert answer(one, "evidence") is None


def test_what_is_known_of_a_person_is_not_asked_again(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    line = next(examples(CATALOGUE, "1.004873", None, 1, 4))
    line["applicant"] |= {"personal_id": "010096000318", "birth_date": "1996-08-14", "gender": "male", "phone": "0987654321"}
    line["applicant"] |= {"full_name": "Giàng Văn Phúc", "address": "Thôn Cũ, xã Bảo Thắng, tỉnh Lào Cai"}
    counter.receive(line, "CB001", date_confirmed=True)
    counter.close()
    one = sitting()
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    assert one.app.window.desk is not None
    section = one.app.window.desk.reception.applicant
    one.hands.wait(lambda: section.value().get("phone") == "0987654321", what="phone of an earlier dossier")
    one.hands.wait(lambda: "khác hồ sơ trước: địa chỉ" in section.heading.summary.text(), what="difference")
    assert section.value()["address"].startswith("Thôn Nà Lộc"), "the card's word stands"


def test_who_has_no_number_gives_a_reason_and_nobody_else_is_asked(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    assert one.hands.find("applicant.no_id_reason").isVisible()
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    one.hands.wait(lambda: not one.hands.find("applicant.no_id_reason").isVisible())
    assert "no_id_reason" not in one.app.window.desk.reception.applicant.value()  # type: ignore[union-attr]


@pytest.mark.parametrize("definition", CATALOGUE.definitions, ids=lambda d: f"{d.id}@{d.version}")
def test_every_form_shows_and_gives_back_what_it_was_given(qtbot: QtBot, definition: Any) -> None:
    """A draft opened again is the draft that was left."""
    from desktop.reception.form_section import FormSection

    section = FormSection(dict)
    qtbot.addWidget(section)
    section.show_definition(definition)
    procedure = next(p for p in CATALOGUE.procedures if p.form == definition.id)
    for line in examples(CATALOGUE, procedure.code, None, 3, 11):
        section.show_definition(definition)
        section.set_value(line["answers"])
        shown = section.value()
        assert {n: shown.get(n) for n in line["answers"]} == line["answers"]
        found = check(procedure, definition, line | {"answers": shown}, date(2026, 11, 23))
        assert not [f for f in found if f.path[0] == "answers"]


def test_every_kind_has_a_widget() -> None:
    from forms.definition import KINDS

    assert set(fields._KINDS) == KINDS
