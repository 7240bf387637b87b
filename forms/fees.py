"""Fees (phí, lệ phí): rules of a channel applied to a dossier line. An amount that only the province knows stays unknown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from forms.local_rules import NONE, LocalRules
from forms.pack import read
from forms.procedure import Fee, Procedure
from resources import path_of


@dataclass(frozen=True)
class FeeLine:
    """``amount`` in đồng; None: not settled, to be confirmed before it is collected. ``full``: what it was before a
    reduction, ``reduced``: why it is less ("" = it is not)."""

    name: str
    quantity: int
    unit_price: int
    amount: int | None
    basis: str
    full: int | None = None
    reduced: str = ""


@dataclass(frozen=True)
class FeeTotal:
    """``total`` in đồng; None when a line is unknown, or when rules wait for a quantity and there is no line at all."""

    total: int | None
    lines: tuple[FeeLine, ...]

    def as_json(self) -> dict[str, Any]:
        """``{"total", "lines": [{name, quantity, unit_price, amount, basis, full, reduced}]}``."""
        return {"total": self.total, "lines": [asdict(line) for line in self.lines]}


@dataclass(frozen=True)
class Exemption:
    """A reason to pay nothing, with the evidence that is noted. ``fees``: codes it reaches by itself (a dated waiver);
    empty: only where the fee's own text names it (Luật Phí và lệ phí Điều 10)."""

    id: str
    name: str
    evidence: str
    basis: str
    valid_from: str
    valid_to: str
    fees: tuple[str, ...]

    def reaches(self, code: str, own: tuple[str, ...], on: date) -> bool:
        """Whether a fee whose text allows ``own`` exemptions falls away on a day."""
        in_force = self.valid_from <= on.isoformat() <= self.valid_to
        return in_force and (code in self.fees if self.fees else self.id in own)


@lru_cache(maxsize=1)
def exemptions() -> dict[str, Exemption]:
    """Every exemption by its id. :raises Problem: ``pack_damaged``."""

    def make(raw: dict[str, Any]) -> dict[str, Exemption]:
        found = {}
        for one in raw["exemptions"]:
            dates = (one.get("valid_from", "0001-01-01"), one.get("valid_to", "9999-12-31"))
            found[one["id"]] = Exemption(
                one["id"], one["name"], one["evidence"], one["basis"], *dates, tuple(one.get("fees", ()))
            )
        return found

    return read(path_of("fees", "exemptions.json"), make)


def possible_exemptions(procedure: Procedure, line: Mapping[str, Any], on: date, rules: LocalRules = NONE) -> list[Exemption]:
    """The exemptions that would take something off this dossier's fees, in the order of the list."""
    plain = {k: v for k, v in line.items() if k != "exemption"}
    lines = [(f, _line(procedure, f, plain, on, rules)) for f in _rules_of(procedure, line, on)]
    fees = [f for f, made in lines if made and made.amount != 0]
    own = {f.code: _exempt(procedure, f, on, rules) for f in fees}
    return [e for e in exemptions().values() if any(e.reaches(f.code, own[f.code], on) for f in fees)]


def compute(procedure: Procedure | None, line: Mapping[str, Any], received: date, rules: LocalRules = NONE) -> FeeTotal:
    """The fees of one dossier line (``case``, ``channel``, ``answers``, ``exemption {"reason", "evidence"}``).

    Rules whose case or age bound does not hold, and quantities of nothing, make no line. Where several reductions would
    apply the highest counts; all of ours take the whole.
    """
    if procedure is None:
        return FeeTotal(0, ())
    fees = _rules_of(procedure, line, received)
    lines = tuple(made for made in (_line(procedure, f, line, received, rules) for f in fees) if made)
    amounts = [one.amount for one in lines]
    known = [a for a in amounts if a is not None]
    settled = len(known) == len(amounts) and (bool(lines) or not fees)
    return FeeTotal(sum(known) if settled else None, lines)


def payment_at_reception(total: FeeTotal, method: str | None, at: str) -> dict[str, Any]:
    """The payment axis as it begins: ``none`` (nothing to pay), ``exempt``, ``cash``, ``transfer`` (to be reconciled) or
    ``unpaid``; an amount that is not settled cannot have been paid. ``method``: cash, transfer or later."""
    amount = total.total
    if amount == 0:
        state = "exempt" if any(line.reduced for line in total.lines) else "none"
        return {"state": state, "amount": 0, "method": None, "at": None}
    if amount is None or method not in ("cash", "transfer"):
        return {"state": "unpaid", "amount": amount, "method": None, "at": None}
    return {"state": method, "amount": amount, "method": method, "at": at}


def certified_copy(pages: int, copies: int) -> int:
    """TT 226/2016/TT-BTC Điều 4: 2.000 đ a page, 1.000 đ from the third page, at most 200.000 đ a copy."""
    return min(2000 * min(pages, 2) + 1000 * max(pages - 2, 0), 200_000) * copies


def _rules_of(procedure: Procedure, line: Mapping[str, Any], on: date) -> list[Fee]:
    channel = procedure.channel(str(line.get("channel") or "1"))
    chosen = procedure.case(line.get("case"))
    answers = line.get("answers") or {}
    of_case = [f for f in (channel.fees if channel else ()) if not f.cases or (chosen and chosen.id in f.cases)]
    return [f for f in of_case if _applies(f, answers, on)]


def _line(procedure: Procedure, fee: Fee, line: Mapping[str, Any], on: date, rules: LocalRules) -> FeeLine | None:
    answers: Mapping[str, Any] = line.get("answers") or {}
    basis, quantity, unit = fee.basis, 1, fee.amount
    if fee.kind in ("local", "unstated"):
        row = rules.fee(procedure.code, fee.code, on)
        if row is None:
            return FeeLine(fee.name, 1, 0, None, fee.basis)
        unit, basis = row.amount, row.basis
    elif fee.kind == "certified_copy":
        pages, quantity = _count(answers, "pages"), _count(answers, "copies")
        unit = certified_copy(pages, 1) if pages else 0
    if fee.kind != "certified_copy" and fee.quantity:
        quantity = _count(answers, fee.quantity)
    if not quantity or (fee.kind == "certified_copy" and not unit):
        return None
    amount = unit * quantity
    reason = _reduction(procedure, fee, line, on, rules)
    return FeeLine(fee.name, quantity, unit, 0 if reason else amount, basis, amount, reason if amount else "")


def _reduction(procedure: Procedure, fee: Fee, line: Mapping[str, Any], on: date, rules: LocalRules) -> str:
    """The name of the exemption claimed, when it reaches this fee."""
    claim = exemptions().get(str((line.get("exemption") or {}).get("reason")))
    if claim is None or not claim.reaches(fee.code, _exempt(procedure, fee, on, rules), on):
        return ""
    return claim.name


def _exempt(procedure: Procedure, fee: Fee, on: date, rules: LocalRules) -> tuple[str, ...]:
    row = rules.fee(procedure.code, fee.code, on)
    return (*fee.exempt, *(row.exempt if row else ()))


def _count(answers: Mapping[str, Any], key: str) -> int:
    """A number given, or the rows of a table."""
    value = answers.get(key)
    value = len(value) if isinstance(value, list) else value
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _applies(fee: Fee, answers: Mapping[str, Any], received: date) -> bool:
    bound = fee.within_days or fee.after_days
    if bound is None:
        return True
    try:
        age = (received - date.fromisoformat(str(answers.get(bound[0])))).days
    except ValueError:
        return fee.within_days is not None  # no date yet: show the ordinary rule, not the exception
    return (age <= bound[1]) == (fee.within_days is not None)
