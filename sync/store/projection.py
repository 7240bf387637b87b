"""The projection: what lists, search and reports read of a dossier, made from its fold; rebuilt at any time."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from forms.dossier import FOLD, Dossier, fold
from forms.names import fold as fold_text
from forms.numbering import numbered_by
from forms.report import Movement
from forms.stages import ENDED, OPEN, Stage
from forms.working_days import VIETNAM, parse_moment
from sync.events import Event, canonical, moment
from sync.store import log
from sync.store.opening import Store

_STEP = 20
_ENDS = frozenset(s.value for s in ENDED)


def project(store: Store, dossier_id: str) -> Dossier:
    """Fold the dossier anew and write its rows; inside ``write``. One whose events nobody can read stands there all the same,
    marked for review: no event of another counter may stop a store from hearing the others, or from opening."""
    events = log.of_dossier(store, dossier_id)
    if not events:
        return _gone(store, dossier_id)
    try:
        dossier = fold(dossier_id, events)
        values, moves, whole = _columns(dossier), movements_of(dossier, events), canonical(dossier.as_json())
    except _UNREADABLE as error:
        dossier = Dossier(dossier_id, review=[{"act": "", "why": "unreadable", "event": type(error).__name__, "against": []}])
        values, moves, whole = _columns(dossier), [], canonical(dossier.as_json())
    values |= {"latest": max((e.at for e in events), default=0), "words": _words(dossier)}
    rowid = _put(store, values)
    store.db.execute("INSERT INTO dossier_words(rowid, words) VALUES (?, ?)", (rowid, values["words"]))
    store.db.execute("INSERT INTO folds(rowid, fold) VALUES (?, ?)", (rowid, whole.decode()))
    store.db.conn.executemany("INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(rowid, *m) for m in _rows(moves)])
    return dossier


_UNREADABLE = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)
_Moved = tuple[Movement, Event]


def _rows(moves: list[_Moved]) -> list[tuple[Any, ...]]:
    return [(m.at, m.kind, m.method, m.amount, m.operator, m.counter, e.epoch, e.number) for m, e in moves]


def _put(store: Store, values: dict[str, Any]) -> int:
    """The narrow row; its place, cleared of what stood beside it."""
    known = store.db.execute("SELECT rowid FROM dossiers WHERE id = ?", (values["id"],)).fetchone()
    if known is None:
        marks = ", ".join("?" * len(values))
        made = store.db.execute(f"INSERT INTO dossiers({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        return int(made.lastrowid or 0)
    rowid = int(known[0])
    sets = ", ".join(f"{n} = ?" for n in values)
    store.db.execute(f"UPDATE dossiers SET {sets} WHERE rowid = ?", (*values.values(), rowid))
    _clear(store, rowid)
    return rowid


def _clear(store: Store, rowid: int) -> None:
    for statement in ("dossier_words WHERE rowid", "folds WHERE rowid", "movements WHERE dossier"):
        store.db.execute(f"DELETE FROM {statement} = ?", (rowid,))


def _gone(store: Store, dossier_id: str) -> Dossier:
    """A dossier of which nothing is said any more: its events went aside."""
    for (rowid,) in store.rows("SELECT rowid FROM dossiers WHERE id = ?", dossier_id):
        _clear(store, rowid)
        store.db.execute("DELETE FROM dossiers WHERE rowid = ?", (rowid,))
    return Dossier(dossier_id)


def refold(store: Store) -> int:
    """Fold every dossier anew when the program folds otherwise than the one that wrote the rows; how many. In steps, so that
    no transaction is long; a step that is cut off is done again."""
    if store.meta("fold", 1) == FOLD:
        return 0
    ids = [str(r[0]) for r in store.rows("SELECT dossier FROM events WHERE dossier <> '' GROUP BY dossier ORDER BY min(at)")]
    for first in range(0, len(ids), _STEP):
        with store.write():
            for dossier_id in ids[first : first + _STEP]:
                project(store, dossier_id)
    with store.write():
        store.set_meta(fold=FOLD)
    return len(ids)


def problems(store: Store, step: Callable[[], None] = lambda: None) -> list[str]:
    """Rows that differ from a re-fold of their events, dossiers without a row, rows without events; money, words and folds that
    belong to no dossier."""
    found = []
    rows = dict(store.rows("SELECT d.id, f.fold FROM dossiers d LEFT JOIN folds f USING (rowid)"))
    ids = {str(r[0]) for r in store.rows("SELECT DISTINCT dossier FROM events WHERE dossier <> ''")}
    found += [f"no row for dossier {i}" for i in sorted(ids - rows.keys())]
    found += [f"row without events {i}" for i in sorted(rows.keys() - ids)]
    for i in sorted(ids & rows.keys()):
        step()
        if not _as_folded(store, i, rows[i]):
            found.append(f"projection differs for dossier {i}")
    for table, place in (("folds", "rowid"), ("movements", "dossier"), ("dossier_words_docsize", "id")):
        sql = f"SELECT count(*) FROM {table} WHERE {place} NOT IN (SELECT rowid FROM dossiers)"
        if store.value(sql):
            found.append(f"{table} of no dossier")
    return found


def _as_folded(store: Store, dossier_id: str, folded: str | None) -> bool:
    """Whether everything that stands of a dossier is what its events say."""
    events = log.of_dossier(store, dossier_id)
    try:
        again = fold(dossier_id, events)
        whole, moves = canonical(again.as_json()).decode(), _rows(movements_of(again, events))
    except _UNREADABLE:
        return False
    values = _columns(again) | {"latest": max((e.at for e in events), default=0), "words": _words(again)}
    rowid, *row = store.rows(f"SELECT rowid, {', '.join(values)} FROM dossiers WHERE id = ?", dossier_id)[0]
    kept = store.rows("SELECT at, kind, method, amount, operator, counter, epoch, number FROM movements WHERE dossier = ?", rowid)
    words = values["words"].split()
    match = " AND ".join(f'"{w}"' for w in words[-20:])
    indexed = not words or bool(store.rows("SELECT 1 FROM dossier_words WHERE dossier_words MATCH ? AND rowid = ?", match, rowid))
    return folded == whole and row == list(values.values()) and sorted(kept) == sorted(moves) and indexed


def movements_of(dossier: Dossier, events: list[Event]) -> list[_Moved]:
    """The money that moved with this dossier, each with its event. What a clerk decided not to count did not move; a transfer
    that never came and was paid in cash neither. Money taken twice was taken twice, until it is given back."""
    if dossier.erased is not None:
        return _left(dossier, events)
    found: list[_Moved] = []
    awaited: _Moved | None = None
    for event, row in zip(sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)), dossier.history, strict=True):
        moved = _movement(dossier, event)
        if moved is None or row.get("overruled") or row.get("again"):
            continue
        one = (moved, event)
        if not row.get("marked") and awaited and moved.kind == "taken" and moved.method == "cash":
            found.remove(awaited)
            awaited = None
        elif not row.get("marked") and moved.kind in ("taken", "reconciled"):
            awaited = one if (moved.kind, moved.method) == ("taken", "transfer") else None
        found.append(one)
    return found


def money_of(store: Store, dossier_id: str) -> list[list[Any]]:
    """The money of one dossier as an erasure keeps it: ``[at, kind, method, amount, operator, counter, epoch, number]``."""
    rows = store.rows(f"SELECT {_MONEY} FROM movements m JOIN dossiers d ON d.rowid = m.dossier WHERE d.id = ?", dossier_id)
    return [list(row) for row in rows]


_MONEY = "m.at, m.kind, m.method, m.amount, m.operator, m.counter, m.epoch, m.number"


def _left(dossier: Dossier, events: list[Event]) -> list[_Moved]:
    """What an erasure tells of the money: the cash book stays right when nobody's name is in it any more."""
    body = next((e.body or {} for e in sorted(events, key=lambda e: (e.at, e.counter)) if not e.dossier), {})
    places = {(e.counter, e.epoch, e.number): e for e in events}
    found: list[_Moved] = []
    for row in body.get("money") or []:
        at, kind, method, amount, operator, *place = row
        if tuple(place) in places and civil(at) and isinstance(amount, int) and 0 < amount < 10**15:
            event = places[place[0], place[1], place[2]]
            moved = Movement(at, str(kind), str(method), amount, str(operator), event.counter, dossier.id, dossier.code or "", "")
            found.append((moved, event))
    return found


def _movement(dossier: Dossier, event: Event) -> Movement | None:
    body = event.body if isinstance(event.body, dict) else {}
    kind = {"paid": "taken", "refunded": "returned", "reconciled": "reconciled"}.get(event.name, "")
    if event.name == "received":
        given = body.get("payment")
        body = given if isinstance(given, dict) else {}
        kind = "taken" if body.get("state") in ("cash", "transfer") else ""
    amount, method = body.get("amount"), str(body.get("method") or ("transfer" if event.name == "reconciled" else "cash"))
    if not kind or not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < 10**15:
        return None
    at = civil(str(body.get("at") or "")) or moment(event.at).isoformat()
    who = (event.operator, event.counter, dossier.id, dossier.code or "")
    return Movement(
        at,
        kind,
        method if method in ("cash", "transfer") else "cash",
        amount,
        *who,
        str(dossier.applicant.get("full_name") or ""),
    )


def civil(value: str | None) -> str | None:
    """A moment as ISO in Vietnam time, so that text order is time order; None for what is no moment."""
    try:
        found: datetime | None = parse_moment(value or "")
        return found.astimezone(VIETNAM).isoformat() if found else None
    except OverflowError:  # the first and the last days of all
        return None


def _columns(d: Dossier) -> dict[str, Any]:
    ended = d.stage.value if d.stage.value in _ENDS else ""
    by, competent = d.received_by or {}, d.competent or {}
    return {
        "id": d.id,
        "code": d.code,
        "official_code": d.official_code,
        "numbered": numbered_by(vars(d)) if d.stage in OPEN or d.stage is Stage.FINISHED else None,
        "procedure": _text(d.procedure.get("code")),
        "version": _text(d.procedure.get("version")),
        "procedure_name": _text(d.procedure.get("name")),
        **_persons(d.applicant),
        "stage": d.stage.value,
        "verdict": d.verdict,
        "refused": int(d.refusal is not None),
        "review": int(bool(d.review)),
        "channel": d.channel,
        "counter": _text(by.get("counter")),
        "operator": _text(by.get("operator")),
        "competent": _text(competent.get("name")) or _text(d.procedure.get("decides")),
        "payment": _text(d.payment.get("state")),
        "result": _text(d.result.get("state")),
        "filed_at": civil(d.filed_at),
        "received_at": civil(d.received_at),
        "return_at": civil(d.return_at),
        "finished_at": civil(d.finished_at),
        "ended": "finished" if ended == Stage.RETURNED.value else ended,
        "returned_at": civil(d.returned_at),
        "pauses": json.dumps([[civil(a), civil(b)] for a, b in d.pauses]) if d.pauses else None,
        "supplements": d.supplements,
        "register": d.register,
        "seen_at": civil(d.received_at) or civil(d.filed_at) or (moment(d.history[0]["at"]).isoformat() if d.history else ""),
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _numbers(person: dict[str, Any]) -> tuple[str | None, str | None]:
    """Personal number, and the number of another paper."""
    other = person.get("other_id")
    return _text(person.get("personal_id")), _text(other.get("number")) if isinstance(other, dict) else None


def _persons(applicant: dict[str, Any]) -> dict[str, Any]:
    """The columns of the owner, and of who filed for them."""
    personal, number = _numbers(applicant)
    owner, name = _known_by(applicant)
    submitter, submitter_name = _known_by(applicant.get("representative"))
    return {
        "full_name": name,
        "personal_id": personal or number,
        "phone": re.sub(r"\D", "", _text(applicant.get("phone")) or "") or None,
        "owner": owner,
        "submitter": submitter,
        "submitter_name": submitter_name,
    }


def _known_by(person: Any) -> tuple[str | None, str | None]:
    """A key that tells the same person again, and the name."""
    if not isinstance(person, dict):
        return None, None
    personal, number = _numbers(person)
    name = _text(person.get("full_name"))
    return personal or number or fold_text(name or "") or None, name


def _words(dossier: Dossier) -> str:
    """All that a dossier may be looked for by: names, procedure, codes without the unit they share, numbers, phone."""
    answers, who = dossier.answers, dossier.applicant
    found: list[Any] = [who.get("full_name"), dossier.procedure.get("name"), dossier.procedure.get("code")]
    found += [answers.get(k) for k in ("child_name", "subject_name", "document_name")]
    persons = [p for p in (*answers.values(), who.get("representative"), dossier.authorised) if isinstance(p, dict)]
    found += [p.get("full_name") for p in persons]
    found += [_tail(c) for c in (dossier.code, dossier.official_code, *dossier.other_codes) if c]
    found += [n for p in (who, *persons) for n in _numbers(p)]
    found.append(re.sub(r"\D", "", str(who.get("phone") or "")))
    return " " + " ".join(re.findall(r"[^\W_]+", fold_text(" ".join(str(w) for w in found if w))))


def _tail(code: str) -> str:
    """A code without its unit: ``H38.27.09-261123-0001`` -> ``261123-0001``; a number of another shape, which a clerk has
    brought from elsewhere, whole."""
    unit, _dash, rest = code.partition("-")
    return rest if rest and _UNIT.fullmatch(unit) else code


_UNIT = re.compile(r"[A-Za-z]\d{2}(?:\.\d{2})*")
