"""Real processes with a chaos proxy between them; ``dev.py faults --nightly`` plays 300 faults."""

from pathlib import Path

from tests.faults.chaos_day import play


def test_whatever_happens_on_the_line_all_arrives_once(tmp_path: Path) -> None:
    report = play(tmp_path, seed=1, faults=25)
    print(report)
    assert report["problems"] == []
    assert report["faults"] == 25
