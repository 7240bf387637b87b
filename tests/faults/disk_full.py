"""``python -m tests.faults.disk_full``: the disk is full at every size step of every command, without and with the ballast.

Without it a command must end with a Problem and lose nothing. With it what a clerk does must be kept all the same, and the clerk
be told.
"""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync.counter import Counter
from sync.store import ballast
from tests.conftest import GatewayProcess
from tests.faults.forks import Ended, Forks, evenly, explored, main

STEP = 4096
_PLENTY = 2**40
_CLERK = ("receive", "attach")
"""What a clerk does; a back-up may wait."""


def run(folder: Path, hub: GatewayProcess, sizes: int) -> dict[str, Any]:
    """Explore in a process of its own, at most so many ``sizes``, evenly over all; as :func:`explore`."""
    return explored("tests.faults.disk_full", folder, hub, sizes)


def explore(forks: Forks, most: int) -> dict[str, Any]:
    """Try.

    :returns: ``{"sizes", "of", "full", "rescued", "quota", "wrong", "first"}``: ``of``: how many sizes there are; ``full``: tries
        that ended with *disk full*; ``rescued``: those of them that the ballast let succeed; ``quota``: tries on a disk that did
        not say that it was full, where the second try succeeded; ``wrong``, ``first``: as in ``io_faults``.
    """
    every = [(command, size) for command in forks.commands() for size in range(0, _need(forks, command), STEP)]
    chosen = evenly(every, most)
    report: dict[str, Any] = {
        "sizes": len(chosen),
        "of": len(every),
        "full": 0,
        "rescued": 0,
        "quota": 0,
        "wrong": 0,
        "first": None,
    }
    for command, size in chosen:
        ended = _full(forks, command, size)
        report["full"] += ended.problem == "disk_full"
        wrong = forks.wrong(command, ended)
        if ended.problem == "disk_full" and command in _CLERK:
            wrong = wrong or _rescue(forks, command, size)
            report["rescued"] += not wrong
        if command == "receive":
            wrong = wrong or _quota(forks, size)
            report["quota"] += not wrong
        report["wrong"] += bool(wrong)
        report["first"] = report["first"] or (f"{command}, {size} bytes: {wrong}" if wrong else None)
    return report


def _need(forks: Forks, command: str) -> int:
    """Bytes by which a command lets the disk grow."""
    forks.put_back()
    work = forks.commands()[command]

    def measured() -> int:
        code = work()
        print(json.dumps({"least": forks.shim.least}))
        return code

    ended = forks.fork(measured, lambda: forks.shim.room(_PLENTY))
    return _PLENTY - int(json.loads(ended.out.splitlines()[-1])["least"])


def _full(forks: Forks, command: str, size: int) -> Ended:
    """Without the ballast, as on a disk where there never was room for it."""
    forks.put_back()
    (forks.data / ballast.FILE).unlink(missing_ok=True)
    return forks.fork(forks.commands()[command], lambda: forks.shim.room(size))


def _rescue(forks: Forks, command: str, size: int) -> str:
    """The same with the ballast: it is kept, and said that the disk is nearly full; with room again, the ballast is back."""
    _with_ballast(forks)
    ended = forks.fork(forks.commands()[command], lambda: forks.shim.room(size))
    if ended.code:
        return f"not rescued: {ended.code} {ended.err[-600:]}"
    if not ballast.missing(forks.data):
        return "the ballast was not used"
    told = forks.fork(forks.command("status"), lambda: forks.shim.room(ballast.SIZE))
    if "disk_nearly_full" not in told.out:
        return f"nobody was told: {told.code} {told.out} {told.err[-600:]}"
    wrong = forks.wrong(command, ended)
    return wrong or ("the ballast did not come back" if ballast.missing(forks.data) else "")


def _quota(forks: Forks, size: int) -> str:
    """A window is open when the disk, which shows room, takes only ``size`` bytes more: whatever is kept is kept at the second
    try at the latest."""
    _with_ballast(forks)
    lines = [json.loads(line) for line in forks.lines.read_text("utf-8").splitlines()]

    def day() -> int:
        with closing(Counter.open(forks.data, forks.key)) as counter:
            forks.shim.room(size, quota=True)
            for line in lines:
                _at_last(lambda line=line: counter.save_draft(line["id"], forks.operator, line))
                _at_last(lambda line=line: counter.receive(line, forks.operator, draft_id=line["id"]))
            kept = [counter.dossier(line["id"])["code"] for line in lines]
            forks.shim.disarm()
        print(json.dumps({"kept": kept}))
        return 0

    ended = forks.fork(day)
    return f"not kept: {ended.err[-600:]}" if ended.code else ""


def _at_last(act: Callable[[], Any]) -> None:
    try:
        act()
    except Problem as problem:
        if problem.details.get("ballast") != "freed":
            raise
        act()


def _with_ballast(forks: Forks) -> None:
    forks.put_back()
    ballast.tend(forks.data)


if __name__ == "__main__":
    sys.exit(main(explore))
