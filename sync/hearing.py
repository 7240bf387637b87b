"""What is heard from the gateway: its feed in order, and older dossiers beside it, into the store.

A new counter does not wait for years of dossiers: it hears of those that are open and of the last ``DAYS``, and goes on
with the feed behind them. What was left out comes when it is wanted: one dossier as soon as somebody speaks of it, all of
it when a person asks. Every event is kept once, however often it comes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from forms.erasure import target
from forms.problem import Problem
from sync.events import Event, follow, moment
from sync.group import Group
from sync.store import Store, journal, log, projection

DAYS = 90
"""So far back a new counter hears everything; before that only what is still open."""
_STEP = 40
"""Foreign events of one write transaction: none lasts over 20 ms."""
_WANTED = 100


def begin(store: Store, now: datetime) -> None:
    """A new counter: hear recent dossiers first; inside ``write``."""
    store.set_meta(since=round((now - timedelta(days=DAYS)).timestamp() * 1000))


def wishes(store: Store) -> dict[str, Any]:
    """What the header asks for beside the feed: ``since``, ``want`` (single dossiers), ``older`` (from, up to)."""
    asked: dict[str, Any] = {}
    if not store.meta("feed", 0) and store.meta("since") and len(log.own_logs(store)) == 1:
        asked["since"] = store.meta("since")
    if store.meta("want", []):
        asked["want"] = store.meta("want")[:_WANTED]
    at, upto = store.meta("older", [0, 0])
    if store.meta("older_wanted") and at < upto:
        asked["older"] = [at, upto]
    return asked


def asked(store: Store) -> bool:
    """Something was asked for that has not come."""
    return bool({"want", "older"} & wishes(store).keys())


def left_out(store: Store) -> int:
    """Places of the feed before the first contact that have not been read again: 0 when all is here."""
    at, upto = store.meta("older", [0, 0])
    return max(0, int(upto) - int(at))


def want_all(store: Store) -> None:
    """A person asks for everything older; inside ``write``."""
    store.set_meta(older_wanted=True)


def start_again(store: Store) -> None:
    """The feed is another one now: read it from its start; inside ``write``."""
    store.set_meta(feed=0, since=0, older=[0, 0], want=[])


def feed(store: Store, value: dict[str, Any]) -> tuple[int, set[str]]:
    """One piece of the feed: how many events were new, and the dossiers they concern.

    :raises Problem: ``frame_malformed`` when a piece is missing before this one.
    """
    if value["from"] != store.meta("feed", 0):
        raise Problem("frame_malformed")  # ask again from where we stand
    new, dossiers = _keep(store, value["runs"])
    with store.write():
        store.set_meta(feed=int(value["to"]), since=0)
        if "after" in value:  # what a new counter hears first has come
            store.set_meta(older=[0, 0 if value["whole"] else int(value["to"])])
        elif left_out(store):
            # Not only what was new: this piece may have been kept before, by a process that ended here.
            _want(store, {str(row[0]) for run in value["runs"] for row in run[5]} - {""})
    return new, dossiers


def upto(store: Store, place: int) -> None:
    """Up to there the feed holds only what is here already."""
    if place != store.meta("feed", 0):
        with store.write():
            store.set_meta(feed=place, since=0)


def older(store: Store, value: dict[str, Any]) -> tuple[int, set[str]]:
    """Events beside the feed, which were asked for or belong to a new counter's beginning."""
    new, dossiers = _keep(store, value["runs"])
    with store.write():
        if value.get("of"):
            store.set_meta(want=[d for d in store.meta("want", []) if d not in value["of"]])
        at, upto = store.meta("older", [0, 0])
        if value["to"] and value["from"] == at:
            store.set_meta(older=[int(value["to"]), upto])
    return new, dossiers


def _want(store: Store, dossiers: Iterable[str]) -> None:
    """Somebody spoke of dossiers whose beginning was left out: ask for the whole of them."""
    missing = [d for d in sorted(dossiers) if not log.begun(store, d)]
    if missing:
        store.set_meta(want=sorted({*store.meta("want", []), *missing}))


def _keep(store: Store, runs: Any) -> tuple[int, set[str]]:
    events: list[tuple[Event, dict[str, str]]] = []
    for run in runs:
        group = Group.from_value(run)
        events += [(e, dict(group.secrets)) for e in group.events]
    new, dossiers = 0, set()
    for start in range(0, len(events), _STEP):
        count, touched = _apply(store, events[start : start + _STEP])
        new += count
        dossiers |= touched
    return new, dossiers


def _apply(store: Store, events: list[tuple[Event, dict[str, str]]]) -> tuple[int, set[str]]:
    with store.write():
        gateway_ms, last = int(store.meta("gateway_time", 0)), int(store.meta("hybrid", 0))
        touched: list[str] = []
        for event, secrets in events:
            if _out_of_turn(store, event):
                continue
            touched += _aside(store, event)
            if event.dossier in secrets:
                log.keep_secret(store, event.counter, event.epoch, event.dossier, bytes.fromhex(secrets[event.dossier]))
            if log.add_heard(store, event):
                touched.append(event.dossier or target(event.name, event.body))
            last = follow(last, event.at, gateway_ms)
        for dossier in sorted(set(touched) - {""}):
            projection.project(store, dossier)
        store.set_meta(hybrid=last)
    return len(touched), set(touched)


def _out_of_turn(store: Store, event: Event) -> bool:
    """Words of our own log come back only to a store that was restored: of an earlier epoch, of which nothing waits, one after
    the other in the feed; one that comes beside it, too early, is left for then. Anything else says that a copy of us has
    written on, and the next request has to settle it.

    :raises Problem: ``base_differs``.
    """
    if not log.is_own(store, event.counter, event.epoch):
        return False
    ours = log.position(store, event.counter, event.epoch)
    if event.number <= ours.number:
        strange = log.position(store, event.counter, event.epoch, event.number).hash != event.hash
    else:
        strange = event.epoch == store.meta("epoch") or log.acknowledged(store, event.counter, event.epoch) < ours.number
    if strange:
        raise Problem("base_differs", epoch=event.epoch)
    return event.number > ours.number + 1


def _aside(store: Store, event: Event) -> list[str]:
    """Where the gateway now holds another event of somebody's log than the one that was heard (it was put back, and a copy of
    that counter wrote on), its word counts; what stood here goes aside, not away, and a person is told. Returns the dossiers."""
    known = log.position(store, event.counter, event.epoch, event.number)
    if known.number == 0 or known.hash == event.hash or log.is_own(store, event.counter, event.epoch):
        return []
    at = moment(int(store.meta("hybrid", 0)))
    journal.add_task(store, "heard_differs", at, counter=event.counter, epoch=event.epoch, number=event.number)
    return log.set_aside(store, event.counter, event.epoch, event.number)
