"""How fast a system is asked, and what is told of one that does not answer."""

import random
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from forms.working_days import VIETNAM
from sync.relay.pace import BREAK, Outage, Pace

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=VIETNAM).timestamp()


def test_no_more_calls_in_a_minute_than_agreed() -> None:
    pace, now, went = Pace(per_minute=10), NOON, list[float]()
    while now < NOON + 300:
        wait = pace.wait(now)
        if not wait:
            pace.goes(now)
            pace.answered()
            went.append(now)
        now += max(wait, 0.5)
    assert len(went) == 50
    assert all(b - a >= 60 for a, b in zip(went, went[10:], strict=False))


def test_a_maintenance_window_is_not_asked_in_also_over_midnight() -> None:
    pace = Pace(windows=[("23:30", "00:30"), ("12:00", "12:10")])
    assert pace.wait(NOON) == 600
    assert pace.wait(NOON - 1) == 0
    assert pace.wait(NOON + 600) == 0
    assert pace.wait(datetime(2026, 11, 28, 0, 15, tzinfo=VIETNAM).timestamp()) == 900
    assert pace.wait(datetime(2026, 11, 28, 0, 30, tzinfo=VIETNAM).timestamp()) == 0


def test_a_window_is_told_as_maintenance_and_ended() -> None:
    pace = Pace(windows=[("12:00", "12:10")])
    assert pace.outage(NOON) == Outage(NOON, None, "maintenance")
    assert pace.outage(NOON + 60) is None
    assert pace.outage(NOON + 600) == Outage(NOON, NOON + 600, "maintenance")
    assert pace.outage(NOON + 601) is None


def test_the_circuit_opens_asks_now_and_then_and_closes_with_an_answer() -> None:
    pace, now = Pace(chance=random.Random(1)), NOON
    for _ in range(BREAK):
        assert pace.wait(now) == 0
        pace.goes(now)
        now += pace.failed(now, "line")
    rests = []
    for _ in range(12):
        before = pace.wait(now - 0.001)
        assert pace.open
        now += before + 0.001
        rests.append(pace.failed(now, "line"))
        now += rests[-1]
    assert max(rests) <= 600
    assert rests[-1] >= 300
    pace.answered()
    assert (pace.open, pace.wait(now)) == (False, 0)


def test_a_short_trouble_is_not_told_a_long_one_once_and_its_end_once() -> None:
    pace, said, now = Pace(tell_after=60, chance=random.Random(2)), list[Outage](), NOON
    for _ in range(30):
        pace.failed(now, "line")
        now += 5
        said += [o for o in [pace.outage(now)] if o]
    pace.answered()
    said += [o for o in (pace.outage(now), pace.outage(now)) if o]
    assert said == [Outage(NOON, None, "line"), Outage(NOON, now, "line")]
    pace.failed(now, "line")
    pace.answered()
    assert pace.outage(now) is None


def test_an_outage_told_by_a_former_process_is_ended_by_this_one() -> None:
    pace = Pace()
    pace.resume(Outage(NOON - 500, None, "line"))
    assert pace.outage(NOON) is None
    pace.answered()
    assert pace.outage(NOON) == Outage(NOON - 500, NOON, "line")


def test_who_asks_for_peace_gets_it() -> None:
    pace = Pace()
    assert pace.failed(NOON, "busy", retry_after=40) == 40
    assert pace.wait(NOON + 1) == 39


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 99))
def test_it_never_waits_for_ever(answers: list[bool], seed: int) -> None:
    pace, now = Pace(chance=random.Random(seed)), NOON
    for good in answers:
        now += pace.wait(now)
        pace.goes(now)
        if good:
            pace.answered()
        else:
            pace.failed(now, "line")
        assert 0 <= pace.wait(now) <= 600
