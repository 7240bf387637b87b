"""What tests of this room begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay.lives import Clock
from tests.relay.ministries import Desk


@pytest.fixture(scope="session")
def _desks() -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for one in made:
        one.counter.close()


@pytest.fixture
def desk(_desks: list[Desk], tmp_path: Path, hub: GatewayProcess) -> Desk:
    """One counter for all of its tests, with another ministry for each."""
    if not _desks:
        enrolled(tmp_path / "c", hub, code=hub.new_code())
        clock = Clock()
        _desks.append(Desk(open_counter(tmp_path / "c", clock), clock))
    _desks[0].begin()
    return _desks[0]
