from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.procedure import TimeLimit, Unit
from forms.working_days import VIETNAM, Calendar, parse_moment

CALENDAR = Calendar.load()
SAME_DAY = TimeLimit(1, "working_day", True)


def due(limit: TimeLimit, text: str) -> str:
    return CALENDAR.appointment(limit, datetime.fromisoformat(text).replace(tzinfo=VIETNAM)).return_at.isoformat()[:16]


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-23T09:16", "2026-11-23T17:00"),
        ("2026-11-23T15:00", "2026-11-23T17:00"),
        ("2026-11-23T15:01", "2026-11-25T17:00"),  # the 24th is a day off from 2026
        ("2026-11-20T16:00", "2026-11-23T17:00"),  # Friday afternoon
        ("2026-01-09T15:30", "2026-01-10T17:00"),  # a Saturday worked in exchange
    ],
)
def test_same_day_procedures_and_the_three_oclock_rule(received: str, expected: str) -> None:
    assert due(SAME_DAY, received) == expected


def test_three_working_days_step_over_week_end_and_holiday() -> None:
    assert due(TimeLimit(3, "working_day", False), "2026-11-19T09:00") == "2026-11-25T17:00"


def test_calendar_days_that_end_on_a_day_off_move_on() -> None:
    assert due(TimeLimit(3, "day", False), "2026-11-19T09:00") == "2026-11-23T17:00"


def test_hours_run_only_while_the_counter_is_open() -> None:
    assert due(TimeLimit(4, "hour", False), "2026-11-23T10:30") == "2026-11-23T16:30"
    assert due(TimeLimit(4, "hour", False), "2026-11-23T16:00") == "2026-11-25T10:30"


def test_a_month_ends_on_its_last_day() -> None:
    assert due(TimeLimit(1, "month", False), "2026-01-31T09:00") == "2026-03-02T17:00"


def test_an_unconfirmed_holiday_makes_the_date_provisional() -> None:
    crossing = datetime(2026, 11, 23, 16, tzinfo=VIETNAM)
    assert CALENDAR.appointment(SAME_DAY, crossing).provisional
    assert not CALENDAR.appointment(SAME_DAY, datetime(2026, 11, 19, 9, tzinfo=VIETNAM)).provisional


def test_moments_without_offset_are_vietnam_time() -> None:
    assert str(parse_moment("2026-11-23T09:00")) == "2026-11-23 09:00:00+07:00"
    assert str(parse_moment("2026-11-23T23:30:00+00:00")) == "2026-11-24 06:30:00+07:00"
    assert parse_moment("hôm qua") is None


UNITS: list[Unit] = ["working_day", "day", "hour"]


@given(st.datetimes(datetime(2025, 1, 2), datetime(2026, 11, 30)), st.integers(1, 30), st.sampled_from(UNITS))
def test_a_result_is_due_after_reception_on_a_day_the_counter_works(received: datetime, amount: int, unit: Unit) -> None:
    found = CALENDAR.appointment(TimeLimit(amount, unit, False), received.replace(tzinfo=VIETNAM))
    assert found.return_at > received.replace(tzinfo=VIETNAM)
    assert CALENDAR.is_working(found.return_at.date())


def test_the_official_days_of_2026() -> None:
    off = [date(2026, 1, 2), date(2026, 2, 18), date(2026, 4, 27), date(2026, 8, 31), date(2026, 9, 2)]
    assert not any(CALENDAR.is_working(d) for d in off)
    assert CALENDAR.is_working(date(2026, 8, 22))
