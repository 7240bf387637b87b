"""What this machine remembers beside the log: contacts with the gateway, tasks for a person."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from forms.numbering import numbered_by
from forms.possible import conflict
from sync.events import moment
from sync.store import audit, ballast, dossiers
from sync.store.opening import Store, parsed

_FULL = "disk_nearly_full"
_MOST = 50
"""Tasks of one kind that are listed; the rest comes up as these are done."""
_SHOWN = 6
_CONTACTS = timedelta(days=35)  # five weeks of attempts are kept


def add_contact(store: Store, now: datetime, sent: int, heard: int, problem: str | None = None) -> None:
    """One attempt to reach the gateway; inside ``write``. ``ok`` only for an answer signed over our nonce."""
    store.db.execute("DELETE FROM contacts WHERE at < ?", ((now - _CONTACTS).isoformat(),))
    store.db.execute("INSERT INTO contacts VALUES (?, ?, ?, ?, ?)", (now.isoformat(), int(problem is None), sent, heard, problem))
    if problem is None:
        store.set_meta(last_contact=now.isoformat())


def contacts(store: Store, now: datetime, days: int) -> list[dict[str, Any]]:
    """``[{at, ok, sent, heard, problem}]`` of the last ``days``, oldest first."""
    since = (now - timedelta(days=days)).isoformat()
    rows = store.rows("SELECT at, ok, sent, heard, problem FROM contacts WHERE at >= ? ORDER BY at", since)
    return [{"at": a, "ok": bool(o), "sent": s, "heard": h, "problem": p} for a, o, s, h, p in rows]


def add_task(store: Store, kind: str, now: datetime, **details: Any) -> None:
    """Something a person must know or do; inside ``write``. The same open task is not raised twice."""
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    same = "SELECT 1 FROM tasks WHERE kind = ? AND details = ? AND settled = 0"
    if not store.db.execute(same, (kind, text)).fetchone():
        store.db.execute("INSERT INTO tasks(kind, at, details, settled) VALUES (?, ?, ?, 0)", (kind, now.isoformat(), text))


def tasks(store: Store, now: datetime, waiting: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """What needs a person now, most urgent first: refusals of the receiving system, acts of counters that were apart, dates
    that are due, dossiers that wait for reception, receipts to be printed anew with the official number, and what else waits;
    then what the machine reports."""
    found = [_refusal(i, f) for i, f in _folds(store, "refused = 1")]
    found += [_review(i, f) for i, f in _folds(store, "review = 1")]
    for chip in ("late", "due"):
        rows = dossiers.find(store, dossiers.Wanted(chip=chip), now, limit=_SHOWN)
        if rows:
            told = {"n": dossiers.chip_counts(store, now, chip)[chip], "rows": rows}
            found.append({"id": chip, "kind": chip, "dossier": None, "at": now.isoformat(), "details": told})
    found += [_filed(i, f) for i, f in _folds(store, "stage = 'filed'")]
    found += [_numbered(i, f) for i, f in _folds(store, TO_PRINT_ANEW, store.meta("counter"))]
    return [*found, *waiting, *reports(store)]


def reports(store: Store) -> list[dict[str, Any]]:
    """What the machine itself reports, newest first."""
    rows = store.rows("SELECT id, kind, at, details FROM tasks WHERE settled = 0 ORDER BY id DESC")
    if ballast.missing(store.file.parent):
        rows.insert(0, (_FULL, _FULL, "", "{}"))  # true as long as it is so; nobody can settle it away
    return [{"id": i, "kind": k, "dossier": None, "at": a, "details": parsed(d)} for i, k, a, d in rows]


TO_PRINT_ANEW = (
    "numbered IS NOT NULL AND counter = ? AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.dossier = dossiers.id AND"
    f" (a.did = 'printed' AND a.about = 'receipt@' || numbered OR a.did = '{audit.TOLD}' AND a.about = official_code))"
)
"""Received here under a temporary number, and neither was a receipt printed that bears the official one nor was it told."""


def _folds(store: Store, condition: str, *values: Any) -> list[tuple[str, dict[str, Any]]]:
    sql = f"SELECT id, fold FROM dossiers JOIN folds USING (rowid) WHERE {condition} ORDER BY latest DESC LIMIT {_MOST}"
    return [(str(i), parsed(f)) for i, f in store.rows(sql, *values)]


def settle(store: Store, task_id: int) -> None:
    """A person has dealt with it; inside ``write``."""
    store.db.execute("UPDATE tasks SET settled = 1 WHERE id = ?", (task_id,))


def settle_kind(store: Store, *kinds: str) -> None:
    """What the machine had reported is over by itself; inside ``write``."""
    for kind in kinds:
        store.db.execute("UPDATE tasks SET settled = 1 WHERE kind = ? AND settled = 0", (kind,))


def _refusal(dossier: str, folded: dict[str, Any]) -> dict[str, Any]:
    row = next(r for r in reversed(folded["history"]) if r["event"] == "refused")
    return _task("refused", dossier, folded, row["at"], folded["refusal"] | {"system": row["body"].get("system")})


def _review(dossier: str, folded: dict[str, Any]) -> dict[str, Any]:
    return _task("review", dossier, folded, folded["review"][0]["at"], conflict(folded) or {})


def _filed(dossier: str, folded: dict[str, Any]) -> dict[str, Any]:
    return _task("filed", dossier, folded, folded["history"][0]["at"], {"filed_at": folded["filed_at"]})


def _numbered(dossier: str, folded: dict[str, Any]) -> dict[str, Any]:
    act = numbered_by(folded)
    row = next(r for r in folded["history"] if r["act"] == act)
    more = {"number": folded["official_code"], "act": act, "system": row["body"].get("system")}
    return _task("numbered", dossier, folded, row["at"], more)


def _task(kind: str, dossier: str, folded: dict[str, Any], at: int, more: dict[str, Any]) -> dict[str, Any]:
    details = more | {
        "code": folded["code"],
        "full_name": folded["applicant"].get("full_name"),
        "procedure": folded["procedure"].get("name"),
        "phone": folded["applicant"].get("phone"),
    }
    return {"id": f"{kind}/{dossier}", "kind": kind, "dossier": dossier, "at": moment(at).isoformat(), "details": details}
