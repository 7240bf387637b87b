"""What somebody else wrote, as far as it has the shape it should: a counter of another version in a body, a receiving system in
an answer. What has not counts as absent."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from forms.problem import Problem
from forms.refusals import MOST, kept

MALFORMED = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)
"""What reading a value of another shape may raise."""
LONGEST = 200
"""Characters of what the other side calls a dossier, a file, a hash."""
_AMOUNT = 10**15
_P = ParamSpec("_P")
_R = TypeVar("_R")


def text(value: Any) -> str:
    """A text without white space around it, "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def part(value: Any) -> Mapping[str, Any]:
    """An object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def parts(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, none for anything else."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []


def quantity(value: Any) -> int | None:
    """A whole number, not negative, as an amount or a count may be; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _AMOUNT else None


def seconds(value: Any, most: float) -> float | None:
    """A span that the other side names, at most ``most``; None for none, or one that is not positive or no number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(min(value, most)) if number and value > 0 else None  # NaN is not


def label(value: Any, most: int = LONGEST) -> str:
    """What the other side calls something, whole: printable, at most ``most`` characters; "" for anything else."""
    found = text(value)
    return found if len(found) <= most and found.isprintable() else ""


def title(value: Any) -> str:
    """A name or a number in a catalogue of the other side, whole; "" for one that is longer than such a name may be."""
    found = value if isinstance(value, str) else str(value) if quantity(value) is not None else ""
    return kept(found) if len(found) <= MOST else ""


def answered(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """For what reads an answer: whatever goes wrong because of its shape is the answer's fault, never the dossier's.

    :raises Problem: besides its own, ``system_unreadable``.
    """

    @wraps(method)
    def read(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except MALFORMED as error:
            raise Problem("system_unreadable", reason=type(error).__name__) from error

    return read
