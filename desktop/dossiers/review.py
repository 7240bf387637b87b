"""Cần xem lại: what two counters did without knowing of each other, both sides in words, and the buttons that settle it."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.commands import Commands, Session
from desktop.dossiers.telling import KEEP, sentence
from desktop.widgets import Button, column, frame, text
from forms.names import date_vn
from forms.routing import PORTAL
from forms.working_days import parse_moment
from sync import acts, money


def counter_name(session: Session | None, counter: str) -> str:
    """``Quầy 2 (máy này)``; a counter of another commune, or the national side, by what it is."""
    if counter == PORTAL:
        return "Hệ thống nhận"
    known = {str(c["id"]): str(c["name"]) for c in (session.profile.get("counters") or [] if session else [])}
    name = known.get(counter, "quầy khác")
    return f"{name} (máy này)" if session and counter == session.counter else name


class ReviewBox(QWidget):
    """``details``: ``act``, ``why``, ``sides`` (rows of the history: the marked one, then those against it)."""

    def __init__(self, commands: Commands, dossier: str, details: dict[str, Any], narrow: bool = False) -> None:
        """``narrow``: one side below the other."""
        super().__init__()
        self._commands, self._dossier, self._details = commands, dossier, details
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        marked, *against = details["sides"]
        grid.addWidget(text(_question(details), "panel", wrap=True), 0, 0, 1, 2)
        sides = [("against", against), ("act", [marked])] if against else [("against", [marked])]
        for place, (counts, rows) in enumerate(sides):
            at, beside = (1 + 2 * place, 0) if narrow else (1, place)
            grid.addWidget(self._side(rows), at, beside)
            grid.setColumnStretch(beside, 1)
            button = Button(_keep(rows[-1]) if against else "Không tính việc này", partial(self._settle, counts))
            button.setObjectName(f"review.{counts}")
            grid.addWidget(button, at + 1, beside)
        if details["why"] == "unseen":
            both = Button("Cả hai đều đúng, lấy ngày sau", partial(self._settle, "both"), "link")
            both.setObjectName("review.both")
            grid.addWidget(both, 5, 0, 1, 2)
        if marked["event"] == "paid":
            back = Button("Đã thu hai lần: hoàn lại khoản sau", self._refund, "link")
            back.setObjectName("review.refund")
            grid.addWidget(back, 5, 0, 1, 2)

    def _side(self, rows: list[dict[str, Any]]) -> QWidget:
        box = frame("quiet")
        inner = column(box, (12, 8, 12, 8), 2)
        session = self._commands.session
        for one in rows:
            where = counter_name(session, one["counter"])
            at = parse_moment(str((one.get("body") or {}).get("at") or ""))
            who = self._commands.staff.name_of(one["operator"])
            inner.addWidget(text(f"{where} · {who}" + (f" · {at:%H:%M %d/%m}" if at else ""), "meta", wrap=True))
            inner.addWidget(text(sentence(one, {}, where)[0], "panelStrong", wrap=True))
        inner.addStretch()
        return box

    def _settle(self, counts: str) -> None:
        act = self._details["act"]
        self._commands.act(lambda c, who: acts.settle(c, self._dossier, who, act, counts))

    def _refund(self) -> None:
        act = self._details["act"]
        self._commands.act(lambda c, who: money.refund(c, self._dossier, who, "Thu hai lần", of=act))


def _keep(one: dict[str, Any]) -> str:
    """What the button says: the date of a promise, else what was done."""
    due = parse_moment(str((one.get("body") or {}).get("return_at") or ""))
    return f"Giữ hẹn {date_vn(due)}" if due else KEEP.get(one["event"], "Giữ việc này")


def _question(details: dict[str, Any]) -> str:
    if details["why"] == "unseen":
        return "Hai quầy cùng đổi ngày hẹn trả khi chưa biết việc của nhau. Chọn bên đúng; bên kia vẫn đọc lại được."
    if details["sides"][0]["event"] == "paid":
        return "Hai quầy cùng ghi thu tiền. Nếu một bên ghi nhầm, giữ bên đúng; nếu cả hai đã thu thật, hoàn lại một khoản."
    if len(details["sides"]) == 1:
        return "Việc này đến lúc hồ sơ không còn ở bước cho phép."
    return "Hai việc không đi cùng nhau được. Chọn việc đúng với giấy tờ; việc kia vẫn đọc lại được."
