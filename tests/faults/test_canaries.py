"""Nothing of the persons of a day stands outside the encrypted store; and the look itself is tried on planted leaks."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.canaries import NAME, canaries, leaks, person


def test_a_stolen_pc_tells_nothing(tmp_path: Path) -> None:
    report = canaries(10, tmp_path)
    print(report)
    assert report["leaked"] == {}
    assert report["processes"] == {}
    assert report["clipboard"] == {"copied": True, "marked": True, "after_lock": False}
    assert report["erased_left"] == []
    assert report["seen"] >= 3, "the marks were in the store: what was looked for could be found"
    assert report["verify_ok"]
    assert report["refused"] == []
    assert report["drafts"] == 1
    assert len(list((tmp_path / "aside" / "prints").glob("*.pdf"))) == 2


@pytest.mark.parametrize(
    "plant",
    [
        lambda who: f"{{'{who['full_name']}'}}".encode(),
        lambda who: who["full_name"].encode("utf-16-le"),
        lambda who: quote(who["full_name"]).encode(),
        lambda who: b"?" + base64.b64encode(b"ab" + who["full_name"].encode() + b"xyz"),
        lambda who: base64.b64encode(b"a" + who["personal_id"].encode() + b"x"),
        lambda who: who["phone"].encode(),
        lambda _who: b"giang thi wockmar",
    ],
)
def test_a_planted_leak_is_found(tmp_path: Path, plant: object) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "rest.bin").write_bytes(b"\0" * 100 + plant(person(7)) + b"\0")  # type: ignore[operator]
    assert list(leaks(tmp_path)) == ["deep/rest.bin"]


def test_a_name_of_a_file_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / f"to khai {NAME}.pdf").write_bytes(b"")
    assert len(leaks(tmp_path)) == 1
