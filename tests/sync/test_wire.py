import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from sync.events import GENESIS, Event, body_hash
from sync.wire import Frame, FrameReader, Group, answer, check_header, read_answer, read_header, sign_header

SECRET = b"s" * 16
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


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=1, max_size=6), st.integers(-1, 6))
def test_a_group_arrives_as_it_was_sent(bodies: list[dict[str, object]], erased: int) -> None:
    group = Group(chain(bodies, erased), {"d": SECRET.hex()})
    assert Group.from_json(group.as_json()) == group


@given(st.data())
def test_a_changed_group_is_not_taken(data: st.DataObject) -> None:
    raw = Group(chain([{"a": 1}, {"b": "Ẩ"}]), {"d": SECRET.hex()}).as_json()
    row = data.draw(st.integers(0, 1))
    raw["events"][row][data.draw(st.integers(0, 4))] = data.draw(st.sampled_from(["x", 77, {"a": 2}, None]))
    with pytest.raises(Problem):
        Group.from_json(raw)


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 20))
def test_frames_are_found_however_the_stream_is_chopped(payloads: list[bytes], step: int) -> None:
    stream = b"".join(Frame("G", p).encode() for p in payloads)
    reader, found = FrameReader(), []
    for start in range(0, len(stream), step):
        found += reader.feed(stream[start : start + step])
    assert [f.payload for f in found] == payloads
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
    assert read_header(bytes(payload))["counter"] == "c"
    payload[random.Random(1).randrange(len(payload))] ^= 1
    with pytest.raises(Problem, match="signature_wrong"):
        check_header(bytes(payload), key)
