"""Counting dossiers for a report: which of them its period sees, how each stands at its end, and ids gathered into figures.

Moments are ISO text of one zone, so civil days and moments are compared as text: a year of a large ward is counted at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from itertools import chain
from typing import Any

from forms.names import moment_vn
from forms.report import Cell, Column, Fact, Figure, House, Movement, Period, Report
from forms.report_words import period_text
from forms.stages import Stage
from forms.working_days import VIETNAM

_UNCOUNTED = frozenset({Stage.UNKNOWN, Stage.FILED, Stage.GUIDED, Stage.DECLINED, Stage.ANNULLED})
"""Not taken in, or void: in no report."""
_WITHOUT_RESULT = frozenset({"withdrawn", "stopped"})


class Standing(Enum):
    """How a dossier stands at the end of a period, by civil days: done before, on or after its due day; open, in time or not."""

    EARLY = auto()
    ON_TIME = auto()
    LATE = auto()
    OPEN = auto()
    OVERDUE = auto()


DONE = frozenset({Standing.EARLY, Standing.ON_TIME, Standing.LATE})


@dataclass(frozen=True)
class Scope:
    """What a report is made from. ``first``, ``last``: civil days as ISO text, ``last`` never after today: a period that still
    runs is told as it stands now. ``end``: the moment it is told at."""

    kind: str
    title: str
    period: Period
    first: str
    last: str
    end: str
    facts: Iterable[Fact]
    movements: Iterable[Movement]
    house: House
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        kind: str,
        title: str,
        period: Period,
        facts: Iterable[Fact],
        movements: Iterable[Movement],
        house: House,
        now: datetime,
    ) -> "Scope":
        """:param now: with its zone; any zone."""
        civil = now.astimezone(VIETNAM)
        last = min(period.last, civil.date()).isoformat()
        runs = period.last >= civil.date()
        end = civil.isoformat(timespec="seconds") if runs else f"{last}T24"
        notes = [f"Chỉ tính những gì máy này đã biết lúc {moment_vn(civil)}; việc của quầy khác chưa về máy này thì chưa có."]
        notes += ["Kỳ chưa kết thúc: số liệu tính đến lúc lập."] if runs else []
        return cls(kind, title, period, period.first.isoformat(), last, end, facts, movements, house, tuple(notes))

    def inside(self, moment: str | None) -> bool:
        """Whether it happened in the period."""
        return moment is not None and self.first <= moment[:10] <= self.last

    def dossiers(self) -> Iterator[Fact]:
        """Every dossier received by the last day; those declined, only guided or annulled are no dossiers here."""
        last = self.last
        for fact in self.facts:
            received = fact.received_at
            if received and received[:10] <= last and fact.stage not in _UNCOUNTED:
                yield fact

    def standing(self, fact: Fact) -> Standing | None:
        """How a dossier stands at the end of the last day; None = it had ended before the first.

        Days are compared, not hours. No due date, withdrawn and stopped: on time; awaited from the resident: in time
        (practice of the systems in use, *cần xác nhận*).
        """
        ended, due = (fact.finished_at or "")[:10], (fact.return_at or "")[:10]
        if ended and ended <= self.last:
            if ended < self.first:
                return None
            if not due or ended == due or fact.ended in _WITHOUT_RESULT:
                return Standing.ON_TIME
            return Standing.EARLY if ended < due else Standing.LATE
        return Standing.OPEN if not due or due >= self.last or self.awaited(fact) else Standing.OVERDUE

    def awaited(self, fact: Fact) -> str:
        """Since when the resident is awaited at the end of the last day, "" when nobody waits."""
        return next((since for since, until in fact.pauses if since[:10] <= self.last and not self.over(until)), "")

    def over(self, moment: str | None) -> bool:
        """Whether something had happened by the end of the last day."""
        return moment is not None and moment[:10] <= self.last

    def report(self, columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]], notes: Iterable[str], **parts: Any) -> Report:
        """The report with what is the same in all: kind, title, period, and what limits every count."""
        made = {"form": "", "title": self.title} | parts
        said = (*notes, *self.notes)
        return Report(self.kind, period=period_text(self.period), columns=tuple(columns), rows=tuple(rows), notes=said, **made)


class Tally:
    """Ids of dossiers by row and place, then figures of them."""

    def __init__(self, places: int) -> None:
        self._places = places
        self.rows: defaultdict[str, list[list[str]]] = defaultdict(lambda: [[] for _ in range(places)])

    def add(self, row: str, places: Iterable[int], dossier: str) -> None:
        """One dossier in one row, in each of these places."""
        ids = self.rows[row]
        for place in places:
            ids[place].append(dossier)

    def figures(self, row: str) -> tuple[Figure, ...]:
        """One row, place by place."""
        return tuple(figure(ids) for ids in self.rows[row])

    def total(self) -> tuple[Figure, ...]:
        """Place by place over all rows; a dossier that stands in several rows counts once."""
        return tuple(figure(chain.from_iterable(row[n] for row in self.rows.values())) for n in range(self._places))


def figure(dossiers: Iterable[str]) -> Figure:
    """How many, each counted once, and which."""
    ids = tuple(dict.fromkeys(dossiers))
    return Figure(len(ids), ids)


def percent(part: Figure, whole: Figure) -> float | None:
    """From 0 to 100; None where there is nothing to divide by."""
    return 100 * part.value / whole.value if whole.value else None


def after(moment: str, due: str) -> bool:
    """Whether a moment lies after a due one; a due day without an hour lasts until its end."""
    return moment > due if len(due) > 10 else moment[:10] > due
