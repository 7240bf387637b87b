"""Who of a commune the gateway lets in: operators by its profile and the counters' own acts, and whom it has revoked.

A revoked counter is refused from its next request on; a revoked operator is named in the profile, so every counter closes
that person's slot at its next contact. Nothing that they did is touched. The command runs beside the server, which
notices it within a second.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.names import fold
from forms.people import REMOVED, SET, Person, fold_people
from forms.problem import Problem
from forms.roles import ENROLLED, FIRST
from sync.events import Event
from sync.gateway import schema as t

if TYPE_CHECKING:
    from sync.gateway.ledger import Ledger

Kind = Literal["counter", "operator"]
_NOTICED = 1.0
"""Seconds after which a revocation is known to a running server."""


def counters_of(db: sa.Connection, commune: str) -> list[dict[str, str]]:
    """The counters of a commune with the names people give them, in the order in which they came."""
    query = sa.select(t.counters.c.id).where(t.counters.c.commune == commune).order_by(sa.text("rowid"))
    return [{"id": str(c), "name": f"Quầy {n}"} for n, c in enumerate(db.scalars(query), 1)]


def people_of(db: sa.Connection, commune: str, profile: dict[str, Any]) -> dict[str, Person]:
    """Everybody whom the profile or a counter of the commune has let in, by id."""
    e, f = t.events.c, t.feeds.c
    source = sa.select(t.events).join(t.feeds, f.event == e.id)
    query = source.where(e.dossier == "", e.name.in_((SET, REMOVED)), f.commune == commune)
    return fold_people(profile | {"revoked": _read(db, "operator", commune)}, [_event(row) for row in db.execute(query)])


def admit(db: sa.Connection, commune: str, profile: dict[str, Any], name: str) -> dict[str, Any]:
    """Who enrols a counter: a person of this name who is let in already, or a new one in the profile, who looks after
    the machine; the first of a commune may do everything. ``{id, name, roles}``; in a writing transaction."""
    known = people_of(db, commune, profile)
    for person in known.values():
        if person.active and fold(person.name) == fold(name):
            return {"id": person.id, "name": person.name, "roles": list(person.roles)}
    operators = list(profile.get("operators", []))
    fresh = {"id": f"CB{len(operators) + 1:03d}", "name": name, "roles": list(ENROLLED if operators else FIRST)}
    profile["operators"] = [*operators, fresh]
    db.execute(sa.update(t.communes).where(t.communes.c.unit == commune).values(profile=profile))
    return fresh


# Revoked


def revoke(ledger: Ledger, kind: Kind, who: str, commune: str = "", *, undo: bool = False) -> str:
    """A counter, or an operator of a commune, is let in no more, or again; returns the commune.

    :raises Problem: ``counter_unknown``, ``commune_unknown``, ``operator_unknown``.
    """
    if kind == "counter":
        commune = ledger.counter(who)[1]
    else:
        profile = ledger.profile(commune)
        with ledger.engine.connect() as db:
            if who not in people_of(db, commune, profile):
                raise Problem("operator_unknown", operator=who)
    with ledger.writing() as db:
        if undo:
            r = t.revocations.c
            db.execute(sa.delete(t.revocations).where(r.commune == commune, r.kind == kind, r.id == who))
        else:
            put(db, commune, kind, who)
    ledger.known.forget(("revoked", kind, commune))
    return commune


def put(db: sa.Connection, commune: str, kind: Kind, who: str) -> None:
    """Note a revocation; in a writing transaction."""
    db.execute(insert(t.revocations).values(commune=commune, kind=kind, id=who).on_conflict_do_nothing())


def replace(db: sa.Connection, commune: str, digest: str) -> str | None:
    """The counter whose place the code of this digest takes, revoked from now on; None for an ordinary code. In a writing
    transaction."""
    c = t.replacements.c
    found = db.scalar(sa.select(c.counter).where(c.digest == digest))
    if found:
        put(db, commune, "counter", str(found))
    return None if found is None else str(found)


def revoked(ledger: Ledger, kind: Kind, commune: str) -> list[str]:
    """Ids of the revoked counters or operators of a commune."""

    def load() -> list[str]:
        with ledger.engine.connect() as db:
            return _read(db, kind, commune)

    return ledger.known.lately(("revoked", kind, commune), load, _NOTICED)


def check(ledger: Ledger, commune: str, counter: str) -> None:
    """:raises Problem: ``counter_revoked``."""
    if counter in revoked(ledger, "counter", commune):
        raise Problem("counter_revoked", counter=counter)


def _read(db: sa.Connection, kind: Kind, commune: str) -> list[str]:
    r = t.revocations.c
    return sorted(db.scalars(sa.select(r.id).where(r.commune == commune, r.kind == kind)))


def _event(r: Any) -> Event:
    body = None if r.body is None else json.loads(r.body)
    return Event(r.counter, r.epoch, r.number, r.dossier, r.name, r.at, r.operator, r.prev, r.body_hash, body)
