"""What may be done with a dossier now: the table of stages, and the conditions on money, result and dates. The screen offers
this and nothing else, most likely first."""

from collections.abc import Callable, Mapping
from typing import Any

from forms.stages import Stage, may
from forms.steps import refundable

_ORDER = (
    "received guided declined supplement_received returned finished transferred arrived supplement_requested extended paid"
    " reconciled posted post_failed corrected payment_requested withdrawn stopped refunded shelved authorised entered_elsewhere"
    " annulled attached"
).split()


def possible(dossier: Mapping[str, Any]) -> tuple[str, ...]:
    """Events that a clerk may add to a dossier (``Dossier.as_json()``, with its ``road`` where that is known), most likely first;
    none for one that was erased."""
    if not (dossier.get("procedure") or {}).get("code") or dossier.get("erased"):
        return ()
    stage = Stage(dossier["stage"])
    found = [name for name in _ORDER if may(name, stage) and _fits(name, dossier)]
    if (dossier.get("payment") or {}).get("amount") is None and "paid" in found:
        found.sort(key=lambda name: name == "paid")  # an amount that is not settled yet is nothing to begin with
    if dossier.get("verdict") is None:
        found.sort(key=lambda name: name != "entered_elsewhere")  # nobody else brings it to the system that must have it
    return tuple(found)


def _fits(name: str, dossier: Mapping[str, Any]) -> bool:
    payment = dossier.get("payment") or {}
    money, result = payment.get("state"), (dossier.get("result") or {}).get("state")
    conditions: dict[str, Callable[[], bool]] = {
        "received": lambda: bool(dossier.get("filed_at")),
        "guided": lambda: bool(dossier.get("filed_at")),
        "declined": lambda: bool(dossier.get("filed_at")),
        "arrived": lambda: bool(dossier.get("competent")) and not dossier.get("arrived_at"),
        "payment_requested": lambda: money != "transfer",
        "paid": lambda: money in ("unpaid", "transfer") and dossier["stage"] not in ("withdrawn", "stopped"),
        "reconciled": lambda: money == "transfer",
        "refunded": lambda: refundable(payment) is not None,
        "posted": lambda: result == "ready",
        "post_failed": lambda: result == "posted",
        "corrected": lambda: bool(dossier.get("form") or dossier.get("applicant")),
        "entered_elsewhere": lambda: bool((dossier.get("road") or {}).get("by_hand")),
    }
    return conditions[name]() if name in conditions else True


def second_supplement(dossier: Mapping[str, Any]) -> bool:
    """Whether a further supplement request would be the second: the national set of indicators (QĐ 766/QĐ-TTg) then counts
    the dossier as late."""
    return int(dossier.get("supplements") or 0) >= 1


def conflict(dossier: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a clerk must look at first: ``{act, why, sides, more}``; ``sides``: the rows of the history of the marked act and
    of those against it, ``more``: how many others are marked. None when nothing is open."""
    rows = {r["act"]: r for r in dossier["history"]}
    marked = next((r for r in dossier["review"] if r["act"] in rows), None)
    if marked is None:
        return None
    sides = [rows[marked["act"]], *(rows[a["act"]] for a in marked["against"] if a["act"] in rows)]
    return {"act": marked["act"], "why": marked["why"], "sides": sides, "more": len(dossier["review"]) - 1}
