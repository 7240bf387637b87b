"""What nobody expected: keep the draft, write the log, tell the clerk plainly. No traceback is shown, no personal data
is written: the log names the kind of error and the places in the code, never its message or values."""

import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtWidgets import QMessageBox, QWidget

_LARGEST = 500_000  # bytes; a log that grows past it starts anew


class CrashGuard:
    """Installed as ``sys.excepthook`` for the life of the application. ``save_draft`` must not block for long."""

    def __init__(
        self, folder: Path, now: Callable[[], datetime], save_draft: Callable[[], None], window: Callable[[], QWidget | None]
    ) -> None:
        self._file = folder / "errors.log"
        self._now, self._save_draft, self._window = now, save_draft, window
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
        self._write(kind, trace)
        if self._busy:
            return  # one dialog at a time; the log has them all
        self._busy = True
        try:
            self._save_draft()
            self._tell()
        finally:
            self._busy = False

    def _write(self, kind: type[BaseException], trace: TracebackType | None) -> None:
        places = [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)]
        words = "\n".join([f"{self._now().isoformat(timespec='seconds')} {kind.__module__}.{kind.__qualname__}", *places])
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._file.exists() and self._file.stat().st_size > _LARGEST
            with self._file.open("w" if fresh else "a", encoding="utf-8") as log:
                log.write(words + "\n")
        except OSError:
            print(words, file=sys.stderr)  # noqa: T201 - the disk refused the log; the last place left

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
