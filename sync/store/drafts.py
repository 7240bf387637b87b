"""Drafts: the only mutable rows. A draft belongs to an operator and lives until its dossier is received or dropped."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.store.opening import Store, parsed


@dataclass(frozen=True)
class Draft:
    """What the clerk had typed, and when it was last committed. ``content`` is the window's business."""

    id: str
    operator: str
    saved_at: datetime
    content: dict[str, Any]


def save(store: Store, draft_id: str, operator: str, content: dict[str, Any], now: datetime) -> None:
    """Keep a draft; inside ``write``."""
    text = json.dumps(content, ensure_ascii=False)
    store.db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (draft_id, operator, now.isoformat(), text))


def put_back(store: Store, draft_id: str, operator: str, saved_at: str, content: str) -> None:
    """A draft that was found again in a damaged store, as it stood there; inside ``write``."""
    store.db.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?)", (draft_id, operator, saved_at, content))


def drop(store: Store, draft_id: str) -> None:
    """Forget a draft; inside ``write``."""
    store.db.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))


def all_drafts(store: Store) -> list[Draft]:
    """Every draft, newest first."""
    rows = store.rows("SELECT id, operator, saved_at, content FROM drafts ORDER BY saved_at DESC")
    return [Draft(i, o, datetime.fromisoformat(s), parsed(c)) for i, o, s, c in rows]
