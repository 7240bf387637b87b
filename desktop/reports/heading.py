"""The head of a report's table: how wide each column is, which stand under one group, and the two-level heading itself."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.reports.words import NUMBERS, words
from forms.report import Cell, Column

PAD = 8
_BAND = 28  # height of the groups' line
_SAMPLE = 400  # rows whose texts are measured
_TEXT_LEAST, _TEXT_GOOD, _TEXT_MOST = 116, 232, 420
_LEAST, _AIR, _NUMBERS = 28, 40, 18
_WRAP = Qt.TextFlag.TextWordWrap
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


def groups(columns: Sequence[Column]) -> list[tuple[int, int, str]]:
    """First column, number of columns, heading: neighbours of the same group; no entry for columns of none."""
    found: list[tuple[int, int, str]] = []
    for place, column in enumerate(columns):
        if not column.group:
            continue
        if found and found[-1][2] == column.group and sum(found[-1][:2]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1, column.group)
        else:
            found.append((place, 1, column.group))
    return found


def edges(columns: Sequence[Column]) -> set[int]:
    """Columns with a line at their left: where a group begins, and what follows one."""
    return {place for place in range(1, len(columns)) if columns[place].group != columns[place - 1].group}


def widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], total: Sequence[Cell], room: int) -> list[int]:
    """A width in px for each column, between what each needs least, what reads well, and what shows everything. They fill
    the room; a table whose least does not fit is wider, one of few numbers and no text narrower."""
    if not columns:
        return []
    body, head = QFontMetrics(theme.font(14, 600)), QFontMetrics(theme.font(13, 600))
    sample = [*rows[:_SAMPLE], *([total] if total else [])]
    stages: list[list[int]] = [[], [], [], []]
    for place, column in enumerate(columns):
        said = {words(line[place], column.kind) for line in sample}
        for stage, wide in zip(stages, _needs(column, said, body, head), strict=True):
            stage.append(wide + 2 * PAD)
    for stage in stages:
        for first, number, title in groups(columns):
            short = head.horizontalAdvance(title) + 2 * PAD + 2 - sum(stage[first : first + number])
            for place in range(first, first + number):
                stage[place] += max(-(-short // number), 0)
    return _between(stages, room, [p for p, c in enumerate(columns) if c.kind == "text"] or list(range(len(columns))))


def _needs(column: Column, said: set[str], body: QFontMetrics, head: QFontMetrics) -> tuple[int, int, int, int]:
    """Least, good, full and airy width of a column, without its padding."""
    content = max((body.horizontalAdvance(each) for each in said), default=0)
    three, two = _title_width(head, column.title, 3), _title_width(head, column.title, 2)
    if column.kind != "text":
        least = max(content, three, _LEAST)
        return least, least, max(content, two, _LEAST), max(content, two, _LEAST) + _AIR
    word = max((body.horizontalAdvance(each) for text in said for each in text.split()), default=0)
    least = max(min(content, _TEXT_LEAST), min(word, _TEXT_GOOD), three, _LEAST)
    return least, max(min(content, _TEXT_GOOD), least), max(min(content, _TEXT_MOST), least), max(content, least)


def _title_width(metrics: QFontMetrics, title: str, lines: int) -> int:
    """The least width in which a title needs no more lines and no word is broken."""
    least = max((metrics.horizontalAdvance(word) for word in title.split()), default=0) + 2
    while _lines(metrics, title, least) > lines:
        least += 4
    return least


def _lines(metrics: QFontMetrics, title: str, width: int) -> int:
    return round(metrics.boundingRect(QRect(0, 0, width, 9999), int(_WRAP), title).height() / metrics.lineSpacing())


def _between(stages: list[list[int]], room: int, takers: list[int]) -> list[int]:
    """Widths between two stages that fill the room; what is over after the last goes to the texts, or in equal parts to
    numbers alone, but never so much that the eye loses its line."""
    if sum(stages[0]) > room:
        return stages[1]  # it is scrolled sideways anyway
    given = stages[-1]
    for low, high in pairwise(stages):
        if sum(high) >= room:
            share = (room - sum(low)) / (sum(high) - sum(low))
            given = [lo + int((hi - lo) * share) for lo, hi in zip(low, high, strict=True)]
            break
    spare, whole = room - sum(given), sum(given[p] for p in takers)
    if len(takers) == len(given) and 2 * whole < 0.85 * room:
        spare = whole
    more = {p: spare * given[p] // whole for p in takers}
    more[takers[-1]] += spare - sum(more.values())
    return [wide + more.get(place, 0) for place, wide in enumerate(given)]


class Heading(QWidget):
    """Titles over their columns, groups over their titles. It stands still at the top while the rows pass under it."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[Column, ...] = ()
        self._widths: list[int] = []
        self._offset = self._numbers = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_columns(self, columns: tuple[Column, ...], given: list[int], numbered: bool = False) -> int:
        """Take over columns and widths; the height it needs. ``numbered``: (1), (2) … stand below the titles."""
        self._columns, self._widths, self._numbers = columns, given, _NUMBERS if numbered else 0
        metrics = QFontMetrics(theme.font(13, 600))
        band = _BAND if groups(columns) else 0
        tall = max(
            (
                _lines(metrics, c.title, w - 2 * PAD) * metrics.lineSpacing() - (0 if c.group else band)
                for c, w in zip(columns, given, strict=True)
            ),
            default=0,
        )
        self.update()
        return band + max(tall, metrics.lineSpacing()) + 10 + self._numbers

    def slide(self, offset: int) -> None:
        """The table is scrolled sideways by so many px."""
        self._offset = offset
        self.update()

    def left_of(self, place: int) -> int:
        """Where a column begins."""
        return sum(self._widths[:place]) - self._offset

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.colour("ink2"))
        spans, marks = groups(self._columns), edges(self._columns)
        band = _BAND if spans else 0
        for place, column in enumerate(self._columns):
            top = band if column.group else 0
            cell = QRect(
                self.left_of(place) + PAD, top + 4, self._widths[place] - 2 * PAD, self.height() - top - 9 - self._numbers
            )
            side = Qt.AlignmentFlag.AlignRight if column.kind in NUMBERS else Qt.AlignmentFlag.AlignLeft
            low = Qt.AlignmentFlag.AlignBottom
            painter.drawText(cell, int(side) | int(low) | int(_WRAP), column.title)
            if self._numbers:
                self._draw_number(painter, QRect(cell.x(), cell.bottom() + 1, cell.width(), self._numbers), int(side), place)
        for first, number, title in spans:
            self._draw_group(painter, first, number, title)
        for place in marks:
            painter.fillRect(QRect(self.left_of(place), 0, 1, self.height()), theme.colour("line"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), theme.colour("line"))
        painter.end()

    def _draw_number(self, painter: QPainter, spot: QRect, side: int, place: int) -> None:
        painter.setFont(theme.font(12, 400))
        painter.drawText(spot, side | int(_MIDDLE), f"({place + 1})")
        painter.setFont(theme.font(13, 600))

    def _draw_group(self, painter: QPainter, first: int, number: int, title: str) -> None:
        wide = sum(self._widths[first : first + number])
        spot = QRectF(self.left_of(first) + PAD, 0, wide - 2 * PAD, _BAND - 1)
        painter.setPen(theme.colour("ink"))
        shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(spot.width()))
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignHCenter) | int(_MIDDLE), shown)
        painter.fillRect(QRectF(spot.x(), _BAND - 1, spot.width(), 1), theme.colour("line"))
        painter.setPen(theme.colour("ink2"))
