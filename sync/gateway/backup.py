"""The gateway's own back-up, made beside it while it runs: one SQLite file, put back by giving it the name ``gateway.db``.

The signing key (``gateway.key``) is not in it: whoever runs a gateway keeps it apart, once, for counters trust no other.
"""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync.files import os_problem, put_in_place
from sync.gateway.ledger import Ledger
from sync.gateway.schema import FILE

_PAGES = 2048
"""Pages of one step (8 MB)."""


def backup(ledger: Ledger, to: Path) -> dict[str, Any]:
    """Write a back-up, complete and durable or not at all, readable by its owner only; then tell the gateway what it covers:
    ``{"commit": newest transaction in it, "events": how many}``.

    :raises Problem: ``disk_full``, ``file_unwritable``.
    """
    part = to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))
        covered = _copy(ledger.data / FILE, part)
        with part.open("rb+") as whole:
            os.fsync(whole.fileno())
        put_in_place(part, to)
    except OSError as error:
        raise os_problem(error, to) from error
    finally:
        part.unlink(missing_ok=True)
    ledger.note_backed(covered["commit"])
    return covered


def _copy(source: Path, to: Path) -> dict[str, Any]:
    """:raises Problem: ``disk_full``, ``file_unwritable``."""
    try:
        with closing(sqlite3.connect(source, isolation_level=None)) as live, closing(sqlite3.connect(to)) as copy:
            live.execute("BEGIN")
            live.execute("SELECT 1 FROM meta").fetchone()  # the state that is copied, whatever is committed meanwhile
            live.backup(copy, pages=_PAGES, sleep=0)
            live.execute("ROLLBACK")
            copy.execute("PRAGMA journal_mode = DELETE")  # all of it in the one file
            with copy:  # put back while the nonce outside is still the one of today, it must be noticed all the same
                copy.execute("UPDATE meta SET value = ? WHERE name = 'nonces'", (json.dumps(["a back-up"]),))
            commit = copy.execute("SELECT coalesce(max(n), 0) FROM commits").fetchone()[0]
            return {"commit": int(commit), "events": int(copy.execute("SELECT count(*) FROM events").fetchone()[0])}
    except sqlite3.Error as error:
        full = "disk is full" in str(error)
        raise Problem("disk_full" if full else "file_unwritable", file=to.name, reason=str(error)) from error
