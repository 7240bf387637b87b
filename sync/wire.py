"""The frames that travel, both ways, over any road.

A frame is one type byte, a big-endian u32 length and the payload. From the counter: ``H`` a signed header, then ``G``
groups of its events, then ``S`` bytes of scans. From the gateway: ``A`` the acknowledgement, ``F`` pieces of the feed,
``O`` older dossiers that were asked for, ``T`` the trailer (leases, profile), or ``P`` a problem; each of these carries a
signature over the counter's nonce, so that only the gateway itself can have answered, and only this request.

The groups of one request are one zstd stream, flushed after each group: a group leans on those before it, so that forms
no dictionary has seen cost little, and each is whole when its frame is. A new request is a new stream.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forms.problem import Problem
from resources import path_of
from sync import compact
from sync.group import Group
from sync.syllables import Syllables

MAX_FRAME = 8 << 20
MAX_PLAIN = 16 << 20
"""Of an answer, whose signature is checked before it is unpacked."""
MAX_HEADER = 384 << 10
"""Of the first frame of a stream, packed or plain: anybody may send one, and its Python values take a hundred times as much."""
MAX_GROUP = 1 << 20
"""Plain bytes of a group: four times the largest event."""
SCAN_PIECE = 16 << 10
"""Raw bytes of a scan in one frame: a new dossier slips in after at most so many."""
DICTIONARY = 1
"""The newest dictionary; the first byte of a header's payload names the one that a request and its answer use."""
_WINDOW_LOG = 18  # 256 KB: what a gateway with 200 requests open can hold of each (measured: 1 MB saves 0.3 % more)
_BEST, _QUICK = 19, 9  # levels: of what a thin line carries up, and of answers, which a gateway makes for hundreds at once
_HEAD, _SIZE, _SCAN = struct.Struct(">cI"), struct.Struct(">I"), struct.Struct(">32sQ")
_SIGNATURE = 64
_KINDS = b"HGSAFOTP"


@dataclass(frozen=True)
class Frame:
    """``kind``: one letter; ``payload``: its bytes."""

    kind: str
    payload: bytes

    def encode(self) -> bytes:
        return _HEAD.pack(self.kind.encode(), len(self.payload)) + self.payload


@dataclass(frozen=True)
class ScanBytes:
    """Some bytes of a scan. ``sha256``: hex; ``offset``: where they belong."""

    sha256: str
    offset: int
    data: bytes

    def encode(self) -> bytes:
        return Frame("S", _SCAN.pack(bytes.fromhex(self.sha256), self.offset) + self.data).encode()


class FrameReader:
    """Cuts a stream of bytes into frames, however it was chopped; bytes of scans are handed out as they come, so that a
    cut in the middle of a frame loses none that arrived."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begun = False
        self._scan: tuple[str, int, int] | None = None  # of the frame being read: scan, next offset, bytes left

    def feed(self, data: bytes) -> Iterator[Frame | ScanBytes]:
        """What is there now. :raises Problem: ``frame_malformed`` for what no gateway or counter would send."""
        self._buffer += data
        while True:
            found = self._scan_bytes() if self._scan else self._frame()
            if found is None:
                return
            if isinstance(found, Frame) or found.data:
                yield found

    def _scan_bytes(self) -> ScanBytes | None:
        assert self._scan
        sha256, offset, left = self._scan
        here = bytes(self._buffer[:left])
        del self._buffer[: len(here)]
        self._scan = (sha256, offset + len(here), left - len(here)) if len(here) < left else None
        return ScanBytes(sha256, offset, here) if here else None

    def _frame(self) -> Frame | ScanBytes | None:
        if len(self._buffer) < _HEAD.size:
            return None
        kind, length = _HEAD.unpack_from(self._buffer)
        most = MAX_FRAME if self._begun else MAX_HEADER
        if kind not in _KINDS or length > most or (kind == b"S" and length <= _SCAN.size):
            raise Problem("frame_malformed")
        if kind == b"S":
            return self._scan_head(length)
        end = _HEAD.size + length
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[_HEAD.size : end])
        del self._buffer[:end]
        self._begun = True
        return Frame(kind.decode(), payload)

    def _scan_head(self, length: int) -> ScanBytes | None:
        end = _HEAD.size + _SCAN.size
        if len(self._buffer) < end:
            return None
        sha256, offset = _SCAN.unpack_from(self._buffer, _HEAD.size)
        del self._buffer[:end]
        self._begun, self._scan = True, (sha256.hex(), offset, length - _SCAN.size)
        return ScanBytes(sha256.hex(), offset, b"")

    @property
    def empty(self) -> bool:
        """Nothing half-read is left."""
        return not self._buffer and self._scan is None


# Compression


@cache
def _dictionary(number: int, level: int = 0) -> zstandard.ZstdCompressionDict:
    """A versioned resource; digested once for packing at ``level``, which costs more than packing one dossier does.

    :raises Problem: ``dictionary_unknown``.
    """
    file = path_of("wire", f"dictionary-{number}.zdict")
    if not file.is_file():
        raise Problem("dictionary_unknown", dictionary=number)
    made = zstandard.ZstdCompressionDict(file.read_bytes())
    if level:
        made.precompute_compress(compression_params=_parameters(level))
    return made


def _parameters(level: int) -> zstandard.ZstdCompressionParameters:
    return zstandard.ZstdCompressionParameters.from_level(
        level,
        window_log=_WINDOW_LOG,
        chain_log=_WINDOW_LOG,
        hash_log=_WINDOW_LOG - 1,
        write_checksum=0,  # the chain and the signatures check
        write_dict_id=0,
    )


class GroupWriter:
    """The groups of one request into ``G`` frames: the plain length, then a flushed part of the stream."""

    def __init__(self, dictionary: int = DICTIONARY) -> None:
        made = zstandard.ZstdCompressor(compression_params=_parameters(_BEST), dict_data=_dictionary(dictionary, _BEST))
        self._stream, self._syllables = made.compressobj(), Syllables.load(dictionary)

    def frame(self, group: Group) -> bytes:
        """Ready to send, after those before it."""
        plain = compact.pack(group.as_value(), self._syllables)
        packed = self._stream.compress(plain) + self._stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        return Frame("G", _SIZE.pack(len(plain)) + packed).encode()


class _Packed:
    """What a stream reads from. It must not know the reader: zstandard's objects take no part in garbage collection, and a ring
    of both would never be freed."""

    def __init__(self) -> None:
        self.data = bytearray()

    def read(self, size: int) -> bytes:
        here = bytes(self.data[:size])
        del self.data[: len(here)]
        return here


class GroupReader:
    """The other end of a :class:`GroupWriter`. No more is unpacked than a frame says, and that is bounded."""

    def __init__(self, dictionary: int) -> None:
        self._packed = _Packed()
        opened = zstandard.ZstdDecompressor(dict_data=_dictionary(dictionary), max_window_size=1 << _WINDOW_LOG)
        self._stream = opened.stream_reader(self._packed)  # type: ignore[arg-type]
        self._syllables = Syllables.load(dictionary)

    def group(self, payload: bytes) -> Group:
        """:raises Problem: ``frame_malformed``, ``chain_broken``."""
        if len(payload) < _SIZE.size or _SIZE.unpack_from(payload)[0] > MAX_GROUP:
            raise Problem("frame_malformed")
        self._packed.data += payload[_SIZE.size :]
        wanted = _SIZE.unpack_from(payload)[0]
        try:
            plain = self._stream.read(wanted)
            if len(plain) != wanted:
                raise Problem("frame_malformed")
            return Group.from_value(compact.unpack(plain, self._syllables))
        except (zstandard.ZstdError, ValueError) as error:
            raise Problem("frame_malformed") from error


def _packed(value: Any, dictionary: int) -> bytes:
    """One value by itself."""
    made = zstandard.ZstdCompressor(compression_params=_parameters(_QUICK), dict_data=_dictionary(dictionary, _QUICK))
    return made.compress(compact.pack(value, Syllables.load(dictionary)))


def _unpacked(raw: bytes, dictionary: int, most: int) -> Any:
    """:raises Problem: ``frame_malformed``, also for what would unpack to more than ``most`` bytes; ``dictionary_unknown``."""
    try:
        if zstandard.frame_content_size(raw) > most:
            raise Problem("frame_malformed")
        opened = zstandard.ZstdDecompressor(dict_data=_dictionary(dictionary))
        plain = opened.decompress(raw, max_output_size=most)
        return compact.unpack(plain, Syllables.load(dictionary))
    except (zstandard.ZstdError, ValueError) as error:
        raise Problem("frame_malformed") from error


# Signed frames


def sign_header(header: Mapping[str, Any], identity: Ed25519PrivateKey) -> bytes:
    """The payload of an ``H`` frame: signature, dictionary, the packed map."""
    body = bytes([DICTIONARY]) + _packed(header, DICTIONARY)
    return identity.sign(b"motcua header\0" + body) + body


def read_header(payload: bytes) -> tuple[dict[str, Any], int]:
    """The header's claims, not yet believed, and the dictionary. :raises Problem: ``frame_malformed``, ``dictionary_unknown``."""
    if not _SIGNATURE + 1 < len(payload) <= MAX_HEADER:
        raise Problem("frame_malformed")
    dictionary = payload[_SIGNATURE]
    header = _unpacked(payload[_SIGNATURE + 1 :], dictionary, MAX_HEADER)
    if not isinstance(header, dict):
        raise Problem("frame_malformed")
    return header, dictionary


def check_header(payload: bytes, key: bytes) -> None:
    """:raises Problem: ``signature_wrong``."""
    _verify(key, payload[:_SIGNATURE], b"motcua header\0" + payload[_SIGNATURE:])


def answer(kind: str, value: Any, nonce: str, gateway: Ed25519PrivateKey, dictionary: int = DICTIONARY) -> bytes:
    """A signed answer frame, ready to send."""
    body = _packed(value, dictionary)
    return Frame(kind, gateway.sign(_answered(kind, nonce) + body) + body).encode()


def read_answer(frame: Frame, nonce: str, gateway_key: bytes) -> Any:
    """The value of an answer, after its signature held. :raises Problem: ``signature_wrong``, ``frame_malformed``."""
    body = frame.payload[_SIGNATURE:]
    _verify(gateway_key, frame.payload[:_SIGNATURE], _answered(frame.kind, nonce) + body)
    return _unpacked(body, DICTIONARY, MAX_PLAIN)


def _answered(kind: str, nonce: str) -> bytes:
    return b"motcua answer\0" + kind.encode() + nonce.encode() + b"\0"


def _verify(key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise Problem("signature_wrong") from error
