"""Công điện 111: what may not be asked of a resident, in packs, in forms and in a supplement request."""

from datetime import date
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.guard import asks_address_confirmation, asks_vneid, check_supplement, filler_number, only_on_card
from forms.problem import Problem
from forms.validation import check

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)
BIRTH = CATALOGUE.procedure("1.001193")
assert BIRTH
CASE = BIRTH.cases[0]


def refused(item: dict[str, Any], card_shown: bool = True) -> str:
    with pytest.raises(Problem) as caught:
        check_supplement(CASE, [item], card_shown)
    return caught.value.code


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"paper": "GCS"}, "reason_missing"),
        ({"name": "Sổ hộ khẩu", "reason": "Cần"}, "paper_outside_case"),
        ({"paper": "KHONGCO", "name": "Sổ hộ khẩu", "reason": "Cần"}, "paper_outside_case"),
        ({"name": "Xác nhận địa chỉ cũ và mới là một", "reason": "Cần", "basis": "Luật X"}, "address_confirmation_asked"),
        ({"name": "Giấy cam kết về thay đổi địa giới", "reason": "Cần", "basis": "Luật X"}, "address_confirmation_asked"),
        ({"name": "Ảnh chụp màn hình VNeID mức 2", "reason": "Cần", "basis": "Luật X"}, "vneid_asked"),
        ({"name": "Bản sao căn cước công dân", "reason": "Cần", "basis": "Luật X"}, "card_asked_again"),
        ({"paper": "CT", "reason": "Cần"}, "card_asked_again"),
    ],
)
def test_what_a_supplement_request_may_not_ask(item: dict[str, Any], code: str) -> None:
    assert refused(item) == code


def test_nothing_is_not_a_request() -> None:
    with pytest.raises(Problem, match="nothing_asked"):
        check_supplement(CASE, [], True)


def test_a_paper_of_the_case_or_one_that_the_law_names_may_be_asked() -> None:
    check_supplement(CASE, [{"paper": "GCS", "reason": "Thiếu dấu"}], True)
    check_supplement(CASE, [{"name": "Văn bản của cơ sở y tế", "reason": "Cần", "basis": "Điều 16 Luật Hộ tịch"}], True)
    check_supplement(CASE, [{"paper": "CT", "reason": "Chưa khai thác được dữ liệu"}], card_shown=False)


@pytest.mark.parametrize("number", ["000000000000", "111111111111", "123456789012", "000000000123"])
def test_a_filler_is_no_personal_number(number: str) -> None:
    assert filler_number(number)
    line = next(examples(CATALOGUE, "1.001193", None, 1, 1))
    line["applicant"]["personal_id"] = number
    assert ("filler_number", True) in [(f.code, f.hard) for f in check(BIRTH, None, line, TODAY)]


def test_who_has_no_number_says_why() -> None:
    line = next(examples(CATALOGUE, "1.001193", None, 1, 1))
    del line["applicant"]["personal_id"]
    definition = CATALOGUE.definition(BIRTH)
    assert [".".join(f.path) for f in check(BIRTH, definition, line, TODAY)] == ["applicant.personal_id"]
    passport = {"other_id": {"kind": "passport", "number": "B1234567"}}
    for instead in ({"no_id_reason": "Chưa được cấp số định danh cá nhân"}, passport):
        assert check(BIRTH, definition, line | {"applicant": line["applicant"] | instead}, TODAY) == []
    fake = line["applicant"] | {"other_id": {"kind": "other", "number": "000000001"}}
    assert "filler_number" in [f.code for f in check(BIRTH, definition, line | {"applicant": fake}, TODAY)]


def test_generated_numbers_are_never_taken_for_fillers() -> None:
    lines = examples(CATALOGUE, "1.001193", None, 300, 5)
    assert not [line for line in lines if filler_number(line["applicant"]["personal_id"])]


def test_no_pack_and_no_form_asks_what_may_not_be_asked() -> None:
    for one in CATALOGUE.procedures:
        for paper in (p for c in one.cases for p in c.papers):
            assert not asks_vneid(paper.name), (one.code, paper.name)
            assert not asks_address_confirmation(paper.name), (one.code, paper.name)
            assert not (paper.required and only_on_card(paper.name)), (one.code, paper.name)
    for form in CATALOGUE.definitions:
        asked = {n for n, p in form.properties.items() if asks_vneid(p["title"])}
        assert not asked & set(form.schema["required"]), "offered at the most, never required"
        assert not [n for n in asked if form.properties[n].get("x-required")]


@pytest.mark.parametrize(
    "name",
    ["Tờ khai xác nhận tình trạng chỗ ở hợp pháp, địa chỉ", "Giấy chứng sinh", "Hợp đồng thuê nhà", "Giấy xác nhận khuyết tật"],
)
def test_papers_that_the_law_names_are_not_caught(name: str) -> None:
    assert not asks_address_confirmation(name)
    assert not only_on_card(name)
    assert not asks_vneid(name)
