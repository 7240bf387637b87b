"""F4 Việc cần làm: refusals first, each with a sentence to read aloud; then what the machine itself reports."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop.commands import Commands
from desktop.dossiers.correcting import correctable
from desktop.dossiers.model import days_left, state_of
from desktop.dossiers.review import ReviewBox
from desktop.task_list.reports import words_of
from desktop.widgets import Button, Elided, Glyph, Pill, clear, column, empty_state, frame, row, scrolling, text, tip
from forms.names import date_vn, fold
from forms.working_days import parse_moment

_NO_FIELD = {"procedure": "Thủ tục"}
"""What a refusal may be about besides the fields of the form."""
_HINT = "Hồ sơ bị từ chối, đến hạn, chờ tiếp nhận, hay điều máy này cần báo sẽ hiện ở đây."


class TasksPage(QWidget):
    """Cards by urgency, kept while their number and content stay the same."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._shown: list[dict[str, Any]] | None = None
        self._makers: dict[str, Callable[[dict[str, Any]], QFrame]] = {
            "refused": self._refusal,
            "review": self._review,
            "filed": self._filed,
            "numbered": self._numbered,
            "by_hand": self._by_hand,
            "late": self._due,
            "due": self._due,
        }
        box = column(self, (24, 16, 24, 8), 8)
        head = row()
        head.addWidget(text("Việc cần làm", "h1"))
        self._count = text("", "soft")
        self._count.setObjectName("task_count")
        head.addWidget(self._count)
        head.addStretch()
        box.addLayout(head)
        holder = QWidget()
        self._cards = column(holder, (0, 0, 8, 0), 8)
        box.addWidget(scrolling(holder), 1)
        self.show_tasks([])

    def show_tasks(self, tasks: list[dict[str, Any]]) -> None:
        """Draw the cards anew when something changed."""
        if tasks == self._shown:
            return
        self._shown = tasks
        inside = self.isAncestorOf(self.focusWidget() or self)
        clear(self._cards)
        self._count.setText(f"{len(tasks)} việc cần người xử lý" if tasks else "")
        if not tasks:
            self._cards.addWidget(empty_state("Không còn việc nào.", _HINT))
        for number, task in enumerate(tasks):
            card = self._makers.get(task["kind"], self._report)(task)
            card.setObjectName(f"task.{number}")
            self._cards.addWidget(card)
        self._cards.addStretch()
        if inside and self.isVisible():
            self.focus_start()  # what had the keyboard is done: on to the next one

    def focus_start(self) -> None:
        """The first action of the first card."""
        first = (
            self.findChild(Button, "task_correct")
            or self.findChild(Button, "review.against")
            or self.findChild(Button, "task_print")
            or self.findChild(Button, "task_by_hand.0")
            or self.findChild(Button, "task_settle")
        )
        (first or self).setFocus()

    def _refusal(self, task: dict[str, Any]) -> QFrame:
        told = task["details"]
        card, box = _card("barRed")
        about = f"{told.get('full_name') or '–'} · {told.get('procedure') or ''}"
        who = str(told.get("system_name") or "Cổng quốc gia")
        box.addLayout(self._head(f"{who} từ chối", "red", "x-circle-fill", str(told.get("code") or ""), about, task))
        reason = str(told.get("reason") or "Hệ thống nhận không nói lý do.")
        field = self._title_of(told)
        if field and fold(field) not in fold(reason):
            reason = f"Ô {field}: {reason}"
        box.addWidget(text(f"{reason.rstrip('.')}. Hồ sơ vẫn giữ trên máy này, giấy hẹn đã in vẫn đúng.", wrap=True))
        if told.get("say"):
            box.addWidget(_say(str(told["say"])))
        actions = row()
        path = str(told.get("field") or "")
        mend = Button("Sửa và gửi lại", self._corrector(task["dossier"], path), "primary", "pencil-simple")
        mend.setObjectName("task_correct")
        actions.addWidget(mend)
        opener = Button("Mở hồ sơ", self._opener(task["dossier"]), icon="folder-open")
        opener.setObjectName("task_open")
        actions.addWidget(opener)
        _call(actions, told)
        actions.addStretch()
        if told.get("raw"):
            raw = text(str(told["raw"]), "meta", wrap=True)
            raw.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            raw.hide()
            show = Button("Nguyên văn", lambda: raw.setVisible(not raw.isVisible()), "link", "code")
            show.setObjectName("task_raw")
            actions.addWidget(show)
            box.addLayout(actions)
            box.addWidget(raw)
        else:
            box.addLayout(actions)
        return card

    def _review(self, task: dict[str, Any]) -> QFrame:
        card, box = _card("barRed")
        told = task["details"]
        about = f"{told.get('full_name') or '–'} · {told.get('procedure') or ''}"
        box.addLayout(self._head("Cần xem lại", "red", "scales", str(told.get("code") or ""), about, task))
        box.addWidget(ReviewBox(self._commands, task["dossier"], told))
        return card

    def _filed(self, task: dict[str, Any]) -> QFrame:
        """Filed online: received or refused at the counter."""
        card, box = _card("barAmber")
        told = task["details"]
        about = f"{told.get('full_name') or '–'} · {told.get('procedure') or ''}"
        box.addLayout(self._head("Nộp trực tuyến, chờ tiếp nhận", "amber", "cloud", str(told.get("code") or ""), about, task))
        actions = row()
        opener = Button("Xem và tiếp nhận", self._opener(task["dossier"]), "primary", "folder-open")
        opener.setObjectName("task_filed")
        actions.addWidget(opener)
        actions.addStretch()
        box.addLayout(actions)
        return card

    def _numbered(self, task: dict[str, Any]) -> QFrame:
        """The official number has come: a receipt with both numbers, unless the resident knows it already."""
        told = task["details"]
        card, box = _card("barAmber")
        about = f"{told.get('full_name') or '–'} · {told.get('procedure') or ''}"
        box.addLayout(self._head("Đã có mã chính thức", "amber", "identification-card", str(told["code"]), about, task))
        who = str(told.get("system_name") or "Hệ thống nhận")
        words = f"{who} cấp mã {told['number']}. Giấy hẹn đã đưa ghi mã tiếp nhận tạm, mã ấy vẫn dùng để tra cứu."
        box.addWidget(text(words, wrap=True))
        actions = row()
        again = lambda: self._commands.print_paper_of(task["dossier"], str(told["code"]), event=told["act"])  # noqa: E731
        printer = Button("In lại giấy hẹn có mã chính thức", again, "primary", "printer")
        printer.setObjectName("task_print")
        actions.addWidget(printer)
        opener = Button("Mở hồ sơ", self._opener(task["dossier"]), icon="folder-open")
        opener.setObjectName("task_open")
        actions.addWidget(opener)
        _call(actions, told)
        actions.addStretch()
        done = Button("Đã báo mã, không cần in", lambda: self._commands.told_number(task["dossier"]), "quiet", "check")
        done.setObjectName("task_told")
        actions.addWidget(done)
        box.addLayout(actions)
        return card

    def _by_hand(self, task: dict[str, Any]) -> QFrame:
        """Received, and nobody but a clerk can bring them to their system: the oldest of them, each a button."""
        told = task["details"]
        card, box = _card("barAmber")
        line = row()
        line.addWidget(Pill("Chờ nhập tay", "amber", "copy"))
        line.addWidget(Elided(f"{told['n']} hồ sơ chờ nhập vào {told['name']}", "strong"), 1)
        box.addLayout(line)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, one in enumerate(told["rows"]):
            code = str(one.get("code") or "")
            short = f"{code.partition('-')[2] or code}\n{one.get('full_name') or '–'}"
            button = Button(short, self._copier(one["id"]), "tile")
            button.setObjectName(f"task_by_hand.{place}")
            button.setToolTip(tip(str(one.get("procedure_name") or "")))
            grid.addWidget(button, place // 3, place % 3)
        for place in range(3):
            grid.setColumnStretch(place, 1)
        box.addLayout(grid)
        return card

    def _due(self, task: dict[str, Any]) -> QFrame:
        """Late ones or those of today: a few of them, each a button, and all of them in the list."""
        late, told = task["kind"] == "late", task["details"]
        card, box = _card("barRed" if late else "barAmber")
        words, tone = ("Quá hạn trả", "red") if late else ("Đến hạn hôm nay", "amber")
        line = row()
        line.addWidget(Pill(words, tone, "clock"))
        line.addWidget(text(f"{told['n']} hồ sơ", "strong"))
        line.addStretch()
        every = Button(f"Mở cả {told['n']}", lambda: self._commands.show_wanted.emit("chip", task["kind"]), "link")
        every.setObjectName(f"task_{task['kind']}")
        line.addWidget(every)
        box.addLayout(line)
        grid = QGridLayout()
        grid.setSpacing(8)
        for place, one in enumerate(told["rows"]):
            code = str(one.get("code") or "")
            name, what = one.get("full_name") or "–", str(one.get("procedure_name") or "")
            left = days_left(one.get("return_at"), self._commands.now())[1]
            short = f"{code.partition('-')[2] or code} · {left}\n{name}"
            button = Button(short, self._opener(one["id"]), "tile")
            button.setToolTip(tip(f"{what} · {state_of(one)[0]}"))
            grid.addWidget(button, place // 3, place % 3)
        box.addLayout(grid)
        return card

    def _report(self, task: dict[str, Any]) -> QFrame:
        title, body, advice = words_of(task)
        card, box = _card("barAmber")
        box.addLayout(self._head(title, "amber", "warning-circle", "", "", task))
        box.addWidget(text(body, wrap=True))
        box.addWidget(text(advice, "soft", wrap=True))
        if isinstance(task["id"], int):  # what is true by itself goes when it is no longer so
            actions = row()
            settle = Button("Đã xem, xong việc này", lambda: self._commands.settle_task(task["id"]), "quiet", "check")
            settle.setObjectName("task_settle")
            actions.addWidget(settle)
            actions.addStretch()
            box.addLayout(actions)
        return card

    def _head(self, words: str, tone: str, icon: str, code: str, about: str, task: dict[str, Any]) -> Any:
        line = row()
        line.addWidget(Pill(words, tone, icon))
        if code:
            line.addWidget(text(code.partition("-")[2] or code, "strong"))
        line.addWidget(Elided(f"· {about}" if about else ""), 1)
        at, now = parse_moment(task["at"]), self._commands.now()
        if at is not None:
            day = "hôm nay" if at.date() == now.date() else date_vn(at)
            line.addWidget(text(f"{at:%H:%M} {day}", "meta"))
        return line

    def _title_of(self, told: dict[str, Any]) -> str:
        """The label of the field that the portal names by its id; as it is when the form does not know it."""
        session, path = self._commands.session, str(told.get("field") or "")
        known = session.catalogue.procedures if session else ()
        procedure = next((p for p in known if p.short_name == told.get("procedure")), None)
        specs = correctable(session.catalogue.definition(procedure) if session and procedure else None)
        spec = specs.get(path) or specs.get(f"answers.{path}")
        return str(spec["title"]) if spec else _NO_FIELD.get(path) or path.removeprefix("answers.")

    def _corrector(self, dossier: str, field: str) -> Callable[[], None]:
        return lambda: self._commands.correct_wanted.emit(dossier, field)

    def _copier(self, dossier: str) -> Callable[[], None]:
        return lambda: self._commands.show_wanted.emit("copying", dossier)

    def _opener(self, dossier: str) -> Callable[[], None]:
        return lambda: self._commands.show_wanted.emit("dossiers", dossier)


def _card(bar_kind: str) -> tuple[QFrame, Any]:
    card = frame("card")
    line = row(card, (8, 10, 16, 10), 16)
    bar = frame(bar_kind)
    bar.setFixedWidth(4)
    line.addWidget(bar)
    box = column(gap=8)
    line.addLayout(box, 1)
    return card, box


def _call(line: Any, told: dict[str, Any]) -> None:
    if told.get("phone"):
        line.addWidget(Glyph("phone", "ink2", 18))
        line.addWidget(text(f"Điện thoại: {told['phone']}", "soft"))


def _say(words: str) -> QFrame:
    box = frame("tint")
    line = row(box, (16, 8, 16, 10), 16)
    line.addWidget(Glyph("chat-centered-text", "tintInk", 20))
    inner = column(gap=0)
    inner.addWidget(text("Nói với người dân", "label", "tint"))
    inner.addWidget(text(f"“{words.strip('“”')}”", "say", wrap=True))
    line.addLayout(inner, 1)
    return box
