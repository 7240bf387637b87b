"""Wires everything: store, worker, processes, window. `Application` is also how tests and demonstrations hold the app."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import platformdirs
from filelock import FileLock
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from desktop import messages, theme
from desktop.commands import Commands, Session
from desktop.crash import CrashGuard
from desktop.events import Events
from desktop.main_window import Desk, MainWindow
from desktop.network_hints import NetworkHints
from desktop.printing import Printing
from desktop.processes import Follower, PracticeGateway
from desktop.sign_in import EnrolPage, SignInPage
from desktop.tasks import Tasks
from desktop.widgets import FocusRing
from forms.address import Gazetteer
from forms.problem import Problem
from sync import vault
from sync.counter import Counter, vietnam_now
from sync.files import hold
from sync.restoring import settle

PRACTICE_OPERATOR = "Trần Thị Kiểm"
PRACTICE_SECRET = {"os": "000000", "none": "luyện tập ở quầy"}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """``--data DIR --practice --theme NAME --print-to DIR``."""
    parser = argparse.ArgumentParser(prog="motcua", description="Quầy Một cửa")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--practice", action="store_true")
    parser.add_argument("--theme", choices=("system", *theme.THEMES), default="system")
    parser.add_argument("--print-to", type=Path, help="print into PDF files below this folder")
    return parser.parse_args(argv)


class Application(QObject):
    """One running window. ``start()`` shows it; ``stop()`` ends worker and processes. ``ready`` tells that a page has come:
    ``enrol``, ``sign_in`` or ``desk``. ``clock`` gives Vietnam time."""

    ready = Signal(str)

    def __init__(self, argv: Sequence[str] = (), clock: Callable[[], datetime] = vietnam_now) -> None:
        super().__init__()
        wish = arguments(argv)
        self.practice: bool = wish.practice
        folder = platformdirs.user_data_path("motcua")
        root: Path = wish.data or (folder / "practice" if wish.practice else folder)
        self.root, self.data = root, root / "counter" if wish.practice else root
        self.qt = QApplication.instance() or QApplication(sys.argv[:1])
        if not isinstance(self.qt, QApplication):
            raise RuntimeError("a QApplication is needed")
        theme.load_fonts()
        theme.apply(self.qt, wish.theme)
        self.ring = FocusRing(self.qt)
        self.events = Events()
        self.tasks = Tasks(self.events)
        self.printing = Printing(self.tasks, wish.print_to)
        self.commands = Commands(self.tasks, self.events, self.printing, clock)
        self.hints = NetworkHints(parent=self)
        self._hinted: tuple[bool | None, bool | None, bool | None] | None = None
        self.window = MainWindow(self.practice)
        self.guard = CrashGuard(self.root, clock, self._save_draft, lambda: self.window)
        self._clock, self._locked = clock, False
        self._lock: FileLock | None = None
        self._unfinished: tuple[str, str] | None = None
        self._gateway: PracticeGateway | None = None
        self._follower: Follower | None = None
        self.tasks.bug.connect(self.guard.report)
        self.commands.lock_wanted.connect(self.lock)
        self.hints.hint.connect(self._hint)
        self.window.on_close = self._save_draft

    def start(self) -> None:
        """Take the one window's place on these data, show the window, and go to enrolment or sign-in.

        :raises Problem: ``already_open``, ``file_unwritable``, ``disk_full``.
        """
        self._lock = hold(self.data, "window")
        settle(self.data)
        self.guard.install()
        self.window.show()
        self.window.activateWindow()
        self.hints.start()
        if self.practice:
            self._start_practice()
        elif vault.is_enrolled(self.data):
            self._show_sign_in()
        else:
            self._show_enrolment()

    def stop(self) -> None:
        """Save the draft, close the store, end what runs beside. A real counter's sync process goes on by itself."""
        self._save_draft()
        self.tasks.stop()
        if self._follower is not None and self.practice:
            self._follower.end()
        if self._gateway is not None:
            self._gateway.end()
        self.guard.remove()
        self.ring.stop()
        if self._lock is not None:
            self._lock.release()

    def lock(self) -> None:
        """Ctrl+L: keep the draft, close the store, forget the key, ask for the PIN again."""
        if self.window.desk is None:
            return
        self._unfinished = self.window.desk.reception.unfinished
        self._save_draft()
        self._locked = True
        self.tasks.close_counter(self._locked_now)

    # First run

    def _start_practice(self) -> None:
        """The practice gateway first; then enrol by itself once. The sign-in page shows the secret."""

        def prepare() -> None:
            self._gateway = PracticeGateway(self.root / "gateway")
            if not vault.is_enrolled(self.data):
                from sync.enrolment import enrol  # httpx is only needed here: a fifth of a second at every other start

                hello, secret = self._gateway.hello, PRACTICE_SECRET[vault.kind_here()]
                enrol(self.data, hello["url"], hello["enrol_code"], PRACTICE_OPERATOR, secret, self._clock())

        self.tasks.run_free(prepare, lambda _none: self._show_sign_in(), self._start_refused)

    def _start_refused(self, problem: Problem) -> None:
        if vault.is_enrolled(self.data):  # practice without its gateway is like a day without a line
            self._show_sign_in()
        else:
            self._show_enrolment(messages.sentence(problem))

    def _show_enrolment(self, said: str = "") -> None:
        page = EnrolPage(vault.kind_here(), self._clock)
        page.wanted.connect(self._enrol)
        self.window.show_page(page)
        page.focus_start()
        if said:
            page.refuse(said)
        self.ready.emit("enrol")

    def _enrol(self, address: str, code: str, operator: str, secret: str) -> None:
        page = self.window.page
        now = self._clock()

        def do() -> None:
            from sync.enrolment import enrol

            enrol(self.data, address, code, operator, secret, now)

        self.tasks.run_free(
            do,
            lambda _done: self._show_sign_in(),
            lambda problem: page.refuse(messages.sentence(problem)) if isinstance(page, EnrolPage) else None,
        )

    # In and out

    def _show_sign_in(self) -> None:
        try:
            operators, kept = vault.operators(self.data), vault.summary(self.data)
        except Problem as problem:
            self._show_enrolment(messages.sentence(problem))
            return
        hint = f"Luyện tập: {_secret_words(kept['keystore'])}" if self.practice else ""
        page = SignInPage(operators, kept["keystore"], kept["commune"], self._locked, hint, self._clock)
        page.opened.connect(self._open)
        self.window.show_page(page)
        page.focus_secret()
        self.ready.emit("sign_in")

    def _open(self, operator: str, secret: str) -> None:
        page = self.window.page
        assert isinstance(page, SignInPage)

        def make() -> tuple[Counter, Callable[[], Counter]]:
            key = vault.unlock(self.data, operator, secret)
            counter = Counter.open(self.data, key, clock=self._clock)
            if self._gateway is not None:
                counter.use_gateway(self._gateway.hello["url"])  # a free port at each start; its key stays
            if self._follower is None:
                self._follower = Follower(self.data, key)
            return counter, lambda: Counter.open(self.data, key, writes=False, clock=self._clock)

        self.tasks.open_counter(make, lambda c: self._opened(c, operator), lambda p: page.refuse(messages.sentence(p)))

    def _opened(self, counter: Counter, operator: str) -> None:
        known = {o["id"]: o["name"] for o in vault.operators(self.data)}
        session = Session(
            operator, known[operator], counter.counter_id, counter.profile, counter.catalogue, vault.keystore(self.data)
        )
        self.commands.session = session
        self.tasks.run_free(Gazetteer.load, lambda _ready: None)  # before the first address is typed
        desk = Desk(self.commands, self.events, session)
        self.window.show_page(desk)
        desk.reception.focus_start()
        if self._unfinished:
            desk.reception.resume_draft(*self._unfinished)
        self._unfinished = None
        if self._hinted is not None:
            self.commands.network_hint(*self._hinted)  # what was said while no store was open
        self.ready.emit("desk")

    def _locked_now(self) -> None:
        self.commands.session = None
        self._show_sign_in()

    def _hint(self, connected: bool | None, metered: bool | None, captive: bool | None) -> None:
        self._hinted = (connected, metered, captive)
        self.commands.network_hint(connected, metered, captive)

    def _save_draft(self) -> None:
        if self.window.desk is not None:
            self.window.desk.reception.autosave.flush(last=True)


def _secret_words(keystore: str) -> str:
    secret = PRACTICE_SECRET[keystore]
    return f"mã PIN {secret}" if keystore == "os" else f"câu mật khẩu là “{secret}”"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the application until its window is closed; the exit code."""
    app = Application(sys.argv[1:] if argv is None else argv)
    try:
        app.start()
    except Problem as problem:
        app.tasks.stop()
        _say_and_leave(messages.sentence(problem))
        return 1
    try:
        return int(QApplication.exec())
    finally:
        app.stop()


def _say_and_leave(words: str) -> None:
    """Nothing can be opened: one plain dialog, because there is no window to say it in."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Information, "Quầy Một cửa", words)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.addButton("Đóng", QMessageBox.ButtonRole.AcceptRole)
    box.exec()
