"""A played F7: the page, a maker that answers when it is told to, a report of every shape, somebody at the keyboard."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.reports.page import ReportsPage
from desktop.reports.table import ReportTable
from desktop.widgets import FocusRing
from forms.problem import Problem
from forms.report import Chart, Check, Column, Figure, Period, Report
from forms.working_days import VIETNAM
from tests.demo.hands import Hands

KEY, ROLE = Qt.Key, Qt.ItemDataRole
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
NOW = datetime(2026, 11, 23, 10, 20, tzinfo=VIETNAM)
KINDS = {"ii06a": "Biểu II.06a", "daily": "Số liệu theo ngày", "cash": "Chốt tiền theo ca"}
IN, DONE, OPEN = "Số hồ sơ nhận giải quyết", "Số hồ sơ đã giải quyết", "Số hồ sơ đang giải quyết"
FIELDS = (
    "Bảo trợ xã hội",
    "Chứng thực",
    "Đất đai",
    "Giáo dục và Đào tạo thuộc hệ thống giáo dục quốc dân",
    "Hộ tịch",
    "Người có công",
    "Giảm nghèo",
    "Thành lập và hoạt động của hộ kinh doanh",
)
GRID = (
    Column("TT", width=5),
    Column("Lĩnh vực giải quyết", width=34),
    *(Column(t, "count", IN) for t in ("Tổng số", "Trong kỳ, trực tuyến", "Trong kỳ, trực tiếp, bưu chính", "Từ kỳ trước")),
    *(Column(t, "count", DONE) for t in ("Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn")),
    *(Column(t, "count", OPEN) for t in ("Tổng số", "Trong hạn", "Quá hạn")),
)


def figure(name: str, number: int) -> Figure:
    return Figure(number, tuple(f"{name}-{n}" for n in range(number)))


def grid_report(kind: str = "ii06a") -> Report:
    rows = tuple(
        (str(n), name, *(figure(f"{n}.{place}", (n * 7 + place * 3) % 11) for place in range(2, 13)))
        for n, name in enumerate(FIELDS, 1)
    )
    total = ("", "Tổng số", *(figure(f"all.{place}", 40 + place) for place in range(2, 13)))
    days = Chart("Tiếp nhận theo ngày", tuple((f"{n:02}/10", figure(f"day{n}", n % 5)) for n in range(1, 32)))
    names = tuple((f"{name}, cấp bản sao và các việc liên quan đến hồ sơ ấy", figure(f"name{n}", n + 1)) for n, name in
                  enumerate(FIELDS))  # fmt: skip
    return Report(
        kind, "Tình hình, kết quả giải quyết thủ tục hành chính", "Biểu số II.06a/VPCP/KSTT",
        "Từ ngày 15/09/2026 đến ngày 14/12/2026", GRID, rows, total,
        notes=("Nơi nhận báo cáo cần xác nhận.",),
        checks=(Check("(3) = (7) + (11), mọi dòng", True), Check("(7) = (8) + (9) + (10), sai ở: Hộ tịch", False)),
        charts=(days, Chart("Thủ tục nhiều nhất", names), Chart("Không có gì", (("a", Figure(0)),))),
        summary=(("Nhận giải quyết", total[2]), ("Tỷ lệ đúng hạn", 87.5), ("Đã thu (đồng)", Figure(1_234_000, ("x",)))),
    )  # fmt: skip


class Maker(QObject):
    """Plays the surroundings. ``mode``: ``now`` answers inside the call, ``soon`` from the event loop, ``hold`` waits."""

    notice = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.mode, self.report = "now", grid_report()
        self.asked: list[tuple[str, Period]] = []
        self.cancelled: list[int] = []
        self.held: list[Any] = []
        self.saved: list[tuple[str, Path]] = []
        self.problems: list[Problem] = []
        self.notices: list[Any] = []
        self.notice.connect(self.notices.append)

    def now(self) -> datetime:
        return NOW

    def show_problem(self, problem: Problem) -> None:
        self.problems.append(problem)

    def make_report(self, kind: str, first: date, last: date, progress: Any, done: Any, failed: Any) -> Callable[[], None]:
        number = len(self.asked)
        self.asked.append((kind, Period(first, last)))
        if self.mode == "hold":
            self.held.append((progress, done, failed))
        elif self.mode == "soon":
            QTimer.singleShot(0, lambda: done(self.report))
        else:
            done(self.report)

        def cancel() -> None:
            self.cancelled.append(number)
            failed(Problem("cancelled"))

        return cancel

    def save_report(self, report: Report, kind_of_file: str, file: Path, done: Callable[[Path], None]) -> None:
        self.saved.append((kind_of_file, file))
        done(file)


class Screen:
    """The page in a window, with somebody at the keyboard."""

    def __init__(self, page: ReportsPage, window: QWidget, maker: Maker, hands: Hands) -> None:
        self.page, self.window, self.maker, self.hands = page, window, maker, hands
        self.opened: list[tuple[str, tuple[str, ...]]] = []
        page.dossiers_wanted.connect(lambda title, ids: self.opened.append((title, ids)))

    def press(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            self.hands.press(key, modifier)

    def make(self) -> None:
        self.page.focus_start()
        self.press(KEY.Key_Return)

    def show(self, part: QWidget) -> None:
        assert self.page.sheet is not None
        self.page.sheet.area.ensureWidgetVisible(part)
        QApplication.processEvents()

    @property
    def table(self) -> ReportTable:
        assert self.page.sheet is not None and self.page.sheet.table is not None
        return self.page.sheet.table

    @property
    def focus(self) -> QWidget | None:
        return QApplication.focusWidget()

    def said(self) -> str:
        return "\n".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisible())


def played(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Screen]:
    """The page as it stands in the window of 1366 × 768: rail, top bar and status bar leave so much."""
    theme.load_fonts()
    theme.apply(qapp, "light")
    ring = FocusRing(qapp)
    maker, window = Maker(), QWidget()
    window.resize(1270, 676)
    page = ReportsPage(maker, KINDS)  # type: ignore[arg-type]
    page.setParent(window)
    page.resize(window.size())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitExposed(window)
    page.focus_start()
    QApplication.processEvents()
    yield Screen(page, window, maker, Hands(lambda: window, tmp_path))
    ring.stop()
