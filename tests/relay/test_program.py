"""``python -m sync relay`` as IT support starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forms.problem import Problem
from sync.relay.config import read_config
from sync.relay.played.national import SETTINGS
from tests.conftest import ROOT, GatewayProcess, run_sync

NATIONAL = {**SETTINGS, "kind": "national", "url": "http://127.0.0.1:9", "timeout": 1}


def config(folder: Path, **more: Any) -> Path:
    file = folder / "relay.json"
    file.write_text(json.dumps({"systems": {"national": NATIONAL}} | more), "utf-8")
    return file


def start(data: Path, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sync", "relay", "--data", str(data), "--config", str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("more", "problem", "reason"),
    [
        ({"systems": {}}, "relay_config_damaged", "systems"),
        ({"systems": {"national": {"kind": "national", "url": "http://127.0.0.1:9"}}}, "relay_config_damaged", "national"),
        ({"systems": {"national": NATIONAL | {"windows": [["25h", "x"]]}}}, "relay_config_damaged", "national"),
        ({"systems": {"national": NATIONAL | {"password": "env:NOT_THERE"}}}, "secret_missing", None),
        ({"systems": {"national": NATIONAL | {"url": "http://lgsp.example.vn"}}}, "http_refused", None),
        ({"catalogue": {"system": "nobody"}}, "relay_config_damaged", "catalogue"),
        ({"refusals": [{"match": "x"}]}, "refusals_damaged", None),
        ({"routes": [{"procedure": "*", "from": "2026-01-01", "system": "nobody"}]}, "routing_damaged", ...),
    ],
)
def test_a_configuration_that_cannot_work_is_said_at_the_start(
    tmp_path: Path, more: dict[str, Any], problem: str, reason: Any
) -> None:
    with pytest.raises(Problem) as raised:
        read_config(config(tmp_path, **more))
    assert raised.value.code == problem
    if isinstance(reason, str):
        assert raised.value.details["reason"] == reason


def test_no_file_or_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="relay_config_missing"):
        read_config(tmp_path / "none.json")
    nobody = run_sync("relay", "--data", str(tmp_path / "none"), "--config", str(config(tmp_path)))
    assert nobody.problem is not None
    assert nobody.problem["problem"] == "gateway_missing"
    assert not (tmp_path / "none").exists(), "a mistyped folder does not become a gateway"


def test_it_runs_once_ends_when_told_and_lets_in_who_has_the_token(
    tmp_path: Path, gateway: Callable[..., GatewayProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILING", "chia-khoa")
    hub, file = gateway(), config(tmp_path, filing_token="env:FILING")
    relay = start(hub.data, file)
    assert relay.stdout
    assert json.loads(relay.stdout.readline()) == {"relay": "portal", "systems": ["national"]}
    second = run_sync("relay", "--data", str(hub.data), "--config", str(file))
    assert second.problem is not None
    assert (second.problem["problem"], second.problem["details"]["role"]) == ("already_open", "relay")
    assert "chia-khoa" not in (hub.data / "incoming.json").read_text()
    relay.send_signal(signal.SIGTERM)
    assert relay.wait(20) == 0
    relay.stdout.close()
