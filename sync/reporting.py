"""Reports of a counter: what the store knows, built by ``forms.reports``; written as XLSX or PDF. Every figure counts what
this machine has heard of all counters of the commune; what another commune received, and we decide or hand out, is in theirs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from forms import report_paper, reports, spreadsheet
from forms.names import moment_vn
from forms.names import money as money_words
from forms.papers import register_row
from forms.problem import Problem
from forms.report import House, Period, Report
from forms.working_days import parse_moment
from sync.counter import Counter
from sync.files import write_atomic
from sync.paperwork import folders
from sync.store import facts

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""``(done, of at most)``; may raise ``Problem("cancelled")`` to end the work."""
_STEP = 500


def quiet(_done: int, _most: int) -> None:
    """Nobody watches."""


def make(counter: Counter, kind: str, first: date, last: date, progress: Progress = quiet) -> Report:
    """A report of a period, both days counted.

    :raises Problem: ``report_unknown``, ``period_reversed``, what ``progress`` raises.
    """
    kind, period = reports.kind_of(kind), Period(first, last)
    a, b, store = first.isoformat(), last.isoformat(), counter.store
    most = facts.count(store, a, b)
    with store.snapshot():
        ours = {*house(counter).counters, counter.counter_id}
        if kind == "register":
            received = (d for d in facts.received_between(store, a, b) if (d["received_by"] or {}).get("counter") in ours)
            rows = (_register(counter, d) for d in received)
            return reports.register(_watched(rows, most, progress), period, house(counter))
        found = (f for f in _watched(facts.facts(store, a, b, _fields(counter)), most, progress) if f.counter in ours)
        money = (m for m in facts.movements(store, a, b) if m.counter in ours)
        made = reports.build(kind, period, found, money, house(counter), counter.clock())
        return replace(made, notes=(*_closings(counter, a, b), *made.notes)) if kind == "cash" else made


def _closings(counter: Counter, first: str, last: str) -> list[str]:
    """Each counted drawer of the period in a sentence."""
    said = []
    for operator, body in facts.closings(counter.store, first, last):
        rest = int(body["difference"])
        how = "khớp" if not rest else f"{'thừa' if rest > 0 else 'thiếu'} {money_words(abs(rest))} ({body['note']})"
        at, sums = parse_moment(body["at"]), (money_words(body["expected"]), money_words(body["counted"]))
        when = moment_vn(at) if at else ""
        said.append(f"Chốt ca {when}, {counter.operator_name(operator)}: phải có {sums[0]}, đếm được {sums[1]}, {how}.")
    return said


def house(counter: Counter) -> House:
    """Who reports, with the names of operators and counters."""
    profile = counter.profile
    names = {who: person.name for who, person in counter.roster.people.items()}
    counters = {str(c["id"]): str(c["name"]) for c in profile.get("counters", [])}
    return House(profile, names, counters, counter.counter_id)


def save(counter: Counter, report: Report, file: Path) -> None:
    """Write a report as what the file's name ends in.

    :raises Problem: ``file_kind_unknown``, ``file_unwritable``, ``disk_full``, ``paper_failed``.
    """
    kind = file.suffix.lower()
    if kind == ".xlsx":
        data = spreadsheet.sheet(report, str(counter.profile.get("centre") or counter.profile.get("name")), counter.clock())
    elif kind == ".pdf":
        data = report_paper.paper(report, counter.profile, counter.clock(), folders(counter))
    else:
        raise Problem("file_kind_unknown", file=file.name)
    write_atomic(file, data)


def _register(counter: Counter, dossier: dict[str, object]) -> dict[str, object]:
    procedure = counter.catalogue.procedure_of(dossier)
    name = procedure.name if procedure else str(dossier["procedure"].get("name") or "")  # type: ignore[attr-defined]
    by = dossier.get("received_by") or {}
    return register_row(dossier, name) | {"id": dossier["id"], "counter": by.get("counter")}  # type: ignore[attr-defined]


def _fields(counter: Counter) -> Callable[[str, str], str]:
    def field_of(code: str, name: str) -> str:
        known = counter.catalogue.procedure(code)
        return known.field if known else "Chưa rõ lĩnh vực"

    return field_of


def _watched(rows: Iterator[T], most: int, progress: Progress) -> Iterator[T]:
    progress(0, most)
    for number, row in enumerate(rows, 1):
        if number % _STEP == 0:
            progress(number, most)
        yield row
