"""What operators saw, printed and took out, as a chain of its own on this machine; and both it and the acts, read by time.

A row hashes the one before it. Its head is anchored: own events ``audit_anchored`` carry number and hash of a row, and travel
to the gateway like every act. A row names a dossier by its id and says nothing of persons: it may outlive their data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from forms.published import PUBLISHED
from sync.events import ANCHORED, GENESIS, Event, audit_hash, hybrid, moment
from sync.store import log
from sync.store.opening import Store

DID = (
    "signed_in", "signed_out", "locked", "sign_in_refused", "viewed", "searched", "printed", "report_made", "exported_person",
    "exported_incident", "backup_made", "restored", "audit_read",
    "secret_changed", "slot_reset", "recovery_printed", "recovered", "number_told",
)  # fmt: skip
"""All that a row can say was done."""
TOLD = "number_told"
"""Somebody was told the official number of a dossier (``about``) without a new paper."""
PAGE = 200
_COLUMNS = "n, at, operator, did, dossier, about, prev, hash"


@dataclass(frozen=True)
class Row:
    """One row. ``at``: ISO, Vietnam time; ``about``: a paper, a kind of report, how many were found; never a person."""

    n: int
    at: str
    operator: str
    did: str
    dossier: str
    about: str
    prev: str
    hash: str


_BEFORE_ALL = Row(0, "", "", "", "", "", "", GENESIS)


def append(store: Store, operator: str, did: str, now: datetime, dossier: str = "", about: str = "") -> Row:
    """Write the next row; inside ``write``."""
    last = head(store)
    said = (last.n + 1, now.isoformat(timespec="milliseconds"), operator, did, dossier, about, last.hash)
    row = Row(*said, audit_hash(*said))
    store.db.execute(f"INSERT INTO audit({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tuple(vars(row).values()))
    return row


def put_back(store: Store, row: Row) -> bool:
    """A row that a damaged store still held, behind the last one here; inside ``write``. False where the chain does not go on."""
    last = head(store)
    if (row.n, row.prev) != (last.n + 1, last.hash) or _hash_of(row) != row.hash:
        return False
    store.db.execute(f"INSERT INTO audit({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tuple(vars(row).values()))
    return True


def _hash_of(row: Row) -> str:
    return audit_hash(row.n, row.at, row.operator, row.did, row.dossier, row.about, row.prev)


def head(store: Store) -> Row:
    """The last row; number 0 and ``GENESIS`` when there is none."""
    found = store.rows(f"SELECT {_COLUMNS} FROM audit ORDER BY n DESC LIMIT 1")
    return Row(*found[0]) if found else _BEFORE_ALL


def row(store: Store, n: int) -> Row | None:
    """The row of a number."""
    found = store.rows(f"SELECT {_COLUMNS} FROM audit WHERE n = ?", n)
    return Row(*found[0]) if found else None


def done_since(store: Store, operator: str, did: str, dossier: str, about: str, span: tuple[datetime, datetime]) -> bool:
    """Whether an operator did just this between two moments."""
    sql = "SELECT 1 FROM audit WHERE dossier = ? AND did = ? AND operator = ? AND about = ? AND at >= ? AND at <= ? LIMIT 1"
    first, last = (at.isoformat(timespec="milliseconds") for at in span)
    return bool(store.value(sql, dossier, did, operator, about, first, last))


def printed(store: Store, dossier: str, paper: str) -> int:
    """How often a paper of a dossier was printed."""
    return int(store.value("SELECT count(*) FROM audit WHERE dossier = ? AND did = 'printed' AND about = ?", dossier, paper))


def of_dossier(store: Store, dossier: str) -> list[Row]:
    """Who saw, printed and took out a dossier, in order."""
    return [Row(*r) for r in store.rows(f"SELECT {_COLUMNS} FROM audit WHERE dossier = ? ORDER BY n", dossier)]


def between(store: Store, first: datetime, last: datetime) -> Iterator[Row]:
    """The rows from one moment to another, both counted, as they come."""
    sql = f"SELECT {_COLUMNS} FROM audit WHERE at >= ? AND at <= ? ORDER BY n"
    return (Row(*r) for r in store.each(sql, *(at.isoformat(timespec="milliseconds") for at in (first, last))))


# The chain


def problems(store: Store) -> list[str]:
    """Where the chain is broken, and which own anchors it does not hold; nothing when all is whole."""
    found, prev = [], _BEFORE_ALL
    for values in store.each(f"SELECT {_COLUMNS} FROM audit ORDER BY n"):
        here = Row(*values)
        if (here.n, here.prev) != (prev.n + 1, prev.hash) or _hash_of(here) != here.hash:
            found.append(f"audit broken at {here.n}")
        prev = here
    for event in anchors(store):
        body = event.body or {}
        at = row(store, body["n"])
        if at is None or at.hash != body["head"]:
            found.append(f"audit differs from its anchor {event.counter}/{event.epoch}/{event.number}")
    return found


def anchors(store: Store) -> list[Event]:
    """Own anchors that this store must hold, oldest first. Not those of a lost life, which were heard from the gateway after a
    restore; nor of rows that the store had not got any more when a restore or a repair gave it back (``epoch_started`` says
    how far its audit went)."""
    starts, ours = (
        [e for e in log.of_counters(store, name) if log.is_own(store, e.counter, e.epoch)] for name in ("epoch_started", ANCHORED)
    )
    again = [(e.at, e.body) for e in starts if e.body and e.body.get("parent")]

    def lost(e: Event) -> bool:
        n = (e.body or {}).get("n", 0)
        return any(
            (e.epoch == start["parent"] and e.number > start["number"]) or (e.at < at and n > start.get("audit", n))
            for at, start in again
        )

    return [e for e in ours if not lost(e)]


# Acts and rows together, newest first


@dataclass(frozen=True)
class Asked:
    """What is looked for. ``first``, ``last``: moments, both counted; ``operator``: "" for all; ``kinds``: names of events or
    of ``DID``, () for all; ``dossiers``: ids, None for all."""

    first: datetime
    last: datetime
    operator: str = ""
    kinds: tuple[str, ...] = ()
    dossiers: tuple[str, ...] | None = None


Told = dict[str, Any]
Place = tuple[int, int]
"""How many acts and how many rows have been read."""


def page(store: Store, asked: Asked, place: Place = (0, 0), limit: int = PAGE) -> tuple[list[Told], Place]:
    """``{at, did, operator, counter, dossier, code, about, act}`` of the next acts and rows, newest first, and the place
    after them; ``counter`` "" for what was only seen here."""
    acts, rows = (source(store, asked, done, limit) for source, done in zip((_acts, _rows), place, strict=True))
    found = list(islice(merge(acts, rows, key=lambda told: str(told["at"]), reverse=True), limit))
    seen = sum(not told["act"] for told in found)
    return found, (place[0] + len(found) - seen, place[1] + seen)


def _acts(store: Store, asked: Asked, done: int, limit: int) -> Iterator[Told]:
    where, values = _conditions(asked, "e", "name")
    first, last = (hybrid(round(at.timestamp() * 1000)) for at in (asked.first, asked.last + timedelta(milliseconds=1)))
    rows = store.rows(
        "SELECT e.at, e.name, e.operator, e.counter, e.dossier, d.code FROM events e LEFT JOIN dossiers d ON d.id = e.dossier"
        f" WHERE e.at >= ? AND e.at < ? AND e.name <> ?{where} ORDER BY e.at DESC LIMIT ? OFFSET ?",
        first,
        last,
        PUBLISHED,  # nobody's act, and a thousand of them on one day: the handbook tells of them
        *values,
        limit,
        done,
    )
    for at, name, operator, counter, dossier, code in rows:
        when = moment(at).isoformat(timespec="milliseconds")
        yield _told(when, name, operator, dossier, code, "") | {"counter": counter, "act": True}


def _rows(store: Store, asked: Asked, done: int, limit: int) -> Iterator[Told]:
    where, values = _conditions(asked, "a", "did")
    rows = store.rows(
        "SELECT a.at, a.did, a.operator, a.dossier, d.code, a.about FROM audit a LEFT JOIN dossiers d ON d.id = a.dossier"
        f" WHERE a.at >= ? AND a.at <= ?{where} ORDER BY a.at DESC, a.n DESC LIMIT ? OFFSET ?",
        asked.first.isoformat(timespec="milliseconds"),
        asked.last.isoformat(timespec="milliseconds"),
        *values,
        limit,
        done,
    )
    return (_told(*r) for r in rows)


def _told(at: str, did: str, operator: str, dossier: str, code: str | None, about: str) -> Told:
    said = {"at": at, "did": did, "operator": operator, "counter": "", "dossier": dossier, "code": code or "", "about": about}
    return said | {"act": False}


def _conditions(asked: Asked, table: str, kind: str) -> tuple[str, list[str]]:
    """SQL that narrows, with its values."""
    wanted: list[tuple[str, tuple[str, ...] | None]] = [
        ("operator", (asked.operator,) if asked.operator else None),
        (kind, asked.kinds or None),
        ("dossier", asked.dossiers),
    ]
    parts = [f" AND {table}.{name} IN ({', '.join('?' * len(values))})" for name, values in wanted if values is not None]
    return "".join(parts), [v for _, values in wanted for v in values or ()]
