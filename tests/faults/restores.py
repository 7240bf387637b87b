"""Random histories of an office in which stores and the gateway are put back to older states, again and again.

What must be there afterwards is counted without the product: a dossier is lost only when every copy of it was. A restore takes
away what the back-up had not; a repair brings back what the damaged store still holds; a meeting makes copies.
"""

import os
import random
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync import backups, recovery, vault
from sync.counter import Counter, vietnam_now
from sync.gateway.backup import backup as back_up_gateway
from sync.gateway.ledger import Ledger
from sync.store.opening import FILE
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled
from tests.sync.cared import codes_here, lines, meet

_COUNTERS = 2
_SPOILT = ("dossiers", "folds", "dossiers_code", "movements", "contacts", "drafts", "tasks")
"""Tables and indexes whose first page goes bad; the own log can still be read."""
_FORGOTTEN = 2
"""Ranges given since a gateway's back-up that it leaves room for, when nobody is left who remembers them."""
_NO_NUMBER = ("numbers_exhausted", "numbers_need_contact")


@dataclass
class _Desk:
    data: Path
    key: bytes
    has: set[str] = field(default_factory=set)
    boxes: list[tuple[Path, set[str]]] = field(default_factory=list)

    def open(self) -> Counter:
        return Counter.open(self.data, self.key)


class _Office:
    """``has`` of a desk: codes of its own dossiers that its store holds; ``held``: codes that the gateway holds."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder, self._chance = folder, chance
        self.hub = GatewayProcess(folder / "gateway", "--numbers", "400")
        self.told: list[str] = []
        self.held: set[str] = set()
        self._boxes: list[tuple[Path, set[str], int]] = []
        self._leased: set[str] = set()
        self.counts = {"restored": 0, "repaired": 0, "gateway": 0}
        self.desks = [self._desk(folder / f"c{n}") for n in range(_COUNTERS)]

    def _desk(self, data: Path) -> _Desk:
        operator = enrolled(data, self.hub, code=self.hub.new_code())["operator"]
        return _Desk(data, vault.unlock(data, operator, PASSPHRASE))

    def step(self) -> None:
        """Something happens."""
        desk = self._chance.choice(self.desks)
        kinds = {self._receive: 6, self._meet: 4, self._back_up: 4, self._restore: 3, self._repair: 3, self._gateway: 1}
        self._chance.choices(list(kinds), list(kinds.values()))[0](desk)

    def _receive(self, desk: _Desk) -> None:
        with closing(desk.open()) as counter:
            who = vault.operators(desk.data)[0]["id"]
            for line in lines(self._chance.randint(1, 3), self._chance.randrange(10**6)):
                try:
                    code = counter.receive(line, who, date_confirmed=True).code
                except Problem as problem:
                    if problem.code not in _NO_NUMBER:
                        raise
                    return
                self.told.append(code)
                desk.has.add(code)

    def _meet(self, desk: _Desk) -> None:
        with closing(desk.open()) as counter:
            for _ in range(4):
                try:
                    meet(counter)
                    break
                except Problem as problem:  # two lives of a store or of the gateway meet: the next contact settles it
                    if problem.code not in ("log_forked", "base_differs"):
                        raise
            self._leased.add(counter.epoch)
            own = {str(row["code"]) for row in counter.dossiers(limit=-1) if row["counter"] == counter.counter_id}
        self.held |= desk.has
        desk.has |= self.held & own

    def _back_up(self, desk: _Desk) -> None:
        with closing(desk.open()) as counter:
            if self._chance.random() < 0.5:
                box = self._folder / f"{desk.data.name}-{len(desk.boxes)}.backup"
                recovery.backup(counter, desk.key, box)
            else:
                box = backups.make(counter, desk.key)
        desk.boxes = [(file, had) for file, had in desk.boxes if file.exists() and file != box] + [(box, set(desk.has))]
        if self._chance.random() < 0.4:
            with closing(Ledger(self.hub.data)) as ledger:
                to = self._folder / f"gateway-{len(self._boxes)}.backup"
                back_up_gateway(ledger, to)
            self._boxes.append((to, set(self.held), len(self._leased)))

    def _restore(self, desk: _Desk) -> None:
        """Without salvage, as after a disk that died: what the back-up had not is gone here."""
        if desk.boxes:
            box, had = self._chance.choice(desk.boxes)
            recovery.restore(box, desk.data, None, lambda _: PASSPHRASE, vietnam_now())
            desk.has = set(had)
            self.counts["restored"] += 1

    def _repair(self, desk: _Desk) -> None:
        if not desk.boxes:
            return
        with closing(desk.open()) as counter:
            page = int(counter.store.value("SELECT rootpage FROM sqlite_master WHERE name = ?", self._chance.choice(_SPOILT)))
            size = int(counter.store.value("PRAGMA page_size"))
        with (desk.data / FILE).open("rb+") as file:
            file.seek((page - 1) * size + self._chance.randrange(size - 64))
            file.write(self._chance.randbytes(64))
        found = next(backups.good((backups.Backup(box, vietnam_now()) for box, _ in desk.boxes[::-1]), desk.key, desk.data))
        recovery.repair(found.file, desk.data, desk.key, vietnam_now())
        self.counts["repaired"] += 1

    def _gateway(self, _desk: _Desk) -> None:
        boxes = [(box, had) for box, had, leased in self._boxes if len(self._leased) - leased <= _FORGOTTEN]
        if not boxes:
            return
        box, had = self._chance.choice(boxes)
        self.hub.stop()
        for file in self.hub.data.glob("gateway.db*"):
            file.unlink()
        shutil.copy(box, self.hub.data / "gateway.db")
        self.hub.start()
        self.held = set(had)
        self.counts["gateway"] += 1

    def settled(self) -> dict[str, list[str]]:
        """Everybody meets until nothing is new; then what is missing, and what is there twice."""
        for _ in range(3):
            for desk in self.desks:
                self._meet(desk)
        lost: list[str] = []
        problems: list[str] = []
        expected = self.held.union(*(desk.has for desk in self.desks))
        with closing(Ledger(self.hub.data)) as ledger:
            there = [d.code for i in ledger.dossier_ids() if (d := ledger.dossier(i)) and d.code]
        lost += sorted(expected - set(there))
        for desk in self.desks:
            with closing(desk.open()) as counter:
                lost += sorted(desk.has - codes_here(counter))
                problems += recovery.verify(counter.store)["problems"]
        twice = [code for codes in (there, self.told) for code in set(codes) if codes.count(code) > 1]
        return {"lost": lost, "duplicated": twice, "problems": problems}


def restores(count: int, seed: int = 1) -> dict[str, Any]:
    """Histories until ``count`` restores were made: ``{fault, restored, repaired, gateway, dossiers, lost, duplicated, problems,
    seconds}``; ``lost``, ``duplicated`` and ``problems`` are lists of what went wrong."""
    totals: dict[str, Any] = {"fault": "restores", "restored": 0, "repaired": 0, "gateway": 0, "dossiers": 0}
    wrong: dict[str, list[str]] = {"lost": [], "duplicated": [], "problems": []}
    begin = time.monotonic()
    while totals["restored"] + totals["repaired"] + totals["gateway"] < count:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_STATE_HOME"] = folder
            office = _Office(Path(folder), random.Random(seed))
            try:
                for _ in range(60):
                    office.step()
                found = office.settled()
            finally:
                office.hub.stop()
        for name, number in office.counts.items():
            totals[name] += number
        totals["dossiers"] += len(office.told)
        for name, rows in found.items():
            wrong[name] += [f"seed {seed}: {row}" for row in rows]
        seed += 1
    return totals | wrong | {"seconds": round(time.monotonic() - begin, 1)}
