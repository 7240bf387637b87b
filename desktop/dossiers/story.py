"""One dossier as a story: where it stands on four axes, and what happened, newest first, in sentences."""

from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QScrollArea, QWidget

from desktop.attaching import ask_files
from desktop.commands import Commands, Notice
from desktop.dossiers.actions import Actions
from desktop.dossiers.model import DELIVERY, state_of
from desktop.dossiers.papers import FIRST, PapersBox, names_of
from desktop.dossiers.review import ReviewBox, counter_name
from desktop.dossiers.telling import (
    PAYMENTS,
    RESULTS,
    has_receipt,
    number_words,
    paper_of,
    refused_by,
    road_words,
    sentence,
    together,
)
from desktop.fields.texts import grouped
from desktop.flow import FlowLayout
from desktop.widgets import Button, Elided, Glyph, clear, column, frame, row, scrolling, text
from forms.address import text_of
from forms.audit_words import DOUBTS
from forms.names import date_vn, money
from forms.numbering import official_beside
from forms.possible import conflict
from forms.working_days import parse_moment

_SENT = {"kept": "Đã giữ trên máy", "received": "Cổng xã đã nhận", "accepted": "Đã chấp nhận", "refused": "Bị từ chối"}
_KINDS = {"tint": "tint", "amber": "wait", "green": "safe", "red": "alarm", "quiet": "quiet"}


class Story(QFrame):
    """The right side of F3. ``acted``: something was done with the dossier here."""

    acted = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        self._commands = commands
        self._dossier: dict[str, Any] | None = None
        self._busy, self._later = False, dict[str, Any]()  # a form is open; what became of its dossier meanwhile
        self._to_correct: tuple[str, str] | None = None
        self._to_papers: str | None = None
        self._box = column(self, (15, 12, 16, 12), 8)
        self._show_nothing()

    def show_dossier(self, dossier: dict[str, Any] | None) -> None:
        """Tell this one's story; None says how to begin. The same story again leaves what is being typed here alone."""
        if dossier is not None and dossier == self._dossier:
            self._open_correction()
            return
        if self._busy and dossier is not None and self._dossier is not None and dossier["id"] == self._dossier["id"]:
            self._later = dossier  # what a clerk is typing is not taken away by news from the line
            return
        if self._busy and self._actions.typed:
            self._commands.notice.emit(
                Notice("Đang ghi dở một việc ở bên phải: bấm Ghi, hoặc Thôi, rồi mở hồ sơ khác.", "problem")
            )
            return
        place = self._place() if dossier and self._dossier and dossier["id"] == self._dossier["id"] else None
        self._dossier, self._busy, self._later = dossier, False, {}
        if dossier is None:
            self._show_nothing()
            return
        page = self._page(dossier)  # whole before it is shown: styled and laid out once
        clear(self._box)
        self._box.addWidget(page)
        page.show()  # at once, so that the keyboard may go there before the layout is done
        self._open_correction()
        if place is not None:
            QTimer.singleShot(0, self, partial(self._go_back, *place))
        self._open_papers()

    def _page(self, dossier: dict[str, Any]) -> QWidget:
        page = QWidget()
        box = column(page, gap=8)
        box.addWidget(self._heading(dossier))
        if number_words(dossier):
            numbers = text(number_words(dossier), "panelStrong" if official_beside(dossier) else "meta", wrap=True)
            numbers.setObjectName("story_numbers")
            box.addWidget(numbers)
        nobody = "Đã xoá dữ liệu cá nhân" if dossier["erased"] else "–"
        box.addWidget(text(str(dossier["applicant"].get("full_name") or nobody), "h2", wrap=True))
        name = dossier["procedure"].get("name") or ""
        box.addWidget(Elided(f"{name} · {dossier['procedure'].get('code')}", "panel"))
        if dossier.get("road"):
            by = Elided(road_words(dossier), "meta")
            by.setObjectName("story_road")
            box.addWidget(by)
        box.addWidget(self._axes(dossier))
        told = self._told(dossier)
        box.addWidget(told, 1)
        self._actions = Actions(self._commands)
        self._actions.setObjectName("actions")
        box.addWidget(self._actions)  # first: shown without a parent it would be a window of its own
        self._actions.show_dossier(dossier)
        self._actions.form_open.connect(partial(self._make_room, told))
        self._actions.acted.connect(self.acted)
        return page

    def correct_when_shown(self, dossier: str, field: str) -> None:
        """Open the correction of this dossier at a field, as soon as its story stands here."""
        self._to_correct = (dossier, field)
        self._open_correction()

    def _open_correction(self) -> None:
        if self._to_correct and self._dossier is not None and self._dossier["id"] == self._to_correct[0]:
            field = self._to_correct[1]
            self._to_correct = None
            self._actions.correct(field)

    def _place(self) -> tuple[str, int]:
        """Where the keyboard is in this story, and how far it was read."""
        at = QApplication.focusWidget()
        name = at.objectName() if at is not None and self.isAncestorOf(at) else ""
        return name, self._scroll.verticalScrollBar().value()

    def _go_back(self, name: str, read: int) -> None:
        """The same story told anew goes on where it was read."""
        self._scroll.verticalScrollBar().setValue(read)
        there = self.findChild(Button, name) if name else None
        if there is not None and there.isVisibleTo(self):
            there.setFocus(Qt.FocusReason.OtherFocusReason)
            if name.startswith(FIRST):
                self._bring_into_view(there)  # the story has grown above it

    def _bring_into_view(self, button: Button) -> None:
        """The row of a paper, once it is laid out."""
        scroll, line = self._scroll, button.parentWidget() or button
        QTimer.singleShot(0, button, lambda: scroll.ensureWidgetVisible(line, 0, 16))

    def papers_when_shown(self, dossier: str) -> None:
        """Go to the papers of this dossier, as soon as its story stands here."""
        self._to_papers = dossier
        self._open_papers()

    def _open_papers(self) -> None:
        if self._to_papers and self._dossier is not None and self._dossier["id"] == self._to_papers:
            self._to_papers = None
            QTimer.singleShot(0, self, self.focus_papers)

    def focus_papers(self) -> None:
        """Ctrl+D: the keyboard to the first *Thêm tệp*."""
        first = next((b for b in self.findChildren(Button) if b.objectName().startswith(FIRST) and b.isVisibleTo(self)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)
            self._bring_into_view(first)

    def _add_files(self, code: str, name: str) -> None:
        files = ask_files(self, name)
        if files and self._dossier is not None:
            self._commands.attach(self._dossier["id"], code, files)

    def _make_room(self, told: QWidget, open_: bool) -> None:
        told.setVisible(not open_)
        self._busy = open_
        if not open_ and self._later:
            self.show_dossier(self._later)

    def print_again(self) -> None:
        """Ctrl+P: the receipt once more."""
        if self._dossier is not None and has_receipt(self._dossier):
            self._commands.print_paper_of(self._dossier["id"], self._dossier["code"])

    def focus_acts(self) -> None:
        """The keyboard to the first act (Enter in the list)."""
        if self._dossier is not None:
            self._actions.focus_start()

    def _print(self, name: str, event: str | None = None) -> None:
        if self._dossier is not None:
            self._commands.print_paper_of(self._dossier["id"], str(self._dossier["code"]), name, event)

    def _show_nothing(self) -> None:
        clear(self._box)
        self._box.addStretch(1)
        words = text("Chọn một hồ sơ để đọc diễn biến của nó.", "soft", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._box.addWidget(words)
        self._box.addStretch(2)

    def _heading(self, dossier: dict[str, Any]) -> QWidget:
        holder = QWidget()
        holder.setFixedHeight(36)
        line = row(holder, gap=0)
        unit, _dash, rest = str(dossier["code"] or "").partition("-")
        line.addWidget(text(f"{unit}-" if rest else unit, "soft"))
        code = text(rest, "figure")
        code.setObjectName("story_code")
        line.addWidget(code)
        line.addStretch()
        if has_receipt(dossier):
            again = Button("In lại", self.print_again, "link", "printer")
            again.setObjectName("reprint_button")
            again.setToolTip("Ctrl+P")
            line.addWidget(again)
        return holder

    def _axes(self, dossier: dict[str, Any]) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        stage, tone = state_of(dossier | {"delivery": ""})
        payment = dossier.get("payment") or {}
        state = payment.get("state")
        total = payment.get("amount") if payment.get("name") else dossier["fees"].get("total")  # one asked for after reception
        fee = "Cần xác nhận" if total is None else money(total) if total else "Không thu"
        paid = f" · {PAYMENTS[str(state)].lower()}" if total and str(state) in PAYMENTS else ""
        icon, token, _words = DELIVERY[dossier["delivery"]]
        words = _SENT[dossier["delivery"]]
        sent = {"accepted": "green", "refused": "red", "received": "amber"}.get(dossier["delivery"], "quiet")
        state_of_result = str((dossier.get("result") or {}).get("state"))
        result = RESULTS.get(state_of_result, RESULTS["none"])
        for place, one in enumerate(
            (
                ("folder-open", "Nghiệp vụ", stage, tone),
                ("money", f"Lệ phí{paid}", fee, "amber" if state == "unpaid" else "quiet"),
                ("hand", "Trả kết quả", result, {"ready": "green", "posted": "amber"}.get(state_of_result, "quiet")),
                (icon, "Gửi đi", words, sent),
            )
        ):
            grid.addWidget(_axis(*one, token if place == 3 else ""), place // 2, place % 2)
        return holder

    def _told(self, dossier: dict[str, Any]) -> QScrollArea:
        holder = QWidget()
        box = column(holder, (0, 4, 8, 0), 0)
        box.addWidget(text("Diễn biến", "strong"))
        box.addSpacing(8)
        if dossier.get("refusal"):
            box.addWidget(_refusal(dossier["refusal"], refused_by(dossier)))
            box.addSpacing(8)
        found = conflict(dossier)
        if found is not None:
            box.addWidget(text("Cần xem lại", "panelStrong", "red"))
            box.addWidget(ReviewBox(self._commands, dossier["id"], found, narrow=True))
            box.addSpacing(8)
        for event in reversed(together(dossier["history"])):
            box.addWidget(self._event(event, dossier))
        if not dossier["erased"]:
            box.addWidget(_facts(dossier))
            box.addSpacing(8)
            box.addWidget(PapersBox(self._commands.session, dossier, self._add_files))
            box.addWidget(self._other_papers(dossier))
        box.addStretch()
        scroll = scrolling(holder)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll = scroll
        return scroll

    def _other_papers(self, dossier: dict[str, Any]) -> QWidget:
        """Papers that belong to no single event."""
        offered = [("control", "Phiếu kiểm soát")]
        offered += [("declaration", "Tờ khai")] if dossier.get("form") else []
        offered += [("slip", "Phiếu thu")] if (dossier.get("payment") or {}).get("amount") else []
        holder = QWidget()
        line = FlowLayout(holder)
        for name, title in offered:
            button = Button(title, partial(self._print, name), "link", "file-text")
            button.setObjectName(f"paper_{name}")
            line.addWidget(button)
        return holder

    def _event(self, event: dict[str, Any], dossier: dict[str, Any]) -> QWidget:
        where = counter_name(self._commands.session, event["counter"])
        told = dossier | {"paper_names": names_of(self._commands.session, dossier)} if event["event"] == "attached" else dossier
        words, icon, kind, token = sentence(event, told, where)
        holder = QWidget()
        line = row(holder, gap=10)
        dot = frame(kind)
        dot.setFixedSize(24, 24)
        row(dot, (4, 4, 4, 4)).addWidget(Glyph(icon, token, 16))
        line.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        box = column(gap=0)
        said = text(words, "panel", wrap=True)
        box.addWidget(said)
        said_at = dossier["received_at"] if event["event"] == "received" else (event.get("body") or {}).get("at")
        at = parse_moment(str(said_at or "")) or parse_moment(event["at"])
        who = self._name_of(event["operator"])
        box.addWidget(text(f"{_when(at, self._commands.now())} · {who}" if at else who, "meta"))
        if event.get("clock"):
            box.addWidget(_unsure(event["clock"], self._commands.now()))
        found = paper_of(event, dossier)
        if found is not None:
            name, title, act = found
            paper = Button(title, partial(self._print, name, act), "link", "file-text")
            paper.setObjectName(f"paper_{name}" if act is None else f"paper_{name}.{act}")
            box.addWidget(paper, 0, Qt.AlignmentFlag.AlignLeft)
        box.addSpacing(10)
        line.addLayout(box, 1)
        return holder

    def _name_of(self, operator: str) -> str:
        return self._commands.staff.name_of(operator) or "tự động"


def _unsure(said: dict[str, Any], now: datetime) -> QWidget:
    """That the clock was not sure when it was done, and the better time where a contact has shown it."""
    about = parse_moment(str(said.get("about") or ""))
    better = f": đúng ra khoảng {_when(about, now)}" if about else f" ({DOUBTS.get(said['doubt'], 'chưa rõ vì sao')})"
    return text(f"Giờ máy chưa chắc{better}", "meta", "amber", wrap=True)


def _axis(icon: str, title: str, words: str, tone: str, token: str = "") -> QFrame:
    box = frame(_KINDS.get(tone, "quiet"))
    box.setFixedHeight(48)
    line = row(box, (10, 2, 6, 2), 10)
    ink = {"tint": "tintInk", "quiet": "ink2"}.get(tone, tone)
    line.addWidget(Glyph(icon, token or ink, 18))
    inner = column(gap=0)
    inner.addWidget(text(title, "caption"))
    value = Elided(words, "panelStrong", "" if tone == "quiet" else tone)
    inner.addWidget(value)
    line.addLayout(inner, 1)
    return box


def _refusal(refusal: dict[str, Any], who: str) -> QFrame:
    box = frame("alarm")
    inner = column(box, (12, 8, 12, 8), 2)
    inner.addWidget(text(f"{who} từ chối", "panelStrong", "red", wrap=True))
    inner.addWidget(text(str(refusal.get("reason") or "Không nói lý do"), "panel", wrap=True))
    return box


def _facts(dossier: dict[str, Any]) -> QFrame:
    """What was received, in a few lines."""
    box = frame("quiet")
    inner = column(box, (12, 8, 12, 8), 2)
    who = dossier["applicant"]
    for title, words in _places(dossier):
        inner.addWidget(text(f"{title}: {words}", "meta", wrap=True))
    number = grouped(str(who.get("personal_id") or (who.get("other_id") or {}).get("number") or ""))
    kind = "Số định danh" if who.get("personal_id") else "Số giấy tờ"
    for title, words in ((kind, number), ("Địa chỉ", text_of(who.get("address"))), ("Điện thoại", who.get("phone"))):
        if words:
            inner.addWidget(text(f"{title}: {words}", "meta", wrap=True))
    return box


def _places(dossier: dict[str, Any]) -> list[tuple[str, str]]:
    """Where things are and who may do what: receiving and deciding unit apart, the shelf, who may take the result."""
    back, right = dossier.get("return_to") or {}, dossier.get("authorised") or {}
    codes = {str(c) for c in (dossier.get("official_code"), *dossier.get("other_codes", [])) if c} - {official_beside(dossier)}
    said = [
        ("Nơi giải quyết", (dossier.get("competent") or {}).get("name") or dossier["procedure"].get("decides")),
        ("Trả kết quả tại", text_of(back.get("place")) if back.get("how") in ("post", "elsewhere") else ""),
        ("Hồ sơ giấy để ở", dossier.get("shelf")),
        ("Người được ủy quyền", right.get("full_name")),
        ("Mã khác", ", ".join(sorted(codes))),
    ]
    return [(title, str(words)) for title, words in said if words]


def _when(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} hôm nay" if at.date() == now.date() else f"{at:%H:%M} {date_vn(at)}"
