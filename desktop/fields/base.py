"""What every field is: a label of 20 px over a control of 36 px, a value, and a place for a finding."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop import messages
from desktop.widgets import Elided, column, retone

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Field(QWidget):
    """One property of the line at ``path``. ``changed`` is emitted for the clerk's edits only, never for ``set_value``."""

    changed = Signal()
    scanned = Signal(object)  # forms.person.Card, when somebody scanned into an ordinary field

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__()
        self.path, self.spec, self.required = path, spec, required
        self.title: str = spec["title"]
        self.label = Elided(self.title, "label")
        self.label.setFixedHeight(20)

    def value(self) -> Any:
        """The value for the line; None when nothing was typed."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value of the line; None empties the field."""
        raise NotImplementedError

    def begin(self, letter: str) -> None:
        """Take the keyboard, and a first letter that was typed elsewhere."""
        self.setFocus()

    def controls(self) -> list["Field"]:
        """This field, or the fields it is made of."""
        return [self]

    def place_control(self, control: QWidget) -> None:
        """Lay the control out below the label, name it by the path, and let it speak its label."""
        box = column(self, gap=2)
        box.addWidget(self.label)
        box.addWidget(control)
        control.setObjectName(".".join(self.path))
        control.setAccessibleName(self.title)
        self.setFocusProxy(control)
        self._control = control
        self.setFixedHeight(58 if control.maximumHeight() != 84 else 106)

    def move_to(self, path: tuple[str, ...]) -> None:
        """The field now stands at another place of the line: a row above it has gone."""
        self.path = path
        self._control.setObjectName(".".join(path))

    def show_finding(self, code: str | None, hard: bool, named: bool) -> None:
        """Say beside the label what is wrong; ``named`` also says that it is missing (after a press of F9 too early)."""
        if code is not None and (code != "missing" or named):
            words = messages.finding(code, self.spec["x-kind"])
            short = (f"{self.title} – thiếu", self.title) if code == "missing" else (words,)
            self.label.setText(f"{self.title} – {words}", *short)
            retone(self.label, tone="amber")
            retone(self._control, state="wrong")
            self._control.setAccessibleDescription(words)
        else:
            self.label.setText(self.title)
            retone(self.label, tone="")
            retone(self._control, state="")
            self._control.setAccessibleDescription("")


class Line(QLineEdit):
    """A text line in which Enter goes on to the next field, as Tab does."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self.focusNextPrevChild(True)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setCursorPosition(0)
        self.left.emit()
