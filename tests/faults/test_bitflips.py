import pytest

from tests.faults.bitflips import flip_bits


def test_a_flipped_bit_is_noticed_wherever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """``dev.py faults --nightly`` flips 300."""
    monkeypatch.setenv("XDG_STATE_HOME", "is set by the call")  # and put back afterwards
    report = flip_bits(55, 2)
    assert (report["unseen"], report["served"], report["crashed"]) == ([], [], [])
    assert report["noticed"] == report["bits"] == 55
