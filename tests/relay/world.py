"""A gateway process, a counter and a relay in this process, whose clock the test turns."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.line import normal
from forms.refusals import recognised
from forms.routing import PORTAL, shipped
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway.admission import admit_relay
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from sync.relay.calls import Door
from sync.relay.gate import Outside
from sync.relay.ministry import Ministry
from sync.relay.national import National
from sync.relay.pace import Pace
from sync.relay.played.ministry import SETTINGS as MINISTRY
from sync.relay.played.ministry import PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.relay.relay import Relay, Settings
from sync.relay.store import RelayStore
from sync.relay.telling import Station
from tests.conftest import GatewayProcess, enrolled, open_counter


class World:
    """A gateway process, a counter, a relay that can be killed and started again. ``stations``: the systems, made anew at each
    start of the relay, but what they speak to stays."""

    def __init__(
        self, folder: Path, gateway: GatewayProcess, stations: Callable[[], dict[str, Station]], **settings: Any
    ) -> None:
        self.gateway, self.folder, self._stations, self._settings = gateway, folder, stations, settings
        enrolled(folder / "counter", gateway)
        self.counter = open_counter(folder / "counter")
        self.operator = self.counter.status()["operator"][0]
        self.ahead = 0.0
        self.start()

    def start(self) -> None:
        self.ledger, self.store = Ledger(self.gateway.data), RelayStore(self.gateway.data)
        gate = Outside(self.ledger, self.store, lambda: self.gateway.url)
        admit_relay(self.ledger, PORTAL, self.store.identity.public_key().public_bytes_raw())
        self.relay = Relay(self.ledger, self.store, gate, self._stations(), shipped(), Settings(**self._settings), self.clock)

    def clock(self) -> float:
        return time.time() + self.ahead

    def end(self) -> None:
        self.store.close()
        self.ledger.close()

    def sync(self, counter: Counter | None = None) -> None:
        until_empty(counter or self.counter, self.gateway.url, time.monotonic() + 30, Traffic())

    def run(self, rounds: int = 60) -> None:
        """Until nothing is left to do."""
        for _ in range(rounds):
            done, due = self.relay.work(), self.store.next_due()
            if due is None and not done and not self.relay.voice.waiting:
                return
            self.ahead += max(0.3, (due or 0) - self.clock())  # its clock, not ours, waits for what is due
        raise AssertionError("the relay does not come to rest")

    def receive(self, n: int = 1, procedure: str = "1.001193") -> list[str]:
        lines = [normal(x) for x in examples(Catalogue.load(), procedure, None, n, 7)]
        return [self.counter.receive(x | {"id": str(uuid.uuid4())}, self.operator).id for x in lines]


def national(played: PlayedNational, handle: Any = None, watch: float = 0.0, tell_after: float = 60.0) -> Station:
    """The national service, played; ``handle``: another way to it."""
    door = Door("http://national", 5, handle or played.handle)
    return Station(National({**played.settings(), "refusals": recognised}), door, Pace(tell_after=tell_after), "national", watch)


def ministry(played: PlayedMinistry, watch: float = 0.0) -> Station:
    """A ministry's system, played."""
    adapter = Ministry({**MINISTRY, "refusals": recognised})
    return Station(adapter, Door("http://ministry", 5, played.handle), Pace(), "ministry", watch)
