"""The papers of the counter: a stored dossier -> PDF/A-2b. What they say is dated data (``resources/papers``)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from forms import declaration as declared
from forms.address import text_of
from forms.definition import Definition
from forms.names import date_vn
from forms.paper_data import ROWS, Occasion, facts, office_facts, vietqr
from forms.paper_heading import heading, qr_text
from forms.problem import Problem
from forms.procedure import Case, PaperRequirement, Procedure
from forms.stages import STAGE_WORDS, Stage
from forms.typesetting import Folders, compile_paper, fill, newest, qr_svg, template
from forms.working_days import VIETNAM, parse_moment

__all__ = [
    "compile_paper", "draw", "guidance", "names_of_papers", "qr_text", "receipt", "recovery_sheet", "register_book", "template",
]  # fmt: skip


_NOTED = (Stage.WITHDRAWN, Stage.STOPPED, Stage.ANNULLED)
"""Ends that the register notes beside a dossier."""


def names_of_papers(folders: Folders = ()) -> dict[str, str]:
    """Every paper that can be drawn: name -> title of its newest version."""
    return {name: str(kind["title"]) for name, kind in newest(folders).items()}


def draw(
    name: str,
    dossier: Mapping[str, Any],
    profile: Mapping[str, Any],
    *,
    procedure: Procedure | None,
    clerk: str,
    printed_at: datetime,
    reprint: bool = False,
    event: Mapping[str, Any] | None = None,
    definition: Definition | None = None,
    extra: Mapping[str, Any] | None = None,
    folders: Folders = (),
) -> bytes:
    """A paper of a dossier in the version in force on its day (of the event, or of the reception), as PDF/A-2b bytes.

    :param dossier: ``Dossier.as_json()``; :param profile: the commune's profile; :param clerk: name of who signs.
    :param event: the history row that the paper is about; what its body lacks is printed as dots.
    :param definition: the e-form, for ``declaration``.
    :param extra: what no event carries: ``number`` of the paper, ``vietqr`` (payload), ``signatory``, ``handovers``,
        ``receiver``, ``results``.
    :param folders: places where a ``papers.json`` and templates stand before the shipped ones.
    :raises Problem: ``paper_unknown``; ``paper_failed`` when a glyph or font is missing or the template does not compile.
    """
    occasion = Occasion(dossier, profile, procedure, clerk, printed_at, reprint, event or {}, extra or {})
    if (name == "receipt" and occasion.received is None) or (name == "declaration" and definition is None):
        raise Problem("paper_unknown", paper=name)
    kind = template(name, occasion.day.date().isoformat(), folders)
    if name == "declaration" and definition is not None:
        return declared.draw(kind, occasion, definition, folders)
    words = kind["words"]
    known = facts(occasion, words)
    number = known["register"] if name == "receipt" else occasion.extra.get("number") or occasion.body.get("number")
    data = heading(kind, dossier, known | {"number": number}, occasion.day) | {"practice": bool(profile.get("practice"))}
    payload = vietqr(occasion)
    data |= {"reprint": reprint, "vietqr": qr_svg(payload) if payload else "", "blocks": kind.get("blocks", 0)}
    data |= {"signatory": str(occasion.extra.get("signatory") or "")}
    rows = ROWS[name](occasion, words, known) if name in ROWS else {}
    return compile_paper(kind["template"], data | rows, folders)


def receipt(
    dossier: Mapping[str, Any],
    profile: Mapping[str, Any],
    procedure: Procedure | None,
    clerk: str,
    printed_at: datetime,
    reprint: bool = False,
) -> bytes:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả (Mẫu số 01) of a received dossier. :raises Problem: as ``draw``."""
    return draw("receipt", dossier, profile, procedure=procedure, clerk=clerk, printed_at=printed_at, reprint=reprint)


def register_row(dossier: Mapping[str, Any], procedure_name: str) -> dict[str, Any]:
    """The line of ``register_book`` of a dossier (``Dossier.as_json()``)."""
    who = dossier.get("applicant") or {}
    returned = next((h for h in dossier.get("history") or () if h.get("event") == "returned"), None)
    return {
        "register": dossier.get("register"),
        "code": dossier.get("official_code") or dossier.get("code"),
        "procedure_name": procedure_name,
        "full_name": who.get("full_name"),
        "contact": ", ".join(t for t in (text_of(who.get("address")), str(who.get("phone") or "")) if t),
        "unit": (dossier.get("competent") or {}).get("name") or (dossier.get("procedure") or {}).get("decides"),
        "received_at": dossier.get("received_at"),
        "return_at": dossier.get("return_at"),
        "returned_at": ((returned or {}).get("body") or {}).get("at"),
        "how": (dossier.get("return_to") or {}).get("how") or "counter",
        "note": STAGE_WORDS[stage] if (stage := Stage(dossier.get("stage") or "unknown")) in _NOTED else "",
    }


def register_book(
    rows: Iterable[Mapping[str, Any]],
    profile: Mapping[str, Any],
    year: int,
    printed_at: datetime,
    folders: Folders = (),
) -> bytes:
    """Sổ theo dõi hồ sơ (Mẫu số 07, A4 landscape) of a year. :param rows: lines as ``register_row`` makes them, in order.

    :raises Problem: as ``draw``.
    """
    now = printed_at.astimezone(VIETNAM)
    kind = template("register", now.date().isoformat(), folders)
    known = office_facts(profile, printed_at) | {"year": str(year)}
    data = heading(kind, {}, known, now, {"unit": profile.get("unit"), "year": year})
    data |= {"practice": bool(profile.get("practice")), "rows": [_register_cells(r, kind["words"], profile) for r in rows]}
    return compile_paper(kind["template"], data, folders, tagged=False)  # tags would be most of the file


def _register_cells(row: Mapping[str, Any], words: Mapping[str, Any], profile: Mapping[str, Any]) -> list[str]:
    def day(key: str) -> str:
        moment = parse_moment(str(row.get(key) or ""))
        return date_vn(moment) if moment else ""

    return [
        str(row.get("register") or ""),
        str(row.get("code") or ""),
        str(row.get("procedure_name") or row.get("procedure") or ""),
        f"{row.get('sets') or 1:02d}",
        str(row.get("full_name") or ""),
        str(row.get("contact") or ""),
        str(row.get("unit") or f"UBND {profile.get('name')}"),
        day("received_at"),
        day("return_at"),
        day("returned_at"),
        str(words["how"].get(row.get("how") or "counter") or ""),
        "",
        str(row.get("note") or ""),
    ]


def guidance(
    procedure: Procedure,
    case: Case,
    profile: Mapping[str, Any],
    printed_at: datetime,
    fees_text: str,
    due_text: str,
    folders: Folders = (),
    channel: str = "1",
) -> bytes:
    """The guidance sheet for the resident: what to bring in this case, what it costs, how long, where.

    :param fees_text: the fee in words; :param due_text: the time limit in words, "" for what is not settled.
    :param channel: how it is filed.
    :raises Problem: as ``draw``.
    """
    now = printed_at.astimezone(VIETNAM)
    kind = template("guidance", now.date().isoformat(), folders)
    w = kind["words"]
    known = office_facts(profile, printed_at) | {"decision": procedure.decision}
    known |= {"procedure": procedure.name, "procedure_code": procedure.code, "result": procedure.result}
    known |= {"fee": fees_text or w["unconfirmed"], "time_limit": due_text or w["unconfirmed"]}
    known |= {"case": case.name if len(procedure.cases) > 1 else "", "competent": procedure.competent}
    known |= {"how": ", ".join(c.name for c in procedure.channels)}
    data = heading(kind, {"procedure": {"code": procedure.code}}, known, now)
    data["practice"] = bool(profile.get("practice"))
    told = any(p.required for p in case.papers)  # a record that does not tell which are needed names them all alike
    data["bring"] = [_wanted(p, w, channel) for p in case.papers if p.required or not told]
    data["bring_if"] = [_wanted(p, w, channel) for p in case.papers if told and not p.required]
    data["doubts"] = list(procedure.to_confirm)
    return compile_paper(kind["template"], data, folders)


def recovery_sheet(
    groups: Sequence[str], counter: str, profile: Mapping[str, Any], printed_at: datetime, folders: Folders = ()
) -> bytes:
    """Phiếu khôi phục quầy: the code that opens the store without a PIN, for the safe. Nobody's name stands on it.

    :param groups: the code's groups, in reading order; :param counter: what people call the counter.
    :raises Problem: as ``draw``.
    """
    now = printed_at.astimezone(VIETNAM)
    kind = template("recovery", now.date().isoformat(), folders)
    data = heading(kind, {}, office_facts(profile, printed_at) | {"counter": counter}, now)
    data |= {"practice": bool(profile.get("practice")), "groups": list(groups)}
    return compile_paper(kind["template"], data, folders)


def _wanted(paper: PaperRequirement, words: Mapping[str, Any], channel: str) -> dict[str, str]:
    counts = {k: getattr(paper, k) for k in ("originals", "certified", "copies")}
    said = [fill(words["counts"][k], {"n": f"{n:02d}"}) for k, n in counts.items() if n]
    notes = [paper.note] if paper.note else []
    notes += [words["declaration"]] if paper.declaration and channel == "1" else []  # who files online fills it there
    notes += [words["on_card"]] if paper.on_card else []
    note = ". ".join(n.rstrip(". ") for n in notes)
    return {"name": paper.name, "count": ", ".join(said) or words["no_count"], "note": note}
