"""Before F9: a warning when the same person has filed the same procedure, and the two other ends of a visit: guided to
complete (Mẫu số 02) or declined (Mẫu số 03). A walk-in that is guided stays a draft and is received later under the same id."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.commands import Commands, Notice
from desktop.dossiers.act_form import ActForm
from desktop.dossiers.model import STAGES
from desktop.dossiers.ways import WAYS, Values, Way
from desktop.reception.receipt_panel import ReceiptPanel
from desktop.widgets import Button, Elided, Glyph, column, frame, row
from forms.names import date_vn
from forms.procedure import Case
from forms.working_days import parse_moment
from sync import intake
from sync.counter import Changes, Counter

_WAYS = {way.event: way for way in WAYS if way.event in ("guided", "declined")}


class AlikeBar(QWidget):
    """Says that the person has a dossier of this procedure already, and opens it. Never in the way of receiving."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._asked: tuple[str, str] | None = None
        self._found: list[dict[str, Any]] = []
        bar = frame("wait")
        column(self, (24, 8, 24, 0)).addWidget(bar)
        line = row(bar, (16, 6, 8, 6), 8)
        line.addWidget(Glyph("copy", "amber", 20))
        self._words = Elided("", tone="amber")
        self._words.setObjectName("alike")
        line.addWidget(self._words, 1)
        opener = Button("Mở hồ sơ ấy", self._open)
        opener.setObjectName("alike_open")
        line.addWidget(opener)
        self.hide()

    def look(self, line: dict[str, Any]) -> None:
        """Ask the store when person or procedure is another one than before."""
        number = str((line.get("applicant") or {}).get("personal_id") or "")
        asked = (number, str(line.get("procedure") or "")) if len(number) == 12 and line.get("procedure") else None
        if asked == self._asked:
            return
        self._asked = asked
        if asked is None:
            self._show([])
        else:
            self._commands.alike(line, lambda found: self._show(found) if asked == self._asked else None)

    def _show(self, found: list[dict[str, Any]]) -> None:
        self._found = found
        self.setVisible(bool(found))
        if found:
            at = parse_moment(found[0]["received_at"] or "")
            when = f", nhận {date_vn(at)}" if at else ""
            code = found[0]["code"] or "chưa có mã"
            state = STAGES.get(found[0]["stage"], "")
            self._words.setText(f"Người này đã có hồ sơ thủ tục này: {code} ({state.lower()}{when})", f"Đã có hồ sơ {code}")

    def _open(self) -> None:
        if self._found:
            self._commands.show_wanted.emit("dossiers", self._found[0]["id"])


class BeforeReception:
    """Opens the two forms in the receipt's place. ``line`` gives what is typed, ``case`` its case; ``declined`` is called after
    the refusal is kept and printed."""

    def __init__(
        self,
        commands: Commands,
        panel: ReceiptPanel,
        line: Callable[[], dict[str, Any]],
        case: Callable[[], Case | None],
        declined: Callable[[], None],
    ) -> None:
        self._commands, self._panel, self._line, self._case, self._declined = commands, panel, line, case, declined
        for event in _WAYS:
            panel.add_way(event, _WAYS[event].words, partial(self._open, _WAYS[event]))

    def _open(self, way: Way) -> None:
        line, case = self._line(), self._case()
        if case is None or not line["applicant"].get("full_name"):
            self._commands.notice.emit(Notice("Chọn thủ tục và ghi họ tên người nộp trước đã.", "problem"))
            return
        form = ActForm(way, case.papers if way.ticks else (), partial(self._do, way, line), self._panel.show_receipt)
        self._panel.show_form(form)
        form.focus_start()

    def _do(self, way: Way, line: dict[str, Any], values: Values) -> None:
        def verb(counter: Counter, who: str) -> Changes:
            if way.event == "declined":
                return intake.decline(counter, line, who, values["reason"], values["basis"], values["guidance"] or "")
            papers = [{"paper": n.code, "name": n.name, "reason": values["reason"]} for n in values["papers"]]
            other = {"name": values["other"], "reason": values["reason"], "basis": values["basis"]}
            return intake.guide(counter, line, who, papers + ([other] if values["other"] else []), values["reason"])

        self._commands.act(verb, lambda: self._done(way.event, line["id"]))

    def _done(self, event: str, dossier: str) -> None:
        self._panel.show_receipt()

        def found(whole: dict[str, Any]) -> None:
            act = [r["act"] for r in whole["history"] if r["event"] == event][-1]
            paper = {"guided": "supplement", "declined": "refusal"}[event]
            self._commands.print_paper_of(dossier, str(whole["code"] or ""), paper, act)
            if event == "declined":
                self._declined()

        self._commands.dossier(dossier, found)
