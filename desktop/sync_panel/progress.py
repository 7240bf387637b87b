"""How far the sending is: a line that fills, bytes, speed and time left. It fills from contact to contact, never back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.sync_panel import words
from desktop.track import Track
from desktop.widgets import Elided, column

_BETWEEN = timedelta(seconds=6)
"""Between two contacts nothing is under way for a moment: the line stays as it is for so long."""


@dataclass
class Far:
    """``done`` of ``total`` bytes, ``speed`` in bytes a second, seconds ``left`` or None."""

    done: int
    total: int
    speed: int
    left: float | None


class Run:
    """What is under way from the first byte until nothing waits. A request carries only what 45 seconds carry, and counts
    for itself; a person wants to see the whole."""

    def __init__(self) -> None:
        self._far: Far | None = None
        self._until: datetime | None = None

    def see(self, view: dict[str, Any], now: datetime) -> Far | None:
        """How far it is now; None when nothing is under way."""
        told, failed = view["progress"], bool(view["contacts"] and view["contacts"][-1]["problem"])
        if view["paused"] or words.nothing_waits(view):
            self._far = None
        elif told is not None:
            left = told["total"] - told["done"]
            total, done = (self._far.total, self._far.done) if self._far else (told["total"], told["done"])
            total += max(0, left - (total - done))  # something new waits, or a cut took something back
            self._far = Far(total - left, total, told["speed"], told["left"])
            self._until = now + _BETWEEN
        elif self._until is None or now > self._until or failed:
            self._far = None
        return self._far


class ProgressLine(QWidget):
    """The line and the words below it; not there at all while nothing is under way."""

    def __init__(self) -> None:
        super().__init__()
        box = column(self, gap=2)
        self.track = Track()
        self._words = Elided("", "panel")
        self._words.setObjectName("sync_progress")
        box.addWidget(self.track)
        box.addWidget(self._words)
        self.hide()

    def show_far(self, far: Far | None) -> None:
        """So far; None hides it."""
        self.setVisible(far is not None)
        if far is not None:
            self.track.show_part(far.done / far.total if far.total else 0.0)
            self._words.setText(words.progress(far.done, far.total, far.speed, far.left))
            self.setAccessibleName(f"Đang gửi: {self._words.text()}")
