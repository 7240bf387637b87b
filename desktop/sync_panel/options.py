"""Tuỳ chọn đường truyền, folded out below the sentence: scans over networks that cost money, a cap, and the way out (proxy).

The first two count at once. A proxy counts when its button is pressed, and only if it can be used.
"""

from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands
from desktop.fields.base import Line
from desktop.fields.choices import Choice
from desktop.widgets import Button, Elided, Tick, column, row, text
from forms.problem import Problem

_CAPS: tuple[tuple[int | None, str], ...] = (
    (None, "không giới hạn"),
    (64, "64 kbit/giây"),
    (256, "256 kbit/giây"),
    (1000, "1.000 kbit/giây"),
)
_MODES = (
    ("none", "Không qua proxy"),
    ("system", "Proxy của hệ thống"),
    ("manual", "Nhập địa chỉ proxy"),
    ("pac", "Tệp PAC"),
)
_ADDRESS = {"manual": "http://địa-chỉ:cổng", "pac": "http://… hoặc file://… của tệp PAC"}
_METERED = {True: "Máy báo mạng đang dùng là mạng tính tiền.", False: "Máy báo mạng đang dùng không tính tiền."}
_HIDDEN = "•••"


class Options(QFrame):
    """``closed`` when Esc is pressed."""

    closed = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._commands = commands
        self._proxy: dict[str, str] | None = None
        box = column(self, (20, 12, 20, 14), 8)
        self._scans = Tick("Gửi cả tệp quét khi mạng tính tiền (3G, 4G); hồ sơ thì luôn được gửi")
        self._scans.setObjectName("option.metered_scans")
        self._scans.clicked.connect(self._decide_scans)
        box.addWidget(self._scans)
        self._metered = text("", "meta")
        self._metered.setContentsMargins(32, 0, 0, 4)
        box.addWidget(self._metered)
        line = row(gap=12)
        self._cap, self._mode, self._address = Choice(), Choice(), Line()
        for value, words in _CAPS:
            self._cap.addItem(words, value)
        for mode, words in _MODES:
            self._mode.addItem(words, mode)
        self._cap.setMinimumWidth(184)
        self._mode.setMinimumWidth(196)
        self._cap.activated.connect(self._decide_cap)
        self._mode.activated.connect(lambda _place: self._fit_address())
        line.addWidget(_labelled("Tốc độ gửi nhiều nhất", self._cap, "option.cap"))
        line.addWidget(_labelled("Cách ra mạng", self._mode, "option.proxy"))
        line.addStretch()
        box.addLayout(line)
        self._last = self._way_out()
        box.addWidget(self._last)
        self._told = text("", "panel", "amber", wrap=True)
        self._told.setObjectName("option.told")
        self._told.hide()
        box.addWidget(self._told)

    def _way_out(self) -> QWidget:
        """Where a proxy is, and the button that makes it count: there while there is something to settle."""
        holder = QWidget()
        line = row(holder, gap=12)
        self._place = _labelled("Địa chỉ", self._address, "option.address")
        self._use = Button("Ghi cách ra mạng", self._apply, "primary")
        self._use.setObjectName("option.use")
        line.addWidget(self._place, 1)
        line.addWidget(self._use, 0, Qt.AlignmentFlag.AlignBottom)
        line.addStretch()
        return holder

    def focus_start(self) -> None:
        """The keyboard goes to the first of them."""
        self._scans.setFocus()

    def show_view(self, view: dict[str, Any]) -> None:
        """As it is settled. What somebody is about to type stays, until what is settled is another thing."""
        self._scans.setChecked(view["metered_scans"])
        self._metered.setText(_METERED.get(view["metered"], "Máy không biết mạng đang dùng có tính tiền không."))
        if not self._cap.hasFocus():
            self._show_cap(view["cap_kbit"])
        if view["proxy"] != self._proxy:
            self._proxy = dict(view["proxy"])
            self._mode.setCurrentIndex(max(0, self._mode.findData(self._proxy["mode"])))
            self._address.setText(without_password(self._proxy["address"]))
            self._fit_address()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _show_cap(self, kbit: int | None) -> None:
        place = next((n for n in range(self._cap.count()) if self._cap.itemData(n) == kbit), None)
        if place is None:  # set by the command line
            self._cap.addItem(f"{kbit} kbit/giây", kbit)
            place = self._cap.count() - 1
        self._cap.setCurrentIndex(place)

    def _decide_scans(self, on: bool) -> None:
        words = "Tệp quét sẽ được gửi cả khi mạng tính tiền." if on else "Tệp quét sẽ chờ mạng không tính tiền."
        self._commands.travel.decide(words, metered_scans=on)

    def _decide_cap(self, _place: int) -> None:
        kbit = self._cap.currentData()
        words = f"Gửi nhiều nhất {self._cap.currentText()}." if kbit else "Gửi không giới hạn tốc độ."
        self._commands.travel.decide(words, cap_kbit=kbit)

    def _fit_address(self) -> None:
        mode = self._mode.currentData()
        hint = _ADDRESS.get(mode)
        self._place.setVisible(hint is not None)
        self._address.setPlaceholderText(hint or "")
        self._last.setVisible(hint is not None or self._proxy is None or mode != self._proxy["mode"])
        self._say("")

    def _apply(self) -> None:
        mode, typed = str(self._mode.currentData()), self._address.text().strip()
        secret = password_of(self._proxy["address"]) if self._proxy else ""
        address = typed.replace(_HIDDEN, secret) if secret else typed
        self._say("Đang đọc tệp PAC…" if mode == "pac" else "")
        self._commands.travel.use_proxy(mode, address, lambda: self._say(""), self._refused)

    def _refused(self, problem: Problem) -> None:
        self._say(messages.sentence(problem))

    def _say(self, words: str) -> None:
        if isValid(self):  # the desk may have been locked while a PAC file was on its way
            self._told.setText(words)
            self._told.setVisible(bool(words))


def _labelled(words: str, control: QWidget, name: str) -> QWidget:
    holder = QWidget()
    box = column(holder, gap=2)
    label = Elided(words, "label")
    label.setFixedHeight(20)
    box.addWidget(label)
    box.addWidget(control)
    control.setObjectName(name)
    control.setAccessibleName(words)
    holder.setFixedHeight(58)
    return holder


def password_of(address: str) -> str:
    """The password within ``[http://]user:password@host:port``, "" for none."""
    return (urlsplit(address if "://" in address else f"http://{address}").password or "") if "@" in address else ""


def without_password(address: str) -> str:
    """An address as a screen may show it."""
    secret = password_of(address)
    return address.replace(f":{secret}@", f":{_HIDDEN}@", 1) if secret else address
