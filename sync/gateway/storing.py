"""What one transaction of the writer stores: groups of events and bytes of scans, checked one by one, written together.

Checking reads (what is held, by whom); writing is a handful of statements for all of them, so that a commit costs the same
for one counter and for sixty. What one counter may not do, the others of the batch do not pay for.
"""

from collections import Counter as TallyOf
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.problem import Problem
from sync.events import GENESIS, Event
from sync.gateway import erasing, feeding
from sync.gateway import schema as t
from sync.gateway.scans import ScanPiece, Uploads
from sync.group import Group


@dataclass(frozen=True)
class Held:
    """How far the gateway holds a log."""

    number: int
    head: str


@dataclass(frozen=True)
class Changed:
    """``entries``: new ones of feeds by commune; ``numbers``: numbers that were used, by epoch and day; ``erased``: something
    was erased by law, and the WAL holds it still."""

    entries: dict[str, list[feeding.Entry]]
    numbers: dict[str, TallyOf[str]]
    erased: bool = False


def held(db: sa.Connection, counter: str, epoch: str) -> Held:
    """The end of a log; number 0 when it is not known."""
    query = sa.select(t.logs.c.number, t.logs.c.head).where(t.logs.c.counter == counter, t.logs.c.epoch == epoch)
    row = db.execute(query).first()
    return Held(row.number, row.head) if row else Held(0, GENESIS)


def hash_at(db: sa.Connection, counter: str, epoch: str, number: int) -> str | None:
    """The hash of one held event; GENESIS for 0; None when it is not held."""
    if number == 0:
        return GENESIS
    c = t.events.c
    found = db.scalar(sa.select(c.hash).where(c.counter == counter, c.epoch == epoch, c.number == number))
    return None if found is None else str(found)


def mark_of(db: sa.Connection, number: int) -> str | None:
    """The mark of a transaction of the writer; None when it is not known."""
    found = db.scalar(sa.select(t.commits.c.mark).where(t.commits.c.n == number))
    return None if found is None else str(found)


class Batch:
    """Inside one writing transaction: ``add_group`` and ``add_scan`` as often as wanted, then ``write``."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db
        self.heads: dict[tuple[str, str], Held] = {}
        self._started: dict[tuple[str, str], int] = {}
        self._fresh: list[tuple[str, Event]] = []
        self._secrets: list[dict[str, Any]] = []
        self._uploads = Uploads(db)

    def add_group(self, commune: str, group: Group) -> Held:
        """Take what lies above our position. Equal events are held already; after a gap nothing is taken, and what is held
        says where to go on.

        :raises Problem: ``log_forked`` (``number``: the last common place) when an event we hold differs; ``base_differs`` when
            that place lies before the group: the log is to be sent from its start.
        """
        first = group.first
        key = (first.counter, first.epoch)
        before = self.heads.get(key) or held(self._db, *key)
        self._compare(group, before)
        fresh = [e for e in group.events if e.number > before.number]
        if not fresh or fresh[0].number != before.number + 1:
            return before
        if fresh[0].prev != before.head:
            raise Problem("base_differs", epoch=first.epoch)
        self._fresh += [(commune, e) for e in fresh]
        log = {"counter": first.counter, "epoch": first.epoch}
        self._secrets += [log | {"dossier": d, "secret": s} for d, s in group.secrets.items()]
        self._started.setdefault(key, fresh[0].at)
        self.heads[key] = Held(fresh[-1].number, fresh[-1].hash)
        return self.heads[key]

    def _compare(self, group: Group, before: Held) -> None:
        """Events we hold must be the same ones: the last of them tells for all before it, their chain leads there."""
        known = [e for e in group.events if e.number <= before.number]
        if not known:
            return
        here = {e.number: e.hash for _, e in self._fresh if (e.counter, e.epoch) == (group.first.counter, group.first.epoch)}
        for event in reversed(known):
            ours = here.get(event.number) or hash_at(self._db, event.counter, event.epoch, event.number)
            if ours == event.hash:
                if event is known[-1]:
                    return
                raise Problem("log_forked", epoch=event.epoch, number=event.number)
        first = group.first
        base = here.get(first.number - 1) or hash_at(self._db, first.counter, first.epoch, first.number - 1)
        raise Problem("log_forked" if base == first.prev else "base_differs", epoch=first.epoch, number=first.number - 1)

    def add_scan(self, piece: ScanPiece) -> int:
        """Bytes of a scan; returns how many of it are held from its start."""
        return self._uploads.take(piece)

    def write(self) -> Changed:
        """All of it into the tables."""
        changed = self._write_events() if self._fresh else Changed({}, {})
        self._uploads.write()
        return changed

    def _write_events(self) -> Changed:
        db = self._db
        top = int(db.scalar(sa.select(sa.func.max(t.events.c.id))) or 0)
        # Secrets come for the whole of a group, also for what of it is held already.
        gone = erasing.known(db, [*(e.dossier for _, e in self._fresh), *(row["dossier"] for row in self._secrets)])
        fresh = [(commune, erasing.blank(e) if e.dossier in gone else e) for commune, e in self._fresh]
        placed = [(commune, top + n, event) for n, (commune, event) in enumerate(fresh, 1)]
        db.execute(sa.insert(t.events), [_row(place, e) for _, place, e in placed])
        entries = feeding.deliver(db, placed)
        told = [row for row in self._secrets if row["dossier"] not in gone]
        if told:
            db.execute(insert(t.secrets).on_conflict_do_nothing(), told)
        numbered = [_code_row(e) for _, e in self._fresh if e.name == "received" and isinstance((e.body or {}).get("code"), str)]
        if numbered:
            db.execute(insert(t.received).on_conflict_do_nothing(), numbered)
        logs = insert(t.logs)
        changed = {"number": logs.excluded.number, "head": logs.excluded.head}
        db.execute(logs.on_conflict_do_update(["counter", "epoch"], set_=changed), list(self._log_rows()))
        erased = self._erase(fresh, gone)
        numbers: dict[str, TallyOf[str]] = {}
        for row in numbered:
            numbers.setdefault(row["epoch"], TallyOf())[row["day"]] += 1
        return Changed(entries, numbers, erased)

    def _erase(self, fresh: list[tuple[str, Event]], gone: frozenset[str]) -> bool:
        """What these events erase, and what they bring of dossiers that were erased before."""
        without = erasing.late_scans(self._db, [(c, e) for c, e in self._fresh if e.dossier in gone])
        erasing.wanted_again(self._db, fresh)
        erased, taken = erasing.apply(self._db, fresh)
        self._uploads.leave_out(without | taken)
        return erased

    def _log_rows(self) -> Iterable[dict[str, Any]]:
        for (counter, epoch), end in self.heads.items():
            started = self._started[(counter, epoch)]
            yield {"counter": counter, "epoch": epoch, "number": end.number, "head": end.head, "started": started}


_COLUMNS = ("counter", "epoch", "number", "dossier", "name", "at", "operator", "prev", "hash", "body_hash")


def _row(place: int, e: Event) -> dict[str, Any]:
    body = None if e.body is None else e.text.decode()
    return {n: getattr(e, n) for n in _COLUMNS} | {"id": place, "body": body}


def _code_row(e: Event) -> dict[str, Any]:
    body = e.body or {}
    return {"code": body["code"], "dossier": e.dossier, "epoch": e.epoch, "day": str(body.get("received_at"))[:10]}
