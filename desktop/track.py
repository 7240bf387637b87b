"""A line that fills, for work whose end is known."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme

_TALL = 12


class Track(QWidget):
    """``wide`` px, or 0 for all the width there is."""

    def __init__(self, wide: int = 0) -> None:
        super().__init__()
        self.part = 0.0
        self.setFixedHeight(_TALL)
        if wide:
            self.setFixedWidth(wide)
        else:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

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
            painter.drawRoundedRect(QRectF(0, 0, max(self.width() * self.part, _TALL), self.height()), 6, 6)
        painter.end()
