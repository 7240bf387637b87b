"""The relay's configuration: addresses, credentials and agency codes of the receiving systems, and which dossier goes where.

JSON: ``{"gateway": url, "public_url": url, "settle_seconds": n, "filing_token": text, "systems": {key: {"kind": "national" |
"ministry", "name", "url", "timeout", "per_minute", "windows": [["23:00", "23:30"]], "tell_after", "watch_minutes", …}}, "routes":
[row, …], "refusals": [row, …], "catalogue": {"system": key, "hours": n, "codes": [code, …], "levels": [code, …]}}``. What else a
system needs stands with its adapter; one of another kind (``provincial``, ``by_hand``) has a name only. Rows of routes and
refusals are those of ``forms.routing`` and ``forms.refusals``; without routes the shipped ones hold. A text ``env:NAME`` is read
from the environment: secrets need not stand in the file.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from forms.pack import load_json
from forms.problem import Problem
from forms.refusals import recognised, rows_of
from forms.routing import PORTAL, Table, read_table
from resources import path_of
from sync.files import read_json
from sync.gateway.admission import admit_relay
from sync.gateway.ledger import Ledger
from sync.gateway_client import check_url
from sync.relay.calls import Door, Handle
from sync.relay.cataloguing import Looks
from sync.relay.gate import Gate
from sync.relay.ministry import Ministry
from sync.relay.national import National
from sync.relay.pace import Pace
from sync.relay.relay import Relay, Settings
from sync.relay.store import RelayStore
from sync.relay.systems import System
from sync.relay.telling import Station

_DAMAGED = "relay_config_damaged"
_ADAPTERS: dict[str, Callable[[dict[str, Any]], System]] = {"national": National, "ministry": Ministry}
_HOURS = 24.0


@dataclass(frozen=True)
class Config:
    """``gateway``: where the gateway serves, "" = as it says itself. ``filing_token``: what a system shows that sends dossiers
    filed online to the gateway (ASCII), "" = none may."""

    stations: Mapping[str, Station]
    table: Table
    settings: Settings = field(default_factory=Settings)
    gateway: str = ""
    filing_token: str = ""


def read_config(file: Path) -> Config:
    """:raises Problem: ``relay_config_missing``, ``relay_config_damaged`` (``reason``: the key that is wrong),
    ``refusals_damaged``, ``routing_damaged``, ``secret_missing``."""
    return config_of(read_json(file, "relay_config_missing", _DAMAGED))


def config_of(raw: Mapping[str, Any], played: Mapping[str, Handle] | None = None) -> Config:
    """``played``: systems of this process, by key. :raises Problem: ``relay_config_damaged``."""
    systems = raw.get("systems")
    if not isinstance(systems, dict) or not systems:
        raise Problem(_DAMAGED, reason="systems")
    more = tuple(raw.get("refusals") or ())
    rows_of(more)  # looked at now, not at the first refusal
    stations = {
        key: _station(key, _filled(one), more, (played or {}).get(key))
        for key, one in systems.items()
        if isinstance(one, dict) and one.get("kind") in _ADAPTERS
    }
    looks = raw.get("catalogue") or {}
    wanted = str(looks.get("system") or "")
    if looks and wanted not in stations:
        raise Problem(_DAMAGED, reason="catalogue")
    try:
        chosen = [tuple(map(str, looks.get(k) or ())) for k in ("codes", "levels")]
        catalogue = Looks(wanted, float(looks.get("hours") or _HOURS) * 3600, *chosen) if looks else None
        published, url = _published(raw, stations), str(raw.get("public_url") or "")
        settings = Settings(published, url, float(raw.get("settle_seconds") or 0), catalogue)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Problem(_DAMAGED, reason="routes") from error
    return Config(
        stations, read_table(published), settings, str(raw.get("gateway") or ""), str(_filled(raw.get("filing_token") or ""))
    )


def _published(raw: Mapping[str, Any], stations: Mapping[str, Station]) -> dict[str, Any]:
    """Systems and routes; a system that nothing here speaks to is one that a clerk types into."""
    shipped = load_json(path_of("routing.json"))
    named = shipped["systems"] | raw["systems"] if not raw.get("routes") else raw["systems"]
    systems = {}
    for key, one in named.items():
        more = {"order": one["order"]} if one.get("order") else {}
        systems[key] = {"name": str(one.get("name") or key), "kind": one["kind"], "relayed": key in stations} | more
    return {"systems": systems, "routes": raw.get("routes") or shipped["routes"]}


def _filled(raw: Any) -> Any:
    """``env:NAME`` replaced by what the environment holds. :raises Problem: ``secret_missing``."""
    if isinstance(raw, dict):
        return {k: _filled(v) for k, v in raw.items()}
    if isinstance(raw, str) and raw.startswith("env:"):
        if raw[4:] not in os.environ:
            raise Problem("secret_missing", variable=raw[4:])
        return os.environ[raw[4:]]
    return raw


def _station(key: str, raw: Any, refusals: tuple[Any, ...], handle: Handle | None) -> Station:
    try:
        kind, url = str(raw["kind"]), str(raw["url"])
        pace = Pace(int(raw.get("per_minute") or 0), raw.get("windows") or (), float(raw.get("tell_after", 60)))
        known = {"name": key, "label": str(raw.get("name") or key), "refusals": partial(recognised, more=refusals)}
        system = _ADAPTERS[kind]({**raw, **known})
        door = Door(url if handle else check_url(url, bool(raw.get("allow_http"))), float(raw.get("timeout") or 60), handle)
        return Station(system, door, pace, kind, float(raw.get("watch_minutes") or 0) * 60)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Problem(_DAMAGED, reason=key) from error


def relay_of(
    config: Config,
    ledger: Ledger,
    store: RelayStore,
    gate: Gate,
    on_erased: Callable[[str, Mapping[str, Any]], None] = lambda dossier, body: None,
) -> Relay:
    """The relay of a configuration, let in at the gateway; ``on_erased``: see :class:`Relay`."""
    admit_relay(ledger, PORTAL, store.identity.public_key().public_bytes_raw())
    return Relay(ledger, store, gate, config.stations, config.table, config.settings, on_erased=on_erased)
