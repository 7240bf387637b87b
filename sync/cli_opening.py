"""How a command of the headless face opens a store: who acts, with which secret."""

import argparse
import os
from pathlib import Path

from forms.problem import Problem
from sync import vault
from sync.counter import Counter
from sync.restoring import settle


def secret_for(data: Path) -> str:
    """:raises Problem: ``secret_missing`` with the name of the variable."""
    kind = vault.keystore(data) if vault.is_enrolled(data) else vault.kind_here()
    names = ["MOTCUA_PIN", "MOTCUA_PASSPHRASE"] if kind == "os" else ["MOTCUA_PASSPHRASE"]
    found = next((os.environ[n] for n in names if os.environ.get(n)), None)
    if found is None:
        raise Problem("secret_missing", variable=names[0], keystore=kind)
    return found


def new_secret() -> str:
    """What is to open the store from now on: of the person who is let in, or changes theirs. :raises Problem: ``secret_missing``."""
    return _needed("MOTCUA_NEW_PIN", "MOTCUA_NEW_PASSPHRASE")


def recovery_of_paper() -> str:
    """The code on the recovery paper. :raises Problem: ``secret_missing``."""
    return _needed("MOTCUA_RECOVERY")


def _needed(*names: str) -> str:
    found = next((os.environ[n] for n in names if os.environ.get(n)), None)
    if found is None:
        raise Problem("secret_missing", variable=names[0])
    return found


def operator_of(args: argparse.Namespace) -> str:
    """Who acts: the one named, or the first who may open this store."""
    return str(args.operator or vault.operators(args.data)[0]["id"])


def open_store(args: argparse.Namespace, writes: bool = False) -> tuple[Counter, bytes]:
    """The counter and its database key. :raises Problem: ``not_enrolled``, ``secret_missing``, as ``vault.unlock``."""
    settle(args.data)
    if not vault.is_enrolled(args.data):
        raise Problem("not_enrolled")
    key = vault.unlock(args.data, operator_of(args), secret_for(args.data))
    return Counter.open(args.data, key, writes=writes), key
