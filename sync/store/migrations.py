"""The schema, as numbered steps; each is committed together with the record that it was applied."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from sync.events import GENESIS, audit_hash

MIGRATIONS = Migrations("store")

_FIRST = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE logs(
  counter TEXT NOT NULL, epoch TEXT NOT NULL, own INTEGER NOT NULL, number INTEGER NOT NULL, head TEXT NOT NULL,
  acked INTEGER NOT NULL DEFAULT 0, started INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (counter, epoch)) WITHOUT ROWID;
CREATE TABLE events(
  counter TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL, dossier TEXT NOT NULL, name TEXT NOT NULL,
  at INTEGER NOT NULL, operator TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, body_hash TEXT NOT NULL, body TEXT,
  PRIMARY KEY (counter, epoch, number)) WITHOUT ROWID;
CREATE INDEX events_dossier ON events(dossier);
CREATE TABLE secrets(
  counter TEXT NOT NULL, epoch TEXT NOT NULL, dossier TEXT NOT NULL, secret BLOB NOT NULL,
  PRIMARY KEY (counter, epoch, dossier)) WITHOUT ROWID;
CREATE TABLE dossiers(
  rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, code TEXT, official_code TEXT, procedure TEXT, full_name TEXT,
  personal_id TEXT, phone TEXT, stage TEXT NOT NULL, verdict TEXT, refused INTEGER NOT NULL, received_at TEXT,
  return_at TEXT, latest INTEGER NOT NULL, fold TEXT NOT NULL);
CREATE INDEX dossiers_code ON dossiers(code);
CREATE INDEX dossiers_official ON dossiers(official_code);
CREATE INDEX dossiers_personal ON dossiers(personal_id);
CREATE INDEX dossiers_phone ON dossiers(phone);
CREATE INDEX dossiers_received ON dossiers(received_at);
CREATE VIRTUAL TABLE dossier_names USING fts5(folded, content='', contentless_delete=1, prefix='2 3', detail=column);
CREATE TABLE drafts(
  id TEXT PRIMARY KEY, operator TEXT NOT NULL, saved_at TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE leases(low INTEGER NOT NULL, high INTEGER NOT NULL, epoch TEXT NOT NULL, PRIMARY KEY (low, epoch)) WITHOUT ROWID;
CREATE TABLE numbers(
  day TEXT NOT NULL, low INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (day, low)) WITHOUT ROWID;
CREATE TABLE contacts(at TEXT NOT NULL, ok INTEGER NOT NULL, sent INTEGER NOT NULL, heard INTEGER NOT NULL, problem TEXT);
CREATE TABLE tasks(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, dossier TEXT, at TEXT NOT NULL, details TEXT NOT NULL, settled INTEGER NOT NULL);
CREATE TABLE prints(dossier TEXT NOT NULL, paper TEXT NOT NULL, at TEXT NOT NULL, operator TEXT NOT NULL);
"""


@MIGRATIONS(name="0001_first")
def first(db: Database) -> None:
    """Events, projections, drafts, numbers, contacts, tasks."""
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            db.execute(statement)


_SECOND = """
DROP TABLE dossier_names;
DROP TABLE dossiers;
CREATE TABLE dossiers(
  rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, code TEXT, official_code TEXT, procedure TEXT, version TEXT,
  procedure_name TEXT, full_name TEXT, personal_id TEXT, phone TEXT, stage TEXT NOT NULL, verdict TEXT, refused INTEGER NOT NULL,
  review INTEGER NOT NULL, channel TEXT NOT NULL, counter TEXT, operator TEXT, competent TEXT, payment TEXT, result TEXT,
  filed_at TEXT, received_at TEXT, return_at TEXT, finished_at TEXT, ended TEXT NOT NULL, returned_at TEXT, pauses TEXT,
  supplements INTEGER NOT NULL, register INTEGER, owner TEXT, submitter TEXT, submitter_name TEXT, latest INTEGER NOT NULL,
  words TEXT NOT NULL, seen_at TEXT NOT NULL);
CREATE INDEX dossiers_seen ON dossiers(seen_at);
CREATE INDEX dossiers_code ON dossiers(code);
CREATE INDEX dossiers_personal ON dossiers(personal_id);
CREATE INDEX dossiers_received ON dossiers(received_at);
CREATE INDEX dossiers_finished ON dossiers(finished_at);
CREATE INDEX dossiers_returned ON dossiers(returned_at);
CREATE INDEX dossiers_stage ON dossiers(stage, return_at);
CREATE INDEX dossiers_verdict ON dossiers(verdict) WHERE verdict IS NOT NULL;
CREATE INDEX dossiers_refused ON dossiers(refused) WHERE refused = 1;
CREATE INDEX dossiers_review ON dossiers(review) WHERE review = 1;
CREATE TABLE folds(rowid INTEGER PRIMARY KEY, fold TEXT NOT NULL);
CREATE TABLE movements(
  dossier INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, method TEXT NOT NULL, amount INTEGER NOT NULL,
  operator TEXT NOT NULL, counter TEXT NOT NULL, epoch TEXT NOT NULL, number INTEGER NOT NULL);
CREATE INDEX movements_dossier ON movements(dossier);
CREATE INDEX movements_at ON movements(at);
CREATE INDEX movements_operator ON movements(counter, operator);
CREATE VIRTUAL TABLE dossier_words USING fts5(words, content='', contentless_delete=1, prefix='1 2 3', detail=none)
"""


@MIGRATIONS(name="0002_desk")
def desk(db: Database) -> None:
    """Narrow rows for lists and reports, the whole folds apart, money by itself, one search index for names and numbers. All
    of it is a projection: it is folded anew from the events at the next start."""
    for statement in _SECOND.split(";\n"):
        if statement.strip():
            db.execute(statement)


_THIRD = """
CREATE TABLE scans(
  sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, kind TEXT NOT NULL, dossier TEXT NOT NULL, paper TEXT NOT NULL,
  urgent INTEGER NOT NULL DEFAULT 0, place INTEGER NOT NULL, acked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX scans_pending ON scans(urgent DESC, place) WHERE acked < size;
CREATE TABLE scan_chunks(
  sha256 TEXT NOT NULL, seq INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (sha256, seq)) WITHOUT ROWID
"""


@MIGRATIONS(name="0003_scans")
def scans(db: Database) -> None:
    """Scans in the same encrypted file, in pieces, so that one commit covers dossier and scans, and a part is read alone."""
    for statement in _THIRD.split(";\n"):
        if statement.strip():
            db.execute(statement)


@MIGRATIONS(name="0004_held")
def held(db: Database) -> None:
    """How many events of a log are here: of another commune's counter only some are told, and a new counter leaves some out.
    And where events stand that the gateway, put back, holds no more."""
    db.execute("ALTER TABLE logs ADD COLUMN held INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX contacts_at ON contacts(at)")
    db.execute("CREATE TABLE events_aside AS SELECT * FROM events WHERE 0")
    here = "SELECT count(*) FROM events e WHERE e.counter = logs.counter AND e.epoch = logs.epoch"
    db.execute(f"UPDATE logs SET held = ({here}) WHERE own = 0")


_FIFTH = """
CREATE TABLE audit(
  n INTEGER PRIMARY KEY, at TEXT NOT NULL, operator TEXT NOT NULL, did TEXT NOT NULL, dossier TEXT NOT NULL, about TEXT NOT NULL,
  prev TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX audit_at ON audit(at);
CREATE INDEX audit_dossier ON audit(dossier, did);
CREATE INDEX events_at ON events(at);
CREATE INDEX events_of_counters ON events(name, at) WHERE dossier = ''
"""


@MIGRATIONS(name="0005_audit")
def audit(db: Database) -> None:
    """What operators saw and printed, in a chain; the prints known so far are its beginning. Events by time, to read both; acts
    of the counters themselves by name, now that there may be many."""
    for statement in _FIFTH.split(";\n"):
        if statement.strip():
            db.execute(statement)
    prev = GENESIS
    prints = db.execute("SELECT at, operator, dossier, paper FROM prints ORDER BY rowid").fetchall()
    for n, (at, operator, dossier, paper) in enumerate(prints, 1):
        row = (n, at, operator, "printed", dossier, paper, prev)
        prev = audit_hash(*row)
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, prev))
    db.execute("DROP TABLE prints")


@MIGRATIONS(name="0006_erasures")
def erasures(db: Database) -> None:
    """Which dossiers were erased by law. Of scans: the gateway's transaction that held the whole of one, and when its bytes were
    taken from this disk."""
    db.execute("CREATE TABLE erasures(dossier TEXT PRIMARY KEY) WITHOUT ROWID")
    db.execute("ALTER TABLE scans ADD COLUMN signed_at INTEGER")
    db.execute("ALTER TABLE scans ADD COLUMN purged_at TEXT")


@MIGRATIONS(name="0007_numbered")
def numbered(db: Database) -> None:
    """Which act brought the official number of a dossier that is still here under a temporary one: it asks for a new paper."""
    db.execute("ALTER TABLE dossiers ADD COLUMN numbered TEXT")
    db.execute("CREATE INDEX dossiers_numbered ON dossiers(counter, latest) WHERE numbered IS NOT NULL")
