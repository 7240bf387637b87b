"""What the province and the commune settle for themselves: time limits, fee tables, closures, outages, the account.

Each is an act of the counter (event ``rule_set``, body ``{"kind", "key", "value", "source"}``; value None takes it back), so
it travels to the other counters of the commune like everything else and can be read back years later. The fold is pure:
for each (kind, key) the later act by hybrid time holds, ties by counter. A received dossier never looks here again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from forms.pack import read_time
from forms.problem import Problem
from forms.procedure import Procedure, TimeLimit
from forms.vietqr import payload

if TYPE_CHECKING:
    from forms.dossier import Act

EVENT = "rule_set"
_MOST = 3650  # of any unit
EVERY = "*"
"""Stands for every channel in the key of a settled time limit."""
KINDS = ("time", "fee", "day", "hours", "outage", "account", "nationwide", "offline_days", "scan_days")


@dataclass(frozen=True)
class LocalFee:
    """One row of the province's fee table (nghị quyết HĐND): đồng, from and to (None = no end) ISO dates, exempt ids."""

    amount: int
    valid_from: str
    valid_to: str | None
    basis: str
    exempt: tuple[str, ...]


@dataclass(frozen=True)
class LocalDay:
    """A day as the commune keeps it. ``kind``: ``off`` (not counted), ``work``, ``closed`` (storm, moving house: the
    counter is shut and the day is not counted). ``hours``: other opening hours on that day, empty = the usual ones."""

    kind: str
    name: str
    hours: tuple[tuple[time, time], ...]
    source: str


@dataclass(frozen=True)
class Outage:
    """An announced outage (sự cố được thông báo). ``until`` None: it lasts. ``basis``: the law under which it suspends the
    clock of ``procedures``; without one it is only remembered. Procedures with an outage basis of their own always stop."""

    id: str
    start: datetime
    until: datetime | None
    system: str
    basis: str
    procedures: tuple[str, ...]

    def suspends(self, procedure: Procedure | None, code: str) -> str:
        """The law that stops this procedure's clock during the outage, or ""."""
        if procedure is not None and procedure.outage_basis:
            return procedure.outage_basis
        return self.basis if code in self.procedures else ""


@dataclass(frozen=True)
class Account:
    """Where fees may be transferred: bank BIN (6 digits), account number, its holder."""

    bank: str
    number: str
    holder: str


@dataclass(frozen=True)
class LocalRules:
    """Everything in force, folded. ``nationwide``: procedures received for residents of the whole country, with the source of
    the list. ``rows``: (kind, key) -> the body that holds, for the screen that edits them. ``offline_days``: so long a counter
    may be opened without a contact, None = without end. ``scan_days``: so long after a dossier was accepted its scans stay on
    this disk, None = for good."""

    times: Mapping[tuple[str, str, str, str], TimeLimit] = field(default_factory=dict)
    fees: Mapping[tuple[str, str], tuple[LocalFee, ...]] = field(default_factory=dict)
    days: Mapping[date, LocalDay] = field(default_factory=dict)
    hours: tuple[tuple[time, time], ...] = ()
    outages: tuple[Outage, ...] = ()
    account: Account | None = None
    nationwide: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    offline_days: int | None = None
    scan_days: int | None = None

    def time_limit(self, procedure: Procedure, channel: str, case: str | None) -> TimeLimit | None:
        """The limit of a case filed by a channel: the published one, or what an administrator settled; None = unsettled."""
        found = procedure.channel(channel)
        published = found.time_of(case) if found else None
        for way, key in ((channel, case or procedure.cases[0].id), (channel, ""), (EVERY, "")):
            settled = self.times.get((procedure.code, procedure.version, way, key))
            if settled is not None:
                return settled
        return published

    def fee(self, procedure: str, code: str, on: date) -> LocalFee | None:
        """The row of the fee table in force on a day, the newest first."""
        day = on.isoformat()
        rows = [r for r in self.fees.get((procedure, code), ()) if r.valid_from <= day and (r.valid_to or day) >= day]
        return max(rows, key=lambda r: r.valid_from, default=None)


NONE = LocalRules()


def fold_rules(events: Iterable[Act]) -> LocalRules:
    """The rules in force. A body that is erased, malformed, or that a newer version wrote is passed over: what another
    counter wrote may never stop this one."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for event in sorted(events, key=lambda e: (e.at, e.counter, e.epoch, e.number)):
        body = event.body or {}
        if body.get("kind") in KINDS and isinstance(body.get("key"), str):
            rows[(body["kind"], body["key"])] = body
    held = {place: body for place, body in rows.items() if body.get("value") is not None and not _trouble(body)}
    of = {kind: {key: b for (k, key), b in held.items() if k == kind} for kind in KINDS}
    hours = next(iter(of["hours"].values()), None)
    account = next(iter(of["account"].values()), None)
    fees: dict[tuple[str, str], tuple[LocalFee, ...]] = {}
    for key, body in sorted(of["fee"].items()):
        place = (key.split("/")[0], key.split("/")[1])
        fees[place] = (*fees.get(place, ()), _fee(body))
    return LocalRules(
        {_time_key(key): _time(body) for key, body in of["time"].items()},
        fees,
        {date.fromisoformat(key): _day(body) for key, body in of["day"].items()},
        _hours(hours["value"]) if hours else (),
        tuple(_outage(key, body) for key, body in sorted(of["outage"].items())),
        _account(account["value"]) if account else None,
        {key: str(body["source"]) for key, body in sorted(of["nationwide"].items())},
        held,
        next((int(body["value"]) for body in of["offline_days"].values()), None),
        next((int(body["value"]) for body in of["scan_days"].values()), None),
    )


def check_rule(kind: str, key: str, value: Any, source: str) -> dict[str, Any]:
    """The body of a ``rule_set`` event, after a look at its shape. A rule needs a source: a decision, a notice.

    Keys: ``time`` code/version/channel/case (channel ``*`` = all, case may be empty) · ``fee`` code/fee/valid_from · ``day``
    ISO · ``hours`` and ``account`` "" · ``outage`` an id · ``nationwide`` a procedure's code · ``offline_days`` and
    ``scan_days`` "".

    :raises Problem: ``rule_malformed`` (``kind``), ``source_missing``.
    """
    if not source.strip():
        raise Problem("source_missing")
    body = {"kind": kind, "key": key, "value": value, "source": source.strip()}
    trouble = _trouble(body)
    if trouble:
        raise Problem("rule_malformed", kind=kind, reason=trouble)
    return body


def _trouble(body: Mapping[str, Any]) -> str:
    """What is wrong with the shape of a rule, "" for nothing."""
    kind, key, value = body.get("kind"), str(body.get("key")), body.get("value")
    readers: dict[Any, Any] = {
        "time": lambda: (_time_key(key), value is None or _time(body)),
        "fee": lambda: (date.fromisoformat(key.split("/")[2]), value is None or _fee(body)),
        "day": lambda: (date.fromisoformat(key), value is None or _day(body)),
        "hours": lambda: (_alone(key), value is None or _hours(value)[0]),
        "outage": lambda: (key[0], value is None or _outage(key, body)),
        "account": lambda: (_alone(key), value is None or _account(value)),
        "nationwide": lambda: (key[0], value is None or value["listed"] or _not_listed()),
        "offline_days": lambda: (_alone(key), value is None or _days(value)),
        "scan_days": lambda: (_alone(key), value is None or _days(value)),
    }
    try:
        if kind not in readers or not isinstance(body.get("source"), str):
            raise KeyError(kind)
        readers[kind]()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, Problem) as error:
        return str(error)[:100] or type(error).__name__
    return ""


def _alone(key: str) -> bool:
    if key:
        raise ValueError("there is only one of these")
    return True


def _not_listed() -> bool:
    raise ValueError("a procedure is on the list or its rule is taken back")


def _days(value: Any) -> int:
    if type(value) is not int or not 0 < value <= _MOST:
        raise ValueError("a number of days")
    return value


def _time_key(key: str) -> tuple[str, str, str, str]:
    """``code/version/channel/case``; a version may itself hold slashes (163/QĐ-BTP)."""
    code, rest = key.split("/", 1)
    version, channel, case = rest.rsplit("/", 2)
    return code, version, channel, case


def _time(body: Mapping[str, Any]) -> TimeLimit:
    found = read_time(body["value"])
    if found is None or not 0 < found.amount <= _MOST:
        raise ValueError("a time limit needs an amount")
    return found


def _fee(body: Mapping[str, Any]) -> LocalFee:
    value = body["value"]
    if not isinstance(value["amount"], int) or isinstance(value["amount"], bool) or value["amount"] < 0:
        raise ValueError("an amount is a whole number of đồng")
    until = value.get("valid_to")
    for day in (value["valid_from"], until or value["valid_from"]):
        if date.fromisoformat(day).isoformat() != day:
            raise ValueError("a date is YYYY-MM-DD")
    if until and until < value["valid_from"]:
        raise ValueError("it ends before it begins")
    return LocalFee(value["amount"], value["valid_from"], until, body["source"], tuple(value.get("exempt", ())))


def _day(body: Mapping[str, Any]) -> LocalDay:
    value = body["value"]
    if value["kind"] not in ("off", "work", "closed"):
        raise ValueError(value["kind"])
    return LocalDay(value["kind"], str(value["name"]), _hours(value.get("hours", [])), body["source"])


def _hours(raw: Any) -> tuple[tuple[time, time], ...]:
    found = tuple(sorted((time.fromisoformat(a), time.fromisoformat(b)) for a, b in raw))
    edges = [edge for pair in found for edge in pair]
    if edges != sorted(set(edges)):
        raise ValueError("opening hours overlap")
    return found


def _outage(key: str, body: Mapping[str, Any]) -> Outage:
    value = body["value"]
    start = datetime.fromisoformat(value["start"])
    until = datetime.fromisoformat(value["until"]) if value.get("until") else None
    if start.tzinfo is None or (until is not None and (until.tzinfo is None or until < start)):
        raise ValueError("an outage ends after it begins, and both name their offset")
    procedures = tuple(value.get("procedures", ()))
    return Outage(key, start, until, str(value["system"]), str(value.get("basis", "")), procedures)


def _account(value: Mapping[str, Any]) -> Account:
    payload(str(value["bank"]), str(value["number"]), 0, "")  # what no bank's app would read is refused here
    return Account(str(value["bank"]), str(value["number"]), str(value["holder"]))
