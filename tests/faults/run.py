"""``python3 dev.py faults [--nightly] [--only REGEX]``: the long versions of the fault tests, each with its figures as a line of
JSON, and in the end what counts of all of them: *lost 0, duplicated 0, leaked 0*.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import PASSPHRASE, GatewayProcess  # noqa: E402
from tests.faults import (  # noqa: E402
    bitflips,
    canaries,
    chaos_day,
    clocks,
    disk_full,
    double,
    hostile,
    io_faults,
    kill,
    papers,
    powercut,
    restores,
    simulator,
    staged,
)
from tests.relay import soak  # noqa: E402

Report = dict[str, Any]
LOST = ("lost", "missing", "torn", "torn_backups", "broken", "unreadable", "stuck", "served", "unseen", "out_of_order")
DUPLICATED = ("duplicated", "doubled", "twice")
LEAKED = ("leaked", "processes", "erased_left")
WRONG = (
    *LOST,
    *DUPLICATED,
    *LEAKED,
    "failed",
    "slow",
    "long",
    "problems_found",
    "wrong",
    "missed",
    "crashed",
    "set_wrong",
    "first",
)
"""Keys of a report that must be empty, zero or None."""
RIGHT = ("green", "verify_ok")
"""Keys that must be true, or count everything that was tried."""


@dataclass(frozen=True)
class Fault:
    """``play(count)`` gives figures; ``some`` of them by day, ``many`` at night."""

    name: str
    play: Callable[[int], Report]
    some: int
    many: int


def _papers(count: int) -> Report:
    return papers.try_papers(count)


def _on_disk(run: Callable[[Path, GatewayProcess, int], Report]) -> Callable[[int], Report]:
    def play(count: int) -> Report:
        with _world() as folder:
            hub = GatewayProcess(folder / "gateway", "--numbers", "9000")
            try:
                return run(folder, hub, count)
            finally:
                hub.stop()

    return play


def _cuts(folder: Path, hub: GatewayProcess, images: int) -> Report:
    return powercut.run(folder, hub, images=images, dossiers=4, subsets=22)


def _chaos(faults: int) -> Report:
    """Several days of at most a hundred faults."""
    totals: Report = {"faults": 0, "dossiers": 0, "scans": 0, "problems": [], "seconds": 0.0}
    kinds: Counter[str] = Counter()
    for day, count in enumerate([100] * (faults // 100) + [faults % 100] * bool(faults % 100)):
        with _world() as folder:
            report = chaos_day.play(folder, 2000 + day, count)
        kinds.update(report["by_kind"])
        totals = {key: value + report[key] for key, value in totals.items()}
    return {"by_kind": dict(kinds.most_common()), "problems_found": totals.pop("problems")} | totals


def _canaries(persons: int) -> Report:
    with _world() as folder:
        return canaries.canaries(persons, folder / "day")


def _clocks(jumps: int) -> Report:
    report = clocks.clock_jumps(jumps, 1)
    return report | {"problems_found": report.pop("problems")}


def _restores(count: int) -> Report:
    report = restores.restores(count)
    return report | {"problems_found": report.pop("problems")}


def _oracle(_count: int) -> Report:
    report = staged.play_all()
    return report | {"green": report["green"] == 7, "red": report["red"]}


def _flips(bits: int) -> Report:
    report = bitflips.flip_bits(bits)
    return report | {"green": report["noticed"] == report["bits"]}


def _relayed(dossiers: int) -> Report:
    """Lives through the relay; it is killed once for every hundred of them."""
    with _world() as folder:
        report = soak.soak(folder, dossiers, kills=max(2, dossiers // 100), seed=11)
    return report | {"wrong": report["differing"] + report["to_review"] + report["fillers"]}


def _simulated(seeds: int) -> Report:
    return simulator.play_all(10_000_000, seeds, jobs=2).as_json()


FAULTS = (
    Fault("a template that warns or fails", _papers, 60, 1000),
    Fault("power cut images", _on_disk(_cuts), 3000, 25_000),
    Fault("calls to the disk that fail", _on_disk(io_faults.run), 400, 2500),
    Fault("a full disk, by size", _on_disk(disk_full.run), 60, 1000),
    Fault("flipped bits", _flips, 60, 300),
    Fault("kill -9 of every command", kill.kill_all, 60, 300),
    Fault("double starts", double.double_starts, 1, 10),
    Fault("clock jumps", _clocks, 100, 1000),
    Fault("hostile input", hostile.attack_all, 1500, 12_000),
    Fault("restores", _restores, 5, 100),
    Fault("marked persons on a stolen PC", _canaries, 10, 50),
    Fault("bad versions before the oracle", _oracle, 7, 7),
    Fault("chaos between real processes", _chaos, 40, 300),
    Fault("lives through the relay", _relayed, 100, 2000),
    Fault("simulated roads, crashes, restores and clones", _simulated, 5_000, 200_000),
)


@contextmanager
def _world() -> Iterator[Path]:
    """A folder of its own, with the state folder of programs in it."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("XDG_STATE_HOME")
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        try:
            yield Path(folder)
        finally:
            os.environ.pop("XDG_STATE_HOME")
            os.environ |= {"XDG_STATE_HOME": before} if before else {}


def wrong(report: Report) -> list[str]:
    """Names of the figures of a report that are not as they must be."""
    return [k for k in WRONG if report.get(k)] + [k for k in RIGHT if k in report and not report[k]]


def _amount(report: Report, keys: tuple[str, ...]) -> int:
    return sum(v if isinstance(v, int) else len(v) for v in (report.get(k) or 0 for k in keys))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    os.environ |= {"MOTCUA_PASSPHRASE": PASSPHRASE, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    bad: list[str] = []
    totals: Counter[str] = Counter()
    for fault in FAULTS:
        if not re.search(args.only, fault.name):
            continue
        begin = time.monotonic()
        with _world():
            report = {"fault": fault.name} | fault.play(fault.many if args.nightly else fault.some) | {"fault": fault.name}
        report |= {"seconds": round(time.monotonic() - begin, 1)}
        print(json.dumps(report, ensure_ascii=False, default=str), flush=True)
        for name, keys in (("lost", LOST), ("duplicated", DUPLICATED), ("leaked", LEAKED)):
            totals[name] += _amount(report, keys)
        bad += [f"{fault.name}: {', '.join(wrong(report))}"] if wrong(report) else []
    print(json.dumps({"lost": totals["lost"], "duplicated": totals["duplicated"], "leaked": totals["leaked"], "wrong": bad}))
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
