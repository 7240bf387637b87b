"""Rules of the house are folded from acts: the later one holds, in any order of arrival."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalogue import Catalogue
from forms.local_rules import EVENT, check_rule, fold_rules
from forms.problem import Problem


@dataclass(frozen=True)
class Act:
    at: int
    body: dict[str, Any] | None
    counter: str = "c1"
    epoch: str = "e"
    number: int = 1
    name: str = EVENT
    operator: str = "o1"


def rule(kind: str, key: str, value: Any) -> dict[str, Any]:
    return check_rule(kind, key, value, "NQ 12/2026/NQ-HĐND")


TIME = ("time", "1.000894/163/QĐ-BTP/*/")
ACTS = [
    Act(1, rule(*TIME, {"amount": 5, "unit": "working_day"})),
    Act(2, rule(*TIME, {"amount": 1, "unit": "working_day", "same_day": True}), number=2),
    Act(3, rule("fee", "1.004873/LP/2026-01-01", {"amount": 15000, "valid_from": "2026-01-01", "valid_to": None}), number=3),
    Act(4, rule("day", "2026-11-11", {"kind": "closed", "name": "Bão"}), number=4),
    Act(5, rule("day", "2026-11-11", None), number=5),
    Act(6, rule("account", "", {"bank": "970405", "number": "123", "holder": "UBND"}), number=6),
    Act(7, None, number=7),
    Act(8, {"kind": "of_a_newer_version", "key": "x", "value": 1}, number=8),
]


@given(st.permutations(ACTS))
def test_the_rules_are_the_same_for_every_order_of_arrival(acts: list[Act]) -> None:
    assert fold_rules(acts) == fold_rules(ACTS)


def test_the_later_act_holds_and_none_takes_back() -> None:
    rules = fold_rules(ACTS)
    marriage = Catalogue.load().procedure("1.000894")
    assert marriage and marriage.channels[0].time is None
    found = rules.time_limit(marriage, "1", None)
    assert found and found.same_day and found.amount == 1
    assert rules.fee("1.004873", "LP", date(2026, 5, 1)) and not rules.fee("1.004873", "LP", date(2025, 5, 1))
    assert rules.days == {}
    assert rules.account and rules.account.bank == "970405"


def test_a_version_that_was_not_settled_stays_open() -> None:
    marriage = Catalogue.load().procedure("1.000894")
    assert marriage
    other = fold_rules([Act(1, rule("time", "1.000894/1/QĐ-KHAC/*/", {"amount": 5, "unit": "day"}))])
    assert other.time_limit(marriage, "1", None) is None


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("nothing", "x", 1),
        ("time", "1.000894", {"amount": 1, "unit": "day"}),
        ("time", TIME[1], {"amount": 0, "unit": "day"}),
        ("time", TIME[1], {"amount": 1, "unit": "moon"}),
        ("fee", "1.004873/LP", {"amount": 1, "valid_from": "2026-01-01"}),
        ("fee", "1.004873/LP/2026-01-01", {"amount": -1, "valid_from": "2026-01-01"}),
        ("fee", "1.004873/LP/2026-01-01", {"amount": 1, "valid_from": "2026-02-01", "valid_to": "2026-01-01"}),
        ("day", "hôm nay", {"kind": "off", "name": "x"}),
        ("day", "2026-11-11", {"kind": "party", "name": "x"}),
        ("hours", "", [["13:30", "17:00"], ["07:30", "14:00"]]),
        ("hours", "", []),
        ("outage", "", {"start": "2026-11-11T08:00:00+07:00", "system": "x"}),
        ("outage", "a", {"start": "2026-11-11T08:00:00", "system": "x"}),
        ("outage", "a", {"start": "2026-11-11T08:00:00+07:00", "until": "2026-11-10T08:00:00+07:00", "system": "x"}),
        ("account", "", {"bank": "12", "number": "1", "holder": "x"}),
    ],
)
def test_a_malformed_rule_is_refused_before_it_is_kept(kind: str, key: str, value: Any) -> None:
    with pytest.raises(Problem, match="rule_malformed"):
        check_rule(kind, key, value, "NQ 1")


def test_a_rule_needs_its_source() -> None:
    with pytest.raises(Problem, match="source_missing"):
        check_rule("day", "2026-11-11", {"kind": "off", "name": "x"}, "  ")
