"""The sync process beside the window: it sends by itself, outlives the window, and gives way to a newer one."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from sync import travel, vault
from sync.files import hold
from tests.conftest import PASSPHRASE, ROOT, enrolled, open_counter

LINES = examples(Catalogue.load(), "2.000815", None, 50, 77)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Ask the real processes until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.05)


@pytest.fixture
def follow(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def start(data: Path, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "sync", "follow", "--data", str(data), "--idle", "2", *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT)
        assert process.stdin
        process.stdin.write(vault.unlock(data, "CB001", PASSPHRASE).hex() + "\n")
        process.stdin.close()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_it_sends_by_itself_and_ends_after_the_window_when_nothing_waits(tmp_path: Path, gateway: Any, follow: Any) -> None:
    hub, data = gateway("--portal", "instant"), tmp_path / "counter"
    enrolled(data, hub)
    window = hold(data, "window")
    process = follow(data)
    counter = open_counter(data)
    until(lambda: counter.status()["link"] in ("slow", "good"))
    done = counter.receive(next(LINES), "CB001")
    until(lambda: counter.dossier(done.id)["delivery"] == "accepted")
    hub.stop()
    travel.send_now(counter)
    until(lambda: counter.status()["link"] not in ("slow", "good"))
    counter.receive(next(LINES), "CB001")
    window.release()
    hub.start()
    until(lambda: counter.status()["waiting"] == 0)
    assert process.wait(20) == 0
    counter.close()


def test_a_newer_one_takes_over(tmp_path: Path, gateway: Any, follow: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    window = hold(data, "window")
    first = follow(data)
    counter = open_counter(data)
    until(lambda: counter.status()["link"] in ("slow", "good"))
    second = follow(data)
    assert first.wait(20) == 0
    done = counter.receive(next(LINES), "CB001")
    until(lambda: counter.dossier(done.id)["delivery"] == "received")
    assert second.poll() is None
    window.release()
    counter.close()
