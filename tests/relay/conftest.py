"""What tests of this room begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.relay.played.national import PlayedNational
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay import lives
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


@pytest.fixture(scope="module")
def _one_desk(tmp_path_factory: pytest.TempPathFactory, _hubs: Any) -> Iterator[lives.Desk]:
    """Enrolling takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("national")
    with pytest.MonkeyPatch.context() as own:
        own.setenv("XDG_STATE_HOME", str(folder / "state"))
        own.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        with lives.desk(folder / "c", _hubs()) as one:
            yield one


@pytest.fixture
def here(_one_desk: lives.Desk) -> lives.Desk:
    """A counter on another morning."""
    _one_desk.next_morning()
    _one_desk.said.clear()
    return _one_desk


@pytest.fixture
def server() -> PlayedNational:
    """The national service, played."""
    return PlayedNational()
