"""The clock that stands still: supplements, outages, arrivals, closures; and the holidays of 2025 to 2027."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.local_rules import LocalDay, LocalRules
from forms.procedure import TimeLimit, Unit
from forms.working_days import VIETNAM, Calendar

CALENDAR = Calendar.load()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def moved(unit: str, due: str, *spans: tuple[str, str]) -> str:
    return CALENDAR.moved(unit, at(due), [(at(a), at(b)) for a, b in spans]).isoformat()[:16]


@pytest.mark.parametrize(
    ("unit", "due", "spans", "expected"),
    [
        ("working_day", "2026-11-13T17:00", [("2026-11-10T09:00", "2026-11-12T15:00")], "2026-11-17T17:00"),
        ("working_day", "2026-11-13T17:00", [("2026-11-13T09:00", "2026-11-13T15:00")], "2026-11-13T17:00"),  # the same day
        ("working_day", "2026-11-13T17:00", [("2026-11-12T09:00", "2026-11-15T15:00")], "2026-11-16T17:00"),  # over a week-end
        ("working_day", "2026-11-13T17:00", [("2026-11-16T09:00", "2026-11-19T15:00")], "2026-11-13T17:00"),  # late stays late
        ("hour", "2026-11-10T10:30", [("2026-11-10T08:30", "2026-11-10T09:30")], "2026-11-10T11:30"),
        ("hour", "2026-11-10T10:30", [("2026-11-10T08:30", "2026-11-11T08:30")], "2026-11-11T10:30"),
        ("day", "2026-11-13T17:00", [("2026-11-10T09:00", "2026-11-12T15:00")], "2026-11-16T17:00"),  # Sunday moves on
        ("month", "2026-11-13T17:00", [("2026-11-10T09:00", "2026-11-13T15:00")], "2026-11-16T17:00"),
    ],
)
def test_a_pause_moves_the_date_by_the_time_it_stood(
    unit: str, due: str, spans: Sequence[tuple[str, str]], expected: str
) -> None:
    assert moved(unit, due, *spans) == expected


def test_a_supplement_and_an_outage_at_the_same_time_count_once() -> None:
    supplement, outage = ("2026-11-10T09:00", "2026-11-12T15:00"), ("2026-11-11T09:00", "2026-11-12T11:00")
    assert moved("working_day", "2026-11-13T17:00", supplement, outage) == moved("working_day", "2026-11-13T17:00", supplement)


MOMENTS = st.datetimes(datetime(2025, 1, 2), datetime(2026, 10, 30)).map(lambda m: m.replace(tzinfo=VIETNAM))
UNITS: list[Unit] = ["working_day", "day", "hour", "month"]
LENGTHS = st.timedeltas(timedelta(), timedelta(days=20))
SPANS = st.lists(st.tuples(MOMENTS, LENGTHS).map(lambda p: (p[0], p[0] + p[1])), max_size=4)


@given(st.sampled_from(UNITS), MOMENTS, SPANS, st.randoms())
def test_the_order_of_pauses_does_not_matter_and_none_brings_the_date_forward(unit: Unit, due: datetime, spans, rng) -> None:  # type: ignore[no-untyped-def]
    found = CALENDAR.moved(unit, due, spans)
    shuffled = list(spans)
    rng.shuffle(shuffled)
    assert CALENDAR.moved(unit, due, shuffled) == found >= due
    assert CALENDAR.moved(unit, due, [*spans, *spans]) == found
    assert CALENDAR.moved(unit, due, []) == due


@given(MOMENTS, st.integers(1, 40), st.sampled_from(UNITS))
def test_a_longer_limit_is_never_due_earlier(received: datetime, amount: int, unit: Unit) -> None:
    less, more = (CALENDAR.appointment(TimeLimit(n, unit, False), received).return_at for n in (amount, amount + 1))
    assert less <= more


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2026-11-10T14:59", "2026-11-13"), ("2026-11-10T15:01", "2026-11-16"), ("2026-11-14T09:00", "2026-11-19")],
)
def test_linked_procedures_received_after_three_count_from_the_next_working_day(received: str, expected: str) -> None:
    limit = TimeLimit(3, "working_day", False, late_starts_next=True)
    assert CALENDAR.appointment(limit, at(received)).return_at.date().isoformat() == expected


def test_beyond_the_boundary_the_date_is_an_expectation_that_counts_from_the_hand_over() -> None:
    limit = TimeLimit(3, "working_day", False)
    early, late = (CALENDAR.awaited(limit, at(t)) for t in ("2026-11-10T09:00", "2026-11-10T15:30"))
    assert early.awaits_arrival and late.awaits_arrival
    assert (early.return_at.date(), late.return_at.date()) == (date(2026, 11, 13), date(2026, 11, 16))


def test_a_local_closure_is_not_counted_and_says_its_name() -> None:
    storm = LocalDay("closed", "Bão số 9", (), "Công văn 12/UBND")
    rules = LocalRules(days={date(2026, 11, 11): storm, date(2026, 11, 24): LocalDay("work", "Làm việc bình thường", (), "x")})
    found = CALENDAR.under(rules).appointment(TimeLimit(3, "working_day", False), at("2026-11-10T09:00"))
    assert found.return_at.date() == date(2026, 11, 16)
    assert found.skipped == ("Bão số 9",)
    assert CALENDAR.under(rules).is_working(date(2026, 11, 24))
    settled = CALENDAR.under(rules).appointment(TimeLimit(1, "working_day", False), at("2026-11-23T09:00"))
    assert settled.return_at.date() == date(2026, 11, 24)
    assert not settled.provisional, "a day that was settled here is no longer doubtful"


def test_other_hours_on_one_day_close_the_counter_earlier() -> None:
    half = LocalDay("work", "Sáng", ((at("2026-11-12T07:30").time(), at("2026-11-12T11:30").time()),), "x")
    calendar = CALENDAR.under(LocalRules(days={date(2026, 11, 12): half}))
    found = calendar.appointment(TimeLimit(2, "working_day", False), at("2026-11-10T09:00"))
    assert found.return_at.isoformat()[:16] == "2026-11-12T11:30"


# The days of reference-data §2, checked there against a package and the announcements; 2027 has no announcement yet.
OFF = {
    2025: "01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24",
    2027: "01-01 02-04 02-05 02-08 02-09 02-10 04-16 04-30 05-03 09-02 09-03 11-24",
}
WORKED = {2025: "04-26", 2026: "01-10 08-22", 2027: ""}


@pytest.mark.parametrize(("year", "days"), [(2025, 250), (2026, 249), (2027, 249)])
def test_the_working_days_of_a_year(year: int, days: int) -> None:
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    off = {date.fromisoformat(f"{year}-{d}") for d in OFF[year].split()}
    worked = {date.fromisoformat(f"{year}-{d}") for d in WORKED[year].split()}
    assert {d for d in every if d.weekday() < 5 and not CALENDAR.is_working(d)} == off
    assert {d for d in every if d.weekday() >= 5 and CALENDAR.is_working(d)} == worked
    assert sum(map(CALENDAR.is_working, every)) == days
    if year == 2027:
        assert off <= CALENDAR.provisional
