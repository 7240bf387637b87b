"""A dossier as a receiving system is told of it: the fold, and its acts with the official state after each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from forms.dossier import Dossier, act_of, officials
from forms.working_days import parse_moment
from sync.events import Event, moment
from sync.relay.systems import Act, Case

_STEPS = frozenset(
    "filed received declined transferred arrived supplement_requested supplement_received payment_requested extended withdrawn"
    " stopped finished returned".split()
)
"""Acts that are a step of the processing by themselves; any other one is when the official state is another after it."""


def ordered(events: Sequence[Event]) -> list[Event]:
    """In the order of the fold."""
    return sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number))


def case_of(
    dossier: Dossier,
    events: Sequence[Event],
    names: Mapping[str, str],
    listed: Mapping[str, str],
    profile: Mapping[str, Any],
    link: Callable[[str], str],
    scan: Callable[[str], bytes],
    now: datetime,
) -> Case:
    """``events``: all of the dossier, in the order of the fold; ``names``: of operators by id."""
    counted = [e for e, row in zip(events, dossier.history, strict=True) if e.body is not None and not _aside(row)]
    return Case(dossier.as_json(), _acts(dossier.id, counted, names), listed, profile, link, scan, now)


def _aside(row: Mapping[str, Any]) -> bool:
    return any(row.get(k) for k in ("overruled", "marked", "again"))


def _acts(dossier: str, events: Sequence[Event], names: Mapping[str, str]) -> tuple[Act, ...]:
    """A step names the state that the acts up to it lead to; what is no step of the processing names none."""
    found: list[Act] = []
    before: int | None = None
    for event, after in zip(events, officials(dossier, events), strict=True):
        step = after if event.name in _STEPS or after != before else None
        who = names.get(event.operator, "")
        found.append(Act(act_of(event), event.name, _when(event), who, step, event.body or {}, event.counter))
        before = after
    return tuple(found)


def _when(event: Event) -> datetime:
    """When it happened, as far as its body says so."""
    body = event.body or {}
    told = body.get("received_at" if event.name == "received" else "filed_at" if event.name == "filed" else "at")
    return parse_moment(str(told or "")) or moment(event.at)
