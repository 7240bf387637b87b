"""What a damaged store still holds beyond its last back-up: own acts in an unbroken chain, their scans, and the drafts."""

import hashlib
from collections.abc import Iterator

from sync.events import Event, body_hash
from sync.store import Store, audit, drafts, log, projection, scans
from sync.store.remains import Remains


def salvage(remains: Remains, store: Store) -> int:
    """Bring into ``store``, which a back-up gave, the own acts that were done since, each to the place it had in its log: what
    the gateway has received of them is the same event there, so nothing is told twice. How many.

    Where a chain breaks, its log ends here too; where the two stores tell of one place differently (logs had parted since),
    nothing is taken. Drafts that can be read replace those of the back-up. What others did comes from the gateway.
    """
    logs = remains.own_logs()
    if not all(_agree(remains, store, counter, epoch) for counter, epoch, _ in logs):
        return 0
    found: list[Event] = []
    with store.write():
        for counter, epoch, started in logs:
            for event, secret in _beyond(remains, store, counter, epoch):
                if event.number == 1:
                    log.start_epoch(store, counter, epoch, started)
                log.put_back(store, event, secret)
                _bring_scan(remains, store, event)
                found.append(event)
        all(audit.put_back(store, seen) for seen in remains.audit(audit.head(store).n))  # until the chain breaks
        for row in remains.drafts():
            drafts.put_back(store, *row)
        for dossier in sorted({e.dossier for e in found} - {""}):
            projection.project(store, dossier)
        if found:
            store.set_meta(epoch=found[-1].epoch, hybrid=max(store.meta("hybrid", 0), *(e.at for e in found)))
    return len(found)


def _agree(remains: Remains, store: Store, counter: str, epoch: str) -> bool:
    head = log.position(store, counter, epoch)
    last = next(remains.events(counter, epoch, head.number - 1), None) if head.number else None
    return last is None or last.number != head.number or last.hash == head.hash


def _beyond(remains: Remains, store: Store, counter: str, epoch: str) -> Iterator[tuple[Event, bytes | None]]:
    """Events behind the head of a log, with their secrets, as long as each stands on the one before and is what was hashed."""
    head = log.position(store, counter, epoch)
    for event in remains.events(counter, epoch, head.number):
        secret = remains.secret(counter, epoch, event.dossier)
        if event.number != head.number + 1 or event.prev != head.hash:
            return
        if event.body is not None and (secret is None or body_hash(secret, epoch, event.number, event.body) != event.body_hash):
            return
        head = log.Position(event.number, event.hash)
        yield event, secret


def _bring_scan(remains: Remains, store: Store, event: Event) -> None:
    """The bytes of a scan that was attached, if they are what their name says."""
    body = event.body or {}
    if event.name != "attached" or not body.get("sha256"):
        return
    kind, data = remains.scan(str(body["sha256"])) or ("", b"")
    if hashlib.sha256(data).hexdigest() == body["sha256"]:
        scans.add(store, str(body["sha256"]), data, kind, event.dossier, str(body["paper"]))
