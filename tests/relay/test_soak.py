"""A hundred lives through the real relay, 30 % of the calls failing, the relay killed (2,000 and 20 times: ``dev.py faults``)."""

from pathlib import Path

from tests.relay.soak import soak


def test_every_dossier_is_there_once_with_its_whole_history_and_its_verdict_is_back(tmp_path: Path) -> None:
    found = soak(tmp_path, dossiers=100, kills=5, seed=3)
    assert (found["differing"], found["fillers"], found["to_review"]) == (0, 0, 0)
    assert found["killed"] == 5
    assert found["faulty"] > 100
    assert found["said"]["accepted"] >= 100
    assert found["said"].get("refused", 0) == found["corrected"] > 0
