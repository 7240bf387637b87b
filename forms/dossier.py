"""A dossier (hồ sơ) is the fold of its events: pure, rebuildable, the same for every order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from forms import steps
from forms.stages import OFFICIAL, PAUSED, Stage, may

__all__ = ["FOLD", "Act", "Dossier", "Stage", "act_of", "fold"]

FOLD = 3
"""Raised when the same events fold to another shape: stored folds are then made anew."""


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
    """The dossier as its events tell it, on four separate axes: ``stage`` (business), ``payment`` (money), ``result``
    (delivery of the result) and, outside the fold, how far it has travelled; ``verdict`` is the national system's.

    ``verdict``: None (not heard yet) | ``accepted`` | ``refused``; ``refusal``: reason, field, say, raw of an unanswered
    refusal. ``history``: one row an event, oldest first; ``act`` names it for good, ``overruled`` that a clerk decided that it
    does not count. ``review``: why a clerk must look (*cần xem lại*): the act, why (``stage``: its place did not allow it |
    ``unseen``: two moved the date without knowing of each other), and the acts ``against`` it.
    ``payment``: state ``none`` | ``unpaid`` | ``cash`` | ``transfer`` (to be reconciled) | ``reconciled`` | ``exempt`` |
    ``refunded``, amount in đồng or None, method, at. ``result``: state ``none`` | ``ready`` | ``posted`` | ``handed``, what it
    is, who took it. ``clock``: what moved or stopped the return date after reception, oldest first; ``pauses``: spans in which
    it stood for the resident (end None: still). ``linked``: the group it was filed in, with its other dossiers.
    ``competent``: the unit that decides, when it is not the receiving one; ``arrived_at``: when that unit took it;
    ``handovers``: who gave it to whom, oldest first. ``first_return_at``: the date the first receipt promised. ``form``: id and
    version of the e-form it was typed in. ``other_codes``: codes printed for it that no longer count.
    """

    id: str
    code: str | None = None
    official_code: str | None = None
    other_codes: list[str] = field(default_factory=list)
    stage: Stage = Stage.UNKNOWN
    resumes: Stage | None = None
    procedure: dict[str, Any] = field(default_factory=dict)
    channel: str = "1"
    applicant: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    papers: list[dict[str, Any]] = field(default_factory=list)
    fees: dict[str, Any] = field(default_factory=dict)
    filed_at: str | None = None
    received_at: str | None = None
    received_by: dict[str, Any] | None = None
    return_at: str | None = None
    first_return_at: str | None = None
    finished_at: str | None = None
    returned_at: str | None = None
    appointment: dict[str, Any] | None = None
    register: int | None = None
    payment: dict[str, Any] = field(default_factory=dict)
    exemption: dict[str, Any] | None = None
    competent: dict[str, Any] | None = None
    arrived_at: str | None = None
    return_to: dict[str, Any] | None = None
    result: dict[str, Any] = field(default_factory=lambda: {"state": "none"})
    form: dict[str, Any] | None = None
    linked: dict[str, Any] | None = None
    clock: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[list[str | None]] = field(default_factory=list)
    supplements: int = 0
    handovers: list[dict[str, Any]] = field(default_factory=list)
    shelf: str | None = None
    authorised: dict[str, Any] | None = None
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    verdict: str | None = None
    refusal: dict[str, Any] | None = None
    review: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    scans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return self.stage in PAUSED

    @property
    def official(self) -> int | None:
        """TrangThaiHoSo 1–10 of the national service; None where it has no such state."""
        if self.stage is Stage.GUIDED:
            return OFFICIAL[Stage.SUPPLEMENT] if self.filed_at else None
        return OFFICIAL.get(self.stage)

    def as_json(self) -> dict[str, Any]:
        """A plain dict, the shape of ``dossiers --id`` in the headless contract (without ``delivery``)."""
        return asdict(self) | {"paused": self.paused, "official": self.official}


def act_of(event: Act) -> str:
    """The name of an event within its dossier, for good: acts of one millisecond differ in it."""
    return f"{event.at}.{event.counter}"


def fold(dossier_id: str, events: Iterable[Act]) -> Dossier:
    """All events of one dossier, in any order, to the dossier. Nothing is dropped: an event whose place its stage does
    not allow stays in the history and in ``review``. Order: hybrid logical time, ties by counter.

    A clerk settles a conflict by ``settled``: for each act it names, whether that act counts; of two such decisions about an
    act the later holds. What does not count stays readable and moves nothing.
    """
    ordered = sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number))
    counts, folding = _settled(ordered), _Folding(Dossier(dossier_id))
    for event in ordered:
        folding.add(event, counts.get(act_of(event)) if event.name != "settled" else None)
    dossier = folding.dossier
    answered = {e.body.get("of") for e in ordered if e.name == "refunded" and isinstance(e.body, dict)}
    dossier.review = [r for r in dossier.review if r["act"] not in answered]
    return dossier


def _settled(ordered: Sequence[Act]) -> dict[str, bool]:
    """What clerks decided of single acts: act -> whether it counts."""
    found: dict[str, bool] = {}
    for event in ordered:
        if event.name == "settled" and isinstance(event.body, dict):
            for name, counts in (("counts", True), ("overruled", False)):
                acts = event.body.get(name)
                found |= {a: counts for a in (acts if isinstance(acts, list) else []) if isinstance(a, str)}
    return found


_Said = dict[str, Any]
"""An act as a review names it: act, event, at, operator, counter."""


class _Folding:
    """One dossier while its events are taken in order. ``_places``: act -> its place in the history; ``_moves``, ``_dates``:
    the acts that gave it another stage, another return date."""

    def __init__(self, dossier: Dossier) -> None:
        self.dossier = dossier
        self._places: dict[str, int] = {}
        self._moves: list[_Said] = []
        self._dates: list[_Said] = []

    def add(self, event: Act, counts: bool | None) -> None:
        """The next event; ``counts``: what a clerk decided of it, None for nothing."""
        dossier = self.dossier
        said: _Said = {
            "act": act_of(event),
            "event": event.name,
            "at": event.at,
            "operator": event.operator,
            "counter": event.counter,
        }
        self._places[said["act"]] = len(dossier.history)
        dossier.history.append(said | {"body": _shown(event)} | ({"overruled": True} if counts is False else {}))
        if counts is False:
            steps.overruled(dossier, event)
            return
        marked = self._take(event, said)
        if marked and not (counts and marked["why"] == "unseen"):
            dossier.review.append(said | {"number": event.number} | marked)

    def _take(self, event: Act, said: _Said) -> dict[str, Any]:
        """One step; what a review says of it, {} when all is well. A body of another shape, from another version or a broken
        counter, moves nothing and is marked: it may never stop the others from being heard."""
        dossier, body = self.dossier, event.body if isinstance(event.body, dict) else {}
        before, stage, due = _copy(dossier), dossier.stage, dossier.return_at
        try:
            allowed = may(event.name, stage) and steps.STEPS.get(event.name, steps.unknown)(dossier, body, said)
        except (AttributeError, TypeError, KeyError, ValueError):
            allowed = False
        if not allowed:
            vars(dossier).update(before)
            return {"why": "stage", "stage": stage.value, "against": self._unseen(self._moves, said, body) or self._moves[-1:]}
        apart = []
        if dossier.return_at != due:
            apart = self._unseen(self._dates, said, body)
            self._dates.append(said)
        if dossier.stage is not stage:
            self._moves.append(said)
        return {"why": "unseen", "stage": stage.value, "against": apart} if apart else {}

    def _unseen(self, earlier: list[_Said], said: _Said, body: Mapping[str, Any]) -> list[_Said]:
        """Those of earlier acts that whoever did this had not heard of: another counter's, and later than the last act that
        stood in their store (``after``)."""
        heard = self._places.get(str(body.get("after") or ""))
        if heard is None:
            return []
        return [e for e in earlier if e["counter"] != said["counter"] and self._places[e["act"]] > heard]


_GROWING = frozenset({"history", "review"})


def _copy(dossier: Dossier) -> dict[str, Any]:
    """What a step may change, to put back when it was not allowed: steps replace values and append to lists, one level deep."""
    return {name: copy(value) for name, value in vars(dossier).items() if name not in _GROWING}


def _shown(event: Act) -> dict[str, Any]:
    """What the history repeats of a body: the reception stands in the dossier itself."""
    if event.body is None:
        return {"erased": True}
    return {} if event.name == "received" else event.body
