"""A disk as the law of fsync leaves it: what was written down by the shim is done again on it, and a power cut may come before
any step. Only what was synced must survive; of the rest a cut takes and tears what it likes.

The rules are the strict ones (POSIX): bytes are durable after fsync of their file, names after fsync of their folder. Each name
may come back as any of its un-synced states, each un-synced write may be whole, gone or torn at sectors of 512 bytes, in any
order.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.shim import Op

SECTOR = 512
Image = dict[str, bytes]
"""Content by path."""
_Write = tuple[int, bytes | None]
"""Where, and what; None: the file ends there."""


def files_of(world: Path) -> Image:
    """All files of a folder, as they are."""
    return {str(path): path.read_bytes() for path in world.rglob("*") if path.is_file()}


def lay(world: Path, image: Image) -> None:
    """The folder holds these files and nothing else; folders stay."""
    for path in world.rglob("*"):
        if path.is_file() and str(path) not in image:
            path.unlink()
    for name, content in image.items():
        Path(name).write_bytes(content)


@dataclass(eq=False)
class _File:
    durable: bytes = b""
    now: bytearray = field(default_factory=bytearray)
    pending: list[_Write] = field(default_factory=list)


def _do(content: bytearray, at: int, data: bytes | None) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


class Disk:
    """Begins with files that are durable; ``apply`` does one step more."""

    def __init__(self, image: Image) -> None:
        self._names = {path: _File(data, bytearray(data)) for path, data in image.items()}
        self._durable_names = dict(self._names)
        self._changes: list[tuple[str, _File | None]] = []
        self._open: dict[int, _File | str] = {}
        self._last: _File | None = None

    def apply(self, op: Op) -> None:
        """Do what was written down."""
        match op.kind:
            case "P":
                self._open = {}
            case "O":
                self._open[op.file] = self._names[op.path]
            case "D":
                self._open[op.file] = op.path
            case "C":
                self._open[op.file] = file = _File()
                self._name(op.path, file)
            case "W" | "T":
                self._write(self._open[op.file], op.offset, op.data if op.kind == "W" else None)
            case "F":
                self._sync(self._open[op.file])
            case "R":
                file = self._names[op.path]
                self._name(op.path, None)
                self._name(op.other, file)
            case "L":
                self._name(op.other, self._names[op.path])
            case "U":
                self._name(op.path, None)

    def _name(self, path: str, file: _File | None) -> None:
        self._changes.append((path, file))
        if file is None:
            del self._names[path]
        else:
            self._names[path] = file

    def _write(self, file: "_File | str", at: int, data: bytes | None) -> None:
        assert isinstance(file, _File)
        _do(file.now, at, data)
        file.pending.append((at, data))
        self._last = file

    def _sync(self, what: "_File | str") -> None:
        if isinstance(what, _File):
            what.durable, what.pending = bytes(what.now), []
            return
        mine = [c for c in self._changes if str(Path(c[0]).parent) == what]
        self._changes = [c for c in self._changes if str(Path(c[0]).parent) != what]
        for path, file in mine:
            self._durable_names.pop(path, None)
            if file is not None:
                self._durable_names[path] = file

    # What a cut leaves

    def images(self, chance: random.Random, subsets: int) -> Iterator[Image]:
        """What may be found after a cut now: everything there; nothing that was not synced; the last write torn; and as many
        times as ``subsets`` says, some of it there and some not."""
        yield {path: bytes(file.now) for path, file in self._names.items()}
        waiting = any(file.pending for file in self._names.values())
        if not waiting and not self._changes:
            return
        yield {path: file.durable for path, file in self._durable_names.items()}
        if waiting:
            yield {path: self._torn(file, chance) for path, file in self._names.items()}
        for _ in range(subsets):
            share = chance.choice((0.1, 0.5, 0.9, 0.98))
            yield {path: self._some(file, chance, share) for path, file in self._some_names(chance).items()}

    def _torn(self, file: _File, chance: random.Random) -> bytes:
        """All there, but for some sectors of the last write."""
        if file is not self._last or not file.pending:
            return bytes(file.now)
        content = bytearray(file.durable)
        for at, data in file.pending[:-1]:
            _do(content, at, data)
        _do_torn(content, *file.pending[-1], chance)
        return bytes(content)

    def _some(self, file: _File, chance: random.Random, share: float) -> bytes:
        if not file.pending:
            return bytes(file.now)
        content = bytearray(file.durable)
        for at, data in file.pending:
            if chance.random() < share:
                _do(content, at, data)
            elif chance.random() < 0.3:
                _do_torn(content, at, data, chance)
        return bytes(content)

    def _some_names(self, chance: random.Random) -> dict[str, _File]:
        """Each name at any of its states since its folder was synced."""
        names = dict(self._durable_names)
        for path in {path for path, _ in self._changes}:
            states = [names.get(path), *(file for name, file in self._changes if name == path)]
            file = chance.choice(states)
            names.pop(path, None)
            if file is not None:
                names[path] = file
        return names


def _do_torn(content: bytearray, at: int, data: bytes | None, chance: random.Random) -> None:
    """Sectors of a write: half the time those up to somewhere, else each by itself. A cut of a file is done or not."""
    if data is None:
        return
    starts = [0, *range(SECTOR - at % SECTOR, len(data), SECTOR)]
    if chance.random() < 0.5:
        kept = starts[: chance.randrange(len(starts))]
    else:
        kept = [s for s in starts if chance.random() < 0.5]
    for start in kept:
        end = start + SECTOR - (at + start) % SECTOR
        _do(content, at + start, data[start : min(end, len(data))])
