"""The product as a plug-in of ``../shared/bench/run.py``: ``link_client.py prepare|sync|late|verify``; started by ``links.py``.

``prepare`` enrols over the link and receives the workload, not timed; it leaves the store's key in a file of the run's private
folder, so that the timed process never runs Argon2. ``sync`` is the timed process: the clock runs from the opened store until
everything is acknowledged. ``late`` is the same with a second process that receives one dossier while scans are under way.
``verify`` compares the gateway's data with the source once the run is over. Each prints ``RESULT {…}`` or a list of problems.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment]  # the shipped program has none: here it is a tool of the tests

from forms.catalogue import Catalogue  # noqa: E402
from forms.problem import Problem  # noqa: E402
from sync import vault  # noqa: E402
from sync.contact import until_empty  # noqa: E402
from sync.counter import Counter  # noqa: E402
from sync.gateway_client import Traffic  # noqa: E402
from sync.store import log  # noqa: E402

PASSPHRASE = "một câu dài để đo đường truyền"
OPERATOR = "Trần Thị Kiểm"
LATE_AFTER = 15.0
"""Seconds of scans under way before the new dossier comes."""
LATE_SEED = 99
_ENROL_S = 240.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("prepare", "sync", "late", "second", "verify"))
    parser.add_argument("--dir", type=Path, required=True, help="the run's private folder of the client")
    parser.add_argument("--url", default="")
    parser.add_argument("--kind", default="bench")
    parser.add_argument("--source", type=Path, help="the workload's dossiers.jsonl")
    parser.add_argument("--blobs", type=Path)
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--tls", action="store_true", help="the same address, over https")
    args = parser.parse_args()
    if args.tls:
        args.url = args.url.replace("http://", "https://")
    commands = {"prepare": prepare, "sync": sync, "late": late, "second": second, "verify": verify}
    try:
        return commands[args.command](args)
    except Problem as problem:
        print(json.dumps({"problem": problem.code, "details": problem.details}, default=str), flush=True)
        return 1


def opened(args: argparse.Namespace, **options: Any) -> Counter:
    """The enrolled counter, by the key that ``prepare`` left."""
    return Counter.open(args.dir / "counter", (args.dir / "key").read_bytes(), **options)


def prepare(args: argparse.Namespace) -> int:
    """Enrol over the link, then receive the workload into the local store."""
    from tests.bench import workload

    clock = workload.Clock(workload.START[args.kind])
    operator = _enrolled(args, clock)
    counter = opened(args, clock=clock)
    if args.kind == "bench":
        workload.receive_bench(counter, clock, args.source, args.blobs)
    else:
        workload.receive_product(counter, clock, operator, sum(1 for _ in workload.read_lines(args.source)))
    (args.dir / "once").write_text(str(workload.once(counter)))
    print(json.dumps({"events": log.waiting(counter.store)}), flush=True)
    counter.close()
    return 0


def _enrolled(args: argparse.Namespace, clock: Any) -> str:
    """A fresh counter of the gateway beside us, tried until a line lets it through; the id of its operator."""
    from sync.enrolment import enrol
    from sync.gateway.admission import new_code
    from sync.gateway.ledger import Ledger

    data, until = args.dir / "counter", time.monotonic() + _ENROL_S
    while True:
        with closing(Ledger(args.dir.parent / "srv" / "gw")) as ledger:
            code = new_code(ledger, ledger.communes()[0])
        try:
            enrol(data, args.url, code, OPERATOR, PASSPHRASE, clock(), allow_http=True)
            break
        except Problem:
            if time.monotonic() > until:
                raise
            shutil.rmtree(data, ignore_errors=True)  # the answer may be what was lost: begin with a new code
    operator = vault.operators(data)[0]["id"]
    (args.dir / "key").write_bytes(vault.unlock(data, operator, PASSPHRASE))
    return operator


def sync(args: argparse.Namespace) -> int:
    """The timed process: until own events and scans are acknowledged and the feed is read."""
    counter, traffic, before = opened(args), Traffic(), _offered()
    begin = time.monotonic()
    until_empty(counter, args.url, begin + args.timeout, traffic)
    took = time.monotonic() - begin
    sent = {"before": before, "body": traffic.up, "down": traffic.down, "unique": int((args.dir / "once").read_text())}
    _result(sync_s=took, waiting=log.waiting(counter.store), **sent)
    counter.close()
    return 0


def late(args: argparse.Namespace) -> int:
    """Two processes on one store: one sends the scans, the other receives a dossier while they are under way. ``sync_s`` is
    the time from the new dossier's commit until the store knows that the gateway has it."""
    own = ["--dir", str(args.dir), "--url", args.url, "--timeout", str(args.timeout)]
    sending, other = (
        subprocess.Popen([sys.executable, __file__, command, *own], stdout=subprocess.PIPE, text=True)
        for command in ("sync", "second")
    )
    scans, one = _told(sending), _told(other)
    _result(**(scans | {"sync_s": one["ack_s"], "scans_s": scans["sync_s"]}))
    return sending.returncode or other.returncode


def second(args: argparse.Namespace) -> int:
    """Open the store like ``python -m sync receive`` beside a running sync, and watch for one dossier's acknowledgement."""
    began = time.monotonic()
    counter = opened(args)
    line = _late_line(counter.catalogue)
    time.sleep(max(0.0, began + LATE_AFTER - time.monotonic()))
    counter.receive(line, vault.operators(counter.data)[0]["id"], date_confirmed=True)
    committed = time.monotonic()
    number = log.position(counter.store, counter.counter_id, counter.epoch).number
    while not any(e == counter.epoch and acked >= number for _, e, acked in log.own_logs(counter.store)):
        if time.monotonic() > committed + args.timeout:
            raise Problem("deadline", waiting=log.waiting(counter.store))
        time.sleep(0.02)
    _result(ack_s=time.monotonic() - committed, waiting=log.waiting(counter.store), id=line["id"])
    counter.close()
    return 0


def verify(args: argparse.Namespace) -> int:
    """A list of differences between the gateway's data and the source, [] when there is none."""
    from tests.bench import workload

    late = args.kind == "late"
    line, kind = (_late_line(Catalogue.load()), "bench") if late else (None, args.kind)
    print(json.dumps(workload.differences(args.dir.parent / "srv" / "gw", kind, args.source, line)))
    return 0


def _late_line(catalogue: Catalogue) -> dict[str, Any]:
    """The dossier that comes while scans are under way."""
    from forms.example import examples

    return next(examples(catalogue, "1.001193", None, 1, LATE_SEED))


def _offered() -> int:
    """IP bytes that this network namespace has offered to its link so far: those of the enrolment, when a run begins."""
    devices = [text.split() for text in Path("/proc/net/dev").read_text().splitlines() if ":" in text]
    return sum(int(words[9]) for words in devices if words[0] != "lo:")


def _told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What a process of ours printed as its result. :raises Problem: it had none."""
    output = process.communicate()[0]
    print(output, end="", flush=True)
    for line in output.splitlines():
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line[7:])
            return found
    raise Problem("no_result")


def _result(**figures: Any) -> None:
    print("RESULT " + json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
