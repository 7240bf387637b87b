"""A dossier (hồ sơ) is the fold of its events: pure, rebuildable, the same for every order of arrival."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

FOLD = 2
"""Raised when the same events fold to another shape: stored folds are then made anew."""


class Stage(StrEnum):
    """Where a dossier stands, in our words. ``SUPPLEMENT``: the resident completes it, the clock stands still."""

    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    UNKNOWN = "unknown"


class Act(Protocol):
    """What the fold needs of an event; ``body`` is None once a person's data were erased by law."""

    @property
    def counter(self) -> str: ...
    @property
    def epoch(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def operator(self) -> str: ...
    @property
    def body(self) -> dict[str, Any] | None: ...


@dataclass
class Dossier:
    """The dossier as its events tell it. Business stage, payment and national verdict are separate axes.

    ``verdict``: None (not heard yet) | ``accepted`` | ``refused``; ``refusal``: reason, field, say, raw of an unanswered
    refusal. ``history``: one row an event, oldest first. ``review``: sentences codes why a clerk must look (*cần xem lại*).
    ``payment``: state ``none`` | ``unpaid`` | ``cash`` | ``transfer`` (to be reconciled) | ``reconciled`` | ``exempt``, amount
    in đồng or None, method, at. ``clock``: what moved or stopped the return date after reception, oldest first. ``linked``:
    the group it was filed in, with its other dossiers. ``competent``: the unit that decides, when it is not the receiving
    one; ``arrived_at``: when that unit took it; ``first_return_at``: the date the first receipt promised.
    ``form``: id and version of the e-form it was typed in.
    """

    id: str
    code: str | None = None
    official_code: str | None = None
    stage: Stage = Stage.UNKNOWN
    procedure: dict[str, Any] = field(default_factory=dict)
    channel: str = "1"
    applicant: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    papers: list[dict[str, Any]] = field(default_factory=list)
    fees: dict[str, Any] = field(default_factory=dict)
    received_at: str | None = None
    return_at: str | None = None
    first_return_at: str | None = None
    appointment: dict[str, Any] | None = None
    register: int | None = None
    payment: dict[str, Any] = field(default_factory=dict)
    exemption: dict[str, Any] | None = None
    competent: dict[str, Any] | None = None
    arrived_at: str | None = None
    return_to: dict[str, Any] | None = None
    form: dict[str, Any] | None = None
    linked: dict[str, Any] | None = None
    clock: list[dict[str, Any]] = field(default_factory=list)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    verdict: str | None = None
    refusal: dict[str, Any] | None = None
    review: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    scans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return self.stage is Stage.SUPPLEMENT

    def as_json(self) -> dict[str, Any]:
        """A plain dict, the shape of ``dossiers --id`` in the headless contract (without ``delivery``)."""
        return asdict(self) | {"paused": self.paused}


_FROM_RECEPTION = (
    "code procedure channel applicant answers papers fees received_at return_at appointment register payment exemption"
    " competent return_to form linked incomplete".split()
)


_SHAPES: dict[str, type] = dict.fromkeys("procedure applicant answers fees appointment payment".split(), dict)
_SHAPES |= dict.fromkeys("exemption competent return_to form linked".split(), dict)
_SHAPES |= {"papers": list, "incomplete": list, "register": int}
"""What a part of a reception is, where it is no text."""


def fold(dossier_id: str, events: Iterable[Act]) -> Dossier:
    """All events of one dossier, in any order, to the dossier. Nothing is dropped: an event whose place its stage does
    not allow stays in the history and in ``review``. Order: hybrid logical time, ties by counter."""
    dossier = Dossier(dossier_id)
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)):
        allowed = _take(dossier, event)
        row = {"event": event.name, "at": event.at, "operator": event.operator, "counter": event.counter}
        dossier.history.append(row | {"body": _shown(event)})
        if not allowed:
            dossier.review.append({"event": event.name, "counter": event.counter, "number": event.number})
    return dossier


def _take(dossier: Dossier, event: Act) -> bool:
    """One step. A body of another shape, from another version or a broken counter, moves nothing and is marked: it may never
    stop the others from being heard."""
    body = event.body if isinstance(event.body, dict) else {}
    before = replace(dossier, clock=list(dossier.clock))
    try:
        return _STEPS.get(event.name, _unknown)(dossier, body)
    except (AttributeError, TypeError, KeyError, ValueError):
        for name in vars(before):
            if name not in ("history", "review"):
                setattr(dossier, name, getattr(before, name))
        return False


def _shown(event: Act) -> dict[str, Any]:
    """What the history repeats of a body: the reception stands in the dossier itself."""
    if event.body is None:
        return {"erased": True}
    return {} if event.name == "received" else event.body


def _received(dossier: Dossier, body: dict[str, Any]) -> bool:
    if dossier.stage is not Stage.UNKNOWN:
        return False
    dossier.stage = Stage.RECEIVED
    for name in _FROM_RECEPTION:
        if isinstance(body.get(name), _SHAPES.get(name, str)):
            setattr(dossier, name, body[name])
    dossier.papers = [p for p in dossier.papers if isinstance(p, dict)]
    dossier.first_return_at = dossier.return_at
    return True


def _on_clock(dossier: Dossier, name: str, body: dict[str, Any]) -> None:
    """Note what happened to the return date; an act that names a new one moves it."""
    dossier.clock.append({"event": name} | {k: v for k, v in body.items() if k != "items"})
    if isinstance(body.get("return_at"), str):
        dossier.return_at = body["return_at"]


def _supplement_requested(dossier: Dossier, body: dict[str, Any]) -> bool:
    """Yêu cầu bổ sung after reception: the clock stops."""
    if dossier.stage is not Stage.RECEIVED:
        return False
    dossier.stage = Stage.SUPPLEMENT
    _on_clock(dossier, "supplement_requested", body)
    return True


def _supplement_received(dossier: Dossier, body: dict[str, Any]) -> bool:
    """What was asked for has come: the clock goes on, with a new date; papers brought are added to those here."""
    if dossier.stage is not Stage.SUPPLEMENT:
        return False
    dossier.stage = Stage.RECEIVED
    brought = {str(p.get("code")): p for p in body.get("papers") or [] if isinstance(p, dict)}
    dossier.papers = [p for p in dossier.papers if str(p.get("code")) not in brought] + list(brought.values())
    _on_clock(dossier, "supplement_received", body)
    return True


def _extended(dossier: Dossier, body: dict[str, Any]) -> bool:
    """Xin lỗi, gia hạn: a new date; the old one stays readable in ``clock``."""
    if dossier.stage is not Stage.RECEIVED:
        return False
    _on_clock(dossier, "extended", body)
    return True


def _arrived(dossier: Dossier, body: dict[str, Any]) -> bool:
    """The competent unit has it: from here the period runs (NĐ 118/2025/NĐ-CP Điều 17 khoản 3 as amended)."""
    if dossier.stage is Stage.UNKNOWN or dossier.competent is None or dossier.arrived_at is not None:
        return False
    dossier.arrived_at = body.get("at")
    _on_clock(dossier, "arrived", body)
    return True


def _suspended(dossier: Dossier, body: dict[str, Any]) -> bool:
    """An announced outage stood in the way; each outage counts once until its end is corrected."""
    same = ("outage", "until")
    known = any(c["event"] == "suspended" and all(c.get(k) == body.get(k) for k in same) for c in dossier.clock)
    if dossier.stage is Stage.UNKNOWN or known:
        return False
    _on_clock(dossier, "suspended", body)
    return True


def _paid(dossier: Dossier, body: dict[str, Any]) -> bool:
    settled = dossier.payment.get("state")
    if settled != "unpaid" and (settled, body.get("method")) != ("transfer", "cash"):
        return False  # a transfer that never came may still be paid in cash
    method = body.get("method")
    dossier.payment = {"state": method, "amount": body.get("amount"), "method": method, "at": body.get("at")}
    return True


def _reconciled(dossier: Dossier, body: dict[str, Any]) -> bool:
    """The transfer was found on the account."""
    if dossier.payment.get("state") != "transfer":
        return False
    found = {"reference": body.get("reference"), "reconciled_at": body.get("at")}
    dossier.payment = dossier.payment | {"state": "reconciled"} | found
    return True


def _accepted(dossier: Dossier, body: dict[str, Any]) -> bool:
    dossier.verdict, dossier.refusal = "accepted", None
    dossier.official_code = body.get("official_code") or dossier.official_code
    return True


def _refused(dossier: Dossier, body: dict[str, Any]) -> bool:
    dossier.verdict = "refused"
    dossier.refusal = {k: body.get(k) for k in ("reason", "field", "say", "raw")}
    return True


def _unknown(dossier: Dossier, body: dict[str, Any]) -> bool:
    """An event of a newer version is shown in the history and moves nothing."""
    return True


_STEPS = {
    "received": _received,
    "supplement_requested": _supplement_requested,
    "supplement_received": _supplement_received,
    "extended": _extended,
    "arrived": _arrived,
    "suspended": _suspended,
    "paid": _paid,
    "reconciled": _reconciled,
    "accepted": _accepted,
    "refused": _refused,
}
