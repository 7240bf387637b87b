"""Button -> verb -> announce what came of it, or show the Problem. No screen talks to the store by any other door."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop import messages
from desktop.events import Events
from desktop.printing import Printing
from desktop.tasks import Tasks
from forms.catalogue import Catalogue
from forms.problem import Problem
from forms.working_days import Appointment
from sync.counter import Changes, Received
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
    """Who works where: fixed from sign-in to lock."""

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
    show_wanted = Signal(str, str)  # screen, dossier id or search

    def __init__(self, tasks: Tasks, events: Events, printing: Printing, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._tasks, self._events, self._printing = tasks, events, printing
        self.now = clock
        self.session: Session | None = None

    @property
    def who(self) -> str:
        """Id of the operator at work. :raises RuntimeError: before sign-in, a bug."""
        if self.session is None:
            raise RuntimeError("nobody has signed in")
        return self.session.operator

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

    # Reception

    def appointment(self, line: dict[str, Any], done: Callable[[Appointment | None], None]) -> None:
        """When the result of this line would be due."""
        now = self.now()
        self._tasks.run(lambda c: c.appointment(line, now), done, self.show_problem)

    def receive(
        self, line: dict[str, Any], done: Callable[[Received], None], failed: Failed, date_confirmed: bool = False
    ) -> None:
        """Tiếp nhận: number, event and projection in one commit; the draft of the same id goes with it."""
        who = self.who

        def received(result: Received) -> None:
            self._events.changed.emit(result.changes)
            done(result)

        self._tasks.run(lambda c: c.receive(line, who, draft_id=line["id"], date_confirmed=date_confirmed), received, failed)

    def receipt(self, dossier: str, done: Callable[[bytes], None], reprint: bool = False) -> None:
        """The receipt's PDF, drawn from the stored dossier."""
        self._tasks.run(lambda c: c.receipt(dossier, reprint), done, self.show_problem)

    def print_receipt(self, dossier: str, code: str, reprint: bool = False) -> None:
        """Draw the receipt, print it, and note that it was printed."""
        self.receipt(dossier, lambda pdf: self.print_paper(pdf, dossier, code), reprint)

    def print_paper(self, pdf: bytes, dossier: str, code: str) -> None:
        """Print a drawn receipt and note it in the log of prints once the printer has taken it."""
        who = self.who

        def printed(where: str) -> None:
            self._tasks.run(lambda c: c.log_print(dossier, "receipt", who), lambda _none: None, self.show_problem)
            self.notice.emit(Notice(f"Đã gửi giấy hẹn {code} tới {where}."))

        self._printing.print_pdf(pdf, code, printed, self.show_problem)

    def pages(self, pdf: bytes, width: int, done: Callable[[list[Any]], None]) -> None:
        """The pages of a PDF as images, ``width`` device px wide."""
        self._printing.pages(pdf, width, done)

    # Reading

    def dossiers(self, search: str, done: Callable[[list[dict[str, Any]]], None]) -> None:
        """Rows for the list."""
        self._tasks.run(lambda c: c.dossiers(search), done, self.show_problem)

    def dossier(self, dossier: str, done: Callable[[dict[str, Any]], None]) -> None:
        """The whole of one dossier."""
        self._tasks.run(lambda c: c.dossier(dossier), done, self.show_problem)

    def status(self, done: Callable[[dict[str, Any]], None]) -> None:
        """The figures of the status bar."""
        self._tasks.run(lambda c: c.status(), done, self.show_problem)

    def tasks(self, done: Callable[[list[dict[str, Any]]], None]) -> None:
        """What needs a person now."""
        self._tasks.run(lambda c: c.tasks(), done, self.show_problem)

    def settle_task(self, task: int) -> None:
        """A person has dealt with it."""
        self._tasks.run(lambda c: c.settle_task(task), self._events.changed.emit, self.show_problem)

    def sync_panel(self, done: Callable[[tuple[dict[str, Any], list[Any], list[Any]]], None]) -> None:
        """Status, queue and a week of contacts in one look."""
        self._tasks.run(lambda c: (c.status(), c.queue(), c.contacts(7)), done, self.show_problem)

    def send_now(self) -> None:
        """Gửi ngay."""
        words = Notice("Đang thử gửi. Kết quả hiện ở thanh dưới cùng.")
        self._tasks.run(lambda c: c.ask_sync(), lambda _none: self.notice.emit(words), self.show_problem)
