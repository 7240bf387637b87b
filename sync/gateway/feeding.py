"""Into whose feeds an event goes: the commune of the counter that wrote it, and the communes of its dossier, which are those
that received it, decide it, or hand its result out (phi địa giới). A commune that joins later gets all from the start."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sync.events import Event
from sync.gateway import schema as t


def deliver(db: sa.Connection, home: str, fresh: Iterable[tuple[int, Event]]) -> None:
    """Put new events (with their places in ``events``) into the feeds they belong to; inside the writer's transaction."""
    communes = _communes(db)
    for place, event in fresh:
        if not event.dossier:
            _append(db, home, [place])
            continue
        held = set(db.scalars(sa.select(t.routes.c.commune).where(t.routes.c.dossier == event.dossier)))
        wanted = {home} | {communes[u] for u in _units(event) if u in communes}
        for commune in sorted(wanted - held):
            db.execute(insert(t.routes).values(dossier=event.dossier, commune=commune).on_conflict_do_nothing())
            earlier = sa.select(t.events.c.id).where(t.events.c.dossier == event.dossier, t.events.c.id < place)
            _append(db, commune, list(db.scalars(earlier.order_by(t.events.c.id))))
        for commune in sorted(held | wanted):
            _append(db, commune, [place])


def _append(db: sa.Connection, commune: str, places: list[int]) -> None:
    if places:
        top = int(db.scalar(sa.select(sa.func.max(t.feeds.c.seq)).where(t.feeds.c.commune == commune)) or 0)
        db.execute(sa.insert(t.feeds), [{"commune": commune, "seq": top + n, "event": p} for n, p in enumerate(places, 1)])


def _units(event: Event) -> list[str]:
    """Codes of units that an event names as deciding, or as handing out the result."""
    body: dict[str, Any] = event.body if isinstance(event.body, dict) else {}
    named = [body.get("competent"), body.get("return_to")]
    if event.name == "corrected" and isinstance(body.get("fields"), dict):
        named += [{"unit": c.get("now")} for p, c in body["fields"].items() if p.endswith(".unit") and isinstance(c, dict)]
    return [str(n["unit"]) for n in named if isinstance(n, dict) and n.get("unit")]


def _communes(db: sa.Connection) -> dict[str, str]:
    """Code of a unit -> commune: by its code in dossier codes, and by its code in the list of administrative units."""
    found: dict[str, str] = {}
    for unit, profile in db.execute(sa.select(t.communes.c.unit, t.communes.c.profile)):
        found[str(unit)] = str(unit)
        if profile.get("area"):
            found[str(profile["area"])] = str(unit)
    return found
