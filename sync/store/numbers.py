"""Leased numbers and the last one used of each day: final and unique without a line."""

from datetime import date

from forms.numbering import Range, next_number
from forms.problem import Problem
from sync.store.opening import Store


def set_leases(store: Store, epoch: str, ranges: list[list[int]]) -> None:
    """The gateway's word on an epoch's ranges replaces what was known of them; inside ``write``."""
    store.db.execute("DELETE FROM leases WHERE epoch = ?", (epoch,))
    for low, high in ranges:
        store.db.execute("INSERT INTO leases VALUES (?, ?, ?)", (low, high, epoch))


def ranges(store: Store) -> list[Range]:
    """Every range leased to this counter, whatever its epoch."""
    return [Range(*r) for r in store.rows("SELECT low, high, epoch FROM leases ORDER BY low")]


def take(store: Store, epoch: str, day: date, reserved: dict[int, int] | None) -> tuple[int, int | None]:
    """The next number of a day; inside ``write``. Also the range's ``low`` when it came from a reserve, else None.

    :param reserved: last reserve numbers used that day on this machine by any copy of this counter (``low`` -> last); None
        when this store may not use what an earlier epoch leased.
    :raises Problem: ``numbers_exhausted``; ``numbers_need_contact`` when this store may not use what its parent leased.
    """
    leased = ranges(store)
    used = {int(low): int(last) for low, last in store.rows("SELECT low, last FROM numbers WHERE day = ?", day.isoformat())}
    used |= {-low: max(last, used.get(-low, 0)) for low, last in (reserved or {}).items()}
    found = next_number(leased, used, epoch, reserve=reserved is not None)
    if found is None:
        own = any(r.epoch == epoch for r in leased)
        spent = own or reserved is not None
        raise Problem("numbers_exhausted" if spent else "numbers_need_contact", day=day.isoformat())
    source, number = found
    reserve = source.epoch != epoch
    key = -source.low if reserve else source.low
    store.db.execute("INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)", (day.isoformat(), key, number))
    return number, source.low if reserve else None


def left(store: Store, epoch: str, day: date) -> int:
    """How many numbers of the day remain in the epoch's own ranges."""
    used = dict(store.rows("SELECT low, last FROM numbers WHERE day = ? AND low > 0", day.isoformat()))
    own = [r for r in ranges(store) if r.epoch == epoch]
    return sum(max(0, r.reserve_from - 1 - int(used.get(r.low, r.low - 1))) for r in own)
