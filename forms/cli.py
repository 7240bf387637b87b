"""``python -m forms``: the rules without a window, for scripts, IT support and test harnesses.

JSON lines on stdout; exit 0 done, 1 a ``Problem``, 2 wrong usage.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.fees import compute
from forms.names import words
from forms.person import check_number, parse_card, valid_number
from forms.problem import Problem
from forms.working_days import Calendar, parse_moment


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)

    def command() -> None:
        for row in args.run(args):
            say(row)

    return guarded(command)


def say(line: Mapping[str, Any]) -> None:
    """One JSON line on stdout, at once."""
    print(json.dumps(line, ensure_ascii=False), flush=True)


def guarded(command: Callable[[], int | None]) -> int:
    """Run a command of a headless face: exit code 0 or the command's own, 1 for a ``Problem`` (one JSON line on stderr)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the console's code page is
    try:
        return command() or 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader had enough; say nothing at exit either
        return 0
    except Problem as problem:
        line = {"problem": problem.code, "details": problem.details}
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m forms", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def add(name: str, run: Any, *options: tuple[str, dict[str, Any]]) -> None:
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        for flag, settings in options:
            command.add_argument(flag, **settings)

    procedure = ("--procedure", {"required": True})
    case = ("--case", {"default": None})
    add("describe", _describe, procedure)
    add("example", _example, procedure, case, ("--n", {"type": int, "default": 1}), ("--seed", {"type": int, "default": 1}))
    received = ("--received", {"required": True})
    add("return-date", _return_date, procedure, case, ("--channel", {"default": "1"}), received)
    quantity = ("--quantity", {"nargs": "+", "default": [], "metavar": "NAME=N"})
    add("fee", _fee, procedure, case, ("--channel", {"default": "1"}), quantity)
    add("words", _words, ("amount", {"type": int}))
    add("card", _card, ("text", {}))
    add("person", _person, ("number", {}), ("--birth", {"default": None}), ("--gender", {"default": None}))
    return parser


def _describe(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    catalogue = Catalogue.load()
    procedure = catalogue.procedure(args.procedure)
    if procedure is None:
        raise Problem("procedure_unknown", procedure=args.procedure)
    definition = catalogue.definition(procedure)
    shape = asdict(procedure)
    yield shape | {
        "procedure": procedure.code,
        "code": procedure.code_source,
        "papers": {c.id: [asdict(p) for p in c.papers] for c in procedure.cases},
        "answers": definition.schema if definition else {},
    }


def _example(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    return examples(Catalogue.load(), args.procedure, args.case, args.n, args.seed)


def _return_date(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    procedure, moment = Catalogue.load().procedure(args.procedure), parse_moment(args.received)
    if procedure is None:
        raise Problem("procedure_unknown", procedure=args.procedure)
    channel = procedure.channel(args.channel)
    if moment is None or channel is None or channel.time is None:
        raise Problem("time_limit_unknown", procedure=args.procedure, channel=args.channel)
    due = Calendar.load().appointment(channel.time, moment)
    shown = asdict(due) | {"received_at": moment.isoformat(), "return_at": due.return_at.isoformat()}
    yield shown


def _fee(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    procedure = Catalogue.load().procedure(args.procedure)
    if procedure is None:
        raise Problem("procedure_unknown", procedure=args.procedure)
    pairs = [text.partition("=") for text in args.quantity]
    if not all(number.isdigit() for _, _, number in pairs):
        raise Problem("quantity_malformed")
    answers = {name: int(number) for name, _, number in pairs}
    yield compute(procedure.channel(args.channel), answers, date.max).as_json()


def _words(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield {"words": words(args.amount)}


def _card(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield asdict(parse_card(args.text))


def _person(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield {"valid": valid_number(args.number), "warnings": check_number(args.number, args.birth, args.gender)}
