"""Cài đặt (F10): on the left what there is to settle, on the right a topic's rules and form, or a page of its own."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QWidget

from desktop.commands import Commands
from desktop.settings.pages import PAGES, Page
from desktop.settings.secrets_page import SecretsPage
from desktop.settings.topic_view import TopicView
from desktop.settings.topics import Topic, topics
from desktop.widgets import Button, column, row, rule
from forms.working_days import Calendar


class SettingsPage(QWidget):
    """The menu (chips ``topic.NAME``), and what was chosen in it."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        session = commands.session
        if session is None:
            raise RuntimeError("settings need a session")
        self._calendar = Calendar.load(hours=session.profile.get("hours"))
        known = self._topics()
        self._view = TopicView(commands, known[0])
        self._made: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self._view)
        self._chips: dict[str, Button] = {}
        self._chosen = known[0].kind
        line = row(self, (24, 16, 24, 8), 16)
        line.addWidget(self._menu(known))
        line.addWidget(self._stack, 1)
        self._show_topic(known[0].kind)

    def _topics(self) -> list[Topic]:
        self._catalogue = self._commands.catalogue
        found = topics(self._catalogue, self._calendar, self._commands.now().date())
        self._known = {topic.kind: topic for topic in found}
        return found

    def rules_changed(self) -> None:
        """Something was settled here or at another counter, or published."""
        if self._catalogue is not self._commands.catalogue:
            self._topics()
        self._view.reload(self._known[self._view.kind])

    def show_recovery(self, code: str) -> None:
        """The page of one's own secrets, with a code that was made a moment ago."""
        page = next(page for page in PAGES if page.make is SecretsPage)
        self._show_page(page)
        shown = self._made[page.name]
        if isinstance(shown, SecretsPage):
            shown.show_code(code)

    def focus_start(self) -> None:
        """What was open."""
        self._chips[self._chosen].setFocus()

    def _menu(self, known: list[Topic]) -> QWidget:
        holder = QWidget()
        holder.setFixedWidth(184)
        box = column(holder, gap=6)
        self._group = QButtonGroup(self)
        for topic in known:
            box.addWidget(self._chip(topic.kind, topic.title, partial(self._show_topic, topic.kind)))
        if PAGES:
            box.addWidget(rule())
        for page in PAGES:
            box.addWidget(self._chip(page.name, page.title, partial(self._show_page, page)))
        box.addStretch()
        return holder

    def _chip(self, name: str, title: str, does: Callable[[], None]) -> Button:
        chip = Button(title, does, "chip")
        chip.setObjectName(f"topic.{name}")
        chip.setCheckable(True)
        self._group.addButton(chip)
        self._chips[name] = chip
        return chip

    def _show_topic(self, kind: str) -> None:
        self._choose(kind, self._view)
        self._view.show_topic(self._known[kind])

    def _show_page(self, page: Page) -> None:
        if page.name not in self._made:
            self._made[page.name] = page.make(self._commands)
            self._stack.addWidget(self._made[page.name])
        self._choose(page.name, self._made[page.name])

    def _choose(self, name: str, shown: QWidget) -> None:
        self._chosen = name
        self._chips[name].setChecked(True)
        self._stack.setCurrentWidget(shown)
