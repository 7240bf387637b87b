"""Meeting the gateway: one contact, or contacts until nothing waits. What is common to them is a :class:`Road`."""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from forms.local_rules import EVENT as RULES
from forms.problem import Problem
from sync import clock, hearing, people
from sync.counter import Counter
from sync.erasure import settle
from sync.gateway_client import GatewayClient, Traffic, fresh_nonce
from sync.house_rules import apply_outages
from sync.link import Backoff, LinkSense, Policy, kind_of, may_send_scans, parse_retry_after, tls_problem
from sync.proxies import Proxies
from sync.replication import Exchange, Outcome
from sync.store import journal, log, scans
from sync.watched import Watch

_ENOUGH = 120.0
"""Seconds of sending after which a request ends, so that an acknowledgement is never far away."""
_DOUBT = 8 << 10
"""Bytes under way at a cut that are worth one round trip to learn what of them arrived."""
_TELL, _WAITED = 2.0, 0.05
_EVENT = 160
"""Bytes of one event on the wire (measured: 100 of a late act, 500 of a reception with everything filled in)."""
_ANOTHER_WAY = ("no_line", "proxy_auth_needed")


@dataclass
class Totals:
    """Over several contacts. ``complete``: at the last one nothing waited and the feed was read to its head."""

    sent: int = 0
    heard: int = 0
    complete: bool = False


class Road:
    """The way to one gateway, from contact to contact: its connection, how good it is, what the gateway holds of scans, what is
    in doubt since a cut. What a person decided (``policy``, ``proxy``) and the system hints are read from the store each time.

    ``cancelled`` is asked four times a second while a contact is under way.
    """

    def __init__(
        self, counter: Counter, url: str, traffic: Traffic | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self.counter, self.url, self.traffic = counter, url, traffic or Traffic()
        self.sense = LinkSense.from_dict(counter.store.meta("sense"))
        self.sense.begin()
        counter.store.stream()
        self._watch = Watch(cancelled=cancelled, moved=self._moved)
        self._proxies: tuple[Any, Proxies] = (None, Proxies({}))
        self._client: GatewayClient | None = None
        self._positions: dict[str, int] = {}
        self._doubt = 0
        self._proven = False
        self._good_at: float | None = None
        self._progress = Progress(counter)

    def contact(self, deadline: float) -> tuple[Outcome, bool]:
        """One round trip, noted in the journal; the flag says whether nothing is left to do.

        :raises Problem: ``no_line``, ``deadline``, ``cancelled``, ``not_the_gateway``, ``gateway_busy``, ``certificate_wrong``,
            ``clock_wrong``, ``proxy_*``, ``log_forked``, or what the gateway said.
        """
        counter, begin = self.counter, time.monotonic()
        known, up, down = log.mark_of_counters(counter.store, RULES), self.traffic.up, self.traffic.down
        policy = Policy.from_dict(counter.store.meta("policy"))
        self.sense.hint(*counter.store.meta("hints", [None, None, None]))
        self._watch.cap = policy.cap_kbit * 125 if policy.cap_kbit else None
        exchange = self._exchange(may_send_scans(policy, self.sense.hints.metered))
        try:
            self._meet(exchange, deadline)
        except Problem as raised:
            problem = self._named(raised)
            self.sense.failed(problem, time.time())
            self._note(exchange.outcome, None if exchange.outcome.acknowledged else problem.code)
            raise problem from raised
        seconds = time.monotonic() - begin
        self.sense.answered(seconds, self.traffic.up - up, self.traffic.down - down, self._watch.rtt, time.time())
        self._note(exchange.outcome, None)
        corrected = clock.measured(counter, time.monotonic() - begin)
        settle(counter)
        moved = apply_outages(counter, "") if log.mark_of_counters(counter.store, RULES) != known else frozenset()
        return exchange.outcome, exchange.complete and not moved and not corrected

    def _exchange(self, scans: bool) -> Exchange:
        counter = self.counter
        return Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock(), positions=self._positions, scans=scans)

    def _meet(self, exchange: Exchange, deadline: float) -> None:
        client, begin = self._client or self._connected(), time.monotonic()
        self._client, client.handed_over = client, 0
        try:
            if self._doubt > _DOUBT:
                self._ask_position(client, exchange.with_scans, deadline)
                self._proven = True
            self._progress.begin()
            client.exchange(exchange, deadline, lambda: time.monotonic() - begin > _ENOUGH)
        except BaseException:
            self._doubt = 0 if exchange.outcome.acknowledged else max(self._doubt, client.handed_over)
            self.close()
            raise
        finally:
            self._progress.end()
        self._doubt, self._proven, self._good_at = 0, True, time.monotonic()

    def _ask_position(self, client: GatewayClient, scans: bool, deadline: float) -> None:
        """What arrived before the cut. Logs that differ are nothing to stop at: the request that follows sends from the start."""
        try:
            client.position(self._exchange(scans), deadline)
        except Problem as problem:
            if problem.code != "base_differs":
                raise
        self._doubt = 0

    def _connected(self) -> GatewayClient:
        """By the first way that a proxy setting names; after a failure the next one is tried. :raises Problem: ``proxy_*``."""
        store, settings = self.counter.store, self.counter.store.meta("proxy", {})
        if settings != self._proxies[0]:
            self._proxies = (settings, Proxies(settings))
        ways = self._proxies[1].choose(self.url, self.counter.clock()).candidates
        way = ways[int(store.meta("proxy_place", 0)) % len(ways)]
        proxy = None if way == "direct" else way
        return GatewayClient(self.url, self._watch, proxy=proxy, traffic=self.traffic)

    def _named(self, problem: Problem) -> Problem:
        """A certificate that fails because of the clock is called so."""
        cause, counter = problem.__cause__, self.counter
        if problem.code == "certificate_wrong" and isinstance(cause, ssl.SSLCertVerificationError):
            return tls_problem(cause, counter.clock(), counter.build, counter.store.meta("gateway_time"))
        return problem

    def close(self) -> None:
        """Let the connection go; what the gateway holds of scans has to be asked again."""
        self._positions.clear()
        self._proven = False
        if self._client:
            self._client.close()
            self._client = None

    def _moved(self, acked: int) -> None:
        if self._proven:
            self._good_at = time.monotonic()
        self._progress.moved(acked)

    def rest(self, backoff: Backoff, problem: Problem) -> float:
        """Seconds until the next attempt. The line was good as long as bytes moved on a connection that the gateway had
        answered on; a busy gateway may ask for peace; an attempt that waited in vain has rested already."""
        if self._good_at is not None:
            backoff.reset(self._good_at)
            self._good_at = None
        backoff.retry_after(parse_retry_after(problem.details.get("retry_after"), self.counter.clock()))
        pause = backoff.pause(time.monotonic())
        return min(pause, _WAITED) if problem.details.get("reason") == "timeout" and pause < 1 else pause

    def _note(self, outcome: Outcome, problem: str | None) -> None:
        store = self.counter.store
        note(self.counter, outcome, problem)
        people.keep_in_line(self.counter)
        with store.write():
            place = int(store.meta("proxy_place", 0)) + 1 if problem in _ANOTHER_WAY else store.meta("proxy_place", 0)
            store.set_meta(link=self.sense.state, sense=self.sense.to_dict(), proxy_place=place)


class Progress:
    """How far a contact is, for whoever looks: ``{at, done, total, speed}`` (bytes, bytes a second) in the store, every two
    seconds, nothing between contacts."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._begun = self._told = 0.0
        self._base: int | None = None
        self._total = 0

    def begin(self) -> None:
        """A request is about to be sent."""
        self._begun = self._told = time.monotonic()
        self._base, self._total = None, waiting_bytes(self._counter)

    def moved(self, acked: int) -> None:
        """So many bytes of this connection have arrived."""
        self._base = acked if self._base is None else self._base
        now = time.monotonic()
        if now - self._told < _TELL:
            return
        self._told, done = now, acked - self._base
        speed = round(done / (now - self._begun))
        told = {"at": self._counter.clock().isoformat(), "done": done, "total": max(self._total, done), "speed": speed}
        with suppress(Problem), self._counter.store.write():
            self._counter.store.set_meta(progress=told)

    def end(self) -> None:
        """Nothing is under way."""
        if self._told != self._begun:
            with suppress(Problem), self._counter.store.write():
                self._counter.store.set_meta(progress=None)


def waiting_bytes(counter: Counter) -> int:
    """About how many bytes wait: events by what one has cost on the wire, scans exactly."""
    return log.waiting(counter.store) * _EVENT + scans.waiting(counter.store)[1]


def note(counter: Counter, outcome: Outcome, problem: str | None) -> None:
    """A contact, or an attempt, in the journal."""
    counter.profile = counter.store.meta("profile")
    with counter.store.write():
        journal.add_contact(counter.store, counter.clock(), outcome.sent, outcome.heard, problem)
        if outcome.finished:
            _compare(counter)


def _compare(counter: Counter) -> None:
    """Counts that differ are said, and the feed is read again from its start, once for each state of it."""
    store, same = counter.store, agreed(counter)
    store.set_meta(agreed=same)
    if same is False and store.meta("read_again") != store.meta("feed_head"):
        store.set_meta(read_again=store.meta("feed_head"))
        hearing.start_again(store)


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
                pause(min(road.rest(backoff, problem), max(0.0, deadline - time.monotonic())))
                continue
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
