"""A paper = template + the stored dossier -> PDF (Typst). Titles, numbers and QR content are dated data beside the
templates. A missing glyph or font fails: a paper that lost a tone mark is worse than no paper."""

import io
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import segno
import typst

from forms.names import moment_vn, money
from forms.problem import Problem
from forms.procedure import Procedure
from forms.working_days import VIETNAM, parse_moment
from resources import path_of

_UNITS = {"working_day": "ngày làm việc", "day": "ngày", "hour": "giờ làm việc", "month": "tháng"}


@lru_cache(maxsize=1)
def _templates() -> list[dict[str, Any]]:
    papers: list[dict[str, Any]] = json.loads(path_of("papers", "papers.json").read_text(encoding="utf-8"))["papers"]
    return papers


def template(name: str, on: str) -> dict[str, Any]:
    """The version of a paper in force on the ISO date ``on``. :raises Problem: ``paper_unknown``."""
    versions = [t for t in _templates() if t["name"] == name and t["valid_from"] <= on]
    if not versions:
        raise Problem("paper_unknown", paper=name)
    return max(versions, key=lambda t: str(t["valid_from"]))


def receipt(
    dossier: Mapping[str, Any],
    profile: Mapping[str, Any],
    procedure: Procedure | None,
    clerk: str,
    printed_at: datetime,
    reprint: bool = False,
) -> bytes:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả (Mẫu số 01, A5) of a stored dossier, as PDF/A-2b bytes.

    :param dossier: ``Dossier.as_json()`` of a received dossier; :param profile: the commune's profile.
    :raises Problem: ``paper_unknown``; ``paper_failed`` when a glyph or font is missing.
    """
    received = parse_moment(dossier["received_at"])
    if received is None:
        raise Problem("paper_unknown", paper="receipt")
    kind = template("receipt", received.date().isoformat())
    data = _heading(kind, dossier, profile, received) | _body(dossier, profile, procedure, received)
    who = str(dossier["applicant"].get("full_name", ""))
    data |= {"submitter": who, "clerk": clerk, "practice": bool(profile.get("practice")), "reprint": reprint}
    data["footer"] = (
        f"Tra cứu: đưa mã QR hoặc mã hồ sơ cho cán bộ tại quầy. In lúc {moment_vn(printed_at.astimezone(VIETNAM))}."
    )
    return compile_paper(kind["template"], data)


def compile_paper(file: str, data: Mapping[str, Any]) -> bytes:
    """Fill a template; warnings (missing font or glyph) are errors. :raises Problem: ``paper_failed``."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(path_of("papers", file)),
            root=str(path_of("papers")),
            font_paths=[str(path_of("fonts"))],
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["a-2b"],
        )
    except typst.TypstError as error:
        raise Problem("paper_failed", template=file, reason=str(error)[:200]) from error
    if warnings:
        raise Problem("paper_failed", template=file, reason=str(warnings[0])[:200])
    return bytes(pdf)


def qr_text(kind: Mapping[str, Any], dossier: Mapping[str, Any]) -> str:
    """What the QR at the top left holds (TT 01/2023/TT-VPCP): dossier code, procedure code, owner's number, paper."""
    applicant = dossier["applicant"]
    values = {
        "code": dossier["code"],
        "procedure": dossier["procedure"].get("code", ""),
        "owner_id": applicant.get("personal_id") or (applicant.get("other_id") or {}).get("number", ""),
        "paper": kind["form"],
    }
    return "|".join(str(values[k] or "") for k in kind["qr"])


def _heading(
    kind: Mapping[str, Any], dossier: Mapping[str, Any], profile: Mapping[str, Any], received: datetime
) -> dict[str, Any]:
    svg = io.BytesIO()
    segno.make(qr_text(kind, dossier), error="m", micro=False).save(svg, kind="svg", border=0, scale=4)
    title = str(kind["title"])
    middle = title.index(" VÀ ")
    place = str(profile["name"]).split(" ", 1)[-1]
    temporary = dossier["procedure"].get("code_source") == "issued"
    return {
        "form_note": f"{kind['form']} · Liên 2: Giao người nộp",
        "qr_svg": svg.getvalue().decode(),
        "parent_agency": "UBND " + str(profile["name"]).upper(),
        "centre_title": "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
        "centre_lines": ["TRUNG TÂM PHỤC VỤ", "HÀNH CHÍNH CÔNG"],
        "register_number": f"{dossier.get('register') or ''}/{kind['number_suffix']}",
        "place_date": f"{place}, ngày {received:%d} tháng {received:%m} năm {received:%Y}",
        "title": title,
        "title_lines": [title[:middle], title[middle + 1 :]],
        "code_label": "Mã tiếp nhận tạm" if temporary else "Mã hồ sơ",
        "code": dossier["code"],
        "date": [received.year, received.month, received.day],
        "opening": f"{profile['centre']}, {profile['province']}:",
    }


def _body(
    dossier: Mapping[str, Any], profile: Mapping[str, Any], procedure: Procedure | None, received: datetime
) -> dict[str, Any]:
    applicant, due = dossier["applicant"], parse_moment(dossier["return_at"] or "")
    other = applicant.get("other_id") or {}
    number = str(applicant.get("personal_id") or "")
    name = procedure.short_name if procedure else str(dossier["procedure"].get("code"))
    return {
        "owner": applicant.get("full_name", ""),
        "id_label": "Số định danh cá nhân" if number else str(other.get("kind") or "Giấy tờ tùy thân"),
        "owner_id": "\u00a0".join(re.findall("...", number)) if number else other.get("number", ""),
        "address": applicant.get("address") or "không có",
        "phone": applicant.get("phone") or "không có",
        "email": applicant.get("email") or "không có",
        "request": f"{name}{_subject(dossier['answers'])} (mã\u00a0thủ\u00a0tục\u00a0{dossier['procedure'].get('code')})",
        "papers": [_paper_row(p) for p in dossier["papers"]],
        "sets": "01 (bộ)",
        "fee": _fee(dossier["fees"]),
        "time_limit": _limit(dossier.get("appointment")),
        "received": moment_vn(received),
        "due": moment_vn(due) if due else "cần xác nhận",
        "result_place": f"Trung tâm PVHCC {profile['name']}",
        "book": f"01/{received:%Y}",
        "register": str(dossier.get("register") or ""),
        "notes": _notes(dossier),
    }


def _subject(answers: Mapping[str, Any]) -> str:
    subject = answers.get("subject")
    nested = subject.get("full_name") if isinstance(subject, dict) else None
    who = answers.get("child_name") or answers.get("subject_name") or nested
    return f" cho {who}" if who else f": {answers['document_name']}" if answers.get("document_name") else ""


def _paper_row(paper: Mapping[str, Any]) -> dict[str, str]:
    counts = {k: f"{paper.get(k) or 0:02d}" if paper.get(k) else "" for k in ("originals", "certified", "copies")}
    return counts | {"name": str(paper.get("name") or paper.get("code"))}


def _fee(fees: Mapping[str, Any]) -> str:
    if fees.get("total") is None:
        return "theo HĐND tỉnh (cần xác nhận)" if fees.get("lines") else "cần xác nhận"
    if not fees["total"]:
        return "không thu"
    copies = next((line["quantity"] for line in fees["lines"] if line["amount"] and line["quantity"] > 1), 0)
    return money(fees["total"]) + (f" ({copies:02d} bản)" if copies else "")


def _limit(appointment: Mapping[str, Any] | None) -> str:
    if not appointment:
        return "cần xác nhận"
    return f"{appointment['amount']:02d} {_UNITS[appointment['unit']]}"


def _notes(dossier: Mapping[str, Any]) -> str:
    notes = []
    if dossier["procedure"].get("code_source") == "issued":
        notes.append("Mã hồ sơ chính thức do hệ thống quốc gia cấp sau; mã này vẫn dùng để tra cứu.")
    if (dossier.get("appointment") or {}).get("provisional"):
        notes.append("Ngày hẹn có tính ngày nghỉ đang chờ xác nhận.")
    return " ".join(notes)
