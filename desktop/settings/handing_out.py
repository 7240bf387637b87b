"""What is handed out of the record: one person's own data, and a data incident. Two cards below the list, one open at a time."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.widgets import Button, Elided, Tick, column, frame, row, text
from forms.names import date_vn
from forms.problem import Problem
from forms.working_days import parse_moment
from sync.audit import day_span

_PERSON = (
    "Người dân hỏi dữ liệu của chính mình: xem giấy tờ tuỳ thân trước. Trả lời trong 2 ngày làm việc (Nghị định 356/2025/NĐ-CP, "
    "điều khoản cần xác nhận). Tệp ZIP không mã hoá: giao xong thì xoá."
)
_INCIDENT = (
    "Nghi lộ, mất dữ liệu hoặc máy bị mất: ghi nhận ngay, báo trong 72 giờ (cần xác nhận). Tệp gồm việc và nhật ký của những "
    "ngày đang lọc ở trên."
)


class HandingOut(QWidget):
    """``span``: the first and the last day that are looked at."""

    def __init__(self, commands: Commands, span: Callable[[], tuple[date, date]]) -> None:
        super().__init__()
        self._commands, self._span = commands, span
        box = column(self, gap=8)
        line = row(gap=8)
        self._cards = {"person": self._person_card(), "incident": self._incident_card()}
        for name, title, icon in (("person", "Dữ liệu của một người", "user"), ("incident", "Sự cố dữ liệu", "warning-circle")):
            button = Button(title, partial(self._open, name), "quiet", icon)
            button.setObjectName(f"hand_out.{name}")
            line.addWidget(button)
        line.addStretch()
        box.addLayout(line)
        for card in self._cards.values():
            card.hide()
            box.addWidget(card)

    def _open(self, name: str) -> None:
        """Open one card, or close it again."""
        for other, card in self._cards.items():
            card.setVisible(other == name and card.isHidden())
        if name == "person" and not self._cards[name].isHidden():
            self._number.setFocus()

    def _person_card(self) -> QFrame:
        card, box = _card(_PERSON)
        line = row(gap=8)
        self._number = QLineEdit()
        self._number.setObjectName("hand_out.number")
        self._number.setAccessibleName("Số định danh, hoặc số giấy tờ khác")
        self._number.setPlaceholderText("Số định danh, hoặc số giấy tờ khác")
        self._number.setMaxLength(30)
        self._number.setFixedWidth(300)
        line.addWidget(self._number)
        line.addWidget(_named(Button("Ghi nhận yêu cầu", self._ask, "quiet", "check"), "hand_out.ask"))
        export = Button("Xuất dữ liệu…", self._export_person, "primary", "download-simple")
        line.addWidget(_named(export, "hand_out.export_person"))
        self._person_trouble = Elided("", tone="amber")
        line.addWidget(self._person_trouble, 1)
        box.addLayout(line)
        return card

    def _incident_card(self) -> QFrame:
        card, box = _card(_INCIDENT)
        line = row(gap=8)
        line.addWidget(_named(Button("Ghi nhận sự cố", self._note, "quiet", "check"), "hand_out.note"))
        export = Button("Xuất hồ sơ sự cố…", self._export_incident, "primary", "download-simple")
        line.addWidget(_named(export, "hand_out.export_incident"))
        self._bodies = Tick("Kèm nội dung hồ sơ (dữ liệu cá nhân)")
        self._bodies.setObjectName("hand_out.bodies")
        line.addWidget(self._bodies)
        self._incident_trouble = Elided("", tone="amber")
        line.addWidget(self._incident_trouble, 1)
        box.addLayout(line)
        return card

    # One person

    def _ask(self) -> None:
        def noted(said: dict[str, Any]) -> None:
            at = parse_moment(said["due"])
            due = f" Hạn trả lời: {at:%H:%M} {date_vn(at)}." if at else ""
            self._done(self._person_trouble, f"Đã ghi nhận yêu cầu.{due}")

        self._commands.audit.ask(self._number.text(), noted, partial(self._refused, self._person_trouble))

    def _export_person(self) -> None:
        file = self._file("du-lieu-ca-nhan", "Xuất dữ liệu của một người") if self._number.text().strip() else None
        if file is None and self._number.text().strip():
            return

        def written(said: dict[str, Any]) -> None:
            self._number.clear()
            counts = f"{said['dossiers']} hồ sơ, {said['scans']} bản chụp"
            self._done(self._person_trouble, f"Đã xuất {counts} vào {Path(said['out']).name}.")

        refused = partial(self._refused, self._person_trouble)
        if file is None:
            refused(Problem("number_missing"))
        else:
            self._commands.audit.export_person(self._number.text(), file, written, refused)

    # An incident

    def _note(self) -> None:
        def noted(said: dict[str, Any]) -> None:
            at = parse_moment(said["due"])
            due = f" Báo trước {at:%H:%M} {date_vn(at)}." if at else ""
            self._done(self._incident_trouble, f"Đã ghi nhận sự cố.{due}")

        self._commands.audit.note_incident(noted, partial(self._refused, self._incident_trouble))

    def _export_incident(self) -> None:
        file = self._file("su-co", "Xuất hồ sơ sự cố")
        if file is None:
            return

        def written(said: dict[str, Any]) -> None:
            counts = f"{said['acts']} việc, {said['rows']} dòng nhật ký, {said['persons']} người liên quan"
            self._done(self._incident_trouble, f"Đã xuất {counts} vào {Path(said['out']).name}.")

        refused = partial(self._refused, self._incident_trouble)
        self._commands.audit.export_incident(day_span(*self._span()), file, self._bodies.isChecked(), written, refused)

    # What came of it

    def _file(self, name: str, title: str) -> Path | None:
        """Where the clerk wants it; the name that is offered says nothing of the person."""
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        start = str(folder / f"{name}-{self._commands.now():%Y-%m-%d}.zip")
        chosen, _filter = QFileDialog.getSaveFileName(self, title, start, "ZIP (*.zip)")
        return Path(chosen if chosen.lower().endswith(".zip") else f"{chosen}.zip") if chosen else None

    def _done(self, trouble: Elided, words: str) -> None:
        if isValid(self):
            trouble.setText("")
        self._commands.notice.emit(Notice(words))

    def _refused(self, trouble: Elided, problem: Problem) -> None:
        if isValid(self):
            trouble.setText(messages.sentence(problem))


def _card(words: str) -> tuple[QFrame, Any]:
    card = frame("card")
    box = column(card, (16, 10, 16, 12), 8)
    box.addWidget(text(words, "soft", wrap=True))
    return card, box


def _named(button: Button, name: str) -> Button:
    button.setObjectName(name)
    return button
