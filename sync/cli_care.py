"""Commands that take care of a counter: is everything as it was written, back-ups, who may do what."""

import argparse
from pathlib import Path
from typing import Any, Protocol

from forms.cli import say
from sync import cli_people, recovery
from sync.cli_opening import open_store, secret_for
from sync.counter import vietnam_now


class Add(Protocol):
    """Adds a command: its name, what runs it, its options (``--`` left out) with what argparse is told of them."""

    def __call__(self, name: str, run: Any, **options: dict[str, Any]) -> argparse.ArgumentParser: ...


def register(add: Add) -> None:
    """Add these commands to the parser of ``python -m sync``."""
    text, flag, file = {"default": None}, {"action": "store_true"}, {"type": Path, "required": True}
    add("verify", _verify, operator=text)
    add("backup", _backup, to=file, operator=text, automatic=flag)
    add("restore", _restore, from_=file, operator=text)
    cli_people.register(add)


def _verify(args: argparse.Namespace) -> int:
    report = recovery.verify(open_store(args)[0].store)
    say(report)
    return 0 if report["ok"] else 1


def _backup(args: argparse.Namespace) -> None:
    counter, key = open_store(args)
    say(recovery.backup(counter, key, args.to, args.automatic))


def _restore(args: argparse.Namespace) -> None:
    say(recovery.restore(args.from_, args.data, args.operator, secret_for, vietnam_now()))
