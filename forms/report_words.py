"""How a report's cells and periods read in Vietnamese: one wording for screen, paper and script."""

from collections.abc import Sequence
from datetime import date

from forms.names import date_vn
from forms.report import Cell, Column, Figure, Kind, Period
from forms.working_days import parse_moment


def period_text(period: Period) -> str:
    """``Ngày 23/11/2026`` or ``Từ ngày 15/09/2026 đến ngày 14/12/2026``."""
    if period.first == period.last:
        return f"Ngày {date_vn(period.first)}"
    return f"Từ ngày {date_vn(period.first)} đến ngày {date_vn(period.last)}"


def cell_text(cell: Cell, kind: Kind) -> str:
    """What a cell of a column says on paper. Money is in đồng without its sign; days and moments are ISO text; a percentage
    runs from 0 to 100. None is "", text that is no day stays as it is."""
    value = cell.value if isinstance(cell, Figure) else cell
    if value is None:
        return ""
    if isinstance(value, str):
        return _day_text(value, kind)
    said = f"{value:,.1f}".removesuffix(".0").translate(_SIGNS)
    return f"{said}\u00a0%" if kind == "percent" else said


_SIGNS = str.maketrans(",.", ".,")  # 1.500.000 and 2,5


def _day_text(text: str, kind: Kind) -> str:
    moment = parse_moment(text) if kind in ("day", "moment") else None
    if moment is None:
        return text
    return date_vn(moment) if kind == "day" or len(text) == 10 else f"{moment:%H:%M} {date_vn(moment)}"


def day_text(day: str) -> str:
    """``"2026-11-23"`` -> ``"23/11"``; a month ``"2026-11"`` -> ``"11/2026"``."""
    return f"{date.fromisoformat(day):%d/%m}" if len(day) == 10 else f"{day[5:7]}/{day[:4]}"


def heading_groups(columns: Sequence[Column]) -> list[tuple[str, list[int]]]:
    """The upper line of a table's heading: neighbours of one group together, a column without a group alone."""
    found: list[tuple[str, list[int]]] = []
    for place, column in enumerate(columns):
        if column.group and found and found[-1][0] == column.group:
            found[-1][1].append(place)
        else:
            found.append((column.group, [place]))
    return found
