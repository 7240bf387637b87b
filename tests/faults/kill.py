"""kill -9 at random moments of ``python -m sync receive``: every code that was printed must be in the store afterwards."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from tests.conftest import ROOT, run_sync

_LINES = 150


def kill_receive(data: Path, times: int, seed: int) -> dict[str, Any]:
    """Kill ``times`` processes; ``{"kills", "printed", "missing", "ok", "mid_work"}``. ``data`` is an enrolled counter."""
    chance, catalogue = random.Random(seed), Catalogue.load()
    printed: dict[str, str] = {}
    mid_work = 0
    for turn in range(times):
        file = data.with_name(f"{data.name}-lines.jsonl")
        rows = examples(catalogue, "2.000815", None, _LINES, seed * 100_000 + turn)
        file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
        got = _run_and_kill(data, file, chance)
        printed |= got
        mid_work += 0 < len(got) < _LINES
    kept = {r["id"]: r["code"] for r in run_sync("dossiers", "--data", str(data), check=True).lines}
    missing = [code for id_, code in printed.items() if kept.get(id_) != code]
    report = run_sync("verify", "--data", str(data)).lines[0]
    assert len(set(kept.values())) == len(kept)
    return {"kills": times, "printed": len(printed), "missing": missing, "ok": report["ok"], "mid_work": mid_work}


def _run_and_kill(data: Path, file: Path, chance: random.Random) -> dict[str, str]:
    """Half the time at a random moment from the start, else a random while after the first code was printed."""
    command = [sys.executable, "-m", "sync", "receive", "--data", str(data), "--from", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    first = b""
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 0.9))
    else:
        first = process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
    process.kill()
    rest, _ = process.communicate(timeout=20)
    whole = (first + rest).rpartition(b"\n")[0]  # a half line was never told to anybody
    rows = [json.loads(line) for line in whole.splitlines()]
    return {r["id"]: r["code"] for r in rows if "code" in r}
