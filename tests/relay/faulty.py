"""Both played systems behind real HTTP, in a process of their own, on a line that fails on order.

``python -m tests.relay.faulty [--rate 0.3] [--seed 1] [--slow 5] [--script FILE] [--mirror]`` prints one JSON line ``{"url"}``
and serves PlayedNational under ``/national``, PlayedMinistry under ``/ministry``. A share ``rate`` of the calls is faulty:

=========== ==========================================================================================
lost        carried out, then the connection is closed without an answer
cut         the connection is closed and nothing was carried out
twice       carried out, and answered twice on the connection
gateway     502, carried out or not
html        a page with status 200, carried out or not
slow        carried out, answered after ``slow`` seconds: longer than the caller waits
late        no answer; carried out right after the next call to this system
busy        429 with ``Retry-After: 0``, not carried out
expired     every session and token of the system ends, then the call
=========== ==========================================================================================

``/control`` never fails: GET ``/control/state`` (what both hold), POST ``/control/faults`` ``{rate?, kinds?, seed?}``, POST
``/control/move`` ``{system, number, state, text?}`` (something happens there). ``--mirror``: what happens in the
ministry's system is seen on the national board, as ministries report there.
"""

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from sync.relay.played.ministry import PlayedMinistry
from sync.relay.played.national import PlayedNational

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("lost", "cut", "twice", "gateway", "html", "slow", "late", "busy", "expired")
_HTML = "<!doctype html><html><body><h1>Hệ thống đang bảo trì</h1></body></html>".encode()
_Answer = tuple[int, dict[str, str], bytes]
_Call = tuple[str, str, Mapping[str, str], bytes]


class Side:
    """One system on its line."""

    def __init__(self, played: PlayedNational | PlayedMinistry) -> None:
        self.played = played
        self._late: list[_Call] = []
        self._lock = threading.Lock()

    def run(self, call: _Call) -> _Answer:
        """Carry a call out, and after it what was kept back."""
        with self._lock:
            late, self._late = self._late, []
            answer = self.played.handle(*call)
            for one in late:
                self.played.handle(*one)
        return answer

    def keep_back(self, call: _Call) -> None:
        with self._lock:
            self._late.append(call)

    def state(self) -> dict[str, Any]:
        """What it holds, for a judge in another process."""
        played = self.played
        with self._lock:
            numbers = list(played.dossiers)
            return {
                "dossiers": {n: played.dossier(n) for n in numbers},
                "progress": {n: played.progress(n) for n in numbers},
                "histories": {n: list(h) for n, h in played.histories.items()},
                "fillers": played.fillers,
                "calls": dict(played.calls),
                "late": len(self._late),
            }


class Line:
    """What goes wrong, by a seed: the same seed and the same order of calls, the same faults."""

    def __init__(self, rate: float, seed: int, slow: float) -> None:
        self.rate, self.kinds, self.slow = rate, list(KINDS), slow
        self.faults: Counter[str] = Counter()
        self.calls = 0
        self._chance, self._lock = random.Random(seed), threading.Lock()

    def fault(self) -> tuple[str, bool]:
        """(kind, whether it is carried out all the same, where that is open); "" for none."""
        with self._lock:
            self.calls += 1
            fails, kind, done = self._chance.random() < self.rate, self._chance.choice(self.kinds), self._chance.random() < 0.5
            if not fails:
                return "", True
            self.faults[kind] += 1
            return kind, done

    def order(self, raw: Mapping[str, Any]) -> None:
        """Change what goes wrong from now on."""
        with self._lock:
            self.rate = float(raw.get("rate", self.rate))
            self.kinds = list(raw.get("kinds") or self.kinds)
            if "seed" in raw:
                self._chance.seed(int(raw["seed"]))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "Server"

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        _, place, rest = self.path.split("/", 2) if self.path.count("/") > 1 else ("", "", "")
        if place == "control":
            self._answer(_json(self.server.control(self.command, rest, body)))
        elif place in self.server.sides:
            self._call(self.server.sides[place], (self.command, f"/{rest}", dict(self.headers.items()), body))
        else:
            self._answer((404, {}, b"{}"))

    def _call(self, side: Side, call: _Call) -> None:
        kind, done = self.server.line.fault()
        if kind == "busy":
            return self._answer((429, {"Retry-After": "0", "Content-Type": "application/json"}, b"{}"))
        if kind == "late":
            side.keep_back(call)
        if kind in ("cut", "late"):
            return self._hang_up()
        if kind in ("gateway", "html"):
            if done:
                side.run(call)
            page = {"Content-Type": "text/html; charset=utf-8"}
            return self._answer((502 if kind == "gateway" else 200, page, _HTML))
        if kind == "expired":
            side.played.end_session()
        answer = side.run(call)
        if kind == "lost":
            return self._hang_up()
        if kind == "slow":
            self.server.ending.wait(self.server.line.slow)
        self._answer(answer)
        if kind == "twice":
            self._answer(answer)
        return None

    def _answer(self, answer: _Answer) -> None:
        status, headers, body = answer
        with suppress(OSError):  # the caller may have gone
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Server(ThreadingHTTPServer):
    """``sides``: by the first part of the path."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, line: Line, script: Mapping[str, Any], mirror: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.line, self.ending = line, threading.Event()
        self.national = PlayedNational(script)
        self.ministry = PlayedMinistry(script, self._seen) if mirror else PlayedMinistry(script)
        self.sides = {"national": Side(self.national), "ministry": Side(self.ministry)}

    def _seen(self, number: str, state: int) -> None:
        if self.national.dossier(number) is None:
            self.national.file_online({"MaHoSo": number})
        if state != 1:
            self.national.set_state(number, state)

    def control(self, method: str, what: str, body: bytes) -> dict[str, Any]:
        """What the process that tests says and asks."""
        raw = json.loads(body) if body else {}
        if what == "faults" and method == "POST":
            self.line.order(raw)
        elif what == "move" and method == "POST":
            played = self.sides[raw["system"]].played
            more = (raw["text"],) if raw.get("text") else ()
            played.set_state(raw["number"], int(raw["state"]), *more)
        elif what != "state":
            return {"error": what}
        if method == "POST":
            return {}
        faults = {"faults": dict(self.line.faults), "calls": self.line.calls, "rate": self.line.rate}
        return {name: side.state() for name, side in self.sides.items()} | faults

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is what this server is for; anything else is said."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _json(value: Any) -> _Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value, ensure_ascii=False).encode()


# For tests


@dataclass
class Faulty:
    """The running server; ``url`` of a system: ``f"{url}/national"``."""

    url: str

    def ask(self, what: str, raw: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """GET, or POST with a body, below ``/control``."""
        data = None if raw is None else json.dumps(raw).encode()
        with urlopen(Request(f"{self.url}/control/{what}", data), timeout=30) as answer:
            return json.loads(answer.read())  # type: ignore[no-any-return]

    def state(self) -> dict[str, Any]:
        """What both systems hold."""
        return self.ask("state")


@contextmanager
def faulty(*options: str) -> Iterator[Faulty]:
    """Run the server: ``faulty("--rate", "0.3", "--seed", "7")``."""
    command = [sys.executable, "-m", "tests.relay.faulty", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout
        yield Faulty(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()  # type: ignore[union-attr]


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow", type=float, default=5.0)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--mirror", action="store_true")
    asked = parser.parse_args()
    script = json.loads(asked.script.read_text("utf-8")) if asked.script else {}
    server = Server(Line(asked.rate, asked.seed, asked.slow), script, asked.mirror)

    def end(*_: object) -> None:
        server.ending.set()
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
