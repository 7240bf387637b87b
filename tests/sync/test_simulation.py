"""Seeded simulation: real client and gateway code, and a road that cuts, repeats and loses what it carries."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from sync import recovery
from sync.contact import note
from sync.counter import Counter
from sync.gateway.app import Gateway
from sync.gateway.ledger import Ledger
from sync.gateway.portal import Portal
from sync.gateway_client import fresh_nonce
from sync.replication import Exchange
from sync.store import log
from tests.conftest import GatewayProcess, carry, enrolled, open_counter

CATALOGUE = Catalogue.load()
SEEDS = range(12)


@contextmanager
def suppress_cuts() -> Iterator[None]:
    """What a cut road may lead to; anything else is a failure of the test."""
    try:
        yield
    except Problem as problem:
        if problem.code not in ("frame_malformed", "not_the_gateway"):
            raise


class BadRoad:
    """Carries one request and its answer, badly: cut up, cut down, answered twice, or not at all."""

    def __init__(self, gateway: Gateway, chance: random.Random) -> None:
        self.gateway, self.chance = gateway, chance

    def post(self, body: bytes) -> bytes:
        return carry(self.gateway, body)

    def carry(self, counter: Counter) -> None:
        exchange = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())
        sent = b"".join(exchange.request())
        fate = self.chance.choice(["fine", "fine", "up", "down", "lost", "twice"])
        if fate == "up":
            sent = sent[: self.chance.randrange(len(sent))]
        answer = self.post(sent)
        if fate == "twice":
            again = self.post(sent)
            answer = self.chance.choice([answer, again])
        if fate == "lost":
            return
        if fate == "down":
            answer = answer[: self.chance.randrange(len(answer))]
        with suppress_cuts():
            for start in range(0, len(answer), 700):
                exchange.answer(answer[start : start + 700])
        note(counter, exchange.outcome, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_on_any_road_all_arrives_once_and_in_order(seed: int, tmp_path: Path, gateway: Any) -> None:
    chance = random.Random(seed)
    process: GatewayProcess = gateway()
    folders = [tmp_path / f"counter{i}" for i in range(2)]
    for folder in folders:
        enrolled(folder, process, f"Người thứ {folder.name}", process.new_code())
    process.stop()
    ledger = Ledger(process.data)
    app = Gateway(ledger)
    portal = Portal(ledger, app.writer, {"delay": 0, "refuse": [], "file": []})
    counters = [open_counter(f) for f in folders]
    road = BadRoad(app, chance)
    printed = []
    for step in range(30):
        counter = chance.choice(counters)
        if chance.random() < 0.5:
            line = next(examples(CATALOGUE, chance.choice(["2.000635", "2.000815"]), None, 1, seed * 1000 + step))
            printed.append(counter.receive(line, "CB001").code)
        else:
            road.carry(counter)
        if chance.random() < 0.2:
            portal.work()
    portal.work()
    road.chance = random.Random("fine")
    for _ in range(40):
        for counter in counters:
            road.carry(counter)
    report = ledger.report()
    assert (report["dossiers"], report["codes_twice"]) == (len(printed), [])
    assert all(not c["gaps"] for c in report["counters"].values())
    for counter in counters:
        assert log.waiting(counter.store) == 0
        assert {r["code"] for r in counter.dossiers(limit=-1)} == set(printed)
        assert recovery.verify(counter.store)["problems"] == []
        counter.close()
    app.writer.close()
    ledger.close()
