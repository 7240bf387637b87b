"""Forks of a warm program that work on the files of a counter: a process a try would cost a second, a fork some milliseconds.

The program was started with the shim preloaded, so that each fork can be given its faults.
"""

import argparse
import functools
import gc
import io
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from forms.catalogue import Catalogue
from forms.example import examples
from sync import cli, counter, decoding, scan_files, vault
from sync.counter import vietnam_now
from sync.enrolment import enrol
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess
from tests.faults import shim
from tests.faults.disk import files_of, lay
from tests.faults.powercut import world_in
from tests.faults.reader import Told, look
from tests.sync.scan_samples import png

T = TypeVar("T")
Explore = Callable[["Forks", int], dict[str, Any]]
_PATIENCE = 30  # seconds until a try counts as hung


@dataclass
class Ended:
    """How a fork ended: exit code (negative: a signal), its lines, what it said on stderr."""

    code: int
    out: str
    err: str
    seen: int = 0
    struck: int = 0

    @property
    def problem(self) -> str:
        """The code of the Problem it ended with; "" for none."""
        last = (self.err.splitlines() or [""])[-1]
        return str(json.loads(last)["problem"]) if last.startswith('{"problem"') else ""


def explored(module: str, folder: Path, hub: GatewayProcess, most: int) -> dict[str, Any]:
    """Run ``module`` as a program with the shim preloaded; what it reports. ``most``: how many tries."""
    with world_in(folder) as world:
        told = ["--world", str(world), "--url", hub.url, "--code", hub.new_code(), "--most", str(most)]
        env = os.environ | shim.preloaded(shim.built(folder), world)
        command = [sys.executable, "-m", module, *told]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env, check=True)
    return dict(json.loads(done.stdout))


def main(explore: Explore) -> int:
    """The program that :func:`explored` runs: a counter is enrolled, ``explore`` does the rest and its report is printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--most", type=int, required=True)
    args = parser.parse_args()
    begin, forks = time.monotonic(), Forks(args.world, args.url, args.code)
    report = explore(forks, args.most)
    print(json.dumps(report | {"seconds": round(time.monotonic() - begin, 1)}, ensure_ascii=False))
    return 0


def evenly(every: Sequence[T], most: int) -> list[T]:
    """At most so many of them, evenly over all."""
    step = max(len(every) / most, 1.0)
    return [every[int(n * step)] for n in range(min(most, len(every)))]


class Forks:
    """The files of a counter as they are before every try, and forks that work on them."""

    def __init__(self, world: Path, url: str, code: str) -> None:
        self.world, self.data, self.shim = world, world / "data", shim.Shim()
        self.backup, self.fresh = world / "back" / "old.mcbk", world / "back" / "new.mcbk"
        self.lines, self.scan = world.with_name("lines.jsonl"), world.with_name("scan.png")
        _warm()
        enrol(self.data, url, code, "Trần Thị Kiểm", PASSPHRASE, vietnam_now())
        self.operator = vault.operators(self.data)[0]["id"]
        self.key = vault.unlock(self.data, self.operator, PASSPHRASE)
        self.scan.write_bytes(png(noise=40_000))
        rows = list(examples(Catalogue.load(), "2.000815", None, 4, 7))
        self.told = Told()
        self._write(rows[:2])
        self._say("receive", "--from", str(self.lines))
        self._first, self._paper = rows[0]["id"], rows[0]["papers"][0]["code"]
        self._say(*self.attaching(self.scan))
        self._say("backup", "--to", str(self.backup))
        self.scan.write_bytes(png(noise=60_000))
        self._write(rows[2:])
        self.before = files_of(world)
        gc.collect()
        gc.freeze()

    def _write(self, rows: list[dict[str, Any]]) -> None:
        self.lines.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")

    def _say(self, *arguments: str) -> None:
        out = io.StringIO()
        with redirect_stdout(out):
            assert self.command(*arguments)() == 0
        for line in out.getvalue().splitlines():
            self.told.hear(json.loads(line))

    def attaching(self, scan: Path) -> tuple[str, ...]:
        return ("attach", "--dossier", self._first, "--paper", self._paper, str(scan))

    def command(self, name: str, *arguments: str) -> Callable[[], int]:
        return lambda: cli.main([name, "--data", str(self.data), *arguments])

    def commands(self) -> dict[str, Callable[[], int]]:
        """What is tried, by name."""
        return {
            "receive": self.command("receive", "--from", str(self.lines)),
            "attach": self.command(*self.attaching(self.scan)),
            "backup": self.command("backup", "--to", str(self.fresh)),
            "restore": self.command("restore", "--from", str(self.backup)),
            "vault": self._change_secret,
        }

    def verified(self) -> int:
        """The product looks at everything, through its door: 0 when all is in order."""
        out = io.StringIO()
        with redirect_stdout(out):
            code = self.command("verify")()
        if code:
            print(out.getvalue(), file=sys.stderr)
        return code

    def _change_secret(self) -> int:
        def change() -> None:
            vault.add_operator(self.data, self.key, self.operator, "Trần Thị Kiểm", ["clerk"], PASSPHRASE)

        return cli.guarded(change)

    def heard(self, command: str, *ended: Ended) -> Told:
        """What had been told before, and by these."""
        backup = self.fresh if command == "backup" else None
        told = Told(dict(self.told.codes), set(self.told.scans))
        for line in (line for one in ended for line in one.out.splitlines()):
            told.hear(json.loads(line), backup)
        return told

    def put_back(self) -> None:
        """The files are as they were before."""
        lay(self.world, self.before)

    def wrong(self, command: str, ended: Ended) -> str:
        """What is wrong after a try, in words; "" when nothing is: it succeeded or ended with a Problem; without faults the store
        is in order and holds what was told, the same command works, and the reader finds all in order."""
        if ended.code not in (0, 1, 3) or (ended.code == 1 and not ended.problem):
            return f"ended with {ended.code}: {ended.err[-1500:]}"
        told = self.heard(command, ended)
        again = self.fork(lambda: self._goes_on(command, told))
        if again.code:
            return f"does not go on: {again.code} {again.out[-300:]} {again.err[-1500:]}"
        found = look(self.data, self.key, self.heard(command, ended, again), pages=True)
        return f"after it went on: {asdict(found)}" if found else ""

    def _goes_on(self, command: str, told: Told) -> int:
        if (code := self.verified()) or (code := self._lacking(told)):
            return code
        return self.commands()[command]()

    def _lacking(self, told: Told) -> int:
        found = look(self.data, self.key, told)
        if found:
            print(asdict(found), file=sys.stderr)
        return int(bool(found))

    def fork(self, work: Callable[[], int], order: Callable[[], None] = lambda: None) -> Ended:
        """Run ``work`` in a fork; ``order`` is called just before, for faults."""
        said, told = os.memfd_create("out"), os.memfd_create("err")
        end = os.memfd_create("end")
        child = os.fork()
        if not child:
            os.dup2(said, 1), os.dup2(told, 2)
            sys.stdout, sys.stderr = (open(fd, "w", encoding="utf-8", closefd=False) for fd in (1, 2))  # noqa: SIM115
            os._exit(self._work(work, order, end))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        text, err, counts = _all(said), _all(told), _all(end)
        return Ended(code, text, err, *json.loads(counts or "[0, 0]"))

    def _work(self, work: Callable[[], int], order: Callable[[], None], end: int) -> int:
        signal.alarm(_PATIENCE)
        order()
        try:
            code = work()
        except BaseException:  # noqa: BLE001 - as the interpreter would: said, and exit code 1
            traceback.print_exc()
            code = 99
        gc.collect()  # the store is closed now, as at the end of a program
        os.write(end, json.dumps([self.shim.seen, self.shim.struck]).encode())
        sys.stdout.flush(), sys.stderr.flush()
        return code


def _all(fd: int) -> str:
    size = os.fstat(fd).st_size
    text = os.pread(fd, size, 0).decode()
    os.close(fd)
    return text


def _warm() -> None:
    """What every process would do anew, and what has nothing to do with a disk, is done once."""
    catalogue = Catalogue.load()
    counter.catalogue_of = lambda _data: catalogue
    cli._parser = functools.cache(cli._parser)  # type: ignore[assignment]
    decoding.look = scan_files.look
    vault.Argon2id = _quick  # type: ignore[misc, assignment]


def _quick(**options: Any) -> Argon2id:
    """The real one with a millisecond of work: thousands of processes unlock here."""
    return Argon2id(**options | {"iterations": 1, "lanes": 1, "memory_cost": 8})
