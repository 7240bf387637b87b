"""A week of contacts as strips of bars: tall green = heard, short amber = tried in vain. Height and colour both tell."""

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from forms.working_days import parse_moment

_DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_FIRST, _LAST, _PER_HOUR = 7, 17, 2  # office hours, bars of 30 minutes
_ROW = 38


class Week(QWidget):
    """Seven rows, oldest on top; a bar is half an hour between 7:00 and 17:00 (earlier and later ones count at the ends)."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: dict[tuple[int, int], bool] = {}
        self._now: datetime | None = None
        self.setFixedHeight(7 * _ROW + 24)

    def show_contacts(self, contacts: list[dict[str, Any]], now: datetime) -> None:
        """One success in a half hour makes it good."""
        self._now, self._heard = now, {}
        for contact in contacts:
            at = parse_moment(contact["at"])
            if contact["problem"] == "cancelled":
                continue  # somebody paused it: nothing is known of the line
            if at is not None and 0 <= (now.date() - at.date()).days < 7:
                place = min(max((at.hour - _FIRST) * _PER_HOUR + at.minute // 30, 0), (_LAST - _FIRST) * _PER_HOUR - 1)
                key = ((now.date() - at.date()).days, place)
                self._heard[key] = self._heard.get(key, False) or contact["ok"]
        good = sum(self._heard.values())
        self.setAccessibleName(f"Tuần qua: {good} nửa giờ liên lạc được, {len(self._heard) - good} nửa giờ thử không được")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._now is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in range(7):
            self._draw_day(painter, line, 6 - line)
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("ink2"))
        wide = self.width() - 64
        for hour, words in ((7, "7:00"), (9.5, "9:30"), (12, "12:00"), (14.5, "14:30"), (17, "17:00")):
            x = 64 + wide * (hour - _FIRST) / (_LAST - _FIRST)
            left = min(max(x - 20, 64), self.width() - 40)
            painter.drawText(QRectF(left, 7 * _ROW, 40, 18), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def _draw_day(self, painter: QPainter, line: int, ago: int) -> None:
        assert self._now is not None
        day, top = self._now.date() - timedelta(days=ago), line * _ROW
        painter.setFont(theme.font(13, 600 if not ago else 400))
        painter.setPen(theme.colour("ink" if not ago else "ink2"))
        words = "Hôm nay" if not ago else f"{_DAYS[day.weekday()]} {day.day}"
        painter.drawText(QRectF(0, top + 6, 62, 24), Qt.AlignmentFlag.AlignVCenter, words)
        track = QRectF(64, top + 8, self.width() - 64, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(track, 4, 4)
        step = track.width() / ((_LAST - _FIRST) * _PER_HOUR)
        for (days, place), good in self._heard.items():
            if days == ago:
                tall = 20 if good else 12
                painter.setBrush(theme.colour("green" if good else "amberLine"))
                painter.drawRoundedRect(QRectF(track.x() + place * step + 1, track.bottom() - tall, step - 3, tall), 2, 2)
