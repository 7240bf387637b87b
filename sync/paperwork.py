"""Papers of a counter's dossiers, drawn from what is stored; and those of no dossier: a declaration to be signed, a guidance
sheet. Everything said on paper comes from the store, after COMMIT."""

from pathlib import Path
from typing import Any, NamedTuple

from forms import papers
from forms import vietqr as qr
from forms.declaration import declaration as draw_declaration
from forms.line import normal
from forms.numbering import numbered_by
from forms.problem import Problem
from forms.procedure import Procedure
from sync import audit, reception
from sync.counter import Changes, Counter
from sync.published import PACKS
from sync.store.audit import TOLD


class Drawn(NamedTuple):
    """A paper's PDF, and under which name its print is remembered: each act's own paper is a paper of its own."""

    pdf: bytes
    key: str


def paper_key(name: str, event: str | None = None) -> str:
    """Under which name a print is remembered."""
    return name if event is None else f"{name}@{event}"


def paper(counter: Counter, dossier_id: str, name: str = "receipt", event: str | None = None) -> bytes:
    """As :func:`draw`, the PDF alone."""
    return draw(counter, dossier_id, name, event).pdf


def draw(counter: Counter, dossier_id: str, name: str = "receipt", event: str | None = None) -> Drawn:
    """A paper, drawn from the stored dossier; ``event``: the ``act`` of the row of its history it is about; a receipt of none is
    that of the reception, or, once it has come, of the official number. Printed before, it says that it is a reprint.

    :raises Problem: ``dossier_unknown``, ``paper_unknown``, ``paper_failed``.
    """
    dossier = counter.dossier(dossier_id)
    if dossier["erased"] or not dossier["procedure"].get("code"):
        raise Problem("dossier_erased")
    version = counter.catalogue.procedure_of(dossier)
    definition = counter.catalogue.form_of(dossier)
    if name == "declaration" and (dossier.get("linked") or {}).get("answers"):
        dossier = dossier | {"answers": dossier["linked"]["answers"]}  # the group's declaration is about the whole group
    event = event or (numbered_by(dossier) if name == "receipt" else None)
    row = next((r for r in dossier["history"] if r["act"] == event), None) if event else None
    first = next((r for r in dossier["history"] if r["event"] == "received"), dossier["history"][0])
    key = paper_key(name, event)
    pdf = papers.draw(
        name,
        dossier,
        counter.profile,
        procedure=version,
        clerk=counter.operator_name((row or first)["operator"] or first["operator"]),
        printed_at=counter.clock(),
        reprint=counter.printed(dossier_id, key) > 0,
        event=row,
        definition=definition,
        extra={"vietqr": _payload(counter, dossier_id)},
        folders=folders(counter),
    )
    return Drawn(pdf, key)


def told_number(counter: Counter, dossier_id: str, operator: str) -> Changes:
    """The resident knows the official number, without a new paper. :raises Problem: ``dossier_unknown``."""
    audit.note(counter, operator, TOLD, dossier_id, str(counter.dossier(dossier_id)["official_code"] or ""))
    return Changes(status=True)


def folders(counter: Counter) -> tuple[Path, ...]:
    """Where templates are looked for before the shipped ones."""
    own = counter.data / PACKS / "papers"
    return (own,) if own.is_dir() else ()


def declaration(counter: Counter, line: dict[str, Any]) -> bytes:
    """The declaration of a line that is not received yet, ready to sign.

    :raises Problem: ``procedure_unknown``, ``paper_unknown`` where there is no e-form, ``paper_failed``.
    """
    procedure = _procedure_of(counter, line)
    definition = counter.definition(procedure, line)
    if definition is None:
        raise Problem("paper_unknown", paper="declaration")
    line, practice, today = normal(line), bool(counter.profile.get("practice")), counter.clock().date()
    answers, applicant = line.get("answers") or {}, line.get("applicant") or {}
    return draw_declaration(definition, answers, applicant, counter.profile, procedure, today, practice, folders(counter))


def guidance(counter: Counter, line: dict[str, Any]) -> bytes:
    """The guidance sheet for a procedure and case. :raises Problem: ``procedure_unknown``, ``paper_failed``."""
    procedure = _procedure_of(counter, line)
    case = procedure.case(line.get("case")) or procedure.cases[0]
    channel = str(line.get("channel") or "1")
    cost, limit = reception.in_words(counter, procedure, channel, case.id)
    return papers.guidance(procedure, case, counter.profile, counter.clock(), cost, limit, folders(counter), channel)


def recovery_sheet(counter: Counter, code: str) -> bytes:
    """The paper for the safe. :raises Problem: ``paper_failed``."""
    known = {str(c["id"]): str(c["name"]) for c in counter.profile.get("counters") or []}
    name = known.get(counter.counter_id, "")
    return papers.recovery_sheet(code.split("-"), name, counter.profile, counter.clock(), folders(counter))


def transfer(counter: Counter, dossier_id: str) -> str:
    """The VietQR payload for a fee that is still to be transferred; "" when there is nothing to transfer, or no account.

    :raises Problem: ``dossier_unknown``.
    """
    dossier, account = counter.dossier(dossier_id), counter.rules.account
    payment = dossier.get("payment") or {}
    if account is None or payment.get("state") not in ("unpaid", "transfer") or not payment.get("amount"):
        return ""
    return qr.payload(account.bank, account.number, payment["amount"], qr.memo_of(str(dossier["code"])))


def _payload(counter: Counter, dossier_id: str) -> str:
    """The VietQR for a paper; an account that no bank would read costs the symbol, not the paper."""
    try:
        return transfer(counter, dossier_id)
    except Problem:
        return ""


def _procedure_of(counter: Counter, line: dict[str, Any]) -> Procedure:
    found = counter.procedure(line)
    if found is None:
        raise Problem("procedure_unknown", procedure=str(line.get("procedure")))
    return found
