"""F5 Gửi – nhận: one large sentence that is true, what is under way, what waits and why, and the last contacts."""

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop.commands import Commands
from desktop.line import line_words, link_now
from desktop.sync_panel import words
from desktop.sync_panel.contacts import Contacts
from desktop.sync_panel.options import Options
from desktop.sync_panel.outages import Outages
from desktop.sync_panel.progress import ProgressLine, Run
from desktop.sync_panel.side import Side
from desktop.sync_panel.waiting import Waiting
from desktop.widgets import Button, Glyph, column, frame, row, scrolling, side_width, text
from forms.local_rules import EVENT as RULES

_AGES_MS = 5_000
"""A line that nobody speaks of grows old, and so does progress that nobody renews."""
_BAR = 10  # px of a scroll bar
_OPTIONS, _CLOSE = "Tuỳ chọn đường truyền", "Đóng tuỳ chọn"


class SyncPage(QWidget):
    """Reads again on every change while it is in view, and when it comes into view."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._run = Run()
        self._paused = False
        line = row(self, gap=0)
        left = QWidget()
        box = column(left, (24, 8, 24 - _BAR, 8), 8)
        upper = column(margins=(0, 0, _BAR, 0))
        upper.addWidget(self._sentence())
        self._outages = Outages()
        upper.addWidget(self._outages)
        box.addLayout(upper)
        box.addWidget(self._below(), 1)
        line.addWidget(left, 1)
        self._side = Side()
        line.addWidget(self._side)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.reload)
        self._timer.start(_AGES_MS)

    def reload(self) -> None:
        """Something changed; read it only when somebody is looking."""
        if self.isVisible():
            self._commands.travel.panel(lambda read: self._show(*read))

    def focus_start(self) -> None:
        """Send now is under Enter; while paused, going on is."""
        self._commands.travel.panel(lambda read: self._show(*read))
        (self.resume if self._paused else self.send).setFocus()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(side_width(self.window().width()))

    def _sentence(self) -> QFrame:
        card = frame("card")
        box = column(card, (20, 14, 20, 14), 8)
        line = row(gap=16)
        self._mark = Glyph("cloud", "ink2", 28)
        self._large = text("", "forecast", wrap=True)
        self._large.setObjectName("sync_sentence")
        line.addWidget(self._mark)
        line.addWidget(self._large, 1)
        box.addLayout(line)
        self._forecast = text("", "say")
        self._forecast.setObjectName("sync_forecast")
        box.addWidget(self._forecast)
        self._small = text("", "soft", wrap=True)
        self._small.setObjectName("sync_advice")
        box.addWidget(self._small)
        self._progress = ProgressLine()
        box.addWidget(self._progress)
        box.addLayout(self._actions())
        return card

    def _actions(self) -> Any:
        line = row()
        self.send = Button("Gửi ngay", self._commands.travel.send_now, "primary", "paper-plane-tilt")
        self.resume = Button("Tiếp tục", self._go_on, "primary", "play")
        self.pause = Button("Tạm dừng", self._stop, icon="pause")
        self.options = Button(_OPTIONS, self._fold, icon="sliders-horizontal")
        named = {"send_now": self.send, "sync_resume": self.resume, "sync_pause": self.pause, "sync_options": self.options}
        for name, button in named.items():
            button.setObjectName(name)
        for button in (self.send, self.resume, self.pause):
            line.addWidget(button)
        line.addStretch()
        line.addWidget(self.options)
        self.resume.hide()
        return line

    def _below(self) -> QScrollArea:
        holder = QWidget()
        box = column(holder, (0, 0, _BAR, 0), 8)
        self._options = Options(self._commands)
        self._options.closed.connect(self._fold)
        self._options.hide()
        self._waiting = Waiting(self._commands.travel.send_now)
        self._contacts = Contacts()
        for widget in (self._options, self._waiting, self._older(), self._contacts):
            box.addWidget(widget)
        box.addStretch()
        area = scrolling(holder)
        # the bar stands in the margin of the page: no card changes its width when it comes
        area.verticalScrollBar().rangeChanged.connect(lambda _low, high: box.setContentsMargins(0, 0, 0 if high else _BAR, 0))
        return area

    def _older(self) -> QFrame:
        self._older_card = card = frame("card")
        line = row(card, (16, 10, 16, 10), 12)
        line.addWidget(Glyph("archive", "ink2", 18))
        self._older_words = text("", "panel", wrap=True)
        self._older_words.setObjectName("older_words")
        line.addWidget(self._older_words, 1)
        self._load = Button("Tải hồ sơ cũ hơn", self._commands.travel.load_older, icon="download-simple")
        self._load.setObjectName("load_older")
        line.addWidget(self._load)
        card.hide()
        return card

    def _stop(self) -> None:
        self._commands.travel.decide("Đã tạm dừng. Bấm Tiếp tục khi muốn gửi – nhận lại.", paused=True)

    def _go_on(self) -> None:
        self._commands.travel.decide("Gửi – nhận tiếp.", paused=False)

    def _fold(self) -> None:
        opened = not self._options.isVisibleTo(self)
        self._options.setVisible(opened)
        self.options.setText(_CLOSE if opened else _OPTIONS)
        if opened:
            self._options.focus_start()
        else:
            self.options.setFocus()

    def _show(self, status: dict[str, Any], view: dict[str, Any]) -> None:
        now = self._commands.now()
        link = link_now(status, now)
        _words, icon, token = line_words(link, view["progress"] is not None)
        self._mark.show_icon(icon, token)
        self._large.setText(words.headline(status, view, link))
        far = self._run.see(view, now)
        self._progress.show_far(far)
        told = "" if far else words.forecast(view, link)
        self._forecast.setText(told)
        self._forecast.setVisible(bool(told))
        self._small.setText(words.advice(status, view, link))
        self._show_paused(view["paused"])
        self._options.show_view(view)
        if not self._waiting.show_view(view, link, now):
            (self.resume if self._paused else self.send).setFocus()
        self._show_older(view)
        self._contacts.show_contacts(view["contacts"], now, view["outages"])
        self._side.show_read(status, view["contacts"], now)
        self._outages.show_words(*self._outage_words(status, view, link))

    def _outage_words(self, status: dict[str, Any], view: dict[str, Any], link: str) -> tuple[str, str]:
        """What is said of receiving systems that take nothing, and to whom may enter an announced outage, how that is another."""
        may = not self._commands.staff.denied(RULES)
        told = words.outage_words(view["outages"], status, link, self._commands.now())
        return told, words.announced_words(view["outages"]) if may else ""

    def _show_paused(self, paused: bool) -> None:
        """The button that leads on takes the place of the other, and the keyboard with it."""
        if paused == self._paused:
            return
        self._paused = paused
        come, gone = ((self.resume,), (self.send, self.pause)) if paused else ((self.send, self.pause), (self.resume,))
        held = any(button.hasFocus() for button in gone)
        for button in come:
            button.show()
        if held:
            come[0].setFocus()
        for button in gone:
            button.hide()

    def _show_older(self, view: dict[str, Any]) -> None:
        asked = view["older"]
        self._older_card.setVisible(view["left_out"])
        self._load.setVisible(asked is None)
        if asked is None:
            told = "Quầy mới chỉ tải các hồ sơ còn đang giải quyết và mọi hồ sơ của 90 ngày gần đây."
        else:
            told = f"Đang tải hồ sơ cũ hơn, còn {asked} việc phải xem. Mất mạng thì lần sau tải tiếp."
        self._older_words.setText(told)
