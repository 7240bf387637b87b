"""Workbooks, read back from their XML: numbers are numbers, texts are nothing but text."""

import io
import re
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from forms.report import Chart, Check, Column, Figure, Report
from forms.reports import register
from forms.spreadsheet import sheet
from tests.forms.report_samples import BUILT, DOSSIERS, HOUSE, LATER, QUARTER, ROW, made, moment, paid

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOUSE_NAME = "Trung tâm Phục vụ hành chính công xã Yên Thượng"
RISKY = [
    "=1+1",
    "+84912345678",
    "-Nguyễn",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\nx",
    "  =cmd|' /C calc'!A1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\u00a0=1",
]


class Book:
    """What a spreadsheet program would find in the file."""

    def __init__(self, content: bytes) -> None:
        self.file = zipfile.ZipFile(io.BytesIO(content))
        self.names = self.file.namelist()
        strings = self.xml("xl/sharedStrings.xml").findall(f"{_NS}si")
        self._strings = ["".join(t.text or "" for t in si.iter(f"{_NS}t")) for si in strings]
        styles = self.xml("xl/styles.xml")
        self._styles = styles.findall(f"{_NS}cellXfs/{_NS}xf")
        self._formats = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(f"{_NS}numFmt")}

    def xml(self, name: str) -> ET.Element:
        return ET.fromstring(self.file.read(name))

    def raw(self, name: str = "xl/worksheets/sheet1.xml") -> str:
        return self.file.read(name).decode()

    def cells(self, name: str = "xl/worksheets/sheet1.xml") -> dict[str, Any]:
        """Reference -> text or number."""
        found: dict[str, Any] = {}
        for cell in self.xml(name).iter(f"{_NS}c"):
            value = cell.findtext(f"{_NS}v")
            if value is not None:
                found[cell.get("r") or ""] = self._strings[int(value)] if cell.get("t") == "s" else float(value)
        return found

    def style(self, reference: str) -> tuple[bool, str]:
        """Quote prefix, number format."""
        cell = next(c for c in self.xml("xl/worksheets/sheet1.xml").iter(f"{_NS}c") if c.get("r") == reference)
        style = self._styles[int(cell.get("s") or 0)]
        return style.get("quotePrefix") == "1", str(self._formats.get(style.get("numFmtId"), style.get("numFmtId")))


def table(*texts: str, **changes: Any) -> Report:
    columns = (Column("Tên", width=20), Column("Hồ sơ", "count", "Số"), Column("Tiền", "money", "Số"))
    columns += (Column("Tỷ lệ", "percent"), Column("Ngày", "day"), Column("Lúc", "moment"))
    rows = tuple((text, Figure(2, ("a", "b")), 1_500_000, 87.5, "2026-11-23", "2026-11-23T09:16:00+07:00") for text in texts)
    total = ("Tổng số", 2 * len(rows), Figure(1_500_000 * len(rows)), None, "", None)
    report = Report("x", "Bảng thử", "", "Ngày 23/11/2026", columns, rows, total, ("Ghi chú một.",), (Check("1 = 1", True),))
    return replace(report, **changes)


def opened(report: Report) -> Book:
    return Book(sheet(report, HOUSE_NAME, LATER))


def test_numbers_and_days_are_real_ones() -> None:
    book = opened(table("a", "b"))
    cells = book.cells()
    assert [cells[f"A{n}"] for n in (1, 2, 3)] == [HOUSE_NAME, "BẢNG THỬ", "Ngày 23/11/2026"]
    day = (datetime(2026, 11, 23) - datetime(1899, 12, 30)).days
    assert [cells[f"{c}7"] for c in "ABCDE"] == ["a", 2.0, 1_500_000.0, 0.875, float(day)]
    assert cells["F7"] == pytest.approx(day + (9 * 60 + 16) / 1440)
    formats = {c: book.style(f"{c}7")[1] for c in "BCDEF"}
    assert formats == {"B": "#,##0", "C": "#,##0", "D": "0.0%", "E": "dd/mm/yyyy", "F": "hh:mm dd/mm/yyyy"}
    assert [cells.get(f"{c}9") for c in "ABCD"] == ["Tổng số", 4.0, 3_000_000.0, None]
    assert cells["C9"] == cells["C7"] + cells["C8"]
    assert {"Đúng: 1 = 1", "Ghi chú một."} <= set(cells.values())


def test_headings_are_merged_frozen_and_repeated_on_a4_landscape() -> None:
    book = opened(table("a"))
    merged = re.findall(r'<mergeCell ref="(\w+:\w+)"', book.raw())
    assert {"B5:C5", "A5:A6", "D5:D6"} <= set(merged)
    assert [book.cells()[r] for r in ("A5", "B5", "B6", "C6")] == ["Tên", "Số", "Hồ sơ", "Tiền"]
    assert 'ySplit="6"' in book.raw() and 'state="frozen"' in book.raw()
    assert re.search(r'<pageSetup paperSize="9"[^>]* orientation="landscape"', book.raw())
    assert "$5:$6" in book.raw("xl/workbook.xml")
    numbered = opened(table("a", form="Mẫu")).cells()
    assert [numbered[f"{c}8"] for c in "AF"] == ["(1)", "(6)"]


@pytest.mark.parametrize("text", RISKY)
def test_a_text_that_a_spreadsheet_would_run_is_quoted_text(text: str) -> None:
    book = opened(table(text, "vô hại"))
    assert "<f>" not in book.raw() and "<f " not in book.raw()
    assert (book.style("A7")[0], book.style("A8")[0]) == (True, False)
    assert book.cells()["A7"].replace("_x000D_", "\r").strip() == text.strip()


def test_links_numbers_and_control_characters_stay_plain_text() -> None:
    texts = ("http://a.vn/?q=1", "0123456789", "a\x00b\x0bc\ud800d\uffffe", "x" * 40_000, "_x0041_", "<b>&</b>")
    book = opened(table(*texts))
    cells = book.cells()
    assert [cells[f"A{n}"] for n in (7, 8, 9)] == ["http://a.vn/?q=1", "0123456789", "abcde"]
    assert (len(cells["A10"]), cells["A11"], cells["A12"]) == (32_767, "_x005F_x0041_", "<b>&</b>")
    assert "hyperlink" not in book.raw()


def test_risky_words_of_the_house_and_of_a_chart_are_text_too() -> None:
    chart = Chart("=Thu(", (("=A1", Figure(1, ("a",))), ("b", Figure(0))))
    book = Book(sheet(table("a", charts=(chart,), title="=t", notes=("@n",)), "=HYPERLINK(1)", LATER))
    assert book.style("A1")[0] and book.style("A2")[0]
    assert not any("<f>" in book.raw(name) for name in book.names if name.startswith("xl/worksheets/sheet"))
    assert "<c:f>'Biểu đồ'!$A$2:$A$3</c:f>" in book.raw("xl/charts/chart1.xml")
    assert "<a:t>Thu(</a:t>" in book.raw("xl/charts/chart1.xml")
    assert 'barDir val="bar"' in book.raw("xl/charts/chart1.xml")
    assert book.cells("xl/worksheets/sheet2.xml")["B2"] == 1.0


@pytest.mark.parametrize("kind", BUILT)
def test_every_report_becomes_a_workbook(kind: str) -> None:
    report = made(kind, DOSSIERS, [paid("11-02", "taken", "cash", 8000, "first")])
    book = opened(report)
    texts = [value for value in book.cells().values() if isinstance(value, str)]
    assert report.title.upper() in texts and set(report.notes) <= set(texts)
    assert any(name.startswith("xl/charts/") for name in book.names) == bool(report.charts)
    assert ET.fromstring(book.file.read("docProps/core.xml")) is not None


def test_the_totals_of_the_form_are_the_sums_of_its_rows() -> None:
    cells = opened(made("ii06a", [*DOSSIERS, DOSSIERS[0]._replace(id="x", field="Đất đai")])).cells()
    for column in "CDEFGHIJKLM":
        assert cells[f"{column}11"] == cells[f"{column}9"] + cells[f"{column}10"]
    assert cells["C11"] == 15.0
    assert [cells[f"{c}8"] for c in "ABCM"] == ["(1)", "(2)", "(3)", "(13)"]


def test_the_register_has_real_days() -> None:
    book = opened(register([ROW | {"register": 7, "received_at": moment("11-23")}], QUARTER, HOUSE))
    assert book.style("H9") == (False, "dd/mm/yyyy")
    assert book.cells()["A9"] == "7"


def test_nothing_is_written_to_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a temporary file")

    for name in ("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert sheet(made("daily", DOSSIERS), HOUSE_NAME, LATER)
