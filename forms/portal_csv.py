"""The table of the portal's procedures (``code,name,field,level,processing_time,…``), as spreadsheets write it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from forms.names import clean, fold
from forms.portal_facts import FeeText, PaperText, Record, TimeText
from forms.problem import Problem
from forms.procedure import Doubt

_CHANNELS = {"DIRECT": "1", "ONLINE": "2", "POSTAL": "3"}
_NEEDED = ("CODE", "NAME")
_FEE = re.compile(r"(?:(DIRECT|ONLINE|POSTAL): )?([0-9.]+) ([^\s()]+)(?: \((.*)\))?", re.DOTALL)
_NO_FEE_GIVEN = "cổng không ghi mức phí"
_NO_UNIT_GIVEN = "cổng không ghi đơn vị (OTHER)"
_RESULT_CODE = re.compile(r" ?\[(?:KQ|H[0-9]{2})[^\]]*\]")


def table_rows(content: str) -> Iterator[Any]:
    """The rows below the heading as ``{HEADING: cell}``; a row with other than the heading's cells as a list.

    :raises Problem: ``import_unreadable`` with ``reason`` ``columns`` (no code and name) or ``table`` (a quote left open).
    """
    limit = csv.field_size_limit(max(len(content), 1) + 1)  # a field that is too long is one refused row, not the end
    try:
        lines = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content), strict=True)
        heading = [clean(cell).upper() for cell in next(lines, [])]
        if any(heading.count(name) != 1 for name in _NEEDED) or len(set(heading)) != len(heading):
            raise Problem("import_unreadable", reason="columns")
        rows = [line for line in lines if line]
    except csv.Error as error:
        raise Problem("import_unreadable", reason="table", error=str(error)) from error
    finally:
        csv.field_size_limit(limit)
    for cells in rows:
        fits = len(cells) >= len(heading) and not any(cells[len(heading) :])
        yield dict(zip(heading, cells, strict=False)) if fits else cells


def _delimiter(content: str) -> str:
    heading = content.split("\n", 1)[0]
    return max(",;\t", key=heading.count)


def table_record(cells: Mapping[str, str]) -> Record:
    """A row of the table, headings in capitals, every cell clean text."""

    def cell(name: str) -> str:
        return cells.get(name, "")

    keys = [_CHANNELS[c] for c in cell("CHANNELS").upper().split("+") if c in _CHANNELS]
    fees = _fees(cell("FEE"), keys)
    times = _times(cells)
    papers = [PaperText(clean(d)) for d in cell("DOCUMENTS").split(" | ")] if cell("DOCUMENTS") else []
    level = cell("LEVEL")
    return Record(
        code=cell("CODE"),
        name=cell("NAME"),
        field=cell("FIELD"),
        decision=cell("DECISION"),
        result=_RESULT_CODE.sub("", cell("RESULT")),
        competent="Ủy ban nhân dân cấp xã" if level in ("", "Cấp xã") else level,
        valid_from=cell("VALID_FROM"),
        keywords=(),
        channels={key: (times, fees[key]) for key in keys},
        cases={"Trường hợp chung": papers},
        case_ids="chung",
        doubts=tuple(_doubts(cells, bool(papers))),
    )


def _doubts(cells: Mapping[str, str], papers: bool) -> Iterator[Doubt]:
    level = cells.get("LEVEL", "")
    if level != "Cấp xã":
        yield Doubt("other", f"Cổng chỉ ghi cấp thực hiện “{level}”; cơ quan có thẩm quyền cần xác nhận.")
    if unknown := [c for c in cells.get("CHANNELS", "").upper().split("+") if c and c not in _CHANNELS]:
        yield Doubt("other", f"Cổng ghi hình thức nộp không rõ “{', '.join(unknown)[:120]}”; cần xác nhận.")
    if papers:
        yield Doubt("papers", "Nguồn không ghi số bản và trường hợp của từng giấy tờ; cần xác nhận.")


def _times(cells: Mapping[str, str]) -> list[TimeText]:
    """One text, or two that disagree: the table has one deadline for all channels and says so when there are more."""
    note = cells.get("TIME_NOTE", "")
    amount, unit = cells.get("PROCESSING_TIME", ""), cells.get("TIME_UNIT", "")
    if note == _NO_UNIT_GIVEN:
        note = ""
    if amount and fold(cells.get("AFTER_15H_NEXT_WORKING_DAY", "")) == "co":  # same day, or a later start? not said
        note = clean(f"{note} nhận sau 15 giờ thì ngày làm việc tiếp theo")
    return [TimeText(amount, "" if unit.upper() == "OTHER" else unit, note)] if amount or note else []


def _fees(text: str, keys: list[str]) -> dict[str, list[FeeText]]:
    """The fee column, ``CHANNEL: amount unit (text) | …``; a part without a channel belongs to every one."""
    fees: dict[str, list[FeeText]] = {key: [] for key in keys}
    for part in [clean(p) for p in text.split(" | ")]:
        if not part or fold(part) == fold(_NO_FEE_GIVEN):
            continue
        found = _FEE.fullmatch(part)
        fee = FeeText(found[2], found[3], found[4] or "") if found else FeeText("", "", part)
        for key in keys:
            if not found or found[1] is None or _CHANNELS[found[1]] == key:
                fees[key].append(fee)
    return fees
