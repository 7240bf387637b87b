"""What waits and how it travels, for the screen that shows it, and what a person decides about it. All of it meets the sync
process in the store only.
"""

from dataclasses import replace
from typing import Any

from forms.problem import Problem
from forms.working_days import parse_moment
from sync import contact, hearing, receiving
from sync.counter import Changes, Counter
from sync.link import LinkSense, Policy
from sync.proxies import Proxies
from sync.speed import forecast_words
from sync.store import dossiers, journal, log, scans

_DAYS = 7
_STALE = 15.0
"""Seconds after which progress that nobody renews is that of a process which has gone."""


def view(counter: Counter) -> dict[str, Any]:
    """Everything the screen says, in one read: ``{link, paused, metered_scans, cap_kbit, metered, progress, waiting, scans,
    scan_bytes, bytes, forecast, agreed, left_out, older, queue, contacts, outages, proxy}``.

    ``link``: unknown | offline | captive | no_internet | slow | good; ``progress``: ``{done, total, speed, left}`` (bytes, bytes
    a second, seconds) while something is under way, else None; ``forecast``: the words for all that waits; ``agreed``: both
    sides count the same events, None while that cannot be said; ``left_out``: older dossiers that were not loaded; ``older``:
    acts of them still to be loaded, once somebody has asked, else None; ``queue``: see :func:`queue`; ``contacts``: of the last
    seven days, oldest first; ``outages``: of the receiving systems (``receiving.outages``), of the same days.
    """
    store, policy = counter.store, Policy.from_dict(counter.store.meta("policy"))
    sense, bytes_ = LinkSense.from_dict(store.meta("sense")), contact.waiting_bytes(counter)
    number, scan_bytes = scans.waiting(store)
    seconds = sense.forecast(bytes_, counter.clock().timestamp()) if bytes_ else 0.0
    return policy.to_dict() | {
        "link": store.meta("link", "unknown"),
        "metered": store.meta("hints", [None, None, None])[1],
        "progress": _progress(counter),
        "waiting": log.waiting(store),
        "scans": number,
        "scan_bytes": scan_bytes,
        "bytes": bytes_,
        "forecast": forecast_words(bytes_, seconds),
        "agreed": store.meta("agreed") and contact.agreed(counter),  # what was found then, if nothing has come since
        "left_out": bool(hearing.left_out(store)),
        "older": hearing.left_out(store) if store.meta("older_wanted") else None,
        "queue": queue(counter),
        "contacts": journal.contacts(store, counter.clock(), _DAYS),
        "outages": receiving.outages(counter, _DAYS),
        "proxy": store.meta("proxy", {"mode": "none", "address": ""}),
    }


def status(counter: Counter) -> dict[str, Any]:
    """The figures of the status bar, with what the line is doing: ``paused``, ``sending`` (something is under way), ``failing``
    (the last try reached nobody), ``scans`` that wait."""
    store = counter.store
    return counter.status() | {
        "paused": Policy.from_dict(store.meta("policy")).paused,
        "sending": _progress(counter) is not None,
        "failing": bool((store.meta("sense") or {}).get("failure")),
        "scans": scans.waiting(store)[0],
    }


def queue(counter: Counter) -> list[dict[str, Any]]:
    """Dossiers of which something waits, those in a hurry first, then the oldest: ``{id, code, full_name, procedure,
    procedure_name, kept_at, events, scans, scan_bytes, delivery, urgent}``; ``events``: whether acts wait, ``scans``: how many
    scans do, ``delivery``: kept | received | accepted | refused, ``urgent``: its scans go before all others."""
    store = counter.store
    waiting = {row["id"]: row | {"events": True, "scans": 0, "scan_bytes": 0} for row in dossiers.waiting(store)}
    for dossier, number, left in scans.waiting_by_dossier(store):
        row = waiting.get(dossier) or dossiers.brief(store, dossier)
        if row:
            waiting[dossier] = row | {"events": row.get("events", False), "scans": number, "scan_bytes": left}
    there = _delivered(counter, [row["id"] for row in waiting.values() if not row["events"]])
    hurried = any(scan.urgent for scan in scans.pending(store))
    found = []
    for row in waiting.values():
        urgent = hurried and any(s.urgent and s.acked < s.size for s in scans.of_dossier(store, row["id"]))
        more = {"procedure_name": counter.procedure_name(row["procedure"]), "delivery": there.get(row["id"], "kept")}
        found.append(row | more | {"urgent": urgent})
    return sorted(found, key=lambda row: (not row["urgent"], str(row["kept_at"])))


def _delivered(counter: Counter, ids: list[str]) -> dict[str, str]:
    rows = dossiers.find(counter.store, dossiers.Wanted(ids=tuple(ids)), counter.clock(), limit=-1) if ids else []
    return {str(row["id"]): str(row["delivery"]) for row in rows}


def _progress(counter: Counter) -> dict[str, Any] | None:
    told = counter.store.meta("progress")
    at = parse_moment(told["at"]) if told else None
    if at is None or abs((counter.clock() - at).total_seconds()) > _STALE:
        return None
    left = (told["total"] - told["done"]) / told["speed"] if told["speed"] else None
    return {"done": told["done"], "total": told["total"], "speed": told["speed"], "left": left}


# What a person decides


def send_now(counter: Counter, dossier: str | None = None) -> Changes:
    """Ask the sync process for a contact now, and for one dossier's scans before all others."""
    with counter.store.write():
        if dossier:
            scans.hurry(counter.store, dossier)
        counter.store.set_meta(sync_wish=counter.clock().isoformat())
    return Changes(status=True)


def decide(counter: Counter, **changes: Any) -> Changes:
    """``paused``, ``metered_scans``, ``cap_kbit``: as ``link.Policy``."""
    with counter.store.write():
        known = Policy.from_dict(counter.store.meta("policy"))
        counter.store.set_meta(policy=Policy.from_dict(replace(known, **changes).to_dict()).to_dict())
        counter.store.set_meta(sync_wish=counter.clock().isoformat())
    return Changes(status=True)


def use_proxy(counter: Counter, mode: str, address: str = "") -> Changes:
    """``none``, ``system``, ``manual`` or ``pac`` with its address, from the next connection on.

    :raises Problem: ``proxy_unreadable``, ``pac_unreadable``: what could never be used is not kept.
    """
    return keep_proxy(counter, check_proxy(counter, mode, address))


def check_proxy(counter: Counter, mode: str, address: str = "") -> dict[str, str]:
    """What :func:`use_proxy` would keep. A PAC file is fetched for it, so not where somebody waits for the store.

    :raises Problem: ``proxy_unreadable``, ``pac_unreadable``.
    """
    settings = {"mode": mode, "address": address.strip() if mode in ("manual", "pac") else ""}
    if mode == "pac" and not settings["address"]:
        raise Problem("proxy_unreadable", reason="address")
    Proxies(settings).choose("https://gateway.invalid/", counter.clock())
    return settings


def keep_proxy(counter: Counter, settings: dict[str, str]) -> Changes:
    """Use what :func:`check_proxy` gave."""
    with counter.store.write():
        counter.store.set_meta(proxy=settings, proxy_place=0, sync_wish=counter.clock().isoformat())
    return Changes(status=True)


def load_older(counter: Counter) -> Changes:
    """Everything that was left out when this counter was new."""
    with counter.store.write():
        hearing.want_all(counter.store)
        counter.store.set_meta(sync_wish=counter.clock().isoformat())
    return Changes(status=True)


def hint(counter: Counter, connected: bool | None, metered: bool | None, captive: bool | None) -> Changes:
    """What the operating system believes of its networks: it wakes the sync process, and decides nothing."""
    with counter.store.write():
        counter.store.set_meta(hints=[connected, metered, captive])
    return Changes(status=True)
