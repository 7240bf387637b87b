"""F7 Báo cáo."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands, Notice
from desktop.reports.drawer import Drawer
from desktop.reports.kinds import Kinds
from desktop.reports.period import PeriodBar
from desktop.reports.sheet import Sheet
from desktop.reports.states import Progress, no_figures
from desktop.widgets import column, row, text
from forms.problem import Problem
from forms.report import Period, Report
from forms.reports import KINDS

_PATIENCE_MS = 150  # work that takes no longer shows nothing of itself
_FILES = {"xlsx": "Bảng tính (*.xlsx)", "pdf": "Tài liệu PDF (*.pdf)"}
_MENU_NARROW, _MENU, _MENU_WIDE = 204, 240, 280


class Maker(Protocol):
    """Makes and saves reports away from the GUI thread; everything is called back on it."""

    def make_report(
        self,
        kind: str,
        first: date,
        last: date,
        progress: Callable[[int, int], None],
        done: Callable[[Report], None],
        failed: Callable[[Problem], None],
    ) -> Callable[[], None]:
        """Begin; the answer cancels it, and then ``failed`` gets ``Problem("cancelled")``. ``progress(done, total)``."""
        ...

    def save_report(self, report: Report, kind_of_file: str, file: Path, done: Callable[[Path], None]) -> None:
        """Write ``xlsx`` or ``pdf``."""
        ...


@dataclass(frozen=True)
class _Wish:
    """What was asked for: kind, days, and how the days were chosen."""

    kind: str
    period: Period
    choice: tuple[str, int, Period | None]


class ReportsPage(QWidget):
    """Kinds at the left, the period above, the report below it. ``dossiers_wanted(title, ids)``: the dossiers behind a
    figure."""

    dossiers_wanted = Signal(str, tuple)

    def __init__(self, commands: Commands, kinds: Mapping[str, str] = KINDS) -> None:
        super().__init__()
        self._commands, self._maker = commands, cast(Maker, commands)
        self._asked = 0
        self._working: _Wish | None = None
        self._made: _Wish | None = None
        self._cancel: Callable[[], None] | None = None
        self._folder: Path | None = None
        self.sheet: Sheet | None = None
        self.kinds = Kinds(kinds)
        self.period = PeriodBar(commands.now)
        self._lay_out()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._stack.setCurrentWidget(self._progress))
        self.kinds.wanted.connect(self.make)
        self.kinds.into_report.connect(self._into_report)
        self.period.chosen.connect(self._period_chosen)
        self.period.wanted.connect(lambda: self.make(self.kinds.kind))
        self._set_keys()

    def focus_start(self) -> None:
        """The kinds of reports have the keyboard."""
        if self._made is None and self._working is None:
            self.period.renew()
        self.kinds.setFocus()

    def make(self, kind: str) -> None:
        """Make a report of this kind for the days that are chosen; one that is being made is given up for it."""
        if not kind:
            return
        period = self.period.period()
        if period is None:
            self.period.trouble()
            return
        self._give_up()
        if self.sheet is not None and self.sheet.isAncestorOf(self.focusWidget() or self):
            self.kinds.setFocus()
        self._working = _Wish(kind, period, self.period.choice)
        self.kinds.show_made(kind)
        self._progress.begin(self.kinds.title(kind))
        self._patience.start()
        asked = self._asked
        cancel = self._maker.make_report(
            kind,
            period.first,
            period.last,
            lambda done, total: self._progress.show_count(done, total) if self._waits_for(asked) else None,
            lambda report: self._show(report) if self._waits_for(asked) else None,
            lambda problem: self._failed(problem) if self._waits_for(asked) else None,
        )
        if asked == self._asked and self._working is not None:
            self._cancel = cancel

    def cancel(self) -> None:
        """Thôi: back to the report that was there before."""
        if self._working is not None:
            self._give_up()
            self._go_back("Đã thôi lập báo cáo.", "Hồ sơ không đổi gì. Chọn loại báo cáo rồi bấm Enter để lập lại.")

    def save(self, kind_of_file: str) -> None:
        """Ask the system's dialog where to, and have the report written there."""
        if self.sheet is None or self._made is None:
            self._commands.notice.emit(Notice("Chưa có báo cáo nào để lưu. Chọn một loại rồi bấm Enter."))
            return
        wish = self._made
        name = f"{wish.kind}-{wish.period.first:%Y-%m-%d}"
        if wish.period.last != wish.period.first:
            name += f"-den-{wish.period.last:%Y-%m-%d}"
        folder = self._folder or Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        start = str(folder / f"{name}.{kind_of_file}")
        chosen, _filter = QFileDialog.getSaveFileName(self, "Lưu báo cáo", start, _FILES[kind_of_file])
        if chosen:
            file = Path(chosen)
            if file.suffix.lower() != f".{kind_of_file}":
                file = _free(file.with_name(f"{file.name}.{kind_of_file}"))
            self._folder = file.parent
            self._maker.save_report(self.sheet.report, kind_of_file, file, self._saved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window().width()
        wide = window >= 1500
        self.kinds.setFixedWidth(_MENU_WIDE if wide else _MENU if window >= 1200 else _MENU_NARROW)
        side = 24 if wide else 12
        self._line.setContentsMargins(side, 12, side - 8, 8)
        self._line.setSpacing(side)

    def _lay_out(self) -> None:
        self._line = row(self, gap=16)
        left = column(gap=8)
        title = text("Báo cáo", "h1")
        left.addWidget(title)
        left.addWidget(self.kinds, 1)
        left.addWidget(text("↑ ↓ chọn · Enter lập · → xem số", "caption"))
        self._line.addLayout(left)
        right = column(gap=10)
        right.addWidget(self.period)
        self._stack = QStackedWidget()
        hint = "Chọn loại ở bên trái, chọn kỳ ở trên, rồi bấm Enter. Bấm vào một con số để mở các hồ sơ của nó."
        self._state = no_figures("Chưa lập báo cáo nào", hint)
        self._progress = Progress(self.cancel)
        self._stack.addWidget(self._state)
        self._stack.addWidget(self._progress)
        self._drawer = Drawer(self._commands)
        self._drawer.hide()
        self._drawer.closed.connect(lambda: self.make("cash"))
        right.addWidget(self._drawer)
        right.addWidget(self._stack, 1)
        self._line.addLayout(right, 1)

    def _set_keys(self) -> None:
        for kind_of_file, key in (("xlsx", "Ctrl+S"), ("pdf", "Ctrl+P")):
            QShortcut(QKeySequence(key), self, partial(self.save, kind_of_file))
        for number in range(len(self.period.chips)):
            QShortcut(QKeySequence(f"Alt+{number + 1}"), self, partial(self.period.choose_nth, number))
        QShortcut(QKeySequence("Alt+Left"), self, partial(self.period.step, -1))
        QShortcut(QKeySequence("Alt+Right"), self, partial(self.period.step, 1))
        QShortcut(QKeySequence("Ctrl+Tab"), self, self._other_side)
        escape = QShortcut(QKeySequence("Escape"), self, self._escape)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)  # the search at the top has an Esc of its own

    def _period_chosen(self) -> None:
        """What is shown follows the period; before the first report nothing is made unasked."""
        wish = self._working or self._made
        if wish is not None:
            self.make(wish.kind)

    def _escape(self) -> None:
        if self._working is not None:
            self.cancel()
        else:
            self.kinds.setFocus()

    def _other_side(self) -> None:
        """Ctrl+Tab: from the kinds into the report and back."""
        if self.kinds.hasFocus():
            self._into_report()
        else:
            self.kinds.setFocus()

    def _into_report(self) -> None:
        if self.sheet is not None and self._stack.currentWidget() is self.sheet:
            self.sheet.focus_first()

    def _waits_for(self, asked: int) -> bool:
        """Whether an answer is still wanted: not given up, and nobody has locked the desk meanwhile."""
        return asked == self._asked and isValid(self)

    def _give_up(self) -> None:
        """Whatever is being made is not wanted any more; its answers count for nothing."""
        self._asked += 1
        self._patience.stop()
        cancel, self._cancel, self._working = self._cancel, None, None
        if cancel is not None:
            cancel()

    def _show(self, report: Report) -> None:
        self._patience.stop()
        self._made, self._working, self._cancel = self._working, None, None
        old = self.sheet
        self.sheet = Sheet(report, self._commands.now(), self.window().width() >= 1500)
        self.sheet.opened.connect(self.dossiers_wanted)
        self.sheet.save_wanted.connect(self.save)
        self._stack.addWidget(self.sheet)
        self._stack.setCurrentWidget(self.sheet)
        self._drawer.setVisible(report.kind == "cash")
        if report.kind == "cash":
            self._drawer.reload()
        if old is not None:
            self._stack.removeWidget(old)
            old.hide()
            old.setParent(None)
            old.deleteLater()

    def _failed(self, problem: Problem) -> None:
        self._give_up()
        if problem.code == "cancelled":
            self._go_back("Đã thôi lập báo cáo.", "Hồ sơ không đổi gì. Chọn loại báo cáo rồi bấm Enter để lập lại.")
            return
        self._commands.show_problem(problem)
        self._go_back("Chưa lập được báo cáo", f"{messages.sentence(problem)} Hồ sơ không đổi gì; bấm Enter để thử lại.")

    def _go_back(self, title: str, hint: str) -> None:
        """The report that was there, with its kind and period; without one, why there is none."""
        if self.sheet is not None and self._made is not None:
            self.period.restore(self._made.choice)
            self.kinds.show_made(self._made.kind)
            self._stack.setCurrentWidget(self.sheet)
        else:
            self.kinds.show_made("")
            self._state.say(title, hint)
            self._stack.setCurrentWidget(self._state)

    def _saved(self, file: Path) -> None:
        self._commands.notice.emit(Notice(f"Đã lưu báo cáo vào {file.name}, thư mục {file.parent.name or file.parent}."))


def _free(file: Path) -> Path:
    """A name that is not taken: the dialog asked about the name without its ending, so nobody agreed to lose that file."""
    names = (file.with_name(f"{file.stem} ({n}){file.suffix}") for n in count(2))
    return file if not file.exists() else next(name for name in names if not name.exists())
