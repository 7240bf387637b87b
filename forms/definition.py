"""An e-form (tờ khai) definition: a JSON Schema 2020-12 for the answers, and a layout for screen and paper.

A property carries, beside its schema: ``title`` (the label), ``x-kind`` (one of ``KINDS``), ``x-width`` (columns of 12),
``x-list`` (name of a value list), ``x-shown`` and ``x-required`` (conditions, see ``forms.conditions``), ``x-paper`` (the
label on paper where it differs), ``x-prefill`` (``applicant.NAME``), ``x-requester`` (on paper it stands with the applicant),
``x-in-words`` (a date is also written out), ``x-screen-only`` (the legal form does not have it); a person has ``x-layout``
(rows of its own properties), ``x-paper-layout`` (their order in the legal form) and may have ``x-applicant`` (the condition
under which it is the applicant), a table ``x-columns`` and ``x-order``.
``"x-kind": "person"`` takes the one shared person block; ``x-with`` and ``x-without`` add to or take from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms import conditions
from forms.pack import check_format

KINDS = frozenset(
    "text name long_text date partial_date time choice yes_no number money personal_number phone address person table".split()
)
_WORDS = frozenset("title default required minLength maxLength minimum maximum minItems maxItems".split())
"""Words of JSON Schema that a pack may use. Not ``pattern``, which can be written so that it never ends, nor ``$ref``, which is
fetched."""
ROWS = 50
"""The most rows of a repeated table."""


@dataclass(frozen=True)
class Section:
    """A titled group of rows; a row is a tuple of property ids."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Definition:
    """An e-form: ``schema`` validates ``answers``, ``layout`` draws them. ``source`` names the legal form, ``form`` what
    is printed above it, ``addressee`` who it is sent to, ``requester`` the title of the applicant's block on paper ("" = no
    such block), ``pledge`` what the resident signs under, ``signatures`` the boxes.
    """

    id: str
    version: str
    title: str
    source: str
    schema: dict[str, Any]
    layout: tuple[Section, ...]
    valid_from: str = "2000-01-01"
    form: str = ""
    addressee: str = "Kính gửi: Ủy ban nhân dân {commune}"
    requester: str = "Người yêu cầu"
    pledge: str = ""
    signatures: tuple[str, ...] = field(default=("NGƯỜI KHAI",))

    @property
    def properties(self) -> dict[str, Any]:
        """The questions, by id."""
        found: dict[str, Any] = self.schema["properties"]
        return found

    def shown(self, answers: Mapping[str, Any]) -> set[str]:
        """Which questions are asked, given the answers so far. What is not asked counts as not answered."""
        return shown_of(self.properties, answers)

    def required(self, answers: Mapping[str, Any]) -> set[str]:
        """Which of the questions asked must be answered."""
        asked = self.shown(answers)
        seen = {n: v for n, v in answers.items() if n in asked}
        always = set(self.schema["required"])
        return {
            n
            for n in asked
            if n in always or ("x-required" in self.properties[n] and conditions.holds(self.properties[n]["x-required"], seen))
        }


def read_definition(raw: dict[str, Any], lists: dict[str, Any]) -> Definition:
    """A definition from its pack, with lists and the person block put in place, so that the schema stands alone.

    :raises KeyError, TypeError, ValueError: an unknown kind or list, a layout that names a property the schema lacks.
    :raises Problem: ``conditions_cycle``, ``pack_version_unknown``.
    """
    check_format(raw)
    properties = {name: _property(p, lists) for name, p in raw["properties"].items()}
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": raw["required"],
        "additionalProperties": False,
    }
    layout = tuple(Section(s["title"], tuple(tuple(r) for r in s["rows"])) for s in raw["layout"])
    placed = [name for section in layout for row in section.rows for name in row]
    if sorted(placed) != sorted(properties):
        raise ValueError(f"layout and properties differ: {sorted(set(placed) ^ set(properties))}")
    if not set(raw["required"]) <= set(properties):
        raise ValueError(f"required but not there: {sorted(set(raw['required']) - set(properties))}")
    _check_conditions(properties)
    more: dict[str, Any] = {k: raw[k] for k in ("valid_from", "form", "addressee", "requester", "pledge") if k in raw}
    if "signatures" in raw:
        more["signatures"] = tuple(raw["signatures"])
    return Definition(raw["id"], raw["version"], raw["title"], raw["source"], schema, layout, **more)


def _check_conditions(properties: dict[str, Any]) -> None:
    """Those of the form, and inside each person those of the person."""
    for spec in properties.values():
        for name in ("x-shown", "x-required", "x-applicant"):
            conditions.check(spec.get(name), properties)
        if spec["x-kind"] == "person":
            _check_conditions(spec["properties"])
    conditions.check_cycles({n: conditions.reads(p.get("x-shown")) for n, p in properties.items()})


def shown_of(properties: Mapping[str, Any], answers: Mapping[str, Any]) -> set[str]:
    """Which of these questions are asked, given the answers so far (of a form, or of one person in it)."""
    asked = set[str]()
    while True:
        before = asked
        seen = {n: v for n, v in answers.items() if n in asked or not properties.get(n, {}).get("x-shown")}
        asked = {n for n, spec in properties.items() if conditions.holds(spec.get("x-shown"), seen)}
        if asked == before:
            return asked


def asked_answers(properties: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without those to questions that are not asked, inside persons too; unknown ones stay."""
    asked = shown_of(properties, answers)
    kept = {n: v for n, v in answers.items() if n in asked or n not in properties}
    for name, value in kept.items():
        spec = properties.get(name, {})
        if spec.get("x-kind") == "person" and isinstance(value, Mapping):
            kept[name] = asked_answers(spec["properties"], value)
    return kept


def _property(raw: dict[str, Any], lists: dict[str, Any]) -> dict[str, Any]:
    kind = raw["x-kind"]
    if strange := sorted(k for k in raw if k not in _WORDS and not k.startswith("x-")):
        raise ValueError(f"no words of a property: {', '.join(strange)}")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}")
    if kind == "person":
        return _person(raw, lists)
    if kind == "table":
        columns = {n: _property(p, lists) for n, p in raw["x-columns"].items()}
        order = list(raw.get("x-order", columns))
        if sorted(order) != sorted(columns):
            raise ValueError("order and columns of a table differ")
        row = {"type": "object", "properties": columns, "required": raw.get("x-needed", []), "additionalProperties": False}
        shape = {"type": "array", "maxItems": ROWS, "items": row}
        return shape | raw | {"x-columns": columns, "x-order": order}
    shape = dict(lists["kinds"][kind])
    if "x-list" in raw:
        shape["enum"] = lists["lists"][raw["x-list"]]
    return shape | raw


def _person(raw: dict[str, Any], lists: dict[str, Any]) -> dict[str, Any]:
    """The shared person block, with what this form adds (``x-with``) and leaves out (``x-without``)."""
    shared: dict[str, Any] = lists["person"]
    left_out, more = set(raw.get("x-without", ())), raw.get("x-with", {})
    names = [n for n in shared["properties"] if n not in left_out]
    properties = {n: _property(shared["properties"][n], lists) for n in names}
    properties |= {n: _property(p, lists) for n, p in more.items()}

    def laid_out(name: str) -> list[list[str]]:
        """The rows asked for, and what they forget at the end."""
        kept = [[n for n in row if n in properties] for row in raw.get(name, shared[name])]
        placed = {n for row in kept for n in row}
        rest = [n for n in properties if n not in placed]
        return [row for row in kept if row] + ([rest] if rest else [])

    plain = {k: v for k, v in raw.items() if k not in ("required", "x-with", "x-without")}
    return plain | {
        "type": "object",
        "properties": properties,
        "required": raw.get("required", []),
        "x-layout": laid_out("x-layout"),
        "x-paper-layout": laid_out("x-paper-layout"),
        "additionalProperties": False,
    }
