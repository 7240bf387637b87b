"""The relay as a program beside the gateway: ``python -m sync relay --data GATEWAYDIR --config FILE``, until SIGTERM."""

import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from forms.routing import PORTAL
from sync.cli_opening import open_ledger
from sync.files import hold, read_json
from sync.gateway.incoming import let_in
from sync.gateway.server import SERVING
from sync.hardening import report_to
from sync.logbook import Logbook
from sync.relay.config import read_config, relay_of
from sync.relay.gate import Outside
from sync.relay.store import RelayStore

_TICK = 0.1
_IDLE = 0.5
"""Seconds between rounds when nothing is to be done."""


def serve(data: Path, config_file: Path, announce: Callable[[dict[str, Any]], None]) -> None:
    """Until SIGTERM. ``announce`` gets ``{relay, systems}`` once it works.

    :raises Problem: ``already_open``, ``gateway_missing``, ``secret_missing``, and as ``read_config``.
    """
    config, ended = read_config(config_file), _Ended()
    with open_ledger(data) as ledger:
        lock = hold(data, "relay")
        report_to(Logbook(data / "relay.log"))
        let_in(data, config.filing_token)
        with closing(RelayStore(data)) as store:
            relay = relay_of(config, ledger, store, Outside(ledger, store, lambda: config.gateway or _url(data)))
            announce({"relay": PORTAL, "systems": sorted(config.stations)})
            while not ended:
                if not relay.work(lambda: bool(ended)):
                    ended.wait(_IDLE)
        lock.release()


def _url(data: Path) -> str:
    """Where the gateway said that it serves. :raises Problem: ``gateway_missing``."""
    return str(read_json(data / SERVING, "gateway_missing", "gateway_missing").get("url"))


class _Ended:
    """Whether somebody asked the program to end."""

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "_asked", True))

    def __bool__(self) -> bool:
        return self._asked

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._asked and time.monotonic() < until:
            time.sleep(_TICK)
