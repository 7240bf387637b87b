"""Procedures out of portal records: the real table of 1,120 rows, and invented ``LayThuTuc`` records for every trap."""

import csv
import io
import json
import unicodedata
from collections import Counter
from typing import Any

import pytest

from forms.pack import read_procedure, write_procedure
from forms.pack_rules import SOFT, check_procedure
from forms.portal_records import LONGEST_FIELD, REASONS, Imported, import_records, read_file
from forms.procedure import Procedure
from tests.conftest import ROOT
from tests.forms.portal_samples import channel, portal, time

TABLE = ROOT.parent / "shared" / "data" / "procedures_commune_all.csv"


@pytest.fixture(scope="module")
def table() -> Imported:
    if not TABLE.exists():
        pytest.skip("the portal's table is not here")
    return read_file(TABLE)


def one(record: Any) -> Procedure:
    found = import_records([record], "laythutuc")
    assert found.refused == []
    return found.procedures[0]


def reason(record: Any) -> str:
    found = import_records([record], "laythutuc")
    assert found.procedures == ()
    return found.refused[0]["reason"]


def doubts(procedure: Procedure, about: str) -> list[str]:
    return [d.text for d in procedure.doubts if d.about == about]


def fee(*fees: tuple[str, str, str]) -> tuple[str, int, list[str]]:
    procedure = one(portal(CACHTHUCTHUCHIEN=[channel("1", time("3", "Ngày", "", *fees))]))
    rule = procedure.channels[0].fees[0]
    return rule.kind, rule.amount, doubts(procedure, "fee")


# --- the real table


def test_every_row_of_the_table_is_imported_or_refused_by_name(table: Imported) -> None:
    refused = Counter(r["reason"] for r in table.refused)
    print(f"imported {len(table.procedures)}, to confirm {table.to_confirm}, refused {dict(refused)}")
    assert len(table.procedures) + len(table.refused) == 1120
    assert set(refused) <= set(REASONS)
    assert table.refused == [{"row": 945, "code": "1.0133611", "reason": "code_malformed"}]
    assert table.to_confirm == 1107


def test_every_imported_procedure_of_the_table_survives_its_pack(table: Imported) -> None:
    for procedure in table.procedures:
        assert read_procedure(json.loads(json.dumps(write_procedure(procedure)))) == procedure


def test_nothing_of_the_table_breaks_a_hard_rule_or_is_unsettled_in_silence(table: Imported) -> None:
    for procedure in table.procedures:
        found = [(path, code) for path, code, _ in check_procedure(procedure, None)]
        assert [f for f in found if f[1] not in SOFT] == [], procedure.code
        about = {d.about for d in procedure.doubts}
        assert procedure.review == "imported"
        assert all(c.time is not None for c in procedure.channels) or "time" in about
        assert all(f.kind == "fixed" for c in procedure.channels for f in c.fees) or "fee" in about
        assert not any(p.required for c in procedure.cases for p in c.papers)


def test_what_the_table_says_without_a_unit_or_in_several_ways_has_no_deadline(table: Imported) -> None:
    rows = {r["code"]: r for r in csv.DictReader(io.StringIO(TABLE.read_text("utf-8-sig")))}
    for procedure in table.procedures:
        row = rows[procedure.code]
        limit = procedure.channels[0].time
        plain = row["processing_time"].isdigit() and row["time_unit"] and not row["time_note"].startswith("khác theo")
        plain = plain and not row["after_15h_next_working_day"]
        assert (limit is not None) == bool(plain), procedure.code
        if limit is not None:
            assert limit.amount == int(row["processing_time"])
            assert (
                limit.unit == {"ngày làm việc": "working_day", "ngày": "day", "giờ": "hour", "tháng": "month"}[row["time_unit"]]
            )


def test_a_price_for_a_copy_and_a_price_in_thousands_are_not_taken_for_the_fee(table: Imported) -> None:
    by_code = {p.code: p for p in table.procedures}
    assert by_code["2.000635"].channels[0].fees[0].kind == "unstated"  # 8.000 đ, for each copy
    assert by_code["2.000815"].channels[0].fees[0].kind == "unstated"  # tiers by page
    assert by_code["1.004873"].channels[0].fees[0].kind == "local"
    assert {f.amount for p in table.procedures for c in p.channels for f in c.fees if f.kind == "fixed"} <= {0, 100_000}


def test_notes_and_vneid_stay_out_of_the_checklist_and_are_told(table: Imported) -> None:
    by_code = {p.code: p for p in table.procedures}
    health = by_code["1.014193"]
    assert not any("VNeID" in p.name for c in health.cases for p in c.papers)
    assert any("VNeID" in text for text in doubts(health, "papers"))
    assert any("Nguồn cắt bớt 6 mục" in text for text in doubts(health, "papers"))
    lines = [p.name for q in table.procedures for c in q.cases for p in c.papers]
    assert not any(name.startswith(("Số lượng hồ sơ", "Người tiếp nhận", "Lưu ý", "(+")) for name in lines)


# --- LayThuTuc: deadlines


def test_each_channel_keeps_its_own_deadline() -> None:
    kinds = [channel("1", time("3", "Ngày làm việc")), channel("2", time("02", "WORKING_DAY")), channel("3", time("1", "Tháng"))]
    channels = one(portal(CACHTHUCTHUCHIEN=kinds)).channels
    assert [(c.id, c.time and (c.time.amount, c.time.unit)) for c in channels] == [
        ("1", (3, "working_day")),
        ("2", (2, "working_day")),
        ("3", (1, "month")),
    ]


@pytest.mark.parametrize(
    ("amount", "unit", "note"),
    [
        ("1", "OTHER", ""),
        ("1", "Khác", ""),
        ("1", "", ""),
        ("1", "YEAR", ""),
        ("1", "Năm", ""),
        ("", "Ngày", ""),
        ("0", "Ngày", ""),
        ("-3", "Ngày", ""),
        ("3.5", "Ngày làm việc", ""),
        ("Không quy định", "Ngày", ""),
        ("3 ngày", "", ""),
        ("٣", "Ngày", ""),
        ("9999", "Ngày", ""),
        ("5", "Ngày làm việc", "Trường hợp cần xác minh: 08 ngày làm việc"),
        ("5", "Ngày làm việc", "05 ngày kể từ ngày nhận đủ hồ sơ"),
        ("1", "Ngày làm việc", "Ngay trong ngày; sau 15 giờ thì trả ngày làm việc tiếp theo"),
        ("2", "Giờ", "khác theo hình thức/trường hợp: 2 giờ; 2 (đơn vị không ghi)"),
    ],
)
def test_a_deadline_that_is_not_plain_is_left_open_and_told(amount: str, unit: str, note: str) -> None:
    found = import_records([portal(CACHTHUCTHUCHIEN=[channel("1", time(amount, unit, note))])], "laythutuc")
    assert found.procedures[0].channels[0].time is None
    assert len(doubts(found.procedures[0], "time")) == 1
    assert found.to_confirm == 1


def test_a_note_that_repeats_the_deadline_leaves_it_settled() -> None:
    limit = one(portal(CACHTHUCTHUCHIEN=[channel("1", time("5", "Ngày làm việc", "05 ngày làm việc kể từ ngày nhận đủ hồ sơ"))]))
    assert limit.channels[0].time is not None


def test_several_deadlines_in_one_channel_are_named_and_none_is_chosen() -> None:
    several = channel("1", time("3", "Ngày làm việc", "Thông thường"), time("8", "Ngày làm việc", "Cần xác minh"))
    procedure = one(portal(CACHTHUCTHUCHIEN=[several, channel("2")]))
    assert procedure.channels[0].time is None
    assert procedure.channels[1].time is not None
    assert "3 Ngày làm việc" in doubts(procedure, "time")[0] and "8 Ngày làm việc" in doubts(procedure, "time")[0]
    assert "(trực tiếp tại quầy)" in doubts(procedure, "time")[0]


# --- LayThuTuc: fees


@pytest.mark.parametrize(
    ("fees", "kind", "amount"),
    [
        ([("70000", "Đồng", "Lệ phí: 70.000 đồng/hồ sơ")], "fixed", 70_000),
        ([("70.000", "đ", "/lần")], "fixed", 70_000),
        ([("70000", "Đồng/hồ sơ", "Lệ phí")], "fixed", 70_000),
        ([("0", "Đồng", "Không thu phí")], "fixed", 0),
        ([("", "", "Miễn phí.")], "fixed", 0),
        ([("0", "", "Không")], "fixed", 0),
        ([], "unstated", 0),
        ([("0", "Đồng", "")], "unstated", 0),
        ([("0", "Đồng", "Chi tiết tại văn bản kèm theo")], "unstated", 0),
        ([("0", "Đồng", "Không quy định")], "unstated", 0),
        ([("0", "Đồng", "Miễn phí?")], "unstated", 0),
        ([("0", "Đồng", "Không thu lệ phí đối với hộ nghèo")], "unstated", 0),
        ([("20", "đ", "20.000 đồng/hồ sơ")], "unstated", 0),
        ([("8000", "Đồng", "")], "unstated", 0),
        ([("70000", "Đồng", "Lệ phí: 80.000 đồng/hồ sơ")], "unstated", 0),
        ([("70000", "Đồng", "Không")], "unstated", 0),
        ([("2000", "Đồng", "2.000 đồng/trang; từ trang thứ 3 1.000 đồng/trang")], "unstated", 0),
        ([("10", "USD", "/hồ sơ")], "unstated", 0),
        ([("50000", "Đồng", "50.000 đồng/hồ sơ, miễn cho hộ nghèo")], "unstated", 0),
        ([("50000", "Đồng", "50.000 đồng/hồ sơ"), ("20000", "Đồng", "20.000 đồng/hồ sơ")], "unstated", 0),
        ([("150000", "Đồng", "Mức thu do HĐND tỉnh quyết định")], "local", 0),
        ([("0", "Đồng", "Theo quy định của Hội đồng nhân dân cấp tỉnh")], "local", 0),
    ],
)
def test_a_fee_is_fixed_only_when_the_text_leaves_no_choice(fees: list[tuple[str, str, str]], kind: str, amount: int) -> None:
    found, due, told = fee(*fees)
    assert (found, due) == (kind, amount)
    assert bool(told) == (kind != "fixed")
    assert all(len(text) < 260 for text in told)


def test_a_free_fee_says_where_it_comes_from_and_a_long_text_is_cut_between_words() -> None:
    procedure = one(portal(CACHTHUCTHUCHIEN=[channel("1", time("3", "Ngày", "", ("0", "", "Không thu phí")))]))
    assert procedure.channels[0].fees[0].basis == "Cổng ghi: “0 (Không thu phí)”"
    quoted = fee(("0", "Đồng", "mức thu theo biểu " * 40))[2][0].split("“")[1].split("”")[0]
    assert len(quoted) <= 120 and quoted.endswith("…")


# --- LayThuTuc: papers and cases


def test_cases_keep_their_papers_and_one_paper_has_one_code_in_all_of_them() -> None:
    form = {"TENGIAYTO": "Đơn đề nghị", "SOBANCHINH": "1", "SOBANSAO": "2", "TENMAUDON": "Mẫu 1"}
    other = {"TENGIAYTO": "Giấy ủy quyền", "SOBANCHINH": "1"}
    cases = one(
        portal(THANHPHANHOSO=[{"TRUONGHOP": "Cá nhân", "GIAYTO": [form]}, {"TRUONGHOP": "Tổ chức", "GIAYTO": [other, form]}])
    ).cases
    assert [(c.id, c.name) for c in cases] == [("case_1", "Cá nhân"), ("case_2", "Tổ chức")]
    assert [[p.code for p in c.papers] for c in cases] == [["P01"], ["P02", "P01"]]
    paper = cases[0].papers[0]
    assert (paper.originals, paper.certified, paper.copies, paper.required, paper.note) == (1, 0, 2, False, "Mẫu: Mẫu 1")


@pytest.mark.parametrize(
    "line",
    [
        "Lưu ý: nộp trước ngày 30",
        "Người tiếp nhận có trách nhiệm kiểm tra",
        "Số lượng hồ sơ: 01 bộ",
        "Một trong các giấy tờ sau:",
        "Cá nhân có thể ủy quyền cho người khác",
        "(+4 mục)",
        "Tài khoản VNeID mức độ 2",
        "Giấy xác nhận địa chỉ cũ và mới do sáp nhập đơn vị hành chính",
    ],
)
def test_what_is_no_paper_is_told_and_not_asked_for(line: str) -> None:
    procedure = one(portal(THANHPHANHOSO=[{"TRUONGHOP": "", "GIAYTO": [{"TENGIAYTO": line}, {"TENGIAYTO": "Đơn đề nghị"}]}]))
    assert [p.name for p in procedure.cases[0].papers] == ["Đơn đề nghị"]
    assert doubts(procedure, "papers")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("(2) Giấy chứng nhận đã cấp;", "Giấy chứng nhận đã cấp"),
        ("Thành phần hồ sơ 1: Bản khai (bản chính)", "Bản khai (bản chính)"),
        ("Đối với tàu biển: bản trích sao nhật ký", "Đối với tàu biển: bản trích sao nhật ký"),
        ("Mẫu 02 kèm Thông tư số 17/2024/TT-BCA", "Mẫu 02 kèm Thông tư số 17/2024/TT-BCA"),
    ],
)
def test_papers_lose_their_numbering_and_nothing_else(line: str, name: str) -> None:
    procedure = one(portal(THANHPHANHOSO=[{"TRUONGHOP": "", "GIAYTO": [{"TENGIAYTO": line}]}]))
    assert [p.name for p in procedure.cases[0].papers] == [name]


def test_a_long_name_is_cut_between_words_and_unreadable_counts_are_told() -> None:
    long = {"TENGIAYTO": "Giấy " + "rất dài " * 90, "SOBANCHINH": "một"}
    procedure = one(portal(THANHPHANHOSO=[{"TRUONGHOP": "", "GIAYTO": [long, "lạ"]}]))
    paper = procedure.cases[0].papers[0]
    assert len(paper.name) <= 300 and paper.name.endswith(("rất…", "dài…"))
    assert len(doubts(procedure, "papers")) == 3


# --- what is refused, and how


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("một dòng chữ", "not_a_record"),
        (None, "not_a_record"),
        ([], "not_a_record"),
        (portal(MaTTHC=""), "code_malformed"),
        (portal(MaTTHC="1.0133611"), "code_malformed"),
        (portal(MaTTHC="１.000001"), "code_malformed"),
        (portal(MaTTHC=["9.000001"]), "code_malformed"),
        (portal(TENTTHC="  "), "name_missing"),
        (portal(TRANGTHAI="0"), "not_public"),
        (portal(TRANGTHAI=2), "not_public"),
        (portal(TENTTHC="Đăng k\ufffd"), "text_broken"),
        (portal(KETQUATHUCHIEN=[{"TENKETQUA": "\ud800"}]), "text_broken"),
        (portal(CACHTHUCTHUCHIEN=[]), "no_channel"),
        (portal(CACHTHUCTHUCHIEN=[channel("9")]), "no_channel"),
        (portal(MOTA="đ" * (LONGEST_FIELD // 2 + 1)), "field_too_long"),
        (portal(MOTA="x" * 2_000_000), "field_too_long"),
    ],
)
def test_a_record_that_cannot_come_in_is_refused_by_reason(record: Any, why: str) -> None:
    assert reason(record) == why


def test_a_record_nested_without_end_is_refused() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert reason(portal(YEUCAU=deep)) == "not_a_record"


def test_the_second_of_one_code_and_decision_is_refused_and_another_decision_is_another_version() -> None:
    found = import_records([portal(), portal(TENTTHC="Khác"), portal(QUYETDINH="2/QĐ-THU")], "laythutuc")
    assert [(p.code, p.version) for p in found.procedures] == [("9.000001", "1/QĐ-THU"), ("9.000001", "2/QĐ-THU")]
    assert found.refused == [{"row": 2, "code": "9.000001", "reason": "duplicate"}]
    assert found.as_json() == {"imported": 2, "to_confirm": 2, "refused": found.refused}


def test_keys_in_any_case_decomposed_letters_and_codes_of_a_province() -> None:
    record = {k.lower(): v for k, v in portal(MaTTHC="9.000001.H56").items()}
    record["tentthc"] = unicodedata.normalize("NFD", "  Đăng ký\nnuôi  chim ")
    procedure = one(record)
    assert (procedure.code, procedure.name) == ("9.000001.H56", "Đăng ký nuôi chim")
    assert (procedure.field, procedure.result, procedure.form) == ("Thử", "Giấy thử", None)


def test_a_record_without_decision_or_dates_says_so() -> None:
    record = portal(QUYETDINH="", CANCUPHAPLY=[{"NGAYHIEULUC": "2020-01-01"}])
    procedure = one(record)
    assert (procedure.version, procedure.decision, procedure.valid_from) == ("chưa rõ", "", "2026-01-01")
    assert len(doubts(procedure, "validity")) == 2
    assert one(portal(valid_from="2026-03-01")).valid_from == "2026-03-01"
