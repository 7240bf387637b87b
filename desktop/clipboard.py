"""The clipboard: what was copied in our window is not for the system's history, and is gone when the window locks or ends."""

import sys

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QClipboard, QGuiApplication

_WINDOWS = ("ExcludeClipboardContentFromMonitorProcessing", "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard")
_NO = {_WINDOWS[0]: b"1"} | dict.fromkeys(_WINDOWS[1:], bytes(4))  # formats of Windows 10: the first by its presence, DWORD 0
HINTS = {f'application/x-qt-windows-mime;value="{name}"': value for name, value in _NO.items()}
HINTS |= {"x-kde-passwordManagerHint": b"secret"}
"""How history programs are asked to leave a copy out: mime type -> value. X11 and Windows each know their own only."""


class Clipboard(QObject):
    """Watches what the application copies; one for the application's life."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clipboard = QGuiApplication.clipboard()
        self._clipboard.dataChanged.connect(self._mark)

    def _mark(self) -> None:
        """Put the same copy again with the hints beside it."""
        if not self._ours(QClipboard.Mode.Clipboard):
            return
        copied = self._clipboard.mimeData()
        ours = {name: value for name, value in HINTS.items() if ("windows" in name) == (sys.platform == "win32")}
        if not copied or not copied.formats() or all(copied.hasFormat(name) for name in ours):
            return
        marked = QMimeData()
        for name in copied.formats():
            marked.setData(name, copied.data(name))
        for name, value in ours.items():
            marked.setData(name, value)
        self._clipboard.setMimeData(marked)

    def forget(self) -> None:
        """Clear what came from our window; what another program copied is its own."""
        for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
            if self._ours(mode):
                self._clipboard.clear(mode)

    def _ours(self, mode: QClipboard.Mode) -> bool:
        if QGuiApplication.platformName() == "offscreen":  # it cannot say who owns it, and there is nobody else
            return mode is QClipboard.Mode.Clipboard
        selected = mode is QClipboard.Mode.Selection
        return self._clipboard.ownsSelection() if selected else self._clipboard.ownsClipboard()
