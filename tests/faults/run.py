"""``python3 dev.py faults [--nightly]``: the long versions of the fault tests, with their figures as JSON lines."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import PASSPHRASE, GatewayProcess, enrolled  # noqa: E402
from tests.faults.kill import kill_receive  # noqa: E402
from tests.faults.papers import try_papers  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightly", action="store_true")
    nightly = parser.parse_args().nightly
    os.environ |= {"MOTCUA_PASSPHRASE": PASSPHRASE, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    failed = _papers(1000 if nightly else 60) or _kills(300 if nightly else 60) or _seeds(100 if nightly else 10)
    return int(failed)


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


def _seeds(count: int) -> bool:
    begin = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/sync/test_simulation.py"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"MOTCUA_SEEDS": str(count)}, check=False, stdout=subprocess.PIPE)
    line = {"fault": "simulated bad roads", "seeds": count, "failed": done.returncode != 0}
    print(json.dumps(line | {"seconds": round(time.monotonic() - begin, 1)}), flush=True)
    if done.returncode:
        print(done.stdout.decode(), file=sys.stderr)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
