"""F6 Cẩm nang: what people ask for is found by their own words, read at a glance, printed for them, or received at once."""

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.commands import Commands
from desktop.handbook.article import Article
from desktop.handbook.finder import Finder
from desktop.handbook.index import Index
from desktop.widgets import Button, State, column, row, text
from forms.handbook import Guide, guide
from forms.routing import road_words

_BEGIN = "Chọn một thủ tục ở bên trái, hoặc gõ để tìm."
_HOW = (
    "Gõ như người dân nói: “giấy độc thân”, “sao y”, “nhập khẩu cho con”… Có dấu hay không dấu đều được.\n"
    "Ở đây sẽ hiện: mang theo gì, phí, thời gian, các bước. In được cho người dân, không cần mạng."
)
_REST_MS = 40
_NEAR = "Bên trái là những thủ tục gần nhất."
_TRY = "Thử bớt chữ, thử cách gọi khác, hoặc gõ mã số, ví dụ 1.004873."


class HandbookPage(QWidget):
    """Search and list left, one readable page right, and under it what can be done with it."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        session = commands.session
        if session is None:
            raise RuntimeError("the handbook needs a session")
        self._catalogue = session.catalogue
        self._line: dict[str, Any] = {}
        self._found: Guide | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._draw)
        self.index = Index(Finder(self._catalogue, commands.now().date()))
        self.article = Article()
        self._lay_out()
        self.index.chosen.connect(self._choose)
        self.index.missed.connect(self._say_nothing)
        self.index.taken.connect(self._focus_page)
        self.article.turned.connect(self._turn)
        for keys, does in (("Ctrl+P", self._print), ("Ctrl+Return", self._receive), ("Ctrl+Enter", self._receive)):
            QShortcut(QKeySequence(keys), self, does)
        for keys, pages in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), self, partial(self.article.scroll_by, pages))
        for place in range(9):
            QShortcut(QKeySequence(f"Alt+{place + 1}"), self, partial(self._take_case, place))

    def focus_start(self) -> None:
        """The search has the keyboard."""
        self.index.focus_search()

    def open_procedure(self, code: str) -> None:
        """Show a procedure, whatever was searched; nothing happens for one that is not here."""
        if self._catalogue.procedure(code) is not None:
            self.index.open_procedure(code)
            self._choose(code)
            self._draw()

    def rules_changed(self) -> None:
        """Something was settled or published: fees and times of the page may read differently now, and there may be more."""
        if self._catalogue is not self._commands.catalogue:
            self._catalogue = self._commands.catalogue
            self.index.use(Finder(self._catalogue, self._commands.now().date()))
        if self._line:
            self._find(self._line)
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window().width()
        self.index.setFixedWidth(440 if window >= 1500 else 376 if window >= 1200 else 320)
        self._keys.setVisible(window >= 1200)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.index.focus_list()
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.article.scroll_by(1 if event.key() == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        line = row(self, gap=0)
        line.addWidget(self.index)
        right = QWidget()
        box = column(right, gap=0)
        box.addWidget(self.article, 1)
        box.addWidget(self._actions())
        self._stack = QStackedWidget()
        self._nothing = State(_BEGIN, _HOW, "handbook_empty", "book-open", "tintInk")
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(right)
        line.addWidget(self._stack, 1)

    def _actions(self) -> QWidget:
        holder = QWidget()
        line = row(holder, (16, 8, 24, 12), 8)
        for words, does, kind, icon, name in (
            ("Tiếp nhận thủ tục này (Ctrl+Enter)", self._receive, "primary", "file-plus", "receive"),
            ("In phiếu hướng dẫn (Ctrl+P)", self._print, "", "printer", "print"),
        ):
            button = Button(words, does, kind, icon)
            button.setObjectName(f"handbook.{name}")
            line.addWidget(button)
        line.addStretch()
        self._keys = text("Ctrl+PgDn: xem tiếp", "caption")
        line.addWidget(self._keys)
        return holder

    def _say_nothing(self, words: str, near: int) -> None:
        self._line, self._found = {}, None
        help_ = f"{_NEAR} {_TRY}" if near else _TRY
        self._nothing.say(f"Không có thủ tục nào khớp “{words}”." if words else _BEGIN, help_ if words else _HOW)
        self._stack.setCurrentIndex(0)

    def _choose(self, code: str) -> None:
        """Under the cursor: another procedure begins with its first case, the same one stays as it was turned. It is drawn
        when the cursor rests, so that a held arrow key runs freely."""
        if code != self._line.get("procedure"):
            self._find({"procedure": code})
            self._rest.start()

    def _find(self, line: dict[str, Any]) -> None:
        commands, today = self._commands, self._commands.now().date()
        found = guide(self._catalogue, line, today, commands.rules)
        if found is not None:
            self._found = replace(found, road=road_words(commands.routes, found.procedure, today))
            self._line = {"procedure": found.procedure.code, "case": found.case.id, "channel": found.channel.id}

    def _draw(self) -> None:
        self._rest.stop()
        if self._found is not None:
            self.article.show_guide(self._found)
            self._stack.setCurrentIndex(1)

    def _turn(self, case: str, channel: str) -> None:
        self._find(self._line | {"case": case, "channel": channel})
        self._draw()

    def _take_case(self, place: int) -> None:
        self._draw()
        self.article.take_case(place)

    def _focus_page(self) -> None:
        self._draw()
        stop = self.article.first_stop() or self.findChild(Button, "handbook.receive")
        if stop is not None and self._line:
            stop.setFocus(Qt.FocusReason.TabFocusReason)

    def _print(self) -> None:
        if self._line:
            self._commands.print_guidance(dict(self._line))

    def _receive(self) -> None:
        if self._line:
            self._commands.show_wanted.emit("reception", f"{self._line['procedure']}|{self._line.get('case') or ''}")
