"""Bad versions of the product. Each must be found: a simulation that cannot fail proves nothing.

Each is a context that makes one thing wrong in the way somebody might have written it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sync import contact, epochs, hearing, replication, wire
from sync.gateway import scans as gateway_scans
from sync.gateway.ledger import Ledger
from sync.gateway.storing import Batch, Held
from sync.store import log, scans
from tests.faults.simulation.office import Office, Request

Bad = Callable[[], Any]


@contextmanager
def changed(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Other values for a while."""
    kept = [(owner, name, owner.__dict__[name]) for owner, name, _ in changes]
    try:
        for owner, name, value in changes:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def acknowledges_before_commit() -> Any:
    """The gateway answers for what it has queued; then it may die."""
    queued, held = Office._queued, Ledger.held

    def early(self: Office, work: Any) -> Any:
        if isinstance(work, tuple):
            last = work[1].last
            self.ledger.__dict__.setdefault("early", {})[last.counter, last.epoch] = Held(last.number, last.hash)
        return queued(self, work)

    def said(self: Any, counter: str, epoch: str) -> Held:
        durable = held(self, counter, epoch)
        return max(durable, self.__dict__.get("early", {}).get((counter, epoch), durable), key=lambda h: h.number)

    return changed((Office, "_queued", early), (Ledger, "held", said), (Request, "_durable", lambda _: None))


def takes_what_it_holds() -> Any:
    """The gateway stores a group whatever it has of that log already."""

    def add(self: Batch, commune: str, group: Any) -> Held:
        first = group.first
        self._fresh += [(commune, e) for e in group.events]
        log_ = {"counter": first.counter, "epoch": first.epoch}
        self._secrets += [log_ | {"dossier": d, "secret": s} for d, s in group.secrets.items()]
        self._started.setdefault((first.counter, first.epoch), first.at)
        self.heads[first.counter, first.epoch] = Held(group.last.number, group.last.hash)
        return self.heads[first.counter, first.epoch]

    return changed((Batch, "add_group", add))


def hears_twice() -> Any:
    """The store counts an event again when it comes again."""
    add = log.add_heard

    def counted(store: Any, event: Any) -> bool:
        new = add(store, event)
        if not new:
            store.db.execute("UPDATE logs SET held = held + 1 WHERE counter = ? AND epoch = ?", (event.counter, event.epoch))
        return new

    return changed((log, "add_heard", counted))


def believes_any_head() -> Any:
    """The counter takes a position without looking whether what stands there is its own."""
    return changed(
        (replication.Exchange, "_check", lambda *_: None),
        (Batch, "_compare", lambda *_: None),
        (Ledger, "check_base", lambda *_: None),
    )


def moves_the_cursor_first() -> Any:
    """The place in the feed is written before the events, and nobody counts whether all came."""
    feed = hearing.feed

    def early(store: Any, value: dict[str, Any]) -> Any:
        if value["from"] == store.meta("feed", 0):
            with store.write():
                store.set_meta(feed=int(value["to"]))
            value = value | {"from": int(value["to"])}
        return feed(store, value)

    return changed((hearing, "feed", early), (contact, "_compare", lambda _: None))


def has_every_scan() -> Any:
    """The gateway says that it holds what was announced."""
    held = Ledger.scan_held

    def said(self: Any, commune: str, sha256: str) -> int:
        have = held(self, commune, sha256)
        return have and have + 1

    return changed((Ledger, "scan_held", said))


def proves_no_scan() -> Any:
    """A scan that is whole is not held against its name."""
    return changed((gateway_scans.Uploads, "_prove", lambda *_: None))


def put_back_under_the_old_epoch() -> Any:
    """A gateway that was put back goes on as if nothing had happened."""
    return changed((Ledger, "_put_back", lambda *_: None))


def restored_under_the_old_epoch() -> Any:
    """A restored store goes on in its old life, and a fork is settled by giving way."""

    def gives_way(store: Any, counter: str, parent: str, number: int, now: Any) -> None:
        with store.write():
            store.db.execute("DELETE FROM events WHERE counter = ? AND epoch = ? AND number > ?", (counter, parent, number))
            head = log.position(store, counter, parent, number)
            store.db.execute("UPDATE logs SET number = ?, head = ? WHERE epoch = ?", (head.number, head.hash, parent))

    return changed((epochs, "begin_after", lambda *_: None), (epochs, "begin_fork", gives_way))


def keeps_the_other_lifes_secrets() -> Any:
    """A fork leaves the secrets of what it moved, so that the other copy's events cannot be read (found by seed 3)."""
    move = log.move_tail

    def moved(store: Any, counter: str, old: str, after: int, new: str) -> list[str]:
        kept = store.rows("SELECT dossier, secret FROM secrets WHERE counter = ? AND epoch = ?", counter, old)
        dossiers = move(store, counter, old, after, new)
        for dossier, secret in kept:
            log.keep_secret(store, counter, old, dossier, secret)
        return dossiers

    return changed((log, "move_tail", moved))


def believes_anybody() -> Any:
    """Whoever answers is the gateway, and any answer is to this request."""

    def read(frame: wire.Frame, _nonce: str, _key: bytes) -> Any:
        return wire._unpacked(frame.payload[64:], wire.DICTIONARY)

    return changed((wire, "read_answer", read))


def forgets_no_scan() -> Any:
    """After the gateway was put back, scans that it had count as sent."""
    return changed((scans, "forget_acks", lambda *_: None))


BAD: tuple[Bad, ...] = (
    acknowledges_before_commit,
    takes_what_it_holds,
    hears_twice,
    believes_any_head,
    moves_the_cursor_first,
    has_every_scan,
    proves_no_scan,
    put_back_under_the_old_epoch,
    restored_under_the_old_epoch,
    keeps_the_other_lifes_secrets,
    believes_anybody,
    forgets_no_scan,
)
