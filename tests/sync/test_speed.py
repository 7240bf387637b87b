"""How fast the line is: right within 30 % where it is steady, in words that a clerk says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.link import LinkSense
from sync.speed import Speed, duration_words, forecast_words, size_words


@st.composite
def steady_lines(draw: st.DrawFn) -> tuple[float, float, list[tuple[int, float]]]:
    """Rate (bytes/s), round-trip time, and contacts whose bytes take at least as long as their round trips, ±6 % of noise."""
    rate, rtt = draw(st.floats(2000, 2e6)), draw(st.floats(0.01, 1.5))
    least = max(4096, int(2 * rtt * rate))
    contacts = draw(st.lists(st.tuples(st.integers(least, least * 20), st.floats(0.94, 1.06)), min_size=3, max_size=8))
    return rate, rtt, contacts


@given(steady_lines(), st.integers(0, 50 << 20), st.booleans())
def test_on_a_steady_line_the_forecast_is_right_within_30_percent_after_three_contacts(
    line: tuple[float, float, list[tuple[int, float]]], wanted: int, platform_tells: bool
) -> None:
    rate, rtt, contacts = line
    sense = LinkSense()
    sense.answered(2 * rtt, 500, 300, rtt if platform_tells else None, 0)
    for at, (size, noise) in enumerate(contacts, 1):
        sense.answered((2 * rtt + size / rate) * noise, size, 300, rtt if platform_tells else None, at * 60)
    told, truth = sense.forecast(wanted, 600), 2 * rtt + wanted / rate
    assert told is not None
    assert 0.7 * truth <= told <= 1.3 * truth


@given(st.floats(2000, 5e4), st.floats(0.2, 20))
def test_a_line_that_changed_is_known_after_a_few_contacts(rate: float, factor: float) -> None:
    speed = Speed()
    for at in range(5):
        speed.acknowledged(200_000, 0.2 + 200_000 / rate, 0.1, at * 60)
    for at in range(5, 10):
        speed.acknowledged(200_000, 0.2 + 200_000 / (rate * factor), 0.1, at * 60)
    assert speed.forecast(1_000_000, 600) == pytest.approx(0.2 + 1_000_000 / (rate * factor), rel=0.3)


def test_an_old_measure_counts_little_and_a_very_old_one_not_at_all() -> None:
    speed = Speed()
    for at in range(5):
        speed.acknowledged(200_000, 100, 0.1, at)
    assert speed.forecast(1, 6 * 86_400) is not None
    assert speed.forecast(1, 8 * 86_400) is None
    speed.acknowledged(200_000, 1.2, 0.1, 86_400)  # the next day, another line
    assert speed.rate == pytest.approx(200_000, rel=0.05)


@given(st.integers(-5, 1 << 40), st.floats(-10, 1e9), st.none() | st.floats(), st.floats(0, 1e10), st.integers(0, 1 << 40))
def test_no_sample_breaks_the_speed(bytes_: int, seconds: float, rtt: float | None, now: float, other: int) -> None:
    speed = Speed()
    speed.acknowledged(8192, 1, 0.1, 5)
    speed.acknowledged(bytes_, seconds, rtt, now, other)
    assert speed.rate is not None and speed.rate > 0
    assert speed.rtt is not None and 0 < speed.rtt < 60
    assert Speed.from_dict(json.loads(json.dumps(speed.to_dict()))).to_dict() == speed.to_dict()


@pytest.mark.parametrize(
    ("bytes_", "seconds", "words"),
    [
        (18 << 20, 1500, "18 MB, khoảng 25 phút"),
        (3 << 10, 2, "3 KB, vài giây"),
        (3 << 10, None, "chưa biết bao lâu"),
        (1_300_000, 41, "1,2 MB, khoảng 40 giây"),
        (1, 0, "1 KB, vài giây"),
        (5 << 30, 4800, "5 GB, khoảng 1 giờ 20 phút"),
    ],
)
def test_the_forecast_in_words(bytes_: int, seconds: float | None, words: str) -> None:
    assert forecast_words(bytes_, seconds) == words


def test_durations_and_sizes_in_words() -> None:
    said = {
        7: "vài giây",
        8: "khoảng 10 giây",
        57: "khoảng 55 giây",
        58: "khoảng 1 phút",
        89: "khoảng 1 phút",
        200: "khoảng 3 phút",
    }
    said |= {
        3420: "khoảng 55 phút",
        3500: "khoảng 1 giờ",
        7200: "khoảng 2 giờ",
        40_000: "khoảng 11 giờ",
        260_000: "khoảng 3 ngày",
    }
    assert {seconds: duration_words(seconds) for seconds in said} == said
    assert [size_words(n) for n in (0, 1023, 1 << 20, 10_190_000, 10 << 20, 1023 << 20, 1500 << 20)] == [
        "0 KB", "1 KB", "1 MB", "9,7 MB", "10 MB", "1 GB", "1,5 GB",
    ]  # fmt: skip


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_words_never_go_backwards_by_much(one: float, other: float) -> None:
    """What a person reads is within a third of the number, and 'a few seconds' is under ten."""

    def read(words: str) -> float:
        units = {"giây": 1, "phút": 60, "giờ": 3600, "ngày": 86_400}
        parts = words.removeprefix("khoảng ").split()
        return sum(int(n) * units[u] for n, u in zip(parts[::2], parts[1::2], strict=True))

    for seconds in (one, other):
        words = duration_words(seconds)
        if words == "vài giây":
            assert seconds < 10
        else:
            assert read(words) == pytest.approx(seconds, rel=0.34)
