"""A restored store takes its place, also when a power cut or a bad disk comes between: once its folder has its last name the
restore is decided, and whoever comes to the door next ends what was broken off.

``vault.json`` is there at any moment, the old one or the new one: without it the counter would look as if it had never been.
"""

from datetime import datetime
from pathlib import Path

from forms.problem import Problem
from sync.files import hold, os_problem, put_in_place, sync_names, write_atomic
from sync.store.opening import FILE

ASIDE = "before-restore-"
"""Folders beside the store where what stood here before is kept."""
RESTORE = "restore"
"""The place that whoever restores holds: the sync process ends when it is taken."""
_DECIDED, _VAULT = "restored-", "vault.json"
_WAIT = 10
"""Seconds for somebody else to end it."""


def decide(data: Path, fresh: Path, now: datetime) -> None:
    """``fresh``, a folder with a store (one file, no log beside it) and, unless the old one is to stay, its vault, is to be the
    counter in ``data``; inside the place of whoever restores.

    :raises Problem: ``disk_full``, ``file_unwritable``.
    """
    _settle(data)
    try:
        if any(file.name not in (FILE, _VAULT) for file in fresh.iterdir()):  # a log that could not be taken in, or away
            raise Problem("file_unwritable", file=FILE, reason="")
        sync_names(fresh)
        put_in_place(fresh, data / f"{_DECIDED}{now:%Y%m%d-%H%M%S}-{fresh.name[-4:]}")  # two in one second stay two
    except OSError as error:
        raise os_problem(error, fresh) from error
    _settle(data)


def settle(data: Path) -> None:
    """At the door, before the vault is asked: end a restore that was decided and broken off. There is none, as a rule.

    :raises Problem: ``disk_full``, ``file_unwritable``: the next time it goes on from there; ``already_open``.
    """
    if any(data.glob(_DECIDED + "*")):
        with hold(data, RESTORE, wait=_WAIT):
            _settle(data)


def _settle(data: Path) -> None:
    for ready in sorted(data.glob(_DECIDED + "*")):
        try:
            _swap(data, ready, data / ready.name.replace(_DECIDED, ASIDE))
        except OSError as error:
            raise os_problem(error, ready) from error


def _swap(data: Path, ready: Path, aside: Path) -> None:
    """What stood here goes aside, never away; each step may have been done before."""
    aside.mkdir(exist_ok=True)
    if (ready / FILE).exists():
        for file in data.glob(FILE + "*"):
            file.replace(aside / file.name)
        put_in_place(ready / FILE, data / FILE)
    if (ready / _VAULT).exists():
        if (data / _VAULT).exists():
            write_atomic(aside / _VAULT, (data / _VAULT).read_bytes())
        put_in_place(ready / _VAULT, data / _VAULT)
    ready.rmdir()
    if not any(aside.iterdir()):
        aside.rmdir()
