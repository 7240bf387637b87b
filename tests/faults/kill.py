"""kill -9 at random moments of the program: what was told to the clerk must be in the store afterwards, and at the gateway."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter as TallyOf
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.scans import papers_of
from tests.conftest import ROOT, GatewayProcess, open_counter, run_sync
from tests.faults.staged import Stage
from tests.sync.scan_samples import png

_LINES = 150


def kill_receive(data: Path, times: int, seed: int) -> dict[str, Any]:
    """Kill ``times`` processes; ``{"kills", "printed", "missing", "ok", "mid_work"}``. ``data`` is an enrolled counter."""
    chance, catalogue = random.Random(seed), Catalogue.load()
    printed: dict[str, str] = {}
    mid_work = 0
    for turn in range(times):
        file = data.with_name(f"{data.name}-lines.jsonl")
        rows = examples(catalogue, "2.000815", None, _LINES, seed * 100_000 + turn)
        file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
        lines, _ = killed(chance, "receive", "--data", str(data), "--from", str(file))
        got = {r["id"]: r["code"] for r in lines if "code" in r}
        printed |= got
        mid_work += 0 < len(got) < _LINES
    kept = {r["id"]: r["code"] for r in run_sync("dossiers", "--data", str(data), check=True).lines}
    missing = [code for id_, code in printed.items() if kept.get(id_) != code]
    report = run_sync("verify", "--data", str(data)).lines[0]
    assert len(set(kept.values())) == len(kept)
    return {"kills": times, "printed": len(printed), "missing": missing, "ok": report["ok"], "mid_work": mid_work}


def killed(
    chance: random.Random, *arguments: str, most: float = 0.9, until: Callable[[], bool] | None = None
) -> tuple[list[dict[str, Any]], bool]:
    """What a run had printed when it was killed: as soon as ``until`` is so; else half the time at a random moment of its first
    ``most`` seconds of work, half the time a random while after its first line. Also whether it had come to its end before."""
    command = [sys.executable, "-m", "sync", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    first = b""
    if until:
        while process.poll() is None and not until():
            time.sleep(0.002)
    elif chance.random() < 0.5:
        _work(process, chance.uniform(0, most))
    else:
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
    ended = process.poll() is not None
    process.kill()
    rest, errors = process.communicate(timeout=20)
    assert b"Traceback" not in errors, errors
    whole = (first + rest).rpartition(b"\n")[0]  # a half line was never told to anybody
    return [json.loads(line) for line in whole.splitlines()], ended


def _work(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait until it has used so much processor time: a busy machine delays the work, and the kill with it."""
    stat, tick = Path(f"/proc/{process.pid}/stat"), os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    if not stat.exists():
        time.sleep(seconds)
        return
    while process.poll() is None and sum(map(int, stat.read_text().rpartition(")")[2].split()[11:13])) < seconds * tick:
        time.sleep(0.002)


class Killing:
    """One counter at one gateway: every command of the clerk's day is killed, again and again, and the day goes on."""

    WORK = ("receive", "attach", "act", "sync", "backup", "restore")
    _SHARE = (5, 6, 6, 8, 3, 2)

    def __init__(self, folder: Path, hub: GatewayProcess, seed: int) -> None:
        self.chance, self.folder = random.Random(seed), folder
        self.stage = Stage(folder / "stage", hub, "right")
        self.stage.receives(6, seed)
        self.told, self.backups = self.stage.told, list[Path]()
        self.kills, self.mid_work, self.half_sent = TallyOf[str](), TallyOf[str](), 0
        counter = open_counter(self.stage.data)
        self.paper = next(iter(papers_of(counter.catalogue, counter.dossier(next(iter(self.told.received))))))
        counter.close()
        self._make_backup()

    def turn(self) -> None:
        """One command, one kill."""
        name = self.chance.choices(self.WORK, self._SHARE)[0]
        done = getattr(self, f"_{name}")()
        self.kills[name] += 1
        self.mid_work[name] += not done

    def _killed(self, *arguments: str, most: float = 1.6, until: Callable[[], bool] | None = None) -> bool:
        lines, ended = killed(self.chance, *arguments, "--data", str(self.stage.data), most=most, until=until)
        self.told.hear(lines)
        return ended

    def _receive(self) -> bool:
        file = self.folder / "lines.jsonl"
        rows = self.stage.lines(40, self.chance.randrange(10**9))
        file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
        return self._killed("receive", "--from", str(file))

    def _attach(self) -> bool:
        files = [self.folder / f"{n}.png" for n in range(4)]
        for file in files:
            file.write_bytes(png(noise=self.chance.choice((9_000, 70_000, 2_000_000))))
        return self._killed("attach", "--dossier", self._some(), "--paper", self.paper, *map(str, files))

    def _act(self) -> bool:
        dossier, details = self._some(), json.dumps({"place": f"Tủ {self.chance.randrange(99)}"})
        self.told.asked[dossier, "shelved"] += 1
        return self._killed("act", "--dossier", dossier, "--event", "shelved", "--with", details)

    def _sync(self) -> bool:
        """Half the time as soon as the gateway has a part of a scan that it had not."""
        before = self._parts()
        until = (lambda: not self._parts() <= before) if self.chance.random() < 0.5 else None
        done = self._killed("sync", "--until-empty", "--gateway", self.stage.hub.url, most=2.0, until=until)
        self.half_sent += not self._parts() <= before
        return done

    def _parts(self) -> set[tuple[str, int]]:
        """Scans of which the gateway holds a part, and how much."""
        with closing(sqlite3.connect(f"file:{self.stage.hub.data / 'gateway.db'}?mode=ro", uri=True, timeout=10)) as db:
            return set(db.execute("SELECT sha256, held FROM scans WHERE held < size"))

    def _backup(self) -> bool:
        self._make_backup()
        return self._killed("backup", "--to", str(self.folder / "killed.backup"))

    def _restore(self) -> bool:
        """What the back-up had not comes back from the gateway, so it must have got it first."""
        self.stage.meets()
        ended = self._killed("restore", "--from", str(self.chance.choice(self.backups)), most=2.2)
        self.stage.meets()
        return ended

    def _make_backup(self) -> None:
        file = self.folder / f"{len(self.backups)}.backup"
        run_sync("backup", "--data", str(self.stage.data), "--to", str(file), check=True)
        self.backups = [*self.backups[-3:], file]

    def _some(self) -> str:
        return self.chance.choice(list(self.told.received))

    def judged(self) -> dict[str, Any]:
        """The rest is sent; the oracle and ``verify`` look at it, and a back-up that was killed is whole or not there."""
        self.stage.meets()
        half = self.folder / "killed.backup"
        torn = half.exists() and zipfile.ZipFile(half).testzip() is not None
        ok = bool(run_sync("verify", "--data", str(self.stage.data)).lines[0]["ok"])
        figures = {"kills": self.kills.total(), "by_command": dict(self.kills), "mid_work": dict(self.mid_work)}
        figures["scans_half_sent"] = self.half_sent
        return figures | self.stage.judged().as_json() | {"verify_ok": ok, "torn_backups": int(torn)}


def kill_all(times: int, seed: int = 1) -> dict[str, Any]:
    """``times`` kills over all commands; ``green``, ``verify_ok`` and no ``torn_backups`` is what must come out."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        hub = GatewayProcess(Path(folder) / "hub", "--numbers", "9000")
        killing = Killing(Path(folder), hub, seed)
        for _ in range(times):
            killing.turn()
        found = killing.judged()
        hub.stop()
    return {"fault": "kill -9 of every command"} | found | {"seconds": round(time.monotonic() - begin, 1)}
