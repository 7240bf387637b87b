"""What may be done with a dossier now, and the small form each act needs. Nothing else is offered, and no dialog opens."""

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop import fields
from desktop.commands import Commands
from desktop.dossiers.telling import PAPERS
from desktop.fields import Field
from desktop.flow import FlowLayout
from desktop.widgets import Button, Tick, clear, column, frame, row, text
from forms.procedure import PaperRequirement
from forms.working_days import VIETNAM
from sync import acts, money
from sync.counter import Changes, Counter

_CLOSING = time(17, 0)  # the hour of a new date that the clerk gives by its day
_ASKED: dict[str, dict[str, Any]] = {
    "reason": {"title": "Lý do, đọc được cho người dân", "x-kind": "text", "maxLength": 500},
    "other": {"title": "Giấy tờ khác (chỉ khi luật đòi)", "x-kind": "text", "maxLength": 300},
    "basis": {"title": "Căn cứ pháp lý của giấy tờ khác", "x-kind": "text", "maxLength": 300},
    "date": {"title": "Hẹn trả mới, ngày", "x-kind": "date"},
    "reference": {"title": "Số tham chiếu trên sao kê", "x-kind": "text", "maxLength": 100},
}
_CASH = ("cash", "Thu tiền mặt")
_WAYS = {"unpaid": (_CASH, ("transfer", "Đã chuyển khoản")), "transfer": (_CASH,)}  # a transfer may never come
Verb = Callable[[Counter, str], Changes]


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

    def _show_buttons(self) -> None:
        clear(self._box)
        offers = self._offers()
        self.setVisible(bool(offers))
        holder = QWidget()
        flow = FlowLayout(holder)
        for name, words, does in offers:
            button = Button(words, does)
            button.setObjectName(f"act.{name}")
            flow.addWidget(button)
        self._box.addWidget(holder)
        holder.show()
        self.form_open.emit(False)  # last: the story may be told anew, without this

    def _offers(self) -> list[tuple[str, str, Callable[[], None]]]:
        one, stage = self._dossier, self._dossier["stage"]
        found: list[tuple[str, str, Callable[[], None]]] = []
        payment = one.get("payment") or {}
        if stage == "received":
            found.append(("supplement", "Yêu cầu bổ sung…", self._ask_supplement))
            found.append(("extend", "Xin lỗi, gia hạn…", self._ask_extension))
        if stage == "supplement":
            verb = partial(acts.receive_supplement, dossier_id=one["id"])
            found.append(("supplemented", "Đã nhận bổ sung", lambda: self._do("supplement_received", verb)))
        if one.get("competent") and not one.get("arrived_at"):
            found.append(("arrive", "Nơi giải quyết đã nhận", self._arrive))
        if payment.get("state") == "transfer":
            found.append(("reconcile", "Đối soát…", self._ask_reference))
        for method, words in _WAYS.get(str(payment.get("state")), ()) if payment.get("amount") else ():
            pay = partial(money.pay, dossier_id=one["id"], method=method)
            found.append((f"pay.{method}", words, partial(self._do, "paid", pay)))
        return found

    # The forms

    def _ask_supplement(self) -> None:
        needs = self._needs()
        ticks = [(need, Tick(need.name)) for need in needs]
        asked = self._form("Cần bổ sung những gì?", [t for _, t in ticks], ("reason", "other", "basis"))
        asked["go"].clicked.connect(lambda _on=False: self._supplement(ticks, asked))

    def _supplement(self, ticks: list[tuple[PaperRequirement, Tick]], asked: dict[str, Any]) -> None:
        reason, other, basis = (str(asked[n].value() or "") for n in ("reason", "other", "basis"))
        items = [{"paper": n.code, "name": n.name, "reason": reason} for n, tick in ticks if tick.isChecked()]
        items += [{"name": other, "reason": reason, "basis": basis}] if other else []
        verb = partial(acts.request_supplement, dossier_id=self._dossier["id"], items=items, reason=reason)
        self._do("supplement_requested", verb)

    def _needs(self) -> tuple[PaperRequirement, ...]:
        """The papers of the case, or of the whole linked group."""
        session = self._commands.session
        if session is None:
            return ()
        group = session.catalogue.group_of(self._dossier)
        procedure = group or session.catalogue.procedure_of(self._dossier)
        case = procedure.case(None if group else self._dossier["procedure"].get("case")) if procedure else None
        return case.papers if case else ()

    def _ask_extension(self) -> None:
        asked = self._form("Hẹn lại ngày nào, vì sao?", [], ("date", "reason"))
        asked["go"].clicked.connect(lambda _on=False: self._extend(asked))

    def _extend(self, asked: dict[str, Any]) -> None:
        try:
            day = datetime.fromisoformat(str(asked["date"].value() or ""))
        except ValueError:
            asked["date"].show_finding("malformed", True, True)
            return
        due = datetime.combine(day, _CLOSING, VIETNAM)
        reason = str(asked["reason"].value() or "")
        self._do("extended", partial(acts.extend, dossier_id=self._dossier["id"], return_at=due, reason=reason))

    def _arrive(self) -> None:
        self._do("arrived", partial(acts.arrive, dossier_id=self._dossier["id"], at=self._commands.now()))

    def _ask_reference(self) -> None:
        asked = self._form("Đã thấy tiền trên tài khoản", [], ("reference",))

        def go() -> None:
            reference = str(asked["reference"].value() or "")
            self._do("reconciled", partial(money.reconcile, dossier_id=self._dossier["id"], reference=reference))

        asked["go"].clicked.connect(lambda _on=False: go())

    def _form(self, title: str, ticks: list[Tick], names: tuple[str, ...]) -> dict[str, Any]:
        """Ticks and fields in place of the buttons. The fields by name, and under ``go`` the button that does it."""
        clear(self._box)
        self.form_open.emit(True)
        holder = frame("quiet")
        box = column(holder, (12, 8, 12, 10), 6)
        box.addWidget(text(title, "strong"))
        for number, tick in enumerate(ticks):
            tick.setObjectName(f"act.paper.{number}")
            box.addWidget(tick)
        made: dict[str, Any] = {}
        for name in names:
            field: Field = fields.make(("act", name), _ASKED[name], False)
            box.addWidget(field)
            made[name] = field
        line = row()
        made["go"] = Button("Ghi và in", kind="primary", icon="printer")
        made["go"].setObjectName("act.go")
        line.addWidget(made["go"])
        cancel = Button("Thôi", self._show_buttons, "link")
        cancel.setObjectName("act.cancel")
        line.addWidget(cancel)
        line.addStretch()
        box.addLayout(line)
        self._box.addWidget(holder)
        holder.show()
        (ticks[0] if ticks else made[names[0]]).setFocus(Qt.FocusReason.TabFocusReason)
        return made

    # The act

    def _do(self, event: str, verb: Callable[..., Changes]) -> None:
        """Do it, then print its paper from the dossier as it then stands."""
        dossier = self._dossier["id"]
        self._commands.act(lambda c, who: verb(c, operator=who), lambda: self._done(dossier, event))

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
            self._commands.print_paper_of(dossier, str(whole["code"]), paper[0], act)

        self._commands.dossier(dossier, found)
