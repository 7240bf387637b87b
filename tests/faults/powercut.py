"""Power cuts: what the real ``python -m sync`` does to its disk is written down, and before every single step the power goes.

Each image of the disk that may then be found is opened by ``reader.py``; some also by the product, which must go on with them.
"""

import hashlib
import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from sync import recovery, vault
from sync.counter import Counter
from sync.restoring import settle
from sync.store import ballast
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, run_sync
from tests.faults import shim
from tests.faults.disk import Disk, Image, files_of, lay
from tests.faults.reader import Found, Told, look
from tests.sync.scan_samples import png

SCAN = 150_000
_PAGES = 25  # every so many images, each page is checked
_GOES_ON = 80  # every so many images, the product opens it


@dataclass
class Recorded:
    """The files of a counter's folder before, and everything that was done to them."""

    world: Path
    key: bytes
    before: Image
    ops: list[shim.Op]

    @property
    def data(self) -> Path:
        """The counter's folder."""
        return self.world / "data"

    @property
    def backup(self) -> Path:
        """Where its back-up was put."""
        return self.world / "back" / "day.mcbk"


@contextmanager
def world_in(folder: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of images are written to it, one after the other. The state folder of
    programs is in it, too."""
    memory = Path("/dev/shm")
    own = (memory if os.access(memory, os.W_OK) else folder) / f"motcua-{os.getpid()}-{folder.name}"
    world = own / "disk"
    world.mkdir(parents=True)
    outside, os.environ["XDG_STATE_HOME"] = os.environ.get("XDG_STATE_HOME", ""), str(world / "state")
    try:
        yield world
    finally:
        os.environ["XDG_STATE_HOME"] = outside
        shutil.rmtree(own)


def record(folder: Path, world: Path, hub: GatewayProcess, dossiers: int, version: str = "right") -> Recorded:
    """Three programs receive ``dossiers`` each; between them a scan is attached, a back-up written and put back. ``version``: as
    in ``badly.py``."""
    enrolled(world / "data", hub, code=hub.new_code())
    (world / "back").mkdir()
    lines = list(examples(Catalogue.load(), "2.000815", None, 3 * dossiers, 1))
    (folder / "scan.png").write_bytes(png(noise=SCAN))
    ballast.tend(world / "data")
    key = vault.unlock(world / "data", vault.operators(world / "data")[0]["id"], PASSPHRASE)
    recorded = Recorded(world, key, files_of(world), [])
    watched = shim.preloaded(shim.built(folder), world, folder / "disk.log")

    def run(command: str, *arguments: str) -> None:
        told = (version, "calm", command, "--data", str(world / "data"), *arguments)
        run_sync(*told, module="tests.faults.badly", check=True, **watched)

    def receive(part: int) -> None:
        some = lines[part * dossiers : (part + 1) * dossiers]
        file = folder / "lines.jsonl"
        file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in some), "utf-8")
        run("receive", "--from", str(file))

    receive(0)
    run("attach", "--dossier", lines[0]["id"], "--paper", lines[0]["papers"][0]["code"], str(folder / "scan.png"))
    receive(1)
    run("backup", "--to", str(recorded.backup))
    run("restore", "--from", str(recorded.backup))
    receive(2)
    recorded.ops += shim.ops(folder / "disk.log")
    return recorded


def run(folder: Path, hub: GatewayProcess, images: int, dossiers: int, subsets: int, version: str = "right") -> dict[str, Any]:
    """Record and explore; as :func:`explore`."""
    with world_in(folder) as world:
        return explore(record(folder, world, hub, dossiers, version), images, subsets)


def explore(recorded: Recorded, most: int, subsets: int, seed: int = 1) -> dict[str, Any]:
    """Cut the power before every step, and look at what may be found: at most ``most`` images, all different.

    :returns: ``{"steps", "told", "images", "by_product", "missing", "torn", "broken", "unreadable", "stuck", "first"}``;
        ``first``: the first thing that was wrong, in words.
    """
    report: dict[str, Any] = {"steps": len(recorded.ops), "images": 0, "by_product": 0, "stuck": 0, "first": None}
    totals = dict.fromkeys(asdict(Found()), 0)
    begin, images = time.monotonic(), _cuts(recorded, subsets, seed)
    for number, (image, told) in enumerate(images):
        if number == most:
            break
        lay(recorded.world, image)
        found = _looked_at(recorded, told, pages=number % _PAGES == 0)
        for name, sentences in asdict(found).items():
            totals[name] += len(sentences)
            report["first"] = report["first"] or next(iter(sentences), None)
        report["images"] += 1
        if number % _GOES_ON == 0:
            report["by_product"] += 1
            trouble = _stuck(recorded, image)
            report["stuck"] += bool(trouble)
            report["first"] = report["first"] or trouble or None
    told = _told(recorded.ops, recorded.backup)
    report |= totals | {"told": len(told.codes) + len(told.scans) + len(told.backups)}
    return report | {"seconds": round(time.monotonic() - begin, 1)}


def _cuts(recorded: Recorded, subsets: int, seed: int) -> Iterator[tuple[Image, Told]]:
    """Images with what had been told before; the same image with the same words comes once."""
    disk, told, said, chance = Disk(recorded.world, recorded.before), Told(), b"", random.Random(seed)
    seen: set[bytes] = set()
    for op in recorded.ops:
        if op.kind == "S":
            said = _hear(told, said + op.data, recorded.backup)
            continue
        for image in disk.images(chance, subsets) if op.kind in "CWTFRLUMK" else ():
            mark = hashlib.sha1(repr((len(told.codes), len(told.scans), len(told.backups))).encode())
            for path in sorted(image):
                mark.update(path.encode() + len(image[path]).to_bytes(8, "big") + image[path])
            if mark.digest() not in seen:
                seen.add(mark.digest())
                yield image, told
        disk.apply(op)


def _told(ops: list[shim.Op], backup: Path) -> Told:
    told = Told()
    _hear(told, b"".join(op.data for op in ops if op.kind == "S"), backup)
    return told


def _hear(told: Told, said: bytes, backup: Path) -> bytes:
    """Take the whole lines; what is left is half a line, which nobody has read."""
    *lines, rest = said.split(b"\n")
    for line in lines:
        told.hear(json.loads(line), backup)
    return rest


def _looked_at(recorded: Recorded, told: Told, pages: bool) -> Found:
    """Through the door of the product, which ends a restore that was broken off; then by the reader alone."""
    try:
        settle(recorded.data)
    except Problem as problem:
        return Found(unreadable=[f"at the door: {problem}"])
    return look(recorded.data, recorded.key, told, pages)


def _stuck(recorded: Recorded, image: Image) -> str:
    """The product opens the image, finds all in order, and is still the counter that it was: what is wrong, "" for nothing."""
    lay(recorded.world, image)
    try:
        settle(recorded.data)
        restored = {"store_restored"} if any(recorded.data.glob("before-restore-*")) else set()
        with closing(Counter.open(recorded.data, recorded.key)) as counter:
            alerts = {alert["kind"] for alert in counter.status()["alerts"]} - restored
            report = recovery.verify(counter.store)
            return " ".join(map(str, [*sorted(alerts), *report["problems"]]))
    except Problem as problem:
        return str(problem)
