"""Scans as the gateway holds them: bytes by commune and SHA-256, from their start, in the same database as the events.

A commune's counters share one upload; another commune's scan is another scan, even if the bytes are the same: knowing a
hash gives no right to what it names. A scan counts as held whole only when its bytes hash to its name.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sync.gateway import schema as t

MOST_BYTES = 64 << 20
"""Larger than any scan a counter takes: what claims to be more is not one."""


@dataclass(frozen=True)
class ScanPiece:
    """``size``: of the whole scan, as the counter announced it."""

    commune: str
    sha256: str
    size: int
    offset: int
    data: bytes


def held(db: sa.Connection, commune: str, sha256: str) -> int:
    """Bytes of a scan that are durable, from its start."""
    c = t.scans.c
    return int(db.scalar(sa.select(c.held).where(c.commune == commune, c.sha256 == sha256)) or 0)


def read(db: sa.Connection, commune: str, sha256: str) -> bytes:
    """All bytes that are held."""
    c = t.scan_chunks.c
    query = sa.select(c.bytes).where(c.commune == commune, c.sha256 == sha256).order_by(c.offset)
    return b"".join(db.scalars(query))


class Uploads:
    """The scan bytes of one transaction. Pieces of one scan that touch become one row."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db
        self._held: dict[tuple[str, str], int] = {}
        self._sizes: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, str], tuple[int, bytearray]] = {}

    def take(self, piece: ScanPiece) -> int:
        """What lies above our position; after a gap, or beyond the size, nothing."""
        key = (piece.commune, piece.sha256)
        have = self._held[key] if key in self._held else held(self._db, *key)
        self._held[key] = have
        data = piece.data[have - piece.offset :] if piece.offset <= have else b""
        if not data or have + len(data) > piece.size:
            return have
        self._sizes[key] = piece.size
        self._rows.setdefault(key, (have, bytearray()))[1].extend(data)
        self._held[key] = have + len(data)
        return self._held[key]

    def leave_out(self, hashes: frozenset[str]) -> None:
        """Bytes of scans that were erased by law are not written."""
        for key in [key for key in self._rows if key[1] in hashes]:
            del self._rows[key]

    def write(self) -> None:
        """Rows, positions, and for a scan that is whole the proof: bytes that hash to something else are thrown away."""
        if not self._rows:
            return
        chunks = [{"commune": c, "sha256": s, "offset": o, "bytes": bytes(b)} for (c, s), (o, b) in self._rows.items()]
        self._db.execute(sa.insert(t.scan_chunks), chunks)
        for key in self._rows:
            if self._held[key] == self._sizes[key]:
                self._prove(*key)
        known = insert(t.scans)
        rows = [{"commune": c, "sha256": s, "size": self._sizes[c, s], "held": self._held[c, s]} for c, s in self._rows]
        changed = {"held": known.excluded.held, "size": known.excluded.size}
        self._db.execute(known.on_conflict_do_update(["commune", "sha256"], set_=changed), rows)

    def _prove(self, commune: str, sha256: str) -> None:
        if hashlib.sha256(read(self._db, commune, sha256)).hexdigest() != sha256:
            c = t.scan_chunks.c
            self._db.execute(sa.delete(t.scan_chunks).where(c.commune == commune, c.sha256 == sha256))
            self._held[commune, sha256] = 0
