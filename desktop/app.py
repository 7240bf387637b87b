"""Wires everything: store, worker, processes, window. `Application` is also how tests and demonstrations hold the app."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import platformdirs
from filelock import FileLock
from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication

from desktop import messages, theme
from desktop.arguments import again, arguments
from desktop.autolock import IdleWatch
from desktop.clipboard import Clipboard
from desktop.commands import Commands, Notice, Session
from desktop.crash import CrashGuard
from desktop.events import Events
from desktop.handing_over import HandingOver, LockingPage, Successor, take_over
from desktop.main_window import Desk, MainWindow
from desktop.network_hints import NetworkHints
from desktop.new_secret import NewSecretPage
from desktop.printing import Printing
from desktop.processes import Follower, PracticeGateway, start_window
from desktop.repair import CODES, Repairing, RepairPage
from desktop.sign_in import EnrolPage, SignInPage
from desktop.tasks import Tasks
from desktop.widgets import FocusRing
from forms.address import Gazetteer
from forms.problem import Problem
from sync import audit, logbook, people, vault
from sync.counter import Counter, vietnam_now
from sync.files import hold
from sync.hardening import harden, private_temp
from sync.restoring import settle

PRACTICE_OPERATOR = "Trần Thị Kiểm"
PRACTICE_SECRET = {"os": "000000", "none": "luyện tập ở quầy"}


class Application(QObject):
    """One running window. ``start()`` shows it; ``stop()`` ends worker and processes. ``ready`` tells that a page has come:
    ``enrol``, ``sign_in`` or ``desk``. ``clock`` gives Vietnam time. ``successor`` starts the window that takes this one's place
    when it locks, because a process cannot wipe what it knew; without it the same process asks for the PIN."""

    ready = Signal(str)

    def __init__(
        self, argv: Sequence[str] = (), clock: Callable[[], datetime] = vietnam_now, successor: Successor | None = None
    ) -> None:
        super().__init__()
        self._wish = wish = arguments(argv)
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
        self.clipboard = Clipboard(self)
        self.events = Events()
        self.tasks = Tasks(self.events)
        self.printing = Printing(self.tasks, wish.print_to)
        self.commands = Commands(self.tasks, self.events, self.printing, clock)
        self.hints = NetworkHints(parent=self)
        self._hinted: tuple[bool | None, bool | None, bool | None] | None = None
        self.window = MainWindow(self.practice)
        self.guard = CrashGuard(self.root, clock, self._save_draft, lambda: self.window)
        self._clock, self._locked = clock, wish.locked is not None
        self._lock: FileLock | None = None
        self._unfinished: tuple[str, str] | None = tuple(wish.resume) if wish.resume else None
        self._last_operator: str = wish.locked or ""
        self._fresh_code, self._minutes = "", people.LOCK_AFTER[-1]
        self._handing = HandingOver(self.data, successor, self._show_sign_in, self) if successor else None
        self.idle = IdleWatch(self.qt, self)
        self._greeting = ""
        self._gateway: PracticeGateway | None = None
        self._follower: Follower | None = None
        self._connect()

    def _connect(self) -> None:
        self.tasks.bug.connect(self.guard.report)
        self.commands.lock_wanted.connect(self.lock)
        self.commands.lock_after.connect(self._watch_idle)
        self.idle.warned.connect(self._warn_idle)
        self.idle.eased.connect(lambda: self.commands.notice.emit(Notice("")))
        self.idle.expired.connect(self.lock)
        self.hints.hint.connect(self._hint)
        self.window.on_close = self._save_draft

    def start(self) -> None:
        """Take the one window's place on these data, show the window, and go to enrolment or sign-in.

        :raises Problem: ``already_open``, ``file_unwritable``, ``disk_full``.
        """
        self._lock = take_over(self.data) if self._wish.locked is not None else hold(self.data, "window")
        settle(self.data)
        self.guard.install()
        if self._wish.place:
            self.window.restoreGeometry(QByteArray.fromHex(self._wish.place.encode()))
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
        self.idle.stop()
        self._save_draft()
        self.clipboard.forget()
        if self.window.desk is not None:
            self.commands.audit.leave("signed_out")
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
        if self.window.desk is None or self.commands.session is None:
            return
        self.idle.stop()
        self._last_operator = self.commands.session.operator
        self._unfinished = self.window.desk.reception.unfinished
        self._save_draft()
        self.clipboard.forget()
        self._locked = True
        self.commands.audit.leave("locked")
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
        page = SignInPage(operators, kept["keystore"], kept["commune"], self._locked, hint, self._clock, self._last_operator)
        page.opened.connect(self._open)
        page.forgotten.connect(self._show_recovery)
        self.window.show_page(page)
        page.focus_secret()
        self.ready.emit("sign_in")

    def _open(self, operator: str, secret: str) -> None:
        page = self.window.page
        assert isinstance(page, SignInPage | NewSecretPage)
        self._enter(operator, lambda: vault.unlock(self.data, operator, secret), page.refuse, secret)

    def _enter(self, operator: str, unlock: Callable[[], bytes], refuse: Callable[[str], None], secret: str = "") -> None:
        """Open the store with the key that ``unlock`` gives, in the worker; one that is damaged or gone leads to its repair."""
        keys: list[bytes] = []

        def make() -> tuple[Counter, Callable[[], Counter]]:
            refused = vault.refusals(self.data)
            key = unlock()
            if any(o["must_change"] for o in vault.operators(self.data) if o["id"] == operator):
                raise Problem("secret_temporary")
            keys.append(key)
            counter = Counter.open(self.data, key, clock=self._clock)
            if self._gateway is not None:
                counter.use_gateway(self._gateway.hello["url"])  # a free port at each start; its key stays
            if self._follower is None:
                self._follower = Follower(self.data, key)
            try:
                people.check_sign_in(counter, operator)
                audit.entered(counter, operator, refused)
                if self._fresh_code:
                    audit.note(counter, operator, "recovered")
                self._minutes = people.lock_minutes(counter)
            except Problem:
                counter.close()  # the sync process goes on: a contact may be all that is needed
                raise
            return counter, lambda: Counter.open(self.data, key, writes=False, clock=self._clock)

        def failed(problem: Problem) -> None:
            if problem.code == "secret_temporary":
                self._show_change(operator, secret)
            elif keys and problem.code in CODES:
                self._show_repair(operator, keys[0], problem)
            else:
                refuse(messages.sentence(problem))

        self.tasks.open_counter(make, lambda c: self._opened(c, operator), failed)

    def _new_secret_page(self, operator: str, *, by_paper: bool) -> NewSecretPage:
        kept = vault.summary(self.data)
        name = next(str(o["name"]) for o in vault.operators(self.data) if o["id"] == operator)
        page = NewSecretPage(name, kept["keystore"], kept["commune"], self._clock, by_paper=by_paper)
        page.left.connect(self._show_sign_in)
        self._last_operator = operator
        self.window.show_page(page)
        page.focus_start()
        self.ready.emit("new_secret")
        return page

    def _show_change(self, operator: str, old: str) -> None:
        """A secret that somebody else gave is changed before anything else."""
        page = self._new_secret_page(operator, by_paper=False)

        def change(_code: str, new: str) -> None:
            self.tasks.run_free(
                lambda: vault.change_secret(self.data, operator, old, new),
                lambda _key: self._open(operator, new),
                lambda problem: page.refuse(messages.sentence(problem)),
            )

        page.wanted.connect(change)

    def _show_recovery(self, operator: str) -> None:
        """Quên mã: the paper from the safe gives a new secret, and the paper that replaces it is printed at the desk."""
        page = self._new_secret_page(operator, by_paper=True)

        def recovered(found: tuple[bytes, str], new: str) -> None:
            self._fresh_code = found[1]
            self._open(operator, new)

        def recover(code: str, new: str) -> None:
            self.tasks.run_free(
                lambda: vault.recover(self.data, code, operator, new),
                lambda found: recovered(found, new),
                lambda problem: page.refuse(messages.sentence(problem)),
            )

        page.wanted.connect(recover)

    def _show_repair(self, operator: str, key: bytes, problem: Problem) -> None:
        follower, self._follower = self._follower, None  # a new one begins with the store that comes

        def repaired(which: str, saved: int) -> None:
            more = f" Đã lấy lại {saved} việc từ kho cũ." if saved else ""
            self._greeting = f"Đã phục hồi bản lưu lúc {which}.{more}"
            self._enter(operator, lambda: key, lambda _words: self._show_sign_in())

        repairing = Repairing(self.tasks, self.data, key, follower, self._clock)
        page = RepairPage(problem, repairing, self._clock, repaired, self._show_sign_in)
        self.window.show_page(page)
        page.focus_start()
        self.ready.emit("repair")

    def _opened(self, counter: Counter, operator: str) -> None:
        known = {o["id"]: o["name"] for o in vault.operators(self.data)}
        session = Session(
            operator, known[operator], counter.counter_id, counter.profile, counter.packs, vault.keystore(self.data)
        )
        self.commands.session = session
        self.tasks.run_free(Gazetteer.load, lambda _ready: None)  # before the first address is typed
        desk = Desk(self.commands, self.events, session)
        self.window.show_page(desk)
        desk.reception.focus_start()
        if self._unfinished:
            desk.reception.resume_draft(*self._unfinished)
        self._unfinished = None
        self._watch_idle(self._minutes)
        if self._fresh_code:
            desk.show_recovery(self._fresh_code)
        self._fresh_code = ""
        if self._greeting:
            self.commands.notice.emit(Notice(self._greeting))
        self._greeting = ""
        if self._hinted is not None:
            self.commands.travel.network_hint(*self._hinted)  # what was said while no store was open
        self.ready.emit("desk")

    def _locked_now(self) -> None:
        self.commands.session = None
        if self._handing is None:
            self._show_sign_in()
        else:
            self.window.show_page(LockingPage())
            place = bytes(self.window.saveGeometry().toHex().data()).decode()
            self._handing.begin(again(self._wish, self.root, self._last_operator, self._unfinished, place))

    def _watch_idle(self, minutes: int) -> None:
        self.idle.start(self._wish.idle or minutes * 60)

    def _warn_idle(self, seconds: int) -> None:
        words = f"Không ai dùng máy: {seconds} giây nữa quầy tự khoá. Nhấn một phím bất kỳ để làm tiếp; nháp đã được giữ."
        self.commands.notice.emit(Notice(words, "problem"))

    def _hint(self, connected: bool | None, metered: bool | None, captive: bool | None) -> None:
        self._hinted = (connected, metered, captive)
        self.commands.travel.network_hint(connected, metered, captive)

    def _save_draft(self) -> None:
        if self.window.desk is not None:
            self.window.desk.reception.autosave.flush(last=True)


def _secret_words(keystore: str) -> str:
    secret = PRACTICE_SECRET[keystore]
    return f"mã PIN {secret}" if keystore == "os" else f"câu mật khẩu là “{secret}”"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the application until its window is closed; the exit code."""
    harden()
    temporary = private_temp()
    if temporary is not None:  # Qt's file dialog writes down which folders somebody looked into
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(temporary))
    app = Application(sys.argv[1:] if argv is None else argv, successor=start_window)
    logbook.take_over(app.guard.log)
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
