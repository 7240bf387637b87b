"""The ballast: a file beside the store that only takes room. When the disk is full it is given up, so that what a clerk is doing
can still be kept; when there is room again it comes back. While it is away, the clerk is told (``disk_nearly_full``).
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from forms.problem import Problem
from sync.files import write_atomic

FILE = "ballast"
SIZE = 2 * 2**20
"""Bytes: some fifteen receptions, or a scan."""
LOW = 2**20
"""With less room than this before a write, the ballast goes."""
ENOUGH = 64 * 2**20
"""With so much room it is made: its place must not be what others lack."""


def tend(folder: Path) -> None:
    """At every start, and now and then: make the ballast when there is plenty of room, give it up when there is none."""
    give_up_if_low(folder)
    if missing(folder) and _free(folder) >= ENOUGH:
        with suppress(Problem):  # that it is missing is told
            write_atomic(folder / FILE, os.urandom(SIZE))  # no disk can pack it, so it takes what it says


def give_up_if_low(folder: Path) -> None:
    """Before every write. A disk that shows room and takes nothing (a quota) is found out by the write: :func:`give_up`."""
    if _free(folder) < LOW:
        give_up(folder)


def give_up(folder: Path) -> bool:
    """True when there is more room now than before."""
    try:
        (folder / FILE).unlink()
    except OSError:  # it is not there, or nothing can be taken away from this disk
        return False
    return True


def missing(folder: Path) -> bool:
    """Whether the disk is nearly full: the ballast was given up, or could not be made."""
    return not (folder / FILE).exists()


def _free(folder: Path) -> int:
    """Bytes. A disk that does not say is neither empty nor full."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return LOW
