"""What can still be read of a damaged store: rows until the first page that does not hold, never a guess beyond it."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from sync.events import Event
from sync.store.audit import Row

_EVENTS = """
SELECT counter, epoch, number, dossier, name, at, operator, prev, body_hash, body FROM events
WHERE counter = ? AND epoch = ? AND number > ? ORDER BY number
"""


class Remains:
    """A store's file that nobody writes to any more. Each question opens it anew: a bad page spoils a connection."""

    def __init__(self, file: Path, key: bytes) -> None:
        self._file, self._key = file, key

    def own_logs(self) -> list[tuple[str, str, int]]:
        """``(counter, epoch, started)``, oldest first; none when they cannot be read."""
        return list(self._rows("SELECT counter, epoch, started FROM logs WHERE own = 1 ORDER BY started, epoch"))

    def events(self, counter: str, epoch: str, after: int) -> Iterator[Event]:
        """Events of a log past a place, in order, as far as they can be read."""
        for row in self._rows(_EVENTS, counter, epoch, after):
            _counter, _epoch, number, dossier, name, at, operator, prev, digest, body = row
            if body is not None and not _is_json(body):
                return
            kept = None if body is None else json.loads(body)
            yield Event(counter, epoch, number, dossier, name, at, operator, prev, digest, kept)

    def secret(self, counter: str, epoch: str, dossier: str) -> bytes | None:
        """The secret that a log's events of a dossier are salted with."""
        sql = "SELECT secret FROM secrets WHERE counter = ? AND epoch = ? AND dossier = ?"
        return next((bytes(row[0]) for row in self._rows(sql, counter, epoch, dossier)), None)

    def scan(self, sha256: str) -> tuple[str, bytes] | None:
        """``(kind, bytes)`` of a scan, as far as they can be read; nobody has compared them with their name."""
        kind = next((str(row[0]) for row in self._rows("SELECT kind FROM scans WHERE sha256 = ?", sha256)), None)
        pieces = self._rows("SELECT bytes FROM scan_chunks WHERE sha256 = ? ORDER BY seq", sha256)
        return (kind, b"".join(bytes(row[0]) for row in pieces)) if kind else None

    def audit(self, after: int) -> Iterator[Row]:
        """Rows of the audit past a number, in order."""
        sql = "SELECT n, at, operator, did, dossier, about, prev, hash FROM audit WHERE n > ? ORDER BY n"
        return (Row(*row) for row in self._rows(sql, after))

    def drafts(self) -> list[tuple[str, str, str, str]]:
        """``(id, operator, saved_at, content)``."""
        return [row for row in self._rows("SELECT id, operator, saved_at, content FROM drafts") if _is_json(row[3])]

    def _rows(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        with closing(dbapi2.connect(str(self._file), isolation_level=None)) as db:
            try:
                db.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
                db.execute("PRAGMA query_only = ON")
                yield from db.execute(sql, values)
            except (dbapi2.DatabaseError, OverflowError, UnicodeDecodeError):
                return


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
