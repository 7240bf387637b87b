"""The small parts every screen is made of: text, glyph, pill, button, card. No screen draws its own.

Roles, tones and kinds are properties that ``resources/style.qss`` knows; sizes are outer sizes in logical px.
"""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop import theme

AlignV = Qt.AlignmentFlag.AlignVCenter


def text(words: str = "", role: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """A label. ``role`` sets its size and weight, ``tone`` its colour (style.qss). Never interprets markup."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setProperty("tone", tone)
    label.setWordWrap(wrap)
    return label


def tip(words: str) -> str:
    """Words for a tool tip, shown as they stand: Qt guesses there what is markup, and has no switch against it."""
    return f'<span style="white-space: pre-wrap">{escape(words)}</span>' if "<" in words or "&" in words else words


def retone(widget: QWidget, **properties: object) -> None:
    """Change style properties of a living widget; does nothing when they are as wanted (restyling is not cheap)."""
    changed = {k: v for k, v in properties.items() if widget.property(k) != v}
    for key, wanted in changed.items():
        widget.setProperty(key, wanted)
    if changed:
        for each in (widget, *widget.findChildren(QLabel)):
            each.style().unpolish(each)
            each.style().polish(each)


class Glyph(QWidget):
    """An icon of fixed size in a token's colour; decoration beside a word, so not read aloud."""

    def __init__(self, name: str, token: str = "ink2", size: int = 18) -> None:
        super().__init__()
        self._name, self._token = name, token
        self.setFixedSize(size, size)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_icon(self, name: str, token: str) -> None:
        """Another icon or colour, same size."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, theme.pixmap(self._name, self._token, self.width(), self.devicePixelRatioF()))
        painter.end()


class Pill(QFrame):
    """A short word on a tinted ground, 24 px high, with an icon so that colour is never alone."""

    def __init__(self, words: str = "", tone: str = "tint", icon: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "pill")
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        self._glyph = Glyph(icon or "circle", _ink(tone), 14)
        self._words = text()
        row.addWidget(self._glyph)
        row.addWidget(self._words)
        self.say(words, tone, icon)

    def say(self, words: str, tone: str, icon: str = "") -> None:
        """Other words, tone or icon."""
        self._words.setText(words)
        self._words.setProperty("tone", "" if tone == "quiet" else tone)
        self._glyph.setVisible(bool(icon))
        if icon:
            self._glyph.show_icon(icon, _ink(tone))
        retone(self, tone=tone)
        self._words.style().unpolish(self._words)
        self._words.style().polish(self._words)


def _ink(tone: str) -> str:
    return {"tint": "tintInk", "quiet": "ink2"}.get(tone, tone)


class Button(QPushButton):
    """A button with a verb. ``kind`` is primary, link, quiet, chip, pad … (style.qss); Enter presses it like Space.

    ``careful``: it takes something away, so Enter, which walks the page, passes it by; only Space or a click presses it.
    """

    careful = False

    def __init__(
        self, words: str, does: Callable[[], object] | None = None, kind: str = "", icon: str = "", token: str = ""
    ) -> None:
        super().__init__(words)
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self._icon = (icon, token or {"primary": "onPrimary", "link": "primary", "quiet": "tintInk"}.get(kind, "ink"))
        self.setIconSize(QSize(24 if words else 18, 18))  # 6 px of air before the words
        self._tint()
        if does is not None:
            self.clicked.connect(lambda _checked=False: does())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if not self.isChecked() and not self.careful:
                self.click()
            if self.isCheckable() or self.careful:
                self.focusNextPrevChild(True)
            return
        super().keyPressEvent(event)

    def _tint(self) -> None:
        name, token = self._icon
        if not name:
            return
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(self.iconSize() * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(Qt.GlobalColor.transparent)
        painter = QPainter(canvas)
        painter.drawPixmap(0, 0, theme.pixmap(name, token, 18, ratio))
        painter.end()
        self.setIcon(QIcon(canvas))


class Tick(QCheckBox):
    """A check box with a 22-px box drawn from the tokens."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setFixedHeight(32)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # long words give way, not the page

    def sizeHint(self) -> QSize:
        return QSize(32 + self.fontMetrics().horizontalAdvance(self.text()) + 4, 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(32, 32)

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1.5, (self.height() - 21) / 2, 20, 21)
        on = self.isChecked()
        painter.setPen(QPen(theme.colour("primary" if on else "control"), 1.2))
        painter.setBrush(theme.colour("primary" if on else "surface"))
        painter.drawRoundedRect(box, 4, 4)
        if on:
            mark = theme.pixmap("check-bold", "onPrimary", 15, self.devicePixelRatioF())
            painter.drawPixmap(int(box.x() + 3), int(box.y() + 3), mark)
        painter.setPen(theme.colour("ink" if self.isEnabled() else "disabled"))
        room = self.rect().adjusted(32, 0, 0, 0)
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, AlignV | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


class Elided(QLabel):
    """One line that gives way with … where there is no room, or to ``shorter`` words if given; all of it in the tool tip."""

    _shorter: tuple[str, ...] = ()

    def __init__(self, words: str = "", role: str = "", tone: str = "") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(words)

    def setText(self, words: str, *shorter: str) -> None:
        self._shorter = shorter
        super().setText(words)
        self.setToolTip(tip(words) if len(words) > 24 else "")

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        metrics = self.fontMetrics()
        tries = (self.text(), *self._shorter)
        fits = next((w for w in tries if metrics.horizontalAdvance(w) <= self.width()), tries[-1])
        words = metrics.elidedText(fits, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), AlignV | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


def frame(kind: str) -> QFrame:
    """A box of a kind that style.qss knows: card, quiet, tint, safe, wait, alarm, rule, side …"""
    made = QFrame()
    made.setProperty("kind", kind)
    return made


def rule() -> QFrame:
    """A 1-px line across."""
    made = frame("rule")
    made.setFixedHeight(1)
    return made


def column(into: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 8) -> QVBoxLayout:
    """A vertical layout on the 8-px grid; margins left, top, right, bottom."""
    made = QVBoxLayout(into) if into is not None else QVBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    return made


def row(into: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 8) -> QHBoxLayout:
    """A horizontal layout on the 8-px grid; margins left, top, right, bottom."""
    made = QHBoxLayout(into) if into is not None else QHBoxLayout()
    made.setContentsMargins(*margins)
    made.setSpacing(gap)
    return made


def empty_state(title: str, hint: str, top: int = 96) -> QWidget:
    """What a screen shows when all is done: a mark, one sentence, and what will appear here. ``top`` px above."""
    holder = QWidget()
    box = column(holder, (0, top, 0, 0), 12)
    box.addWidget(Glyph("check-circle", "green", 48), 0, Qt.AlignmentFlag.AlignHCenter)
    for line in (text(title, "h2"), text(hint, "soft", wrap=True)):
        line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(line)
    return holder


def side_width(window: int) -> int:
    """Width of the context panel for a window's width, in logical px."""
    return 480 if window >= 1500 else 376 if window >= 1200 else 368


def scrolling(content: QWidget) -> QScrollArea:
    """The content in an area that scrolls; the keyboard goes to what is in it, never to the area."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(content)
    return scroll


def clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Take every widget out of a layout and delete it with its own layouts."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.setParent(None)  # gone for whoever looks for it by name, before the event loop deletes it
            widget.deleteLater()


class _Ring(QWidget):
    """A 2-px ring with a 2-px gap around its target, drawn above the target's neighbours and never cut by a tight parent."""

    def __init__(self, target: QWidget) -> None:
        around = target.parentWidget() or target.window()
        watched = [target]
        while not _leaves_room(around, target):
            outer = around.parentWidget()
            if outer is None or isinstance(outer, QAbstractScrollArea):
                break
            watched.append(around)
            around = outer
        super().__init__(around)
        self._target, self._around, self._watched = target, around, watched
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for widget in watched:
            widget.installEventFilter(self)
        self._place()

    def let_go(self) -> None:
        """The keyboard has gone elsewhere."""
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        elif event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("focus"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)
        painter.end()

    def _place(self) -> None:
        if isValid(self._target):
            top = self._target.mapTo(self._around, self._target.rect().topLeft())
            self.setGeometry(QRect(top, self._target.size()).adjusted(-4, -4, 4, 4))
            self.setVisible(self._target.isVisible())
            self.raise_()


def _leaves_room(around: QWidget, target: QWidget) -> bool:
    top = target.mapTo(around, target.rect().topLeft())
    return around.rect().contains(QRect(top, target.size()).adjusted(-4, -4, 4, 4))


class FocusRing(QObject):
    """Shows which button, tick or target has the keyboard; text fields draw their own border and need none."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: _Ring | None = None
        self._app = app
        app.focusChanged.connect(self._follow)

    def stop(self) -> None:
        """The window is about to go: no ring may watch widgets while they are destroyed."""
        self._app.focusChanged.disconnect(self._follow)
        self._follow(None, None)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.let_go()
        self._ring = None
        if new is not None and new.parentWidget() and (isinstance(new, QAbstractButton) or new.property("ring")):
            self._ring = _Ring(new)


class State(QWidget):
    """Why nothing is shown here, and how to begin. ``name`` is the object name of its title."""

    def __init__(self, title: str, hint: str, name: str, glyph: str, ink: str) -> None:
        super().__init__()
        box = column(self, (32, 0, 32, 0), 12)
        box.addStretch(2)
        box.addWidget(Glyph(glyph, ink, 48), 0, Qt.AlignmentFlag.AlignHCenter)
        self._title, self._hint = text("", "h2", wrap=True), text("", "soft", wrap=True)
        self._title.setObjectName(name)
        for label in (self._title, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(label)
        box.addStretch(3)
        self.say(title, hint)

    def say(self, title: str, hint: str) -> None:
        """Other words."""
        self._title.setText(title)
        self._hint.setText(hint)
