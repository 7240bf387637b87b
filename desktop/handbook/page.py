"""F6 Cẩm nang."""

from PySide6.QtWidgets import QWidget

from desktop.commands import Commands


class HandbookPage(QWidget):
    """Search left, one readable page right."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands

    def focus_start(self) -> None:
        """The search has the keyboard."""
        self.setFocus()
