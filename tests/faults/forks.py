"""Forks of a warm program that work on the files of a counter: a process a try would cost a second, a fork costs some milliseconds.

The program was started with the shim preloaded, so that each fork can be given its faults.
"""

import gc
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from forms.catalogue import Catalogue
from forms.example import examples
from sync import cli, vault
from sync.counter import vietnam_now
from sync.enrolment import enrol
from tests.conftest import PASSPHRASE
from tests.faults import shim
from tests.faults.disk import files_of, lay
from tests.faults.reader import Told
from tests.sync.scan_samples import png

_PATIENCE = 30  # seconds until a try counts as hung
_SECOND = "passphrase number two"


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


class Forks:
    """The files of a counter as they are before every try, and forks that work on them."""

    def __init__(self, world: Path, url: str, code: str) -> None:
        self.world, self.data, self.shim = world, world / "data", shim.Shim()
        self.backup, self.fresh = world / "back" / "old.mcbk", world / "back" / "new.mcbk"
        self.lines, self.scan = world.with_name(world.name + ".jsonl"), world.with_name(world.name + ".png")
        vault.Argon2id = _quick  # type: ignore[misc, assignment]
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

    def _change_secret(self) -> int:
        def change() -> None:
            vault.add_operator(self.data, self.key, self.operator, "Trần Thị Kiểm", "clerk", _SECOND)

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
        for folder in sorted(self.world.rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        self.fresh.parent.mkdir(exist_ok=True)

    def fork(self, work: Callable[[], int], order: Callable[[], None] = lambda: None) -> Ended:
        """Run ``work`` in a fork; ``order`` is called just before, for faults."""
        said, told = os.memfd_create("out"), os.memfd_create("err")
        end = os.memfd_create("end")
        child = os.fork()
        if not child:
            os.dup2(said, 1), os.dup2(told, 2)
            sys.stdout, sys.stderr = (open(fd, "w", encoding="utf-8", closefd=False) for fd in (1, 2))  # noqa: SIM115, PTH123
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


def _quick(**options: Any) -> Argon2id:
    """The real one with a millisecond of work: thousands of processes unlock here."""
    return Argon2id(**options | {"iterations": 1, "lanes": 1, "memory_cost": 8})
