"""What this machine remembers beside the log: contacts with the gateway, tasks for a person, prints."""

import json
from datetime import datetime, timedelta
from typing import Any

from sync.events import moment
from sync.store.opening import Store


def add_contact(store: Store, now: datetime, sent: int, heard: int, problem: str | None = None) -> None:
    """One attempt to reach the gateway; inside ``write``. ``ok`` only for an answer signed over our nonce."""
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


def tasks(store: Store) -> list[dict[str, Any]]:
    """Open tasks, newest first; refusals of the national system first, taken from the projection."""
    refused = store.rows("SELECT id, fold FROM dossiers WHERE refused = 1 ORDER BY latest DESC")
    found = [_refusal(i, json.loads(f)) for i, f in refused]
    rows = store.rows("SELECT id, kind, at, details FROM tasks WHERE settled = 0 ORDER BY id DESC")
    return found + [{"id": i, "kind": k, "dossier": None, "at": a, "details": json.loads(d)} for i, k, a, d in rows]


def settle(store: Store, task_id: int) -> None:
    """A person has dealt with it; inside ``write``."""
    store.db.execute("UPDATE tasks SET settled = 1 WHERE id = ?", (task_id,))


def log_print(store: Store, dossier: str, paper: str, operator: str, now: datetime) -> None:
    """A paper went to the printer; inside ``write``."""
    store.db.execute("INSERT INTO prints VALUES (?, ?, ?, ?)", (dossier, paper, now.isoformat(), operator))


def printed(store: Store, dossier: str, paper: str) -> int:
    """How often a paper of a dossier was printed."""
    return int(store.value("SELECT count(*) FROM prints WHERE dossier = ? AND paper = ?", dossier, paper))


def _refusal(dossier: str, folded: dict[str, Any]) -> dict[str, Any]:
    row = next(r for r in reversed(folded["history"]) if r["event"] == "refused")
    details = folded["refusal"] | {
        "code": folded["code"],
        "full_name": folded["applicant"].get("full_name"),
        "procedure": folded["procedure"].get("name"),
        "phone": folded["applicant"].get("phone"),
    }
    at = moment(row["at"]).isoformat()
    return {"id": f"refused/{dossier}", "kind": "refused", "dossier": dossier, "at": at, "details": details}
