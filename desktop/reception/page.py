"""F2 Tiếp nhận: binds sections, receipt, draft and verbs. What is missing is decided in forms.validation, only said here."""

import uuid
from datetime import datetime
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedLayout, QWidget

from desktop.commands import Commands, Notice
from desktop.reception.after import AfterReception
from desktop.reception.applicant_section import ApplicantSection
from desktop.reception.before import AlikeBar, BeforeReception
from desktop.reception.checking import Checking
from desktop.reception.draft_offer import DraftOffer
from desktop.reception.drafts import Autosave
from desktop.reception.fee_section import FeeSection
from desktop.reception.form_section import FormSection
from desktop.reception.papers_section import PapersSection
from desktop.reception.procedure_section import ProcedureSection
from desktop.reception.receipt_panel import ReceiptPanel
from desktop.reception.sections import SectionsArea, stops
from desktop.widgets import column, row, side_width
from forms.problem import Problem
from sync.counter import Received
from sync.store.drafts import Draft


class ReceptionPage(QWidget):
    """One dossier at a time. ``line()`` is what the widgets hold, in the shape of the dossier line."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        session = commands.session
        if session is None:
            raise RuntimeError("reception needs a session")
        self._catalogue = commands.catalogue
        self._id = str(uuid.uuid4())
        self._drawn, self._others = "", dict[str, dict[str, Any]]()
        self._drawn_case: str | None = None
        self._receiving = False
        self.procedure = ProcedureSection(lambda: commands.catalogue)
        self.applicant = ApplicantSection(commands.now)
        self.form = FormSection(self.applicant.value)
        self.papers = PapersSection()
        self.fees = FeeSection()
        self.area = SectionsArea([self.procedure, self.applicant, self.form, self.papers, self.fees])
        self.panel = ReceiptPanel(session.profile, self.receive, self.put_aside)
        self.offer = DraftOffer(lambda: commands.catalogue, self._resume, commands.drop_draft, self._focus_first)
        self.alike = AlikeBar(commands)
        self._before = BeforeReception(commands, self.panel, self.line, self._case, self._declined)
        self.after = AfterReception(commands, self.start_next, lambda: self.start_next(same_person=True))
        self.autosave = Autosave(commands, self._content)
        self._checking = Checking(self, commands)
        self._lay_out()
        self._connect()
        self._checking.look()
        self._offer_drafts()

    def _lay_out(self) -> None:
        typing = QWidget()
        line = row(typing, gap=0)
        left = QWidget()
        box = column(left, gap=0)
        box.addWidget(self.offer)
        box.addWidget(self.alike)
        box.addWidget(self.area, 1)
        line.addWidget(left, 1)
        line.addWidget(self.panel)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(typing)
        self._pages.addWidget(self.after.page)

    def _connect(self) -> None:
        self.procedure.chosen.connect(self._procedure_chosen)
        self.procedure.changed.connect(self._case_chosen)
        for section in (self.applicant, self.form, self.papers, self.fees):
            section.changed.connect(self._edited)
        self.applicant.changed.connect(self.form.applicant_changed)
        self.applicant.met.connect(lambda n: self._commands.known_person(n, lambda who: self.applicant.complete(n, who)))
        self.form.met.connect(lambda field, n: self._commands.known_person(n, field.complete))
        self.form.print_wanted.connect(self.print_declaration)
        self.procedure.guidance_wanted.connect(self.print_guidance)
        self.autosave.kept.connect(self._kept)
        self.autosave.troubled.connect(self._not_kept)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(30)
        self._look.timeout.connect(self._checking.look)
        self._minute = QTimer(self)
        self._minute.timeout.connect(self._look.start)
        self._minute.start(20_000)
        for number in range(5):
            QShortcut(QKeySequence(f"Alt+{number + 1}"), self, lambda n=number: self.area.jump(n))
        QShortcut(QKeySequence("F8"), self, self._scan)
        QShortcut(QKeySequence("F9"), self, self.receive)
        QShortcut(QKeySequence("Ctrl+P"), self, self.after.print_again)
        QShortcut(QKeySequence("Ctrl+D"), self, self.after.add_scans)
        QShortcut(QKeySequence("Ctrl+N"), self, self.put_aside)
        QShortcut(QKeySequence("Ctrl+T"), self, self.print_declaration)
        QShortcut(QKeySequence("Ctrl+F2"), self, lambda: self.start_next(same_person=True))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = side_width(self.window().width())
        self.panel.setFixedWidth(wide)
        self.after.page.set_side_width(wide)

    def line(self) -> dict[str, Any]:
        """The dossier line as typed so far."""
        chosen = self.procedure.procedure
        return {
            "id": self._id,
            "procedure": chosen.code if chosen else "",
            "case": self.procedure.case_id,
            "channel": "1",
            "applicant": self.applicant.value(),
            "answers": self.form.value(),
            "papers": self.papers.value(),
        } | (self.fees.options() | self._form_version() if chosen else {})

    def _form_version(self) -> dict[str, Any]:
        definition = self.form.definition
        return {"form": {"id": definition.id, "version": definition.version}} if definition else {}

    def show_line(self, line: dict[str, Any]) -> None:
        """Show a line, as a draft holds it; unknown procedures leave only the person."""
        self._id, self._checking.named = line["id"], False
        self._drawn, self._others = "", dict(line.get("others") or {})
        procedure = self._commands.catalogue.procedure(line.get("procedure") or "")
        self.procedure.show_choice(procedure, line.get("case"))
        self.applicant.set_value(line.get("applicant") or {})
        self._draw_form(str((line.get("form") or {}).get("version") or "") or None)
        self.form.set_value(line.get("answers") or {})
        self.papers.set_value(line.get("papers") or [])
        self.fees.set_options(line)
        self._checking.look()

    def _content(self) -> tuple[str, dict[str, Any]] | None:
        line = self.line()
        others = {code: kept for code, kept in self._others.items() if code != line["procedure"]}
        content = line | ({"others": others} if others else {})
        return (self._id, content) if any(line[k] for k in ("procedure", "applicant", "answers", "papers")) else None

    def _procedure_chosen(self) -> None:
        self._draw_form()
        self.form.applicant_changed()
        self._edited()
        self.applicant.target.setFocus()  # the card can be scanned at once; the case stands above, one Shift+Tab away

    def _case_chosen(self) -> None:
        self._drawn_case = self.procedure.case_id
        self.papers.show_case(self._case())
        self._order_stops()
        self._edited()

    def _case(self) -> Any:
        chosen = self.procedure.procedure
        return chosen.case(self.procedure.case_id) if chosen else None

    def _draw_form(self, version: str | None = None) -> None:
        """Another procedure's form and papers; what was given for the one before is kept, should the clerk come back."""
        chosen = self.procedure.procedure
        code = chosen.code if chosen else ""
        if self._drawn:
            self.fees.another_procedure()
            self._others[self._drawn] = {"case": self._drawn_case, "answers": self.form.value(), "papers": self.papers.value()}
        kept = self._others.pop(code, None)
        if kept:
            self.procedure.show_choice(chosen, kept.get("case"))
        today = self._commands.now().date()
        self.form.show_definition(self._commands.catalogue.definition(chosen, version, today) if chosen else None)
        self.papers.show_case(None)
        self.papers.show_case(self._case())
        if kept:
            self.form.set_value(kept["answers"])
            self.papers.set_value(kept["papers"])
        self._drawn, self._drawn_case = code, self.procedure.case_id
        self._order_stops()

    def _order_stops(self) -> None:
        """Tab walks the five sections in order, then the big button, however late a part was drawn."""
        walk = [stop for section in self.area.sections for stop in stops(section.body)]
        for one, other in pairwise([self.offer.resume, *walk, *stops(self.panel), self.offer.later, self.offer.drop]):
            QWidget.setTabOrder(one, other)

    def _edited(self) -> None:
        self._checking.edited()
        self.panel.show_kept("Đang giữ nháp…", False)
        if not self._receiving:
            self.autosave.touch()
        self._look.start()

    def _kept(self, at: datetime) -> None:
        if self._content() is not None:  # else it tells of the dossier before this empty page
            self.panel.show_kept(f"Đã giữ nháp {at:%H:%M:%S}", True)

    def _not_kept(self, problem: Problem) -> None:
        self.panel.show_kept("Chưa giữ được nháp", False)
        self._commands.show_problem(problem)

    def _scan(self) -> None:
        """F8: the scan target of the person in focus, or of the section in view; the applicant's where none is."""
        around: QWidget | None = self.focusWidget()
        while around is not None and around is not self:
            target = getattr(around, "target", None)
            if target is not None and target.isVisible():
                target.setFocus()
                return
            around = around.parentWidget()
        self.applicant.target.setFocus()

    def receive(self) -> None:
        """F9. Too early, it goes to the first missing thing and says it."""
        if self._pages.currentIndex() != 0 or self._receiving:
            return
        self._checking.named = True
        self._checking.look()
        if self._checking.hard:
            self._checking.go_to(self._checking.hard[0])
            return
        self._receive(date_confirmed=False)

    def _receive(self, date_confirmed: bool) -> None:
        line = self.line()
        self.autosave.forget()  # the dossier takes the draft's place; no save of it may come after
        self._receiving = True
        self._commands.receive(line, lambda done: self._show_done(done, line), self._refused, date_confirmed)

    def _refused(self, problem: Problem) -> None:
        self._receiving = False
        self.autosave.touch()
        if problem.code == "date_unsure":
            words = f"Máy đang ghi {self._commands.now():%H:%M ngày %d/%m/%Y}. Ngày này có đúng không?"
            self._commands.notice.emit(Notice(words, "ask", "Ngày này đúng", lambda: self._receive(True)))
        else:
            self._commands.show_problem(problem)

    def _show_done(self, received: Received, line: dict[str, Any]) -> None:
        self._receiving = False
        self._pages.setCurrentIndex(1)
        self.after.show(received, line, self.procedure.procedure, self._checking.cost())

    def print_declaration(self) -> None:
        """The declaration as it is typed now, ready to sign; it counts as brought once it is on paper."""
        if self._pages.currentIndex() == 0 and self.form.definition and self.form.definition.signatures:
            self._commands.print_declaration(self.line(), self._declaration_printed)

    def _declaration_printed(self) -> None:
        for row_ in self.papers.rows:
            if row_.need.declaration and not row_.tick.isChecked():
                row_.ticked(True)
        self._edited()

    def print_guidance(self) -> None:
        """What to bring in this case, for the resident to take home."""
        if self.procedure.procedure is not None:
            self._commands.print_guidance(self.line())

    def start_next(self, same_person: bool = False) -> None:
        """An empty page, or one with the same applicant; what was typed before stays kept as a draft."""
        if self._receiving or (self._pages.currentIndex() == 0 and not same_person):
            self.focus_start()
            return
        self.autosave.flush(last=True)
        who = self.after.applicant or self.applicant.value()
        self.after.forget()
        self._pages.setCurrentIndex(0)
        self._begin({"id": str(uuid.uuid4()), "applicant": who if same_person else {}})
        if same_person:
            self._edited()

    def begin_with(self, line: dict[str, Any]) -> None:
        """A line from elsewhere (a procedure of the handbook, a walk-in that has come back) on the page; what was typed before
        stays kept as a draft."""
        if self._receiving:
            return
        self.autosave.flush(last=True)
        self._pages.setCurrentIndex(0)
        self._begin({"id": str(uuid.uuid4())} | line)
        self._edited()

    def _declined(self) -> None:
        """Refused at the counter: it is told and printed, no draft of it stays."""
        self.autosave.forget()
        self._commands.forget_draft(self._id)
        self._begin({"id": str(uuid.uuid4())})

    def put_aside(self) -> None:
        """Ctrl+N: keep this one as a draft and begin another; it is offered again above the sections."""
        if self._pages.currentIndex() != 0 or self._content() is None or self._receiving:
            return
        self.autosave.flush(last=True)
        self._begin({"id": str(uuid.uuid4())})

    def _begin(self, line: dict[str, Any]) -> None:
        self._commands.notice.emit(Notice(""))
        self.show_line(line)
        self.panel.show_kept("Chưa có gì để giữ", False)
        self._offer_drafts()
        self.area.jump(0)

    def _offer_drafts(self) -> None:
        self._commands.drafts(lambda found: self.offer.show_drafts([d for d in found if d.id != self._id]))

    def _resume(self, draft: Draft) -> None:
        if self._receiving:
            return
        self.autosave.flush(last=True)
        self._pages.setCurrentIndex(0)
        self.show_line(draft.content)
        self.panel.show_kept(f"Đã giữ nháp {draft.saved_at:%H:%M:%S}", True)
        self._offer_drafts()
        self._go_on()

    def resume_draft(self, draft_id: str, focus: str) -> None:
        """After unlocking: the dossier that was being typed comes back by itself, the keyboard to the ``focus`` named."""

        def take(found: list[Draft]) -> None:
            for draft in found:
                if draft.id == draft_id:
                    self._resume(draft)
                    place = self.area.findChild(QWidget, focus) if focus else None
                    if place is not None and place.isVisibleTo(self):
                        place.setFocus()

        self._commands.drafts(take)

    @property
    def unfinished(self) -> tuple[str, str] | None:
        """Id of the draft on the page and where the keyboard is in it, None when there is nothing to keep."""
        place = self.focusWidget()
        kept = self._pages.currentIndex() == 0 and self._content() is not None
        return (self._id, place.objectName() if place else "") if kept else None

    def focus_start(self) -> None:
        """Give the keyboard back where it was, or to the first thing still to be done."""
        last = self.focusWidget()
        if self._pages.currentIndex() == 1:
            self.after.page.next_button.setFocus()
        elif last is not None and last is not self.panel.button and last.isVisibleTo(self):
            last.setFocus()
        else:
            self._focus_first()

    def _focus_first(self) -> None:
        if self.procedure.procedure is None:
            self.area.jump(0)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """To the first missing thing, or else to the papers: never to the button that cannot be taken back."""
        hard = self._checking.hard
        self._checking.go_to(hard[0]) if hard else self.area.jump(3)

    def rules_changed(self) -> None:
        """A limit, a fee table, the calendar or the catalogue is another one now."""
        if self._catalogue is not self._commands.catalogue:
            self._catalogue = self._commands.catalogue
            self._offer_drafts()  # which are called by their procedures
            if self.procedure.renew():
                self._case_chosen()
                words = "Thủ tục đang chọn vừa có bản mới từ Cổng. Xem lại giấy tờ trước khi tiếp nhận."
                self._commands.notice.emit(Notice(words))
        self._look.start()
