"""Outages of the receiving systems, as the relay tells them: since when one of them takes nothing, and until when.

An event ``system_outage`` of the relay, in the feed of every commune: ``{"system": key, "name": what people call it, "from":
moment, "until": moment or None, "why": "line" | "busy" | "maintenance" | "denied"}``; said again with ``until`` once it is over.
It stops no clock and moves no date: that does an outage which was *announced* and entered as a rule (``local_rules.Outage``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms.routing import PORTAL
from forms.working_days import parse_moment

if TYPE_CHECKING:
    from forms.dossier import Act

EVENT = "system_outage"
_LONGEST = 200
"""Characters of a name or a key; what is longer is none."""


@dataclass(frozen=True)
class SystemOutage:
    """``system``: its key; ``name``: what people call it; Vietnam time, ``until`` None: no end was told; ``why``: see above."""

    system: str
    name: str
    start: datetime
    until: datetime | None
    why: str


def fold_outages(events: Iterable[Act]) -> tuple[SystemOutage, ...]:
    """All that were told, in the order in which they began. An end holds for good, in whatever order it was heard. What somebody
    else than the relay says, or says in another shape, is passed over."""
    found: dict[tuple[str, datetime], SystemOutage] = {}
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)):
        one = _outage(event.body) if event.name == EVENT and event.counter == PORTAL else None
        if one is not None and (one.until or (one.system, one.start) not in found):
            found[one.system, one.start] = one
    return tuple(sorted(found.values(), key=lambda one: one.start))


def open_outages(outages: Iterable[SystemOutage]) -> tuple[SystemOutage, ...]:
    """Those that last, in the order in which they began: of each system only its latest can, one before it whose end nobody told
    is over as well."""
    latest: dict[str, SystemOutage] = {}
    for one in sorted(outages, key=lambda one: one.start):
        latest[one.system] = one
    return tuple(sorted((one for one in latest.values() if one.until is None), key=lambda one: one.start))


def _outage(body: Any) -> SystemOutage | None:
    told = body if isinstance(body, dict) else {}
    system, name, why = (told.get(key) for key in ("system", "name", "why"))
    if not all(isinstance(words, str) and 0 < len(words) <= _LONGEST for words in (system, name, why)):
        return None
    start, until = (parse_moment(told[key]) if isinstance(told.get(key), str) else None for key in ("from", "until"))
    if start is None or (told.get("until") is not None and (until is None or until < start)):
        return None
    return SystemOutage(str(system), str(name), start, until, str(why))
