"""A bad day of real processes behind the chaos proxy, then fair weather; and whether all that was kept is everywhere, once."""

import hashlib
import random
import subprocess
import sys
import time
from collections import Counter as TallyOf
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from forms.example import examples
from forms.scans import papers_of
from sync import recovery, travel, vault
from sync.contact import agreed
from sync.counter import Counter
from sync.files import hold
from sync.gateway.ledger import Ledger
from sync.scans import attach_bytes
from sync.store import log, scans
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess, enrolled, open_counter
from tests.faults.chaos import Chaos, Fault

_PATIENCE = 40.0
"""Seconds in which a fault must have been met, or all must be well again."""
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"


class Window:
    """One counter: the window is this process, the sync process beside it is real."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._key = vault.unlock(data, vault.operators(data)[0]["id"], PASSPHRASE)
        self._lock = hold(data, "window")
        self.counter: Counter = open_counter(data)
        self.kept: dict[str, str] = {}
        self.scans: set[str] = set()
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.hasty", "follow", "--data", str(self.data), "--idle", "0.3"]
        log_file = (self.data / "follow.log").open("ab")
        with closing(log_file):
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log_file, text=True, cwd=ROOT
            )
        assert self.process.stdin
        self.process.stdin.write(self._key.hex() + "\n")
        self.process.stdin.close()

    def kill(self) -> None:
        """kill -9 of the sync process, and another one."""
        self.process.kill()
        self.process.wait()
        self._start()

    def works(self, chance: random.Random) -> None:
        """A dossier, sometimes with a scan, and the wish to send now."""
        catalogue = self.counter.catalogue
        line = next(examples(catalogue, chance.choice(("2.000635", "2.000815")), None, 1, chance.randrange(10**9)))
        done = self.counter.receive(line, "CB001", date_confirmed=True)
        self.kept[done.id] = done.code
        if chance.random() < 0.4:
            dossier = self.counter.dossier(done.id)
            data = _PNG + chance.randbytes(chance.choice((400, 5_000, 40_000)))
            said = attach_bytes(self.counter, done.id, next(iter(papers_of(catalogue, dossier))), data, "CB001")
            self.scans.add(said["sha256"])
        travel.send_now(self.counter)

    @property
    def finished(self) -> bool:
        """Both sides say that nothing is left to do."""
        store = self.counter.store
        return log.waiting(store) == 0 and scans.waiting(store)[0] == 0 and agreed(self.counter) is True

    def close(self) -> None:
        """The window closes, and the sync process with it."""
        self.process.kill()
        self.process.wait()
        self._lock.release()
        self.counter.close()


def play(folder: Path, seed: int, faults: int) -> dict[str, Any]:
    """Figures: faults by kind, and ``problems``, which must be none. Environment as in ``tests.conftest``."""
    chance, begin, tally = random.Random(seed), time.monotonic(), TallyOf[str]()
    gateway = GatewayProcess(folder / "gateway", "--numbers", "9000")
    chaos = Chaos(int(gateway.port))
    folders = [folder / f"counter{n}" for n in range(2)]
    for data in folders:
        enrolled(data, gateway, f"Người {data.name}", gateway.new_code())
        with closing(open_counter(data)) as counter:
            counter.use_gateway(chaos.url)
    windows = [Window(data) for data in folders]
    try:
        for _ in range(faults):
            fault = Fault.drawn(chance)
            _one(fault, chance.choice(windows), chance, chaos, gateway)
            tally[fault.kind] += 1
        chaos.arm(None)
        rough = time.monotonic() - begin
        calm = _until(lambda: all(w.finished for w in _woken(windows)))
        problems = [] if calm else [f"not finished: {[w.counter.status() for w in windows]}"]
        problems += _compared(windows, gateway) + [f"proxy: {e!r}" for e in chaos.unexpected]
    finally:
        for window in windows:
            window.close()
        chaos.close()
        if gateway.process.poll() is None:
            gateway.stop()
    figures = {"fault": "chaos between real processes", "faults": tally.total(), "by_kind": dict(tally.most_common())}
    figures |= {"dossiers": sum(len(w.kept) for w in windows), "scans": sum(len(w.scans) for w in windows)}
    return figures | {"problems": problems, "seconds": round(time.monotonic() - begin, 1), "rough": round(rough, 1)}


def _one(fault: Fault, window: Window, chance: random.Random, chaos: Chaos, gateway: GatewayProcess) -> None:
    """Until the fault was met, by whichever counter comes first.

    :raises AssertionError: no counter sent anything in time.
    """
    chaos.arm(fault)
    window.works(chance)
    end, again = time.monotonic() + _PATIENCE, time.monotonic() + 2
    while not chaos.happened.wait(0.05):
        if time.monotonic() > again:  # a request too short to reach the place: a longer one
            window.works(chance)
            again = time.monotonic() + 2
        assert time.monotonic() < end, f"nobody met {fault}"
    if fault.kind == "killed gateway":
        gateway.process.kill()
        gateway.process.wait()
        chaos.go_on.set()
        gateway.process.stdout.close()  # type: ignore[union-attr]
        gateway.start()
    elif fault.kind == "killed counter":
        window.kill()
        chaos.go_on.set()


def _woken(windows: list[Window]) -> list[Window]:
    for window in windows:
        travel.send_now(window.counter)
    return windows


def _until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _compared(windows: list[Window], gateway: GatewayProcess) -> list[str]:
    """What is not the same on both sides."""
    kept = {i: code for w in windows for i, code in w.kept.items()}
    report = gateway.run("gateway-report")[0]
    there = {row["id"]: row["code"] for row in gateway.run("gateway-dossiers")}
    found = [] if there == kept else [f"gateway: {len(there)} dossiers of {len(kept)}"]
    found += [f"codes twice {report['codes_twice']}"] if report["codes_twice"] else []
    found += [f"gaps {c}" for c in report["counters"].values() if any(e["gaps"] for e in c["epochs"])]
    events = sum(e["last"] for c in report["counters"].values() for e in c["epochs"])
    found += [] if report["events"] == events else [f"{report['events']} events for {events} numbers"]
    for window in windows:
        store = window.counter.store
        here = {row["id"]: row["code"] for row in window.counter.dossiers(limit=-1)}
        found += [] if here == kept else [f"{window.data.name}: {len(here)} dossiers of {len(kept)}"]
        found += recovery.verify(store)["problems"]
        held = int(store.value("SELECT count(*) FROM events"))
        found += [] if held == report["events"] else [f"{window.data.name}: {held} events of {report['events']}"]
    with closing(Ledger(gateway.data)) as ledger:
        for name in {s for w in windows for s in w.scans}:
            if hashlib.sha256(ledger.scan(gateway.commune, name)).hexdigest() != name:
                found.append(f"scan differs {name}")
    return found
