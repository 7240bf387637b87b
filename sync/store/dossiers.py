"""The projection: one row a dossier, folded from its events, searchable; rebuilt at any time."""

import json
import re
from collections.abc import Iterator
from typing import Any

from forms.dossier import FOLD, Dossier, fold
from forms.names import fold as fold_text
from sync.events import canonical, moment
from sync.store import log
from sync.store.opening import Store

_WAITING = (
    "SELECT DISTINCT e.dossier FROM logs l JOIN events e ON e.counter = l.counter AND e.epoch = l.epoch"
    " AND e.number > l.acked WHERE l.own = 1 AND l.acked < l.number"
)
_DELIVERY = (
    f"CASE WHEN refused THEN 'refused' WHEN id IN ({_WAITING}) THEN 'kept'"
    " WHEN verdict = 'accepted' THEN 'accepted' ELSE 'received' END"
)
_STEP = 20
_ROW = "id code official_code procedure full_name stage received_at return_at".split()


def project(store: Store, dossier_id: str) -> Dossier:
    """Fold the dossier anew and write its row; inside ``write``."""
    events = log.of_dossier(store, dossier_id)
    dossier = fold(dossier_id, events)
    latest = max((e.at for e in events), default=0)
    known = store.db.execute("SELECT rowid FROM dossiers WHERE id = ?", (dossier_id,)).fetchone()
    values = _columns(dossier) | {"latest": latest, "fold": canonical(dossier.as_json()).decode()}
    names = ", ".join(values)
    if known:
        sets = ", ".join(f"{n} = ?" for n in values)
        store.db.execute(f"UPDATE dossiers SET {sets} WHERE id = ?", (*values.values(), dossier_id))
        rowid = known[0]
        store.db.execute("DELETE FROM dossier_names WHERE rowid = ?", (rowid,))
    else:
        marks = ", ".join("?" * len(values))
        rowid = store.db.execute(f"INSERT INTO dossiers({names}) VALUES ({marks})", tuple(values.values())).lastrowid
    store.db.execute("INSERT INTO dossier_names(rowid, folded) VALUES (?, ?)", (rowid, _searchable(dossier)))
    return dossier


def _columns(d: Dossier) -> dict[str, Any]:
    applicant = {k: v for k, v in d.applicant.items() if isinstance(v, str)}
    other = d.applicant.get("other_id")
    number = str(other.get("number") or "") if isinstance(other, dict) else ""
    return {
        "id": d.id,
        "code": d.code,
        "official_code": d.official_code,
        "procedure": str(d.procedure.get("code") or "") or None,
        "full_name": applicant.get("full_name"),
        "personal_id": applicant.get("personal_id") or number or None,
        "phone": re.sub(r"\D", "", str(applicant.get("phone") or "")) or None,
        "stage": d.stage.value,
        "verdict": d.verdict,
        "refused": int(d.refusal is not None),
        "received_at": d.received_at,
        "return_at": d.return_at,
    }


def _searchable(dossier: Dossier) -> str:
    answers = dossier.answers
    names = [dossier.applicant.get("full_name"), dossier.procedure.get("name")]
    names += [answers.get(k) for k in ("child_name", "subject_name", "document_name")]
    names += [p.get("full_name") for p in answers.values() if isinstance(p, dict)]
    return fold_text(" ".join(str(n) for n in names if n))


def find(store: Store, search: str = "", limit: int = 200) -> list[dict[str, Any]]:
    """Rows newest first. ``search``: words of names (with or without marks), or a code, personal number or phone."""
    where, values = _where(search.strip())
    rows = store.rows(
        f"SELECT {', '.join(_ROW)}, {_DELIVERY} FROM dossiers {where} ORDER BY received_at DESC, rowid DESC LIMIT ?",
        *values,
        limit,
    )
    return [dict(zip([*_ROW, "delivery"], r, strict=True)) for r in rows]


def latest(store: Store, dossier_id: str) -> int:
    """Hybrid time of the newest event of a dossier, 0 for an unknown one."""
    return int(store.value("SELECT coalesce(max(latest), 0) FROM dossiers WHERE id = ?", dossier_id))


def get(store: Store, dossier_id: str) -> dict[str, Any] | None:
    """The whole fold with ``delivery`` and civil times in the history, or None."""
    rows = store.rows(f"SELECT fold, {_DELIVERY} FROM dossiers WHERE id = ?", dossier_id)
    if not rows:
        return None
    return shown(json.loads(rows[0][0])) | {"delivery": rows[0][1]}


def refold(store: Store) -> int:
    """Fold every dossier anew when the program folds otherwise than the one that wrote the rows; how many. In steps, so that
    no transaction is long; a step that is cut off is done again."""
    if store.meta("fold", 1) == FOLD:
        return 0
    ids = [str(r[0]) for r in store.rows("SELECT id FROM dossiers")]
    for first in range(0, len(ids), _STEP):
        with store.write():
            for dossier_id in ids[first : first + _STEP]:
                project(store, dossier_id)
    with store.write():
        store.set_meta(fold=FOLD)
    return len(ids)


def of_person(store: Store, number: str, limit: int = 10) -> list[dict[str, Any]]:
    """The folds of the newest dossiers whose applicant has this personal number, newest first."""
    rows = store.rows("SELECT fold FROM dossiers WHERE personal_id = ? ORDER BY received_at DESC LIMIT ?", number, limit)
    return [json.loads(r[0]) for r in rows]


def own_open(store: Store, counter: str) -> Iterator[dict[str, Any]]:
    """The folds of dossiers that this counter received and whose clock runs."""
    first = "SELECT 1 FROM events e WHERE e.dossier = d.id AND e.name = 'received' AND e.counter = ?"
    rows = store.rows(f"SELECT fold FROM dossiers d WHERE stage = 'received' AND EXISTS ({first})", counter)
    return (json.loads(r[0]) for r in rows)


def shown(folded: dict[str, Any]) -> dict[str, Any]:
    """A fold as people and harnesses read it: times of the history as ISO, the applicant's name on top. ``act`` names a row
    of the history for good: acts of one millisecond differ in it."""
    history = [
        row | {"act": f"{row['at']}.{row['counter']}", "at": moment(row["at"]).isoformat(timespec="milliseconds")}
        for row in folded["history"]
    ]
    return folded | {"history": history, "full_name": folded["applicant"].get("full_name")}


def counts(store: Store) -> dict[str, int]:
    """Dossiers by delivery: ``{"kept": n, "received": n, "accepted": n, "refused": n}``."""
    rows = store.rows(f"SELECT {_DELIVERY} AS d, count(*) FROM dossiers GROUP BY d")
    return {"kept": 0, "received": 0, "accepted": 0, "refused": 0} | {str(k): int(n) for k, n in rows}


def waiting(store: Store) -> list[dict[str, Any]]:
    """Dossiers with own events the gateway has not got, oldest first."""
    rows = store.rows(
        "SELECT d.id, d.code, d.full_name, d.procedure, d.received_at, d.latest FROM dossiers d"
        f" WHERE d.id IN ({_WAITING}) ORDER BY d.latest"
    )
    keys = ("id", "code", "full_name", "procedure", "received_at")
    return [dict(zip(keys, r[:-1], strict=True)) | {"kept_at": moment(r[-1]).isoformat()} for r in rows]


def problems(store: Store) -> list[str]:
    """Rows that differ from a re-fold of their events, dossiers without a row, rows without events."""
    found = []
    rows = dict(store.rows("SELECT id, fold FROM dossiers"))
    ids = {str(r[0]) for r in store.rows("SELECT DISTINCT dossier FROM events WHERE dossier <> ''")}
    found += [f"no row for dossier {i}" for i in sorted(ids - rows.keys())]
    found += [f"row without events {i}" for i in sorted(rows.keys() - ids)]
    for dossier_id in sorted(ids & rows.keys()):
        again = canonical(fold(dossier_id, log.of_dossier(store, dossier_id)).as_json()).decode()
        if again != rows[dossier_id]:
            found.append(f"projection differs for dossier {dossier_id}")
    return found


def _where(search: str) -> tuple[str, list[Any]]:
    if not search:
        return "", []
    if re.search(r"\d", search):
        digits = re.sub(r"[ .]", "", search) if re.fullmatch(r"[\d .]+", search) else search
        top = digits + "\U0010ffff"
        ranges = " OR ".join(f"({c} >= ? AND {c} < ?)" for c in ("code", "official_code", "personal_id", "phone"))
        return f"WHERE {ranges} OR code LIKE ? OR procedure = ?", [digits, top] * 4 + [f"%-{search}", search]
    words = re.findall(r"\w+", fold_text(search))
    if not words:
        return "WHERE 0", []
    match = " ".join(f'"{w}"*' for w in words)
    return "WHERE rowid IN (SELECT rowid FROM dossier_names WHERE dossier_names MATCH ?)", [match]
