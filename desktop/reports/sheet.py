"""A report that is made, on screen: its head with the ways to save it, headline numbers, charts, table, checks, notes."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.flow import FlowLayout
from desktop.reports.cards import Cards
from desktop.reports.charts import Bars, ChartCard, nothing_to_draw
from desktop.reports.states import no_figures
from desktop.reports.table import ReportTable
from desktop.reports.words import count
from desktop.widgets import Button, Elided, Glyph, Pill, column, frame, row, scrolling, text, tip
from forms.report import Check, Report

EMPTY = "Không có hồ sơ nào trong kỳ này"
_EMPTY_HINT = "Chọn kỳ khác ở trên; Alt+← là kỳ trước. Báo cáo trống vẫn lưu được."
_LONG_TITLE, _SHORT_CHECK = 46, 60
_KEYS_SHOWN = 860  # px of width from which the buttons name their keys
_TWO_CHARTS = 1100  # px of width from which two charts stand side by side


class Sheet(QWidget):
    """``opened(title, dossiers)`` on any figure; ``save_wanted(kind of file)``; ``left``: back to the kinds of reports."""

    opened = Signal(str, tuple)
    save_wanted = Signal(str)

    def __init__(self, report: Report, made_at: datetime, wide: bool = False) -> None:
        super().__init__()
        self.report = report
        self._savers: dict[str, Button] = {}
        box = column(self, gap=8)
        box.addLayout(self._head(report, made_at))
        content = QWidget()
        self._content = column(content, (4, 4, 14, 4), 8)
        self.cards: Cards | None = None
        self.charts: list[ChartCard] = []
        self.table: ReportTable | None = None
        self._charts = QGridLayout()
        self._charts.setSpacing(8)
        self._sections: list[Cards | Bars | ReportTable] = []
        for check in report.checks:
            if not check.holds:  # above all figures: whoever sees them sees this first
                self._content.addWidget(_wrong(check))
        if report.rows:
            self._fill(report, wide)
        else:
            nothing = no_figures(EMPTY, _EMPTY_HINT)
            nothing.setMinimumHeight(240)
            self._content.addWidget(nothing)
        self._foot(report)
        self._content.addStretch()
        self.area = scrolling(content)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        box.addWidget(self.area, 1)
        bar = self.area.verticalScrollBar()
        bar.valueChanged.connect(self._stick)
        bar.rangeChanged.connect(lambda _least, most: self._range_changed(most))
        bar.setSingleStep(32)

    def focus_first(self) -> None:
        """The first figure that opens something."""
        self._enter(0, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for words, button in self._savers.items():
            button.setText(words if self.width() >= _KEYS_SHOWN else words.partition(" ")[0])
        self._lay_charts()
        self._stick()

    def _head(self, report: Report, made_at: datetime) -> QVBoxLayout:
        head = column(margins=(4, 0, 14, 0), gap=2)
        title = text(report.title, "h1" if len(report.title) <= _LONG_TITLE else "h2", wrap=True)
        title.setObjectName("report.title")
        head.addWidget(title)
        line = row()
        if report.form:
            line.addWidget(Pill(report.form, "quiet"))
        rows = f" · {count(len(report.rows), 'dòng')}" if report.rows else ""
        made = f" · lập lúc {made_at:%H:%M %d/%m/%Y}"
        said = Elided("", "meta")
        short = f"{report.period} · lập {made_at:%H:%M %d/%m}"
        said.setText(report.period + rows + made, report.period + made, short, report.period)
        said.setObjectName("report.period")
        line.addWidget(said, 1)
        for kind, words, icon in (("xlsx", "XLSX (Ctrl+S)", "table"), ("pdf", "PDF (Ctrl+P)", "file-pdf")):
            button = Button(words, partial(self.save_wanted.emit, kind), icon=icon)
            button.setObjectName(f"report.{kind}")
            button.setToolTip(tip(f"Lưu thành tệp {words}"))
            self._savers[words] = button
            line.addWidget(button)
        head.addLayout(line)
        return head

    def _fill(self, report: Report, wide: bool) -> None:
        if report.summary:
            self.cards = Cards(report.summary)
            self.cards.opened.connect(self.opened)
            self._content.addWidget(self.cards)
        self._content.addLayout(self._charts)
        for chart in report.charts:
            if not nothing_to_draw(chart):
                self.charts.append(ChartCard(chart))
                self.charts[-1].bars.opened.connect(self.opened)
        self._lay_charts()
        self.table = ReportTable(report, wide)
        self.table.opened.connect(self.opened)
        self.table.reached.connect(self._show_part)
        self._content.addWidget(self.table)
        self._sections = [*(card.bars for card in self.charts), self.table]
        if self.cards is not None:
            self._sections.insert(0, self.cards)
        for place, section in enumerate(self._sections):
            section.left_at.connect(lambda way, p=place: self._enter(p + way, way))

    def _foot(self, report: Report) -> None:
        quiet = QWidget()
        flow = FlowLayout(quiet, 4)
        for check in (check for check in report.checks if check.holds and report.rows):
            if len(check.words) <= _SHORT_CHECK:
                flow.addWidget(_check(check))
            else:
                self._content.addWidget(_check(check))
        if flow.count():
            self._content.addWidget(quiet)
        notes = column(gap=2)
        for note in report.notes:
            notes.addLayout(_note(note))
        self._content.addLayout(notes)

    def _lay_charts(self) -> None:
        across = 2 if self.width() >= _TWO_CHARTS else 1
        for place, card in enumerate(self.charts):
            last_alone = place == len(self.charts) - 1 and place % across == 0
            self._charts.addWidget(card, place // across, place % across, 1, across if last_alone else 1)
        for place in range(2):
            self._charts.setColumnStretch(place, 1 if place < across else 0)

    def _enter(self, place: int, way: int) -> None:
        """The keyboard goes to a section; one that opens nothing is passed by."""
        while 0 <= place < len(self._sections):
            section = self._sections[place]
            target: QWidget = section
            if isinstance(section, Cards):
                target = next((card for card in section.cards if card.opens), section)
            if target.focusPolicy() != Qt.FocusPolicy.NoFocus or section is self.table:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                if section is not self.table:
                    self.area.ensureWidgetVisible(target, 0, 48)
                return
            place += way
        if way < 0:
            self.area.verticalScrollBar().setValue(0)

    def _stick(self) -> None:
        if self.table is not None:
            top = self.table.mapTo(self.area.viewport(), QPoint(0, 0)).y()
            self.table.stick(max(-top, 0), self.area.viewport().height() - top)

    def _range_changed(self, most: int) -> None:
        """What the scroll bar takes is left free without it: the same right edge under the same buttons."""
        self._content.setContentsMargins(4, 4, 4 if most else 14, 4)
        self._stick()

    def _show_part(self, top: int, bottom: int) -> None:
        content = self.area.widget()
        if self.table is None or content is None:
            return
        start = self.table.mapTo(content, QPoint(0, 0)).y()
        bar, room = self.area.verticalScrollBar(), self.area.viewport().height()
        if start + top < bar.value():
            bar.setValue(start + top)
        elif start + bottom > bar.value() + room:
            bar.setValue(start + bottom - room)


def _note(words: str) -> QHBoxLayout:
    """Small text behind a dot."""
    line = row(margins=(4, 0, 4, 0), gap=8)
    line.addWidget(text("·", "meta"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(text(words, "meta", wrap=True), 1)
    return line


def _check(check: Check) -> QWidget:
    """A sum that holds, quietly."""
    holder = QWidget()
    line = row(holder, (4, 0, 12, 0), 8)
    line.addWidget(Glyph("check-circle-fill", "green", 18))
    label = text(check.words, "panel", wrap=len(check.words) > _SHORT_CHECK)
    label.setObjectName("report.check")
    line.addWidget(label, 1)
    return holder


def _wrong(check: Check) -> QWidget:
    """A sum that does not hold, in red words."""
    holder = frame("alarm")
    line = row(holder, (14, 8, 14, 8), 10)
    line.addWidget(Glyph("x-circle-fill", "red", 20))
    label = text(f"Không khớp: {check.words}. Xem lại trước khi gửi.", "panelStrong", "red", True)
    label.setObjectName("report.check")
    line.addWidget(label, 1)
    return holder
