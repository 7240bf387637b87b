"""A counter with a ministry's system to tell, for the tests of both sides."""

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from forms.catalogue import Catalogue
from forms.problem import Problem
from forms.scans import papers_of
from sync import acts, money
from sync.counter import Counter
from sync.relay.calls import Door
from sync.relay.ministry import Ministry
from sync.relay.played.ministry import SETTINGS, PlayedMinistry
from sync.relay.systems import Case, Reply, Request
from sync.scans import attach_bytes
from sync.store import scans
from tests.relay import lives
from tests.relay.lives import WHO, Clock, Road

MARITAL, COPIES = "1.004873", "2.000815"
Lost = Callable[[str], str]
"""A service -> ``before`` or ``after`` its effect the line is cut, "" for not at all."""


def never(_service: str) -> str:
    return ""


class Cut(Exception):
    """The line is cut, and the relay ends."""


class Desk(lives.Desk):
    """A counter, and a relay that tells of its dossiers; after a cut it is a new process that only has what was kept."""

    def __init__(self, counter: Counter, clock: Clock) -> None:
        super().__init__(counter, clock)
        self.begin()

    def begin(self, played: PlayedMinistry | None = None) -> None:
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.roads: dict[str, Road] = {}
        self.said = {}
        self.play(played or PlayedMinistry())

    def play(self, played: PlayedMinistry) -> None:
        self.played = played

    def send(self, request: Request) -> Reply:
        """One request to the server of this process, as it would go over the line."""
        files = [(field, (name, data, kind)) for field, name, data, kind in request.files]
        sent = httpx.Request(request.method, f"http://ministry{request.path}", headers=dict(request.headers), files=files or None)
        body = sent.read() if files else json.dumps(request.body).encode()
        status, _, answer = self.played.handle(request.method, request.path, dict(sent.headers), body)
        return Reply(status, json.loads(answer))

    def receive(self, code: str = MARITAL, seed: int = 1, pay: str = "later", **more: Any) -> str:
        self.clock.now += timedelta(minutes=1)
        return super().receive(code, seed, pay, **more)

    def paper(self, dossier: str) -> str:
        return next(iter(papers_of(Catalogue.load(), self.counter.dossier(dossier))))

    def scan(self, dossier: str, data: bytes) -> str:
        return str(attach_bytes(self.counter, dossier, self.paper(dossier), data, WHO)["sha256"])

    def case(self, dossier: str, **listed: str) -> Case:
        def read(sha256: str) -> bytes:
            return scans.read(self.counter.store, sha256, 0, 10**9)

        return dataclasses.replace(super().case(dossier, **listed), profile=self.counter.profile, scan=read)

    def verdicts(self, dossier: str) -> list[tuple[str, dict[str, Any]]]:
        return [(e.name, e.body or {}) for e in self.said.get(dossier, [])]

    def whats(self, dossier: str) -> list[str]:
        """What was said, in short."""
        return [body.get("what") or name for name, body in self.verdicts(dossier)]

    def road(self, dossier: str) -> Road:
        return self.roads.setdefault(dossier, Road(self, dossier, None, self.send))

    def round(self, dossier: str, lost: Lost = never) -> bool:
        """Until there is nothing to tell, or the line is cut; whether all is told."""

        def send(request: Request) -> Reply:
            fault = lost(request.path.partition("?")[0].removeprefix("/"))
            reply = self.send(request) if fault != "before" else None
            if fault or reply is None:
                raise Cut
            return reply

        road = self.road(dossier)
        road.system, road.send = Ministry(self.settings), send
        try:
            road.run()
        except Cut:
            return False
        return True

    def through(self, dossier: str, door: Door) -> None:
        """Until all is told by a door that fails."""
        road = self.road(dossier)
        for _ in range(400):
            road.system, road.send = Ministry(self.settings), door.send
            try:
                return road.run()
            except Problem as problem:
                if problem.code not in ("system_unreachable", "system_busy"):
                    raise
        raise AssertionError("never told")

    def tell(self, dossier: str, lost: Lost = never) -> str:
        """Rounds until all is told; the number it has there."""
        for _ in range(400):
            if self.round(dossier, lost):
                return self.road(dossier).told.number
        raise AssertionError("never told")


def step(number: int, desk: Desk, dossier: str) -> None:
    """One step of a whole life."""
    desk.clock.now += timedelta(minutes=1)
    STEPS[number](desk, dossier)


STEPS: list[Callable[[Desk, str], Any]] = [
    lambda d, o: acts.transfer(d.counter, o, WHO, "Tư pháp – Hộ tịch"),
    lambda d, o: acts.request_supplement(d.counter, o, WHO, [{"paper": d.paper(o), "reason": "Thiếu chữ ký"}]),
    lambda d, o: acts.receive_supplement(d.counter, o, WHO),
    lambda d, o: money.request_payment(d.counter, o, WHO, 15_000, "Phí xác minh", "Nghị quyết của HĐND tỉnh"),
    lambda d, o: money.pay(d.counter, o, WHO, "cash"),
    lambda d, o: acts.finish(d.counter, o, WHO, [{"name": "Giấy xác nhận", "number": "12/2026", "about": ""}]),
    lambda d, o: acts.hand_over(d.counter, o, WHO, {}),
]
LIFE = [1, 2, 4, 5, 4, 6, 4, 9, 10]
