"""The window after sign-in: frame, screens, keys. Sign-in and enrolment stand in the same window before it."""

from typing import Any

from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QStackedLayout, QStackedWidget, QWidget

from desktop.chrome import SCREENS, NoticeBar, Rail, StatusBar, TopBar
from desktop.commands import Commands, Session
from desktop.dossiers.page import DossiersPage
from desktop.events import Events
from desktop.handbook.page import HandbookPage
from desktop.reception.page import ReceptionPage
from desktop.reports.page import ReportsPage
from desktop.settings.page import SettingsPage
from desktop.sync_panel.page import SyncPage
from desktop.task_list.page import TasksPage
from desktop.widgets import column, row
from sync.counter import Changes

Screen = ReceptionPage | DossiersPage | TasksPage | SyncPage | HandbookPage | ReportsPage | SettingsPage


class Desk(QWidget):
    """Everything a signed-in operator sees. Made at sign-in, thrown away at lock."""

    def __init__(self, commands: Commands, events: Events, session: Session) -> None:
        super().__init__()
        self.setObjectName("ground")
        self._commands = commands
        self.rail = Rail()
        self.top = TopBar(session, commands.lock_wanted.emit)
        self.status = StatusBar(session.practice, commands.now)
        self.reception = ReceptionPage(commands)
        self.dossiers = DossiersPage(commands)
        self.tasks = TasksPage(commands)
        self.sync = SyncPage(commands)
        self.handbook = HandbookPage(commands)
        self.reports = ReportsPage(commands)
        self.settings = SettingsPage(commands)
        self._screens: dict[str, Screen] = {
            "reception": self.reception,
            "dossiers": self.dossiers,
            "tasks": self.tasks,
            "sync": self.sync,
            "handbook": self.handbook,
            "reports": self.reports,
            "settings": self.settings,
        }
        self._current = "reception"
        self._lay_out()
        self._connect(events)
        self.show_screen("reception")
        self._changed(Changes(status=True, rules=True))

    def _lay_out(self) -> None:
        box = column(self, gap=0)
        upper = row(gap=0)
        upper.addWidget(self.rail)
        right = column(gap=0)
        right.addWidget(self.top)
        self._stack = QStackedWidget()
        for page in self._screens.values():
            self._stack.addWidget(page)
        right.addWidget(self._stack, 1)
        upper.addLayout(right, 1)
        box.addLayout(upper, 1)
        box.addWidget(self.status)
        self.notice = NoticeBar(self)

    def _connect(self, events: Events) -> None:
        commands = self._commands
        self.rail.wanted.connect(self.show_screen)
        self.status.pressed.connect(lambda: self.show_screen("sync"))
        events.changed.connect(self._changed)
        commands.notice.connect(self.notice.say)
        commands.show_wanted.connect(self._show_wanted)
        commands.correct_wanted.connect(self._correct_wanted)
        commands.attach_wanted.connect(self._attach_wanted)
        commands.resume_wanted.connect(self._resume_wanted)
        self.reports.dossiers_wanted.connect(self._figure_wanted)
        for name, _words, key, _icon in SCREENS:
            QShortcut(QKeySequence(key), self, lambda n=name: self._key(n))
        QShortcut(QKeySequence("Ctrl+K"), self, self._search)
        QShortcut(QKeySequence("Ctrl+L"), self, commands.lock_wanted.emit)
        self.top.search.textEdited.connect(self._searching)
        self.top.search.into_list.connect(self._into_list)
        self.top.search.given_up.connect(lambda: self.show_screen(self._current))

    def show_screen(self, name: str) -> None:
        """Go to a screen and give the keyboard to the right place in it."""
        page = self._screens[name]
        if name != self._current:
            self.notice.leave()
        if name != "dossiers" and self.top.search.text():
            self.top.search.clear()
            self.dossiers.search("")
        self._current = name
        self.rail.buttons[name].setChecked(True)
        self._stack.setCurrentWidget(page)
        page.focus_start()

    def show_recovery(self, code: str) -> None:
        """The code that took a used one's place, to be printed now."""
        self.show_screen("settings")
        self.settings.show_recovery(code)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.setFixedWidth(96 if self.width() >= 1200 else 64)
        self.notice.place()

    def _key(self, name: str) -> None:
        if name == "reception" and self._stack.currentWidget() is self.reception:
            self.reception.start_next()
        else:
            self.show_screen(name)

    def _show_wanted(self, name: str, what: str) -> None:
        if name == "dossiers":
            self.dossiers.open_dossier(what)
        elif name == "copying":
            self.dossiers.copy_dossier(what)
        elif name == "chip":
            self.dossiers.show_chip(what)
        elif name == "reception":
            procedure, _bar, case = what.partition("|")
            self.reception.begin_with({"procedure": procedure, "case": case or None})
        elif name == "handbook":
            self.handbook.open_procedure(what)
        self.show_screen("dossiers" if name in ("chip", "copying") else name)

    def _resume_wanted(self, line: dict[str, Any]) -> None:
        self.reception.begin_with(line)
        self.show_screen("reception")

    def _correct_wanted(self, dossier: str, field: str) -> None:
        self.show_screen("dossiers")
        self.dossiers.correct_dossier(dossier, field)

    def _attach_wanted(self, dossier: str) -> None:
        self.show_screen("dossiers")
        self.dossiers.attach_to(dossier)

    def _figure_wanted(self, title: str, ids: tuple[str, ...]) -> None:
        self.show_screen("dossiers")
        self.dossiers.show_figure(title, ids)

    def _search(self) -> None:
        self.top.search.setFocus()
        self.top.search.selectAll()

    def _searching(self, words: str) -> None:
        if self._stack.currentWidget() is not self.dossiers:
            self.rail.buttons["dossiers"].setChecked(True)
            self._current = "dossiers"
            self._stack.setCurrentWidget(self.dossiers)
            self.top.search.setFocus()
        self.dossiers.search(words)

    def _into_list(self) -> None:
        self.show_screen("dossiers")
        self.dossiers.focus_list()

    def _changed(self, changes: Changes) -> None:
        if changes.status or changes.dossiers:
            self._commands.status(self._show_status)
            self._commands.tasks(self._show_tasks)
            self.sync.reload()
        if changes.dossiers:
            self.dossiers.reload(changes.dossiers)
        if changes.rules:
            self._commands.read_rules(self._rules_known)

    def _rules_known(self) -> None:
        self.reception.rules_changed()
        self.handbook.rules_changed()
        self.settings.rules_changed()

    def _show_status(self, status: dict[str, Any]) -> None:
        self.status.show_status(status)

    def _show_tasks(self, tasks: list[dict[str, Any]]) -> None:
        self.rail.buttons["tasks"].show_badge(len(tasks))
        self.tasks.show_tasks(tasks)


class MainWindow(QWidget):
    """The one top-level window: an amber frame in practice, and inside it enrolment, sign-in or the desk."""

    def __init__(self, practice: bool) -> None:
        super().__init__()
        self.setWindowTitle("Quầy Một cửa – LUYỆN TẬP" if practice else "Quầy Một cửa")
        self.resize(1366, 768)
        self.setMinimumSize(960, 560)
        edge = QFrame()
        edge.setObjectName("practice_frame" if practice else "frame")
        column(self).addWidget(edge)
        holder = QWidget()
        holder.setObjectName("ground")
        column(edge, (4, 4, 4, 4) if practice else (0, 0, 0, 0)).addWidget(holder)
        self._pages = QStackedLayout(holder)
        self.desk: Desk | None = None
        self.on_close = lambda: None

    def show_page(self, page: QWidget) -> None:
        """Show a page in place of the present one, which is thrown away."""
        self.desk = page if isinstance(page, Desk) else None
        old = self._pages.currentWidget()
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        if old is not None:
            self._pages.removeWidget(old)
            old.deleteLater()

    @property
    def page(self) -> QWidget | None:
        """What is shown: an enrolment page, a sign-in page or the desk."""
        return self._pages.currentWidget()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.on_close()
        super().closeEvent(event)
