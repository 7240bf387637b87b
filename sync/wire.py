"""The frames that travel, both ways, over any road.

A frame is one type byte, a big-endian u32 length and the payload. From the counter: ``H`` a signed header, then ``G``
groups of its events. From the gateway: ``A`` the acknowledgement, ``F`` pieces of the feed, ``T`` the trailer (leases,
time, profile), or ``P`` a problem; each of these carries a signature over the counter's nonce, so that only the gateway
itself can have answered, and only this request.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forms.problem import Problem
from sync.events import LATEST, Event, body_hash, canonical

MAX_FRAME = 8 << 20
MAX_PLAIN = 64 << 20
GROUP = 20
"""Events of a group: a cut connection loses at most what was in flight (measured: groups of 5 to 20 cost 1-2 %)."""
GROUP_BYTES = 512 << 10
"""And at most about this much plain text, unless one event alone is larger."""
EVENT_BYTES = 256 << 10
"""The most one event's body may hold: a dossier is 3 KB, and one that is never sendable must not be received."""
_HEAD = struct.Struct(">cI")
_SIGNATURE = 64


@dataclass(frozen=True)
class Frame:
    """``kind``: one letter; ``payload``: its bytes."""

    kind: str
    payload: bytes

    def encode(self) -> bytes:
        return _HEAD.pack(self.kind.encode(), len(self.payload)) + self.payload


class FrameReader:
    """Cuts a stream of bytes into frames, however it was chopped."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Frames that are complete now. :raises Problem: ``frame_malformed`` for what no gateway or counter would send."""
        self._buffer += data
        while len(self._buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._buffer)
            if kind not in b"HGAFTP" or length > MAX_FRAME:
                raise Problem("frame_malformed")
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            yield Frame(kind.decode(), payload)

    @property
    def empty(self) -> bool:
        """Nothing half-read is left."""
        return not self._buffer


def parts(events: list[Event]) -> Iterator[list[Event]]:
    """Runs of at most ``GROUP`` events and about ``GROUP_BYTES`` of bodies."""
    part: list[Event] = []
    size = 0
    for event in events:
        weight = len(canonical(event.body))
        if part and (len(part) == GROUP or size + weight > GROUP_BYTES):
            yield part
            part, size = [], 0
        part.append(event)
        size += weight
    if part:
        yield part


@dataclass(frozen=True)
class Group:
    """A run of consecutive events of one log, and the secrets their salts derive from (hex, by dossier)."""

    events: tuple[Event, ...]
    secrets: Mapping[str, str]

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def last(self) -> Event:
        return self.events[-1]

    def as_json(self) -> dict[str, Any]:
        """Numbers, hashes and body hashes are left out: the receiver computes them, and so checks the chain."""
        rows = [[e.dossier, e.name, e.at, e.operator, e.body] + ([e.body_hash] if e.body is None else []) for e in self.events]
        head = {"counter": self.first.counter, "epoch": self.first.epoch, "first": self.first.number, "prev": self.first.prev}
        return head | {"head": self.last.hash, "events": rows, "secrets": dict(self.secrets)}

    @classmethod
    def from_json(cls, raw: Any) -> "Group":
        """Rebuild the events; the hash of the last must be the ``head`` that was sent.

        :raises Problem: ``frame_malformed``, ``chain_broken``.
        """
        try:
            events = tuple(_events(raw))
            good = bool(events) and events[-1].hash == raw["head"]
            secrets = {str(d): str(s) for d, s in raw["secrets"].items()}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise Problem("frame_malformed") from error
        if not good:
            raise Problem("chain_broken", counter=str(raw.get("counter")), first=raw.get("first"))
        return cls(events, secrets)


def _events(raw: Any) -> Iterator[Event]:
    prev, number = str(raw["prev"]), int(raw["first"])
    for dossier, name, at, operator, body, *erased in raw["events"]:
        texts = (raw["counter"], raw["epoch"], dossier, name, operator, *erased)
        if not all(isinstance(text, str) for text in texts) or type(at) is not int or not 0 <= at < LATEST:
            raise TypeError("envelope")  # before it is durable somewhere: whoever reads it later could not
        digest = erased[0] if body is None else _digest(raw, dossier, number, body)
        event = Event(raw["counter"], raw["epoch"], number, dossier, name, at, operator, prev, digest, body)
        yield event
        prev, number = event.hash, number + 1


def _digest(raw: Any, dossier: str, number: int, body: Any) -> str:
    if not isinstance(body, dict) or not isinstance(dossier, str) or len(canonical(body)) > EVENT_BYTES:
        raise TypeError("body")
    return body_hash(bytes.fromhex(raw["secrets"][dossier]), raw["epoch"], number, body)


def pack(value: Any, level: int = 9) -> bytes:
    """Canonical JSON, compressed on its own (no checksum: the chain checks)."""
    return zstandard.ZstdCompressor(level=level, write_checksum=False, write_content_size=True).compress(canonical(value))


def unpack(raw: bytes) -> Any:
    """:raises Problem: ``frame_malformed``, also for what would unpack to more than 64 MB."""
    try:
        if zstandard.frame_content_size(raw) > MAX_PLAIN:
            raise Problem("frame_malformed")
        return json.loads(zstandard.ZstdDecompressor().decompress(raw, max_output_size=MAX_PLAIN))
    except (zstandard.ZstdError, ValueError) as error:
        raise Problem("frame_malformed") from error


def group_frames(groups: Iterable[Group]) -> list[bytes]:
    """``G`` frames, ready to send."""
    return [Frame("G", pack(g.as_json())).encode() for g in groups]


def sign_header(header: Mapping[str, Any], identity: Ed25519PrivateKey) -> bytes:
    """The payload of an ``H`` frame: signature, then canonical JSON."""
    body = canonical(header)
    return identity.sign(b"motcua header\0" + body) + body


def read_header(payload: bytes) -> dict[str, Any]:
    """The header's claims, not yet believed. :raises Problem: ``frame_malformed``."""
    try:
        header = json.loads(payload[_SIGNATURE:])
    except ValueError as error:
        raise Problem("frame_malformed") from error
    if not isinstance(header, dict):
        raise Problem("frame_malformed")
    return header


def check_header(payload: bytes, key: bytes) -> None:
    """:raises Problem: ``signature_wrong``."""
    _verify(key, payload[:_SIGNATURE], b"motcua header\0" + payload[_SIGNATURE:])


def answer(kind: str, value: Any, nonce: str, gateway: Ed25519PrivateKey) -> bytes:
    """A signed answer frame, ready to send."""
    body = pack(value, level=6)
    return Frame(kind, gateway.sign(_answered(kind, nonce) + body) + body).encode()


def read_answer(frame: Frame, nonce: str, gateway_key: bytes) -> Any:
    """The value of an answer, after its signature held. :raises Problem: ``signature_wrong``, ``frame_malformed``."""
    body = frame.payload[_SIGNATURE:]
    _verify(gateway_key, frame.payload[:_SIGNATURE], _answered(frame.kind, nonce) + body)
    return unpack(body)


def _answered(kind: str, nonce: str) -> bytes:
    return b"motcua answer\0" + kind.encode() + nonce.encode() + b"\0"


def _verify(key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Problem("signature_wrong") from error
