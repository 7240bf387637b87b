"""What of the line is there, missing or wrong: checked by ``forms.validation``, said at every place of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.commands import Commands, Notice
from desktop.reception.finding_words import FindingWords
from desktop.reception.sections import stops
from forms import fees
from forms.validation import Finding, check
from sync.reception import Due

if TYPE_CHECKING:
    from desktop.reception.page import ReceptionPage


class Checking:
    """``named``: F9 was pressed too early, so what is missing is named in its place."""

    def __init__(self, page: ReceptionPage, commands: Commands) -> None:
        self._page, self._commands = page, commands
        self._words = FindingWords(page.applicant.fields, page.form, page.papers, page.fees.fields)
        self._findings: list[Finding] = []
        self._dues: list[Due] = []
        self._warned = False
        self.named = False

    @property
    def hard(self) -> list[Finding]:
        """What keeps the line from being received."""
        return [f for f in self._findings if f.hard]

    def cost(self) -> fees.FeeTotal:
        """What the line costs today."""
        page, today = self._page, self._commands.now().date()
        return fees.compute(page.procedure.procedure, page.line(), today, self._commands.rules)

    def look(self) -> None:
        """Check the line and say everywhere what is there and what is missing."""
        page = self._page
        line, chosen, now = page.line(), page.procedure.procedure, self._commands.now()
        page.alike.look(line)
        if chosen:
            self._findings = check(chosen, page.form.definition, line, now.date())
            self._commands.dues(line, self._dues_known)
        else:
            empty = [f for f in page.applicant.fields.values() if f.required and f.value() is None]
            self._findings = [Finding(("procedure",), "missing"), *(Finding(f.path, "missing") for f in empty)]
            self._dues = []
        self._show_findings()
        self._show_figures()

    def edited(self) -> None:
        """The clerk does something about it: what was said of the last press goes."""
        if self._warned:
            self._warned = False
            self._commands.notice.emit(Notice(""))

    def go_to(self, found: Finding) -> None:
        """Move the keyboard to what is missing and say it in words."""
        page = self._page
        if found.path[0] in ("procedure", "case"):
            page.area.jump(0)
        elif found.path[0] == "papers":
            row = next((r for r in page.papers.rows if r.need.code == found.path[1]), None)
            (row.tick if row else stops(page.papers.body)[0]).setFocus()
        elif (field := self._words.field_of(found)) is not None:
            field.setFocus()
        if self.named:
            self._warned = True
            self._commands.notice.emit(Notice(f"Chưa tiếp nhận được: {self._words.refused(found)}.", "problem"))

    def _dues_known(self, dues: list[Due]) -> None:
        self._dues = dues
        self._show_figures()

    def _show_figures(self) -> None:
        page, now = self._page, self._commands.now()
        chosen, line, session = page.procedure.procedure, page.line(), self._commands.session
        cost = self.cost() if chosen else None
        page.fees.show_figures(chosen, line, cost, self._dues, now.date(), self._commands.rules)
        page.fees.show_boundary(chosen, line, session.profile if session else {}, self._commands.rules)
        page.panel.show_line(line, chosen, cost, self._dues, now)

    def _show_findings(self) -> None:
        page = self._page
        by_path = {f.path: f for f in reversed(self._findings)}
        for path, field in self._words.fields().items():
            found = by_path.get(path)
            field.show_finding(found.code if found else None, bool(found and found.hard), self.named)
        hard = self.hard
        page.procedure.refresh()
        page.applicant.refresh([self._words.said(f) for f in hard if f.path[0] == "applicant"])
        page.form.refresh([self._words.said(f) for f in hard if f.path[0] == "answers"])
        page.papers.refresh([self._words.titled(f) for f in hard if f.path[0] == "papers"])
        first = [self._words.said(f) if f.code != "missing" else "" for f in hard[:1]]
        page.panel.show_missing([self._words.titled(f) for f in hard], "".join(first))
