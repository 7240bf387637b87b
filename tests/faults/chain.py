"""The hash chain of a log, computed anew from raw rows. Both checkers use this one: ``oracle.py`` (client and gateway against
what the clerk was told) and ``reader.py`` (crash images).

Nothing of the product is imported: ARCHITECTURE (Formats that last) says what the format is; here it is written a second time.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

GENESIS = "0" * 64


class Row(NamedTuple):
    """One row of an ``events`` table; ``body`` is its JSON text, None = erased."""

    counter: str
    epoch: str
    number: int
    dossier: str
    name: str
    at: int
    operator: str
    prev: str
    hash: str
    body_hash: str
    body: str | None


COLUMNS = ", ".join(Row._fields)
"""For a SELECT that gives rows in this order."""


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def hash_of(row: Row) -> str:
    """What the envelope of a row hashes to, hex."""
    envelope = [row.counter, row.epoch, row.number, row.dossier, row.name, row.at, row.operator, row.prev, row.body_hash]
    return hashlib.sha256(b"motcua event 1\0" + canonical(envelope)).hexdigest()


def body_hash_of(row: Row, secret: bytes) -> str:
    """What the body of a row hashes to with the salt of its place, hex."""
    salt = hmac.digest(secret, f"{row.epoch}/{row.number}".encode(), "sha256")
    return hashlib.sha256(salt + canonical(json.loads(row.body or ""))).hexdigest()


def problems(rows: Iterable[Row], secrets: Mapping[tuple[str, str, str], bytes], whole: bool = True) -> Iterator[str]:
    """What is wrong with the rows of one ``(counter, epoch)``, in order of their numbers. ``whole``: they must run 1, 2, 3 …;
    else a gap is no fault (of another commune's log only some is told). ``secrets``: by (counter, epoch, dossier).
    """
    number, head = 0, GENESIS
    for row in rows:
        place = f"{row.counter}/{row.epoch}/{row.number}"
        if row.number != number + 1 and (whole or row.number <= number):
            yield f"order: {place} follows {number}"
        elif row.number == number + 1 and row.prev != head:
            yield f"chain: {place} does not stand on the one before"
        if hash_of(row) != row.hash:
            yield f"chain: {place} is not what its hash says"
        if row.body is not None:
            secret = secrets.get((row.counter, row.epoch, row.dossier))
            if secret is None or body_hash_of(row, secret) != row.body_hash:
                yield f"body: {place} is not what the chain hashed"
        number, head = row.number, row.hash
