"""Dates as people type them: 02112026, 2/11/2026, 2.11.26; partly known ones too: 1996, 08/1996."""

import re
from datetime import date
from typing import Any

from PySide6.QtCore import Qt

from desktop.fields.base import Field, Line
from forms.names import partial_date_vn

_SPLIT = re.compile(r"[/.\-\s]+")


def read_date(typed: str) -> str:
    """``"2/11/2026"``, ``"02112026"`` -> ``"2026-11-02"``; ``"1996"`` and ``"8/1996"`` partial; else the text as typed,
    so that the check calls it malformed and nothing typed is lost."""
    words = typed.strip()
    if words.isdigit() and len(words) in (6, 8):
        parts = [words[:2], words[2:4], words[4:]]
    else:
        parts = [p for p in _SPLIT.split(words) if p]
    if not parts or not all(p.isdigit() for p in parts) or len(parts) > 3:
        return words
    year = parts[-1] if len(parts[-1]) == 4 else _century(parts[-1])
    if len(year) != 4 or any(len(p) > 2 for p in parts[:-1]):
        return words
    iso = "-".join([year, *(p.zfill(2) for p in reversed(parts[:-1]))])
    try:
        date.fromisoformat((iso + "-01-01")[:10])
    except ValueError:
        return words
    return iso


def _century(two: str) -> str:
    """``"26"`` -> ``"2026"``, ``"96"`` -> ``"1996"``: people's dates lie in the past or the next few years."""
    if len(two) != 2:
        return two
    return ("20" if int(two) <= 40 else "19") + two


class DateField(Field):
    """A day (``date``), or what is known of it (``partial_date``). The value is ISO; a wrong text stays as typed."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._line = Line()
        self._line.setMaxLength(10)
        self._line.setInputMethodHints(Qt.InputMethodHint.ImhPreferNumbers)
        self._line.setPlaceholderText("nn/tt/nnnn")
        self._line.textEdited.connect(lambda _words: self.changed.emit())
        self._line.left.connect(self._tidy)
        self.place_control(self._line)

    def value(self) -> str | None:
        return read_date(self._line.text()) or None

    def set_value(self, value: Any) -> None:
        words = str(value or "")
        self._line.setText(partial_date_vn(words) if re.fullmatch(r"\d{4}(-\d\d){0,2}", words) else words)
        self._line.setCursorPosition(0)

    def _tidy(self) -> None:
        self.set_value(self.value())
