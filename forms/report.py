"""What a report is made of, and what it looks like when it is done: one shape for screen, XLSX, PDF and scripts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple


class Fact(NamedTuple):
    """One dossier as the reports count it: a narrow row, made from its fold. Moments are ISO in Vietnam time (+07:00), so that
    the first ten letters are the civil date; None = has not happened.

    ``field``: lĩnh vực. ``finished_at``: when the clock ended (result, withdrawal, stop). ``ended``: the stage it ended in
    (``finished`` | ``withdrawn`` | ``stopped``), "" while it is open. ``pauses``: spans in which the clock stood for the
    resident, the last one with end None while it stands. ``supplements``: requests after reception. ``delivery``: kept |
    received | accepted | refused. ``owner``, ``submitter``: a key by which the same person is known (personal number, else
    another paper, else folded name); submitter "" when the owner filed. ``competent``: who decides, "" = this commune.
    """

    id: str
    code: str
    procedure: str
    procedure_name: str
    field: str
    channel: str
    stage: str
    ended: str
    received_at: str
    return_at: str | None
    finished_at: str | None
    returned_at: str | None
    pauses: tuple[tuple[str, str | None], ...]
    supplements: int
    counter: str
    operator: str
    competent: str
    delivery: str
    owner: str
    owner_name: str
    submitter: str
    submitter_name: str
    phone: str


class Movement(NamedTuple):
    """Money that moved at the counter. ``kind``: ``taken`` | ``returned`` | ``reconciled``; ``method``: cash | transfer;
    ``amount`` in đồng, never negative; ``at`` ISO in Vietnam time; ``operator`` id."""

    at: str
    kind: str
    method: str
    amount: int
    operator: str
    counter: str
    dossier: str
    code: str
    full_name: str


@dataclass(frozen=True)
class Period:
    """First and last civil day, both counted."""

    first: date
    last: date


@dataclass(frozen=True)
class Figure:
    """A number and the dossiers behind it."""

    value: int
    dossiers: tuple[str, ...] = ()


Cell = str | int | float | None | Figure
Kind = Literal["text", "count", "money", "day", "moment", "percent"]


@dataclass(frozen=True)
class Column:
    """``group``: a heading above several columns, "" for none. ``width``: characters it needs, for paper and sheet."""

    title: str
    kind: Kind = "text"
    group: str = ""
    width: int = 12


@dataclass(frozen=True)
class Chart:
    """Bars with their dossiers, in order; ``unit``: what is counted, in words."""

    title: str
    bars: tuple[tuple[str, Figure], ...]
    unit: str = "hồ sơ"


@dataclass(frozen=True)
class Check:
    """A sum that must hold, in words, and whether it does."""

    words: str
    holds: bool


@dataclass(frozen=True)
class Report:
    """``form``: number of the prescribed form, "" for none; ``period``: in words; ``total``: the last line, () for none;
    ``notes``: what a reader must know, doubts (*cần xác nhận*) included."""

    kind: str
    title: str
    form: str
    period: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    charts: tuple[Chart, ...] = ()
    summary: tuple[tuple[str, Cell], ...] = field(default=())


@dataclass(frozen=True)
class House:
    """Who reports: the commune's profile, names of operators and counters by id, this counter's id."""

    profile: Mapping[str, object]
    operators: Mapping[str, str]
    counters: Mapping[str, str]
    counter: str
