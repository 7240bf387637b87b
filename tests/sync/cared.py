"""A counter that is taken care of at moments which a test chooses, and what it and its gateway hold."""

import time
import uuid
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync import backups, vault
from sync.care import Care
from sync.contact import until_empty
from sync.counter import Counter, vietnam_now
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from tests.conftest import PASSPHRASE, GatewayProcess
from tests.sync import test_day

MINUTE = timedelta(minutes=1)


class Moved:
    """The PC's clock, moved on ``by`` so much."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return vietnam_now() + self.by


class Desk:
    """``later`` lets minutes pass, and care be taken."""

    def __init__(self, data: Path) -> None:
        self.data, self.now, self.passed, self.urgent = data, vietnam_now(), 0.0, False
        self.key = vault.unlock(data, "CB001", PASSPHRASE)
        self.counter = self.open()
        self.care = Care(self.counter, self.key, lambda: self.urgent, now=lambda: self.passed)

    def open(self) -> Counter:
        """As its operator; whoever calls closes it."""
        return Counter.open(self.data, self.key, clock=lambda: self.now)

    def later(self, minutes: float) -> None:
        self.now, self.passed = self.now + minutes * MINUTE, self.passed + minutes * 60
        self.care.look()

    @property
    def reports(self) -> list[str]:
        return [a["kind"] for a in self.counter.status()["alerts"]]

    @property
    def names(self) -> list[str]:
        """Files of the back-ups beside the store, newest first."""
        return [one.file.name for one in backups.found(self.data / "backups")]

    def good(self) -> list[backups.Good]:
        """Those that hold."""
        return list(backups.good(backups.found(self.data / "backups"), self.key, self.data))


def lines(number: int, seed: int) -> list[dict[str, Any]]:
    """Dossier lines that no other test on the same gateway has."""
    return [line | {"id": str(uuid.uuid4())} for line in test_day.lines(number, seed)]


def receive(counter: Counter, number: int, seed: int) -> list[str]:
    """Dossiers taken in; their codes."""
    return [counter.receive(line, "CB001", date_confirmed=True).code for line in lines(number, seed)]


def meet(counter: Counter) -> None:
    """Until nothing waits."""
    until_empty(counter, counter.gateway_url, time.monotonic() + 30, Traffic())


def ours(counter: Counter) -> set[tuple[str, int]]:
    """Own acts that are here."""
    return set(counter.store.rows("SELECT epoch, number FROM events WHERE counter = ?", counter.counter_id))


def held(hub: GatewayProcess, counter: Counter) -> set[tuple[str, int]]:
    """What the gateway has of a counter's logs."""
    with closing(Ledger(hub.data)) as ledger:
        entries = ledger.feed(hub.commune, 0, 100_000)
        return {(e.epoch, e.number) for _, e in entries if e.counter == counter.counter_id}


def codes_here(counter: Counter) -> set[str]:
    """Codes of the dossiers that this counter knows."""
    return {str(row["code"]) for row in counter.dossiers(limit=-1)}
