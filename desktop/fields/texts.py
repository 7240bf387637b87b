"""Text, names, phones and personal numbers."""

import re
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from desktop.fields.base import Field, Line
from forms.names import clean
from forms.person import parse_card
from forms.problem import Problem

_HINTS = {"personal_number": "12 chữ số", "phone": ""}
_PASTED = 10_000
"""Characters that one paste may bring: five times what the longest answer may hold."""
_CARD = re.compile(r"^\s*\d{12}\|.*\|")
_DIGITS = ("personal_number", "phone")


def grouped(number: str) -> str:
    """A personal number in groups of three, as people read it: ``000 196 000 318``."""
    return " ".join(number[i : i + 3] for i in range(0, len(number), 3)) if len(number) == 12 else number


class TextField(Field):
    """One line. Names are cleaned (NFC, single spaces) on leaving; numbers are shown in groups and kept bare."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._kind = spec["x-kind"]
        self._line = Line()
        self._line.setMaxLength(int(spec.get("maxLength", 500)))
        self._line.setPlaceholderText(_HINTS.get(self._kind, ""))
        if self._kind in _DIGITS:
            self._line.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
        self._line.textEdited.connect(lambda _words: self.changed.emit())
        self._line.left.connect(self._tidy)
        self.place_control(self._line)
        self.set_value(spec.get("default"))

    def value(self) -> str | None:
        words = clean(self._line.text())
        if self._kind in _DIGITS:
            words = words.replace(" ", "").replace(".", "")
        return words or None

    def set_value(self, value: Any) -> None:
        words = str(value) if value is not None else ""
        self._line.setText(grouped(words) if self._kind == "personal_number" else words)
        self._line.setCursorPosition(0)

    def begin(self, letter: str) -> None:
        self._line.setFocus()
        self._line.selectAll()
        if letter:
            self._line.insert(letter)  # in place of what stood there; Ctrl+Z brings it back

    def show_finding(self, code: str | None, hard: bool, named: bool) -> None:
        if code is None and self._kind == "name" and any(letter.isdigit() for letter in self._line.text()):
            code = "digits_in_name"
        super().show_finding(code, hard, named)

    def _tidy(self) -> None:
        if self._kind == "name" and _CARD.match(self._line.text()):
            with suppress(Problem):  # the text stays as it is, and validation says that it is no name
                self.scanned.emit(parse_card(self._line.text()))
                return
        self.set_value(self.value())


class _Paragraph(QPlainTextEdit):
    def insertFromMimeData(self, source: QMimeData) -> None:
        """Words only, and not so many that laying them out stops the window."""
        self.insertPlainText(source.text()[:_PASTED])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.focusNextPrevChild(True)
            return
        super().keyPressEvent(event)


class LongTextField(Field):
    """Several lines; Shift+Enter breaks a line, Enter goes on."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._box = _Paragraph()
        self._box.setTabChangesFocus(True)
        self._box.setMaximumHeight(84)
        self._quiet = False
        self._box.textChanged.connect(self._edited)
        self.place_control(self._box)

    def value(self) -> str | None:
        return self._box.toPlainText().strip() or None

    def set_value(self, value: Any) -> None:
        self._quiet = True
        self._box.setPlainText(str(value or ""))
        self._quiet = False

    def _edited(self) -> None:
        if not self._quiet:
            self.changed.emit()
