"""Button -> verb -> announce what came of it, or show the Problem. No screen talks to the store by any other door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop import messages
from desktop.attaching import Attaching
from desktop.auditing import Auditing
from desktop.caring import Caring
from desktop.events import Events
from desktop.printing import PAPER_WORDS, Printing
from desktop.staff import Staff
from desktop.tasks import Tasks
from desktop.travelling import Travelling
from forms.catalogue import Catalogue
from forms.local_rules import NONE, LocalRules
from forms.problem import Problem
from forms.report import Report
from forms.routing import shipped
from sync import acts, copying, house_rules, money, paperwork, reporting, travel
from sync.counter import Changes, Counter, Received
from sync.paperwork import Drawn
from sync.reception import Due
from sync.store.dossiers import Wanted
from sync.store.drafts import Draft

Failed = Callable[[Problem], None]


@dataclass(frozen=True)
class Notice:
    """A line for the clerk that goes by itself. ``undo`` is offered as a button with ``undo_words``."""

    words: str
    tone: str = "plain"
    undo_words: str = ""
    undo: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Session:
    """Who works where: fixed from sign-in to lock, but for the catalogue, which grows by what the portal publishes."""

    operator: str
    operator_name: str
    counter: str
    profile: dict[str, Any]
    catalogue: Catalogue
    keystore: str

    @property
    def practice(self) -> bool:
        """Practice data: shown everywhere, sent nowhere."""
        return bool(self.profile.get("practice"))


class Commands(QObject):
    """The verbs of the window. Each runs in the worker; ``notice`` carries every outcome a clerk should hear."""

    notice = Signal(object)
    lock_wanted = Signal()
    lock_after = Signal(int)  # minutes without a key
    show_wanted = Signal(str, str)  # screen, and what: a dossier's id, a quick filter, a procedure's code
    correct_wanted = Signal(str, str)  # dossier, path of the field
    attach_wanted = Signal(str)  # a dossier, to add scans to its papers
    resume_wanted = Signal(object)  # the line of a dossier that was guided before reception

    def __init__(self, tasks: Tasks, events: Events, printing: Printing, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._tasks, self._events, self._printing = tasks, events, printing
        self.now = clock
        self.session: Session | None = None
        self.rules: LocalRules = NONE
        self.routes = shipped()
        self.staff = Staff(tasks, events, lambda: self.session.operator if self.session else None, self.lock_wanted.emit)
        self.caring = Caring(tasks, self.show_problem)
        self.travel = Travelling(tasks, events, lambda words: self.notice.emit(Notice(words)), self.show_problem)
        self.audit = Auditing(tasks, events, lambda: self.session.operator if self.session else None, self.show_problem)

    @property
    def who(self) -> str:
        """Id of the operator at work. :raises RuntimeError: before sign-in, a bug."""
        if self.session is None:
            raise RuntimeError("nobody has signed in")
        return self.session.operator

    @property
    def catalogue(self) -> Catalogue:
        """The procedures as they are known now; another object after something was published. :raises RuntimeError: before
        sign-in, a bug."""
        if self.session is None:
            raise RuntimeError("nobody has signed in")
        return self.session.catalogue

    def show_problem(self, problem: Problem) -> None:
        """The sentence and the advice of a problem, in the window, never as a dialog."""
        self.notice.emit(Notice(messages.sentence(problem), "problem"))

    # Drafts

    def save_draft(self, draft: str, line: dict[str, Any], done: Callable[[datetime], None], failed: Failed) -> None:
        """Keep what was typed; ``done`` is called with the moment, after COMMIT."""
        who = self.who
        self._tasks.run(lambda c: c.save_draft(draft, who, line), done, failed)

    def drafts(self, done: Callable[[list[Draft]], None]) -> None:
        """The drafts of whoever is signed in, newest first."""
        who = self.who
        self._tasks.run(lambda c: [d for d in c.drafts() if d.operator == who], done, self.show_problem)

    def drop_draft(self, draft: Draft) -> None:
        """Forget a draft, with a way back."""

        def back() -> None:
            self._tasks.run(
                lambda c: c.save_draft(draft.id, draft.operator, draft.content),
                lambda _at: self._events.changed.emit(Changes(drafts=True)),
                self.show_problem,
            )

        def dropped(changes: Changes) -> None:
            self._events.changed.emit(changes)
            self.notice.emit(Notice("Đã bỏ bản nháp.", undo_words="Lấy lại", undo=back))

        self._tasks.run(lambda c: c.drop_draft(draft.id), dropped, self.show_problem)

    def forget_draft(self, draft: str) -> None:
        """A draft that has become something else."""
        self._tasks.run(lambda c: c.drop_draft(draft), self._events.changed.emit, self.show_problem)

    # Reception

    def dues(self, line: dict[str, Any], done: Callable[[list[Due]], None]) -> None:
        """When the results of this line would be due, one for each dossier it makes."""
        now = self.now()
        self._tasks.run(lambda c: c.dues(line, now), done, self.show_problem)

    def known_person(self, number: str, done: Callable[[dict[str, Any]], None]) -> None:
        """What earlier dossiers know of a person; nothing for a stranger."""

        def known(who: dict[str, Any]) -> None:
            if who:
                self.audit.searched(1)
                done(who)

        self._tasks.run(lambda c: c.known_person(number), known, self.show_problem)

    def receive(
        self, line: dict[str, Any], done: Callable[[Received], None], failed: Failed, date_confirmed: bool = False
    ) -> None:
        """Tiếp nhận: number, event and projection in one commit; the draft of the same id goes with it."""
        who = self.who

        def received(result: Received) -> None:
            self._events.changed.emit(result.changes)
            done(result)

        self._tasks.run(lambda c: c.receive(line, who, draft_id=line["id"], date_confirmed=date_confirmed), received, failed)

    # Papers

    def paper(self, dossier: str, done: Callable[[Drawn], None], name: str = "receipt", event: str | None = None) -> None:
        """A paper, drawn from the stored dossier; ``event``: the ``act`` it is about."""
        self._tasks.run(lambda c: paperwork.draw(c, dossier, name, event), done, self.show_problem)

    def print_paper_of(self, dossier: str, code: str, name: str = "receipt", event: str | None = None) -> None:
        """Draw a paper, print it, and note that it was printed."""
        self.paper(dossier, lambda drawn: self.print_drawn(drawn, dossier, code, name), name, event)

    def print_drawn(self, drawn: Drawn, dossier: str, code: str, name: str = "receipt") -> None:
        """Print a drawn paper and note it in the log of prints once the printer has taken it: a print that failed is none."""
        who, title = self.who, PAPER_WORDS.get(name, "giấy")

        def printed(where: str) -> None:
            self._tasks.run(lambda c: c.log_print(dossier, drawn.key, who), self._events.changed.emit, self.show_problem)
            self.notice.emit(Notice(" ".join(w for w in ("Đã gửi", title, code, "tới", where) if w) + "."))

        act = drawn.key.partition("@")[2].partition(".")[0]
        file = code if drawn.key == "receipt" else "-".join(w for w in (code or "chua-co-ma", name, act) if w)
        self._printing.print_pdf(drawn.pdf, file, printed, self.show_problem)

    def told_number(self, dossier: str) -> None:
        """The resident knows the official number: no new paper is needed."""
        self.act(lambda c, who: paperwork.told_number(c, dossier, who))

    def print_declaration(self, line: dict[str, Any], printed: Callable[[], None]) -> None:
        """The declaration as it is typed, ready to sign."""
        self._print_loose(lambda c: paperwork.declaration(c, line), "to-khai", "tờ khai", printed)

    def print_guidance(self, line: dict[str, Any]) -> None:
        """The guidance sheet of a procedure and case."""
        self._print_loose(lambda c: paperwork.guidance(c, line), "huong-dan", "phiếu hướng dẫn", lambda: None)

    def print_recovery(self, code: str, printed: Callable[[], None]) -> None:
        """The paper for the safe."""
        self._print_loose(lambda c: paperwork.recovery_sheet(c, code), "phieu-khoi-phuc", "phiếu khôi phục", printed)

    def _print_loose(self, draw: Callable[[Any], bytes], file: str, title: str, printed: Callable[[], None]) -> None:
        """A paper of no dossier: no name in the file's name."""

        def done(where: str) -> None:
            self.audit.note("printed", about=file, once=False)
            self.notice.emit(Notice(f"Đã gửi {title} tới {where}."))
            printed()

        name = f"{file}-{self.now():%H%M%S}"
        self._tasks.run(draw, lambda pdf: self._printing.print_pdf(pdf, name, done, self.show_problem), self.show_problem)

    def transfer(self, dossier: str, done: Callable[[str], None]) -> None:
        """The VietQR payload of a fee that is still to be transferred, or ""."""
        self._tasks.run(lambda c: paperwork.transfer(c, dossier), done, self.show_problem)

    def pages(self, pdf: bytes, width: int, done: Callable[[list[Any]], None]) -> None:
        """The pages of a PDF as images, ``width`` device px wide."""
        self._printing.pages(pdf, width, done)

    # After reception

    def act(
        self, verb: Callable[[Counter, str], Changes], done: Callable[[], None] = lambda: None, failed: Failed | None = None
    ) -> None:
        """A verb of ``sync.acts`` by whoever is signed in; every screen hears what changed."""
        who = self.who

        def changed(changes: Changes) -> None:
            self._events.changed.emit(changes)
            done()

        self._tasks.run(lambda c: verb(c, who), changed, failed or self.show_problem)

    def correct(self, dossier: str, change: tuple[dict[str, Any], str, dict[str, str]], done: Callable[[], None]) -> None:
        """Set a field right, with the reason and what the field is called."""
        self.act(lambda c, who: acts.correct(c, dossier, who, *change), done)

    def attach(self, dossier: str, paper: str, files: Sequence[Path]) -> None:
        """Thêm tệp: keep scans of a paper, and say in one notice what came of them."""

        def told(words: str, tone: str, changed: bool) -> None:
            if changed:
                self._events.changed.emit(Changes(frozenset([dossier]), status=True))
            self.notice.emit(Notice(words, tone))

        Attaching(self._tasks, self.who, dossier, paper, told).take(files)

    def read_rules(self, done: Callable[[], None] = lambda: None) -> None:
        """Take over what is settled here, who works here and what the portal has published, as the worker has it."""

        def known(found: house_rules.InForce) -> None:
            self.rules, self.routes = found.rules, found.routes
            self.staff.take(found.people)
            if self.session is not None:
                self.session = replace(self.session, catalogue=found.catalogue)
            done()

        self._tasks.run(house_rules.in_force, known, self.show_problem)

    def set_rule(self, kind: str, key: str, value: Any, source: str, done: Callable[[], None], failed: Failed) -> None:
        """Settle a rule of the house, or take it back with None."""
        self.act(lambda c, who: house_rules.set_rule(c, who, kind, key, value, source), done, failed)

    # Reading

    def dossiers(self, wanted: Wanted, offset: int, done: Callable[[list[dict[str, Any]]], None]) -> None:
        """A page of rows for the list; none of them when they cannot be read, which is said."""

        def failed(problem: Problem) -> None:
            self.show_problem(problem)
            done([])

        def found(rows: list[dict[str, Any]]) -> None:
            if wanted.search and not offset:
                self.audit.searched(len(rows))
            done(rows)

        self._tasks.run(lambda c: c.dossiers(wanted, offset), found, failed)

    def chips(self, done: Callable[[dict[str, int]], None]) -> None:
        """How many each quick filter shows."""
        self._tasks.run(lambda c: c.chips(), done, self.show_problem)

    def alike(self, line: dict[str, Any], done: Callable[[list[dict[str, Any]]], None]) -> None:
        """Dossiers of the same person for the same procedure."""
        self._tasks.run(lambda c: c.alike(line), done, self.show_problem)

    def remember(self, name: str, value: Any) -> None:
        """Keep a habit of whoever is signed in (which columns the list has)."""
        who = self.who
        self._tasks.run(lambda c: c.remember(who, name, value), lambda _none: None, self.show_problem)

    def recall(self, name: str, done: Callable[[Any], None]) -> None:
        """A habit that was kept; None for none."""
        who = self.who
        self._tasks.run(lambda c: c.recall(who, name), done, self.show_problem)

    def dossier(self, dossier: str, done: Callable[[dict[str, Any]], None]) -> None:
        """The whole of one dossier, as ``copying.told`` tells it: with the road it goes by, and what was sent of its scans."""
        self._tasks.run(lambda c: copying.told(c, dossier), done, self.show_problem)
        self.audit.note("viewed", dossier)

    def status(self, done: Callable[[dict[str, Any]], None]) -> None:
        """The figures of the status bar."""
        self._tasks.run(travel.status, done, self.show_problem)

    def tasks(self, done: Callable[[list[dict[str, Any]]], None]) -> None:
        """What needs a person now."""
        self._tasks.run(lambda c: c.tasks(), done, self.show_problem)

    def settle_task(self, task: int) -> None:
        """A person has dealt with it."""
        self._tasks.run(lambda c: c.settle_task(task), self._events.changed.emit, self.show_problem)

    # Reports

    def make_report(
        self,
        kind: str,
        first: date,
        last: date,
        progress: Callable[[int, int], None],
        done: Callable[[Report], None],
        failed: Failed,
    ) -> Callable[[], None]:
        """A report of a period, made beside everything else; the answer cancels it (``Problem("cancelled")``)."""
        self.audit.note("report_made", about=kind)
        return self._tasks.read_long(lambda c, tell: reporting.make(c, kind, first, last, tell), progress, done, failed)

    def save_report(self, report: Report, kind_of_file: str, file: Path, done: Callable[[Path], None]) -> None:
        """Write a report as ``xlsx`` or ``pdf``."""
        whole = file if file.suffix.lower() == f".{kind_of_file}" else file.with_name(f"{file.name}.{kind_of_file}")

        def save(counter: Counter, _tell: Callable[[int, int], None]) -> Path:
            reporting.save(counter, report, whole)
            return whole

        self._tasks.read_long(save, lambda _n, _most: None, done, self.show_problem)

    def drawer(self, done: Callable[[dict[str, Any]], None]) -> None:
        """What the drawer of whoever is signed in should hold."""
        who = self.who
        self._tasks.run(lambda c: money.drawer(c, who), done, self.show_problem)

    def close_drawer(self, counted: int, note: str, done: Callable[[dict[str, Any]], None]) -> None:
        """Chốt ca: what was counted."""
        who = self.who

        def closed(body: dict[str, Any]) -> None:
            self._events.changed.emit(Changes(status=True))
            done(body)

        self._tasks.run(lambda c: money.close_drawer(c, who, counted, note), closed, self.show_problem)
