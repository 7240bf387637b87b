import json
import random
import weakref
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import compact
from sync.events import GENESIS, Event, body_hash, canonical
from sync.group import Group
from sync.syllables import Syllables
from sync.wire import (
    DICTIONARY,
    MAX_GROUP,
    MAX_HEADER,
    Frame,
    FrameReader,
    GroupReader,
    GroupWriter,
    ScanBytes,
    answer,
    check_header,
    read_answer,
    read_header,
    sign_header,
)

SECRET = b"s" * 16
WORDS = Syllables.load(DICTIONARY)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3),
    max_leaves=8,
)


def chain(bodies: list[dict[str, object]], erased: int = -1) -> tuple[Event, ...]:
    events: list[Event] = []
    for number, body in enumerate(bodies, 1):
        prev = events[-1].hash if events else GENESIS
        digest = body_hash(SECRET, "e", number, body)
        events.append(Event("c", "e", number, "d", "received", number, "CB001", prev, digest, None if number == erased else body))
    return tuple(events)


SPELLED = st.one_of(
    st.uuids().map(str),
    st.datetimes(timezones=st.sampled_from([VIETNAM, UTC])).map(datetime.isoformat),
    st.dates().map(date.isoformat),
    st.from_regex(r"[0-9]{1,20}", fullmatch=True),
    st.from_regex(r"[0-9a-fA-F]{14,70}", fullmatch=True),
    st.sampled_from(["2026-02-30", "2026-11-28T07:30:36.5+07:00", "2026-11-28T24:00:00+07:00", "٣" * 12, "0" * 32, "-" * 36]),
)


@given(st.recursive(JSON | SPELLED, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3), max_leaves=8))
def test_a_value_comes_out_as_it_went_in(value: object) -> None:
    assert canonical(compact.unpack(compact.pack(value, WORDS), WORDS)) == canonical(value)


@pytest.mark.parametrize("value", [2**80, {"deep": json.loads("[" * 700 + "]" * 700)}, 4285.0, -0.0, 1e-300])
def test_what_the_encoding_does_not_reach_travels_all_the_same(value: object) -> None:
    assert canonical(compact.unpack(compact.pack(value, WORDS), WORDS)) == canonical(value)


@given(
    st.lists(st.sampled_from(["Nguyễn", "Thị", "xã", " ", "  ", "\n", "Ẻn", "\x03", "😀", "e\u0302", ".", "7", "_", "x"])).map(
        "".join
    )
)
def test_vietnamese_text_comes_out_as_it_went_in(text: str) -> None:
    packed = WORDS.pack(text)
    assert packed is None or WORDS.unpack(packed) == text
    assert compact.unpack(compact.pack([text], WORDS), WORDS) == [text]


def test_a_name_is_a_few_bytes() -> None:
    assert len(WORDS.pack("Nguyễn Thị Hồng, xã Tân Phú") or b"") <= 16


@given(st.binary(max_size=60))
def test_packed_rubbish_is_a_value_error_and_nothing_else(raw: bytes) -> None:
    with suppress(ValueError):
        compact.unpack(raw, WORDS)


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=1, max_size=6), st.integers(-1, 6))
def test_groups_arrive_as_they_were_sent(bodies: list[dict[str, object]], erased: int) -> None:
    writer, reader = GroupWriter(), GroupReader(DICTIONARY)
    events = chain(bodies, erased)
    for cut in (1, 2, 3):
        for part in (events[:cut], events[cut:]):
            if part:
                group = Group(part, {"d": SECRET.hex()})
                [frame] = FrameReader().feed(writer.frame(group))
                assert isinstance(frame, Frame)
                assert reader.group(frame.payload) == group


@given(st.data())
def test_a_changed_group_is_not_taken(data: st.DataObject) -> None:
    raw = Group(chain([{"a": 1}, {"b": "Ẩ"}]), {"d": SECRET.hex()}).as_value()
    row = data.draw(st.integers(0, 1))
    raw[5][row][data.draw(st.integers(0, 4))] = data.draw(st.sampled_from(["x", 77, {"a": 2}, None]))
    with pytest.raises(Problem):
        Group.from_value(raw)


@given(st.binary(min_size=1, max_size=300), st.integers(0, 300))
def test_a_damaged_stream_is_a_problem_and_nothing_else(damage: bytes, at: int) -> None:
    frame = GroupWriter().frame(Group(chain([{"a": "x" * 200}]), {"d": SECRET.hex()}))[5:]
    damaged = frame[: at % len(frame)] + damage + frame[at % len(frame) + len(damage) :]
    if damaged != frame:
        with suppress(Problem):
            GroupReader(DICTIONARY).group(damaged)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(MAX_GROUP + 1))
    with pytest.raises(Problem, match="frame_malformed"):
        GroupReader(DICTIONARY).group((MAX_GROUP + 1).to_bytes(4, "big") + bomb)
    with pytest.raises(Problem, match="frame_malformed"):
        read_header(bytes(64) + bytes([DICTIONARY]) + bomb)
    with pytest.raises(Problem, match="frame_malformed"):
        list(FrameReader().feed(Frame("H", bytes(MAX_HEADER + 1)).encode()[:9]))  # nothing so long is waited for


def test_a_reader_that_was_used_is_freed() -> None:
    reader = GroupReader(DICTIONARY)
    reader.group(GroupWriter().frame(Group(chain([{"a": 1}]), {"d": SECRET.hex()}))[5:])
    gone = weakref.ref(reader)
    del reader
    assert gone() is None


def test_a_dictionary_nobody_knows_is_named() -> None:
    with pytest.raises(Problem, match="dictionary_unknown"):
        read_header(bytes(64) + bytes([250]) + zstandard.ZstdCompressor().compress(b"something"))


@given(st.binary(min_size=1, max_size=90), st.integers(0, 2**40), st.integers(1, 20))
def test_bytes_of_a_scan_are_handed_out_as_they_come(data: bytes, offset: int, step: int) -> None:
    stream = ScanBytes("ab" * 32, offset, data).encode() + Frame("G", b"x").encode()
    reader, found, cut = FrameReader(), b"", len(stream) - 6 - (len(data) + 1) // 2
    for start in range(0, cut, step):
        for piece in reader.feed(stream[start : min(start + step, cut)]):
            assert isinstance(piece, ScanBytes)
            assert (piece.sha256, piece.offset) == ("ab" * 32, offset + len(found))
            found += piece.data
    assert found == data[: len(found)]
    assert len(found) == max(0, cut - 45)
    rest = list(reader.feed(stream[cut:]))
    assert isinstance(rest[-1], Frame)
    assert found + b"".join(p.data for p in rest if isinstance(p, ScanBytes)) == data
    assert reader.empty


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 20))
def test_frames_are_found_however_the_stream_is_chopped(payloads: list[bytes], step: int) -> None:
    stream = b"".join(Frame("G", p).encode() for p in payloads)
    reader, found = FrameReader(), []
    for start in range(0, len(stream), step):
        found += reader.feed(stream[start : start + step])
    assert [f.payload for f in found if isinstance(f, Frame)] == payloads
    assert reader.empty


@given(st.binary(min_size=5, max_size=200))
def test_rubbish_is_a_problem_and_nothing_else(raw: bytes) -> None:
    codes = set()
    try:
        list(FrameReader().feed(raw))
    except Problem as problem:
        codes.add(problem.code)
    assert codes <= {"frame_malformed"}


def test_an_answer_holds_only_for_its_nonce_its_kind_and_its_gateway() -> None:
    gateway, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    [frame] = FrameReader().feed(answer("A", {"x": 1}, "n1", gateway))
    key = gateway.public_key().public_bytes_raw()
    assert read_answer(frame, "n1", key) == {"x": 1}
    for bad, nonce, who in (
        (frame, "n2", key),
        (frame, "n1", other.public_key().public_bytes_raw()),
        (Frame("T", frame.payload), "n1", key),
        (Frame("A", frame.payload[:-1] + b"\0"), "n1", key),
    ):
        with pytest.raises(Problem, match="signature_wrong"):
            read_answer(bad, nonce, who)


def test_a_header_is_signed_whole() -> None:
    me = Ed25519PrivateKey.generate()
    payload = bytearray(sign_header({"counter": "c", "nonce": "n"}, me))
    key = me.public_key().public_bytes_raw()
    check_header(bytes(payload), key)
    assert read_header(bytes(payload))[0]["counter"] == "c"
    payload[random.Random(1).randrange(len(payload))] ^= 1
    with pytest.raises(Problem, match="signature_wrong"):
        check_header(bytes(payload), key)
