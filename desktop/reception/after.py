"""What follows F9: the page that says what was received, its papers printed, the transfer shown."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QPixmap

from desktop.commands import Commands
from desktop.reception.done_page import DonePage
from desktop.reception.fee_section import total_words
from forms.fees import FeeTotal
from forms.procedure import Procedure
from sync.counter import Received
from sync.paperwork import Drawn


class AfterReception:
    """Holds the dossier just received until the next one begins. ``page`` is shown meanwhile."""

    def __init__(self, commands: Commands, start_next: Callable[[], None], same_person: Callable[[], None]) -> None:
        self._commands = commands
        self.page = DonePage(self.print_again, start_next, same_person, self.print_slip, self.add_scans)
        self._received: Received | None = None
        self._line: dict[str, Any] = {}
        self._drawn = False

    @property
    def applicant(self) -> dict[str, Any] | None:
        """Who the dossier was received from, None when there is none."""
        return self._line.get("applicant") if self._received else None

    def show(self, received: Received, line: dict[str, Any], procedure: Procedure | None, cost: FeeTotal) -> None:
        """Say what was received, draw its receipt from the store and print it."""
        self._received, self._line, self._drawn = received, line, False
        name = procedure.short_name if procedure else ""
        self.page.show_received(received, line, name, total_words(cost) if procedure else "", self._commands.now())
        self._commands.transfer(received.id, self.page.show_transfer)
        self._commands.paper(received.id, lambda drawn: self._show_paper(received, drawn))

    def forget(self) -> None:
        """The next dossier begins."""
        self._received, self._line = None, {}

    def print_again(self) -> None:
        """In lại: the same stored paper once more."""
        if self._received and self._drawn:
            self._commands.print_paper_of(self._received.id, self._received.code)

    def print_slip(self) -> None:
        """Phiếu thu: what was paid, or what is to be paid and how."""
        if self._received and self.page.slip_button.isVisible():
            self._commands.print_paper_of(self._received.id, self._received.code, "slip")

    def add_scans(self) -> None:
        """Thêm bản chụp: the dossier just received, at its papers."""
        if self._received:
            self._commands.attach_wanted.emit(self._received.id)

    def _show_paper(self, received: Received, drawn: Drawn) -> None:
        if self._received is None or self._received.id != received.id:
            return
        self._drawn = True
        self._commands.pages(drawn.pdf, self.page.paper_width(), lambda p: self.page.show_paper(QPixmap.fromImage(p[0])))
        self._commands.print_drawn(drawn, received.id, received.code)
