"""Meeting the gateway: one contact, or contacts until nothing waits. What is common to them is a :class:`Road`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from forms.problem import Problem
from sync import hearing
from sync.counter import Counter
from sync.gateway_client import GatewayClient, Traffic, fresh_nonce
from sync.house_rules import apply_outages
from sync.link import Backoff, kind_of
from sync.replication import Exchange, Outcome
from sync.store import journal, log, scans
from sync.watched import Watch

_ENOUGH = 45.0
"""Seconds of sending after which a request ends, so that an acknowledgement is never far away."""
_DOUBT = 8 << 10
"""Bytes under way at a cut that are worth one round trip to learn what of them arrived."""


@dataclass
class Totals:
    """Over several contacts. ``complete``: at the last one nothing waited and the feed was read to its head."""

    sent: int = 0
    heard: int = 0
    complete: bool = False


@dataclass
class Road:
    """The way to one gateway, from contact to contact: its connection, what it holds of scans, what is in doubt since a cut.

    ``proxy``: as :class:`GatewayClient`. ``scans``: whether they may travel now. ``cancelled`` is asked four times a second.
    """

    counter: Counter
    url: str
    traffic: Traffic = field(default_factory=Traffic)
    proxy: str | None = None
    scans: bool = True
    watch: Watch = field(default_factory=Watch)
    _client: GatewayClient | None = None
    _positions: dict[str, int] = field(default_factory=dict)
    _doubt: int = 0

    def contact(self, deadline: float) -> tuple[Outcome, bool]:
        """One round trip, noted in the journal; the flag says whether nothing is left to do.

        :raises Problem: ``no_line``, ``deadline``, ``cancelled``, ``not_the_gateway``, ``gateway_busy``, ``log_forked``, or
            what the gateway said.
        """
        counter = self.counter
        known, exchange = log.rules_mark(counter.store), self._exchange()
        try:
            self._meet(exchange, deadline)
        except Problem as problem:
            self._note(exchange.outcome, None if exchange.outcome.acknowledged else problem.code)
            raise
        self._note(exchange.outcome, None)
        moved = apply_outages(counter, "") if log.rules_mark(counter.store) != known else frozenset()
        return exchange.outcome, exchange.complete and not moved

    def _exchange(self) -> Exchange:
        counter = self.counter
        return Exchange(
            counter.store, counter.identity, fresh_nonce(), counter.clock(), positions=self._positions, scans=self.scans
        )

    def _meet(self, exchange: Exchange, deadline: float) -> None:
        client = self._client or GatewayClient(self.url, self.watch, proxy=self.proxy, traffic=self.traffic)
        self._client, begin = client, time.monotonic()
        client.handed_over = 0
        try:
            if self._doubt > _DOUBT:
                client.position(self._exchange(), deadline)
                self._doubt = 0
            client.exchange(exchange, deadline, lambda: time.monotonic() - begin > _ENOUGH)
        except BaseException:
            self._doubt = 0 if exchange.outcome.acknowledged else max(self._doubt, client.handed_over)
            self.close()
            raise
        self._doubt = 0

    def close(self) -> None:
        """Let the connection go; what the gateway holds of scans has to be asked again."""
        self._positions.clear()
        if self._client:
            self._client.close()
            self._client = None

    def _note(self, outcome: Outcome, problem: str | None) -> None:
        note(self.counter, outcome, problem)


def note(counter: Counter, outcome: Outcome, problem: str | None) -> None:
    """A contact, or an attempt, in the journal."""
    counter.profile = counter.store.meta("profile")
    with counter.store.write():
        journal.add_contact(counter.store, counter.clock(), outcome.sent, outcome.heard, problem)
        if outcome.finished:
            counter.store.set_meta(agreed=agreed(counter))


def agreed(counter: Counter) -> bool | None:
    """Whether both sides count the same events: ours that the gateway acknowledged and all that was heard, against the whole
    feed. None while that cannot be said: something waits, or older dossiers were left out."""
    store = counter.store
    if log.waiting(store) or hearing.left_out(store) or store.meta("feed", 0) != store.meta("feed_head", 0):
        return None
    return bool(log.common(store) == store.meta("feed_head", 0))


def contact(counter: Counter, url: str, deadline: float, traffic: Traffic) -> tuple[Outcome, bool]:
    """One round trip on a road of its own. :raises Problem: as :meth:`Road.contact`."""
    road = Road(counter, url, traffic)
    try:
        return road.contact(deadline)
    finally:
        road.close()


def until_empty(
    counter: Counter, url: str, deadline: float, traffic: Traffic, pause: Callable[[float], None] = time.sleep
) -> Totals:
    """Contacts until own events and scans are acknowledged and the feed is read; a cut line is tried again until the deadline.

    :raises Problem: ``deadline`` with what is still waiting; ``log_forked`` and other words of the gateway at once.
    """
    road = Road(counter, url, traffic)
    totals, backoff = Totals(), Backoff(first=0.3, most=5.0)
    try:
        while not totals.complete:
            try:
                outcome, totals.complete = road.contact(deadline)
            except Problem as problem:
                _again(counter, problem, deadline)
                pause(min(backoff.pause(), max(0.0, deadline - time.monotonic())))
                continue
            backoff.reset()
            totals.sent += outcome.sent
            totals.heard += outcome.heard
    finally:
        road.close()
    return totals


def _again(counter: Counter, problem: Problem, deadline: float) -> None:
    """:raises Problem: when trying again would not help, or the time is over."""
    if kind_of(problem) not in ("line", "busy"):
        raise problem
    if time.monotonic() >= deadline:
        number, left = scans.waiting(counter.store)
        raise Problem(
            "deadline", waiting=log.waiting(counter.store), scans=number, scan_bytes=left, last=problem.code
        ) from problem
