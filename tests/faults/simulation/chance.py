"""All chance of a seed from the seed: decisions of the world, and what the product draws from the system (ids, secrets, time).

Sizes that make frames, groups and pieces are small here, so that a few events already meet every boundary.
"""

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sync import group, hearing, replication, wire
from sync.gateway import visit
from sync.store import scans
from tests.faults.simulation import portal

_SMALL: tuple[tuple[Any, str, tuple[int, ...]], ...] = (
    (group, "EVENTS", (2, 3, 60)),
    (replication, "_PAGE", (3, 600)),
    (replication, "_SCANS", (2, 24)),
    (hearing, "_STEP", (2, 5, 40)),
    (visit, "_FEED_EVENTS", (4, 9, 400)),
    (visit, "_PIECE", (300, 1000)),
    (wire, "SCAN_PIECE", (300, 700)),
    (scans, "CHUNK", (256, 1000)),
)


@contextmanager
def bound(seed: int, now_ms: Callable[[], int]) -> Iterator[random.Random]:
    """Everything by chance until the end of the block follows from ``seed``; ``now_ms`` is the gateway's clock."""
    decisions, drawn = random.Random(f"world {seed}"), random.Random(f"product {seed}")
    changes: list[tuple[Any, str, Any]] = [
        (secrets, "token_bytes", lambda n=32: drawn.randbytes(n)),
        (secrets, "token_hex", lambda n=32: drawn.randbytes(n).hex()),
        (visit, "now_ms", now_ms),
        (portal, "time", SimpleNamespace(time_ns=lambda: now_ms() * 1_000_000)),
    ]
    changes += [(module, name, decisions.choice(sizes)) for module, name, sizes in _SMALL]
    kept = [(module, name, getattr(module, name)) for module, name, _ in changes]
    try:
        for module, name, value in changes:
            setattr(module, name, value)
        yield decisions
    finally:
        for module, name, value in kept:
            setattr(module, name, value)
