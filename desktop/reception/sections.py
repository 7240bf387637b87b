"""Five sections on one page whose headings never leave the screen: those scrolled past wait above, those to come wait
below, each as a line that says ✓ or what is missing."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from desktop import theme
from desktop.widgets import Elided, Pill, column, frame, retone, row, text

_STRIP, _HEAD, _GAP = 36, 40, 8  # px: a waiting heading, an open one, the space between


class _Mark(QWidget):
    """The number in a ring while something is missing, ✓ in a disc when all is there."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self.done = number, False
        self.setFixedSize(26, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.done:
            painter.drawPixmap(2, 2, theme.pixmap("check-circle-fill", "green", 22, self.devicePixelRatioF()))
        else:
            painter.setPen(QPen(theme.colour("amber"), 2))
            painter.drawEllipse(QRectF(2, 2, 22, 22))
            painter.setFont(theme.font(13, 700))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class Heading(QFrame):
    """The one line of a section: mark, title, what is in it, what is missing."""

    pressed = Signal()

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self.setProperty("kind", "heading")
        self.setObjectName(f"section.{number}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._number, self._title = number, title
        line = row(self, (16, 0, 8, 0), 8)
        self._mark = _Mark(number)
        self._name = text(title, "h2")
        self.summary = Elided("", "soft")
        self._pill = Pill("", "amber", "warning-circle")
        line.addWidget(self._mark)
        line.addWidget(self._name)
        line.addSpacing(4)
        line.addWidget(self.summary, 1)
        line.addWidget(self._pill)

    def say(self, summary: str, missing: str) -> None:
        """``missing`` empty means that the section is done."""
        self._mark.done = not missing
        self._mark.update()
        self._name.setText(self._title if missing else f"{self._number}  {self._title}")
        self.summary.setText(summary)
        self._pill.setVisible(bool(missing))
        if missing:
            self._pill.say(missing, "amber", "warning-circle")
        self.setAccessibleName(f"Mục {self._number} {self._title}: {missing or 'đủ'}. {summary}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()


class Section(QFrame):
    """A card with room for its heading on top; subclasses put their fields into ``body``."""

    changed = Signal()

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self.setProperty("kind", "section")
        self.heading = Heading(number, title)
        self.body = QWidget()
        column(self, (16, _HEAD + 12, 16, 16)).addWidget(self.body)

    def first_stop(self) -> QWidget | None:
        """Where the keyboard goes on a jump to this section: its first control that takes focus now."""
        return next((s for s in stops(self.body) if s.isVisibleTo(self.body) and s.isEnabled()), None)


class SectionsArea(QWidget):
    """Scrolls the sections and keeps every heading in view. ``jump`` goes to one, as Alt+digit and a click do."""

    def __init__(self, sections: list[Section]) -> None:
        super().__init__()
        self.sections = sections
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = QWidget()
        self._column = column(self._content, gap=_GAP)
        for section in sections:
            self._column.addWidget(section)
        self._column.addStretch()
        self._scroll.setWidget(self._content)
        self._above, self._below = frame("mask"), frame("mask")
        for mask in (self._above, self._below):
            mask.setParent(self)
        for number, section in enumerate(sections):
            section.heading.setParent(self)
            section.heading.pressed.connect(lambda n=number: self.jump(n))
            section.installEventFilter(self)
        self._scroll.verticalScrollBar().valueChanged.connect(self._place)
        QApplication.instance().focusChanged.connect(self._follow_focus)  # type: ignore[union-attr]

    def jump(self, number: int) -> None:
        """Bring a section (0-based) to its place and give its first control the keyboard."""
        self._to_top(number)
        stop = self.sections[number].first_stop()
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = 24 if self.width() < 1100 else 32
        self._scroll.setGeometry(self.rect())
        self._column.setContentsMargins(side, _GAP, side, _GAP)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        return False

    def _place(self) -> None:
        """Clamp each heading between the lines above and below it that must stay in view."""
        count, height = len(self.sections), self.height()
        roof, floor = 0, height
        for number, section in enumerate(self.sections):
            natural = section.y() - self._scroll.verticalScrollBar().value()
            top = _GAP + number * (_STRIP + _GAP)
            bottom = height - (count - number) * (_STRIP + _GAP)
            place = min(max(natural, top), bottom)
            body_end = natural + section.height()
            waiting = place < natural or body_end < place + _STRIP + 2 * _GAP
            tall = _STRIP if waiting else _HEAD
            section.heading.setGeometry(section.x(), place, section.width(), tall)
            retone(section.heading, state="strip" if waiting else "head")
            if place > natural:
                roof = place + (tall + _GAP // 2 if waiting else tall // 2)
            elif place < natural:
                floor = min(floor, place - _GAP // 2)
        self._above.setGeometry(0, 0, self.width() - 10, roof)
        self._below.setGeometry(0, floor, self.width() - 10, max(height - floor, 0))
        for mask in (self._above, self._below):
            mask.raise_()
        for section in self.sections:
            section.heading.raise_()

    def _to_top(self, number: int) -> None:
        wanted = self.sections[number].y() - _GAP - number * (_STRIP + _GAP)
        self._scroll.verticalScrollBar().setValue(wanted)

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        number = next((n for n, s in enumerate(self.sections) if new is not None and s.isAncestorOf(new)), None)
        if number is None or new is None:
            return
        bar = self._scroll.verticalScrollBar()
        top = _GAP + number * (_STRIP + _GAP) + _HEAD + 4
        bottom = self.height() - (len(self.sections) - 1 - number) * (_STRIP + _GAP) - _GAP
        section = self.sections[number]
        start = new.mapTo(section, new.rect().topLeft()).y() + section.y() - bar.value()
        if start - 30 >= top and start + new.height() + 8 <= bottom:
            return
        fits = section.height() - _HEAD <= bottom - top
        if fits or start - 30 < top:
            self._to_top(number) if fits else bar.setValue(bar.value() + start - 34 - top)
        else:
            bar.setValue(bar.value() + start + new.height() + 12 - bottom)


def stops(parent: QWidget) -> list[QWidget]:
    """Controls below ``parent`` that may take the keyboard by Tab, hidden ones too, in the order of their making, which
    is reading order."""
    takes = Qt.FocusPolicy.TabFocus
    window = parent.window()  # the popup of a list is a window of its own
    below = (w for w in parent.findChildren(QWidget) if w.window() is window and w.focusProxy() is None)
    return [w for w in below if w.focusPolicy() & takes == takes]
