"""``python -m tests.faults.badly BAD FAULT sync-arguments…``: the program in a version that somebody might have written, meeting
a fault at its worst moment. ``right`` is the version that there is, ``calm`` no fault.

Each bad version is one small patch; each fault strikes both, so that what the oracle finds is the version's doing.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sync import cli, hearing, reception, replication
from sync.counter import Counter
from sync.gateway import schema
from sync.gateway.ledger import Ledger
from sync.gateway.writer import Writer
from sync.gateway_client import GatewayClient
from sync.store import Store, log, numbers
from tests.faults.simulation import planted

_FOR_GOOD = ExitStack()

# Bad versions


def no_fsync() -> None:
    """Faster: the disk may write when it likes."""
    bring_up = Store._migrate

    def careless(self: Store, *given: Any) -> None:
        self.db.execute("PRAGMA synchronous=OFF")
        bring_up(self, *given)

    Store._migrate = careless  # type: ignore[method-assign]


def no_idempotency() -> None:
    """The gateway stores what comes, whatever it holds; nothing in its tables objects."""
    table = schema.events
    table.constraints -= {c for c in table.constraints if isinstance(c, sa.UniqueConstraint)}
    _FOR_GOOD.enter_context(planted.takes_what_it_holds())


def trusts_200() -> None:
    """Whoever answers 200 has taken everything."""

    def hear(self: GatewayClient, response: Any, exchange: replication.Exchange) -> None:
        for _ in response.iter_raw():
            pass
        store = exchange._store
        with store.write():
            for counter, epoch, _acked in log.own_logs(store):
                log.acknowledge(store, counter, epoch, log.position(store, counter, epoch).number)
            store.set_meta(gateway_time=round(time.time() * 1000))
        exchange.outcome.acknowledged = exchange.outcome.finished = response.status_code == 200

    GatewayClient._hear = hear  # type: ignore[method-assign]


def says_before_commit() -> None:
    """Faster: one commit for two receptions, the clerk is told meanwhile."""

    @contextmanager
    def write(self: Store) -> Iterator[Any]:
        if self.db.conn.in_transaction:
            self.db.execute("COMMIT")
        self.db.execute("BEGIN IMMEDIATE")
        yield self.db

    Store.write = write  # type: ignore[method-assign]


def number_outside() -> None:
    """The number is looked up before the transaction that uses it."""
    take, held_reserve = numbers.take, reception.held_reserve

    def before(counter: Counter, received: Any) -> AbstractContextManager[Any]:
        counter.store.db.execute("BEGIN IMMEDIATE")
        counter.store.__dict__["looked_up"] = take(counter.store, counter.epoch, received.date(), None)
        counter.store.db.execute("ROLLBACK")
        _linger()
        return held_reserve(counter, received)

    def looked_up(store: Store, epoch: str, day: Any, reserved: Any) -> Any:
        take(store, epoch, day, reserved)
        return store.__dict__["looked_up"]

    reception.held_reserve, numbers.take = before, looked_up


def cursor_first() -> None:
    """The place in the feed moves before what stands there is kept."""
    _FOR_GOOD.enter_context(planted.moves_the_cursor_first())


def scan_before_durable() -> None:
    """The gateway signs for bytes of scans when they have come, not when they are on its disk."""
    arrived: dict[tuple[str, str], int] = {}
    held = Ledger.scan_held

    def submit(self: Writer, piece: Any) -> "Future[int]":
        key = (piece.commune, piece.sha256)
        if piece.offset == arrived.get(key, 0):
            arrived[key] = piece.offset + len(piece.data)
        done: Future[int] = Future()
        done.set_result(arrived[key])
        return done

    def said(self: Ledger, commune: str, sha256: str) -> int:
        return max(held(self, commune, sha256), arrived.get((commune, sha256), 0))

    Writer.submit_scan, Ledger.scan_held = submit, said  # type: ignore[method-assign]


BAD: dict[str, Callable[[], None]] = {
    f.__name__: f
    for f in (no_fsync, no_idempotency, trusts_200, says_before_commit, number_outside, cursor_first, scan_before_durable)
}

# Faults


def dies_after_lines() -> None:
    """kill -9 right after the fifth line was printed."""
    say, told = cli.say, [0]

    def last_words(value: Any) -> None:
        say(value)
        told[0] += 1
        if told[0] == LINES:
            _die()

    cli.say = last_words


LINES = 5


def dies_before_acknowledgement() -> None:
    """kill -9 when the gateway's acknowledgement has come, and before it is noted."""
    replication.Exchange._acknowledged = lambda *_: _die()  # type: ignore[method-assign,assignment]


def dies_while_hearing() -> None:
    """kill -9 when a piece of the feed has come, and before its events are kept."""
    hearing._apply = lambda *_: _die()  # type: ignore[assignment]


def two_at_once() -> None:
    """Two processes begin together, and each is slow behind its number."""
    take, receive = numbers.take, Counter.receive
    folder = Path(os.environ["FAULT_FOLDER"])

    def slow(*arguments: Any) -> Any:
        taken = take(*arguments)
        _linger()
        return taken

    def together(self: Counter, *arguments: Any, **options: Any) -> Any:
        (folder / f"{os.getpid()}.here").touch()
        while len(list(folder.glob("*.here"))) < 2:
            time.sleep(0.005)
        return receive(self, *arguments, **options)

    numbers.take, Counter.receive = slow, together  # type: ignore[method-assign]


def _linger() -> None:
    time.sleep(0.01)


def _die() -> Any:
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


FAULTS: dict[str, Callable[[], None]] = {
    f.__name__: f for f in (dies_after_lines, dies_before_acknowledgement, dies_while_hearing, two_at_once)
}


def main(bad: str, fault: str, arguments: list[str]) -> int:
    """The fault first: a bad version calls what is there."""
    if fault != "calm":
        FAULTS[fault]()
    if bad != "right":
        BAD[bad]()
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
