"""Chốt ca: what the drawer of whoever is signed in should hold, what was counted, and a word where the two differ."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from desktop import fields
from desktop.commands import Commands, Notice
from desktop.widgets import Button, column, row, text
from forms.names import money
from forms.working_days import parse_moment


class Drawer(QFrame):
    """``closed`` after the count is kept."""

    closed = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self._commands = commands
        box = column(self, (16, 8, 16, 10), 6)
        line = row(gap=12)
        self._said = text("", "strong", wrap=True)
        self._said.setObjectName("drawer_expected")
        line.addWidget(self._said, 1)
        counted = {"title": "Đếm được (đồng)", "x-kind": "money"}
        note = {"title": "Lý do, nếu chênh lệch", "x-kind": "text", "maxLength": 300}
        self._counted = fields.make(("drawer", "counted"), counted, False)
        self._counted.setFixedWidth(160)
        self._note = fields.make(("drawer", "note"), note, False)
        line.addWidget(self._counted)
        line.addWidget(self._note, 1)
        close = Button("Chốt ca", self._close, "primary", "check")
        close.setObjectName("drawer_close")
        line.addWidget(close)
        box.addLayout(line)

    def reload(self) -> None:
        """What should be there now."""
        self._commands.drawer(self._show)

    def _show(self, found: dict[str, Any]) -> None:
        since = parse_moment(str(found["since"] or ""))
        when = f"từ {since:%H:%M %d/%m}" if since else "từ đầu"
        parts = f"thu {money(found['cash'])}, hoàn {money(found['returned'])}"
        self._said.setText(f"Ngăn tiền của tôi {when}: phải có {money(found['expected'])} ({parts})")

    def _close(self) -> None:
        counted = self._counted.value()
        if counted is None:
            self._commands.notice.emit(Notice("Đếm tiền trong ngăn rồi ghi số đếm được.", "problem"))
            self._counted.setFocus()
            return
        self._commands.close_drawer(counted, str(self._note.value() or ""), self._done)

    def _done(self, body: dict[str, Any]) -> None:
        more = "thừa" if body["difference"] > 0 else "thiếu"
        rest = f", {more} {money(abs(body['difference']))}" if body["difference"] else ", khớp"
        self._commands.notice.emit(Notice(f"Đã chốt ca: đếm được {money(body['counted'])}{rest}."))
        for field in (self._counted, self._note):
            field.set_value(None)
        self.reload()
        self.closed.emit()
