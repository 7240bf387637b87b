"""The headline numbers of a report as calm cards; one with dossiers behind it is a button."""

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop import theme
from desktop.reports.words import behind, card, count
from desktop.widgets import tip
from forms.report import Cell

_TALL, _TALLER, _GAP, _LEAST, _MOST = 68, 88, 8, 148, 320
_PAD = 14
_WRAP = int(Qt.TextFlag.TextWordWrap)


class FigureCard(QAbstractButton):
    """A number over its name. ``left_at``: an arrow key leads out of the cards, above (-1) or below (1)."""

    left_at = Signal(int)

    def __init__(self, name: str, cell: Cell) -> None:
        super().__init__()
        self.name, self.number, self.opens = name, card(cell), bool(behind(cell))
        self.setObjectName(f"card.{name}")
        self.setAccessibleName(f"{name}: {self.number}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.opens else Qt.FocusPolicy.NoFocus)
        if self.opens:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(tip(f"Mở {count(len(behind(cell)))}"))

    def sizeHint(self) -> QSize:
        return QSize(_LEAST, _TALL)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(-1 if event.key() == Qt.Key.Key_Left else 1)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.left_at.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.opens and (self.underMouse() or self.isDown())
        painter.setPen(QPen(theme.colour("primary" if lit else "line"), 1))
        painter.setBrush(theme.colour("tint" if lit else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        room = self.width() - 2 * _PAD
        size = next((s for s in (22, 19, 16) if _wide(self.number, s) <= room), 14)
        painter.setFont(theme.font(size, 600))
        painter.setPen(theme.colour("primary" if self.opens else "ink"))
        painter.drawText(QRectF(_PAD, 4, room, 34), int(Qt.AlignmentFlag.AlignVCenter), self.number)
        painter.setFont(theme.font(13, 400))
        painter.setPen(theme.colour("ink2"))
        painter.drawText(QRectF(_PAD, 38, room, self.height() - 40), _WRAP, self.name)
        painter.end()

    def _go(self, by: int) -> None:
        around = self.parentWidget()
        cards = [c for c in around.findChildren(FigureCard) if c.opens] if around else [self]
        place = cards.index(self) + by if self in cards else -1
        if 0 <= place < len(cards):
            cards[place].setFocus(Qt.FocusReason.TabFocusReason)


class Cards(QWidget):
    """Cards of equal width, in as few lines as they need. ``opened(title, dossiers)``; ``left_at`` as of a card."""

    opened = Signal(str, tuple)
    left_at = Signal(int)

    def __init__(self, summary: tuple[tuple[str, Cell], ...]) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.cards = []
        for name, cell in summary:
            made = FigureCard(name, cell)
            made.setParent(self)
            made.left_at.connect(self.left_at)
            if made.opens:
                made.clicked.connect(lambda _on=False, n=name, c=cell: self.opened.emit(n, behind(c)))
            self.cards.append(made)
        self._names = QFontMetrics(theme.font(13, 400))
        widest = max((max(self._in_two_lines(c.name), _wide(c.number, 19)) for c in self.cards), default=0)
        self._least = min(max(widest + 2 * _PAD + 2, _LEAST), _MOST)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = -(-len(self.cards) // self._across(width))
        return lines * self._tall(width) + (lines - 1) * _GAP

    def sizeHint(self) -> QSize:
        return QSize(self._least, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least, _TALL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across, tall = self._across(self.width()), self._tall(self.width())
        for number, one in enumerate(self.cards):
            line, place = divmod(number, across)
            left = round(place * (self.width() + _GAP) / across)
            right = round((place + 1) * (self.width() + _GAP) / across) - _GAP
            one.setGeometry(QRect(left, line * (tall + _GAP), right - left, tall))

    def _in_two_lines(self, name: str) -> int:
        wide = max((self._names.horizontalAdvance(word) for word in name.split()), default=0)
        while self._lines(name, wide) > 2:
            wide += 8
        return wide

    def _lines(self, name: str, wide: int) -> int:
        return round(self._names.boundingRect(QRect(0, 0, wide, 9999), _WRAP, name).height() / self._names.lineSpacing())

    def _tall(self, width: int) -> int:
        room = (width + _GAP) // self._across(width) - _GAP - 2 * _PAD
        return _TALLER if any(self._lines(c.name, room) > 1 for c in self.cards) else _TALL

    def _across(self, width: int) -> int:
        most = max((width + _GAP) // (self._least + _GAP), 1)
        lines = -(-len(self.cards) // most)
        return max(-(-len(self.cards) // max(lines, 1)), 1)


def _wide(words: str, size: int) -> int:
    return QFontMetrics(theme.font(size, 600)).horizontalAdvance(words)
