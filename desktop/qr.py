"""A QR symbol as a picture, black on white in every theme, for a resident's phone to read from the screen."""

import segno
from PySide6.QtGui import QImage, QPixmap

QUIET = 3
"""Modules of white around the symbol."""


def picture(words: str, side: int, ratio: float) -> QPixmap:
    """The symbol, at most ``side`` logical px wide, with whole device px a module."""
    code = segno.make(words, error="m", micro=False)
    scale = max(1, int(side * ratio) // code.symbol_size(border=QUIET)[0])
    rows = [bytes(0 if cell else 255 for cell in line) for line in code.matrix_iter(scale=scale, border=QUIET)]
    image = QImage(b"".join(rows), len(rows[0]), len(rows), len(rows[0]), QImage.Format.Format_Grayscale8).copy()
    found = QPixmap.fromImage(image)
    found.setDevicePixelRatio(ratio)
    return found
