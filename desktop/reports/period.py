"""Which days a report covers: today, this week, month, quarter, reporting quarter, year, or from … to …; and one step back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QWidget

from desktop.fields.dates import DateField
from desktop.flow import FlowLayout
from desktop.widgets import Button, Elided, retone, row, text, tip
from forms.names import date_vn
from forms.report import Period

_QUARTERS = ("I", "II", "III", "IV")
_DAY = timedelta(days=1)
_EARLIEST = 2000  # nothing was received here before
_HINT = 240  # px for a sentence beside the days
FREE = "free"


@dataclass(frozen=True)
class Span:
    """A kind of period. ``of(today, steps)``: the one that today lies in, or ``steps`` (negative) before it. ``words`` name
    it while it is the present one, ``said`` any other; ``law``: where it comes from, when that is not the calendar, and the
    same in fewer words."""

    name: str
    words: str
    of: Callable[[date, int], Period]
    said: Callable[[Period], str]
    law: tuple[str, ...] = ("",)


def _month_start(number: int) -> date:
    """Months counted from the year 0."""
    return date(number // 12, number % 12 + 1, 1)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day(today: date, steps: int) -> Period:
    day = today + timedelta(days=steps)
    return Period(day, day)


def _week(today: date, steps: int) -> Period:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=steps)
    return Period(monday, monday + timedelta(days=6))


def _month(today: date, steps: int) -> Period:
    number = _month_number(today) + steps
    return Period(_month_start(number), _month_start(number + 1) - _DAY)


def _quarter(today: date, steps: int) -> Period:
    number = (_month_number(today) // 3 + steps) * 3
    return Period(_month_start(number), _month_start(number + 3) - _DAY)


def _reporting_quarter(today: date, steps: int) -> Period:
    """15th of the month before the quarter to 14th of its last month."""
    month = _month_number(today) + (1 if today.day >= 15 else 0)
    number = (month // 3 + steps) * 3
    return Period(_month_start(number - 1).replace(day=15), _month_start(number + 2).replace(day=14))


def _year(today: date, steps: int) -> Period:
    return Period(date(today.year + steps, 1, 1), date(today.year + steps, 12, 31))


def _quarter_of(period: Period) -> str:
    return f"{_QUARTERS[(period.last.month - 1) // 3]}/{period.last.year}"


SPANS = (
    Span("today", "Hôm nay", _day, lambda p: date_vn(p.first)),
    Span("week", "Tuần này", _week, lambda p: f"Tuần {p.first:%d/%m} – {p.last:%d/%m}"),
    Span("month", "Tháng này", _month, lambda p: f"Tháng {p.first.month}/{p.first.year}"),
    Span("quarter", "Quý này", _quarter, lambda p: f"Quý {_quarter_of(p)}"),
    Span(
        "reporting_quarter",
        "Kỳ báo cáo quý",
        _reporting_quarter,
        lambda p: f"Kỳ báo cáo quý {_quarter_of(p)}",
        ("Kỳ từ ngày 15 đến ngày 14 theo NĐ 09/2019/NĐ-CP, cần xác nhận", "NĐ 09/2019, cần xác nhận"),
    ),
    Span("year", "Năm nay", _year, lambda p: f"Năm {p.first.year}"),
)
_NAMES = (*(span.name for span in SPANS), FREE)


def read_day(iso: object) -> date | None:
    """What a date field holds, when it is a whole day."""
    try:
        return date.fromisoformat(str(iso or ""))
    except ValueError:
        return None


class PeriodBar(QWidget):
    """Chips, two date fields that always say which days, steps back and forth. ``chosen``: a period was picked whole, make
    it now; ``wanted``: the button. Days that are typed wait for the button (Enter, Enter)."""

    chosen = Signal()
    wanted = Signal()

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._name, self._steps = "month", 0
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(4, 0, 14, 0)
        self._box.setSpacing(8)
        self._box.addWidget(self._make_chips())
        self._box.addWidget(self._make_days(), 1)
        self.show_period("month", 0)

    def period(self) -> Period | None:
        """The days in the fields; None while they are none."""
        first, last = (read_day(field.value()) for field in self.fields)
        return Period(first, last) if first is not None and last is not None and first <= last else None

    @property
    def choice(self) -> tuple[str, int, Period | None]:
        """What :meth:`restore` takes."""
        return self._name, self._steps, self.period()

    def restore(self, choice: tuple[str, int, Period | None]) -> None:
        """Back to an earlier choice."""
        name, steps, period = choice
        if name != FREE:
            self.show_period(name, steps)
        elif period is not None:
            self._fill(period)
            self._mark(FREE, 0)

    def choose(self, name: str) -> None:
        """A chip: the present period of that kind, at once; or the fields, for days of one's own."""
        if name == FREE:
            self._mark(FREE, 0)
            self.fields[0].setFocus()
        else:
            self.show_period(name, 0)
            self.chosen.emit()

    def choose_nth(self, number: int) -> None:
        """Alt+1 … Alt+7."""
        self.choose(_NAMES[number])

    def step(self, by: int) -> None:
        """The period before or after; never one that has not begun."""
        span, steps = self._span(), self._steps + by
        if span is not None and steps <= 0 and span.of(self._now().date(), steps).first.year >= _EARLIEST:
            self.show_period(span.name, steps)
            self.chosen.emit()

    def renew(self) -> None:
        """Another day may have begun since."""
        self.show_period(self._name, self._steps)

    def show_period(self, name: str, steps: int) -> None:
        """Choose without making anything."""
        self._mark(name, steps)
        span = self._span()
        if span is not None:
            self._fill(span.of(self._now().date(), steps))
            self._say(span.law[0], "", *span.law[1:])

    def trouble(self) -> str:
        """Why there is no period, in words; the first wrong field takes the keyboard."""
        for field in self.fields:
            if read_day(field.value()) is None:
                field.setFocus()
                return self._say("Chưa đúng ngày. Gõ như 23/11/2026.", "amber")
        self.fields[1].setFocus()
        return self._say("Ngày cuối phải sau ngày đầu.", "amber")

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """One line where there is room for chips, days and what is to be said of them; else two."""
        chips = sum(chip.sizeHint().width() + 6 for chip in self.chips.values())
        wide = self.width() >= chips + self._days.sizeHint().width() + _HINT
        self._chips.setMinimumWidth(chips if wide else 0)
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _span(self) -> Span | None:
        return next((span for span in SPANS if span.name == self._name), None)

    def _make_chips(self) -> QWidget:
        self._chips = QWidget()
        flow = FlowLayout(self._chips, 6)
        flow.setContentsMargins(0, 2, 0, 2)
        self._group = QButtonGroup(self)
        self.chips: dict[str, Button] = {}
        for number, name in enumerate(_NAMES, 1):
            chip = Button("Từ … đến …", partial(self.choose, name), "chip")
            chip.setCheckable(True)
            chip.setObjectName(f"period.{name}")
            chip.setToolTip(f"Alt+{number}")
            self._group.addButton(chip)
            self.chips[name] = chip
            flow.addWidget(chip)
        return self._chips

    def _make_days(self) -> QWidget:
        self._days = QWidget()
        line = row(self._days, gap=6)
        self.fields = [
            DateField(("period", name), {"title": title, "x-kind": "date"}, True)
            for name, title in (("first", "Từ ngày"), ("last", "Đến ngày"))
        ]
        for field in self.fields:
            field.label.hide()
            field.setFixedSize(QSize(118, 36))
            field.changed.connect(self._typed)
        self.back = Button("", lambda: self.step(-1), "link", "caret-left")
        self.on = Button("", lambda: self.step(1), "link", "caret-right")
        for button, words, key in ((self.back, "Kỳ trước", "Alt+←"), (self.on, "Kỳ sau", "Alt+→")):
            button.setFixedWidth(38)
            button.setAccessibleName(words)
            button.setToolTip(tip(f"{words} ({key})"))
        self._hint = Elided("", "meta")
        self._hint.setObjectName("period.hint")
        make = Button("Lập báo cáo", self.wanted.emit, "primary")
        make.setObjectName("report.make")
        dash = text("–", "soft")
        for widget in (self.back, self.fields[0], dash, self.fields[1], self.on, make):
            line.addWidget(widget)
        line.addSpacing(4)
        line.addWidget(self._hint, 1)
        return self._days

    def _typed(self) -> None:
        self._mark(FREE, 0)
        self._say("Enter để lập." if self.period() else "", "")

    def _fill(self, period: Period) -> None:
        for field, day in zip(self.fields, (period.first, period.last), strict=True):
            field.set_value(day.isoformat())

    def _mark(self, name: str, steps: int) -> None:
        self._name, self._steps = name, steps
        self.chips[name].setChecked(True)
        today = self._now().date()
        for span in SPANS:
            gone = span.name == name and steps
            self.chips[span.name].setText(span.said(span.of(today, steps)) if gone else span.words)
        self.back.setEnabled(name != FREE)
        self.on.setEnabled(name != FREE and steps < 0)
        self._arrange()
        self._say("", "")

    def _say(self, words: str, tone: str, *shorter: str) -> str:
        self._hint.setText(words, *shorter)
        retone(self._hint, tone=tone)
        return words
