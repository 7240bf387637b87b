from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from forms.dossier import fold


@dataclass(frozen=True)
class Act:
    counter: str
    epoch: str
    number: int
    name: str
    at: int
    operator: str
    body: dict[str, Any] | None


def act(name: str, at: int, number: int = 1, counter: str = "c1", **body: Any) -> Act:
    return Act(counter, "e", number, name, at, "CB001", body)


ACTS = [
    act("received", 10, 1, code="H38-261123-0001", applicant={"full_name": "Lò Ổn"}, answers={}, papers=[], procedure={}),
    act("refused", 20, 1, "portal", reason="Thiếu số", field="answers.x", say="Thưa bác", raw="E12"),
    act("accepted", 30, 2, "portal", official_code="G15-20261123-0000001"),
    act("received", 40, 2, "c2", code="H38-261123-0900"),
    act("walked_the_dog", 50, 3, "c2"),
]


@given(st.permutations(ACTS))
def test_the_fold_is_the_same_for_every_order_of_arrival(order: list[Act]) -> None:
    assert fold("d", order) == fold("d", ACTS)


def test_nothing_is_dropped_and_what_does_not_fit_is_marked() -> None:
    dossier = fold("d", ACTS)
    assert len(dossier.history) == len(ACTS)
    assert dossier.code == "H38-261123-0001"
    assert [r["event"] for r in dossier.review] == ["received"]


def test_a_refusal_stands_until_it_is_answered() -> None:
    assert fold("d", ACTS[:2]).refusal == {"reason": "Thiếu số", "field": "answers.x", "say": "Thưa bác", "raw": "E12"}
    later = fold("d", ACTS[:3])
    assert (later.refusal, later.verdict, later.official_code) == (None, "accepted", "G15-20261123-0000001")


def test_an_erased_body_leaves_the_fold_whole() -> None:
    erased = Act("c1", "e", 1, "received", 10, "CB001", None)
    dossier = fold("d", [erased])
    assert dossier.applicant == {}
    assert dossier.history[0]["body"] == {"erased": True}
