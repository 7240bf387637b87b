"""``python3 dev.py bench``: the figures of this product beside an anchor measured in the same run. JSON lines.
With ``--links`` instead: the product over bad lines, see ``links.py``.

Anchors: the same bytes into plain sqlite3 (WAL, FULL); a bare Qt window with one label.
"""

import csv
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import typst

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from forms.address import Gazetteer  # noqa: E402
from forms.catalogue import Catalogue  # noqa: E402
from forms.example import examples  # noqa: E402
from forms.portal_records import read_file  # noqa: E402
from forms.sample import paper  # noqa: E402
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync  # noqa: E402

N = 400
DESK = (20_000, 200_000)
"""Dossiers in the store of the clerk's desk: the cost as it grows."""


def main() -> int:
    if "--links" in sys.argv:
        from tests.bench import links

        return links.main(sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"XDG_STATE_HOME": name, "MOTCUA_PASSPHRASE": PASSPHRASE, "QT_QPA_PLATFORM": "offscreen"}
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        hub = GatewayProcess(folder / "gateway", "--numbers", "9000")
        enrolled(folder / "counter", hub)
        for measure in (commit, travel, start, draft, addresses, papers, imported):
            print(json.dumps(measure(folder), ensure_ascii=False), flush=True)
        enrolled(folder / "desk", hub, code=hub.new_code())
        hub.stop()
        for size in DESK:
            print(json.dumps(desk(folder, size), ensure_ascii=False), flush=True)
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


def addresses(folder: Path) -> dict[str, Any]:
    """An old address in full to its new communes, over all 10,035; and what each letter costs while one is typed. Anchor: a
    dict look-up by the exact text."""
    begin = time.perf_counter()
    gazetteer = Gazetteer()
    loaded = time.perf_counter() - begin
    olds = [o for o in (gazetteer.old(f"{n:05d}") for n in range(40_000)) if o]
    texts = [f"Thôn 3, {o.name}, {o.district}, {o.province}" for o in olds]
    table = dict(zip(texts, olds, strict=True))
    ours, anchor, typed = [], [], []
    for text in texts:
        begin = time.perf_counter()
        found = gazetteer.find(text)
        ours.append(time.perf_counter() - begin)
        assert found[0].from_old
        begin = time.perf_counter()
        table[text]
        anchor.append(time.perf_counter() - begin)
    for text in texts[::40]:
        for end in range(9, len(text)):
            begin = time.perf_counter()
            gazetteer.find(text[:end], partial=True)
            typed.append(time.perf_counter() - begin)
    figure = {"figure": "old address to new communes", "n": len(texts), "ms": spread(ours), "anchor_dict_ms": spread(anchor)}
    return figure | {"each_letter_ms": spread(typed), "load_ms": round(loaded * 1000)}


def papers(folder: Path) -> dict[str, Any]:
    """Each paper from a dossier line to PDF/A bytes. Anchor: one empty Typst page."""
    catalogue, each = Catalogue.load(), {}
    line = next(examples(catalogue, "1.001193", None, 1, 5))
    anchor = []
    for name in ("receipt", "declaration", "slip", "guidance"):
        taken = []
        for _ in range(40):
            begin = time.perf_counter()
            paper(name, line, catalogue)
            taken.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            typst.compile(b"#set page(width: 148mm, height: 210mm)\n", ignore_system_fonts=True)
            anchor.append(time.perf_counter() - begin)
        each[name] = spread(taken)
    return {"figure": "a paper drawn", "n": 40, "ms": each, "anchor_empty_page_ms": spread(anchor)}


def imported(folder: Path) -> dict[str, Any]:
    """The portal's table of 1,120 rows, where it is beside the repository. Anchor: the csv module reading it."""
    file = ROOT.parent / "shared" / "data" / "procedures_commune_all.csv"
    if not file.exists():
        return {"figure": "portal table imported", "skipped": file.name}
    ours, anchor = [], []
    for _ in range(5):
        begin = time.perf_counter()
        done = read_file(file)
        ours.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = sum(1 for _ in csv.DictReader(source))
        anchor.append(time.perf_counter() - begin)
    reasons = Counter(r["reason"] for r in done.refused)
    figures = {"rows": rows, "imported": len(done.procedures), "to_confirm": done.to_confirm, "refused": reasons}
    return {"figure": "portal table imported"} | figures | {"ms": spread(ours), "anchor_csv_ms": spread(anchor)}


def desk(folder: Path, size: int) -> dict[str, Any]:
    """The real window on a large store: list, search by key, one dossier, II.06a, memory, how long the GUI thread stood. Anchor:
    the same words looked for by LIKE over all names in plain sqlite3."""
    command = [sys.executable, str(ROOT / "tests" / "bench" / "desk.py"), str(folder / "desk"), PASSPHRASE, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, cwd=ROOT, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE t(words)")
    names = [line["applicant"]["full_name"].lower() for line in examples(Catalogue.load(), "1.001193", None, 200, 3)]
    plain.executemany("INSERT INTO t VALUES (?)", ((names[n % len(names)] + str(n),) for n in range(size)))
    anchor = []
    for words in ("nguyễn", "trần thị", "giàng", "phạm văn") * 3:
        begin = time.perf_counter()
        plain.execute("SELECT words FROM t WHERE words LIKE ? ORDER BY rowid DESC LIMIT 200", (f"%{words}x%",)).fetchall()
        anchor.append(time.perf_counter() - begin)
    plain.close()
    return {"figure": "the clerk's desk"} | measured | {"anchor_plain_like_ms": spread(anchor)}


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered) * 1000, 2),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
