"""Dossier codes (mã hồ sơ) and number ranges.

The legal code is ``unit-YYMMDD-XXXX`` (TT 01/2018/TT-VPCP Điều 19): unit, Vietnam date of reception, sequence of that
day. NĐ 309/2026/NĐ-CP gives the rule to Bộ Công an; until it is published the pattern is this one, kept in one place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

WIDTH = 4
LAST = 10**WIDTH - 1


def dossier_code(unit: str, day: date, number: int) -> str:
    """``dossier_code("H38.27.09", date(2026, 11, 23), 14)`` -> ``"H38.27.09-261123-0014"``."""
    return f"{unit}-{day:%y%m%d}-{number:0{WIDTH}d}"


@dataclass(frozen=True)
class Range:
    """Numbers ``low``..``high`` (both included) of each day's sequence, leased to one epoch of one counter."""

    low: int
    high: int
    epoch: str

    @property
    def reserve_from(self) -> int:
        """The last tenth starts here: kept for the time between a restore and the next contact."""
        return self.high - max(1, (self.high - self.low + 1) // 10) + 1


def next_number(ranges: Iterable[Range], used: dict[int, int], epoch: str, *, reserve: bool) -> tuple[Range, int] | None:
    """The next free number and its range, or None when exhausted.

    :param used: range's ``low`` -> last number taken from it that day (reserve numbers count apart, under ``-low``).
    :param epoch: the counter's present epoch; its own ranges are used but for their last tenth.
    :param reserve: whether the last tenth of earlier epochs' ranges may be used: from a restore to the next contact, because
        nobody here knows which numbers were printed after the back-up.
    """
    for r in sorted(ranges, key=lambda r: (r.epoch != epoch, r.low)):
        if r.epoch == epoch:
            number = used.get(r.low, r.low - 1) + 1
            if number < r.reserve_from:
                return r, number
        elif reserve:
            number = used.get(-r.low, r.reserve_from - 1) + 1
            if number <= r.high:
                return r, number
    return None
