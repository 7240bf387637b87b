"""How fast the line is, and how long what waits will take, in numbers and in words. Pure: time is an argument."""

import math
from collections.abc import Mapping
from typing import Any

_LEAST = 4096
"""Bytes of a sample that says something about speed; below, all is round trips."""
_SHORTEST = 1e-6
"""Seconds below which no clock tells anything."""
_TELLING = 64 << 10
"""Bytes from which a sample has its full weight: a shorter one is mostly TCP's slow start."""
_HALF_LIFE = 1800.0
"""Seconds in which what was known loses half of its weight against the next sample."""
_RATES, _RTTS = (1.0, 1e12), (1e-6, 60.0)
"""What is believed of a line: bytes a second, seconds."""
_KEEP = 0.5
_SURE = 0.1
_KNOWN_FOR = 7 * 86_400.0
"""Seconds after which an old measure is no forecast any more: a week, so that a Monday knows Friday's line."""
_LOADED = 16 << 10
"""Bytes of a contact from which its round-trip time holds the queue that we made ourselves."""


class Speed:
    """Smoothed speed of one direction, bytes a second, and the round-trip time, seconds.

    Rates are averaged by their logarithm, so that a line grown ten times faster is noticed as soon as one grown slower. A
    sample weighs by the part of its time that was transfer (not round trips) and by its size.
    """

    def __init__(self) -> None:
        self.rate: float | None = None
        self.rtt: float | None = None
        self.at: float | None = None
        self._rtt_at: float | None = None
        self._weight = 0.0

    @property
    def sure(self) -> bool:
        """Enough was measured to name the line after it; one small sample is not."""
        return self.rate is not None and self._weight >= _SURE

    def acknowledged(self, bytes_: int, seconds: float, rtt: float | None, now: float, other: int = 0) -> None:
        """A contact of ``seconds`` acknowledged ``bytes_`` in this direction, and ``other`` bytes went the other way in the same
        time. ``rtt``: seconds, None where the platform does not tell; then a contact with little to say tells it. ``now``:
        Unix seconds."""
        if not (math.isfinite(seconds) and seconds > _SHORTEST):
            return
        self._round_trip(seconds / 2 if rtt is None and bytes_ + other < _LEAST else rtt, bytes_ + other < _LOADED, now)
        if bytes_ < _LEAST or bytes_ * 4 < other:
            return
        wire = max(seconds - self.overhead, seconds / 10) * bytes_ / (bytes_ + other)
        self._sample(bytes_ / wire, wire / seconds * min(1.0, bytes_ / _TELLING), now)

    def _round_trip(self, rtt: float | None, unloaded: bool, now: float) -> None:
        if rtt is None or not _RTTS[0] <= rtt <= _RTTS[1]:
            return
        if self.rtt is None or self._rtt_at is None:
            self.rtt = rtt
        elif rtt < self.rtt:
            self.rtt += (rtt - self.rtt) / 2
        elif unloaded or now - self._rtt_at > _HALF_LIFE:
            self.rtt += (rtt - self.rtt) / 4
        else:
            return  # our own queue
        self._rtt_at = now

    def _sample(self, rate: float, weight: float, now: float) -> None:
        gap = max(0.0, now - self.at) if self.at is not None else 0.0
        self.at = now
        self._weight = self._weight * _KEEP * 0.5 ** (gap / _HALF_LIFE) + weight
        gain = 1.0 if self.rate is None else weight / self._weight
        mean = math.exp(math.log(rate) * gain + math.log(self.rate or rate) * (1 - gain))
        self.rate = min(max(mean, _RATES[0]), _RATES[1])

    @property
    def overhead(self) -> float:
        """Seconds of a contact beyond its bytes: connecting and waiting for the answer, two round trips."""
        return 2 * (self.rtt or 0.0)

    def forecast(self, bytes_: int, now: float) -> float | None:
        """Seconds until ``bytes_`` are acknowledged in one contact; None while nothing (or nothing recent) is known."""
        if self.rate is None or self.at is None or now - self.at > _KNOWN_FOR:
            return None
        return self.overhead + max(0, bytes_) / self.rate

    def to_dict(self) -> dict[str, float | None]:
        """For the store."""
        return {"rate": self.rate, "rtt": self.rtt, "at": self.at, "rtt_at": self._rtt_at, "weight": self._weight}

    @classmethod
    def from_dict(cls, value: Any) -> "Speed":
        """What :meth:`to_dict` gave; whatever is not that is as if nothing was known."""
        found, speed = value if isinstance(value, Mapping) else {}, cls()
        speed.rate, speed.rtt = number_between(found.get("rate"), *_RATES), number_between(found.get("rtt"), *_RTTS)
        speed.at, speed._rtt_at = (number_between(found.get(name), 0, 1e11) for name in ("at", "rtt_at"))
        speed._weight = number_between(found.get("weight"), 0, 100) or 0.0
        return speed


def number_between(value: Any, least: float, most: float) -> float | None:
    """A number out of a stored dict, or None when it is none or out of bounds (a NaN is)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        return None
    return float(value)


def forecast_words(bytes_: int, seconds: float | None) -> str:
    """``18 MB, khoảng 25 phút``; ``3 KB, vài giây``; ``chưa biết bao lâu`` when ``seconds`` is None."""
    return "chưa biết bao lâu" if seconds is None else f"{size_words(bytes_)}, {duration_words(seconds)}"


def size_words(bytes_: int) -> str:
    """``3 KB``, ``1,2 MB``: 1 KB = 1024 bytes, as the file manager counts; one decimal below ten, and a decimal comma."""
    value, unit = max(0, bytes_) / 1024, "KB"
    for larger in ("MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1024, larger
    if unit == "KB":
        return f"{math.ceil(value)} KB"
    text = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
    return f"{text.removesuffix('.0').replace('.', ',')} {unit}"


def duration_words(seconds: float) -> str:
    """``vài giây``, ``khoảng 40 giây``, ``khoảng 25 phút``, ``khoảng 1 giờ 20 phút``, ``khoảng 3 ngày``: as fine as a forecast
    can be."""
    if seconds < 7.5:
        return "vài giây"
    if seconds < 57.5:
        return f"khoảng {_round(seconds, 5)} giây"
    minutes = seconds / 60
    if minutes < 57.5:
        return f"khoảng {_round(minutes, 1 if minutes < 10 else 5)} phút"
    hours, rest = divmod(_round(minutes, 10), 60)
    if hours < 10:
        return f"khoảng {hours} giờ" + (f" {rest} phút" if rest else "")
    return f"khoảng {_round(minutes / 60, 1)} giờ" if minutes < 2850 else f"khoảng {_round(minutes / 1440, 1)} ngày"


def _round(value: float, step: int) -> int:
    return max(step, math.floor(value / step + 0.5) * step)
