"""Packs are checked before use: the shipped ones hold, each rule breaks once, and no file whatever makes the check fail."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.pack_check import check_pack
from forms.pack_rules import HARD, SOFT
from resources import path_of


def form() -> dict[str, Any]:
    """An invented e-form."""
    return {
        "format": 2,
        "id": "pigeons",
        "version": "1",
        "title": "Tờ khai nuôi chim",
        "source": "Mẫu thử",
        "valid_from": "2026-01-01",
        "properties": {
            "birds": {"title": "Số chim", "x-kind": "number"},
            "since": {"title": "Nuôi từ ngày", "x-kind": "date"},
            "account": {"title": "Tài khoản", "x-kind": "text"},
            "owner": {"title": "Chủ nuôi", "x-kind": "person", "required": ["full_name"]},
        },
        "required": ["birds"],
        "layout": [{"title": "Chim", "rows": [["birds", "since"], ["account"], ["owner"]]}],
    }


def procedure() -> dict[str, Any]:
    """An invented procedure without fault."""
    fees = [
        {"code": "LP", "name": "Lệ phí", "kind": "per_unit", "amount": 5000, "quantity": "birds", "basis": "Thông tư thử"},
        {
            "code": "LP2",
            "name": "Lệ phí quá hạn",
            "kind": "local",
            "basis": "HĐND",
            "after_days": ["since", 60],
            "cases": ["chung"],
        },
    ]
    papers = [
        {"code": "TK", "name": "Tờ khai", "originals": 1, "required": True},
        {"code": "CC", "name": "Bản sao thẻ căn cước", "copies": 1, "required": False},
    ]
    return {
        "format": 2,
        "code": "9.000001",
        "version": "1/QĐ-THU",
        "name": "Đăng ký nuôi chim bồ câu",
        "short_name": "Nuôi chim",
        "field": "Thử",
        "decision": "1/QĐ-THU",
        "valid_from": "2026-01-01",
        "code_source": "ours",
        "form": "pigeons",
        "result": "Giấy thử",
        "cases": [{"id": "chung", "name": "Trường hợp chung", "papers": papers, "optional_answers": ["account"]}],
        "channels": [{"id": "1", "name": "Trực tiếp tại quầy", "time": {"amount": 3, "unit": "working_day"}, "fees": fees}],
        "keywords": ["chim"],
        "to_confirm": [{"about": "fee", "text": "Mức phí của tỉnh cần xác nhận."}],
    }


def papers() -> dict[str, Any]:
    entry = {"name": "receipt", "template": "receipt.typ", "valid_from": "2026-01-01", "form": "Mẫu số 01", "title": "GIẤY"}
    return {"papers": [{"name": "common", "valid_from": "2026-01-01", "words": {}}, entry]}


def put(root: Path, name: str, content: Any) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A folder without fault."""
    put(tmp_path, "papers/codes.json", {"what": "a template reads"})
    put(tmp_path, "procedures/9.000001.json", procedure())
    put(tmp_path, "forms/pigeons.json", form())
    put(tmp_path, "papers/papers.json", papers())
    put(tmp_path, "papers/receipt.typ", "giấy")
    return tmp_path


def change(raw: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with another value at a dotted path; ``...`` takes the key away, ``+x`` appends."""
    made = copy.deepcopy(raw)
    *way, last = path.split(".")
    at: Any = made
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is ...:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return made


def codes(path: Path) -> list[tuple[str, bool]]:
    return [(f["code"], f["hard"]) for f in check_pack(path)]


def test_the_shipped_packs_have_no_hard_finding() -> None:
    assert [f for f in check_pack(path_of()) if f["hard"]] == []


def test_a_pack_without_fault_has_no_finding_as_a_folder_and_file_by_file(pack: Path) -> None:
    assert check_pack(pack) == []
    for name in ("procedures/9.000001.json", "forms/pigeons.json", "papers/papers.json"):
        assert check_pack(pack / name) == [], name


def test_files_side_by_side_are_known_by_their_content(tmp_path: Path) -> None:
    put(tmp_path, "a.json", procedure())
    put(tmp_path, "b.json", form())
    assert check_pack(tmp_path) == []
    put(tmp_path, "c.json", {"hello": 1})
    assert codes(tmp_path) == [("pack_kind_unknown", True)]


def test_an_eform_of_the_shipped_ones_is_found(tmp_path: Path) -> None:
    raw = change(procedure(), "form", "birth")
    raw["channels"][0]["fees"] = [
        {"code": "P", "name": "Phí", "kind": "per_unit", "amount": 1, "quantity": "mother.full_name", "basis": "x"}
    ]
    raw["cases"][0]["optional_answers"] = ["father"]
    assert check_pack(put(tmp_path, "x.json", raw)) == []


ADDRESS = "Giấy xác nhận địa chỉ cũ và địa chỉ mới do sáp nhập"
BROKEN: list[tuple[str, Any, str]] = [
    ("cases.0.papers.0.name", "Ảnh chụp tài khoản VNeID", "vneid_required"),
    ("cases.0.papers.1.name", ADDRESS, "address_confirmation"),
    ("cases.0.papers.1.required", True, "on_card_required"),
    ("cases.0.papers.0.originals", 0, "paper_uncounted"),
    ("decision", " ", "decision_missing"),
    ("version", "", "version_missing"),
    ("name", "", "name_missing"),
    ("valid_from", "1/1/2026", "date_malformed"),
    ("short_name", 5, "not_text"),
    ("cases.0.papers.0.name", ["x"], "not_text"),
    ("form", "doves", "form_unknown"),
    ("cases.0.optional_answers", ["cage"], "answer_unknown"),
    ("channels.0.fees.0.quantity", "eggs", "answer_unknown"),
    ("channels.0.fees.0.quantity", ..., "quantity_missing"),
    ("channels.0.fees.1.after_days", ["until", 60], "answer_unknown"),
    ("channels.0.fees.1.within_days", ["until", 60], "answer_unknown"),
    ("channels.0.fees.1.cases", ["khac"], "case_unknown"),
    ("channels.0.fees.1.exempt", ["nguoi_quen"], "exemption_unknown"),
    ("channels.0.time", None, "doubt_missing"),
    ("channels.0.time", {"amount": 1, "unit": "day", "same_day": True}, "same_day_unit"),
    ("channels.0.case_times", {"chung": {"amount": 1, "unit": "hour", "same_day": True}}, "same_day_unit"),
    ("channels.0.case_times", {"khac": {"amount": 1, "unit": "hour"}}, "case_unknown"),
    ("to_confirm", [], "fee_doubt_missing"),
    ("members", [{"procedure": "9.000002", "answers": {"a": "cage"}}], "answer_unknown"),
    ("members", [{"procedure": "9.000002", "when": {"answer": "cage", "known": True}}], "condition_broken"),
    ("format", 1, "pack_version_unknown"),
    ("result", ..., "pack_damaged"),
    ("channels.0.time.unit", "fortnight", "pack_damaged"),
    ("channels.0.id", ["1"], "pack_damaged"),
]


@pytest.mark.parametrize(("path", "value", "code"), BROKEN)
def test_each_rule_for_procedures_breaks_once(pack: Path, path: str, value: Any, code: str) -> None:
    put(pack, "procedures/9.000001.json", change(procedure(), path, value))
    assert codes(pack) == [(code, code not in SOFT)]
    assert check_pack(pack)[0]["file"] == "procedures/9.000001.json"


def test_a_finding_says_where_and_what_in_vietnamese(pack: Path) -> None:
    put(pack, "procedures/9.000001.json", change(procedure(), "cases.0.papers.0.name", "Ảnh chụp tài khoản VNeID"))
    told = "Bắt buộc tài khoản VNeID khi nộp tại quầy (Công điện 111/CĐ-TTg không cho phép): “Ảnh chụp tài khoản VNeID”."
    assert check_pack(pack) == [
        {
            "file": "procedures/9.000001.json",
            "path": "cases.chung.papers.TK",
            "code": "vneid_required",
            "hard": True,
            "text": told,
        }
    ]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("properties.birds.title", "Số tài khoản VNeID", "vneid_required"),
        (
            "properties.account",
            {"title": "VNeID", "x-kind": "text", "x-required": {"answer": "birds", "is": 1}},
            "vneid_required",
        ),
        ("properties.account.title", ADDRESS, "address_confirmation"),
        ("properties.owner.x-with", {"a": {"title": ADDRESS, "x-kind": "text"}}, "address_confirmation"),
        ("version", " ", "version_missing"),
        ("source", 5, "not_text"),
        ("valid_from", "2026", "date_malformed"),
        ("format", None, "pack_version_unknown"),
        ("properties.birds.x-kind", "colour", "pack_damaged"),
        ("properties.birds.x-shown", {"answer": "birds", "known": True}, "conditions_cycle"),
        ("layout", [], "pack_damaged"),
    ],
)
def test_each_rule_for_eforms_breaks_once(pack: Path, path: str, value: Any, code: str) -> None:
    file = put(pack, "forms/pigeons.json", change(form(), path, value))
    assert codes(file) == [(code, True)]


def test_an_optional_field_may_name_vneid(pack: Path) -> None:
    assert (
        check_pack(put(pack, "forms/pigeons.json", change(form(), "properties.account.title", "Tài khoản VNeID (nếu có)"))) == []
    )


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("papers.1.title", ..., ["paper_field_missing"]),
        ("papers.0.valid_from", "", ["paper_field_missing"]),
        ("papers.1.template", "gone.typ", ["template_missing"]),
        ("papers.1.template", "../procedures/9.000001.json", ["template_missing"]),
        ("papers.1.form", "", []),
        ("papers", {}, ["pack_damaged"]),
        ("papers.0", "x", ["paper_field_missing"] * 5),
    ],
)
def test_the_list_of_papers(pack: Path, path: str, value: Any, found: list[str]) -> None:
    put(pack, "papers/papers.json", change(papers(), path, value))
    assert [code for code, _ in codes(pack)] == found


def test_what_stands_twice(pack: Path) -> None:
    put(pack, "procedures/again.json", procedure())
    put(pack, "procedures/newer.json", change(procedure(), "version", "2/QĐ-THU"))
    put(pack, "forms/again.json", form())
    assert codes(pack) == [("form_twice", True), ("code_twice", True)]


@pytest.mark.parametrize("name", ["cases", "channels"])
def test_an_id_that_stands_twice_in_a_procedure(pack: Path, name: str) -> None:
    raw = procedure()
    raw[name].append(raw[name][0])
    put(pack, "procedures/9.000001.json", raw)
    assert codes(pack) == [("id_twice", True)]


def test_the_newest_version_of_an_eform_counts(pack: Path) -> None:
    older = change(change(form(), "version", "0"), "valid_from", "2020-01-01")
    del older["properties"]["since"]
    older["layout"][0]["rows"][0] = ["birds"]
    put(pack, "forms/a_older.json", older)
    assert check_pack(pack) == []


@pytest.mark.parametrize(
    "content", ["", "{", "[" * 100_000, "5", "null", '"x"', "[]", '{"cases": {}}', '{"channels": [], "cases": []}']
)
def test_a_file_that_is_no_pack_is_one_finding(tmp_path: Path, content: str) -> None:
    found = codes(put(tmp_path, "procedures/x.json", content))
    assert len(found) == 1 and found[0][1]
    assert codes(tmp_path) == found


def test_nothing_to_check_and_nothing_there(tmp_path: Path) -> None:
    assert codes(tmp_path) == [("nothing_to_check", True)]
    assert codes(tmp_path / "gone.json") == [("pack_damaged", True)]
    (tmp_path / "x.json").mkdir()
    assert codes(tmp_path) == [("pack_damaged", True)]


@pytest.mark.parametrize("depth", [300, 900, 20_000])
def test_conditions_without_bottom_are_damage_not_a_crash(pack: Path, depth: int) -> None:
    text = json.dumps(change(form(), "properties.since.x-shown", "DEEP"))
    deep = '{"not": ' * depth + '{"answer": "birds", "known": true}' + "}" * depth
    put(pack, "forms/pigeons.json", text.replace('"DEEP"', deep))
    assert ("pack_damaged", True) in codes(pack) or (depth < 1000 and codes(pack) == [])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
JSON = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=6), x, max_size=3), max_leaves=8
)


def places(raw: Any, path: str = "") -> list[str]:
    """Every dotted path in a pack."""
    pairs = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    found = []
    for key, value in pairs:
        here = f"{path}.{key}" if path else str(key)
        found += [here, *places(value, here)]
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_pack_with_anything_anywhere_is_findings_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    root = tmp_path_factory.getbasetemp() / "anything"
    for name, raw in (("procedures/p.json", procedure()), ("forms/f.json", form()), ("papers/papers.json", papers())):
        where = data.draw(st.sampled_from(places(raw)))
        put(root, name, change(raw, where, data.draw(JSON)))
    for finding in check_pack(root):
        assert finding["code"] in HARD | SOFT
        assert isinstance(finding["text"], str) and finding["text"]
