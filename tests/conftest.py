"""Real parts for every test: an encrypted store, a gateway process, no keystore, an own state folder."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from sync import vault
from sync.counter import Counter, vietnam_now
from sync.enrolment import enrol
from sync.gateway.admission import new_code
from sync.gateway.app import Gateway
from sync.gateway.ledger import Ledger

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")  # a rule that holds may be slow to try beside other work
ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "mật khẩu thử rất dài"
_MOST = 100
"""Counters that enrol at one gateway: a commune's 9,999 numbers of a day last for two hundred leases of 50."""


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's own keystore or state folder is touched, here or in child processes."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("MOTCUA_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if "keyring" in sys.modules:
        import keyring
        from keyring.backends.fail import Keyring

        monkeypatch.setattr(keyring.core, "_keyring_backend", Keyring())


class GatewayProcess:
    """A real gateway in its own process; ``url`` stays the same over restarts."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options, self.port, self.codes = data, options, "0", 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "sync", "gateway", "--data", str(self.data), "--port", self.port, *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        line = json.loads(self.process.stdout.readline())
        self.url, self.code, self.commune = line["url"], line["enrol_code"], line["commune"]
        self.port = self.url.rsplit(":", 1)[1]

    def new_code(self) -> str:
        self.codes += 1
        with closing(Ledger(self.data)) as ledger:
            return new_code(ledger, self.commune)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:  # a gateway that does not end fails the test, and does not stay behind
            self.process.kill()
            self.process.wait()
            assert self.process.stdout
            self.process.stdout.close()

    def run(self, command: str, *options: str) -> list[dict[str, Any]]:
        return run_sync(command, "--data", str(self.data), *options).lines


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    """Starts gateways: ``gateway("--portal", "instant")``."""
    started: list[GatewayProcess] = []

    def start(*options: str, name: str = "gateway") -> GatewayProcess:
        started.append(GatewayProcess(tmp_path / name, *options))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.stop()


@pytest.fixture(scope="session")
def _hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], GatewayProcess]]:
    started: list[GatewayProcess] = []

    def current() -> GatewayProcess:
        if not started or started[-1].codes > _MOST:
            started.append(GatewayProcess(tmp_path_factory.mktemp("hub"), "--numbers", "50"))
        return started[-1]

    yield current
    for process in started:
        process.stop()


@pytest.fixture
def hub(_hubs: Callable[[], GatewayProcess]) -> GatewayProcess:
    """One gateway for every test that only needs to enrol: the dossiers of other tests are there too."""
    return _hubs()


def carry(gateway: Gateway, body: bytes) -> bytes:
    """One sync request to a gateway in this process, by hand."""

    async def over() -> bytes:
        transport = httpx.ASGITransport(gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            return (await http.post("/v1/sync", content=body)).content

    return asyncio.run(over())


class Ran:
    """What a command of the headless face did."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
        self.errors = done.stderr
        self.problem = json.loads(done.stderr.splitlines()[-1]) if done.returncode == 1 and done.stderr else None


def run_sync(*arguments: str, module: str = "sync", check: bool = False, **environment: str) -> Ran:
    """``python -m sync …`` as a script would."""
    command = [sys.executable, "-m", module, *arguments]
    env = os.environ | environment
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=120, check=False)
    if check:
        assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done)


def enrolled(data: Path, gateway: GatewayProcess, name: str = "Trần Thị Kiểm", code: str | None = None) -> dict[str, Any]:
    """Enrol a counter in this process."""
    return enrol(data, gateway.url, code or gateway.code, name, PASSPHRASE, vietnam_now())


def open_counter(data: Path, clock: Callable[[], datetime] = vietnam_now, writes: bool = True) -> Counter:
    """Open an enrolled counter as its first operator."""
    key = vault.unlock(data, vault.operators(data)[0]["id"], PASSPHRASE)
    return Counter.open(data, key, clock=clock, writes=writes)
