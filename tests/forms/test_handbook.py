"""What a page of the handbook says, and that it says no more than is known."""

import json
from datetime import date
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.handbook import OPEN, Guide, Price, guide, in_words
from forms.local_rules import NONE, LocalRules, check_rule, fold_rules
from forms.portal_records import import_records
from resources import path_of
from tests.forms.portal_samples import channel, portal, time
from tests.forms.test_local_rules import Act

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)


def told(code: str, rules: LocalRules = NONE, on: date = TODAY, catalogue: Catalogue = CATALOGUE, **line: str) -> Guide:
    found = guide(catalogue, {"procedure": code} | line, on, rules)
    assert found is not None
    return found


def settled(*bodies: dict[str, Any]) -> LocalRules:
    return fold_rules([Act(n, body, number=n) for n, body in enumerate(bodies, 1)])


def price(found: Guide, name: str) -> Price:
    return next(p for p in found.prices if name in p.name)


def test_birth_at_the_counter() -> None:
    found = told("1.001193")
    assert [(p.name, p.count, p.made) for p in found.bring] == [
        ("Tờ khai đăng ký khai sinh", "01 bản chính", "printed"),
        ("Giấy chứng sinh", "01 bản chính", "brought"),
    ]
    assert found.bring[0].notes == ("Quầy nhập và in sẵn; người dân đọc lại rồi ký",)
    assert found.bring_if[1].made == "card"
    assert "Đã xuất trình thẻ căn cước thì không phải nộp" in found.bring_if[1].notes
    assert (price(found, "đúng hạn").words, price(found, "đúng hạn").when) == ("Miễn", "trong 60 ngày kể từ ngày sinh")
    late = price(found, "quá hạn")
    assert (late.words, late.settled, late.when) == (OPEN, False, "quá 60 ngày kể từ ngày sinh")
    assert price(found, "Bản sao").words == "8.000\u00a0đ mỗi bản"
    assert found.limit.words == "Trong ngày"
    assert found.limit.notes == ("Nhận sau 15 giờ thì trả vào ngày làm việc tiếp theo",)
    assert found.published == "Quyết định 163/QĐ-BTP, áp dụng từ 16/01/2026"
    assert len(found.steps) == 4
    assert "in tờ khai đăng ký khai sinh" in found.steps[1]
    assert len(found.doubts) == len(found.procedure.to_confirm)


def test_each_case_has_its_own_papers() -> None:
    found = told("1.001193", case="tre_bi_bo_roi")
    assert [p.name for p in found.bring] == ["Tờ khai đăng ký khai sinh", "Biên bản về việc trẻ bị bỏ rơi"]
    assert found.bring_if == ()
    assert told("1.001193", case="khong_co_truong_hop_nay").case.id == "co_giay_chung_sinh"


def test_a_declaration_is_printed_only_at_the_counter() -> None:
    made = {way: told("1.001193", channel=way).bring[0] for way in ("1", "2", "3")}
    assert [made[way].made for way in ("1", "2", "3")] == ["printed", "filled", "filled"]
    assert made["2"].notes == ("Khai ngay trên Cổng Dịch vụ công",)
    assert "không bắt buộc có tài khoản VNeID" in told("1.001193", channel="2").steps[1]
    assert told("1.001193", channel="3").steps[0].startswith("Điền và ký tờ khai đăng ký khai sinh; gửi cùng")


def test_a_form_that_the_counter_cannot_print_is_filled_in_by_the_resident() -> None:
    found = told("1.000689")
    assert [p.made for p in found.bring[:2]] == ["printed", "filled"]
    assert "người dân điền và ký tờ khai đăng ký nhận cha, mẹ, con" in found.steps[1]


def test_a_certified_copy_is_priced_by_the_page() -> None:
    found = told("2.000815")
    (one,) = found.prices
    assert one.words == "2.000\u00a0đ mỗi trang"
    assert one.more == "từ trang thứ 3 là 1.000\u00a0đ; nhiều nhất 200.000\u00a0đ một bản"
    assert "TT 226/2016/TT-BTC" in one.basis
    assert "Quầy kiểm tra giấy tờ theo danh sách." in found.steps


def test_who_is_spared_is_named_with_the_fee_it_reaches() -> None:
    spared = {r.name: r for r in told("1.001193").reliefs}
    poor = spared["Người thuộc hộ nghèo"]
    assert poor.fees == ("Lệ phí đăng ký khai sinh quá hạn",)
    assert "Luật Hộ tịch Điều 11" in poor.basis
    dated = next(r for name, r in spared.items() if "TT 117/2026" in name)
    assert (dated.fees, dated.until) == (("Bản sao trích lục",), "đến hết 28/02/2027")
    assert not any("TT 117" in r.name for r in told("1.001193", on=date(2027, 3, 1)).reliefs)
    assert told("1.000894").reliefs[0].fees == (), "the other fee is free of charge anyway"


def test_a_law_on_civil_status_is_not_cited_for_another_field() -> None:
    (adopting,) = told("2.001263").reliefs
    assert adopting.basis == "Luật Phí và lệ phí Điều 10"


def test_what_is_settled_here_stands_in_the_place_of_a_doubt() -> None:
    fee = {"amount": 15000, "valid_from": "2026-01-01", "valid_to": None, "exempt": ["cao_tuoi"]}
    rules = settled(
        check_rule("fee", "1.004873/HN/2026-01-01", fee, "NQ 5/2026/NQ-HĐND"),
        check_rule("time", "1.000894/163/QĐ-BTP/*/", {"amount": 1, "unit": "working_day", "same_day": True}, "QĐ 9"),
    )
    before, after = told("1.004873"), told("1.004873", rules)
    assert (before.prices[0].words, before.prices[0].settled) == (OPEN, False)
    assert (after.prices[0].words, after.prices[0].basis) == ("15.000\u00a0đ", "NQ 5/2026/NQ-HĐND")
    old = next(r for r in after.reliefs if r.name == "Người cao tuổi")
    assert old.basis == "NQ 5/2026/NQ-HĐND", "who is spared by the council is spared by its resolution"
    assert told("1.004873", rules, on=date(2025, 12, 31)).prices[0].words == OPEN, "not in force yet"
    open_, known = told("1.000894").limit, told("1.000894", rules).limit
    assert (open_.words, open_.settled) == (OPEN, False)
    assert "không ghi đơn vị" in open_.notes[0]
    assert (known.words, known.basis, known.settled) == ("Trong ngày", "QĐ 9", True)
    assert any("QĐ 9" in line for line in told("1.000894", rules).basis)


def test_a_settled_fee_of_nothing_is_not_taken() -> None:
    free = {"amount": 0, "valid_from": "2026-01-01", "valid_to": None}
    found = told("1.004873", settled(check_rule("fee", "1.004873/HN/2026-01-01", free, "NQ 6")))
    assert (found.prices[0].words, found.prices[0].free, found.reliefs) == ("Không thu", True, ())
    assert not any("Nộp phí" in step for step in found.steps)


def test_a_receipt_without_a_date_is_announced() -> None:
    assert "ngày trả chỉ ghi khi thời hạn đã được xác nhận" in told("1.000894").steps[2]
    assert "chỉ ghi khi" not in told("1.001193").steps[2]


def test_a_case_with_its_own_time_and_fee() -> None:
    assert told("1.013225").limit.words == "07 ngày làm việc"
    assert told("1.013225", case="theo_tuyen").limit.words == "10 ngày làm việc"
    assert told("1.004194", case="theo_danh_sach").prices[0].words == "10.000\u00a0đ mỗi người"
    assert told("2.001159").limit.notes == ("Chỉ tính giờ mở cửa",)


def test_channels_are_compared_where_they_differ() -> None:
    assert [w.words for w in told("1.004222").ways] == ["07 ngày làm việc · 20.000\u00a0đ", "07 ngày làm việc · 10.000\u00a0đ"]
    assert {w.words for w in told("1.001193").ways} == {""}


def test_a_linked_group_names_its_procedures_their_roads_and_times() -> None:
    found = told("lien-thong-khai-sinh")
    assert found.code == "NĐ 301/2026/NĐ-CP"
    assert [(p.code, p.limit.words) for p in found.parts] == [
        ("1.001193", "01 ngày"),
        ("1.004222", "03 ngày làm việc"),
        ("1.001939", "03 ngày làm việc"),
        ("1.014062", "05 ngày làm việc"),
    ]
    assert found.parts[0].road == "Hệ thống hộ tịch điện tử (Bộ Tư pháp)"
    assert [p.only_if for p in found.parts] == ["", "", "", "Chỉ khi: đề nghị cấp thẻ căn cước cho trẻ"]
    assert found.limit.words == "03 ngày làm việc"
    assert "từng thủ tục" in found.steps[2]
    assert any("tạm dừng" in line for line in found.basis)
    death = told("lien-thong-khai-tu").limit
    assert (death.words, death.settled) == ("Theo từng thủ tục", True)


def test_an_earlier_day_shows_the_version_of_that_day_and_names_the_coming_one() -> None:
    found = told("lien-thong-khai-tu", on=date(2026, 8, 1))
    assert found.published.startswith("NĐ 63/2024/NĐ-CP")
    assert found.coming == "Từ 01/09/2026 áp dụng bản 301/2026/NĐ-CP"
    assert told("lien-thong-khai-tu").coming == ""


def test_an_imported_record_says_that_nobody_has_compared_it() -> None:
    record = portal(CACHTHUCTHUCHIEN=[channel("1", time("5", "Ngày", "", ("20", "đ", "Theo quy định")), time("3", "Ngày"))])
    catalogue = Catalogue(import_records([record], "laythutuc").procedures, ())
    found = told("9.000001", catalogue=catalogue)
    assert found.imported
    assert (found.bring, [p.made for p in found.bring_if]) == ((), ["filled"])
    assert (found.prices[0].words, found.limit.settled) == (OPEN, False)
    assert found.prices[0].basis.startswith("Cổng ghi")
    assert {about for about, _ in found.doubts} >= {"Thời hạn", "Phí, lệ phí", "Hiệu lực", "Mã hồ sơ"}
    assert len(found.doubts) == len(found.procedure.to_confirm)


def test_a_record_without_a_decision_says_so() -> None:
    catalogue = Catalogue(import_records([portal(QUYETDINH="")], "laythutuc").procedures, ())
    assert told("9.000001", catalogue=catalogue).published == "Chưa rõ quyết định công bố, áp dụng từ 01/01/2026"


def test_the_guidance_sheet_gets_fee_and_time_in_one_line_each() -> None:
    birth, certified, open_ = (CATALOGUE.procedure(c) for c in ("1.001193", "2.000815", "1.000689"))
    assert birth and certified and open_
    cost, limit = in_words(birth, "1", "co_giay_chung_sinh", NONE, TODAY)
    assert cost.split("; ") == [
        "Lệ phí đăng ký khai sinh đúng hạn (trong 60 ngày kể từ ngày sinh): miễn",
        "Lệ phí đăng ký khai sinh quá hạn (quá 60 ngày kể từ ngày sinh): cần xác nhận, Nghị quyết HĐND tỉnh (TT 85/2019/TT-BTC)",
        "Bản sao trích lục: 8.000\u00a0đ mỗi bản",
    ]
    assert limit == "trong ngày, nhận sau 15 giờ thì trả vào ngày làm việc tiếp theo"
    assert "2.000\u00a0đ mỗi trang, từ trang thứ 3 là 1.000\u00a0đ" in in_words(certified, "1", "ban_chinh", NONE, TODAY)[0]
    assert in_words(open_, "1", open_.cases[0].id, NONE, TODAY)[1] == ""
    assert in_words(certified, "3", "ban_chinh", NONE, TODAY)[0] == "", "it cannot be filed by post"


def test_every_procedure_can_be_told_in_every_case_and_channel() -> None:
    pages = 0
    for one in CATALOGUE.procedures:
        for case in one.cases:
            for way in one.channels:
                found = told(one.code, case=case.id, channel=way.id)
                said = json.dumps([found.steps, found.basis, found.published], ensure_ascii=False)
                assert "None" not in said and "{" not in said
                assert (found.case.id, found.channel.id) == (case.id, way.id)
                assert len(found.bring) + len(found.bring_if) == len(case.papers)
                assert 3 <= len(found.steps) <= 4
                assert found.limit.words and (found.limit.settled or found.doubts)
                assert len(found.doubts) == len(one.doubts)
                assert in_words(one, way.id, case.id, NONE, TODAY)[0] or not found.prices
                pages += 1
    assert pages > 250
    assert guide(CATALOGUE, {"procedure": "0.000000"}, TODAY) is None


SAID = {
    "giay doc than": "1.004873",
    "xin giấy xác nhận độc thân": "1.004873",
    "giấy chưa vợ chưa chồng": "1.004873",
    "khai sinh cho bé": "1.001193",
    "con mới sinh": "1.001193",
    "GIAY CHUNG SINH": "1.001193",
    "con mang ho bo": "1.000689",
    "xét nghiệm ADN": "1.001022",
    "làm lại khai sinh": "1.004884",
    "mat giay khai sinh": "1.004884",
    "sửa giấy khai sinh": "1.004859",
    "đổi tên": "1.004859",
    "bản sao giấy khai sinh": "2.000635",
    "trích lục": "2.000635",
    "nguoi gia chua co khai sinh": "1.004772",
    "khai sinh ở thôn bản": "1.003583",
    "giấy chứng tử": "1.000656",
    "nhà có người mất": "1.000656",
    "báo tử tại nhà": "1.000419",
    "mất giấy chứng tử": "1.005461",
    "hôn thú": "1.000894",
    "lấy vợ": "1.000894",
    "mất giấy kết hôn": "1.004746",
    "ông bà giám hộ cháu": "1.004837",
    "hết giám hộ": "1.004845",
    "xin con nuôi": "2.001263",
    "sao y": "2.000815",
    "công chứng": "2.000815",
    "photo công chứng": "2.000815",
    "sơ yếu lý lịch": "2.000884",
    "giay uy quyen": "2.000884",
    "mua bán đất": "2.001035",
    "bán xe": "2.001035",
    "lập di chúc": "2.001019",
    "không nhận thừa kế": "2.001016",
    "hủy hợp đồng": "2.000913",
    "mất hợp đồng đã công chứng": "2.000942",
    "nhập khẩu": "1.004222",
    "chuyen khau": "1.004222",
    "cắt khẩu": "1.003197",
    "ở trọ": "1.004194",
    "hết hạn tạm trú": "1.002755",
    "trả phòng trọ": "1.010028",
    "đi làm ăn xa": "1.003677",
    "tách khẩu": "1.010038",
    "khách ngủ lại": "2.001159",
    "CCCD cho bé": "1.014062",
    "mở quán": "1.001612",
    "giấy phép kinh doanh": "1.001612",
    "dẹp tiệm": "1.001266",
    "tạm đóng cửa hàng": "1.001570",
    "đổi tên cửa hàng": "2.000720",
    "mất giấy phép kinh doanh": "2.000575",
    "hộ nghèo": "1.011607",
    "thoát nghèo": "1.011608",
    "làm giấy khuyết tật": "1.001699",
    "mất giấy khuyết tật": "1.001653",
    "tiền người cao tuổi": "1.014027",
    "tiền 75 tuổi": "1.014027",
    "tiền đám ma": "1.001731",
    "trợ cấp xã hội": "1.001776",
    "tiền tuất": "2.000821",
    "mua bảo hiểm y tế": "1.001939",
    "đóng bảo hiểm xã hội": "1.002179",
    "con liệt sĩ": "1.010833",
    "thăm mộ liệt sĩ": "1.013750",
    "thương binh chết": "1.010824",
    "tiền thờ cúng": "1.010803",
    "lấn đất": "1.012812",
    "đi bộ đội": "1.013133",
    "xin phép xây nhà": "1.013225",
    "hội làng": "1.012592",
    "khai sinh liên thông": "lien-thong-khai-sinh",
    "khai tử xóa hộ khẩu": "lien-thong-khai-tu",
    "1.004873": "1.004873",
}


@pytest.mark.parametrize(("said", "code"), SAID.items())
def test_found_first_by_what_people_say(said: str, code: str) -> None:
    assert [p.code for p in CATALOGUE.search(said)][:1] == [code]


def test_every_procedure_has_everyday_names() -> None:
    for file in sorted(path_of("procedures").glob("*.json")):
        names = json.loads(file.read_text("utf-8"))["keywords"]
        assert 3 <= len(names) <= 8, file.name
        assert len({n.casefold() for n in names}) == len(names), file.name
        assert all(n == " ".join(n.split()) for n in names), file.name
