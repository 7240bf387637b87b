"""What the list of the handbook shows: every procedure by field, the hits of a search, or what comes nearest to it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby, pairwise
from math import log

from forms.catalogue import Catalogue
from forms.names import fold
from forms.procedure import Procedure

_MOST_NEAR = 6
_NEAR = 0.5
"""What comes near reaches this part of the best one's score."""
_NO_FIELD = "Chưa ghi lĩnh vực"


@dataclass(frozen=True)
class Group:
    """Procedures under a heading, "" for hits that need none."""

    heading: str
    procedures: tuple[Procedure, ...]


class Finder:
    """Search over a catalogue as it stands on a day. ``all`` holds every procedure, by field and name."""

    def __init__(self, catalogue: Catalogue, on: date) -> None:
        self._catalogue, self._on = catalogue, on
        today = (self._today(p) for p in catalogue.procedures)
        self.all = tuple(sorted(today, key=lambda p: (fold(p.field or "zz"), fold(p.short_name))))

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        return {p.code: _said((p.name, p.short_name, p.code, *p.keywords)) for p in self.all}

    @cached_property
    def _weight(self) -> dict[str, float]:
        seen = Counter(w for words in self._words.values() for w in words)
        return {w: log(1 + len(self.all) / n) for w, n in seen.items()}

    def find(self, said: str) -> tuple[tuple[Group, ...], bool]:
        """The list for what was typed, and whether it holds every word of it; no group at all = nothing is even near."""
        if not said.strip():
            fields = groupby(self.all, key=lambda p: p.field or _NO_FIELD)
            return tuple(Group(field, tuple(found)) for field, found in fields), True
        hits = tuple(self._today(p) for p in self._catalogue.search(said))
        if hits:
            return (Group("", hits),), True
        near = self._near(said)
        return ((Group("Gần với điều vừa gõ", near),) if near else ()), False

    def _today(self, procedure: Procedure) -> Procedure:
        """The version in force, which is the one that is read and printed."""
        return self._catalogue.procedure(procedure.code, on=self._on) or procedure

    def _near(self, said: str) -> tuple[Procedure, ...]:
        """Procedures that hold some of the words, rare words before common ones."""
        wanted = _said((said,))
        scores = {p.code: self._score(wanted, self._words[p.code]) for p in self.all}
        best = max(scores.values(), default=0.0)
        near = [p for p in self.all if scores[p.code] and scores[p.code] >= best * _NEAR]
        near.sort(key=lambda p: (-scores[p.code], len(p.short_name)))
        return tuple(near[:_MOST_NEAR])

    def _score(self, wanted: set[str], words: set[str]) -> float:
        return sum(self._weight[w] for w in wanted & words)


def _said(phrases: tuple[str, ...]) -> set[str]:
    """The words and pairs of neighbours in some phrases: a syllable alone says little in Vietnamese ("công", "chứng")."""
    found = set()
    for phrase in phrases:
        words = fold(phrase).split()
        found |= {w for w in words if len(w) > 1} | {f"{a} {b}" for a, b in pairwise(words)}
    return found
