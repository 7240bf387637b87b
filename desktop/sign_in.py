"""Sign-in and lock: clock, centre, who works here, PIN by keyboard or pad (a passphrase where the system keeps no
secrets). Nothing of a resident stands on this screen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QLineEdit, QScrollArea, QWidget

from desktop import theme
from desktop.chrome import practice_tag
from desktop.messages import weekday
from desktop.secret_form import SecretForm
from desktop.widgets import Button, Glyph, column, row, scrolling, text, tip
from forms.names import date_vn
from forms.roles import in_words

PIN_LENGTH = 6
_AT_ONCE = 6
"""Tiles that fit beside the number pad; of more the chosen one is scrolled into sight."""
_OFFLINE = "Ngoại tuyến là bình thường: mọi thứ đã giữ trên máy này."


class OperatorTile(QAbstractButton):
    """Initials and name of one operator; ← → choose."""

    def __init__(self, operator: dict[str, Any]) -> None:
        super().__init__()
        self.operator = operator
        self.setObjectName(f"operator.{operator['id']}")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedSize(128, 84)
        self.setAccessibleName(f"{operator['name']}, {in_words(operator['roles'])}")
        self.setToolTip(tip(operator["name"]))

    def sizeHint(self) -> QSize:
        return QSize(128, 84)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        painter.setPen(QPen(theme.colour("primary" if on else "line"), 2 if on else 1))
        painter.setBrush(theme.colour("tint" if on else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("primary" if on else "sunken"))
        painter.drawEllipse(QRectF(44, 10, 40, 40))
        painter.setPen(theme.colour("onPrimary" if on else "ink2"))
        painter.setFont(theme.font(15, 600))
        centre = Qt.AlignmentFlag.AlignCenter
        words = self.operator["name"].split()
        painter.drawText(QRectF(44, 10, 40, 40), centre, "".join(w[0] for w in words[-2:]).upper())
        painter.setPen(theme.colour("tintInk" if on else "ink2"))
        painter.setFont(theme.font(13, 600 if on else 400))
        name = painter.fontMetrics().elidedText(self.operator["name"], Qt.TextElideMode.ElideRight, 116)
        painter.drawText(QRectF(4, 54, 120, 22), centre, name)
        painter.end()


class PinCells(QWidget):
    """Six cells; digits type, Backspace deletes, Enter opens. Number pad and NumLock do not matter: characters do."""

    completed = Signal(str)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pin")
        self.setAccessibleName("Mã PIN 6 số")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(6 * 48 + 5 * 12 + 8, 64)
        self.pin = ""

    def type_digit(self, digit: str) -> None:
        """From the pad or a key."""
        if len(self.pin) < PIN_LENGTH:
            self.pin += digit
            self.edited.emit()
            self.update()
            if len(self.pin) == PIN_LENGTH:
                self.completed.emit(self.pin)

    def erase(self, everything: bool = False) -> None:
        """The last digit, or all."""
        self.pin = "" if everything else self.pin[:-1]
        self.edited.emit()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdecimal() and event.text().isascii():
            self.type_digit(event.text())
        elif event.key() == Qt.Key.Key_Backspace:
            self.erase()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.completed.emit(self.pin)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(PIN_LENGTH):
            cell = QRectF(4.5 + place * 60, 4.5, 47, 55)
            here = self.hasFocus() and place == min(len(self.pin), PIN_LENGTH - 1)
            painter.setPen(QPen(theme.colour("focus" if here else "control"), 2 if here else 1))
            painter.setBrush(theme.colour("surface"))
            painter.drawRoundedRect(cell, 6, 6)
            if here:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(cell.adjusted(-3.5, -3.5, 3.5, 3.5), 9, 9)
            if place < len(self.pin):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("ink"))
                painter.drawEllipse(cell.center(), 7.5, 7.5)
        painter.end()


class ClockSide(QFrame):
    """The dark half: time, date, centre, opening hours, and that being offline is normal."""

    def __init__(self, centre: str, now: Callable[[], datetime], say: str = _OFFLINE) -> None:
        super().__init__()
        self.setObjectName("lock_side")
        self._now = now
        box = column(self, (64, 40, 40, 40), 8)
        head = row(gap=12)
        head.addWidget(Glyph("bank", "railOn", 28))
        head.addWidget(text("Quầy Một cửa", "h2", "railOn"))
        head.addStretch()
        box.addLayout(head)
        box.addStretch(3)
        self._clock = text("", "clock")
        self._date = text("", "h1", "railOn")
        box.addWidget(self._clock)
        box.addWidget(self._date)
        box.addSpacing(24)
        two_lines = centre.replace(" xã ", "\nxã ", 1).replace(" phường ", "\nphường ", 1)
        box.addWidget(text(two_lines, "h1", "railOn", wrap=True))
        box.addStretch(2)
        foot = row(gap=10)
        foot.addWidget(Glyph("cloud-slash", "railInk", 18))
        foot.addWidget(text(say, "", "rail", wrap=True), 1)
        box.addLayout(foot)
        timer = QTimer(self)
        timer.timeout.connect(self._tick)
        timer.start(1000)
        self._tick()

    def _tick(self) -> None:
        now = self._now()
        self._clock.setText(f"{now:%H:%M}")
        self._date.setText(f"{weekday(now)}, {date_vn(now)}")


class SignInPage(QWidget):
    """``opened(operator id, secret)``: the clerk wants in. ``forgotten(operator id)``: they have no secret that works. ``refuse``
    says why not, in words."""

    opened = Signal(str, str)
    forgotten = Signal(str)

    def __init__(
        self,
        operators: list[dict[str, Any]],
        keystore: str,
        centre: str,
        locked: bool,
        hint: str,
        now: Callable[[], datetime],
        chosen: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName("ground")
        self._by_pin = keystore == "os"
        self._tiles = [OperatorTile(o) for o in operators]
        self._area: QScrollArea | None = None
        line = row(self, gap=0)
        side = ClockSide(centre, now)
        line.addWidget(side, 46)
        right = QWidget()
        box = column(right, (40, 24, 40, 24), 10)
        holder = QWidget()
        holder.setFixedWidth(408)
        outer = row()
        outer.addStretch()
        outer.addWidget(holder)
        outer.addStretch()
        box.addStretch()
        box.addLayout(outer)
        box.addStretch()
        line.addWidget(right, 54)
        self._lay_out(column(holder, (4, 4, 4, 4), 8), locked, hint)
        next((t for t in self._tiles if t.operator["id"] == chosen), self._tiles[0]).setChecked(True)

    def _lay_out(self, box: Any, locked: bool, hint: str) -> None:
        head = row()
        head.addWidget(text("Đang khoá" if locked else "Đăng nhập", "h1"))
        head.addStretch()
        if hint:
            head.addWidget(practice_tag())
        box.addLayout(head)
        kind = "mã PIN" if self._by_pin else "câu mật khẩu"
        first = f"Nháp đang làm đã được giữ. Nhập {kind} để tiếp tục." if locked else f"Chọn tên mình rồi nhập {kind}."
        box.addWidget(text(hint or first, "" if hint else "soft", "amber" if hint else "", wrap=True))
        box.addSpacing(6)
        box.addWidget(self._lay_out_tiles())
        box.addSpacing(8)
        box.addWidget(text("Mã PIN 6 số" if self._by_pin else "Câu mật khẩu, ít nhất 12 ký tự", "label"))
        self._said = text("", "strong", "amber", wrap=True)
        self._said.setObjectName("sign_in_message")
        self._said.setMinimumHeight(26)
        self.pin, self.phrase = PinCells(), QLineEdit()
        self.button = Button("Mở khoá" if locked else "Vào làm việc", self._submit, "padPrimary")
        self.button.setObjectName("sign_in_button")
        if self._by_pin:
            self._lay_out_pad(box)
        else:
            self.phrase.setObjectName("passphrase")
            self.phrase.setAccessibleName("Câu mật khẩu")
            self.phrase.setEchoMode(QLineEdit.EchoMode.Password)
            self.phrase.returnPressed.connect(self._submit)
            box.addWidget(self.phrase)
            box.addWidget(self._said)
            box.addWidget(self.button)
        lost = Button("Quên mã?", lambda: self.forgotten.emit(self._chosen), "link")
        lost.setObjectName("forgotten")
        lost.setToolTip("Dùng phiếu khôi phục cất trong két, hoặc nhờ lãnh đạo cấp mã tạm.")
        box.addWidget(lost, 0, Qt.AlignmentFlag.AlignLeft)

    def _lay_out_tiles(self) -> QWidget:
        holder = QWidget()
        tiles = QGridLayout(holder)
        tiles.setContentsMargins(0, 0, 0, 0)
        tiles.setSpacing(8 if len(self._tiles) <= _AT_ONCE else 2)
        for number, tile in enumerate(self._tiles):
            tile.clicked.connect(self.focus_secret)
            tiles.addWidget(tile, number // 3, number % 3)
        tiles.setColumnStretch(3, 1)
        if len(self._tiles) <= _AT_ONCE:
            return holder
        self._area = scrolling(holder)
        self._area.setFixedHeight(2 * 84 + 30)  # the third row shows that there is more
        return self._area

    def _lay_out_pad(self, box: Any) -> None:
        self.pin.completed.connect(lambda _pin: self._submit())
        self.pin.edited.connect(lambda: self._said.setText("") if self.pin.pin else None)
        box.addWidget(self.pin)
        box.addWidget(self._said)
        pad = QGridLayout()
        pad.setSpacing(8)
        for number, words in enumerate("123456789"):
            pad.addWidget(self._pad_key(words, words), number // 3, number % 3)
        back = Button("", self.pin.erase, "pad", "backspace")
        back.setAccessibleName("Xoá một số")
        back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pad.addWidget(back, 3, 0)
        pad.addWidget(self._pad_key("0", "0"), 3, 1)
        pad.addWidget(self.button, 3, 2)
        box.addLayout(pad)

    def _pad_key(self, words: str, digit: str) -> Button:
        def press() -> None:
            self.pin.type_digit(digit)
            self.pin.setFocus()

        key = Button(words, press, "pad")
        key.setObjectName(f"pad.{digit}")
        key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return key

    def focus_secret(self) -> None:
        """Give the keyboard to the PIN or the passphrase."""
        self._show_chosen()
        (self.pin if self._by_pin else self.phrase).setFocus()

    def refuse(self, words: str) -> None:
        """Not opened: say why, empty the secret, and let the clerk try again."""
        self._busy(False)
        self._said.setText(words)
        self.pin.erase(everything=True)
        self.phrase.clear()
        self._said.setText(words)
        self.focus_secret()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            chosen = next(n for n, t in enumerate(self._tiles) if t.isChecked())
            self._tiles[(chosen + step) % len(self._tiles)].setChecked(True)
            self._show_chosen()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        secret = self.pin.pin if self._by_pin else self.phrase.text()
        if not self.button.isEnabled() or not secret:
            return
        self._busy(True)
        self.opened.emit(self._chosen, secret)

    @property
    def _chosen(self) -> str:
        return str(next(t for t in self._tiles if t.isChecked()).operator["id"])

    def _show_chosen(self) -> None:
        if self._area is not None:
            self._area.ensureWidgetVisible(next(t for t in self._tiles if t.isChecked()), 0, 4)

    def _busy(self, on: bool) -> None:
        self.button.setEnabled(not on)
        self._said.setText("Đang mở…" if on else "")


class EnrolPage(QWidget):
    """First run: this PC becomes a counter. ``wanted(address, code, name, secret)``."""

    wanted = Signal(str, str, str, str)

    def __init__(self, keystore: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.setObjectName("ground")
        line = row(self, gap=0)
        line.addWidget(ClockSide("Ghi danh máy này thành một quầy", now), 40)
        right = QWidget()
        box = column(right, (56, 40, 56, 40), 12)
        line.addWidget(right, 60)
        box.addStretch()
        box.addWidget(text("Ghi danh lần đầu", "h1"))
        words = "Người phụ trách của xã đưa địa chỉ máy chủ và mã dùng một lần. Chỉ làm một lần cho máy này."
        box.addWidget(text(words, "soft", wrap=True))
        self._fields: dict[str, QLineEdit] = {}
        for name, title, hint in (
            ("address", "Địa chỉ máy chủ", "https://…"),
            ("code", "Mã dùng một lần", "XXXXX-XXXXX-XXXXX-XXXXX"),
            ("operator", "Họ và tên cán bộ", ""),
        ):
            part = column(gap=2)
            part.addWidget(text(title, "label"))
            field = QLineEdit()
            field.setObjectName(f"enrol.{name}")
            field.setAccessibleName(title)
            field.setPlaceholderText(hint)
            field.returnPressed.connect(lambda f=field: f.focusNextPrevChild(True))
            part.addWidget(field)
            box.addLayout(part)
            self._fields[name] = field
        self._secret = SecretForm(keystore)
        self._secret.submitted.connect(self._submit)
        box.addWidget(self._secret)
        self._said = text("", "strong", "amber", wrap=True)
        self._said.setObjectName("enrol_message")
        self._said.setMinimumHeight(26)
        box.addWidget(self._said)
        self.button = Button("Ghi danh", self._submit, "primary", "check")
        self.button.setObjectName("enrol_button")
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch()

    def focus_start(self) -> None:
        """The first field."""
        self._fields["address"].setFocus()

    def refuse(self, words: str) -> None:
        """Not enrolled: say why; everything typed stays."""
        self.button.setEnabled(True)
        self._said.setText(words)

    def _submit(self) -> None:
        values = [field.text().strip() for field in self._fields.values()]
        empty = next((f for f in self._fields.values() if not f.text().strip()), None)
        if empty is not None:
            self._said.setText(f"Còn thiếu: {empty.accessibleName()}.")
            empty.setFocus()
            return
        secret = self._secret.secret()
        if not secret:
            self._said.setText("Hai lần nhập khác nhau hoặc còn trống. Nhập lại.")
            return
        self.button.setEnabled(False)
        self._said.setText("Đang ghi danh…")
        self.wanted.emit(*values, secret)
