"""What to send next, what an answer means: sans-I/O. No sockets, no clock: time and nonce are arguments, so a simulator
can drive it. One :class:`Exchange` is one round trip; a cut one leaves whatever had arrived, and the next goes on there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms.people import merged
from forms.problem import Problem
from sync import epochs, hearing, wire
from sync.events import GENESIS
from sync.group import Group, parts
from sync.store import Store, journal, log, numbers, scans

_PAGE = 120
"""Own events that are read at a time."""
_SCANS = 24
"""Scans that are announced in one request."""


@dataclass
class Outcome:
    """What a round trip did. ``sent``: own events newly acknowledged; ``heard``: events new to us; ``feed_head``: how far
    the gateway's feed went at this contact; ``scan_bytes``: bytes of scans newly acknowledged; ``older``: what was asked
    for beside the feed has come."""

    sent: int = 0
    heard: int = 0
    scan_bytes: int = 0
    feed_head: int = 0
    older: int = 0
    acknowledged: bool = False
    finished: bool = False
    dossiers: set[str] = field(default_factory=set)


class Exchange:
    """One round trip: ``frames()`` gives what to send, ``answer(bytes)`` takes what comes back.

    ``positions``: how far the gateway holds each scan, as it said on this road (hex SHA-256 -> bytes); a scan it has not
    spoken of is announced, and sent with the next request: it may be there already. ``scans`` False sends none.
    """

    def __init__(
        self,
        store: Store,
        identity: Ed25519PrivateKey,
        nonce: str,
        now: datetime,
        *,
        positions: dict[str, int] | None = None,
        scans: bool = True,
    ) -> None:
        self._store, self._identity, self._nonce, self._now = store, identity, nonce, now
        self._counter = str(store.meta("counter"))
        self._gateway = bytes.fromhex(store.meta("gateway_key"))
        self._positions = {} if positions is None else positions
        self.with_scans = scans
        self._scans = self._announced() if scans else []
        self._told: dict[str, int] = {}
        self._upto: dict[str, int] = {}
        self._reader = wire.FrameReader()
        self.outcome = Outcome()

    # Out

    def header(self) -> bytes:
        """The ``H`` payload: who we are, how far each of our logs goes, where we believe the gateway stands."""
        store = self._store
        logs = []
        for counter, epoch, acked in log.own_logs(store):
            head = log.position(store, counter, epoch)
            self._told[epoch] = head.number
            if head.number > acked or epoch == store.meta("epoch"):
                base = log.position(store, counter, epoch, acked)
                logs.append({"epoch": epoch, "to": head.number, "base": {"number": base.number, "hash": base.hash}})
        value = {
            "v": 2,
            "counter": self._counter,
            "epoch": store.meta("epoch"),
            "logs": logs,
            "feed": store.meta("feed", 0),
            "gateway_epoch": store.meta("gateway_epoch", ""),
            "leases": [[r.low, r.high, r.epoch] for r in numbers.ranges(store)],
            "nonce": self._nonce,
            "profile": store.meta("profile_mark", ""),
            "scans": [[s.sha256, s.size] for s in self._scans],
        }
        if store.meta("commit"):
            value["commit"] = store.meta("commit")
        return wire.sign_header(value | hearing.wishes(store), self._identity)

    def request(self) -> list[bytes]:
        """All of :meth:`frames` at once."""
        return list(self.frames())

    def frames(self, enough: Callable[[], bool] = lambda: False) -> Iterator[bytes]:
        """Frames to send: the header, what the gateway has not acknowledged (oldest first), then bytes of scans.

        Made one by one, so that what happens meanwhile is seen: an act that is done while scans are under way slips in
        before the next piece, and ends the request, because only its answer says that it was received. ``enough`` is
        asked between frames and ends it too.
        """
        yield wire.Frame("H", self.header()).encode()
        groups = wire.GroupWriter()
        yield from self._groups(groups, enough)
        version = self._store.data_version()
        for scan in self._scans:
            for piece in self._pieces(scan):
                if enough():
                    return
                yield piece
                if self._store.data_version() != version:
                    version = self._store.data_version()
                    slipped = list(self._groups(groups, enough))
                    yield from slipped
                    if slipped:
                        return

    def _groups(self, groups: wire.GroupWriter, enough: Callable[[], bool]) -> Iterator[bytes]:
        for counter, epoch, acked in log.own_logs(self._store):
            after = max(acked, self._upto.get(epoch, 0))
            while waiting := log.read(self._store, counter, epoch, after, _PAGE):
                for part in parts(waiting):
                    if enough():
                        return
                    yield groups.frame(Group.of(part, log.secrets_of(self._store, part)))
                    self._upto[epoch] = after = part[-1].number

    def _announced(self) -> list[scans.Scan]:
        """Those that this request sends, or asks about."""
        return scans.pending(self._store)[:_SCANS]

    def _pieces(self, scan: scans.Scan) -> Iterator[bytes]:
        at = self._positions.get(scan.sha256)
        while at is not None and at < scan.size:
            data = scans.read(self._store, scan.sha256, at, min(wire.SCAN_PIECE, scan.size - at))
            if not data:
                return  # erased meanwhile
            yield wire.ScanBytes(scan.sha256, at, data).encode()
            at += len(data)

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
                if not isinstance(frame, wire.Frame):
                    raise Problem("frame_malformed")
                yield frame.kind, wire.read_answer(frame, self._nonce, self._gateway)
        except Problem as problem:
            if problem.code in ("frame_malformed", "signature_wrong") and not self.outcome.acknowledged:
                raise Problem("not_the_gateway") from problem
            raise

    def _take(self, kind: str, value: Any) -> None:
        steps = {"A": self._acknowledged, "F": self._feed, "O": self._older, "T": self._trailer, "P": self._problem}
        if kind not in steps or (kind in ("F", "O", "T") and not self.outcome.acknowledged):
            raise Problem("frame_malformed")  # what was acknowledged was left out on the way
        steps[kind](value)

    def _acknowledged(self, value: dict[str, Any]) -> None:
        store = self._store
        before, scans_before = log.waiting(store), scans.waiting(store)[1]
        self._speaks(value)
        for held in value["logs"]:
            self._check(str(held["epoch"]), int(held["number"]), str(held["at"]))
        with store.write():
            for held in value["logs"]:
                self._note(str(held["epoch"]), int(held["number"]))
            for scan, offset in zip(self._scans, value["scans"], strict=True):
                self._positions[scan.sha256] = min(int(offset), scan.size)
                scans.acknowledge(store, scan.sha256, self._positions[scan.sha256], int(value["commit"][0]))
            store.set_meta(gateway_time=value["time"], feed_head=int(value["feed_head"]), revoked=None)
            store.set_meta(gateway_backed=value.get("backed"))  # the transaction up to which its last back-up holds everything
        self.outcome.sent = max(0, before - log.waiting(store))
        self.outcome.scan_bytes = max(0, scans_before - scans.waiting(store)[1])
        self.outcome.feed_head = int(value["feed_head"])
        self.outcome.acknowledged = True
        if "feed" in value:
            hearing.upto(store, int(value["feed"]))
            self.outcome.finished = True

    def _speaks(self, value: dict[str, Any]) -> None:
        """Which state of the gateway says this. Kept before anything it says counts as acknowledged: the next header cites it,
        and a gateway that was put back since is noticed."""
        store = self._store
        known = store.meta("gateway_epoch")
        restored = bool(known) and (known != value["gateway_epoch"] or value["feed_head"] < store.meta("feed", 0))
        if not restored and [known, store.meta("commit")] == [value["gateway_epoch"], value["commit"]]:
            return
        with store.write():
            if restored:
                # Of logs that were not told of nothing is known any more: the next header asks.
                for counter, epoch, _ in log.own_logs(store):
                    log.acknowledge(store, counter, epoch, 0)
                # The gateway was put back to an older state: its feed is another one now, read it from the start.
                hearing.start_again(store)
                scans.forget_acks(store)
                self._positions.clear()
                journal.add_task(store, "gateway_restored", self._now, epoch=value["gateway_epoch"])
            store.set_meta(gateway_epoch=value["gateway_epoch"], commit=value["commit"])

    def _note(self, epoch: str, number: int) -> None:
        fell = number < next(a for c, e, a in log.own_logs(self._store) if e == epoch)
        log.acknowledge(self._store, self._counter, epoch, min(number, self._sent(epoch)))
        if fell:
            journal.add_task(self._store, "gateway_restored", self._now, epoch=epoch)

    def _check(self, epoch: str, number: int, digest: str) -> None:
        """What the gateway holds of a log must be ours as far as the header told of it: ``digest`` is its hash there. What this
        request carried beyond met no objection; what was done since is not proven by anything.

        :raises Problem: ``base_differs``: the next request sends the log from its start, and the gateway says where they part.
        """
        common = min(number, self._told[epoch])
        there = log.position(self._store, self._counter, epoch, common) if common else log.Position(0, GENESIS)
        if there.hash != digest:
            self._doubt(epoch)
        elif number > self._sent(epoch) and epoch == self._store.meta("epoch"):
            if log.position(self._store, self._counter, epoch).number > self._sent(epoch):
                self._doubt(epoch)  # done since, and perhaps held: the next request tells of it, and where the logs part
            self._fork(epoch, self._sent(epoch))  # it holds more of our log than we do: we are an older state
        # What a restored store forgot of its former life comes back in the feed.

    def _sent(self, epoch: str) -> int:
        """How far a log was told of or sent in this round trip."""
        return max(self._told[epoch], self._upto.get(epoch, 0))

    def _doubt(self, epoch: str) -> None:
        with self._store.write():
            log.acknowledge(self._store, self._counter, epoch, 0)
        raise Problem("base_differs", epoch=epoch)

    def _fork(self, epoch: str, number: int) -> None:
        """Loudly: our events move under a new epoch, a person is told, and this round trip ends."""
        epochs.begin_fork(self._store, self._counter, epoch, number, self._now)
        raise Problem("log_forked", epoch=epoch, number=number)

    def _problem(self, value: dict[str, Any]) -> None:
        code, details = str(value["problem"]), dict(value["details"])
        if code == "counter_revoked":
            self._revoked()
        if code == "log_forked":
            self._speaks(value)
            self._fork(str(details["epoch"]), int(details["number"]))
        if code == "base_differs":
            self._doubt(str(details["epoch"]))
        raise Problem(code, **details)

    def _revoked(self) -> None:
        """Signed, so it is so: nothing more is done here under this counter's name; all that was done stays readable."""
        store = self._store
        if not store.meta("revoked"):
            with store.write():
                store.set_meta(revoked=self._now.isoformat())
                journal.add_task(store, "counter_revoked", self._now, waiting=log.waiting(store))

    def _feed(self, value: dict[str, Any]) -> None:
        if value.get("after", self.outcome.older) != self.outcome.older:
            raise Problem("frame_malformed")  # a piece before this one was left out on the way
        self._hear(hearing.feed, value)

    def _hear(self, take: Callable[[Store, dict[str, Any]], tuple[int, set[str]]], value: dict[str, Any]) -> None:
        try:
            new, dossiers = take(self._store, value)
        except Problem as problem:
            if problem.code == "base_differs":
                self._doubt(str(problem.details["epoch"]))
            raise
        self.outcome.heard += new
        self.outcome.dossiers |= dossiers

    def _older(self, value: dict[str, Any]) -> None:
        self._hear(hearing.older, value)
        self.outcome.older += 1

    def _trailer(self, value: dict[str, Any]) -> None:
        store = self._store
        with store.write():
            if "leases" in value and value["epoch"] == store.meta("epoch"):
                numbers.set_leases(store, value["epoch"], value["leases"])
                store.set_meta(inherited="no" if value["leases"] else store.meta("inherited", "no"))
            if "profile" in value:
                profile = merged(store.meta("profile"), value["profile"])
                store.set_meta(profile=profile, profile_mark=value["mark"])
            store.set_meta(gateway_time=value["time"])
        self.outcome.finished = True

    @property
    def complete(self) -> bool:
        """Everything of ours is held by the gateway, scans too if they may travel, and its feed was read to the head of this
        contact."""
        sent = log.waiting(self._store) == 0 and not (self.with_scans and scans.waiting(self._store)[0])
        done = self.outcome.finished and sent
        return done and int(self._store.meta("feed", 0)) >= self.outcome.feed_head and not hearing.asked(self._store)
