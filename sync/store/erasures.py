"""What the law orders to be erased, as rows: bodies, secrets, bytes of scans, and everything that was written down of them.

An envelope stays, so chains hold; a body and the secret that its hash was salted with go, so nothing of it can be guessed. What
SQLite leaves behind of an erased row is overwritten too: freed pages (``secure_delete``), the search index, the WAL.
"""

from forms.erasure import EVENT
from sync.store.opening import Store

_SHA256, _PAPER, _DOSSIER = (
    f"CASE WHEN json_valid(body) THEN json_extract(body, '$.{n}') END" for n in "sha256 paper dossier".split()
)
"""Values of a body; of one that SQLite cannot read (anybody may send one nested too deeply), nothing."""
_PIECE = 64
"""Pages of the search index that one transaction rewrites: none lasts over 20 ms."""


def stands(store: Store, dossier: str) -> bool:
    """Whether a dossier was erased: nothing more is kept of it."""
    return bool(store.db.execute("SELECT 1 FROM erasures WHERE dossier = ?", (dossier,)).fetchone())


def all_of(store: Store) -> list[str]:
    """Ids of every erased dossier."""
    return [str(row[0]) for row in store.rows("SELECT dossier FROM erasures ORDER BY dossier")]


def acts(store: Store, dossier: str) -> list[tuple[str, str, int]]:
    """``(counter, epoch, number)`` of the acts that erased a dossier, as far as they are here."""
    rows = store.rows(
        f"SELECT counter, epoch, number FROM events WHERE dossier = '' AND name = ? AND {_DOSSIER} = ?",
        EVENT,
        dossier,
    )
    return [(str(c), str(e), int(n)) for c, e, n in rows]


def apply(store: Store, dossier: str) -> None:
    """Take away all that is here of the persons of a dossier, and let nothing of it be kept again; inside ``write``. The
    dossier is folded anew afterwards, and :func:`wipe` finishes what a transaction cannot."""
    db = store.db
    db.execute("INSERT OR IGNORE INTO erasures(dossier) VALUES (?)", (dossier,))
    _drop_scans(store, dossier)
    for statement in (
        "UPDATE events SET body = NULL WHERE dossier = ?",
        "UPDATE events_aside SET body = NULL WHERE dossier = ?",
        "DELETE FROM secrets WHERE dossier = ?",
        "DELETE FROM drafts WHERE instr(content, ?)",
        "DELETE FROM drafts WHERE id = ?",
        "DELETE FROM tasks WHERE dossier = ?",
        "DELETE FROM tasks WHERE instr(details, ?)",
    ):
        db.execute(statement, (dossier,))
    store.set_meta(unwiped=True)


def _drop_scans(store: Store, dossier: str) -> None:
    """The scans that only this dossier names; one that another names too is that one's from now on."""
    own = f"SELECT {_SHA256} FROM events WHERE dossier = ? AND name = 'attached' UNION SELECT sha256 FROM scans WHERE dossier = ?"
    others = f"SELECT dossier, {_PAPER} FROM events WHERE dossier <> ? AND name = 'attached' AND {_SHA256} = ? LIMIT 1"
    for (sha256,) in store.rows(own, dossier, dossier):
        other = store.rows(others, dossier, sha256)
        if other:
            moved = "UPDATE scans SET dossier = ?, paper = ?, acked = 0, signed_at = NULL WHERE sha256 = ?"
            store.db.execute(moved, (*other[0], sha256))  # the gateway is asked again whether it has it for that one
        else:
            for table in ("scan_chunks", "scans"):
                store.db.execute(f"DELETE FROM {table} WHERE sha256 = ?", (sha256,))


def wipe(store: Store) -> bool:
    """Rewrite the search index without what was taken out of it, and empty the WAL; outside ``write``. False when somebody was
    reading: it is done at the next contact or start then. Nothing to do costs one read."""
    if not store.meta("unwiped"):
        return True
    first = True
    while True:
        with store.write() as db:
            before = db.conn.total_changes
            db.execute("INSERT INTO dossier_words(dossier_words, rank) VALUES ('merge', ?)", (-_PIECE if first else _PIECE,))
            done = db.conn.total_changes - before < 2
        if done:
            break
        first = False
    wait = store.value("PRAGMA busy_timeout")
    store.db.execute("PRAGMA busy_timeout = 200")  # nobody waits for a reader
    busy, *_ = store.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    store.db.execute(f"PRAGMA busy_timeout = {int(wait)}")
    if not busy:
        with store.write():
            store.set_meta(unwiped=False)
    return not busy
