"""Outages of receiving systems: what lasts and what is over, whatever came first, twice, torn, or from somebody else."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from forms.local_rules import fold_rules
from forms.receiving import EVENT, SystemOutage, fold_outages, open_outages
from forms.working_days import VIETNAM


@dataclass(frozen=True)
class Said:
    body: Any
    at: int = 1
    counter: str = "portal"
    name: str = EVENT
    epoch: str = "e"
    number: int = 1
    operator: str = ""


def day(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=VIETNAM)


def said(start: datetime, until: datetime | None = None, system: str = "national", **more: Any) -> dict[str, Any]:
    body = {"system": system, "name": f"Hệ thống {system}", "from": start.isoformat(), "why": "line"}
    return body | {"until": until.isoformat() if until else None} | more


def outage(start: datetime, until: datetime | None = None, system: str = "national", why: str = "line") -> SystemOutage:
    return SystemOutage(system, f"Hệ thống {system}", start, until, why)


def test_it_lasts_until_its_end_is_told() -> None:
    begun = [Said(said(day(14, 5)))]
    assert open_outages(fold_outages(begun)) == fold_outages(begun) == (outage(day(14, 5)),)
    ended = [*begun, Said(said(day(14, 5), day(15, 20)), at=2)]
    assert fold_outages(ended) == (outage(day(14, 5), day(15, 20)),)
    assert open_outages(fold_outages(ended)) == ()
    assert open_outages(()) == ()


def test_any_order_of_arrival_and_any_repetition_give_the_same() -> None:
    told = [
        Said(said(day(9)), 1),
        Said(said(day(9), day(10)), 2),
        Said(said(day(8), system="ministry"), 3),
        Said(said(day(11)), 4),
        Said(said(day(9)), 5),  # said again by a relay that was put back: it is over all the same
    ]
    found = fold_outages(told)
    assert found == (outage(day(8), system="ministry"), outage(day(9), day(10)), outage(day(11)))
    assert [one.system for one in open_outages(found)] == ["ministry", "national"]
    chance = random.Random(7)
    for _ in range(30):
        mixed = told * 2
        chance.shuffle(mixed)
        assert fold_outages(mixed) == found
        assert open_outages(reversed(found)) == open_outages(found)


def test_an_outage_whose_end_nobody_told_is_over_when_the_next_has_begun() -> None:
    found = fold_outages([Said(said(day(9))), Said(said(day(11)), 2), Said(said(day(11), day(12)), 3)])
    assert [one.until for one in found] == [None, day(12)]
    assert open_outages(found) == ()


def test_the_same_moment_in_another_offset_is_the_same_outage() -> None:
    found = fold_outages([Said(said(day(14))), Said(said(day(14), day(15)) | {"from": "2026-11-23T07:00:00+00:00"}, 2)])
    assert found == (outage(day(14), day(15)),)


@pytest.mark.parametrize(
    "event",
    [
        Said(None),
        Said([]),
        Said("text"),
        Said({}),
        Said(said(day(9)), counter="b23a0f8891cc"),
        Said(said(day(9)), name="rule_set"),
        Said(said(day(9), day(8))),
        Said(said(day(9)) | {"from": "yesterday"}),
        Said(said(day(9)) | {"from": 17}),
        Said(said(day(9)) | {"until": "soon"}),
        Said(said(day(9)) | {"until": 17}),
        Said(said(day(9)) | {"until": False}),
        Said(said(day(9)) | {"system": None}),
        Said(said(day(9)) | {"system": ""}),
        Said(said(day(9)) | {"name": "x" * 1000}),
        Said(said(day(9)) | {"why": ["line"]}),
    ],
    ids=range(16),
)
def test_what_is_no_word_of_the_relay_moves_nothing(event: Said) -> None:
    assert fold_outages([Said(said(day(7), day(8))), event]) == (outage(day(7), day(8)),)


def test_a_reason_of_a_newer_version_is_kept() -> None:
    assert fold_outages([Said(said(day(9), why="moved"))]) == (outage(day(9), why="moved"),)


def test_it_is_no_announced_outage() -> None:
    """That one stops clocks, and is a rule."""
    assert fold_rules([Said(said(day(9)))]).outages == ()
