"""Before the desk: a temporary PIN is changed, or a forgotten one is replaced with the paper from the safe."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.secret_form import SecretForm
from desktop.sign_in import ClockSide
from desktop.widgets import Button, column, row, text

_BY_PAPER = (
    "Gõ mã trên phiếu cất trong két rồi đặt mã mới. Phiếu ấy hết dùng được ngay sau đó: in phiếu mới để cất lại. "
    "Không có phiếu thì nhờ lãnh đạo hoặc quản trị cấp mã tạm ở Cài đặt, Nhân viên."
)
_TEMPORARY = "Mã vừa nhập là mã tạm do người khác cấp. Đặt mã chỉ mình biết để vào làm việc."


class NewSecretPage(QWidget):
    """``wanted(code on paper or "", new secret)``; ``left``: back to signing in. ``refuse`` says why not."""

    wanted = Signal(str, str)
    left = Signal()

    def __init__(self, name: str, keystore: str, centre: str, now: Callable[[], datetime], *, by_paper: bool) -> None:
        super().__init__()
        self.setObjectName("ground")
        line = row(self, gap=0)
        line.addWidget(ClockSide(centre, now), 40)
        right = QWidget()
        box = column(right, (56, 40, 56, 40), 12)
        line.addWidget(right, 60)
        box.addStretch()
        box.addWidget(text("Dùng phiếu khôi phục" if by_paper else "Đặt mã riêng của mình", "h1"))
        box.addWidget(text(name, "strong"))
        box.addWidget(text(_BY_PAPER if by_paper else _TEMPORARY, "soft", wrap=True))
        self._code = QLineEdit()
        self._code.setObjectName("recovery.code")
        self._code.setAccessibleName("Mã khôi phục")
        self._code.setPlaceholderText("XXX-XXX-XXX-XXX-XXX-XXX-XXX-XXX-XXX")
        self._code.setInputMethodHints(Qt.InputMethodHint.ImhLatinOnly | Qt.InputMethodHint.ImhNoPredictiveText)
        if by_paper:
            box.addWidget(text("Mã khôi phục", "label"))
            box.addWidget(self._code)
        self._secret = SecretForm(keystore)
        self._secret.submitted.connect(self._submit)
        self._code.returnPressed.connect(lambda: self._code.focusNextPrevChild(True))
        box.addWidget(self._secret)
        self._said = text("", "strong", "amber", wrap=True)
        self._said.setObjectName("new_secret_message")
        self._said.setMinimumHeight(26)
        box.addWidget(self._said)
        buttons = row(gap=12)
        self.button = Button("Đặt mã và vào làm việc", self._submit, "primary", "check")
        self.button.setObjectName("new_secret_button")
        buttons.addWidget(self.button)
        back = Button("Thôi", self.left.emit, "link")
        back.setObjectName("new_secret_back")
        buttons.addWidget(back)
        buttons.addStretch()
        box.addLayout(buttons)
        box.addStretch()
        self._by_paper = by_paper

    def focus_start(self) -> None:
        """The first field."""
        if self._by_paper:
            self._code.setFocus()
        else:
            self._secret.focus_start()

    def refuse(self, words: str) -> None:
        """Not done: say why."""
        self.button.setEnabled(True)
        self._said.setText(words)

    def _submit(self) -> None:
        secret = self._secret.secret()
        if self._by_paper and not self._code.text().strip():
            self._said.setText("Còn thiếu: mã khôi phục trên phiếu.")
        elif not secret:
            self._said.setText("Hai lần nhập khác nhau hoặc còn trống. Nhập lại.")
        else:
            self.button.setEnabled(False)
            self._said.setText("Đang mở…")
            self.wanted.emit(self._code.text(), secret)
