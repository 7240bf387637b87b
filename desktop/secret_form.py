"""Where a secret is typed: a new one twice, or one's own once."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.widgets import column, row, text


def secret_words(keystore: str) -> str:
    """What a new secret must be."""
    return "Mã PIN 6 số" if keystore == "os" else "Câu mật khẩu, ít nhất 12 ký tự"


def secret_line(name: str, title: str) -> tuple[QWidget, QLineEdit]:
    """One hidden line under its label."""
    holder = QWidget()
    box = column(holder, gap=2)
    box.addWidget(text(title, "label"))
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(title)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    box.addWidget(line)
    return holder, line


class SecretForm(QWidget):
    """A new PIN or passphrase, typed twice."""

    submitted = Signal()

    def __init__(self, keystore: str) -> None:
        super().__init__()
        words = secret_words(keystore)
        box = row(self, gap=12)
        self._lines = []
        for name, title in (("enrol.secret", words), ("enrol.secret_again", "Nhập lại lần nữa")):
            part = column(gap=2)
            label = text(title, "label")
            line = QLineEdit()
            line.setObjectName(name)
            line.setAccessibleName(title)
            line.setEchoMode(QLineEdit.EchoMode.Password)
            part.addWidget(label)
            part.addWidget(line)
            box.addLayout(part, 1)
            self._lines.append(line)
        self._lines[0].returnPressed.connect(self._lines[1].setFocus)
        self._lines[1].returnPressed.connect(self.submitted)

    def focus_start(self) -> None:
        """The first of the two."""
        self._lines[0].setFocus()

    def secret(self) -> str | None:
        """The secret, or None when the two differ."""
        one, again = (line.text() for line in self._lines)
        return one if one == again else None

    def clear(self) -> None:
        """Nothing typed stays."""
        for line in self._lines:
            line.clear()
