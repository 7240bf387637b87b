"""Counting days: public holidays with swapped days, opening hours, the 15:00 rule -> the return date (ngày hẹn trả)."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from forms.problem import Problem
from forms.procedure import TimeLimit
from resources import path_of

VIETNAM = timezone(timedelta(hours=7))
"""All civil time is Vietnam time, whatever the PC's zone."""
LATE = time(15, 0)
"""A same-day procedure received after this is due the next working day (published steps of civil-status procedures)."""


def parse_moment(text: str) -> datetime | None:
    """An ISO moment as Vietnam time; without offset it is Vietnam time. None when the text is not one of this age."""
    try:
        moment = datetime.fromisoformat(text)
        civil = moment.astimezone(VIETNAM) if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
    except (ValueError, OverflowError):
        return None
    return civil if 1900 <= civil.year <= 2200 else None


@dataclass(frozen=True)
class Appointment:
    """When the result is promised. ``provisional``: a day that was counted is not officially confirmed yet."""

    return_at: datetime
    unit: str
    amount: int
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """Days off and swapped working days, each with the status of its source; opening hours as (open, close) pairs."""

    days_off: frozenset[date]
    work_days: frozenset[date]
    provisional: frozenset[date]
    hours: tuple[tuple[time, time], ...]
    known_until: date

    @classmethod
    def load(cls, file: Path | None = None, hours: list[list[str]] | None = None) -> "Calendar":
        """Read ``calendar/vietnam.json``; ``hours`` such as ``[["07:30", "11:30"], ["13:30", "17:00"]]``.

        :raises Problem: ``pack_damaged``.
        """
        source = file or path_of("calendar", "vietnam.json")
        try:
            raw: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
            days = [(date.fromisoformat(d["date"]), d["kind"], d["status"]) for d in raw["days"]]
            opening = [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in hours or raw["hours"]]
            until = date.fromisoformat(raw["known_until"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Problem("pack_damaged", file=source.name, reason=type(error).__name__) from error
        return cls(
            frozenset(d for d, kind, _ in days if kind == "off"),
            frozenset(d for d, kind, _ in days if kind == "work"),
            frozenset(d for d, _, status in days if status != "official"),
            tuple(sorted(opening)),
            until,
        )

    def is_working(self, day: date) -> bool:
        """Monday to Friday but public holidays, and the Saturdays worked in exchange."""
        return day in self.work_days or (day.weekday() < 5 and day not in self.days_off)

    def next_working(self, day: date) -> date:
        """The first working day after ``day``."""
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def appointment(self, limit: TimeLimit, received: datetime) -> Appointment:
        """The moment the result is due. Days are counted from the day after reception (Điều 147 Bộ luật Dân sự) and end
        at closing time; a last day that is a day off moves to the next working day (Điều 148)."""
        start = received.astimezone(VIETNAM)
        if limit.unit == "hour":
            due = self._add_hours(start, limit.amount)
        else:
            due = datetime.combine(self._due_day(limit, start), self.hours[-1][1], VIETNAM)
        first, last = start.date(), due.date()
        doubtful = last > self.known_until or any(first <= d <= last for d in self.provisional)
        return Appointment(due, limit.unit, limit.amount, doubtful)

    def _due_day(self, limit: TimeLimit, start: datetime) -> date:
        day = start.date()
        if limit.same_day:
            late = start.time() > LATE or not self.is_working(day)
            day = self.next_working(day) if late else day
            for _ in range(max(0, limit.amount - 1)):
                day = self.next_working(day)
            return day
        if limit.unit == "working_day":
            for _ in range(limit.amount):
                day = self.next_working(day)
            return day
        day = _add_months(day, limit.amount) if limit.unit == "month" else day + timedelta(days=limit.amount)
        return day if self.is_working(day) else self.next_working(day)

    def _add_hours(self, start: datetime, hours: int) -> datetime:
        """Working hours: outside opening hours the clock stands."""
        left, day, moment = timedelta(hours=hours), start.date(), start.time()
        while True:
            if self.is_working(day):
                for opens, closes in self.hours:
                    begin = max(datetime.combine(day, opens), datetime.combine(day, moment.replace(tzinfo=None)))
                    room = datetime.combine(day, closes) - begin
                    if room >= left:
                        return (begin + left).replace(tzinfo=VIETNAM)
                    left -= max(room, timedelta())
            day, moment = day + timedelta(days=1), time.min


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)
