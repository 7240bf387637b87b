"""The frame around every screen: rail, top bar, status bar and the notice that comes and goes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QLineEdit, QPushButton, QWidget

from desktop import theme
from desktop.commands import Notice, Session
from desktop.line import line_words, link_now, sentence_parts
from desktop.messages import weekday
from desktop.widgets import Button, Elided, Glyph, column, frame, retone, row, text
from forms.names import date_vn

SCREENS = (
    ("reception", "Tiếp nhận", "F2", "file-plus"),
    ("dossiers", "Hồ sơ", "F3", "folders"),
    ("tasks", "Việc cần làm", "F4", "clipboard-text"),
    ("sync", "Gửi – nhận", "F5", "arrows-left-right"),
    ("handbook", "Cẩm nang", "F6", "book-open"),
    ("reports", "Báo cáo", "F7", "chart-bar"),
    ("settings", "Cài đặt", "F10", "gear-six"),
)
_SILENT = timedelta(seconds=20)


class RailButton(QAbstractButton):
    """Icon, word and key of a screen; a badge with a number when something waits there. Reached by its F-key."""

    def __init__(self, name: str, words: str, key: str, icon: str) -> None:
        super().__init__()
        self.setObjectName(f"rail.{name}")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._words, self._key, self._icon, self.badge = words, key, icon, 0
        self.setAccessibleName(f"{words}, {key}")

    def show_badge(self, number: int) -> None:
        """The number of things that need a person; 0 hides it."""
        if number != self.badge:
            self.badge = number
            self.setAccessibleName(f"{self._words}, {self._key}" + (f", {number} việc" if number else ""))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(84, 68)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, narrow = self.isChecked(), self.width() < 70
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("railSelected"))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        ink = "railOn" if on else "railInk"
        icon = theme.pixmap(f"{self._icon}-fill" if on else self._icon, ink, 22, self.devicePixelRatioF())
        middle = self.width() // 2
        painter.drawPixmap(middle - 11, 8, icon)
        painter.setPen(theme.colour(ink))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(13, 500))
        if not narrow:
            painter.drawText(QRectF(-8, 31, self.width() + 16, 20), centre, self._words)
        painter.setFont(theme.font(12, 500))
        painter.drawText(QRectF(0, 36 if narrow else 48, self.width(), 18), centre, self._key)
        if self.badge:
            self._draw_badge(painter, middle)
        painter.end()

    def _draw_badge(self, painter: QPainter, middle: int) -> None:
        words = str(self.badge) if self.badge < 100 else "99+"
        painter.setFont(theme.font(12, 700))
        wide = max(20, painter.fontMetrics().horizontalAdvance(words) + 10)
        spot = QRectF(middle + 7, 3, wide, 19)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("badge"))
        painter.drawRoundedRect(spot, 9, 9)
        painter.setPen(theme.colour("onBadge"))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)


class Rail(QFrame):
    """The screens. ``wanted(name)`` on a click."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        box = column(self, (6, 10, 6, 10), 4)
        self.buttons: dict[str, RailButton] = {}
        for name, words, key, icon in SCREENS:
            button = RailButton(name, words, key, icon)
            button.clicked.connect(lambda _on=False, n=name: self.wanted.emit(n))
            button.setFixedHeight(68)
            if name == "settings":
                box.addStretch()  # apart, at the foot: no clerk needs it while somebody waits
            box.addWidget(button)
            self.buttons[name] = button


class _SearchBox(QLineEdit):
    """Ctrl+K: typing goes to the list of dossiers; Enter or Down moves on into it, Esc goes back."""

    into_list = Signal()
    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.into_list.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class TopBar(QFrame):
    """Search, who works here, lock."""

    def __init__(self, session: Session, lock: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("top_bar")
        self.setFixedHeight(56)
        line = row(self, (24, 0, 16, 0), 8)
        self.search = _SearchBox()
        self.search.setObjectName("search")
        self.search.setProperty("kind", "search")
        self.search.setAccessibleName("Tìm hồ sơ, Ctrl+K")
        self.search.setPlaceholderText("Tìm mọi thứ: mã hồ sơ, họ tên, thủ tục…")
        self.search.setMaximumWidth(440)
        self.search.setFixedHeight(36)
        glass = Glyph("magnifying-glass", "ink2", 16)
        glass.setParent(self.search)
        glass.move(12, 10)
        inside = row(self.search, (0, 0, 8, 0))
        cap = text("Ctrl K")
        cap.setProperty("kind", "keycap")
        cap.setFixedHeight(24)
        inside.addStretch()
        inside.addWidget(cap)
        line.addWidget(self.search, 3)
        line.addStretch(1)
        if session.practice:
            line.addWidget(practice_tag())
            line.addStretch(1)
        line.addWidget(Glyph("user-circle", "ink2", 22))
        line.addWidget(text(session.operator_name, "strong"))
        known = {c["id"]: c["name"] for c in session.profile.get("counters") or []}
        place = [known[session.counter]] if len(known) > 1 and session.counter in known else []
        line.addWidget(text("·  " + " · ".join([*place, str(session.profile.get("name", ""))]), "soft"))
        line.addSpacing(8)
        button = Button("Khoá", lock, icon="lock-simple")
        button.setObjectName("lock_button")
        button.setToolTip("Ctrl+L")
        line.addWidget(button)


def practice_tag() -> QFrame:
    """LUYỆN TẬP on amber."""
    tag = frame("practice")
    tag.setFixedHeight(32)
    line = row(tag, (12, 0, 12, 0), 8)
    line.addWidget(Glyph("graduation-cap-fill", "onPractice", 18))
    line.addWidget(text("LUYỆN TẬP"))
    return tag


class StatusBar(QFrame):
    """One sentence that is always true; a click goes to F5."""

    pressed = Signal()

    def __init__(self, practice: bool, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setObjectName("status_bar")
        self.setFixedHeight(36)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._now = now
        line = row(self, (17, 0, 17, 0), 8)
        self._mark = Glyph("circle", "ink3", 18)
        self._state, self._rest = text("", "strong"), Elided("", "soft")
        self._state.setObjectName("status_line")
        self._rest.setObjectName("status_sentence")
        line.addWidget(self._mark)
        line.addWidget(self._state)
        line.addWidget(self._rest, 1)
        if practice:
            line.addWidget(text("LUYỆN TẬP", "strong", "amber"))
            line.addSpacing(12)
        self._clock = text("", "soft")
        self._clock.setObjectName("status_clock")
        line.addWidget(self._clock)
        self._status: dict[str, Any] | None = None
        self._link, self._said_at = "", now()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1000)
        self._tick()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def show_status(self, status: dict[str, Any]) -> None:
        """Say how the line is, what waits, when it was last heard of, and where everything is meanwhile."""
        self._status, self._said_at = status, self._now()
        now = self._said_at
        self._link = link = link_now(status, now)
        words, icon, token = line_words(link, bool(status.get("sending")))
        self._mark.show_icon(icon, token)
        self._state.setText(words)
        self._state.setProperty("tone", token)
        self._state.style().unpolish(self._state)
        self._state.style().polish(self._state)
        self._rest.setText("·  " + " · ".join(sentence_parts(status, link, now)))
        self.setAccessibleName(f"{words} {self._rest.text()}")

    def _tick(self) -> None:
        now = self._now()
        unsure = bool(self._status and self._status.get("clock"))
        self._clock.setText(f"{weekday(now)} {date_vn(now)}  ·  {now:%H:%M}{', giờ chưa chắc' if unsure else ''}")
        retone(self._clock, tone="amber" if unsure else "")
        if self._status is None:
            return
        if self._status.get("sending") and now - self._said_at > _SILENT:
            self.show_status(self._status | {"sending": False})  # who sends says so every second: that process has gone
        elif link_now(self._status, now) != self._link:
            self.show_status(self._status)  # an answer grows old without any news of it


class NoticeBar(QFrame):
    """What came of the last act, above the status bar; goes by itself unless it is a problem or a question."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setProperty("kind", "notice")
        self._line = line = row(self, (16, 6, 8, 6), 12)
        self._mark = Glyph("info", "surface", 20)
        self._words = text("", wrap=True)
        self._words.setObjectName("notice")
        self._undo = Button("", kind="notice")
        self._undo.setObjectName("notice_action")
        self._close = QPushButton("Đóng")
        self._close.setProperty("kind", "notice")
        self._close.setObjectName("notice_close")
        self._close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line.addWidget(self._mark)
        line.addWidget(self._words, 1)
        line.addWidget(self._undo)
        line.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._close.clicked.connect(self.hide)
        self._action: Callable[[], None] | None = None
        self._passing = True
        self._undo.clicked.connect(self._act)
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show a notice in place of the last one; empty words take it away. A question takes the keyboard."""
        if not notice.words:
            self.hide()
            return
        self._words.setText(notice.words)
        self.setAccessibleName(notice.words)
        self._mark.show_icon("warning-circle" if notice.tone in ("problem", "ask") else "check-circle", "surface")
        self._action, self._passing = notice.undo, notice.tone == "plain" and notice.undo is None
        self._undo.setVisible(notice.undo is not None)
        self._undo.setText(notice.undo_words)
        self.place()
        self.show()
        self.raise_()
        if notice.tone == "ask":
            self._timer.stop()
            self._undo.setFocus()
        else:
            self._timer.start(4_000 if self._passing else 15_000)

    def leave(self) -> None:
        """Another screen: what was said about the last one goes, a problem or a question stays."""
        if self._passing:
            self.hide()

    def place(self) -> None:
        """Centre it above the status bar of its window."""
        around = self._parent
        wide = min(760, around.width() - 160)
        self.setFixedWidth(wide)
        tall = max(self._line.heightForWidth(wide), 44)
        left = 96 + (around.width() - 96 - 376 - wide) // 2
        self.setGeometry(max(left, 100), around.height() - 44 - tall, wide, tall)

    def _act(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()
