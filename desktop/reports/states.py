"""What F7 shows when it shows no figures: why there are none, or how far the work is."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.reports.words import decimal
from desktop.widgets import Button, State, column, text


def no_figures(title: str, hint: str) -> State:
    """F7 without a report."""
    return State(title, hint, "report.state", "chart-bar", "ink3")


class Progress(QWidget):
    """What is being made, how far it is, and a way out."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        super().__init__()
        box = column(self, gap=12)
        box.addStretch(2)
        self._title, self._count = text("", "h2", wrap=True), text("", "soft")
        self._count.setObjectName("report.progress")
        self._track = _Track()
        stop = Button("Thôi (Esc)", cancel, icon="x")
        stop.setObjectName("report.cancel")
        for label in (self._title, self._count):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self._title)
        for widget in (self._track, self._count, stop):
            box.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)

    def begin(self, title: str) -> None:
        """Nothing is done yet."""
        self._title.setText(f"Đang lập: {title}")
        self.show_count(0, 0)

    def show_count(self, done: int, total: int) -> None:
        """So many dossiers of so many; a total of 0 is not known yet."""
        self._count.setText(f"Đã đọc {decimal(done)} trên {decimal(total)} hồ sơ" if total else "Đang tìm hồ sơ trong kỳ…")
        self._track.show_part(done / total if total else 0.0)


class _Track(QWidget):
    """A line that fills."""

    def __init__(self) -> None:
        super().__init__()
        self.part = 0.0
        self.setFixedSize(360, 12)

    def show_part(self, part: float) -> None:
        """0 to 1."""
        self.part = min(max(part, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("control"))
        painter.setBrush(theme.colour("sunken"))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(whole, 5.5, 5.5)
        if self.part:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("primary"))
            painter.drawRoundedRect(QRectF(0, 0, max(self.width() * self.part, 12), self.height()), 6, 6)
        painter.end()
