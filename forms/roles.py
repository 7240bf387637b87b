"""Who may do what at a counter: roles, and which acts and which care of the store each allows (``resources/roles.json``, dated,
with its sources and doubts). An operator may hold several roles.

What the table does not name (an act of a newer version, what follows by itself from another act) is free to everybody who
works here; acts of the machine have no operator and are free too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forms.pack import load_json
from resources import path_of

FIRST = ("clerk", "head", "admin")
"""Roles of the first operator of a commune: a fresh one must be able to work, and to let others in."""
ENROLLED = ("clerk", "admin")
"""Of who brings a further counter its code: somebody must be able to look after that machine."""
NEW = ("clerk",)
"""Roles of who comes later, until somebody settles others."""
CARE = "operator_set"
"""Who may do this may let others in: one such person at least must remain."""


@dataclass(frozen=True)
class Role:
    """``name`` as it stands in lists, ``within`` inside a sentence; ``to_confirm``: what no source says, "" for nothing."""

    id: str
    name: str
    within: str
    source: str
    to_confirm: str


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, Role], dict[str, frozenset[str]]]:
    raw = load_json(path_of("roles.json"))
    roles = {r["id"]: Role(r["id"], r["name"], r["within"], r["source"], r["to_confirm"]) for r in raw["roles"]}
    return roles, {act: frozenset(ids) for act, ids in raw["acts"].items()}


def all_roles() -> tuple[Role, ...]:
    """Every role, in the order of the table."""
    return tuple(_table()[0].values())


def acts() -> frozenset[str]:
    """Every act that the table names."""
    return frozenset(_table()[1])


def may(roles: Iterable[str], act: str) -> bool:
    """Whether somebody with these roles may do this."""
    wanted = _table()[1].get(act)
    return wanted is None or bool(wanted & set(roles))


def who_may(act: str) -> str:
    """The roles that may, in words: ``chuyên viên, lãnh đạo Trung tâm``; "" for an act that is free."""
    known, table = _table()
    return ", ".join(role.within for role in known.values() if role.id in table.get(act, ()))


def in_words(roles: Iterable[str]) -> str:
    """``Chuyên viên, Lãnh đạo Trung tâm``, in the order of the table."""
    held = set(roles)
    return ", ".join(role.name for role in all_roles() if role.id in held) or "Chưa có vai trò"


def of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles of an operator's entry (profile, vault, event): ``roles``, or one ``role`` as older versions wrote it. What is
    no role of ours is passed over."""
    said = entry.get("roles")
    found = said if isinstance(said, list) else [entry.get("role")]
    return tuple(role for role in _table()[0] if role in found)
