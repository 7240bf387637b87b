"""What nobody expected: keep the draft, write the log (``sync.logbook``: kind and places, never words or values), tell the clerk
plainly. No traceback is shown."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtWidgets import QMessageBox, QWidget

from sync.logbook import Logbook


class CrashGuard:
    """Installed as ``sys.excepthook`` for the life of the application. ``save_draft`` must not block for long."""

    def __init__(
        self, folder: Path, now: Callable[[], datetime], save_draft: Callable[[], None], window: Callable[[], QWidget | None]
    ) -> None:
        self.log = Logbook(folder / "window.log", now)
        self._save_draft, self._window = save_draft, window
        self._before = sys.excepthook
        self._busy = False

    def install(self) -> None:
        """From now on every uncaught exception comes here."""
        sys.excepthook = self._hook

    def remove(self) -> None:
        """Give the hook back."""
        sys.excepthook = self._before

    def report(self, error: BaseException) -> None:
        """The same road for an error that was handed over from the worker."""
        self._hook(type(error), error, error.__traceback__)

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        self.log.error("bug", kind, error, trace)
        if self._busy:
            return  # one dialog at a time; the log has them all
        self._busy = True
        try:
            self._save_draft()
            self._tell()
        finally:
            self._busy = False

    def _tell(self) -> None:
        box = QMessageBox(self._window())
        box.setObjectName("crash_dialog")
        box.setWindowTitle("Quầy Một cửa")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText("Ứng dụng vừa gặp một trục trặc không ngờ tới.")
        box.setInformativeText(
            "Hồ sơ đã tiếp nhận và điều màn hình báo “Đã giữ” vẫn còn nguyên.\n"
            "Thử lại việc vừa làm. Nếu lại gặp, đóng ứng dụng, mở lại và báo người phụ trách máy."
        )
        box.addButton("Tiếp tục làm việc", QMessageBox.ButtonRole.AcceptRole)
        box.exec()
