"""What a receiving system says when it refuses a dossier, in words a counter can work with (``resources/refusals.json``).

No list of official error codes is published, so nothing is read but the text: folded words that name what it is about. What a
row does not know stays ``other``; the raw text is always kept beside.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forms.names import clean, fold
from forms.pack import load_json
from forms.problem import Problem
from resources import path_of

MOST = 2000
"""Characters of a raw text that are kept and read."""
OTHER = "other"
_ANY = "*"
_UNKNOWN = {
    "code": OTHER,
    "reason": "Hệ thống nhận từ chối hồ sơ",
    "field": None,
    "say": "Thưa anh chị, hệ thống chưa nhận hồ sơ. Bên quầy xem lại và báo sau, anh chị không phải đi lại ạ.",
}


@dataclass(frozen=True)
class Row:
    """A refusal that is known. ``match``: alternatives, each a list of phrases of folded words that stand in the text in this
    order. ``field``: path within the dossier (``applicant.phone``), None when it concerns no single one."""

    code: str
    match: tuple[tuple[str, ...], ...]
    reason: str
    field: str | None
    say: str


def recognised(raw: str, more: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """``{code, reason, field, say, raw}`` of a refusal: a code of ours, a short reason, the field it concerns or None, a sentence
    for the resident, and the raw text as it may be kept. ``more``: rows as in the resource, asked before it.

    :raises Problem: ``refusals_damaged``: ``more`` is not of that shape.
    """
    text = kept(raw)
    words = f" {_words(text)} "
    for row in (*rows_of(more), *_shipped()):
        if any(_stands(phrases, words) for phrases in row.match):
            return {"code": row.code, "reason": row.reason, "field": row.field, "say": row.say, "raw": text}
    return _UNKNOWN | {"raw": text}


def kept(raw: str) -> str:
    """A text from outside as it may stand in an event: printable, in one line, at most ``MOST`` characters; a cut shows."""
    text = clean("".join(c if c.isprintable() else " " for c in raw[: 4 * MOST]))
    return text if len(text) <= MOST and len(raw) <= 4 * MOST else text[: MOST - 1].rstrip() + "…"


def rows_of(raw: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Rows of a configuration, looked at. ``match`` is a list of texts such as ``"ho ten * khong khop"``: whole words, marks and
    case do not matter, ``*`` is anything between.

    :raises Problem: ``refusals_damaged`` (``row``: which one, from 1).
    """
    found = []
    for number, row in enumerate(raw, 1):
        try:
            match = tuple(tuple(filter(None, map(_words, text.split(_ANY)))) for text in row["match"])
            texts, field = [row[name] for name in ("code", "reason", "say")], row.get("field")
            if not match or not all(match) or not all(isinstance(t, str) and t for t in (*texts, field or "-")):
                raise ValueError(number)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Problem("refusals_damaged", row=number) from error
        code, reason, say = texts
        found.append(Row(code, match, reason, field, say))
    return tuple(found)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Row, ...]:
    return rows_of(load_json(path_of("refusals.json"))["rows"])


def _words(text: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", fold(text)))


def _stands(phrases: tuple[str, ...], words: str) -> bool:
    place = 0
    for phrase in phrases:
        place = words.find(f" {phrase} ", place)
        if place < 0:
            return False
        place += len(phrase) + 1  # the space behind it may be the one before the next
    return True
