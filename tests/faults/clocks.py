"""Clocks that jump, between acts and in the middle of them, on counters that meet a real gateway: whatever they say, nothing is
lost, no code is given twice, each counter's acts keep their order, and every act whose clock was wrong as far as anybody could
know says so."""

import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.working_days import VIETNAM, parse_moment
from sync import acts, clock, recovery
from sync.contact import Road
from sync.counter import Counter, vietnam_now
from sync.events import Event
from sync.gateway.ledger import Ledger
from sync.gateway.report import report as gateway_report
from sync.store import log
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter

_CODES = ("2.000815", "1.004873")
_SCALES = tuple(timedelta(minutes=m) for m in (7, 180, 2880, 57_600, 1_008_000, 4_320_000))
_CLOSE = timedelta(seconds=5)


@dataclass
class Jumping:
    """The right time and ``by``; ``waits`` further looks at it, and it jumps to ``then``. ``looks``: what was read since the last
    act began, with the error it had; ``true``: the right time of whatever it has said."""

    by: timedelta = timedelta()
    then: timedelta | None = None
    waits: int = 0
    start: int = 0
    looks: list[tuple[datetime, timedelta]] = field(default_factory=list)
    true: dict[str, datetime] = field(default_factory=dict)

    def __call__(self) -> datetime:
        if self.then is not None:
            self.waits -= 1
            if self.waits < 0:
                self.by, self.then = self.then, None
        at = vietnam_now() + self.by
        self.looks.append((at, self.by))
        self.true[at.isoformat()] = at - self.by
        return at

    def steady(self) -> tuple[float, str]:
        return time.monotonic(), f"start {self.start}"


@dataclass
class Desk:
    """A counter at work. ``told``: codes of dossiers that were said to be kept. ``sure``: nothing was hidden from the counter
    since it last could compare its clock (a restart of the PC hides how the clock was set meanwhile). ``latest``: the latest
    that the clock has said before the first contact."""

    data: Path
    clock: Jumping
    counter: Counter
    told: dict[str, str] = field(default_factory=dict)
    sure: bool = True
    latest: datetime = datetime(1, 1, 1, tzinfo=VIETNAM)


class _Play:
    def __init__(self, folder: Path, rng: random.Random, hub: GatewayProcess, desks: int) -> None:
        self.rng, self.hub = rng, hub
        self.totals = {"jumps": 0, "acts": 0, "marked": 0, "unknowable": 0, "contacts": 0, "starts": 0}
        self.problems: list[str] = []
        self._lines = {code: examples(Catalogue.load(), code, None, 10**6, rng.randrange(10**6)) for code in _CODES}
        self.desks = []
        for n in range(desks):
            enrolled(folder / f"c{n}", hub, f"Nông Văn {'Anh Bình Cường'.split()[n]}", hub.new_code())
            self.desks.append(self._open(folder / f"c{n}", Jumping()))
            self._receive(self.desks[-1])  # the clock is right when the first act is done

    def _open(self, data: Path, jumping: Jumping) -> Desk:
        counter = open_counter(data, jumping)
        counter.steady = jumping.steady
        return Desk(data, jumping, counter)

    def jump(self) -> None:
        """One jump, somewhere in or before the next act."""
        desk = self.rng.choice(self.desks)
        scale = self.rng.choice(_SCALES)
        wrong = scale * self.rng.uniform(0.9, 1.6) * self.rng.choice((-1, 1))
        desk.clock.then = timedelta() if self.rng.random() < 0.2 else wrong
        desk.clock.waits = self.rng.choice((0, 0, 1, 2, 3, 5, 8))
        self.totals["jumps"] += 1
        self._act(desk)
        happens = self.rng.random()
        if happens < 0.12:
            self._meet(desk)
        elif happens < 0.18:
            self._start_again(desk, reboot=self.rng.random() < 0.5)

    def _act(self, desk: Desk) -> None:
        desk.clock.looks.clear()
        before = log.position(desk.counter.store, desk.counter.counter_id, desk.counter.epoch).number
        if desk.told and self.rng.random() < 0.4:
            acts.shelve(desk.counter, self.rng.choice(sorted(desk.told)), "CB001", f"Tủ {self.rng.randrange(9)}")
        else:
            self._receive(desk)
        for event in log.read(desk.counter.store, desk.counter.counter_id, desk.counter.epoch, before):
            self._check_mark(desk, event)
        if not desk.counter.store.meta("last_contact"):
            desk.latest = max(desk.latest, *(at for at, _ in desk.clock.looks))

    def _receive(self, desk: Desk) -> None:
        line = next(self._lines[self.rng.choice(_CODES)])
        line["id"] = f"{desk.counter.counter_id}-{self.totals['acts']}-{self.rng.randrange(10**9)}"
        done = desk.counter.receive(line, "CB001", allow_incomplete=True, date_confirmed=True)
        desk.told[done.id] = done.code

    def _check_mark(self, desk: Desk, event: Event) -> None:
        """Against what the clock really said while the act was done."""
        self.totals["acts"] += 1
        said = (event.body or {}).get("clock")
        self.totals["marked"] += bool(said)
        errors = {abs(by) for at, by in desk.clock.looks if not said or at.isoformat() == said["at"]}
        if not desk.sure:
            self.totals["unknowable"] += 1
        elif said and said["doubt"] == "behind" and desk.latest > datetime.fromisoformat(said["at"]):
            pass  # nobody has said yet which of its two times was right
        elif said and not any(error > clock.APART - _CLOSE for error in errors):
            self.problems.append(f"marked though the clock was right: {event.number} {said}")
        elif not said and not any(error <= clock.APART + _CLOSE for error in errors):
            self.problems.append(f"not marked though the clock was wrong: {event.number}")

    def _meet(self, desk: Desk) -> None:
        road = Road(desk.counter, desk.counter.gateway_url)
        until = time.monotonic() + 60
        try:
            while not road.contact(until)[1]:
                pass
        finally:
            road.close()
        desk.sure, desk.latest = True, datetime(1, 1, 1, tzinfo=VIETNAM)
        self.totals["contacts"] += 1

    def _start_again(self, desk: Desk, reboot: bool) -> None:
        """The program ends and starts; with ``reboot`` the PC too, and its clock may have been set in between."""
        desk.counter.close()
        desk.clock.start += reboot
        desk.counter = self._open(desk.data, desk.clock).counter
        desk.sure = desk.sure and not reboot
        self.totals["starts"] += 1

    def end(self) -> dict[str, Any]:
        """What came of it."""
        found: dict[str, Any] = {"lost": 0, "twice": 0, "out_of_order": 0, "set_right": 0, "set_wrong": 0}
        for desk in self.desks:
            self._meet(desk)
        for desk in self.desks:
            self._meet(desk)  # the others' words too
            found["lost"] += sum(not _is_there(desk.counter, d, code) for d, code in desk.told.items())
            times = [e.at for c, epoch, _ in log.own_logs(desk.counter.store) for e in log.read(desk.counter.store, c, epoch)]
            found["out_of_order"] += sum(a >= b for a, b in itertools.pairwise(times))
            for error in _errors(desk):
                found["set_right" if error < _CLOSE else "set_wrong"] += 1
            self.problems += recovery.verify(desk.counter.store)["problems"]
            desk.counter.close()
        codes = [code for desk in self.desks for code in desk.told.values()]
        with closing(Ledger(self.hub.data)) as ledger:
            there = gateway_report(ledger)
            held = set(ledger.dossier_ids())
        found["lost"] += sum(d not in held for desk in self.desks for d in desk.told)
        found["twice"] = len(codes) - len(set(codes)) + len(there["codes_twice"])
        return found


def _is_there(counter: Counter, dossier: str, code: str) -> bool:
    try:
        return bool(counter.dossier(dossier)["code"] == code)
    except Problem:
        return False


def _errors(desk: Desk) -> Iterator[timedelta]:
    """How far the better moment of each act done in doubt, where the story shows one, is from the true one."""
    for dossier in desk.told:
        for row in desk.counter.dossier(dossier)["history"]:
            said = row.get("clock", {})
            about = parse_moment(str(said.get("about") or ""))
            if about is not None:
                yield abs(about - desk.clock.true[said["at"]])


def clock_jumps(count: int, seed: int) -> dict[str, Any]:
    """Play ``count`` jumps; the figures, with ``problems`` [] when all is well."""
    rng, begin = random.Random(seed), time.monotonic()
    with _world() as folder, _gateway(folder) as hub:
        play = _Play(folder, rng, hub, rng.choice((1, 2, 3)))
        for _ in range(count):
            play.jump()
        found = play.end()
    bad = [f"{name}: {found[name]}" for name in ("lost", "twice", "out_of_order", "set_wrong") if found[name]]
    line = {"fault": "clock jumps", "seed": seed, "counters": len(play.desks)} | play.totals | found
    return line | {"problems": [*play.problems[:20], *bad], "seconds": round(time.monotonic() - begin, 1)}


@contextmanager
def _world() -> Iterator[Path]:
    """A folder, with a state folder and no keystore of this machine."""
    ours = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "MOTCUA_PASSPHRASE": PASSPHRASE}
    with tempfile.TemporaryDirectory() as folder:
        before = {name: os.environ.get(name) for name in (*ours, "XDG_STATE_HOME")}
        os.environ |= ours | {"XDG_STATE_HOME": str(Path(folder) / "state")}
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


@contextmanager
def _gateway(folder: Path) -> Iterator[GatewayProcess]:
    """A gateway that ends with the play."""
    hub = GatewayProcess(folder / "gateway", "--numbers", "9000")
    try:
        yield hub
    finally:
        hub.stop()
