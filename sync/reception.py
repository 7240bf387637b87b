"""What a reception writes: bodies of ``received`` events for an ordinary line or a linked group, numbers, register lines."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms import handbook, linked
from forms.fees import FeeTotal, compute, payment_at_reception
from forms.line import named_papers, procedure_facts
from forms.numbering import dossier_code
from forms.problem import Problem
from forms.procedure import Member, Procedure, TimeLimit
from forms.working_days import Appointment, parse_moment
from sync.events import canonical
from sync.incarnation import Reserve
from sync.store import Store, log, numbers

if TYPE_CHECKING:
    from sync.counter import Counter

_FINGERPRINT = 16
_SAME = ("channel", "applicant", "answers", "papers")


@dataclass
class Part:
    """One dossier about to be received, or already received: its id and the body of its event."""

    id: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Due:
    """A dossier that a line would make: the procedure's name, its road in words, its date (None = not settled)."""

    name: str
    road: str
    appointment: Appointment | None


def dues(counter: Counter, line: dict[str, Any], now: datetime) -> list[Due]:
    """One entry for each dossier, in order; none for an unknown procedure."""
    procedure = counter.procedure(line)
    if procedure is None:
        return []
    if not procedure.members:
        return [Due(procedure.short_name, "", _appointment(counter, procedure, line, now, None))]
    found = []
    for member, own in linked.split(procedure, line):
        known = counter.procedure(own)
        name = known.short_name if known else member.procedure
        found.append(Due(name, member.road, _appointment(counter, known, own, now, member)))
    return found


def last_due(found: list[Due]) -> Appointment | None:
    """The last of several dates; None when one of them is not settled."""
    known = [d.appointment for d in found if d.appointment]
    return max(known, key=lambda a: a.return_at) if known and len(known) == len(found) else None


def bodies(counter: Counter, line: dict[str, Any], received: datetime, incomplete: list[dict[str, Any]]) -> list[Part]:
    """The bodies of the events, without numbers. A linked group's fees are taken once, with its first dossier."""
    procedure = counter.procedure(line)
    if procedure is None or not procedure.members:
        return [Part(line["id"], _body(counter, procedure, line, received, incomplete) | {"line": fingerprint(line)})]
    group = {"group": procedure.code, "version": procedure.version, "name": procedure.short_name}
    cost = compute(procedure, line, received.date(), counter.rules)
    parts = []
    for place, (member, own) in enumerate(linked.split(procedure, line)):
        known = counter.procedure(own)
        total, lacking = (cost, incomplete) if place == 0 else (FeeTotal(0, ()), [])
        body = _body(counter, known, own, received, lacking, member, total)
        body["linked"] = group | {"road": member.road}
        body["line"] = fingerprint(line)
        if place == 0:
            body["papers"] = named_papers(procedure, line)
            body["linked"] |= {"answers": line.get("answers") or {}}
            body["form"] = _form(counter, procedure, line)
        parts.append(Part(own["id"], body))
    if not parts:
        raise Problem("incomplete", findings=[])
    return parts


def fingerprint(line: dict[str, Any]) -> str:
    """Sixteen hex digits of the SHA-256 of what a line says, for a repeat of it: no later catalogue, calendar or table makes it
    another line. They travel with every dossier, and tell two lines of one id apart well enough. The moment of reception is
    compared by itself."""
    said = {k: v for k, v in line.items() if k not in ("id", "received_at", "form") and v not in (None, "", {}, [])}
    return hashlib.sha256(canonical({"channel": "1"} | said)).hexdigest()[:_FINGERPRINT]


def _name_members(parts: list[Part]) -> None:
    """Once every dossier of a group has its number, each knows the others: the one receipt lists them all."""
    if "linked" not in parts[0].body:
        return
    members = [
        {
            "id": p.id,
            "procedure": p.body["procedure"]["code"],
            "name": p.body["procedure"]["name"] or p.body["procedure"]["code"],
            "code": p.body["code"],
            "return_at": p.body["return_at"],
            "road": p.body["linked"]["road"],
        }
        for p in parts
    ]
    for part in parts:
        part.body["linked"] |= {"members": members}


def already(counter: Counter, line: dict[str, Any]) -> Part | None:
    """A line whose id is known: the same content is answered again. :raises Problem: ``id_reused`` for other content."""
    first = next((e for e in log.of_dossier(counter.store, line["id"]) if e.name == "received"), None)
    if first is None:
        return None
    if first.body is None:
        raise Problem("dossier_erased")
    body = first.body
    group = body.get("linked") or {}
    received = parse_moment(body["received_at"])
    if line.get("received_at") and parse_moment(str(line["received_at"])) != received:
        raise Problem("id_reused", id=line["id"])
    if "line" in body:
        if body["line"][:_FINGERPRINT] != fingerprint(line):
            raise Problem("id_reused", id=line["id"])
        return Part(line["id"], body)
    if line["procedure"] != (group.get("group") or body["procedure"]["code"]):
        raise Problem("id_reused", id=line["id"])
    same = bodies(counter, line | {"received_at": body["received_at"]}, received or counter.clock(), body["incomplete"])[0].body
    if any(canonical(body.get(k)) != canonical(same[k]) for k in _SAME) or body["procedure"]["case"] != same["procedure"]["case"]:
        raise Problem("id_reused", id=line["id"])
    if canonical(group.get("answers")) != canonical((same.get("linked") or {}).get("answers")):
        raise Problem("id_reused", id=line["id"])
    return Part(line["id"], body)


def held_reserve(counter: Counter, received: datetime) -> AbstractContextManager[Reserve | None]:
    """The reserve, held, where this store lives on what an earlier epoch leased."""
    if counter.store.meta("inherited", "no") != "reserve":
        return nullcontext()
    return counter.incarnation.reserve(received.date().isoformat())


def number(counter: Counter, parts: list[Part], received: datetime, reserve: Reserve | None) -> None:
    """Give every dossier its number, but one that has a code of its own; those of a group then know each other. Inside
    ``store.write``.

    :raises Problem: ``numbers_exhausted``, ``numbers_need_contact``.
    """
    for part in parts:
        if part.body.get("code"):
            part.body |= {"register": register_line(counter.store, received.year)}
        else:
            part.body |= _number(counter, received, reserve)
    _name_members(parts)


def _number(counter: Counter, received: datetime, reserve: Reserve | None) -> dict[str, Any]:
    """Take the next number of the reception's Vietnam date, and the next line of the register (sổ theo dõi)."""
    store, day = counter.store, received.date()
    taken, low = numbers.take(store, counter.epoch, day, reserve.used if reserve else None)
    if reserve and low is not None:
        reserve.record(low, taken)
    return {"code": dossier_code(counter.profile["unit"], day, taken), "register": register_line(store, day.year)}


def register_line(store: Store, year: int) -> int:
    """The next line of this counter's register (sổ theo dõi) of a year; inside ``write``."""
    registers = store.meta("registers", {})
    line = int(registers.get(str(year), 0)) + 1
    store.set_meta(registers=registers | {str(year): line})
    return line


def in_words(counter: Counter, procedure: Procedure, channel: str, case: str) -> tuple[str, str]:
    """Fees and time limit of a case in words for a guidance sheet, "" for what is not settled."""
    return handbook.in_words(procedure, channel, case, counter.rules, counter.clock().date())


def _body(
    counter: Counter,
    procedure: Procedure | None,
    line: dict[str, Any],
    received: datetime,
    incomplete: list[dict[str, Any]],
    member: Member | None = None,
    cost: FeeTotal | None = None,
) -> dict[str, Any]:
    due = _appointment(counter, procedure, line, received, member)
    total = cost or compute(procedure, line, received.date(), counter.rules)
    method = (line.get("payment") or {}).get("method")
    return {
        "procedure": procedure_facts(procedure, line),
        "channel": str(line.get("channel", "1")),
        "applicant": line.get("applicant") or {},
        "answers": line.get("answers") or {},
        "papers": named_papers(procedure, line),
        "fees": total.as_json(),
        "payment": payment_at_reception(total, method, received.isoformat()),
        "exemption": line.get("exemption"),
        "competent": line.get("competent"),
        "return_to": line.get("return_to"),
        "form": _form(counter, procedure, line),
        "received_at": received.isoformat(),
        "return_at": due.return_at.isoformat() if due else None,
        "appointment": _limit(due, _time(counter, procedure, line, member)),
        "incomplete": incomplete,
    }


def _limit(due: Appointment | None, limit: TimeLimit | None) -> dict[str, Any] | None:
    if due is None or limit is None:
        return None
    said = {"unit": due.unit, "amount": due.amount, "provisional": due.provisional, "start": due.start.isoformat()}
    flags = {"same_day": limit.same_day, "late_starts_next": limit.late_starts_next}
    return said | flags | {"awaits_arrival": due.awaits_arrival}


def _time(counter: Counter, procedure: Procedure | None, line: dict[str, Any], member: Member | None) -> TimeLimit | None:
    if member is not None and member.time is not None:
        return member.time
    channel = str(line.get("channel") or "1")
    return counter.rules.time_limit(procedure, channel, line.get("case")) if procedure else None


def _form(counter: Counter, procedure: Procedure | None, line: dict[str, Any]) -> dict[str, Any] | None:
    definition = counter.definition(procedure, line) if procedure else None
    return {"id": definition.id, "version": definition.version} if definition else None


def _appointment(
    counter: Counter, procedure: Procedure | None, line: dict[str, Any], now: datetime, member: Member | None
) -> Appointment | None:
    """The date of one dossier: of the group's decree where it sets one, else of the procedure; None = not settled."""
    limit = _time(counter, procedure, line, member)
    if limit is None:
        return None
    return counter.calendar.awaited(limit, now) if line.get("competent") else counter.calendar.appointment(limit, now)
