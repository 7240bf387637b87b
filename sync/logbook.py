"""The one log of the product: JSON lines that a support desk may read, because nothing in it is about anybody.

It is an allow-list: a line holds the keys named here, each of its own shape, and nothing else; what does not fit is left out and
counted. No text of an exception, a person or a file is ever such a value: of an error its kind and the places in the code.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from forms.problem import Problem

LARGEST = 256 << 10
"""Bytes of a log; then it becomes ``….1`` and a new one begins. Two of them are all there is."""
_PLACES = 40


def _word(pattern: str) -> Callable[[Any], bool]:
    shape = re.compile(pattern)
    return lambda value: isinstance(value, str) and shape.fullmatch(value) is not None


def _figure(value: Any) -> bool:
    return type(value) in (int, float)


_place = _word(r"[A-Za-z0-9_.<>-]{1,80}:[0-9]{1,7} [A-Za-z0-9_<>]{1,80}")
KEYS: dict[str, Callable[[Any], bool]] = {
    "what": _word("[a-z_]{1,40}"),
    "problem": _word("[a-z_]{1,60}"),
    "kind": _word("[A-Za-z0-9_.]{1,120}"),
    "places": lambda value: isinstance(value, list) and len(value) <= _PLACES and all(map(_place, value)),
    "counter": _word("[0-9a-f]{12}|portal"),
    "logger": _word("[a-z_.]{1,60}"),
    **dict.fromkeys(("sent", "heard", "waiting", "scans", "bytes", "purged", "seconds", "status"), _figure),
}
"""Key -> whether a value may be written under it."""


class Logbook:
    """A log file. ``write`` may be called at any time and never fails: where the disk refuses, stderr is the last place left."""

    def __init__(self, file: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.file, self._now = file, now

    def write(self, what: str, **facts: Any) -> None:
        """One line: when, ``what`` happened, and the ``facts`` that are allowed."""
        line = {"at": self._now().isoformat(timespec="seconds")} | allowed({"what": what} | facts)
        text = json.dumps(line, ensure_ascii=True)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.file.exists() and self.file.stat().st_size > LARGEST:
                self.file.replace(self.file.with_name(self.file.name + ".1"))
            with self.file.open("a", encoding="ascii") as out:
                out.write(text + "\n")
        except OSError:
            print(text, file=sys.stderr)  # noqa: T201

    def error(self, what: str, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """An error: its kind, the code of a Problem, the places."""
        self.write(what, **facts_of(kind, error, trace))


def allowed(facts: dict[str, Any]) -> dict[str, Any]:
    """What may be written of some facts; ``left_out`` counts the others."""
    fits = {key: value for key, value in facts.items() if key in KEYS and KEYS[key](value)}
    return fits | ({"left_out": len(facts) - len(fits)} if len(fits) < len(facts) else {})


def facts_of(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> dict[str, Any]:
    """``kind``, ``places`` (``file:line function``, the innermost last) and, of a Problem, its code."""
    steps = traceback.extract_tb(trace)[-_PLACES:]
    places = [f"{Path(step.filename).name}:{step.lineno} {step.name}" for step in steps]
    facts: dict[str, Any] = {"kind": f"{kind.__module__}.{kind.__qualname__}", "places": [p for p in places if _place(p)]}
    return facts | ({"problem": error.code} if isinstance(error, Problem) else {})


class _Handler(logging.Handler):
    """What a library wants to log: by whom, and of an error the kind and the places; never its words."""

    def __init__(self, book: Logbook) -> None:
        super().__init__(logging.ERROR)
        self._book = book

    def emit(self, record: logging.LogRecord) -> None:
        kind, error, trace = record.exc_info or (None, None, None)
        self._book.write("logged", logger=record.name, **(facts_of(kind, error, trace) if kind else {}))


def take_over(book: Logbook) -> None:
    """From now on what libraries log goes into ``book``, without its words, and nowhere else."""
    logging.getLogger().handlers[:] = [_Handler(book)]
