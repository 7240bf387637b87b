"""The road of each dossier (``forms.routing``) as this store has heard of it, and what it asks of a person: names of systems in
tasks, and the dossiers that wait to be typed into another system by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from forms.catalogue import Catalogue
from forms.routing import EVENT, EVERY, System, Table, fold_routes, shipped
from forms.working_days import VIETNAM, parse_moment
from sync import receiving
from sync.store import Store, dossiers, journal, log

if TYPE_CHECKING:
    from sync.counter import Counter

_BACK = timedelta(days=30)
"""An ended dossier that nobody has typed into the other system is asked for so long after its reception; an open one always."""
_SHOWN = 6
_Json = dict[str, Any]


class Roads:
    """The routes that one store has heard; read again when the relay has published others."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._table, self._mark = shipped(), (0, 0)

    @property
    def table(self) -> Table:
        """The routes in force: the newest that the relay has published, else the shipped ones."""
        mark = log.mark_of_counters(self._store, EVENT)
        if mark != self._mark:
            self._table, self._mark = fold_routes(log.of_counters(self._store, EVENT)), mark
        return self._table


def system_of(counter: Counter, dossier: _Json) -> System:
    """The system that receives a dossier; one not received yet goes as if it were today, or on the day it was filed online."""
    day = _day(counter, dossier.get("received_at") or dossier.get("filed_at"))
    return counter.roads.table.system_of(dossier["procedure"], day)


def road_of(counter: Counter, dossier: _Json) -> _Json:
    """``{"system", "name", "kind", "by_hand", "systems", "outage"}``: the system that receives a dossier, whether a clerk must
    type it there, what each system is called (key -> name), and that it takes nothing now (``receiving.lasting``), else None."""
    found = system_of(counter, dossier)
    return {
        "system": found.key,
        "name": found.name,
        "kind": found.kind,
        "by_hand": found.by_hand,
        "systems": {key: s.name for key, s in counter.roads.table.systems.items()},
        "outage": receiving.lasting(counter.store, found.key),
    }


def tasks(counter: Counter) -> list[_Json]:
    """As ``journal.tasks``, with the dossiers that wait to be typed elsewhere; a refusal and an official number with the name of
    the system that said it."""
    known = counter.roads.table
    found = journal.tasks(counter.store, counter.clock(), _by_hand(counter, known))
    for task in found:
        if task["kind"] in ("refused", "numbered") and (system := known.systems.get(str(task["details"].get("system")))):
            task["details"] |= {"system_name": system.name}
    return found


def _by_hand(counter: Counter, known: Table) -> list[_Json]:
    """One task for each system into which dossiers of this counter wait to be typed. Only where a route leads to such a system
    are rows read, through the indexes of stage and reception."""
    routes = [r for r in known.routes if known.systems[r.system].by_hand]
    if not routes:
        return []
    named = {r.procedure for r in routes}
    since = max(min(r.since for r in routes), (counter.clock() - _BACK).date().isoformat())
    waiting, catalogue = dict[str, list[_Json]](), counter.catalogue
    for row in dossiers.not_entered(counter.store, counter.counter_id, None if EVERY in named else named, since):
        system = known.system_of(_facts(catalogue, row), _day(counter, row["received_at"]))
        if system.by_hand:
            waiting.setdefault(system.key, []).append(row)
    told = {key: {"name": known.systems[key].name, "n": len(rows), "rows": rows[:_SHOWN]} for key, rows in waiting.items()}
    return [
        {"id": f"by_hand/{key}", "kind": "by_hand", "dossier": None, "at": waiting[key][0]["received_at"], "details": details}
        for key, details in sorted(told.items())
    ]


def _facts(catalogue: Catalogue, row: _Json) -> _Json:
    """What a route asks of a row's procedure, as its dossier has it."""
    version = catalogue.procedure(str(row["procedure"]), row["version"])
    return {"code": row["procedure"], "version": row["version"], "code_source": version.code_source if version else "ours"}


def _day(counter: Counter, received: Any) -> date:
    moment = parse_moment(str(received or "")) or counter.clock()
    return moment.astimezone(VIETNAM).date()
