"""Some versions of the Qt binding lose a reference to None at every void call and abort after some thousand."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


def test_fifty_thousand_setters_and_painter_calls(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    for number in range(50_000):
        label.setText(str(number % 7))
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    colour, spot = QColor("#0F5A70"), QRect(0, 0, 2, 2)
    for _ in range(12_500):
        painter.save()
        painter.setPen(colour)
        painter.fillRect(spot, colour)
        painter.restore()
    painter.end()
    assert label.text() == str(49_999 % 7)
    assert QColor(image.pixel(0, 0)) == colour
