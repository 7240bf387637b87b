"""Seven bad versions and the right one, each played in real processes against the same fault, and judged by the oracle."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.scans import papers_of
from sync import vault
from sync.contact import until_empty
from sync.gateway_client import Traffic
from sync.paperwork import paper
from sync.scans import attach_bytes
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess, enrolled, open_counter
from tests.faults import shim
from tests.faults.badly import BAD, LINES
from tests.faults.oracle import Told, Verdict, judge
from tests.sync.scan_samples import png

CATALOGUE = Catalogue.load()
BUILDS = bool(shutil.which("cc"))
"""Whether ``no_fsync`` can be played: the shim that sees what was synced is compiled."""


class Stage:
    """A counter of its own at a gateway, and what its clerk was told."""

    def __init__(self, folder: Path, hub: GatewayProcess, version: str) -> None:
        folder.mkdir(parents=True)
        self.folder, self.version, self.told = folder, version, Told()
        self.enrol(hub)

    def enrol(self, hub: GatewayProcess) -> None:
        """Be a new counter there."""
        self.hub, self.data = hub, self.folder / f"counter-{hub.port}"
        enrolled(self.data, hub, code=hub.new_code())
        self.key = vault.unlock(self.data, vault.operators(self.data)[0]["id"], PASSPHRASE)

    def lines(self, count: int, seed: int) -> list[dict[str, Any]]:
        """``count`` generated dossiers."""
        return list(examples(CATALOGUE, "2.000815", None, count, seed))

    def receives(self, count: int, seed: int, scan: bool = False) -> None:
        """In this process: dossiers, the receipt of the first, a scan."""
        counter = open_counter(self.data)
        for place, line in enumerate(self.lines(count, seed)):
            done = counter.receive(line, "CB001", date_confirmed=True)
            self.told.hear([{"id": done.id, "code": done.code}])
            if place == 0:
                self.told.receipts[done.id] = paper(counter, done.id)
            if place == 0 and scan:
                needed = next(iter(papers_of(CATALOGUE, counter.dossier(done.id))))
                self.told.hear([attach_bytes(counter, done.id, needed, png(noise=60_000), "CB001")])
        counter.close()

    def meets(self) -> None:
        """In this process, until nothing is left."""
        counter = open_counter(self.data)
        until_empty(counter, self.hub.url, time.monotonic() + 60, Traffic())
        counter.close()

    def runs(self, fault: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """A run of the program in this stage's version."""
        command = [sys.executable, "-m", "tests.faults.badly", self.version, fault, *arguments, "--data", str(self.data)]
        around = os.environ | {"FAULT_FOLDER": str(self.folder)} | environment
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=around)

    def hears(self, process: "subprocess.Popen[str]") -> int:
        """What it printed, to its end; a half line was never told to anybody. Returns its exit code."""
        out, errors = process.communicate(timeout=90)
        assert "Traceback" not in errors, errors
        self.told.hear([json.loads(line) for line in out.rpartition("\n")[0].splitlines()])
        return process.returncode

    def judged(self, gateway: bool = True) -> Verdict:
        """By the oracle."""
        return judge(self.told, self.data / "store.db", self.key, self.hub.data / "gateway.db" if gateway else None)


def _file(stage: Stage, count: int, seed: int) -> Path:
    file = stage.folder / f"lines-{seed}.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in stage.lines(count, seed)), "utf-8")
    return file


def no_fsync(stage: Stage) -> Verdict:
    """Five are told, then the power goes: of both files only what was synced is left."""
    image, log = stage.folder / "image", stage.folder / "disk"
    shutil.copytree(stage.data, image)
    written = shim.preloaded(shim.built(stage.folder), stage.data, log)
    stage.hears(stage.runs("dies_after_lines", "receive", "--from", str(_file(stage, 9, 1)), **written))
    _power_cut(log, stage.data, image)
    stage.data = image
    return stage.judged(gateway=False)


def _power_cut(log: Path, data: Path, image: Path) -> None:
    """Bring ``image``, a copy of ``data`` from before, to what a disk holds for certain: what a sync came after."""
    names: dict[int, Path] = {}
    waiting: dict[Path, list[shim.Op]] = {image / name: [] for name in ("store.db", "store.db-wal")}
    for op in shim.ops(log):
        if op.kind in "OC":
            names[op.file] = image / Path(op.path).relative_to(data)
        file = names.get(op.file)
        if file not in waiting:
            continue
        waiting[file].append(op)
        if op.kind == "F":
            for done in waiting.pop(file):
                _apply(done, file)
            waiting[file] = []


def _apply(op: shim.Op, file: Path) -> None:
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT), "r+b") as target:
        if op.kind == "W":
            target.seek(op.offset)
            target.write(op.data)
        elif op.kind == "T":
            target.truncate(op.offset)


def no_idempotency(stage: Stage) -> Verdict:
    """The acknowledgement comes and the client dies before it is noted; it sends again."""
    with _Gateway(stage) as hub:
        stage.receives(3, 2)
        stage.hears(stage.runs("dies_before_acknowledgement", "sync", "--gateway", hub.url))
        stage.meets()
        return stage.judged()


def trusts_200(stage: Stage) -> Verdict:
    """A page of a Wi-Fi portal answers every request."""
    stage.receives(3, 3)
    server = HTTPServer(("127.0.0.1", 0), _Page)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    stage.hears(stage.runs("calm", "sync", "--gateway", f"http://127.0.0.1:{server.server_port}"))
    server.shutdown()
    server.server_close()
    thread.join()
    return stage.judged()


class _Page(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        page = "<html><title>Đăng nhập Wi-Fi</title></html>".encode()
        while (size := int(self.rfile.readline(), 16)) > 0:  # chunked; the last chunk is empty
            self.rfile.read(size + 2)
        self.send_response(200)
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Silent."""


def says_before_commit(stage: Stage) -> Verdict:
    """kill -9 right after a line was printed."""
    stage.hears(stage.runs("dies_after_lines", "receive", "--from", str(_file(stage, 9, 4))))
    assert len(stage.told.received) == LINES
    return stage.judged(gateway=False)


def number_outside(stage: Stage) -> Verdict:
    """Two processes receive at once."""
    both = [stage.runs("two_at_once", "receive", "--from", str(_file(stage, 12, seed))) for seed in (5, 6)]
    for process in both:
        stage.hears(process)
    return stage.judged(gateway=False)


def cursor_first(stage: Stage) -> Verdict:
    """A piece of the feed comes, the client dies while it keeps it; it asks for what follows."""
    stage.receives(2, 9)
    stage.meets()
    neighbour = Stage(stage.folder / "neighbour", stage.hub, "right")
    neighbour.receives(3, 7)
    neighbour.meets()
    stage.hears(stage.runs("dies_while_hearing", "sync", "--gateway", stage.hub.url))
    stage.hears(stage.runs("calm", "sync", "--gateway", stage.hub.url))
    return stage.judged()


def scan_before_durable(stage: Stage) -> Verdict:
    """All is signed for, then the gateway is killed, and another one starts on its files."""
    with _Gateway(stage) as hub:
        stage.receives(2, 8, scan=True)
        stage.meets()
        hub.process.kill()
        return stage.judged()


class _Gateway(GatewayProcess):
    """A gateway in the version of a stage, for that stage alone."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.version = stage, stage.version
        super().__init__(stage.folder / "gateway")

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.badly", self.version, "calm", "gateway", "--port", self.port]
        self.process = subprocess.Popen(
            [*command, "--data", str(self.data), "--numbers", "50"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout
        line = json.loads(self.process.stdout.readline())
        self.url, self.code, self.commune = line["url"], line["enrol_code"], line["commune"]

    def __enter__(self) -> "_Gateway":
        """The stage's counter is one of this gateway."""
        self._stage.enrol(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


STAGES: dict[str, Callable[[Stage], Verdict]] = {
    f.__name__: f
    for f in (no_fsync, no_idempotency, trusts_200, says_before_commit, number_outside, cursor_first, scan_before_durable)
}
assert STAGES.keys() == BAD.keys()


def play(name: str, folder: Path, hub: GatewayProcess, bad: bool) -> Verdict:
    """One fault against the bad version of that name, or against the right one."""
    return STAGES[name](Stage(folder / ("bad" if bad else "right"), hub, name if bad else "right"))


def play_all() -> dict[str, Any]:
    """Figures of all seven: ``red`` of the bad versions must be 7, ``green`` of the right one 7."""
    report: dict[str, Any] = {"fault": "seven bad versions before the oracle", "red": 0, "green": 0, "missed": [], "told": 0}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        hub = GatewayProcess(Path(folder) / "hub", "--numbers", "50")
        for name in STAGES:
            right, bad = (play(name, Path(folder) / name, hub, bad) for bad in (False, True))
            report["green"] += right.green
            report["red"] += not bad.green
            report["told"] += right.told + bad.told
            report["missed"] += [name] * (bad.green or not right.green)
            report[name] = [bad.as_json()["first"][:1], right.as_json()["first"][:1]]
        hub.stop()
    return report | {"seconds": round(time.monotonic() - begin, 1)}
