"""The append-only event log: own events in a chain, and what was heard from others."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from forms.erasure import target
from forms.problem import Problem
from sync.events import GENESIS, Event, body_hash
from sync.store import erasures
from sync.store.opening import Store, parsed

FIRST = ("received", "filed", "guided", "declined")
"""What a dossier can begin with."""
_COLUMNS = "counter, epoch, number, dossier, name, at, operator, prev, body_hash, body"


@dataclass(frozen=True)
class Position:
    """How far a log goes: ``number`` of its last event and its ``hash`` (GENESIS for 0)."""

    number: int
    hash: str


def start_epoch(store: Store, counter: str, epoch: str, started: int) -> None:
    """Begin an own log; inside ``write``. ``started``: hybrid time, so that epochs have an order."""
    store.db.execute(
        "INSERT INTO logs(counter, epoch, own, number, head, started) VALUES (?, ?, 1, 0, ?, ?)",
        (counter, epoch, GENESIS, started),
    )


def append(
    store: Store, counter: str, epoch: str, dossier: str, name: str, at: int, operator: str, body: dict[str, Any]
) -> Event:
    """Write the next own event; inside ``write``."""
    head = position(store, counter, epoch)
    number = head.number + 1
    digest = body_hash(_secret(store, counter, epoch, dossier), epoch, number, body)
    event = Event(counter, epoch, number, dossier, name, at, operator, head.hash, digest, body)
    _insert(store, event)
    store.db.execute("UPDATE logs SET number = ?, head = ? WHERE counter = ? AND epoch = ?", (number, event.hash, counter, epoch))
    store.appended = (counter, epoch, number, event.hash)
    return event


def put_back(store: Store, event: Event, secret: bytes | None) -> None:
    """An own event, found again, at the place it had behind the head of its log; inside ``write``."""
    if secret is not None:
        keep_secret(store, event.counter, event.epoch, event.dossier, secret)
    _insert(store, event)
    where = (event.number, event.hash, event.counter, event.epoch)
    store.db.execute("UPDATE logs SET number = ?, head = ? WHERE counter = ? AND epoch = ?", where)


def add_heard(store: Store, event: Event) -> bool:
    """Keep an event of another log; inside ``write``. False when it was there already: a second arrival changes nothing. An
    epoch of our own that is heard from its start (a life which a restore forgot) is ours again: should the gateway be put back,
    too, we are who tells it.

    :raises Problem: ``heard_differs`` when another event stands at that place: nothing is mixed silently.
    """
    known = position(store, event.counter, event.epoch, event.number)
    if known.number:
        if known.hash != event.hash:
            raise Problem("heard_differs", counter=event.counter, epoch=event.epoch, number=event.number)
        return False
    _insert(store, event)
    ours = event.number == 1 and event.counter == store.meta("counter")
    store.db.execute(
        "INSERT INTO logs(counter, epoch, own, number, head, held, acked, started) VALUES (?, ?, ?, ?, ?, 1, ?, ?)"
        " ON CONFLICT DO UPDATE SET held = held + 1, number = max(number, excluded.number),"
        " head = CASE WHEN excluded.number > number THEN excluded.head ELSE head END,"
        " acked = CASE WHEN own = 1 AND excluded.number > number THEN excluded.number ELSE acked END",
        (event.counter, event.epoch, int(ours), event.number, event.hash, int(ours), event.at if ours else 0),
    )
    return True


def is_own(store: Store, counter: str, epoch: str) -> bool:
    """Whether a log is one of ours."""
    return bool(store.value("SELECT own FROM logs WHERE counter = ? AND epoch = ?", counter, epoch))


def set_aside(store: Store, counter: str, epoch: str, number: int) -> list[str]:
    """Events of a foreign log from ``number`` on leave it and are kept beside it; inside ``write``. Returns their dossiers."""
    place = "counter = ? AND epoch = ? AND number >= ?"
    gone = read(store, counter, epoch, number - 1)
    dossiers = sorted({e.dossier or target(e.name, e.body) for e in gone})
    store.db.execute(f"INSERT OR IGNORE INTO events_aside SELECT * FROM events WHERE {place}", (counter, epoch, number))
    store.db.execute(f"DELETE FROM events WHERE {place}", (counter, epoch, number))
    store.db.execute(
        "DELETE FROM secrets WHERE counter = ? AND epoch = ? AND dossier NOT IN"
        " (SELECT dossier FROM events WHERE counter = ? AND epoch = ?)",
        (counter, epoch, counter, epoch),
    )
    row = store.rows(
        "SELECT number, hash FROM events WHERE counter = ? AND epoch = ? ORDER BY number DESC LIMIT 1", counter, epoch
    )
    last = Position(*row[0]) if row else Position(0, GENESIS)
    here = store.value("SELECT count(*) FROM events WHERE counter = ? AND epoch = ?", counter, epoch)
    store.db.execute(
        "UPDATE logs SET number = ?, head = ?, held = ? WHERE counter = ? AND epoch = ?",
        (last.number, last.hash, here, counter, epoch),
    )
    return dossiers


def keep_secret(store: Store, counter: str, epoch: str, dossier: str, secret: bytes) -> None:
    """The secret that the salts of one log derive from; inside ``write``. None is kept of what was erased."""
    if erasures.stands(store, dossier):
        return
    store.db.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?, ?, ?)", (counter, epoch, dossier, secret))


def position(store: Store, counter: str, epoch: str, number: int | None = None) -> Position:
    """The head of a log, or its state at ``number`` (0 and GENESIS when there is none)."""
    if number is None:
        rows = store.rows("SELECT number, head FROM logs WHERE counter = ? AND epoch = ?", counter, epoch)
    else:
        found = "SELECT number, hash FROM events WHERE counter = ? AND epoch = ? AND number = ?"
        rows = store.rows(found, counter, epoch, number)
    return Position(*rows[0]) if rows else Position(0, GENESIS)


def read(store: Store, counter: str, epoch: str, after: int = 0, limit: int = -1) -> list[Event]:
    """Events of one log after ``after``, in order."""
    return _events(store, "counter = ? AND epoch = ? AND number > ? ORDER BY number LIMIT ?", counter, epoch, after, limit)


def of_counters(store: Store, *names: str) -> list[Event]:
    """Acts of the counters themselves (rules, people, corrections …) that have these names, whoever wrote them, in the order of
    their time."""
    return _events(store, f"dossier = '' AND name IN ({_places(names)}) ORDER BY at", *names)


def mark_of_counters(store: Store, *names: str) -> tuple[int, int]:
    """Changes when such an act was done or heard of."""
    acts = "events INDEXED BY events_of_counters"  # asked before every act
    query = f"SELECT count(*), coalesce(max(at), 0) FROM {acts} WHERE dossier = '' AND name IN ({_places(names)})"
    row = store.rows(query, *names)[0]
    return int(row[0]), int(row[1])


def _places(names: tuple[str, ...]) -> str:
    return ", ".join("?" * len(names))


def of_dossier(store: Store, dossier: str) -> list[Event]:
    """All events of a dossier, whoever wrote them; with the act that erased it, which is one of the counter."""
    found = _events(store, "dossier = ? ORDER BY at", dossier)
    if found and erasures.stands(store, dossier):
        for place in erasures.acts(store, dossier):
            found += _events(store, "counter = ? AND epoch = ? AND number = ?", *place)
    return found


def own_logs(store: Store) -> list[tuple[str, str, int]]:
    """``(counter, epoch, acknowledged)`` of our own epochs, oldest first."""
    return [
        (str(c), str(e), int(a))
        for c, e, a in store.rows("SELECT counter, epoch, acked FROM logs WHERE own = 1 ORDER BY started, epoch")
    ]


def acknowledged(store: Store, counter: str, epoch: str) -> int:
    """How far the gateway holds an own log."""
    return int(store.value("SELECT acked FROM logs WHERE counter = ? AND epoch = ?", counter, epoch) or 0)


def acknowledge(store: Store, counter: str, epoch: str, number: int) -> None:
    """The gateway holds an own log up to ``number``; inside ``write``. May fall: a gateway can be restored too."""
    store.db.execute("UPDATE logs SET acked = ? WHERE counter = ? AND epoch = ?", (number, counter, epoch))


def move_tail(store: Store, counter: str, old: str, after: int, new: str) -> list[str]:
    """After a fork: own events past ``after`` of the old epoch become events of the new one, same bodies, same times.

    Inside ``write``. Returns the dossiers concerned. The old place is left to what the gateway holds.
    """
    tail = read(store, counter, old, after)
    store.db.execute("DELETE FROM events WHERE counter = ? AND epoch = ? AND number > ?", (counter, old, after))
    store.db.execute(
        "DELETE FROM secrets WHERE counter = ? AND epoch = ? AND dossier NOT IN"
        " (SELECT dossier FROM events WHERE counter = ? AND epoch = ?)",
        (counter, old, counter, old),
    )  # the other copy drew its own for them, and its events stand there now
    kept = position(store, counter, old, after) if after else Position(0, GENESIS)
    store.db.execute(
        "UPDATE logs SET number = ?, head = ?, acked = ? WHERE counter = ? AND epoch = ?",
        (kept.number, kept.hash, kept.number, counter, old),
    )
    for event in tail:
        append(store, counter, new, event.dossier, event.name, event.at, event.operator, event.body or {})
    return sorted({e.dossier or target(e.name, e.body) for e in tail} - {""})


def waiting(store: Store) -> int:
    """Own events that the gateway has not acknowledged."""
    return int(store.value("SELECT coalesce(sum(number - acked), 0) FROM logs WHERE own = 1"))


def common(store: Store) -> int:
    """Events that both sides have: own ones that were acknowledged, and all of others that were heard."""
    return int(store.value("SELECT coalesce(sum(CASE own WHEN 1 THEN acked ELSE held END), 0) FROM logs"))


def begun(store: Store, dossier: str) -> bool:
    """Whether the beginning of a dossier is here, whoever wrote it."""
    names = ", ".join(f"'{name}'" for name in FIRST)
    return bool(store.rows(f"SELECT 1 FROM events WHERE dossier = ? AND name IN ({names}) LIMIT 1", dossier))


def heard(store: Store, counter: str, dossier: str) -> dict[str, int]:
    """How far the other counters' logs that speak of a dossier stand here: ``{"counter/epoch": number}``."""
    rows = store.rows(
        "SELECT counter, epoch, max(number) FROM events WHERE dossier = ? AND counter <> ? GROUP BY counter, epoch",
        dossier,
        counter,
    )
    return {f"{c}/{e}": int(n) for c, e, n in rows}


def own_count(store: Store) -> int:
    """Own events of all epochs: their logs have no gaps."""
    return int(store.value("SELECT coalesce(sum(number), 0) FROM logs WHERE own = 1"))


def secrets_of(store: Store, events: Iterable[Event]) -> dict[str, str]:
    """Hex secrets by dossier for events of one log, to travel with them."""
    found = {e.dossier: _held_secret(store, e.counter, e.epoch, e.dossier) for e in events}
    return {d: s.hex() for d, s in found.items() if s is not None}


def all_logs(store: Store) -> Iterator[tuple[str, str]]:
    """Every (counter, epoch) that is held."""
    for counter, epoch in store.rows("SELECT counter, epoch FROM logs ORDER BY counter, epoch"):
        yield str(counter), str(epoch)


def body_problems(store: Store, event: Event) -> list[str]:
    """Whether the body still is what the chain hashed."""
    secret = _held_secret(store, event.counter, event.epoch, event.dossier)
    if event.body is None:
        return []
    if secret is None:
        return [f"secret missing for {event.counter}/{event.epoch}/{event.number}"]
    good = body_hash(secret, event.epoch, event.number, event.body) == event.body_hash
    return [] if good else [f"body differs at {event.counter}/{event.epoch}/{event.number}"]


def _held_secret(store: Store, counter: str, epoch: str, dossier: str) -> bytes | None:
    query = "SELECT secret FROM secrets WHERE counter = ? AND epoch = ? AND dossier = ?"
    found = store.value(query, counter, epoch, dossier)
    return None if found is None else bytes(found)


def _secret(store: Store, counter: str, epoch: str, dossier: str) -> bytes:
    """One random secret for each dossier of a log: two lives of a store never share one, nor a place in the chain."""
    held = _held_secret(store, counter, epoch, dossier)
    if held is None:
        held = secrets.token_bytes(16)
        keep_secret(store, counter, epoch, dossier, held)
    return held


def _insert(store: Store, e: Event) -> None:
    """What comes late of an erased dossier stands there without its body; an act that erases one does so at once."""
    body = None if e.body is None or erasures.stands(store, e.dossier) else e.text.decode()
    store.db.execute(
        f"INSERT INTO events({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (e.counter, e.epoch, e.number, e.dossier, e.name, e.at, e.operator, e.prev, e.body_hash, body, e.hash),
    )
    erased = "" if e.dossier else target(e.name, e.body)
    if erased:
        erasures.apply(store, erased)


def _events(store: Store, where: str, *values: Any) -> list[Event]:
    rows = store.rows(f"SELECT {_COLUMNS} FROM events WHERE {where}", *values)
    return [_event(row) for row in rows]


def _event(row: tuple[Any, ...]) -> Event:
    counter, epoch, number, dossier, name, at, operator, prev, digest, body = row
    kept = None if body is None else parsed(body)
    return Event(counter, epoch, number, dossier, name, at, operator, prev, digest, kept)
