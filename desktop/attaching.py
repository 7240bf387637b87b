"""Thêm tệp: files chosen for a paper go into the store one by one; what came of all of them is one notice."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop import messages
from desktop.tasks import Tasks
from forms.problem import Problem
from sync.counter import Counter
from sync.scans import PER_FILE, attach

_KINDS = "Bản chụp (*.jpg *.jpeg *.png *.pdf *.JPG *.JPEG *.PNG *.PDF);;Mọi tệp (*)"


def ask_files(parent: QWidget, paper: str) -> list[Path]:
    """Let the clerk choose files for a paper, by its name; none when they think better of it. What a file is its bytes say."""
    chosen, _filter = QFileDialog.getOpenFileNames(parent, f"Thêm tệp: {paper}", "", _KINDS)
    return [Path(c) for c in chosen]


class Attaching:
    """Files on their way to a paper. Each is a job of its own, so that a draft typed meanwhile is kept between two of them; a
    Problem that is not of one file (disk full, code void) ends it. ``done(words, tone, changed)`` is called once."""

    def __init__(self, tasks: Tasks, who: str, dossier: str, paper: str, done: Callable[[str, str, bool], None]) -> None:
        self._tasks, self._who, self._dossier, self._paper, self._done = tasks, who, dossier, paper, done
        self._new: list[dict[str, Any]] = []
        self._known = 0
        self._doubtful: list[str] = []
        self._refused: list[Problem] = []

    def take(self, files: Sequence[Path]) -> None:
        """The first of the files, then the others."""
        if not files:
            self._done(*self._words(), bool(self._new))
            return
        file, left = files[0], files[1:]

        def work(counter: Counter) -> tuple[dict[str, Any], bool]:
            before = len(counter.dossier(self._dossier)["scans"])
            said = attach(counter, self._dossier, self._paper, file, self._who)
            return said, len(counter.dossier(self._dossier)["scans"]) > before

        def kept(result: tuple[dict[str, Any], bool]) -> None:
            said, new = result
            self._new += [said] if new else []
            self._known += not new
            self._doubtful += [] if said["readable"] else [file.name]
            self.take(left)

        def refused(problem: Problem) -> None:
            self._refused.append(problem)
            self.take(left if problem.code in PER_FILE else ())

        self._tasks.run(work, kept, refused)

    def _words(self) -> tuple[str, str]:
        """Words and tone of the notice: what is kept first, then what a person must look at."""
        said = [f"Đã thêm và giữ {file_words(self._new)}."] if self._new else []
        said += [f"{self._known} tệp đã có ở giấy tờ này từ trước."] if self._known else []
        if self._doubtful:
            others = f" và {len(self._doubtful) - 1} tệp khác" if len(self._doubtful) > 1 else ""
            said.append(f"Hãy mở xem lại {self._doubtful[0]}{others}: máy không đọc được đến hết (thiếu, hỏng hoặc có mật khẩu).")
        if self._refused:
            said.append(messages.sentence(self._refused[0]))
        if len(self._refused) > 1:
            said.append(f"Còn {len(self._refused) - 1} tệp khác cũng chưa thêm được.")
        return " ".join(said), "problem" if self._doubtful or self._refused else "plain"


def file_words(scans: Sequence[dict[str, Any]]) -> str:
    """``2 tệp, 3 trang``; without pages where none could be counted."""
    pages = sum(s["pages"] for s in scans)
    return f"{len(scans)} tệp, {pages} trang" if pages else f"{len(scans)} tệp"
