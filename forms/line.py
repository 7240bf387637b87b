"""A dossier line: what a window or a script hands over to be received. Its shape; what is missing inside is a finding.

``{id, procedure, case, channel, applicant {full_name, personal_id | other_id {kind, number}, birth_date, gender, phone,
address, no_id_reason}, answers {}, papers [{code, originals, certified, copies}], received_at, exemption {reason, evidence},
payment {method}, competent {unit, name}, return_to {how, place, unit}, form {id, version}}``
"""

import json
import unicodedata
from typing import Any

from forms.problem import Problem
from forms.procedure import COMMUNE, Procedure


def procedure_facts(procedure: Procedure | None, line: dict[str, Any]) -> dict[str, Any]:
    """Which version of which procedure and case a line is received under; an unknown procedure is kept by its code.
    ``decides``: who decides, as published, when it is not the commune itself."""
    code, case = str(line["procedure"]), line.get("case")
    if procedure is None:
        return {"code": code, "version": None, "case": case, "name": None, "code_source": "ours"}
    chosen = procedure.case(case)
    return {
        "code": code,
        "version": procedure.version,
        "case": chosen.id if chosen else case,
        "name": procedure.short_name,
        "code_source": procedure.code_source,
    } | ({"decides": procedure.competent} if procedure.competent != COMMUNE else {})


def named_papers(procedure: Procedure | None, line: dict[str, Any]) -> list[Any]:
    """The papers as given, each with the name its case gives it: the receipt of 2026 must read the same in 2036."""
    chosen = procedure.case(line.get("case")) if procedure else None
    names = {p.code: p.name for p in chosen.papers} if chosen else {}
    return [p | {"name": names[str(p["code"])]} if str(p.get("code")) in names else p for p in line.get("papers") or []]


_PERSON_TEXTS = ("full_name", "personal_id", "birth_date", "gender", "phone", "email", "no_id_reason")
_OPTIONS = {
    "exemption": ("reason", "evidence"),
    "payment": ("method",),
    "competent": ("unit", "name"),
    "return_to": ("how", "place", "unit"),
    "form": ("id", "version"),
}
"""Optional parts of a line and their entries, all text."""
DEPTH = 30
"""Levels of nesting in a line: far more than any form, far less than what exhausts a stack."""


def _check_person(applicant: dict[str, Any]) -> None:
    """Names and numbers are text, whoever sends them. :raises Problem: ``line_malformed``."""
    other = applicant.get("other_id")
    texts = {k: applicant.get(k) for k in _PERSON_TEXTS}
    if isinstance(other, dict):
        texts |= {f"other_id.{k}": other.get(k) for k in ("kind", "number")}
    elif other is not None:
        raise Problem("line_malformed", field="applicant.other_id")
    if not isinstance(applicant.get("representative") or {}, dict):
        raise Problem("line_malformed", field="applicant.representative")
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise Problem("line_malformed", field=f"applicant.{name}")
    address = applicant.get("address")
    plain = address is None or isinstance(address, str)
    if not plain and not (isinstance(address, dict) and isinstance(address.get("text"), str)):
        raise Problem("line_malformed", field="applicant.address")


def _check_options(line: dict[str, Any]) -> None:
    """:raises Problem: ``line_malformed`` with the ``field``."""
    for name, entries in _OPTIONS.items():
        option = line.get(name)
        if option is None:
            continue
        if not isinstance(option, dict) or not all(isinstance(option.get(e) or "", str) for e in entries):
            raise Problem("line_malformed", field=name)


def normal(value: Any) -> Any:
    """The same JSON value with every text in NFC: one spelling for one name, whoever typed it on whatever system."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [normal(v) for v in value]
    return {normal(k): normal(v) for k, v in value.items()} if isinstance(value, dict) else value


def shallow(value: Any, left: int = DEPTH) -> bool:
    """Whether a JSON value is at most ``left`` levels deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(shallow(v, left - 1) for v in inner)


def _counted(paper: dict[str, Any]) -> bool:
    return all(isinstance(paper.get(k) or 0, int) for k in ("originals", "certified", "copies"))


def check_shape(line: Any) -> None:
    """Shape only: what is missing or wrong inside is a finding. :raises Problem: ``line_malformed``."""
    shapes = (("applicant", dict), ("answers", dict), ("papers", list))
    if not isinstance(line, dict) or not isinstance(line.get("id"), str) or not line["id"]:
        raise Problem("line_malformed", field="id")
    if not shallow(line):
        raise Problem("line_malformed", field="depth")
    if not isinstance(line.get("procedure"), str):
        raise Problem("line_malformed", field="procedure")
    for name in ("case", "channel"):
        if not isinstance(line.get(name) or "", str):
            raise Problem("line_malformed", field=name)
    for name, kind in shapes:
        if not isinstance(line.get(name) or kind(), kind):
            raise Problem("line_malformed", field=name)
    if not all(isinstance(p, dict) and _counted(p) for p in line.get("papers") or []):
        raise Problem("line_malformed", field="papers")
    _check_person(line.get("applicant") or {})
    _check_options(line)
    try:
        json.dumps(line, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem("line_malformed", field="text") from error
