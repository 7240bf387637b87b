"""What is taken out of a store by law: the dossiers that name a person, the acts of a span of time and whom they concern."""

import json
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from forms.names import fold as fold_text
from sync.events import hybrid
from sync.store.opening import Store, parsed

_ENVELOPE = ("counter", "epoch", "number", "dossier", "name", "at", "operator", "prev", "hash", "body_hash")


def naming(store: Store, number: str) -> list[dict[str, Any]]:
    """The folds of dossiers in which the number of a person's paper stands somewhere, oldest first. The search index finds them,
    so some may hold it as something else."""
    words = re.findall(r"[^\W_]+", fold_text(number))
    if not words:
        return []
    rows = store.rows(
        "SELECT f.fold FROM dossier_words n CROSS JOIN dossiers d ON d.rowid = n.rowid JOIN folds f ON f.rowid = n.rowid"
        " WHERE n.dossier_words MATCH ? ORDER BY d.seen_at",
        " AND ".join(f'"{word}"' for word in words),
    )
    return [parsed(row[0]) for row in rows]


def acts_between(store: Store, first: datetime, last: datetime, bodies: bool) -> Iterator[dict[str, Any]]:
    """The envelopes of all acts from one moment to another, both counted, in the order of their time; with ``bodies`` also what
    they say."""
    columns = [*_ENVELOPE, *(["body"] if bodies else [])]
    sql = f"SELECT {', '.join(columns)} FROM events WHERE at >= ? AND at < ? ORDER BY at"
    span = (hybrid(round(first.timestamp() * 1000)), hybrid(round(last.timestamp() * 1000) + 1))
    for row in store.each(sql, *span):
        told = dict(zip(columns, row, strict=True))
        yield told | ({"body": parsed(told["body"]) if told["body"] else None} if bodies else {})


def persons(store: Store, dossiers: Collection[str]) -> int:
    """How many persons own these dossiers or filed them, told apart by their numbers, or by their names where there is none."""
    one = "SELECT {0} FROM dossiers WHERE id IN (SELECT value FROM json_each(:ids)) AND {0} IS NOT NULL"
    sql = f"SELECT count(*) FROM ({one.format('owner')} UNION {one.format('submitter')})"
    return int(store.rows_named(sql, {"ids": json.dumps(sorted(dossiers))})[0][0])
