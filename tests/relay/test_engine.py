"""The relay's rounds, with a system that only keeps a notebook: what was told, in which order, how often."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from forms.problem import Problem
from forms.routing import PORTAL
from sync import acts
from sync.gateway import schema
from sync.gateway.ledger import Ledger
from sync.relay.calls import Door
from sync.relay.pace import Pace
from sync.relay.systems import Call, Case, Heard, Reply, Request, Told
from sync.relay.telling import Station
from tests.conftest import GatewayProcess
from tests.relay.world import World


class Notebook:
    """``pages``: dossier code -> acts told, in the order of arrival."""

    name, label = "national", "Sổ thử"

    def __init__(self) -> None:
        self.pages: dict[str, list[str]] = {}
        self.calls = 0
        self.forgetful = False
        """The relay may have forgotten what it told: then it hears that it was told already."""
        self.fault: Callable[[], str] = lambda: ""

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.calls += 1
        asked, fault = json.loads(body), self.fault()
        if fault == "before":
            return 502, {}, b""
        page = self.pages.setdefault(asked["code"], [])
        if "row" in asked:
            if asked["row"] in page:
                return 200, {}, b'{"double": true}'
            page.append(asked["row"])
        return (502, {}, b"") if fault == "after" else (200, {}, json.dumps({"rows": page}).encode())

    # The adapter

    def remarks(self, case: Case, told: Told) -> Heard:
        return Heard(told)

    def next(self, case: Case, told: Told) -> Call | None:
        code = str(case.dossier["code"])
        if told.doubt:
            return Call("look", Request("POST", "/", body={"code": code}), safe=True)
        rows = [a.act for a in case.acts if a.official is not None and a.act not in told.rows]
        about = {"row": rows[0]} if rows else {}
        return Call("tell", Request("POST", "/", body={"code": code, **about}), about) if rows else None

    def heard(self, case: Case, told: Told, call: Call, reply: Reply) -> Heard:
        assert "double" not in reply.body or self.forgetful
        if call.name == "look":
            return Heard(told.but(rows=tuple(reply.body["rows"]), doubt=None, exists=True))
        told = told.but(rows=(*told.rows, call.about["row"]), exists=True, doubt=None)
        return Heard(told, (("accepted", {"system": self.name}),) if case.dossier["verdict"] != "accepted" else ())


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def world(tmp_path: Path, gateway: Callable[..., GatewayProcess], notebook: Notebook) -> Iterator[World]:
    door = Door("http://notebook", 5, notebook.handle)
    made = World(tmp_path, gateway(), lambda: {"national": Station(notebook, door, Pace(), "national")})
    yield made
    made.end()
    made.counter.close()


def test_what_was_done_offline_is_told_in_its_order_and_the_verdict_comes_back(world: World, notebook: Notebook) -> None:
    (one,) = world.receive()
    acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    acts.finish(world.counter, one, world.operator, [{"name": "Giấy khai sinh", "number": "1", "about": ""}])
    world.sync()
    world.run()
    world.sync()
    dossier = world.counter.dossier(one)
    assert dossier["verdict"] == "accepted"
    told = notebook.pages[dossier["code"]]
    assert told == [r["act"] for r in dossier["history"] if r["event"] in ("received", "transferred", "finished")]
    calls = notebook.calls
    world.run()
    assert notebook.calls == calls


def test_answers_are_lost_and_the_relay_starts_again_and_again(world: World, notebook: Notebook) -> None:
    chance = random.Random(5)
    ids = world.receive(12)
    for one in ids:
        acts.transfer(world.counter, one, world.operator, "Tư pháp – Hộ tịch")
    world.sync()
    notebook.fault = lambda: chance.choice(["", "", "before", "after"])
    for _ in range(15):
        world.relay.work()
        world.end()
        world.start()
    notebook.fault = lambda: ""
    world.run(400)
    world.sync()
    for one in ids:
        dossier = world.counter.dossier(one)
        told = notebook.pages[dossier["code"]]
        assert told == [r["act"] for r in dossier["history"] if r["event"] in ("received", "transferred")]
        assert [r["event"] for r in dossier["history"]].count("accepted") == 1


def test_a_relay_whose_memory_was_put_back_says_nothing_twice(world: World, notebook: Notebook, tmp_path: Path) -> None:
    world.receive(3)
    world.sync()
    before = (world.gateway.data / "relay.db").read_bytes()
    world.run()
    world.end()
    for file in world.gateway.data.glob("relay.db*"):
        file.unlink()
    (world.gateway.data / "relay.db").write_bytes(before)
    world.start()
    notebook.forgetful = True
    world.receive(1)
    world.sync()
    world.run()
    world.sync()
    codes = [d["code"] for d in world.counter.dossiers("", limit=-1)]
    assert sorted(notebook.pages) == sorted(codes)
    assert all(world.counter.dossier(d["id"])["verdict"] == "accepted" for d in world.counter.dossiers("", limit=-1))


def test_the_gateway_is_away_for_a_while(world: World) -> None:
    (one,) = world.receive()
    world.sync()
    world.gateway.stop()
    world.relay.work()
    world.gateway.start()
    world.run(400)
    world.sync()
    assert world.counter.dossier(one)["verdict"] == "accepted"


def test_the_relay_belongs_to_no_commune_and_gets_no_numbers(world: World) -> None:
    world.receive()
    world.sync()
    world.run()
    with closing(Ledger(world.gateway.data)) as ledger, ledger.engine.connect() as db:
        assert ledger.counter(PORTAL)[1] == ""
        assert set(db.scalars(sa.select(schema.leases.c.counter))) == {world.counter.counter_id}


def test_a_commune_that_is_not_there_is_not_spoken_to(world: World) -> None:
    world.store.say("H00.00.00", "", "routes_set", {}, 1)
    with pytest.raises(Problem, match="commune_unknown"):
        world.relay.voice._gate.push("H00.00.00", world.store.groups(world.store.log("H00.00.00").epoch, 0), 0)
