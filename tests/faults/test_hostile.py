"""Hostile input: a share of the nightly attack, and rules that hypothesis tries to break on single readers."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.definition import read_definition
from forms.person import parse_card
from forms.problem import Problem
from forms.typesetting import compile_paper
from sync import compact, wire
from sync.syllables import Syllables
from tests.conftest import GatewayProcess
from tests.faults.hostile import attack
from tests.faults.outside import Outside

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=9), x, max_size=4),
    max_leaves=12,
)
WORDS = Syllables.load(wire.DICTIONARY)


@pytest.fixture
def world(tmp_path: Path, hub: GatewayProcess) -> Iterator[Outside]:
    found = Outside(tmp_path / "world", hub)
    yield found
    found.close()


def test_every_hostile_input_is_a_problem_or_a_right_result(world: Outside) -> None:
    report = attack(world, 1500, 7)
    assert (report["failed"], report["slow"]) == ([], [])
    assert report["problems"] > 300 and report["taken"] > 300, "both kinds must come"
    assert len(report["by_surface"]) == 22


def test_the_attack_sees_what_it_looks_for(world: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(compact._LEAVES, compact._JSON, json.loads)  # as it was: half a character came through
    raised = set()
    for number in range(500):
        try:
            world.packed(Random(number))
        except (Problem, UnicodeEncodeError) as error:
            raised.add(type(error))
    assert raised == {Problem, UnicodeEncodeError}


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_unpacking(data: bytes) -> None:
    try:
        value = compact.unpack(data, WORDS)
    except ValueError:
        return
    assert compact.pack(value, WORDS) is not None


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=200) | st.binary(min_size=4, max_size=9).map(lambda b: b"H" + b), max_size=4))
def test_no_stream_breaks_the_reader_of_frames(chunks: list[bytes]) -> None:
    reader = wire.FrameReader()
    with suppress(Problem):
        for chunk in chunks:
            for found in reader.feed(chunk):
                if isinstance(found, wire.Frame):
                    wire.read_header(found.payload)


@settings(max_examples=100)
@given(JSON)
def test_no_value_of_a_group_is_more_than_a_problem(value: object) -> None:
    start = ["c", "e", 1, "0" * 64, "x"]
    for raw in (value, [*start, value, []], [*start, [["d", "n", "o", 1, value]], [None]]):
        with pytest.raises(Problem, match=r"frame_malformed|chain_broken"):
            wire.Group.from_value(raw)


@settings(max_examples=100)
@given(st.text(max_size=300) | st.text(st.sampled_from("0123456789٣|Aẩ\n"), max_size=80))
def test_no_text_of_a_card_is_more_than_a_problem(text: str) -> None:
    with suppress(Problem):
        card = parse_card(text)
        assert card.personal_id.isascii() and len(card.personal_id) == 12


@pytest.mark.parametrize(
    "text", ["٣" * 12 + "||Nguyễn Văn A|01011990|Nam|X|01012022", "001123456789\n||Nguyễn Văn A|٠١٠١١٩٩٠|Nam|X|", "|" * 10**7]
)
def test_digits_of_a_card_are_digits_and_its_text_is_short(text: str) -> None:
    with pytest.raises(Problem, match="card_unreadable"):
        parse_card(text)


@pytest.mark.parametrize("word", ["$ref", "pattern", "anyOf", "$dynamicRef", "format"])
def test_a_form_cannot_fetch_or_hang(word: str) -> None:
    spec = {"title": "x", "x-kind": "text", word: "(a*)*b"}
    raw = {"format": 2, "id": "x", "version": "1", "title": "x", "source": "x", "required": [], "properties": {"a": spec}}
    with pytest.raises(ValueError, match="no words of a property"):
        read_definition(raw | {"layout": [{"title": "x", "rows": [["a"]]}]}, {"kinds": {"text": {"type": "string"}}, "lists": {}})


def test_a_template_fetches_no_package(tmp_path: Path) -> None:
    (tmp_path / "x.typ").write_text('#import "@preview/cetz:0.3.4": canvas\n= x')
    with pytest.raises(Problem) as caught:
        compile_paper("x.typ", {}, (tmp_path,))
    assert caught.value.details["reason"] == "packages are not fetched"
