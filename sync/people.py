"""Letting people in and taking them out: an act that travels, and a slot of this machine's vault. Whoever lets somebody in types
their own PIN for it, so that a desk left open lets in nobody."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from forms.names import fold
from forms.people import REMOVED, SET, Person, check_person
from forms.problem import Problem
from forms.roles import CARE
from forms.working_days import parse_moment
from sync import audit, recovery_code, vault
from sync.counter import Changes, Counter
from sync.events import moment

RESET, PAPER = "slot_reset", "recovery_printed"
_CHANGED = Changes(status=True, rules=True)


def listed(counter: Counter) -> list[dict[str, Any]]:
    """Everybody who works in the commune, by name: ``[{id, name, roles, here, locked, must_change}]``; ``here``: may open the
    store of this machine; ``locked``: by too many wrong PINs, or on a new machine."""
    here = {o["id"]: o for o in vault.operators(counter.data)}
    found = []
    for person in sorted(counter.roster.people.values(), key=lambda p: (fold(p.name), p.id)):
        slot = here.get(person.id)
        state = {"locked": bool(slot and slot["locked"]), "must_change": bool(slot and slot["must_change"])}
        if person.active:
            found.append({"id": person.id, "name": person.name, "roles": list(person.roles), "here": bool(slot)} | state)
    return found


def add(counter: Counter, by: str, secret: str, name: str, roles: Sequence[str], new_secret: str) -> str:
    """Let a person in, with a PIN that they typed themselves; returns the new id, which is unique without a line and shown to
    nobody. ``secret``: of whoever lets them in.

    :raises Problem: ``not_allowed``, ``name_missing``, ``role_unknown``, ``role_missing``, ``secret_too_short``, as
        ``vault.unlock`` for ``by``.
    """
    counter.roster.check_act(by, SET)
    name, wanted = check_person(name, roles)
    vault.check_secret(vault.keystore(counter.data), new_secret)
    key = vault.unlock(counter.data, by, secret)
    person = _new_id(counter, name)
    _act(counter, by, SET, {"id": person, "name": name, "roles": list(wanted)})
    vault.add_operator(counter.data, key, person, name, wanted, new_secret)
    return person


def set_roles(counter: Counter, by: str, person: str, roles: Sequence[str], name: str = "") -> Changes:
    """Other roles, or another name, from now on at every counter of the commune.

    :raises Problem: ``not_allowed``, ``operator_unknown``, ``role_unknown``, ``role_missing``, ``last_head``.
    """
    counter.roster.check(by, SET)
    known = _active(counter, person)
    name, wanted = check_person(name or known.name, roles)
    after = Person(person, name, wanted)
    if known.may(CARE) and not after.may(CARE):
        _not_the_last(counter, person)
    _act(counter, by, SET, {"id": person, "name": name, "roles": list(wanted)})
    keep_in_line(counter)
    return _CHANGED


def remove(counter: Counter, by: str, person: str) -> Changes:
    """Take a person out at every counter; what they did stays under their name.

    :raises Problem: ``not_allowed``, ``operator_unknown``, ``own_removal``, ``last_head``.
    """
    counter.roster.check(by, REMOVED)
    if _active(counter, person).may(CARE):
        _not_the_last(counter, person)
    if person == by:
        raise Problem("own_removal")
    _act(counter, by, REMOVED, {"id": person})
    keep_in_line(counter)
    return _CHANGED


def reset(counter: Counter, by: str, secret: str, person: str) -> str:
    """A temporary PIN or passphrase on this machine for somebody who forgot theirs, is locked, or came from another counter;
    returns it. It must be changed at the next sign-in. ``secret``: of whoever does it.

    :raises Problem: ``not_allowed``, ``operator_unknown``, as ``vault.unlock`` for ``by``.
    """
    counter.roster.check(by, RESET)
    known = _active(counter, person)
    key = vault.unlock(counter.data, by, secret)
    given = f"{secrets.randbelow(10**6):06d}" if vault.keystore(counter.data) == "os" else _passphrase()
    vault.add_operator(counter.data, key, person, known.name, known.roles, given, temporary=True)
    audit.note(counter, by, RESET, about=person)
    return given


def _passphrase() -> str:
    """Three groups of a recovery code: 60 random bits, for once."""
    groups = recovery_code.encode(recovery_code.fresh()).split("-")
    return "-".join("".join(groups[n : n + 2])[:4] for n in (1, 3, 5)).lower()


def new_recovery(counter: Counter, by: str, secret: str) -> str:
    """A new code for the paper in the safe; the earlier one is void. :raises Problem: ``not_allowed``, as ``vault.unlock``."""
    counter.roster.check(by, PAPER)
    code = vault.make_recovery(counter.data, vault.unlock(counter.data, by, secret))
    audit.note(counter, by, PAPER)
    return code


def change_secret(counter: Counter, who: str, old: str, new: str) -> None:
    """One's own new PIN or passphrase. :raises Problem: as ``vault.change_secret``."""
    vault.change_secret(counter.data, who, old, new)
    audit.note(counter, who, "secret_changed")


LOCK_AFTER = (3, 4, 5)
"""Minutes without a key or the mouse after which a desk may lock itself."""


def lock_minutes(counter: Counter) -> int:
    """After how many this machine does; the last of them unless somebody settled another."""
    found = counter.store.meta("lock_minutes")
    return found if found in LOCK_AFTER else LOCK_AFTER[-1]


def set_lock_minutes(counter: Counter, by: str, minutes: int) -> Changes:
    """For this machine. :raises Problem: ``not_allowed``, ``quantity_malformed``."""
    counter.roster.check(by, RESET)
    if minutes not in LOCK_AFTER:
        raise Problem("quantity_malformed")
    with counter.store.write():
        counter.store.set_meta(lock_minutes=minutes)
    return Changes(status=True)


def keep_in_line(counter: Counter) -> None:
    """This machine lets in whom the commune and the gateway let in: names and roles as they are now, nobody who has gone."""
    people = counter.roster.people.values()
    vault.keep_in_line(counter.data, {p.id: (p.name, p.roles) if p.active else None for p in people})


def check_sign_in(counter: Counter, operator: str) -> None:
    """Whether this operator may sit down here now: still let in, and the gateway was heard of lately enough.

    :raises Problem: ``operator_revoked``, ``offline_too_long`` (``days`` allowed).
    """
    person = counter.roster.people.get(operator)
    if person is not None and not person.active:
        raise Problem("operator_revoked", operator=operator)
    days = counter.rules.offline_days or counter.profile.get("offline_days")
    heard = parse_moment(counter.store.meta("last_contact") or counter.store.meta("enrolled_at") or "")
    now = max(counter.clock(), moment(int(counter.store.meta("hybrid", 0))))  # a clock set back wins no time
    if days and heard and now - heard > timedelta(days=int(days)):
        raise Problem("offline_too_long", days=int(days))


def _active(counter: Counter, person: str) -> Person:
    found = counter.roster.people.get(person)
    if found is None or not found.active:
        raise Problem("operator_unknown", operator=person)
    return found


def _not_the_last(counter: Counter, person: str) -> None:
    if not any(p.may(CARE) for p in counter.roster.people.values() if p.id != person):
        raise Problem("last_head")


def _act(counter: Counter, by: str, name: str, body: dict[str, Any]) -> None:
    with counter.store.write():
        counter.act("", name, by, body)


def _new_id(counter: Counter, name: str) -> str:
    initials = "".join(word[0] for word in fold(name).upper().split() if word[0].isascii())[:4] or "NV"
    while (found := f"{initials}-{secrets.token_hex(2)}") in counter.roster.people:
        pass
    return found
