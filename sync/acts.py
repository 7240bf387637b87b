"""What a clerk does with a received dossier and with the rules of the house: each act one transaction, each says what it
changed. The new return date is computed here, at the time of the act, and stays with it: no later edit of calendar or
catalogue moves it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forms import guard
from forms.line import normal
from forms.local_rules import EVENT, Outage, check_rule
from forms.problem import Problem
from forms.procedure import Procedure, TimeLimit
from forms.working_days import parse_moment
from sync.counter import Changes, Counter
from sync.store import dossiers

_STEP = 20
"""Dossiers moved in one transaction when an outage ends: none lasts over 20 ms."""


def request_supplement(
    counter: Counter, dossier_id: str, operator: str, items: Sequence[dict[str, Any]], reason: str = ""
) -> Changes:
    """Yêu cầu bổ sung (Mẫu số 02), in one go: the clock stops now.

    :param items: ``{"paper": code | None, "name", "reason", "basis"}``.
    :raises Problem: what ``guard.check_supplement`` refuses; ``not_now``, ``dossier_unknown``.
    """
    dossier = counter.dossier(dossier_id)
    procedure = _procedure(counter, dossier)
    group = counter.catalogue.procedure(str((dossier.get("linked") or {}).get("group") or ""))
    case = group.cases[0] if group else procedure.case(dossier["procedure"].get("case")) if procedure else None
    guard.check_supplement(case, items, bool(dossier["applicant"].get("personal_id")))
    names = {p.code: p.name for p in case.papers} if case else {}
    asked = [{"name": names.get(str(i.get("paper")), ""), "basis": "", "paper": None} | _filled(i) for i in items]
    return _act(counter, dossier, operator, "supplement_requested", {"items": asked, "reason": reason})


def receive_supplement(
    counter: Counter, dossier_id: str, operator: str, papers: Sequence[dict[str, Any]] = ()
) -> Changes:
    """What was asked for has come: the clock goes on, and the return date moves by the time it stood.

    :raises Problem: ``not_now``, ``dossier_unknown``.
    """
    dossier = counter.dossier(dossier_id)
    stopped = next((c for c in reversed(dossier["clock"]) if c["event"] == "supplement_requested"), None)
    since = parse_moment(str((stopped or {}).get("at") or ""))
    new = _moved(counter, dossier, since, counter.clock()) if since else None
    body: dict[str, Any] = {"papers": list(papers), "return_at": new}
    return _act(counter, dossier, operator, "supplement_received", body)


def extend(counter: Counter, dossier_id: str, operator: str, return_at: datetime, reason: str) -> Changes:
    """Xin lỗi và gia hạn (Mẫu số 04): a new date with its reason.

    :raises Problem: ``reason_missing``, ``date_not_later``, ``not_now``, ``dossier_unknown``.
    """
    if not reason.strip():
        raise Problem("reason_missing")
    dossier = counter.dossier(dossier_id)
    old = parse_moment(dossier["return_at"] or "")
    if return_at <= counter.clock() or (old and return_at <= old):
        raise Problem("date_not_later")
    return _act(counter, dossier, operator, "extended", {"reason": reason.strip(), "return_at": return_at.isoformat()})


def arrive(counter: Counter, dossier_id: str, operator: str, at: datetime) -> Changes:
    """The competent unit has received the dossier: the period runs from then (NĐ 309/2026/NĐ-CP).

    :raises Problem: ``not_now``, ``dossier_unknown``.
    """
    dossier = counter.dossier(dossier_id)
    procedure = _procedure(counter, dossier)
    limit = _limit(counter, procedure, dossier)
    due = counter.calendar.appointment(limit, at).return_at.isoformat() if limit else None
    unit = (dossier.get("competent") or {}).get("name")
    return _act(counter, dossier, operator, "arrived", {"unit": unit, "return_at": due}, at)


def pay(counter: Counter, dossier_id: str, operator: str, method: str) -> Changes:
    """The fee was taken: ``cash``, or ``transfer`` that is still to be found on the account.

    :raises Problem: ``not_now`` when nothing is owed or the amount is not settled; ``dossier_unknown``.
    """
    dossier = counter.dossier(dossier_id)
    amount = dossier["payment"].get("amount")
    if method not in ("cash", "transfer") or not amount:
        raise Problem("not_now", event="paid")
    return _act(counter, dossier, operator, "paid", {"method": method, "amount": amount})


def reconcile(counter: Counter, dossier_id: str, operator: str, reference: str) -> Changes:
    """The transfer stands on the account's statement, under this reference.

    :raises Problem: ``reference_missing``, ``not_now``, ``dossier_unknown``.
    """
    if not reference.strip():
        raise Problem("reference_missing")
    return _act(counter, counter.dossier(dossier_id), operator, "reconciled", {"reference": reference.strip()})


def set_rule(counter: Counter, operator: str, kind: str, key: str, value: Any, source: str) -> Changes:
    """Settle a rule of the house, or take it back with None (``forms.local_rules``). An outage that has ended moves the
    dates of the dossiers it stopped, at once and for the other counters when they hear of it.

    :raises Problem: ``rule_malformed``, ``source_missing``.
    """
    body = check_rule(kind, key, normal(value), source)
    with counter.store.write():
        counter.act("", EVENT, operator, body)
    moved = apply_outages(counter, operator) if kind == "outage" else frozenset()
    return Changes(frozenset(moved), status=True, rules=True)


def apply_outages(counter: Counter, operator: str) -> frozenset[str]:
    """Move the dates of own dossiers that an ended outage stopped; each outage counts once for each. Ids of those moved.

    Paused ones are left: their clock stands already, and goes on when the supplement comes.
    """
    ended = [o for o in counter.rules.outages if o.until is not None]
    moved: list[tuple[str, dict[str, Any]]] = []
    for dossier in dossiers.own_open(counter.store, counter.counter_id) if ended else ():
        known = {c.get("outage") for c in dossier["clock"] if c["event"] == "suspended"}
        for outage in ended:
            body = _suspension(counter, dossier, outage) if outage.id not in known else None
            if body is not None:
                moved.append((dossier["id"], body))
                break  # one at a time: the next look starts from the new date
    for first in range(0, len(moved), _STEP):
        with counter.store.write():
            for dossier_id, body in moved[first : first + _STEP]:
                counter.act(dossier_id, "suspended", operator, body)
    more = apply_outages(counter, operator) if moved else frozenset()
    return frozenset(i for i, _ in moved) | more


def _suspension(counter: Counter, dossier: dict[str, Any], outage: Outage) -> dict[str, Any] | None:
    """The body of ``suspended``, or None where the law does not stop this clock or the outage did not touch it."""
    group = counter.catalogue.procedure(str((dossier.get("linked") or {}).get("group") or ""))
    procedure = group or _procedure(counter, dossier)
    basis = outage.suspends(procedure, dossier["procedure"]["code"])
    received, due = parse_moment(dossier["received_at"] or ""), parse_moment(dossier["return_at"] or "")
    if not basis or outage.until is None or received is None or due is None:
        return None
    start = max(outage.start, received)
    new = _moved(counter, dossier, start, outage.until)
    if start >= due or outage.until <= start or new is None or new == dossier["return_at"]:
        return None
    facts = {"outage": outage.id, "system": outage.system, "basis": basis, "from": outage.start.isoformat()}
    reason = f"sự cố {outage.system}"
    return facts | {"until": outage.until.isoformat(), "reason": reason, "return_at": new, "at": counter.clock().isoformat()}


def _act(
    counter: Counter, dossier: dict[str, Any], operator: str, name: str, body: dict[str, Any], at: datetime | None = None
) -> Changes:
    """Append an act that the dossier's stage allows. :raises Problem: ``not_now``."""
    body = normal({"at": (at or counter.clock()).isoformat()} | body)
    with counter.store.write():
        before = counter.dossier(dossier["id"])
        counter.act(dossier["id"], name, operator, body)
        after = counter.dossier(dossier["id"])
        if len(after["review"]) > len(before["review"]):
            raise Problem("not_now", event=name)
    return Changes(frozenset([dossier["id"]]), status=True)


def _moved(counter: Counter, dossier: dict[str, Any], start: datetime, end: datetime) -> str | None:
    due = parse_moment(dossier["return_at"] or "")
    unit = (dossier.get("appointment") or {}).get("unit")
    return counter.calendar.moved(unit, due, [(start, end)]).isoformat() if due and unit else None


def _limit(counter: Counter, procedure: Procedure | None, dossier: dict[str, Any]) -> TimeLimit | None:
    """The limit the dossier was received under, as its receipt says it."""
    said = dossier.get("appointment")
    if said is None:
        return None
    known = procedure and counter.rules.time_limit(procedure, dossier["channel"], dossier["procedure"].get("case"))
    same_day = bool(known and known.same_day and (known.unit, known.amount) == (said["unit"], said["amount"]))
    return TimeLimit(said["amount"], said["unit"], same_day)


def _procedure(counter: Counter, dossier: dict[str, Any]) -> Procedure | None:
    facts = dossier["procedure"]
    return counter.catalogue.procedure(facts["code"], facts.get("version"))


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in item.items() if k in ("paper", "name", "reason", "basis") and v}
