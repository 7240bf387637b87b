"""An administrative procedure (thủ tục hành chính) as the law publishes it: frozen facts, nothing computed."""

from dataclasses import dataclass
from typing import Any, Literal

COMMUNE = "Ủy ban nhân dân cấp xã"
"""Who decides most of what a commune centre receives."""
Unit = Literal["working_day", "day", "hour", "month"]
UNIT_WORDS: dict[str, str] = {"working_day": "ngày làm việc", "day": "ngày", "hour": "giờ", "month": "tháng"}
CodeSource = Literal["ours", "issued"]
FeeKind = Literal["fixed", "per_unit", "certified_copy", "local", "unstated"]


@dataclass(frozen=True)
class PaperRequirement:
    """One line of the checklist (thành phần hồ sơ) with the counts wanted. ``required`` False: only where it applies.

    ``declaration``: the form that the procedure's e-form fills and prints. ``on_card``: says only what an identity card
    says, so it is not asked of who showed the card (Luật Căn cước Điều 20 khoản 3). ``digitise``: to be scanned.
    """

    code: str
    name: str
    originals: int
    certified: int
    copies: int
    required: bool
    note: str
    declaration: bool = False
    on_card: bool = False
    digitise: bool = False


@dataclass(frozen=True)
class Case:
    """A published alternative (trường hợp) with its own papers. ``optional_answers``: e-form answers that this case does
    not need although the form asks for them (an abandoned child has no known mother)."""

    id: str
    name: str
    papers: tuple[PaperRequirement, ...]
    optional_answers: tuple[str, ...]


@dataclass(frozen=True)
class TimeLimit:
    """How long the procedure may take. ``same_day``: due the day it is received, the next working day when received
    after 15:00 (stated in the published steps). ``late_starts_next``: received after 15:00 it counts as received at the
    start of the next working day (NĐ 301/2026/NĐ-CP for linked procedures)."""

    amount: int
    unit: Unit
    same_day: bool
    late_starts_next: bool = False


@dataclass(frozen=True)
class Fee:
    """One fee rule. ``kind``: ``fixed`` | ``per_unit`` (times the answer ``quantity``) | ``certified_copy`` (pages and
    copies, TT 226/2016/TT-BTC) | ``local`` (set by the province's council) | ``unstated`` (the published record gives no
    amount that may be trusted). The last two are unknown until an administrator has settled them.

    ``within_days`` = (answer holding a date, days): the rule holds only up to that age; ``after_days`` only past it.
    ``cases``: only in these cases; empty = in all. ``exempt``: ids of the exemptions that the fee's own text allows.
    """

    code: str
    name: str
    kind: FeeKind
    amount: int
    quantity: str
    basis: str
    within_days: tuple[str, int] | None
    after_days: tuple[str, int] | None
    cases: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """A way to file (kênh): "1" counter, "2" online, "3" post, with its own time limit and fees. ``time`` None: the limit
    is not settled, and no return date is computed. ``case_times``: the limit of cases that have their own."""

    id: str
    name: str
    time: TimeLimit | None
    fees: tuple[Fee, ...]
    case_times: tuple[tuple[str, TimeLimit], ...] = ()

    def time_of(self, case_id: str | None) -> TimeLimit | None:
        """The time limit of a case."""
        return dict(self.case_times).get(case_id or "", self.time)


@dataclass(frozen=True)
class Doubt:
    """A point that still needs an official's word (*cần xác nhận*). ``about``: what it touches."""

    about: Literal["time", "fee", "papers", "form", "code", "validity", "other"]
    text: str


@dataclass(frozen=True)
class Member:
    """One procedure of a linked group (liên thông). ``time``: its limit under the group's decree, None = the procedure's
    own. ``answers``: answer of the member's e-form -> answer of the group's e-form, both as dotted paths. ``when``: the
    condition (``forms.conditions``) on the group's answers under which it is filed at all; None = always. ``road``: the
    system that takes it, in words."""

    procedure: str
    case: str | None
    time: TimeLimit | None
    answers: tuple[tuple[str, str], ...]
    when: Any
    road: str


@dataclass(frozen=True)
class Procedure:
    """A version of a procedure. ``code_source`` ``ours``: the national service takes our dossier code; ``issued``: it
    issues its own. ``form``: id of the e-form, or None. ``doubts``: what still needs an official's word.

    ``competent``: who decides, as published. ``review``: ``sourced`` (each fact has a source here, doubts are listed) |
    ``imported`` (taken from a portal record as it is) | ``confirmed`` (an official has looked). ``outage_basis``: the law
    that lets an announced outage suspend the clock, "" where none is known. ``members``: the procedures that a linked
    group (liên thông) files at once; empty for an ordinary procedure.
    """

    code: str
    version: str
    name: str
    short_name: str
    field: str
    decision: str
    valid_from: str
    code_source: CodeSource
    form: str | None
    result: str
    cases: tuple[Case, ...]
    channels: tuple[Channel, ...]
    keywords: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    competent: str = COMMUNE
    review: Literal["sourced", "imported", "confirmed"] = "sourced"
    outage_basis: str = ""
    members: tuple[Member, ...] = ()

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The doubts in words."""
        return tuple(d.text for d in self.doubts)

    def case(self, case_id: str | None) -> Case | None:
        """The case with this id, the first one for None, or None when there is no such case."""
        if case_id is None:
            return self.cases[0]
        return next((c for c in self.cases if c.id == case_id), None)

    def channel(self, channel_id: str) -> Channel | None:
        """The channel with this id, or None when the procedure cannot be filed that way."""
        return next((c for c in self.channels if c.id == channel_id), None)
