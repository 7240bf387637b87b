"""The national side of a simulated world: it accepts what it can read, through the gateway's own writer. What the real relay does
with real systems is tried in ``tests/relay``; here it only is one more counter that speaks.
"""

import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from forms.routing import PORTAL
from sync.events import Event, body_hash, tick
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger
from sync.group import Group

_ASKS = ("received", "corrected")
_VERDICTS = ("accepted", "refused")
_UNREADABLE = (AttributeError, TypeError, KeyError, ValueError, IndexError, OverflowError, RecursionError)
_UNREAD = {
    "reason": "Hồ sơ gửi lên chưa đọc được",
    "field": None,
    "say": "Quầy nhập lại mục còn thiếu rồi gửi lại, anh chị không phải đi lại.",
    "raw": "unreadable record",
}


class Portal:
    """Gives its verdicts when ``work`` is called; what was given before is never given again."""

    def __init__(self, ledger: Ledger, submit: Callable[[str, Group], "Future[Any]"]) -> None:
        self._ledger, self._submit = ledger, submit

    def work(self) -> int:
        """One round over every commune: how many words were said."""
        return sum(self._commune(c) for c in self._ledger.communes())

    def _commune(self, commune: str) -> int:
        due = self._unanswered(commune)
        for row in due:
            self._answer(commune, row.dossier, int(row.at))
        return len(due)

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
            .where(e.counter == PORTAL, e.name.in_(_VERDICTS))
            .group_by(e.dossier)
            .subquery()
        )
        query = (
            sa.select(e.dossier, e.at)
            .join(asked, asked.c.asked == e.id)
            .outerjoin(told, told.c.dossier == e.dossier)
            .where(sa.or_(told.c.told.is_(None), told.c.told < asked.c.asked))
        )
        with self._ledger.engine.connect() as db:
            return list(db.execute(query.order_by(e.id)))

    def _answer(self, commune: str, dossier: str, after: int) -> None:
        try:
            whole = self._ledger.dossier(dossier)
            if whole is None:
                return
            number = self._ledger.held(PORTAL, self._epoch(commune)).number + 1
            name, verdict = _verdict(whole.as_json(), number)
        except _UNREADABLE:  # the record is held all the same: this is an answer to it, not a reason to stop
            name, verdict = "refused", _UNREAD
        self._say(commune, dossier, name, verdict, after)

    def _say(self, commune: str, dossier: str, name: str, body: dict[str, Any], after: int = 0) -> None:
        epoch = self._epoch(commune)
        held = self._ledger.held(PORTAL, epoch)
        secret = self._ledger.secret(PORTAL, epoch, dossier) or secrets.token_bytes(16)
        number = held.number + 1
        at = tick(after, time.time_ns() // 1_000_000)
        digest = body_hash(secret, epoch, number, body)
        event = Event(PORTAL, epoch, number, dossier, name, at, "", held.head, digest, body)
        self._submit(commune, Group((event,), {dossier: secret.hex()})).result()

    def _epoch(self, commune: str) -> str:
        """One log a commune, so that its feed holds the portal's log whole."""
        return f"{self._ledger.epoch[:8]}{commune}"


def _verdict(dossier: dict[str, Any], number: int) -> tuple[str, dict[str, Any]]:
    procedure, who = dossier["procedure"], dossier["applicant"]
    if not procedure.get("code") or not who.get("full_name"):
        return "refused", _UNREAD | {"field": "applicant.full_name" if procedure.get("code") else "procedure"}
    if procedure.get("code_source") == "issued" and not dossier["official_code"] and not dossier["filed_at"]:
        return "accepted", {"official_code": _issued(str(dossier["received_at"] or ""), number)}
    return "accepted", {}


def _issued(day: str, number: int) -> str:
    """A number as the national side gives it."""
    return f"G15-{day[:10].replace('-', '')}-{number:07d}"
