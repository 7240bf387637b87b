"""A disk as the law of fsync leaves it: what was written down by the shim is done again on it, and a power cut may come before
any step. Only what was synced must survive; of the rest a cut takes and tears what it likes.

The rules are the strict ones (POSIX): bytes are durable after fsync of their file, names after fsync of their folder. Each
un-synced write may be whole, gone or torn at sectors of 512 bytes, in any order; each un-synced change of a name is done or not.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.shim import Op

SECTOR = 512
BALLAST = "ballast"
Image = dict[str, bytes]
"""Content by path; a folder's path ends with "/" and has none."""
_Write = tuple[int, bytes | None]
"""Where, and what; None: the file ends there."""


def files_of(world: Path) -> Image:
    """All there is below a folder, but for the ballast, which holds nothing."""
    found = [path for path in world.rglob("*") if path.name != BALLAST]
    return {f"{path}/" if path.is_dir() else str(path): b"" if path.is_dir() else path.read_bytes() for path in found}


def lay(world: Path, image: Image) -> None:
    """The folder holds this and nothing else but a ballast."""
    for path in world.rglob("*"):
        if path.is_dir() and f"{path}/" not in image:
            shutil.rmtree(path)
        elif path.is_file() and str(path) not in image and path.name != BALLAST:
            path.unlink()
    for name in sorted(image):  # a folder before what is in it
        if name.endswith("/"):
            Path(name).mkdir(exist_ok=True)
        else:
            Path(name).write_bytes(image[name])


@dataclass(eq=False)
class _File:
    durable: bytes = b""
    now: bytearray = field(default_factory=bytearray)
    pending: list[_Write] = field(default_factory=list)


@dataclass(eq=False)
class _Folder:
    durable: dict[str, "_Node"] = field(default_factory=dict)
    now: dict[str, "_Node"] = field(default_factory=dict)


_Node = _File | _Folder
_Change = list[tuple[_Folder, str, _Node | None]]
"""Entries that become something else or nothing (None), together."""


def _do(content: bytearray, at: int, data: bytes | None) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


class Disk:
    """Begins with files that are durable; ``apply`` does one step more."""

    def __init__(self, world: Path, image: Image) -> None:
        self._world, self._root = world, _Folder()
        for name in sorted(image):
            folder, last = self._place(name.rstrip("/"))
            folder.now[last] = folder.durable[last] = (
                _Folder() if name.endswith("/") else _File(image[name], bytearray(image[name]))
            )
        self._changes: list[_Change] = []
        self._open: dict[int, _Node] = {}
        self._last: _File | None = None

    def _place(self, path: str) -> tuple[_Folder, str]:
        """The folder of a path, and its last name there."""
        *above, last = Path(path).relative_to(self._world).parts
        folder = self._root
        for name in above:
            inner = folder.now[name]
            assert isinstance(inner, _Folder)
            folder = inner
        return folder, last

    def _at(self, path: str) -> _Node:
        folder, last = self._place(path)
        return folder.now[last]

    def apply(self, op: Op) -> None:
        """Do what was written down."""
        match op.kind:
            case "P":
                self._open = {}
            case "O" | "D":
                self._open[op.file] = self._at(op.path)
            case "C":
                self._open[op.file] = file = _File()
                self._change((*self._place(op.path), file))
            case "M":
                self._change((*self._place(op.path), _Folder()))
            case "W" | "T":
                self._write(self._open[op.file], op.offset, op.data if op.kind == "W" else None)
            case "F":
                self._sync(self._open[op.file])
            case "R":
                self._change((*self._place(op.path), None), (*self._place(op.other), self._at(op.path)))
            case "L":
                self._change((*self._place(op.other), self._at(op.path)))
            case "U" | "K":
                self._change((*self._place(op.path), None))

    def _change(self, *entries: tuple[_Folder, str, _Node | None]) -> None:
        self._changes.append(list(entries))
        _enter(list(entries), lambda folder: folder.now)

    def _write(self, file: _Node, at: int, data: bytes | None) -> None:
        assert isinstance(file, _File)
        _do(file.now, at, data)
        file.pending.append((at, data))
        self._last = file

    def _sync(self, what: _Node) -> None:
        if isinstance(what, _File):
            what.durable, what.pending = bytes(what.now), []
            return
        for change in self._changes:
            if any(folder is what for folder, _, _ in change):
                _enter(change, lambda folder: folder.durable)
        self._changes = [c for c in self._changes if all(folder is not what for folder, _, _ in c)]

    # What a cut leaves

    def images(self, chance: random.Random, subsets: int) -> Iterator[Image]:
        """What may be found after a cut now: everything there; nothing that was not synced; the last write torn; and as many
        times as ``subsets`` says, some of it there and some not."""
        now = self._flat(lambda folder: folder.now)
        yield _contents(now, lambda file: bytes(file.now))
        waiting = any(isinstance(file, _File) and file.pending for file in now.values())
        if not waiting and not self._changes:
            return
        yield _contents(self._flat(lambda folder: folder.durable), lambda file: file.durable)
        if waiting:
            yield _contents(now, lambda file: self._torn(file, chance))
        for _ in range(subsets):
            share = chance.choice((0.1, 0.5, 0.9, 0.98))
            yield _contents(self._some_names(chance), lambda file, share=share: self._some(file, chance, share))

    def _flat(self, entries: Callable[[_Folder], dict[str, _Node]]) -> dict[str, _Node]:
        """Every file and folder that can be reached, by path."""
        found: dict[str, _Node] = {}

        def walk(folder: _Folder, above: str) -> None:
            for name, node in entries(folder).items():
                if isinstance(node, _Folder):
                    found[f"{above}/{name}/"] = node
                    walk(node, f"{above}/{name}")
                else:
                    found[f"{above}/{name}"] = node

        walk(self._root, str(self._world))
        return found

    def _some_names(self, chance: random.Random) -> dict[str, _Node]:
        """Each change of names since the last sync is done or not; none in a folder that was not made."""
        views: dict[_Folder, dict[str, _Node]] = {}
        unmade: set[_Node] = set()

        def view(folder: _Folder) -> dict[str, _Node]:
            return views.setdefault(folder, dict(folder.durable))

        for change in self._changes:
            if chance.random() < 0.5 and not any(folder in unmade for folder, _, _ in change):
                _enter(change, view)
            else:
                unmade |= {node for _, _, node in change if isinstance(node, _Folder) and len(change) == 1}
        return self._flat(view)

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


def _enter(change: _Change, entries: Callable[[_Folder], dict[str, _Node]]) -> None:
    for folder, name, node in change:
        entries(folder).pop(name, None)
        if node is not None:
            entries(folder)[name] = node


def _contents(nodes: dict[str, _Node], content: Callable[[_File], bytes]) -> Image:
    return {path: content(node) if isinstance(node, _File) else b"" for path, node in nodes.items()}


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
