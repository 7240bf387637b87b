"""A quiet line of F5, there only while a receiving system takes nothing: which, since when, and that nobody need do anything."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from desktop.widgets import Glyph, column, row, text


class Outages(QFrame):
    """Whoever may enter an announced outage reads below it that this is another thing."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        line = row(self, (20, 8, 20, 8), 12)
        line.addWidget(Glyph("pause-circle", "amber", 20), 0, Qt.AlignmentFlag.AlignTop)
        box = column(gap=2)
        self._told, self._announced = text("", "panel", wrap=True), text("", "meta", wrap=True)
        self._told.setObjectName("system_outage")
        self._announced.setObjectName("system_outage_announced")
        box.addWidget(self._told)
        box.addWidget(self._announced)
        line.addLayout(box, 1)
        self.hide()

    def show_words(self, told: str, announced: str) -> None:
        """Empty words for nothing to say."""
        self._told.setText(told)
        self._announced.setText(announced)
        self._announced.setVisible(bool(announced))
        self.setVisible(bool(told))
