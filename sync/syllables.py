"""Vietnamese text as few bytes: the commonest syllables (tiếng) are one or two bytes, and the space between two of them is none.

A syllable is written with five to seven bytes of UTF-8 and says ten bits: no compressor that looks for repeats finds that in a
name or a short note. The table is a versioned resource beside the dictionary of the same number.
"""

import re
from functools import cache

from resources import path_of

_TOKEN = re.compile(r"[^\W\d_]+|.", re.DOTALL)
_SHORT = 64  # syllables of one byte: 0xC0 and up; the others have 0x80 to 0xBF and a second byte
_OTHER = 3  # and two bytes of a code point: a character that is neither ASCII nor of a known syllable
MOST = _SHORT + (_SHORT << 8)


class Syllables:
    """``words``: commonest first."""

    def __init__(self, words: list[str]) -> None:
        self._words = words[:MOST]
        self._places = {word: place for place, word in enumerate(self._words)}

    @classmethod
    def load(cls, number: int) -> "Syllables":
        """The table of a dictionary."""
        return _loaded(number)

    def pack(self, text: str) -> bytes | None:
        """None when :meth:`unpack` would not give it back."""
        out, follows, tokens = bytearray(), False, _TOKEN.findall(text)
        for place, token in enumerate(tokens):
            known = self._places.get(token)
            if known is not None:
                out += bytes([0xC0 + known]) if known < _SHORT else (0x8000 + known - _SHORT).to_bytes(2, "big")
                follows = True
            elif token == " " and follows and place + 1 < len(tokens) and tokens[place + 1] in self._places:
                continue
            else:
                follows = False
                for character in token:
                    code = ord(character)
                    if code > 0xFFFF or code == _OTHER:
                        return None
                    out += bytes([code]) if code < 0x80 else bytes([_OTHER]) + code.to_bytes(2, "big")
        return bytes(out)

    def unpack(self, data: bytes) -> str:
        """:raises ValueError: not what :meth:`pack` makes."""
        out: list[str] = []
        follows, at = False, 0
        try:
            while at < len(data):
                byte, at = data[at], at + 1
                if byte >= 0x80:
                    place = byte - 0xC0 if byte >= 0xC0 else _SHORT + ((byte & 0x3F) << 8 | data[at])
                    at += byte < 0xC0
                    out.append(" " + self._words[place] if follows else self._words[place])
                    follows = True
                    continue
                out.append(_character(data[at] << 8 | data[at + 1]) if byte == _OTHER else chr(byte))
                at += 2 * (byte == _OTHER)
                follows = False
        except IndexError as error:
            raise ValueError("not packed text") from error
        return "".join(out)


def _character(code: int) -> str:
    """:raises ValueError: half of a character, which no text can hold."""
    if 0xD800 <= code < 0xE000:
        raise ValueError("half a character")
    return chr(code)


@cache
def _loaded(number: int) -> Syllables:
    return Syllables(path_of("wire", f"syllables-{number}.txt").read_text(encoding="utf-8").split())
