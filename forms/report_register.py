"""Sổ theo dõi hồ sơ (Mẫu số 07 of TT 03/2025/TT-VPCP) as a report; its columns are called as on the paper."""

from collections.abc import Iterable, Mapping
from typing import Any

from forms.report import Cell, Column, House, Kind, Period, Report
from forms.report_counting import figure
from forms.report_words import period_text
from forms.typesetting import newest

_WIDTHS = (6, 22, 34, 6, 24, 34, 22, 12, 12, 12, 12, 9, 12)
_DATES = range(7, 10)


def build(rows: Iterable[Mapping[str, Any]], period: Period, house: House, title: str) -> Report:
    """Lines received in the period. The number runs for each counter and year; the counter has a column when there are
    several. The day of reception decides the year."""
    first, last = period.first.isoformat(), period.last.isoformat()
    found = [row for row in rows if first <= str(row.get("received_at") or "")[:10] <= last]
    names = {str(row.get("counter") or ""): "" for row in found}
    names = {one: str(house.counters.get(one, one)) for one in names}
    several = len(names) > 1
    found.sort(key=lambda row: (str(row["received_at"])[:4], names[str(row.get("counter") or "")], row.get("register") or 0))
    kind = newest()["register"]
    words = kind["words"]
    lines = [_line(row, words["how"], house) for row in found]
    if several:
        lines = [(names[str(row.get("counter") or "")], *line) for row, line in zip(found, lines, strict=True)]
    columns = (Column("Quầy", width=16), *_columns(words)) if several else _columns(words)
    received = figure(str(row["id"]) for row in found if row.get("id"))
    count: Cell = received if received.value == len(found) else len(found)
    returned = sum(bool(row.get("returned_at")) for row in found)
    return Report(
        "register",
        title,
        str(kind["form"]),
        period_text(period),
        columns,
        tuple(lines),
        notes=("Số thứ tự chạy riêng cho từng quầy và từng năm. Cột theo mẫu đang dùng, cần xác nhận với phụ lục hiện hành.",),
        summary=(("Số hồ sơ", count), ("Đã trả kết quả", returned), ("Chưa trả kết quả", len(found) - returned)),
    )


def _columns(words: Mapping[str, Any]) -> tuple[Column, ...]:
    def kind(place: int) -> Kind:
        return "day" if place in _DATES else "count" if place == 3 else "text"

    titles = enumerate(zip(words["columns"], _WIDTHS, strict=True))
    return tuple(Column(title, kind(n), words["dates"] if n in _DATES else "", width) for n, (title, width) in titles)


def _line(row: Mapping[str, Any], how: Mapping[str, str], house: House) -> tuple[Cell, ...]:
    return (
        str(row.get("register") or ""),
        str(row.get("code") or ""),
        str(row.get("procedure_name") or row.get("procedure") or ""),
        int(row.get("sets") or 1),
        str(row.get("full_name") or ""),
        str(row.get("contact") or ""),
        str(row.get("unit") or f"UBND {house.profile.get('name')}"),
        *(row.get(key) or None for key in ("received_at", "return_at", "returned_at")),
        str(how.get(str(row.get("how") or "counter")) or ""),
        "",
        str(row.get("note") or ""),
    )
