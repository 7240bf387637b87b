"""Every act by the name of its event, with its details as JSON: the headless ``act``, and what ``--help`` says of it."""

from collections.abc import Callable
from typing import Any

from forms.line import shallow
from forms.problem import Problem
from forms.working_days import parse_moment
from sync import acts, copying, intake, money
from sync.counter import Counter
from sync.events import canonical

_Json = dict[str, Any]
Run = Callable[[Counter, str, str, _Json], object]

VERBS: dict[str, tuple[str, Run]] = {
    "guided": (
        "items [{paper|name, reason, basis}], reason",
        lambda c, d, w, j: intake.guide(c, {"id": d}, w, _rows(j), _t(j, "reason")),
    ),
    "declined": ("reason, basis, guidance", lambda c, d, w, j: intake.decline(c, {"id": d}, w, *_ts(j, "reason basis guidance"))),
    "received": (
        "allow_incomplete (of a dossier filed online)",
        lambda c, d, w, j: intake.receive_filed(c, d, w, bool(j.get("allow_incomplete"))),
    ),
    "annulled": ("reason, approved_by", lambda c, d, w, j: acts.annul(c, d, w, *_ts(j, "reason approved_by"))),
    "transferred": ("to, taker, note", lambda c, d, w, j: acts.transfer(c, d, w, *_ts(j, "to taker note"))),
    "arrived": ("at", lambda c, d, w, j: acts.arrive(c, d, w, _moment(j, "at", c))),
    "supplement_requested": (
        "items [{paper|name, reason, basis}], reason",
        lambda c, d, w, j: acts.request_supplement(c, d, w, _rows(j), _t(j, "reason")),
    ),
    "supplement_received": (
        "papers [{code, originals, certified, copies}]",
        lambda c, d, w, j: acts.receive_supplement(c, d, w, _rows(j, "papers")),
    ),
    "payment_requested": (
        "amount, name, basis",
        lambda c, d, w, j: money.request_payment(c, d, w, j.get("amount", 0), *_ts(j, "name basis")),
    ),
    "paid": ("method cash|transfer", lambda c, d, w, j: money.pay(c, d, w, _t(j, "method"))),
    "reconciled": ("reference", lambda c, d, w, j: money.reconcile(c, d, w, _t(j, "reference"))),
    "refunded": (
        "reason, method, of",
        lambda c, d, w, j: money.refund(c, d, w, _t(j, "reason"), _t(j, "method") or "cash", _t(j, "of")),
    ),
    "extended": ("return_at, reason", lambda c, d, w, j: acts.extend(c, d, w, _moment(j, "return_at"), _t(j, "reason"))),
    "withdrawn": ("reason", lambda c, d, w, j: acts.withdraw(c, d, w, _t(j, "reason"))),
    "stopped": ("reason, basis", lambda c, d, w, j: acts.stop(c, d, w, *_ts(j, "reason basis"))),
    "finished": ("results [{name, number, about}]", lambda c, d, w, j: acts.finish(c, d, w, _rows(j, "results"))),
    "posted": ("tracking", lambda c, d, w, j: acts.post(c, d, w, _t(j, "tracking"))),
    "post_failed": ("reason", lambda c, d, w, j: acts.post_failed(c, d, w, _t(j, "reason"))),
    "returned": (
        "receiver {full_name, personal_id, phone}, authority, signed, given_back, withheld",
        lambda c, d, w, j: acts.hand_over(c, d, w, j | {"receiver": _part(j, "receiver")}),
    ),
    "shelved": ("place", lambda c, d, w, j: acts.shelve(c, d, w, _t(j, "place"))),
    "authorised": (
        "person {full_name, personal_id, phone}, basis",
        lambda c, d, w, j: acts.authorise(c, d, w, _part(j, "person"), _t(j, "basis")),
    ),
    "corrected": ("fields {path: value}, reason", lambda c, d, w, j: acts.correct(c, d, w, _part(j, "fields"), _t(j, "reason"))),
    "entered_elsewhere": (
        "number (given by the other system, may be empty)",
        lambda c, d, w, j: copying.enter(c, d, w, _t(j, "number")),
    ),
    "settled": ("act, counts act|against|both", lambda c, d, w, j: acts.settle(c, d, w, *_ts(j, "act counts"))),
}
"""Event -> the details it takes, and the verb."""


def run(counter: Counter, dossier_id: str, operator: str, event: str, details: Any) -> dict[str, Any]:
    """Do it; ``{"dossier", "event", "stage"}`` as it then stands.

    :raises Problem: ``event_unknown``, ``details_malformed``, and what the verb refuses.
    """
    if event not in VERBS:
        raise Problem("event_unknown", event=event, known=sorted(VERBS))
    if not isinstance(details, dict) or not shallow(details):
        raise Problem("details_malformed", event=event)
    try:
        canonical(details)
    except ValueError as error:  # half a letter, no number: nothing that could be kept
        raise Problem("details_malformed", event=event) from error
    VERBS[event][1](counter, dossier_id, operator, details)
    return {"dossier": dossier_id, "event": event, "stage": counter.dossier(dossier_id)["stage"]}


def _t(details: _Json, name: str) -> str:
    value = details.get(name)
    if value is not None and not isinstance(value, str):
        raise Problem("details_malformed", field=name)
    return value or ""


def _ts(details: _Json, names: str) -> list[str]:
    return [_t(details, n) for n in names.split()]


def _part(details: _Json, name: str) -> _Json:
    value = details.get(name) or {}
    if not isinstance(value, dict):
        raise Problem("details_malformed", field=name)
    return value


def _rows(details: _Json, name: str = "items") -> list[_Json]:
    rows = details.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise Problem("details_malformed", field=name)
    return rows


def _moment(details: _Json, name: str, counter: Counter | None = None) -> Any:
    """The moment given; now, for acts that may have happened just now."""
    found = parse_moment(_t(details, name))
    if found is None and (counter is None or details.get(name)):
        raise Problem("moment_malformed", field=name)
    return found or (counter.clock() if counter else None)
