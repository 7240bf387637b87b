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


def act(name: str, when: int, number: int = 1, counter: str = "c1", **body: Any) -> Act:
    return Act(counter, "e", number, name, when, "CB001", body)


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


CLOCKED = [
    act(
        "received",
        10,
        code="H38-261123-0001",
        return_at="2026-12-10T17:00:00+07:00",
        competent={"name": "xã Bản Qua"},
        payment={"state": "unpaid", "amount": 8000},
        papers=[{"code": "TK", "originals": 1}],
    ),
    act("arrived", 20, 2, at="2026-12-08T08:00:00+07:00", return_at="2026-12-11T17:00:00+07:00"),
    act("supplement_requested", 30, 3, items=[{"paper": "TK"}], at="2026-12-09T08:00:00+07:00"),
    act("extended", 35, 4, return_at="2027-01-01T17:00:00+07:00"),
    act("supplement_received", 40, 5, return_at="2026-12-14T17:00:00+07:00", papers=[{"code": "TK", "originals": 2}]),
    act("suspended", 50, 6, outage="o1", return_at="2026-12-15T17:00:00+07:00"),
    act("suspended", 51, 7, outage="o1", return_at="2026-12-31T17:00:00+07:00"),
    act("paid", 60, 8, method="transfer", amount=8000),
    act("paid", 61, 9, method="transfer", amount=8000),
    act("reconciled", 70, 10, reference="FT1"),
]


@given(st.permutations(CLOCKED))
def test_clock_and_payment_are_the_same_for_every_order_of_arrival(order: list[Act]) -> None:
    assert fold("d", order) == fold("d", CLOCKED)


def test_the_date_moves_only_by_an_act_that_may_move_it() -> None:
    dossier = fold("d", CLOCKED)
    assert dossier.return_at == "2026-12-15T17:00:00+07:00"
    assert dossier.first_return_at == "2026-12-10T17:00:00+07:00"
    assert [c["event"] for c in dossier.clock] == ["arrived", "supplement_requested", "supplement_received", "suspended"]
    assert [r["number"] for r in dossier.review] == [4, 7, 9], "an extension in a pause, an outage twice, money twice"
    assert (dossier.payment["state"], dossier.papers) == ("reconciled", [{"code": "TK", "originals": 2}])
    assert fold("d", CLOCKED[:3]).paused


def test_acts_without_a_body_leave_the_fold_whole() -> None:
    erased = [Act("c1", "e", n, a.name, a.at, "x", None) for n, a in enumerate(CLOCKED, 1)]
    assert len(fold("d", erased).history) == len(CLOCKED)
