"""Is there a line? Only an answer signed over our nonce proves it. And when to try again."""

import random
from typing import Literal

from forms.problem import Problem

Kind = Literal["line", "busy", "record"]
_LINE = frozenset({"no_line", "not_the_gateway", "deadline"})
_BUSY = frozenset({"store_busy", "gateway_busy"})


def kind_of(problem: Problem) -> Kind:
    """Three classes of failure: the line, the gateway (or store) is busy, or what was sent."""
    return "line" if problem.code in _LINE else "busy" if problem.code in _BUSY else "record"


class Backoff:
    """Exponential pause with full jitter: ``pause()`` grows, ``reset()`` after a success. Seconds."""

    def __init__(self, first: float = 1.0, most: float = 60.0, seed: int | None = None) -> None:
        self._first, self._most, self._failures = first, most, 0
        self._random = random.Random(seed)

    def pause(self) -> float:
        """How long to wait after one more failure."""
        top = min(self._most, self._first * 2**self._failures)
        self._failures += 1
        return self._random.uniform(top / 4, top)

    def reset(self) -> None:
        """The line is back."""
        self._failures = 0
