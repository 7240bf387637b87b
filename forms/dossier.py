"""A dossier (hồ sơ) is the fold of its events: pure, rebuildable, the same for every order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Protocol

from forms import erasure, steps
from forms.stages import OFFICIAL, PAUSED, Stage, may

__all__ = ["FOLD", "Act", "Dossier", "Stage", "act_of", "fold"]

FOLD = 6
"""Raised when the same events fold to another shape, or to other rows: what is stored of them is then made anew."""


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

    ``verdict``: None (not heard yet) | ``accepted`` | ``refused`` | ``entered`` (typed elsewhere by hand); ``refusal``: reason,
    field, say, raw of an unanswered refusal. ``history``: one row an event, oldest first; ``act`` names it for good,
    ``overruled`` that a clerk decided that it does not count, ``clock`` that its time is not sure (doubt, at, offset, epoch,
    number: ``sync.clock``).
    ``review``: why a clerk must look (*cần xem lại*): the act, why (``stage``: its place did not allow it |
    ``unseen``: two moved the date without knowing of each other), and the acts ``against`` it.
    ``payment``: state ``none`` | ``unpaid`` | ``cash`` | ``transfer`` (to be reconciled) | ``reconciled`` | ``exempt`` |
    ``refunded``, amount in đồng or None, method, at. ``result``: state ``none`` | ``ready`` | ``posted`` | ``handed``, what it
    is, who took it. ``clock``: what moved or stopped the return date after reception, oldest first; ``pauses``: spans in which
    it stood for the resident (end None: still). ``linked``: the group it was filed in, with its other dossiers.
    ``competent``: the unit that decides, when it is not the receiving one; ``arrived_at``: when that unit took it;
    ``handovers``: who gave it to whom, oldest first. ``first_return_at``: the date the first receipt promised. ``form``: id and
    version of the e-form it was typed in. ``other_codes``: codes printed for it that no longer count.
    ``scans``: ``{sha256, size, paper, kind, pages, readable}`` of each file attached to a paper, in that order.
    ``erased``: when and on which basis the data of its persons were erased by law (``forms.erasure``); None: they were not.
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
    erased: dict[str, str] | None = None

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
        """A plain dict, the shape of ``dossiers --id`` in the headless contract (without ``delivery``). Its parts are the
        fold's own: to be written down, not changed."""
        return vars(self) | {"paused": self.paused, "official": self.official}


def act_of(event: Act) -> str:
    """The name of an event within its dossier, for good: acts of one millisecond differ in it."""
    return f"{event.at}.{event.counter}"


def fold(dossier_id: str, events: Iterable[Act]) -> Dossier:
    """All events of one dossier, in any order, to the dossier. Nothing is dropped: an event whose place its stage does
    not allow stays in the history and in ``review``. Order: hybrid logical time, ties by counter.

    A clerk settles a conflict by ``settled``: for each act it names, whether that act counts; of two such decisions about an
    act the later holds. Only an act that is marked, or stands against a marked one, can be decided about: nobody takes back
    what others did by naming it. What does not count stays readable and moves nothing.
    """
    ordered = sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number))
    decided, disputed, ruled = _settled(ordered), set[str](), dict[str, bool]()
    while True:
        folding = _Folding(Dossier(dossier_id), ruled)
        for event in ordered:
            folding.add(event)
        disputed |= folding.disputed
        more = {act: counts for act, counts in decided.items() if act in disputed}
        if more == ruled:  # each round only adds acts, so it ends
            erasure.leave(folding.dossier, ordered)
            return folding.dossier
        ruled = more


def officials(dossier_id: str, events: Iterable[Act]) -> list[int | None]:
    """TrangThaiHoSo after each of these acts, which all count and come in the order of the fold."""
    folding, found = _Folding(Dossier(dossier_id), {}), list[int | None]()
    for event in events:
        folding.add(event)
        found.append(folding.dossier.official)
    return found


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
_AGAINST = 8
"""The most acts that a review names against one: a broken counter must not make a dossier grow without end."""
_MALFORMED = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)


class _Folding:
    """One dossier while its events are taken in order. ``_moves``, ``_dates``: the acts that gave it another stage, another
    return date, with their places in their logs; ``_last``: the last one of each name that did something."""

    def __init__(self, dossier: Dossier, ruled: Mapping[str, bool]) -> None:
        self.dossier = dossier
        self.disputed: set[str] = set()
        self._ruled = ruled
        self._moves: list[tuple[_Said, Act]] = []
        self._dates: list[tuple[_Said, Act]] = []
        self._last: dict[str, _Said] = {}
        self._seen: dict[str, Act] = {}

    def add(self, event: Act) -> None:
        """The next event."""
        dossier, act = self.dossier, act_of(event)
        twin = self._seen.get(act)
        if twin is not None:  # written again by a store whose log had forked, or two of one moment
            again = (twin.name, twin.body) == (event.name, event.body)
            act = f"{act}.{event.epoch}.{event.number}"
        self._seen[act] = event
        said: _Said = {"act": act, "event": event.name, "at": event.at, "operator": event.operator, "counter": event.counter}
        dossier.history.append(said | {"body": _shown(event)} | _doubt(event))
        if erasure.target(event.name, event.body) == dossier.id:
            return  # what it leaves counts at the very end, whatever came late
        if twin is not None and again:
            dossier.history[-1]["again"] = True
            return
        if self._ruled.get(act) is False and event.name != "settled":
            dossier.history[-1]["overruled"] = True
            self.disputed.add(act)
            steps.overruled(dossier, event)
            return
        marked = self._take(event, said)
        if marked:
            self.disputed |= {act, *(a["act"] for a in marked["against"])}
        if marked and not (self._ruled.get(act) and marked["why"] == "unseen"):
            dossier.history[-1]["marked"] = True
            dossier.review.append(said | {"number": event.number} | marked)

    def _take(self, event: Act, said: _Said) -> dict[str, Any]:
        """One step; what a review says of it, {} when all is well. A body of another shape, from another version or a broken
        counter, moves nothing and is marked: it may never stop the others from being heard. One erased by law is not."""
        dossier, body = self.dossier, event.body if isinstance(event.body, dict) else {}
        before, stage, due = _copy(dossier), dossier.stage, dossier.return_at
        placed = may(event.name, stage)
        try:
            allowed = placed and steps.STEPS.get(event.name, steps.unknown)(dossier, body, said)
        except _MALFORMED:
            allowed = False
        if not allowed:
            vars(dossier).update(before)
            against = self._apart(self._moves, event, body) if not placed else self._counterpart(event)
            return {"why": "stage", "stage": stage.value, "against": against} if event.body is not None else {}
        self._last[event.name] = said
        apart = []
        if dossier.return_at != due:
            apart = self._apart(self._dates, event, body) if event.name != "received" else []
            self._dates.append((said, event))
        if dossier.stage is not stage:
            self._moves.append((said, event))
        return {"why": "unseen", "stage": stage.value, "against": apart} if apart else {}

    def _apart(self, earlier: list[tuple[_Said, Act]], event: Act, body: Mapping[str, Any]) -> list[_Said]:
        """Those of earlier acts that whoever did this had not heard of: another counter's, beyond the place up to which its
        log stood in their store (``after``: ``{"counter/epoch": number}``). A reception stands only against another one."""
        heard = body.get("after")
        known = heard if isinstance(heard, dict) else {}
        found = []
        for said, act in earlier:
            place = known.get(f"{act.counter}/{act.epoch}")
            unseen = act.counter != event.counter and not (isinstance(place, int) and place >= act.number)
            if unseen and (said["event"] not in ("received", "filed") or event.name == "received"):
                found.append(said)
        return [one for one in found if one["event"] != "filed"][-_AGAINST:]

    def _counterpart(self, event: Act) -> list[_Said]:
        """What stands in the way of an act that its stage allows: the same thing done before, by whomever."""
        last = self._last.get(event.name)
        return [last] if last and event.name in _ONCE else []


_ONCE = frozenset({"paid", "reconciled", "posted", "arrived"})
"""Acts that two counters may both do although one is enough."""
_GROWING = frozenset({"history", "review"})


def _copy(dossier: Dossier) -> dict[str, Any]:
    """What a step may change, to put back when it was not allowed: steps replace values and append to lists, one level deep."""
    return {name: copy(value) for name, value in vars(dossier).items() if name not in _GROWING}


def _doubt(event: Act) -> dict[str, Any]:
    """That the clock was not sure when this was done: what the body says of it, with its place in the log."""
    said = event.body.get("clock") if isinstance(event.body, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("doubt"), str):
        return {}
    kept = {k: said[k] for k in ("doubt", "at", "offset") if isinstance(said.get(k), str | int)}
    return {"clock": kept | {"epoch": event.epoch, "number": event.number}}


def _shown(event: Act) -> dict[str, Any]:
    """What the history repeats of a body: the reception stands in the dossier itself."""
    if event.body is None:
        return {"erased": True}
    if event.name == erasure.EVENT:
        return {k: v for k, v in event.body.items() if k in ("basis", "asked_at")}
    return {} if event.name == "received" else event.body
