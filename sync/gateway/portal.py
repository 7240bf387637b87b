"""The national side, played: one more counter named ``portal`` with its own log. For practice, demonstrations and tests.

It accepts every received dossier after a while, refuses what its script says with a reason, and issues a number where the
procedure says so. A script is JSON: ``{"delay": seconds, "refuse": [{"match": {"procedure": …, "full_name": …},
"reason", "field", "say", "raw"}]}``.
"""

import json
import secrets
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forms.problem import Problem
from sync.events import Event, body_hash, tick
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger
from sync.gateway.writer import Writer
from sync.wire import Group

COUNTER = "portal"
_DELAYS = {"instant": 0.0, "delayed": 2.0}


def script(mode: str) -> dict[str, Any] | None:
    """The script of ``off``, ``instant``, ``delayed`` or a file. :raises Problem: ``portal_script_damaged``."""
    if mode == "off":
        return None
    if mode in _DELAYS:
        return {"delay": _DELAYS[mode], "refuse": []}
    try:
        read = json.loads(Path(mode).read_text(encoding="utf-8"))
        return {"delay": float(read.get("delay", 2.0)), "refuse": list(read.get("refuse", []))}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Problem("portal_script_damaged", file=Path(mode).name) from error


class Portal:
    """Gives its verdicts when ``work`` is called; what was given before is never given again."""

    def __init__(self, ledger: Ledger, writer: Writer, script: dict[str, Any]) -> None:
        self._ledger, self._writer, self._script = ledger, writer, script
        self._seen: dict[str, float] = {}

    def work(self) -> int:
        """One round over every commune: how many verdicts were given."""
        return sum(self._commune(c) for c in self._ledger.communes())

    def _commune(self, commune: str) -> int:
        now = time.monotonic()
        due = []
        for row in self._unanswered(commune):
            since = self._seen.setdefault(row.dossier, now)
            if now - since >= self._script["delay"]:
                due.append(row)
        for row in due:
            self._say(commune, row.dossier, json.loads(row.body or "{}"), int(row.at))
            self._seen.pop(row.dossier, None)
        return len(due)

    def _unanswered(self, commune: str) -> list[Any]:
        e, v = t.events, t.events.alias("verdict")
        answered = sa.select(v.c.dossier).where(v.c.commune == commune, v.c.counter == COUNTER)
        query = sa.select(e.c.dossier, e.c.body, e.c.at).where(
            e.c.commune == commune, e.c.name == "received", e.c.dossier.not_in(answered)
        )
        with self._ledger.engine.connect() as db:
            return list(db.execute(query.order_by(e.c.seq)))

    def _say(self, commune: str, dossier: str, body: dict[str, Any], after: int) -> None:
        epoch = self._epoch(commune)
        held = self._ledger.held(COUNTER, epoch)
        name, verdict = self._verdict(body, held.number + 1)
        secret = secrets.token_bytes(16)
        number = held.number + 1
        at = tick(after, time.time_ns() // 1_000_000)
        digest = body_hash(secret, epoch, number, verdict)
        event = Event(COUNTER, epoch, number, dossier, name, at, "", held.head, digest, verdict)
        self._writer.submit(commune, Group((event,), {dossier: secret.hex()})).result()

    def _epoch(self, commune: str) -> str:
        """One log a commune, so that its feed holds the portal's log whole."""
        return f"{self._ledger.epoch[:8]}{commune}"

    def _verdict(self, body: dict[str, Any], number: int) -> tuple[str, dict[str, Any]]:
        procedure, who = body.get("procedure") or {}, body.get("applicant") or {}
        facts = {"procedure": procedure.get("code"), "full_name": who.get("full_name"), "code": body.get("code")}
        for rule in self._script["refuse"]:
            if all(facts.get(k) == v for k, v in rule.get("match", {}).items()):
                return "refused", {k: rule.get(k) for k in ("reason", "field", "say", "raw")}
        if procedure.get("code_source") == "issued":
            day = str(body.get("received_at") or "")[:10].replace("-", "")
            return "accepted", {"official_code": f"G15-{day}-{number:07d}"}
        return "accepted", {}
