import io
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from forms.catalogue import Catalogue
from forms.dossier import fold
from forms.example import examples
from forms.names import money
from forms.papers import (
    compile_paper,
    draw,
    guidance,
    names_of_papers,
    receipt,
    recovery_sheet,
    register_book,
    register_row,
    template,
)
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
    assert "Mã hồ sơ chính thức do hệ thống giải quyết cấp sau" in text


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


# Every paper

VIETQR = (
    "00020101021238570010A00000072701270006970405011312345678901230208QRIBFTTA53037045405500005802VN"
    "62350831LePhi KS 000.12.H26-261122-00016304DC6B"
)
AT = "2026-11-24T10:05:00+07:00"
HYBRID = int(datetime(2026, 11, 24, 10, 5, tzinfo=VIETNAM).timestamp() * 1000) << 12 | 7
EVENTS: dict[str, dict[str, Any]] = {
    "supplement": {
        "items": [
            {"paper": "GCS", "name": "Giấy chứng sinh", "reason": "Chưa có dấu của cơ sở y tế", "basis": ""},
            {"paper": None, "name": "Văn bản của người làm chứng", "reason": "", "basis": "Điều 16 Luật Hộ tịch"},
        ],
        "reason": "Giấy chứng sinh chưa hợp lệ",
    },
    "refusal": {"reason": "Không thuộc thẩm quyền của cấp xã", "basis": "Điều 35 Luật Hộ tịch"},
    "apology": {"reason": "chờ nơi khác trả lời xác minh", "return_at": "2026-11-27T17:00:00+07:00"},
    "stop": {"reason": "người nộp rút hồ sơ", "stage": "chưa có kết quả", "request_of_owner": "đơn ngày 24/11/2026"},
    "handover": {
        "receiver": {"full_name": "Lò Thị Hạnh", "personal_id": "010196000319", "phone": "0900000111"},
        "results": [{"name": "Giấy khai sinh", "number": "120/2026", "about": "Khai sinh"}],
    },
    "slip": {"method": "cash", "amount": 1_050_000},
}
SAYS: dict[str, tuple[str, ...]] = {
    "receipt": ("Mẫu số 01", "GIẤY TIẾP NHẬN HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ"),
    "supplement": (
        "Mẫu số 02",
        "Chưa có dấu của cơ sở y tế",
        "Căn cứ: Điều 16 Luật Hộ tịch",
        "Thời hạn giải quyết tạm dừng từ 10 giờ 05",
    ),
    "refusal": ("Mẫu số 03", "Không thuộc thẩm quyền của cấp xã", "Căn cứ: Điều 35 Luật Hộ tịch", "không tiếp nhận"),
    "apology": (
        "Mẫu số 04",
        "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ",
        "hẹn trả kết quả: 17 giờ 00 phút, ngày 23/11/2026",
        "mới: 17 giờ 00 phút, ngày 27/11/2026",
    ),
    "stop": ("Mẫu số 05", "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "Lý do: người nộp rút hồ sơ", "đơn ngày 24/11/2026"),
    "control": ("Mẫu số 06", "1. Giao: Trung tâm", "Người giao", "Trước hạn"),
    "handover": ("GIẤY BIÊN NHẬN TRẢ KẾT QUẢ", "Lò Thị Hạnh", "120/2026", "010 196 000 319"),
    "slip": (
        "không phải chứng từ thuế",
        "Một triệu không trăm năm mươi nghìn đồng",
        "NĐ 254/2026/NĐ-CP",
        "đã thu đủ bằng tiền mặt",
    ),
}
"""What each paper of a dossier must say."""


def dossier_of(procedure: str = "1.001193", seed: int = 4, **changes: Any) -> dict[str, Any]:
    line = next(examples(CATALOGUE, procedure, None, 1, seed))
    line["applicant"] |= {"full_name": "Giàng Văn Ẩn", "personal_id": "010096000318"}
    return fold("d", [Reception(line, "ours")]).as_json() | changes


def event(name: str, **changes: Any) -> dict[str, Any]:
    return {"event": name, "at": HYBRID, "operator": "CB001", "counter": "c", "body": {"at": AT} | EVENTS[name] | changes}


def paper(name: str, dossier: dict[str, Any] | None = None, profile: dict[str, Any] = PROFILE, **more: Any) -> bytes:
    given: dict[str, Any] = {"procedure": CATALOGUE.procedure("1.001193"), "clerk": "Trần Thị Kiểm", "printed_at": NOW}
    if name in EVENTS:
        given["event"] = event(name)
    if name == "declaration":
        procedure = CATALOGUE.procedure("1.001193")
        assert procedure
        given["definition"] = CATALOGUE.definition(procedure)
    return draw(name, dossier or dossier_of(), profile, **(given | more))


def whole_text(pdf: bytes) -> str:
    return " ".join(" ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(pdf)).split())


def codes_in(pdf: bytes) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_numpy())]


@pytest.mark.parametrize("name", [*SAYS, "declaration"])
def test_every_paper_says_what_it_must_on_one_page_with_its_qr(name: str) -> None:
    pdf = paper(name)
    assert b"pdfaid:part>2<" in pdf.replace(b" ", b"")
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    text = whole_text(pdf)
    for words in (*SAYS.get(name, ("TỜ KHAI ĐĂNG KÝ KHAI SINH",)), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"):
        assert words in text, words
    kind = template(name, "2026-11-24")
    called = "Tờ khai đăng ký khai sinh" if name == "declaration" else kind["form"] or kind["title"]
    assert codes_in(pdf) == [f"H38.27.09-261123-2014|1.001193|010096000318|{called}"]


def test_all_names_have_a_title() -> None:
    names = names_of_papers()
    assert set(names) == {*SAYS, "declaration", "register", "guidance", "report", "recovery"}
    assert names["apology"] == "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"


@pytest.mark.parametrize("name", list(SAYS))
def test_practice_and_reprint_are_marked_on_every_paper(name: str) -> None:
    text = whole_text(paper(name, profile=PROFILE | {"practice": True}, reprint=True))
    assert "LUYỆN TẬP" in text
    assert "(Bản in lại)" in text
    assert "(Bản in lại)" not in whole_text(paper(name))


@pytest.mark.parametrize("name", list(EVENTS))
def test_what_an_event_does_not_say_is_dots(name: str) -> None:
    bare = {"event": name, "at": HYBRID, "operator": "CB001", "counter": "c", "body": {"erased": True}}
    assert "……" in whole_text(paper(name, event=bare, dossier=dossier_of(fees={"total": None, "lines": []}, payment={})))


@pytest.mark.parametrize("name", ["receipt", "control", "slip", "handover"])
def test_twenty_generated_dossiers_of_many_procedures(name: str) -> None:
    for seed, procedure in enumerate(CATALOGUE.procedures[:20]):
        dossier = dossier_of(procedure.code, seed)
        pages = len(pypdfium2.PdfDocument(paper(name, dossier, procedure=procedure)))
        assert pages == 1 or len(dossier["papers"]) > 6


def test_a_paper_before_reception_has_no_code_yet() -> None:
    unknown = dossier_of(code=None, received_at=None, return_at=None)
    text = whole_text(paper("refusal", unknown))
    assert "Mã hồ sơ" not in text
    assert "tạm dừng" not in whole_text(paper("supplement", unknown))
    with pytest.raises(Problem, match="paper_unknown"):
        paper("receipt", unknown)
    with pytest.raises(Problem, match="paper_unknown"):
        paper("love_letter")


def test_reception_beyond_the_boundary_says_from_when_the_time_runs_and_what_it_became() -> None:
    clock = [{"event": "arrived", "at": AT, "unit": "H38.27.10", "return_at": "2026-11-25T17:00:00+07:00"}]
    changed = dossier_of(
        competent={"unit": "H38.27.10", "name": "Ủy ban nhân dân xã Bản Qua"}, clock=clock, return_at=clock[0]["return_at"]
    )
    pdf = paper("receipt", changed | {"first_return_at": "2026-11-23T17:00:00+07:00"})
    text = whole_text(pdf)
    assert "xã Bản Qua (thời hạn tính từ khi cơ quan có thẩm quyền nhận hồ sơ)" in text
    assert "Thời gian trả kết quả giải quyết hồ sơ: 17 giờ 00 phút, ngày 23/11/2026" in text
    assert "Hẹn trả được tính lại ngày 24/11/2026: 17 giờ 00 phút, ngày 25/11/2026, vì cơ quan có thẩm quyền đã nhận" in text
    assert len(pypdfium2.PdfDocument(pdf)) == 1


def test_payment_and_vietqr() -> None:
    unpaid = dossier_of(payment={"state": "unpaid", "amount": 16000})
    for name, more in (("receipt", {}), ("slip", {"event": None})):
        pdf = paper(name, unpaid, extra={"vietqr": VIETQR}, **more)
        assert VIETQR in codes_in(pdf)
        assert f"VietQR để chuyển {money(16000)}".replace("\u00a0", " ") in whole_text(pdf).replace("\u00a0", " ")
        assert "chưa thu" in whole_text(pdf)
    paid = paper("receipt", dossier_of(payment={"state": "cash", "amount": 16000}), extra={"vietqr": VIETQR})
    assert VIETQR not in codes_in(paid)
    assert "đã thu tiền mặt" in whole_text(paid)
    free = {
        "total": 0,
        "lines": [{"name": "Lệ phí", "quantity": 1, "unit_price": 0, "amount": 0, "basis": "Luật Hộ tịch", "full": 5000}],
    }
    free["lines"][0]["reduced"] = "Người thuộc hộ nghèo"  # type: ignore[index]
    exempt = dossier_of(payment={"state": "exempt", "amount": 0}, fees=free)
    assert "không thu – được miễn (Người thuộc hộ nghèo)" in whole_text(paper("receipt", exempt))
    assert "Mức đầy đủ 5.000 đ; miễn, giảm: Người thuộc hộ nghèo" in whole_text(paper("slip", exempt, event=None)).replace(
        "\u00a0", " "
    )


def test_a_linked_receipt_lists_its_dossiers() -> None:
    one = {"id": "1", "procedure": "1.001193", "name": "Đăng ký khai sinh", "code": "H38.27.09-261123-2014"}
    one |= {"return_at": "2026-11-26T17:00:00+07:00", "road": "Hệ thống hộ tịch"}
    two = one | {"name": "Đăng ký thường trú", "code": "H38.27.09-261123-2015", "return_at": None, "road": "Công an xã"}
    text = whole_text(
        paper("receipt", dossier_of(linked={"group": "birth", "name": "Khai sinh và cư trú", "members": [one, two]}))
    )
    for words in ("Hồ sơ liên thông: Khai sinh và cư trú", "261123-2015", "ngày 26/11/2026", "Công an xã", "Nơi giải quyết"):
        assert words in text, words


def test_a_representative_signs_for_the_owner() -> None:
    dossier = dossier_of()
    dossier["applicant"] |= {"representative": {"full_name": "Lò Thị Hạnh", "personal_id": "010196000319"}}
    dossier["applicant"]["address"] = {"text": "Thôn Nà Lộc, xã Yên Thượng", "unit": "02647"}
    text = whole_text(paper("receipt", dossier))
    assert "Người nộp: Lò Thị Hạnh" in text
    assert "Địa chỉ: Thôn Nà Lộc, xã Yên Thượng" in text


def test_the_register_repeats_its_head_and_counts_its_pages() -> None:
    rows = [register_row(dossier_of(register=n, code=f"H38.27.09-261123-{n:04d}"), "Đăng ký khai sinh") for n in range(1, 61)]
    pdf = register_book(rows, PROFILE, 2026, NOW)
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) > 1
    assert [round(side / 72 * 25.4) for side in pages[0].get_size()] == [297, 210]
    for number, page in enumerate(pages, 1):
        text = " ".join(page.get_textpage().get_text_range().split())
        assert f"Trang {number}/{len(pages)}" in text
        assert "Địa chỉ, số điện thoại" in text or number == len(pages)
    assert "261123-0060" in whole_text(pdf)
    assert codes_in(pdf) == ["H38.27.09|2026|Mẫu số 07"]
    assert "Chưa có hồ sơ nào" in whole_text(register_book([], PROFILE, 2026, NOW))


def test_the_recovery_paper_says_its_code_and_nobodys_name() -> None:
    groups = [f"A{n}Z" for n in range(9)]
    pdf = recovery_sheet(groups, "Quầy 2", PROFILE, NOW)
    said = whole_text(pdf)
    assert all(group in said for group in groups)
    assert "PHIẾU KHÔI PHỤC QUẦY" in said and "Quầy 2" in said
    assert codes_in(pdf) == ["PHIẾU KHÔI PHỤC QUẦY"]  # the code itself is in no symbol that a camera reads in passing


def test_guidance_for_every_case_of_every_procedure() -> None:
    for procedure in CATALOGUE.procedures:
        case = procedure.cases[-1]
        text = whole_text(guidance(procedure, case, PROFILE | {"phone": "0214 000 000"}, NOW, "", ""))
        assert "PHIẾU HƯỚNG DẪN LÀM THỦ TỤC" in text
        assert "Phí, lệ phí: cần xác nhận" in text
        assert "0214 000 000" in text
        assert all(" ".join(p.name.split()[:3]) in text for p in case.papers)
