"""What the played systems have in common: a lock, the dossiers they hold with their states, what practice refuses, an answer."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


class Played:
    """``script``: what practice refuses, ``{"refuse": [{"match": {procedure, full_name, code}, "raw", "reason"}]}``.
    ``histories``: number -> states in their order. ``calls``: services asked for; ``fillers``: invented personal numbers seen."""

    def __init__(self, script: Mapping[str, Any] | None) -> None:
        self.refuse: list[Json] = list((script or {}).get("refuse") or [])
        self.calls: Counter[str] = Counter()
        self.fillers = 0
        self.dossiers: dict[str, Any] = {}
        self.histories: dict[str, list[int]] = {}
        self._lock = threading.RLock()
        self._refused: dict[str, str] = {}

    def progress(self, number: str) -> list[Json]:
        """Its progress rows, in the order they were told."""
        with self._lock:
            return list(self.dossiers[number].rows) if number in self.dossiers else []

    def forget(self, number: str) -> None:
        """Nothing of a dossier is held any more: practice holds nothing that was erased."""
        with self._lock:
            self.dossiers.pop(number, None)
            self.histories.pop(number, None)

    def _scripted(self, one: Mapping[str, Any], content: Any) -> str:
        """Why the script refuses a record, "" when it does not: one that matches, again and again, until another ``content`` of
        it comes."""
        facts = {"procedure": one["MaTTHC"], "full_name": one.get("ChuHoSo"), "code": one["MaHoSo"]}
        seen = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        for rule in self.refuse:
            if all(facts.get(k) == v for k, v in rule.get("match", {}).items()):
                again = self._refused.setdefault(one["MaHoSo"], seen) == seen
                return str(rule.get("raw") or rule.get("reason") or "Hồ sơ chưa hợp lệ") if again else ""
        return ""


def answer(body: Json, status: int = 200) -> Answer:
    """As it goes over the line."""
    return status, {"Content-Type": "application/json"}, json.dumps(body, ensure_ascii=False).encode()
