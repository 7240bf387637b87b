"""What may be done with a dossier now, and the small form each act needs. Nothing else is offered, and no dialog opens."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QWidget

from desktop.commands import Commands, Notice
from desktop.dossiers.act_form import ActForm, FormFrame, empty
from desktop.dossiers.correcting import Correction, correctable
from desktop.dossiers.papers import needs_of
from desktop.dossiers.telling import PAPERS
from desktop.dossiers.ways import ERASING, ERASING_SAID, WAYS, Way, suggested
from desktop.flow import FlowLayout
from desktop.widgets import Button, clear, column, tip
from forms.erasure import STAGES
from forms.names import money
from forms.possible import possible, second_supplement
from forms.problem import Problem
from forms.procedure import PaperRequirement, Procedure
from forms.working_days import parse_moment
from sync.counter import Changes, Counter
from sync.intake import line_of

_FIRST = 3  # acts that stand there at once; the others behind "Việc khác"
_ASIDE = ("corrected", "shelved", "authorised", "annulled", "refunded", "paid.cash", "paid.transfer", "erased")
"""Never what comes next by itself."""
_AGAIN = "Đã gia hạn một lần: quy định cũ chỉ cho hẹn lại một lần (cần xác nhận quy định hiện hành)."
_LATE = "Đã bổ sung một lần: yêu cầu thêm lần nữa thì hồ sơ bị tính trễ hạn trong Bộ chỉ số 766."


class Actions(QFrame):
    """Buttons that fit the dossier's stage; pressing one opens its form in place, "Thôi" closes it. ``form_open`` asks for
    room while a form is there, ``acted`` gives the keyboard back."""

    form_open = Signal(bool)
    acted = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._dossier: dict[str, Any] = {}
        self._box = column(self, gap=6)

    def show_dossier(self, dossier: dict[str, Any]) -> None:
        """The acts that may follow now."""
        self._dossier = dossier
        self._show_buttons()

    def correct(self, field: str = "") -> None:
        """Open the correction, at a field (a path) where one is named: a refusal names it."""
        if "corrected" in possible(self._dossier):
            self._correct(field)

    def _offers(self) -> list[tuple[str, str, str, Callable[[], None]]]:
        """Object name, words, icon, what pressing does; most likely first."""
        may, payment = possible(self._dossier), self._dossier.get("payment") or {}
        found: list[tuple[str, str, str, Callable[[], None]]] = []
        for event in may:
            if event == "entered_elsewhere":
                found.append(("act.entered_elsewhere", "Chép sang hệ thống khác…", "copy", self._copy_elsewhere))
            if event == "corrected":
                found.append(("act.corrected", "Sửa thông tin…", "pencil-simple", lambda: self._correct()))
            for way in (w for w in WAYS if w.event == event):
                cash_only = event == "paid" and payment.get("state") == "transfer"  # a transfer may never come
                if not (cash_only and way.method == "transfer"):
                    sum_ = f" {money(payment['amount'])}" if way.method and payment.get("amount") else ""
                    found.append((way.name, way.words + sum_, way.icon, partial(self._open, way)))
        if self._dossier["stage"] == "guided" and not self._dossier.get("filed_at"):
            found.insert(0, ("act.resume", "Tiếp tục tiếp nhận", "file-plus", self._resume))
        if self._dossier["stage"] in STAGES and self._dossier["code"] and not self._dossier["erased"]:
            found.append((ERASING.name, ERASING.words, ERASING.icon, partial(self._open, ERASING)))
        return found

    def _copy_elsewhere(self) -> None:
        """It goes into a system that nobody but a clerk can reach: its fields, one by one."""
        self._commands.show_wanted.emit("copying", self._dossier["id"])

    def _resume(self) -> None:
        """A walk-in that was told what is missing has come back: reception goes on with what was typed, under the same id."""
        self._commands.resume_wanted.emit(line_of(self._dossier))

    def _show_buttons(self) -> None:
        clear(self._box)
        offers = self._offers()
        self.setVisible(bool(offers))
        holder = QWidget()
        flow = FlowLayout(holder)
        more = QWidget()
        rest = FlowLayout(more)
        for place, (name, words, icon, does) in enumerate(offers):
            main = place == 0 and name.removeprefix("act.") not in _ASIDE
            button = Button(words, does, "primary" if main else "", icon if main else "")
            button.setObjectName(name)
            denied = self._commands.staff.denied({"act.resume": "received"}.get(name, name.split(".")[1]))
            button.setEnabled(not denied)
            button.setToolTip(tip(denied) if denied else "")
            (flow if place < _FIRST else rest).addWidget(button)
        self._box.addWidget(holder)
        holder.show()
        if len(offers) > _FIRST:
            flow.addWidget(self._others(more, len(offers) - _FIRST))
            self._box.addWidget(more)
        more.hide()
        self.form_open.emit(False)  # last: the story may be told anew, without this

    def _others(self, more: QWidget, number: int) -> Button:
        button = Button(f"Việc khác ({number})", kind="link", icon="caret-down")
        button.setObjectName("act.more")
        button.setCheckable(True)
        button.toggled.connect(more.setVisible)
        return button

    # The forms

    def _open(self, way: Way) -> None:
        posted = way.event == "returned" and (self._dossier.get("result") or {}).get("state") == "posted"
        if not way.form or posted:
            self._do(way, empty())
            return
        begun = suggested(way.event, self._dossier, self._procedure())
        back = way.event == "supplement_received"
        needs = self._asked_for() if back else self._needs() if way.ticks else ()
        form = ActForm(way, needs, partial(self._do, way), self._close, begun, self._warning(way.event), ticked=back)
        self._show_form(form)
        form.focus_start()

    def _warning(self, event: str) -> str:
        if event == "erased":
            return ERASING_SAID
        if event == "supplement_requested" and second_supplement(self._dossier):
            return _LATE
        return _AGAIN if event == "extended" and any(c["event"] == "extended" for c in self._dossier["clock"]) else ""

    def _asked_for(self) -> tuple[PaperRequirement, ...]:
        """What the last request asked for: the papers of the case by their counts, others by their names."""
        asked = next((c for c in reversed(self._dossier["history"]) if c["event"] == "supplement_requested"), None)
        known = {need.code: need for need in self._needs()}
        found = []
        for number, item in enumerate((asked or {}).get("body", {}).get("items") or [], 1):
            other = PaperRequirement(f"KHAC{number}", str(item.get("name") or ""), 1, 0, 0, False, "")
            found.append(known.get(str(item.get("paper")), other))
        return tuple(found)

    def _procedure(self) -> Procedure | None:
        session = self._commands.session
        return session.catalogue.procedure_of(self._dossier) if session else None

    def _needs(self) -> tuple[PaperRequirement, ...]:
        return needs_of(self._commands.session, self._dossier)

    def _show_form(self, form: FormFrame) -> None:
        clear(self._box)
        self.form_open.emit(True)
        self._box.addWidget(form, 1)
        form.show()
        QShortcut(QKeySequence("Escape"), form, self._close).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _close(self) -> None:
        """Thôi, Esc: the buttons again, the keyboard to the list."""
        self._show_buttons()
        self.acted.emit()

    def focus_start(self) -> None:
        """The first act."""
        first = next((b for b in self.findChildren(Button) if b.objectName().startswith("act.")), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def typed(self) -> bool:
        """Whether words stand in an open form that a clerk has typed."""
        form = self.findChild(FormFrame)
        return form is not None and form.typed

    def _correct(self, field: str = "") -> None:
        session = self._commands.session
        if session is None:
            return
        form = Correction(self._dossier, session.catalogue, field)
        dossier = self._dossier["id"]
        title = "Sửa thông tin: chỉ mục đã chọn thay đổi"
        go = lambda: self._commands.correct(dossier, form.value(), self._corrected)  # noqa: E731 - a button's verb
        self._show_form(FormFrame(title, form, "Ghi", go, self._close))
        form.focus_start()

    def _corrected(self) -> None:
        self.acted.emit()
        self.form_open.emit(False)

    # The act

    def _do(self, way: Way, values: dict[str, Any]) -> None:
        """Do it, then print its paper from the dossier as it then stands."""
        dossier = self._dossier["id"]

        def verb(counter: Counter, who: str) -> Changes:
            done: Changes = way.verb(counter, dossier, who, values | {"now": counter.clock()})
            return done

        def failed(problem: Problem) -> None:
            self.setEnabled(True)
            missing = ", ".join(self._called(f) for f in problem.details.get("findings", [])[:4])
            if problem.code == "incomplete" and missing:
                words = f"Hồ sơ trực tuyến còn thiếu: {missing}. Hướng dẫn bổ sung (Mẫu số 02) để người nộp sửa."
                self._commands.notice.emit(Notice(words, "problem"))
            else:
                self._commands.show_problem(problem)

        self.setEnabled(False)  # a second press is the same act
        self._commands.act(verb, lambda: self._done(dossier, way.event), failed)

    def _called(self, finding: dict[str, Any]) -> str:
        """What a finding is about, as the clerk knows it."""
        session, path = self._commands.session, [str(p) for p in finding.get("path", [])]
        if path[:1] == ["papers"]:
            return next((n.name for n in self._needs() if n.code == path[-1]), path[-1])
        known = correctable(session.catalogue.form_of(self._dossier) if session else None)
        spec = known.get(".".join(path)) or known.get(".".join(path[:2]))
        return str(spec["title"]) if spec else path[-1] if path else "?"

    def _done(self, dossier: str, event: str) -> None:
        self.setEnabled(True)
        if event == "erased":
            self._commands.notice.emit(Notice("Đã xoá dữ liệu cá nhân của hồ sơ này ở máy này; nơi khác xoá khi có liên lạc."))
        self._print(dossier, event)
        self.acted.emit()
        self.form_open.emit(False)

    def _print(self, dossier: str, event: str) -> None:
        paper = PAPERS.get(event)
        if paper is None:
            return

        def found(whole: dict[str, Any]) -> None:
            due = parse_moment(whole["return_at"] or "")
            if paper[0] == "receipt" and event != "received" and due and due < self._commands.now():
                words = "Đã ghi. Ngày hẹn trả đã qua nên không in giấy hẹn mới: hãy xin lỗi, gia hạn (Mẫu số 04)."
                self._commands.notice.emit(Notice(words, "problem"))
                return
            act = [r["act"] for r in whole["history"] if r["event"] == event][-1]
            self._commands.print_paper_of(dossier, str(whole["code"] or ""), paper[0], None if event == "received" else act)

        self._commands.dossier(dossier, found)
