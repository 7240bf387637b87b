"""A dossier filed online, as the national service tells of it, as the act ``filed`` of the dossier here. Nothing of a record is
believed: one with a field of another kind, or longer than the tables say, is left for a person to look at, never cut."""

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forms.catalogue import Catalogue
from forms.guard import filler_number
from forms.line import named_papers, normal, procedure_facts
from forms.names import clean
from forms.problem import Problem
from forms.working_days import VIETNAM, parse_moment
from sync.relay.shapes import part, parts, text

_MOMENT = "%Y%m%d%H%M%S"
_LONGEST = {"MaHoSo": 50, "MaTTHC": 50, "ChuHoSo": 500, "SoDienThoai": 50, "Email": 100, "MaDoiTuong": 200, "NgayNopHoSo": 50}
_NEEDED = ("MaHoSo", "MaTTHC", "ChuHoSo")
_MOST_PAPERS, _LONGEST_CODE = 100, 120
_CODE = re.compile(r"[0-9]+\.[0-9]+")
_DIGITS = {12: "personal_id", 9: "cmnd"}


def dossier_id(commune: str, code: str) -> str:
    """The same for the same dossier, however often it comes. ``code``: ``code_of`` its record."""
    return str(uuid.UUID(hashlib.sha256(f"motcua filed\0{commune}\0{code}".encode()).hexdigest()[:32]))


def code_of(record: Mapping[str, Any]) -> str:
    """MaHoSo of a record, in its one spelling. :raises Problem: ``filed_malformed``."""
    return _needed(record, "MaHoSo")


def filed(record: Mapping[str, Any], catalogue: Catalogue, now: datetime) -> dict[str, Any]:
    """The body of ``filed``. What the record does not say is left out; names of its files become papers of the checklist only
    where they carry a code of it.

    :raises Problem: ``filed_malformed`` (``has``: which of the needed fields are good; ``field``: the one that is not).
    """
    wanted = _CODE.match(_needed(record, "MaTTHC"))
    if wanted is None:
        raise _malformed(record, "MaTTHC")
    procedure = catalogue.procedure(wanted[0], on=now.date())
    line = {"procedure": wanted[0], "papers": _papers(record)}
    applicant = {"full_name": _needed(record, "ChuHoSo"), "phone": _text(record, "SoDienThoai"), "email": _text(record, "Email")}
    applicant |= {"account": _text(record, "MaDoiTuong")} | _identity(record)
    body = {
        "code": code_of(record),
        "procedure": procedure_facts(procedure, line),
        "papers": named_papers(procedure, line),
        "channel": "2",
        "applicant": {k: v for k, v in applicant.items() if v},
        "filed_at": _moment(_text(record, "NgayNopHoSo")) or now.isoformat(timespec="seconds"),
    }
    return dict(normal(body))


def _malformed(record: Mapping[str, Any], field: str) -> Problem:
    return Problem("filed_malformed", has=sorted(k for k in _NEEDED if k != field and _good(part(record).get(k), k)), field=field)


def _good(value: Any, field: str) -> str:
    """A text that may stand in a field, in its one spelling; "" for one that may not, and for nothing."""
    if not isinstance(value, str) or len(value) > 4 * _LONGEST[field]:
        return ""
    found = clean("".join(c for c in value if unicodedata.category(c) != "Cf"))  # marks that nobody sees
    return found if found.isprintable() and len(found) <= _LONGEST[field] else ""


def _text(record: Mapping[str, Any], field: str) -> str:
    value = part(record).get(field)
    found = _good(value, field)
    if not found and value is not None and not (isinstance(value, str) and not value.strip()):
        raise _malformed(record, field)
    return found


def _needed(record: Mapping[str, Any], field: str) -> str:
    found = _text(record, field)
    if not found:
        raise _malformed(record, field)
    return found


def _list(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    value = record.get(field)
    found = parts(value)
    if value is not None and (not isinstance(value, list) or len(found) != len(value)):
        raise _malformed(record, field)
    return found


def _identity(record: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``DinhDanhCHS``: the 12-digit number, or the 9-digit card; what fills the field there is none."""
    for one in _list(record, "DinhDanhCHS"):
        number = text(one.get("SoDinhDanh"))
        kind = _DIGITS.get(len(number)) if re.fullmatch("[0-9]+", number) else None
        if kind is None or filler_number(number.zfill(12)):
            continue
        if kind == "cmnd":
            return {"other_id": {"kind": kind, "number": number}}
        return {kind: number}
    return {}


def _papers(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One for each code that its files name."""
    codes = [file.get("MaThanhPhanHoSo") or "" for file in _list(record, "TaiLieuNop")]
    if not all(isinstance(c, str) and c.isprintable() and len(c) <= _LONGEST_CODE for c in codes):
        raise _malformed(record, "TaiLieuNop")
    found = dict.fromkeys(c for c in codes if c)
    if len(found) > _MOST_PAPERS:
        raise _malformed(record, "TaiLieuNop")
    return [{"code": c, "originals": 0, "certified": 0, "copies": 0} for c in found]


def _moment(said: str) -> str:
    try:
        found = datetime.strptime(said, _MOMENT).replace(tzinfo=VIETNAM).isoformat()
    except ValueError:
        return ""
    return found if parse_moment(found) else ""
