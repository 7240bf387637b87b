"""The copy lane (chép sang hệ thống khác): what a clerk types into another system by hand, how far it is typed, and the act that
says so. How far is a habit of this machine: it names fields, never what stands in them."""

from dataclasses import asdict
from typing import Any

from forms import copying
from forms.definition import Definition
from forms.names import clean
from forms.problem import Problem
from forms.working_days import parse_moment
from resources import path_of
from sync import acts, roads
from sync.counter import Changes, Counter
from sync.published import PACKS
from sync.scans import with_sent

_HABIT = "copying"
_KEPT = 100
"""Dossiers of which it is remembered how far they were typed."""
_LONGEST = 60
_Json = dict[str, Any]


def told(counter: Counter, dossier_id: str) -> _Json:
    """The whole of one dossier: of its scans also whether they are ``sent``, the ``road`` it goes by (``roads.road_of``), and,
    for one that a clerk types elsewhere, ``copying``: ``{"rows": [{path, title, value, part}], "done": [path, …]}``.

    :raises Problem: ``dossier_unknown``, ``pack_damaged``, ``routing_damaged``.
    """
    dossier = with_sent(counter, counter.dossier(dossier_id))
    if dossier["erased"] or not dossier["procedure"].get("code"):
        return dossier
    found = dossier | {"road": roads.road_of(counter, dossier)}
    return found | {"copying": _lane(counter, dossier)} if found["road"]["by_hand"] else found


def _lane(counter: Counter, dossier: _Json) -> _Json:
    system = roads.system_of(counter, dossier)
    order = copying.order_of(copying.load_orders(path_of(), counter.data / PACKS), system)
    procedure = counter.catalogue.procedure_of(dossier)
    rows = copying.rows(order, dossier, _form(counter, dossier), procedure, counter.profile)
    kept = _habits(counter).get(dossier["id"]) or {}
    news = [p for act, paths in copying.changes(dossier).items() if act not in kept.get("seen", ()) for p in paths]
    done = {r.path for r in rows if kept.get("all") or r.path in kept.get("done", ())}
    return {
        "rows": [asdict(r) for r in rows],
        "done": sorted(p for p in done if not copying.touched(p, news)),
    }


def _form(counter: Counter, dossier: _Json) -> Definition | None:
    """The e-form of the dossier's own procedure: the other system knows no linked group."""
    procedure, form = counter.catalogue.procedure_of(dossier), dossier.get("form") or {}
    if procedure is None:
        return None
    received = parse_moment(str(dossier["received_at"] or "")) or counter.clock()
    version = form.get("version") if form.get("id") == procedure.form else None
    return counter.catalogue.definition(procedure, version, received.date())


def note(counter: Counter, dossier_id: str, done: list[str]) -> Changes:
    """Keep which fields are typed, over every lock and start of this machine."""
    _keep(counter, dossier_id, {"done": done, "seen": list(copying.changes(counter.dossier(dossier_id)))})
    return Changes()


def enter(counter: Counter, dossier_id: str, operator: str, number: str = "") -> Changes:
    """The dossier is typed into the other system; ``number``: what that calls it, "" where it gave none. Both numbers are found
    by search; entered again, the later number holds.

    :raises Problem: ``not_by_hand``, ``number_too_long``, as ``acts.perform``.
    """
    number = clean(number)
    if len(number) > _LONGEST:
        raise Problem("number_too_long", most=_LONGEST)

    def body(dossier: _Json) -> _Json:
        road = roads.road_of(counter, dossier)
        if not road["by_hand"]:
            raise Problem("not_by_hand", system=road["name"])
        return {"system": road["system"], "name": road["name"], "number": number}

    changes = acts.perform(counter, dossier_id, operator, copying.EVENT, body)
    _keep(counter, dossier_id, {"all": True, "seen": list(copying.changes(counter.dossier(dossier_id)))})
    return changes


def _habits(counter: Counter) -> _Json:
    return dict(counter.recall("", _HABIT) or {})


def _keep(counter: Counter, dossier_id: str, how_far: _Json) -> None:
    others = {k: v for k, v in _habits(counter).items() if k != dossier_id}
    newest = [*others.items(), (dossier_id, how_far)][-_KEPT:]
    counter.remember("", _HABIT, dict(newest))
