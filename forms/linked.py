"""Linked procedures (liên thông, NĐ 63/2024/NĐ-CP as amended by NĐ 301/2026/NĐ-CP): data typed once, a dossier for each
procedure, one receipt that lists them, each with its own date and road."""

import uuid
from collections.abc import Mapping
from typing import Any

from forms import conditions
from forms.procedure import Member, Procedure

_SHARED = ("channel", "applicant", "received_at", "exemption", "payment", "return_to", "competent")


def members_of(group: Procedure, answers: Mapping[str, Any]) -> list[Member]:
    """The procedures of a group that these answers file."""
    return [m for m in group.members if conditions.holds(m.when, answers)]


def member_id(group_line: str, place: int) -> str:
    """The id of a member dossier: the first one keeps the line's own id, so that a repeated line finds its dossiers."""
    return group_line if place == 0 else str(uuid.uuid5(uuid.NAMESPACE_OID, f"{group_line}/{place}"))


def split(group: Procedure, line: Mapping[str, Any]) -> list[tuple[Member, dict[str, Any]]]:
    """The dossier lines of a group's line, in the group's order. The first carries all papers; each carries the answers
    its own e-form asks for, taken from the group's; the group's whole declaration stays readable in the first."""
    answers = line.get("answers") or {}
    parts = []
    for place, member in enumerate(members_of(group, answers)):
        shared = {k: line[k] for k in _SHARED if line.get(k) is not None}
        own = shared | {
            "id": member_id(str(line["id"]), place),
            "procedure": member.procedure,
            "case": member.case,
            "answers": mapped(member, answers),
            "papers": (line.get("papers") or []) if place == 0 else [],
        }
        parts.append((member, own))
    return parts


def mapped(member: Member, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a member's e-form. A pair ``("request", "=Đăng ký thường trú")`` gives a fixed answer."""
    found: dict[str, Any] = {}
    for target, source in member.answers:
        value = source[1:] if source.startswith("=") else conditions.at(answers, source)
        if value not in (None, "", [], {}):
            inner = found
            *way, last = target.split(".")
            for name in way:
                inner = inner.setdefault(name, {})
            inner[last] = value
    return found
