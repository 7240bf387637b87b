"""The whole day through the real window, as the demonstration plays it."""

import json
import subprocess
import sys
from pathlib import Path

import pypdfium2

from tests.conftest import ROOT


def test_a_counter_day_end_to_end(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tests" / "demo" / "day.py"), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert len(set(summary["codes"])) == 4
    assert (summary["drafts_recovered"], summary["lost"], len(summary["refused"])) == (1, 0, 1)
    for times in summary["times"].values():
        assert times["kept"] < times["received"]
        assert ("accepted" in times) != ("refused" in times)
    assert len(summary["pictures"]) >= 20
    for code in summary["codes"]:
        page = pypdfium2.PdfDocument(tmp_path / "out" / "papers" / f"{code}.pdf")[0]
        assert [round(x / 72 * 25.4) for x in page.get_size()] == [148, 210]
