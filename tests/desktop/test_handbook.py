"""F6: found by what people say, read, turned, printed and received by keyboard."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop import theme
from desktop.handbook.article import Article
from desktop.handbook.finder import Finder
from desktop.handbook.index import Index
from desktop.handbook.page import HandbookPage
from desktop.widgets import Button
from forms.catalogue import Catalogue
from forms.handbook import guide
from forms.pack import write_packs
from forms.portal_records import import_records
from sync import paperwork
from tests.desktop.conftest import Sitting
from tests.desktop.test_layout import cut
from tests.desktop.test_reception import focus
from tests.forms.portal_samples import portal

KEY, NONE, CONTROL, ALT = (
    Qt.Key,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[None]:
    theme.load_fonts()
    theme.apply(qapp, "light")
    yield
    qapp.setStyleSheet("")


def opened(one: Sitting) -> HandbookPage:
    one.hands.press(KEY.Key_F6)
    assert one.app.window.desk is not None
    return one.app.window.desk.handbook


def said(page: HandbookPage) -> str:
    return "\n".join(label.text() for label in page.article.findChildren(QLabel) if label.isVisibleTo(page))


def checked(one: Sitting, name: str) -> bool:
    chip = one.hands.find(name)
    return isinstance(chip, Button) and chip.isChecked()


def wait_for(one: Sitting, title: str) -> None:
    one.hands.wait(lambda: one.app.window.findChild(QLabel, "handbook_title") and one.text("handbook_title") == title, what=title)


def test_from_the_search_to_the_printed_sheet_without_a_mouse(
    sitting: Callable[[], Sitting], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    draw = paperwork.guidance
    monkeypatch.setattr(paperwork, "guidance", lambda counter, line: asked.append(line) or draw(counter, line))  # type: ignore[func-returns-value]
    one = sitting()
    page = opened(one)
    assert focus() == "handbook_search"
    assert "Chọn một thủ tục" in one.text("handbook_empty")
    one.hands.press(KEY.Key_P, CONTROL)
    one.hands.type("giay doc than")
    wait_for(one, "Xác nhận tình trạng hôn nhân")
    one.hands.press(KEY.Key_Down)
    assert focus() == "handbook_list"
    one.hands.press(KEY.Key_Return)
    assert focus() == "handbook.case.lan_dau"
    one.hands.press(KEY.Key_Right)
    assert focus() == "handbook.case.da_ly_hon_hoac_goa"
    assert "Bản án, quyết định ly hôn" in said(page)
    one.hands.press(KEY.Key_Tab)
    assert focus() == "handbook.channel.1"
    one.hands.press(KEY.Key_Right)
    assert "Khai ngay trên Cổng Dịch vụ công" in said(page)
    one.hands.press(KEY.Key_P, CONTROL)
    one.hands.wait(lambda: list(one.prints.glob("huong-dan*.pdf")), what="the sheet")
    (file,) = one.prints.glob("*.pdf")
    sheet = pypdfium2.PdfDocument(file)
    assert tuple(round(side / 72 * 25.4) for side in sheet[0].get_size()) == (148, 210)
    sheet.close()
    assert asked == [{"procedure": "1.004873", "case": "da_ly_hon_hoac_goa", "channel": "2"}]


def test_typing_in_the_list_goes_on_in_the_search(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page = opened(one)
    one.hands.type("khai")
    one.hands.press(KEY.Key_Return)
    assert focus() == "handbook_list"
    one.hands.type(" sinh lưu")
    assert (focus(), page.index.search.text()) == ("handbook_search", "khai sinh lưu")
    wait_for(one, "Khai sinh lưu động")
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Backspace)
    assert page.index.search.text() == "khai sinh lư"
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Up)
    assert focus() == "handbook_search"
    one.hands.press(KEY.Key_Escape)
    assert (page.index.search.text(), one.text("handbook_count")) == ("", f"{len(CATALOGUE.procedures)} thủ tục")
    assert one.text("handbook_title") == "Khai sinh lưu động", "what is read stays"


def test_a_turned_page_stays_turned_while_the_search_narrows(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page = opened(one)
    one.hands.type("giay doc")
    wait_for(one, "Xác nhận tình trạng hôn nhân")
    one.hands.press(KEY.Key_3, ALT)
    one.hands.type(" than")
    one.hands.wait(lambda: "Nếu không nộp lại được thì nêu rõ lý do" in said(page), what="third case")
    assert page.article.guide is not None
    assert page.article.guide.case.id == "cap_lai"


def test_what_is_not_found_is_said_with_what_comes_near(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page = opened(one)
    one.hands.type("xin giấy xác nhận độc thân để vay ngân hàng")
    assert "Không có thủ tục nào khớp" in one.text("handbook_empty")
    one.hands.press(KEY.Key_P, CONTROL)
    one.hands.press(KEY.Key_Down)
    wait_for(one, "Xác nhận tình trạng hôn nhân")
    one.hands.press(KEY.Key_2, ALT)
    assert checked(one, "handbook.case.da_ly_hon_hoac_goa")
    one.hands.press(KEY.Key_Escape)
    one.hands.press(KEY.Key_Escape)
    one.hands.type("zzzz")
    assert not page.index.list.selectionModel().hasSelection()
    one.hands.press(KEY.Key_Down)
    assert focus() == "handbook_search", "there is no list to go to"
    assert "zzzz" in one.text("handbook_empty")
    assert not list(one.prints.glob("*.pdf")), "nothing is printed while nothing is shown"
    one.hands.press(KEY.Key_Escape)
    assert "Chọn một thủ tục" in one.text("handbook_empty")
    one.hands.type("doc than")
    one.hands.press(KEY.Key_Down)
    one.hands.press(KEY.Key_Return)
    assert checked(one, "handbook.case.lan_dau"), "it begins anew with its first case, and the chips say so"
    assert focus() == "handbook.case.lan_dau"


def test_a_procedure_is_opened_from_elsewhere_and_handed_to_the_reception(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page = opened(one)
    one.hands.type("kết hôn")
    page.open_procedure("0.000000")
    page.open_procedure("2.000815")
    assert one.text("handbook_title") == "Chứng thực bản sao từ bản chính"
    assert page.index.search.text() == ""
    wanted: list[tuple[str, str]] = []
    one.app.commands.show_wanted.disconnect()
    one.app.commands.show_wanted.connect(lambda screen, what: wanted.append((screen, what)))
    one.hands.press(KEY.Key_Return, CONTROL)
    one.hands.go("handbook.receive")
    one.hands.press(KEY.Key_Return)
    assert wanted == [("reception", "2.000815|ban_chinh")] * 2


def test_a_settled_rule_is_read_at_once(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page = opened(one)
    page.open_procedure("1.000894")
    assert "không ghi đơn vị" in said(page)
    limit = {"amount": 1, "unit": "working_day", "same_day": True}
    one.app.commands.set_rule(
        "time", "1.000894/163/QĐ-BTP/*/", limit, "QĐ 163/QĐ-BTP", lambda: None, one.app.commands.show_problem
    )
    one.hands.wait(lambda: one.app.commands.rules.times, what="the rule")
    page.rules_changed()
    assert "Trong ngày" in said(page)
    assert "Theo QĐ 163/QĐ-BTP" in said(page)


def test_hundreds_of_imported_procedures_are_listed_and_marked(sitting: Callable[[], Sitting], data: Path) -> None:
    records = [portal(MaTTHC=f"9.{n:06d}", TENTTHC=f"Đăng ký nuôi chim bồ câu lần {n}") for n in range(1, 401)]
    write_packs(import_records(records, "laythutuc").procedures, data / "packs" / "procedures")
    one = sitting()
    page = opened(one)
    assert one.text("handbook_count") == f"{len(CATALOGUE.procedures) + 400} thủ tục"
    one.hands.type("bồ câu lần 400")
    wait_for(one, "Đăng ký nuôi chim bồ câu lần 400")
    assert "cần xác nhận, nhập từ Cổng" in said(page)
    assert "giấy nào bắt buộc cần xác nhận" in said(page)
    assert page.index.list.currentIndex().data() == "Đăng ký nuôi chim bồ câu lần 400, 9.000400 · Thử · nhập từ Cổng"


@pytest.mark.parametrize("size", [(1093, 614), (1366, 768), (1920, 1080)])
def test_nothing_is_cut(sitting: Callable[[], Sitting], size: tuple[int, int]) -> None:
    one = sitting()
    one.app.window.resize(*size)
    page = opened(one)
    one.hands.look("handbook")
    assert cut(one.app.window) == []
    for code in ("1.001193", "1.004222", "2.000815", "lien-thong-khai-tu", "2.001263"):
        page.open_procedure(code)
        one.hands.look("handbook")
        assert cut(one.app.window) == []
        assert page.article._scroll.horizontalScrollBar().maximum() == 0
    page.article.scroll_by(1)
    assert page.article._scroll.verticalScrollBar().value() > 0 or size == (1920, 1080)


def test_every_page_of_every_procedure_can_be_shown(dressed: None, qtbot: QtBot) -> None:
    article = Article()
    qtbot.addWidget(article)
    article.resize(886, 676)
    shown = 0
    for one in CATALOGUE.procedures:
        for case in one.cases:
            for way in one.channels:
                found = guide(CATALOGUE, {"procedure": one.code, "case": case.id, "channel": way.id}, TODAY)
                assert found is not None
                article.show_guide(found)
                words = "\n".join(label.text() for label in article.findChildren(QLabel))
                assert all(p.name in words for p in case.papers), (one.code, case.id)
                assert all(text in words for text in one.to_confirm), one.code
                assert found.limit.words in words and one.result in words and one.competent in words
                shown += 1
        assert not article.grab().isNull()
    assert shown > 250


def test_the_list_is_ordered_by_field_and_skips_its_headings(dressed: None, qtbot: QtBot) -> None:
    index = Index(Finder(CATALOGUE, TODAY))
    qtbot.addWidget(index)
    groups, exact = Finder(CATALOGUE, TODAY).find("")
    assert exact
    assert "Hộ tịch" in [g.heading for g in groups]
    assert len({g.heading for g in groups}) == len(groups)
    assert sum(len(g.procedures) for g in groups) == len(CATALOGUE.procedures)
    chosen: list[str] = []
    index.chosen.connect(chosen.append)
    index.focus_list()
    for _ in range(len(CATALOGUE.procedures) - 1):
        qtbot.keyClick(index.list, KEY.Key_Down, NONE)
    assert chosen == [p.code for g in groups for p in g.procedures]


@pytest.mark.parametrize(
    ("words", "code"),
    [("làm giấy khai sinh cho cháu ngoại", "1.001193"), ("đăng kí kết hôn", "1.000894"), ("photo bằng lái xe", "2.000815")],
)
def test_a_phrase_with_a_strange_word_still_comes_near(words: str, code: str) -> None:
    groups, exact = Finder(CATALOGUE, TODAY).find(words)
    assert not exact
    assert code in [p.code for p in groups[0].procedures]
