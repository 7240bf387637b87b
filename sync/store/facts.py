"""What reports read: narrow rows, money, the register; streamed, so that a long one can be counted and cancelled."""

from collections.abc import Callable, Iterator
from typing import Any

from forms.report import Fact, Movement
from sync.store import dossiers
from sync.store.opening import Store, parsed

_COLUMNS = (
    "id, code, procedure, procedure_name, channel, stage, ended, received_at, return_at, finished_at, returned_at, pauses,"
    " supplements, counter, operator, competent, owner, full_name, submitter, submitter_name, phone, refused, verdict"
)
_DAY_AFTER = "\U0010ffff"  # any moment of a day stands before the day's text with this behind it


def count(store: Store, first: str, last: str) -> int:
    """How many ``facts`` there are at most: received up to the last day."""
    return int(store.value("SELECT count(*) FROM dossiers WHERE received_at <= ?", last + _DAY_AFTER))


def facts(store: Store, first: str, last: str, field_of: Callable[[str, str], str]) -> Iterator[Fact]:
    """Dossiers received up to the last day that were still open, or ended, on the first day or later. Days ISO, both counted.
    ``field_of(procedure, name)``: the field of administration."""
    waiting = dossiers.unsent(store)
    rows = store.each(
        f"SELECT {_COLUMNS} FROM dossiers WHERE +received_at <= ?"
        " AND (finished_at IS NULL OR finished_at >= ? OR returned_at >= ?)",
        last + _DAY_AFTER,
        first,
        first,
    )
    fields: dict[str, str] = {}
    for r in rows:
        (key, code, procedure, name, channel, stage, ended, received, due, finished, returned, pauses, supplements) = r[:13]
        (counter, operator, competent, owner, owner_name, submitter, submitter_name, phone, refused, verdict) = r[13:]
        field = fields.get(procedure or "")
        if field is None:
            field = fields[procedure or ""] = field_of(procedure or "", name or "")
        delivery = "refused" if refused else "kept" if key in waiting else "accepted" if verdict == "accepted" else "received"
        yield Fact(
            key, code or "", procedure or "", name or procedure or "", field, channel, stage, ended, received, due, finished,
            returned, tuple((a, b) for a, b in parsed(pauses)) if pauses else (), supplements, counter or "", operator or "",
            competent or "", delivery, owner or "", owner_name or "", submitter or "", submitter_name or "", phone or "",
        )  # fmt: skip


def movements(store: Store, first: str, last: str) -> Iterator[Movement]:
    """Money that moved from the first to the last moment or day (ISO, both counted), in order."""
    rows = store.each(
        "SELECT m.at, m.kind, m.method, m.amount, m.operator, m.counter, d.id, d.code, d.full_name FROM movements m"
        " JOIN dossiers d ON d.rowid = m.dossier WHERE m.at >= ? AND m.at <= ? ORDER BY m.at",
        first,
        last + _DAY_AFTER,
    )
    return (
        Movement(at, kind, how, n, who, place, d, code or "", name or "") for at, kind, how, n, who, place, d, code, name in rows
    )


def received_between(store: Store, first: str, last: str) -> Iterator[dict[str, Any]]:
    """The folds of dossiers received in these days, in the order of the register of each counter."""
    rows = store.each(
        "SELECT f.fold FROM dossiers d JOIN folds f USING (rowid) WHERE d.received_at >= ? AND d.received_at <= ?"
        " AND d.register IS NOT NULL ORDER BY substr(d.received_at, 1, 4), d.counter, d.register",
        first,
        last + _DAY_AFTER,
    )
    return (parsed(r[0]) for r in rows)


def last_closed(store: Store, counter: str, operator: str) -> str | None:
    """When an operator's drawer was last closed here (ISO), None for never."""
    rows = store.rows(
        "SELECT body FROM events WHERE dossier = '' AND name = 'cash_closed' AND counter = ? AND operator = ? ORDER BY at DESC"
        " LIMIT 1",
        counter,
        operator,
    )
    return str(parsed(rows[0][0])["at"]) if rows and rows[0][0] else None


def in_drawer(store: Store, counter: str, operator: str) -> list[tuple[str, str, int]]:
    """``(kind, method, amount)`` of what an operator took and gave back since their last ``cash_closed``, by its place in the
    counter's logs."""
    closed = store.rows(
        "SELECT l.started, e.number FROM events e JOIN logs l USING (counter, epoch) WHERE e.dossier = ''"
        " AND e.name = 'cash_closed' AND e.counter = ? AND e.operator = ? ORDER BY l.started DESC, e.number DESC LIMIT 1",
        counter,
        operator,
    )
    started, number = closed[0] if closed else (-1, 0)
    rows = store.rows(
        "SELECT m.kind, m.method, m.amount FROM movements m JOIN logs l ON l.counter = m.counter AND l.epoch = m.epoch"
        " WHERE m.counter = ? AND m.operator = ? AND (l.started > ? OR (l.started = ? AND m.number > ?))",
        counter,
        operator,
        started,
        started,
        number,
    )
    return [(str(k), str(m), int(a)) for k, m, a in rows]


def closings(store: Store, first: str, last: str) -> list[tuple[str, dict[str, Any]]]:
    """``(operator, body)`` of the drawers that were closed in these days, in order."""
    rows = store.rows(
        "SELECT operator, body FROM events WHERE dossier = '' AND name = 'cash_closed' AND body IS NOT NULL ORDER BY at"
    )
    found = [(str(o), parsed(b)) for o, b in rows]
    return [(o, b) for o, b in found if first <= str(b.get("at"))[:10] <= last]
