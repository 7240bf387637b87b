"""The place into which a card reader types. A keyboard reader sends the QR text and Enter; an input method for
Vietnamese would rewrite it ("Dda" -> "Đa"), so this is not a text field: it takes raw keys and shows no text.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import messages, theme
from forms.person import parse_card
from forms.problem import Problem

_LONGEST = 1000  # characters; a card holds about 150


class ScanTarget(QWidget):
    """Collects keys until Enter, then emits ``scanned`` with the card, or says on itself why it cannot be read. Ctrl+V
    pastes. A card's text begins with a digit: Enter, Space or a letter first emits ``by_hand`` with that letter, because
    the clerk would rather type. Insert emits ``borrow``: this person is the applicant."""

    scanned = Signal(object)  # forms.person.Card
    by_hand = Signal(str)
    borrow = Signal()

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint, self._trouble = title, hint, ""
        self._collected = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ring", True)
        self.setAccessibleName(f"{title}. {hint}")
        self.setMinimumSize(180, 56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(220, 104)

    def complain(self, words: str) -> None:
        """Show why the last scan was not taken; empty takes it back."""
        self._trouble = words
        self.setAccessibleDescription(words)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            self._take(QGuiApplication.clipboard().text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self._collected)
        elif event.key() == Qt.Key.Key_Insert:
            self.borrow.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self._collected = ""
            self.complain("")
        elif event.text().isprintable() and event.text() and _typed(event):
            if not self._collected and not event.text().isdecimal():
                self.by_hand.emit(event.text().strip())
                return
            self._collected = (self._collected + event.text())[:_LONGEST]
            self.update()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.by_hand.emit("")

    def _take(self, words: str) -> None:
        self._collected = ""
        self.update()
        if not words.strip():
            self.by_hand.emit("")
            return
        try:
            card = parse_card(words)
        except Problem as problem:
            self.complain(messages.sentence(problem))
            return
        self.complain("")
        self.scanned.emit(card)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.colour("primary"), 2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(theme.colour("tint"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        self._draw_words(painter)
        painter.end()

    def _draw_words(self, painter: QPainter) -> None:
        narrow = self.width() < 300
        size = 32 if self.height() >= 72 else 24
        left = 16 if narrow else 28
        ratio = self.devicePixelRatioF()
        hint = self._trouble or ("Đang đọc thẻ…" if self._collected else self._hint)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        if narrow and self.height() > 110:
            top = (self.height() - 132) // 2
            painter.drawPixmap(left, top, theme.pixmap("identification-card", "tintInk", size, ratio))
            words, below = (left, top + size + 8), top + size + 34
        else:
            top = (self.height() - 48) // 2
            painter.drawPixmap(left, (self.height() - size) // 2, theme.pixmap("identification-card", "tintInk", size, ratio))
            words, below = (left + size + 20, top), top + 26
        room = self.width() - words[0] - 12
        painter.setPen(theme.colour("tintInk"))
        painter.setFont(theme.font(15, 600))
        painter.drawText(QRectF(words[0], words[1], room, 26), flags, self._title)
        painter.setFont(theme.font(13))
        painter.setPen(theme.colour("amber" if self._trouble else "ink2"))
        painter.drawText(QRectF(words[0], below, room, self.height() - below), flags, hint)


def _typed(event: QKeyEvent) -> bool:
    """A character, not a shortcut: Ctrl and Alt alone make shortcuts, both together (AltGr) make characters."""
    held = event.modifiers()
    control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    return bool(held & control) == bool(held & alt)
