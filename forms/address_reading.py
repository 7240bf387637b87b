"""How the words of an address are read against the names of units, districts and provinces.

Words are compared without marks and case; marks that were typed only decide between readings. Every stretch of words
that is the name of a unit, with a type before it or not, is tried: what follows it must be its old district, its old or
new province, or little else. What stands before it is the detail (street, hamlet) and stays as typed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from forms.names import clean, fold


class Word(NamedTuple):
    key: str  # for the index: folded, y as i (Mỹ, Mĩ)
    plain: str  # folded; y as i only where it is the one vowel
    marked: str  # with marks, the tone moved to the end (hoà, hòa)
    start: int = 0  # in the text
    gap: int = 0  # before it: 2 a comma or the start of the text, 1 a dash, 0 neither


class Entry(NamedTuple):
    """A unit, old or of today, under one of its names."""

    code: str
    old: bool
    kinds: tuple[str, ...]
    name: str  # without type
    home: str  # code of its old province, or of the old province with today's name
    also: frozenset[str]  # old provinces it is also looked for in
    districts: frozenset[str]  # its own, or those its parts came from
    alias: bool = False


class Place(NamedTuple):
    """An old district or a province by one of its names."""

    code: str
    kinds: tuple[str, ...]  # () = any
    name: str  # without type; "" for an alias


class Span(NamedTuple):
    """Words, from ``start`` to before ``end``, that are the name of a unit or its beginning."""

    start: int
    end: int
    left: int  # letters still to be typed
    plain: str
    marked: str
    entries: list[Entry]


class Seen(NamedTuple):
    """A district or province in the text: index of its first word, mask of its words, its type among them."""

    start: int
    length: int  # in words, without the type
    mask: int
    points: float
    sure: bool  # whole, not the beginning of a name


@dataclass
class Sight:
    """What the words of a text may be. A mask has the bit of every word it covers."""

    words: list[Word]
    kinds: list[tuple[str, int]]  # for each word the type that ends right before it, and how many words that is
    silent: int = 0  # words that say nothing
    unit_types: int = 0
    spans: list[Span] = field(default_factory=list)
    longest: dict[int, int] = field(default_factory=dict)  # end of the longest whole name of a unit from a word on
    districts: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    provinces: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))


_TYPES = {  # as written with and without marks, and short
    "phuong": "phường|p|f|ph", "xa": "xã|x", "thi-tran": "thị trấn|tt|t t", "dac-khu": "đặc khu|dk|đk",
    "quan": "quận|q", "huyen": "huyện|h", "thi-xa": "thị xã|tx|t x",
    "thanh-pho": "thành phố|tp|t p|tpho", "tinh": "tỉnh|t",
}  # fmt: skip
_UNIT_TYPES = {"phuong", "xa", "thi-tran", "dac-khu"}
_HAMLETS = set("thon ap xom ban to khu pho duong buon lang ngo ngach hem khom doi soc bon kp tdp".split())
_SILENT = {"viet nam", "vn", "cu", "nay", "thuoc"}
_TOKEN = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+|\d+")
_COMMA, _DASH = re.compile(r"[,;()\n]"), re.compile(r"[-–/]")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_LONE_Y = re.compile(r"((?:^|qu|[bcdghklmnprstvx]))y$")
_LONGEST_TEXT, _MOST_WORDS, _LONGEST_NAME, _MOST_ENDINGS = 400, 60, 7, 200
_MARGIN, _MARGIN_ELSEWHERE = 9.0, 2.0  # points behind the best that a reading of the same, of other words may be


@lru_cache(maxsize=20_000)
def _word(raw: str) -> Word:
    if raw.isdigit():
        number = raw.lstrip("0") or "0"
        return Word(number, number, number)
    lower = raw.lower().replace("ð", "đ")
    plain = _LONE_Y.sub(r"\1i", fold(lower))
    bare = unicodedata.normalize("NFD", lower)
    tones = "".join(c for c in bare if c in _TONES)
    letters = "".join(c for c in bare if c not in _TONES)
    if plain[-1] == "i" and letters[-1] == "y":
        letters = letters[:-1] + "i"
    return Word(plain.replace("y", "i"), plain, letters + tones)


def split_words(text: str) -> list[Word]:
    words: list[Word] = []
    end = 0
    for found in _TOKEN.finditer(text):
        between = text[end : found.start()]
        gap = 2 if not words or _COMMA.search(between) else 1 if _DASH.search(between) else 0
        words.append(Word(*_word(found[0])[:3], found.start(), gap))
        end = found.end()
    return words


@lru_cache(maxsize=20_000)
def spelling(name: str) -> tuple[str, str]:
    """A name as words without and with marks."""
    words = [_word(token) for token in _TOKEN.findall(name)]
    return " ".join(w.plain for w in words), " ".join(w.marked for w in words)


def key_of(name: str) -> str:
    return "".join([_word(token).key for token in _TOKEN.findall(name)])


_TYPE_OF = {form: kind for kind, names in _TYPES.items() for name in names.split("|") for form in spelling(name)}


def parted(name: str) -> tuple[str, str]:
    """``"Thị trấn Phù Yên"`` -> ``("thi-tran", "Phù Yên")``."""
    first, _, rest = name.partition(" ")
    if kind := _TYPE_OF.get(spelling(first)[1]):
        return kind, rest
    second, _, rest = rest.partition(" ")
    return _TYPE_OF[spelling(f"{first} {second}")[1]], rest


class Reading(NamedTuple):
    """A unit a text may mean, and what stands before it, as typed."""

    old: bool
    code: str
    detail: str


class Names:
    """Names of units, old districts and provinces, and what a text may mean by them."""

    def __init__(self) -> None:
        self.units: dict[str, list[Entry]] = defaultdict(list)
        self.districts: dict[str, list[Place]] = defaultdict(list)
        self.provinces: dict[str, list[Place]] = defaultdict(list)

    def add_province(self, place: Place, aliases: Iterable[str] = ()) -> None:
        """:param aliases: keys, folded and without spaces, by which it is also known."""
        self._add_place(self.provinces, place, aliases)

    def add_district(self, place: Place, aliases: Iterable[str] = ()) -> None:
        self._add_place(self.districts, place, aliases)

    def _add_place(self, index: dict[str, list[Place]], place: Place, aliases: Iterable[str]) -> None:
        key = key_of(place.name)
        index[key].append(place)
        for alias in {alias.replace("y", "i") for alias in aliases} - {key}:
            index[alias].append(Place(place.code, (), ""))

    def add_unit(self, entry: Entry, aliases: Iterable[str] = ()) -> None:
        """:param aliases: as above; names the unit or a part of it had before."""
        key = key_of(entry.name)
        self.units[key].append(entry)
        for alias in {alias.replace("y", "i") for alias in aliases} - {key}:
            self.units[alias].append(entry._replace(alias=True))

    def sort(self) -> None:
        """To be called once, when all names are in."""
        self._sorted = tuple(sorted(index) for index in (self.units, self.districts, self.provinces))

    def read(self, text: str, limit: int, partial: bool) -> list[Reading]:
        """Readings of a line, best first, at most ``limit``; ``partial``: its last word may be the beginning of one."""
        text = clean(text) if len(text) <= _LONGEST_TEXT else ""
        words = [part for word in split_words(text)[-_MOST_WORDS:] for part in self._unglued(word)]
        if not words:
            return []
        sight = self._look(words, partial)
        best: dict[tuple[bool, str], tuple[float, Span]] = {}
        for span in sight.spans:
            for entry in span.entries:
                points, key = _points(entry, span, sight), (entry.old, entry.code)
                if points is not None and (key not in best or points > best[key][0]):
                    best[key] = (points, span)
        ranked = sorted((-points, span.left, *key, span) for key, (points, span) in best.items())
        readings: list[Reading] = []
        for points, _, old, code, span in ranked:
            same = span[:2] == ranked[0][4][:2]
            if points <= ranked[0][0] + (_MARGIN if same else _MARGIN_ELSEWHERE) and len(readings) < limit:
                first = span.start - sight.kinds[span.start][1]
                readings.append(Reading(old, code, text[: words[first].start].strip(" ,;.-–/(")))
        return readings

    def _unglued(self, word: Word) -> list[Word]:
        """``tpvinh`` as ``tp`` and ``vinh``."""
        rest = word.key[2:]
        if not word.key.startswith("tp") or not (rest in self.provinces or rest in self.districts):
            return [word]
        tail = word._replace(key=rest, plain=word.plain[2:], marked=word.marked[2:], start=word.start + 2, gap=0)
        return [word._replace(key="tp", plain="tp", marked="tp"), tail]

    def _look(self, words: list[Word], partial: bool) -> Sight:
        """Look every stretch of words up, after types and words that say nothing."""
        sight = Sight(words, [("", 0)])
        for i, word in enumerate(words):
            two = words[i - 1].marked + " " + word.marked if i else ""
            kind, width = (_TYPE_OF[two], 2) if two in _TYPE_OF else (_TYPE_OF.get(word.marked, ""), 1)
            parted = i + 1 < len(words) and words[i + 1].gap == 2
            sight.kinds.append(("", 0) if parted or not kind else (kind, width))
            if kind in _UNIT_TYPES:
                sight.unit_types |= ((1 << width) - 1) << (i + 1 - width)
            if word.plain in _SILENT or (word.key.isdigit() and len(word.key) > 4):  # a postcode
                sight.silent |= 1 << i
            elif i and words[i - 1].plain + " " + word.plain in _SILENT:
                sight.silent |= 3 << (i - 1)
        if partial:
            _begin_type(sight)
        for i in range(len(words)):
            key = ""
            for j in range(i, min(i + _LONGEST_NAME, len(words))):
                if j > i and words[j].gap == 2:
                    break
                key += words[j].key
                if sight.kinds[i][1] or not key.isdigit():  # a number alone is a house or a street
                    self._look_up(sight, key, i, j + 1, partial and j + 1 == len(words))
        _forget_parts(sight)
        return sight

    def _look_up(self, sight: Sight, key: str, start: int, end: int, begun: bool) -> None:
        """Note what these words may be; ``begun``: also what they may become."""
        units, districts, provinces = self._sorted
        for name in (key, *(_longer(units, key) if begun else ())):
            if entries := self.units.get(name):
                stretch = sight.words[start:end]
                plain, marked = " ".join(w.plain for w in stretch), " ".join(w.marked for w in stretch)
                sight.spans.append(Span(start, end, len(name) - len(key), plain, marked, entries))
                if name == key:
                    sight.longest[start] = end
        kind, width = sight.kinds[start]
        mask = (1 << end) - (1 << (start - width))
        if kind not in _UNIT_TYPES and kind != "tinh":
            for name in (key, *(_longer(districts, key) if begun else ())):
                for place in self.districts.get(name, ()):
                    points = 10.0 if kind in place.kinds else 6 if not place.kinds or name != key else 7 if kind else 8
                    if place.name and name == key and not _agree(place.name, sight.words[start:end]):
                        points -= 1.5
                    seen = Seen(start - width, end - start, mask, points, name == key)
                    sight.districts[place.code].append(seen)
        for name in (key, *(_longer(provinces, key) if begun else ())):
            for place in self.provinces.get(name, ()):
                if not kind or kind in (place.kinds or ("tinh", "thanh-pho")):
                    seen = Seen(start - width, end - start, mask, 8 + (kind in place.kinds) - (name != key), name == key)
                    sight.provinces[place.code].append(seen)


def _agree(name: str, words: list[Word]) -> bool:
    """Whether the marks that were typed, if any, are those of the name."""
    marked = " ".join(w.marked for w in words)
    return marked in (" ".join(w.plain for w in words), spelling(name)[1])


def _forget_parts(sight: Sight) -> None:
    """Drop what, with no type before it, is only a part of a province's name: *Bà Rịa* - *Vũng Tàu*, Đắk *Lắk*."""
    whole = [s for seen in sight.provinces.values() for s in seen if s.sure and s.length > 1]

    def part(mask: int, length: int) -> bool:
        return any(s.length > length and mask & s.mask == mask for s in whole)

    sight.spans = [
        span
        for span in sight.spans
        if sight.kinds[span.start][0] in _UNIT_TYPES or not part((1 << span.end) - (1 << span.start), span.end - span.start)
    ]
    for seen in sight.districts.values():
        seen[:] = [s for s in seen if s.mask.bit_count() > s.length or not part(s.mask, s.length)]


def _longer(names: list[str], beginning: str) -> list[str]:
    """Names that begin so and go on, of a sorted list, at most 200."""
    if len(beginning) < 2 and not beginning.isdigit():
        return []
    first = bisect_left(names, beginning + "\0")
    return [name for name in names[first : first + _MOST_ENDINGS] if name.startswith(beginning)]


def _begin_type(sight: Sight) -> None:
    """The last words may be the beginning of a type: ``qu``, ``thanh ph``."""
    words = sight.words
    for count in (1, 2):
        last = " ".join(w.plain for w in words[-count:])
        if len(words) > count and any(form.startswith(last) for form in _TYPE_OF):
            mask = (1 << len(words)) - (1 << (len(words) - count))
            sight.silent |= mask
            sight.unit_types &= ~mask


def _points(entry: Entry, span: Span, sight: Sight) -> float | None:
    """How well a unit explains the text; None: it cannot be meant."""
    kind = sight.kinds[span.start][0]
    gap = sight.words[span.start].gap
    points = 10 + (span.end - span.start) / 2 - (1 if span.left else 0)
    if kind in entry.kinds:
        points += 3
    elif kind in _UNIT_TYPES:
        points -= 2
    elif kind:  # a district: no unit, but where all of it became one
        if kind == "tinh" or "dac-khu" not in entry.kinds:
            return None
    elif gap:
        points += 1
    elif sight.words[span.start - 1].plain in _HAMLETS:
        return None
    if span.end < sight.longest.get(span.start, 0) and sight.words[span.end].gap < 2:
        points -= 7  # *Phường 2* where *Phường 2 Bảo Lộc* may be meant
    points += _likeness(entry, span)
    covered, gained = _above(entry, span.end, sight)
    tail = (1 << len(sight.words)) - (1 << span.end)
    for seen in sight.provinces.values():
        if any(s.sure and s.start >= span.end and s.mask & ~covered for s in seen):
            return None  # of another province
    rest = tail & ~covered & ~sight.silent
    if not gained and (rest or not (kind or gap)):
        return None
    if rest.bit_count() > 4 or rest & sight.unit_types:
        return None
    return points + gained - 3 * rest.bit_count()


def _above(entry: Entry, end: int, sight: Sight) -> tuple[int, float]:
    """The words after a unit that name its district and province, and the points they give."""
    if entry.old:
        covered, points = _district(entry, end, sight, 0)
        mask, more = _province(entry, end, sight, covered)
        return covered | mask, points + more
    covered, points = _province(entry, end, sight, 0)
    mask, found = _district(entry, end, sight, covered)
    if mask:
        return covered | mask, points + min(found, 4)  # a unit of today in a district: said by habit
    return covered, points + (1.5 if points > 5 else 0)


def _district(entry: Entry, end: int, sight: Sight, covered: int) -> tuple[int, float]:
    """Mask and points of the best district after a unit that is its own, not counting what is covered."""
    best = 0, 0.0
    for code, seen in sight.districts.items():
        if code in entry.districts:
            for s in seen:
                if s.start >= end and s.mask & ~covered and s.points > best[1]:
                    best = s.mask, s.points
    return best


def _province(entry: Entry, end: int, sight: Sight, covered: int) -> tuple[int, float]:
    """Mask of all that names its province, old or new, and the points of the best that is not covered."""
    mask, best = 0, 0.0
    for code, seen in sight.provinces.items():
        if (home := code == entry.home) or code in entry.also:
            for s in seen:
                if s.start >= end:
                    mask |= s.mask
                    if s.mask & ~covered:
                        best = max(best, s.points if home else 5.0)
    return mask, best


def _likeness(entry: Entry, span: Span) -> float:
    """Points for marks that agree, off for marks that do not; marks not typed say nothing."""
    if entry.alias:
        return -2
    plain, marked = spelling(entry.name)
    if span.left:
        known = span.marked.rpartition(" ")[0]
        return 0 if known == span.plain.rpartition(" ")[0] or marked.startswith(known + " ") else -3
    if span.plain == plain:
        if span.marked == plain:  # no marks typed
            return 0.5 if marked == plain else 0
        return 1 if span.marked == marked else -3
    return -1 if span.plain.replace(" ", "") == plain.replace(" ", "") else -3
