"""Before a dossier is received, and dossiers that were filed online: guided, declined, received here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from forms.line import check_shape, named_papers, normal, procedure_facts
from forms.problem import Problem
from forms.validation import lacking
from forms.working_days import parse_moment
from sync import clock, reception
from sync.acts import supplement_items
from sync.counter import Changes, Counter, Received
from sync.store import dossiers

_AHEAD = timedelta(minutes=10)  # the portal's clock and ours may differ by so much
_SAID = ("channel", "applicant", "answers")


def guide(counter: Counter, line: dict[str, Any], operator: str, items: Sequence[dict[str, Any]], reason: str = "") -> Changes:
    """Hướng dẫn bổ sung before reception (Mẫu số 02), all in one go: no code, no clock (NĐ 118/2025/NĐ-CP Điều 17 khoản 2).
    ``line``: the dossier line as typed, or ``{"id": …}`` of one that was filed online or guided before.

    :raises Problem: what ``guard.check_supplement`` refuses, ``procedure_unknown``, ``line_malformed``, ``not_now``.
    """

    def body(known: dict[str, Any]) -> dict[str, Any]:
        return {"items": supplement_items(counter, known, items), "reason": reason.strip()}

    return _before(counter, line, operator, "guided", body)


def decline(counter: Counter, line: dict[str, Any], operator: str, reason: str, basis: str = "", guidance: str = "") -> Changes:
    """Từ chối tiếp nhận (Mẫu số 03), with the reason and where to go instead. ``line``: as ``guide``.

    :raises Problem: ``reason_missing``, ``procedure_unknown``, ``line_malformed``, ``not_now``.
    """
    if not reason.strip():
        raise Problem("reason_missing")
    said = {"reason": reason.strip(), "basis": basis.strip(), "guidance": guidance.strip()}
    return _before(counter, line, operator, "declined", lambda _known: said)


def _before(counter: Counter, line: dict[str, Any], operator: str, name: str, body: Any) -> Changes:
    """An act before reception. What was typed goes with the first one, so that the dossier can be told and found."""
    known = dossiers.get(counter.store, str(line.get("id")))
    if known is None:
        check_shape(line)
        line = normal(line)
        procedure = counter.procedure(line)
        if procedure is None:
            raise Problem("procedure_unknown", procedure=str(line.get("procedure")))
        form = counter.definition(procedure, line)
        first = {k: line[k] for k in _SAID if line.get(k)} | {"papers": named_papers(procedure, line)}
        first |= {"procedure": procedure_facts(procedure, line)}
        first |= {"form": {"id": form.id, "version": form.version}} if form else {}
    else:
        first = {}
    now = counter.clock().isoformat()
    with counter.store.write():
        before = (
            counter.dossier(line["id"]) if known else {"procedure": first["procedure"], "applicant": first.get("applicant", {})}
        )
        said = body(before) | {"at": now}
        last = {"after": before["history"][-1]["act"]} if known else {}
        counter.act(line["id"], name, operator, normal(first | said | last))
        if counter.dossier(line["id"])["review"]:
            raise Problem("not_now", event=name)
    return Changes(frozenset([line["id"]]), status=True)


def line_of(dossier: dict[str, Any]) -> dict[str, Any]:
    """A dossier that is not received yet as the line that would receive it: as it was filed online, or typed before."""
    facts = dossier["procedure"]
    line = {k: dossier[k] for k in ("id", "channel", "applicant", "answers", "papers")}
    line |= {"procedure": facts.get("code"), "case": facts.get("case")}
    return line | {k: dossier[k] for k in ("exemption", "competent", "return_to", "form") if dossier.get(k)}


def receive_filed(counter: Counter, dossier_id: str, operator: str, allow_incomplete: bool = False) -> Received:
    """Receive a dossier that was filed online: it keeps its own code, its clock starts now, it gets a line of the register.

    The dossiers that a linked group makes besides the first get numbers of ours.

    :raises Problem: ``not_now`` when it is not waiting for reception, ``incomplete`` (``findings``), ``date_unsure``,
        ``dossier_unknown``, ``numbers_exhausted``.
    """
    dossier = counter.dossier(dossier_id)
    if not dossier["filed_at"] or dossier["stage"] not in ("filed", "guided"):
        raise Problem("not_now", event="received")
    line = normal(line_of(dossier))
    found = counter.findings(line)
    if any(f.hard for f in found) and not allow_incomplete:
        raise Problem("incomplete", findings=[f.as_json() for f in found if f.hard])
    now, filed = counter.clock(), parse_moment(dossier["filed_at"])
    clock.check_date(counter, now, confirmed=False)
    if filed is not None and now < filed - _AHEAD:
        raise Problem("date_unsure", now=now.isoformat(), last=filed.isoformat(), reason="behind")
    parts = reception.bodies(counter, line, now, lacking(found))
    with reception.held_reserve(counter, now) as reserve, counter.store.write():
        first = parts[0].body | {"code": counter.dossier(dossier_id)["code"], "filed_at": dossier["filed_at"]}
        parts[0].body = first | ({"payment": dossier["payment"]} if dossier["payment"] else {})
        reception.number(counter, parts, now, reserve)
        for part in parts:
            counter.act_allowed(part.id, "received", operator, part.body)
    return counter.received(parts[0], Changes(frozenset(p.id for p in parts), status=True))
