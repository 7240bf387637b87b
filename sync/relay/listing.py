"""The catalogue of procedures, from the national service to the counters: whom to ask about, and what has changed (sans-I/O).

``LayDanhSachTTHC`` gives ``result[{MATTHC, TENTTHC}]`` without dates, ``LayThuTuc`` one record (one-stop-domain.md §4.6). So
every listed procedure is asked about, spread over as much time as the rate limit needs, and a digest of what the product uses
of its record tells whether the counters must hear of it. What is dropped are addresses of files, steps in prose, requirements,
legal bases and the like: no screen, paper or rule reads them, and a change in them is no change here.

A list is never believed when it leaves something out: what was published and is not listed is asked about, and only the
portal's own word (no such record, or TRANGTHAI other than 1) withdraws it. Which values CAPTHUCHIEN has no source says (*cần xác
nhận*): the commune level is told by its name, or by the codes that the configuration gives.
"""

from collections import Counter as Tally
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from forms.names import clean, fold
from forms.portal_records import import_records
from forms.problem import Problem
from forms.published import PUBLISHED, WITHDRAWN, is_date
from sync.events import canonical
from sync.relay.shapes import answered, label, parts, text, title
from sync.relay.systems import Json, Verdict, digest

BODY = 64 << 10
"""Bytes below which the body of an act must stay; a larger record is left out and said."""
_NAMES = frozenset({"xa", "phuong"})
"""Words of TENCAP that mean the commune level ("Cấp xã", "Xã, phường, đặc khu")."""
_NO_DECISION = "chưa rõ"
_DONE = frozenset({"0", "00", "None"})
_LONGEST_CODE = 50
_LARGEST = 10**15
"""No number of a record is as large."""
_Shape = dict[str, Any]
_PLAIN: _Shape = {}
_FEE: _Shape = dict.fromkeys(("MAPHILEPHI", "SOTIEN", "DONVI", "MOTA"), _PLAIN)
_TIME: _Shape = dict.fromkeys(("THOIGIANGIAIQUYET", "DONVITINH", "MOTA"), _PLAIN) | {"PHILEPHI": _FEE}
_PAPER: _Shape = dict.fromkeys(("MAGIAYTO", "TENGIAYTO", "SOBANCHINH", "SOBANSAO", "TENMAUDON", "MA_KQ_THAYTHE"), _PLAIN)
_OWN = ("MATTHC", "TENTTHC", "QUYETDINH", "TUKHOA", "TRANGTHAI", "MOTACOQUANTHAMQUYEN", "VALID_FROM")
_USED: _Shape = dict.fromkeys(_OWN, _PLAIN) | {
    "CAPTHUCHIEN": dict.fromkeys(("CAPTHUCHIEN", "TENCAP"), _PLAIN),
    "LINHVUCTHUCHIEN": dict.fromkeys(("MALINHVUC", "TENLINHVUC"), _PLAIN),
    "CACHTHUCTHUCHIEN": {"KENH": _PLAIN, "THOIGIAN": _TIME},
    "THANHPHANHOSO": {"TRUONGHOP": _PLAIN, "GIAYTO": _PAPER},
    "KETQUATHUCHIEN": dict.fromkeys(("MAKETQUA", "TENKETQUA"), _PLAIN),
    "COQUANCOTHAMQUYEN": dict.fromkeys(("MADONVI", "TENDONVI"), _PLAIN),
}
"""What the product uses of a record: key -> what it uses of the records inside it, ``_PLAIN`` for a value."""


@dataclass(frozen=True)
class Look:
    """What came of asking about one procedure.

    ``facts``: what is to be kept of it and given again next time, JSON: ``listed`` (MaLinhVuc, TenLinhVuc, TenTTHC, as
    ``Case.listed`` wants them), ``digest`` of what the counters have ("" for nothing), ``versions`` (version -> digest),
    ``left_out``: why the counters do not get what the portal has now, "" when they do: ``level``, ``not_public``,
    ``no_record``, ``too_large``, or as ``forms.portal_records.REASONS``. ``act``: what every commune is to be told.
    """

    facts: Json
    act: Verdict | None = None


@answered
def wanted(answer: Any, known: Mapping[str, Json], chosen: Collection[str] = ()) -> tuple[str, ...]:
    """The codes to ask about: those listed and those published before, the chosen ones only where some are; new ones first.

    :param answer: of ``LayDanhSachTTHC``.
    :param known: code -> facts of the last look.
    :raises Problem: ``system_unreadable``: no list, or an empty one. A row whose code is none is passed over.
    """
    listed = [_code(row) for row in _rows(answer)]
    if not any(listed):
        raise Problem("system_unreadable")
    codes = {*listed, *(code for code, facts in known.items() if facts.get("digest"))} - {""}
    return tuple(sorted(codes & set(chosen) if chosen else codes, key=lambda code: (code in known, code)))


@answered
def look(code: str, answer: Any, known: Json, day: str, chosen: Collection[str] = (), levels: Collection[str] = ()) -> Look:
    """What has changed of one procedure.

    :param answer: of ``LayThuTuc``.
    :param known: facts of the last look at it, {} for none.
    :param day: today, ISO: the first day of a version whose record names none, as none of §4.6 does.
    :param chosen: codes that are published whatever their level.
    :param levels: codes of CAPTHUCHIEN that mean the commune; none = told by its name.
    :raises Problem: ``system_unreadable``.
    """
    rows = _rows(answer)
    row = next((r for r in rows if _code(r) == code), None)
    if row is None:
        return _without(code, known, day, "no_record")
    record = _clipped(row, _USED)
    known = known | {"listed": _listed(record)}
    if str(record.get("TRANGTHAI") or "1") != "1":
        return _without(code, known, day, "not_public")
    if code not in chosen and not _of_the_commune(record, levels):
        return _without(code, known, day, "level")
    if refused := import_records([record], "laythutuc").refused:
        return Look(known | {"left_out": str(refused[0]["reason"])})
    return _with(code, known, record, day)


def left_out(known: Mapping[str, Json]) -> dict[str, int]:
    """How many procedures the counters do not get as the portal has them, by why; ``known``: code -> facts."""
    counted = Tally(str(facts["left_out"]) for facts in known.values() if facts.get("left_out"))
    return dict(sorted(counted.items()))


def _with(code: str, known: Json, record: Json, day: str) -> Look:
    mark, versions = digest(record), dict(known.get("versions") or {})
    known = known | {"left_out": ""}
    if known.get("digest") == mark:
        return Look(known)
    version = clean(str(record.get("QUYETDINH") or "")) or _NO_DECISION
    if versions.get(version, mark) != mark:  # changed under the same decision: who was received under the old one keeps it
        version = f"{version} · {mark[:8]}"
    since = str(record.get("VALID_FROM") or "")
    since = since if is_date(since) else day
    body = {"code": code, "version": version, "valid_from": since, "record": record, "listed": known["listed"]}
    if len(canonical(body)) >= BODY:
        return Look(known | {"left_out": "too_large"})
    return Look(known | {"digest": mark, "versions": versions | {version: mark}}, (PUBLISHED, body))


def _without(code: str, known: Json, day: str, why: str) -> Look:
    """The portal does not show it, or not for communes; the counters are told where they have it."""
    act = (WITHDRAWN, {"code": code, "from": day}) if known.get("digest") else None
    return Look(known | {"digest": "", "left_out": why}, act)


def _of_the_commune(record: Json, levels: Collection[str]) -> bool:
    found = [one for one in record.get("CAPTHUCHIEN") or () if one]
    if levels:
        return any(str(one.get("CAPTHUCHIEN")) in levels for one in found)
    return any(_NAMES & set(fold(str(one.get("TENCAP") or "")).replace(",", " ").replace("/", " ").split()) for one in found)


def _listed(record: Json) -> dict[str, str]:
    area = next((one for one in parts(record.get("LINHVUCTHUCHIEN")) if one), {})
    said = {"MaLinhVuc": area.get("MALINHVUC"), "TenLinhVuc": area.get("TENLINHVUC"), "TenTTHC": record.get("TENTTHC")}
    return {key: found for key, value in said.items() if (found := title(value))}


def _code(row: Json) -> str:
    """MATTHC of a row, "" for what no code looks like."""
    return label(clean(text(row.get("MATTHC"))), _LONGEST_CODE)


def _rows(answer: Any) -> list[Json]:
    """The records of an answer, keys in capitals. :raises Problem: ``system_unreadable``: an error, or no such answer."""
    if not isinstance(answer, dict) or str(answer.get("error_code")) not in _DONE:
        raise Problem("system_unreadable")
    result = answer.get("result")
    rows = [result] if isinstance(result, dict) else result
    if not isinstance(rows, list):
        raise Problem("system_unreadable")
    return [{str(k).upper(): v for k, v in row.items()} for row in rows if isinstance(row, dict)]


def _clipped(row: Mapping[str, Any], used: Mapping[str, Any]) -> Json:
    """A record without what is not used and what says nothing; inside a list an entry that is no record stays as None, because
    whoever reads it says that something is missing there."""
    keys = {str(k).upper(): v for k, v in row.items()}
    found: Json = {}
    for key, inner in used.items():
        value = keys.get(key)
        if inner and value not in (None, "", [], {}):
            many = value if isinstance(value, list) else [value]
            found[key] = [_clipped(one, inner) if isinstance(one, dict) else None for one in many]
        elif not inner and isinstance(value, str | int | float) and value != "":
            if not isinstance(value, str) and not -_LARGEST < value < _LARGEST:  # nor is NaN
                raise ValueError(key)
            found[key] = value
    return found
