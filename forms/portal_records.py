"""Procedures from a portal's own records: the answer of ``LayThuTuc`` (JSON), or the table of the portal (CSV).

What comes in is marked ``imported``: nothing of it is required of a resident, and a deadline or a fee that the record does
not say plainly waits for an official. What cannot come in is refused by row and reason; imported and refused are all rows.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from forms.names import clean, fold
from forms.portal_csv import table_record, table_rows
from forms.portal_facts import FeeText, PaperText, Record, TimeText, clip, read_cases, read_channels
from forms.problem import Problem
from forms.procedure import Doubt, Procedure

Source = Literal["laythutuc", "csv"]
REASONS = (
    "not_a_record",
    "field_too_long",
    "text_broken",
    "code_malformed",
    "name_missing",
    "not_public",
    "no_channel",
    "duplicate",
)
"""Why a row may be refused, in the order in which it is looked at."""

LONGEST_FIELD = 64 * 1024
"""Bytes of UTF-8 in one value."""

_LARGEST_FILE = 128 * 1024 * 1024
_DEEPEST = 16
_CODE = re.compile(r"[0-9]\.[0-9]{6}(?:\.[A-Z0-9.]{1,20})?")
_BROKEN = re.compile("[\x00-\x08\x0e-\x1b\ufffd\ud800-\udfff]")
_NO_VERSION = "chưa rõ"
_FIRST_DAY = "2026-01-01"
_CHANNELS = {
    "1": "1",
    "direct": "1",
    "truc tiep": "1",
    "2": "2",
    "online": "2",
    "truc tuyen": "2",
    "3": "3",
    "postal": "3",
    "buu chinh": "3",
    "dich vu buu chinh": "3",
}


@dataclass(frozen=True)
class Imported:
    """``to_confirm``: how many of the procedures have a deadline or a fee that must be settled before they are used.
    ``refused``: ``{"row": from 1, "code": as written, "reason": one of REASONS}``."""

    procedures: tuple[Procedure, ...] = ()
    to_confirm: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The line of ``python -m forms import``."""
        return {"imported": len(self.procedures), "to_confirm": self.to_confirm, "refused": self.refused}


def read_file(path: Path) -> Imported:
    """The procedures of a file, JSON or CSV by its content, with or without a byte order mark.

    A byte that is no UTF-8 costs the row it stands in, not the file.

    :raises Problem: ``file_unreadable``; ``import_unreadable`` with ``reason``: ``too_large``, ``empty``, ``json``,
        ``records`` (JSON without records), ``columns``, ``table``.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise Problem("import_unreadable", file=path.name, reason="too_large")
        raw = path.read_bytes()
    except OSError as error:
        raise Problem("file_unreadable", file=path.name, reason=type(error).__name__) from error
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    content = raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    start = content.lstrip()[:1]
    try:
        if not start:
            raise Problem("import_unreadable", reason="empty")
        if start in "{[":
            return import_records(json_rows(content), "laythutuc")
        return import_records(table_rows(content), "csv")
    except Problem as problem:
        raise Problem(problem.code, **problem.details | {"file": path.name}) from problem


def json_rows(content: str) -> list[Any]:
    """The records of a ``LayThuTuc`` answer: a list, ``{"result": [...]}`` or one record.

    :raises Problem: ``import_unreadable`` with ``reason`` ``json`` or ``records``.
    """
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Problem("import_unreadable", reason="json", error=type(error).__name__) from error
    if isinstance(raw, dict):
        keys = _capitals(raw)
        raw = keys.get("RESULT", [raw] if "MATTHC" in keys else None)
        raw = [raw] if isinstance(raw, dict) else raw
    if not isinstance(raw, list):
        raise Problem("import_unreadable", reason="records")
    return raw


def import_records(rows: Iterable[Any], source: Source) -> Imported:
    """The procedures of some rows; no row raises, each is imported or refused.

    :param source: ``laythutuc`` for records of the portal's service, ``csv`` for rows ``{HEADING: cell}`` of the table.
    """
    procedures, refused = dict[tuple[str, str], Procedure](), list[dict[str, Any]]()
    for number, row in enumerate(rows, 1):
        record, reason = _read_row(row, source)
        key = (record.code, record.decision) if record else ("", "")
        if record and not reason and key in procedures:
            reason = "duplicate"
        if record and not reason:
            procedures[key] = _procedure(record)
        else:
            refused.append({"row": number, "code": clip(record.code, 40) if record else "", "reason": reason})
    found = tuple(procedures.values())
    return Imported(found, sum(_open_points(p) for p in found), refused)


def _open_points(procedure: Procedure) -> bool:
    """Whether a deadline or a fee must be settled before use."""
    return any(c.time is None or any(f.kind in ("local", "unstated") for f in c.fees) for c in procedure.channels)


def _read_row(row: Any, source: Source) -> tuple[Record | None, str]:
    """The record and why it is refused ("" for not)."""
    if not isinstance(row, Mapping):
        return None, "not_a_record"
    if reason := _unfit(row):
        return None, reason
    keys = _capitals(row)
    record = table_record({k: _text(v) for k, v in keys.items()}) if source == "csv" else _portal_record(keys)
    if not _CODE.fullmatch(record.code):
        return record, "code_malformed"
    if not record.name:
        return record, "name_missing"
    if _text(keys.get("TRANGTHAI")) not in ("", "1"):
        return record, "not_public"
    return record, "" if record.channels else "no_channel"


def _unfit(row: Mapping[Any, Any]) -> str:
    """What makes a record unreadable before anything is read: too deep, a value too long, a broken character."""
    waiting: list[tuple[Any, int]] = [(row, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if len(value) > LONGEST_FIELD // 4 and len(value.encode("utf-8", "surrogatepass")) > LONGEST_FIELD:
                return "field_too_long"
            if _BROKEN.search(value):
                return "text_broken"
        elif depth > _DEEPEST and isinstance(value, Mapping | list | tuple):
            return "not_a_record"
        elif isinstance(value, Mapping):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list | tuple):
            waiting += [(part, depth + 1) for part in value]
    return ""


def _capitals(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Keys in capitals: sources write TENTTHC and TenTTHC. Of two spellings the one that says something counts."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = clean(str(key)).upper()
        if name not in found or found[name] in (None, "", [], {}):
            found[name] = value
    return found


def _text(value: Any) -> str:
    """A value as clean text; what is no plain value is no text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) >= 1e15:
        return ""
    return str(int(value)) if value == int(value) else str(value)


def _parts(value: Any) -> list[dict[str, Any]]:
    """The records inside a record: a list of them, or one without its list."""
    many: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    return [_capitals(one) for one in many if isinstance(one, Mapping)]


def _named(value: Any, key: str) -> str:
    return "; ".join(dict.fromkeys(name for part in _parts(value) if (name := _text(part.get(key)))))


def _portal_record(keys: Mapping[str, Any]) -> Record:
    """A record of ``LayThuTuc``, keys in capitals."""
    channels, doubts = _channels(keys.get("CACHTHUCTHUCHIEN"))
    cases, more = _cases(keys.get("THANHPHANHOSO"))
    stated = _named(keys.get("COQUANCOTHAMQUYEN"), "TENDONVI") or _text(keys.get("MOTACOQUANTHAMQUYEN"))
    if not stated:
        doubts.append(Doubt("other", "Cổng không ghi cơ quan có thẩm quyền; cần xác nhận."))
    words = re.split(r"[,;|]", _text(keys.get("TUKHOA")))
    return Record(
        code=_text(keys.get("MATTHC")),
        name=_text(keys.get("TENTTHC")),
        field=_named(keys.get("LINHVUCTHUCHIEN"), "TENLINHVUC"),
        decision=_text(keys.get("QUYETDINH")),
        result=_named(keys.get("KETQUATHUCHIEN"), "TENKETQUA"),
        competent=clip(stated, 300) or "Ủy ban nhân dân cấp xã",
        valid_from=_text(keys.get("VALID_FROM")),
        keywords=tuple(dict.fromkeys(w.strip() for w in words if w.strip()))[:40],
        channels=channels,
        cases=cases,
        case_ids="case",
        doubts=(*doubts, *more),
    )


def _channels(value: Any) -> tuple[dict[str, tuple[list[TimeText], list[FeeText]]], list[Doubt]]:
    channels: dict[str, tuple[list[TimeText], list[FeeText]]] = {}
    doubts = []
    for part in _parts(value):
        said = _text(part.get("KENH"))
        key = _CHANNELS.get(fold(said))
        if key is None:
            doubts.append(Doubt("other", f"Cổng ghi hình thức nộp không rõ “{clip(said, 120)}”; cần xác nhận."))
            continue
        times, fees = channels.setdefault(key, ([], []))
        for time in _parts(part.get("THOIGIAN")):
            times.append(TimeText(_text(time.get("THOIGIANGIAIQUYET")), _text(time.get("DONVITINH")), _text(time.get("MOTA"))))
            for fee in _parts(time.get("PHILEPHI")):
                fees.append(FeeText(_text(fee.get("SOTIEN")), _text(fee.get("DONVI")), _text(fee.get("MOTA"))))
    return channels, doubts


def _cases(value: Any) -> tuple[dict[str, list[PaperText]], list[Doubt]]:
    cases: dict[str, list[PaperText]] = {}
    doubts = []
    for part in _parts(value):
        papers = cases.setdefault(_text(part.get("TRUONGHOP")) or "Trường hợp chung", [])
        named = _parts(part.get("GIAYTO"))
        listed = part.get("GIAYTO")
        lost = len(listed) - len(named) if isinstance(listed, list | tuple) else 0
        if lost or any(not _text(p.get("TENGIAYTO")) for p in named):
            doubts.append(Doubt("papers", "Thành phần hồ sơ có mục không có tên giấy tờ; cần đối chiếu với cổng."))
        for paper in named:
            counts = _text(paper.get("SOBANCHINH")), _text(paper.get("SOBANSAO"))
            papers.append(PaperText(_text(paper.get("TENGIAYTO")), *counts, _text(paper.get("TENMAUDON"))))
    return cases or {"Trường hợp chung": []}, doubts


def _procedure(record: Record) -> Procedure:
    """The procedure of a record that is not refused."""
    channels, of_channels = read_channels(record)
    cases, of_cases = read_cases(record)
    doubts = [*of_channels, *of_cases, *record.doubts]
    doubts.append(Doubt("code", "Chưa rõ hệ thống của cổng nhận mã hồ sơ của quầy hay tự cấp mã cho thủ tục này."))
    valid_from = record.valid_from
    if not _is_date(valid_from):
        valid_from = _FIRST_DAY
        doubts.append(Doubt("validity", "Bản ghi của cổng không ghi ngày áp dụng; tạm lấy 01/01/2026, cần xác nhận."))
    if not record.decision:
        doubts.append(Doubt("validity", "Bản ghi không có số quyết định công bố; cần bổ sung trước khi dùng."))
    return Procedure(
        code=record.code,
        version=record.decision or _NO_VERSION,
        name=record.name,
        short_name=clip(record.name, 80),
        field=record.field,
        decision=record.decision,
        valid_from=valid_from,
        code_source="ours",
        form=None,
        result=record.result,
        cases=cases,
        channels=channels,
        keywords=record.keywords,
        doubts=tuple(dict.fromkeys(doubts)),
        competent=record.competent,
        review="imported",
    )


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
