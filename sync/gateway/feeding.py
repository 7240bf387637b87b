"""Into whose feeds an event goes: the communes of its dossier, which are those that received it, decide it, or hand its result
out (phi địa giới). A commune that joins gets all from the start.

Only a commune of the dossier brings another one in, and only its words reach the others: a counter elsewhere that names a
dossier hears nothing of it by that, and nobody hears what it said but its own commune.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sync.events import Event
from sync.gateway import schema as t

_ROUTING = ("competent", "return_to")


def deliver(db: sa.Connection, home: str, fresh: Iterable[tuple[int, Event]]) -> None:
    """Put new events (with their places in ``events``) into the feeds they belong to; inside the writer's transaction."""
    for place, event in fresh:
        if not event.dossier:
            _append(db, home, [place])
            continue
        held = set(db.scalars(sa.select(t.routes.c.commune).where(t.routes.c.dossier == event.dossier)))
        if held and home not in held:
            _append(db, home, [place])
            continue
        wanted = {home} | _communes(db, _units(event))
        for commune in sorted(wanted - held):
            db.execute(insert(t.routes).values(dossier=event.dossier, commune=commune).on_conflict_do_nothing())
            earlier = sa.select(t.events.c.id).where(t.events.c.dossier == event.dossier, t.events.c.id < place)
            known = sa.select(t.feeds.c.event).where(t.feeds.c.commune == commune)
            _append(db, commune, list(db.scalars(earlier.where(t.events.c.id.not_in(known)).order_by(t.events.c.id))))
        for commune in sorted(held | wanted):
            _append(db, commune, [place])


def register(db: sa.Connection, profile: dict[str, Any]) -> None:
    """By which codes a commune is named: the one in dossier codes, and its ``area`` in the list of administrative units."""
    for code in {str(profile["unit"]), str(profile.get("area") or profile["unit"])}:
        db.execute(insert(t.units).values(code=code, commune=str(profile["unit"])).on_conflict_do_nothing())


def _append(db: sa.Connection, commune: str, places: list[int]) -> None:
    if places:
        top = int(db.scalar(sa.select(sa.func.max(t.feeds.c.seq)).where(t.feeds.c.commune == commune)) or 0)
        db.execute(sa.insert(t.feeds), [{"commune": commune, "seq": top + n, "event": p} for n, p in enumerate(places, 1)])


def _units(event: Event) -> set[str]:
    """Codes of units that an event names as deciding, or as handing out the result."""
    body: dict[str, Any] = event.body if isinstance(event.body, dict) else {}
    named = [part.get("unit") for name in _ROUTING if isinstance(part := body.get(name), dict)]
    fields = body.get("fields")
    if event.name == "corrected" and isinstance(fields, dict):
        named += [c.get("now") for name in _ROUTING if isinstance(c := fields.get(f"{name}.unit"), dict)]
    return {unit for unit in named if isinstance(unit, str) and unit}


def _communes(db: sa.Connection, units: set[str]) -> set[str]:
    return set(db.scalars(sa.select(t.units.c.commune).where(t.units.c.code.in_(units)))) if units else set()
