"""A cheap look at each start: is this plainly the store that was left? The whole of it is looked at by ``recovery.verify``."""

from forms.problem import Problem
from sync.events import GENESIS, check_chain
from sync.store import Store, log, told

_SETTINGS = ("counter", "epoch", "profile", "gateway_key", "gateway_url", "nonces")
_EPOCHS, _EVENTS = 3, 20
"""The latest own logs that are looked at, and how many events at the end of each: milliseconds, however large the store."""


def glance(store: Store) -> None:
    """The settings, the last act that was told, and the end of the own logs: chain, head, bodies.

    :raises Problem: ``store_damaged``.
    """
    try:
        missing = [name for name in _SETTINGS if store.meta(name) is None]
    except ValueError as error:
        raise Problem("store_damaged", reason="meta") from error
    if missing:
        raise Problem("store_damaged", reason=f"no {missing[0]}")
    if not _reaches(store, told.last(store.file, store.meta("nonces"))):
        raise Problem("store_damaged", reason="acts that were told are missing")
    for counter, epoch, _ in log.own_logs(store)[-_EPOCHS:]:
        _look_at(store, counter, epoch)


def _reaches(store: Store, place: told.Place | None) -> bool:
    """Whether what was told is here. In a former epoch it may have moved on: a fork whose note a kill prevented."""
    if place is None or log.position(store, *place[:3]).hash == place[3]:
        return True
    counter, epoch, *_ = place
    return epoch != store.meta("epoch") and log.is_own(store, counter, epoch)


def _look_at(store: Store, counter: str, epoch: str) -> None:
    head = log.position(store, counter, epoch)
    after = max(0, head.number - _EVENTS)
    events = log.read(store, counter, epoch, after)
    before = log.position(store, counter, epoch, after).hash if after else GENESIS
    found = list(check_chain(events, before)) + [p for e in events for p in log.body_problems(store, e)]
    last = log.Position(events[-1].number, events[-1].hash) if events else log.Position(0, GENESIS)
    if found or last != head:
        raise Problem("store_damaged", reason=found[0] if found else "head differs")
