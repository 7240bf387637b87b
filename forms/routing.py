"""By which road a dossier goes: the system that receives it, by procedure, version, whose code it bears, and the day of its
reception. Data (``resources/routing.json``); the relay, which knows the systems of its province, publishes its own table as an
event ``routes_set`` of the counter ``portal``, and the newest one heard holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from forms.pack import load_json
from forms.problem import Problem
from resources import path_of

if TYPE_CHECKING:
    from forms.dossier import Act
    from forms.procedure import Procedure

EVENT = "routes_set"
"""Body: ``{"systems": {key: {name, kind}}, "routes": [...]}``."""
PORTAL = "portal"
"""The relay's id as a counter, in every log: the receiving systems speak through it."""
EVERY = "*"
"""Stands for every procedure in a route."""
KINDS = ("national", "ministry", "provincial", "by_hand")
Kind = Literal["national", "ministry", "provincial", "by_hand"]
_KEY = re.compile(r"[a-z0-9_-]{1,40}")
_SOURCES = ("ours", "issued")
_LONGEST = 200
_MOST = 20_000
"""Routes of one table: more than there are procedures with all their versions."""
_MALFORMED = (AttributeError, TypeError, KeyError, ValueError)


@dataclass(frozen=True)
class System:
    """A receiving system. ``key``: its name in the configuration; ``name``: what people call it. ``relayed``: the relay can
    speak to it; without that, and always of the kind ``by_hand``, a clerk types the dossier there. ``order``: whose order of
    fields its screen has (``forms.copying``), "" for that of its key or kind."""

    key: str
    name: str
    kind: Kind
    relayed: bool
    order: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether a clerk must type the dossier there."""
        return self.kind == "by_hand" or not self.relayed


@dataclass(frozen=True)
class Route:
    """Where a dossier goes. ``procedure``: its code, ``*`` for every one; ``version``: "" for any; ``code_source``: ``ours``,
    ``issued``, "" for either; ``since``: first day of reception (ISO) for which it holds; ``system``: key. ``to_confirm``: what
    no source says, "" for nothing."""

    procedure: str
    version: str
    code_source: str
    since: str
    system: str
    source: str = ""
    to_confirm: str = ""


@dataclass(frozen=True)
class Table:
    """Systems by their key, and the routes to them. Whatever the dossier, one route holds."""

    systems: Mapping[str, System]
    routes: tuple[Route, ...]

    def system_of(self, procedure: Mapping[str, Any], day: date) -> System:
        """The system that receives a dossier of this procedure (see :func:`route_of`)."""
        return self.systems[route_of(self, procedure, day).system]


def route_of(table: Table, procedure: Mapping[str, Any], day: date) -> Route:
    """The most specific route in force on a day; of those alike, the latest. Before the first day of every route that fits, the
    first of them: a wrong clock sends nothing astray.

    :param procedure: ``{"code", "version", "code_source"}``, as a dossier has it.
    :param day: Vietnam date of the reception.
    """
    fits = [r for r in table.routes if _fits(r, procedure)]
    held = [r for r in fits if r.since <= day.isoformat()]
    if held:
        return max(held, key=lambda r: (*_exact(r), r.since))
    return min(fits, key=lambda r: (r.since, *(not e for e in _exact(r))))


def road_words(table: Table, procedure: Procedure, day: date) -> str:
    """Where dossiers of a procedure go when they are received on a day: the system's name, and whether a clerk types them there;
    "" for a linked group, of which each dossier goes its own way."""
    if procedure.members:
        return ""
    facts = {"code": procedure.code, "version": procedure.version, "code_source": procedure.code_source}
    system = table.system_of(facts, day)
    return f"{system.name} (cán bộ nhập tay)" if system.by_hand else system.name


def _fits(route: Route, procedure: Mapping[str, Any]) -> bool:
    return (
        route.procedure in (EVERY, procedure.get("code"))
        and route.version in ("", procedure.get("version"))
        and route.code_source in ("", procedure.get("code_source") or "ours")
    )


def _exact(route: Route) -> tuple[bool, bool, bool]:
    return route.procedure != EVERY, bool(route.version), bool(route.code_source)


@lru_cache(maxsize=1)
def shipped() -> Table:
    """The table of ``resources/routing.json``. :raises Problem: ``routing_damaged``."""
    return read_table(load_json(path_of("routing.json")))


def fold_routes(events: Iterable[Act]) -> Table:
    """The newest table that ``portal`` has published, else the shipped one. What is malformed, or erased, is passed over."""
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number), reverse=True):
        if event.counter == PORTAL and event.name == EVENT:
            try:
                return read_table(event.body)
            except Problem:
                continue  # an older one holds
    return shipped()


def read_table(raw: Any) -> Table:
    """A table from JSON: the body of ``routes_set``, ``resources/routing.json``, or the same part of a configuration.

    :raises Problem: ``routing_damaged`` (``reason``): a shape that is not right, a route to a system that is not there, or
        a dossier for which no route would hold.
    """
    try:
        systems = {str(key): _system(str(key), one) for key, one in raw["systems"].items()}
        if len(raw["routes"]) > _MOST:
            raise ValueError("too many routes")
        routes = tuple(_route(one, systems) for one in raw["routes"])
    except _MALFORMED as error:
        raise Problem("routing_damaged", reason=f"{type(error).__name__}: {error}"[:_LONGEST]) from error
    for source in _SOURCES:
        if not any(r.procedure == EVERY and not r.version and r.code_source in ("", source) for r in routes):
            raise Problem("routing_damaged", reason=f"no route for every procedure whose code is {source}")
    return Table(systems, routes)


def _system(key: str, raw: Mapping[str, Any]) -> System:
    name, kind, order = raw["name"], raw["kind"], raw.get("order", "")
    if not _KEY.fullmatch(key) or kind not in KINDS or not isinstance(name, str) or not 0 < len(name) <= _LONGEST:
        raise ValueError(f"system {key}")
    if order and not _KEY.fullmatch(order):
        raise ValueError(f"order {order}")
    return System(key, name, kind, bool(raw.get("relayed", kind in ("national", "ministry"))), order)


def _route(raw: Mapping[str, Any], systems: Mapping[str, System]) -> Route:
    texts = {k: raw.get(k, "") for k in ("version", "code_source", "source", "to_confirm")}
    texts |= {"procedure": raw["procedure"], "since": raw["from"], "system": raw["system"]}
    if not all(isinstance(t, str) for t in texts.values()) or not texts["procedure"]:
        raise ValueError("a route is made of texts")
    if texts["system"] not in systems:
        raise ValueError(f"no system {texts['system']}")
    if texts["code_source"] not in ("", *_SOURCES) or date.fromisoformat(texts["since"]).isoformat() != texts["since"]:
        raise ValueError(f"code_source or day of the route of {texts['procedure']}")
    return Route(**texts)
