"""``python -m sync``: the core without a window. The sync process itself, IT support's tool, and proof that it needs no Qt.

JSON lines on stdout; exit 0 done, 1 a ``Problem`` (one JSON line on stderr), 2 wrong usage, 3 some lines refused. Secrets
come from the environment: ``MOTCUA_PIN``, ``MOTCUA_PASSPHRASE``.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from forms import reports
from forms.cli import guarded, say
from forms.problem import Problem
from sync import audit, cli_audit, cli_care, cli_gateway, reporting, vault, verbs
from sync.cli_opening import open_store, operator_of, secret_for
from sync.contact import contact, until_empty
from sync.counter import Counter, vietnam_now
from sync.enrolment import enrol
from sync.follower import Follower
from sync.gateway_client import Traffic, check_url
from sync.hardening import report_to
from sync.logbook import Logbook
from sync.scans import PER_FILE, attach
from sync.store import log

PER_LINE = frozenset(
    {
        "incomplete",
        "id_reused",
        "line_malformed",
        "line_too_large",
        "numbers_exhausted",
        "numbers_need_contact",
        "date_unsure",
    }
)
"""Problems of one dossier line: the others go on."""


_LONGEST = 1 << 20
"""Characters of one line: four times what an event may hold."""
_EVENT: dict[str, Any] = {"required": True, "choices": sorted(verbs.VERBS)}
_DAY: dict[str, Any] = {"required": True, "type": date.fromisoformat}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)
    return guarded(lambda: args.run(args))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def add(name: str, run: Any, **options: dict[str, Any]) -> argparse.ArgumentParser:
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("--data", type=Path, required=True)
        for flag, settings in options.items():
            command.add_argument("--" + flag.rstrip("_").replace("_", "-"), dest=flag, **settings)
        return command

    text, flag, number = {"default": None}, {"action": "store_true"}, {"type": float, "default": None}
    needed, file = {"required": True}, {"type": Path, "required": True}
    add("enrol", _enrol, gateway=needed, code=needed, operator=needed, allow_http=flag)
    add("receive", _receive, from_=file, operator=text, allow_incomplete=flag, confirm_date=flag)
    add("attach", _attach, dossier=needed, paper=needed, operator=text).add_argument("files", type=Path, nargs="+")
    add("act", _act, dossier=needed, event=_EVENT, with_={"type": _json, "default": "{}"}, operator=text)
    add("report", _report, kind={"type": _kind, "required": True}, from_=_DAY, to=_DAY, out=file, operator=text)
    add("sync", _sync, gateway=text, until_empty=flag, deadline=number, allow_http=flag, operator=text)
    add("follow", _follow, idle={"type": float, "default": 20.0}, linger={"type": float, "default": 900.0})
    add("status", _status, operator=text)
    add("dossiers", _dossiers, search={"default": ""}, id=text, operator=text)
    cli_gateway.register(add)
    cli_care.register(add)
    cli_audit.register(add)
    return parser


def _json(text: str) -> Any:
    """``-`` stands for stdin: arguments can be read by everybody on the machine (ps), and these name persons.

    :raises ArgumentTypeError: not JSON, which is wrong usage."""
    try:
        return json.loads(sys.stdin.read() if text == "-" else text)
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError("not JSON") from error


def _kind(text: str) -> str:
    """:raises ArgumentTypeError: no such kind of report."""
    try:
        return reports.kind_of(text)
    except Problem as problem:
        raise argparse.ArgumentTypeError(f"one of {', '.join(reports.KINDS)}") from problem


def _enrol(args: argparse.Namespace) -> None:
    if vault.is_enrolled(args.data):
        raise Problem("already_enrolled", counter=vault.summary(args.data)["counter"])
    secret = secret_for(args.data)
    say(enrol(args.data, args.gateway, args.code, args.operator, secret, vietnam_now(), allow_http=args.allow_http))


def _receive(args: argparse.Namespace) -> int:
    counter, _ = open_store(args, writes=True)
    operator, refused = operator_of(args), 0
    for line in _lines(args.from_):
        try:
            if not isinstance(line, dict):
                raise Problem("line_malformed", field="line")
            done = counter.receive(line, operator, allow_incomplete=args.allow_incomplete, date_confirmed=args.confirm_date)
        except Problem as problem:
            if problem.code not in PER_LINE:
                raise
            refused += 1
            known = line.get("id") if isinstance(line, dict) else None
            found = {"id": known, "problem": problem.code, "findings": problem.details.pop("findings", [])}
            say(found | {"details": problem.details})
        else:
            say({"id": done.id, "code": done.code, "return_at": done.return_at.isoformat() if done.return_at else None})
    return 3 if refused else 0


def _lines(file: Path) -> Iterator[Any]:
    """JSON values of a file's lines; None for one that is not JSON or too long. :raises Problem: ``file_unreadable``."""
    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as source:
            while text := source.readline(_LONGEST):
                if not text.endswith("\n") and len(text) == _LONGEST:
                    while (more := source.readline(_LONGEST)) and not more.endswith("\n"):
                        pass
                if text.strip():
                    try:
                        yield json.loads(text)
                    except (ValueError, RecursionError):
                        yield None
    except OSError as error:
        raise Problem("file_unreadable", file=file.name) from error


def _sync(args: argparse.Namespace) -> None:
    from sync.files import hold

    counter, _ = open_store(args, writes=True, to_meet=True)
    lock = hold(args.data, "sync", wait=1)
    url = check_url(args.gateway or counter.gateway_url, args.allow_http)
    counter.use_gateway(url)
    begin, traffic = time.monotonic(), Traffic()
    deadline = begin + (args.deadline if args.deadline is not None else 600 if args.until_empty else 60)
    try:
        if args.until_empty:
            totals = until_empty(counter, url, deadline, traffic)
            sent, heard = totals.sent, totals.heard
        else:
            outcome, _ = contact(counter, url, deadline, traffic)
            sent, heard = outcome.sent, outcome.heard
    finally:
        lock.release()
    say(
        {
            "sent": sent,
            "heard": heard,
            "waiting": log.waiting(counter.store),
            "bytes_up": traffic.up,
            "bytes_down": traffic.down,
            "seconds": round(time.monotonic() - begin, 3),
        }
    )


def _follow(args: argparse.Namespace) -> None:
    """The process beside the window: the key comes as one hex line on stdin."""
    try:
        key = bytes.fromhex(sys.stdin.readline().strip())
    except ValueError as error:
        raise Problem("secret_missing", variable="stdin") from error
    report_to(Logbook(args.data / "sync.log"))
    Follower(Counter.open(args.data, key), key, args.idle, args.linger).run()


def _status(args: argparse.Namespace) -> None:
    say(open_store(args)[0].status())


def _act(args: argparse.Namespace) -> None:
    """One act by its event's name; what it takes stands in ``sync.verbs``."""
    counter, _ = open_store(args, writes=True)
    say(verbs.run(counter, args.dossier, operator_of(args), args.event, args.with_))


def _attach(args: argparse.Namespace) -> int:
    """A line a file. What is wrong with one of several is a line too, and the others go on."""
    counter, _ = open_store(args, writes=True)
    refused = 0
    for file in args.files:
        try:
            say(attach(counter, args.dossier, args.paper, file, operator_of(args)))
        except Problem as problem:
            if problem.code not in PER_FILE or len(args.files) == 1:
                raise
            refused += 1
            say({"file": str(file), "problem": problem.code, "details": problem.details})
    return 3 if refused else 0


def _report(args: argparse.Namespace) -> None:
    counter, _ = open_store(args)
    made = reporting.make(counter, args.kind, args.from_, args.to)
    reporting.save(counter, made, args.out)
    audit.note_once(counter, operator_of(args), "report_made", about=made.kind)
    say({"kind": made.kind, "rows": len(made.rows), "out": str(args.out)})


def _dossiers(args: argparse.Namespace) -> None:
    counter, _ = open_store(args)
    if args.id:
        say(counter.dossier(args.id))
        audit.note_once(counter, operator_of(args), "viewed", args.id)
        return
    found = counter.dossiers(args.search, limit=-1)
    for row in found:
        say(row)
    audit.note_once(counter, operator_of(args), "searched", about=str(len(found)))
