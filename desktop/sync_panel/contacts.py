"""The last contacts with the gateway, one line each: when, and what came of it; among them the outages of receiving systems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QFrame, QWidget

from desktop.sync_panel import words
from desktop.widgets import Elided, Glyph, clear, column, row, rule, text

_MOST = 20
_ROW = 32


class Contacts(QFrame):
    """Not there before the first contact."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        box = column(self, gap=0)
        head = row(margins=(16, 0, 16, 0))
        head.addWidget(Glyph("clock-counter-clockwise", "ink2", 18))
        title = text("Những lần liên hệ gần đây", "strong")
        title.setFixedHeight(38)
        head.addWidget(title)
        head.addStretch()
        box.addLayout(head)
        self._list = column(gap=0)
        box.addLayout(self._list)
        self._shown: list[tuple[str, str, bool]] = []
        self.hide()

    def show_contacts(self, contacts: list[dict[str, Any]], now: datetime, outages: Sequence[dict[str, Any]] = ()) -> None:
        """The newest on top."""
        lines = words.contact_lines(contacts, now, _MOST, outages)
        if lines == self._shown:
            return
        self._shown = lines
        clear(self._list)
        for when, what, ok in lines:
            self._list.addWidget(_line(when, what, ok))
        self.setVisible(bool(lines))


def _line(when: str, what: str, ok: bool) -> QWidget:
    holder = QWidget()
    holder.setObjectName("contact")
    holder.setFixedHeight(_ROW)
    box = column(holder, gap=0)
    box.addWidget(rule())
    line = row(margins=(16, 0, 16, 0), gap=10)
    box.addLayout(line, 1)
    line.addWidget(Glyph("check-circle" if ok else "minus-circle", "green" if ok else "amber", 18))
    label = text(when, "panel")
    label.setFixedWidth(_width(label))
    line.addWidget(label)
    line.addWidget(Elided(what, "panel"), 1)
    return holder


def _width(label: QWidget) -> int:
    """Wide enough for two times and a day."""
    return label.fontMetrics().horizontalAdvance("00:00 – 00:00 00/00") + 8
