"""Sao lưu và kiểm tra: when the last back-up was made, where its copy goes, and whether everything is as it was written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.track import Track
from desktop.widgets import Button, Elided, Glyph, column, row, text
from forms.names import date_vn
from forms.problem import Problem
from forms.working_days import parse_moment

_AGAIN = 2000  # ms between two looks while the page is shown: the sync process does the work
_HINT = "Máy tự sao lưu 30 phút một lần khi có việc mới, và mỗi tuần tự kiểm tra toàn bộ. Bản lưu được mã hoá như kho dữ liệu."
_NO_PLACE = "Chưa chọn. Nên chọn một USB hoặc thư mục chung, để máy hỏng thì vẫn còn bản lưu."


class _Part(QFrame):
    """A card: a glyph that says how it stands, a title, a line of words, room for buttons."""

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        box = column(self, (16, 12, 16, 14), 8)
        head = row(gap=10)
        self._glyph = Glyph("circle", "ink3", 22)
        head.addWidget(self._glyph)
        head.addWidget(text(title, "h2"), 1)
        box.addLayout(head)
        self._said = Elided("")
        self._said.setObjectName(name)
        box.addWidget(self._said)
        self.buttons = row()
        box.addLayout(self.buttons)

    def say(self, words: str, well: bool | None) -> None:
        """``well`` None: nothing to judge yet."""
        self._said.setText(words)
        icon, token = {True: ("check-circle", "green"), False: ("warning-circle", "amber"), None: ("circle", "ink3")}[well]
        self._glyph.show_icon(icon, token)


class CarePage(QWidget):
    """Three cards: back-ups, their second place, the check with its progress."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands, self._caring = commands, commands.caring
        self._practice = commands.session is not None and commands.session.practice
        self._stop: Callable[[], None] | None = None
        box = column(self, (0, 0, 8, 0), 8)
        box.addWidget(text("Sao lưu và kiểm tra", "h1"))
        box.addWidget(text(_HINT, "soft", wrap=True))
        self._kept, self._second, self._check = (
            _Part("Bản lưu tự động", "care.last"),
            _Part("Nơi lưu thứ hai", "care.place"),
            _Part("Kiểm tra toàn bộ dữ liệu", "care.verified"),
        )
        for part in (self._kept, self._second, self._check):
            box.addWidget(part)
        self._lay_out_buttons()
        box.addStretch()
        self._timer = QTimer(self)
        self._timer.setInterval(_AGAIN)
        self._timer.timeout.connect(self._read)

    def _lay_out_buttons(self) -> None:
        self._now = _button("Lưu ngay", self._back_up, "floppy-disk", "care.now")
        self._choose = _button("Chọn nơi lưu…", self._ask_place, "folder-open", "care.choose")
        self._none = _button("Thôi dùng nơi này", lambda: self._place(None), "", "care.none")
        self._none.careful = True
        self._begin = _button("Kiểm tra ngay", self._begin_check, "magnifying-glass", "care.check")
        self._track, self._count = Track(320), text("", "soft")
        self._count.setObjectName("care.progress")
        self._cancel = _button("Thôi (Esc)", self._cancel_check, "x", "care.cancel")
        for part, widgets in (
            (self._kept, (self._now,)),
            (self._second, (self._choose, self._none)),
            (self._check, (self._begin, self._track, self._count, self._cancel)),
        ):
            for widget in widgets:
                part.buttons.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
            part.buttons.addStretch()
        self._now.setVisible(not self._practice)
        self._second.setVisible(not self._practice)
        self._show_checking(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._read()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._stop is not None:
            self._cancel_check()
        else:
            super().keyPressEvent(event)

    def _read(self) -> None:
        self._caring.view(self._show)

    def _show(self, view: dict[str, Any]) -> None:
        if self._practice:
            self._kept.say("Luyện tập: không sao lưu.", None)
        elif view["asked"]:
            self._kept.say("Đang lưu…", None)
        elif view["last"] is None:
            self._kept.say("Chưa có bản nào. Bản đầu tiên được làm trong vài phút nữa.", None)
        else:
            self._kept.say(f"Gần nhất: {_moment(view['last'])} · {view['number']} bản trên máy này", True)
        self._none.setVisible(view["place"] is not None)
        if view["place"] is None:
            self._second.say(_NO_PLACE, False)
        elif view["copied"]:
            self._second.say(f"{view['place']} · đã có bản gần nhất", True)
        else:
            self._second.say(f"{view['place']} · chưa chép được bản gần nhất; máy sẽ thử lại", False)
        known = view["verified"]
        if known is None:
            self._check.say("Chưa kiểm tra lần nào trên máy này.", None)
        elif known["ok"]:
            self._check.say(f"Gần nhất: {_moment(known['at'])} · mọi thứ đúng như đã ghi", True)
        else:
            self._check.say(f"Gần nhất: {_moment(known['at'])} · {known['problems']} chỗ không đúng; báo người phụ trách", False)

    def _back_up(self) -> None:
        self._commands.audit.note("backup_made")
        self._caring.back_up(self._read)

    def _ask_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Chọn nơi lưu thứ hai")
        if chosen:
            self._place(Path(chosen))

    def _place(self, folder: Path | None) -> None:
        words = "Từ nay mỗi bản lưu có thêm một bản ở nơi này." if folder else "Bản lưu chỉ còn trên máy này."

        def chosen() -> None:
            self._commands.notice.emit(Notice(words))
            self._read()

        self._caring.choose_place(folder, chosen)

    def _begin_check(self) -> None:
        self._show_checking(True)
        self._progress(0, 0)
        self._stop = self._caring.check(self._progress, lambda _report: self._checked(), self._not_checked)
        self._cancel.setFocus()

    def _progress(self, done: int, most: int) -> None:
        self._track.show_part(done / most if most else 0.0)
        self._count.setText(f"{100 * done // most} %" if most else "Đang xem các trang của kho…")

    def _cancel_check(self) -> None:
        if self._stop is not None:
            self._stop()

    def _checked(self) -> None:
        self._stop = None
        self._show_checking(False)
        self._begin.setFocus()
        self._read()

    def _not_checked(self, problem: Problem) -> None:
        self._checked()
        if problem.code != "cancelled":
            self._commands.notice.emit(Notice(messages.sentence(problem), "problem"))

    def _show_checking(self, on: bool) -> None:
        self._begin.setVisible(not on)
        for widget in (self._track, self._count, self._cancel):
            widget.setVisible(on)


def _button(words: str, does: Callable[[], object], icon: str, name: str) -> Button:
    made = Button(words, does, icon=icon)
    made.setObjectName(name)
    return made


def _moment(iso: str) -> str:
    at = parse_moment(iso)
    return f"{at:%H:%M}, {date_vn(at)}" if at else iso
