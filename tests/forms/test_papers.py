import io
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from forms.catalogue import Catalogue
from forms.dossier import fold
from forms.example import examples
from forms.papers import compile_paper, receipt
from forms.problem import Problem
from forms.working_days import VIETNAM

CATALOGUE = Catalogue.load()
PROFILE: dict[str, Any] = {"unit": "H38.27.09", "name": "xã Yên Thượng", "province": "tỉnh Lào Cai"}
PROFILE |= {"centre": "Trung tâm Phục vụ hành chính công xã Yên Thượng", "practice": False}
NOW = datetime(2026, 11, 23, 9, 16, tzinfo=VIETNAM)


class Reception:
    counter, epoch, number, name, at, operator = "c", "e", 1, "received", 1, "CB001"

    def __init__(self, line: dict[str, Any], source: str) -> None:
        self.body = line | {
            "code": "H38.27.09-261123-2014",
            "procedure": {"code": line["procedure"], "code_source": source, "version": None},
            "fees": {"total": 16000, "lines": [{"amount": 16000, "quantity": 2}]},
            "received_at": "2026-11-23T09:16:00+07:00",
            "return_at": "2026-11-23T17:00:00+07:00",
            "appointment": {"unit": "working_day", "amount": 1, "provisional": False},
            "register": 2014,
        }


def printed(code: str = "1.001193", source: str = "ours", profile: dict[str, Any] = PROFILE, **changes: Any) -> bytes:
    line = next(examples(CATALOGUE, code, None, 1, 4))
    line["applicant"] = line["applicant"] | changes
    dossier = fold("d", [Reception(line, source)]).as_json()
    return receipt(dossier, profile, CATALOGUE.procedure(code), "Trần Thị Kiểm", NOW)


def text_of(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0]
    return " ".join(page.get_textpage().get_text_range().split())


def test_the_receipt_says_what_the_form_asks() -> None:
    text = text_of(printed(full_name="Giàng Văn Ẩn"))
    for words in (
        "GIẤY TIẾP NHẬN HỒ SƠ",
        "Mã hồ sơ: H38.27.09-261123-2014",
        "GIÀNG VĂN ẨN",
        "Phí, lệ phí: 16.000 đ (02 bản)",
        "09 giờ 16 phút, ngày 23/11/2026",
        "17 giờ 00 phút, ngày 23/11/2026",
        "Quyển số: 01/2026 Số thứ tự: 2014",
        "Độc lập – Tự do – Hạnh phúc",
    ):
        assert words in text, words


def test_a_code_that_will_be_replaced_says_so() -> None:
    text = text_of(printed("1.004873", source="issued"))
    assert "Mã tiếp nhận tạm: H38.27.09-261123-2014" in text
    assert "Mã hồ sơ chính thức do hệ thống quốc gia cấp sau" in text


def test_the_qr_is_read_back_and_the_page_is_one_a5() -> None:
    document = pypdfium2.PdfDocument(printed(personal_id="010096000318"))
    assert len(document) == 1
    width, height = document[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (148, 210)
    found = zxingcpp.read_barcodes(document[0].render(scale=3).to_numpy())
    assert found[0].text == "H38.27.09-261123-2014|1.001193|010096000318|Mẫu số 01"


def test_practice_papers_carry_a_watermark() -> None:
    assert "LUYỆN TẬP" in text_of(printed(profile=PROFILE | {"practice": True}))
    assert "LUYỆN TẬP" not in text_of(printed())


def test_fonts_are_embedded() -> None:
    pdf = printed()
    assert pdf.count(b"/FontFile2") + pdf.count(b"/FontFile3") >= 2 or b"LiberationSerif" in pdf
    assert io.BytesIO(pdf).read(5) == b"%PDF-"


def test_typed_markup_stays_text() -> None:
    assert "#strong[x] $a$ *b*" in text_of(printed(address="#strong[x] $a$ *b*"))


def test_a_missing_glyph_fails_instead_of_printing_a_hole() -> None:
    with pytest.raises(Problem, match="paper_failed"):
        printed(address="\U0001f600\u4f60\u597d")


def test_a_template_that_does_not_compile_is_a_problem() -> None:
    with pytest.raises(Problem, match="paper_failed"):
        compile_paper("receipt.typ", {})
