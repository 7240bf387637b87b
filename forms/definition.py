"""An e-form (tờ khai) definition: a JSON Schema 2020-12 for the answers, and a layout for screen and paper.

A property carries, beside its schema: ``title`` (the label), ``x-kind`` (text, name, long_text, date, partial_date,
choice, yes_no, number, money, personal_number, phone, address, person), ``x-width`` (columns of 12), ``x-list`` (name of
a value list) and for a person ``x-layout`` (rows of its own properties). ``"x-kind": "person"`` without properties takes
the one shared person block.
"""

from dataclasses import dataclass
from typing import Any

KINDS = frozenset(
    "text name long_text date partial_date choice yes_no number money personal_number phone address person".split()
)


@dataclass(frozen=True)
class Section:
    """A titled group of rows; a row is a tuple of property ids."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Definition:
    """An e-form: ``schema`` validates ``answers``, ``layout`` draws them. ``source`` names the legal form."""

    id: str
    version: str
    title: str
    source: str
    schema: dict[str, Any]
    layout: tuple[Section, ...]


def read_definition(raw: dict[str, Any], lists: dict[str, Any]) -> Definition:
    """A definition from its pack, with lists and the person block put in place, so that the schema stands alone.

    :raises KeyError, ValueError: an unknown kind or list, or a layout that names a property the schema lacks.
    """
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
    return Definition(raw["id"], raw["version"], raw["title"], raw["source"], schema, layout)


def _property(raw: dict[str, Any], lists: dict[str, Any]) -> dict[str, Any]:
    kind = raw["x-kind"]
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}")
    if kind == "person":
        block: dict[str, Any] = lists["person"] | {k: v for k, v in raw.items() if k not in ("x-kind", "required")}
        block["properties"] = {n: _property(p, lists) for n, p in lists["person"]["properties"].items()}
        block["required"] = raw.get("required", [])
        return block | {"x-kind": "person", "type": "object", "additionalProperties": False}
    shape = dict(lists["kinds"][kind])
    if "x-list" in raw:
        shape["enum"] = lists["lists"][raw["x-list"]]
    return shape | raw
