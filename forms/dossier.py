"""A dossier (hồ sơ) is the fold of its events: pure, rebuildable, the same for every order of arrival."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Stage(StrEnum):
    """Where a dossier stands, in our words."""

    RECEIVED = "received"
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
    """The dossier as its events tell it. Business stage and national verdict are separate axes.

    ``verdict``: None (not heard yet) | ``accepted`` | ``refused``; ``refusal``: reason, field, say, raw of an unanswered
    refusal. ``history``: one row an event, oldest first. ``review``: sentences codes why a clerk must look (*cần xem lại*).
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
    appointment: dict[str, Any] | None = None
    register: int | None = None
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    verdict: str | None = None
    refusal: dict[str, Any] | None = None
    review: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    scans: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A plain dict, the shape of ``dossiers --id`` in the headless contract (without ``delivery``)."""
        return asdict(self)


_FROM_RECEPTION = (
    "code procedure channel applicant answers papers fees received_at return_at appointment register incomplete".split()
)


def fold(dossier_id: str, events: Iterable[Act]) -> Dossier:
    """All events of one dossier, in any order, to the dossier. Nothing is dropped: an event whose place its stage does
    not allow stays in the history and in ``review``. Order: hybrid logical time, ties by counter."""
    dossier = Dossier(dossier_id)
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)):
        allowed = _STEPS.get(event.name, _unknown)(dossier, event.body or {})
        row = {"event": event.name, "at": event.at, "operator": event.operator, "counter": event.counter}
        dossier.history.append(row | {"body": _shown(event)})
        if not allowed:
            dossier.review.append({"event": event.name, "counter": event.counter, "number": event.number})
    return dossier


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
        if name in body:
            setattr(dossier, name, body[name])
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


_STEPS = {"received": _received, "accepted": _accepted, "refused": _refused}
