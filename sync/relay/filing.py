"""A dossier filed online, as the national service tells of it, as the act ``filed`` of the dossier here."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forms.catalogue import Catalogue
from forms.line import named_papers, normal, procedure_facts
from forms.names import clean
from forms.problem import Problem
from forms.working_days import VIETNAM

_MOMENT = "%Y%m%d%H%M%S"
_LONGEST = 500
_PERSON = {"phone": "SoDienThoai", "email": "Email", "account": "MaDoiTuong"}
_CODE = re.compile(r"\d+\.\d+")


def dossier_id(commune: str, code: str) -> str:
    """The same for the same dossier, however often it comes."""
    return str(uuid.UUID(hashlib.sha256(f"motcua filed\0{commune}\0{code}".encode()).hexdigest()[:32]))


def filed(record: Mapping[str, Any], catalogue: Catalogue, now: datetime) -> dict[str, Any]:
    """The body of ``filed``. What the record does not say is left out; names of its files become papers of the checklist only
    where they carry a code of it.

    :raises Problem: ``filed_malformed``: no code, procedure or name.
    """
    texts = {k: clean(str(v))[:_LONGEST] for k, v in record.items() if isinstance(v, str)}
    code, name = texts.get("MaHoSo", ""), texts.get("ChuHoSo", "")
    wanted = _CODE.match(texts.get("MaTTHC", ""))
    if not code or not name or wanted is None:
        raise Problem("filed_malformed", has=sorted(k for k in ("MaHoSo", "MaTTHC", "ChuHoSo") if texts.get(k)))
    procedure = catalogue.procedure(wanted[0], on=now.date())
    line = {"procedure": wanted[0], "papers": _papers(record)}
    applicant = {
        "full_name": name,
        "phone": texts.get("SoDienThoai"),
        "email": texts.get("Email"),
        "account": texts.get("MaDoiTuong"),
    }
    body = {
        "code": code,
        "procedure": procedure_facts(procedure, line),
        "papers": named_papers(procedure, line),
        "channel": "2",
        "applicant": {k: v for k, v in (applicant | _identity(record)).items() if v},
        "filed_at": _moment(texts.get("NgayNopHoSo", "")) or now.isoformat(timespec="seconds"),
    }
    return dict(normal(body))


def _identity(record: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``DinhDanhCHS``: the 12-digit number, or the 9-digit card."""
    for one in record.get("DinhDanhCHS") or ():
        number = str(one.get("SoDinhDanh") or "") if isinstance(one, dict) else ""
        if re.fullmatch(r"\d{12}", number):
            return {"personal_id": number}
        if re.fullmatch(r"\d{9}", number):
            return {"other_id": {"kind": "cmnd", "number": number}}
    return {}


def _papers(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    codes = [str(f.get("MaThanhPhanHoSo") or "") for f in record.get("TaiLieuNop") or () if isinstance(f, dict)]
    return [{"code": c, "originals": 0, "certified": 0, "copies": 0} for c in dict.fromkeys(codes) if c]


def _moment(text: str) -> str:
    try:
        return datetime.strptime(text, _MOMENT).replace(tzinfo=VIETNAM).isoformat()
    except ValueError:
        return ""
