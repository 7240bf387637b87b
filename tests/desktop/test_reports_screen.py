"""F7: a kind, a period, a report; every figure opens its dossiers. The maker is played; no store is needed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QToolTip
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop import theme
from desktop.reports import words
from desktop.reports.cards import FigureCard
from desktop.reports.charts import Bars, ChartCard, Columns, Lying, draw
from desktop.reports.page import ReportsPage
from desktop.reports.sheet import EMPTY
from desktop.reports.states import Progress
from forms.problem import Problem
from forms.report import Chart, Period
from forms.reports import KINDS as REAL_KINDS
from tests.desktop.reports_played import ALT, CTRL, DONE, FIELDS, IN, KEY, Maker, Screen, figure, grid_report, played
from tests.desktop.test_layout import cut


@pytest.fixture
def screen(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Screen]:
    yield from played(qtbot, qapp, tmp_path)


def test_a_figure_of_the_table_opens_its_dossiers(screen: Screen) -> None:
    screen.make()
    body = screen.table.body
    body.setFocus()
    body.setCurrentIndex(body.model().index(4, 9))
    cell = screen.maker.report.rows[4][9]
    screen.press(KEY.Key_Return)
    assert screen.opened == [("Hộ tịch – Số hồ sơ đã giải quyết: Quá hạn", words.behind(cell))]
    screen.press(KEY.Key_Home)
    screen.press(KEY.Key_Return, KEY.Key_Space)  # a number of the row opens nothing
    assert len(screen.opened) == 1


def test_a_click_on_a_figure_opens_it_and_one_on_a_text_does_not(screen: Screen) -> None:
    screen.make()
    body = screen.table.body
    for place in (1, 2):
        spot = body.visualRect(body.model().index(1, place)).center()
        QTest.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert screen.opened == [(f"Chứng thực – {IN}: Tổng số", words.behind(screen.maker.report.rows[1][2]))]
    QTest.mouseMove(body.viewport(), spot)
    assert body.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_the_total_line_is_one_row_below_the_last(screen: Screen) -> None:
    screen.make()
    body, foot = screen.table.body, screen.table.foot
    body.setFocus()
    body.setCurrentIndex(body.model().index(len(FIELDS) - 1, 7))
    screen.press(KEY.Key_Down)
    assert screen.focus is foot
    screen.press(KEY.Key_Return)
    assert screen.opened == [(f"Tổng số – {DONE}: Trước hạn", words.behind(screen.maker.report.total[7]))]
    screen.press(KEY.Key_Up)
    assert screen.focus is body
    assert body.currentIndex().row() == len(FIELDS) - 1


def test_a_card_opens_its_dossiers_by_key_and_click(screen: Screen) -> None:
    screen.make()
    cards = screen.window.findChildren(FigureCard)
    assert [card.number for card in cards] == ["42", "87,5\u00a0%", "1.234.000"]
    screen.press(KEY.Key_Right)
    assert screen.focus is cards[0]
    screen.press(KEY.Key_Return)
    screen.press(KEY.Key_Right)  # over the one that opens nothing
    assert screen.focus is cards[2]
    QTest.mouseClick(cards[2], Qt.MouseButton.LeftButton)
    QTest.mouseClick(cards[1], Qt.MouseButton.LeftButton)
    assert screen.opened == [("Nhận giải quyết", words.behind(screen.maker.report.total[2])), ("Đã thu (đồng)", ("x",))]


def charts(screen: Screen) -> list[ChartCard]:
    assert screen.page.sheet is not None
    return screen.page.sheet.charts


def test_a_bar_opens_its_dossiers_by_key_and_click(screen: Screen) -> None:
    screen.make()
    days, names = (card.bars for card in charts(screen))  # the chart of noughts is not drawn
    assert isinstance(days, Columns) and isinstance(names, Lying)
    days.setFocus()
    screen.press(KEY.Key_Right, KEY.Key_Right, KEY.Key_Return)
    assert "03/10: 3\u00a0hồ sơ" in screen.said()
    assert days.accessibleName().endswith("03/10: 3\u00a0hồ sơ, 3 trên 31")
    screen.press(KEY.Key_Right, KEY.Key_Right, KEY.Key_Return)  # 05/10 has none
    spot = names.slot(4).center().toPoint()
    screen.show(names)
    QTest.mouseMove(names, spot)
    QApplication.processEvents()
    assert names.lit(4)
    QTest.mouseClick(names, Qt.MouseButton.LeftButton, pos=spot)
    title = f"Thủ tục nhiều nhất: {names.bars[4][0]}"
    assert screen.opened == [
        ("Tiếp nhận theo ngày: 03/10", words.behind(days.bars[2][1])),
        (title, words.behind(names.bars[4][1])),
    ]
    names.setFocus()
    screen.press(KEY.Key_Home, KEY.Key_Down, KEY.Key_End)
    assert names.current == len(names.bars) - 1


def test_arrows_walk_through_the_report_and_escape_leads_back(screen: Screen) -> None:
    screen.make()
    days, names = (card.bars for card in charts(screen))
    screen.press(KEY.Key_Right, KEY.Key_Down)
    assert screen.focus is days
    screen.press(KEY.Key_Down)
    assert screen.focus is names
    screen.press(KEY.Key_End, KEY.Key_Down)
    assert screen.focus is screen.table.body
    screen.press(KEY.Key_Up, KEY.Key_Home, KEY.Key_Up, KEY.Key_Up)
    assert isinstance(screen.focus, FigureCard)
    screen.press(KEY.Key_Escape)
    assert screen.focus is screen.page.kinds
    screen.press(KEY.Key_Tab, modifier=CTRL)
    assert isinstance(screen.focus, FigureCard)
    screen.press(KEY.Key_Tab, modifier=CTRL)
    assert screen.focus is screen.page.kinds


def test_many_bars_and_tool_tips(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    many = Chart("Nhiều", tuple((f"Một thủ tục có tên dài, số {n}", figure(str(n), 1)) for n in range(33)))
    year = Chart("Năm", tuple((f"{n:03}", figure(str(n), n)) for n in range(366)))
    screen.maker.report = replace(grid_report(), charts=(many, year))
    screen.make()
    assert "và 13 dòng nữa trong bảng" in screen.said()
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _where, words, _widget: said.append(words))
    for bars, number in zip((card.bars for card in charts(screen)), (20, 366), strict=True):
        assert len(bars.bars) == number
        spot = bars.slot(3).center().toPoint()
        QApplication.sendEvent(bars, QHelpEvent(QHelpEvent.Type.ToolTip, spot, bars.mapToGlobal(spot)))
    assert said == ["Một thủ tục có tên dài, số 3: 1\u00a0hồ sơ", "003: 3\u00a0hồ sơ"]
    assert isinstance(draw(Chart("Trống", ())), Bars)


# Work, cancelling, failing


def progress_shown(screen: Screen) -> bool:
    return screen.page.findChildren(Progress)[0].isVisible()


def test_work_shows_itself_only_after_a_while_with_a_count_and_a_way_out(screen: Screen, qtbot: QtBot) -> None:
    screen.maker.mode = "hold"
    screen.make()
    assert not progress_shown(screen)
    qtbot.waitUntil(lambda: progress_shown(screen), timeout=1000)
    assert "Đang tìm hồ sơ" in screen.said()
    progress, done, _failed = screen.maker.held[0]
    progress(1240, 3000)
    assert "Đã đọc 1.240 trên 3.000 hồ sơ" in screen.said()
    done(screen.maker.report)
    assert not progress_shown(screen)
    assert screen.page.sheet is not None and screen.page.sheet.isVisible()


def test_quick_work_shows_nothing_of_itself(screen: Screen, qtbot: QtBot) -> None:
    screen.maker.mode = "soon"
    screen.make()
    qtbot.waitUntil(lambda: screen.page.sheet is not None, timeout=1000)
    qtbot.wait(200)
    assert not progress_shown(screen)


def test_escape_gives_up_and_late_answers_count_for_nothing(screen: Screen, qtbot: QtBot) -> None:
    screen.maker.mode = "hold"
    screen.make()
    qtbot.waitUntil(lambda: progress_shown(screen), timeout=1000)
    screen.press(KEY.Key_Escape)
    assert screen.maker.cancelled == [0]
    assert "Đã thôi lập báo cáo" in screen.said()
    assert screen.page.kinds.shown == ""
    screen.maker.held[0][1](screen.maker.report)
    assert screen.page.sheet is None
    assert screen.maker.problems == []


def test_giving_up_goes_back_to_the_report_before_with_its_period(screen: Screen) -> None:
    screen.make()
    sheet, screen.maker.mode = screen.page.sheet, "hold"
    screen.press(KEY.Key_Down, KEY.Key_Return)
    screen.press(KEY.Key_6, modifier=ALT)
    assert screen.maker.cancelled == [1]  # another wish in its place
    assert screen.page.kinds.shown == "daily"
    screen.hands.find("report.cancel").click()  # type: ignore[attr-defined]
    assert screen.maker.cancelled == [1, 2]
    assert screen.page.sheet is sheet and sheet.isVisible()
    assert screen.page.kinds.shown == "ii06a"
    assert screen.page.period.period() == Period(date(2026, 11, 1), date(2026, 11, 30))


def test_an_answer_after_the_desk_has_gone_is_dropped(screen: Screen, qtbot: QtBot) -> None:
    screen.maker.mode = "hold"
    screen.make()
    screen.page.setParent(None)
    screen.page.deleteLater()
    qtbot.waitUntil(lambda: not isValid(screen.page), timeout=1000)
    for answer in screen.maker.held[0]:
        answer(*((1, 2) if answer is screen.maker.held[0][0] else (screen.maker.report,)))


def test_a_problem_is_told_and_nothing_is_lost(screen: Screen) -> None:
    screen.maker.mode = "hold"
    screen.make()
    screen.maker.held[0][2](Problem("file_unwritable"))
    assert [p.code for p in screen.maker.problems] == ["file_unwritable"]
    assert "Chưa lập được báo cáo" in screen.said()
    screen.maker.mode = "now"
    screen.press(KEY.Key_Return)
    assert screen.page.sheet is not None and screen.page.sheet.isVisible()


def test_a_report_without_rows_says_so_and_can_be_saved(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.maker.report = replace(grid_report(), rows=(), total=(), checks=())
    screen.make()
    assert EMPTY in screen.said()
    screen.press(KEY.Key_Right)
    assert screen.focus is screen.page.kinds
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: ("/tmp/x.pdf", ""))
    screen.press(KEY.Key_P, modifier=CTRL)
    assert screen.maker.saved == [("pdf", Path("/tmp/x.pdf"))]


def test_checks_and_notes_are_said(screen: Screen) -> None:
    screen.make()
    said = screen.said()
    assert "(3) = (7) + (11), mọi dòng" in said
    assert "Không khớp: (7) = (8) + (9) + (10), sai ở: Hộ tịch. Xem lại trước khi gửi." in said
    wrong = [w for w in screen.window.findChildren(QLabel, "report.check") if w.property("tone") == "red"]
    assert len(wrong) == 1
    cards = screen.window.findChildren(FigureCard)
    assert wrong[0].mapTo(screen.window, QPoint(0, 0)).y() < cards[0].mapTo(screen.window, QPoint(0, 0)).y()
    assert "Nơi nhận báo cáo cần xác nhận." in said


# Saving


def test_saving_asks_where_with_a_name_that_tells_kind_and_period(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def choose(*arguments: Any) -> tuple[str, str]:
        asked.append(arguments[1:])
        return f"/tmp/báo cáo/{len(asked)}", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    screen.press(KEY.Key_S, modifier=CTRL)
    assert asked == [] and "Chưa có báo cáo" in screen.maker.notices[-1].words
    screen.make()
    screen.press(KEY.Key_S, modifier=CTRL)
    assert Path(asked[-1][1]).name == "ii06a-2026-11-01-den-2026-11-30.xlsx"
    screen.press(KEY.Key_1, modifier=ALT)
    screen.hands.find("report.pdf").click()  # type: ignore[attr-defined]
    assert Path(asked[-1][1]) == Path("/tmp/báo cáo/ii06a-2026-11-23.pdf")  # the folder of the last time
    assert screen.maker.saved == [("xlsx", Path("/tmp/báo cáo/1.xlsx")), ("pdf", Path("/tmp/báo cáo/2.pdf"))]
    assert "2.pdf" in screen.maker.notices[-1].words


def test_a_file_that_nobody_agreed_to_lose_stays(screen: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("cũ")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(tmp_path / "x"), ""))
    screen.make()
    screen.press(KEY.Key_S, modifier=CTRL)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(tmp_path / "x.xlsx"), ""))  # asked and agreed
    screen.press(KEY.Key_S, modifier=CTRL)
    assert [file.name for _kind, file in screen.maker.saved] == ["x (2).xlsx", "x.xlsx"]


def test_a_dialog_that_is_closed_saves_nothing(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: ("", ""))
    screen.make()
    screen.press(KEY.Key_S, modifier=CTRL)
    assert screen.maker.saved == []


# Looks


@pytest.mark.parametrize("size", [(1029, 522), (1270, 676), (1824, 988)])
@pytest.mark.parametrize("name", theme.THEMES)
def test_nothing_is_cut_in_any_theme(screen: Screen, qapp: QApplication, size: tuple[int, int], name: str) -> None:
    theme.apply(qapp, name)
    screen.window.resize(*size)
    screen.page.resize(*size)
    screen.make()
    screen.hands.look("report")
    assert cut(screen.window) == []
    theme.apply(qapp, "light")


def test_every_kind_of_report_has_a_name_that_fits(qtbot: QtBot) -> None:
    page = ReportsPage(Maker())  # type: ignore[arg-type]
    qtbot.addWidget(page)
    assert page.kinds.count() == len(REAL_KINDS)
    assert page.kinds.title("ii06a") == REAL_KINDS["ii06a"]
