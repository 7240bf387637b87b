"""Epochs: one life of a store. A restored, copied or forked store begins a new one that names its parent."""

import secrets
from datetime import datetime

from sync.events import tick
from sync.store import Store, audit, journal, log, projection


def first(store: Store, counter: str, epoch: str, now: datetime) -> None:
    """The epoch of an enrolment; inside ``write``."""
    _begin(store, counter, epoch, now, {"reason": "enrolled"})


def begin_after(store: Store, counter: str, origin: str, now: datetime) -> None:
    """A store found to be ``restored``, ``copied_here`` or ``copied`` goes on under a new epoch; inside ``write``.

    What an earlier epoch leased stays usable only as reserve, and only where this machine can tell what was used of it.
    """
    parent = str(store.meta("epoch"))
    head = log.position(store, counter, parent)
    reason = "restored" if origin == "restored" else "copied"
    epoch = secrets.token_hex(8)
    body = {"reason": reason, "parent": parent, "number": head.number, "head": head.hash, "audit": audit.head(store).n}
    _begin(store, counter, epoch, now, body)
    store.set_meta(inherited="no" if origin == "copied" else "reserve")
    journal.add_task(store, f"store_{reason}", now, epoch=epoch)


def begin_fork(store: Store, counter: str, parent: str, number: int, now: datetime) -> None:
    """The gateway holds other events than ours after ``number``: ours move under a new epoch, none is lost.

    Numbers taken since then may have been printed twice by the other side: only a new lease is used from here on.
    """
    with store.write():
        head = log.position(store, counter, parent, number)
        epoch = secrets.token_hex(8)
        _begin(store, counter, epoch, now, {"reason": "forked", "parent": parent, "number": number, "head": head.hash})
        for dossier in sorted(set(log.move_tail(store, counter, parent, number, epoch))):
            projection.project(store, dossier)
        store.set_meta(inherited="no")
        journal.add_task(store, "log_forked", now, epoch=epoch, parent=parent, number=number)


def _begin(store: Store, counter: str, epoch: str, now: datetime, body: dict[str, object]) -> None:
    at = tick(int(store.meta("hybrid", 0)), round(now.timestamp() * 1000))
    log.start_epoch(store, counter, epoch, at)
    log.append(store, counter, epoch, "", "epoch_started", at, "", body)
    store.set_meta(epoch=epoch, hybrid=at)
