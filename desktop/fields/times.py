"""A time of day: 14:05, 1405, 14h5."""

import re
from typing import Any

from PySide6.QtCore import Qt

from desktop.fields.base import Field, Line


def read_time(typed: str) -> str:
    """``"14h5"``, ``"1405"``, ``"14:05"`` -> ``"14:05"``; anything else as typed, so that the check calls it malformed."""
    words = typed.strip().lower()
    parts = [words[:-2], words[-2:]] if re.fullmatch(r"\d{3,4}", words) else re.split(r"[:hg.\s]+", words.rstrip("p"))
    hour, minute = (parts[0], parts[1] if len(parts) > 1 and parts[1] else "0") if 1 <= len(parts) <= 2 else ("", "")
    if not (hour.isdigit() and minute.isdigit()) or int(hour) > 23 or int(minute) > 59:
        return words
    return f"{int(hour):02d}:{int(minute):02d}"


class TimeField(Field):
    """The value is ``"HH:MM"``."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._line = Line()
        self._line.setMaxLength(8)
        self._line.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
        self._line.setPlaceholderText("giờ:phút")
        self._line.textEdited.connect(lambda _words: self.changed.emit())
        self._line.left.connect(lambda: self.set_value(self.value()))
        self.place_control(self._line)

    def value(self) -> str | None:
        return read_time(self._line.text()) or None

    def set_value(self, value: Any) -> None:
        self._line.setText(str(value or ""))
        self._line.setCursorPosition(0)
