"""What most tests of this room begin with."""

from pathlib import Path

import pytest

from tests.conftest import GatewayProcess, enrolled


@pytest.fixture
def data(tmp_path: Path, hub: GatewayProcess) -> Path:
    """An enrolled counter that meets no gateway unless a test says so: the ordinary morning."""
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    return tmp_path / "c"
