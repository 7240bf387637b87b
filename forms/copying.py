"""The copy lane (chép sang hệ thống khác), and the act that ends it: a dossier's fields in the order of a system into which a
clerk types them by hand, each value exactly as it is typed there. The order is data (``resources/copying/*.json``), the e-form
stands in its own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms.address import text_of
from forms.definition import Definition, shown_of
from forms.names import clean, partial_date_vn
from forms.pack import read
from forms.procedure import Procedure
from forms.routing import System
from forms.stages import STAGE_WORDS, Stage
from forms.working_days import VIETNAM, parse_moment

if TYPE_CHECKING:
    from forms.dossier import Dossier

EVENT = "entered_elsewhere"
ENTERED = "entered"
"""The verdict of a dossier that a clerk has typed into another system: no system has answered us."""
USUAL = "default"
"""The order of a system that has none of its own."""
FORM, PAPERS, FEES = "form", "papers", "fees"
_PLAIN = frozenset("text date moment number words address stage".split())
FORMATS = _PLAIN | {FORM, PAPERS, FEES}
_COUNTS = (("originals", "bản chính"), ("certified", "bản chứng thực"), ("copies", "bản chụp"))
_Json = Mapping[str, Any]


@dataclass(frozen=True)
class FieldOrder:
    """One field of an order. ``path``: where its value stands, alternatives apart by ``|``; ``format``: how it is typed there
    (one of :data:`FORMATS`); ``words``: what a code is called there."""

    title: str
    path: str
    format: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Order:
    """The fields of a system's screen, in its order; ``to_confirm``: what no source says."""

    id: str
    fields: tuple[FieldOrder, ...]
    source: str
    to_confirm: str


@dataclass(frozen=True)
class Row:
    """One value to be copied. ``path`` names it for good, without its value (``#2``: asked for a second time); ``value`` "":
    there is nothing to be typed. ``part``: the section of the e-form it stands in, "" for none."""

    path: str
    title: str
    value: str
    part: str = ""


def load_orders(*folders: Path) -> dict[str, Order]:
    """The orders of these folders' ``copying/``, by file name: a later folder takes the place of an earlier one's.

    :raises Problem: ``pack_damaged``.
    """
    files = [f for folder in folders for f in sorted((folder / "copying").glob("*.json"))]
    return {f.stem: read(f, partial(_order, f.stem)) for f in files}


def _order(name: str, raw: _Json) -> Order:
    """:raises KeyError, TypeError, ValueError: when the shape is not right."""
    fields = tuple(
        FieldOrder(str(f["title"]), str(f.get("path", f.get("format"))), f.get("format", "text"), dict(f.get("words", {})))
        for f in raw["fields"]
    )
    if strange := [f.format for f in fields if f.format not in FORMATS]:
        raise ValueError(f"format {strange[0]}")
    return Order(name, fields, str(raw["source"]), str(raw["to_confirm"]))


def order_of(orders: Mapping[str, Order], system: System) -> Order:
    """The order of a system: the one it names, else its own, its kind's, the usual one."""
    return next(orders[name] for name in (system.order, system.key, system.kind, USUAL) if name in orders)


def rows(
    order: Order, dossier: _Json, definition: Definition | None, procedure: Procedure | None, office: _Json
) -> tuple[Row, ...]:
    """What is to be typed, in the order of the other system; what is empty too, so that it can be said.

    :param dossier: ``Dossier.as_json()``. :param office: the commune's profile. A path may also begin with ``published`` (the
        procedure's name and field), ``office`` (the profile, with ``agency``) and ``submitter`` (who filed for the owner, or the
        owner).
    """
    who = dossier.get("applicant") or {}
    published = {"name": procedure.name, "field": procedure.field} if procedure else {}
    agency = {"agency": f"Ủy ban nhân dân {office['name']}"} if office.get("name") else {}
    more = {"published": published, "office": dict(office) | agency, "submitter": who.get("representative") or who}
    known = dict(dossier) | more
    found, asked = list[Row](), dict[str, int]()
    for row in (r for field in order.fields for r in _rows(field, known, definition)):
        asked[row.path] = asked.get(row.path, 0) + 1
        found.append(row if asked[row.path] == 1 else replace(row, path=f"{row.path}#{asked[row.path]}"))
    return tuple(found)


def changes(dossier: _Json) -> dict[str, tuple[str, ...]]:
    """What has changed since the reception: act -> paths of the values it gave the dossier. What was copied before such an act
    is to be copied again."""
    found: dict[str, tuple[str, ...]] = {}
    for row in dossier["history"]:
        body = row.get("body") or {}
        fields = body.get("fields") if row["event"] == "corrected" else None
        paths = (*(fields if isinstance(fields, Mapping) else ()), *(("return_at",) if body.get("return_at") else ()))
        if paths:
            found[row["act"]] = paths
    return found


def touched(path: str, changed: Iterable[str]) -> bool:
    """Whether the value of a row (its ``path``) may have been changed with one of these paths of the dossier."""
    alternatives = path.partition("#")[0].replace("submitter.", "applicant.").split("|")
    return any(f"{one}.".startswith(f"{c}.") or f"{c}.".startswith(f"{one}.") for one in alternatives for c in changed)


def _rows(field: FieldOrder, known: _Json, definition: Definition | None) -> Iterator[Row]:
    if field.format == FORM:
        yield from _form_rows(definition, known.get("answers") or {})
    elif field.format == PAPERS:
        yield from _paper_rows(field.title, known.get("papers") or [])
    elif field.format == FEES:
        for number, line in enumerate((known.get("fees") or {}).get("lines") or [], 1):
            if line.get("amount"):
                yield Row(f"fees.{number}", f"{field.title}: {line.get('name') or number}", typed("number", line["amount"]))
    else:
        found = (_at(known, path) for path in field.path.split("|"))
        value = next((v for v in found if v not in (None, "", [], {})), None)
        yield Row(field.path, field.title, typed(field.format, value, field.words))


def _at(whole: Any, path: str) -> Any:
    for name in path.split("."):
        whole = whole.get(name) if isinstance(whole, Mapping) else None
    return whole


def _paper_rows(title: str, papers: list[Any]) -> Iterator[Row]:
    for number, paper in enumerate(papers, 1):
        counts = ", ".join(f"{paper[k]} {w}" for k, w in _COUNTS if paper.get(k))
        about = f"{title} {number} ({counts})" if counts else f"{title} {number}"
        yield Row(f"papers.{paper.get('code') or number}", about, typed("text", paper.get("name") or paper.get("code")))


def _form_rows(definition: Definition | None, answers: _Json) -> Iterator[Row]:
    """The answers as the e-form has them on paper: questions that are not asked, or not there, are left out."""
    if definition is None:
        return
    asked = definition.shown(answers)
    for section in definition.layout:
        for name in (n for line in section.rows for n in line if n in asked):
            spec = definition.properties[name]
            if not spec.get("x-screen-only"):
                found = _answer_rows(f"answers.{name}", str(spec["title"]), spec, answers.get(name))
                yield from (replace(row, part=section.title) for row in found)


def _answer_rows(path: str, title: str, spec: _Json, value: Any) -> Iterator[Row]:
    kind = spec["x-kind"]
    if kind == "person":
        given = value if isinstance(value, Mapping) else {}
        asked = shown_of(spec["properties"], given)
        for name in (n for line in spec["x-paper-layout"] for n in line if n in asked):
            inner = spec["properties"][name]
            if not inner.get("x-screen-only"):
                yield from _answer_rows(f"{path}.{name}", f"{title}: {inner['title']}", inner, given.get(name))
    elif kind == "table":
        given_rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        for number, row in enumerate(given_rows, 1):
            for name in spec.get("x-order") or spec["x-columns"]:
                inner = spec["x-columns"][name]
                yield from _answer_rows(f"{path}.{number}.{name}", f"{title} {number}: {inner['title']}", inner, row.get(name))
    else:
        yield Row(path, title, typed(_AS.get(kind, "text"), value))


_AS = {
    "date": "date",
    "partial_date": "date",
    "number": "number",
    "money": "number",
    "personal_number": "number",
    "phone": "number",
    "address": "address",
}
"""Kind of a question -> how its answer is typed."""


def typed(how: str, value: Any, words: Mapping[str, str] | None = None) -> str:
    """A value as it is typed into another system: days 24/11/2026, amounts and numbers in plain digits, codes by their words;
    "" for none, unless ``words`` has one for it. Text stays as it is, with its lines."""
    if value is None or value == "" or isinstance(value, list):
        return (words or {}).get("", "")
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if how == "address" or isinstance(value, Mapping):
        return text_of(value)
    text = str(value).strip()
    if how == "words":
        return (words or {}).get(text, text)
    if how == "stage":
        return STAGE_WORDS[Stage(text)]
    if how == "number":
        return re.sub(r"[\s.]", "", text)
    if how in ("date", "moment"):
        return _day(how, text)
    return text if "\n" in text else clean(text)


def _day(how: str, text: str) -> str:
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        return partial_date_vn(text)
    moment = parse_moment(text)
    if moment is None:
        return text
    civil = moment.astimezone(VIETNAM)
    return f"{civil:%d/%m/%Y %H:%M}" if how == "moment" else f"{civil:%d/%m/%Y}"


def entered(dossier: "Dossier", body: dict[str, Any], row: dict[str, Any]) -> bool:
    """A step of the fold: a clerk has typed the dossier into another system. The number which that gave is the official one
    where there is none yet, or only one that a clerk gave before; what was mistyped stays findable."""
    number = body["number"]
    if not isinstance(body["system"], str) or not isinstance(number, str):
        return False
    before = [(r.get("body") or {}).get("number") for r in dossier.history[:-1] if r["event"] == EVENT]
    if number and dossier.official_code in (None, *before):
        if dossier.official_code and dossier.official_code != number:
            dossier.other_codes.append(dossier.official_code)
        dossier.official_code = number
    if dossier.verdict != "accepted":
        dossier.verdict, dossier.refusal = ENTERED, None
    return True
