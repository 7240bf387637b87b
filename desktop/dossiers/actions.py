"""What may be done with a dossier now, and the small form each act needs. Nothing else is offered, and no dialog opens."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop.commands import Commands
from desktop.dossiers.act_form import ActForm, FormFrame, empty
from desktop.dossiers.correcting import Correction
from desktop.dossiers.telling import PAPERS
from desktop.dossiers.ways import WAYS, Way, suggested
from desktop.flow import FlowLayout
from desktop.widgets import Button, clear, column
from forms.possible import possible, second_supplement
from forms.procedure import PaperRequirement, Procedure
from sync.counter import Changes, Counter

_FIRST = 3  # acts that stand there at once; the others behind "Việc khác"
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
            if event == "corrected":
                found.append(("act.corrected", "Sửa thông tin…", "pencil-simple", lambda: self._correct()))
            for way in (w for w in WAYS if w.event == event):
                cash_only = event == "paid" and payment.get("state") == "transfer"  # a transfer may never come
                if not (cash_only and way.method == "transfer"):
                    found.append((way.name, way.words, way.icon, partial(self._open, way)))
        return found

    def _show_buttons(self) -> None:
        clear(self._box)
        offers = self._offers()
        self.setVisible(bool(offers))
        holder = QWidget()
        flow = FlowLayout(holder)
        more = QWidget()
        rest = FlowLayout(more)
        for place, (name, words, icon, does) in enumerate(offers):
            button = Button(words, does, "primary" if place == 0 else "", icon if place == 0 else "")
            button.setObjectName(name)
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
        late = _LATE if way.event == "supplement_requested" and second_supplement(self._dossier) else ""
        begun = suggested(way.event, self._dossier, self._procedure())
        form = ActForm(way, self._needs() if way.ticks else (), partial(self._do, way), self._show_buttons, begun, late)
        self._show_form(form)
        form.focus_start()

    def _procedure(self) -> Procedure | None:
        session = self._commands.session
        return session.catalogue.procedure_of(self._dossier) if session else None

    def _needs(self) -> tuple[PaperRequirement, ...]:
        """The papers of the case, or of the whole linked group."""
        session = self._commands.session
        group = session.catalogue.group_of(self._dossier) if session else None
        procedure = group or self._procedure()
        case = procedure.case(None if group else self._dossier["procedure"].get("case")) if procedure else None
        return case.papers if case else ()

    def _show_form(self, form: FormFrame) -> None:
        clear(self._box)
        self.form_open.emit(True)
        self._box.addWidget(form, 1)
        form.show()

    def _correct(self, field: str = "") -> None:
        session = self._commands.session
        if session is None:
            return
        form = Correction(self._dossier, session.catalogue, field)
        dossier = self._dossier["id"]
        title = "Sửa thông tin: chỉ mục đã chọn thay đổi"
        go = lambda: self._commands.correct(dossier, form.value(), self._corrected)  # noqa: E731 - a button's verb
        self._show_form(FormFrame(title, form, "Ghi", go, self._show_buttons))
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

        self._commands.act(verb, lambda: self._done(dossier, way.event))

    def _done(self, dossier: str, event: str) -> None:
        self._print(dossier, event)
        self.acted.emit()
        self.form_open.emit(False)

    def _print(self, dossier: str, event: str) -> None:
        paper = PAPERS.get(event)
        if paper is None:
            return

        def found(whole: dict[str, Any]) -> None:
            act = [r["act"] for r in whole["history"] if r["event"] == event][-1]
            self._commands.print_paper_of(dossier, str(whole["code"] or ""), paper[0], None if event == "received" else act)

        self._commands.dossier(dossier, found)
