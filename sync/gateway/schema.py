"""The gateway's tables (SQLAlchemy Core). ``events`` holds each event once; ``seq`` numbers a commune's feed of them without
gaps, in commit order; ``routes`` says in whose feeds a dossier stands: receiving, competent and return unit. ``commits``
marks each transaction of the writer, so that counters can tell a gateway that was put back."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

FILE = "gateway.db"
METADATA = sa.MetaData()

meta = sa.Table("meta", METADATA, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
communes = sa.Table(
    "communes",
    METADATA,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("profile", sa.JSON, nullable=False),
)
counters = sa.Table(
    "counters",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("commune", sa.Text, nullable=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
codes = sa.Table(
    "enrol_codes",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("commune", sa.Text, nullable=False),
    sa.Column("used_by", sa.Text),
)
replacements = sa.Table(
    "replacements",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("counter", sa.Text, nullable=False),
)
revocations = sa.Table(
    "revocations",
    METADATA,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
)
logs = sa.Table(
    "logs",
    METADATA,
    sa.Column("counter", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("started", sa.Integer, nullable=False),
)
events = sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("counter", sa.Text, nullable=False),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("dossier", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("operator", sa.Text, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("body", sa.Text),
    sa.UniqueConstraint("counter", "epoch", "number"),
)
feeds = sa.Table(
    "feeds",
    METADATA,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("event", sa.Integer, nullable=False),
)
sa.Index("ix_feeds_event", feeds.c.event)
routes = sa.Table(
    "routes",
    METADATA,
    sa.Column("dossier", sa.Text, primary_key=True),
    sa.Column("commune", sa.Text, primary_key=True),
)
units = sa.Table(
    "units",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("commune", sa.Text, nullable=False),
)
secrets = sa.Table(
    "secrets",
    METADATA,
    sa.Column("counter", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("dossier", sa.Text, primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
)
received = sa.Table(
    "received",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("dossier", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, nullable=False, index=True),
    sa.Column("day", sa.Text, nullable=False),
)
leases = sa.Table(
    "leases",
    METADATA,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("low", sa.Integer, primary_key=True),
    sa.Column("high", sa.Integer, nullable=False),
    sa.Column("counter", sa.Text, nullable=False),
    sa.Column("epoch", sa.Text, nullable=False),
)
scans = sa.Table(
    "scans",
    METADATA,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False),
)
scan_chunks = sa.Table(
    "scan_chunks",
    METADATA,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("offset", sa.BigInteger, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)
commits = sa.Table(
    "commits",
    METADATA,
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
)
erasures = sa.Table("erasures", METADATA, sa.Column("dossier", sa.Text, primary_key=True))
WAIT_MS = 30_000
"""How long a connection waits for another one's lock."""


def connect(data: Path) -> tuple[sa.Engine, sa.Engine]:
    """(readers, writer) on the gateway's database, durable at every commit; the tables are made when missing. A writing
    transaction takes the write lock at its begin: two that read before they write would decide on the same state."""
    data.mkdir(parents=True, exist_ok=True)
    reader, writer = durable(data / FILE, "BEGIN"), durable(data / FILE)
    _bring_up(writer)
    return reader, writer


def durable(file: Path, begin: str = "BEGIN IMMEDIATE") -> sa.Engine:
    """An SQLite file, durable at every commit and for its owner only; ``begin``: how its transactions begin."""
    file.touch(mode=0o600)
    engine = sa.create_engine(f"sqlite:///{file}", connect_args={"timeout": 30}, hide_parameters=True)
    sa.event.listen(engine, "connect", _pragmas)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _bring_up(engine: sa.Engine) -> None:
    """The tables; of a database in which the events table still was the feed, the feeds are made from it."""
    with engine.begin() as db:
        columns = {c["name"] for c in sa.inspect(db).get_columns("events")} if sa.inspect(db).has_table("events") else set()
        old = "commune" in columns
        if old:
            db.exec_driver_sql("ALTER TABLE events RENAME TO events_before")
            for index in ("ix_events_dossier",):
                db.exec_driver_sql(f"DROP INDEX IF EXISTS {index}")
        METADATA.create_all(db)
        db.exec_driver_sql("CREATE INDEX IF NOT EXISTS ix_feeds_event ON feeds(event)")
        if old:
            names = "counter, epoch, number, dossier, name, at, operator, prev, hash, body_hash, body"
            db.exec_driver_sql(f"INSERT INTO events({names}) SELECT {names} FROM events_before ORDER BY commune, seq")
            db.exec_driver_sql(
                "INSERT INTO feeds(commune, seq, event) SELECT b.commune, b.seq, e.id FROM events_before b"
                " JOIN events e USING (counter, epoch, number)"
            )
            db.exec_driver_sql(
                "INSERT OR IGNORE INTO routes(dossier, commune) SELECT DISTINCT dossier, commune FROM events_before"
                " WHERE dossier <> '' AND counter <> 'portal'"
            )
            db.exec_driver_sql("DROP TABLE events_before")


def _pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 begins no transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", f"busy_timeout={WAIT_MS}"):
        connection.execute(f"PRAGMA {pragma}")
