"""A topic of the settings: what is still to be confirmed, what is settled, and the form to settle it."""

from functools import partial
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.fields.person import grid
from desktop.settings.topics import Topic
from desktop.widgets import Button, Elided, Glyph, clear, column, empty_state, frame, row, scrolling, text, tip
from forms.local_rules import EVENT
from forms.problem import Problem

_SHOWN = 80  # rows drawn; the count tells the rest
_TAKEN_BACK = "Thu hồi tại quầy"


class TopicView(QWidget):
    """What is open or in force, and below it the form. Nothing changes for dossiers that are already received."""

    def __init__(self, commands: Commands, topic: Topic) -> None:
        super().__init__()
        self._commands, self._topic = commands, topic
        box = column(self, gap=8)
        self._title, self._hint = text("", "h1"), text("", "soft", wrap=True)
        box.addWidget(self._title)
        box.addWidget(self._hint)
        box.addWidget(self._list(), 1)
        self._form_box = column()
        box.addLayout(self._form_box)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._settle)
        self.show_topic(topic)

    def _list(self) -> QScrollArea:
        holder = QWidget()
        self._rows = column(holder, (0, 0, 8, 0), 4)
        return scrolling(holder)

    def show_topic(self, topic: Topic) -> None:
        """Another topic, its form empty."""
        self._topic = topic
        self._title.setText(topic.title)
        self._hint.setText(topic.hint)
        clear(self._form_box)
        card = frame("card")
        box = column(card, (16, 12, 16, 12), 8)
        inner, self.fields = grid(topic.layout, topic.specs, (), ("settings",))
        body = QWidget()
        body.setLayout(inner)
        box.addWidget(body)
        line = row()
        self._save = Button("Ghi (Ctrl+Enter)", self._settle, "primary", "check")
        self._save.setObjectName("settings.save")
        line.addWidget(self._save)
        self._trouble = Elided("", tone="amber")
        self._trouble.setObjectName("settings.trouble")
        line.addWidget(self._trouble, 1)
        box.addLayout(line)
        self._form_box.addWidget(card)
        card.show()
        self.reload(topic)

    @property
    def kind(self) -> str:
        """Which topic is shown."""
        return self._topic.kind

    def reload(self, topic: Topic) -> None:
        """Something was settled here or at another counter, or published: the same topic, what is typed in its form stays."""
        self._topic = topic
        denied = self._commands.staff.denied(EVENT)
        self._save.setEnabled(not denied)
        self._save.setToolTip(tip(denied) if denied else "")
        clear(self._rows)
        found = self._topic.rows(self._commands.rules)
        if not found:
            self._rows.addWidget(empty_state("Chưa ghi gì.", self._topic.empty, 24))
        waiting = sum(needs for _, _, needs in found)
        if waiting:
            self._rows.addWidget(text(f"Còn {waiting} mục cần xác nhận", "strong", "amber"))
        for words, key, needs in found[:_SHOWN]:
            self._rows.addWidget(self._row(words, key, needs))
        if len(found) > _SHOWN:
            self._rows.addWidget(text(f"… và {len(found) - _SHOWN} mục nữa", "soft"))
        self._rows.addStretch()

    def _row(self, words: str, key: str, needs: bool) -> QFrame:
        card = frame("wait" if needs else "card")
        card.setFixedHeight(36)
        line = row(card, (12, 0, 8, 0), 8)
        line.addWidget(Glyph("warning-circle" if needs else "check-circle", "amber" if needs else "green", 18))
        line.addWidget(Elided(words), 1)
        if key:
            drop = Button("Bỏ", partial(self._take_back, key), "link")
            drop.careful = True
            drop.setEnabled(not self._commands.staff.denied(EVENT))
            drop.setAccessibleName(f"Bỏ: {words}")
            line.addWidget(drop)
        return card

    def _settle(self) -> None:
        answers = {name: field.value() for name, field in self.fields.items()}
        try:
            key, value = self._topic.rule(answers)
        except Problem as problem:
            self._refused(problem)
            return
        self._commands.set_rule(self._topic.kind, key, value, str(answers.get("source") or ""), self._settled, self._refused)

    def _settled(self) -> None:
        self._trouble.setText("")
        for name, field in self.fields.items():
            if name != "source":
                field.set_value(field.spec.get("default"))
        self._commands.notice.emit(Notice("Đã ghi. Áp dụng cho hồ sơ tiếp nhận từ nay về sau."))

    def _refused(self, problem: Problem) -> None:
        self._trouble.setText(messages.sentence(problem))

    def _take_back(self, key: str) -> None:
        before: Any = self._commands.rules.rows.get((self._topic.kind, key))
        kind = self._topic.kind

        def undo() -> None:
            if before:
                self._commands.set_rule(kind, key, before["value"], before["source"], lambda: None, self._refused)

        def done() -> None:
            self._commands.notice.emit(Notice("Đã bỏ.", undo_words="Lấy lại", undo=undo))

        self._commands.set_rule(kind, key, None, _TAKEN_BACK, done, self._refused)
