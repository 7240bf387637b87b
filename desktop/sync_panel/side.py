"""The panel of F5: a week of contacts as a picture, and the counts of dossiers by how far they have come."""

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from desktop.sync_panel.week import Week
from desktop.widgets import Glyph, column, frame, row, rule, scrolling, text
from forms.working_days import parse_moment

_COUNTS = (
    ("last_contact", "clock", "Liên hệ gần nhất"),
    ("kept", "circle", "Chờ gửi"),
    ("received", "circle-half-fill", "Cổng xã đã nhận"),
    ("accepted", "shield-check", "Hệ thống nhận đã chấp nhận"),
    ("refused", "x-circle", "Bị từ chối"),
)


class Side(QFrame):
    """Figures only; nothing here takes the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        holder = QWidget()
        box = column(holder, (15, 12, 16, 12), 8)
        box.addWidget(text("Liên hệ trong tuần", "h2"))
        box.addWidget(text("Giờ làm việc, mỗi vạch 30 phút.", "meta"))
        self._week = Week()
        box.addWidget(self._week)
        box.addWidget(_legend())
        box.addWidget(rule())
        self._counts: dict[str, QLabel] = {}
        for name, icon, words in _COUNTS:
            line = row(gap=10)
            line.addWidget(Glyph(icon, "ink2", 18))
            line.addWidget(text(words, "panel"))
            line.addStretch()
            self._counts[name] = text("", "panelStrong")
            self._counts[name].setObjectName(f"count.{name}")
            line.addWidget(self._counts[name])
            box.addLayout(line)
        box.addStretch()
        box.addWidget(_safe())
        column(self).addWidget(scrolling(holder))
        self._shown: list[Any] | None = None

    def show_read(self, status: dict[str, Any], contacts: list[dict[str, Any]], now: datetime) -> None:
        """Another look at the store."""
        if contacts != self._shown:
            self._shown = contacts
            self._week.show_contacts(contacts, now)
        contact = parse_moment(status["last_contact"] or "")
        for name, label in self._counts.items():
            if name == "last_contact":
                label.setText(f"{contact:%H:%M %d/%m/%Y}" if contact else "chưa lần nào")
            else:
                label.setText(f"{status.get(name, 0)} hồ sơ")


def _safe() -> QFrame:
    safe = frame("safe")
    inner = row(safe, (14, 10, 14, 10), 12)
    inner.addWidget(Glyph("shield-check", "green", 20))
    inner.addWidget(text("Mọi hồ sơ đã giữ an toàn trên máy này, kể cả khi mất điện.", "panelStrong", "green", True), 1)
    return safe


def _legend() -> QWidget:
    holder = QWidget()
    line = row(holder, gap=6)
    for icon, token, words in (("square-fill", "green", "liên lạc được"), ("square-fill", "amberLine", "thử không được")):
        line.addWidget(Glyph(icon, token, 14))
        line.addWidget(text(words, "caption"))
        line.addSpacing(12)
    line.addStretch()
    return holder
