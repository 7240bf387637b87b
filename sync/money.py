"""Fees after reception: asked for, taken, found on the account, given back; and the drawer counted at the end of a shift."""

from datetime import datetime
from typing import Any

from forms.fees import compute
from forms.names import money as in_words
from forms.problem import Problem
from forms.steps import refundable
from forms.working_days import parse_moment
from sync.acts import perform
from sync.counter import Changes, Counter
from sync.house_rules import after_pause, apply_outages
from sync.store import facts

CLOSED = "cash_closed"
"""The act of the counter itself that closes an operator's drawer."""


def request_payment(counter: Counter, dossier_id: str, operator: str, amount: int, name: str, basis: str) -> Changes:
    """Yêu cầu thực hiện nghĩa vụ tài chính: the dossier waits until it is paid. No amount without its legal basis.

    :raises Problem: ``amount_out_of_range``, ``basis_missing``, as ``perform``.
    """
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount < 10**12:
        raise Problem("amount_out_of_range")
    if not basis.strip() or not name.strip():
        raise Problem("basis_missing")
    body = {"amount": amount, "name": name.strip(), "basis": basis.strip()}
    return perform(counter, dossier_id, operator, "payment_requested", lambda _now: body)


def pay(counter: Counter, dossier_id: str, operator: str, method: str) -> Changes:
    """The fee was taken: ``cash``, or ``transfer`` that is still to be found on the account. An amount that was open at
    reception is computed by the fee table of that day, once it is settled. A dossier that waited for it goes on.

    :raises Problem: ``not_now`` when nothing is owed; ``fee_unsettled``, as ``perform``.
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
        waited = dossier["stage"] == "payment"
        return {"method": method, "amount": amount} | ({"return_at": after_pause(counter, dossier)} if waited else {})

    done = perform(counter, dossier_id, operator, "paid", body)
    return Changes(done.dossiers | apply_outages(counter, operator), status=True)  # one that ended in the pause counts now


def reconcile(counter: Counter, dossier_id: str, operator: str, reference: str) -> Changes:
    """The transfer stands on the account's statement, under this reference.

    :raises Problem: ``reference_missing``, as ``perform``.
    """
    if not reference.strip():
        raise Problem("reference_missing")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        return {"reference": reference.strip(), "amount": dossier["payment"].get("amount"), "method": "transfer"}

    return perform(counter, dossier_id, operator, "reconciled", body)


def refund(counter: Counter, dossier_id: str, operator: str, reason: str, method: str = "cash", of: str = "") -> Changes:
    """Money given back. ``of``: the act that took it a second time, where two counters did; else what was paid.

    :raises Problem: ``reason_missing``, ``not_now`` when nothing was taken, as ``perform``.
    """
    if not reason.strip():
        raise Problem("reason_missing")
    if method not in ("cash", "transfer"):
        raise Problem("not_now", event="refunded")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        twice = next((r for r in dossier["history"] if r["act"] == of), None)
        amount = (twice["body"] if twice else refundable(dossier["payment"]) or {}).get("amount")
        if not amount:
            raise Problem("not_now", event="refunded")
        return {"reason": reason.strip(), "method": method, "amount": amount} | ({"of": of} if of else {})

    return perform(counter, dossier_id, operator, "refunded", body)


def drawer(counter: Counter, operator: str) -> dict[str, Any]:
    """What the operator's drawer should hold since it was last closed: ``{since, cash, transfer, returned, expected}``, đồng.
    A shift is what stands in this counter's log after the last close, whatever the clock or a back-dated reception says."""
    since = facts.last_closed(counter.store, counter.counter_id, operator)
    sums = {"cash": 0, "transfer": 0, "returned": 0}
    for kind, method, amount in facts.in_drawer(counter.store, counter.counter_id, operator):
        if kind == "taken":
            sums[method] += amount
        elif kind == "returned" and method == "cash":
            sums["returned"] += amount
    return sums | {"since": since, "expected": sums["cash"] - sums["returned"]}


def close_drawer(counter: Counter, operator: str, counted: int, note: str = "") -> dict[str, Any]:
    """Chốt ca: what was counted beside what should be there; a difference needs a word. Returns what was written.

    :raises Problem: ``amount_out_of_range``, ``difference_unexplained`` (``expected``).
    """
    if isinstance(counted, bool) or not isinstance(counted, int) or not 0 <= counted < 10**12:
        raise Problem("amount_out_of_range")
    with counter.store.write():
        now: datetime = counter.clock()
        found = drawer(counter, operator)
        if counted != found["expected"] and not note.strip():
            raise Problem("difference_unexplained", expected=found["expected"], words=in_words(found["expected"]))
        body = found | {
            "counted": counted,
            "difference": counted - found["expected"],
            "note": note.strip(),
            "at": now.isoformat(),
        }
        counter.act("", CLOSED, operator, body)
    return body


def _owed(counter: Counter, dossier: dict[str, Any]) -> int | None:
    """The fee by the table in force on the day of reception; None while it is open."""
    received = parse_moment(dossier["received_at"] or "")
    line = {k: dossier.get(k) for k in ("channel", "answers", "exemption")} | {"case": dossier["procedure"].get("case")}
    procedure = counter.catalogue.procedure_of(dossier)
    return compute(procedure, line, received.date(), counter.rules).total if received and procedure else None
