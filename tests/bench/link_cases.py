"""What the link bench runs and what it holds it against: jobs of ``../shared/bench/run.py``, rows of the table, recorded figures.

A job is one run of one client over one emulated link; a row reads its figure from the jobs that carry its label. Anchors are
started exactly as ``../shared/bench/matrix.py`` starts them.
"""

import json
import shlex
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT.parent / "shared" / "bench"
CLIENT = ROOT / "tests" / "bench" / "link_client.py"
LINKS = {"edge": (64e3, 0.6), "3g": (384e3, 0.2), "vsat": (256e3, 0.7), "windows": (384e3, 0.2)}
"""Up rate in bit/s of IP packets and round trip in s, as in ``linkemu.PROFILES``."""
BLACKOUT, SHORT = '{"cut":"none"}', '{"cut":"none","on":4,"off":4}'
ZSTD, REF = "one zstd-19 POST", "ref-bound"
SCANS = 5.86
"""Megabytes of scans in the workload ``a20``."""

Result = dict[str, Any]


@dataclass(frozen=True)
class World:
    """Where things are. ``home``: what the anchors need and ``data/``; ``work``: made for this bench, gone after it."""

    home: Path
    work: Path
    runs: int
    anchors: bool

    def data(self, name: str) -> Path:
        """The folder of a workload: ``p…`` is the product's, made anew each time; the rest is the harness's."""
        return (self.work if name.startswith("p") else self.home / "data") / name


@dataclass(frozen=True)
class Job:
    """One run. ``expected`` seconds put long ones first; ``kind``: what ``verify`` compares (""), an anchor is not compared;
    ``alone``: it is bound by the processor, nothing may run beside it."""

    label: str
    profile: str
    data: Path
    server: str
    client: str
    prepare: str = ""
    over: str = "{}"
    seed: int = 1
    expected: float = 20.0
    timeout: float = 900.0
    kind: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table. ``anchors``: (name, label), the one to be compared with first; ``outage``: what one further
    outage would cost in seconds; ``limit``: (payload bytes as sent) -> seconds; ``plain``: the workload whose zstd-19
    size gives the other limit; ``at_least``: the target is a multiple of the first anchor."""

    case: str
    ours: str
    target: float
    anchors: tuple[tuple[str, str], ...] = ()
    figure: str = "sync_s"
    unit: str = "s"
    outage: float = 0.0
    limit: Callable[[float], float] | None = None
    plain: str = ""
    at_least: bool = False
    notes: dict[str, str] = field(default_factory=dict)


RECORDED = {
    "pouch-tuned-d200-edge": 96.7,
    "pouch-tuned-d200-3g": 16.9,
    "pouch-tuned-d200-vsat": 27.8,
    "zstd-d200-edge": 17.9,
    "zstd-d200-3g": 3.3,
    "zstd-d200-vsat": 5.9,
    "ref-d200-edge": 17.0,
    "ref-d200-3g": 3.0,
    "ref-d200-vsat": 5.7,
    "pouch-gzip-d1-edge": 5.0,
    "pouch-gzip-d1-vsat": 5.2,
    "pouch-default-d1-edge": 9.6,
    "pouch-default-d1-vsat": 10.2,
    "pouch-live-d1000": 251.4,
    "zstd-d1000-windows": 18.9,
    "ref-d1000-windows": 13.9,
    "tus-3g": 140.4,
    "tus-windows": 287.8,
    "pouch-scans-3g": 178.7,
}
"""Seconds of RESULTS.md, for a machine on which the anchors are not installed."""
RECORDED_KB = {"pouch-tuned-d200-edge": 792.0, "zstd-d200-edge": 134.0, "ref-d200-edge": 132.0}
"""The same, in KB up."""


def quoted(*parts: object) -> str:
    """A command for run.py: its own ``{places}`` stay as they are."""
    return " ".join(p if isinstance(p, str) and "{" in p else shlex.quote(str(p)) for p in parts)


def _environment(folder: str) -> list[str]:
    """No keystore and no state folder of this machine is touched."""
    state = f"XDG_STATE_HOME={{dir}}/{folder}"
    return ["env", f"PYTHONPATH={ROOT}", "PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring", state]


def ours(world: World, label: str, profile: str, data: str, *, command: str = "sync", **options: Any) -> Iterator[Job]:
    """The product's runs of one case, one for each seed. ``tls``: over TLS 1.3 with a certificate made for this bench."""
    tls, kind = options.pop("tls", False), "product" if data.startswith("p") else "bench"
    files = [str(world.work / "tls.crt"), str(world.work / "tls.key")]
    server = [*_environment("state"), sys.executable, "-m", "sync", "gateway", "--data", "{dir}/gw", "--host", "0.0.0.0"]
    server += ["--port", "{port}", "--portal", "off", "--numbers", "9000"]
    server += ["--cert", files[0], "--key", files[1]] if tls else []
    common = ["--dir", "{dir}", "--url", "{url}", "--kind", kind, *(["--tls"] if tls else [])]
    client = [*_environment("state"), *([f"SSL_CERT_FILE={files[0]}"] if tls else []), sys.executable, CLIENT]
    timeout = options.get("timeout", 900.0)
    for seed in range(1, options.pop("runs", world.runs) + 1):
        yield Job(
            label,
            profile,
            world.data(data),
            quoted(*server),
            quoted(*client, command, *common, "--timeout", timeout - 5),
            quoted("nice", "-n", "15", *client, "prepare", *common, "--source", "{jsonl}", "--blobs", "{blobs}"),
            seed=seed,
            kind="late" if command == "late" else kind,
            **options,
        )


def anchor(world: World, label: str, profile: str, data: str, who: str, runs: int = 2, **options: Any) -> Iterator[Job]:
    """An anchor's runs. ``who``: ``pouch MODE``, ``tus``, ``zstd`` or ``ref``."""
    python, dictionary = world.home / "venv" / "bin" / "python", world.home / "data" / "dict100k.bin"
    name, _, mode = who.partition(" ")
    places = ["{jsonl}", "{blobs}", "{url}"]
    pouch = ["node", HARNESS / "clients" / "pouch.cjs"]
    servers: dict[str, list[object]] = {
        "pouch": ["node", HARNESS / "servers" / "couch.cjs", "{port}", "{dir}"],
        "tus": ["node", HARNESS / "servers" / "tus.cjs", "{port}", "{dir}"],
        "zstd": [python, HARNESS / "servers" / "sink.py", "{port}", "{dir}", dictionary],
        "ref": [python, HARNESS / "servers" / "ref.py", "{port}", "{dir}", dictionary],
    }
    clients: dict[str, list[object]] = {
        "pouch": [*pouch, "sync", *places, "{dir}", mode],
        "tus": ["node", HARNESS / "clients" / "tus.cjs", *places],
        "zstd": [python, HARNESS / "clients" / "batch_post.py", "zstd", *places],
        "ref": [python, HARNESS / "clients" / "ref.py", *places, dictionary],
    }
    load = quoted(*pouch, "load", *places, "{dir}") if name == "pouch" else ""
    for seed in range(1, runs + 1):
        yield Job(label, profile, world.data(data), quoted(*servers[name]), quoted(*clients[name]), load, seed=seed, **options)


def jobs(world: World) -> Iterator[Job]:
    """Everything there is to run over links."""
    for kind in ("p", "d"):
        for profile, expected in (("edge", 12.0), ("3g", 2.5), ("vsat", 5.0)):
            yield from ours(world, f"ours-{kind}200-{profile}", profile, f"{kind}200", expected=expected)
            yield from anchor(
                world, f"pouch-tuned-{kind}200-{profile}", profile, f"{kind}200", "pouch tuned", expected=expected * 8
            )
            for who in ("zstd", "ref"):
                yield from anchor(world, f"{who}-{kind}200-{profile}", profile, f"{kind}200", who, expected=expected * 1.5)
        for profile in ("edge", "vsat"):
            yield from ours(world, f"ours-{kind}1-{profile}", profile, f"{kind}1", expected=2)
            for mode in ("gzip", "default"):
                yield from anchor(world, f"pouch-{mode}-{kind}1-{profile}", profile, f"{kind}1", f"pouch {mode}", expected=10)
        yield from ours(world, f"ours-{kind}1-edge-tls", "edge", f"{kind}1", tls=True, expected=2)
        yield from ours(world, f"ours-{kind}1000-windows", "windows", f"{kind}1000", expected=40)
        yield from ours(world, f"ours-{kind}1000-blackout", "windows", f"{kind}1000", over=BLACKOUT, expected=40)
        yield from ours(world, f"ours-{kind}1000-short", "windows", f"{kind}1000", over=SHORT, expected=50)
    yield from anchor(world, "pouch-live-d1000", "windows", "d1000", "pouch livekatunedb25", runs=1, expected=251)
    for who in ("zstd", "ref"):
        yield from anchor(world, f"{who}-d1000-windows", "windows", "d1000", who, expected=20)
    yield from _with_scans(world)


def _with_scans(world: World) -> Iterator[Job]:
    yield from ours(world, "ours-scans-3g", "3g", "a20", expected=133)
    yield from ours(world, "ours-scans-windows", "windows", "a20", expected=262)
    yield from ours(world, "ours-scans-blackout", "windows", "a20", over=BLACKOUT, expected=288)
    yield from ours(world, "ours-late-3g", "3g", "a20", command="late", expected=135)
    yield from anchor(world, "tus-3g", "3g", "a20", "tus", expected=140)
    yield from anchor(world, "tus-windows", "windows", "a20", "tus", runs=1, expected=288)
    yield from anchor(world, "pouch-scans-3g", "3g", "a20", "pouch default", expected=179)
    yield from ours(world, "ours-memory", "loop", "m1000", runs=min(world.runs, 3), expected=20, alone=True)


def rows() -> Iterator[Row]:
    """The table, in the order of the issue."""
    product, bench = ("product", "p"), ("bench", "d")
    targets = {"edge": (12.0, 14.5), "3g": (2.3, 2.7), "vsat": (4.6, 5.0)}
    for profile, wanted in targets.items():
        for (name, kind), target in zip((product, bench), wanted, strict=True):
            anchors = _three(kind, profile)
            case, limit = f"200 dossiers, {profile}, {name}", _limit(profile)
            yield Row(case, f"ours-{kind}200-{profile}", target, anchors, limit=limit, plain=f"{kind}200")
    for (name, kind), target in zip((product, bench), (90.0, 112.0), strict=True):
        case = f"bytes up, 200 dossiers, edge, {name}"
        yield Row(case, f"ours-{kind}200-edge", target, _three(kind, "edge"), "up_kb", "KB")
    for profile, target, trips in (("edge", 1.6, 2), ("vsat", 1.8, 2), ("edge-tls", 2.4, 3)):
        for name, kind in (product, bench):
            plain = profile.removesuffix("-tls")
            anchors = tuple((f"PouchDB {m}", f"pouch-{m}-{kind}1-{plain}") for m in ("gzip", "default"))
            yield Row(
                f"one dossier cold, {profile}, {name}", f"ours-{kind}1-{profile}", target, anchors, limit=_limit(plain, trips)
            )
    live = (("PouchDB live b25", "pouch-live-d1000"), (ZSTD, "zstd-d1000-windows"), (REF, "ref-d1000-windows"))
    for name, kind in (product, bench):
        case, limit = f"1,000 dossiers, {name}", _limit("windows", on=20, off=20)
        data = f"{kind}1000"
        yield Row(f"{case}, 20 s/20 s cuts", f"ours-{data}-windows", 12.0, live, outage=20, limit=limit, plain=data)
        yield Row(f"{case}, 20 s/20 s blackout", f"ours-{data}-blackout", 12.0, notes=_NEVER, outage=20, limit=limit, plain=data)
        short = _limit("windows", on=4, off=4)
        yield Row(f"{case}, 4 s/4 s blackout", f"ours-{data}-short", 21.0, notes=_SPIKE, outage=4, limit=short)
    yield from _scan_rows()
    yield Row("peak memory of the sync process, 1,000 dossiers + 6 MB", "ours-memory", 70.0, (), "client_rss_mb", "MB")
    intake = (("sink", "sink-intake"),)
    yield Row("gateway intake, 200 clients x 5", "ours-intake", 1.3, intake, "dossiers_per_s", "/s", at_least=True)
    yield Row("gateway intake, client p95", "ours-intake", 250.0, intake, "client_p95_ms", "ms")
    yield Row("nothing to say, 1k -> 100k dossiers: time ratio", "ours-growth", 1.2, (), "ratio", "x")
    yield Row("nothing to say, 1k -> 100k dossiers: more bytes", "ours-growth", 16.0, (), "more_bytes", "B")


_NEVER = {"anchor": "PouchDB: not finished (recorded)"}
_SPIKE = {"anchor": "spike 19 (recorded)"}


def _three(kind: str, profile: str) -> tuple[tuple[str, str], ...]:
    where = f"{kind}200-{profile}"
    return (("PouchDB tuned", f"pouch-tuned-{where}"), (ZSTD, f"zstd-{where}"), (REF, f"ref-{where}"))


def _scan_rows() -> Iterator[Row]:
    name = f"{SCANS} MB of scans"
    both = (("tus", "tus-3g"), ("PouchDB", "pouch-scans-3g"))
    cuts, tus = _limit("windows", on=20, off=20), (("tus", "tus-windows"),)
    yield Row(f"{name}, 3g", "ours-scans-3g", 133.0, both, limit=_limit("3g"))
    yield Row(f"{name}, 20 s/20 s cuts", "ours-scans-windows", 262.0, tus, outage=20, limit=cuts)
    never = {"anchor": "tus, PouchDB: not finished (recorded)"}
    yield Row(f"{name}, 20 s/20 s blackout", "ours-scans-blackout", 288.0, outage=20, limit=cuts, notes=never)
    yield Row("on the wire again per cut, cuts", "ours-scans-windows", 32.0, tus, "again_kb", "KB")
    yield Row("on the wire again per cut, blackout", "ours-scans-blackout", 32.0, (), "again_kb", "KB")
    behind = {"anchor": "PouchDB: behind them"}
    yield Row(f"a new dossier during {name}, 3g", "ours-late-3g", 3.0, notes=behind)


def _limit(profile: str, trips: int = 2, on: float = 0, off: float = 0) -> Callable[[float], float]:
    """The least seconds for so many payload bytes on a link: their time on the line and the round trips; and, where the
    line comes and goes, the outages that fall into it."""
    rate, trip = LINKS[profile]

    def least(payload: float) -> float:
        seconds = payload * 8 / rate + trips * trip
        return seconds + (seconds // on) * off if on else seconds

    return least


def cuts(job: Job, wall: float) -> int:
    """Cuts of the line within the life of a client's process; the emulator's own count begins before it, at the enrolment."""
    times = ({"on": 20.0, "off": 20.0} if job.profile == "windows" else {}) | json.loads(job.over)
    if "on" not in times or wall < times["on"]:
        return 0
    return int((wall - times["on"]) // (times["on"] + times["off"])) + 1


def figure(result: Result, name: str) -> float:
    """One figure of one run. ``up_kb``: IP bytes offered at the client's TUN, headers and repeats with them, less those of the
    enrolment before the run (``before``).

    ``again_kb``: KB of TCP payload on the wire again for each cut: everything sent, less what had to be sent once, less what
    random loss took (packets lost or dropped at the full buffer, at the mean payload of a packet). Heads of requests after a
    cut and repeats into the dead line count as ours, headers of packets do not.
    """
    if name == "up_kb":
        return float(result["up_bytes"] - result.get("extra", {}).get("before", 0)) / 1000
    if name == "again_kb":
        up = result["link"]["up"]
        lost = (up["lost"] + up["tail"]) * up["tcp_payload"] / max(1, up["pkts"])
        return float(max(0.0, up["tcp_payload"] - payload(result) - lost) / max(1, result["cuts"]) / 1000)
    return float(result[name])


def payload(result: Result) -> float:
    """Bytes of one run that had to go up once: what the client says, or the scans themselves for an anchor."""
    extra = result.get("extra", {})
    return float(extra.get("unique") or extra.get("total") or extra.get("body") or 0)


def median(results: list[Result], name: str) -> float:
    """The middle of a figure over runs."""
    return statistics.median(figure(r, name) for r in results)
