"""Import files as they come: JSON and tables in every wrapping, broken ones, and rows with anything at all in them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.pack import read_procedure, write_procedure
from forms.portal_records import REASONS, import_records, read_file
from forms.problem import Problem
from tests.forms.portal_samples import channel, portal, time


@pytest.mark.parametrize(
    "wrap", [lambda r: [r], lambda r: {"error_code": "0", "result": [r]}, lambda r: {"Result": r}, lambda r: r]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_in_every_wrapping_with_or_without_a_mark(tmp_path: Path, wrap: Any, encoding: str) -> None:
    file = tmp_path / "thutuc.dat"
    file.write_text(json.dumps(wrap(portal()), ensure_ascii=False), encoding=encoding)
    assert len(read_file(file).procedures) == 1


def rows(*lines: list[str], delimiter: str = ",") -> str:
    sheet = io.StringIO()
    csv.writer(sheet, delimiter=delimiter).writerows(lines)
    return sheet.getvalue()


HEADING = ["code", "name", "processing_time", "time_unit", "fee", "documents", "channels", "decision"]
ROW = ["9.000001", "Thử", "3", "ngày", "Không", "Đơn | Giấy tờ khác", "DIRECT+ONLINE", "1/QĐ"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_from_a_spreadsheet(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "bang.csv"
    file.write_text(rows(HEADING, ROW, delimiter=delimiter), encoding="utf-8-sig", newline="")
    found = read_file(file)
    assert (len(found.procedures), found.to_confirm, found.refused) == (1, 0, [])
    assert [(c.id, c.time and c.time.unit, c.fees[0].amount) for c in found.procedures[0].channels] == [
        ("1", "day", 0),
        ("2", "day", 0),
    ]
    assert [p.name for p in found.procedures[0].cases[0].papers] == ["Đơn", "Giấy tờ khác"]
    assert found.procedures[0].cases[0].id == "chung"


def test_a_bad_byte_a_short_row_and_a_huge_cell_cost_their_own_row_only(tmp_path: Path) -> None:
    file = tmp_path / "bang.csv"
    text = rows(HEADING, ROW, ["9.000002", "Ngắn"], ["9.000003", "x" * 2_000_000, *ROW[2:]], ["9.000004", "Hỏng@", *ROW[2:]])
    limit = csv.field_size_limit()
    file.write_bytes(text.encode().replace(b"@", b"\xc3"))
    assert [(r["row"], r["reason"]) for r in read_file(file).refused] == [
        (2, "not_a_record"),
        (3, "field_too_long"),
        (4, "text_broken"),
    ]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"{", "json"),
        (b"[" * 100_000, "json"),
        (b"{}", "records"),
        (b'{"format": 2, "code": "9.000001"}', "records"),
        (b'{"result": "x"}', "records"),
        (b"PK\x03\x04 not a table", "columns"),
        (b"a,b\n1,2\n", "columns"),
        (b"code,name,code\n", "columns"),
        (b'code,name\n9.000001,"never closed\n9.000002,x\n', "table"),
    ],
)
def test_what_is_no_import_file_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    with pytest.raises(Problem) as caught:
        read_file(file)
    assert (caught.value.code, caught.value.details["reason"], caught.value.details["file"]) == (
        "import_unreadable",
        why,
        "x.csv",
    )


@pytest.mark.parametrize("name", ["", "gone.csv"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="file_unreadable"):
        read_file(tmp_path / name)


# --- anything at all

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=8), x, max_size=4), max_leaves=20
)
KEYS = st.sampled_from(
    [*portal(), "KENH", "THOIGIAN", "PHILEPHI", "GIAYTO", "TENGIAYTO", "SOBANCHINH", "code", "name", "fee", "channels"]
)


@settings(max_examples=250, deadline=None)
@given(st.lists(JSON | st.dictionaries(KEYS, JSON).map(lambda d: portal(**d)), max_size=5), st.sampled_from(["laythutuc", "csv"]))
def test_no_row_whatever_it_holds_raises_or_is_lost(given_rows: list[Any], source: Any) -> None:
    found = import_records(given_rows, source)
    assert len(found.procedures) + len(found.refused) == len(given_rows)
    assert {r["reason"] for r in found.refused} <= set(REASONS)
    for procedure in found.procedures:
        assert read_procedure(json.loads(json.dumps(write_procedure(procedure)))) == procedure


WORDS = st.lists(
    st.sampled_from(
        "Miễn phí không 0 8.000 đ đồng / hồ sơ lần trang HĐND : . ( ) | 5 ngày làm việc giờ 1) - Lưu ý … VNeID".split(" ")
    ),
    max_size=9,
).map(" ".join)


@settings(max_examples=250, deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
def test_words_of_the_trade_in_any_order_never_raise_and_never_settle_a_fee_in_silence(a: str, b: str, c: str, d: str) -> None:
    papers = [{"TRUONGHOP": a, "GIAYTO": [{"TENGIAYTO": d, "SOBANCHINH": b}]}]
    record = portal(CACHTHUCTHUCHIEN=[channel("1", time(a, b, c, (b, c, d)))], THANHPHANHOSO=papers)
    row = dict(zip(HEADING, ["9.000001", "Thử", a, b, c, d, "DIRECT", "1"], strict=True))
    for procedure in (*import_records([record], "laythutuc").procedures, *import_records([row], "csv").procedures):
        rule = procedure.channels[0].fees[0]
        assert rule.kind == "fixed" or any(d.about == "fee" for d in procedure.doubts)
        assert procedure.channels[0].time is not None or any(d.about == "time" for d in procedure.doubts)
