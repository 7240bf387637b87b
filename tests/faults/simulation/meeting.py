"""One contact of a living store with the gateway over a road, step by step, so that others may act between any two steps."""

from collections import Counter as TallyOf
from collections.abc import Callable, Iterator

from forms.problem import Problem
from sync import contact
from sync.replication import Exchange
from tests.faults.simulation.counters import Living
from tests.faults.simulation.memory import Died
from tests.faults.simulation.office import Cut, Office, Request
from tests.faults.simulation.road import Road

_UNCLEAN = frozenset("not_the_gateway frame_malformed signature_wrong chain_broken counter_unknown dictionary_unknown".split())
"""What may be said when somebody changed what was sent."""
_DOUBT = ("log_forked", "base_differs")
"""What may be said on any road, when a store was cloned or a gateway put back."""


class Unexpected(AssertionError):
    """A problem that nothing on this road explains."""


class Meeting:
    """``outcome``: how it ended, in a word; ``complete``: the counter says that nothing is left to do; ``heard``: events new to
    it. ``faults`` counts what went wrong on the way."""

    def __init__(self, living: Living, office: Office, road: Road, nonce: Callable[[], str]) -> None:
        self.living, self.office, self.road, self._nonce = living, office, road, nonce
        self.outcome, self.complete, self.heard, self.sent = "", False, 0, 0
        self.faults: TallyOf[str] = road.faults

    def steps(self) -> Iterator[None]:
        """Run it; between two steps anything may happen elsewhere. :raises Unexpected: what must not happen on this road."""
        living, road = self.living, self.road
        living.store.ends, self.office.ledger.ends = road.client_ends, road.gateway_ends
        try:
            yield from self._contact()
        except Died:
            self.faults["counter died"] += 1
            self.outcome = f"counter died {living.store.died} COMMIT"
            living.reopen()
        finally:
            living.store.ends = None

    def _contact(self) -> Iterator[None]:
        """As ``contact.Road`` does it, its note in the journal too."""
        living, road = self.living, self.road
        exchange = living.exchange(self._nonce(), road.scans)
        try:
            if living.doubt and road.asks_position:
                yield from self._position()
            living.doubt = False
            yield from self._exchange(exchange)
        except Cut:
            contact.note(living, exchange.outcome, None if exchange.outcome.acknowledged else "no_line")  # type: ignore[arg-type]
            self._broken("cut")
        except Problem as problem:
            if problem.code not in _DOUBT and (road.clean or problem.code not in _UNCLEAN):
                raise Unexpected(f"{living.name} met {problem.code} {problem.details}") from problem
            contact.note(living, exchange.outcome, None if exchange.outcome.acknowledged else problem.code)  # type: ignore[arg-type]
            self._broken(problem.code)
        else:
            contact.note(living, exchange.outcome, None)  # type: ignore[arg-type]
            self.outcome = "finished" if exchange.outcome.finished else "unfinished"
            self.complete, self.heard, self.sent = exchange.complete, exchange.outcome.heard, exchange.outcome.sent

    def _broken(self, how: str) -> None:
        self.outcome = how
        if how in _DOUBT:
            self.faults[how] += 1
        self.living.hung_up()

    def _position(self) -> Iterator[None]:
        """``GET /v1/position`` after a broken line. Logs that differ are nothing to stop at."""
        exchange = self.living.exchange(self._nonce(), self.road.scans)
        request = Request(self.office)
        told = request.position(exchange.header())
        yield
        for chunk in self.road.down(9, told) if self.road.lie in ("", "dropped", "swapped") else self.road.told(iter([told]), []):
            try:
                self._hears(exchange, request, chunk)
            except Problem as problem:
                if problem.code != "base_differs":
                    raise
                return
        if not exchange.outcome.acknowledged:
            raise Problem("not_the_gateway")

    def _exchange(self, exchange: Exchange) -> Iterator[None]:
        request, sent = Request(self.office), bytearray()
        try:
            yield from self._send(exchange, request, sent)
        finally:
            self.office.recorded.append(bytes(sent))
        request.end()
        if self.road.twice:
            self.faults["delivered twice"] += 1
            request = yield from self._again(request, bytes(sent))
        yield from self._hear(exchange, request)

    def _send(self, exchange: Exchange, request: Request, sent: bytearray) -> Iterator[None]:
        told = 0

        def enough() -> bool:
            return told > self.road.enough

        try:
            for number, frame in enumerate(exchange.frames(enough)):
                told = number + 1
                sent += frame
                for chunk in self.road.up(number, frame):
                    request.take(chunk)
                    if self.road.chance.random() < self.road.commits:
                        request.commit(self.road.chance.choice((1, 2, 64)))
                    elif self.road.chance.random() < 0.03:
                        request.lull()
                    yield
                if request.refused:
                    return
        except Cut:
            request.gone()
            raise

    def _again(self, first: Request, sent: bytes) -> Iterator[None]:
        """A second connection carries the same bytes; either answer may be the one that is heard."""
        second = Request(self.office)
        second.take(sent)
        yield
        second.end()
        return self.road.chance.choice((first, second))

    def _hear(self, exchange: Exchange, request: Request) -> Iterator[None]:
        answer = bytearray()
        for number, frame in enumerate(self.road.told(request.answer(), self.office.answers)):
            answer += frame
            for chunk in self.road.down(number, frame):
                self._hears(exchange, request, chunk)
                yield
        self.office.answers = [*self.office.answers[-5:], bytes(answer)]
        if not exchange.outcome.acknowledged:
            raise Problem("not_the_gateway")

    def _hears(self, exchange: Exchange, request: Request, chunk: bytes) -> None:
        try:
            exchange.answer(chunk)
        finally:
            if exchange.outcome.acknowledged:
                self.living.life = request.life
