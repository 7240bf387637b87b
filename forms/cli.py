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
from pathlib import Path
from typing import Any

from forms import address, sample
from forms.catalogue import Catalogue
from forms.example import examples
from forms.fees import compute
from forms.local_rules import NONE
from forms.names import words
from forms.pack import load_json, write_file, write_packs
from forms.pack_check import check_pack
from forms.person import check_number, parse_card, valid_number
from forms.portal_records import read_file
from forms.problem import Problem
from forms.procedure import Procedure
from forms.vietqr import payload
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
    case, channel = ("--case", {"default": None}), ("--channel", {"default": "1"})
    file = {"type": Path}
    add("describe", _describe, procedure)
    add("example", _example, procedure, case, ("--n", {"type": int, "default": 1}), ("--seed", {"type": int, "default": 1}))
    add("return-date", _return_date, procedure, case, channel, ("--received", {"required": True}))
    quantity = ("--quantity", {"nargs": "+", "default": [], "metavar": "NAME=N"})
    claim, day = ("--exemption", {"default": None}), ("--on", {"default": None, "metavar": "YYYY-MM-DD"})
    add("fee", _fee, procedure, case, channel, quantity, claim, day)
    add("words", _words, ("amount", {"type": int}))
    add("card", _card, ("text", {}))
    add("address", _address, ("text", {}))
    add("person", _person, ("number", {}), ("--birth", {"default": None}), ("--gender", {"default": None}))
    transfer = [(f"--{name}", {"required": True}) for name in ("bank", "account", "memo")]
    add("vietqr", _vietqr, *transfer, ("--amount", {"type": int, "required": True}))
    add("check", _check, ("pack", file))
    add("import", _import, ("file", file), ("--out", file | {"default": None}))
    add("paper", _paper, ("name", {}), ("--dossier", file | {"required": True}), ("--out", file | {"required": True}))
    return parser


def _known(args: argparse.Namespace, catalogue: Catalogue) -> Procedure:
    """:raises Problem: ``procedure_unknown``, ``case_unknown``."""
    procedure = catalogue.procedure(args.procedure)
    if procedure is None:
        raise Problem("procedure_unknown", procedure=args.procedure)
    if procedure.case(getattr(args, "case", None)) is None:
        raise Problem("case_unknown", case=args.case)
    return procedure


def _describe(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    catalogue = Catalogue.load()
    procedure = _known(args, catalogue)
    definition = catalogue.definition(procedure)
    shape = asdict(procedure)
    yield shape | {
        "procedure": procedure.code,
        "code": procedure.code_source,
        "papers": {c.id: [asdict(p) for p in c.papers] for c in procedure.cases},
        "answers": definition.schema if definition else {},
        "to_confirm": list(procedure.to_confirm),
    }


def _example(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    return examples(Catalogue.load(), args.procedure, args.case, args.n, args.seed)


def _return_date(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    procedure, moment = _known(args, Catalogue.load()), parse_moment(args.received)
    limit = NONE.time_limit(procedure, args.channel, args.case)
    if moment is None:
        raise Problem("moment_malformed")
    if limit is None:
        raise Problem("time_limit_unknown", procedure=args.procedure, channel=args.channel)
    due = Calendar.load().appointment(limit, moment)
    moments = {"start": due.start.isoformat(), "return_at": due.return_at.isoformat()}
    yield asdict(due) | {"received_at": moment.isoformat()} | moments


def _fee(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    procedure = _known(args, Catalogue.load())
    pairs = [text.partition("=") for text in args.quantity]
    if not all(number.isascii() and number.isdigit() and len(number) <= 9 for _, _, number in pairs):
        raise Problem("quantity_malformed")
    answers = {name: int(number) for name, _, number in pairs}
    if procedure.channel(args.channel) is None:
        raise Problem("channel_unknown", channel=args.channel)
    moment = parse_moment(args.on) if args.on else None
    if args.on and moment is None:
        raise Problem("moment_malformed")
    claim = {"reason": args.exemption} if args.exemption else None
    line = {"case": args.case, "channel": args.channel, "answers": answers, "exemption": claim}
    yield compute(procedure, line, moment.date() if moment else date.max).as_json()


def _words(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    try:
        yield {"words": words(args.amount)}
    except ValueError as error:
        raise Problem("amount_out_of_range") from error


def _card(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield asdict(parse_card(args.text))


def _person(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield {"valid": valid_number(args.number), "warnings": check_number(args.number, args.birth, args.gender)}


def _address(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield {"matches": [address.as_json(m) for m in address.Gazetteer.load().find(args.text)]}


def _vietqr(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    yield {"payload": payload(args.bank, args.account, args.amount, args.memo)}


def _check(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    found = check_pack(args.pack)
    yield from found
    hard = [f for f in found if f["hard"]]
    if hard:
        raise Problem("pack_refused", findings=len(hard))


def _import(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    """With ``--out DIR`` each procedure becomes a pack below ``DIR/procedures``, ready to be checked and settled."""
    done = read_file(args.file)
    if args.out is not None:
        write_packs(done.procedures, args.out / "procedures")
    yield {"imported": len(done.procedures), "to_confirm": done.to_confirm, "refused": done.refused}


def _paper(args: argparse.Namespace) -> Iterable[dict[str, Any]]:
    pdf, pages = sample.paper(args.name, load_json(args.dossier), Catalogue.load())
    write_file(args.out, pdf)
    yield {"paper": args.name, "pages": pages, "out": str(args.out)}
