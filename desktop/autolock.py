"""When nobody has touched key or mouse for a while: first a warning, then the desk is locked."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

WARNING = 20.0
"""Seconds before locking in which it is said."""
_SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)
"""What somebody at the desk does."""
_LOOK = 500  # ms


class IdleWatch(QObject):
    """``expired`` after ``seconds`` without a sign of anybody; in the last twenty of them ``warned(seconds left)``, again and
    again, and ``eased`` when somebody came back after that. A machine that slept so long is locked when it wakes."""

    warned = Signal(int)
    eased = Signal()
    expired = Signal()

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._app, self._seconds = app, 0.0
        self._last = self._wall = 0.0
        self._told: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)

    def start(self, seconds: float) -> None:
        """Somebody has sat down."""
        self._seconds = seconds
        self._touched()
        self._app.installEventFilter(self)
        self._timer.start()

    def stop(self) -> None:
        """Nobody's desk is open."""
        self._timer.stop()
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS:
            self._touched()
        return False

    def _touched(self) -> None:
        self._last, self._wall = time.monotonic(), time.time()
        if self._told is not None:
            self._told = None
            self.eased.emit()

    def _look(self) -> None:
        """The time of day counts too: some monotonic clocks stand still while a machine sleeps."""
        left = self._seconds - max(time.monotonic() - self._last, time.time() - self._wall)
        if left <= 0:
            self.stop()
            self.expired.emit()
        elif left <= min(WARNING, self._seconds / 2) and self._told != (step := -int(-left // 5) * 5):
            self._told = step
            self.warned.emit(round(left))
