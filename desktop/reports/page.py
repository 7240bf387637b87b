"""F7 Báo cáo."""

from PySide6.QtWidgets import QWidget

from desktop.commands import Commands


class ReportsPage(QWidget):
    """Period, kind, figures, charts, XLSX and PDF."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands

    def focus_start(self) -> None:
        """The kinds of reports have the keyboard."""
        self.setFocus()
