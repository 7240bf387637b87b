"""The client's and the gateway's stores without files: real code over databases in memory, copied from a template a seed.

A crash is a rolled-back transaction, or a committed one of which nobody heard; a back-up is a copy of the pages.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2
from sqlite_utils import Database

from forms.working_days import VIETNAM
from sync import epochs
from sync.fingerprint import split_code
from sync.gateway import admission, ledger, schema
from sync.gateway.ledger import Ledger
from sync.store import Store, numbers
from sync.store.migrations import MIGRATIONS
from tests.faults.simulation.chance import bound

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=VIETNAM)
"""When the world of every seed begins."""
COMMUNES = ("H38.27.09", "H38.27.10")
HOMES = (0, 0, 0, 1)
"""The commune of each counter that is enrolled."""
ELSEWHERE = "02683"
"""How a dossier names the second commune as the competent unit."""


class Died(BaseException):
    """The process ended here. No handler of the product's may see it."""


def key_of(role: str) -> Ed25519PrivateKey:
    """One key pair a role, the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(role.encode().ljust(32, b"."))


class MemoryStore(Store):
    """``ends``: how many write transactions this process still finishes, and whether it dies before the next COMMIT or after
    it; None: it lives on. ``died``: which it was. ``versions``: what other connections have committed."""

    def __init__(self, connection: Any) -> None:
        self.file = Path("memory")
        self.db = Database(connection)
        self.versions = 0
        self.ends: tuple[int, str] | None = None
        self.died = ""

    @contextmanager
    def write(self) -> Iterator[Database]:
        """As a real store, or to the end of its process."""
        fate = self._fate()
        with super().write() as db:
            yield db
            if fate == "before":
                raise Died
        if fate == "after":
            raise Died

    def _fate(self) -> str:
        if self.ends is None:
            return ""
        left, how = self.ends
        self.ends = (left - 1, how) if left else None
        self.died = "" if left else how
        return self.died

    def _check_place(self) -> None:
        """There is no file that could be put away."""

    def note_told(self, place: Any) -> None:
        """Nor a place beside it."""

    def data_version(self) -> int:
        """Changes when the window, another connection of the same store, has committed."""
        return self.versions


class Disks:
    """Where all stores of a seed stand. They are let go together: garbage that holds megabytes must not wait for a collector."""

    def __init__(self) -> None:
        self._connections: list[Any] = []

    def copy_of(self, connection: Any) -> Any:
        """A connection to a copy of a store, as it stands after its last commit."""
        made = dbapi2.connect(":memory:", isolation_level=None)
        self._connections.append(made)
        connection.backup(made)
        return made

    def close(self) -> None:
        """The end of this world."""
        for connection in self._connections:
            connection.close()


# The gateway


class Outside:
    """The state folder of the gateway's machine: one small file, which no back-up of the database holds."""

    def __init__(self) -> None:
        self.content = ""

    def __truediv__(self, _name: str) -> "Outside":
        return self

    def exists(self) -> bool:
        """Whether it was ever written."""
        return bool(self.content)

    def write(self, content: bytes) -> None:
        """What ``files.write_atomic`` does."""
        self.content = content.decode()

    def read(self) -> dict[str, Any]:
        """What ``files.read_json`` does."""
        return dict(json.loads(self.content))


class MemoryLedger(Ledger):
    """All ledgers of this process stand on one connection, so that statements are compiled once; what it opens is exchanged.
    ``ends`` as in :class:`MemoryStore`."""

    def __init__(self) -> None:
        self.ends: tuple[int, str] | None = None
        kept = schema.connect, ledger.key_in
        schema.connect, ledger.key_in = lambda _data: (engine(), engine()), lambda _file: key_of("gateway")
        try:
            super().__init__(Path("gateway"))
        finally:
            schema.connect, ledger.key_in = kept

    def _wipe(self) -> bool:
        """In memory there is no WAL."""
        return True

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:  # type: ignore[override]
        """As a real ledger, or to the end of its process."""
        fate = MemoryStore._fate(self)  # type: ignore[arg-type]
        engine().raw.execute("BEGIN IMMEDIATE")
        try:
            yield engine().connection
            if fate == "before":
                raise Died
        except BaseException:
            engine().raw.execute("ROLLBACK")
            raise
        engine().raw.execute("COMMIT")
        if fate == "after":
            raise Died


class OneConnection:
    """Stands for an engine: SQLAlchemy's connection stays open, because opening one costs more than most questions. It never
    begins a transaction by itself: sqlite3's are begun in words."""

    def __init__(self) -> None:
        self.real = sa.create_engine("sqlite://", poolclass=StaticPool)
        self.connection = self.real.connect()
        self.raw: Any = self.connection.connection.driver_connection
        self.raw.isolation_level = None

    @contextmanager
    def connect(self) -> Iterator["OneConnection"]:
        """The connection, for reading."""
        yield self

    def execute(self, question: sa.Executable) -> Any:
        """No question stays open: a rollback would end it, and an older database put in its place would crash it."""
        answer = self.connection.execute(question)
        return iter(answer.all()) if "yield_per" in question.get_execution_options() else answer

    def scalar(self, question: sa.Executable) -> Any:
        """As SQLAlchemy's."""
        return self.connection.scalar(question)

    def scalars(self, question: sa.Executable) -> Any:
        """As SQLAlchemy's."""
        return self.connection.scalars(question)

    def dispose(self) -> None:
        """It serves the next ledger."""


@cache
def engine() -> OneConnection:
    """The only one of this process."""
    return OneConnection()


# What every seed begins with


@cache
def template() -> tuple[bytes, str, tuple[Any, ...]]:
    """The gateway's database and state folder, and the store of each counter, just enrolled: the same in every process."""
    with bound(0, lambda: round(BEGIN.timestamp() * 1000)):
        return _template()


def _template() -> tuple[bytes, str, tuple[Any, ...]]:
    schema._bring_up(engine().real)
    made = MemoryLedger()
    for unit in COMMUNES:
        made.add_commune({"unit": unit, "name": unit, "area": ELSEWHERE if unit == COMMUNES[1] else unit, "operators": []})
    stores = tuple(_enrolled(made, f"counter {n}", COMMUNES[home]) for n, home in enumerate(HOMES))
    outside = Outside()
    with in_memory(outside):
        made.begin()
    return engine().raw.serialize(), outside.content, stores


def _enrolled(gateway: MemoryLedger, role: str, commune: str) -> Any:
    """As ``sync.enrolment`` does it, without the line and the vault."""
    epoch, public = f"{role:0<16.16}".replace(" ", ""), key_of(role).public_key().public_bytes_raw().hex()
    secret = split_code(admission.new_code(gateway, commune))[0]
    reply = admission.enrol(gateway, {"secret": secret, "public_key": public, "epoch": epoch, "operator": role})
    connection = dbapi2.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    store = MemoryStore(connection)
    MIGRATIONS.apply(store.db)
    with store.write():
        epochs.first(store, reply["counter"], epoch, BEGIN)
        numbers.set_leases(store, epoch, reply["ranges"])
        store.set_meta(counter=reply["counter"], profile=reply["profile"], gateway_key=reply["gateway_key"])
        store.set_meta(gateway_epoch=reply["gateway_epoch"], enrolled_at=BEGIN.isoformat())
    return connection


@contextmanager
def in_memory(outside: Outside) -> Iterator[None]:
    """While ``Ledger.begin`` looks for its state folder."""
    kept = ledger.state_folder, ledger.read_json, ledger.write_atomic
    ledger.state_folder = lambda: outside  # type: ignore[assignment,return-value]
    ledger.read_json = lambda file, *_: file.read()  # type: ignore[attr-defined,assignment]
    ledger.write_atomic = lambda file, content: file.write(content)  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        ledger.state_folder, ledger.read_json, ledger.write_atomic = kept
