"""What a clerk does with a received dossier and with the rules of the house: each act one transaction, each says what it
changed. The new return date is computed here, at the time of the act, and stays with it: no later edit of calendar or
catalogue moves it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from forms import guard
from forms.fees import compute
from forms.line import normal
from forms.local_rules import EVENT, Outage, check_rule
from forms.problem import Problem
from forms.procedure import TimeLimit
from forms.working_days import VIETNAM, parse_moment, uncounted
from sync.counter import Changes, Counter
from sync.store import dossiers

_AHEAD = timedelta(minutes=10)  # two counters' clocks may differ by so much
_STEP = 20
"""Dossiers moved in one transaction when an outage ends: none lasts over 20 ms."""


def request_supplement(
    counter: Counter, dossier_id: str, operator: str, items: Sequence[dict[str, Any]], reason: str = ""
) -> Changes:
    """Yêu cầu bổ sung (Mẫu số 02), in one go: the clock stops now.

    :param items: ``{"paper": code | None, "name", "reason", "basis"}``.
    :raises Problem: what ``guard.check_supplement`` refuses; ``not_now``, ``dossier_unknown``, ``dossier_erased``.
    """
    dossier = counter.dossier(dossier_id)
    procedure, group = counter.catalogue.procedure_of(dossier), counter.catalogue.group_of(dossier)
    case = group.cases[0] if group else procedure.case(dossier["procedure"].get("case")) if procedure else None
    guard.check_supplement(case, items, bool(dossier["applicant"].get("personal_id")))
    names = {p.code: p.name for p in case.papers} if case else {}
    asked = [{"name": names.get(str(i.get("paper")), ""), "basis": "", "paper": None} | _filled(i) for i in items]
    return _act(counter, dossier_id, operator, "supplement_requested", lambda _now: {"items": asked, "reason": reason})


def receive_supplement(counter: Counter, dossier_id: str, operator: str, papers: Sequence[dict[str, Any]] = ()) -> Changes:
    """What was asked for has come: the clock goes on, and the return date moves by the time it stood; an outage that was
    announced meanwhile counts only where it stood longer.

    :raises Problem: ``not_now``, ``dossier_unknown``, ``dossier_erased``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        stopped = next((c for c in reversed(dossier["clock"]) if c["event"] == "supplement_requested"), None)
        since = parse_moment(str((stopped or {}).get("at") or ""))
        span = (max(since, _begins(dossier) or since), counter.clock()) if since else None
        return {"papers": list(papers), "return_at": _moved(counter, dossier, span) if span else None}

    done = _act(counter, dossier_id, operator, "supplement_received", body)
    moved = apply_outages(counter, operator)
    return Changes(done.dossiers | moved, status=True)


def extend(counter: Counter, dossier_id: str, operator: str, return_at: datetime, reason: str) -> Changes:
    """Xin lỗi và gia hạn (Mẫu số 04): a new date with its reason.

    :raises Problem: ``reason_missing``, ``date_not_later``, ``date_off``, ``not_now``, ``dossier_unknown``.
    """
    if not reason.strip():
        raise Problem("reason_missing")
    new = return_at if return_at.tzinfo else return_at.replace(tzinfo=VIETNAM)
    if not counter.calendar.is_working(new.astimezone(VIETNAM).date()):
        raise Problem("date_off")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        old = parse_moment(dossier["return_at"] or "")
        if new <= counter.clock() or (old and new <= old):
            raise Problem("date_not_later")
        return {"reason": reason.strip(), "return_at": new.isoformat()}

    return _act(counter, dossier_id, operator, "extended", body)


def arrive(counter: Counter, dossier_id: str, operator: str, at: datetime) -> Changes:
    """The competent unit has received the dossier: the period runs from then (NĐ 309/2026/NĐ-CP).

    :raises Problem: ``moment_out_of_range``, ``not_now``, ``dossier_unknown``, ``dossier_erased``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        received = parse_moment(dossier["received_at"] or "")
        if received is None or not received <= at <= counter.clock() + _AHEAD:
            raise Problem("moment_out_of_range")
        limit = _limit(dossier)
        due = counter.calendar.appointment(limit, at).return_at.isoformat() if limit else None
        return {"unit": (dossier.get("competent") or {}).get("name"), "return_at": due}

    return _act(counter, dossier_id, operator, "arrived", body, at)


def pay(counter: Counter, dossier_id: str, operator: str, method: str) -> Changes:
    """The fee was taken: ``cash``, or ``transfer`` that is still to be found on the account. An amount that was open at
    reception is computed by the fee table of that day, once it is settled.

    :raises Problem: ``not_now`` when nothing is owed; ``fee_unsettled``, ``dossier_unknown``.
    """
    if method not in ("cash", "transfer"):
        raise Problem("not_now", event="paid")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        amount = dossier["payment"].get("amount")
        if amount is None:
            amount = _owed(counter, dossier)
        if amount is None:
            raise Problem("fee_unsettled")
        if not amount:
            raise Problem("not_now", event="paid")
        return {"method": method, "amount": amount}

    return _act(counter, dossier_id, operator, "paid", body)


def reconcile(counter: Counter, dossier_id: str, operator: str, reference: str) -> Changes:
    """The transfer stands on the account's statement, under this reference.

    :raises Problem: ``reference_missing``, ``not_now``, ``dossier_unknown``.
    """
    if not reference.strip():
        raise Problem("reference_missing")
    return _act(counter, dossier_id, operator, "reconciled", lambda _now: {"reference": reference.strip()})


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
    """Move the dates of own dossiers that an ended outage stopped; each counts once for each, and only for the time that
    nothing else stood still. Ids of those moved. Paused ones wait until their supplement comes.
    """
    ended = [o for o in counter.rules.outages if o.until is not None]
    ids = [d["id"] for d in dossiers.own_open(counter.store, counter.counter_id)] if ended else []
    moved: set[str] = set()
    for first in range(0, len(ids), _STEP):
        with counter.store.write():  # read again inside: another process may have moved it a moment ago
            for dossier_id in ids[first : first + _STEP]:
                moved |= {dossier_id for outage in ended if _suspend(counter, dossier_id, operator, outage)}
    return frozenset(moved)


def _suspend(counter: Counter, dossier_id: str, operator: str, outage: Outage) -> bool:
    """Write ``suspended`` where the law stops this clock and the outage touched it; inside ``write``."""
    dossier = counter.dossier(dossier_id)
    facts, until = dossier["procedure"], outage.until
    basis = outage.suspends(
        counter.catalogue.group_of(dossier) or counter.catalogue.procedure_of(dossier), str(facts.get("code"))
    )
    begins, due = _begins(dossier), parse_moment(dossier["return_at"] or "")
    if dossier["stage"] != "received" or not basis or until is None or begins is None or due is None:
        return False
    said = {"outage": outage.id, "until": until.isoformat()}
    known = any(c["event"] == "suspended" and all(c.get(k) == v for k, v in said.items()) for c in dossier["clock"])
    start = max(outage.start, begins)
    new = _moved(counter, dossier, (start, until))
    if known or start >= due or until <= start or new is None or new == dossier["return_at"]:
        return False
    facts = said | {"system": outage.system, "basis": basis, "from": outage.start.isoformat(), "since": start.isoformat()}
    more = {"reason": f"sự cố {outage.system}", "return_at": new, "at": counter.clock().isoformat()}
    counter.act(dossier_id, "suspended", operator, facts | more)
    return True


def _act(
    counter: Counter,
    dossier_id: str,
    operator: str,
    name: str,
    body: Callable[[dict[str, Any]], dict[str, Any]],
    at: datetime | None = None,
) -> Changes:
    """Append an act that the dossier's stage allows; its body is made inside the transaction, from what then stands.

    :raises Problem: ``not_now``, ``dossier_erased``.
    """
    when = {"at": (at or counter.clock()).isoformat()}
    with counter.store.write():
        before = counter.dossier(dossier_id)
        if not before["procedure"].get("code"):
            raise Problem("dossier_erased")
        counter.act(dossier_id, name, operator, normal(when | body(before)))
        if len(counter.dossier(dossier_id)["review"]) > len(before["review"]):
            raise Problem("not_now", event=name)
    return Changes(frozenset([dossier_id]), status=True)


def _begins(dossier: dict[str, Any]) -> datetime | None:
    """From when the period runs: arrival at the competent unit, or reception; None while arrival is awaited."""
    if dossier.get("competent") and not dossier.get("arrived_at"):
        return None
    start = dossier.get("arrived_at") or (dossier.get("appointment") or {}).get("start") or dossier["received_at"]
    return parse_moment(str(start or ""))


def _moved(counter: Counter, dossier: dict[str, Any], span: tuple[datetime, datetime]) -> str | None:
    """The return date after the clock stood in this span, without what was counted already."""
    due = parse_moment(dossier["return_at"] or "")
    unit = (dossier.get("appointment") or {}).get("unit")
    if due is None or not unit:
        return None
    return counter.calendar.moved(unit, due, uncounted(span, _counted(dossier))).isoformat()


def _counted(dossier: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    """The spans that have moved the return date before."""
    found, paused = [], None
    for row in dossier["clock"]:
        at = parse_moment(str(row.get("at") or ""))
        if row["event"] == "supplement_requested":
            paused = at
        elif row["event"] == "supplement_received" and paused and at:
            found.append((paused, at))
        elif row["event"] == "suspended":
            start, end = (parse_moment(str(row.get(k) or "")) for k in ("since", "until"))
            found += [(start, end)] if start and end else []
    return found


def _limit(dossier: dict[str, Any]) -> TimeLimit | None:
    """The limit the dossier was received under, as its receipt says it."""
    said = dossier.get("appointment")
    if said is None:
        return None
    return TimeLimit(said["amount"], said["unit"], bool(said.get("same_day")), bool(said.get("late_starts_next")))


def _owed(counter: Counter, dossier: dict[str, Any]) -> int | None:
    """The fee by the table in force on the day of reception; None while it is open."""
    received = parse_moment(dossier["received_at"] or "")
    line = {k: dossier.get(k) for k in ("channel", "answers", "exemption")} | {"case": dossier["procedure"].get("case")}
    procedure = counter.catalogue.procedure_of(dossier)
    return compute(procedure, line, received.date(), counter.rules).total if received and procedure else None


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in item.items() if k in ("paper", "name", "reason", "basis") and v}
