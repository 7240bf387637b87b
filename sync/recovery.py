"""Restore, guided repair, and the check that everything is as it was written."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync import erasure, vault
from sync.counter import Counter
from sync.events import GENESIS, Event, check_chain
from sync.files import hold
from sync.glance import glance
from sync.restoring import RESTORE, decide
from sync.roster import Roster
from sync.salvage import salvage
from sync.store import Store, audit, log, projection, scans
from sync.store import backup as container
from sync.store.backup import Tell, silent
from sync.store.opening import FILE
from sync.store.remains import Remains

_PAGE = 500
"""Events of the check that are read at a time."""
_LOOK, _LEAVE = 1, 20
"""Seconds: longer than a place is taken by a look at whether somebody holds it; in which the sync process has to end."""


def backup(counter: Counter, key: bytes, to: Path, automatic: bool = False, tell: Tell = silent) -> dict[str, int]:
    """Write a back-up: ``{events, dossiers, scans}``. One that is ``automatic``, made often, leaves out the bytes of scans that
    the gateway has signed for; any other holds all.

    :raises Problem: ``disk_full``, ``file_unwritable``, ``store_damaged``.
    """
    container.write(counter.store, key, vault.vault_bytes(counter.data), to, not automatic, tell)
    return counts(counter.store) | {"scans": scans.held(counter.store, sent=not automatic)}


def restore(
    source: Path,
    data: Path,
    operator: str | None,
    secret_for: Callable[[Path], str],
    now: datetime,
    by_paper: Callable[[Path, str], bytes] | None = None,
) -> dict[str, int]:
    """Put a back-up in place of ``data``, its vault too; what stood there is moved aside, never deleted. A new epoch begins at
    once.

    ``secret_for``: asks for the operator's secret, given the folder that holds the back-up's vault. ``by_paper``: opens that
    vault for the operator with the recovery paper instead, as on a new PC, whose keystore does not know the counter.

    :raises Problem: ``backup_damaged``, ``wrong_pin``, ``not_allowed``, ``already_open``, ``disk_full``, as ``by_paper``.
    """

    def key_in(fresh: Path) -> bytes:
        who = operator or vault.operators(fresh)[0]["id"]
        return by_paper(fresh, who) if by_paper else vault.unlock(fresh, who, secret_for(fresh))

    with _place(data, "window"), _unpacked(source, data) as fresh:
        key = key_in(fresh)
        store = opened(fresh, key, source)
        _check_may(store, operator or vault.operators(fresh)[0]["id"])
        _put_back(store, data, fresh, now)
    return _begun(data, key, operator or vault.operators(data)[0]["id"])


def repair(source: Path, data: Path, key: bytes, now: datetime, tell: Tell = silent) -> dict[str, int]:
    """Put a back-up in place of a store that is damaged or gone: as :func:`restore`, with what can still be read of the own acts
    done since (``salvaged`` counts them). The vault stays as it is: whoever was let in or out since stays so. The window calls
    it, and has no store open.

    :raises Problem: ``backup_damaged``, ``already_open`` when the sync process does not end, ``disk_full``.
    """
    tell(0, 4)
    with _place(data), _unpacked(source, data) as fresh:
        tell(1, 4)
        store = opened(fresh, key, source)
        (fresh / container.VAULT).unlink()
        tell(2, 4)
        salvaged = salvage(Remains(data / FILE, key), store) if (data / FILE).exists() else 0
        tell(3, 4)
        _put_back(store, data, fresh, now)
    return _begun(data, key) | {"salvaged": salvaged}


def _check_may(store: Store, operator: str) -> None:
    """:raises Problem: ``not_allowed``: going back to an older state is not everybody's."""
    try:
        Roster(store).check(operator, "restored")
    except Problem:
        store.close()
        raise


@contextmanager
def _place(data: Path, *roles: str) -> Iterator[None]:
    """Nobody else has these data open. :raises Problem: ``already_open``."""
    data.mkdir(parents=True, exist_ok=True)
    locks = [hold(data, role, wait=_LOOK) for role in (*roles, RESTORE)]
    try:
        locks.append(hold(data, "sync", wait=_LEAVE))
        yield
    finally:
        for lock in locks:
            lock.release()


@contextmanager
def _unpacked(source: Path, data: Path) -> Iterator[Path]:
    """A back-up's store and vault in a folder of their own beside the data; what is left there at the end goes."""
    fresh = data / f"restore-{secrets.token_hex(4)}"
    try:
        vault.put_vault(fresh, container.unpack(source, fresh))
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def opened(folder: Path, key: bytes, source: Path) -> Store:
    """The store of a back-up, unpacked into ``folder``, every page of it looked at. :raises Problem: ``backup_damaged``."""
    store = None
    try:
        store = Store.open(folder / FILE, key)
        if store.value("PRAGMA quick_check") != "ok":
            raise Problem("store_damaged")
        glance(store)
    except Problem as problem:
        if store is not None:
            store.close()
        if problem.code != "store_damaged":
            raise
        raise Problem("backup_damaged", file=source.name) from problem
    return store


def _put_back(store: Store, data: Path, fresh: Path, now: datetime) -> None:
    erasure.reapply(store, data)
    with store.write():
        store.set_meta(restored=now.isoformat())
    store.value("PRAGMA journal_mode=DELETE")  # all of it in the one file
    store.close()
    decide(data, fresh, now)


def _begun(data: Path, key: bytes, operator: str = "") -> dict[str, int]:
    counter = Counter.open(data, key)
    with counter.store.write():
        audit.append(counter.store, operator, "restored", counter.clock())
    found = counts(counter.store)
    counter.close()
    return found


def verify(store: Store, tell: Tell = silent) -> dict[str, Any]:
    """``{ok, events, dossiers, problems}``: chains, bodies, projections against a re-fold, scans against their names,
    database pages. ``tell`` hears how many of all events, dossiers and scans were looked at."""
    store.rows("PRAGMA wal_checkpoint")  # pages that a power cut tore on their way into the file are whole in the log
    known = counts(store)
    step = _Steps(tell, known["events"] + known["dossiers"] + int(store.value("SELECT count(*) FROM scans")))
    found = [f"page: {row[0]}" for row in store.rows("PRAGMA cipher_integrity_check")]
    step(0)
    with store.snapshot():
        found += [str(row[0]) for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
        for counter, epoch in log.all_logs(store):
            found += _log_problems(store, counter, epoch, step)
        found += projection.problems(store, step)
        found += scans.problems(store, step)
        found += audit.problems(store)
        known = counts(store)
    return {"ok": not found, "events": known["events"], "dossiers": known["dossiers"], "problems": found}


class _Steps:
    """Counts for ``tell``."""

    def __init__(self, tell: Tell, most: int) -> None:
        self._tell, self._most, self._done = tell, most, 0

    def __call__(self, more: int = 1) -> None:
        self._done += more
        self._tell(min(self._done, self._most), self._most)


def _log_problems(store: Store, counter: str, epoch: str, step: _Steps) -> list[str]:
    own, last = log.is_own(store, counter, epoch), log.Position(0, GENESIS)
    found: list[str] = []
    while events := log.read(store, counter, epoch, last.number, _PAGE):
        found += [p for e in events for p in log.body_problems(store, e)]
        for run in [events] if own else _runs(events):
            follows = own or (last.number and run[0].number == last.number + 1)
            found += check_chain(run, last.hash if follows else run[0].prev)
            last = log.Position(run[-1].number, run[-1].hash)
        step(len(events))
    if own and log.position(store, counter, epoch) != last:
        found.append(f"head differs for {counter}/{epoch}")
    return found


def _runs(events: list[Event]) -> list[list[Event]]:
    """Consecutive stretches: of others' logs we may hold only what concerns our commune."""
    pairs = groupby(enumerate(events), key=lambda p: p[1].number - p[0])
    return [[e for _, e in run] for _, run in pairs]


def counts(store: Store) -> dict[str, int]:
    """How many events and dossiers stand in a store, and scans with their bytes."""
    return {
        "events": int(store.value("SELECT count(*) FROM events")),
        "dossiers": int(store.value("SELECT count(*) FROM dossiers")),
        "scans": scans.held(store),
    }
