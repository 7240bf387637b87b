"""check(...) -> findings: what a dossier line still lacks, in the same words for the window and for scripts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import jsonschema

from forms import letters
from forms.address import text_of
from forms.definition import Definition, asked_answers, shown_of
from forms.fees import exemptions
from forms.guard import filler_number
from forms.person import check_number, valid_number
from forms.procedure import Case, Procedure

_PARTIAL = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")
_PHONE = re.compile(r"^\+?\d{8,15}$")
_KEYWORDS = {
    "required": "missing",
    "minLength": "missing",
    "minItems": "missing",
    "maxLength": "too_long",
    "maxItems": "too_many",
    "enum": "not_in_list",
    "additionalProperties": "unknown",
}
_LONGEST = {"full_name": 150, "address": 500, "no_id_reason": 200, "email": 100, "phone": 30}


@dataclass(frozen=True)
class Finding:
    """``path`` to the field (``("applicant", "full_name")``, ``("papers", "GCS")``), a ``code``, and whether it blocks.

    A soft finding (``hard`` False) is a warning to look twice; it never blocks.
    """

    path: tuple[str, ...]
    code: str
    hard: bool = True

    def as_json(self) -> dict[str, Any]:
        return {"field": ".".join(self.path), "code": self.code, "hard": self.hard}


def check(procedure: Procedure, definition: Definition | None, line: dict[str, Any], today: date) -> list[Finding]:
    """Every finding of a dossier line (contract: applicant, answers, papers), hard ones first, each in reading order."""
    case = procedure.case(line.get("case"))
    if case is None:
        return [Finding(("case",), "not_in_list")]
    found = [Finding(("channel",), "not_in_list")] if procedure.channel(str(line.get("channel", "1"))) is None else []
    found += _applicant(line.get("applicant") or {}, today)
    found += _answers(definition, line.get("answers") or {}, case, today)
    found += _papers(case, line.get("papers") or [])
    found += _exemption(line.get("exemption"))
    return sorted(found, key=lambda f: not f.hard)


def lacking(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Hard findings as a received dossier keeps them: ``[{code, fields}]``, each kind once."""
    hard = [f for f in findings if f.hard]
    return [
        {"code": code, "fields": [".".join(f.path) for f in hard if f.code == code]} for code in sorted({f.code for f in hard})
    ]


def is_partial_date(text: str) -> bool:
    """A real ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
    if not _PARTIAL.match(text):
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _applicant(who: dict[str, Any], today: date) -> Iterator[Finding]:
    at = "applicant"
    if not str(who.get("full_name") or "").strip():
        yield Finding((at, "full_name"), "missing")
    if "|" in str(who.get("full_name") or ""):
        yield Finding((at, "full_name"), "malformed")  # a card was scanned into the name
    yield from _identity(who)
    if who.get("birth_date"):
        yield from _date_findings((at, "birth_date"), str(who["birth_date"]), today, partial=True)
    if who.get("gender") not in (None, "", "male", "female", "other"):
        yield Finding((at, "gender"), "not_in_list")
    phone = str(who.get("phone") or "")
    if phone and not _PHONE.match(re.sub(r"[ .]", "", phone)):
        yield Finding((at, "phone"), "malformed")
    if not text_of(who.get("address")).strip():
        yield Finding((at, "address"), "missing")
    for name, most in _LONGEST.items():
        if len(text_of(who.get(name))) > most:
            yield Finding((at, name), "too_long")
        elif not letters.printable(text_of(who.get(name))):
            yield Finding((at, name), "unprintable")


def _identity(who: dict[str, Any]) -> Iterator[Finding]:
    """Every citizen's dossier carries a real personal number, another paper's number, or the reason why not."""
    number, other = who.get("personal_id"), who.get("other_id")
    if number:
        yield from _number(("applicant", "personal_id"), str(number), who.get("birth_date"), who.get("gender"))
        return
    named = isinstance(other, dict) and other.get("kind") and other.get("number")
    if isinstance(other, dict) and _made_up(str(other.get("number") or "")):
        yield Finding(("applicant", "other_id"), "filler_number")
    if not named and not str(who.get("no_id_reason") or "").strip():
        yield Finding(("applicant", "personal_id"), "missing")


def _made_up(number: str) -> bool:
    """Whether the number of another paper is nine or twelve digits that nobody was given (000000001)."""
    return number.isdigit() and len(number) in (9, 12) and filler_number(number.zfill(12))


def _number(path: tuple[str, ...], number: str, birth: Any, gender: Any) -> Iterator[Finding]:
    if not valid_number(number):
        yield Finding(path, "malformed")
    elif filler_number(number):
        yield Finding(path, "filler_number")
    else:
        for code in check_number(number, birth, gender):
            yield Finding(path, code, hard=False)


def _answers(definition: Definition | None, answers: dict[str, Any], case: Case, today: date) -> Iterator[Finding]:
    """Answers to questions that are not asked (any more) are passed over: they are kept in the draft, not on paper."""
    if definition is None:
        return
    asked = asked_answers(definition.properties, answers)
    validator = jsonschema.Draft202012Validator(definition.schema | {"required": sorted(definition.required(answers))})
    seen = set[tuple[tuple[str, ...], str]]()
    for error in sorted(validator.iter_errors(asked), key=lambda e: [str(p) for p in e.absolute_path]):
        for path, code in _schema_findings(error):
            hidden = code == "missing" and not _is_asked(definition, asked, path)
            excused = code == "missing" and path[0] in case.optional_answers
            if not excused and not hidden and (path, code) not in seen:
                seen.add((path, code))
                yield Finding(("answers", *path), code)
    for path, spec, value in _leaves(definition.properties, asked):
        yield from _leaf(("answers", *path), spec, value, asked, today)


def _is_asked(definition: Definition, answers: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether the question at a path inside a person is asked of that person."""
    spec = definition.properties.get(path[0], {})
    person = answers.get(path[0])
    if len(path) != 2 or spec.get("x-kind") != "person" or not isinstance(person, Mapping):
        return True
    return path[1] in shown_of(spec["properties"], person)


def _leaf(path: tuple[str, ...], spec: dict[str, Any], value: Any, answers: dict[str, Any], today: date) -> Iterator[Finding]:
    kind = spec["x-kind"]
    if kind in ("date", "partial_date") and isinstance(value, str):
        yield from _date_findings(path, value, today, kind == "partial_date")
    elif kind == "personal_number" and isinstance(value, str) and valid_number(value):
        around: Any = answers
        for name in path[1:-1]:
            around = around[int(name)] if isinstance(around, list) else around.get(name)
        birth = around.get("birth_date") if len(path) > 2 and isinstance(around, dict) else None
        yield from _number(path, value, birth, None)
    elif not letters.printable(text_of(value)):
        yield Finding(path, "unprintable")


def _schema_findings(error: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    base = tuple(str(p) for p in error.absolute_path)
    code = _KEYWORDS.get(str(error.validator), "malformed")
    if error.validator == "required":
        # One error names one missing property, in its message only: ask the instance instead.
        missing = [name for name in error.validator_value if name not in error.instance]
        named = [name for name in missing if f"'{name}'" in error.message]
        yield from (((*base, name), code) for name in named)
    elif error.validator == "additionalProperties":
        known = error.schema["properties"]
        yield from (((*base, name), code) for name in error.instance if name not in known)
    elif error.validator == "anyOf":
        yield base, "too_long" if len(text_of(error.instance)) > 500 else "malformed"
    else:
        yield base or ("answers",), code


def _leaves(properties: Mapping[str, Any], answers: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any]]:
    """Every answer that holds no others: ``(path, spec, value)``, through persons and the rows of tables."""
    for name, spec in properties.items():
        value = answers.get(name) if isinstance(answers, Mapping) else None
        if spec["x-kind"] == "person" and isinstance(value, Mapping):
            for path, leaf, inner in _leaves(spec["properties"], value):
                yield (name, *path), leaf, inner
        elif spec["x-kind"] == "table" and isinstance(value, list):
            for number, row in enumerate(value):
                for path, leaf, inner in _leaves(spec["x-columns"], row):
                    yield (name, str(number), *path), leaf, inner
        elif value is not None:
            yield (name,), spec, value


def _date_findings(path: tuple[str, ...], text: str, today: date, partial: bool) -> Iterator[Finding]:
    if not is_partial_date(text) or (not partial and len(text) != 10):
        yield Finding(path, "malformed")
    elif text > today.isoformat()[: len(text)]:
        yield Finding(path, "in_future")


def _papers(case: Case, papers: list[dict[str, Any]]) -> Iterator[Finding]:
    brought = {str(p.get("code")): p for p in papers}
    known = {p.code for p in case.papers}
    for need in case.papers:
        if need.required and not any(_count((brought.get(need.code) or {}).get(k)) for k in _COUNTS):
            yield Finding(("papers", need.code), "missing")
    for code in brought:
        if code not in known:
            # Nothing outside the published list may be asked for or taken (Công điện 111, IV.5a).
            yield Finding(("papers", code), "unknown")


def _exemption(claim: Any) -> Iterator[Finding]:
    """A fee falls away for a reason that is on the list, with its evidence noted."""
    if not claim:
        return
    if not isinstance(claim, dict) or claim.get("reason") not in exemptions():
        yield Finding(("exemption", "reason"), "not_in_list")
    elif not str(claim.get("evidence") or "").strip():
        yield Finding(("exemption", "evidence"), "missing")


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


_COUNTS = ("originals", "certified", "copies")
