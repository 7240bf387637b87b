"""What a hostile or broken sender makes of something valid: bytes and JSON values, all chance from one ``random.Random``."""

import copy
import json
import random
from typing import Any

_INTERESTING = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\x80\0\0", b"\xff" * 8, b"\0" * 8)
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 2**53, 0.5, float("inf"), "", "x", "٣" * 12, "\ud800", "\0", "\u202e", "ẩ" * 3000, "9999-12-31",
    "9999-12-31T23:59:59+07:00", "0001-01-01", "2026-02-30T25:61:61", "../../../etc/passwd", "..\\..\\x", "<img src=x onerror=1>",
    "{0.__class__}", "%s%n", "#panic()", "=cmd|' /C calc'!A1", "'; DROP TABLE events; --", "${jndi:ldap://x}", "(a*)*b",
    [], [1], ["a", 3], [[]], {}, {"a": 1}, {"": None}, [[1, 2], ["a", 3]], {"$ref": "http://127.0.0.1:9/x"},
)  # fmt: skip
"""Values of every shape, among them what something, somewhere, would run, fetch or open."""


def damaged(chance: random.Random, data: bytes, others: tuple[bytes, ...] = ()) -> bytes:
    """One to four changes: flipped bits, cut, grown, repeated, a length that lies, a piece of another."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(8):
            case 0 | 1:
                data = flipped(chance, data, chance.choice((1, 1, 2, 8)))
            case 2:
                data = data[:at]
            case 3:
                data = data[:at] + chance.randbytes(chance.choice((1, 4, 100))) + data[at:]
            case 4:
                piece = chance.choice(_INTERESTING)
                data = data[:at] + piece + data[at + len(piece) :]
            case 5:
                data = data[:at] + data[at : at + chance.randint(1, 64)] * chance.choice((2, 50)) + data[at:]
            case 6:
                data = data[at : at + chance.randint(1, 2000)]
            case _:
                other = chance.choice(others or (data,))
                data = data[:at] + other[chance.randrange(len(other) + 1) :]
    return data


def flipped(chance: random.Random, data: bytes, bits: int = 1) -> bytes:
    """So many single bits the other way round."""
    changed = bytearray(data)
    for _ in range(bits if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def twisted(chance: random.Random, value: Any) -> Any:
    """A JSON value in which one to three parts are others: odd, gone, doubled, renamed, nested deep, very many."""
    value, deep = copy.deepcopy(value), chance.choice((20, 200, 800))
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = list(_places(value))
        if not places:
            return chance.choice(ODD)
        holder, key = chance.choice(places)
        match chance.randrange(9):
            case 0 | 1 | 2 | 3:
                holder[key] = copy.deepcopy(chance.choice(ODD))
            case 4:
                del holder[key]
            case 5:
                holder[key] = [holder[key]] * chance.choice((2, 300))
            case 6:
                holder[key], deep = nested(deep), 1
            case 7 if isinstance(holder, dict):
                holder[str(chance.choice(("", "x", "__class__", "code", "\ud800", "a" * 5000)))] = holder.pop(key)
            case _:
                other = chance.choice(places)
                held = other[0]
                present = deep > 1 and (other[1] in held if isinstance(held, dict) else other[1] < len(held))
                holder[key] = copy.deepcopy(held[other[1]]) if present else chance.choice(ODD)
    return value


def nested(depth: int) -> Any:
    """A list in a list in a list …"""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def as_text(chance: random.Random, value: Any) -> bytes:
    """The JSON of a value, sometimes damaged; as deep as it may be."""
    try:
        data = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except RecursionError:
        data = b"[" * 100_000 + b"]" * 100_000
    return damaged(chance, data) if chance.random() < 0.3 else data


def _places(value: Any, depth: int = 0) -> Any:
    """Every part of a value as its holder and key."""
    if isinstance(value, dict | list) and depth < 12:
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key], depth + 1)
