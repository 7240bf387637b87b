"""A report as a table: a model over its rows, figures drawn as links, the heading and the total line always in view.

The table is as tall as its rows and lies in the page's one scroll area, which draws only what is seen of it. ``stick``
tells it which part is seen; heading and total line stay within that part, as the sections of F2 do.
"""

import re
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QScrollBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop import theme
from desktop.reports.heading import PAD, Heading, edges, widths
from desktop.reports.words import NUMBERS, behind, count, heading, is_zero, title_of, value_of, words
from desktop.widgets import tip
from forms.report import Cell, Column, Report

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_WRAPPED_MOST = 600  # rows up to which long texts break into lines; a longer table keeps even rows and tool tips
_BAR = 12
_FIRST_ROWS = 3  # rows that the total line leaves in view where little of the table is seen
_NUMBER = re.compile(r"\(\d+\)")  # a sum that is told in numbers of columns: then the columns show theirs


class ReportModel(QAbstractTableModel):
    """Rows of a report under its columns. The cell itself is the user data."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.rows: tuple[tuple[Cell, ...], ...] = ()

    def show_rows(self, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.columns, self.rows = columns, rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role in (_Role.DisplayRole, _Role.AccessibleTextRole):
            return heading(self.columns[section])
        return None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        cell, column = self.rows[index.row()][index.column()], self.columns[index.column()]
        if role == _Role.DisplayRole:
            return words(cell, column.kind)
        if role == _Role.UserRole:
            return cell
        if role == _Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.kind in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == _Role.ToolTipRole:
            opens = behind(cell)
            return f"Mở {count(len(opens))}" if opens else tip(words(cell, column.kind)) if column.kind == "text" else None
        if role == _Role.AccessibleTextRole:
            said = "0" if is_zero(cell, column.kind) else words(cell, column.kind) or "không có"
            return f"{heading(column)}: {said}"
        return None


class _Delegate(QStyledItemDelegate):
    """Draws a cell: a figure that opens something as a link, nought quietly, a ring around the cell under the keyboard."""

    def __init__(self, view: "Grid", weight: int) -> None:
        super().__init__(view)
        self._view, self._weight = view, weight

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect
        cell, column = index.data(_Role.UserRole), self._view.grid.columns[index.column()]
        current = self._view.hasFocus() and index == self._view.currentIndex()
        link, hover = bool(behind(cell)), bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.fillRect(rect, theme.colour(self._ground(index, link and hover)))
        if self._weight > 400:
            painter.fillRect(QRect(rect.x(), rect.y(), rect.width(), 1), theme.colour("control"))
        if index.column() in self._view.marks:
            painter.fillRect(QRect(rect.x(), rect.y(), 1, rect.height()), theme.colour("line"))
        font = theme.font(14, max(self._weight, 500 if link else 400))
        font.setUnderline(link and (hover or current))
        painter.setFont(font)
        painter.setPen(theme.colour("primary" if link else "ink3" if value_of(cell) in (0, None) else "ink"))
        inner = rect.adjusted(PAD, 0, -PAD, 0)
        said, flags = words(cell, column.kind), int(index.data(_Role.TextAlignmentRole))
        if column.kind == "text" and self._view.wraps:
            flags |= int(Qt.TextFlag.TextWordWrap)
        else:
            said = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, flags, said)
        if current:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    def _ground(self, index: _Index, hover: bool) -> str:
        if hover:
            return "tint"
        if self._weight > 400:
            return "sunken"
        if self._view.hasFocus() and index.row() == self._view.currentIndex().row():
            return "selection"
        return "zebra" if index.row() % 2 else "surface"


class Grid(QTableView):
    """Cells under arrow keys. ``opened(row, column)``: Enter or a click on a figure; ``left_at``: the keyboard went over the
    upper (-1) or lower (1) edge; ``moved``: another cell has it."""

    opened = Signal(int, int)
    left_at = Signal(int)
    moved = Signal()

    def __init__(self, name: str, weight: int = 400) -> None:
        super().__init__()
        self.grid = ReportModel()
        self.marks: set[int] = set()
        self.wraps, self.page = False, 10
        self._metrics = QFontMetrics(theme.font(14, max(weight, 500)))
        self._talls: dict[tuple[str, int], int] = {}
        self.setObjectName(name)
        self.setModel(self.grid)
        self.setItemDelegate(_Delegate(self, weight))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.hide()
            header.setMinimumSectionSize(16)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_rows(self, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Other rows; the keyboard will begin at the first figure that opens something."""
        self.grid.show_rows(columns, rows)
        self.marks = edges(columns)
        self.wraps = len(rows) <= _WRAPPED_MOST
        first = next(((r, c) for r, line in enumerate(rows[:_WRAPPED_MOST]) for c, x in enumerate(line) if behind(x)), (0, 0))
        if rows:
            self.setCurrentIndex(self.grid.index(*first))

    def fit(self, given: list[int], least: int) -> int:
        """Take over column widths; rows grow with texts that need more lines. The height of all rows."""
        for place, wide in enumerate(given):
            self.setColumnWidth(place, wide)
        header = self.verticalHeader()
        header.setDefaultSectionSize(least)
        if self.wraps:
            for place in range(self.grid.rowCount()):
                header.resizeSection(place, max(self._tall(place, given), least))
        return header.length()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here, key = self.currentIndex(), event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and here.isValid():
            self.opened.emit(here.row(), here.column())
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and here.isValid():
            row = here.row() + (self.page if key == Qt.Key.Key_PageDown else -self.page)
            self.setCurrentIndex(here.siblingAtRow(min(max(row, 0), self.grid.rowCount() - 1)))
        elif key == Qt.Key.Key_Down and here.row() == self.grid.rowCount() - 1:
            self.left_at.emit(1)
        elif key == Qt.Key.Key_Up and here.row() <= 0:
            self.left_at.emit(-1)
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.moved.emit()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.viewport().update()
        self.moved.emit()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        under = self.indexAt(event.position().toPoint())
        link = under.isValid() and bool(behind(under.data(_Role.UserRole)))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and under.isValid() and under == self.currentIndex():
            self.opened.emit(under.row(), under.column())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls

    def _tall(self, place: int, given: list[int]) -> int:
        """Height that the texts of a row need; equal texts are measured once."""
        tall = 0
        for column, cell, wide in zip(self.grid.columns, self.grid.rows[place], given, strict=True):
            if column.kind == "text":
                key = (words(cell, "text"), wide - 2 * PAD)
                if key not in self._talls:
                    self._talls[key] = self._measure(*key)
                tall = max(tall, self._talls[key])
        return tall

    def _measure(self, said: str, room: int) -> int:
        if self._metrics.horizontalAdvance(said) <= room:
            return 0
        return self._metrics.boundingRect(QRect(0, 0, room, 9999), int(Qt.TextFlag.TextWordWrap), said).height() + 10


class _Ground(QWidget):
    """What total line and scroll bar stand on: no row shows through."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("sunken"))
        painter.end()


class ReportTable(QWidget):
    """Heading, rows, total line. ``opened(title, dossiers)`` on a figure; ``reached(top, bottom)``: the part of it that the
    keyboard has come to and that should be seen; ``left_at(-1)``: an arrow key leads out of it, above."""

    opened = Signal(str, tuple)
    reached = Signal(int, int)
    left_at = Signal(int)

    def __init__(self, report: Report, wide: bool = False) -> None:
        super().__init__()
        self._report, self._row = report, 40 if wide else 32
        self._inside, self._low = QWidget(self), _Ground()
        self.body, self.foot, self.heading = Grid("report.rows"), Grid("report.total", 600), Heading()
        self.bar = QScrollBar(Qt.Orientation.Horizontal)
        for part, holder in ((self.body, self._inside), (self.heading, self._inside), (self._low, self._inside)):
            part.setParent(holder)
        self.foot.setParent(self._low)
        self.bar.setParent(self._low)
        self.body.show_rows(report.columns, report.rows)
        self.foot.show_rows(report.columns, (report.total,) if report.total else ())
        self.body.setAccessibleName(report.title)
        self.foot.setAccessibleName("Dòng tổng")
        self.foot.setVisible(bool(report.total))
        self.setFocusProxy(self.body)
        self._widths: list[int] = []
        self._wide = self._heads = self._rows = self._feet = 0
        self._seen = (0, 10_000)
        self._connect()

    def stick(self, top: int, bottom: int) -> None:
        """Of this table, px ``top`` to ``bottom`` are seen."""
        self._seen = (top, bottom)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self._wide + 1, self.height() - 1), 4, 4)
        painter.end()

    def _connect(self) -> None:
        for grid, line_of in ((self.body, lambda row: self._report.rows[row]), (self.foot, lambda _row: self._report.total)):
            grid.opened.connect(lambda row, place, of=line_of: self._open(of(row), place))
            grid.moved.connect(lambda g=grid: self._reach(g))
            self.bar.valueChanged.connect(grid.horizontalScrollBar().setValue)
            grid.horizontalScrollBar().valueChanged.connect(self._slid)
        self.body.left_at.connect(self._leave_body)
        self.foot.left_at.connect(lambda way: self._into(self.body, self.foot) if way < 0 else None)

    def _open(self, line: tuple[Cell, ...], place: int) -> None:
        if behind(line[place]):
            self.opened.emit(title_of(self._report, line, place), behind(line[place]))

    def _leave_body(self, way: int) -> None:
        if way < 0:
            self.left_at.emit(-1)
        elif self._report.total:
            self._into(self.foot, self.body)

    def _into(self, grid: Grid, from_grid: Grid) -> None:
        row = 0 if grid is self.foot else grid.grid.rowCount() - 1
        if row >= 0:
            grid.setCurrentIndex(grid.grid.index(row, max(from_grid.currentIndex().column(), 0)))
            grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reach(self, grid: Grid) -> None:
        if not grid.hasFocus() or grid is self.foot:  # the total line is always in view
            return
        cell = grid.visualRect(grid.currentIndex())
        self.reached.emit(cell.top(), 1 + self._heads + cell.bottom() + 1 + self._feet)

    def _slid(self, offset: int) -> None:
        for grid in (self.body, self.foot):
            grid.horizontalScrollBar().setValue(offset)
        self.bar.setValue(offset)
        self.heading.slide(offset)

    def _measure(self) -> None:
        report, room = self._report, self.width() - 2
        self._widths = widths(report.columns, report.rows, report.total, room)
        numbered = any(_NUMBER.search(check.words) for check in report.checks)
        self._heads = self.heading.show_columns(report.columns, self._widths, numbered)
        self._rows = self.body.fit(self._widths, self._row)
        self._wide = min(sum(self._widths), room)
        over = sum(self._widths) - self._wide
        self.bar.setRange(0, over)
        self.bar.setPageStep(room)
        self.bar.setSingleStep(24)
        self.bar.setVisible(over > 0)
        self._feet = self.foot.fit(self._widths, self._row + 4) + (_BAR if over else 0)
        self.setFixedHeight(self._heads + self._rows + self._feet + 2)

    def _place(self) -> None:
        wide, tall = self._wide, self.height() - 2
        self._inside.setGeometry(1, 1, wide, tall)
        top, bottom = self._seen
        head = min(max(top - 1, 0), max(tall - self._heads - self._feet - self._row, 0))
        foot = max(min(bottom - 1, tall) - self._feet, min(self._heads + _FIRST_ROWS * self._row, tall - self._feet))
        # the frame that style.qss gives every table lies outside what is seen
        self.body.setGeometry(-1, self._heads - 1, wide + 2, self._rows + 2)
        self.heading.setGeometry(0, head, wide, self._heads)
        bar = _BAR if self.bar.maximum() else 0
        self._low.setGeometry(0, foot, wide, self._feet)
        self.foot.setGeometry(-1, -1, wide + 2, self._feet - bar + 2)
        self.bar.setGeometry(0, self._feet - bar, wide, bar)
        self.body.page = max((bottom - top - self._heads - self._feet) // self._row - 1, 1)
        self._low.raise_()
        self.heading.raise_()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
