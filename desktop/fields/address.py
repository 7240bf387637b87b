"""An address: the new commune by typing, or the old one, converted. A split is a choice; the old address stays beside.

Nothing typed is lost: what no commune fits stays as plain text. The value is a text, or ``{"text", "unit", "detail",
"old"}`` once the commune is known."""

from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from desktop.fields.base import Field, Line
from desktop.widgets import tip
from forms import address
from forms.names import clean, fold

_ENOUGH = 3  # letters before it is worth searching
_SHOWN, _ROW = 6, 34  # rows in view, px of each


class _AddressLine(Line):
    """While communes are offered the arrows move among them, Enter takes the marked one, Esc refuses them all."""

    moved = Signal(int)
    taken = Signal()
    refused = Signal()
    offering = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.offering and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif self.offering and event.key() == Qt.Key.Key_Escape:
            self.refused.emit()
        elif self.offering and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.refused.emit()
        super().focusOutEvent(event)


class AddressField(Field):
    """One line; below it, while it is typed in, the communes it may mean. What is marked from the start is certain; where
    an old commune was divided nothing is, and the clerk moves down to choose."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._line = _AddressLine()
        self._line.setMaxLength(500)
        self._line.setPlaceholderText("thôn, xã, tỉnh – gõ tên mới hoặc cũ")
        self._values: list[dict[str, Any]] = []
        self._known: dict[str, Any] | None = None
        self._offers: QListWidget | None = None
        self._line.textEdited.connect(self._typed)
        self._line.moved.connect(self._move)
        self._line.taken.connect(self._take)
        self._line.refused.connect(self._hide)
        self._line.left.connect(self._tidy)
        self.place_control(self._line)
        self.set_value(spec.get("default"))

    def value(self) -> Any:
        words = clean(self._line.text())
        if self._known is not None and self._known["text"] == words:
            return self._known
        return words or None

    def set_value(self, value: Any) -> None:
        self._known = dict(value) if isinstance(value, dict) else None
        self._line.setText(address.text_of(value))
        self._line.setCursorPosition(0)
        self._say_old()

    def begin(self, letter: str) -> None:
        self._line.setFocus()
        self._line.selectAll()
        if letter:
            self._line.insert(letter)

    def _typed(self, words: str) -> None:
        self.changed.emit()
        matches = address.Gazetteer.load().find(words, partial=True) if len(fold(words)) >= _ENOUGH else []
        offered = [(match, unit) for match in matches for unit in match.units]
        self._values = [address.value(match, unit) for match, unit in offered]
        if not offered:
            self._hide()
            return
        shown = self._list()
        shown.clear()
        for match, unit in offered:
            old = match.from_old
            came = f"   ←  cũ: {old.name}, {old.district}, {old.province}" if old else ""
            item = QListWidgetItem(f"{unit.name}, {unit.province}{came}")
            item.setSizeHint(QSize(0, _ROW))
            shown.addItem(item)
        shown.setCurrentRow(0 if len(matches[0].units) == 1 else -1)
        self._place(shown)

    def _list(self) -> QListWidget:
        """The list of offers, a child of the window so that no neighbour covers it; it never takes the keyboard."""
        if self._offers is None:
            self._offers = QListWidget(self.window())
            self._offers.setObjectName("address_offers")
            self._offers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._offers.setUniformItemSizes(True)
            self._offers.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._offers.itemClicked.connect(lambda _item: self._take())
        return self._offers

    def _place(self, shown: QListWidget) -> None:
        """Below the line, above it where there is no room, and as wide as its longest row needs."""
        tall = _ROW * min(shown.count(), _SHOWN) + 8
        longest = max(shown.fontMetrics().horizontalAdvance(shown.item(n).text()) for n in range(shown.count()))
        wide = min(max(self._line.width(), longest + 52), self.window().width() - 40)
        top = self._line.mapTo(self.window(), QPoint(0, self._line.height() + 2))
        if top.y() + tall > self.window().height():
            top.setY(self._line.mapTo(self.window(), QPoint(0, -tall - 2)).y())
        left = min(top.x(), self.window().width() - wide - 20)
        shown.setGeometry(left, top.y(), wide, tall)
        shown.raise_()
        shown.show()
        self._line.offering = True

    def _hide(self) -> None:
        self._line.offering = False
        if self._offers is not None:
            self._offers.deleteLater()
            self._offers.hide()
            self._offers = None

    def _move(self, step: int) -> None:
        shown = self._list()
        shown.setCurrentRow(min(max(shown.currentRow() + step, 0), shown.count() - 1))

    def _take(self) -> None:
        place = self._list().currentRow()
        self._hide()
        if place < 0:
            self._line.focusNextPrevChild(True)
            return
        self.set_value(self._values[place])
        self._line.setCursorPosition(len(self._line.text()))
        self.changed.emit()

    def _tidy(self) -> None:
        """A line that spells today's commune exactly is known without a choice."""
        words = clean(self._line.text())
        if words and self._known is None:
            first = next(iter(address.Gazetteer.load().find(words, limit=1)), None)
            if first is not None and first.from_old is None and len(first.units) == 1:
                found = address.value(first, first.units[0])
                if fold(found["text"]) == fold(words):
                    self._known, words = found, found["text"]
                    self.changed.emit()
        self._line.setText(words)
        self._line.setCursorPosition(0)
        self._say_old()

    def _say_old(self) -> None:
        old = (self._known or {}).get("old")
        self._line.setToolTip(tip(f"Địa chỉ trên giấy tờ cũ: {old['text']}") if old else "")
        self.title = f"{self.spec['title']} (cũ: {old['text']})" if old else self.spec["title"]
        self.label.setText(self.title, self.spec["title"])
