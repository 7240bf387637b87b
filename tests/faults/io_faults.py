"""``python -m tests.faults.io_faults``: every call to the disk fails once, in every command that writes.

Each try is a fork with one fault ordered from the preloaded shim. It must succeed or end with a Problem; a second fork then
does without faults what must work, and the reader looks at the files.
"""

import errno
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import GatewayProcess
from tests.faults import shim
from tests.faults.forks import Ended, Forks, evenly, explored, main


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
    """Explore in a process of its own, at most so many ``points``, evenly over all; as :func:`explore`."""
    return explored("tests.faults.io_faults", folder, hub, points)


def explore(forks: Forks, most: int) -> dict[str, Any]:
    """Try.

    :returns: ``{"points", "of", "struck", "succeeded", "problems", "by", "wrong", "first"}``: ``of``: how many points there are;
        ``by``: tries by command and round; ``problems``: how often which Problem was told; ``wrong``: tries after which something
        was wrong, ``first``: the first of them, in words.
    """
    every = list(_points(forks))
    chosen = evenly(every, most)
    report: dict[str, Any] = {"points": len(chosen), "of": len(every), "struck": 0, "succeeded": 0, "wrong": 0, "first": None}
    by: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    for point in chosen:
        name = f"{point.command}, {point.round.name}"
        ended = _struck(forks, point)
        by[name] += 1
        problems[ended.problem] += ended.code == 1
        report["struck"] += ended.struck > 0
        report["succeeded"] += ended.code == 0
        if wrong := forks.wrong(point.command, ended):
            report["wrong"] += 1
            report["first"] = report["first"] or f"{name}, call {point.at}: {wrong}"
    return report | {"problems": +problems, "by": by}


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


if __name__ == "__main__":
    sys.exit(main(explore))
