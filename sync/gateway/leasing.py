"""Ranges of numbers: each bound to one epoch of one counter, never given again."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.numbering import LAST
from sync.gateway import schema as t


def widen(db: sa.Connection, commune: str, counter: str, epoch: str) -> list[list[int]]:
    """The ranges of an epoch, in a writing transaction; a new epoch gets its own, a busy one (by its fullest day) a further
    one. Never a range that another ever had."""
    size = int(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == "numbers")) or 1000)
    mine = ranges(db, counter, epoch)
    fresh = _free_range(db, commune, size) if scarce(mine, days(db, epoch)) else None
    if fresh:
        values = {"commune": commune, "low": fresh[0], "high": fresh[1], "counter": counter, "epoch": epoch}
        db.execute(sa.insert(t.leases).values(**values))
        mine.append(list(fresh))
    return sorted(mine)


def ranges(db: sa.Connection, counter: str, epoch: str) -> list[list[int]]:
    """What an epoch has, ``[[low, high], …]``."""
    c = t.leases.c
    return sorted([low, high] for low, high in db.execute(sa.select(c.low, c.high).where(c.epoch == epoch, c.counter == counter)))


def days(db: sa.Connection, epoch: str) -> dict[str, int]:
    """How many numbers an epoch has used, by day."""
    r = t.received.c
    query = sa.select(r.day, sa.func.count()).where(r.epoch == epoch).group_by(r.day)
    return {str(day): int(number) for day, number in db.execute(query)}


def scarce(mine: list[list[int]], used: dict[str, int]) -> bool:
    """Nothing yet, or the fullest day has used more than six tenths of it."""
    return not mine or max(used.values(), default=0) * 10 > sum(high - low + 1 for low, high in mine) * 6


def claims(db: sa.Connection, counter: str) -> frozenset[tuple[int, str]]:
    """(low, epoch) of every range a counter was given."""
    c = t.leases.c
    return frozenset((low, epoch) for low, epoch in db.execute(sa.select(c.low, c.epoch).where(c.counter == counter)))


def keep(db: sa.Connection, commune: str, counter: str, lost: list[list[Any]]) -> None:
    """Ranges that a counter says it holds and we forgot; in a writing transaction."""
    for low, high, epoch in lost:
        values = {"commune": commune, "low": low, "high": high, "counter": counter, "epoch": epoch}
        db.execute(insert(t.leases).values(**values).on_conflict_do_nothing())


def _free_range(db: sa.Connection, commune: str, size: int) -> tuple[int, int] | None:
    """The next free range; what is left is halved when it grows scarce, so that a late-comer still gets some."""
    floor = int(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == "lease_floor")) or 0)
    given = int(db.scalar(sa.select(sa.func.max(t.leases.c.high)).where(t.leases.c.commune == commune)) or 0)
    top = max(floor, given)
    room = LAST - top
    size = size if room >= 2 * size else max(min(room, 10), room // 2)
    return (top + 1, top + size) if room > 0 else None
