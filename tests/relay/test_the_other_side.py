"""What happens at the other side, and to it: states that move there, outages, dossiers erased by law, scans that come late."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from forms.receiving import EVENT as OUTAGE
from forms.routing import EVENT as ROUTES
from sync import acts, erasure, scans
from sync.relay.played.ministry import PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.store import log
from tests.conftest import GatewayProcess
from tests.relay.world import World, ministry, national
from tests.sync.scan_samples import png


class Sides:
    """Both systems; ministries report to the national board. ``down``: the national one answers 502."""

    def __init__(self) -> None:
        self.national = PlayedNational()
        self.ministry = PlayedMinistry(told=self._seen)
        self.down = False

    def _seen(self, number: str, state: int) -> None:
        if self.national.dossier(number) is None:
            self.national.file_online({"MaHoSo": number})
        if state != 1:
            self.national.set_state(number, state)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        return (502, {}, b"") if self.down else self.national.handle(method, path, headers, body)


@pytest.fixture
def sides() -> Sides:
    return Sides()


@pytest.fixture
def world(tmp_path: Path, gateway: Callable[..., GatewayProcess], sides: Sides) -> Iterator[World]:
    def stations() -> dict[str, object]:
        here = national(sides.national, sides.handle, tell_after=30)
        return {"national": here, "ministry": ministry(sides.ministry, watch=60)}

    made = World(tmp_path, gateway(), stations, published={"systems": {}, "routes": []})  # type: ignore[arg-type]
    yield made
    made.end()
    made.counter.close()


def test_what_moves_in_the_ministrys_system_moves_here_and_the_result_is_ready(world: World, sides: Sides) -> None:
    (one,) = world.receive(1, "1.004873")
    world.sync()
    world.run()
    world.sync()
    number = world.counter.dossier(one)["official_code"]
    assert number
    seen = list[str]()
    for state in (4, 9):
        sides.ministry.set_state(number, state)
        sides.national.set_state(number, state)
        for _ in range(4):
            world.ahead += 61
            world.relay.work()
        world.sync()
        seen.append(world.counter.dossier(one)["stage"])
    assert seen == ["processing", "finished"]
    whole = world.counter.dossier(one)
    assert [r["event"] for r in whole["history"] if r["counter"] == "portal"] == ["accepted", "transferred", "finished"]
    assert whole["review"] == []
    acts.hand_over(world.counter, one, world.operator, {"receiver": dict(whole["applicant"]), "signed": True})
    world.sync()
    world.run()
    assert sides.ministry.histories[number][-1] == 10


def test_an_outage_is_told_once_it_has_lasted_with_its_start_and_its_end(world: World, sides: Sides) -> None:
    (one,) = world.receive()
    sides.down = True
    world.sync()
    for _ in range(30):
        world.relay.work()
        world.ahead += 5
    world.sync()
    told = [e.body or {} for e in log.of_counters(world.counter.store, OUTAGE)]
    assert [(b["system"], b["until"], b["why"]) for b in told] == [("national", None, "line")]
    world.end()
    world.start()  # a relay that starts meanwhile knows of it
    sides.down = False
    world.run(400)
    world.sync()
    told = [e.body or {} for e in log.of_counters(world.counter.store, OUTAGE)]
    assert len(told) == 2
    assert (told[1]["from"], told[1]["until"] is not None) == (told[0]["from"], True)
    assert world.counter.dossier(one)["verdict"] == "accepted"
    assert len(log.of_counters(world.counter.store, ROUTES)) == 1


def test_what_was_erased_by_law_is_gone_from_the_relay_too(world: World, sides: Sides) -> None:
    (one,) = world.receive()
    acts.withdraw(world.counter, one, world.operator, "Theo nguyện vọng")
    world.sync()
    world.run()
    world.sync()
    erasure.erase(world.counter, one, world.operator, "Luật 91/2025/QH15 Điều 14")
    world.sync()
    world.run()
    epoch = world.store.log(world.gateway.commune).epoch
    assert {e.body for e in world.store.said(epoch, 0, one)} == {None}
    assert world.store.work(one) is None
    world.sync()


def test_a_scan_that_comes_after_its_dossier_is_told_when_it_is_whole(world: World, sides: Sides, tmp_path: Path) -> None:
    (one,) = world.receive(1, "1.004873")
    whole = world.counter.dossier(one)
    world.sync()
    file = tmp_path / "a.png"
    file.write_bytes(png(40, 40))
    scans.attach(world.counter, one, whole["papers"][0]["code"], file, world.operator)
    world.sync()
    world.run(400)
    world.sync()
    assert world.counter.dossier(one)["verdict"] == "accepted"
    assert sides.ministry.calls["UploadFile"] == 1
