"""The rules of the house as acts, and what an announced outage does to the dates of dossiers it stopped."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from forms.catalogue import Catalogue
from forms.line import normal
from forms.local_rules import EVENT, LocalRules, Outage, check_rule
from forms.people import Person
from forms.problem import Problem
from forms.routing import Table
from forms.stages import RUNNING
from forms.working_days import parse_moment, uncounted
from sync.counter import Changes, Counter
from sync.store import dossiers

_AHEAD = timedelta(minutes=10)  # two clocks may differ by so much
_STEP = 20
"""Dossiers moved in one transaction when an outage ends: none lasts over 20 ms."""


class InForce(NamedTuple):
    """What holds at this counter now: what is settled, who works here, the procedures, where their dossiers go."""

    rules: LocalRules
    people: dict[str, Person]
    catalogue: Catalogue
    routes: Table


def in_force(counter: Counter) -> InForce:
    """Read whole, published records too: a thousand take a second, which nobody should wait for at a key."""
    catalogue = counter.catalogue
    _ = catalogue.procedures
    return InForce(counter.rules, counter.roster.people, catalogue, counter.roads.table)


def set_rule(counter: Counter, operator: str, kind: str, key: str, value: Any, source: str) -> Changes:
    """Settle a rule of the house, or take it back with None (``forms.local_rules``). An outage that has ended moves the
    dates of the dossiers it stopped, at once and for the other counters when they hear of it.

    :raises Problem: ``rule_malformed``, ``source_missing``, ``moment_out_of_range`` for an end that is still to come.
    """
    body = check_rule(kind, key, normal(value), source)
    until = parse_moment(str((value or {}).get("until") or "")) if kind == "outage" and isinstance(value, dict) else None
    if until is not None and until > counter.clock() + _AHEAD:
        raise Problem("moment_out_of_range")  # nobody knows yet when it will end
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
    begun, due = begins(dossier), parse_moment(dossier["return_at"] or "")
    if dossier["stage"] not in RUNNING or not basis or until is None or begun is None or due is None:
        return False
    said = {"outage": outage.id, "until": until.isoformat()}
    known = any(c["event"] == "suspended" and all(c.get(k) == v for k, v in said.items()) for c in dossier["clock"])
    start = max(outage.start, begun)
    new = moved(counter, dossier, (start, until))
    if known or start >= due or until <= start or new is None or new == dossier["return_at"]:
        return False
    facts = said | {"system": outage.system, "basis": basis, "from": outage.start.isoformat(), "since": start.isoformat()}
    more = {"reason": f"sự cố {outage.system}", "return_at": new, "at": counter.clock().isoformat()}
    counter.act(dossier_id, "suspended", operator, facts | more)
    return True


# The clock of one dossier


def begins(dossier: dict[str, Any]) -> datetime | None:
    """From when the period runs: arrival at the competent unit, or reception; None while arrival is awaited."""
    if dossier.get("competent") and not dossier.get("arrived_at"):
        return None
    start = dossier.get("arrived_at") or (dossier.get("appointment") or {}).get("start") or dossier["received_at"]
    return parse_moment(str(start or ""))


def after_pause(counter: Counter, dossier: dict[str, Any]) -> str | None:
    """The return date once the pause that stands now ends: moved by the time it stood."""
    since = parse_moment(str(dossier["pauses"][-1][0] or "")) if dossier["pauses"] else None
    if since is None:
        return None
    return moved(counter, dossier, (max(since, begins(dossier) or since), counter.clock()))


def moved(counter: Counter, dossier: dict[str, Any], span: tuple[datetime, datetime]) -> str | None:
    """The return date after the clock stood in this span, without what was counted already."""
    due = parse_moment(dossier["return_at"] or "")
    unit = (dossier.get("appointment") or {}).get("unit")
    if due is None or not unit:
        return None
    return counter.calendar.moved(unit, due, uncounted(span, counted(dossier))).isoformat()


def counted(dossier: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    """The spans that have moved the return date before."""
    spans = [tuple(p) for p in dossier["pauses"]]
    spans += [(c.get("since"), c.get("until")) for c in dossier["clock"] if c["event"] == "suspended"]
    found = [(parse_moment(str(a or "")), parse_moment(str(b or ""))) for a, b in spans]
    return [(a, b) for a, b in found if a and b]
