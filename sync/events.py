"""Event, canonical encoding, hash chain and hybrid time: what happened is never edited.

The chain hashes envelopes; an envelope holds only a salted hash of its body, so that a body can be erased by law and the
chain stays whole. Salts derive from one random secret per (counter, epoch, dossier) and the event's place.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from forms.working_days import VIETNAM

GENESIS = "0" * 64
"""What the first event of an epoch stands on; an epoch's parent is named in that event's body."""
_LOGICAL_BITS = 12
_LAST_MS = 7_258_118_400_000
"""The first day of 2200: no act is later."""


LATEST = _LAST_MS << _LOGICAL_BITS
"""No hybrid time is as late as this."""


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value: sorted keys, no white space, UTF-8. Raises ValueError for NaN or lone surrogates."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True)
class Event:
    """One act. ``number`` runs 1, 2, 3 … within (counter, epoch). ``dossier`` is "" for acts of the counter itself.

    ``at``: hybrid logical time, milliseconds since 1970 shifted by 12 bits plus a logical count. ``prev``: hash of the
    event before it; ``body_hash``: hex SHA-256 of salt and canonical body; ``body`` None = erased.
    """

    counter: str
    epoch: str
    number: int
    dossier: str
    name: str
    at: int
    operator: str
    prev: str
    body_hash: str
    body: dict[str, Any] | None

    @cached_property
    def text(self) -> bytes:
        """The canonical body; it is hashed, weighed and stored, and spelled once."""
        return canonical(self.body)

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the envelope: the chain's head after this event."""
        envelope = [self.counter, self.epoch, self.number, self.dossier, self.name, self.at, self.operator]
        return hashlib.sha256(b"motcua event 1\0" + canonical([*envelope, self.prev, self.body_hash])).hexdigest()


def body_hash(secret: bytes, epoch: str, number: int, body: dict[str, Any] | bytes) -> str:
    """The salted hash of a body, or of its canonical text. The salt is HMAC-SHA256(secret, epoch/number)."""
    salt = hmac.digest(secret, f"{epoch}/{number}".encode(), "sha256")
    return hashlib.sha256(salt + (body if isinstance(body, bytes) else canonical(body))).hexdigest()


def check_chain(events: Iterable[Event], prev: str) -> Iterator[str]:
    """Sentences for a log of one epoch that is not a chain from ``prev``: nothing when it holds."""
    number = None
    for event in events:
        if event.prev != prev:
            yield f"chain broken at {event.counter}/{event.epoch}/{event.number}"
        if number is not None and event.number != number + 1:
            yield f"gap before {event.counter}/{event.epoch}/{event.number}"
        prev, number = event.hash, event.number


ANCHORED = "audit_anchored"
"""The act of a counter itself that carries the head of its audit: ``{n, head}``."""


def audit_hash(n: int, at: str, operator: str, did: str, dossier: str, about: str, prev: str) -> str:
    """Hex SHA-256 of one row of the audit, which names the row before it: the head of that chain after it."""
    return hashlib.sha256(b"motcua audit 1\0" + canonical([n, at, operator, did, dossier, about, prev])).hexdigest()


def hybrid(milliseconds: int, logical: int = 0) -> int:
    """Hybrid time from wall milliseconds since 1970 (UTC)."""
    return milliseconds << _LOGICAL_BITS | logical


def split(at: int) -> tuple[int, int]:
    """(milliseconds, logical) of a hybrid time: what :func:`hybrid` takes."""
    return at >> _LOGICAL_BITS, at & (1 << _LOGICAL_BITS) - 1


def wall_ms(at: int) -> int:
    """The wall part of a hybrid time, milliseconds since 1970."""
    return at >> _LOGICAL_BITS


def tick(last: int, now_ms: int) -> int:
    """The hybrid time of a new act: the wall clock, but always after ``last``."""
    return max(hybrid(now_ms), last + 1)


def follow(last: int, heard: int, gateway_ms: int, limit_ms: int = 600_000) -> int:
    """Hybrid time after hearing a peer's: never more than 10 minutes past the gateway's last signed time."""
    return max(last, min(heard, hybrid(gateway_ms + limit_ms)))


def moment(at: int) -> datetime:
    """The civil moment (+07:00) of a hybrid time; the nearest one there is of an absurd one."""
    return datetime.fromtimestamp(min(max(wall_ms(at), 0), _LAST_MS) / 1000, VIETNAM)
