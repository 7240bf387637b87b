"""What to send next, what an answer means: sans-I/O. No sockets, no clock: time and nonce are arguments, so a simulator
can drive it. One :class:`Exchange` is one round trip; a cut one leaves whatever had arrived, and the next goes on there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms.problem import Problem
from sync import epochs, wire
from sync.events import GENESIS, Event, follow
from sync.store import Store, journal, log, numbers, projection

MOST = 2000
"""Own events of one request: more wait for the next round trip, so that an acknowledgement is never far away."""
_FEED_STEP = 40
"""Foreign events of one write transaction: none lasts over 20 ms."""


@dataclass
class Outcome:
    """What a round trip did. ``sent``: own events newly acknowledged; ``heard``: events new to us; ``feed_head``: how far
    the gateway's feed went at this contact."""

    sent: int = 0
    heard: int = 0
    feed_head: int = 0
    acknowledged: bool = False
    finished: bool = False
    dossiers: set[str] = field(default_factory=set)


class Exchange:
    """One round trip: ``request()`` gives the bytes to send, ``answer(bytes)`` takes what comes back."""

    def __init__(self, store: Store, identity: Ed25519PrivateKey, nonce: str, now: datetime) -> None:
        self._store, self._identity, self._nonce, self._now = store, identity, nonce, now
        self._counter = str(store.meta("counter"))
        self._gateway = bytes.fromhex(store.meta("gateway_key"))
        self._reader = wire.FrameReader()
        self.outcome = Outcome()

    # Out

    def header(self) -> bytes:
        """The ``H`` payload: who we are, how far each of our logs goes, where we believe the gateway stands."""
        store = self._store
        logs = []
        for counter, epoch, acked in log.own_logs(store):
            head = log.position(store, counter, epoch)
            base = log.position(store, counter, epoch, acked)
            if head.number > acked or epoch == store.meta("epoch"):
                at = {"number": base.number, "hash": base.hash}
                logs.append({"epoch": epoch, "to": head.number, "head": head.hash, "base": at})
        value = {
            "v": 1,
            "counter": self._counter,
            "epoch": store.meta("epoch"),
            "logs": logs,
            "feed": store.meta("feed", 0),
            "gateway_epoch": store.meta("gateway_epoch"),
            "leases": [[r.low, r.high, r.epoch] for r in numbers.ranges(store)],
            "nonce": self._nonce,
        }
        return wire.sign_header(value, self._identity)

    def request(self) -> list[bytes]:
        """Frames to send: the header, then what the gateway has not acknowledged, oldest first."""
        return [wire.Frame("H", self.header()).encode(), *wire.group_frames(self._groups())]

    def _groups(self) -> Iterator[wire.Group]:
        left = MOST
        for counter, epoch, acked in log.own_logs(self._store):
            waiting = log.read(self._store, counter, epoch, acked, left)
            left -= len(waiting)
            for part in wire.parts(waiting):
                yield wire.Group(tuple(part), log.secrets_of(self._store, part))

    # In

    def answer(self, data: bytes) -> None:
        """Bytes of the answer, as they come. What is understood is committed at once.

        :raises Problem: ``not_the_gateway`` when this cannot be the gateway's answer (a router's page), ``log_forked``,
            or what the gateway said.
        """
        for kind, value in self._read(data):
            self._take(kind, value)

    def _read(self, data: bytes) -> Iterator[tuple[str, Any]]:
        """What the gateway signed; before its acknowledgement anything else is somebody else speaking."""
        try:
            for frame in self._reader.feed(data):
                yield frame.kind, wire.read_answer(frame, self._nonce, self._gateway)
        except Problem as problem:
            if problem.code in ("frame_malformed", "signature_wrong") and not self.outcome.acknowledged:
                raise Problem("not_the_gateway") from problem
            raise

    def _take(self, kind: str, value: Any) -> None:
        steps = {"A": self._acknowledged, "F": self._feed, "T": self._trailer, "P": self._problem}
        if kind not in steps:
            raise Problem("frame_malformed")
        steps[kind](value)

    def _acknowledged(self, value: dict[str, Any]) -> None:
        store = self._store
        restored = store.meta("gateway_epoch") != value["gateway_epoch"] or value["feed_head"] < store.meta("feed", 0)
        before = log.waiting(store)
        for held in value["logs"]:
            self._check(str(held["epoch"]), int(held["number"]), str(held["head"]))
        with store.write():
            for held in value["logs"]:
                self._note(str(held["epoch"]), int(held["number"]))
            store.set_meta(gateway_epoch=value["gateway_epoch"], gateway_time=value["time"])
            if restored:
                # The gateway was put back to an older state: its feed is another one now, read it from the start.
                store.set_meta(feed=0)
                journal.add_task(store, "gateway_restored", self._now, epoch=value["gateway_epoch"])
        self.outcome.sent = max(0, before - log.waiting(store))
        self.outcome.feed_head = int(value["feed_head"])
        self.outcome.acknowledged = True

    def _note(self, epoch: str, number: int) -> None:
        fell = number < next(a for c, e, a in log.own_logs(self._store) if e == epoch)
        ours = log.position(self._store, self._counter, epoch).number
        log.acknowledge(self._store, self._counter, epoch, min(number, ours))
        if fell:
            journal.add_task(self._store, "gateway_restored", self._now, epoch=epoch)

    def _check(self, epoch: str, number: int, head: str) -> None:
        """The gateway's head must be ours at that place."""
        ours = log.position(self._store, self._counter, epoch)
        if number > ours.number:
            if epoch != self._store.meta("epoch"):
                return  # what a restored store forgot of its former life comes back in the feed
            self._fork(epoch, ours.number)  # it holds more of our log than we do: we are an older state
        there = log.position(self._store, self._counter, epoch, number) if number else log.Position(0, GENESIS)
        if there.hash != head:
            self._fork(epoch, max(0, number - 1))

    def _fork(self, epoch: str, number: int) -> None:
        """Loudly: our events move under a new epoch, a person is told, and this round trip ends."""
        epochs.begin_fork(self._store, self._counter, epoch, number, self._now)
        raise Problem("log_forked", epoch=epoch, number=number)

    def _problem(self, value: dict[str, Any]) -> None:
        code, details = str(value["problem"]), dict(value["details"])
        if code == "log_forked":
            self._fork(str(details["epoch"]), int(details["number"]))
        raise Problem(code, **details)

    def _feed(self, value: dict[str, Any]) -> None:
        if value["from"] != self._store.meta("feed", 0):
            raise Problem("frame_malformed")  # a piece is missing before this one: ask again from where we stand
        events: list[tuple[Event, dict[str, str]]] = []
        for run in value["runs"]:
            group = wire.Group.from_json(run)
            events += [(e, dict(group.secrets)) for e in group.events]
        for start in range(0, len(events), _FEED_STEP):
            self._apply(events[start : start + _FEED_STEP])
        with self._store.write():
            self._store.set_meta(feed=int(value["to"]))

    def _apply(self, events: list[tuple[Event, dict[str, str]]]) -> None:
        store = self._store
        with store.write():
            gateway_ms, last = int(store.meta("gateway_time", 0)), int(store.meta("hybrid", 0))
            touched: set[str] = set()
            for event, secrets in events:
                if event.dossier in secrets:
                    log.keep_secret(store, event.counter, event.epoch, event.dossier, bytes.fromhex(secrets[event.dossier]))
                if log.add_heard(store, event):
                    self.outcome.heard += 1
                    touched.add(event.dossier)
                last = follow(last, event.at, gateway_ms)
            for dossier in sorted(touched - {""}):
                projection.project(store, dossier)
            store.set_meta(hybrid=last)
        self.outcome.dossiers |= touched

    def _trailer(self, value: dict[str, Any]) -> None:
        store = self._store
        with store.write():
            if value["epoch"] == store.meta("epoch"):
                numbers.set_leases(store, value["epoch"], value["leases"])
                store.set_meta(inherited="no" if value["leases"] else store.meta("inherited", "no"))
            store.set_meta(profile=value["profile"], gateway_time=value["time"])
        self.outcome.finished = True

    @property
    def complete(self) -> bool:
        """Everything of ours is held by the gateway and its feed was read to the head of this contact."""
        done = self.outcome.finished and log.waiting(self._store) == 0
        return done and int(self._store.meta("feed", 0)) >= self.outcome.feed_head
