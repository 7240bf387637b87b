"""Into whose feeds an event goes: the communes of its dossier, which are those that received it, decide it, or hand its result
out (phi địa giới). A commune that joins gets all from the start.

Only a commune of the dossier brings another one in, and only its words reach the others: a counter elsewhere that names a
dossier hears nothing of it by that, and nobody hears what it said but its own commune.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.erasure import EVENT as ERASED
from sync.events import Event
from sync.gateway import erasing
from sync.gateway import schema as t

_ROUTING = ("competent", "return_to")
_MANY = 500  # names in one question to the database


class Entry(NamedTuple):
    """``place``: in the feed; whose event stands there."""

    place: int
    counter: str
    epoch: str
    number: int


def deliver(db: sa.Connection, fresh: Sequence[tuple[str, int, Event]]) -> dict[str, list[Entry]]:
    """Put new events ``(home commune, place in events, event)`` into the feeds they belong to; inside the writer's
    transaction. Returns the new entries by commune."""
    feeds = _Feeds(db)
    routes = _routes(db, sorted({erasing.about(event) for _, _, event in fresh} - {""}))
    known = {dossier: set(communes) for dossier, communes in routes.items()}
    heard = set(known)  # a dossier nobody has spoken of before has nothing to be told first
    for home, place, event in fresh:
        dossier = erasing.about(event)
        here = routes.setdefault(dossier, set()) if event.dossier else routes.get(dossier, set())
        if home not in here and (here or not event.dossier):  # no part in that dossier, or an act of the counter itself
            feeds.append(home, [place])
            continue
        wanted = {home} | communes_named(db, _units(event))
        for commune in sorted(wanted - here):
            feeds.append(commune, _earlier(db, commune, dossier, place, feeds) if dossier in heard else [])
        here |= wanted
        for commune in sorted(here):
            feeds.append(commune, [place])
        heard.add(dossier)
    new = [{"dossier": d, "commune": c} for d, communes in routes.items() for c in sorted(communes - known.get(d, set()))]
    if new:
        db.execute(insert(t.routes).on_conflict_do_nothing(), new)
    feeds.write()
    return feeds.entries({place: event for _, place, event in fresh})


def top(db: sa.Connection, commune: str) -> int:
    """The last number of a commune's feed."""
    return int(db.scalar(sa.select(sa.func.max(t.feeds.c.seq)).where(t.feeds.c.commune == commune)) or 0)


def register(db: sa.Connection, profile: dict[str, Any]) -> None:
    """By which codes a commune is named: the one in dossier codes, and its ``area`` in the list of administrative units."""
    for code in {str(profile["unit"]), str(profile.get("area") or profile["unit"])}:
        db.execute(insert(t.units).values(code=code, commune=str(profile["unit"])).on_conflict_do_nothing())


class _Feeds:
    """Entries to be numbered without gaps."""

    def __init__(self, db: sa.Connection) -> None:
        self._db = db
        self.tops: dict[str, int] = {}
        self.rows: list[dict[str, Any]] = []

    def append(self, commune: str, places: list[int]) -> None:
        if commune not in self.tops:
            self.tops[commune] = top(self._db, commune)
        for place in places:
            self.tops[commune] += 1
            self.rows.append({"commune": commune, "seq": self.tops[commune], "event": place})

    def write(self) -> None:
        self._db.execute(sa.insert(t.feeds), self.rows)

    def entries(self, fresh: dict[int, Event]) -> dict[str, list[Entry]]:
        """Earlier events that a commune joins stand there as nobody's: they are not looked at again."""
        found: dict[str, list[Entry]] = {}
        for row in self.rows:
            e = fresh.get(row["event"])
            entry = Entry(row["seq"], e.counter, e.epoch, e.number) if e else Entry(row["seq"], "", "", 0)
            found.setdefault(row["commune"], []).append(entry)
        return found


def _routes(db: sa.Connection, dossiers: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for start in range(0, len(dossiers), _MANY):
        wanted = t.routes.c.dossier.in_(dossiers[start : start + _MANY])
        for dossier, commune in db.execute(sa.select(t.routes.c.dossier, t.routes.c.commune).where(wanted)):
            found.setdefault(dossier, set()).add(commune)
    return found


def _earlier(db: sa.Connection, commune: str, dossier: str, place: int, feeds: _Feeds) -> list[int]:
    """What was said of a dossier before, to a commune that joins: all but what stands in its feed already."""
    e = t.events.c
    listed = sa.select(t.feeds.c.event).join(t.events, e.id == t.feeds.c.event)
    held = set(db.scalars(listed.where(t.feeds.c.commune == commune, e.dossier == dossier)))
    held |= {row["event"] for row in feeds.rows if row["commune"] == commune}
    before = set(db.scalars(sa.select(e.id).where(e.dossier == dossier, e.id < place)))
    return sorted(before - held)


def _units(event: Event) -> set[str]:
    """Codes of units that an event names as deciding, or as handing out the result; an erasure still tells of them."""
    body: dict[str, Any] = event.body if isinstance(event.body, dict) else {}
    if event.name == ERASED and isinstance(body.get("kept"), dict):
        body = body["kept"]
    named = [part.get("unit") for name in _ROUTING if isinstance(part := body.get(name), dict)]
    fields = body.get("fields")
    if event.name == "corrected" and isinstance(fields, dict):
        named += [c.get("now") for name in _ROUTING if isinstance(c := fields.get(f"{name}.unit"), dict)]
    return {unit for unit in named if isinstance(unit, str) and unit}


def communes_named(db: sa.Connection, units: set[str]) -> set[str]:
    """The communes that go by these codes."""
    return set(db.scalars(sa.select(t.units.c.commune).where(t.units.c.code.in_(units)))) if units else set()
