"""Mã PIN và khoá máy: one's own secret, after how long the desk locks itself, and the paper for the safe."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.secret_form import SecretForm, secret_line
from desktop.widgets import Button, column, frame, row, text, tip
from forms.problem import Problem
from sync import people, vault
from sync.counter import Counter


class SecretsPage(QWidget):
    """Three cards. Nothing that was typed or shown stays when another page is chosen."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        if commands.session is None:
            raise RuntimeError("secrets need a session")
        self._kind = commands.session.keystore
        box = column(self, gap=12)
        box.addWidget(text("Mã PIN và khoá máy" if self._kind == "os" else "Câu mật khẩu và khoá máy", "h1"))
        self._said = text("", "strong", "amber", wrap=True)
        self._said.setObjectName("secrets_message")
        self._said.hide()
        box.addWidget(self._said)
        box.addWidget(self._own())
        box.addWidget(self._paper())
        box.addWidget(self._locking())
        box.addStretch()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        denied = self._commands.staff.denied(people.PAPER)
        self._paper_button.setEnabled(not denied)
        self._paper_button.setToolTip(tip(denied) if denied else "")
        for chip in self._minutes.buttons():
            chip.setEnabled(not self._commands.staff.denied(people.RESET))
        self._read()

    def _read(self) -> None:
        def both(counter: Counter, _who: str) -> tuple[int, bool]:
            return people.lock_minutes(counter), vault.has_recovery(counter.data)

        self._commands.staff.ask(both, self._show_state, self._commands.show_problem)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._old.clear()
        self._new.clear()
        self._mine.clear()
        self.show_code("")

    def _card(self, title: str, hint: str) -> tuple[QFrame, QVBoxLayout]:
        card = frame("card")
        box = column(card, (16, 12, 16, 14), 8)
        box.addWidget(text(title, "h2"))
        box.addWidget(text(hint, "soft", wrap=True))
        return card, box

    # One's own

    def _own(self) -> QFrame:
        card, box = self._card("Đổi mã của mình", "Chỉ mình biết. Mã dùng cho máy này; máy khác có mã riêng.")
        line = row(gap=12)
        holder, self._old = secret_line("secrets.old", "Mã đang dùng")
        self._new = SecretForm(self._kind)
        self._old.returnPressed.connect(self._new.focus_start)
        self._new.submitted.connect(self._change)
        line.addWidget(holder, 1)
        line.addWidget(self._new, 2)
        box.addLayout(line)
        button = Button("Đổi mã", self._change, "primary", "check")
        button.setObjectName("secrets.change")
        box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _change(self) -> None:
        old, new = self._old.text(), self._new.secret()
        if not old or not new:
            self._say("Còn thiếu mã đang dùng, hoặc hai lần nhập mã mới khác nhau.")
            return
        self._commands.staff.ask(lambda c, who: people.change_secret(c, who, old, new), self._changed, self._refused)

    def _changed(self, _none: None) -> None:
        if isValid(self):
            self._old.clear()
            self._new.clear()
            self._say("")
        self._commands.notice.emit(Notice("Đã đổi mã. Lần đăng nhập tới dùng mã mới."))

    # The paper

    def _paper(self) -> QFrame:
        hint = "Mở được quầy khi quên mã, khi bị khoá, hay trên máy mới sau khi phục hồi. Có phiếu mới thì phiếu cũ hết dùng."
        card, box = self._card("Phiếu khôi phục cất trong két", hint)
        self._asked = QWidget()
        line = row(self._asked, gap=12)
        holder, self._mine = secret_line("secrets.mine", "Mã của bạn")
        self._mine.returnPressed.connect(self._make)
        line.addWidget(holder, 1)
        self._paper_button = Button("Tạo mã và in phiếu", self._make, "", "printer")
        self._paper_button.setObjectName("secrets.paper")
        line.addWidget(self._paper_button, 0, Qt.AlignmentFlag.AlignBottom)
        line.addStretch(2)
        box.addWidget(self._asked)
        self._none_yet = text("Quầy này chưa có phiếu khôi phục nào.", "strong", "amber")
        self._none_yet.setObjectName("no_recovery")
        self._none_yet.hide()
        box.addWidget(self._none_yet)
        self._code_box = frame("wait")
        inside = row(self._code_box, (12, 8, 12, 8), 12)
        self._code = text("", "h2", wrap=True)
        self._code.setObjectName("recovery_code")
        inside.addWidget(self._code, 1)
        self._again = Button("In phiếu", self._print, "primary", "printer")
        self._again.setObjectName("secrets.print")
        inside.addWidget(self._again)
        self._code_box.hide()
        box.addWidget(self._code_box)
        return card

    def _make(self) -> None:
        mine = self._mine.text()
        if not mine:
            self._say("Nhập mã của bạn để tạo phiếu.")
            return
        self._commands.staff.ask(lambda c, who: people.new_recovery(c, who, mine), self._made, self._refused)

    def _made(self, code: str) -> None:
        if isValid(self) and self.isVisible():
            self._mine.clear()
            self.show_code(code)
            self._read()
        self._commands.print_recovery(code, lambda: None)

    def show_code(self, code: str) -> None:
        """A code that is nowhere else, until the page is left; "" takes it away."""
        self._code.setText(code)
        self._code_box.setVisible(bool(code))
        self._asked.setVisible(not code)
        if code:
            self._again.setFocus()
            self._say("Cất phiếu này vào két của Trung tâm. Mã chỉ hiện một lần; phiếu cũ không còn dùng được.")

    def _print(self) -> None:
        self._commands.print_recovery(self._code.text(), lambda: None)

    # Locking

    def _locking(self) -> QFrame:
        hint = "Không ai chạm phím hay chuột thì quầy tự khoá; nháp được giữ, việc gửi vẫn tiếp tục. Khoá ngay: Ctrl+L."
        card, box = self._card("Tự khoá máy này", hint)
        line = row(gap=8)
        self._minutes = QButtonGroup(self)
        for minutes in people.LOCK_AFTER:
            chip = Button(f"{minutes} phút", partial(self._settle, minutes), "chip")
            chip.setObjectName(f"lock_after.{minutes}")
            chip.setCheckable(True)
            self._minutes.addButton(chip, minutes)
            line.addWidget(chip)
        line.addStretch()
        box.addLayout(line)
        return card

    def _settle(self, minutes: int) -> None:
        def done(_changes: object) -> None:
            self._commands.lock_after.emit(minutes)

        self._commands.staff.ask(lambda c, who: people.set_lock_minutes(c, who, minutes), done, self._refused)

    def _show_state(self, found: tuple[int, bool]) -> None:
        if isValid(self):
            self._minutes.button(found[0]).setChecked(True)
            self._none_yet.setVisible(not found[1])

    def _refused(self, problem: Problem) -> None:
        if isValid(self):
            self._say(messages.sentence(problem))

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))
