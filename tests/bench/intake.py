"""``intake.py [--anchor] [--turns N]``: 200 counters bring 5 dossiers each to one gateway on loopback, all at once. JSON lines.

The gateway is the product's own process: every group is committed and fsynced before its signed acknowledgement. Each counter
has its own key and its own commune (or the answer would be everybody else's dossiers), and has met the gateway once before, as on
any day but its first. Requests are built before, the generator is raw asyncio on the same two cores. After each turn the
gateway's own report must show every dossier once and no gap; after the last one every counter checks its answer as it would in
life. Anchor, turn about: ``../shared/bench/scale.sh sink``
(threading http.server, SQLite FULL, no signatures), by its own generator.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

from forms.catalogue import Catalogue  # noqa: E402
from resources import path_of  # noqa: E402
from sync.counter import Counter  # noqa: E402
from sync.enrolment import _make_store  # noqa: E402
from sync.fingerprint import split_code  # noqa: E402
from sync.gateway import admission  # noqa: E402
from sync.gateway.app import Gateway  # noqa: E402
from sync.gateway.ledger import Ledger  # noqa: E402
from sync.gateway.report import report  # noqa: E402
from sync.gateway_client import fresh_nonce  # noqa: E402
from sync.replication import Exchange  # noqa: E402
from sync.store import Store, log  # noqa: E402
from sync.store.opening import FILE  # noqa: E402
from tests.bench import workload  # noqa: E402
from tests.bench.link_cases import HARNESS  # noqa: E402
from tests.conftest import GatewayProcess, carry  # noqa: E402

CLIENTS, EACH, TURNS = 200, 5, 4
_LAST = b"\r\n0\r\n\r\n"
"""The last chunk of an answer that names no length."""


@dataclass
class _Caller:
    """One counter and its request: header line, header and groups, as bytes that only have to be sent."""

    counter: Counter
    exchange: Exchange
    request: bytes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anchor", action="store_true", help="measure the sink of the harness too, turn about")
    parser.add_argument("--turns", type=int, default=TURNS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="motcua-intake-") as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        callers = list(_callers(folder))
        for turn in range(1, args.turns + 1):
            _say(_ours(folder, callers, turn, last=turn == args.turns))
            if args.anchor:
                _say(_sink(turn))
    return 0


def _callers(folder: Path) -> Iterator[_Caller]:
    """Enrol every counter at a gateway that is not running yet, and let it receive its dossiers."""
    catalogue, clock = Catalogue.load(), workload.Clock(workload.START["product"])
    sample = json.loads(path_of("communes", "sample.json").read_text("utf-8"))
    with closing(Ledger(folder / "prepared")) as ledger:
        gateway = Gateway(ledger)
        for number in range(CLIENTS):
            commune = ledger.add_commune(sample | {"unit": f"H38.{number:03d}.09", "name": f"xã số {number}"})
            identity, epoch = Ed25519PrivateKey.generate(), secrets.token_hex(8)
            code, _ = split_code(admission.new_code(ledger, commune))
            public = identity.public_key().public_bytes_raw().hex()
            wanted = {"secret": code, "public_key": public, "epoch": epoch, "operator": "Trần Thị Kiểm"}
            reply, key = admission.enrol(ledger, wanted), secrets.token_bytes(32)
            data = folder / "counters" / str(number)
            data.mkdir(parents=True)
            _make_store(data, key, "http://127.0.0.1", epoch, reply, clock())
            counter = Counter(data, Store.open(data / FILE, key), identity, catalogue, clock)
            first = _exchange(counter)
            first.answer(carry(gateway, b"".join(first.frames())))
            assert first.complete
            workload.receive_product(counter, clock, reply["operator"], EACH, seed=workload.SEED + number)
            yield _caller(counter)
        gateway.writer.close()


def _exchange(counter: Counter) -> Exchange:
    return Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())


def _caller(counter: Counter) -> _Caller:
    exchange = _exchange(counter)
    body = b"".join(exchange.frames())
    head = f"POST /v1/sync HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
    return _Caller(counter, exchange, head.encode() + body)


def _ours(folder: Path, callers: list[_Caller], turn: int, last: bool) -> dict[str, Any]:
    """One turn at a gateway of its own, on a copy of the data folder in which all are enrolled."""
    data = folder / f"turn{turn}"
    shutil.copytree(folder / "prepared", data)
    gateway = GatewayProcess(data)
    try:
        begin = time.perf_counter()
        answers, waits = asyncio.run(_all_at_once(int(gateway.port), [c.request for c in callers]))
        took = time.perf_counter() - begin
        memory = _peak_mb(gateway.process.pid)
    finally:
        gateway.stop()
    _check(data, callers, answers if last else [])
    shutil.rmtree(data)
    return _figures("ours-intake", turn, took, waits) | {"server_rss_mb": memory}


async def _all_at_once(port: int, requests: list[bytes]) -> tuple[list[bytes], list[float]]:
    """Answers, and seconds from a counter's first packet to its last byte, in the order of the requests."""
    loop = asyncio.get_running_loop()

    async def one(request: bytes) -> tuple[bytes, float]:
        done: asyncio.Future[bytes] = loop.create_future()
        begin = time.perf_counter()
        transport, _ = await loop.create_connection(lambda: _Line(request, done), "127.0.0.1", port)
        answer = await asyncio.wait_for(done, 60)
        wait = time.perf_counter() - begin
        transport.close()
        return answer, wait

    found = await asyncio.gather(*(one(request) for request in requests))
    return [answer for answer, _ in found], [wait for _, wait in found]


class _Line(asyncio.Protocol):
    """One connection: the request at once, then bytes until the answer is whole."""

    def __init__(self, request: bytes, done: "asyncio.Future[bytes]") -> None:
        self._request, self._done, self._answer = request, done, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if _whole(self._answer) and not self._done.done():
            self._done.set_result(bytes(self._answer))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(f"cut after {bytes(self._answer[:200])!r}"))


def _whole(answer: bytes | bytearray) -> bool:
    """Whether an HTTP answer has come to its end."""
    head, found, body = bytes(answer).partition(b"\r\n\r\n")
    length = _length(head)
    return bool(found) and (answer.endswith(_LAST) if length is None else len(body) >= length)


def _length(head: bytes) -> int | None:
    """What a head says of its body; None for one in chunks."""
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
    return next((int(value) for name, _, value in fields if name == b"content-length"), None)


def _check(data: Path, callers: list[_Caller], answers: list[bytes]) -> None:
    """The gateway holds every dossier once; and each answer, where given, is a signed acknowledgement of everything."""
    with closing(Ledger(data)) as ledger:
        found = report(ledger)
    assert found["dossiers"] == CLIENTS * EACH, found["dossiers"]
    assert len(found["counters"]) == CLIENTS
    assert not found["codes_twice"]
    assert not any(log["gaps"] for log in found["counters"].values())
    for caller, answer in zip(callers, answers, strict=False):
        caller.exchange.answer(_body(answer))
        assert caller.exchange.outcome.finished
        assert log.waiting(caller.counter.store) == 0


def _body(answer: bytes) -> bytes:
    """The body of an HTTP answer."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    if _length(head) is not None:
        return rest
    body = bytearray()
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return bytes(body)


def _figures(label: str, turn: int, took: float, waits: list[float]) -> dict[str, Any]:
    ordered = sorted(waits)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    rate = round(CLIENTS * EACH / took)
    return {"label": label, "seed": turn, "rc": 0, "dossiers_per_s": rate, "client_p95_ms": round(p95 * 1000)}


def _sink(turn: int) -> dict[str, Any]:
    done = subprocess.run(["bash", str(HARNESS / "scale.sh"), "sink", "1"], capture_output=True, text=True, timeout=120)
    told = next((json.loads(text) for text in done.stdout.splitlines() if text.startswith("{")), None)
    if told is None or told["errs"]:
        return {"label": "sink-intake", "seed": turn, "rc": 1, "failed": str(told or done.stderr[-300:])}
    return {"label": "sink-intake", "seed": turn, "rc": 0} | {n: told[n] for n in ("dossiers_per_s", "client_p95_ms")}


def _peak_mb(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(text for text in status.splitlines() if text.startswith("VmHWM")).split()[1]) // 1024


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    sys.exit(main())
