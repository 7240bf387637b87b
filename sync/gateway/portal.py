"""The national side, played: one more counter named ``portal`` with its own log. For practice, demonstrations and tests.

It accepts every received dossier after a while, refuses what its script says with a reason until it is corrected, issues a
number where the procedure says so, and files dossiers online. A script is JSON: ``{"delay": seconds, "refuse": [{"match":
{"procedure": …, "full_name": …}, "reason", "field", "say", "raw"}], "file": [dossier line, …], "file_after": seconds}``.
"""

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forms.catalogue import Catalogue
from forms.line import named_papers, procedure_facts
from forms.problem import Problem
from forms.working_days import VIETNAM
from sync.events import Event, body_hash, tick
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger
from sync.gateway.writer import Writer
from sync.group import Group

COUNTER = "portal"
_DELAYS = {"instant": 0.0, "delayed": 2.0}
_ASKS = ("received", "corrected")
_VERDICTS = ("accepted", "refused")
_UNREADABLE = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)
_UNREAD = {
    "reason": "Hồ sơ gửi lên chưa đọc được",
    "field": None,
    "say": "Quầy nhập lại mục còn thiếu rồi gửi lại, anh chị không phải đi lại.",
    "raw": "unreadable record",
}


def script(mode: str) -> dict[str, Any] | None:
    """The script of ``off``, ``instant``, ``delayed`` or a file. :raises Problem: ``portal_script_damaged``."""
    if mode == "off":
        return None
    if mode in _DELAYS:
        return {"delay": _DELAYS[mode], "refuse": [], "file": [], "file_after": 0.0}
    try:
        read = json.loads(Path(mode).read_text(encoding="utf-8"))
        times = {"delay": float(read.get("delay", 2.0)), "file_after": float(read.get("file_after", 0.0))}
        return times | {k: list(read.get(k, [])) for k in ("refuse", "file")}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Problem("portal_script_damaged", file=Path(mode).name) from error


class Portal:
    """Gives its verdicts when ``work`` is called; what was given before is never given again."""

    def __init__(self, ledger: Ledger, writer: Writer, script: dict[str, Any]) -> None:
        self._ledger, self._writer, self._script = ledger, writer, script
        self._seen: dict[str, float] = {}
        self._begun, self._filed = time.monotonic(), False

    def work(self, ended: Callable[[], bool] = lambda: False) -> int:
        """One round over every commune: how many words were said. Asks ``ended`` before each; the rest waits for a next start."""
        said = sum(self._commune(c, ended) for c in self._ledger.communes())
        if not self._filed and self._script["file"] and time.monotonic() - self._begun >= self._script["file_after"]:
            self._filed = True
            said += self._file(self._ledger.communes()[0])
        return said

    def _commune(self, commune: str, ended: Callable[[], bool]) -> int:
        now, said = time.monotonic(), 0
        due = []
        for row in self._unanswered(commune):
            since = self._seen.setdefault(row.dossier, now)
            if now - since >= self._script["delay"]:
                due.append(row)
        for row in due:
            if ended():
                break
            self._answer(commune, row.dossier, row.name, int(row.at))
            self._seen.pop(row.dossier, None)
            said += 1
        return said

    def _unanswered(self, commune: str) -> list[Any]:
        """Dossiers of the commune that were received, or corrected, after the last verdict."""
        e = t.events.c
        asked = (
            sa.select(e.dossier, sa.func.max(e.id).label("asked"))
            .join(t.counters, t.counters.c.id == e.counter)
            .where(t.counters.c.commune == commune, e.name.in_(_ASKS), e.dossier.not_in(sa.select(t.erasures.c.dossier)))
            .group_by(e.dossier)
            .subquery()
        )
        told = (
            sa.select(e.dossier, sa.func.max(e.id).label("told"))
            .where(e.counter == COUNTER, e.name.in_(_VERDICTS))
            .group_by(e.dossier)
            .subquery()
        )
        query = (
            sa.select(e.dossier, e.name, e.at)
            .join(asked, asked.c.asked == e.id)
            .outerjoin(told, told.c.dossier == e.dossier)
            .where(sa.or_(told.c.told.is_(None), told.c.told < asked.c.asked))
        )
        with self._ledger.engine.connect() as db:
            return list(db.execute(query.order_by(e.id)))

    def _answer(self, commune: str, dossier: str, event: str, after: int) -> None:
        try:
            whole = self._ledger.dossier(dossier)
            if whole is None:
                return
            number = self._ledger.held(COUNTER, self._epoch(commune)).number + 1
            name, verdict = self._verdict(whole.as_json(), number, corrected=event == "corrected")
        except _UNREADABLE:  # the record is held all the same: this is an answer to it, not a reason to stop
            name, verdict = "refused", _UNREAD
        self._say(commune, dossier, name, verdict, after)

    def _say(self, commune: str, dossier: str, name: str, body: dict[str, Any], after: int = 0) -> None:
        epoch = self._epoch(commune)
        held = self._ledger.held(COUNTER, epoch)
        secret = self._ledger.secret(COUNTER, epoch, dossier) or secrets.token_bytes(16)
        number = held.number + 1
        at = tick(after, time.time_ns() // 1_000_000)
        digest = body_hash(secret, epoch, number, body)
        event = Event(COUNTER, epoch, number, dossier, name, at, "", held.head, digest, body)
        self._writer.submit(commune, Group((event,), {dossier: secret.hex()})).result()

    def _epoch(self, commune: str) -> str:
        """One log a commune, so that its feed holds the portal's log whole."""
        return f"{self._ledger.epoch[:8]}{commune}"

    def _verdict(self, dossier: dict[str, Any], number: int, corrected: bool) -> tuple[str, dict[str, Any]]:
        procedure, who = dossier["procedure"], dossier["applicant"]
        if not procedure.get("code") or not who.get("full_name"):
            return "refused", _UNREAD | {"field": "applicant.full_name" if procedure.get("code") else "procedure"}
        facts = {"procedure": procedure.get("code"), "full_name": who.get("full_name"), "code": dossier["code"]}
        for rule in [] if corrected else self._script["refuse"]:
            if all(facts.get(k) == v for k, v in rule.get("match", {}).items()):
                return "refused", {k: rule.get(k) for k in ("reason", "field", "say", "raw")}
        if procedure.get("code_source") == "issued" and not dossier["official_code"] and not dossier["filed_at"]:
            return "accepted", {"official_code": _issued(str(dossier["received_at"] or ""), number)}
        return "accepted", {}

    def _file(self, commune: str) -> int:
        """The script's dossiers, filed online by residents; those that a former start has filed stay filed."""
        catalogue, filed = Catalogue.load(), 0
        for place, line in enumerate(self._script["file"], 1):
            key = hashlib.sha256(json.dumps([commune, place, line], sort_keys=True).encode()).hexdigest()
            dossier = str(uuid.UUID(key[:32]))
            if self._ledger.dossier(dossier) is not None:
                continue
            procedure, now = catalogue.procedure(str(line.get("procedure"))), datetime.now(VIETNAM)
            body = {k: line[k] for k in ("applicant", "answers", "return_to") if line.get(k)}
            body |= {"procedure": procedure_facts(procedure, line), "papers": named_papers(procedure, line), "channel": "2"}
            body |= {"code": _issued(now.isoformat(), place), "filed_at": now.isoformat(timespec="seconds")}
            self._say(commune, dossier, "filed", body)
            filed += 1
        return filed


def _issued(day: str, number: int) -> str:
    """A number as the national side gives it."""
    return f"G15-{day[:10].replace('-', '')}-{number:07d}"
