"""Whole numbers and amounts of đồng."""

from typing import Any

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QRegularExpressionValidator

from desktop.fields.base import Field, Line


class NumberField(Field):
    """Digits only; amounts are shown with points (16.000) and kept bare."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._money = spec["x-kind"] == "money"
        self._line = Line()
        self._line.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self._line.setValidator(QRegularExpressionValidator(QRegularExpression(r"[0-9.]{0,17}"), self._line))
        self._line.textEdited.connect(lambda _words: self.changed.emit())
        self._line.left.connect(lambda: self.set_value(self.value()))
        self.place_control(self._line)
        self.set_value(spec.get("default"))

    def value(self) -> int | None:
        digits = self._line.text().replace(".", "")
        return int(digits) if digits else None

    def set_value(self, value: Any) -> None:
        shown = "" if value is None else f"{value:,}".replace(",", ".") if self._money else str(value)
        self._line.setText(shown)
