"""Scans: their bytes in pieces beside the log, and how many of them the gateway has signed for.

A scan is named by the SHA-256 of its bytes (hex) and stands once, however many dossiers name it in their ``attached`` events.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sync.store.opening import Store

CHUNK = 64 * 1024
"""Bytes of one piece."""
_EVENT = "attached"
_HERE = "EXISTS (SELECT 1 FROM scan_chunks c WHERE c.sha256 = s.sha256)"
_TOLD = f"EXISTS (SELECT 1 FROM events e WHERE e.dossier = s.dossier AND e.name = '{_EVENT}')"


@dataclass(frozen=True)
class Scan:
    """``sha256`` hex; ``size`` and ``acked`` in bytes: the gateway holds the first ``acked`` of them durably. ``purged_at``: when
    the bytes were taken from this disk (ISO), None: they were not."""

    sha256: str
    size: int
    acked: int
    urgent: bool
    purged_at: str | None = None


def add(store: Store, sha256: str, data: bytes, kind: str, dossier: str, paper: str, urgent: bool = False) -> None:
    """Keep the bytes of a scan, named by their hash; inside ``write``. What is here already stays as it is; pieces that a
    back-up had left out come back, and one that has become urgent is."""
    pieces = [(sha256, seq, data[at : at + CHUNK]) for seq, at in enumerate(range(0, len(data), CHUNK))]
    store.db.conn.executemany("INSERT OR IGNORE INTO scan_chunks(sha256, seq, bytes) VALUES (?, ?, ?)", pieces)
    store.db.execute(
        "INSERT INTO scans(sha256, size, kind, dossier, paper, urgent, place)"
        " VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(rowid), 0) + 1 FROM scans))"
        " ON CONFLICT DO UPDATE SET urgent = max(urgent, excluded.urgent), purged_at = NULL",
        (sha256, len(data), kind, dossier, paper, int(urgent)),
    )


def pending(store: Store) -> list[Scan]:
    """Scans that the gateway has not wholly: urgent ones first, then as they were attached. Only those that an event speaks
    of, and whose bytes are here: nothing else can be sent."""
    sql = (
        f"SELECT sha256, size, acked, urgent FROM scans s WHERE acked < size AND {_TOLD} AND {_HERE} ORDER BY urgent DESC, place"
    )
    return [Scan(str(h), int(size), int(acked), bool(urgent)) for h, size, acked, urgent in store.rows(sql)]


def waiting(store: Store) -> tuple[int, int]:
    """How many scans are pending, and how many bytes of them are still to be sent."""
    sql = f"SELECT count(*), coalesce(sum(size - acked), 0) FROM scans s WHERE acked < size AND {_TOLD} AND {_HERE}"
    number, left = store.rows(sql)[0]
    return int(number), int(left)


def waiting_by_dossier(store: Store) -> list[tuple[str, int, int]]:
    """``(dossier, scans, bytes)`` still to be sent."""
    sql = (
        f"SELECT dossier, count(*), sum(size - acked) FROM scans s WHERE acked < size AND {_TOLD} AND {_HERE}"
        " GROUP BY dossier ORDER BY min(place)"
    )
    return [(str(dossier), int(number), int(left)) for dossier, number, left in store.rows(sql)]


def hurry(store: Store, dossier: str) -> None:
    """The scans of a dossier go before all others; inside ``write``."""
    store.db.execute("UPDATE scans SET urgent = 1 WHERE dossier = ?", (dossier,))


def read(store: Store, sha256: str, offset: int, n: int) -> bytes:
    """At most ``n`` bytes from ``offset``; fewer at the end, none past it or of an unknown scan. Only the pieces needed are
    read."""
    if offset < 0 or n <= 0:
        return b""
    first, last = offset // CHUNK, (offset + n - 1) // CHUNK
    rows = store.rows("SELECT bytes FROM scan_chunks WHERE sha256 = ? AND seq BETWEEN ? AND ? ORDER BY seq", sha256, first, last)
    whole = b"".join(bytes(r[0]) for r in rows)
    start = offset - first * CHUNK
    return whole[start : start + n]


def acknowledge(store: Store, sha256: str, offset: int, commit: int | None = None) -> None:
    """The gateway holds the first ``offset`` bytes, as of its transaction ``commit``; inside ``write``. May fall: a gateway can
    be restored too."""
    store.db.execute(
        "UPDATE scans SET acked = min(max(?1, 0), size),"
        " signed_at = CASE WHEN ?1 >= size THEN coalesce(signed_at, ?2) END WHERE sha256 = ?3",
        (offset, commit, sha256),
    )


def forget_acks(store: Store) -> None:
    """Nothing is known of what the gateway holds any more; inside ``write``."""
    store.db.execute("UPDATE scans SET acked = 0, signed_at = NULL WHERE acked <> 0")


def of_dossier(store: Store, dossier: str) -> list[Scan]:
    """The scans here that a dossier's events name, whoever attached them first, in the order of attaching."""
    rows = store.rows(
        "SELECT sha256, size, acked, urgent, purged_at FROM scans WHERE sha256 IN"
        " (SELECT json_extract(body, '$.sha256') FROM events WHERE dossier = ? AND name = ? AND json_valid(body)) ORDER BY place",
        dossier,
        _EVENT,
    )
    return [Scan(str(h), int(size), int(acked), bool(urgent), at) for h, size, acked, urgent, at in rows]


def purgeable(store: Store, before: int, backed: int, limit: int) -> list[tuple[str, int]]:
    """``(hash, size)`` of scans that need not stay on this disk: every dossier that names one was accepted by the national
    system before ``before`` (hybrid time), and the gateway's last back-up, as of its transaction ``backed``, holds all of it."""
    said = "(SELECT max(a.at) FROM events a WHERE a.dossier = d.id AND a.name = 'accepted')"
    young = f"(d.verdict IS NOT 'accepted' OR coalesce({said}, ?1) >= ?1)"
    rows = store.rows(
        "SELECT s.sha256, s.size FROM scans s JOIN dossiers d ON d.id = s.dossier"
        f" WHERE s.purged_at IS NULL AND s.acked >= s.size AND s.signed_at <= ?2"
        f" AND {_HERE} AND NOT {young} ORDER BY s.place LIMIT ?3",
        before,
        backed,
        limit,
    )
    if not rows:
        return []
    name = "CASE WHEN json_valid(e.body) THEN json_extract(e.body, '$.sha256') END"
    others = f"SELECT {name} FROM events e JOIN dossiers d ON d.id = e.dossier WHERE e.name = '{_EVENT}' AND {young}"
    wanted = {str(row[0]) for row in store.rows(others, before)}
    return [(str(h), int(size)) for h, size in rows if h not in wanted]


def purge(store: Store, sha256: str, at: str) -> None:
    """Take the bytes of a scan from this disk; its row stays and says since when (ISO); inside ``write``."""
    store.db.execute("DELETE FROM scan_chunks WHERE sha256 = ?", (sha256,))
    store.db.execute("UPDATE scans SET purged_at = ? WHERE sha256 = ?", (at, sha256))


def lost(store: Store, sha256: str) -> bool:
    """Whether a scan stands here without its bytes although the gateway has not signed for them (both went back to older
    states): the same bytes are welcome again."""
    sql = f"SELECT 1 FROM scans s WHERE sha256 = ? AND acked < size AND NOT {_HERE}"
    return bool(store.value(sql, sha256))


# Back-ups and the check


def held(store: Store, sent: bool = True) -> int:
    """How many scans stand here with their bytes; ``sent`` False: without those that the gateway has signed for."""
    more = "" if sent else " AND acked < size"
    return int(store.value(f"SELECT count(*) FROM scans s WHERE {_HERE}{more}"))


def problems(store: Store, step: Callable[[], None] = lambda: None) -> list[str]:
    """Scans whose bytes are not what their name says, or are gone although the gateway has not signed for them; own events
    that name a scan which nothing is known of; bytes of no scan."""
    found = []
    for sha256, size, acked, purged_at in store.rows("SELECT sha256, size, acked, purged_at FROM scans ORDER BY place"):
        step()
        digest, pieces = hashlib.sha256(), 0
        for (piece,) in store.each("SELECT bytes FROM scan_chunks WHERE sha256 = ? ORDER BY seq", sha256):
            digest.update(piece)
            pieces += 1
        if not pieces and acked < size and purged_at is None:
            found.append(f"bytes missing of scan {sha256}")
        elif pieces and digest.hexdigest() != sha256:
            found.append(f"bytes differ of scan {sha256}")
    found += [f"scan missing {row[0]}" for row in store.rows(_UNKNOWN, _EVENT)]
    if store.value("SELECT count(*) FROM scan_chunks WHERE sha256 NOT IN (SELECT sha256 FROM scans)"):
        found.append("scan_chunks of no scan")
    return found


_UNKNOWN = """
SELECT DISTINCT json_extract(e.body, '$.sha256') FROM events e JOIN logs l USING (counter, epoch)
WHERE l.own = 1 AND l.held < l.number AND e.name = ? AND json_valid(e.body)
  AND NOT EXISTS (SELECT 1 FROM scans s WHERE s.sha256 = json_extract(e.body, '$.sha256'))
  AND NOT EXISTS (
    SELECT 1 FROM events b WHERE b.dossier = '' AND b.name = 'epoch_started' AND b.counter = e.counter AND json_valid(b.body)
    AND json_extract(b.body, '$.parent') = e.epoch AND json_extract(b.body, '$.number') < e.number)
"""
"""Scans that own events name and that are not here. Not those of a lost life: what stands in an epoch behind the place where
the next one began was heard from the gateway, and its bytes went there or were lost with that store."""
