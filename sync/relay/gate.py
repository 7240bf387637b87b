"""What the relay's acts go through to the gateway: its writer in this process, or the same API that every counter uses.

The relay reads from the gateway's database, which lies beside it; it never writes there. Only the gateway's one writer does.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, Protocol

from forms.problem import Problem
from forms.routing import PORTAL
from sync import wire
from sync.gateway.ledger import Ledger
from sync.gateway_client import GatewayClient, fresh_nonce
from sync.group import Group
from sync.relay.store import RelayStore
from sync.replication import Outcome

_DEADLINE = 60.0


class Gate(Protocol):
    """Where own acts are made durable."""

    def push(self, commune: str, groups: list[Group], after: int) -> None:
        """Groups of one log, behind the place ``after`` up to which the gateway holds it; durable there when this returns.

        :raises Problem: ``no_line``, ``gateway_busy``, ``base_differs``, ``log_forked`` and what else the gateway said.
        """
        ...


class Inside:
    """The gateway runs in this process: ``submit`` is its writer's."""

    def __init__(self, submit: Callable[[str, Group], "Future[Any]"]) -> None:
        self._submit = submit

    def push(self, commune: str, groups: list[Group], after: int) -> None:
        """See :class:`Gate`."""
        for job in [self._submit(commune, group) for group in groups]:
            job.result()


class Outside:
    """The gateway runs beside, at ``url`` (asked each time: it may come back elsewhere)."""

    def __init__(self, ledger: Ledger, store: RelayStore, url: Callable[[], str]) -> None:
        self._ledger, self._store, self._url = ledger, store, url

    def push(self, commune: str, groups: list[Group], after: int) -> None:
        """See :class:`Gate`."""
        with GatewayClient(self._url()) as client:
            client.exchange(_Push(self._ledger, self._store, commune, groups, after), time.monotonic() + _DEADLINE)  # type: ignore[arg-type]


class _Push:
    """One round trip: what ``replication.Exchange`` is for a counter. The feed is not asked for, it is read from the database."""

    def __init__(self, ledger: Ledger, store: RelayStore, commune: str, groups: list[Group], after: int) -> None:
        self._ledger, self._store, self._commune, self._groups, self._after = ledger, store, commune, groups, after
        self._nonce, self._reader = fresh_nonce(), wire.FrameReader()
        self.outcome = Outcome()

    def header(self) -> bytes:
        """The ``H`` payload. It names the commune it speaks to: this counter belongs to none."""
        epoch = self._groups[0].first.epoch
        value = {
            "v": 2,
            "counter": PORTAL,
            "commune": self._commune,
            "epoch": epoch,
            "logs": [{"epoch": epoch, "to": self._groups[-1].last.number, "base": self._base(epoch)}],
            "feed": self._ledger.feed_head(self._commune),
            "gateway_epoch": "",
            "leases": [],
            "nonce": self._nonce,
            "profile": self._ledger.marked_profile(self._commune)[1],
        }
        return wire.sign_header(value, self._store.identity)

    def _base(self, epoch: str) -> dict[str, Any]:
        return {"number": self._after, "hash": self._store.hash_at(epoch, self._after)}

    def frames(self, enough: Callable[[], bool]) -> Iterator[bytes]:
        """Header and groups."""
        yield wire.Frame("H", self.header()).encode()
        writer = wire.GroupWriter()
        for group in self._groups:
            yield writer.frame(group)

    def answer(self, data: bytes) -> None:
        """Bytes of the answer. Acknowledged is only what the gateway says it holds, with our hash.

        :raises Problem: ``not_the_gateway``, ``base_differs``, or what the gateway said.
        """
        try:
            found = [(f.kind, wire.read_answer(f, self._nonce, self._ledger.public_key)) for f in self._frames(data)]
        except Problem as problem:
            raise Problem("not_the_gateway") from problem
        for kind, value in found:
            if kind == "P":
                raise Problem(str(value["problem"]), **value["details"])
            if kind == "A":
                last, held = self._groups[-1].last, value["logs"][0]
                if (held["number"], held["at"]) != (last.number, last.hash):
                    raise Problem("base_differs", epoch=last.epoch)
                self.outcome.acknowledged = True

    def _frames(self, data: bytes) -> Iterator[wire.Frame]:
        for frame in self._reader.feed(data):
            if not isinstance(frame, wire.Frame):
                raise Problem("frame_malformed")
            yield frame
