"""Whether the receiving systems take anything now, as far as this store has heard from the relay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from forms.receiving import EVENT, SystemOutage, fold_outages, open_outages
from sync.store import Store, log

if TYPE_CHECKING:
    from sync.counter import Counter

_Json = dict[str, Any]


def outages(counter: Counter, days: int) -> list[_Json]:
    """``[{system, name, from, until, why, lasts}]`` of those that last and of those that began or ended in the last ``days``, in
    the order in which they began; ``until`` None without ``lasts``: nobody told when it ended."""
    told, since = _told(counter.store), counter.clock() - timedelta(days=days)
    last = open_outages(told)
    return [_shown(one, one in last) for one in told if one in last or (one.until or one.start) >= since]


def lasting(store: Store, system: str) -> _Json | None:
    """The outage of one system, in the same words; None when it takes what it is sent."""
    return next((_shown(one, True) for one in open_outages(_told(store)) if one.system == system), None)


def _told(store: Store) -> tuple[SystemOutage, ...]:
    return fold_outages(log.of_counters(store, EVENT))


def _shown(one: SystemOutage, lasts: bool) -> _Json:
    until = one.until.isoformat() if one.until else None
    said = {"system": one.system, "name": one.name, "from": one.start.isoformat(), "until": until}
    return said | {"why": one.why, "lasts": lasts}
