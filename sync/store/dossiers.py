"""Reading the projection: lists as fast as a clerk types, one dossier whole, counts, duplicates."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forms.names import fold as fold_text
from forms.stages import OPEN, RUNNING
from sync.events import moment
from sync.store.opening import Store, parsed

PAGE = 200
"""Rows a list reads at a time."""
SOON_DAYS = 3
_ROW = (
    "id code official_code procedure procedure_name full_name personal_id phone stage received_at return_at filed_at counter"
    " competent result payment review seen_at"
).split()
_UNSENT = (
    "EXISTS (SELECT 1 FROM events e JOIN logs l USING (counter, epoch)"
    " WHERE e.dossier = d.id AND l.own = 1 AND e.number > l.acked)"
)
_DELIVERY = (
    f"CASE WHEN d.refused THEN 'refused' WHEN {_UNSENT} THEN 'kept'"
    " WHEN d.verdict = 'accepted' THEN 'accepted' ELSE 'received' END"
)
_WAITING = (
    "SELECT DISTINCT e.dossier FROM logs l CROSS JOIN events e ON e.counter = l.counter AND e.epoch = l.epoch"
    " AND e.number > l.acked WHERE l.own = 1 AND l.acked < l.number"  # only the tail of each log is read
)
_RUNS = f"d.stage IN ({', '.join(repr(s.value) for s in sorted(RUNNING))})"
_WORDS = 20
"""Words of a search that are looked for; more is something pasted by mistake."""
_BROAD = frozenset({"returned"})
"""Stages in which most dossiers are sooner or later: they do not narrow a search."""


@dataclass(frozen=True)
class Wanted:
    """What a list shows. ``search``: words of names with or without marks, codes, numbers, a phone, what a receipt's QR holds.
    ``chip``: one of :data:`CHIPS`, "" for all; ``stage``, ``counter``: "" for any; ``ids``: only these (a report's figure)."""

    search: str = ""
    chip: str = ""
    stage: str = ""
    counter: str = ""
    ids: tuple[str, ...] | None = None


CHIPS: dict[str, str] = {
    "today": "d.received_at >= :today AND d.received_at < :tomorrow",
    "due": f"{_RUNS} AND d.return_at >= :today AND d.return_at < :tomorrow",
    "late": f"{_RUNS} AND d.return_at < :today",
    "soon": f"{_RUNS} AND d.return_at >= :tomorrow AND d.return_at < :soon",
    "filed": "d.stage = 'filed'",
    "supplement": "d.stage IN ('supplement', 'payment', 'guided')",
    "ready": "d.stage = 'finished'",
    "unsent": f"d.id IN ({_WAITING})",
    "refused": "d.refused = 1",
    "review": "d.review = 1",
}
"""Name of a quick filter -> what it lets through."""
_BY_DATE = frozenset({"due", "late", "soon"})


def find(store: Store, wanted: Wanted, now: datetime, offset: int = 0, limit: int = PAGE) -> list[dict[str, Any]]:
    """A page of rows with ``delivery``: newest first, by their date where a date is what is looked for. ``limit`` -1: all."""
    ids = wanted.ids
    if ids is not None:
        ids = ids[offset : offset + limit] if limit >= 0 else ids[offset:]
        offset = 0
    where, values = _conditions(wanted, now)
    match = _match(wanted.search)
    if match == "":
        return []
    # A narrow filter is read whole and its words compared; a broad one is walked in the order of the search index.
    narrow = ids is not None or bool(wanted.chip) or (wanted.stage and wanted.stage not in _BROAD)
    source = "dossiers d"
    if match and narrow:
        readings, whole = _alternatives(wanted.search)
        where += [f"({' OR '.join(_like(words, whole, values) for words in readings)})"]
    elif match:
        source = "dossier_words n CROSS JOIN dossiers d ON d.rowid = n.rowid"
        where.append("n.dossier_words MATCH :match")
        values["match"] = match
    if ids is not None:
        where.append("d.id IN (SELECT value FROM json_each(:ids))")
        values["ids"] = json.dumps(ids)
    # "+" keeps the planner from walking the whole list in its order when the filter lets few through
    order = "d.return_at" if wanted.chip in _BY_DATE else "+d.seen_at DESC" if narrow else "d.seen_at DESC"
    order = "n.rowid DESC" if source.startswith("dossier_words") else order  # as they came, which the index gives for nothing
    picked = f" WHERE {' AND '.join(where)}" if where else ""
    page = f"SELECT d.rowid AS place FROM {source}{picked} ORDER BY {order} LIMIT :limit OFFSET :offset"
    columns = ", ".join(f"d.{c}" for c in _ROW)
    sql = f"SELECT {columns}, {_DELIVERY} FROM ({page}) p CROSS JOIN dossiers d ON d.rowid = p.place"
    rows = store.rows_named(sql, values | {"limit": limit, "offset": offset})
    found = [dict(zip([*_ROW, "delivery"], r, strict=True)) for r in rows]
    if wanted.chip in _BY_DATE:
        return sorted(found, key=lambda r: str(r["return_at"]))
    return sorted(found, key=lambda r: str(r["seen_at"]), reverse=True)


def chip_counts(store: Store, now: datetime, *names: str) -> dict[str, int]:
    """How many each quick filter would show, or those named."""
    days = _days(now)
    counts = {}
    for name, condition in ((n, CHIPS[n]) for n in names or CHIPS):
        used = {k: v for k, v in days.items() if f":{k}" in condition}
        counts[name] = int(store.rows_named(f"SELECT count(*) FROM dossiers d WHERE {condition}", used)[0][0])
    return counts


def _conditions(wanted: Wanted, now: datetime) -> tuple[list[str], dict[str, Any]]:
    where, values = [], dict[str, Any]()
    if wanted.chip:
        where.append(CHIPS[wanted.chip])
        values |= {k: v for k, v in _days(now).items() if f":{k}" in CHIPS[wanted.chip]}
    for name in ("stage", "counter"):
        if getattr(wanted, name):
            where.append(f"d.{name} = :{name}")
            values[name] = getattr(wanted, name)
    return where, values


def _days(now: datetime) -> dict[str, str]:
    return {
        "today": now.date().isoformat(),
        "tomorrow": (now.date() + timedelta(days=1)).isoformat(),
        "soon": (now.date() + timedelta(days=1 + SOON_DAYS)).isoformat(),
    }


_CODE = re.compile(r"[A-Za-z]\d{2}(?:\.\d{2})*-(\d{6}(?:\d{2})?-\d+)")


def _alternatives(search: str) -> tuple[list[list[str]], bool]:
    """The words looked for, folded, in one of several readings, and whether they are whole: a whole code, or what a receipt's
    QR holds, finds its one dossier; anything else is the beginning of words. A whole code is looked for without the unit that
    all codes share; a number typed with gaps also in one piece, a code typed in one piece also in its parts."""
    text = search.split("|")[0].strip()
    code = _CODE.fullmatch(text)
    words = re.findall(r"[^\W_]+", fold_text(code[1] if code else text[:400]))[:_WORDS]
    found = [words] if words else []
    digits = re.sub(r"[ .]", "", text)
    if re.fullmatch(r"\+84\d{9}", digits):
        found.append(["0" + digits[3:]])
    elif digits.isdigit() and len(words) > 1:
        found.append([digits])
    if re.fullmatch(r"\d{10}", digits):
        found.append([digits[:6], digits[6:]])
    return found, code is not None


def _match(search: str) -> str | None:
    """A search as the index takes it; None for no search, "" for one that nothing can match."""
    if not search.strip():
        return None
    found, whole = _alternatives(search)
    end = "" if whole else "*"
    return " OR ".join("(" + " AND ".join(f'"{w}"{end}' for w in words) + ")" for words in found)


def _like(words: list[str], whole: bool, values: dict[str, Any]) -> str:
    parts = []
    for word in words:
        name = f"w{len(values)}"
        values[name] = f"% {word} %" if whole else f"% {word}%"
        parts.append(f"d.words || ' ' LIKE :{name}")
    return f"({' AND '.join(parts)})"


# One dossier


def latest(store: Store, dossier_id: str) -> int:
    """Hybrid time of the newest event of a dossier, 0 for an unknown one."""
    return int(store.value("SELECT coalesce(max(latest), 0) FROM dossiers WHERE id = ?", dossier_id))


def get(store: Store, dossier_id: str) -> dict[str, Any] | None:
    """The whole fold with ``delivery`` and civil times in the history, or None."""
    rows = store.rows(f"SELECT f.fold, {_DELIVERY} FROM dossiers d JOIN folds f USING (rowid) WHERE d.id = ?", dossier_id)
    if not rows:
        return None
    return shown(parsed(rows[0][0])) | {"delivery": rows[0][1]}


def of_person(store: Store, number: str, limit: int = 10) -> list[dict[str, Any]]:
    """The folds of the newest dossiers whose applicant has this personal number, newest first."""
    rows = store.rows(
        "SELECT f.fold FROM dossiers d JOIN folds f USING (rowid) WHERE d.personal_id = ? ORDER BY d.received_at DESC LIMIT ?",
        number,
        limit,
    )
    return [parsed(r[0]) for r in rows]


def alike(store: Store, number: str, procedure: str, besides: str, since: str) -> list[dict[str, Any]]:
    """Dossiers of one person for one procedure that are open, or were received after ``since`` (ISO), newest first."""
    rows = store.rows(
        "SELECT id, code, stage, received_at FROM dossiers WHERE personal_id = ? AND procedure = ? AND id <> ?"
        " AND stage NOT IN ('annulled', 'unknown') AND (ended = '' OR received_at >= ?) ORDER BY rowid DESC LIMIT 5",
        number,
        procedure,
        besides,
        since,
    )
    return [dict(zip(("id", "code", "stage", "received_at"), r, strict=True)) for r in rows]


def own_open(store: Store, counter: str) -> Iterator[dict[str, Any]]:
    """The folds of dossiers that this counter received and whose clock runs."""
    rows = store.rows(f"SELECT f.fold FROM dossiers d JOIN folds f USING (rowid) WHERE {_RUNS} AND d.counter = ?", counter)
    return (parsed(r[0]) for r in rows)


def not_entered(store: Store, counter: str, procedures: Iterable[str] | None, since: str) -> list[dict[str, Any]]:
    """Rows of dossiers that this counter received and no other system has: open ones, and those that ended with a result but
    were received on ``since`` (ISO day) or after; oldest first. ``procedures``: only of these, None for any."""
    chosen = [] if procedures is None else sorted(procedures)
    of = "" if procedures is None else f" AND procedure IN ({', '.join('?' * len(chosen))})"
    sql = f"SELECT {', '.join(_NOT_ENTERED)} FROM dossiers WHERE verdict IS NULL AND counter = ?{of}"
    rows = store.rows(f"{sql} AND stage IN ({_STAGES_OPEN})", counter, *chosen)
    # "+" keeps the planner from walking all that was ever returned
    rows += store.rows(f"{sql} AND received_at >= ? AND +stage IN ('finished', 'returned')", counter, *chosen, since)
    found = [dict(zip(_NOT_ENTERED, row, strict=True)) for row in rows]
    return sorted(found, key=lambda r: str(r["received_at"]))


_NOT_ENTERED = "id code full_name procedure version procedure_name stage received_at return_at".split()
_STAGES_OPEN = ", ".join(repr(s.value) for s in sorted(OPEN))


def shown(folded: dict[str, Any]) -> dict[str, Any]:
    """A fold as people and harnesses read it: times of the history as ISO, the applicant's name on top."""
    history = [row | {"at": moment(row["at"]).isoformat(timespec="milliseconds")} for row in folded["history"]]
    return folded | {"history": history, "full_name": folded["applicant"].get("full_name")}


# Counts


def counts(store: Store) -> dict[str, int]:
    """Dossiers by delivery: ``{"kept": n, "received": n, "accepted": n, "refused": n}``."""
    total = int(store.value("SELECT count(*) FROM dossiers"))
    refused = int(store.value("SELECT count(*) FROM dossiers WHERE refused = 1"))
    accepted = int(store.value("SELECT count(*) FROM dossiers WHERE verdict = 'accepted'"))
    waiting_ = store.rows(f"SELECT d.refused, d.verdict FROM dossiers d WHERE d.id IN ({_WAITING})")
    kept = sum(1 for r, _v in waiting_ if not r)
    accepted -= sum(1 for r, v in waiting_ if not r and v == "accepted")
    return {"kept": kept, "received": total - kept - accepted - refused, "accepted": accepted, "refused": refused}


def waiting(store: Store) -> list[dict[str, Any]]:
    """Dossiers with own events the gateway has not got, oldest first."""
    rows = store.rows(
        "SELECT d.id, d.code, d.full_name, d.procedure, d.received_at, d.latest FROM dossiers d"
        f" WHERE d.id IN ({_WAITING}) ORDER BY d.latest"
    )
    return [_brief(row) for row in rows]


def brief(store: Store, dossier: str) -> dict[str, Any] | None:
    """A dossier as :func:`waiting` tells of it."""
    rows = store.rows("SELECT id, code, full_name, procedure, received_at, latest FROM dossiers WHERE id = ?", dossier)
    return _brief(rows[0]) if rows else None


def _brief(row: tuple[Any, ...]) -> dict[str, Any]:
    keys = ("id", "code", "full_name", "procedure", "received_at")
    return dict(zip(keys, row[:-1], strict=True)) | {"kept_at": moment(row[-1]).isoformat()}


def unsent(store: Store) -> frozenset[str]:
    """Ids of dossiers with own events that the gateway has not got."""
    return frozenset(str(r[0]) for r in store.rows(_WAITING))
