"""The window's process is killed while somebody types."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, open_counter
from tests.desktop.conftest import Sitting

WITHIN = 1.0
"""Seconds after the last key."""


def test_what_was_typed_a_second_ago_outlives_a_kill_and_is_offered_with_its_time(
    data: Path, sitting: Callable[[], Sitting]
) -> None:
    command = [sys.executable, "-m", "tests.desktop.typist", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as window:
        assert window.stdout
        typed = json.loads(window.stdout.readline())
        with pytest.raises(subprocess.TimeoutExpired):
            window.wait(WITHIN)
        window.kill()
    counter = open_counter(data, writes=False)
    [draft] = counter.drafts()
    counter.close()
    assert draft.content == typed
    assert typed["answers"]["mother"]["full_name"] == "Lý Thị Mẩy"
    again = sitting()
    again.hands.wait(lambda: again.hands.find("draft_offer").isVisible(), what="offer")
    assert re.search(rf"Làm dở: Giàng Văn Phúc · .*giữ lúc {draft.saved_at:%H:%M:%S %d/%m}", again.text("draft_offer"))
