"""By which road a dossier goes: the most specific route in force on the day of reception, the newest table heard."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.line import procedure_facts
from forms.problem import Problem
from forms.routing import EVENT, Table, fold_routes, read_table, route_of, shipped
from resources import path_of

DAY = date(2026, 11, 28)
SYSTEMS = {
    "national": {"name": "Cổng Dịch vụ công quốc gia", "kind": "national"},
    "moc": {"name": "Hệ thống của bộ", "kind": "ministry"},
    "tinh": {"name": "Hệ thống của tỉnh", "kind": "provincial"},
    "paper": {"name": "Phần mềm hộ tịch", "kind": "by_hand"},
}


def route(
    system: str, procedure: str = "*", version: str = "", code_source: str = "", since: str = "2025-07-01"
) -> dict[str, Any]:
    return {"procedure": procedure, "version": version, "code_source": code_source, "from": since, "system": system}


def table(*routes: dict[str, Any]) -> Table:
    return read_table({"systems": SYSTEMS, "routes": [route("national"), *routes]})


def facts(code: str = "1.001193", version: str = "V2", code_source: str = "ours") -> dict[str, Any]:
    return {"code": code, "version": version, "code_source": code_source}


@dataclass
class Said:
    """An event as the fold needs it."""

    at: int
    body: Any
    counter: str = "portal"
    epoch: str = "e"
    number: int = 1
    name: str = EVENT
    operator: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def test_every_shipped_procedure_has_its_road_and_every_doubt_is_marked() -> None:
    for procedure in Catalogue.load().procedures:
        found = shipped().system_of(procedure_facts(procedure, {"procedure": procedure.code}), DAY)
        assert found.kind == {"ours": "national", "issued": "ministry"}[procedure.code_source]
        assert not found.by_hand
    raw = json.loads(path_of("routing.json").read_text("utf-8"))
    for one in [*raw["systems"].values(), *raw["routes"]]:
        assert one["source"]
        assert "cần xác nhận" in one["to_confirm"]


@pytest.mark.parametrize(
    ("procedure", "system"),
    [
        (facts("2.000635"), "national"),
        (facts("2.000635", code_source="issued"), "moc"),
        (facts(version="V1"), "tinh"),
        (facts(version="V2"), "paper"),
        (facts(version="V2", code_source="issued"), "paper"),
    ],
)
def test_the_most_specific_route_holds(procedure: dict[str, Any], system: str) -> None:
    found = table(route("paper", "1.001193", "V2"), route("moc", code_source="issued"), route("tinh", "1.001193"))
    assert route_of(found, procedure, DAY).system == system


def test_of_routes_alike_the_latest_in_force_on_the_day_of_reception_holds() -> None:
    found = table(route("tinh", "1.001193", since="2026-01-01"), route("paper", "1.001193", since="2026-12-01"))
    assert route_of(found, facts(), date(2025, 12, 31)).system == "national"
    assert route_of(found, facts(), DAY).system == "tinh"
    assert route_of(found, facts(), date(2026, 12, 1)).system == "paper"
    assert route_of(found, facts(), date(1999, 1, 1)).system == "national", "a clock that is wrong loses nothing"


def test_a_provincial_system_is_typed_by_hand_until_the_relay_speaks_to_it() -> None:
    assert table().systems["tinh"].by_hand and table().systems["paper"].by_hand
    spoken = read_table({"systems": SYSTEMS | {"tinh": SYSTEMS["tinh"] | {"relayed": True}}, "routes": [route("tinh")]})
    assert not spoken.systems["tinh"].by_hand


def test_the_newest_table_of_the_portal_holds_whoever_else_speaks() -> None:
    old, new = ({"systems": SYSTEMS, "routes": [route(s)]} for s in ("tinh", "paper"))
    assert fold_routes([]) is shipped()
    assert fold_routes([Said(2, new), Said(1, old)]).routes[0].system == "paper"
    assert fold_routes([Said(1, old), Said(2, new, counter="Q02")]).routes[0].system == "tinh"
    assert fold_routes([Said(1, old), Said(2, None), Said(3, {"systems": 5}), Said(4, {"routes": []})]).routes[0].system == "tinh"


@pytest.mark.parametrize(
    "damage",
    [
        {"routes": []},
        {"routes": [route("national", code_source="ours")]},
        {"routes": [route("nowhere")]},
        {"routes": [route("national", since="1/7/2025")]},
        {"routes": [route("national"), route("national", code_source="theirs")]},
        {"routes": [route("national") | {"version": None}]},
        {"routes": [7]},
        {"systems": {"national": {"name": "", "kind": "national"}}},
        {"systems": {"national": {"name": "A", "kind": "post"}}},
        {"systems": {"../national": {"name": "A", "kind": "national"}}},
        {"systems": {"national": {"name": "A", "kind": "national", "order": "../etc"}}},
    ],
)
def test_a_damaged_table_is_refused_whole(damage: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        read_table({"systems": SYSTEMS, "routes": [route("national")]} | damage)
    assert caught.value.code == "routing_damaged" and caught.value.details["reason"]


def test_a_newer_route_for_everything_leaves_the_older_one_for_a_procedure() -> None:
    found = table(route("tinh", "1.001193"), route("moc", since="2026-11-01"))
    assert (route_of(found, facts(), DAY).system, route_of(found, facts("2.000635"), DAY).system) == ("tinh", "moc")
