"""The audit (nhật ký): what operators saw, printed and took out, beside what they did, which is the event log itself."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from forms.working_days import VIETNAM, parse_moment
from sync import clock
from sync.counter import Changes, Counter
from sync.events import ANCHORED, moment
from sync.store import audit, log
from sync.store.audit import Asked, Place

AGAIN = timedelta(minutes=5)
"""The same thing done again so soon by the same person is no news."""
_DAILY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SEVERAL = 20


def note(counter: Counter, operator: str, did: str, dossier: str = "", about: str = "") -> Changes:
    """A row of the audit. ``did``: one of ``audit.DID``; ``about`` names no person."""
    with counter.store.write():
        audit.append(counter.store, operator, did, counter.clock(), dossier, about)
        _anchor_daily(counter)
    return Changes()


def note_once(counter: Counter, operator: str, did: str, dossier: str = "", about: str = "") -> Changes:
    """As :func:`note`, unless the same stands there of the last minutes: a screen reads one dossier many times."""
    now = counter.clock()
    if not audit.done_since(counter.store, operator, did, dossier, about, (now - AGAIN, now)):
        note(counter, operator, did, dossier, about)
    return Changes()


def entered(counter: Counter, operator: str, refused: dict[str, int]) -> None:
    """An operator has signed in. ``refused``: wrong secrets until then (``vault.refusals``); the store was closed when they were
    typed, so they are noted now, as many as have come since."""
    store = counter.store
    with store.write():
        known: dict[str, int] = store.meta("refused", {})
        for who, number in sorted(refused.items()):
            told = known.get(who, 0)
            fresh = number - told if number >= told else number  # fewer: that operator came in meanwhile
            if fresh:
                audit.append(store, who, "sign_in_refused", counter.clock(), about=str(fresh))
        store.set_meta(refused={who: number for who, number in refused.items() if who != operator})
        audit.append(store, operator, "signed_in", counter.clock())
        _anchor_daily(counter)


def left(counter: Counter, operator: str, did: str) -> None:
    """The window was ``locked`` or closed (``signed_out``): what was seen until now is anchored, while the window locks itself
    again and again at most once an hour: every counter of the commune keeps the anchors of all."""
    store, now = counter.store, counter.clock()
    with store.write():
        audit.append(store, operator, did, now)
        last = audit.row(store, int(store.meta("audit_anchored", 0)))
        at = parse_moment(last.at) if last else None
        if did != "locked" or at is None or not timedelta() <= now - at < _HOUR:
            _anchor(counter)


def _anchor_daily(counter: Counter) -> None:
    """Once the oldest row without an anchor is a day old. Never at once: who only reads makes nothing that waits to be sent."""
    store = counter.store
    oldest = audit.row(store, int(store.meta("audit_anchored", 0)) + 1)
    since = parse_moment(oldest.at) if oldest else None
    if since and counter.clock() - since > _DAILY:
        _anchor(counter)


def _anchor(counter: Counter) -> None:
    """The head into the event log, once for each; inside ``write``. The machine does it, whoever is at work."""
    head = audit.head(counter.store)
    if head.n > int(counter.store.meta("audit_anchored", 0)):
        counter.act("", ANCHORED, "", {"n": head.n, "head": head.hash})
        counter.store.set_meta(audit_anchored=head.n)


# Reading


def day_span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first moment of one day to the last of another, Vietnam time."""
    return datetime.combine(first, time.min, VIETNAM), datetime.combine(last, time.max, VIETNAM)


def asked(counter: Counter, wanted: Asked, code: str = "") -> Asked:
    """The same, of the dossiers that ``code`` names: a code, the end of one, an id; "" for all."""
    if not code.strip():
        return wanted
    found = {str(r["id"]) for r in counter.dossiers(code.strip())[:_SEVERAL]} | {code.strip()}
    return replace(wanted, dossiers=tuple(sorted(found)))


def look(counter: Counter, operator: str, wanted: Asked) -> Changes:
    """Somebody is about to read: noted itself. :raises Problem: ``not_allowed``, as ``Roster.check``."""
    counter.roster.check(operator, "audit_read")
    return note_once(counter, operator, "audit_read", about=_looked_for(wanted))


def page(counter: Counter, operator: str, wanted: Asked, place: Place = (0, 0)) -> tuple[list[dict[str, Any]], Place]:
    """The next acts and rows, newest first (``audit.page``). :raises Problem: ``not_allowed``, as ``Roster.check``."""
    counter.roster.check(operator, "audit_read")
    return audit.page(counter.store, wanted, place)


def _looked_for(wanted: Asked) -> str:
    """What the reader looked for, without a person: days and kinds."""
    days = f"{wanted.first.date().isoformat()}/{wanted.last.date().isoformat()}"
    return " ".join((days, *wanted.kinds[:1], *(["…"] if len(wanted.kinds) > 1 else [])))


def state(counter: Counter) -> dict[str, Any]:
    """``{rows, whole, broken, until, anchored}``: how many rows, whether the chain and its anchors hold, the first trouble (""
    for none), the moment of the last row, and of the last anchor that the gateway has acknowledged (ISO, None for none)."""
    store = counter.store
    with store.snapshot():
        head, trouble = audit.head(store), audit.problems(store)
        acked = {epoch: number for _, epoch, number in log.own_logs(store)}
        there = [e for e in audit.anchors(store) if e.number <= acked.get(e.epoch, 0)]
    anchored = moment(there[-1].at).isoformat(timespec="seconds") if there else None
    return {"rows": head.n, "whole": not trouble, "broken": "".join(trouble[:1]), "until": head.at or None, "anchored": anchored}


def seen_by(counter: Counter, dossier_id: str) -> list[dict[str, Any]]:
    """Who saw, printed and took out a dossier, and who did something with it: ``[{at, did, operator, about}]``, in order."""
    rows = [
        {"at": r.at, "did": r.did, "operator": r.operator, "about": r.about} for r in audit.of_dossier(counter.store, dossier_id)
    ]
    acts = clock.told(counter.store, counter.dossier(dossier_id))["history"]
    rows += [{"at": a["at"], "did": a["event"], "operator": a["operator"], "about": ""} for a in acts]
    return sorted(rows, key=lambda r: str(r["at"]))
