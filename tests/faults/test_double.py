import pytest

from tests.faults.double import double_starts


def test_who_comes_second_is_told_and_nothing_is_harmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "is set by the call")  # and put back afterwards
    report = double_starts(1)
    assert report["wrong"] == [] and report["green"], report
    assert report["refused"] >= 4
