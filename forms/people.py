"""Who works at the commune's counters: the gateway's profile is the base, and acts of the counters change it.

``operator_set {"id", "name", "roles"}`` and ``operator_removed {"id"}`` are events without a dossier, so they travel to every
counter of the commune like rules of the house. Whoever the gateway has revoked is out whatever the acts say. The fold is
pure: for each person the later act by hybrid time holds, ties by counter; one that would leave nobody who may let others
in does not count. What another counter wrote is never refused because of its author's roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from forms.names import clean
from forms.problem import Problem
from forms.roles import CARE, FIRST, all_roles, may, of

if TYPE_CHECKING:
    from forms.dossier import Act

SET, REMOVED = "operator_set", "operator_removed"
_LONGEST = 120


@dataclass(frozen=True)
class Person:
    """``active`` False: taken out or revoked; the name stays, because old acts name it. ``revoked``: by the gateway."""

    id: str
    name: str
    roles: tuple[str, ...]
    active: bool = True
    revoked: bool = False

    def may(self, act: str) -> bool:
        """Whether this person may do it now."""
        return self.active and may(self.roles, act)


def fold_people(profile: Mapping[str, Any], events: Iterable[Act]) -> dict[str, Person]:
    """Everybody who was ever let in, by id. Bodies that are erased or malformed are passed over."""
    found = _base(profile)
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)):
        after = found | _changed(found, event)
        if any(p.may(CARE) for p in after.values()) or not any(p.may(CARE) for p in found.values()):
            found = after
    out = set(map(str, profile.get("revoked") or ()))
    return {k: replace(p, active=False, revoked=True) if k in out else p for k, p in found.items()}


def merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """A newer profile, with the operators that only the one before it named: a gateway that was put back to an older state takes
    nobody's work away. Who goes is removed or revoked, never left out."""
    operators = {o["id"]: o for profile in (before, after) for o in profile.get("operators") or ()}
    return {**after, "operators": list(operators.values())}


def _base(profile: Mapping[str, Any]) -> dict[str, Person]:
    """The profile's operators. One of an older version gives nobody a care: then the first one has it."""
    people = [Person(str(o["id"]), str(o["name"]), of(o)) for o in profile.get("operators") or ()]
    if people and not any(p.may(CARE) for p in people):
        people[0] = replace(people[0], roles=FIRST)
    return {p.id: p for p in people}


def _changed(known: Mapping[str, Person], event: Act) -> dict[str, Person]:
    body = event.body or {}
    who = body.get("id")
    if not isinstance(who, str):
        return {}
    if event.name == REMOVED:
        return {who: replace(known[who], active=False)} if who in known else {}
    if event.name != SET or not isinstance(body.get("name"), str) or not body["name"]:
        return {}
    return {who: Person(who, body["name"], of(body))}


def check_person(name: str, roles: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """A name and roles as an act may carry them. :raises Problem: ``name_missing``, ``role_unknown``, ``role_missing``."""
    name, wanted = clean(name)[:_LONGEST], list(roles)
    known = [role.id for role in all_roles()]
    if not name:
        raise Problem("name_missing")
    if strange := [role for role in wanted if role not in known]:
        raise Problem("role_unknown", role=strange[0], known=known)
    if not wanted:
        raise Problem("role_missing")
    return name, tuple(role for role in known if role in wanted)
