"""F5 Gửi – nhận: one large sentence, the queue with where and since when, a week of contacts, the counts."""

from typing import Any

from PySide6.QtWidgets import QFrame, QLabel, QWidget

from desktop.chrome import line_words, link_now
from desktop.commands import Commands
from desktop.sync_panel.week import Week
from desktop.widgets import Button, Elided, Glyph, clear, column, empty_state, frame, row, rule, scrolling, side_width, text
from forms.working_days import parse_moment

_SHOWN = 60  # rows of the queue that are drawn; the count tells the rest

_QUEUE_HINT = "Hồ sơ mới tiếp nhận sẽ đứng ở đây cho tới khi máy chủ của xã ký nhận."


class SyncPage(QWidget):
    """Reads again on every change while it is in view, and when it comes into view."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._queue_shown: list[Any] | None = None
        line = row(self, gap=0)
        left = QWidget()
        box = column(left, (24, 8, 24, 8), 8)
        box.addWidget(self._forecast())
        holder = QWidget()
        self._queue = column(holder, (0, 0, 0, 0), 8)
        box.addWidget(scrolling(holder), 1)
        line.addWidget(left, 1)
        self._side = self._figures()
        line.addWidget(self._side)

    def reload(self) -> None:
        """Something changed; read it only when somebody is looking."""
        if self.isVisible():
            self._commands.sync_panel(lambda read: self._show(*read))

    def focus_start(self) -> None:
        """Send now is under Enter."""
        self._commands.sync_panel(lambda read: self._show(*read))
        self.send.setFocus()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._side.setFixedWidth(side_width(self.window().width()))

    def _forecast(self) -> QFrame:
        card = frame("card")
        box = column(card, (20, 14, 20, 14), 8)
        line = row(gap=16)
        self._mark = Glyph("cloud", "ink2", 28)
        self._large = text("", "forecast", wrap=True)
        self._large.setObjectName("sync_sentence")
        line.addWidget(self._mark)
        line.addWidget(self._large, 1)
        box.addLayout(line)
        self._small = text("", "soft", wrap=True)
        box.addWidget(self._small)
        actions = row()
        self.send = Button("Gửi ngay", self._commands.send_now, "primary", "paper-plane-tilt")
        self.send.setObjectName("send_now")
        actions.addWidget(self.send)
        actions.addStretch()
        box.addLayout(actions)
        return card

    def _figures(self) -> QFrame:
        side = frame("side")
        box = column(side, (15, 12, 16, 12), 8)
        box.addWidget(text("Liên hệ trong tuần", "h2"))
        box.addWidget(text("Giờ làm việc, mỗi vạch 30 phút.", "meta"))
        self._week = Week()
        box.addWidget(self._week)
        box.addWidget(_week_legend())
        box.addWidget(rule())
        self._counts: dict[str, QLabel] = {}
        for name, icon, words in (
            ("last_contact", "clock", "Liên hệ gần nhất"),
            ("kept", "circle", "Chờ gửi"),
            ("received", "circle-half-fill", "Cổng xã đã nhận"),
            ("accepted", "shield-check", "Quốc gia đã chấp nhận"),
            ("refused", "x-circle", "Bị từ chối"),
        ):
            line = row(gap=10)
            line.addWidget(Glyph(icon, "ink2", 18))
            line.addWidget(text(words, "panel"))
            line.addStretch()
            self._counts[name] = text("", "panelStrong")
            self._counts[name].setObjectName(f"count.{name}")
            line.addWidget(self._counts[name])
            box.addLayout(line)
        box.addStretch()
        safe = frame("safe")
        inner = row(safe, (14, 10, 14, 10), 12)
        inner.addWidget(Glyph("shield-check", "green", 20))
        inner.addWidget(text("Mọi hồ sơ đã giữ an toàn trên máy này, kể cả khi mất điện.", "panelStrong", "green", True), 1)
        box.addWidget(safe)
        return side

    def _show(self, status: dict[str, Any], queue: list[Any], contacts: list[Any]) -> None:
        now = self._commands.now()
        link = link_now(status, now)
        _words, icon, token = line_words(link)
        self._mark.show_icon(icon, token)
        self._large.setText(_large(link, len(queue), int(status["refused"])))
        self._small.setText(_small(link, len(queue)))
        self._week.show_contacts(contacts, now)
        contact = parse_moment(status["last_contact"] or "")
        for name, label in self._counts.items():
            if name == "last_contact":
                label.setText(f"{contact:%H:%M %d/%m/%Y}" if contact else "chưa lần nào")
            else:
                label.setText(f"{status.get(name, 0)} hồ sơ")
        if queue != self._queue_shown:
            self._queue_shown = queue
            self._draw_queue(queue)

    def _draw_queue(self, queue: list[Any]) -> None:
        clear(self._queue)
        if not queue:
            self._queue.addWidget(empty_state("Hàng chờ trống.", _QUEUE_HINT, 72))
            self._queue.addStretch()
            return
        card = frame("card")
        box = column(card, gap=0)
        head = row(margins=(16, 0, 16, 0))
        head.addWidget(Glyph("clock", "amber", 18))
        head.addWidget(text("Chờ gửi", "strong", "amber"))
        count = text(f"{len(queue)} hồ sơ", "soft")
        count.setFixedHeight(38)
        head.addWidget(count)
        head.addStretch()
        box.addLayout(head)
        for item in queue[:_SHOWN]:
            box.addWidget(rule())
            box.addWidget(_queue_row(item))
        if len(queue) > _SHOWN:
            box.addWidget(rule())
            more = text(f"   và {len(queue) - _SHOWN} hồ sơ nữa", "soft")
            more.setFixedHeight(36)
            box.addWidget(more)
        self._queue.addWidget(card)
        self._queue.addStretch()


def _large(link: str, waiting: int, refused: int) -> str:
    if not waiting:
        if refused:
            return f"Đã gửi hết; {refused} hồ sơ bị từ chối, xem F4"
        return "Mọi hồ sơ đã được nhận"
    where = {"offline": "Đang mất mạng", "online": "Đang có mạng"}.get(link, "Đang thử liên lạc")
    return f"{where}: còn {waiting} hồ sơ chờ gửi"


def _small(link: str, waiting: int) -> str:
    if not waiting:
        return "Không có gì chờ. Máy vẫn tự hỏi tin mới từ máy chủ."
    if link == "offline":
        return "Mất mạng không sao: mọi thứ giữ ở đây, có mạng là máy tự gửi, phần đã gửi không phải gửi lại."
    return "Hồ sơ cũ đi trước. Mất mạng giữa chừng cũng không sao: phần đã gửi không phải gửi lại."


def _queue_row(item: dict[str, Any]) -> QWidget:
    holder = QWidget()
    holder.setFixedHeight(36)
    line = row(holder, (42, 0, 16, 0), 12)
    code = str(item.get("code") or "")
    label = text(code.partition("-")[2] or code, "panelStrong")
    label.setFixedWidth(104)
    line.addWidget(label)
    line.addWidget(Elided(f"{item.get('full_name') or '–'} · {item['procedure_name']}", "panel"), 3)
    since = parse_moment(item["kept_at"])
    line.addWidget(Elided(f"giữ trên máy này từ {since:%H:%M %d/%m}" if since else "", "panel"), 2)
    line.addWidget(text("chờ có mạng", "meta"))
    return holder


def _week_legend() -> QWidget:
    holder = QWidget()
    line = row(holder, gap=6)
    for icon, token, words in (("square-fill", "green", "liên lạc được"), ("square-fill", "amberLine", "thử không được")):
        line.addWidget(Glyph(icon, token, 14))
        line.addWidget(text(words, "caption"))
        line.addSpacing(12)
    line.addStretch()
    return holder
