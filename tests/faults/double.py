"""Double starts: whoever comes second is told so, or both work side by side; nothing is harmed, the oracle says."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync import recovery
from sync.files import hold
from tests.conftest import ROOT, GatewayProcess, Ran, open_counter, run_sync
from tests.faults.staged import Stage


def _begin(*arguments: str, stdin: bytes = b"") -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "sync", *arguments]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process = subprocess.Popen(command, cwd=ROOT, **pipes)
    if stdin:
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.flush()
    return process


def _code(process: "subprocess.Popen[bytes]") -> str:
    """The code of its Problem, "" when it did its work."""
    _, errors = process.communicate(timeout=90)
    assert b"Traceback" not in errors, errors
    return json.loads(errors.splitlines()[-1])["problem"] if process.returncode == 1 else ""


def _problem(ran: Ran) -> str:
    return str(ran.problem["problem"]) if ran.problem else ""


@contextmanager
def _silent() -> Iterator[tuple[str, threading.Event]]:
    """An address that takes a connection and says nothing; set once somebody has come."""
    came, kept = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            kept.append(server.accept()[0])
            came.set()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", came
        thread.join()
        for connection in kept:
            connection.close()


class Doubles:
    """The pairs; each method returns the code that the second heard."""

    def __init__(self, folder: Path, hub: GatewayProcess) -> None:
        self.stage, self.copy = Stage(folder / "stage", hub, "right"), folder / "copy.backup"
        self.stage.receives(3, 41, scan=True)
        self.stage.meets()
        counter = open_counter(self.stage.data)
        recovery.backup(counter, self.stage.key, self.copy)
        counter.close()
        self.data = str(self.stage.data)

    def two_syncs(self) -> str:
        """One waits for an answer; the second must not talk in between."""
        with _silent() as (url, came):
            first = _begin("sync", "--data", self.data, "--gateway", url)
            assert came.wait(30)
            second = run_sync("sync", "--data", self.data, "--gateway", url)
            first.kill()
            first.communicate()
        return _problem(second)

    def restore_beside_a_window(self) -> str:
        """The store must not be put away under a window."""
        window = hold(self.stage.data, "window")
        second = run_sync("restore", "--data", self.data, "--from", str(self.copy))
        window.release()
        return _problem(second)

    def two_windows(self) -> str:
        """As ``desktop.app`` begins: before anything is read."""
        window = hold(self.stage.data, "window")
        code = "import sys\nfrom pathlib import Path\nfrom forms.problem import Problem\nfrom sync.files import hold\n"
        code += "try:\n    hold(Path(sys.argv[1]), 'window')\nexcept Problem as problem:\n    print(problem.code)\n"
        said = subprocess.run([sys.executable, "-c", code, self.data], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
        window.release()
        return said.stdout.strip()

    def two_gateways(self) -> str:
        """On one folder."""
        second = _begin("gateway", "--data", str(self.stage.hub.data), "--port", "0")
        return _code(second)

    def two_receives(self) -> str:
        """Both work; numbers are unique."""
        files = []
        for seed in (43, 44):
            files.append(self.stage.folder / f"double-{seed}-{time.monotonic_ns()}.jsonl")
            lines = [line | {"id": f"{line['id']}-{time.monotonic_ns()}"} for line in self.stage.lines(8, seed)]
            files[-1].write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
        both = [_begin("receive", "--data", self.data, "--from", str(file)) for file in files]
        for process in both:
            out, errors = process.communicate(timeout=90)
            assert process.returncode == 0, errors
            self.stage.told.hear([json.loads(line) for line in out.splitlines()])
        return ""

    def two_restores(self) -> str:
        """Of two that begin at once, one at most is told to wait; what is there afterwards is whole."""
        both = [_begin("restore", "--data", self.data, "--from", str(self.copy)) for _ in range(2)]
        codes = {_code(process) for process in both}
        assert codes <= {"", "already_open"} and "" in codes
        return "already_open" if "already_open" in codes else ""


EXPECTED: dict[str, tuple[Callable[[Doubles], str], tuple[str, ...]]] = {
    "two syncs": (Doubles.two_syncs, ("already_open",)),
    "two windows": (Doubles.two_windows, ("already_open",)),
    "restore beside a window": (Doubles.restore_beside_a_window, ("already_open",)),
    "two gateways": (Doubles.two_gateways, ("already_open",)),
    "two receives": (Doubles.two_receives, ("",)),
    "two restores": (Doubles.two_restores, ("already_open", "")),
}


def double_starts(times: int) -> dict[str, Any]:
    """Each pair ``times`` times; ``wrong`` must be empty and the oracle green. After a restore the gateway gives back what the
    back-up had not."""
    report: dict[str, Any] = {"fault": "double starts", "starts": 0, "refused": 0, "side_by_side": 0, "wrong": []}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = str(Path(folder) / "state")
        hub = GatewayProcess(Path(folder) / "hub", "--numbers", "2000")
        doubles = Doubles(Path(folder) / "doubles", hub)
        for turn in range(times):
            for name, (pair, allowed) in EXPECTED.items():
                if name == "two restores":
                    doubles.stage.meets()
                heard = pair(doubles)
                report["starts"] += 1
                report["refused"] += heard == "already_open"
                report["side_by_side"] += heard == ""
                report["wrong"] += [f"{turn} {name}: {heard}"] if heard not in allowed else []
            doubles.stage.meets()
        verdict = doubles.stage.judged()
        hub.stop()
    return report | verdict.as_json() | {"seconds": round(time.monotonic() - begin, 1)}
