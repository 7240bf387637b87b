"""Linked procedures: typed once, a dossier for each, each with its own date and road; the old decree before 1/9/2026."""

from datetime import date

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.linked import mapped, member_id, members_of, split
from forms.validation import check

CATALOGUE = Catalogue.load()
BIRTH, DEATH = "lien-thong-khai-sinh", "lien-thong-khai-tu"


@pytest.mark.parametrize("code", [BIRTH, DEATH])
def test_the_decree_in_force_on_the_day_is_taken(code: str) -> None:
    before, after = (CATALOGUE.procedure(code, on=d) for d in (date(2026, 8, 31), date(2026, 9, 1)))
    assert before and after
    assert (before.version, after.version) == ("63/2024/NĐ-CP", "301/2026/NĐ-CP")
    assert all(m.time is None for m in before.members), "limits of the old decree are not sourced"
    assert after.outage_basis and not before.outage_basis


def test_a_card_is_filed_only_when_it_is_asked_for() -> None:
    group = CATALOGUE.procedure(BIRTH)
    assert group
    assert [m.procedure for m in members_of(group, {})] == ["1.001193", "1.004222", "1.001939"]
    assert [m.procedure for m in members_of(group, {"identity_card": True})][-1] == "1.014062"
    dead = CATALOGUE.procedure(DEATH)
    assert dead
    assert [m.procedure for m in members_of(dead, {"insured": True, "merit": False})] == ["1.000656", "1.003197", "2.000821"]


@pytest.mark.parametrize("code", [BIRTH, DEATH])
def test_each_part_answers_its_own_form_from_what_was_typed_once(code: str) -> None:
    group = CATALOGUE.procedure(code)
    assert group
    for line in examples(CATALOGUE, code, None, 20, 3):
        parts = split(group, line)
        assert len({own["id"] for _, own in parts}) == len(parts)
        assert parts[0][1]["id"] == line["id"]
        assert [bool(own["papers"]) for _, own in parts] == [True] + [False] * (len(parts) - 1)
        first = CATALOGUE.procedure(parts[0][1]["procedure"])
        assert first
        wrong = [f for f in check(first, CATALOGUE.definition(first), parts[0][1], date(2026, 11, 23)) if f.path[0] == "answers"]
        assert wrong == [], "the birth or death form is whole"
        for _, own in parts:
            procedure = CATALOGUE.procedure(own["procedure"])
            definition = CATALOGUE.definition(procedure) if procedure else None
            assert procedure
            assert set(own["answers"]) <= set(definition.properties if definition else ())


def test_a_fixed_answer_and_a_path_into_a_person() -> None:
    dead = CATALOGUE.procedure(DEATH)
    assert dead
    answers = mapped(dead.members[1], {"dead": {"full_name": "Lò Ổn", "personal_id": "010060000318"}})
    assert answers == {"person_name": "Lò Ổn", "person_number": "010060000318", "request": "Xóa đăng ký thường trú"}


def test_the_same_line_gives_the_same_ids() -> None:
    assert member_id("a", 0) == "a"
    assert member_id("a", 1) == member_id("a", 1) != member_id("a", 2)
