"""Event bodies and other JSON values as few bytes: msgpack with the leaves that repeat their spelling packed.

What costs bytes on a thin line is what no dictionary can foresee (measured: ids and times, not keys). A UUID, a hash, a
moment, a day and a run of digits travel as the number they spell, Vietnamese text by its syllables; all else as it is. A
leaf is packed only when unpacking gives back the same characters, so a value that comes out is the value that went in, and
its hash holds.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgpack

from forms.working_days import VIETNAM
from sync.syllables import Syllables

_UUID, _HEX, _SECONDS, _MILLISECONDS, _MICROSECONDS, _DAY, _JSON, _TEXT, _DIGITS = 1, 2, 3, 4, 5, 6, 7, 8, 16
_ZERO = datetime(2026, 1, 1, tzinfo=VIETNAM)
_UNITS = {
    25: (_SECONDS, timedelta(seconds=1), "seconds"),
    29: (_MILLISECONDS, timedelta(milliseconds=1), "milliseconds"),
    32: (_MICROSECONDS, timedelta(microseconds=1), "microseconds"),
}
"""By how long a moment is spelled."""
_HEX_DIGITS = frozenset("0123456789abcdef")
_MOST_DIGITS = 18


def pack(value: Any, syllables: Syllables) -> bytes:
    """One JSON value. Keys are sorted: values that say the same are the same bytes."""
    try:
        packed: bytes = msgpack.packb(_pack(value, syllables))
    except (ValueError, OverflowError, RecursionError):  # deeper or larger than msgpack goes: as text
        packed = msgpack.packb(msgpack.ExtType(_JSON, _text(value)))
    return packed


def unpack(data: bytes, syllables: Syllables) -> Any:
    """:raises ValueError: what :func:`pack` would not have made (also for what is too deep)."""
    try:
        return msgpack.unpackb(data, ext_hook=partial(_unpacked, syllables), strict_map_key=True, timestamp=0)
    except (msgpack.UnpackException, TypeError, OverflowError, RecursionError, AttributeError) as error:
        raise ValueError("not a packed value") from error


def _pack(value: Any, syllables: Syllables) -> Any:
    if isinstance(value, dict):
        return {key: _pack(value[key], syllables) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_pack(part, syllables) for part in value]
    if isinstance(value, str):
        return _packed(value) if value.isascii() else _spoken(value, syllables)
    return value


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _read(data: bytes) -> Any:
    """:raises ValueError: no JSON, or none that :func:`_text` writes: half a character, no number."""
    value = json.loads(data)
    _text(value)
    return value


def _packed(text: str) -> Any:
    """A leaf by its look: cheap tests first, the proof (the same characters again) last."""
    size = len(text)
    if size < 9 or size > 128:
        return text
    if text.isdigit() and size <= _MOST_DIGITS:
        return msgpack.ExtType(_DIGITS + size, _number(int(text)))
    if size == 36 and text[8] == text[13] == text[18] == text[23] == "-":
        return _proved(text, _UUID, lambda: UUID(text).bytes)
    if text[4] == "-" and text[7] == "-":
        if size == 10:
            return _proved(text, _DAY, lambda: _number(date.fromisoformat(text).toordinal()))
        return _moment(text) if text.endswith("+07:00") else text
    if size >= 16 and size % 2 == 0 and _HEX_DIGITS.issuperset(text):
        return msgpack.ExtType(_HEX, bytes.fromhex(text))
    return text


def _spoken(text: str, syllables: Syllables) -> Any:
    made = syllables.pack(text)
    return text if made is None or syllables.unpack(made) != text else msgpack.ExtType(_TEXT, made)


def _moment(text: str) -> Any:
    if len(text) not in _UNITS:
        return text
    kind, unit, _ = _UNITS[len(text)]
    return _proved(text, kind, lambda: _signed((datetime.fromisoformat(text) - _ZERO) // unit))


def _spelled(unit: timedelta, precision: str) -> Callable[[bytes], str]:
    return lambda d: (_ZERO + int.from_bytes(d, "big", signed=True) * unit).isoformat(timespec=precision)


def _proved(text: str, kind: int, data: Callable[[], bytes]) -> Any:
    try:
        made = data()
        return msgpack.ExtType(kind, made) if _LEAVES[kind](made) == text else text
    except ValueError:
        return text


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _signed(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def _unpacked(syllables: Syllables, kind: int, data: bytes) -> Any:
    if kind == _TEXT:
        return syllables.unpack(data)
    if kind in _LEAVES:
        return _LEAVES[kind](data)
    if not _DIGITS < kind <= _DIGITS + _MOST_DIGITS:
        raise ValueError("unknown leaf")
    return str(int.from_bytes(data, "big")).zfill(kind - _DIGITS)


_LEAVES: dict[int, Callable[[bytes], Any]] = {
    _UUID: lambda d: str(UUID(bytes=d)),
    _HEX: bytes.hex,
    **{kind: _spelled(unit, precision) for kind, unit, precision in _UNITS.values()},
    _DAY: lambda d: date.fromordinal(int.from_bytes(d, "big")).isoformat(),
    _JSON: _read,
}
