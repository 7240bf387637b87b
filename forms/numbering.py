"""Dossier codes (mã hồ sơ) and number ranges.

The legal code is ``unit-YYMMDD-XXXX`` (TT 01/2018/TT-VPCP Điều 19): unit, Vietnam date of reception, sequence of that
day. NĐ 309/2026/NĐ-CP gives the rule to Bộ Công an: the pattern is dated data (``resources/papers/codes.json``), and a
later entry takes over from its date.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from forms.problem import Problem
from resources import path_of


@dataclass(frozen=True)
class CodePattern:
    """How a code is written from its first day on. ``pattern`` has the holes ``unit``, ``day`` and ``number``; ``width``:
    digits of the daily sequence."""

    valid_from: date
    pattern: str
    width: int


@lru_cache(maxsize=2)
def read_patterns(file: Path) -> tuple[CodePattern, ...]:
    """The patterns of a file, oldest first. :raises Problem: ``pack_damaged``."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))["patterns"]
        known = [CodePattern(date.fromisoformat(p["valid_from"]), str(p["pattern"]), int(p["width"])) for p in raw]
        for p in known:
            if p.width < 1 or p.pattern.format(unit="U", day=date(2026, 11, 23), number=14).count("14") != 1:
                raise ValueError(p.pattern)
        if not known:
            raise ValueError("no pattern")
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise Problem("pack_damaged", file=file.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    return tuple(sorted(known, key=lambda p: p.valid_from))


def pattern_on(day: date, file: Path | None = None) -> CodePattern:
    """The pattern in force on a day; the first one also before its time."""
    patterns = read_patterns(file or path_of("papers", "codes.json"))
    return [p for p in patterns if p.valid_from <= day or p is patterns[0]][-1]


WIDTH = min(p.width for p in read_patterns(path_of("papers", "codes.json")))
"""Digits that the sequence has under every pattern: a lease lives on into the next one."""
LAST = 10**WIDTH - 1


def dossier_code(unit: str, day: date, number: int) -> str:
    """``dossier_code("H38.27.09", date(2026, 11, 23), 14)`` -> ``"H38.27.09-261123-0014"``."""
    return pattern_on(day).pattern.format(unit=unit, day=day, number=number)


def official_beside(dossier: Mapping[str, Any]) -> str:
    """The official number of a dossier (``Dossier.as_json()``) that was received under a temporary one; "" while there is none,
    and where ours is the official one."""
    number, ours = dossier.get("official_code"), dossier.get("code")
    issued = (dossier.get("procedure") or {}).get("code_source") == "issued"
    return str(number) if issued and number and ours and number != ours else ""


def numbered_by(dossier: Mapping[str, Any]) -> str | None:
    """The act that brought that number, None while there is none: a receipt drawn from then on bears both, and is another paper
    than the one before."""
    number = official_beside(dossier)
    if not number:
        return None
    bodies = ((row["act"], row.get("body") or {}) for row in dossier["history"] if not row.get("overruled"))
    return next((act for act, body in bodies if number in (body.get("official_code"), body.get("number"))), None)


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
