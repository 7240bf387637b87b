"""The store does not open: what happened, the newest back-up that holds, and one button that brings it back."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop import messages
from desktop.processes import Follower
from desktop.sign_in import ClockSide
from desktop.tasks import Tasks
from desktop.track import Track
from desktop.widgets import Button, Glyph, column, frame, row, text
from forms.names import date_vn
from forms.problem import Problem
from sync import backups, recovery
from sync.backups import Backup, Good
from sync.counter import BACKUPS

_HAPPENED = {
    "store_damaged": "Kho dữ liệu trên máy này có chỗ bị hỏng nên chưa mở được.",
    "store_missing": "Không thấy kho dữ liệu ở chỗ của nó trên máy này.",
}
CODES = frozenset(_HAPPENED)
"""Problems of opening that a back-up mends."""
_COMES_BACK = (
    "Việc làm sau bản lưu: phần đã gửi sẽ về từ máy chủ khi có mạng; phần chưa gửi, máy lấy lại những gì còn đọc được trong "
    "kho cũ. Kho cũ được cất riêng, không bị xoá."
)
_FOOT = "Không cần mạng để phục hồi."
_KINDS = "Bản sao lưu (*.backup *.motcua);;Mọi tệp (*)"
_STEPS = ("Đang mở bản lưu…", "Đang xem từng trang của bản lưu…", "Đang lấy lại việc chưa gửi từ kho cũ…", "Đang đặt vào chỗ…")


class Repairing:
    """Finds a back-up that holds, and puts it in place of the store in ``data``. ``follower``: the sync process that may still
    have the old one open; ``now``: Vietnam time."""

    def __init__(self, tasks: Tasks, data: Path, key: bytes, follower: Follower | None, now: Callable[[], datetime]) -> None:
        self._tasks, self._data, self._key, self._follower, self._now = tasks, data, key, follower, now

    def find(
        self, progress: Callable[[int, int], None], done: Callable[[Good | None], None], failed: Callable[[Problem], None]
    ) -> None:
        """The newest one that holds, here or in the second place; None when there is none."""

        def work(tell: Callable[[int, int], None]) -> Good | None:
            return next(backups.good(self._told(tell), self._key, self._data), None)

        self._tasks.beside(work, progress, done, failed)

    def where(self, good: Good) -> str:
        """In words: beside the store, or elsewhere."""
        return "trên máy này" if good.file.parent == self._data / BACKUPS else "ở nơi lưu khác"

    def look(self, file: Path, done: Callable[[Good | None], None], failed: Callable[[Problem], None]) -> None:
        """A file that a person chose; None when it does not hold, or is another counter's."""

        def work(_tell: Callable[[int, int], None]) -> Good | None:
            return backups.look(file, self._key, self._data)

        self._tasks.beside(work, lambda _n, _most: None, done, failed)

    def put_back(
        self, good: Good, progress: Callable[[int, int], None], done: Callable[[int], None], failed: Callable[[Problem], None]
    ) -> None:
        """In its place; ``done`` gets how many acts were saved from the old store."""

        def work(tell: Callable[[int, int], None]) -> int:
            if self._follower is not None:
                self._follower.end()
            return recovery.repair(good.file, self._data, self._key, self._now(), tell)["salvaged"]

        self._tasks.beside(work, progress, done, failed)

    def _told(self, tell: Callable[[int, int], None]) -> Iterator[Backup]:
        known = backups.everywhere(self._data)
        for number, one in enumerate(known):
            tell(number, len(known))
            yield one


class RepairPage(QWidget):
    """In place of the sign-in page. ``repaired(moment in words, saved acts)`` is called once the store is whole; ``leave``: back
    to sign-in."""

    def __init__(
        self,
        problem: Problem,
        repairing: Repairing,
        now: Callable[[], datetime],
        repaired: Callable[[str, int], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setObjectName("ground")
        self._repairing, self._repaired = repairing, repaired
        self._good: Good | None = None
        line = row(self, gap=0)
        line.addWidget(ClockSide("Phục hồi dữ liệu của quầy", now, _FOOT), 40)
        right = QWidget()
        line.addWidget(right, 60)
        box = column(right, (56, 40, 56, 40), 12)
        box.addStretch()
        box.addWidget(text("Phục hồi dữ liệu", "h1"))
        happened = text(_HAPPENED[problem.code], wrap=True)
        happened.setObjectName("repair.happened")
        box.addWidget(happened)
        box.addWidget(self._candidate())
        box.addWidget(text(_COMES_BACK, "soft", wrap=True))
        self._track = Track()
        box.addWidget(self._track)
        self._said = text("", "strong", wrap=True)
        self._said.setObjectName("repair.said")
        self._said.setMinimumHeight(26)
        box.addWidget(self._said)
        box.addLayout(self._actions(leave))
        box.addStretch()
        self._find()

    def focus_start(self) -> None:
        """What a clerk most likely wants to press."""
        (self._button if self._good else self._choose).setFocus()

    def _candidate(self) -> QWidget:
        card = frame("card")
        box = row(card, (16, 14, 16, 14), 12)
        self._glyph = Glyph("clock-counter-clockwise", "ink2", 28)
        box.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        words = column(gap=2)
        self._which, self._about = text("", "h2", wrap=True), text("", "soft", wrap=True)
        self._which.setObjectName("repair.which")
        words.addWidget(self._which)
        words.addWidget(self._about)
        box.addLayout(words, 1)
        return card

    def _actions(self, leave: Callable[[], None]) -> QVBoxLayout:
        box, line = column(gap=10), row()
        self._button = Button("Phục hồi", self._put_back, "primary", "check")
        self._button.setObjectName("repair.button")
        self._choose = Button("Chọn tệp khác…", self._ask_file, icon="folder-open")
        self._choose.setObjectName("repair.choose")
        self._leave = Button("Quay lại đăng nhập", leave, "link")
        self._leave.setObjectName("repair.leave")
        self._button.hide()
        box.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        for button in (self._choose, self._leave):
            line.addWidget(button)
        line.addStretch()
        box.addLayout(line)
        return box

    def _find(self) -> None:
        self._busy("Đang tìm bản lưu tốt mới nhất…")
        self._which.setText("Đang thử các bản lưu, mới nhất trước")
        self._about.setText("Bản nào cũng được mở thử trước khi dùng.")
        self._repairing.find(lambda n, most: self._track.show_part(n / most if most else 0), self._found, self._failed)

    def _found(self, good: Good | None) -> None:
        self._show(good)
        self._free("" if good else "Không tìm thấy bản lưu nào tốt trên máy này. Nếu có bản ở nơi khác, hãy chọn tệp.")

    def _show(self, good: Good | None) -> None:
        self._good = good
        self._glyph.show_icon("check-circle" if good else "warning-circle", "green" if good else "amber")
        if good is None:
            self._which.setText("Chưa có bản lưu tốt")
            self._about.setText("")
            return
        self._which.setText(f"Bản lưu tốt mới nhất: {_words(good.at)}")
        self._about.setText(f"{good.dossiers} hồ sơ · đã mở thử, đọc được hết · {self._repairing.where(good)}")
        self._button.setText(f"Phục hồi bản lưu lúc {_words(good.at)}")

    def _ask_file(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, "Chọn bản sao lưu", "", _KINDS)
        if chosen:
            self._busy("Đang thử tệp này…")
            self._repairing.look(Path(chosen), self._looked, self._failed)

    def _looked(self, good: Good | None) -> None:
        if good is not None:
            self._show(good)
            self._which.setText(f"Bản lưu đã chọn: {_words(good.at)}")
        self._free("" if good else messages.sentence(Problem("backup_damaged")))

    def _put_back(self) -> None:
        good = self._good
        if good is None:
            return
        self._busy(_STEPS[0])
        self._repairing.put_back(good, self._step, lambda saved: self._repaired(_words(good.at), saved), self._failed)

    def _step(self, done: int, most: int) -> None:
        self._track.show_part(done / most if most else 0)
        self._said.setText(_STEPS[min(done, len(_STEPS) - 1)])

    def _failed(self, problem: Problem) -> None:
        self._free(messages.sentence(problem))

    def _busy(self, words: str) -> None:
        self._said.setText(words)
        self._track.show_part(0)
        self._track.show()
        for button in (self._button, self._choose, self._leave):
            button.setEnabled(False)

    def _free(self, words: str) -> None:
        self._said.setText(words)
        self._track.hide()
        self._button.setVisible(self._good is not None)
        for button in (self._button, self._choose, self._leave):
            button.setEnabled(True)
        self.focus_start()


def _words(at: datetime) -> str:
    return f"{at:%H:%M}, {date_vn(at)}"
