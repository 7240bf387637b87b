"""The national side of a practice gateway: the real relay, and the receiving systems played in the same process.

A script is JSON: ``{"delay": seconds, "refuse": [{"match": {"procedure", "full_name", "code"}, "reason", "field", "say", "raw"}],
"file": [dossier line, …], "file_after": seconds}``: what is refused until it is corrected, what is filed online, and when.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.line import named_papers, procedure_facts
from forms.problem import Problem
from forms.working_days import VIETNAM
from sync.files import hold
from sync.gateway.ledger import Ledger
from sync.gateway.writer import Writer
from sync.relay.config import config_of, relay_of
from sync.relay.filing import dossier_id
from sync.relay.gate import Inside
from sync.relay.played.ministry import PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.relay.store import RelayStore

_DELAYS = {"instant": 0.0, "delayed": 2.0}
_NOWHERE = "http://practice"
_KEEP = 10.0
"""Seconds between two times that what the played systems hold is written down; and at the end."""


def script(mode: str) -> dict[str, Any]:
    """The script of ``instant``, ``delayed`` or a file. :raises Problem: ``portal_script_damaged``."""
    if mode in _DELAYS:
        return {"delay": _DELAYS[mode], "refuse": [], "file": [], "file_after": 0.0}
    try:
        read = json.loads(Path(mode).read_text(encoding="utf-8"))
        times = {"delay": float(read.get("delay", 2.0)), "file_after": float(read.get("file_after", 0.0))}
        return times | {k: list(read.get(k, [])) for k in ("refuse", "file")}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise Problem("portal_script_damaged", file=Path(mode).name) from error


class Practice:
    """``work`` as often as wanted, by one thread at a time, then ``close``. :raises Problem: ``already_open``."""

    def __init__(self, ledger: Ledger, writer: Writer, plan: dict[str, Any]) -> None:
        self._lock, self._ledger, self._plan = hold(ledger.data, "relay"), ledger, plan
        self._national, self._store = PlayedNational(plan), RelayStore(ledger.data)
        self._ministry = PlayedMinistry(plan)
        for name, side in self._sides():
            side.remember(self._store.meta(f"practice_{name}", {}))
        systems = {
            "national": {**self._national.settings(), "kind": "national", "name": "Cổng Dịch vụ công quốc gia", "url": _NOWHERE},
            "ministry": {**self._ministry.settings(), "kind": "ministry", "name": "Hệ thống của Bộ", "url": _NOWHERE},
        }
        refusals = [row for rule in plan["refuse"] for row in _refusal(rule)]
        raw = {"systems": systems, "settle_seconds": plan["delay"], "refusals": refusals}
        config = config_of(raw, {"national": self._national.handle, "ministry": self._ministry.handle})
        self.relay = relay_of(config, ledger, self._store, Inside(writer.submit), self._erased)
        self._kept = 0.0
        self._files_at = time.monotonic() + plan["file_after"] if plan["file"] else None

    def work(self, ended: Callable[[], bool] = lambda: False) -> int:
        """One round; how many things were done. Asks ``ended`` between dossiers."""
        filed, now = 0, time.monotonic()
        if self._files_at is not None and time.monotonic() >= self._files_at:
            self._files_at = None
            filed = self._file(self._ledger.communes()[0])
        done = filed + self.relay.work(ended)
        if done and now > self._kept + _KEEP:
            self._keep()
        return done

    def close(self) -> None:
        """Nothing more is said."""
        self._keep()
        self._store.close()
        self._lock.release()

    def _sides(self) -> tuple[tuple[str, PlayedNational | PlayedMinistry], ...]:
        return (("national", self._national), ("ministry", self._ministry))

    def _keep(self) -> None:
        """What the played systems hold: a national side that forgets at each start would be none to practise with."""
        self._kept = time.monotonic()
        self._store.set_meta(**{f"practice_{name}": side.memory() for name, side in self._sides()})

    def _erased(self, _dossier: str, body: Mapping[str, Any]) -> None:
        kept = body["kept"] if isinstance(body.get("kept"), dict) else {}
        for _, side in self._sides():
            for number in {str(kept.get("code")), str(kept.get("official_code"))}:
                side.forget(number)
        self._keep()

    def _file(self, commune: str) -> int:
        """The script's dossiers; those that a former start has filed stay filed."""
        catalogue, now = Catalogue.load(), datetime.now(VIETNAM)
        filed = 0
        for place, line in enumerate(self._plan["file"], 1):
            procedure = catalogue.procedure(str(line.get("procedure")))
            code = f"G15-{now:%Y%m%d}-{place:07d}"
            body = {k: line[k] for k in ("applicant", "answers", "return_to") if line.get(k)}
            body |= {"procedure": procedure_facts(procedure, line), "papers": named_papers(procedure, line), "channel": "2"}
            body |= {"code": code, "filed_at": now.isoformat(timespec="seconds")}
            key = json.dumps([place, line], sort_keys=True)
            filed += self.relay.file(commune, dossier_id(commune, key), body)
            self._national.file_online({"MaHoSo": code})
        return filed


def _refusal(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """A scripted refusal as a row of ``forms.refusals``, where the script says more than its raw text."""
    if not rule.get("raw") or not rule.get("reason"):
        return []
    words = {k: str(rule[k]) for k in ("reason", "say") if rule.get(k)}
    return [{"code": "practice", "match": [str(rule["raw"])], "field": rule.get("field"), "say": words["reason"]} | words]
