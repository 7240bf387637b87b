"""The left side of the handbook: a search that filters as one types, and the list it filters."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop import theme
from desktop.handbook.finder import Finder, Group
from desktop.widgets import Glyph, column, text, tip
from forms.handbook import code_words
from forms.procedure import Procedure

_Index = QModelIndex | QPersistentModelIndex
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_ROW, _HEADING = 52, 36


class _Search(QLineEdit):
    """Down and Enter go on into the list, Esc empties the box."""

    into_list = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, *_ENTER):
            self.into_list.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)


class _List(QListView):
    """Typing goes on in the search, and Up from the first row leads back to it; Enter goes on to the page."""

    typed = Signal(str)
    upwards = Signal()
    taken = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        at_top = event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= self.first()
        if event.key() in _ENTER:
            self.taken.emit()
        elif at_top or event.key() == Qt.Key.Key_Escape:
            self.upwards.emit()
        elif plain and event.key() == Qt.Key.Key_Backspace:
            self.typed.emit("")
        elif plain and event.text() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def first(self) -> int:
        """The first row that can be chosen; -1 when there is none."""
        model = self.model()
        rows = range(model.rowCount()) if model else ()
        return next((n for n in rows if model.flags(model.index(n, 0)) & Qt.ItemFlag.ItemIsSelectable), -1)


class IndexModel(QAbstractListModel):
    """Headings (text) and procedures in one list; a heading cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str | Procedure] = []

    def show_groups(self, groups: Iterable[Group]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.rows = []
        for group in groups:
            self.rows += [group.heading] if group.heading else []
            self.rows += group.procedures
        self.endResetModel()

    def place(self, code: str) -> int:
        """The row of a procedure, -1 when it is not listed."""
        return next((n for n, r in enumerate(self.rows) if isinstance(r, Procedure) and r.code == code), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        heading = isinstance(self.rows[index.row()], str)
        return Qt.ItemFlag.NoItemFlags if heading else Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row if isinstance(row, str) else f"{row.short_name}, {_second_line(row)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return None if isinstance(row, str) else tip(row.name)
        return None


def _second_line(procedure: Procedure) -> str:
    said = (code_words(procedure), procedure.field, "nhập từ Cổng" if procedure.review == "imported" else "")
    return " · ".join(w for w in said if w)


class _RowDelegate(QStyledItemDelegate):
    """Two lines a procedure; the chosen one has its own ground and a 3-px bar, and a ring while the list has the keyboard."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _HEADING if isinstance(index.data(Qt.ItemDataRole.UserRole), str) else _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, rect = index.data(Qt.ItemDataRole.UserRole), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            _write(painter, rect.adjusted(12, 8, -8, 0), row, 13, 600, "ink2")
        else:
            self._procedure(painter, option, row)
        painter.restore()

    def _procedure(self, painter: QPainter, option: QStyleOptionViewItem, row: Procedure) -> None:
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selection" if chosen else "sunken"))
            painter.drawRoundedRect(rect, 4, 4)
        if chosen:
            painter.fillRect(QRect(rect.x(), rect.y() + 4, 3, rect.height() - 8), theme.colour("primary"))
        if chosen and option.widget.hasFocus():  # type: ignore[attr-defined]
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        inner = rect.adjusted(12, 5, -8, -5)
        _write(painter, QRect(inner.topLeft(), QSize(inner.width(), 22)), row.short_name, 14, 600 if chosen else 500, "ink")
        below = QRect(inner.x(), inner.y() + 22, inner.width(), inner.height() - 22)
        _write(painter, below, _second_line(row), 13, 400, "amber" if row.review == "imported" else "ink2")


def _write(painter: QPainter, rect: QRect, words: str, size: int, weight: int, token: str) -> None:
    painter.setFont(theme.font(size, weight))
    painter.setPen(theme.colour(token))
    painter.drawText(rect, _LEFT, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width()))


class Index(QWidget):
    """``chosen(code)`` when a procedure is under the cursor; ``taken`` when the clerk goes on to the page; ``missed(words,
    near)`` when no procedure holds every word (and how many come near), or nothing is chosen yet (no words)."""

    chosen = Signal(str)
    taken = Signal()
    missed = Signal(str, int)

    def __init__(self, finder: Finder) -> None:
        super().__init__()
        self._finder = finder
        self._model = IndexModel()
        self.search, self.list = _Search(), _List()
        self._count = text("", "meta")
        self._count.setObjectName("handbook_count")
        self._lay_out()
        self.search.textEdited.connect(self._filter)
        self.search.into_list.connect(self.focus_list)
        self.list.typed.connect(self._type_on)
        self.list.upwards.connect(self.focus_search)
        self.list.taken.connect(self.taken.emit)
        self.list.clicked.connect(lambda _index: self.list.setFocus())
        self.list.selectionModel().currentRowChanged.connect(self._moved)
        self._filter("")

    def use(self, finder: Finder) -> None:
        """The catalogue is another one; what was searched and what is shown stay."""
        self._finder = finder
        self._filter(self.search.text())

    def focus_search(self) -> None:
        """The box has the keyboard; what stands in it gives way to what is typed next."""
        self.search.setFocus()
        self.search.selectAll()

    def focus_list(self) -> None:
        """The list has the keyboard, at the procedure that is shown, else at the first."""
        if self.list.first() >= 0:
            self.list.setFocus()
            if not self.list.currentIndex().isValid():
                self._go(self.list.first())

    def open_procedure(self, code: str) -> None:
        """Put the cursor on a procedure, whatever was searched."""
        if self._model.place(code) < 0:
            self.search.clear()
            self._filter("")
        self._go(self._model.place(code))
        self.list.scrollTo(self.list.currentIndex(), QListView.ScrollHint.PositionAtCenter)

    def _lay_out(self) -> None:
        box = column(self, (24, 16, 8, 16), 8)
        search = self.search
        search.setObjectName("handbook_search")
        search.setProperty("kind", "search")
        search.setPlaceholderText("Gõ như người dân nói…")
        search.setAccessibleName("Tìm thủ tục: gõ tên, cách gọi hằng ngày hoặc mã số")
        search.setFixedHeight(36)
        glass = Glyph("magnifying-glass", "ink2", 16)
        glass.setParent(search)
        glass.move(12, 10)
        box.addWidget(search)
        box.addWidget(self._count)
        listed = self.list
        listed.setObjectName("handbook_list")
        listed.setAccessibleName("Danh sách thủ tục")
        listed.setModel(self._model)
        listed.setItemDelegate(_RowDelegate(listed))
        listed.setMouseTracking(True)
        listed.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        listed.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        box.addWidget(listed, 1)

    def _filter(self, words: str) -> None:
        groups, exact = self._finder.find(words)
        before = self._shown()
        self._model.show_groups(groups)
        number, words = sum(len(g.procedures) for g in groups), words.strip()
        self._count.setText(f"{number} thủ tục" if exact else "Không có thủ tục nào khớp hết các chữ")
        self.list.scrollToTop()
        place = -1 if not exact else self.list.first() if words else self._model.place(before)
        self._go(place)
        if place < 0:
            self.missed.emit(words, number)

    def _go(self, row: int) -> None:
        if row >= 0:
            self.list.setCurrentIndex(self._model.index(row, 0))

    def _shown(self) -> str:
        row = self.list.currentIndex().data(Qt.ItemDataRole.UserRole)
        return row.code if isinstance(row, Procedure) else ""

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._shown())

    def _type_on(self, letter: str) -> None:
        self.search.setFocus()
        self.search.end(False)
        if letter:
            self.search.insert(letter)
        else:
            self.search.backspace()
        self.search.textEdited.emit(self.search.text())
