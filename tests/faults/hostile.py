"""Hostile input on every surface of ``outside.py``. The rule: a Problem or a right result, in time and memory, no other
exception, nothing written. All chance comes from the seed: an input that fails, fails again.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections import Counter as TallyOf
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forms.problem import Problem
from tests.conftest import GatewayProcess
from tests.faults.outside import Outside

SECONDS, MEMORY = 3.0, 1 << 30
"""Of processor time that one input may take; bytes that may be taken beyond what the process has at the start."""
_SHARE: dict[str, int] = {
    "vault_of_an_enemy": 5,
    "request": 14, "header_of_an_enemy": 12, "bomb": 3, "packed": 16, "group_of_an_enemy": 8, "answer": 8, "enrolling": 8,
    "position": 4, "reply": 2, "picture": 10, "document": 2, "pack": 12, "portal": 8, "named_file": 4, "copy": 4, "card": 4,
    "dossier": 5, "lines": 2, "act": 8, "receipt": 1, "proxy_script": 3,
}  # fmt: skip
"""How often each surface comes."""


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Beyond ``MEMORY`` more than now the system gives none, and the input fails with a MemoryError."""
    if sys.platform != "linux":
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def attack(world: Outside, count: int, seed: int) -> dict[str, Any]:
    """``count`` inputs, dealt to the surfaces by their share. ``failed``: seed of the input, surface, what it raised."""
    deck = [name for name, share in _SHARE.items() for _ in range(share)]
    report: dict[str, Any] = {"fault": "hostile input", "inputs": 0, "problems": 0, "taken": 0, "failed": [], "slow": []}
    begin, by_surface, slowest = time.monotonic(), TallyOf[str](), 0.0
    with _bounded_memory():
        for number in range(count):
            name, chance = deck[number % len(deck)], random.Random(f"{seed}/{number}")
            cpu = time.process_time()
            try:
                getattr(world, name)(chance)
                report["taken"] += 1
            except Problem as problem:
                report["problems"] += 1
                json.dumps(problem.details, default=str)
            except Exception as error:  # noqa: BLE001 - whatever it is, this input found it
                report["failed"].append(f"{seed}/{number} {name}: {type(error).__name__}: {str(error)[:150]}")
            spent = time.process_time() - cpu
            slowest = max(slowest, spent)
            report["slow"] += [f"{seed}/{number} {name}: {spent:.1f} s"] if spent > SECONDS else []
            by_surface[name] += 1
    report |= {"inputs": count, "slowest_cpu_s": round(slowest, 2), "by_surface": dict(by_surface), "gateway": dict(world.said)}
    return report | {"seconds": round(time.monotonic() - begin, 1)}


def attack_all(count: int, seed: int = 1) -> dict[str, Any]:
    """In a world of its own; figures as :func:`attack`."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        hub = GatewayProcess(Path(folder) / "hub", "--numbers", "9000")
        world = Outside(Path(folder) / "world", hub)
        try:
            return attack(world, count, seed)
        finally:
            world.close()
            hub.stop()
