"""What stands in a dossier's papers: facts by name (for the holes in the wordings) and, per paper, its rows and tables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from forms.address import text_of
from forms.names import date_vn, moment_vn, money, words
from forms.numbering import official_beside
from forms.procedure import Procedure
from forms.typesetting import DOTS, fill
from forms.working_days import VIETNAM, parse_moment

_LOGICAL_BITS = 12
_SETTLED = ("cash", "transfer", "reconciled", "exempt")
_Json = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """A paper to be drawn. ``event``: the history row that the paper is about; ``extra``: what no event carries (``number``
    of the paper, ``vietqr`` payload, ``signatory``, ``handovers``, ``receiver``, ``results``)."""

    dossier: Mapping[str, Any]
    profile: Mapping[str, Any]
    procedure: Procedure | None
    clerk: str
    printed_at: datetime
    reprint: bool = False
    event: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of the event; empty when there is none or it was erased."""
        return self.event.get("body") or {}

    @property
    def applicant(self) -> Mapping[str, Any]:
        return self.dossier.get("applicant") or {}

    @property
    def received(self) -> datetime | None:
        return parse_moment(str(self.dossier.get("received_at") or ""))

    @property
    def day(self) -> datetime:
        """The day of the paper: of its event, else of the reception, else of the printing (Vietnam time)."""
        if self.event:
            return event_moment(self.event) or self.printed_at.astimezone(VIETNAM)
        return self.received or self.printed_at.astimezone(VIETNAM)


def event_moment(event: Mapping[str, Any]) -> datetime | None:
    """When an event happened: what its body says, else its own ``at`` (ISO, or a hybrid time: milliseconds << 12)."""
    at = event.get("at")
    if isinstance(at, int):
        at = datetime.fromtimestamp((at >> _LOGICAL_BITS) / 1000, VIETNAM).isoformat()
    return parse_moment(str((event.get("body") or {}).get("at") or "")) or parse_moment(str(at or ""))


def grouped(number: str) -> str:
    """Twelve digits in groups of three that stay on one line."""
    return "\u00a0".join(re.findall("...", number)) if re.fullmatch(r"\d{12}", number) else number


def moment_text(value: Any) -> str:
    """An ISO moment or date in the wording of the papers; "" when there is none, other text as it stands."""
    moment = parse_moment(str(value or ""))
    if moment is None:
        return str(value or "")
    return moment_vn(moment) if "T" in str(value) else date_vn(moment)


def other_label(other: Mapping[str, Any], w: Mapping[str, Any]) -> str:
    """What another identity paper is called: the codes that the window writes have words, other kinds stand as they are."""
    kind = str(other.get("kind") or "")
    return str(w["id_kinds"].get(kind) or kind or w["other_id"])


def person_number(person: Mapping[str, Any]) -> str:
    """The personal number, or the number of another identity paper."""
    return str(person.get("personal_id") or (person.get("other_id") or {}).get("number") or "")


def office_facts(profile: Mapping[str, Any], printed_at: datetime) -> _Json:
    """Facts of the commune and its counter."""
    commune = str(profile.get("name") or "")
    return {
        "commune": commune,
        "COMMUNE": commune.upper(),
        "place": commune.split(" ", 1)[-1],
        "province": profile.get("province"),
        "centre": profile.get("centre"),
        "agency": f"Ủy ban nhân dân {commune}",
        "centre_phone": profile.get("phone"),
        "hours": "; ".join(" – ".join(pair) for pair in profile.get("hours") or ()),
        "printed": moment_vn(printed_at.astimezone(VIETNAM)),
    }


def facts(occasion: Occasion, w: Mapping[str, Any]) -> _Json:
    """Every fact of a dossier that a wording may name. ``w``: the words of the paper. Event bodies give theirs by key."""
    dossier, who, code = occasion.dossier, occasion.applicant, occasion.dossier.get("procedure") or {}
    due = parse_moment(str(dossier.get("return_at") or ""))
    received, event_at = occasion.received, event_moment(occasion.event) if occasion.event else None
    known: _Json = {k: moment_text(v) for k, v in occasion.body.items() if isinstance(v, str)}
    known |= office_facts(occasion.profile, occasion.printed_at) | _person_facts(who, w) | _money_facts(occasion, w)
    procedure = occasion.procedure
    known["procedure"] = procedure.short_name if procedure else str(code.get("name") or code.get("code") or "")
    known["procedure_name"] = procedure.name if procedure else known["procedure"]
    known["procedure_code"] = code.get("code")
    known["subject"] = _subject(dossier.get("answers") or {}, w)
    place = fill(w["return_to"], {"commune": occasion.profile.get("name"), "return_place": _place(dossier)})
    return known | {
        "request": _request(w["request"], known),
        "code": dossier.get("code"),
        "received": moment_vn(received) if received else "",
        "received_date": date_vn(received) if received else "",
        "due": moment_vn(due) if due else w["unconfirmed"],
        "time_limit": _limit(dossier.get("appointment"), w),
        "result_place": place.get((dossier.get("return_to") or {}).get("how") or "counter"),
        "competent": (dossier.get("competent") or {}).get("name"),
        "decides": (dossier.get("competent") or {}).get("name") or (dossier.get("procedure") or {}).get("decides"),
        "sets": w["sets"],
        "book": f"01/{received:%Y}" if received else "",
        "register": str(dossier.get("register") or ""),
        "clerk": occasion.clerk,
        "at": moment_vn(event_at) if event_at else "",
        "new_due": moment_text(occasion.body.get("return_at")),
        "old_due": moment_text(_due_before(occasion)),
    }


def _request(wording: str, known: Mapping[str, Any]) -> str:
    return str(fill(wording.replace("{subject}", known["subject"]), known))


def _person_facts(who: Mapping[str, Any], w: Mapping[str, Any]) -> _Json:
    number, other = str(who.get("personal_id") or ""), who.get("other_id") or {}
    representative = who.get("representative") or {}
    return {
        "owner": who.get("full_name"),
        "id_label": w["personal_id"] if number else other_label(other, w),
        "owner_id": grouped(person_number(who)) or who.get("no_id_reason"),
        "address": text_of(who.get("address")) or w["none"],
        "phone": who.get("phone") or w["none"],
        "email": who.get("email") or w["none"],
        "submitter": representative.get("full_name") or who.get("full_name") or "",
        "representative": representative.get("full_name") or "",
        "representative_id": grouped(person_number(representative)),
    }


def _money_facts(occasion: Occasion, w: Mapping[str, Any]) -> _Json:
    dossier, body = occasion.dossier, occasion.body
    fees, payment = dossier.get("fees") or {}, dossier.get("payment") or {}
    amount = body.get("amount", payment.get("amount"))
    total = amount if isinstance(amount, int) else fees.get("total")
    state = str(payment.get("state") or "")
    said = str(w["payment"].get(state) or "")
    why = next((line["reduced"] for line in fees.get("lines") or () if line.get("reduced")), "") if state == "exempt" else ""
    said += f" ({why})" if why else ""
    return {
        "fee": _fee(fees, w) + (f" – {said}" if said and fees.get("total") is not None else ""),
        "state": state,
        "total": money(total) if isinstance(total, int) else "",
        "total_words": words(total) if isinstance(total, int) and 0 <= total < 10**15 else "",
    }


def _fee(fees: Mapping[str, Any], w: Mapping[str, Any]) -> str:
    lines = fees.get("lines") or []
    if fees.get("total") is None:
        return str(w["local_fee"] if lines else w["unconfirmed"])
    if not fees["total"]:
        return str(w["free"])
    copies = next((line["quantity"] for line in lines if line["amount"] and line["quantity"] > 1), 0)
    return money(fees["total"]) + (" " + fill(w["copies"], {"copies": f"{copies:02d}"}) if copies else "")


def _limit(appointment: Mapping[str, Any] | None, w: Mapping[str, Any]) -> str:
    if not appointment:
        return str(w["unconfirmed"])
    return f"{appointment['amount']:02d} {w['units'][appointment['unit']]}"


def _subject(answers: Mapping[str, Any], w: Mapping[str, Any]) -> str:
    subject = answers.get("subject")
    nested = subject.get("full_name") if isinstance(subject, dict) else None
    who = answers.get("child_name") or answers.get("subject_name") or nested
    if who:
        return str(fill(w["for_person"], {"who": who}))
    return str(fill(w["for_document"], {"what": answers["document_name"]})) if answers.get("document_name") else ""


def _place(dossier: Mapping[str, Any]) -> str:
    return text_of((dossier.get("return_to") or {}).get("place"))


def _promised(occasion: Occasion) -> str:
    """The return date as it was promised at reception: what was printed does not change. "" where nothing tells."""
    given = occasion.dossier.get("first_return_at")
    return str(given or ("" if _moved(occasion.dossier) else occasion.dossier.get("return_at")) or "")


def _moved(dossier: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What gave the dossier a new return date, oldest first."""
    return [row for row in dossier.get("clock") or () if row.get("event") != "received" and row.get("return_at")]


def _due_before(occasion: Occasion) -> str | None:
    """The return date that the event replaced, None where nothing tells."""
    dossier, new = occasion.dossier, occasion.body.get("return_at")
    clock = [row for row in dossier.get("clock") or () if row.get("return_at")]
    place = next((i for i, row in enumerate(clock) if new and row["return_at"] == new), len(clock))
    earlier = [str(row["return_at"]) for row in clock[:place]]
    now = _promised(occasion)
    return earlier[-1] if earlier else now if now != new else None


# The rows and tables of each paper


def receipt(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Mẫu số 01: papers brought, amended appointment, members of a linked group."""
    dossier = occasion.dossier
    notes = [w["numbered_note" if official_beside(dossier) else "issued_note"]] if _issued(dossier) else []
    notes += [w["provisional_note"]] if (dossier.get("appointment") or {}).get("provisional") else []
    linked, first = dossier.get("linked") or {}, _promised(occasion)
    return {
        "papers": [_paper_row(p) for p in dossier.get("papers") or ()],
        "due": moment_text(first) if first else known["due"],
        "recomputed": _recomputed(occasion.dossier, w),
        "notes": " ".join(notes),
        "linked": fill(w["linked"], {"group": linked.get("name")}) if linked.get("members") else "",
        "members": [_member_row(m, w) for m in linked.get("members") or ()],
    }


def _issued(dossier: Mapping[str, Any]) -> bool:
    return (dossier.get("procedure") or {}).get("code_source") == "issued"


def _recomputed(dossier: Mapping[str, Any], w: Mapping[str, Any]) -> str:
    """The newest amendment of the return date in one sentence, "" when there was none."""
    moved = _moved(dossier)
    if not moved:
        return ""
    last = moved[-1]
    on = event_moment(last) or parse_moment(str(last.get("until") or ""))
    reason = str(last.get("reason") or w["because"].get(last["event"]) or "").rstrip(". ")
    holes = {"new_due": moment_text(last["return_at"]), "because": reason, "on": date_vn(on) if on else ""}
    return str(fill(w["recomputed"], holes))


def _paper_row(paper: Mapping[str, Any]) -> dict[str, str]:
    counts = {k: f"{paper.get(k) or 0:02d}" if paper.get(k) else "" for k in ("originals", "certified", "copies")}
    return counts | {"name": str(paper.get("name") or paper.get("code"))}


def _member_row(member: Mapping[str, Any], w: Mapping[str, Any]) -> list[str]:
    due = moment_text(member.get("return_at")) or str(w["unconfirmed"])
    return [str(member.get("code") or DOTS), str(member.get("name") or ""), str(member.get("road") or DOTS), due]


def supplement(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Mẫu số 02: one row for what is wanted, each with its reason and, outside the checklist, its legal basis."""
    rows = []
    for item in occasion.body.get("items") or ():
        basis = fill(w["basis"], {"basis": item["basis"]}) if item.get("basis") else ""
        rows.append([str(item.get("name") or DOTS), str(item.get("reason") or ""), basis])
    reason = occasion.body.get("reason") or ("" if any(row[1] for row in rows) else DOTS)
    return {
        "items": rows or [[DOTS, DOTS, ""]],
        "reason": str(reason),
        "pause": fill(w["pause"], known) if occasion.received else "",
    }


def refusal(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Mẫu số 03: reason, basis and where to go instead."""
    more = [fill(w[k], known) for k in ("basis", "guidance") if occasion.body.get(k)]
    return {"reason": known.get("reason") or DOTS, "more": more}


def stop(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Mẫu số 05: stage, the owner's own request, reason, what becomes of the fee."""
    said = [(k, str(known.get(k) or "")) for k in ("stage", "request_of_owner", "money")]
    return {
        "stage": dict(said)["stage"],
        "request_of_owner": dict(said)["request_of_owner"],
        "money": dict(said)["money"] or known["fee"],
        "basis": fill(w["basis"], known) if occasion.body.get("basis") else "",
    }


def control(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Mẫu số 06: the hand-overs known so far; the template adds empty blocks to be filled on the way. The last one says how
    the dossier ended beside its date."""
    centre, dossier = str(occasion.profile.get("centre") or ""), occasion.dossier
    given = [dict(row) for row in occasion.extra.get("handovers") or dossier.get("handovers") or ()]
    if not given:
        given = [{"from": centre, "to": known["decides"] or "", "at": None}]
    blocks = []
    last = centre
    for block in given:
        at = block.get("at")
        when = moment_vn(at) if isinstance(at, datetime) else moment_text(at)
        texts = {k: str(block.get(k) or "") for k in ("from", "to", "giver", "taker", "result", "note")}
        blocks.append(texts | {"time": when, "from": texts["from"] or last})
        last = texts["to"]
    blocks[-1]["result"] = blocks[-1]["result"] or _punctual(dossier, w)
    competent = known["decides"] or known["agency"]
    together = str(known.get("together") or occasion.extra.get("together") or "")
    return {"handovers": blocks, "competent": competent, "together": together}


def _punctual(dossier: Mapping[str, Any], w: Mapping[str, Any]) -> str:
    """How the dossier ended beside its return date, by civil days; "" while it is open or has no date."""
    ended, due = (parse_moment(str(dossier.get(k) or "")) for k in ("finished_at", "return_at"))
    if ended is None or due is None:
        return ""
    one, other = ended.astimezone(VIETNAM).date(), due.astimezone(VIETNAM).date()
    return str(w["punctual"]["early" if one < other else "on_time" if one == other else "late"])


def handover(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """Giấy biên nhận trả kết quả: who takes what. Without a receiver of its own the submitter takes it."""
    receiver = occasion.body.get("receiver") or occasion.extra.get("receiver") or occasion.applicant
    receiver = receiver if isinstance(receiver, Mapping) else {"full_name": receiver}
    results = occasion.body.get("results") or occasion.extra.get("results") or ()
    named = [[str(r.get(k) or DOTS) for k in ("name", "number", "about")] for r in results]
    expected = occasion.procedure.result if occasion.procedure else DOTS
    back, kept = occasion.body.get("given_back"), occasion.body.get("withheld")
    return {
        "taker": str(receiver.get("full_name") or ""),
        "taker_id": grouped(person_number(receiver)),
        "taker_phone": str(receiver.get("phone") or ""),
        "results": named or [[expected, DOTS, DOTS]],
        "taker_right": str(receiver.get("authority") or (receiver.get("basis") or "")),
        "given_back": fill(w["originals"], {"given_back": back}) if back else "",
        "withheld": fill(w["withheld"], {"withheld": kept}) if kept else "",
    }


def slip(occasion: Occasion, w: Mapping[str, Any], known: Mapping[str, Any]) -> _Json:
    """The non-fiscal collection slip: every fee line, the total in figures and words, how and whether it was paid."""
    dossier, body = occasion.dossier, occasion.body
    payment = dossier.get("payment") or {}
    method = str(body.get("method") or payment.get("method") or "")
    state = str(payment.get("state") or (method if body else "unpaid"))
    at = event_moment(occasion.event) or parse_moment(str(payment.get("at") or ""))
    asked = _asked_later(occasion)
    return {
        "lines": [_fee_row(line, w) for line in asked or (dossier.get("fees") or {}).get("lines") or ()],
        "method": str(w["methods"].get(method) or ""),
        "state_words": str(w["states"].get(state) or DOTS),
        "paid_at": moment_vn(at) if at and state in ("cash", "transfer", "reconciled") else "",
        "unpaid": state == "unpaid",
    }


def _asked_later(occasion: Occasion) -> list[_Json]:
    """The one line of a fee that was asked for after reception, where this paper is about it."""
    body, payment = occasion.body, occasion.dossier.get("payment") or {}
    known = [p for p in (payment, *payment.get("earlier", [])) if p.get("name") and p.get("amount") == body.get("amount")]
    line = body if body.get("basis") else known[0] if known and body else None
    return [{"quantity": 1, "unit_price": line["amount"], **line}] if line else []


def _fee_row(line: Mapping[str, Any], w: Mapping[str, Any]) -> list[str]:
    def said(amount: Any) -> str:
        return money(amount) if isinstance(amount, int) else DOTS

    below = fill(w["basis"], {"basis": line["basis"]}) if line.get("basis") else ""
    full = line.get("full")
    if line.get("reduced") and isinstance(full, int):
        below += "\n" + fill(w["reduced"], {"full": money(full), "why": line["reduced"]})
    unit = said(line.get("unit_price")) if line.get("amount") is not None else DOTS
    return [str(line.get("name") or ""), below, f"{line.get('quantity') or 1:02d}", unit, said(line.get("amount"))]


def vietqr(occasion: Occasion) -> str:
    """The payload to be drawn, "" when none was given or the money is already there."""
    state = (occasion.dossier.get("payment") or {}).get("state")
    return "" if state in _SETTLED else str(occasion.extra.get("vietqr") or "")


ROWS: dict[str, Callable[[Occasion, Mapping[str, Any], Mapping[str, Any]], _Json]] = {
    "receipt": receipt,
    "supplement": supplement,
    "refusal": refusal,
    "stop": stop,
    "control": control,
    "handover": handover,
    "slip": slip,
}
