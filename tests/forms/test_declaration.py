"""The filled declaration of every e-form: printed, whole, ready to sign."""

from datetime import date
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from forms.catalogue import Catalogue
from forms.declaration import declaration, sections, value_text
from forms.definition import Definition, Section
from forms.example import examples
from forms.papers import template
from forms.problem import Problem

CATALOGUE = Catalogue.load()
PROFILE: dict[str, Any] = {"unit": "H38.27.09", "name": "xã Yên Thượng", "province": "tỉnh Lào Cai"}
PROFILE |= {"centre": "Trung tâm Phục vụ hành chính công xã Yên Thượng", "practice": False}
OLD = {"code": "02000", "text": "Thôn Nà Lộc, xã Bản Qua, huyện Bát Xát"}
WHO: dict[str, Any] = {"full_name": "Giàng Văn Ẩn", "personal_id": "010096000318", "birth_date": "1996-05", "gender": "male"}
WHO |= {"phone": "0900 000 204", "address": {"text": "Thôn Nà Lộc, xã Yên Thượng", "unit": "02647", "old": OLD}}
DAY = date(2026, 11, 23)
WORDS = template("declaration", "2026-11-23")["words"]
BY_ID = {f"{d.id}@{d.version}": d for d in CATALOGUE.definitions}


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(pdf)).split()).replace(
        "\u00a0", " "
    )


def full(spec: dict[str, Any]) -> Any:
    """An answer of a kind."""
    if spec["x-kind"] == "person":
        return {name: full(inner) for name, inner in spec["properties"].items()}
    if spec["x-kind"] == "table":
        return [{name: full(inner) for name, inner in spec["x-columns"].items()} for _ in range(3)]
    if "enum" in spec:
        return spec["enum"][0]
    plain = {"text": "Nội dung", "name": "Lò Thị Ửng", "long_text": "Nội dung dài hơn, theo lời người khai. " * 4, "number": 3}
    plain |= {"date": "2026-11-02", "partial_date": "1996-08", "time": "09:15", "phone": "0900 000 111"}  # type: ignore[dict-item]
    more = {"yes_no": True, "money": 1_500_000, "personal_number": "010196000319", "choice": "Nam"}
    return (plain | more | {"address": {"text": "Thôn Bản Qua, xã Yên Thượng", "unit": "02647"}})[spec["x-kind"]]


def of(definition: Definition, answers: dict[str, Any], who: dict[str, Any] | None = None, practice: bool = False) -> bytes:
    return declaration(definition, answers, WHO if who is None else who, PROFILE, None, DAY, practice)


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_every_form_full_and_empty(name: str) -> None:
    definition = BY_ID[name]
    answers = {n: full(spec) for n, spec in definition.properties.items()}
    text = text_of(of(definition, answers))
    assert definition.title.split()[0].upper() in text
    assert "Độc lập – Tự do – Hạnh phúc" in text
    assert all(title.split()[0] in text for title in definition.signatures)
    for asked in definition.shown(answers):
        spec = definition.properties[asked]
        label = str(spec.get("x-paper") or spec["title"]).split()[0]
        assert label in text, asked
    empty = of(definition, {}, {})
    assert "……" in text_of(empty)
    assert len(pypdfium2.PdfDocument(empty)) <= 2


def test_generated_declarations_of_every_procedure() -> None:
    for procedure in CATALOGUE.procedures:
        definition = CATALOGUE.definition(procedure)
        if definition is None:
            continue
        line = next(examples(CATALOGUE, procedure.code, None, 1, 3))
        pdf = declaration(definition, line["answers"], line["applicant"], PROFILE, procedure, DAY, True)
        assert "LUYỆN TẬP" in text_of(pdf)
        assert len(pypdfium2.PdfDocument(pdf)) <= 2


def form(*specs: tuple[str, dict[str, Any]], **more: Any) -> Definition:
    """A form of one section with these questions, each in a row of its own."""
    schema = {"properties": dict(specs), "required": []}
    given: dict[str, Any] = {
        "id": "f",
        "version": "1",
        "title": "Tờ khai thử",
        "source": "Mẫu thử; cần xác nhận",
        "schema": schema,
    }
    return Definition(**given, layout=(Section("Nội dung", tuple((name,) for name, _ in specs)),), **more)


def test_the_declarer_is_printed_and_what_is_not_asked_is_not() -> None:
    shown = {"answer": "married", "is": True}
    married = ("married", {"title": "Đã kết hôn", "x-kind": "yes_no"})
    definition = form(married, ("spouse", {"title": "Vợ, chồng", "x-kind": "name", "x-shown": shown}), pledge="Tôi cam đoan.")
    text = text_of(of(definition, {"married": False, "spouse": "Lò Thị Ửng"}))
    for words in (
        "TỜ KHAI THỬ",
        "Kính gửi: Ủy ban nhân dân xã Yên Thượng",
        "Đã kết hôn: Không",
        "010 096 000 318",
        "Ngày sinh: 05/1996",
    ):
        assert words in text, words
    assert "(ghi trên giấy tờ cũ: Thôn Nà Lộc, xã Bản Qua, huyện Bát Xát)" in text
    assert "Tôi cam đoan. Yên Thượng, ngày 23 tháng 11 năm 2026 NGƯỜI KHAI (Ký và ghi rõ họ tên) Giàng Văn Ẩn" in text
    assert "Lò Thị Ửng" not in text
    assert "cần xác nhận" not in text
    assert "Vợ, chồng: Lò Thị Ửng" in text_of(of(definition, {"married": True, "spouse": "Lò Thị Ửng"}))


def test_signature_boxes_know_whose_name_stands_in_them() -> None:
    wife = ("wife", {"title": "Bên nữ", "x-kind": "name"})
    text = text_of(of(form(wife, signatures=("BÊN NỮ|wife", "CHỦ HỘ", "NGƯỜI KHAI")), {"wife": "Lò Thị Ửng"}))
    assert text.count("(Ký và ghi rõ họ tên)") == 3
    assert "Lò Thị Ửng Giàng Văn Ẩn" in text
    assert "NGƯỜI KHAI" not in text_of(of(form(wife, signatures=()), {}))


def test_both_who_marry_find_their_names_under_their_signatures() -> None:
    definition = BY_ID[next(name for name in BY_ID if name.startswith("marriage@"))]
    answers = {"wife": {"full_name": "Lò Thị Ửng"}, "husband": {"full_name": "Tẩn Văn Ẩn"}}
    assert "(Ký và ghi rõ họ tên) (Ký và ghi rõ họ tên) Lò Thị Ửng Tẩn Văn Ẩn" in text_of(of(definition, answers))


def test_a_form_that_asks_for_the_requester_itself_has_no_block_of_him() -> None:
    wife = ("wife", {"title": "Bên nữ", "x-kind": "name"})
    assert "010 096 000 318" in text_of(of(form(wife, signatures=()), {}))
    assert "010 096 000 318" not in text_of(of(form(wife, signatures=(), requester=""), {}))


def test_tables_with_few_columns_are_tables_and_with_many_are_cards() -> None:
    few = {f"c{n}": {"title": f"Cột {n}", "x-kind": "text"} for n in range(4)}
    many = {f"c{n}": {"title": f"Cột {n}", "x-kind": "text"} for n in range(11)}
    for columns in (few, many):
        table = ("t", {"title": "Thân nhân", "x-kind": "table", "x-columns": columns, "x-order": list(reversed(columns))})
        rows = [{name: f"dòng {r} {name}" for name in columns} for r in range(50)]
        pdf = of(form(table), {"t": rows})
        text = text_of(pdf)
        assert "dòng 49 c0" in text
        assert f"Trang 2/{len(pypdfium2.PdfDocument(pdf))}" in text
        assert text.index(f"dòng 0 c{len(columns) - 1}") < text.index("dòng 0 c0")
    assert "Thân nhân: Không có" in text_of(of(form(table), {}))


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("yes_no", False, "Không"),
        ("yes_no", None, "……"),
        ("time", "09:15", "09 giờ 15 phút"),
        ("money", 1_500_000, "1.500.000\u00a0đ"),
        ("number", 0, "0"),
        ("partial_date", "1996", "1996"),
        ("personal_number", "010096000318", "010\u00a0096\u00a0000\u00a0318"),
        ("address", {"text": "Thôn Nà Lộc", "unit": "1"}, "Thôn Nà Lộc"),
        ("address", "Thôn Nà Lộc", "Thôn Nà Lộc"),
        ("text", "", "……"),
    ],
)
def test_answers_in_words(kind: str, value: Any, said: str) -> None:
    assert value_text(kind, value, WORDS) == said


def test_answers_of_the_wrong_shape_do_not_stop_the_paper() -> None:
    definition = BY_ID[next(name for name in BY_ID if name.startswith("birth@"))]
    odd = dict.fromkeys(definition.properties, 7)
    assert sections(definition, odd, WORDS)
    assert "7" in text_of(of(definition, odd))


def test_typed_markup_stays_text_and_an_emoji_fails() -> None:
    definition = form(("a", {"title": "Ghi rõ", "x-kind": "long_text"}))
    assert "#strong[x] $a$ *b* \\ // c" in text_of(of(definition, {"a": "#strong[x] $a$ *b* \\ // c"}))
    with pytest.raises(Problem, match="paper_failed"):
        of(definition, {"a": "\U0001f600"})


def test_the_qr_names_the_form() -> None:
    page = pypdfium2.PdfDocument(of(form(), {}))[0]
    assert zxingcpp.read_barcodes(page.render(scale=3).to_numpy())[0].text == "||010096000318|Tờ khai thử"
