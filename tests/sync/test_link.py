"""Link sense: what proves a line, which word it gets, how fast it is, when to try again, what a person decided."""

import json
import ssl
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync.link import Backoff, LinkSense, Policy, kind_of, may_send_scans, parse_retry_after, tls_problem

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=VIETNAM)
REASONS = ["refused", "timeout", "unreachable", "dns", "reset", "stalled", "tls", "never heard of", None]
PROBLEMS = st.one_of(
    st.sampled_from(REASONS).map(lambda r: Problem("no_line", reason=r)),
    st.sampled_from([None, 200, 302, 403, 407, 500, 511]).map(lambda s: Problem("not_the_gateway", status=s)),
    st.sampled_from(["certificate_wrong", "clock_wrong", "pac_unreadable", "gateway_busy", "deadline", "record"]).map(Problem),
)
TERNARY = st.sampled_from([None, True, False])
HINTS = st.tuples(TERNARY, TERNARY, TERNARY)


# The state


@given(st.lists(PROBLEMS | HINTS), st.booleans())
def test_only_a_signed_answer_says_that_there_is_a_line(happened: list[Problem | tuple[bool | None, ...]], stored: bool) -> None:
    sense = LinkSense()
    for at, what in enumerate(happened):
        if isinstance(what, Problem):
            sense.failed(what, at)
        else:
            sense.hint(*what)
        assert sense.state not in ("slow", "good")
        if stored:
            sense = LinkSense.from_dict(json.loads(json.dumps(sense.to_dict())))
    sense.answered(0.5, 600, 400, 0.2, 1000)
    assert sense.state == "good"


@given(PROBLEMS.filter(lambda p: p.code in ("no_line", "not_the_gateway", "certificate_wrong")), HINTS, HINTS)
def test_after_a_failure_no_hint_brings_the_line_back(
    problem: Problem, before: tuple[bool | None, ...], after: tuple[bool | None, ...]
) -> None:
    sense = LinkSense()
    sense.answered(0.5, 600, 400, 0.2, 1000)
    sense.hint(*before)
    assert sense.state == "good"
    sense.failed(problem, 1001)
    sense.hint(*after)
    assert sense.state not in ("slow", "good")
    assert (sense.seen, sense.lost) == (1000, 1001)


@pytest.mark.parametrize(
    ("problem", "connected", "captive", "word"),
    [
        (Problem("no_line", reason="timeout"), True, None, "no_internet"),
        (Problem("no_line", reason="dns"), True, None, "no_internet"),
        (Problem("no_line", reason="stalled"), True, False, "no_internet"),
        (Problem("no_line", reason="timeout"), None, None, "offline"),
        (Problem("no_line", reason="timeout"), False, None, "offline"),
        (Problem("no_line", reason="refused"), False, None, "offline"),
        (Problem("no_line", reason="unreachable"), True, True, "offline"),
        (Problem("no_line", reason="tls"), True, True, "captive"),
        (Problem("no_line", reason="refused"), True, None, "unknown"),
        (Problem("not_the_gateway", status=200), None, None, "captive"),
        (Problem("not_the_gateway", status=302), False, None, "captive"),
        (Problem("not_the_gateway", status=511), True, False, "captive"),
        (Problem("not_the_gateway"), None, None, "captive"),
        (Problem("not_the_gateway", status=404), True, False, "unknown"),
        (Problem("pac_unreadable", reason="timeout"), True, None, "no_internet"),
        (Problem("certificate_wrong", reason="expired"), True, None, "unknown"),
    ],
)
def test_the_word_of_a_failure(problem: Problem, connected: bool | None, captive: bool | None, word: str) -> None:
    for hint_first in (True, False):
        sense = LinkSense()
        sense.answered(0.5, 600, 400, 0.2, 1000)
        if hint_first:
            sense.hint(connected, None, captive)
        sense.failed(problem, 1001)
        sense.hint(connected, None, captive)
        assert sense.state == word


@pytest.mark.parametrize("code", ["gateway_busy", "deadline", "cancelled", "frame_malformed", "log_forked"])
def test_what_is_not_about_the_line_leaves_the_word(code: str) -> None:
    sense = LinkSense()
    sense.answered(0.5, 600, 400, 0.2, 1000)
    sense.failed(Problem(code), 1001)
    assert (sense.state, sense.lost) == ("good", None)


def test_a_hint_wakes_when_it_changes() -> None:
    sense = LinkSense()
    assert sense.hint(True, False, None)
    assert not sense.hint(True, False, None)
    assert sense.hint(False, False, None)
    assert sense.state == "unknown"


def rate_of(kbit: float, sense: LinkSense, at: float) -> str:
    """One contact that moved 64 KB at so many kbit/s."""
    size = 64 << 10
    sense.answered(0.2 + size / (kbit * 125), size, 300, 0.1, at)
    return sense.state


def test_slow_and_good_have_room_between_them() -> None:
    sense = LinkSense()
    assert [rate_of(60, sense, i) for i in range(3)] == ["slow"] * 3
    assert {rate_of(k, sense, 10 + i) for i, k in enumerate([95, 125, 100, 128, 90, 127] * 5)} == {"slow"}
    states = [rate_of(400, sense, 100 + i) for i in range(4)]
    assert states[-1] == "good"
    assert {rate_of(k, sense, 200 + i) for i, k in enumerate([128, 125, 104, 127] * 5)} == {"good"}


@given(st.lists(st.floats(102, 128), min_size=1, max_size=30), st.sampled_from([50.0, 500.0]))
def test_between_the_two_limits_the_word_does_not_flicker(rates: list[float], before: float) -> None:
    sense = LinkSense()
    first = [rate_of(before, sense, i) for i in range(4)][-1]
    states = [rate_of(rate, sense, 10 + i) for i, rate in enumerate(rates)]
    assert {first, *states} == {first}


def test_a_long_round_trip_is_slow_too_and_one_alone_is_not() -> None:
    sense = LinkSense()
    sense.answered(0.3, 600, 300, 0.1, 0)
    sense.answered(3.1, 600, 300, 1.5, 1)
    assert sense.state == "good"
    for at in range(2, 8):
        sense.answered(3.1, 600, 300, 1.5, at)
    assert sense.state == "slow"
    for at in range(8, 12):
        sense.answered(0.3, 600, 300, 0.1, at)
    assert sense.state == "good"


def test_our_own_queue_is_not_taken_for_a_long_round_trip() -> None:
    sense = LinkSense()
    sense.answered(0.5, 600, 300, 0.2, 0)
    for at in range(1, 10):
        sense.answered(21, 1 << 20, 300, 2.5, at)  # 32 KB wait in our own send buffer
    assert sense.up.rtt == 0.2
    assert sense.state == "good"


def test_a_few_bytes_or_the_other_direction_say_nothing_of_the_speed() -> None:
    sense = LinkSense()
    sense.answered(10, 4000, 90, 0.1, 0)
    assert (sense.up.rate, sense.state, sense.forecast(1 << 20, 0)) == (None, "good", None)
    sense.answered(10, 5000, 1 << 20, 0.1, 1)  # much came down, in that time
    assert sense.up.rate is None
    assert sense.down.rate == pytest.approx((1 << 20) / 9.8, rel=0.02)


def test_without_a_round_trip_time_a_short_contact_tells_it() -> None:
    sense = LinkSense()
    sense.answered(0.8, 700, 300, None, 0)
    assert sense.up.rtt == pytest.approx(0.4)
    sense.answered(10.8, 100_000, 300, None, 1)
    assert sense.forecast(100_000, 2) == pytest.approx(10.8, rel=0.05)


def test_kept_in_the_store_and_begun_again() -> None:
    sense = LinkSense()
    rate_of(60, sense, 5)
    rate_of(60, sense, 6)
    sense.hint(True, True, None)
    sense.failed(Problem("no_line", reason="timeout", note="x" * 999), 7)
    again = LinkSense.from_dict(json.loads(json.dumps(sense.to_dict())))
    assert len(json.dumps(sense.to_dict())) < 600
    assert again.to_dict() == sense.to_dict()
    assert (again.state, again.seen, again.lost, again.hints.metered) == ("no_internet", 6, 7, True)
    again.begin()
    assert (again.state, again.seen, again.hints.metered) == ("unknown", 6, None)
    assert again.forecast(1000, 8) == sense.forecast(1000, 8)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), lambda x: st.lists(x), max_leaves=3))
def test_damaged_memory_is_no_memory(junk: object) -> None:
    whole = LinkSense().to_dict()
    for key in [*whole, None]:
        found = LinkSense.from_dict(junk if key is None else whole | {key: junk})
        assert found.state == "unknown"
        assert found.forecast(10, 0) is None
    assert LinkSense.from_dict({"up": {"rate": float("nan"), "at": 1}}).up.rate is None
    assert LinkSense.from_dict({"quality": "good"}).state == "unknown"  # never seen


# Back-off

TIMES = st.lists(st.floats(0, 100), min_size=1, max_size=40)


@given(TIMES, st.floats(0.1, 5), st.floats(1, 300), st.integers(0, 99), st.none() | st.floats(0, 1e6), st.integers(0, 39))
def test_a_pause_is_bounded_and_never_shorter_than_was_asked_for(
    gaps: list[float], first: float, most: float, seed: int, asked: float | None, when: int
) -> None:
    backoff, now = Backoff(first, most, seed), 0.0
    backoff.reset(now)
    for i, gap in enumerate(gaps):
        now += gap
        if i == when:
            backoff.retry_after(asked)
        pause = backoff.pause(now)
        least = min(asked or 0, 3600) if i == when else 0
        assert pause >= least
        assert pause <= max(most, 0.5, min(least * 1.1, 3600))


def test_the_pause_grows_with_full_jitter_and_is_forgotten_after_success() -> None:
    drawn = [[Backoff(first=1, most=60, seed=seed) for seed in range(400)]]
    rows = [[backoff.pause() for backoff in drawn[0]] for _ in range(12)]
    assert all(0.15 <= p <= min(60, 2**i) for i, row in enumerate(rows) for p in row)
    means = [sum(row) / len(row) for row in rows]
    assert all(a < b for a, b in pairwise(means[:7]))
    assert means[-1] == pytest.approx(30, rel=0.15)  # full jitter: the mean is half of the top
    assert min(rows[-1]) < 3 and max(rows[-1]) > 57
    for backoff in drawn[0]:
        backoff.reset()
        assert backoff.pause() <= 1


def test_after_a_good_line_the_pauses_are_eager_for_half_a_minute_so_that_20_s_of_3g_are_found_at_once() -> None:
    for seed in range(50):
        backoff = Backoff(first=1, most=60, seed=seed)
        backoff.reset(now=100)
        now, pauses = 100.0, []
        while now < 130:
            pauses.append(backoff.pause(now))
            now += pauses[-1]
        assert all(0.15 <= p <= 0.5 for p in pauses)
        assert len(pauses) > 60
        assert backoff.pause(130.0) <= 1
        assert max(backoff.pause(200.0 + i) for i in range(30)) > 20


def test_a_counter_that_never_had_a_line_is_not_eager() -> None:
    backoff = Backoff(first=1, most=60, seed=3)
    assert max(backoff.pause(now=float(i)) for i in range(10)) > 2


def test_a_wish_for_peace_is_obeyed_once_also_when_eager() -> None:
    backoff = Backoff(seed=1)
    backoff.reset(now=0)
    backoff.retry_after(20)
    backoff.retry_after(None)
    assert 20 <= backoff.pause(now=1) <= 22
    assert backoff.pause(now=22) <= 0.5


def test_retry_after_as_seconds_and_as_a_date() -> None:
    now = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    assert parse_retry_after("120", now) == 120
    assert parse_retry_after(" 0 ", now) == 0
    assert parse_retry_after("99999999999999", now) == 3600
    assert parse_retry_after("Sat, 28 Nov 2026 02:05:00 GMT", now) == 300
    assert parse_retry_after("Sat, 28 Nov 2026 02:05:00 GMT", now.astimezone(VIETNAM)) == 300
    assert parse_retry_after("Sat, 28 Nov 2026 01:00:00 GMT", now) == 0
    assert parse_retry_after("Sat, 28 Nov 2099 01:00:00 GMT", now) == 3600
    for text in ("", None, "soon", "-5", "1.5", "٣", "Sat, 99 Nov 2026 99:00:00 GMT"):
        assert parse_retry_after(text, now) is None


@given(st.text())
def test_no_header_breaks_the_reading(text: str) -> None:
    found = parse_retry_after(text, NOW)
    assert found is None or 0 <= found <= 3600


# Policy and kinds


def test_scans_wait_on_a_metered_network_unless_somebody_decided_otherwise() -> None:
    assert not may_send_scans(Policy(), metered=True)
    assert may_send_scans(Policy(), metered=False)
    assert may_send_scans(Policy(), metered=None)
    assert may_send_scans(Policy(metered_scans=True), metered=True)
    assert not may_send_scans(Policy(paused=True, metered_scans=True), metered=False)


@given(st.builds(Policy, st.booleans(), st.booleans(), st.none() | st.integers(16, 1_000_000)))
def test_a_policy_comes_back_as_it_was_kept(policy: Policy) -> None:
    assert Policy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


@pytest.mark.parametrize(
    ("cap", "kept"), [(0, 16), (-5, 16), (10**12, 1_000_000), (True, None), ("64", None), (None, None), (64, 64), (1.5, None)]
)
def test_a_cap_that_would_stop_the_line_is_raised(cap: object, kept: int | None) -> None:
    assert Policy.from_dict({"paused": "yes", "cap_kbit": cap}) == Policy(cap_kbit=kept)
    assert Policy.from_dict(cap) == Policy()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("no_line", "line"), ("not_the_gateway", "line"), ("deadline", "line"), ("pac_unreadable", "line"),
        ("gateway_busy", "busy"), ("store_busy", "busy"), ("clock_wrong", "clock"),
        ("certificate_wrong", "refused"), ("proxy_auth_needed", "refused"), ("counter_unknown", "refused"),
        ("signature_wrong", "refused"), ("log_forked", "refused"), ("line_too_large", "record"), ("anything", "record"),
    ],
)  # fmt: skip
def test_whose_failure_it_is(code: str, kind: str) -> None:
    assert kind_of(Problem(code)) == kind


# Certificates and clocks


def certificate_error(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, f"reason {code}"
    return error


BUILD = date(2026, 11, 1)
SIGNED = datetime(2026, 11, 28, 8, 0, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("verify", "now", "signed", "expected"),
    [
        (9, datetime(2019, 1, 1, tzinfo=VIETNAM), SIGNED, "behind"),  # an empty battery
        (9, datetime(2019, 1, 1, tzinfo=VIETNAM), None, "behind"),  # at enrolment
        (9, SIGNED - timedelta(hours=2), SIGNED, "behind"),  # before what the gateway had signed
        (9, SIGNED + timedelta(hours=1), SIGNED, None),  # the clock is right, the certificate is not
        (9, SIGNED + timedelta(days=3), SIGNED, "behind"),  # nobody vouches for the clock
        (9, NOW, None, None),
        (10, SIGNED + timedelta(days=400), SIGNED, "ahead"),
        (10, SIGNED + timedelta(hours=1), SIGNED, None),  # it really has expired
        (10, datetime(2019, 1, 1, tzinfo=VIETNAM), SIGNED, None),  # a clock behind makes nothing expire
        (10, datetime(2099, 1, 1, tzinfo=VIETNAM), None, "ahead"),
        (10, NOW, None, None),
        (18, datetime(2019, 1, 1, tzinfo=VIETNAM), SIGNED, None),  # self-signed, whatever the clock says
        (62, datetime(2099, 1, 1, tzinfo=VIETNAM), SIGNED, None),  # another host's
    ],
)
def test_a_certificate_that_fails_by_our_own_clock_is_named(
    verify: int, now: datetime, signed: datetime | None, expected: str | None
) -> None:
    milliseconds = None if signed is None else int(signed.timestamp() * 1000)
    problem = tls_problem(certificate_error(verify), now, BUILD, milliseconds)
    if expected:
        assert (problem.code, problem.details["suspected"]) == ("clock_wrong", expected)
        assert kind_of(problem) == "clock"
    else:
        assert (problem.code, problem.details["reason"]) == ("certificate_wrong", f"reason {verify}")
        assert kind_of(problem) == "refused"
    json.dumps(problem.details)
