"""Reports on paper."""

import pypdfium2
import pytest

from forms.report_paper import paper
from forms.reports import KINDS, register
from tests.forms.report_samples import BUILT, DOSSIERS, HOUSE, LATER, PROFILE, QUARTER, ROW, made, moment, paid


def text_of(page: pypdfium2.PdfPage) -> str:
    return " ".join(page.get_textpage().get_text_range().split())


@pytest.mark.parametrize("kind", BUILT)
def test_every_report_is_printed_on_a4_landscape(kind: str) -> None:
    facts = [one._replace(field="Hộ tịch #strong[x] *b*") for one in DOSSIERS]
    pdf = paper(made(kind, facts, [paid("11-02", "taken", "cash", 8000, "a")]), PROFILE | {"practice": True}, LATER)
    assert b"pdfaid:part>2<" in pdf.replace(b" ", b"")
    pages = pypdfium2.PdfDocument(pdf)
    assert [round(side / 72 * 25.4) for side in pages[0].get_size()] == [297, 210]
    text = " ".join(text_of(page) for page in pages)
    wanted = ["ĐƠN VỊ TRỰC TIẾP" if kind == "ii06a" else KINDS[kind].upper(), "Đơn vị báo cáo", "LUYỆN TẬP", "Chỉ tính những gì"]
    wanted += ["Đơn vị nhận báo cáo: ……", "(13)", "Biểu số II.06a", "#strong[x] *b*", "Đúng: (3)"] if kind == "ii06a" else []
    assert [words for words in wanted if words not in text] == []


def test_a_long_report_repeats_its_headings_and_counts_its_pages() -> None:
    rows = [ROW | {"register": n, "received_at": moment("11-23")} for n in range(1, 81)]
    pages = pypdfium2.PdfDocument(paper(register(rows, QUARTER, HOUSE), PROFILE, LATER))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = text_of(page)
        assert f"Trang {number}/{len(pages)}" in text
        assert "Địa chỉ, số điện thoại" in text or number == len(pages)
    empty = paper(made("ii06a", ()), PROFILE, LATER)
    assert "Không có số liệu trong kỳ." in text_of(pypdfium2.PdfDocument(empty)[0])
