"""What a store holds, read by somebody else: nothing of the product is imported, only SQLCipher and ``chain.py``.

It opens the files of a counter after a power cut with the raw key and compares them with what the clerk had been told.
"""

import functools
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from tests.faults import chain

STORE, VAULT = "store.db", "vault.json"


@dataclass
class Told:
    """What the program had said when the power went: codes by dossier, scans by dossier and SHA-256, back-ups by path with
    the number of events in them."""

    codes: dict[str, str] = field(default_factory=dict)
    scans: set[tuple[str, str]] = field(default_factory=set)
    backups: dict[Path, int] = field(default_factory=dict)

    def hear(self, line: dict[str, Any], backup: Path | None = None) -> None:
        """Take a line of stdout; ``backup`` is where the command was to put one."""
        if "code" in line:
            self.codes[line["id"]] = line["code"]
        elif "sha256" in line:
            self.scans.add((line["dossier"], line["sha256"]))
        elif backup:
            self.backups.setdefault(backup, line["events"])  # putting it back says more: an epoch has begun


@dataclass
class Found:
    """What is wrong, each in a sentence; nothing when all is well."""

    missing: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.torn or self.broken or self.unreadable)


def look(data: Path, key: bytes, told: Told, pages: bool = False) -> Found:
    """Read the folder of a counter; ``pages``: every page of the file is checked, too."""
    found = Found()
    try:
        json.loads((data / VAULT).read_text("utf-8"))
        _look_into(data / STORE, key, told, found, pages)
    except (dbapi2.DatabaseError, OSError, ValueError) as error:
        found.unreadable.append(f"{type(error).__name__}: {error}")
    for backup, events in told.backups.items():
        _look_back(backup, key, events, found)
    return found


def _look_into(file: Path, key: bytes, told: Told, found: Found, pages: bool) -> None:
    if not file.is_file():
        raise FileNotFoundError("no store")
    db = _open(file, key)
    try:
        if pages:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the check reads the file, not what overrides its pages
            found.unreadable += [str(r[0]) for r in db.execute("PRAGMA cipher_integrity_check")]
            found.unreadable += [str(r[0]) for r in db.execute("PRAGMA integrity_check") if r[0] != "ok"]
        rows = [chain.Row(*r) for r in db.execute(f"SELECT {chain.COLUMNS} FROM events ORDER BY counter, epoch, number")]
        _check_logs(db, rows, found)
        _check_codes(db, rows, told, found)
        _check_scans(db, rows, told, found)
    finally:
        db.close()


def _open(file: Path, key: bytes) -> Any:
    db = dbapi2.connect(str(file), isolation_level=None)
    db.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is in the report
    db.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return db


def _check_logs(db: Any, rows: list[chain.Row], found: Found) -> None:
    secrets = {(c, e, d): bytes(s) for c, e, d, s in db.execute("SELECT counter, epoch, dossier, secret FROM secrets")}
    heads = {(c, e): (n, h) for c, e, n, h in db.execute("SELECT counter, epoch, number, head FROM logs WHERE own = 1")}
    logs: dict[tuple[str, str], list[chain.Row]] = defaultdict(list)
    for row in rows:
        logs[row.counter, row.epoch].append(row)
    for log, held in logs.items():
        found.broken += chain.problems(held, secrets, whole=log in heads)
        if log in heads and heads[log] != (held[-1].number, held[-1].hash):
            found.broken.append(f"head: {log} says {heads[log][0]}, the last event is {held[-1].number}")


def _check_codes(db: Any, rows: list[chain.Row], told: Told, found: Found) -> None:
    """Every told code stands in its event; no dossier twice, no code twice; the list shows what the log says."""
    held = [(r.dossier, json.loads(r.body)["code"]) for r in rows if r.name == "received" and r.body]
    kept = dict(held)
    found.missing += [f"told, not kept: {code}" for dossier, code in told.codes.items() if kept.get(dossier) != code]
    if len(kept) != len(held) or len(set(kept.values())) != len(held):
        found.broken.append("received twice")
    if kept.keys() != {d for (d,) in db.execute("SELECT id FROM dossiers WHERE received_at IS NOT NULL")}:
        found.broken.append("the list differs from the log")


def _check_scans(db: Any, rows: list[chain.Row], told: Told, found: Found) -> None:
    """Every attached scan is whole by its name, and no piece belongs to none."""
    acts = [(r.dossier, json.loads(r.body)) for r in rows if r.name == "attached" and r.body]
    held = {(dossier, body["sha256"]) for dossier, body in acts}
    found.missing += [f"told, not kept: scan {sha256}" for dossier, sha256 in told.scans - held]
    for _, body in acts:
        pieces = db.execute("SELECT bytes FROM scan_chunks WHERE sha256 = ? ORDER BY seq", (body["sha256"],)).fetchall()
        whole = b"".join(bytes(piece) for (piece,) in pieces)
        if len(whole) != body["size"] or hashlib.sha256(whole).hexdigest() != body["sha256"]:
            found.torn.append(f"torn: scan {body['sha256']}, {len(whole)} of {body['size']} bytes")
    named = {body["sha256"] for _, body in acts}
    found.torn += [f"pieces of no scan: {h}" for (h,) in db.execute("SELECT DISTINCT sha256 FROM scan_chunks") if h not in named]


def _look_back(backup: Path, key: bytes, events: int, found: Found) -> None:
    """A back-up that was told is there, opens, and holds as many events as was said."""
    try:
        held = _events_in(backup.read_bytes(), backup.parent, key)
        if held != events:
            found.missing.append(f"back-up holds {held} of {events} events")
    except FileNotFoundError:
        found.missing.append("told, not kept: a back-up")
    except (dbapi2.DatabaseError, ValueError, KeyError, zipfile.BadZipFile) as error:
        found.unreadable.append(f"back-up: {type(error).__name__}: {error}")


@functools.lru_cache(2)
def _events_in(backup: bytes, beside: Path, key: bytes) -> int:
    """Thousands of images hold the same back-up: it is opened once."""
    copy = beside / "looked-at.db"
    try:
        with zipfile.ZipFile(io.BytesIO(backup)) as box:
            json.loads(box.read(VAULT))
            copy.write_bytes(box.read(STORE))
        with closing(_open(copy, key)) as db:
            return int(db.execute("SELECT count(*) FROM events").fetchone()[0])
    finally:
        copy.unlink(missing_ok=True)
