"""Counting days: public holidays with swapped days, opening hours, the 15:00 rule -> the return date (ngày hẹn trả)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from forms.local_rules import LocalRules
from forms.pack import read
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
    """When the result is promised. ``provisional``: a day that was counted is not officially confirmed yet. ``start``: the
    moment the period runs from. ``awaits_arrival``: another unit decides, and the period truly runs from its receipt (NĐ
    309/2026/NĐ-CP, Điều 17 khoản 3): until it says so the date is an expectation. ``skipped``: names of the days off that
    lie inside, for the clerk who is asked why."""

    return_at: datetime
    unit: str
    amount: int
    provisional: bool
    start: datetime
    awaits_arrival: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """Days off and swapped working days with their names, each with the status of its source; opening hours as (open,
    close) pairs, and those of single days that differ."""

    days_off: Mapping[date, str]
    work_days: Mapping[date, str]
    provisional: frozenset[date]
    hours: tuple[tuple[time, time], ...]
    known_until: date
    own_hours: Mapping[date, tuple[tuple[time, time], ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path | None = None, hours: list[list[str]] | None = None) -> "Calendar":
        """Read ``calendar/vietnam.json``; ``hours`` such as ``[["07:30", "11:30"], ["13:30", "17:00"]]``.

        :raises Problem: ``pack_damaged``.
        """

        def make(raw: dict[str, Any]) -> "Calendar":
            days = [(date.fromisoformat(d["date"]), d["kind"], d["status"], d["name"]) for d in raw["days"]]
            opening = [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in hours or raw["hours"]]
            return cls(
                {d: name for d, kind, _, name in days if kind == "off"},
                {d: name for d, kind, _, name in days if kind == "work"},
                frozenset(d for d, _, status, _ in days if status != "official"),
                tuple(sorted(opening)),
                date.fromisoformat(raw["known_until"]),
            )

        return read(file or path_of("calendar", "vietnam.json"), make)

    def under(self, rules: LocalRules) -> "Calendar":
        """This calendar with what the commune settled: closures, days declared off or worked, other hours."""
        off = {d: r.name for d, r in rules.days.items() if r.kind in ("off", "closed")}
        work = {d: r.name for d, r in rules.days.items() if r.kind == "work"}
        return replace(
            self,
            days_off={d: n for d, n in self.days_off.items() if d not in work} | off,
            work_days={d: n for d, n in self.work_days.items() if d not in off} | work,
            provisional=self.provisional - rules.days.keys(),
            hours=rules.hours or self.hours,
            own_hours={d: r.hours for d, r in rules.days.items() if r.hours},
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

    def hours_of(self, day: date) -> tuple[tuple[time, time], ...]:
        """Opening hours of a day, whether or not it is worked."""
        return self.own_hours.get(day, self.hours)

    def closing(self, day: date) -> datetime:
        """When the counter closes on a day."""
        return datetime.combine(day, self.hours_of(day)[-1][1], VIETNAM)

    def appointment(self, limit: TimeLimit, received: datetime) -> Appointment:
        """The moment the result is due. Days are counted from the day after reception (Điều 147 Bộ luật Dân sự) and end
        at closing time; a last day that is a day off moves to the next working day (Điều 148)."""
        start = self._next_opening(received.astimezone(VIETNAM), late=limit.late_starts_next)
        due = self._add_hours(start, limit.amount) if limit.unit == "hour" else self.closing(self._due_day(limit, start))
        return Appointment(due, limit.unit, limit.amount, self._doubtful(start, due), start, skipped=self._skipped(start, due))

    def awaited(self, limit: TimeLimit, received: datetime) -> Appointment:
        """The date that may be expected when another unit decides: the dossier is handed over the same working day, or at
        the start of the next one if received after 15:00 (NĐ 118/2025/NĐ-CP Điều 18 khoản 2 as amended)."""
        start = self._next_opening(received.astimezone(VIETNAM), late=True)
        return replace(self.appointment(limit, start), awaits_arrival=True)

    def moved(self, unit: str, due: datetime, stood: Iterable[tuple[datetime, datetime]]) -> datetime:
        """The due moment after the clock stood still from and to these moments (a supplement awaited, an outage).

        Spans that overlap count once; what lies after the due moment does not count: late stays late. Working days: those
        after the day it stopped, up to the day it went on. Hours: opening hours. Days and months: calendar days, and a day
        off moves on.
        """
        for start, end in _merged(stood):
            if start >= due or end <= start:
                continue
            start, end = start.astimezone(VIETNAM), end.astimezone(VIETNAM)
            if unit == "hour":
                due = self._add_minutes(due, self._open_minutes(start, end))
            elif unit == "working_day":
                due = max(due, self.closing(self._later(due.date(), self._days_between(start.date(), end.date()))))
            else:
                day = due.date() + (end.date() - start.date())
                due = max(due, self.closing(day if self.is_working(day) else self.next_working(day)))
        return due

    def _next_opening(self, moment: datetime, late: bool) -> datetime:
        """The same moment; or the opening of the next working day where ``late`` says that 15:00 and days off matter."""
        if not late or (moment.time() <= LATE and self.is_working(moment.date())):
            return moment
        day = self.next_working(moment.date())
        return datetime.combine(day, self.hours_of(day)[0][0], VIETNAM)

    def doubtful(self, start: datetime, due: datetime) -> bool:
        """Whether a day between the two is not officially confirmed."""
        return self._doubtful(start.astimezone(VIETNAM), due.astimezone(VIETNAM))

    def _doubtful(self, start: datetime, due: datetime) -> bool:
        first, last = start.date(), due.date()
        return last > self.known_until or any(first <= d <= last for d in self.provisional)

    def _skipped(self, start: datetime, due: datetime) -> tuple[str, ...]:
        inside = sorted(d for d in self.days_off if start.date() < d <= due.date() and d.weekday() < 5)
        return tuple(dict.fromkeys(self.days_off[d] for d in inside))

    def _days_between(self, first: date, last: date) -> int:
        """Working days after ``first`` up to and with ``last``."""
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def _later(self, day: date, days: int) -> date:
        for _ in range(days):
            day = self.next_working(day)
        return day if self.is_working(day) else self.next_working(day)

    def _due_day(self, limit: TimeLimit, start: datetime) -> date:
        day = start.date()
        if limit.same_day:
            late = start.time() > LATE or not self.is_working(day) or start >= self.closing(day)
            day = self.next_working(day) if late else day
            for _ in range(max(0, limit.amount - 1)):
                day = self.next_working(day)
            return day
        if limit.unit == "working_day":
            for _ in range(limit.amount):
                day = self.next_working(day)
            return day if self.is_working(day) else self.next_working(day)
        day = _add_months(day, limit.amount) if limit.unit == "month" else day + timedelta(days=limit.amount)
        return day if self.is_working(day) else self.next_working(day)

    def _add_hours(self, start: datetime, hours: int) -> datetime:
        """Working hours: outside opening hours the clock stands."""
        return self._add_minutes(start, hours * 60)

    def _open_minutes(self, start: datetime, end: datetime) -> int:
        """Minutes between two moments during which the counter is open."""
        total, day = timedelta(), start.date()
        while day <= end.date():
            for opens, closes in self.hours_of(day) if self.is_working(day) else ():
                begin = max(datetime.combine(day, opens, VIETNAM), start)
                total += max(min(datetime.combine(day, closes, VIETNAM), end) - begin, timedelta())
            day += timedelta(days=1)
        return round(total.total_seconds() / 60)

    def _add_minutes(self, start: datetime, minutes: int) -> datetime:
        left, day, moment = timedelta(minutes=minutes), start.date(), start.time()
        while True:
            if self.is_working(day):
                for opens, closes in self.hours_of(day):
                    begin = max(datetime.combine(day, opens), datetime.combine(day, moment.replace(tzinfo=None)))
                    room = datetime.combine(day, closes) - begin
                    if room >= left:
                        return (begin + left).replace(tzinfo=VIETNAM)
                    left -= max(room, timedelta())
            day, moment = day + timedelta(days=1), time.min


def uncounted(span: tuple[datetime, datetime], counted: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """What of a span lies outside those that were counted already: two reasons to stand still stand still once."""
    left = [span]
    for start, end in counted:
        left = [p for a, b in left for p in ((a, min(b, start)), (max(a, end), b)) if p[0] < p[1]]
    return left


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans in order, those that touch made one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)
