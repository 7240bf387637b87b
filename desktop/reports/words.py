"""How a cell of a report reads on screen: 1.234.000 đ, 87,5 %, 23/11/2026; and what a figure is called when it is opened."""

from datetime import date, datetime

from forms.names import date_vn, money
from forms.report import Cell, Chart, Column, Figure, Kind, Report

NUMBERS: tuple[Kind, ...] = ("count", "money", "percent")
NONE = "–"
_NBSP = "\u00a0"


def value_of(cell: Cell) -> str | int | float | None:
    """The bare value of a cell."""
    return cell.value if isinstance(cell, Figure) else cell


def behind(cell: Cell) -> tuple[str, ...]:
    """The dossiers behind a cell; empty when it opens nothing."""
    return cell.dossiers if isinstance(cell, Figure) else ()


def is_zero(cell: Cell, kind: Kind) -> bool:
    """A nought that is shown quietly: nothing is there. Nought per cent, nought days on average, and nought đồng that came
    and went are statements and stay."""
    return kind in ("count", "money") and isinstance(value_of(cell), int) and not value_of(cell) and not behind(cell)


def words(cell: Cell, kind: Kind = "count") -> str:
    """A cell in words. None (nothing to tell) is empty, nought is a dash; a text in any kind of column stays itself."""
    value = value_of(cell)
    if value is None:
        return ""
    if isinstance(value, str):
        return _when(value, kind) if kind in ("day", "moment") else value
    if is_zero(cell, kind):
        return NONE
    if kind == "money":
        return money(round(value))
    if kind == "percent":
        return f"{decimal(value)}{_NBSP}%"
    return decimal(value)


def decimal(value: int | float) -> str:
    """``1234`` -> ``1.234``, ``87.5`` -> ``87,5``, ``100.0`` -> ``100``: at most one place after the comma."""
    whole = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return whole.removesuffix(".0").translate(str.maketrans(",.", ".,"))


def count(number: int, unit: str = "hồ sơ") -> str:
    """``1.234 hồ sơ``, never broken between number and unit."""
    return f"{decimal(number)}{_NBSP}{unit}"


def card(cell: Cell) -> str:
    """A headline number: its kind is not told, so a fraction is taken for a percentage; nought is said as it is."""
    value = value_of(cell)
    if value is None:
        return NONE
    if isinstance(value, float):
        return words(value, "percent")
    return value if isinstance(value, str) else decimal(value)


def heading(column: Column) -> str:
    """A column's name with its group: ``Đã giải quyết: Quá hạn``."""
    title = " ".join(column.title.split())
    return f"{column.group}: {title}" if column.group else title


def name_of(columns: tuple[Column, ...], line: tuple[Cell, ...]) -> str:
    """What a row is about: its days and its texts that are more than a number or a code, before the first number."""
    about = []
    for column, cell in zip(columns, line, strict=False):
        if column.kind in NUMBERS:
            break
        said = words(cell, column.kind)
        if said and (column.kind != "text" or any(letter.isalpha() for letter in said)):
            about.append(said)
    return ", ".join(about)


def title_of(report: Report, line: tuple[Cell, ...], place: int) -> str:
    """What the dossiers behind a cell of a row are: ``Hộ tịch – Đã giải quyết: Quá hạn``."""
    about = name_of(report.columns, line) or ("Tổng cộng" if line == report.total else "")
    return " – ".join(part for part in (about, heading(report.columns[place])) if part)


def title_of_bar(chart: Chart, place: int) -> str:
    """What the dossiers behind a bar are."""
    return f"{chart.title}: {chart.bars[place][0]}"


def _when(iso: str, kind: Kind) -> str:
    try:
        if kind == "day":
            return date_vn(date.fromisoformat(iso[:10]))
        return f"{datetime.fromisoformat(iso):%H:%M %d/%m/%Y}"
    except ValueError:
        return iso
