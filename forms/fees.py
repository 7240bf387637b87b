"""Fees (phí, lệ phí): rules of a channel applied to the answers. An amount that only the province knows stays unknown."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.procedure import Channel, Fee


@dataclass(frozen=True)
class FeeLine:
    """``amount`` in đồng; None: set by the province's council (HĐND), to be confirmed before it is collected."""

    name: str
    quantity: int
    unit_price: int
    amount: int | None
    basis: str

    def as_json(self) -> dict[str, Any]:
        return {k: getattr(self, k) for k in ("name", "quantity", "unit_price", "amount", "basis")}


@dataclass(frozen=True)
class FeeTotal:
    """``total`` in đồng; None when a line is unknown, or when rules wait for a quantity and there is no line at all."""

    total: int | None
    lines: tuple[FeeLine, ...]

    def as_json(self) -> dict[str, Any]:
        return {"total": self.total, "lines": [line.as_json() for line in self.lines]}


def compute(channel: Channel | None, answers: dict[str, Any], received: date) -> FeeTotal:
    """The fees of one dossier. Rules whose age bound does not hold, and quantities of nothing, make no line."""
    rules = [f for f in channel.fees if _applies(f, answers, received)] if channel else []
    lines = tuple(line for line in (_line(f, answers) for f in rules) if line)
    amounts = [line.amount for line in lines]
    known = [a for a in amounts if a is not None]
    settled = len(known) == len(amounts) and (bool(lines) or not rules)
    return FeeTotal(sum(known) if settled else None, lines)


def certified_copy(pages: int, copies: int) -> int:
    """TT 226/2016/TT-BTC Điều 4: 2.000 đ a page, 1.000 đ from the third page, at most 200.000 đ a copy."""
    return min(2000 * min(pages, 2) + 1000 * max(pages - 2, 0), 200_000) * copies


def _line(fee: Fee, answers: dict[str, Any]) -> FeeLine | None:
    if fee.kind == "local":
        return FeeLine(fee.name, 1, 0, None, fee.basis)
    if fee.kind == "fixed":
        return FeeLine(fee.name, 1, fee.amount, fee.amount, fee.basis)
    if fee.kind == "certified_copy":
        pages, copies = _count(answers, "pages"), _count(answers, "copies")
        one = certified_copy(pages, 1)
        return FeeLine(fee.name, copies, one, one * copies, fee.basis) if pages and copies else None
    quantity = _count(answers, fee.quantity)
    return FeeLine(fee.name, quantity, fee.amount, fee.amount * quantity, fee.basis) if quantity else None


def _count(answers: dict[str, Any], key: str) -> int:
    value = answers.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _applies(fee: Fee, answers: dict[str, Any], received: date) -> bool:
    bound = fee.within_days or fee.after_days
    if bound is None:
        return True
    try:
        age = (received - date.fromisoformat(str(answers.get(bound[0])))).days
    except ValueError:
        return fee.within_days is not None  # no date yet: show the ordinary rule, not the exception
    return (age <= bound[1]) == (fee.within_days is not None)
