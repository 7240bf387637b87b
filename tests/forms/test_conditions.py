"""Conditions of e-forms: data that shows and hides, never a circle, never a crash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import conditions
from forms.catalogue import Catalogue
from forms.definition import Definition, asked_answers, read_definition, shown_of
from forms.pack import load
from forms.problem import Problem
from resources import path_of

LISTS = load(path_of("forms", "lists.json"))
CATALOGUE = Catalogue.load()


def form(properties: dict[str, Any], required: tuple[str, ...] = ()) -> Definition:
    raw = {
        "format": 2,
        "id": "x",
        "version": "1",
        "title": "X",
        "source": "thử",
        "properties": {n: {"title": n, "x-kind": "text"} | p for n, p in properties.items()},
        "required": list(required),
        "layout": [{"title": "", "rows": [list(properties)]}],
    }
    return read_definition(raw, LISTS)


def is_(answer: str, value: Any) -> dict[str, Any]:
    return {"answer": answer, "is": value}


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        (None, {}, True),
        (is_("a", "x"), {"a": "x"}, True),
        (is_("a", "x"), {}, False),
        ({"answer": "a", "is_not": "x"}, {}, True),
        ({"answer": "a", "in": ["x", "y"]}, {"a": "y"}, True),
        ({"answer": "a.b", "known": True}, {"a": {"b": 0}}, True),
        ({"answer": "a.b", "known": True}, {"a": "text"}, False),
        ({"answer": "a", "full_date": True}, {"a": "1996"}, False),
        ({"all": [is_("a", 1), {"not": is_("b", 1)}]}, {"a": 1}, True),
        ({"any": [is_("a", 1), is_("b", 1)]}, {}, False),
    ],
)
def test_a_condition_is_read_as_it_is_written(condition: Any, answers: dict[str, Any], expected: bool) -> None:
    assert conditions.holds(condition, answers) is expected


@pytest.mark.parametrize(
    "broken",
    [[], "a", {}, {"answer": "a"}, {"answer": "a", "is": 1, "in": [1]}, {"all": []}, {"any": "x"}, is_("zz", 1), {"is": 1}],
)
def test_a_broken_condition_is_refused_when_it_is_read(broken: Any) -> None:
    with pytest.raises(ValueError, match=r"condition|needs|answer"):
        form({"a": {}, "b": {"x-shown": broken}})


def test_a_circle_is_named() -> None:
    circle = {"a": {"x-shown": is_("c", "1")}, "b": {"x-shown": is_("a", "1")}, "c": {"x-shown": {"not": is_("b", "1")}}}
    with pytest.raises(Problem) as caught:
        form(circle)
    assert caught.value.code == "conditions_cycle"
    assert sorted(set(caught.value.details["fields"])) == ["a", "b", "c"]
    with pytest.raises(Problem, match="conditions_cycle"):
        form({"a": {"x-shown": {"answer": "a", "known": True}}})


def test_an_answer_to_a_question_that_is_not_asked_opens_no_other() -> None:
    chain = form({"a": {}, "b": {"x-shown": is_("a", "1")}, "c": {"x-shown": is_("b", "1")}})
    assert chain.shown({"a": "2", "b": "1"}) == {"a"}
    assert chain.shown({"a": "1", "b": "1"}) == {"a", "b", "c"}
    assert asked_answers(chain.properties, {"a": "2", "b": "1", "c": "1", "zz": "kept"}) == {"a": "2", "zz": "kept"}


def test_required_only_while_it_is_asked() -> None:
    one = form({"a": {}, "b": {"x-shown": is_("a", "1"), "x-required": is_("a", "1")}, "c": {"x-shown": is_("a", "9")}}, ("c",))
    assert one.required({"a": "1"}) == {"b"}
    assert one.required({"a": "9"}) == {"c"}


ANSWERS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["1", "2"]), max_size=6)


@st.composite
def forms_without_circles(draw: st.DrawFn) -> Definition:
    """A question may look only at those before it."""
    properties: dict[str, Any] = {}
    for place, name in enumerate("abcdef"):
        earlier = st.sampled_from("abcdef"[:place]) if place else st.nothing()
        operators = st.sampled_from(["is", "is_not"])
        simple = st.builds(lambda n, op, v: {"answer": n, op: v}, earlier, operators, st.sampled_from("12"))
        properties[name] = {"x-shown": draw(simple)} if place and draw(st.booleans()) else {}
    return form(properties)


@given(forms_without_circles(), ANSWERS)
def test_what_is_shown_settles_and_depends_only_on_what_is_asked(definition: Definition, answers: dict[str, Any]) -> None:
    asked = definition.shown(answers)
    assert definition.shown({n: v for n, v in answers.items() if n in asked}) == asked
    assert definition.required(answers) <= asked


@pytest.mark.parametrize("definition", CATALOGUE.definitions, ids=lambda d: f"{d.id}@{d.version}")
def test_every_shipped_form_can_be_filled_from_nothing(definition: Definition) -> None:
    asked = definition.shown({})
    assert definition.required({}) <= asked
    assert any(shown_of(definition.properties, {}))
    assert definition.source
