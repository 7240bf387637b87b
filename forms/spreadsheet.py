"""A report as an XLSX workbook: real numbers and days, print set-up, native charts, and no text that a spreadsheet would run.

Everything is made in memory: reports hold names, and a temporary file would lie readable beside the encrypted store.
"""

import io
import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import xlsxwriter

from forms.names import moment_vn
from forms.report import Cell, Chart, Column, Figure, Kind, Report
from forms.report_words import heading_groups
from forms.working_days import VIETNAM, parse_moment

Workbook: TypeAlias = Any  # XlsxWriter tells no types
Worksheet: TypeAlias = Any
Format: TypeAlias = Any
SHEET, CHARTS = "Báo cáo", "Biểu đồ"
LONGEST = 32_767
"""Characters of one cell; the format has no room for more."""
_SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBERS: dict[Kind, str] = {
    "count": "#,##0",
    "money": "#,##0",
    "percent": "0.0%",
    "day": "dd/mm/yyyy",
    "moment": "hh:mm dd/mm/yyyy",
}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "align": "center", "text_wrap": True},
    "centre": {"align": "center"},
    "plain": {"text_wrap": True},
    "heading": {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#E8EEF4"},
    "number": {"italic": True, "align": "center", "border": 1},
    "cell": {"border": 1, "text_wrap": True},
    "total": {"border": 1, "text_wrap": True, "bold": True, "bg_color": "#F4F4F4"},
}


def sheet(report: Report, house_name: str, printed: datetime) -> bytes:
    """The workbook. :param house_name: who reports; :param printed: with its zone."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _SAFE)
    now = printed.astimezone(VIETNAM)
    book.set_properties({"title": _inert(report.title), "created": now.replace(tzinfo=None)})
    pen = _Pen(book)
    _table(pen, book.add_worksheet(SHEET), report, house_name, f"Lập lúc {moment_vn(now)}")
    charts = [chart for chart in report.charts if chart.bars]
    if charts:
        _charts(pen, book.add_worksheet(CHARTS), charts)
    book.close()
    return buffer.getvalue()


def runs(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula when the cell is edited or the sheet goes through CSV."""
    return text.startswith(_RUNS) or text.lstrip().startswith(_RUNS)


def _inert(text: str) -> str:
    return _ILLEGAL.sub("", text)[:LONGEST]


class _Pen:
    """Writes cells of all kinds; a text is never anything but text."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._formats: dict[tuple[str, str, bool], Format] = {}

    def format(self, style: str, number: str = "", quoted: bool = False) -> Format:
        key = (style, number, quoted)
        if key not in self._formats:
            look = {"font_name": "Times New Roman", "valign": "vcenter", "num_format": number or "General"} | _STYLES[style]
            self._formats[key] = self.book.add_format(look | ({"quote_prefix": True} if quoted else {}))
        return self._formats[key]

    def text(self, page: Worksheet, row: int, column: int, text: str, style: str) -> None:
        text = _inert(text)
        page.write_string(row, column, text, self.format(style, quoted=runs(text)))

    def area(self, page: Worksheet, place: tuple[int, int, int, int], text: str, style: str) -> None:
        """A text over several cells: first row and column, last row and column."""
        top, left, bottom, right = place
        if (top, left) != (bottom, right):
            page.merge_range(top, left, bottom, right, "", self.format(style))
        self.text(page, top, left, text, style)

    def cell(self, page: Worksheet, row: int, column: int, cell: Cell, kind: Kind, style: str) -> None:
        value = cell.value if isinstance(cell, Figure) else cell
        moment = parse_moment(value) if isinstance(value, str) and kind in ("day", "moment") else None
        if value is None:
            page.write_blank(row, column, None, self.format(style))
        elif moment:
            day = moment if kind == "moment" else moment.replace(hour=0, minute=0, second=0, microsecond=0)
            page.write_datetime(row, column, day.replace(tzinfo=None), self.format(style, _NUMBERS[kind]))
        elif isinstance(value, str):
            self.text(page, row, column, value, style)
        else:
            number = "#,##0.0" if kind == "count" and isinstance(value, float) else _NUMBERS.get(kind, "General")
            page.write_number(row, column, value / 100 if kind == "percent" else value, self.format(style, number))


def _table(pen: _Pen, page: Worksheet, report: Report, house_name: str, printed: str) -> None:
    last = len(report.columns) - 1
    _set_up(page, report.columns, printed)
    row = 0
    above = ((house_name, "plain"), (report.form, "plain"), (report.title.upper(), "title"), (report.period, "centre"))
    for text, style in above:
        if text:
            pen.area(page, (row, 0, row, last), text, style)
            row += 1
    first = row + 1
    row = _headings(pen, page, first, report)
    page.repeat_rows(first, row - 1)
    page.freeze_panes(row, 0)
    for line in (*report.rows, report.total) if report.total else report.rows:
        for n, (cell, column) in enumerate(zip(line, report.columns, strict=True)):
            pen.cell(page, row, n, cell, column.kind, "total" if line is report.total else "cell")
        row += 1
    _below(pen, page, row + 1, report, printed)


def _set_up(page: Worksheet, columns: Sequence[Column], printed: str) -> None:
    """A4 landscape, as wide as the page, numbered."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L&8{printed}&R&8Trang &P/&N")
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # codes are text, and no mistake
    for n, column in enumerate(columns):
        page.set_column(n, n, column.width + 2)


def _headings(pen: _Pen, page: Worksheet, row: int, report: Report) -> int:
    """The columns' titles, below the groups they belong to; a prescribed form numbers its columns. -> the row after."""
    titles, below = report.columns, row + any(column.group for column in report.columns)
    for group, places in heading_groups(titles):
        if group:
            pen.area(page, (row, places[0], row, places[-1]), group, "heading")
        for n in places:
            pen.area(page, (below if group else row, n, below, n), titles[n].title, "heading")
    for n in range(len(titles)) if report.form else ():
        pen.text(page, below + 1, n, f"({n + 1})", "number")
    return below + (2 if report.form else 1)


def _below(pen: _Pen, page: Worksheet, row: int, report: Report, printed: str) -> None:
    """Sums that must hold, and what a reader must know; a row is made as high as its text needs."""
    width = sum(column.width + 2 for column in report.columns)
    checks = [f"{'Đúng' if check.holds else 'SAI'}: {check.words}" for check in report.checks]
    for text in (*checks, *report.notes, printed):
        pen.area(page, (row, 0, row, len(report.columns) - 1), text, "plain")
        page.set_row(row, 15 * math.ceil(len(text) / width))
        row += 1


def _charts(pen: _Pen, page: Worksheet, charts: Iterable[Chart]) -> None:
    """Bars beside the numbers they are drawn from."""
    page.set_column(0, 0, 40)
    row = 0
    for chart in charts:
        pen.text(page, row, 0, chart.title, "plain")
        pen.text(page, row, 1, chart.unit, "centre")
        first, last = row + 1, row + len(chart.bars)
        for n, (name, figure) in enumerate(chart.bars, first):
            pen.text(page, n, 0, name, "plain")
            pen.cell(page, n, 1, figure, "count", "plain")
        drawn: Any = pen.book.add_chart({"type": "bar"})
        places = {"categories": [CHARTS, first, 0, last, 0], "values": [CHARTS, first, 1, last, 1]}
        drawn.add_series(places | {"data_labels": {"value": True}, "gap": 40})
        drawn.set_title({"name": chart.title.lstrip("=")})
        drawn.set_y_axis({"reverse": True})
        drawn.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        drawn.set_legend({"none": True})
        height = 120 + 24 * len(chart.bars)
        drawn.set_size({"width": 720, "height": height})
        page.insert_chart(row, 3, drawn)
        row = max(last, first + height // 20) + 2
