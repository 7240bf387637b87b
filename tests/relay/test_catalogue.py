"""A thousand procedures fetched from the national service by the relay, thirty of them changed: counters get the thirty."""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from forms.published import PUBLISHED
from sync.relay.cataloguing import Looks
from sync.relay.played.national import PlayedNational
from sync.store import log
from tests.conftest import GatewayProcess
from tests.relay.listing_samples import code, record, time
from tests.relay.world import World, national

MANY, CHANGED = 1000, 30
_DAY = 86400.0


class Portal:
    """The national service with a catalogue; one call in twenty fails, or the share ``lost``."""

    def __init__(self) -> None:
        self.records = {code(n): record(n) for n in range(MANY)}
        self.played = PlayedNational(catalogue=self.records)
        self.lost, self._chance = 0.05, random.Random(4)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self._chance.random() < self.lost:
            self.played.handle(method, path, headers, body)
            return 502, {}, b""
        return self.played.handle(method, path, headers, body)


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def world(tmp_path: Path, gateway: Callable[..., GatewayProcess], portal: Portal) -> Iterator[World]:
    looks = Looks("national", _DAY)
    made = World(tmp_path, gateway(), lambda: {"national": national(portal.played, portal.handle)}, catalogue=looks)
    yield made
    made.end()
    made.counter.close()


def fetched(world: World, portal: Portal) -> int:
    """The relay works until it has asked about every procedure; how many publications the counter has heard then."""
    for _ in range(400):
        world.relay.work()
        world.ahead += 3
        looks = world.store.meta("catalogue", {"todo": [""], "next": 0})
        if not looks["todo"] and looks["next"] > world.clock() and not world.relay.voice.waiting:
            break
    world.sync()
    return len(log.of_counters(world.counter.store, PUBLISHED))


def test_counters_get_the_thirty_that_changed_and_a_dossier_keeps_its_version(world: World, portal: Portal) -> None:
    assert fetched(world, portal) == MANY
    before = world.counter.catalogue.procedure(code(7))
    assert before is not None
    line: dict[str, Any] = {
        "id": "0b0e7a8e-0000-4000-8000-000000000007",
        "procedure": code(7),
        "applicant": {"full_name": "Lò Thị Cũ"},
    }
    world.counter.receive(line, world.operator, allow_incomplete=True)
    old = world.counter.dossier(line["id"])
    for n in range(CHANGED):
        portal.records[code(n)] = record(n, CACHTHUCTHUCHIEN=[{"KENH": "1", "THOIGIAN": [time("9")]}], QUYETDINH=f"{n}/QĐ-MOI")
    world.ahead += _DAY
    assert fetched(world, portal) == MANY + CHANGED
    now = world.counter.catalogue.procedure(code(7))
    assert now is not None
    assert (before.version, now.version) == ("7/QĐ-THU", "7/QĐ-MOI")
    kept = world.counter.catalogue.procedure_of(world.counter.dossier(line["id"]))
    assert kept is not None
    assert (kept.version, kept.channels[0].time) == ("7/QĐ-THU", before.channels[0].time)
    assert world.counter.dossier(line["id"])["return_at"] == old["return_at"]
    world.ahead += _DAY
    assert fetched(world, portal) == MANY + CHANGED, "what did not change is not told again"


def test_a_session_that_ends_is_opened_again_where_no_call_fails(world: World, portal: Portal) -> None:
    portal.records = portal.played.catalogue = {code(n): record(n) for n in range(20)}  # type: ignore[assignment]
    portal.lost, portal.played.session_calls = 0.0, 7
    assert fetched(world, portal) == 20


def test_a_commune_that_comes_later_is_told_what_is_in_force(world: World, portal: Portal) -> None:
    portal.records = portal.played.catalogue = {code(n): record(n) for n in range(5)}  # type: ignore[assignment]
    fetched(world, portal)
    portal.records[code(1)] = record(1, QUYETDINH="1/QĐ-MOI")
    del portal.records[code(2)]
    world.ahead += _DAY
    fetched(world, portal)
    profile = world.ledger.profile(world.gateway.commune) | {"unit": "H38.27.10", "area": "02701", "name": "xã Bản Qua"}
    world.ledger.add_commune(profile)
    world.relay.work()
    epoch = world.store.log("H38.27.10").epoch
    said = [e.body or {} for e in world.store.said(epoch, 0) if e.name == PUBLISHED]
    assert {b["code"]: b["version"] for b in said} == {code(n): f"{n}/QĐ-{'MOI' if n == 1 else 'THU'}" for n in (0, 1, 3, 4)}
