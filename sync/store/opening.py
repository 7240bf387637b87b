"""Opening the encrypted file: key, pragmas, migrations; and the one way to write."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3
from sqlcipher3 import dbapi2

# sqlite-utils takes its exception classes from pysqlite3 when it is there: they must be SQLCipher's own.
sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)

# sqlite-utils takes up numpy wherever it is installed, to know its types: 25 MB that no store of ours needs.
_hidden = sys.modules.setdefault("numpy", None) is None  # type: ignore[arg-type]
from sqlite_utils import Database  # noqa: E402

if _hidden:
    del sys.modules["numpy"]

from forms.problem import Problem  # noqa: E402
from sync.store import ballast, told  # noqa: E402
from sync.store.migrations import MIGRATIONS  # noqa: E402

FILE = "store.db"
_DAMAGE = ("not a database", "malformed", "corrupt", "disk I/O", "hmac", "unable to open", "readonly", "vtable constructor")
_PLAIN = b"SQLite format 3\x00"
_NO_ROOM_BESIDE = "SQLITE_IOERR_SHMSIZE"
"""A disk that is full, too, when the small file of shared memory beside the store could not grow."""


class Store:
    """One connection to one encrypted store; used by one thread. Reads are plain; writes go through :meth:`write`.

    ``appended``: the last own event of the transaction under way; with its COMMIT it may be told.
    """

    appended: told.Place | None = None

    def __init__(self, file: Path, db: Database) -> None:
        self.file = file
        self.db = db
        self._inode = file.stat().st_ino

    @classmethod
    def open(cls, file: Path, key: bytes, create: bool = False, backups: Path | None = None) -> "Store":
        """Open with the raw 32-byte key, bring the schema up to date; first, into ``backups``, goes a back-up of it as it was.

        :raises Problem: ``store_missing``, ``store_damaged`` (or the wrong key), ``store_too_new``, ``store_not_encrypted``,
            ``disk_full``, ``store_busy``.
        """
        if not file.exists() and not create:
            raise Problem("store_missing", file=file.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        with problems():
            # sqlcipher3 ships no types.
            connection: Any = dbapi2.connect(str(file), isolation_level=None, timeout=10)
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("PRAGMA cache_size=-16000")
            if not connection.execute("PRAGMA cipher_version").fetchone():
                raise Problem("store_not_encrypted")
            store = cls(file, Database(connection))
            store._migrate(key, backups)
        _check_encrypted(file)
        return store

    def _migrate(self, key: bytes, backups: Path | None) -> None:
        pending, applied = ([m.name for m in found(self.db)] for found in (MIGRATIONS.pending, MIGRATIONS.applied))
        ours = {m.name for m in MIGRATIONS._migrations}
        unknown = {*pending, *applied} - ours
        if unknown:
            raise Problem("store_too_new", newest=max(unknown))
        if pending and applied and backups:
            from sync.store.backup import write_before  # which is made of what stands here

            write_before(self, key, pending[0], backups)
        if pending:
            MIGRATIONS.apply(self.db)

    def close(self) -> None:
        """Close the connection."""
        self.db.conn.close()

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction: everything inside is committed together, durable when the block ends, or nothing is.

        :raises Problem: ``disk_full``, ``store_busy``, ``store_damaged``; ``store_replaced`` when the file is not the one opened.
        """
        self._check_place()
        ballast.give_up_if_low(self.file.parent)
        self.appended = None
        with self._lightened(), problems():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                if self.db.conn.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        self._check_place()
        if self.appended:
            self.note_told(self.appended)

    def note_told(self, place: told.Place) -> None:
        """From now on this store counts as damaged without that event."""
        if nonces := self.meta("nonces"):
            told.note(self.file, nonces, place)

    @contextmanager
    def _lightened(self) -> Iterator[None]:
        """Where the disk is full after all, the next try has the ballast's room."""
        try:
            yield
        except Problem as problem:
            if problem.code == "disk_full" and ballast.give_up(self.file.parent):
                problem.details["ballast"] = "freed"
            raise

    def _check_place(self) -> None:
        """A file that was put away under us (a restore beside) holds what nobody will find: never say it is kept."""
        if not self.in_place:
            raise Problem("store_replaced")

    @property
    def in_place(self) -> bool:
        """Whether the file that was opened is the one that stands there."""
        try:
            return self.file.stat().st_ino == self._inode
        except FileNotFoundError:
            return False

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state, whatever others commit meanwhile."""
        with problems():
            self.db.execute("BEGIN")
            try:
                yield
            finally:
                self.db.execute("ROLLBACK")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with problems():
            return list(self.db.execute(sql, values).fetchall())

    def rows_named(self, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a query with ``:named`` values."""
        with problems():
            return list(self.db.execute(sql, values).fetchall())

    def each(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a long query as they come, in pieces."""
        with problems():
            cursor = self.db.execute(sql, values)
            while rows := cursor.fetchmany(1000):
                yield from rows

    def value(self, sql: str, *values: Any) -> Any:
        """First column of the first row, or None."""
        with problems():
            row = self.db.execute(sql, values).fetchone()
        return row[0] if row else None

    def meta(self, name: str, default: Any = None) -> Any:
        """A JSON value kept by name."""
        raw = self.value("SELECT value FROM meta WHERE name = ?", name)
        return default if raw is None else parsed(raw)

    def set_meta(self, **values: Any) -> None:
        """Keep JSON values by name; inside :meth:`write`."""
        for name, value in values.items():
            text = json.dumps(value, ensure_ascii=False)
            self.db.execute("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)", (name, text))

    def stream(self) -> None:
        """This process reads from end to end and seldom twice: keep few pages of it in memory (16 MB are for the window)."""
        self.db.execute("PRAGMA cache_size=-2000")

    def data_version(self) -> int:
        """Changes when another connection has committed."""
        return int(self.value("PRAGMA data_version"))

    def mark(self) -> tuple[int, int]:
        """Changes when anything may have changed, by this connection or another; asked in some microseconds."""
        return self.data_version(), int(self.db.conn.total_changes)


def _check_encrypted(file: Path) -> None:
    try:
        with file.open("rb") as raw:
            if raw.read(16) == _PLAIN:
                raise Problem("store_not_encrypted")
    except OSError as error:
        raise Problem("store_damaged", reason=error.strerror or "") from error


def parsed(text: str) -> Any:
    """JSON that we wrote. :raises Problem: ``store_damaged``: SQLCipher may hand out a part of a damaged page and then object."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Problem("store_damaged", reason="no JSON") from error


@contextmanager
def problems() -> Iterator[None]:
    """SQLCipher's errors as Problems; a programming error stays one."""
    try:
        yield
    except dbapi2.IntegrityError:
        raise
    except dbapi2.DatabaseError as error:
        text = str(error)
        if "disk is full" in text or getattr(error, "sqlite_errorname", "") == _NO_ROOM_BESIDE:
            raise Problem("disk_full") from error
        if "locked" in text or "busy" in text:
            raise Problem("store_busy") from error
        if any(sign in text for sign in _DAMAGE):
            raise Problem("store_damaged", reason=text) from error
        raise
