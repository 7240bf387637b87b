"""What others may do to the relay, and what time and restored files may: it tells the truth, once, and goes on with the rest."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.problem import Problem
from sync import acts
from sync.counter import Counter
from sync.gateway import incoming
from sync.relay.played.ministry import PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.relay.store import FILE
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay.world import World, ministry, national

ELSEWHERE = {"unit": "H38.27.10", "area": "02701", "name": "xã Bản Qua", "province": "tỉnh Lào Cai"}


class Sides:
    def __init__(self) -> None:
        self.national, self.ministry = PlayedNational(), PlayedMinistry()


@pytest.fixture
def sides() -> Sides:
    return Sides()


@pytest.fixture
def world(tmp_path: Path, gateway: Callable[..., GatewayProcess], sides: Sides) -> Iterator[World]:
    file = tmp_path / "communes.json"
    profile = {"centre": "Trung tâm", "phone": "", "hours": [["07:30", "17:00"]], "practice": False, "operators": []}
    file.write_text(json.dumps({"communes": [ELSEWHERE | profile]}), "utf-8")
    hub = gateway("--communes", str(file))
    made = World(tmp_path, hub, lambda: {"national": national(sides.national), "ministry": ministry(sides.ministry, watch=30)})
    yield made
    made.end()
    made.counter.close()


@pytest.fixture
def stranger(world: World, tmp_path: Path) -> Iterator[Counter]:
    """A counter of another commune."""
    code = world.gateway.run("enrol-code", "--commune", ELSEWHERE["unit"])[0]["enrol_code"]
    enrolled(tmp_path / "there", world.gateway, code=code)
    other = open_counter(tmp_path / "there")
    yield other
    other.close()


def say(counter: Counter, dossier: str, name: str, body: dict[str, Any]) -> None:
    """Something that no window would let anybody do."""
    with counter.store.write():
        counter.act(dossier, name, counter.status()["operator"][0], body)


def both(world: World, *counters: Counter) -> None:
    for counter in (world.counter, *counters):
        world.sync(counter)
    world.run(400)
    for counter in (world.counter, *counters):
        world.sync(counter)


def test_whoever_has_no_part_in_a_dossier_moves_nothing(world: World, sides: Sides, stranger: Counter) -> None:
    (one,) = world.receive(1, "1.004873")
    both(world)
    number = world.counter.dossier(one)["official_code"]
    say(stranger, one, "withdrawn", {"reason": "x", "at": world.counter.clock().isoformat()})
    say(stranger, "", "erased", {"dossier": one, "basis": "x", "kept": "x"})
    both(world, stranger)
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    both(world, stranger)
    assert sides.ministry.histories == {number: sides.ministry.histories[number]}
    assert sides.ministry.histories[number][-1] == 4
    assert world.counter.dossier(one)["stage"] == "processing"


def test_one_commune_that_cannot_be_spoken_to_does_not_silence_another(world: World, stranger: Counter) -> None:
    (one,) = world.receive()
    both(world, stranger)
    world.ledger.close()
    world.store.say("A00.00.00", "", "routes_set", {}, 1)  # no such commune: the gateway will never take it
    world.relay.voice.begin_again()
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    (two,) = world.receive()
    world.sync()
    for _ in range(30):
        world.relay.work()
        world.ahead += 1
    world.sync()
    assert world.counter.dossier(two)["verdict"] == "accepted"
    with pytest.raises(Problem, match="line_too_large"):
        world.relay.voice.say(world.gateway.commune, "", "routes_set", {"x": "x" * 300_000})


def test_a_body_of_another_shape_costs_nothing_that_was_learned(world: World, sides: Sides) -> None:
    (one, two) = world.receive(2, "1.004873")
    both(world)
    say(world.counter, one, "transferred", {"to": "Tư pháp", "amount": "nhiều", "at": 17, "note": ["x"], "taker": 5})
    say(world.counter, one, "supplement_requested", {"items": "x", "reason": 7, "at": world.counter.clock().isoformat()})
    acts.transfer(world.counter, two, world.operator, "Tư pháp – Hộ tịch")
    both(world)
    assert len(sides.ministry.dossiers) == 2, "no second dossier there"
    assert sides.ministry.histories[str(world.counter.dossier(two)["official_code"])][-1] == 4


def test_a_relay_that_lost_its_memory_makes_no_second_dossier(world: World, sides: Sides) -> None:
    (one,) = world.receive(1, "1.004873")
    both(world)
    world.end()
    for file in world.gateway.data.glob(f"{FILE}*"):
        file.unlink()
    world.start()
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    both(world)
    assert len(sides.ministry.dossiers) == 1
    assert next(iter(sides.ministry.histories.values()))[-1] == 4


def test_a_gateway_that_was_put_back_is_told_nothing_older_and_hears_it_all_again(world: World, sides: Sides) -> None:
    (one,) = world.receive()
    both(world)
    world.gateway.stop()
    before = (world.gateway.data / "gateway.db").read_bytes()
    world.gateway.start()
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    acts.finish(world.counter, one, world.operator, [{"name": "Giấy tờ", "number": "1", "about": ""}])
    both(world)
    code = world.counter.dossier(one)["code"]
    assert sides.national.histories[code][-1] == 9
    world.gateway.stop()
    world.end()
    for file in world.gateway.data.glob("gateway.db*"):
        file.unlink()
    (world.gateway.data / "gateway.db").write_bytes(before)
    world.gateway.start()
    world.start()
    world.run(400)
    assert sides.national.histories[code][-1] == 9
    both(world)
    both(world)
    whole = world.counter.dossier(one)
    assert (whole["verdict"], whole["stage"]) == ("accepted", "finished")
    assert not [r for r in whole["history"] if r["event"] == "unexpressed"]
    assert sides.national.histories[code][-1] == 9


def test_a_clock_that_is_set_back_delays_nothing(world: World) -> None:
    (one,) = world.receive()
    both(world)
    world.ahead -= 3 * 86400
    (two,) = world.receive()
    both(world)
    assert world.counter.dossier(two)["verdict"] == "accepted"
    world.end()
    world.start()
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    both(world)
    assert world.counter.dossier(one)["stage"] == "processing"


GOOD = {"MaHoSo": "G15-20261128-0000021", "MaTTHC": "1.001193", "ChuHoSo": "Lò Thị Nộp"}
BAD: list[Any] = [
    {**GOOD, "MaHoSo": "G1", "DinhDanhCHS": 5},
    {**GOOD, "MaHoSo": "G2", "TaiLieuNop": True},
    {**GOOD, "MaHoSo": "G3", "ChuHoSo": "x" * 501},
    {**GOOD, "MaHoSo": "G4" * 30},
    {"MaHoSo": "G5"},
]


def test_a_filed_record_that_cannot_be_read_is_left_and_the_others_are_filed(world: World) -> None:
    incoming.let_in(world.gateway.data, "k")
    data = world.gateway.data
    incoming.take(data, world.gateway.commune, "k", json.dumps([*BAD, GOOD]).encode())
    (data / incoming.FOLDER / "0.json").write_text("[", "utf-8")
    both(world)
    filed = [d["code"] for d in world.counter.dossiers("", limit=-1)]
    assert GOOD["MaHoSo"] in filed
    left = [json.loads(p.read_text("utf-8")) for p in (data / incoming.FOLDER).glob("*.unread") if p.stem != "0"]
    assert {r["MaHoSo"] for one in left for r in one["records"]} >= {"G3", "G4" * 30, "G5"}
    assert not list((data / incoming.FOLDER).glob("*.json"))


def test_the_same_request_many_times_at_once_is_one_file(tmp_path: Path) -> None:
    incoming.let_in(tmp_path, "k")
    failed: list[Problem] = []

    def send() -> None:
        for _ in range(40):
            try:
                incoming.take(tmp_path, "H38", "k", json.dumps([GOOD]).encode())
            except Problem as problem:
                failed.append(problem)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    (path,) = incoming.waiting(tmp_path)
    assert incoming.opened(path) == ("H38", [GOOD])
