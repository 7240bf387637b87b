"""``python3 dev.py faults [--nightly]``: the long versions of the fault tests, with their figures as JSON lines."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import PASSPHRASE, GatewayProcess, enrolled  # noqa: E402
from tests.faults import simulator  # noqa: E402
from tests.faults.chaos_day import play  # noqa: E402
from tests.faults.kill import kill_receive  # noqa: E402
from tests.faults.papers import try_papers  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true")
    nightly = parser.parse_args().nightly
    os.environ |= {"MOTCUA_PASSPHRASE": PASSPHRASE, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    failed = [
        _papers(1000 if nightly else 60),
        _kills(300 if nightly else 60),
        _chaos(300 if nightly else 40),
        _simulated(200_000 if nightly else 5_000),
    ]
    return int(any(failed))


def _papers(count: int) -> bool:
    report = try_papers(count)
    print(json.dumps(report, ensure_ascii=False), flush=True)
    return bool(report["failed"] or report["long"])


def _kills(times: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        begin, hub = time.monotonic(), GatewayProcess(Path(folder) / "gateway", "--numbers", "9000")
        totals = {"fault": "kill -9 of receive", "kills": 0, "printed": 0, "missing": 0, "mid_work": 0, "verify_ok": True}
        for part in range(times // 30):
            data = Path(folder) / f"counter{part}"
            enrolled(data, hub, code=hub.new_code())
            report = kill_receive(data, 30, 1000 + part)
            for key in ("kills", "printed", "mid_work"):
                totals[key] += report[key]
            totals["missing"] += len(report["missing"])
            totals["verify_ok"] = totals["verify_ok"] and report["ok"]
        hub.stop()
    print(json.dumps(totals | {"seconds": round(time.monotonic() - begin, 1)}), flush=True)
    return bool(totals["missing"]) or not totals["verify_ok"]


def _chaos(faults: int) -> bool:
    """Several days of at most a hundred faults."""
    totals: dict[str, Any] = {"faults": 0, "dossiers": 0, "scans": 0, "problems": [], "seconds": 0.0}
    kinds: Counter[str] = Counter()
    for day, count in enumerate([100] * (faults // 100) + [faults % 100] * bool(faults % 100)):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_STATE_HOME"] = folder
            report = play(Path(folder), 2000 + day, count)
        kinds.update(report["by_kind"])
        totals = {key: value + report[key] for key, value in totals.items()}
    line = {"fault": "chaos between real processes", "by_kind": dict(kinds.most_common())} | totals
    print(json.dumps(line | {"seconds": round(totals["seconds"], 1)}, ensure_ascii=False), flush=True)
    return bool(totals["problems"])


def _simulated(seeds: int) -> bool:
    begin, report = time.monotonic(), simulator.play_all(10_000_000, seeds, jobs=2)
    line = report.as_json() | {"seconds": round(time.monotonic() - begin, 1)}
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return bool(report.failed)


if __name__ == "__main__":
    sys.exit(main())
