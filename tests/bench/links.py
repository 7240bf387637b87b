"""``python3 dev.py bench --links``: the product over bad lines beside its anchors and the physical limit, in one table.

Runs ``../shared/bench/run.py`` (two network namespaces, real TCP, a packet-level link between them) for our client and for the
anchors of ``../shared/bench``; compares what arrived with what was sent after each of our runs: a run that differs has failed.
Link-bound runs go side by side; what the processor binds (memory, intake, growth) goes alone, after them. Needs root,
``/dev/net/tun`` and iproute2. Where the anchors' packages (``PERF_HOME``) are missing, the figures of RESULTS.md stand in,
marked "recorded".

    --only REGEX    rows whose case matches        --runs N     runs of ours for each seed 1..N (5)
    --jobs N        link-bound runs at a time (5)  --out FILE   every result as a JSON line
    --recorded      do not run the anchors
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import link_data
from tests.bench.link_cases import CLIENT, HARNESS, ROOT, Job, Result, Row, World, cuts, jobs, rows
from tests.bench.link_table import table

_ALONE = {"ours-intake": "intake.py", "ours-growth": "growth.py"}
"""Labels that a program of its own measures on loopback."""
_WRITING = threading.Lock()


def main(argv: list[str] | None = None) -> int:
    args = _arguments(argv)
    missing = link_data.missing_on_this_machine()
    if missing:
        _say(f"The link bench needs {missing}: only what runs on loopback is measured.")
    home = Path(os.environ.get("PERF_HOME") or Path.home() / ".cache" / "motcua-bench")
    wanted = [r for r in rows() if re.search(args.only, r.case)]
    with tempfile.TemporaryDirectory(prefix="motcua-links-") as name:
        anchors = not args.recorded and link_data.anchors_installed(home)
        world = World(home, Path(name), args.runs, anchors)
        out = args.out or Path(tempfile.mkdtemp(prefix="motcua-links-out-")) / "results.jsonl"
        out.parent.mkdir(parents=True, exist_ok=True)
        if not anchors:
            _say("The anchors are not run (not installed under PERF_HOME, or --recorded): figures of RESULTS.md stand in.")
        found: list[Result] = []
        if not missing:
            chosen = _chosen(world, wanted)
            link_data.ready(world, {j.data.name for j in chosen})
            found += _run_links(world, chosen, args.jobs, out)
        found += _run_alone(world, wanted, out)
        print(table(world, wanted, found))
        _say(f"Every result: {out}")
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench --links", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--links", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help="regular expression on the cases of the table")
    parser.add_argument("--runs", type=int, default=5, help="runs of each of our link cases")
    parser.add_argument("--jobs", type=int, default=5, help="link-bound runs at a time")
    parser.add_argument("--out", type=Path, help="file for every result, as JSON lines")
    parser.add_argument("--recorded", action="store_true", help="do not run the anchors")
    return parser.parse_args(argv)


def _chosen(world: World, wanted: Iterable[Row]) -> list[Job]:
    """The jobs that the rows read, longest first."""
    labels = {r.ours for r in wanted}
    if world.anchors:
        labels |= {label for r in wanted for _, label in r.anchors}
    return sorted((j for j in jobs(world) if j.label in labels), key=lambda j: (j.alone, -j.expected))


def _run_links(world: World, chosen: list[Job], beside: int, out: Path) -> list[Result]:
    found: list[Result] = []
    together = [j for j in chosen if not j.alone]
    with concurrent.futures.ThreadPoolExecutor(beside) as pool:
        found += pool.map(lambda job: _kept(_run(world, job), out), together)
    return found + [_kept(_run(world, job), out) for job in chosen if job.alone]


def _run(world: World, job: Job) -> Result:
    """One run of run.py; ours is compared with its source at the end, and only then is its folder removed."""
    name = f"{job.label}-{job.seed}-{os.getpid()}"
    scratch = world.work / f"{name}.jsonl"
    command = [sys.executable, HARNESS / "run.py", "--profile", job.profile, "--data", job.data, "--label", name]
    command += ["--server", job.server, "--client", job.client, "--seed0", str(job.seed), "--out", scratch]
    command += ["--timeout", str(job.timeout), "--over", job.over]
    command += ["--prepare", job.prepare] if job.prepare else []
    env = os.environ | {"PERF_HOME": str(world.home)} | ({"keep": "1"} if job.kind else {})
    began = time.strftime("%H:%M:%S")
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env, cwd=ROOT)
    result: Result = {"label": job.label, "seed": job.seed, "rc": None, "began": began}
    if done.returncode == 0 and scratch.exists():
        result |= json.loads(scratch.read_text("utf-8").splitlines()[-1]) | {"label": job.label, "seed": job.seed}
        result["cuts"] = cuts(job, result["wall_s"])
        if job.kind and result["rc"] == 0:
            result["differences"] = _differences(job, Path(result["dir"]))
    folders = list((world.home / "tmp").glob(f"run-{name}-*"))
    if result["rc"] != 0 or result.get("differences"):
        result["failed"] = _why(done.stderr, folders)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    result.pop("dir", None)
    _progress(result)
    return result


def _differences(job: Job, folder: Path) -> list[str]:
    """What did not arrive as it was sent, by a process of its own."""
    command = [sys.executable, CLIENT, "verify", "--dir", folder / "cli", "--kind", job.kind, "--source"]
    done = subprocess.run(
        ["nice", "-n", "15", *map(str, command), str(job.data / "dossiers.jsonl")],
        capture_output=True,
        text=True,
        env=os.environ | {"XDG_STATE_HOME": str(folder / "srv" / "state")},
    )
    if done.returncode:
        return [done.stderr[-400:] or done.stdout[-400:]]
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def _why(errors: str, folders: list[Path]) -> str:
    """The last words of whoever failed, without anybody's folders."""
    said = errors[-300:]
    for name in ("prep.log", "cli.log", "srv.log"):
        said += "".join(f"\n{name}: {(f / name).read_text(errors='replace')[-600:]}" for f in folders if (f / name).exists())
    return said.replace(str(ROOT), "").replace(str(Path.home()), "~")


def _run_alone(world: World, wanted: list[Row], out: Path) -> list[Result]:
    """The programs that measure on loopback: JSON lines with a ``label`` each."""
    found: list[Result] = []
    for label, program in _ALONE.items():
        if not any(r.ours == label for r in wanted):
            continue
        command = [sys.executable, str(ROOT / "tests" / "bench" / program), *(["--anchor"] if world.anchors else [])]
        env = os.environ | {"PERF_HOME": str(world.home)}
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
        lines = [json.loads(text) for text in done.stdout.splitlines() if text.startswith("{")]
        if done.returncode:
            lines = [{"label": label, "seed": 0, "rc": done.returncode, "failed": _why(done.stderr, [])}]
        for line in lines:
            _progress(line)
            found.append(_kept(line, out))
    return found


def _kept(result: Result, out: Path) -> Result:
    with _WRITING, out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result, ensure_ascii=False) + "\n")
    return result


def _progress(result: Result) -> None:
    shown: dict[str, Any] = {k: result[k] for k in ("sync_s", "up_bytes", "cuts", "client_rss_mb") if k in result}
    shown |= {k: v for k, v in result.items() if k in ("dossiers_per_s", "client_p95_ms", "ratio", "more_bytes")}
    state = "FAILED" if result.get("failed") else "ok"
    _say(f"{time.strftime('%H:%M:%S')} {result['label']} seed {result.get('seed', '-')} {state} {json.dumps(shown)}")
    if result.get("failed"):
        _say(f"    {(result.get('differences') or [''])[:2]} {result['failed'][-700:]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
