"""Commands of the audit: who saw and did what, a person's own data, a data incident."""

import argparse
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forms.cli import say
from forms.working_days import parse_moment
from sync import audit, disclosure, incident
from sync.cli_opening import open_store, operator_of
from sync.store.audit import Asked

if TYPE_CHECKING:
    from sync.cli_care import Add


def register(add: "Add") -> None:
    """Add these commands to the parser of ``python -m sync``."""
    text, needed, flag, file = {"default": None}, {"required": True}, {"action": "store_true"}, {"type": Path, "required": True}
    day, at = {"type": date.fromisoformat, "default": None}, {"type": _moment, "required": True}
    add("audit", _audit, operator=text, operator_id=text, from_=day, to=day, did=text, dossier={"default": ""})
    add("ask-person-data", _ask, number=needed, operator=text)
    add("export-person", _export_person, number=needed, out=file, operator=text)
    add("note-incident", _note, operator=text)
    add("export-incident", _export_incident, from_=at, to=at, out=file, with_bodies=flag, operator=text)


def _moment(text: str) -> datetime:
    """:raises ArgumentTypeError: no moment, which is wrong usage."""
    found = parse_moment(text)
    if found is None:
        raise argparse.ArgumentTypeError("a moment is ISO 8601")
    return found


def _audit(args: argparse.Namespace) -> None:
    """A line a row, oldest last; the state of the chain is the last line."""
    counter, _ = open_store(args)
    span = audit.day_span(args.from_ or date(1900, 1, 1), args.to or date(2199, 12, 31))
    wanted = Asked(*span, args.operator_id or "", (args.did,) if args.did else ())
    wanted, place = audit.asked(counter, wanted, args.dossier), (0, 0)
    audit.look(counter, operator_of(args), wanted)
    while True:
        rows, place = audit.page(counter, operator_of(args), wanted, place)
        if not rows:
            break
        for row in rows:
            say(row)
    say({"state": audit.state(counter)})


def _ask(args: argparse.Namespace) -> None:
    say(disclosure.ask(open_store(args, writes=True)[0], operator_of(args), args.number))


def _export_person(args: argparse.Namespace) -> None:
    say(disclosure.export_person(open_store(args, writes=True)[0], operator_of(args), args.number, args.out))


def _note(args: argparse.Namespace) -> None:
    say(incident.note(open_store(args, writes=True)[0], operator_of(args)))


def _export_incident(args: argparse.Namespace) -> None:
    counter, _ = open_store(args, writes=True)
    say(incident.export_incident(counter, operator_of(args), args.from_, args.to, args.out, args.with_bodies))
