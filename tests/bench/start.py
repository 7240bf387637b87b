"""Starts a window and says when it was painted for the first time: ``start.py app DATA`` or ``start.py anchor``."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QObject


class FirstPaint(QObject):
    """Prints one line at the first paint of the watched window and ends the process."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            print("painted", flush=True)
            os._exit(0)
        return False


def main() -> None:
    watcher = FirstPaint()
    if sys.argv[1] == "anchor":
        from PySide6.QtWidgets import QApplication, QLabel

        application = QApplication([])
        label = QLabel("Quầy Một cửa")
        label.installEventFilter(watcher)
        label.resize(1366, 768)
        label.show()
        application.exec()
    else:
        from desktop.app import Application

        app = Application(["--data", sys.argv[2]])
        app.ready.connect(lambda _page: app.window.page.installEventFilter(watcher))
        app.start()
        app.qt.exec()


main()
