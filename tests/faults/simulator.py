"""``python -m tests.faults.simulator``: seeds of the simulation, with real client and gateway code in one process.

Nothing waits, nothing is written to a disk, and all chance comes from the seed: a seed that fails, fails again.
"""

import argparse
import gc
import json
import multiprocessing
import sys
import time
import traceback
from collections import Counter as TallyOf
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from tests.faults.simulation.steps import Day


@dataclass
class Report:
    """What some seeds did. ``failed``: seed -> why."""

    seeds: int = 0
    trips: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    faults: "TallyOf[str]" = field(default_factory=TallyOf)
    failed: dict[int, str] = field(default_factory=dict)

    def add(self, other: "Report") -> None:
        """Both together, run one after the other or at once."""
        self.seeds, self.trips = self.seeds + other.seeds, self.trips + other.trips
        self.seconds, self.cpu = self.seconds + other.seconds, self.cpu + other.cpu
        self.peak = max(self.peak, other.peak)
        self.faults += other.faults
        self.failed |= other.failed

    def as_json(self) -> dict[str, Any]:
        """For a line of figures."""
        failed = sorted(self.failed)
        return {
            "fault": "simulated roads, crashes, restores and clones",
            "seeds": self.seeds,
            "round_trips": self.trips,
            "faults": sum(self.faults.values()),
            "by_kind": dict(sorted(self.faults.items(), key=lambda kind: -kind[1])),
            "failed": len(failed),
            "failed_seeds": failed[:50],
            "first_reason": self.failed[failed[0]] if failed else None,
            "ms_per_seed": round(1000 * self.seconds / max(1, self.seeds), 2),
            "cpu_ms_per_seed": round(1000 * self.cpu / max(1, self.seeds), 2),
            "peak_mb": self.peak,
        }


def play(seeds: Iterable[int], seconds: float | None = None) -> Report:
    """One after the other, until they or the ``seconds`` are over."""
    report, begin, cpu = Report(), time.perf_counter(), time.process_time()
    often = gc.get_threshold()
    gc.set_threshold(50_000)  # worlds are small and soon gone
    try:
        for seed in seeds:
            if seconds is not None and time.perf_counter() - begin > seconds:
                break
            _one(seed, report)
    finally:
        gc.set_threshold(*often)
    report.peak = _peak()
    report.seconds, report.cpu = time.perf_counter() - begin, time.process_time() - cpu
    return report


def _one(seed: int, report: Report) -> None:
    day = Day(seed)
    try:
        day.run()
    except Exception as error:  # noqa: BLE001 - whatever it is, this seed found it
        report.failed[seed] = f"{type(error).__name__}: {error}"
    report.seeds += 1
    report.trips += day.trips
    report.faults += day.faults


def _peak() -> int:
    """Most megabytes this process ever took; 0 where the platform does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def play_all(first: int, count: int, jobs: int, seconds: float | None = None) -> Report:
    """The seeds from ``first``, dealt out to ``jobs`` processes."""
    if jobs < 2:
        return play(range(first, first + count), seconds)
    total, step = Report(), 500
    parts = [range(at, min(at + step, first + count)) for at in range(first, first + count, step)]
    end = None if seconds is None else time.monotonic() + seconds
    # An executor says so when a worker was ended; a pool would wait for it for ever.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(_part, part, end) for part in parts]):
            total.add(done.result())
            if total.seeds % 10_000 < step:
                print(json.dumps({"seeds": total.seeds, "failed": sorted(total.failed)[:20]}), file=sys.stderr, flush=True)
    return total


def _part(seeds: range, end: float | None) -> Report:
    return play(seeds, None if end is None else max(0.0, end - time.monotonic()))


def replay(seed: int) -> bool:
    """Tell the story of one seed; whether it went well."""
    day = Day(seed, print)
    try:
        day.run()
    except Exception:  # noqa: BLE001 - told in full
        traceback.print_exc()
        return False
    print(f"seed {seed}: fine; {dict(day.faults)}")
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 1 when a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--seed", type=int, default=None, help="replay this one")
    args = parser.parse_args(argv)
    if args.seed is not None:
        return int(not replay(args.seed))
    report = play_all(args.first, args.seeds, args.jobs, args.seconds)
    print(json.dumps(report.as_json(), ensure_ascii=False), flush=True)
    return int(bool(report.failed))


if __name__ == "__main__":
    sys.exit(main())
