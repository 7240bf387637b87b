"""Commands of a gateway and of the relay beside it: run them, let in and revoke, what is held."""

import argparse
from pathlib import Path
from typing import Any, Literal

from forms.cli import say
from forms.problem import Problem
from sync.cli_care import Add
from sync.cli_opening import open_ledger
from sync.store import dossiers


def register(add: Add) -> None:
    """Add these commands to the parser of ``python -m sync``."""
    text, flag, file = {"default": None}, {"action": "store_true"}, {"type": Path, "required": True}
    gateway: dict[str, dict[str, Any]] = {
        "port": {"type": int, "required": True},
        "host": {"default": "127.0.0.1"},
        "portal": {"default": "off"},
        "numbers": {"type": int, "default": 1000},
        **dict.fromkeys(("cert", "key"), text),
        "practice": flag,
        "communes": {"type": Path, "default": None},
    }
    add("gateway", _gateway, **gateway)
    add("relay", _relay, config=file)
    add("enrol-code", _enrol_code, commune=text, replaces=text)
    add("revoke", _revoke, counter=text, operator=text, commune={"default": ""}, undo=flag)
    add("gateway-dossiers", _gateway_dossiers, id=text)
    add("gateway-report", _gateway_report)


def _gateway(args: argparse.Namespace) -> None:
    from sync.gateway.server import serve

    if bool(args.cert) != bool(args.key):
        raise Problem("certificate_incomplete")
    serve(
        args.data,
        args.host,
        args.port,
        portal=args.portal,
        numbers=args.numbers,
        certificate=(args.cert, args.key) if args.cert else None,
        practice=args.practice,
        communes=args.communes,
        announce=say,
    )


def _relay(args: argparse.Namespace) -> None:
    """The road to the national systems, beside a gateway, until SIGTERM."""
    from sync.relay.program import serve

    serve(args.data, args.config, say)


def _enrol_code(args: argparse.Namespace) -> None:
    from sync.gateway.admission import new_code

    with open_ledger(args.data) as ledger:
        here = ledger.counter(args.replaces)[1] if args.replaces else ledger.communes()[0]
        say({"enrol_code": new_code(ledger, args.commune or here, args.replaces)})


def _revoke(args: argparse.Namespace) -> None:
    """A counter, or an operator of a commune, is let in no more; ``--undo``: again."""
    from sync.gateway.people import revoke

    kind: Literal["counter", "operator"] = "counter" if args.counter else "operator"
    who = args.counter or args.operator
    if not who:
        raise Problem("operator_unknown", operator="")
    with open_ledger(args.data) as ledger:
        commune = revoke(ledger, kind, who, args.commune or ledger.communes()[0], undo=args.undo)
        say({"allowed" if args.undo else "revoked": who, "kind": kind, "commune": commune})


def _gateway_dossiers(args: argparse.Namespace) -> None:
    with open_ledger(args.data) as ledger:
        for dossier_id in [args.id] if args.id else ledger.dossier_ids():
            found = ledger.dossier(dossier_id)
            if found is None:
                raise Problem("dossier_unknown", id=dossier_id)
            say(dossiers.shown(found.as_json()))


def _gateway_report(args: argparse.Namespace) -> None:
    from sync.gateway.report import report

    with open_ledger(args.data) as ledger:
        say(report(ledger))
