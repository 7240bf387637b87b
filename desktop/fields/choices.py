"""One of a list. Typing finds an entry with or without marks: "mo" finds Mông."""

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView

from desktop import theme
from desktop.fields.base import Field
from forms.names import fold


class Choice(QComboBox):
    """A closed list. Letters search it (folded), Alt+Down opens it, Enter goes on, the wheel scrolls the page instead."""

    def __init__(self) -> None:
        super().__init__()
        self.setView(QListView())  # without it the popup ignores the style sheet's row height
        self.setMaxVisibleItems(12)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(3)
        self._typed = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.focusNextPrevChild(True)
        elif event.key() == Qt.Key.Key_Backspace and len(self._typed) > 1:
            self._typed = self._typed[:-1]
            self._search("")
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._choose(0)
        elif _letter(event) and (event.text() != " " or self._typed):
            self._search(event.text())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        spot = QRect(self.width() - 26, (self.height() - 14) // 2, 14, 14)
        painter.drawPixmap(spot.topLeft(), theme.pixmap("caret-down", "ink2", 14, self.devicePixelRatioF()))
        painter.end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._typed = ""
        super().focusOutEvent(event)

    def _choose(self, index: int) -> None:
        self._typed = ""
        self.setCurrentIndex(index)
        self.activated.emit(index)

    def _search(self, typed: str) -> None:
        """Letters and spaces add up while the focus stays; Backspace takes the last one back, Delete clears all."""
        self._typed += typed
        wanted = fold(self._typed)
        entries = [fold(self.itemText(i)) for i in range(self.count())]
        starts = (i for i, entry in enumerate(entries) if entry and entry.startswith(wanted))
        words = (i for i, entry in enumerate(entries) if any(w.startswith(wanted) for w in entry.split()))
        hit = next(starts, next(words, None))
        if hit is None and typed:
            self._typed = self._typed[: -len(typed)]  # a slip: the letters before it still count
        if hit is not None and hit != self.currentIndex():
            self.setCurrentIndex(hit)
            self.activated.emit(hit)


def _letter(event: QKeyEvent) -> bool:
    """A key that types something."""
    plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return bool(event.text()) and event.text().isprintable() and plain


class ChoiceField(Field):
    """``oneOf`` constants with titles, or a plain ``enum``; nothing chosen is None."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._box = Choice()
        self._box.addItem("", None)
        for const, title in _entries(spec):
            self._box.addItem(title, const)
        self._box.activated.connect(lambda _index: self.changed.emit())
        self.place_control(self._box)
        self.set_value(spec.get("default"))

    def offer(self, entries: list[tuple[Any, str]]) -> None:
        """Another list to choose from; nothing is chosen."""
        self._box.clear()
        self._box.addItem("", None)
        for const, title in entries:
            self._box.addItem(title, const)

    def value(self) -> Any:
        return self._box.currentData()

    def set_value(self, value: Any) -> None:
        self._box.setCurrentIndex(max(self._box.findData(value), 0))


class YesNoField(ChoiceField):
    """Có or Không; not answered is neither."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        answers = [{"const": True, "title": "Có"}, {"const": False, "title": "Không"}]
        super().__init__(path, spec | {"oneOf": answers}, required)


def _entries(spec: dict[str, Any]) -> list[tuple[Any, str]]:
    if "oneOf" in spec:
        return [(one["const"], one["title"]) for one in spec["oneOf"]]
    return [(one, str(one)) for one in spec.get("enum", ())]
