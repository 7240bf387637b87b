"""The copy lane's rows: the other system's order, each value as it is typed there, and the act that ends it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.copying import Order, Row, changes, load_orders, order_of, rows, touched, typed
from forms.dossier import fold
from forms.example import examples
from forms.pack import load
from forms.problem import Problem
from forms.routing import System
from forms.sample import folded
from resources import path_of
from tests.forms.test_dossier import Act

CATALOGUE = Catalogue.load()
ORDERS = load_orders(path_of())
OFFICE = load(path_of("communes", "sample.json"))


def made(code: str, order: str, **more: Any) -> list[Row]:
    line = next(examples(CATALOGUE, code, None, 1, 5))
    line |= more | {"applicant": line["applicant"] | more.get("applicant", {})}
    dossier = folded(line, CATALOGUE)
    return list(rows(ORDERS[order], dossier, CATALOGUE.form_of(dossier), CATALOGUE.procedure_of(dossier), OFFICE))


def value(found: list[Row], path: str) -> str:
    return next(r.value for r in found if r.path.split("|")[0] == path)


@pytest.mark.parametrize(
    ("how", "raw", "said"),
    [
        ("date", "2026-11-24", "24/11/2026"),
        ("date", "1996-08", "08/1996"),
        ("date", "1996", "1996"),
        ("date", "2026-11-24T18:30:00+00:00", "25/11/2026"),
        ("moment", "2026-11-24T09:05:00+07:00", "24/11/2026 09:05"),
        ("date", "chưa rõ", "chưa rõ"),
        ("number", 1_500_000, "1500000"),
        ("number", 0, "0"),
        ("number", "0912 345 678", "0912345678"),
        ("number", "038 184 099 636", "038184099636"),
        ("address", {"text": " Thôn  Nà Lộc, xã Yên Thượng", "unit": "02872"}, "Thôn Nà Lộc, xã Yên Thượng"),
        ("text", True, "Có"),
        ("text", False, "Không"),
        ("text", "  Lò  Văn Ổn ", "Lò Văn Ổn"),
        ("text", "dòng 1\ndòng  2", "dòng 1\ndòng  2"),
        ("stage", "supplement", "Yêu cầu bổ sung giấy tờ"),
        ("text", None, ""),
        ("text", [], ""),
    ],
)
def test_a_value_is_typed_as_the_other_system_wants_it(how: str, raw: Any, said: str) -> None:
    assert typed(how, raw) == said


def test_the_usual_order_with_the_form_in_its_own() -> None:
    found = made("1.001193", "default")
    titles = [r.title for r in found]
    assert titles[:3] == ["Mã hồ sơ", "Mã thủ tục", "Tên thủ tục"]
    assert [r.title for r in found if r.path.startswith("answers.")][:2] == [
        "Họ, chữ đệm và tên người được khai sinh",
        "Người nộp là gì của trẻ",
    ]
    mother = [r.title for r in found if r.path.startswith("answers.mother.")]
    assert mother == ["Mẹ: " + t for t in ("Họ, chữ đệm và tên", "Ngày sinh", "Dân tộc", "Quốc tịch", "Số định danh")]
    assert value(found, "answers.child_birth_date").count("/") == 2
    assert value(found, "published.name") == "Thủ tục đăng ký khai sinh"
    assert value(found, "return_to.how") == "Nhận trực tiếp", "whoever chose nothing comes to the counter"
    assert value(found, "fees.2").isdigit()
    assert value(found, "papers.TK") == "Tờ khai đăng ký khai sinh"
    assert value(found, "applicant.email") == "", "what is empty stays in the list, to be said"
    assert next(r.part for r in found if r.path == "answers.child_gender") == "Người được khai sinh"


def test_the_ministry_asks_for_the_submitter_who_is_never_mixed_with_the_owner() -> None:
    other = {"full_name": "Vàng Thị Sơn", "personal_id": "010190000123"}
    found = made("2.000635", "ministry", applicant={"representative": other})
    assert (value(found, "submitter.full_name"), value(found, "submitter.personal_id")) == tuple(other.values())
    assert value(found, "submitter.phone") == "", "the owner's phone is not the submitter's"
    names = [r for r in found if r.path.startswith("applicant.full_name")]
    assert [r.path for r in names] == ["applicant.full_name", "applicant.full_name#2"]
    assert len({r.value for r in names}) == 1


def test_every_table_and_every_form_gives_rows_whose_paths_name_them_for_good() -> None:
    for procedure in CATALOGUE.procedures:
        if not procedure.members:
            found = made(procedure.code, "default")
            assert len({r.path for r in found}) == len(found), procedure.code
            assert not [r for r in found if r.value in ("None", "True", "{}")], procedure.code


def test_what_a_system_names_or_is_gives_its_order(tmp_path: Path) -> None:
    def order(key: str = "book", kind: Any = "by_hand", name: str = "") -> Order:
        return order_of(ORDERS, System(key, "A", kind, False, name))

    assert order().id == "default"
    assert order(name="ministry").id == "ministry" == order(kind="ministry").id
    assert order(name="nowhere").id == "default"
    (tmp_path / "copying").mkdir()
    own = tmp_path / "copying" / "book.json"
    own.write_text('{"fields": [{"title": "Họ tên", "path": "applicant.full_name"}], "source": "", "to_confirm": ""}')
    known = load_orders(path_of(), tmp_path)
    assert [f.title for f in order_of(known, System("book", "A", "by_hand", False)).fields] == ["Họ tên"]
    own.write_text('{"fields": [{"title": "Họ tên", "format": "runes"}], "source": "", "to_confirm": ""}')
    with pytest.raises(Problem) as caught:
        load_orders(tmp_path)
    assert (caught.value.code, caught.value.details["file"]) == ("pack_damaged", "book.json")


def test_shipped_orders_mark_what_no_source_says() -> None:
    assert ORDERS.keys() == {"default", "ministry"}
    assert all(o.source and "cần xác nhận" in o.to_confirm for o in ORDERS.values())


def act(name: str, at: int, counter: str = "c1", **body: Any) -> Act:
    return Act(counter, "e", at, name, at, "CB001", body)


RECEIVED = act(
    "received", 1, code="H1-1", procedure={"code": "x"}, applicant={"full_name": "A"}, answers={"mother": {"full_name": "B"}}
)


def test_a_number_from_elsewhere_is_the_official_one_until_a_system_answers() -> None:
    first, again = (act("entered_elsewhere", at, system="book", number=n) for at, n in ((2, "HT-1"), (3, "HT-2")))
    none = act("entered_elsewhere", 2, system="book", number="")
    accepted = act("accepted", 4, "portal", system="moc", official_code="G1")
    told = fold("d", [RECEIVED, first])
    assert (told.official_code, told.verdict, told.review) == ("HT-1", "entered", [])
    told = fold("d", [RECEIVED, first, again])
    assert (told.official_code, told.other_codes) == ("HT-2", ["HT-1"])
    assert (fold("d", [RECEIVED, none]).official_code, fold("d", [RECEIVED, none]).verdict) == (None, "entered")
    told = fold("d", [RECEIVED, accepted, act("entered_elsewhere", 5, system="book", number="HT-9")])
    assert (told.official_code, told.verdict) == ("G1", "accepted")
    assert [r["event"] for r in fold("d", [RECEIVED, act("entered_elsewhere", 2, system="book")]).review] == ["entered_elsewhere"]
    assert fold("d", [act("entered_elsewhere", 1, system="book", number="1")]).review, "nothing was received yet"


def test_a_correction_asks_for_its_field_again_and_for_no_other() -> None:
    fixed = act("corrected", 3, fields={"answers.mother.full_name": {"was": "B", "now": "C"}})
    told = fold("d", [RECEIVED, act("entered_elsewhere", 2, system="book", number=""), fixed])
    assert told.verdict is None
    found = changes(told.as_json())
    assert list(found.values()) == [("answers.mother.full_name",)]
    news = found[next(iter(found))]
    for path, wanted in (
        ("answers.mother.full_name", True),
        ("answers.mother", True),
        ("answers.mother.birth_date", False),
        ("answers.mother.full_name_2", False),
        ("code", False),
    ):
        assert touched(path, news) is wanted, path
    assert touched("submitter.phone", ["applicant.phone"]) and touched("a.b|competent.name#2", ["competent.name"])
    assert changes(fold("d", [RECEIVED, act("extended", 2, return_at=date(2026, 12, 1).isoformat(), reason="x")]).as_json())
