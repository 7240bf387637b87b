"""Single bits flipped in every file of a counter: noticed at the start, by ``verify`` or by ``restore``, never served as truth.

The files are those of a program that was killed at work: a store, a WAL that holds the last acts, the vault, a back-up.
"""

import os
import random
import shutil
import tempfile
import time
from collections import Counter as TallyOf
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync import recovery, vault
from sync.counter import Counter, vietnam_now
from tests.conftest import PASSPHRASE, GatewayProcess, open_counter
from tests.faults.mutations import flipped
from tests.faults.staged import Stage

FILES = {"store.db": 5, "store.db-wal": 3, "vault.json": 1, "copy.backup": 2}
"""How often each comes."""


class Killed:
    """The files that a program left which was killed, and what they say."""

    def __init__(self, folder: Path, hub: GatewayProcess) -> None:
        stage = Stage(folder / "stage", hub, "right")
        stage.receives(6, 31, scan=True)
        counter = open_counter(stage.data)
        recovery.backup(counter, stage.key, folder / "copy.backup")
        for line in stage.lines(9, 32)[6:]:
            counter.receive(line, "CB001", date_confirmed=True)
        self.key, self.home, self.place = stage.key, folder / "home", folder / "place"
        self.home.mkdir()
        for file in stage.data.glob("*"):
            if file.is_file() and not file.name.endswith("-shm"):
                shutil.copy(file, self.home / file.name)  # as they stand under the open store
        counter.close()
        (folder / "copy.backup").rename(self.home / "copy.backup")
        stage.data.rename(folder / "before")
        self.data = stage.data
        self.state = {f: f.read_bytes() for f in (Path(os.environ["XDG_STATE_HOME"])).rglob("*") if f.is_file()}
        self._fresh()
        self.truth = self._says()
        assert (self.home / "store.db-wal").stat().st_size > 100_000, "the WAL must hold the last acts"

    def _fresh(self) -> None:
        """The files as they were left, and the state folder, too."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.copytree(self.home, self.data)
        for file, content in self.state.items():
            file.write_bytes(content)

    def _says(self) -> Any:
        """What a clerk, a reader of the log and whoever signs in would see. :raises Problem: it was noticed."""
        people = vault.operators(self.data)
        with closing(Counter.open(self.data, self.key)) as counter:
            report = recovery.verify(counter.store)
            if not report["ok"]:
                raise Problem("store_damaged", reason=report["problems"][0])
            rows = counter.store.rows("SELECT * FROM events ORDER BY counter, epoch, number")
            scans = counter.store.rows("SELECT sha256, seq, bytes FROM scan_chunks ORDER BY 1, 2")
            return people, counter.dossiers(limit=-1), rows, scans, counter.epoch

    def flip(self, name: str, chance: random.Random) -> str:
        """One bit of a file; how it was noticed. ``healed``: the WAL holds that page newer, all is as it was, every page sound;
        ``unseen``: all is as it was, and the bit is still there; ``served``: something else is told as the truth."""
        self._fresh()
        file = self.data / name
        file.write_bytes(flipped(chance, file.read_bytes()))
        try:
            if name == "copy.backup":
                recovery.restore(file, self.data, None, lambda _: PASSPHRASE, vietnam_now())
                return "unseen"
            vault.unlock(self.data, vault.operators(self.data)[0]["id"], PASSPHRASE) if name == "vault.json" else None
            said = self._says()
        except Problem as problem:
            return problem.code
        if said == self.truth:
            return "healed" if name == "store.db" else "unseen"
        return "new epoch" if said[4] != self.truth[4] else "served"


@contextmanager
def _quiet() -> Iterator[None]:
    """SQLCipher speaks of each damaged page, many times, on stderr itself."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a descriptor
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def flip_bits(count: int, seed: int = 1) -> dict[str, Any]:
    """``count`` bits, one at a time, besides those that healed: all of them must be ``noticed``, the lists empty."""
    report: dict[str, Any] = {
        "fault": "flipped bits",
        "bits": 0,
        "noticed": 0,
        "healed": 0,
        "unseen": [],
        "served": [],
        "crashed": [],
    }
    begin, how = time.monotonic(), TallyOf[str]()
    deck = [name for name, share in FILES.items() for _ in range(share)]
    with ExitStack() as silence, tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        hub = GatewayProcess(Path(folder) / "hub", "--numbers", "50")
        killed = Killed(Path(folder) / "killed", hub)
        hub.stop()
        number = -1
        silence.enter_context(_quiet())
        while report["bits"] < count:
            number += 1
            name = deck[number % len(deck)]
            try:
                found = killed.flip(name, random.Random(f"{seed}/{number}"))
            except Exception as error:  # noqa: BLE001 - a bug is not a notice
                found = "crashed"
                report[found].append(f"{seed}/{number} {name}: {type(error).__name__}: {str(error)[:120]}")
            how[f"{name}: {found}"] += 1
            report["bits"] += found != "healed"
            if found in ("unseen", "served"):
                report[found].append(f"{seed}/{number} {name}")
            elif found == "healed":
                report["healed"] += 1
            elif found != "crashed":
                report["noticed"] += 1
    return report | {"how": dict(how.most_common()), "seconds": round(time.monotonic() - begin, 1)}
