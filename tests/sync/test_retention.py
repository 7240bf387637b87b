"""Scans leave this disk only when the house said after how many days, the national system has accepted the dossier, and the
gateway holds them in its own back-up too."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.local_rules import check_rule
from forms.problem import Problem
from sync import house_rules, recovery, retention
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway_client import Traffic
from sync.scans import attach_bytes, with_sent
from sync.store import scans
from tests.conftest import GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.cared import Moved
from tests.sync.scan_samples import png

WHO = "CB001"


@pytest.fixture
def clock() -> Moved:
    return Moved()


@pytest.fixture
def here(gateway: Callable[..., GatewayProcess]) -> GatewayProcess:
    return gateway("--portal", "instant")


@pytest.fixture
def counter(here: GatewayProcess, tmp_path: Path, clock: Moved) -> Iterator[Counter]:
    enrolled(tmp_path / "counter", here)
    with closing(open_counter(tmp_path / "counter", clock)) as counter:
        yield counter


def received(counter: Counter, scan: bytes, seed: int = 1) -> str:
    line = next(iter(examples(Catalogue.load(), "2.000815", None, 1, seed)))
    done = counter.receive(line, WHO, allow_incomplete=True, date_confirmed=True)
    attach_bytes(counter, done.id, line["papers"][0]["code"], scan, WHO)
    return done.id


def meet(counter: Counter, here: GatewayProcess, accepted: int) -> None:
    """Until everything is there and back."""
    until = time.monotonic() + 60
    while counter.status()["accepted"] < accepted:
        until_empty(counter, here.url, until, Traffic())
        assert time.monotonic() < until


def back_up(counter: Counter, here: GatewayProcess, folder: Path) -> None:
    """Until the counter has heard of it: the gateway looks once a second what a command beside it has written down."""
    run_sync("gateway-backup", "--data", str(here.data), "--to", str(folder / "gateway.copy"), check=True)
    until = time.monotonic() + 60
    while counter.store.meta("gateway_backed") is None:
        until_empty(counter, here.url, until, Traffic())
        assert time.monotonic() < until


def settle(counter: Counter, days: int | None) -> None:
    house_rules.set_rule(counter, WHO, "scan_days", "", days, "Quy chế thử số 3")


def test_scans_are_purged_when_every_condition_holds(
    counter: Counter, here: GatewayProcess, clock: Moved, tmp_path: Path
) -> None:
    one, scan = "", png(noise=100_000)
    one = received(counter, scan)
    meet(counter, here, 1)
    settle(counter, 30)
    clock.by = timedelta(days=31)
    assert retention.purge(counter)["purged"] == 0, "the gateway has no back-up yet"
    back_up(counter, here, tmp_path)
    clock.by = timedelta(days=29)
    assert retention.purge(counter)["purged"] == 0, "too early"
    settle(counter, None)
    clock.by = timedelta(days=31)
    assert retention.purge(counter)["purged"] == 0, "nobody settled it"
    settle(counter, 30)
    signed, told = counter.store.rows("SELECT signed_at, acked FROM scans"), counter.store.meta("gateway_backed")
    assert (counter.rules.scan_days, signed[0][1]) == (30, len(scan))
    assert signed[0][0] <= told
    assert retention.purge(counter) == {"purged": 1, "bytes": len(scan)}
    assert retention.purge(counter)["purged"] == 0
    assert scans.held(counter.store) == 0
    assert recovery.verify(counter.store)["problems"] == []
    told = with_sent(counter, counter.dossier(one))["scans"][0]
    assert told["sent"]
    assert told["purged_at"][:10] == clock().date().isoformat()


def test_a_scan_that_a_younger_dossier_names_stays(counter: Counter, here: GatewayProcess, clock: Moved, tmp_path: Path) -> None:
    scan = png(noise=100_000)
    received(counter, scan, 1)
    meet(counter, here, 1)
    back_up(counter, here, tmp_path)
    settle(counter, 30)
    until_empty(counter, here.url, time.monotonic() + 60, Traffic())
    clock.by = timedelta(days=31)
    two = received(counter, scan, 2)  # the same bytes, in a dossier that is not accepted yet
    assert retention.purge(counter)["purged"] == 0
    assert [s.size for s in scans.of_dossier(counter.store, two)] == [len(scan)]


def test_what_a_gateway_that_was_put_back_may_have_lost_stays(
    counter: Counter, here: GatewayProcess, clock: Moved, tmp_path: Path
) -> None:
    until_empty(counter, here.url, time.monotonic() + 60, Traffic())
    back_up(counter, here, tmp_path)
    received(counter, png(noise=100_000))  # after its last back-up
    meet(counter, here, 1)
    settle(counter, 30)
    clock.by = timedelta(days=31)
    assert counter.store.meta("gateway_backed") is not None
    assert retention.purge(counter)["purged"] == 0


@pytest.mark.parametrize("days", [0, -1, 1.5, "30", True, 10**9])
def test_days_are_a_whole_number(days: Any) -> None:
    with pytest.raises(Problem, match="rule_malformed"):
        check_rule("scan_days", "", days, "Quy chế thử số 3")
