"""Which letters can be printed: those the papers' font has. Known before the paper is drawn, so that a clerk hears of an
emoji in a name while the resident still stands there."""

from functools import lru_cache
from typing import Any

from forms.pack import read
from resources import path_of


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    def make(raw: dict[str, Any]) -> frozenset[int]:
        return frozenset(c for low, high in raw["ranges"] for c in range(low, high + 1))

    return read(path_of("fonts", "coverage.json"), make)


def printable(text: str) -> bool:
    """Whether every letter of ``text`` (NFC) has a glyph in all four styles of the papers' font; line breaks are fine."""
    return all(ord(letter) in _known() or letter in "\n\t" for letter in text)
