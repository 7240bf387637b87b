"""Commands that take care of a counter: is everything as it was written, back-ups, who may do what."""

import argparse
import os
from pathlib import Path
from typing import Any, Protocol

from forms.cli import say
from sync import audit, backups, cli_people, erasure, recovery, vault
from sync.cli_opening import new_secret, open_ledger, open_store, operator_of, recovery_of_paper, secret_for
from sync.counter import vietnam_now
from sync.restoring import settle


class Add(Protocol):
    """Adds a command: its name, what runs it, its options (``--`` left out) with what argparse is told of them."""

    def __call__(self, name: str, run: Any, **options: dict[str, Any]) -> argparse.ArgumentParser: ...


def register(add: Add) -> None:
    """Add these commands to the parser of ``python -m sync``."""
    text, flag, file = {"default": None}, {"action": "store_true"}, {"type": Path, "required": True}
    add("verify", _verify, operator=text)
    add("backup", _backup, to=file, operator=text, automatic=flag)
    add("restore", _restore, from_=file, operator=text)
    add("backups", _backups, operator=text)
    add("backup-place", _backup_place, to={"required": True, "help": "a folder, or none"})
    add("gateway-backup", _gateway_backup, to=file)
    add("erase", _erase, dossier={"required": True}, basis={"required": True}, operator=text)
    cli_people.register(add)


def _verify(args: argparse.Namespace) -> int:
    report = recovery.verify(open_store(args)[0].store)
    say(report)
    return 0 if report["ok"] else 1


def _backup(args: argparse.Namespace) -> None:
    counter, key = open_store(args)
    say(recovery.backup(counter, key, args.to, args.automatic))
    if not args.automatic:
        audit.note(counter, operator_of(args), "backup_made")


def _restore(args: argparse.Namespace) -> None:
    """By a secret; or, on a new PC, by the recovery paper (``MOTCUA_RECOVERY``) with a new secret: the code that replaces it is
    said once."""
    fresh: dict[str, str] = {}

    def by_paper(folder: Path, operator: str) -> bytes:
        key, fresh["recovery_code"] = vault.recover(folder, recovery_of_paper(), operator, new_secret())
        return key

    paper = by_paper if "MOTCUA_RECOVERY" in os.environ else None
    say(recovery.restore(args.from_, args.data, args.operator, secret_for, vietnam_now(), paper) | fresh)


def _backups(args: argparse.Namespace) -> None:
    """The back-ups of a counter here and in its second place, newest first; the store itself need not be readable."""
    settle(args.data)
    key = vault.unlock(args.data, operator_of(args), secret_for(args.data))
    for one in backups.everywhere(args.data):
        tried = backups.look(one.file, key, args.data)
        say({"file": str(one.file), "at": one.at.isoformat(), "events": tried.events if tried else None, "good": bool(tried)})


def _backup_place(args: argparse.Namespace) -> None:
    vault.summary(args.data)
    backups.choose_place(args.data, None if args.to == "none" else Path(args.to).absolute())
    say({"place": None if args.to == "none" else args.to})


def _erase(args: argparse.Namespace) -> None:
    """Cannot be undone; who may is settled by role."""
    counter, _ = open_store(args, writes=True)
    erasure.erase(counter, args.dossier, operator_of(args), args.basis)
    say({"dossier": args.dossier, "erased": counter.dossier(args.dossier)["erased"]})


def _gateway_backup(args: argparse.Namespace) -> None:
    from sync.gateway.backup import backup

    with open_ledger(args.data) as ledger:
        say(backup(ledger, args.to))
