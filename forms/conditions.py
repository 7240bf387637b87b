"""Conditions of an e-form: when a field is shown, and when it must be answered. Data, never code.

A condition is ``{"answer": "path.to.answer", OP: value}`` with OP one of ``is``, ``is_not``, ``in``, ``known`` (true or
false), ``full_date`` (true or false), or ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": {...}}``. A field that is not
shown counts as not answered. Inside a person block a condition looks at the answers of that person.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from forms.problem import Problem

_OPERATORS = ("is", "is_not", "in", "known", "full_date")


def holds(condition: Any, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds for these answers; None always does. Call ``check`` first on what was read from a file."""
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(c, answers) for c in condition["all"])
    if "any" in condition:
        return any(holds(c, answers) for c in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], answers)
    value = at(answers, condition["answer"])
    if "known" in condition:
        return bool((value not in (None, "", [], {})) == condition["known"])
    if "full_date" in condition:
        return bool((isinstance(value, str) and len(value) == 10) == condition["full_date"])
    if "in" in condition:
        return value in condition["in"]
    return bool(value == condition["is"]) if "is" in condition else bool(value != condition["is_not"])


def at(answers: Any, path: str) -> Any:
    """The answer at a dotted path, None where there is none."""
    for name in path.split("."):
        answers = answers.get(name) if isinstance(answers, Mapping) else None
    return answers


def reads(condition: Any) -> set[str]:
    """The top-level answers a condition looks at."""
    if condition is None:
        return set()
    inner = condition.get("all") or condition.get("any") or ([condition["not"]] if "not" in condition else [])
    own = {condition["answer"].split(".")[0]} if "answer" in condition else set()
    return own.union(*(reads(c) for c in inner))


def check(condition: Any, known: Iterable[str]) -> None:
    """The shape of a condition, and that every answer it looks at exists. :raises ValueError: what is wrong."""
    if condition is None:
        return
    if not isinstance(condition, dict) or len(condition) not in (1, 2):
        raise ValueError(f"not a condition: {condition!r}")
    for name in ("all", "any"):
        if name in condition:
            if not isinstance(condition[name], list) or not condition[name]:
                raise ValueError(f"{name} needs a list of conditions")
            for inner in condition[name]:
                check(inner, known)
            return
    if "not" in condition:
        check(condition["not"], known)
        return
    if not isinstance(condition.get("answer"), str) or sum(op in condition for op in _OPERATORS) != 1:
        raise ValueError(f"a condition needs an answer and one of {', '.join(_OPERATORS)}: {condition!r}")
    if not isinstance(condition.get("in", []), list):
        raise ValueError(f"in needs a list: {condition!r}")
    if condition["answer"].split(".")[0] not in set(known):
        raise ValueError(f"a condition looks at an answer that is not there: {condition['answer']}")


def check_cycles(looks_at: Mapping[str, set[str]]) -> None:
    """No field may be shown depending on itself, by whatever detour. ``looks_at``: field -> fields its conditions read.

    :raises Problem: ``conditions_cycle`` with the ``fields`` of the circle in order.
    """
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            raise Problem("conditions_cycle", fields=[*trail[trail.index(name) :], name])
        if name not in done:
            for other in sorted(looks_at.get(name, ())):
                walk(other, (*trail, name))
            done.add(name)

    for name in looks_at:
        walk(name, ())
