"""Nhân viên: who works at the commune's counters, with which roles; letting people in and out, a temporary secret."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QSizePolicy, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.flow import FlowLayout
from desktop.secret_form import SecretForm, secret_line
from desktop.widgets import Button, Elided, Glyph, Tick, clear, column, frame, row, scrolling, text, tip
from forms.people import SET
from forms.roles import NEW, all_roles, in_words
from sync import people

_Person = dict[str, Any]


class PeoplePage(QWidget):
    """The list above; below it one form: let somebody in, or what was chosen in a row."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        if commands.session is None:
            raise RuntimeError("people need a session")
        self._me, self._kind = commands.session.operator, commands.session.keystore
        box = column(self, gap=8)
        box.addWidget(text("Nhân viên", "h1"))
        hint = "Người và vai trò dùng chung cho mọi quầy của xã; mã PIN riêng từng máy. Ai rời đi thì việc đã làm vẫn ghi tên họ."
        box.addWidget(text(hint, "soft", wrap=True))
        holder = QWidget()
        self._rows = column(holder, (0, 0, 8, 0), 4)
        box.addWidget(scrolling(holder), 1)
        self._form_box = column()
        box.addLayout(self._form_box)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_form()
        self.reload()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        clear(self._form_box)  # no secret stays in a page that nobody sees

    def reload(self) -> None:
        """Read who works here."""
        self._commands.staff.ask(lambda c, _who: people.listed(c), self._show_rows, self._commands.show_problem)

    # The list

    def _show_rows(self, found: list[_Person]) -> None:
        if not isValid(self):
            return
        clear(self._rows)
        for person in found:
            self._rows.addWidget(self._row(person))
        self._rows.addStretch()

    def _row(self, person: _Person) -> QFrame:
        card = frame("card")
        card.setFixedHeight(44)
        line = row(card, (12, 0, 8, 0), 10)
        line.addWidget(Glyph("user-circle", "ink2", 20))
        name = Elided(person["name"] + (" (bạn)" if person["id"] == self._me else ""), "strong")
        name.setFixedWidth(220)
        name.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        line.addWidget(name)
        line.addWidget(Elided(in_words(person["roles"])), 1)
        state = _state(person)
        if state:
            line.addWidget(text(state, "meta", "amber" if person["locked"] else ""))
        denied = self._commands.staff.denied(SET)
        for name_, words, opens in (
            ("roles", "Vai trò…", self._roles_form),
            ("reset", "Cấp mã tạm…", self._reset_form),
            ("remove", "Bỏ…", self._remove_form),
        ):
            if person["id"] == self._me and name_ in ("reset", "remove"):
                continue
            button = Button(words, partial(opens, person), "link")
            button.setObjectName(f"{name_}.{person['id']}")
            button.setAccessibleName(f"{words} {person['name']}")
            button.setEnabled(not denied)
            button.setToolTip(tip(denied) if denied else "")
            line.addWidget(button)
        return card

    # The forms

    def _show_form(self) -> None:
        """Let somebody in."""
        box = self._card("Thêm người")
        self._name = _line("people.name", "Họ và tên")
        line = row(gap=12)
        line.addWidget(_labelled("Họ và tên", self._name), 1)
        self._new = SecretForm(self._kind)
        line.addWidget(self._new, 2)
        box.addLayout(line)
        box.addWidget(text("Người mới tự gõ mã của mình vào hai ô bên phải.", "soft"))
        self._ticks = _Roles(NEW)
        box.addWidget(self._ticks)
        self._finish(box, "Thêm người", self._add, mine=True)

    def _add(self) -> None:
        secret, mine, name, roles = self._new.secret(), self._mine.text(), self._name.text(), self._ticks.chosen()
        if not secret or not mine:
            self._say("Còn thiếu mã của người mới (hai lần giống nhau) hoặc mã của bạn.")
            return
        self._ask(
            lambda c, who: people.add(c, who, mine, name, roles, secret), lambda _id: self._settled(f"Đã thêm {name.strip()}.")
        )

    def _roles_form(self, person: _Person) -> None:
        box = self._card(f"Vai trò của {person['name']}")
        self._ticks = _Roles(person["roles"])
        box.addWidget(self._ticks)
        self._finish(box, "Ghi vai trò", lambda: self._set_roles(person), back=True)

    def _set_roles(self, person: _Person) -> None:
        roles = self._ticks.chosen()
        done = f"{person['name']}: {in_words(roles)}."
        self._ask(lambda c, who: people.set_roles(c, who, person["id"], roles), lambda _changes: self._settled(done))

    def _reset_form(self, person: _Person) -> None:
        box = self._card(f"Cấp mã tạm cho {person['name']} ở máy này")
        words = "Máy tự đặt một mã tạm; người ấy phải đổi ngay lần đăng nhập tới. Mã cũ ở máy này hết dùng."
        box.addWidget(text(words, "soft", wrap=True))
        self._finish(box, "Cấp mã tạm", lambda: self._reset(person), mine=True, back=True)

    def _reset(self, person: _Person) -> None:
        mine = self._mine.text()
        self._ask(lambda c, who: people.reset(c, who, mine, person["id"]), partial(self._given, person))

    def _given(self, person: _Person, secret: str) -> None:
        box = self._card(f"Mã tạm của {person['name']}")
        shown = text(secret, "h1")
        shown.setObjectName("temporary_secret")
        box.addWidget(shown)
        box.addWidget(text("Đưa cho đúng người ấy. Mã chỉ hiện một lần và phải đổi ở lần đăng nhập tới.", "soft", wrap=True))
        self._finish(box, "Xong", self._show_form)
        self.reload()

    def _remove_form(self, person: _Person) -> None:
        box = self._card(f"Bỏ {person['name']} khỏi mọi quầy của xã?")
        box.addWidget(text("Người ấy không đăng nhập được nữa. Việc đã làm vẫn giữ nguyên và ghi tên họ.", "soft", wrap=True))
        done = f"Đã bỏ {person['name']}."
        go = lambda: self._ask(  # noqa: E731 - a button's verb
            lambda c, who: people.remove(c, who, person["id"]), lambda _changes: self._settled(done)
        )
        self._finish(box, "Bỏ", go, back=True)

    # What they share

    def _card(self, title: str) -> Any:
        clear(self._form_box)
        card = frame("card")
        box = column(card, (16, 12, 16, 12), 8)
        box.addWidget(text(title, "h2"))
        self._form_box.addWidget(card)
        card.show()
        return box

    def _finish(self, box: Any, words: str, does: Callable[[], None], *, mine: bool = False, back: bool = False) -> None:
        """Own secret where it is asked for, the button, a way back, and the place for what is wrong."""
        line = row(gap=12)
        if mine:
            holder, self._mine = secret_line("people.mine", "Mã của bạn")
            self._mine.returnPressed.connect(does)
            line.addWidget(holder)
        button = Button(words, does, "primary", "check")
        button.setObjectName("people.go")
        denied = self._commands.staff.denied(SET)
        button.setEnabled(not denied)
        button.setToolTip(tip(denied) if denied else "")
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        if back:
            line.addWidget(Button("Thôi", self._show_form, "link"), 0, Qt.AlignmentFlag.AlignBottom)
        self._trouble = Elided(denied, tone="amber")
        self._trouble.setObjectName("people.trouble")
        line.addWidget(self._trouble, 1, Qt.AlignmentFlag.AlignBottom)
        box.addLayout(line)

    def _ask(self, verb: Callable[[Any, str], Any], done: Callable[[Any], None]) -> None:
        """Do it; a page that was left meanwhile hears nothing."""
        here: Callable[[Any], None] = lambda found: done(found) if isValid(self) and self.isVisible() else None  # noqa: E731
        self._commands.staff.ask(verb, here, lambda problem: self._say(messages.sentence(problem)))

    def _settled(self, words: str) -> None:
        self._commands.staff.changed()
        self._commands.notice.emit(Notice(words))
        self._show_form()
        self.reload()

    def _say(self, words: str) -> None:
        if isValid(self) and isValid(self._trouble):
            self._trouble.setText(words)


class _Roles(QWidget):
    """A tick a role."""

    def __init__(self, held: Sequence[str]) -> None:
        super().__init__()
        flow = FlowLayout(self)
        self._ticks: dict[str, Tick] = {}
        for role in all_roles():
            tick = Tick(role.name)
            tick.setObjectName(f"role.{role.id}")
            tick.setChecked(role.id in held)
            tick.setToolTip(tip(" ".join(w for w in (role.source, role.to_confirm) if w)))
            self._ticks[role.id] = tick
            flow.addWidget(tick)

    def chosen(self) -> list[str]:
        """Ids of the ticked roles."""
        return [role for role, tick in self._ticks.items() if tick.isChecked()]


def _state(person: _Person) -> str:
    if not person["here"]:
        return "chưa có mã ở máy này"
    return "bị khoá ở máy này" if person["locked"] else "mã tạm" if person["must_change"] else ""


def _line(name: str, title: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(title)
    return line


def _labelled(title: str, line: QWidget) -> QWidget:
    holder = QWidget()
    box = column(holder, gap=2)
    box.addWidget(text(title, "label"))
    box.addWidget(line)
    return holder
