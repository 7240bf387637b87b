"""Addresses: today's commune from what a person says, writes or has on old papers.

The tables of resources/units hold today's 34 provinces and 3,321 units, the 10,035 units of before 1/7/2025 and what
became of each (NOTICE.txt there names the sources). A unit is known by its code of the National Statistics Office:
the code stays when the name or the type changes, so a unit may have several versions, each with its first day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from forms.address_reading import Entry, Names, Place, parted
from forms.names import clean
from resources import path_of


@dataclass(frozen=True)
class Province:
    """A province or centrally run city in its newest version; ``kind`` is tinh or thanh-pho."""

    code: str
    name: str
    kind: str
    valid_from: date
    to_confirm: bool = False


@dataclass(frozen=True)
class Unit:
    """One version of a commune-level unit; ``kind`` is phuong, xa or dac-khu.

    ``to_confirm``: the first day is only that of the resolution, the day it takes effect being unknown.
    """

    code: str
    name: str
    kind: str
    province: str
    province_code: str
    valid_from: date
    to_confirm: bool = False


@dataclass(frozen=True)
class OldUnit:
    """A unit of before 1/7/2025. ``to_confirm``: public tables disagree on what became of it."""

    code: str
    name: str
    district: str
    province: str
    to_confirm: bool = False


@dataclass(frozen=True)
class Match:
    """A reading of a text: today's units, all of them when an old one was split, and what stood before them."""

    from_old: OldUnit | None
    units: tuple[Unit, ...]
    detail: str = ""


def _rows(name: str) -> Iterator[list[str]]:
    for line in path_of("units", f"{name}.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


class Gazetteer:
    """Every unit of today and of before 1/7/2025, by code and by what people write. Get it from :meth:`load`."""

    def __init__(self) -> None:
        self._provinces: dict[str, list[list[str]]] = defaultdict(list)  # versions, oldest first
        self._units: dict[str, list[list[str]]] = defaultdict(list)
        for row in _rows("provinces"):
            self._provinces[row[0]].append(row)
        for row in _rows("units"):
            self._units[row[0]].append(row)
        self._districts = {row[0]: row for row in _rows("old_districts")}
        self._olds = {row[0]: row for row in _rows("old_units")}
        self._aliases: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for level, code, keys in _rows("aliases"):
            self._aliases[level][code] = keys.split(" ")
        self._names = Names()
        self._name_units(self._name_places())
        self._names.sort()

    @classmethod
    @cache
    def load(cls) -> Gazetteer:
        """The one gazetteer of the process; reads 650 KB of tables at the first call."""
        return cls()

    def _name_places(self) -> dict[str, str]:
        """Put the names of old districts and provinces in; today's provinces all bear the name of an old one.

        :returns: code of a province of today -> code of the old one of that name.
        """
        kinds: dict[str, set[str]] = defaultdict(set)
        names: dict[str, str] = {}
        for province, title in {row[2]: row[3] for row in self._districts.values()}.items():
            kind, names[province] = parted(title)
            kinds[province].add(kind)
        codes, namesakes = {name: code for code, name in names.items()}, {}
        for code, versions in self._provinces.items():
            namesakes[code] = codes[parted(versions[-1][1])[1]]
            kinds[namesakes[code]].update(version[2] for version in versions)
        for code, name in names.items():
            self._names.add_province(Place(code, tuple(kinds[code]), name), self._aliases["province"].get(code, ()))
        for code, row in self._districts.items():
            kind, name = parted(row[1])
            self._names.add_district(Place(code, (kind,), name), self._aliases["district"].get(code, ()))
        return namesakes

    def _name_units(self, namesakes: dict[str, str]) -> None:
        """Put the names of the units in, of today and old; an old one is also looked for in its new province."""
        homes = {code: namesakes[versions[-1][3]] for code, versions in self._units.items()}
        from_districts: dict[str, set[str]] = defaultdict(set)
        for code, row in self._districts.items():
            if row[4]:  # an island without units
                from_districts[row[4]].add(code)
        one = {code: frozenset((code,)) for code in self._districts}
        aliases = self._aliases["unit"]
        for code, title, district, successors, _ in self._olds.values():
            units = successors.split(" ")
            for unit in units:
                from_districts[unit].add(district)
            kind, name = parted(title)
            home, also = self._districts[district][2], frozenset(homes[unit] for unit in units)
            self._names.add_unit(Entry(code, True, (kind,), name, home, also, one[district]), aliases.get(code, ()))
        for code, versions in self._units.items():
            districts = frozenset(from_districts[code])
            also = frozenset(self._districts[district][2] for district in districts)
            kinds, name = tuple(version[2] for version in versions), parted(versions[-1][1])[1]
            self._names.add_unit(Entry(code, False, kinds, name, homes[code], also, districts))

    @property
    def provinces(self) -> tuple[Province, ...]:
        """Today's 34, in the order of their codes."""
        newest = (versions[-1] for versions in self._provinces.values())
        return tuple(Province(r[0], r[1], r[2], date.fromisoformat(r[3]), bool(r[6])) for r in newest)

    def unit(self, code: str, on: date | None = None) -> Unit | None:
        """The unit as it was on a day, by default in its newest version; None: no such code, or not on that day."""
        day = on.isoformat() if on else "9999"
        row = next((r for r in reversed(self._units.get(code, ())) if r[4] <= day), None)
        if row is None:
            return None
        province = next(r for r in reversed(self._provinces[row[3]]) if r[3] <= day)
        return Unit(code, row[1], row[2], province[1], row[3], date.fromisoformat(row[4]), bool(row[7]))

    def old(self, code: str) -> OldUnit | None:
        """The unit that had this code before 1/7/2025; some codes went on to be those of new units."""
        if code not in self._olds:
            return None
        _, name, district, _, mark = self._olds[code]
        return OldUnit(code, name, self._districts[district][1], self._districts[district][3], bool(mark))

    def convert(self, old_code: str) -> tuple[Unit, ...]:
        """What became of an old unit, likeliest first; empty for an unknown code."""
        codes = self._olds[old_code][3].split(" ") if old_code in self._olds else []
        return tuple(unit for code in codes if (unit := self.unit(code)))

    def find(self, text: str, limit: int = 8, partial: bool = False) -> list[Match]:
        """Readings of an address, best first; none when no unit is named or what follows it belongs elsewhere.

        :param partial: the text is being typed: its last word may be the beginning of one.
        """
        matches = []
        for old, code, detail in self._names.read(text, limit, partial):
            unit = None if old else self.unit(code)
            matches.append(Match(None, (unit,), detail) if unit else Match(self.old(code), self.convert(code), detail))
        return matches


def in_text(name: str) -> str:
    """A unit inside a line, with a small type: ``xã Yên Thượng``; before a number the type stays a part of the name.

    Nghị định 30/2020/NĐ-CP, Phụ lục II, keeps the capital in *Phường 3*, *Quận 1* and in *Thành phố Hồ Chí Minh*.
    """
    if parted(name)[1].isdigit() or name == "Thành phố Hồ Chí Minh":
        return name
    return name[:1].lower() + name[1:]


def text_of(value: Any) -> str:
    """The line of an address value, which is a string or an object with ``text``; "" for anything else."""
    line = value.get("text") if isinstance(value, Mapping) else value
    return clean(line) if isinstance(line, str) else ""


def value(match: Match, unit: Unit, detail: str | None = None) -> dict[str, Any]:
    """The address value of a match and the one of its units that was chosen.

    :param detail: street or hamlet, when it is not the one of the match.
    """
    detail = match.detail if detail is None else clean(detail)
    made: dict[str, Any] = {"text": _line(detail, unit.name, unit.province), "unit": unit.code, "detail": detail}
    if old := match.from_old:
        made["old"] = {"code": old.code, "text": _line(detail, old.name, old.district, old.province)}
    return made


def _line(detail: str, *names: str) -> str:
    return ", ".join(filter(None, (detail, *map(in_text, names))))


def as_json(match: Match) -> dict[str, Any]:
    """A match as ``python -m forms address`` prints it."""
    old = match.from_old
    return {
        "from_old": old and {"code": old.code, "name": old.name, "district": old.district, "province": old.province},
        "units": [{"code": unit.code, "name": unit.name, "province": unit.province} for unit in match.units],
    }
