"""The kinds of reports at the left: arrow keys move, Enter or a click makes one, the right arrow goes into what is shown."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop import theme

_PAD = 12
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.AlignmentFlag.AlignLeft)
_Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """A title on as many lines as it needs; the one that is shown has a bar and stronger letters."""

    def __init__(self, kinds: "Kinds") -> None:
        super().__init__(kinds)
        self._kinds = kinds

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        wide = self._kinds.viewport().width()
        room = QRect(0, 0, wide - 2 * _PAD, 9999)
        tall = QFontMetrics(theme.font(14, 600)).boundingRect(room, _WRAP, index.data()).height()
        return QSize(wide, max(tall + 14, 40))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect: QRect = option.rect
        here = bool(option.state & QStyle.StateFlag.State_Selected) and self._kinds.hasFocus()
        shown = index.data(Qt.ItemDataRole.UserRole) == self._kinds.shown
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if here or shown or hover:
            painter.setBrush(theme.colour("selection" if here else "tint" if shown else "sunken"))
            painter.drawRoundedRect(rect, 6, 6)
        if shown:
            painter.setBrush(theme.colour("primary"))
            painter.drawRoundedRect(QRect(rect.x(), rect.y() + 6, 4, rect.height() - 12), 2, 2)
        painter.setFont(theme.font(14, 600 if shown else 500 if here else 400))
        painter.setPen(theme.colour("tintInk" if shown and not here else "ink"))
        painter.drawText(rect.adjusted(_PAD, 0, -_PAD, 0), _WRAP, index.data())
        painter.restore()


class Kinds(QListWidget):
    """``wanted(kind)``; ``into_report``: the right arrow. ``shown`` is the kind whose report is on screen."""

    wanted = Signal(str)
    into_report = Signal()

    def __init__(self, kinds: Mapping[str, str]) -> None:
        super().__init__()
        self.shown = ""
        self.setObjectName("report.kinds")
        self.setAccessibleName("Loại báo cáo")
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)  # lines are counted anew
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for kind, title in kinds.items():
            item = QListWidgetItem(title, self)
            item.setData(Qt.ItemDataRole.UserRole, kind)
        if kinds:
            self.setCurrentRow(0)
        self.itemClicked.connect(lambda item: self.wanted.emit(item.data(Qt.ItemDataRole.UserRole)))

    @property
    def kind(self) -> str:
        """The kind under the keyboard; "" when there is none."""
        item = self.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def title(self, kind: str) -> str:
        """The title of a kind."""
        items = (self.item(n) for n in range(self.count()))
        return next((i.text() for i in items if i.data(Qt.ItemDataRole.UserRole) == kind), kind)

    def show_made(self, kind: str) -> None:
        """The report of this kind is on screen."""
        self.shown = kind
        for n in range(self.count()):
            if self.item(n).data(Qt.ItemDataRole.UserRole) == kind:
                self.setCurrentRow(n)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.kind:
            self.wanted.emit(self.kind)
        elif event.key() == Qt.Key.Key_Right and not event.modifiers():
            self.into_report.emit()
        else:
            super().keyPressEvent(event)
