"""What a file is by its bytes: known kinds are kept even when they cannot be read, others refused; nothing loops or breaks."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from sync import scan_files
from sync.scan_files import JPEG, MOST_BYTES, PDF, PNG, Look, load, look
from tests.sync.scan_samples import LOCKED, jpeg, pdf, png

WHOLE = (png(), jpeg(), pdf())


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (png(), Look(PNG, 1, True)),
        (jpeg(), Look(JPEG, 1, True)),
        (jpeg() + b"what a phone writes behind the end", Look(JPEG, 1, True)),
        (pdf(3), Look(PDF, 3, True)),
        (b"\x1b%-12345X@PJL\n" + pdf(1), Look(PDF, 1, True)),
        (pdf(2) + b"\r\n\0\0", Look(PDF, 2, True)),
        (png()[:-1], Look(PNG, 1, False)),
        (png()[:-12], Look(PNG, 1, False)),
        (png().replace(b"IDAT", b"IDAX"), Look(PNG, 1, False)),
        (png()[:8] + png()[33:], Look(PNG, 1, False)),
        (png(0, 5), Look(PNG, 1, False)),
        (png()[:8], Look(PNG, 1, False)),
        (jpeg(end=b""), Look(JPEG, 1, False)),
        (jpeg(height=0), Look(JPEG, 1, False)),
        (jpeg()[:12], Look(JPEG, 1, False)),
        (jpeg()[:3] + jpeg()[-6:], Look(JPEG, 1, False)),
        (pdf()[:200], Look(PDF, 0, False)),
        (pdf(2).replace(b"%%EOF", b"%%EO_"), Look(PDF, 2, False)),
        (pdf(0), Look(PDF, 0, False)),
        (LOCKED, Look(PDF, 0, False)),
        (b"%PDF-1.7\n" + b"<<" * 50_000, Look(PDF, 0, False)),
    ],
)
def test_a_file_is_what_its_bytes_say_and_one_that_cannot_be_read_is_kept_all_the_same(data: bytes, seen: Look) -> None:
    assert look(data) == seen


@pytest.mark.parametrize(
    ("data", "code", "limit"),
    [
        (b"", "scan_empty", None),
        (b"MZ\x90\0", "scan_type_unknown", None),
        (b"GIF89a" + png(), "scan_type_unknown", None),
        (b" " * 2000 + pdf(1), "scan_type_unknown", None),
        (png(noise=MOST_BYTES), "scan_too_large", "bytes"),
        (png(10_001, 10_000), "scan_too_large", "pixels"),
        (jpeg(65_000, 2_000), "scan_too_large", "pixels"),
        (pdf(501), "scan_too_large", "pages"),
    ],
)
def test_what_may_not_be_attached_is_refused(data: bytes, code: str, limit: str | None) -> None:
    with pytest.raises(Problem) as caught:
        look(data)
    assert (caught.value.code, caught.value.details.get("limit")) == (code, limit)


def test_what_may_just_be_attached() -> None:
    assert look(png(10_000, 10_000)).readable
    assert look(pdf(500)).pages == 500
    assert look(png(noise=MOST_BYTES - len(png()) - 12)).readable


def test_a_file_is_read_up_to_the_limit_and_only_an_ordinary_one(tmp_path: Path) -> None:
    file = tmp_path / "not-a-picture.exe"
    file.write_bytes(png())
    assert look(load(file)) == Look(PNG, 1, True)
    with file.open("r+b") as sparse:
        sparse.truncate(40 * 1024**3)  # read whole it would fill the memory
    with pytest.raises(Problem, match="scan_too_large"):
        load(file)
    file.write_bytes(b"")
    with pytest.raises(Problem, match="scan_empty"):
        load(file)
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path, tmp_path / "gone.png", tmp_path / "pipe", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(Problem, match="file_unreadable"):
            load(odd)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 25_000_000,
        b"\xff\xd8\xff" + b"\xd0\xff" * 12_000_000,
        png()[:33] + png()[-12:].replace(b"IEND", b"IENX") * 2_000_000,
        b"%PDF-1.4" + b"obj<<[" * 4_000_000,
    ],
    ids=["fill", "markers", "chunks", "pdf"],
)
def test_a_file_made_to_keep_us_busy_is_seen_through_in_a_moment(data: bytes) -> None:
    begin = time.process_time()
    assert not look(data).readable
    assert time.process_time() - begin < 0.7


def seen(data: bytes) -> Look | None:
    """A look, or None for a Problem: anything else that is raised fails the test."""
    with suppress(Problem):
        return look(data)
    return None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_look(rest: bytes) -> None:
    seen(rest)
    for sign in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"):
        found = seen(sign + rest)
        assert found is None or found.pages <= scan_files.MOST_PAGES


@given(st.sampled_from(WHOLE), st.data())
def test_no_damage_to_a_real_file_breaks_the_look(whole: bytes, draw: st.DataObject) -> None:
    data = bytearray(whole)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(data) - 1))
        data[at : at + draw.draw(st.integers(0, 8))] = draw.draw(st.binary(max_size=8))
        if not data:
            break
    seen(bytes(data))
    for cut in range(0, len(whole) - 1, 7):
        found = seen(whole[: max(cut, 8)])
        assert found is None or not found.readable, "half a paper is not said to be readable"
