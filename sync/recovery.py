"""Back-up, restore, and the check that everything is as it was written."""

import secrets
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync import vault
from sync.counter import Counter
from sync.events import GENESIS, Event, check_chain
from sync.files import hold
from sync.store import Store, log, projection, scans
from sync.store import backup as container
from sync.store.opening import FILE


def backup(counter: Counter, key: bytes, to: Path, automatic: bool = False) -> dict[str, int]:
    """Write a back-up: ``{events, dossiers, scans}``. One that is ``automatic``, made often, leaves out the bytes of scans that
    the gateway has signed for; any other holds all.

    :raises Problem: ``disk_full``, ``file_unwritable``, ``store_damaged``.
    """
    container.write(counter.store, key, vault.vault_bytes(counter.data), to, sent_scans=not automatic)
    return _counts(counter.store) | {"scans": scans.held(counter.store, sent=not automatic)}


def restore(source: Path, data: Path, operator: str | None, secret_for: Callable[[Path], str], now: datetime) -> dict[str, int]:
    """Put a back-up in place of ``data``; what stood there is moved aside, never deleted. A new epoch begins at once.

    ``secret_for``: asks for the operator's secret, given the folder that holds the back-up's vault.

    :raises Problem: ``backup_damaged``, ``wrong_pin``, ``already_open``, ``disk_full``.
    """
    data.mkdir(parents=True, exist_ok=True)
    locks = [hold(data, role) for role in ("window", "sync")]
    fresh = data / f"restore-{secrets.token_hex(4)}"
    try:
        vault.put_vault(fresh, container.unpack(source, fresh))
        operator = operator or vault.operators(fresh)[0]["id"]
        key = vault.unlock(fresh, operator, secret_for(fresh))
        store = Store.open(fresh / FILE, key)
        if store.value("PRAGMA quick_check") != "ok":
            raise Problem("backup_damaged", file=source.name)
        with store.write():
            store.set_meta(restored=now.isoformat())
        store.close()
        _swap(data, fresh, now)
    finally:
        for lock in locks:
            lock.release()
    counter = Counter.open(data, key)
    counts = _counts(counter.store)
    counter.close()
    return counts


def _swap(data: Path, fresh: Path, now: datetime) -> None:
    """The old store aside, the restored one in its place."""
    aside = data / f"before-restore-{now:%Y%m%d-%H%M%S}"
    for file in [*data.glob(FILE + "*"), data / "vault.json"]:
        if file.exists():
            aside.mkdir(exist_ok=True)
            file.replace(aside / file.name)
    for file in fresh.iterdir():
        file.replace(data / file.name)
    fresh.rmdir()


def verify(store: Store) -> dict[str, Any]:
    """``{ok, events, dossiers, problems}``: chains, bodies, projections against a re-fold, scans against their names,
    database pages."""
    found = [f"page: {row[0]}" for row in store.rows("PRAGMA cipher_integrity_check")]
    with store.snapshot():
        found += [str(row[0]) for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
        for counter, epoch in log.all_logs(store):
            found += _log_problems(store, counter, epoch)
        found += projection.problems(store)
        found += scans.problems(store)
        counts = _counts(store)
    return {"ok": not found, "events": counts["events"], "dossiers": counts["dossiers"], "problems": found}


def _log_problems(store: Store, counter: str, epoch: str) -> list[str]:
    events = log.read(store, counter, epoch)
    own = store.value("SELECT own FROM logs WHERE counter = ? AND epoch = ?", counter, epoch)
    found = [p for e in events for p in log.body_problems(store, e)]
    if own:
        head = log.position(store, counter, epoch)
        found += check_chain(events, GENESIS)
        if head != (log.Position(events[-1].number, events[-1].hash) if events else log.Position(0, GENESIS)):
            found.append(f"head differs for {counter}/{epoch}")
        return found
    for run in _runs(events):
        found += check_chain(run, run[0].prev)
    return found


def _runs(events: list[Event]) -> list[list[Event]]:
    """Consecutive stretches: of others' logs we may hold only what concerns our commune."""
    pairs = groupby(enumerate(events), key=lambda p: p[1].number - p[0])
    return [[e for _, e in run] for _, run in pairs]


def _counts(store: Store) -> dict[str, int]:
    return {
        "events": int(store.value("SELECT count(*) FROM events")),
        "dossiers": int(store.value("SELECT count(*) FROM dossiers")),
        "scans": scans.held(store),
    }
