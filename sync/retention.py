"""How long scans stay on this disk: so many days after *accepted* as the house has settled (rule ``scan_days``), and only what
the gateway holds whole and its own back-up holds too. No law gives the days: where none are settled, nothing is ever purged.
"""

from datetime import timedelta
from typing import Any

from sync.counter import Counter
from sync.events import hybrid
from sync.store import scans

_AT_ONCE = 20
"""Scans that one contact purges, each in a transaction of its own: the rest goes with the next."""


def purge(counter: Counter) -> dict[str, Any]:
    """Take scans from this disk that need not be here any more: ``{"purged": scans, "bytes": n}``."""
    store, days, now = counter.store, counter.rules.scan_days, counter.clock()
    backed = store.meta("gateway_backed")
    if days is None or backed is None:
        return {"purged": 0, "bytes": 0}
    before = hybrid(round((now - timedelta(days=days)).timestamp() * 1000))
    found = scans.purgeable(store, before, int(backed), _AT_ONCE)
    for sha256, _size in found:
        with store.write():
            scans.purge(store, sha256, now.isoformat())
    return {"purged": len(found), "bytes": sum(size for _, size in found)}
