"""Commands for the people of a counter: who may do what, their secrets (new ones come as ``MOTCUA_NEW_PIN`` or
``MOTCUA_NEW_PASSPHRASE``), the recovery paper (``MOTCUA_RECOVERY``)."""

import argparse
from typing import TYPE_CHECKING, Any

from forms.cli import say
from forms.roles import all_roles
from sync import people, vault
from sync.cli_opening import new_secret, open_store, operator_of, recovery_of_paper, secret_for

if TYPE_CHECKING:
    from sync.cli_care import Add


def register(add: "Add") -> None:
    """Add these commands to the parser of ``python -m sync``."""
    text, needed = {"default": None}, {"required": True}
    roles: dict[str, Any] = {"required": True, "nargs": "+", "choices": [role.id for role in all_roles()]}
    add("operators", _operators, operator=text)
    add("operator-add", _operator_add, name_=needed, roles=roles, operator=text)
    add("operator-set", _operator_set, id=needed, roles=roles, name_={"default": ""}, operator=text)
    add("operator-remove", _operator_remove, id=needed, operator=text)
    add("operator-reset", _operator_reset, id=needed, operator=text)
    add("change-pin", _change_pin, operator=text)
    add("recovery-code", _recovery_code, operator=text)
    add("recover", _recover, operator=text)


def _operators(args: argparse.Namespace) -> None:
    for person in people.listed(open_store(args)[0]):
        say(person)


def _operator_add(args: argparse.Namespace) -> None:
    """The person who is let in has typed their own PIN."""
    counter, _ = open_store(args, writes=True)
    secret = secret_for(args.data)
    say({"id": people.add(counter, operator_of(args), secret, args.name_, args.roles, new_secret())})


def _operator_set(args: argparse.Namespace) -> None:
    counter, _ = open_store(args, writes=True)
    people.set_roles(counter, operator_of(args), args.id, args.roles, args.name_)
    say({"id": args.id, "roles": list(counter.roster.people[args.id].roles)})


def _operator_remove(args: argparse.Namespace) -> None:
    counter, _ = open_store(args, writes=True)
    people.remove(counter, operator_of(args), args.id)
    say({"removed": args.id})


def _operator_reset(args: argparse.Namespace) -> None:
    """A temporary secret, said once: it must be changed at the next sign-in."""
    counter, _ = open_store(args, writes=True)
    say({"id": args.id, "temporary": people.reset(counter, operator_of(args), secret_for(args.data), args.id)})


def _change_pin(args: argparse.Namespace) -> None:
    vault.change_secret(args.data, operator_of(args), secret_for(args.data), new_secret())  # a temporary one opens no store
    say({"changed": operator_of(args)})


def _recovery_code(args: argparse.Namespace) -> None:
    """A new code, said once; an earlier one is void."""
    counter, _ = open_store(args, writes=True)
    say({"recovery_code": people.new_recovery(counter, operator_of(args), secret_for(args.data))})


def _recover(args: argparse.Namespace) -> None:
    """A new secret for an operator by the code on paper, and the code that replaces it, said once."""
    _, fresh = vault.recover(args.data, recovery_of_paper(), operator_of(args), new_secret())
    say({"recovered": operator_of(args), "recovery_code": fresh})
