"""A dossier line: what a window or a script hands over to be received. Its shape; what is missing inside is a finding.

``{id, procedure, case, channel, applicant {full_name, personal_id | other_id {kind, number}, birth_date, gender, phone,
address}, answers {}, papers [{code, originals, certified, copies}], received_at}``
"""

import json
from typing import Any

from forms.problem import Problem
from forms.procedure import Procedure


def procedure_facts(procedure: Procedure | None, line: dict[str, Any]) -> dict[str, Any]:
    """Which version of which procedure and case a line is received under; an unknown procedure is kept by its code."""
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
    }


def named_papers(procedure: Procedure | None, line: dict[str, Any]) -> list[Any]:
    """The papers as given, each with the name its case gives it: the receipt of 2026 must read the same in 2036."""
    chosen = procedure.case(line.get("case")) if procedure else None
    names = {p.code: p.name for p in chosen.papers} if chosen else {}
    return [p | {"name": names[str(p["code"])]} if str(p.get("code")) in names else p for p in line.get("papers") or []]


_PERSON_TEXTS = ("full_name", "personal_id", "birth_date", "gender", "phone", "address", "email")
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
    for name, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise Problem("line_malformed", field=f"applicant.{name}")


def _depth(value: Any, left: int = DEPTH) -> bool:
    """Whether a JSON value is at most ``left`` levels deep."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left > 0 and all(_depth(v, left - 1) for v in inner)


def check_shape(line: Any) -> None:
    """Shape only: what is missing or wrong inside is a finding. :raises Problem: ``line_malformed``."""
    shapes = (("applicant", dict), ("answers", dict), ("papers", list))
    if not isinstance(line, dict) or not isinstance(line.get("id"), str) or not line["id"]:
        raise Problem("line_malformed", field="id")
    if not _depth(line):
        raise Problem("line_malformed", field="depth")
    if not isinstance(line.get("procedure"), str):
        raise Problem("line_malformed", field="procedure")
    for name, kind in shapes:
        if not isinstance(line.get(name) or kind(), kind):
            raise Problem("line_malformed", field=name)
    if not all(isinstance(p, dict) for p in line.get("papers") or []):
        raise Problem("line_malformed", field="papers")
    _check_person(line.get("applicant") or {})
    try:
        json.dumps(line, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem("line_malformed", field="text") from error
