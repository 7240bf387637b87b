"""A paper for people who write templates: from a stored fold, or from a dossier line that was never received."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2

from forms import papers, report_paper, reports
from forms.catalogue import Catalogue
from forms.dossier import Dossier, Stage
from forms.fees import compute, payment_at_reception
from forms.line import check_shape, named_papers, normal, procedure_facts
from forms.local_rules import NONE
from forms.pack import load
from forms.problem import Problem
from forms.procedure import Procedure
from forms.report import House, Period
from forms.working_days import VIETNAM, Calendar, parse_moment
from resources import path_of

_RECEIVED = datetime(2026, 11, 23, 9, 16, tzinfo=VIETNAM)
"""When a line without ``received_at`` is taken to have been received: forms has no clock."""


def paper(name: str, given: Any, catalogue: Catalogue, folders: tuple[Path, ...] = ()) -> tuple[bytes, int]:
    """The PDF of a paper and its pages. A fold (``dossiers --id``) prints as it is; a line prints as practice, with a code
    that no counter gives.

    :raises Problem: ``line_malformed``, ``paper_unknown``, ``paper_failed``, ``procedure_unknown``.
    """
    known = papers.names_of_papers(folders)
    if name not in known:
        raise Problem("paper_unknown", paper=name, known=sorted(known))
    if not isinstance(given, dict):
        raise Problem("line_malformed", field="line")
    stored = isinstance(given.get("history"), list) and isinstance(given.get("procedure"), dict)
    if stored and not (isinstance(given.get("received_at"), str) and given["procedure"].get("code")):
        raise Problem("line_malformed", field="received_at")
    fold = normal(given) if stored else folded(given, catalogue)
    profile = load(path_of("communes", "sample.json")) | {"practice": not stored}
    procedure = catalogue.procedure_of(fold)
    pdf = _drawn(name, fold, profile, procedure, catalogue, folders)
    document = pypdfium2.PdfDocument(pdf)
    pages = len(document)
    document.close()
    return pdf, pages


def _drawn(
    name: str,
    fold: dict[str, Any],
    profile: dict[str, Any],
    procedure: Procedure | None,
    catalogue: Catalogue,
    folders: tuple[Path, ...],
) -> bytes:
    clerk, printed = "Trần Thị Kiểm", parse_moment(fold["received_at"] or "") or _RECEIVED
    if name in ("register", "report"):
        row = papers.register_row(fold, procedure.short_name if procedure else "")
        if name == "register":
            return papers.register_book([row], profile, printed.year, printed, folders)
        day = printed.astimezone(VIETNAM).date()
        found = reports.register([row | {"received_at": printed.isoformat()}], Period(day, day), House(profile, {}, {}, ""))
        return report_paper.paper(found, profile, printed, folders)
    if name == "guidance":
        if procedure is None:
            raise Problem("procedure_unknown", procedure=fold["procedure"]["code"])
        case = procedure.case(fold["procedure"]["case"]) or procedure.cases[0]
        return papers.guidance(procedure, case, profile, printed, "", "", folders)
    event = next((r for r in reversed(fold["history"]) if r["event"] in _EVENTS.get(name, ())), None)
    more: dict[str, Any] = {"event": event, "definition": catalogue.form_of(fold), "folders": folders}
    return papers.draw(name, fold, profile, procedure=procedure, clerk=clerk, printed_at=printed, **more)


_EVENTS = {
    "supplement": ("supplement_requested", "guided"),
    "refusal": ("declined",),
    "apology": ("extended",),
    "stop": ("stopped", "withdrawn"),
    "handover": ("returned",),
    "slip": ("paid", "refunded", "payment_requested"),
}
"""Paper -> events it may be about; the newest is taken."""


def folded(line: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """The fold a line would have, received by the sample commune under the published rules. :raises Problem: as ``paper``."""
    check_shape({"id": str(uuid.UUID(int=0)), **line})
    line = normal(dict(line))
    received = parse_moment(str(line.get("received_at") or "")) or _RECEIVED
    procedure = catalogue.procedure(line["procedure"], on=received.date())
    limit = NONE.time_limit(procedure, str(line.get("channel", "1")), line.get("case")) if procedure else None
    due = Calendar.load().appointment(limit, received) if limit else None
    total = compute(procedure, line, received.date())
    definition = catalogue.definition(procedure, on=received.date()) if procedure else None
    fold = Dossier(
        str(line.get("id", "")),
        code=f"T00.00.00-{received:%y%m%d}-0000",
        stage=Stage.RECEIVED,
        procedure=procedure_facts(procedure, dict(line)),
        channel=str(line.get("channel", "1")),
        applicant=line.get("applicant") or {},
        answers=line.get("answers") or {},
        papers=named_papers(procedure, dict(line)),
        fees=total.as_json(),
        received_at=received.isoformat(),
        return_at=due.return_at.isoformat() if due else None,
        appointment={"unit": due.unit, "amount": due.amount, "provisional": due.provisional} if due else None,
        payment=payment_at_reception(total, (line.get("payment") or {}).get("method"), received.isoformat()),
        register=1,
        form={"id": definition.id, "version": definition.version} if definition else None,
        **{k: line[k] for k in ("exemption", "competent", "return_to") if line.get(k)},
    )
    return fold.as_json()
