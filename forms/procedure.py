"""An administrative procedure (thủ tục hành chính) as the law publishes it: frozen facts, nothing computed."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["working_day", "day", "hour", "month"]


@dataclass(frozen=True)
class PaperRequirement:
    """One line of the checklist (thành phần hồ sơ) with the counts wanted. ``required`` False: only where it applies."""

    code: str
    name: str
    originals: int
    certified: int
    copies: int
    required: bool
    note: str


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
    after 15:00 (stated in the published steps)."""

    amount: int
    unit: Unit
    same_day: bool


@dataclass(frozen=True)
class Fee:
    """One fee rule. ``kind``: ``fixed`` | ``per_unit`` (times the answer ``quantity``) | ``certified_copy`` (pages and
    copies, TT 226/2016/TT-BTC) | ``local`` (set by the province's council: unknown here, to be confirmed).

    ``within_days`` = (answer holding a date, days): the rule holds only up to that age; ``after_days`` only past it.
    """

    code: str
    name: str
    kind: Literal["fixed", "per_unit", "certified_copy", "local"]
    amount: int
    quantity: str
    basis: str
    within_days: tuple[str, int] | None
    after_days: tuple[str, int] | None


@dataclass(frozen=True)
class Channel:
    """A way to file (kênh): "1" counter, "2" online, "3" post, with its own time limit and fees."""

    id: str
    name: str
    time: TimeLimit | None
    fees: tuple[Fee, ...]


@dataclass(frozen=True)
class Procedure:
    """A version of a procedure. ``code_source`` ``ours``: the national service takes our dossier code; ``issued``: it
    issues its own. ``form``: id of the e-form, or None. ``to_confirm``: sentences that still need an official's word."""

    code: str
    version: str
    name: str
    short_name: str
    field: str
    decision: str
    valid_from: str
    code_source: Literal["ours", "issued"]
    form: str | None
    result: str
    cases: tuple[Case, ...]
    channels: tuple[Channel, ...]
    keywords: tuple[str, ...]
    to_confirm: tuple[str, ...]

    def case(self, case_id: str | None) -> Case | None:
        """The case with this id, the first one for None, or None when there is no such case."""
        if case_id is None:
            return self.cases[0]
        return next((c for c in self.cases if c.id == case_id), None)

    def channel(self, channel_id: str) -> Channel | None:
        """The channel with this id, or None when the procedure cannot be filed that way."""
        return next((c for c in self.channels if c.id == channel_id), None)
