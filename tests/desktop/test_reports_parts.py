"""Parts of F7: periods, cells, the table."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.reports import heading, words
from desktop.reports.period import FREE, SPANS
from desktop.reports.table import ReportModel
from forms.report import Column, Figure, Period, Report
from tests.desktop.reports_played import ALT, DONE, GRID, IN, KEY, OPEN, ROLE, Screen, grid_report, played


@pytest.fixture
def screen(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Screen]:
    yield from played(qtbot, qapp, tmp_path)


# Kinds and periods by keyboard


def test_arrows_move_among_the_kinds_and_enter_makes_one(screen: Screen) -> None:
    assert "Chưa lập báo cáo nào" in screen.said()
    screen.press(KEY.Key_Down, KEY.Key_Down, KEY.Key_Up)
    assert screen.maker.asked == []
    screen.press(KEY.Key_Return)
    assert screen.maker.asked == [("daily", Period(date(2026, 11, 1), date(2026, 11, 30)))]
    assert screen.page.kinds.shown == "daily"
    assert "Tình hình, kết quả" in screen.said()
    assert "lập lúc 10:20 23/11/2026" in screen.said()
    assert screen.focus is screen.page.kinds


PERIODS = {
    KEY.Key_1: ("today", date(2026, 11, 23), date(2026, 11, 23)),
    KEY.Key_2: ("week", date(2026, 11, 23), date(2026, 11, 29)),
    KEY.Key_3: ("month", date(2026, 11, 1), date(2026, 11, 30)),
    KEY.Key_4: ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
    KEY.Key_5: ("reporting_quarter", date(2026, 9, 15), date(2026, 12, 14)),
    KEY.Key_6: ("year", date(2026, 1, 1), date(2026, 12, 31)),
}


@pytest.mark.parametrize("key", PERIODS, ids=lambda key: PERIODS[key][0])
def test_alt_and_a_digit_choose_the_period_and_what_is_shown_follows(screen: Screen, key: Qt.Key) -> None:
    screen.press(key, modifier=ALT)
    assert screen.maker.asked == []  # nothing unasked before the first report
    screen.make()
    name, first, last = PERIODS[key]
    assert screen.maker.asked == [("ii06a", Period(first, last))]
    assert screen.page.period.chips[name].isChecked()
    other = KEY.Key_1 if key != KEY.Key_1 else KEY.Key_2
    screen.press(other, modifier=ALT)
    assert screen.maker.asked[-1] == ("ii06a", Period(*PERIODS[other][1:]))


def test_the_period_before_says_which_it_is(screen: Screen) -> None:
    screen.make()
    screen.press(KEY.Key_Left, KEY.Key_Left, modifier=ALT)
    assert screen.maker.asked[-1][1] == Period(date(2026, 9, 1), date(2026, 9, 30))
    assert screen.page.period.chips["month"].text() == "Tháng 9/2026"
    screen.press(KEY.Key_Right, KEY.Key_Right, KEY.Key_Right, modifier=ALT)
    assert screen.maker.asked[-1][1] == Period(date(2026, 11, 1), date(2026, 11, 30))
    assert screen.page.period.chips["month"].text() == "Tháng này"
    screen.press(KEY.Key_5, modifier=ALT)
    screen.press(KEY.Key_Left, modifier=ALT)
    assert screen.page.period.chips["reporting_quarter"].text() == "Kỳ báo cáo quý III/2026"
    assert "cần xác nhận" in screen.said()


def test_arrows_go_through_the_chips(screen: Screen) -> None:
    screen.page.period.chips["month"].setFocus()
    screen.press(KEY.Key_Right)
    assert screen.page.period.chips["quarter"].isChecked()
    assert screen.page.period.period() == Period(date(2026, 10, 1), date(2026, 12, 31))


def test_days_of_ones_own_are_typed_and_made_with_enter(screen: Screen) -> None:
    screen.press(KEY.Key_7, modifier=ALT)
    assert screen.focus is not None and screen.focus.objectName() == "period.first"
    screen.focus.selectAll()  # type: ignore[attr-defined]
    screen.hands.enter("5112026")
    screen.focus.selectAll()  # type: ignore[attr-defined]
    screen.hands.enter("9/11/26")
    assert screen.maker.asked == []
    assert screen.focus.objectName() == "report.make"
    screen.press(KEY.Key_Return)
    assert screen.maker.asked == []  # 5112026 is no day
    assert "Chưa đúng ngày" in screen.said()
    assert screen.focus.objectName() == "period.first"
    screen.focus.selectAll()  # type: ignore[attr-defined]
    screen.hands.enter("10/11/2026")
    screen.press(KEY.Key_Return, KEY.Key_Return)
    assert "Ngày cuối phải sau ngày đầu" in screen.said()
    screen.focus.selectAll()  # type: ignore[attr-defined]
    screen.hands.enter("12.11.2026")
    screen.press(KEY.Key_Return)
    assert screen.maker.asked == [("ii06a", Period(date(2026, 11, 10), date(2026, 11, 12)))]
    assert screen.page.period.choice[0] == FREE


DAYS = st.dates(date(2001, 1, 1), date(2200, 12, 31))


@given(today=DAYS, steps=st.integers(-9, 0))
def test_periods_hold_today_and_follow_one_another_without_gap(today: date, steps: int) -> None:
    for span in SPANS:
        now, before, it = span.of(today, 0), span.of(today, steps - 1), span.of(today, steps)
        assert now.first <= today <= now.last
        assert before.first <= before.last
        assert before.last + timedelta(days=1) == it.first
        assert span.of(it.last, 0) == it


@given(today=DAYS)
def test_a_reporting_quarter_runs_from_the_15th_to_the_14th(today: date) -> None:
    span = next(s for s in SPANS if s.name == "reporting_quarter")
    it = span.of(today, 0)
    assert (it.first.day, it.last.day) == (15, 14)
    assert it.last.month % 3 == 0
    months = (it.last.year - it.first.year) * 12 + it.last.month - it.first.month
    assert months == 3
    assert 89 <= (it.last - it.first).days < 92


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        ("2026-12-14", "2026-09-15", "2026-12-14"),
        ("2026-12-15", "2026-12-15", "2027-03-14"),
        ("2027-01-01", "2026-12-15", "2027-03-14"),
        ("2027-03-15", "2027-03-15", "2027-06-14"),
        ("2028-02-29", "2027-12-15", "2028-03-14"),
    ],
)
def test_reporting_quarters_by_the_calendar(today: str, first: str, last: str) -> None:
    span = next(s for s in SPANS if s.name == "reporting_quarter")
    assert span.of(date.fromisoformat(today), 0) == Period(date.fromisoformat(first), date.fromisoformat(last))


# Cells


@pytest.mark.parametrize(
    ("kind", "cell", "shown", "right"),
    [
        ("text", "Hộ tịch", "Hộ tịch", False),
        ("text", None, "", False),
        ("count", 1234567, "1.234.567", True),
        ("count", Figure(12, ("a",)), "12", True),
        ("count", Figure(0), "–", True),
        ("count", 0, "–", True),
        ("count", 2.5, "2,5", True),
        ("count", 0.0, "0", True),  # half of all took no day: that is something
        ("count", None, "", True),
        ("count", "không đếm", "không đếm", True),
        ("money", 1234000, "1.234.000\u00a0đ", True),
        ("money", Figure(-8000, ("a",)), "-8.000\u00a0đ", True),
        ("money", Figure(0, ("a", "b")), "0\u00a0đ", True),  # it came and went
        ("money", 0, "–", True),
        ("percent", 87.5, "87,5\u00a0%", True),
        ("percent", 100.0, "100\u00a0%", True),
        ("percent", 0.0, "0\u00a0%", True),
        ("percent", None, "", True),
        ("day", "2026-11-23", "23/11/2026", False),
        ("day", "2026-11-23T09:16:00+07:00", "23/11/2026", False),
        ("day", "chưa hẹn", "chưa hẹn", False),
        ("day", None, "", False),
        ("moment", "2026-11-23T09:16:00+07:00", "09:16 23/11/2026", False),
        ("moment", None, "", False),
    ],
)
def test_a_cell_of_every_kind_in_the_model(kind: Any, cell: Any, shown: str, right: bool) -> None:
    model = ReportModel()
    model.show_rows((Column("Cột", kind, "Nhóm"),), ((cell,),))
    index = model.index(0, 0)
    assert index.data(ROLE.DisplayRole) == shown
    assert index.data(ROLE.UserRole) == cell
    assert bool(Qt.AlignmentFlag(index.data(ROLE.TextAlignmentRole)) & Qt.AlignmentFlag.AlignRight) is right
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Nhóm: Cột"
    spoken = index.data(ROLE.AccessibleTextRole)
    assert spoken.startswith("Nhóm: Cột: ") and "–" not in spoken
    tip = index.data(ROLE.ToolTipRole)
    assert tip == (f"Mở {len(cell.dossiers)}\u00a0hồ sơ" if words.behind(cell) else shown if kind == "text" else None)


def test_headline_numbers_and_names_of_figures() -> None:
    assert [words.card(c) for c in (Figure(1234, ()), 0, None, 87.5, "tốt")] == ["1.234", "0", "–", "87,5\u00a0%", "tốt"]
    report = grid_report()
    assert words.title_of(report, report.rows[4], 9) == "Hộ tịch – Số hồ sơ đã giải quyết: Quá hạn"
    assert words.title_of(report, report.total, 2) == "Tổng số – Số hồ sơ nhận giải quyết: Tổng số"
    cash = (Column("Ngày", "day"), Column("Cán bộ"), Column("Ca"), Column("Tiền mặt", "money", "Đã thu"))
    line = ("2026-11-23", "Lý Thị Mẩy", "Sáng", 8000)
    assert words.name_of(cash, line) == "23/11/2026, Lý Thị Mẩy, Sáng"


def test_neighbours_of_one_group_share_a_heading() -> None:
    assert heading.groups(GRID) == [(2, 4, IN), (6, 4, DONE), (10, 3, OPEN)]
    assert heading.edges(GRID) == {2, 6, 10}
    a, b, none = Column("x", group="A"), Column("y", group="B"), Column("z")
    assert heading.groups((none, a, none, a, a, b)) == [(1, 1, "A"), (3, 2, "A"), (5, 1, "B")]
    assert heading.groups(()) == []
    assert heading.widths((), (), (), 900) == []


# The table


@pytest.mark.parametrize("room", [970, 1500])
def test_the_grid_of_thirteen_columns_fits(screen: Screen, room: int) -> None:
    report = grid_report()
    given = heading.widths(report.columns, report.rows, report.total, room)
    assert sum(given) == room
    assert min(given) >= 40


def test_in_the_window_the_grid_needs_no_scrolling_sideways(screen: Screen) -> None:
    screen.make()
    assert screen.table.width() > 940
    assert not screen.table.bar.isVisible()
    assert screen.table.body.columnWidth(2) > 40


def test_a_wide_table_scrolls_sideways_with_its_heading_and_total(screen: Screen) -> None:
    text = "một chữ dài " * 12
    columns = tuple(Column(f"Cột {n}", group="Nhóm" if n > 5 else "") for n in range(14))
    screen.maker.report = replace(grid_report(), columns=columns, rows=((text,) * 14,), total=(text,) * 14, charts=())
    screen.make()
    table = screen.table
    assert table.bar.isVisible()
    table.bar.setValue(120)
    assert table.body.horizontalScrollBar().value() == table.foot.horizontalScrollBar().value() == 120
    assert table.heading.left_of(0) == -120
    table.body.setFocus()
    screen.press(*[KEY.Key_Right] * 13)
    assert table.bar.value() == table.bar.maximum()


def test_heading_and_total_stay_in_view_while_rows_pass(screen: Screen) -> None:
    screen.maker.report = replace(grid_report(), rows=grid_report().rows * 12)
    screen.make()
    assert screen.page.sheet is not None
    area, table = screen.page.sheet.area, screen.table
    for place in (0.4, 0.6, 0.8):
        area.verticalScrollBar().setValue(round(area.verticalScrollBar().maximum() * place))
        QApplication.processEvents()
        top = table.heading.mapTo(area.viewport(), QPoint(0, 0)).y()
        low = table.foot.mapTo(area.viewport(), QPoint(0, table.foot.height())).y()
        assert 0 <= top <= 1
        assert abs(low - area.viewport().height()) <= 3
    table.body.setFocus()
    screen.press(KEY.Key_PageDown, KEY.Key_PageDown, KEY.Key_PageDown)
    cell = table.body.visualRect(table.body.currentIndex())
    seen = table.body.viewport().mapTo(area.viewport(), cell.topLeft()).y()
    assert table.heading.height() <= seen + 1
    assert seen + cell.height() <= area.viewport().height() - table.foot.height() + 2


def test_three_thousand_rows_are_shown_at_once(screen: Screen) -> None:
    columns = (Column("TT"), Column("Mã hồ sơ"), Column("Thủ tục"), *GRID[2:], Column("Nhận", "day"))
    rows = tuple(
        (str(n), f"H38.27.09-261123-{n:04}", "Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan có thẩm quyền cấp",
         *(Figure(n % 7, (f"d{n}",)) for _ in range(11)), "2026-11-23")
        for n in range(3000)
    )  # fmt: skip
    screen.maker.report = Report("register", "Sổ theo dõi hồ sơ", "", "Năm 2026", columns, rows)
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        screen.make()
        screen.window.grab()
        taken.append(time.perf_counter() - start)
    assert screen.table.body.model().rowCount() == 3000
    assert min(taken) < 0.2, taken


@pytest.mark.parametrize("room", [500, 984, 1478])
def test_a_few_numbers_are_not_torn_apart(screen: Screen, room: int) -> None:
    columns = (Column("Ngày", "day"), *(Column(title, "count") for title in ("Tiếp nhận", "Đã giải quyết", "Đã trả kết quả")))
    rows = (("2026-10-01", 10, 7, 6),)
    given = heading.widths(columns, rows, (), room)
    assert sum(given) == room if room < 1000 else 500 < sum(given) < 1200
