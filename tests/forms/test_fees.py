"""Fees: local tables with their dates, exemptions with evidence, the dated waiver, and how a fee is paid."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalogue import Catalogue
from forms.fees import compute, exemptions, payment_at_reception, possible_exemptions
from forms.local_rules import LocalFee, LocalRules
from forms.procedure import Procedure

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)


def procedure(code: str) -> Procedure:
    found = CATALOGUE.procedure(code)
    assert found
    return found


MARITAL, EXTRACT, BIRTH = procedure("1.004873"), procedure("2.000635"), procedure("1.001193")
MARITAL_FEE = MARITAL.channels[0].fees[0].code


def table(*rows: LocalFee) -> LocalRules:
    return LocalRules(fees={("1.004873", MARITAL_FEE): rows})


def test_a_local_table_settles_the_amount_from_its_day() -> None:
    rules = table(LocalFee(15_000, "2026-01-01", "2026-11-22", "NQ 1", ()), LocalFee(20_000, "2026-11-23", None, "NQ 2", ()))
    assert compute(MARITAL, {}, date(2025, 12, 31), rules).total is None, "before its first day nothing is known"
    assert [compute(MARITAL, {}, d, rules).total for d in (date(2026, 11, 22), TODAY)] == [15_000, 20_000]
    assert compute(MARITAL, {}, TODAY, rules).lines[0].basis == "NQ 2"


@pytest.mark.parametrize("reason", ["co_cong", "ho_ngheo", "khuyet_tat"])
def test_who_the_law_exempts_pays_nothing_and_the_reason_is_said(reason: str) -> None:
    claim = {"exemption": {"reason": reason, "evidence": "GCN 12/2026"}}
    found = compute(MARITAL, claim, TODAY, table(LocalFee(15_000, "2026-01-01", None, "NQ 1", ())))
    assert (found.total, found.lines[0].full, found.lines[0].reduced) == (0, 15_000, exemptions()[reason].name)
    assert payment_at_reception(found, "cash", "x")["state"] == "exempt"


def test_an_exemption_that_the_fee_does_not_name_changes_nothing() -> None:
    claim = {"answers": {"copies": 2}, "exemption": {"reason": "cao_tuoi", "evidence": "x"}}
    assert compute(EXTRACT, claim, TODAY).total == 16_000
    assert "cao_tuoi" not in [e.id for e in possible_exemptions(EXTRACT, claim, TODAY)]


def test_a_table_may_exempt_more_than_the_law() -> None:
    rules = table(LocalFee(15_000, "2026-01-01", None, "NQ 1", ("dtts",)))
    assert compute(MARITAL, {"exemption": {"reason": "dtts", "evidence": "x"}}, TODAY, rules).total == 0
    assert "dtts" in [e.id for e in possible_exemptions(MARITAL, {}, TODAY, rules)]


@pytest.mark.parametrize(("day", "total"), [("2026-08-14", 16_000), ("2026-08-15", 0), ("2027-02-28", 0), ("2027-03-01", 16_000)])
def test_the_waiver_of_circular_117_has_a_first_and_a_last_day(day: str, total: int) -> None:
    line = {"answers": {"copies": 2}, "exemption": {"reason": "tt117_2026", "evidence": "VNeID mức 2"}}
    assert compute(EXTRACT, line, date.fromisoformat(day)).total == total


def test_the_waiver_is_offered_only_where_it_takes_something_off() -> None:
    assert [e.id for e in possible_exemptions(EXTRACT, {"answers": {"copies": 2}}, TODAY)] == ["tt117_2026"]
    assert possible_exemptions(EXTRACT, {"answers": {"copies": 2}}, date(2027, 3, 1)) == []
    assert possible_exemptions(EXTRACT, {"answers": {}}, TODAY) == []


@pytest.mark.parametrize(
    ("method", "state"), [("cash", "cash"), ("transfer", "transfer"), ("later", "unpaid"), (None, "unpaid"), ("gold", "unpaid")]
)
def test_payment_is_an_axis_of_its_own(method: str | None, state: str) -> None:
    found = payment_at_reception(compute(EXTRACT, {"answers": {"copies": 1}}, TODAY), method, "2026-11-23T09:00:00+07:00")
    assert (found["state"], found["amount"]) == (state, 8_000)


def test_an_amount_that_is_not_settled_cannot_have_been_paid() -> None:
    assert payment_at_reception(compute(MARITAL, {}, TODAY), "cash", "x") | {"at": 0} == {
        "state": "unpaid",
        "amount": None,
        "method": None,
        "at": 0,
    }
    on_time = compute(BIRTH, {"answers": {"child_birth_date": "2026-11-01"}}, TODAY)
    assert payment_at_reception(on_time, "cash", "x")["state"] == "none"


def test_death_on_time_is_free_and_late_waits_for_the_council() -> None:
    death = procedure("1.000656")
    assert compute(death, {"answers": {"death_date": "2026-11-20"}}, TODAY).total == 0
    assert compute(death, {"answers": {"death_date": "2026-10-01"}}, TODAY).total is None


def test_fees_of_the_police_differ_by_channel_and_case() -> None:
    residence = procedure("1.004194")
    one, listed = (c.id for c in residence.cases[:2])
    rows = {"members": [{"name": "Lò Ổn"}, {"name": "Lò Ửng"}]}
    assert [compute(residence, {"case": one, "channel": c}, TODAY).total for c in ("1", "2")] == [15_000, 7_000]
    assert [compute(residence, {"case": listed, "channel": c, "answers": rows}, TODAY).total for c in "12"] == [20_000, 10_000]


NUMBERS = st.integers(-5, 10_000) | st.none() | st.text(max_size=3)
QUANTITIES = st.dictionaries(st.sampled_from(["copies", "pages", "cases"]), NUMBERS)
CLAIMS = st.sampled_from([None, *exemptions(), "no such"])
CODES = st.sampled_from([p.code for p in CATALOGUE.procedures])


@given(CODES, QUANTITIES, CLAIMS, st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.sampled_from(["1", "2", "3", "9"]))
def test_a_fee_is_never_negative_and_an_exemption_never_adds(
    code: str, given_: Any, reason: Any, day: date, channel: str
) -> None:
    line: dict[str, Any] = {"answers": given_, "channel": channel}
    plain = compute(procedure(code), line, day)
    claimed = compute(procedure(code), line | {"exemption": {"reason": reason, "evidence": "x"}}, day)
    assert len(plain.lines) == len(claimed.lines)
    for one, less in zip(plain.lines, claimed.lines, strict=True):
        assert one.amount is None or (less.amount is not None and 0 <= less.amount <= one.amount)
        assert bool(less.reduced) == (less.amount != one.amount)
    if plain.total is not None:
        assert plain.total == sum(line_.amount or 0 for line_ in plain.lines)
