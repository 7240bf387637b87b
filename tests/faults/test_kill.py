from pathlib import Path
from typing import Any

import pytest

from tests.conftest import enrolled
from tests.faults.kill import kill_all, kill_receive


def test_what_was_printed_is_kept_whenever_the_process_is_killed(tmp_path: Path, gateway: Any) -> None:
    hub = gateway("--numbers", "9000")
    enrolled(tmp_path / "counter", hub)
    hub.stop()
    report = kill_receive(tmp_path / "counter", 18, seed=2)
    assert (report["missing"], report["ok"]) == ([], True)
    assert report["mid_work"] >= 3, "the kills must hit the work, not only the start"


def test_whatever_command_is_killed_nothing_told_is_lost_or_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    """``dev.py faults --nightly`` kills 300 times."""
    monkeypatch.setenv("XDG_STATE_HOME", "is set by the call")  # and put back afterwards
    report = kill_all(10, 3)
    assert report["green"] and report["verify_ok"] and not report["torn_backups"], report
    assert sum(report["mid_work"].values()) >= 4, "the kills must hit the work"
