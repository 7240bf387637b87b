"""What each event does to its dossier, once the stage allows it (``forms.stages``). A step answers whether its own conditions
held; if not, nothing stays changed and the event is marked for review. Steps replace values; they never edit a body."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms.copying import ENTERED, entered
from forms.scans import attached
from forms.stages import Stage
from forms.working_days import VIETNAM

if TYPE_CHECKING:
    from forms.dossier import Act, Dossier

_Json = dict[str, Any]
Step = Callable[["Dossier", _Json, _Json], bool]
"""``(dossier, body, row of the history)``."""

_LOGICAL_BITS = 12
_FROM_RECEPTION = (
    "code procedure channel applicant answers papers fees filed_at received_at return_at appointment register payment"
    " exemption competent return_to form linked incomplete".split()
)
_SHAPES: dict[str, type] = dict.fromkeys("procedure applicant answers fees appointment payment".split(), dict)
_SHAPES |= dict.fromkeys("exemption competent return_to form linked".split(), dict)
_SHAPES |= {"papers": list, "incomplete": list, "register": int}
"""What a part of a reception is, where it is no text."""
CORRECTABLE = ("applicant", "answers", "return_to", "competent")
"""The parts of a dossier of which single fields may be corrected."""


def _moment(body: _Json, row: _Json) -> str:
    """When it happened, ISO: what the body says, else the event's own time."""
    if isinstance(body.get("at"), str):
        return str(body["at"])
    return datetime.fromtimestamp((row["at"] >> _LOGICAL_BITS) / 1000, VIETNAM).isoformat()


def _whole(value: Any) -> bool:
    """A number that may be an amount or a line: whole, not negative, and no more than a database holds."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15


def _fill(dossier: Dossier, body: _Json) -> None:
    for name in _FROM_RECEPTION:
        value = body.get(name)
        if isinstance(value, _SHAPES.get(name, str)) and not (name == "register" and not _whole(value)):
            setattr(dossier, name, value)
    dossier.papers = [p for p in dossier.papers if isinstance(p, dict)]


def _on_clock(dossier: Dossier, name: str, body: _Json) -> None:
    """Note what happened to the return date; an act that names a new one moves it."""
    dossier.clock.append({k: v for k, v in body.items() if k not in ("items", "after", "clock")} | {"event": name})
    if isinstance(body.get("return_at"), str):
        dossier.return_at = body["return_at"]


def _stand(dossier: Dossier, stage: Stage, body: _Json, row: _Json) -> None:
    """The clock stops; ``resumes`` remembers where the dossier goes on."""
    dossier.resumes, dossier.stage = dossier.stage, stage
    dossier.pauses.append([_moment(body, row), None])


def _go_on(dossier: Dossier, body: _Json, row: _Json) -> None:
    dossier.stage, dossier.resumes = dossier.resumes or Stage.RECEIVED, None
    dossier.pauses[-1] = [dossier.pauses[-1][0], _moment(body, row)]


# Before and at reception


def _filed(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Filed online on the portal: it has a code of its own and waits for reception."""
    _fill(dossier, body)
    dossier.filed_at = str(body.get("filed_at") or _moment(body, row))
    dossier.stage = Stage.FILED
    return True


def _guided(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Told before reception what is missing, in one go (Mẫu số 02): no code, no clock."""
    if dossier.stage is Stage.UNKNOWN:
        _fill(dossier, {k: v for k, v in body.items() if k not in ("code", "received_at", "return_at")})
    dossier.stage = Stage.GUIDED
    return True


def _declined(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Từ chối tiếp nhận (Mẫu số 03)."""
    if dossier.stage is Stage.UNKNOWN:
        _fill(dossier, {k: v for k, v in body.items() if k not in ("code", "received_at", "return_at")})
    dossier.stage = Stage.DECLINED
    return True


def _received(dossier: Dossier, body: _Json, row: _Json) -> bool:
    filed = dossier.code
    _fill(dossier, body)
    if filed and filed != dossier.code:
        dossier.other_codes.append(filed)
    dossier.first_return_at = dossier.return_at
    dossier.received_by = {k: row[k] for k in ("counter", "operator")}
    dossier.stage = Stage.RECEIVED
    return True


def _annulled(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Typed by mistake: the code is void and never used again."""
    dossier.stage = Stage.ANNULLED
    dossier.refusal = None
    return True


# On its way


def _transferred(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Chuyển xử lý: a hand-over, noted on the control sheet (Mẫu số 06); the chain is never overwritten."""
    if not str(body.get("to") or "").strip():
        return False
    dossier.handovers.append({k: body.get(k) for k in ("from", "to", "giver", "taker", "note")} | {"at": _moment(body, row)})
    dossier.stage = Stage.PROCESSING
    return True


def _arrived(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """The competent unit has it: from here the period runs (NĐ 118/2025/NĐ-CP Điều 17 khoản 3 as amended)."""
    if dossier.competent is None or dossier.arrived_at is not None:
        return False
    dossier.arrived_at = _moment(body, row)
    taker = str(body.get("unit") or dossier.competent.get("name") or "")
    dossier.handovers.append({"from": None, "to": taker, "giver": None, "taker": None, "note": None, "at": dossier.arrived_at})
    _on_clock(dossier, "arrived", body)
    if dossier.stage is Stage.RECEIVED:
        dossier.stage = Stage.PROCESSING
    elif dossier.resumes is Stage.RECEIVED:
        dossier.resumes = Stage.PROCESSING
    return True


def _supplement_requested(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Yêu cầu bổ sung after reception: the clock stops."""
    _stand(dossier, Stage.SUPPLEMENT, body, row)
    dossier.supplements += 1
    _on_clock(dossier, "supplement_requested", body)
    return True


def _supplement_received(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """What was asked for has come: the clock goes on, with a new date; papers brought are added to those here."""
    brought = {str(p.get("code")): p for p in body.get("papers") or [] if isinstance(p, dict)}
    dossier.papers = [p for p in dossier.papers if str(p.get("code")) not in brought] + list(brought.values())
    _go_on(dossier, body, row)
    _on_clock(dossier, "supplement_received", body)
    return True


def _extended(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Xin lỗi, gia hạn: a new date; the old one stays readable in ``clock``."""
    _on_clock(dossier, "extended", body)
    return True


def _suspended(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """An announced outage stood in the way; each outage counts once until its end is corrected."""
    same = ("outage", "until")
    if any(c["event"] == "suspended" and all(c.get(k) == body.get(k) for k in same) for c in dossier.clock):
        return False
    _on_clock(dossier, "suspended", body)
    return True


def _corrected(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Fields set right, each by itself: the later one shows, the other stays readable. It answers a refusal."""
    fields = body["fields"]
    if not fields:
        return False
    for path, change in fields.items():
        part, *inner = path.split(".")
        if part not in CORRECTABLE or not inner:
            return False
        whole = deepcopy(getattr(dossier, part) or {})
        place = whole
        for name in inner[:-1]:
            place = place.setdefault(name, {})
        place[inner[-1]] = change["now"]
        setattr(dossier, part, whole)
    if dossier.refusal is not None or dossier.verdict == ENTERED:
        dossier.refusal = dossier.verdict = None  # what was typed elsewhere by hand is to be set right there too
    return True


def _shelved(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Where the paper dossier lies (vị trí để hồ sơ)."""
    dossier.shelf = str(body["place"])
    return True


def _authorised(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Who else may act for the owner or take the result (người được ủy quyền)."""
    if not isinstance(body["person"], dict):
        return False
    dossier.authorised = dict(body["person"])
    return True


# Its end


def _end(dossier: Dossier, stage: Stage, body: _Json, row: _Json) -> bool:
    """The clock ends: with a result, because the owner withdraws, or because it is stopped (both Mẫu số 05)."""
    dossier.finished_at = _moment(body, row)
    if dossier.pauses and dossier.pauses[-1][1] is None:
        dossier.pauses[-1] = [dossier.pauses[-1][0], dossier.finished_at]
    dossier.stage, dossier.resumes = stage, None
    if stage is not Stage.FINISHED:
        dossier.refusal = None  # nothing is left to be mended
    return True


def _finished(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Có kết quả: the result is at the one-stop unit, the clock ends."""
    results = [r for r in body.get("results") or [] if isinstance(r, dict)]
    dossier.result = {"state": "ready", "results": results, "ready_at": _moment(body, row)}
    return _end(dossier, Stage.FINISHED, body, row)


def _posted(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """The result went to the post; it is returned once it has come."""
    if dossier.result["state"] != "ready":
        return False
    dossier.result = dossier.result | {"state": "posted", "tracking": body.get("tracking"), "posted_at": _moment(body, row)}
    return True


def _post_failed(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """The parcel came back: the result lies here again."""
    if dossier.result["state"] != "posted":
        return False
    dossier.result = dossier.result | {"state": "ready", "tracking": None}
    return True


def _returned(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Đã trả kết quả: who took it, with a signature on paper or by post."""
    dossier.returned_at = _moment(body, row)
    kept = {k: body.get(k) for k in ("receiver", "signed", "how", "given_back", "withheld")}
    dossier.result = dossier.result | kept | {"state": "handed", "handed_at": dossier.returned_at}
    dossier.stage = Stage.RETURNED
    return True


# Money


def _payment_requested(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Yêu cầu thực hiện nghĩa vụ tài chính: an amount with its basis, owed before the dossier goes on."""
    amount = body.get("amount")
    if not _whole(amount) or not amount or dossier.payment.get("state") == "transfer":
        return False  # a transfer is found on the account, or paid otherwise, before more is asked for
    earlier = [*dossier.payment.get("earlier", []), {k: v for k, v in dossier.payment.items() if k != "earlier"}]
    dossier.payment = {"state": "unpaid", "amount": amount, "method": None, "earlier": earlier}
    dossier.payment |= {k: body.get(k) for k in ("name", "basis")}
    _stand(dossier, Stage.PAYMENT, body, row)
    _on_clock(dossier, "payment_requested", body)
    return True


def _paid(dossier: Dossier, body: _Json, row: _Json) -> bool:
    settled = dossier.payment.get("state")
    if settled != "unpaid" and (settled, body.get("method")) != ("transfer", "cash"):
        return False  # a transfer that never came may still be paid in cash
    method, amount = body.get("method"), body.get("amount")
    if method not in ("cash", "transfer") or not (amount is None or _whole(amount)):
        return False
    paid = {"state": method, "amount": amount, "method": method, "at": _moment(body, row)}
    dossier.payment = {k: v for k, v in dossier.payment.items() if k in ("name", "basis", "earlier")} | paid
    _owed_before(dossier)
    if dossier.stage is Stage.PAYMENT:
        _go_on(dossier, body, row)
        _on_clock(dossier, "paid", body)
    return True


def _owed_before(dossier: Dossier) -> None:
    """A fee that was open when a further one was asked for is owed again once that one is paid."""
    earlier = dossier.payment.get("earlier") or []
    owed = next((p for p in reversed(earlier) if p.get("state") == "unpaid"), None)
    if owed is not None and dossier.payment["state"] in ("cash", "reconciled"):
        rest = [p for p in earlier if p is not owed]
        dossier.payment = owed | {"earlier": [*rest, {k: v for k, v in dossier.payment.items() if k != "earlier"}]}


def _reconciled(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """The transfer was found on the account."""
    if dossier.payment.get("state") != "transfer":
        return False
    found = {"reference": body.get("reference"), "reconciled_at": _moment(body, row)}
    dossier.payment = dossier.payment | {"state": "reconciled"} | found
    _owed_before(dossier)
    return True


def _refunded(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Money given back: what was paid, or (``of``) what was taken a second time."""
    if body.get("of"):
        twice = [r for r in dossier.review if r["act"] == body["of"] and r["event"] == "paid"]
        dossier.review[:] = [r for r in dossier.review if r not in twice]
        return bool(twice)
    paid = refundable(dossier.payment)
    if paid is None:
        return False
    back = {"state": "refunded", "refunded_at": _moment(body, row), "reason": body.get("reason")}
    if paid is dossier.payment:
        dossier.payment = dossier.payment | back
    else:
        dossier.payment = dossier.payment | {"earlier": [p | back if p is paid else p for p in dossier.payment["earlier"]]}
    return True


def refundable(payment: _Json) -> _Json | None:
    """The payment that would be given back next: the present one, or the last before it that was paid; None for nothing."""
    every = [*payment.get("earlier", []), payment]
    return next((p for p in reversed(every) if p.get("state") in ("cash", "transfer", "reconciled") and p.get("amount")), None)


# The national side, and clerks' decisions


def _accepted(dossier: Dossier, body: _Json, row: _Json) -> bool:
    code = body.get("official_code")
    if code is not None and not isinstance(code, str):
        return False
    dossier.verdict, dossier.refusal = "accepted", None
    dossier.official_code = code or dossier.official_code
    return True


def _refused(dossier: Dossier, body: _Json, row: _Json) -> bool:
    dossier.verdict = "refused"
    dossier.refusal = {k: body.get(k) for k in ("reason", "field", "say", "raw")}
    return True


def _settled(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """Which of two acts counts: the fold has looked at it already, and at nothing in it that was not in dispute."""
    return True


def unknown(dossier: Dossier, body: _Json, row: _Json) -> bool:
    """An event of a newer version is shown in the history and moves nothing."""
    return True


def overruled(dossier: Dossier, event: Act) -> None:
    """What remains of an act that does not count: a printed code must be found for ever."""
    code = (event.body or {}).get("code") if event.name == "received" else None
    if isinstance(code, str) and code != dossier.code:
        dossier.other_codes.append(code)


STEPS: dict[str, Step] = {
    "filed": _filed,
    "guided": _guided,
    "declined": _declined,
    "received": _received,
    "annulled": _annulled,
    "transferred": _transferred,
    "arrived": _arrived,
    "supplement_requested": _supplement_requested,
    "supplement_received": _supplement_received,
    "payment_requested": _payment_requested,
    "extended": _extended,
    "suspended": _suspended,
    "corrected": _corrected,
    "shelved": _shelved,
    "authorised": _authorised,
    "attached": attached,
    "finished": _finished,
    "withdrawn": lambda dossier, body, row: _end(dossier, Stage.WITHDRAWN, body, row),
    "stopped": lambda dossier, body, row: _end(dossier, Stage.STOPPED, body, row),
    "posted": _posted,
    "post_failed": _post_failed,
    "returned": _returned,
    "paid": _paid,
    "reconciled": _reconciled,
    "refunded": _refunded,
    "accepted": _accepted,
    "refused": _refused,
    "entered_elsewhere": entered,
    "settled": _settled,
}
