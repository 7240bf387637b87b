"""Raw refusals of a receiving system: known by the words that name a field, whatever marks and case; unknown ones stay polite."""

import ast
import json
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.names import fold
from forms.problem import Problem
from forms.refusals import MOST, OTHER, kept, recognised, rows_of
from resources import path_of
from sync.events import canonical
from sync.relay.played import ministry, ministry_table, national, national_tables

ROWS = json.loads(path_of("refusals.json").read_text("utf-8"))["rows"]
PERSON = ("personal_id", "full_name", "birth_date", "address", "phone", "email")
FIELDS = {None, "procedure", *(f"applicant.{name}" for name in PERSON)}
SAY = "Thưa anh chị, rừng ạ."
OWN = {"code": "forest", "match": ["rừng * ngập mặn"], "field": "answers.forest", "reason": "Rừng", "say": SAY}
LONG = ["x" * 10**7, "ngày sinh " * 10**6, "* " * 10**6, "\u0301" * 10**6, "không khớp " * 1000 + "họ tên"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_each_row_is_what_its_example_says(row: dict[str, Any]) -> None:
    found = recognised(row["example"])
    assert found == {k: row[k] for k in ("code", "reason", "field", "say")} | {"raw": row["example"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_marks_case_and_spelling_do_not_matter(row: dict[str, Any]) -> None:
    text = row["example"]
    for spelled in (
        text.upper(),
        fold(text),
        unicodedata.normalize("NFD", text),
        f"[ERR-17] «{text}»!\n\t",
        text.replace(" ", "  "),
    ):
        assert recognised(spelled)["code"] == row["code"], spelled


def test_every_row_is_polite_short_and_names_a_field_that_can_be_mended() -> None:
    assert len({row["code"] for row in ROWS}) == len(ROWS)
    for row in [*ROWS, recognised("?")]:
        assert row["field"] in FIELDS
        assert row["say"].startswith("Thưa anh chị, ") and row["say"].endswith(" ạ.") and len(row["say"]) <= 150
        assert 5 < len(row["reason"]) <= 60 and not row["reason"].endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_every_pattern_of_a_row_can_be_met(row: dict[str, Any]) -> None:
    """None is hidden by all rows before it, or spelled so that nothing can match."""
    alone = rows_of([row])
    for pattern in row["match"]:
        assert pattern == fold(pattern)
        said = pattern.replace("*", "của hệ thống")
        assert recognised(said, [row])["code"] == row["code"]
    assert any(recognised(p.replace("*", "x"))["code"] == row["code"] for p in row["match"])
    assert len(alone[0].match) == len(set(row["match"]))


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        ("Mã định danh đơn vị 000.00.11.H38 chưa đăng ký", "unit_unknown", None),
        ("Số định danh và ngày sinh không khớp", "birth_date_wrong", "applicant.birth_date"),
        ("Trường HinhThuc sai định dạng", "format_wrong", None),
        ("Lỗi hệ thống: ORA-00942", OTHER, None),
        ("Internal Server Error", OTHER, None),
        ("", OTHER, None),
        ("định", OTHER, None),
        ("dinhdanhx", OTHER, None),
        ("\x00\u202e\ud800", OTHER, None),
        ("錯誤", OTHER, None),
    ],
)
def test_what_is_meant_and_what_is_not_known(raw: str, code: str, field: str | None) -> None:
    found = recognised(raw)
    assert (found["code"], found["field"]) == (code, field)
    if code == OTHER:
        assert found["reason"] == "Hệ thống nhận từ chối hồ sơ"
        assert "không phải đi lại" in found["say"]


WRONG = (
    *("Thiếu trường bắt buộc {}", "Trường {} không đúng kiểu dữ liệu", "Trường {} vượt quá 50 ký tự"),
    *("Trường {} không được để trống", "Trường {} có giá trị không hợp lệ", "Trường {} không đúng định dạng ngày"),
    *("Trường {} không có trong danh mục trường", "Trường {} không còn dùng từ 01/7/2025"),
)
"""How the played servers speak of a field."""
ABOUT = {
    "applicant.full_name": "ChuHoSo TenNguoiNop TenChuHs",
    "applicant.personal_id": "DinhDanhCHS SoDinhDanh LoaiDinhDanh SoDinhDanhChuHs NgayCapDinhDanh",
    "applicant.birth_date": "NgaySinh",
    "applicant.phone": "SoDienThoai",
    "applicant.email": "Email",
    "applicant.address": "MaTinh MaHuyen MaXa DiaChiChiTiet MaTinhChuHs MaXaChuHs DiaChiChiTietChuHs",
    "procedure": "MaTTHC TenTTHC MaLinhVuc TenLinhVuc MaDichVuCong",
}
OF_FIELD = {name: field for field, names in ABOUT.items() for name in names.split()}
_MINISTRY = (ministry_table.RECORD, ministry_table.ROW, ministry_table.STATE)
TABLES: list[Any] = [national_tables.RECORD, national_tables.ROW, *_MINISTRY]


def names(table: Any, within: str = "") -> Iterator[str]:
    """Every field of a table, by its name within it."""
    for inner in table if isinstance(table, list) else [table]:
        for name, rule in inner.items() if isinstance(inner, dict) else ():
            yield within + name
            yield from names(rule, f"{within}{name}.")


@pytest.mark.parametrize("table", TABLES, ids=range(len(TABLES)))
def test_every_field_that_a_strict_server_refuses_is_recognised(table: Any) -> None:
    said = [(name, wrong.format(name)) for name in names(table) for wrong in WRONG]
    assert len(said) > 50
    for name, raw in said:
        own = name.rpartition(".")[2]
        for spelled in (raw, raw.replace(name, own)):
            found = recognised(spelled)
            assert found["code"] != OTHER, spelled
            assert found["field"] == OF_FIELD.get(own), spelled


def refusals_of(module: Any) -> Iterator[str]:
    """What a played server says, out of its source; figures stand for what it fills in."""
    for call in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("Refused", "_Refused", "Wrong"):
            if isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)
            elif isinstance(call.args[0], ast.JoinedStr):
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in call.args[0].values)


@pytest.mark.parametrize("module", [national, ministry], ids=["national", "ministry"])
def test_everything_that_a_strict_server_says_is_recognised(module: Any) -> None:
    said = list(refusals_of(module))
    assert len(said) > 10
    assert [raw for raw in said if recognised(raw)["code"] == OTHER] == []


@pytest.mark.parametrize("raw", LONG, ids=range(len(LONG)))
def test_a_text_of_any_length_is_bounded_and_soon_read(raw: str) -> None:
    began = time.monotonic()
    found = recognised(raw)
    assert time.monotonic() - began < 2
    assert len(found["raw"]) <= MOST
    assert found["raw"].endswith("…")


def test_what_is_kept_can_stand_in_an_event() -> None:
    text = kept("a\r\nb\x00c\ud800d\u202ee\u2028f " + "ế" * MOST)
    canonical({"raw": text})
    assert text.startswith("a b c d e f ế") and len(text) == MOST
    assert kept("Số  định danh\u00a0sai ") == "Số định danh sai"


def test_rows_of_a_configuration_come_first() -> None:
    assert recognised("Rừng tự nhiên NGẬP MẶN, thiếu ngày sinh", [OWN]) == {
        "code": "forest",
        "reason": "Rừng",
        "field": "answers.forest",
        "say": SAY,
        "raw": "Rừng tự nhiên NGẬP MẶN, thiếu ngày sinh",
    }
    assert recognised("ngập mặn, rừng", [OWN])["code"] == OTHER
    assert recognised("rừng ngập mặn", [OWN])["code"] == "forest"


@pytest.mark.parametrize(
    "row",
    [
        *({}, "text", None),
        *(OWN | {"match": wrong} for wrong in (None, [], ["*"], ["…"], [7])),
        *(OWN | {"say": ""}, OWN | {"code": 3}, OWN | {"field": 4}),
    ],
)
def test_a_damaged_row_of_a_configuration_is_named(row: Any) -> None:
    with pytest.raises(Problem) as error:
        recognised("x", [OWN, row])
    assert (error.value.code, error.value.details) == ("refusals_damaged", {"row": 2})
