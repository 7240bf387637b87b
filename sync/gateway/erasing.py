"""Erasures by law at the gateway, in the transaction that stores them: bodies and secrets of the dossier go, its scans too;
envelopes stay, so every chain holds.

A counter of a commune that has the dossier may say it, nobody else: from elsewhere the act is stored and moves nothing. What
comes of an erased dossier later is stored without its content. A gateway that was put back hears of its erasures again from the
counters, and until then serves what every counter that knows of the erasure leaves aside. Copies of ``gateway.db`` are the
business of whoever keeps them: an erased dossier stands in them until they are thrown away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.erasure import EVENT, target
from sync.events import Event
from sync.gateway import schema as t

_E = t.events.c


def _said(path: str) -> Any:
    """A value of a body; of one that SQLite cannot read (anybody may send one nested too deeply), nothing."""
    return sa.case((sa.func.json_valid(_E.body) == 1, sa.func.json_extract(_E.body, path)))


_SHA256 = _said("$.sha256")


def known(db: sa.Connection, dossiers: Iterable[str]) -> frozenset[str]:
    """Those of these dossiers that were erased."""
    wanted = sorted(set(dossiers) - {""})
    if not db.execute(sa.select(t.erasures.c.dossier).limit(1)).first():
        return frozenset()
    return frozenset(db.scalars(sa.select(t.erasures.c.dossier).where(t.erasures.c.dossier.in_(wanted))))


def about(event: Event) -> str:
    """The dossier an event concerns: its own, or the one it erases."""
    return event.dossier or target(event.name, event.body)


def blank(event: Event) -> Event:
    """The same event without its content; its hash is the same."""
    return replace(event, body=None)


def apply(db: sa.Connection, fresh: Sequence[tuple[str, Event]]) -> tuple[bool, frozenset[str]]:
    """After events ``(commune, event)`` are in the tables and the feeds: erase what they say. Whether there was something, and
    the hashes of scans that went with it: their bytes may not be stored later in this transaction."""
    erased = {target(e.name, e.body) for commune, e in fresh if not e.dossier and _may(db, commune, e)} - {""}
    gone: set[str] = set()
    for dossier in sorted(erased):
        db.execute(insert(t.erasures).values(dossier=dossier).on_conflict_do_nothing())
        here = sa.and_(_E.dossier == dossier, _E.name == "attached", _E.body.is_not(None))
        gone |= {str(s) for s in db.scalars(sa.select(_SHA256).where(here)) if s}
        db.execute(sa.update(t.events).where(_E.dossier == dossier).values(body=None))
        db.execute(sa.delete(t.secrets).where(t.secrets.c.dossier == dossier))
    return bool(erased), gone_scans(db, gone)


def _may(db: sa.Connection, commune: str, event: Event) -> bool:
    wanted = target(event.name, event.body)
    r = t.routes.c
    return bool(wanted) and db.execute(sa.select(r.dossier).where(r.dossier == wanted, r.commune == commune)).first() is not None


def gone_scans(db: sa.Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Take the bytes of scans that no dossier names any more. Their rows stay and say that all is held, so that no counter sends
    them again. Returns those taken."""
    wanted = set(hashes)
    if not wanted:
        return frozenset()
    living = sa.select(_SHA256).where(_E.name == "attached", _E.body.is_not(None), _SHA256.in_(wanted))
    gone = frozenset(wanted - set(db.scalars(living)))
    db.execute(sa.delete(t.scan_chunks).where(t.scan_chunks.c.sha256.in_(gone)))
    db.execute(sa.update(t.scans).where(t.scans.c.sha256.in_(gone)).values(held=t.scans.c.size))
    return gone


def late_scans(db: sa.Connection, late: Sequence[tuple[str, Event]]) -> frozenset[str]:
    """Scans that late events ``(commune, event)`` of erased dossiers name: as if held, and never stored."""
    gone = gone_scans(db, {sha256 for _, sha256, _ in _scans(late)})
    rows = [{"commune": c, "sha256": sha256, "size": n, "held": n} for c, sha256, n in _scans(late) if sha256 in gone]
    if rows:
        db.execute(insert(t.scans).on_conflict_do_nothing(), rows)
    return gone


def wanted_again(db: sa.Connection, fresh: Sequence[tuple[str, Event]]) -> None:
    """A living dossier names a scan whose bytes were taken with another one: it is asked for again."""
    named = [(commune, sha256) for commune, sha256, _ in _scans(fresh)]
    if not named or not db.execute(sa.select(t.erasures.c.dossier).limit(1)).first():
        return
    s, c = t.scans.c, t.scan_chunks.c
    pieces = sa.select(c.sha256).where(c.commune == s.commune, c.sha256 == s.sha256).correlate(t.scans).exists()
    db.execute(sa.delete(t.scans).where(sa.tuple_(s.commune, s.sha256).in_(named), s.held > 0, ~pieces))


def _scans(events: Iterable[tuple[str, Event]]) -> list[tuple[str, str, int]]:
    """``(commune, hash, size)`` of the scans that events attach."""
    found = set()
    for commune, event in events:
        body = event.body if isinstance(event.body, dict) and event.name == "attached" else {}
        sha256, size = body.get("sha256"), body.get("size")
        if isinstance(sha256, str) and type(size) is int and 0 < size < 1 << 53:
            found.add((commune, sha256, size))
    return sorted(found)


def acts(db: sa.Connection, dossier: str) -> list[Any]:
    """Rows of the acts that erased a dossier."""
    if not known(db, [dossier]):
        return []
    query = sa.select(t.events).where(_E.dossier == "", _E.name == EVENT, _said("$.dossier") == dossier)
    return list(db.execute(query))


def wipe(engine: sa.Engine) -> bool:
    """Empty the WAL, in which erased bodies still stand; False while somebody is reading."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout = 200")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {t.WAIT_MS}")
        return not busy
    finally:
        raw.close()
