"""One sync request without its sockets: bytes in, jobs for the writer, and signed frames out.

``take`` what arrives, wait for ``jobs``, send ``answer``. The same code serves over HTTP and in the simulator.
"""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from typing import Any

from forms.problem import Problem
from sync import wire
from sync.events import Event
from sync.gateway import people
from sync.gateway.ledger import Ledger
from sync.gateway.scans import MOST_BYTES, ScanPiece
from sync.group import Group

_FEED_EVENTS = 400
_PIECE = 32 << 10
"""Bytes of a scan that are gathered before they are handed to the writer."""
_MOST = {"logs": 1000, "want": 200, "scans": 100, "leases": 1000}
"""Rows of a header's lists."""


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 200


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _row(*columns: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        return isinstance(value, list) and len(value) == len(columns) and all(c(v) for c, v in zip(columns, value, strict=True))

    return holds


def _many(name: str, each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) <= _MOST[name] and all(map(each, value))


def _map(**fields: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(name in value and holds(value[name]) for name, holds in fields.items())


_NEEDED: dict[str, Callable[[Any], bool]] = {
    "v": lambda value: value == 2,
    "counter": _text,
    "epoch": _text,
    "feed": _count,
    "gateway_epoch": _text,
    "nonce": _text,
    "leases": _many("leases", _row(_count, _count, _text)),
    "logs": _many("logs", _map(epoch=_text, to=_count, base=_map(number=_count, hash=_text))),
}
_ALLOWED: dict[str, Callable[[Any], bool]] = {
    "profile": _text,
    "commit": _row(_count, _text),
    "commune": _text,
    "since": _count,
    "older": _row(_count, _count),
    "want": _many("want", _text),
    "scans": _many("scans", _row(_text, _count)),
}
"""The shape of a header. Written out, because a schema validator takes half of a small request's time."""


def _well_formed(header: dict[str, Any]) -> bool:
    needed = all(name in header and holds(header[name]) for name, holds in _NEEDED.items())
    return needed and all(holds(header[name]) for name, holds in _ALLOWED.items() if name in header)


class Visit:
    """``submit`` and ``submit_scan`` are the writer's."""

    def __init__(
        self,
        ledger: Ledger,
        submit: Callable[[str, Group], "Future[Any]"],
        submit_scan: Callable[[ScanPiece], "Future[Any]"],
    ) -> None:
        self._ledger, self._submit, self._submit_scan = ledger, submit, submit_scan
        self._reader = wire.FrameReader()
        self._groups: wire.GroupReader | None = None
        self._gathered: tuple[str, int, bytearray] | None = None
        self.header: dict[str, Any] | None = None
        self.dictionary = wire.DICTIONARY
        self.commune = ""
        self._relay = False
        self.jobs: list[Future[Any]] = []

    # In

    def take(self, data: bytes) -> None:
        """Bytes of the request as they come.

        :raises Problem: ``frame_malformed``, ``chain_broken``, ``signature_wrong``, ``counter_unknown``, ``log_forked``.
        """
        for found in self._reader.feed(data):
            if self.header is None:
                if not isinstance(found, wire.Frame) or found.kind != "H":
                    raise Problem("frame_malformed")
                self.admit(found.payload)
            elif isinstance(found, wire.ScanBytes):
                self._gather(found)
            else:
                self.flush()
                self.jobs.append(self._submit(self.commune, self._group(found)))

    def admit(self, payload: bytes) -> None:
        """Who is there: the signature must be the enrolled key's, and no log may have forked."""
        header, self.dictionary = wire.read_header(payload)
        if not _well_formed(header):
            raise Problem("frame_malformed")
        self.header = header  # from here on a refusal can be signed over the nonce
        key, self.commune = self._ledger.counter(self.counter)
        wire.check_header(payload, key)
        self._relay = not self.commune
        if self._relay:
            self.commune = self._spoken_to()
        people.check(self._ledger, self.commune, self.counter)
        if header["gateway_epoch"] == self._ledger.epoch and "commit" in header:
            self._ledger.check_commit(*header["commit"])
        self._ledger.keep_leases(self.commune, self.counter, header["leases"])
        for log in header["logs"]:
            self._ledger.check_base(self.counter, log["base"]["number"], log["base"]["hash"], log["epoch"])

    def _spoken_to(self) -> str:
        """The relay (``portal``) belongs to no commune: it names the one it speaks to. :raises Problem: ``commune_unknown``."""
        commune = str(self._said("commune", ""))
        self._ledger.marked_profile(commune)
        return commune

    def flush(self) -> None:
        """Hand what was gathered of a scan to the writer; also when the line has gone."""
        if self._gathered:
            sha256, offset, data = self._gathered
            self._gathered = None
            size = self._announced.get(sha256, 0)
            self.jobs.append(self._submit_scan(ScanPiece(self.commune, sha256, size, offset, bytes(data))))

    @property
    def gathering(self) -> bool:
        """Bytes of a scan are here that the writer has not got."""
        return self._gathered is not None

    def finish(self) -> None:
        """The request has ended. :raises Problem: ``frame_malformed`` when it ended in the middle of something."""
        self.flush()
        if self.header is None or not self._reader.empty:
            raise Problem("frame_malformed")

    def _group(self, frame: wire.Frame) -> Group:
        """A counter speaks for itself only. :raises Problem: ``frame_malformed``, ``chain_broken``."""
        if frame.kind != "G":
            raise Problem("frame_malformed")
        self._groups = self._groups or wire.GroupReader(self.dictionary)
        group = self._groups.group(frame.payload)
        if group.first.counter != self.counter:
            raise Problem("frame_malformed")
        return group

    def _gather(self, found: wire.ScanBytes) -> None:
        if not 0 < self._announced.get(found.sha256, 0) <= MOST_BYTES:
            raise Problem("frame_malformed")
        if self._gathered and (self._gathered[0], self._gathered[1] + len(self._gathered[2])) != (found.sha256, found.offset):
            self.flush()
        if self._gathered is None:
            self._gathered = (found.sha256, found.offset, bytearray())
        self._gathered[2].extend(found.data)
        if len(self._gathered[2]) >= _PIECE:
            self.flush()

    # Who

    def _said(self, name: str, default: Any = None) -> Any:
        return (self.header or {}).get(name, default)

    @property
    def counter(self) -> str:
        return str(self._said("counter"))

    @property
    def nonce(self) -> str:
        return str(self._said("nonce", ""))

    @property
    def _announced(self) -> dict[str, int]:
        return dict(self._said("scans", []))

    # Out

    def answer(self) -> Iterator[bytes]:
        """Acknowledgement, feed from where the counter stands, trailer: each a signed frame. When the feed has nothing for the
        counter and the trailer neither, the acknowledgement says so and is all."""
        trailer = self._trailer()
        if self.brief and not trailer:
            yield self.acknowledgement(feed=self._ledger.feed_head(self.commune))
            return
        yield self.acknowledgement()
        known = self._said("gateway_epoch") in (self._ledger.epoch, "")
        after = int(self._said("feed")) if known else 0
        yield from self._older()
        if not after and self._said("since"):
            after = yield from self._first_load()
        while after < self._ledger.feed_head(self.commune):
            entries = self._ledger.feed(self.commune, after, _FEED_EVENTS)
            yield self._piece("F", after, entries[-1][0], [e for _, e in entries])
            after = entries[-1][0]
        yield self._signed("T", {"epoch": self._said("epoch"), "time": now_ms(), **trailer})

    def acknowledgement(self, **more: Any) -> bytes:
        """How far each log and each scan is durable here, and how far the feed goes. ``feed``: this is the whole answer, and up
        to there the feed holds nothing that the counter has not got."""
        logs = []
        for log in self._said("logs"):
            held = self._ledger.held(self.counter, str(log["epoch"]))
            at = self._ledger.hash_at(self.counter, log["epoch"], min(log["to"], held.number))
            logs.append({"epoch": log["epoch"], "number": held.number, "at": at})
        value = {
            "counter": self.counter,
            "logs": logs,
            "scans": [self._ledger.scan_held(self.commune, sha256) for sha256 in self._announced],
            "time": now_ms(),
        }
        return self._signed("A", value | self._state | more)

    def refusal(self, problem: Problem) -> bytes:
        """A problem the counter can trust; a fork with the state of the gateway that found it."""
        value: dict[str, Any] = {"problem": problem.code, "details": problem.details}
        return self._signed("P", value | (self._state if problem.code == "log_forked" else {}))

    @property
    def _state(self) -> dict[str, Any]:
        """Which state of this gateway speaks: a counter cites it, so that an older one put in its place is noticed. And up to
        which of its transactions a back-up holds everything, once there is one."""
        head, backed = self._ledger.feed_head(self.commune), self._ledger.backed
        state = {"gateway_epoch": self._ledger.epoch, "commit": list(self._ledger.commit), "feed_head": head}
        return state | ({"backed": backed} if backed else {})

    def _only_own(self, after: int) -> bool:
        """Since ``after`` the feed holds what this counter brought and nothing else: it need not be read to be left out."""
        upto = {log["epoch"]: log["to"] for log in self._said("logs")}
        late = [entry for entry in self._ledger.latest(self.commune) if entry.place > after]
        whole = len(late) == self._ledger.feed_head(self.commune) - after
        return whole and all(e.counter == self.counter and e.number <= upto.get(e.epoch, 0) for e in late)

    @property
    def brief(self) -> bool:
        """The answer reads nothing much: it can be made at once."""
        head, feed = self._ledger.feed_head(self.commune), int(self._said("feed"))
        same = self._said("gateway_epoch") in (self._ledger.epoch, "") and not {"want", "older"} & (self.header or {}).keys()
        return same and (feed == head or self._only_own(feed))

    def _first_load(self) -> Generator[bytes, None, int]:
        """A new counter first hears of dossiers that are open or of late; the feed goes on behind all that stands in it now."""
        head = self._ledger.feed_head(self.commune)
        pieces = told = 0
        for events in self._ledger.recent(self.commune, head, int(self._said("since")), _FEED_EVENTS):
            yield self._piece("O", 0, 0, events)
            pieces, told = pieces + 1, told + len(events)
        yield self._signed("F", {"from": 0, "to": head, "runs": [], "after": pieces, "whole": told >= head})
        return head

    def _older(self) -> Iterator[bytes]:
        """What a counter asks for: single dossiers whole, and its feed again from the start up to where it began."""
        wanted = list(self._said("want", []))
        if wanted:
            events = [e for dossier in wanted for e in self._ledger.of_dossier(self.commune, dossier)]
            for start in range(0, len(events), _FEED_EVENTS):
                yield self._piece("O", 0, 0, events[start : start + _FEED_EVENTS])
            yield self._signed("O", {"from": 0, "to": 0, "runs": [], "of": wanted})
        at, upto = self._said("older", [0, 0])
        if at < upto:
            entries = [(n, e) for n, e in self._ledger.feed(self.commune, at, _FEED_EVENTS) if n <= upto]
            yield self._piece("O", at, entries[-1][0] if entries else upto, [e for _, e in entries])

    def _piece(self, kind: str, after: int, upto: int, events: list[Event]) -> bytes:
        """Runs of consecutive events of one log, without what the counter itself holds."""
        holds = {str(log["epoch"]): int(log["to"]) for log in self._said("logs")}
        wanted = [e for e in events if e.counter != self.counter or e.number > holds.get(e.epoch, 0)]
        runs = [Group.of(r, self._ledger.secrets_of(r)).as_value() for r in _runs(wanted)]
        return self._signed(kind, {"from": after, "to": upto, "runs": runs})

    def _trailer(self) -> dict[str, Any]:
        """What the counter does not hold yet: its ranges, the commune's profile."""
        epoch = str(self._said("epoch"))
        ranges = [] if self._relay else self._ledger.leases(self.commune, self.counter, epoch)
        value: dict[str, Any] = {}
        if ranges != sorted([low, high] for low, high, of in self._said("leases") if of == epoch):
            value["leases"] = ranges
        profile, mark = self._ledger.marked_profile(self.commune)
        if mark != self._said("profile"):
            value |= {"profile": profile, "mark": mark}
        return value

    def _signed(self, kind: str, value: Any) -> bytes:
        return wire.answer(kind, value, self.nonce, self._ledger.key, self.dictionary)


def _runs(events: list[Event]) -> list[list[Event]]:
    runs: list[list[Event]] = []
    for event in events:
        last = runs[-1][-1] if runs else None
        if last and (last.counter, last.epoch, last.number + 1) == (event.counter, event.epoch, event.number):
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def now_ms() -> int:
    """The gateway's clock, milliseconds since 1970."""
    return time.time_ns() // 1_000_000
