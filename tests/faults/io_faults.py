"""``python -m tests.faults.io_faults``: every call to the disk fails once, in every command that writes.

Each try is a fork with one fault ordered from the preloaded shim. It must succeed or end with a Problem; a second fork then
does without faults what must work, and the reader looks at the files.
"""

import argparse
import errno
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sync import cli, recovery
from sync.counter import Counter
from tests.conftest import ROOT, GatewayProcess
from tests.faults import shim
from tests.faults.forks import Ended, Forks
from tests.faults.powercut import world_in
from tests.faults.reader import look

@dataclass(frozen=True)
class Round:
    """How calls fail: which kinds, with what, one or all from there on."""

    name: str
    kinds: int
    error: int
    on: bool


ROUNDS = (
    Round("EIO", shim.ANY, errno.EIO, False),
    Round("ENOSPC", shim.CHANGING, errno.ENOSPC, False),
    Round("EIO from there on", shim.ANY, errno.EIO, True),
    Round("ENOSPC from there on", shim.CHANGING, errno.ENOSPC, True),
)



@dataclass(frozen=True)
class Point:
    """One try: a command, and which call of it fails how."""

    command: str
    round: Round
    at: int


def run(folder: Path, hub: GatewayProcess, points: int) -> dict[str, Any]:
    """Explore in a process of its own; what it reports. ``points``: at most so many, evenly over all that there are."""
    with world_in(folder) as world:
        told = ["--world", str(world), "--url", hub.url, "--code", hub.new_code(), "--points", str(points)]
        command = [sys.executable, "-m", "tests.faults.io_faults", *told]
        env = os.environ | shim.preloaded(shim.built(folder), world)
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def explore(forks: Forks, most: int) -> dict[str, Any]:
    """Try up to ``most`` points, evenly over all.

    :returns: ``{"points", "struck", "of", "succeeded", "problems", "by", "wrong", "first", "seconds"}``: ``of``: how many points
        there are; ``by``: tries by command and round; ``problems``: codes of the Problems told; ``wrong``: tries after which
        something was wrong, ``first``: the first of them, in words.
    """
    begin, every = time.monotonic(), list(_points(forks))
    step = max(len(every) / most, 1.0)
    chosen = [every[int(n * step)] for n in range(min(most, len(every)))]
    report: dict[str, Any] = {"points": len(chosen), "of": len(every), "struck": 0, "succeeded": 0, "wrong": 0, "first": None}
    by: dict[str, int] = {}
    problems: dict[str, int] = {}
    for point in chosen:
        name = f"{point.command}, {point.round.name}"
        by[name] = by.get(name, 0) + 1
        ended = _struck(forks, point)
        report["struck"] += ended.struck > 0
        report["succeeded"] += ended.code == 0
        if ended.code == 1:
            problems[ended.problem] = problems.get(ended.problem, 0) + 1
        wrong = _wrong(forks, point.command, ended)
        if wrong:
            report["wrong"] += 1
            report["first"] = report["first"] or f"{name}, call {point.at}: {wrong}"
            print(f"{name}, call {point.at}: {wrong}", file=sys.stderr)
    return report | {"problems": problems, "by": by, "seconds": round(time.monotonic() - begin, 1)}


def _points(forks: Forks) -> Iterator[Point]:
    for command, work in forks.commands().items():
        for round_ in ROUNDS:
            forks.put_back()
            calls = forks.fork(work, lambda kinds=round_.kinds: forks.shim.arm(kinds, -1, 0)).seen
            yield from (Point(command, round_, at) for at in range(calls))


def _struck(forks: Forks, point: Point) -> Ended:
    forks.put_back()
    r = point.round
    return forks.fork(forks.commands()[point.command], lambda: forks.shim.arm(r.kinds, point.at, r.error, r.on))


def _wrong(forks: Forks, command: str, ended: Ended) -> str:
    """What is wrong after a try, in words; "" when nothing is."""
    if ended.code not in (0, 1, 3) or (ended.code and not ended.problem):
        return f"ended with {ended.code}: {ended.err[-1500:]}"
    found = look(forks.data, forks.key, forks.heard(command, ended))
    if found:
        return f"as it lies: {asdict(found)}"
    again = forks.fork(lambda: _goes_on(forks, command))
    if again.code:
        return f"does not go on: {again.code} {again.out[-300:]} {again.err[-1500:]}"
    found = look(forks.data, forks.key, forks.heard(command, ended, again), pages=True)
    return f"after it went on: {asdict(found)}" if found else ""


def _goes_on(forks: Forks, command: str) -> int:
    """Without faults: the store is in order, the same command works, and the store is in order again."""
    for last in (False, True):
        with closing(Counter.open(forks.data, forks.key)) as counter:
            report = recovery.verify(counter.store)
        if not report["ok"]:
            print(report, file=sys.stderr)
            return 1
        if not last and (code := forks.commands()[command]()):
            return code
    return 0


def main() -> int:
    """Explore with the shim that was preloaded, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--points", type=int, required=True)
    args = parser.parse_args()
    print(json.dumps(explore(Forks(args.world, args.url, args.code), args.points), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
