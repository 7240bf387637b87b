"""The work of a period: day by day, procedure by procedure, and what other units decide (phi địa giới)."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

from forms.names import fold
from forms.report import Cell, Chart, Column, Fact, Figure, Report
from forms.report_counting import DONE, Scope, Standing, Tally, figure
from forms.report_words import day_text

MOST_DAYS = 31
"""A chart of more days than these goes by months."""
MOST_BARS = 12
_RECEIVED, _FINISHED, _RETURNED = range(3)


def daily(scope: Scope) -> Report:
    """Received, finished and returned on every civil day, those without work too: an empty day is news as well."""
    tally = Tally(3)
    for fact in scope.dossiers():
        for place, moment in enumerate((fact.received_at, fact.finished_at, fact.returned_at)):
            if moment and scope.inside(moment):
                tally.add(moment[:10], (place,), fact.id)
    days = _days(scope)
    total = tally.total()
    titles = ("Tiếp nhận", "Đã giải quyết", "Đã trả kết quả")
    busiest = max(days, key=lambda day: len(tally.rows[day][_RECEIVED]), default="")
    summary: list[tuple[str, Cell]] = [*zip(titles, total, strict=True)]
    if total[_RECEIVED].value:
        summary.append((f"Ngày đông nhất: {day_text(busiest)}", tally.figures(busiest)[_RECEIVED]))
    return scope.report(
        (Column("Ngày", "day", width=12), *(Column(title, "count", width=14) for title in titles)),
        [(day, *tally.figures(day)) for day in days],
        ("Ngày dương lịch; hồ sơ rút và dừng tính vào đã giải quyết.",),
        total=("Tổng số", *total),
        charts=tuple(_chart(title, days, tally, place) for place, title in enumerate(titles[:2])),
        summary=tuple(summary),
    )


def _days(scope: Scope) -> list[str]:
    first, last = scope.period.first, date.fromisoformat(scope.last)
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _chart(title: str, days: list[str], tally: Tally, place: int) -> Chart:
    words, length = (" theo ngày", 10) if len(days) <= MOST_DAYS else (" theo tháng", 7)
    bars: dict[str, list[str]] = defaultdict(list)
    for day in days:
        bars[day[:length]] += tally.rows[day][place]
    return Chart(title + words, tuple((day_text(day), figure(ids)) for day, ids in bars.items()))


_DONE_GROUP, _OPEN_GROUP = "Đã giải quyết", "Đang giải quyết"
_COUNTS = (
    Column("Tiếp nhận trong kỳ", "count", width=12),
    Column("Tổng số", "count", _DONE_GROUP, 10),
    Column("Quá hạn", "count", _DONE_GROUP, 10),
    Column("Tổng số", "count", _OPEN_GROUP, 10),
    Column("Quá hạn", "count", _OPEN_GROUP, 10),
    Column("Số ngày giải quyết (trung vị)", "count", width=13),
)
_IN, _DONE, _LATE, _OPEN, _OVERDUE = range(5)
_PLACES = {
    Standing.EARLY: (_DONE,),
    Standing.ON_TIME: (_DONE,),
    Standing.LATE: (_DONE, _LATE),
    Standing.OPEN: (_OPEN,),
    Standing.OVERDUE: (_OPEN, _OVERDUE),
}
_WORK_NOTES = (
    "Quá hạn so theo ngày với ngày hẹn trả đang có hiệu lực; hồ sơ đang chờ người nộp tính là trong hạn (cần xác nhận).",
    "Số ngày giải quyết: ngày dương lịch từ tiếp nhận đến có kết quả, kể cả lúc chờ người nộp; không tính hồ sơ rút, dừng.",
)


def procedures(scope: Scope) -> Report:
    """What each procedure brought, how it went, and how long it takes."""
    lines, total = _work(scope, lambda fact: (fact.procedure, fact.procedure_name or fact.procedure))
    rows = [(code, name, *cells) for code, name, cells in lines]
    bars = tuple((str(row[1]), row[2]) for row in rows[:MOST_BARS] if isinstance(row[2], Figure) and row[2].value)
    return scope.report(
        (Column("Mã thủ tục", width=12), Column("Thủ tục", width=44), *_COUNTS),
        rows,
        _WORK_NOTES,
        total=("", "Tổng số", *total),
        charts=(Chart("Thủ tục có nhiều hồ sơ tiếp nhận nhất", bars),) if bars else (),
        summary=_summary(total),
    )


def competent(scope: Scope) -> Report:
    """Dossiers received here that another unit decides, by that unit."""
    lines, total = _work(scope, lambda fact: (fact.competent, fact.competent))
    return scope.report(
        (Column("TT", width=5), Column("Cơ quan giải quyết", width=44), *_COUNTS),
        [(str(n), name, *cells) for n, (_, name, cells) in enumerate(lines, 1)],
        ("Chỉ tính hồ sơ tiếp nhận tại đây do cơ quan khác giải quyết (NĐ 118/2025/NĐ-CP).", *_WORK_NOTES),
        total=("", "Tổng số", *total),
        summary=_summary(total),
    )


_Line = tuple[str, str, tuple[Cell, ...]]


def _work(scope: Scope, key: Callable[[Fact], tuple[str, str]]) -> tuple[list[_Line], tuple[Cell, ...]]:
    """A line for each key with its name, those with most receptions first, and the total. An empty key has no line."""
    tally, days, names = Tally(5), defaultdict[str, list[int]](list), dict[str, str]()
    for fact in scope.dossiers():
        (row, name), standing = key(fact), scope.standing(fact)
        if not row or standing is None:
            continue
        names[row] = name
        received = (_IN,) if scope.inside(fact.received_at) else ()
        tally.add(row, (*received, *_PLACES[standing]), fact.id)
        if standing in DONE and fact.ended == "finished":
            days[row].append(_days_taken(fact))
    order = sorted(names, key=lambda row: (-len(tally.rows[row][_IN]), fold(names[row]), row))
    lines: list[_Line] = [(row, names[row], (*tally.figures(row), _median(days[row]))) for row in order]
    return lines, (*tally.total(), _median([n for row in days.values() for n in row]))


def _days_taken(fact: Fact) -> int:
    return (date.fromisoformat((fact.finished_at or "")[:10]) - date.fromisoformat(fact.received_at[:10])).days


def _median(days: list[int]) -> float | None:
    return float(median(days)) if days else None


def _summary(total: tuple[Cell, ...]) -> tuple[tuple[str, Cell], ...]:
    names = ("Tiếp nhận trong kỳ", "Đã giải quyết", "Đã giải quyết quá hạn", "Đang giải quyết", "Đang giải quyết quá hạn")
    return tuple(zip(names, total[: len(names)], strict=True))
