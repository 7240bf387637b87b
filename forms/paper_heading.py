"""What stands at the head of every paper: QR, agency, number, title, date; and the wordings with their holes filled."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from forms.numbering import official_beside
from forms.paper_data import person_number
from forms.typesetting import fill, qr_svg


def qr_text(kind: Mapping[str, Any], dossier: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> str:
    """What the QR at the top left holds (TT 01/2023/TT-VPCP): dossier code, procedure code, owner's number, paper.
    The fields and their order are the paper's ``qr``; ``more``: further fields (``unit``, ``year``)."""
    values = {
        "code": dossier.get("code"),
        "procedure": (dossier.get("procedure") or {}).get("code"),
        "owner_id": person_number(dossier.get("applicant") or {}),
        "paper": kind.get("form") or kind["title"],
        "title": kind["title"],
    } | dict(more or {})
    return "|".join(str(values.get(k) or "") for k in kind["qr"])


def heading(
    kind: Mapping[str, Any],
    dossier: Mapping[str, Any],
    known: Mapping[str, Any],
    day: date,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What every paper's template gets: page size, QR, titles, words with their holes filled, facts, date, footer."""
    calendar = {"day": f"{day:%d}", "month": f"{day:%m}", "year": f"{day:%Y}", "suffix": kind["number_suffix"]}
    calendar |= {"page": "{page}", "pages": "{pages}"}  # the template counts them
    words = fill(kind["words"], dict(known) | calendar)
    temporary = (dossier.get("procedure") or {}).get("code_source") == "issued"
    text = qr_text(kind, dossier, more)
    return {
        "size": kind["size"],
        "qr_svg": qr_svg(text),
        "qr_alt": text,
        "title": kind["title"],
        "title_lines": kind.get("title_lines") or [kind["title"]],
        "number_line": words["number"] if kind["number_suffix"] else "",
        "code_label": words["temporary_code"] if temporary else words["code"],
        "code": str(known.get("code") or ""),
        "official": official_beside(dossier),
        "date": [day.year, day.month, day.day],
        "words": words,
        "facts": {k: str(v or "") for k, v in known.items()},
        "vietqr": "",
        "reprint": False,
        "practice": False,
    }
