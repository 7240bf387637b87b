"""After F9: the code in large figures, the printed paper as it was stored, and what may come next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop import qr
from desktop.flow import FlowLayout
from desktop.messages import day_words
from desktop.widgets import Button, Glyph, column, frame, row, scrolling, text
from forms.working_days import parse_moment
from sync.counter import Received


class DonePage(QWidget):
    """What was received. Buttons: print again, next dossier, same person, collection slip, scans. Where a transfer is awaited the
    VietQR stands beside the words, for the resident's phone."""

    def __init__(
        self,
        again: Callable[[], None],
        next_one: Callable[[], None],
        same_person: Callable[[], None],
        slip: Callable[[], None],
        scans: Callable[[], None],
    ) -> None:
        super().__init__()
        side = row(self, gap=0)
        left = QWidget()
        side.addWidget(left, 1)
        box = column(left, (24, 24, 24, 24), 16)
        box.addWidget(self._card(again, next_one, same_person, slip, scans))
        safe = frame("safe")
        line = row(safe, (16, 10, 16, 10), 12)
        line.addWidget(Glyph("shield-check", "green", 20))
        line.addWidget(text("Hồ sơ đã giữ trên máy này, kể cả khi mất điện. Khi có mạng, máy tự gửi đi.", tone="green"), 1)
        box.addWidget(safe)
        box.addStretch()
        side.addWidget(self._preview())

    def _card(
        self,
        again: Callable[[], None],
        next_one: Callable[[], None],
        same_person: Callable[[], None],
        slip: Callable[[], None],
        scans: Callable[[], None],
    ) -> QFrame:
        card = frame("card")
        inside = column(card, (32, 32, 32, 32), 8)
        inside.addWidget(Glyph("check-circle-fill", "green", 40))
        inside.addWidget(text("Đã tiếp nhận", "h1", "green"))
        self._code = text("", "code")
        self._code.setObjectName("received_code")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside.addWidget(self._code)
        self._who = text("", "h2", wrap=True)
        self._when = text("", "soft", wrap=True)
        self._cost = text("", "soft", wrap=True)
        self._parts = text("", "soft", wrap=True)
        self._parts.setObjectName("received_parts")
        for label in (self._who, self._parts, self._when, self._cost):
            inside.addWidget(label)
        inside.addLayout(self._transfer())
        inside.addSpacing(16)
        holder = QWidget()
        buttons = FlowLayout(holder)
        self.slip_button = _named(Button("Phiếu thu", slip, icon="money"), "slip_button")
        self.next_button = _named(Button("Hồ sơ tiếp theo (F2)", next_one, "primary", "file-plus"), "next_button")
        for button in (
            self.next_button,
            _named(Button("Cùng người này (Ctrl+F2)", same_person, icon="user"), "same_person_button"),
            _named(Button("In lại (Ctrl+P)", again, icon="printer"), "print_again_button"),
            self.slip_button,
            _named(Button("Thêm bản chụp (Ctrl+D)", scans, icon="paperclip"), "add_scans_button"),
        ):
            buttons.addWidget(button)
        inside.addWidget(holder)
        return card

    def show_received(self, received: Received, line: dict[str, Any], procedure: str, cost: str, now: datetime) -> None:
        """Fill the page for a dossier just committed."""
        self._code.setText(received.code)
        self._who.setText(f"{line['applicant'].get('full_name', '')} · {procedure}")
        due = received.return_at
        self._when.setText(f"Trả kết quả: {due:%H:%M} {day_words(due.date(), now.date())}" if due else "Chưa rõ hẹn trả")
        self._cost.setText(f"Lệ phí: {cost}")
        said = [f"{m['code']}  {m['name']}, trả {_day(m['return_at'])}" for m in received.parts]
        self._parts.setText("\n".join(said))
        self._parts.setVisible(bool(said))
        self.show_transfer("")
        self.slip_button.setVisible("đ" in cost.split())
        self._sheet.setPixmap(QPixmap())
        self.next_button.setFocus()

    def show_transfer(self, payload: str) -> None:
        """The VietQR of a fee that may be transferred; empty hides it."""
        for widget in (self._qr, self._qr_words):
            widget.setVisible(bool(payload))
        if payload:
            self._qr.setPixmap(qr.picture(payload, 150, self.devicePixelRatioF()))

    def show_paper(self, image: QPixmap) -> None:
        """The stored receipt as it was printed."""
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._sheet.setPixmap(image)

    def paper_width(self) -> int:
        """Device px the preview can show."""
        return round((self._panel.width() - 42) * self.devicePixelRatioF())

    def _transfer(self) -> QHBoxLayout:
        line = row(gap=16)
        self._qr = QLabel()
        self._qr.setObjectName("vietqr")
        self._qr.setAccessibleName("Mã VietQR để chuyển khoản lệ phí")
        self._qr_words = text("Người dân quét mã này để chuyển khoản; thu xong thì ghi ở hồ sơ (F3).", "soft", wrap=True)
        line.addWidget(self._qr)
        line.addWidget(self._qr_words, 1)
        return line

    def _preview(self) -> QFrame:
        self._panel = frame("side")
        box = column(self._panel, (15, 12, 16, 12), 8)
        box.addWidget(text("Giấy hẹn đã in", "h2"))
        self._sheet = QLabel()
        self._sheet.setObjectName("receipt_preview")
        self._sheet.setAccessibleName("Giấy tiếp nhận hồ sơ và hẹn trả kết quả")
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        box.addWidget(scrolling(self._sheet), 1)
        return self._panel

    def set_side_width(self, width: int) -> None:
        """The context panel's width for the present window."""
        self._panel.setFixedWidth(width)


def _day(moment: str | None) -> str:
    found = parse_moment(moment or "")
    return f"{found:%H:%M %d/%m/%Y}" if found else "chưa rõ ngày"


def _named(button: Button, name: str) -> Button:
    button.setObjectName(name)
    return button
