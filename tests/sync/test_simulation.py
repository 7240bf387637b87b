"""Seeded simulation: real client and gateway code over bad roads, through crashes, restores and clones.

``MOTCUA_SIMULATION_SECONDS`` makes it longer; ``python -m tests.faults.simulator --seed N`` tells the story of one seed.
"""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.faults import simulator
from tests.faults.simulation import planted

_SECONDS = float(os.environ.get("MOTCUA_SIMULATION_SECONDS", "15"))
_PARTS = 4
"""Of other seeds each, so that several workers share them."""
_LEAST = 25
"""Seeds of a part that must have been played, however slow the machine is."""
_WITHIN = 250
"""Seeds in which a bad version must be found (measured: 2 to 170)."""


@pytest.mark.parametrize("part", range(_PARTS))
def test_nothing_is_lost_or_doubled_and_progress_is_made(part: int) -> None:
    first = part * 1_000_000
    report = simulator.play(range(first, first + _LEAST))
    report.add(simulator.play(range(first + _LEAST, first + 1_000_000), _SECONDS - report.seconds))
    print(report.as_json())
    assert report.failed == {}
    assert report.seeds >= _LEAST
    assert report.seeds < 200 or len(report.faults) >= 25, "it must have been bad in every way"


@pytest.mark.parametrize("seed", [350, 10_004_121, 10_022_707, 10_040_902])
def test_what_was_found_once_stays_mended(seed: int) -> None:
    assert simulator.play([seed]).failed == {}


def test_a_seed_replays_exactly_in_another_process() -> None:
    told = []
    for hashes in ("1", "2"):
        command = [sys.executable, "-m", "tests.faults.simulator", "--seed", "7"]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hashes}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1]
    assert len(told[0].splitlines()) > 10


@pytest.mark.parametrize("bad", planted.BAD, ids=lambda bad: bad.__name__)
def test_a_bad_version_is_found(bad: planted.Bad) -> None:
    with bad():
        assert any(simulator.play([seed]).failed for seed in range(_WITHIN)), "the simulation found nothing wrong"
