"""A file is looked at in a child process: it says the same as here, and whatever becomes of it is a Problem."""

import os
import sys
from pathlib import Path

import pytest

from desktop import messages
from forms.problem import Problem
from sync import decoding, scan_files
from tests.conftest import ROOT
from tests.sync.scan_samples import LOCKED, jpeg, pdf, png


@pytest.mark.parametrize("data", [png(), jpeg(), pdf(3), pdf()[:200], LOCKED, png(noise=1 << 20)])
def test_the_child_says_what_is_said_here(data: bytes) -> None:
    assert decoding.look(data) == scan_files.look(data)


@pytest.mark.parametrize("data", [b"", b"MZ\x90\0", pdf(501), png(10_001, 10_000)])
def test_what_is_refused_here_is_refused_there_in_the_same_words(data: bytes) -> None:
    with pytest.raises(Problem) as here:
        scan_files.look(data)
    with pytest.raises(Problem) as there:
        decoding.look(data)
    assert (there.value.code, there.value.details) == (here.value.code, here.value.details)


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")
@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("bytearray(2 << 30)", "memory"),
        ("max(iter(int, 1))", "time"),
        ("__import__('time').sleep(60)", "time"),
        ("__import__('os').kill(__import__('os').getpid(), 11)", "crash"),
        ("1 / 0", "crash"),
        ("print('<html>')", "crash"),
        ("print('[1]')", "crash"),
        ("__import__('os')._exit(0)", "crash"),
    ],
)
def test_a_decoder_that_bursts_is_a_problem_of_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, reason: str
) -> None:
    child = tmp_path / "child"
    child.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, '{ROOT}')\nfrom sync import decoding\ndecoding.CPU = 1\n"
        f"decoding.look_here = lambda _: {does}\nsys.exit(decoding.main())\n"
    )
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    monkeypatch.setattr(decoding, "WALL", 2.0)
    with pytest.raises(Problem) as caught:
        decoding.look(png())
    assert (caught.value.code, caught.value.details["reason"]) == ("scan_undecodable", reason)
    caught.value.details["file"] = "giấy.pdf"
    assert "giấy.pdf" in messages.sentence(caught.value)


def test_a_machine_that_starts_no_process_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with pytest.raises(Problem, match="process_failed"):
        decoding.look(png())


def test_the_child_has_no_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child"
    child.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    child.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(child))
    with pytest.raises(Problem, match="scan_undecodable"):
        decoding.look(png())
    assert "MOTCUA_PASSPHRASE" in os.environ and "PASSPHRASE" not in (tmp_path / "seen").read_text()
