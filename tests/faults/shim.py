"""What stands between a program and its disk: ``shim.c``, compiled and preloaded. It writes down every change of the files below
a folder, and lets calls fail when told so."""

import ctypes
import os
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("shim.c")
READ, WRITE, OPEN, SYNC, CUT, NAME, MAKE = (1 << n for n in range(7))
"""Kinds of calls; ``MAKE`` opens a file that is not there."""
CHANGING = WRITE | SYNC | CUT | NAME | MAKE
"""What a full disk may hinder."""
ANY = CHANGING | READ | OPEN
_HEAD = struct.Struct("<BBHHHIIQQ")


class Op(NamedTuple):
    """One thing that was done. ``kind``: ``P`` a program began, ``O`` ``C`` ``D`` file opened, made, folder opened (``path``),
    ``W`` written (``offset``, ``data``), ``T`` cut or grown to ``offset``, ``F`` fsync, ``R`` ``L`` renamed, linked to ``other``,
    ``U`` unlinked, ``M`` ``K`` folder made, removed, ``S`` written to stdout. ``file`` counts within one program."""

    kind: str
    file: int
    path: str
    other: str
    offset: int
    data: bytes


def built(folder: Path) -> Path:
    """The library, compiled into ``folder`` unless it is there."""
    library = folder / "shim.so"
    if not library.exists():
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def preloaded(library: Path, below: Path, log: Path | None = None) -> dict[str, str]:
    """What to add to the environment of a program; with ``log`` everything is written down there, one program after the other."""
    found = {"LD_PRELOAD": str(library), "FAULTS_BELOW": f"{below}/"}
    return found if log is None else found | {"FAULTS_LOG": str(log)}


def ops(log: Path) -> Iterator[Op]:
    """What was written down, in order."""
    with log.open("rb") as source:
        while head := source.read(_HEAD.size):
            kind, _, path, other, _, file, _, offset, size = _HEAD.unpack(head)
            names = os.fsdecode(source.read(path)), os.fsdecode(source.read(other))
            data = source.read(size) if kind in b"WS" else b""
            yield Op(chr(kind), file, *names, offset, data)


class Shim:
    """The preloaded library of this very process: faults are ordered here."""

    def __init__(self) -> None:
        self._c = ctypes.CDLL(None)
        for name in ("seen", "struck", "least"):
            getattr(self._c, f"faults_{name}").restype = ctypes.c_long

    def below(self, folder: Path) -> None:
        """Only files below ``folder`` are meant from now on."""
        self._c.faults_below(os.fsencode(f"{folder}/"))

    def arm(self, kinds: int, at: int, error: int, on: bool = False) -> None:
        """The ``at``-th call (from 0) of these kinds fails with ``error``; with ``on``, all that follow too; -1: none does."""
        self._c.faults_arm(kinds, ctypes.c_long(at), error, int(on))

    def disarm(self) -> None:
        """Nothing fails any more."""
        self._c.faults_arm(0, ctypes.c_long(-1), 0, 0)
        self.room(-1)

    def room(self, left: int, quota: bool = False) -> None:
        """The disk takes ``left`` bytes more, and what is taken away from it; -1: it is never full. With a ``quota`` it does
        not say so when it is asked."""
        self._c.faults_quota(int(quota))
        self._c.faults_room(ctypes.c_long(left))

    @property
    def least(self) -> int:
        """Bytes that the disk still took when it was fullest."""
        return int(self._c.faults_least())

    @property
    def seen(self) -> int:
        """How many calls of the armed kinds there were."""
        return int(self._c.faults_seen())

    @property
    def struck(self) -> int:
        """How many of them failed."""
        return int(self._c.faults_struck())
