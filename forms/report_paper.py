"""A report on paper: PDF/A-2b, A4 landscape, in the house's wording (``papers.json``, entry ``report``)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from forms.paper_data import office_facts
from forms.paper_heading import heading
from forms.report import Chart, Column, Figure, Report
from forms.report_words import cell_text, heading_groups
from forms.typesetting import Folders, compile_paper, template
from forms.working_days import VIETNAM

PAPER = "report"
TAGGED_ROWS = 200
"""A longer table carries no tags: they would be most of the file."""


def paper(report: Report, profile: Mapping[str, Any], printed_at: datetime, folders: Folders = ()) -> bytes:
    """The PDF of a report. :param profile: the commune's profile; :param printed_at: with its zone.

    :param folders: places where a ``papers.json`` and templates stand before the shipped ones.
    :raises Problem: ``paper_failed`` when a glyph or font is missing.
    """
    now = printed_at.astimezone(VIETNAM)
    kind = template(PAPER, now.date().isoformat(), folders)
    more = {"unit": profile.get("unit"), "paper": report.form or report.title, "period": report.period}
    data = heading(kind, {}, office_facts(profile, printed_at), now, more)
    words = data["words"]
    data |= {"number_line": report.form, "title": report.title, "title_lines": [report.title.upper()], "period": report.period}
    data |= {"practice": bool(profile.get("practice")), "parties": _parties(report, words)}
    data |= {"signers": words["signers"].get(report.kind, words["signers"]["usual"])}
    data |= _table(report)
    data |= {"notes": report.notes, "charts": [_bars(chart) for chart in report.charts if chart.bars]}
    data["checks"] = [f"{words['holds' if check.holds else 'fails']}: {check.words}" for check in report.checks]
    return compile_paper(kind["template"], data, folders, tagged=len(report.rows) <= TAGGED_ROWS)


def _parties(report: Report, words: Mapping[str, Any]) -> list[str]:
    return [words["reporter"], words["recipient"]] if report.kind in words["addressed"] else [words["reporter"]]


def _table(report: Report) -> dict[str, Any]:
    kinds = [column.kind for column in report.columns]
    lines = [
        [cell_text(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in (*report.rows, report.total) if row
    ]
    return {
        "widths": [column.width for column in report.columns],
        "kinds": kinds,
        "headings": _headings(report.columns),
        "numbered": bool(report.form),
        "rows": lines[: len(report.rows)],
        "total": lines[-1] if report.total else [],
    }


def _headings(columns: tuple[Column, ...]) -> list[tuple[str, int, int]]:
    """Cells of the heading in the order a table takes them: words, columns and rows they span."""
    groups = heading_groups(columns)
    deep = 2 if any(group for group, _ in groups) else 1
    upper = [(group, len(places), 1) if group else (columns[places[0]].title, 1, deep) for group, places in groups]
    return upper + [(columns[n].title, 1, 1) for group, places in groups if group for n in places]


def _bars(chart: Chart) -> tuple[str, str, list[tuple[str, str, float]]]:
    """Title, unit, and every bar: label, number, length from 0 to 1 of the longest."""
    longest = max(figure.value for _, figure in chart.bars) or 1
    return chart.title, chart.unit, [(label, _number(figure), max(0, figure.value / longest)) for label, figure in chart.bars]


def _number(figure: Figure) -> str:
    return cell_text(figure, "count")
