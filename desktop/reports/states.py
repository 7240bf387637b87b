"""What F7 shows when it shows no figures: why there are none, or how far the work is."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.reports.words import decimal
from desktop.track import Track
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
        self._track = Track(360)
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
