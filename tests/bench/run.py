"""``python3 dev.py bench``: the figures of this product beside an anchor measured in the same run. JSON lines.

Anchors: the same bytes into plain sqlite3 (WAL, FULL); a bare Qt window with one label.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from forms.catalogue import Catalogue  # noqa: E402
from forms.example import examples  # noqa: E402
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync  # noqa: E402

N = 400


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"XDG_STATE_HOME": name, "MOTCUA_PASSPHRASE": PASSPHRASE, "QT_QPA_PLATFORM": "offscreen"}
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        hub = GatewayProcess(folder / "gateway", "--numbers", "9000")
        enrolled(folder / "counter", hub)
        for measure in (commit, travel, start, draft):
            print(json.dumps(measure(folder), ensure_ascii=False), flush=True)
        hub.stop()
    return 0


def commit(folder: Path) -> dict[str, Any]:
    """One dossier: checks, number, event, projection, search, COMMIT. Interleaved with the anchor."""
    counter = open_counter(folder / "counter")
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t(a, b)"):
        plain.execute(statement)
    ours, anchor = [], []
    for line in examples(Catalogue.load(), "1.001193", None, N, 11):
        begin = time.perf_counter()
        counter.receive(line, "CB001")
        ours.append(time.perf_counter() - begin)
        text = json.dumps(line)
        begin = time.perf_counter()
        plain.execute("BEGIN IMMEDIATE")
        for part in range(8):
            plain.execute("INSERT INTO t VALUES (?, ?)", (part, text[: len(text) // (part + 1)]))
        plain.execute("COMMIT")
        anchor.append(time.perf_counter() - begin)
    counter.close()
    plain.close()
    return {"figure": "receive and commit one dossier", "n": N, "ms": spread(ours), "anchor_plain_sqlite_ms": spread(anchor)}


def travel(folder: Path) -> dict[str, Any]:
    """The same dossiers to the gateway over loopback, with bytes."""
    line = run_sync("sync", "--data", str(folder / "counter"), "--until-empty", "--deadline", "120", check=True).lines[0]
    return {"figure": "sync over loopback", "dossiers": N, "seconds": line["seconds"], "bytes_up_each": line["bytes_up"] // N}


def start(folder: Path) -> dict[str, Any]:
    """From the start of the process until the sign-in page is painted."""
    ours, anchor = [], []
    for _ in range(9):
        ours.append(painted("app", str(folder / "counter")))
        anchor.append(painted("anchor"))
    return {"figure": "process start to window painted", "n": 9, "ms": spread(ours), "anchor_bare_qt_ms": spread(anchor)}


def painted(*arguments: str) -> float:
    begin = time.perf_counter()
    command = [sys.executable, str(ROOT / "tests" / "bench" / "start.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT)
    assert "painted" in done.stdout
    return time.perf_counter() - begin


def draft(folder: Path) -> dict[str, Any]:
    """From the last key to "Đã giữ nháp" on the screen; the promise is 1,000 ms."""
    command = [sys.executable, str(ROOT / "tests" / "bench" / "draft.py"), str(folder / "counter"), PASSPHRASE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, check=True)
    waits = [ms / 1000 for ms in json.loads(done.stdout.splitlines()[-1])]
    return {"figure": "last key to draft kept", "n": len(waits), "ms": spread(waits), "promise_ms": 1000}


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered) * 1000, 2),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
