"""How a command of the headless face opens a store: who acts, with which secret; or a gateway's database."""

import argparse
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from forms.problem import Problem
from sync import people, vault
from sync.counter import Counter
from sync.restoring import settle

if TYPE_CHECKING:
    from sync.gateway.ledger import Ledger


def secret_for(data: Path) -> str:
    """:raises Problem: ``secret_missing`` with the name of the variable."""
    kind = vault.keystore(data) if vault.is_enrolled(data) else vault.kind_here()
    names = ["MOTCUA_PIN", "MOTCUA_PASSPHRASE"] if kind == "os" else ["MOTCUA_PASSPHRASE"]
    return _needed(*names, keystore=kind)


def new_secret() -> str:
    """What is to open the store from now on, for whoever is let in or changes theirs. :raises Problem: ``secret_missing``."""
    return _needed("MOTCUA_NEW_PIN", "MOTCUA_NEW_PASSPHRASE")


def recovery_of_paper() -> str:
    """The code on the recovery paper. :raises Problem: ``secret_missing``."""
    return _needed("MOTCUA_RECOVERY")


def _needed(*names: str, **details: str) -> str:
    found = next((os.environ[n] for n in names if os.environ.get(n)), None)
    if found is None:
        raise Problem("secret_missing", variable=names[0], **details)
    return found


def operator_of(args: argparse.Namespace) -> str:
    """Who acts: the one named, or the first who may open this store."""
    return str(args.operator or vault.operators(args.data)[0]["id"])


def open_store(args: argparse.Namespace, writes: bool = False, *, to_meet: bool = False) -> tuple[Counter, bytes]:
    """The counter and its database key. ``to_meet``: only to reach the gateway, which one that was alone too long may.

    :raises Problem: ``not_enrolled``, ``secret_missing``, ``secret_temporary``, as ``vault.unlock``; for one that ``writes`` as
        ``people.check_sign_in``.
    """
    settle(args.data)
    if not vault.is_enrolled(args.data):
        raise Problem("not_enrolled")
    operator = operator_of(args)
    key = vault.unlock(args.data, operator, secret_for(args.data))
    if any(o["must_change"] for o in vault.operators(args.data) if o["id"] == operator):
        raise Problem("secret_temporary")
    counter = Counter.open(args.data, key, writes=writes)
    if writes and not to_meet:
        people.check_sign_in(counter, operator)
    return counter, key


def open_ledger(data: Path) -> "closing[Ledger]":
    """:raises Problem: ``gateway_missing``: a mistyped folder must not become a new gateway."""
    from sync.gateway.ledger import Ledger

    if not (data / "gateway.db").exists():
        raise Problem("gateway_missing", folder=data.name)
    return closing(Ledger(data))
