"""``growth.py``: a contact with nothing to say, from a store of 1,000 and from one of 100,000 dossiers. One JSON line.

Both stores are synced for real, each with a gateway of its own, which so holds as much. Then 30 contacts each, turn about, over
loopback, where no line hides what the processor does: connection, signed header, answer, journal. ``ratio``: large to small
in time, of the medians; ``more_bytes``: by how much more goes up and down.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from forms.example import examples  # noqa: E402
from sync import reception, vault  # noqa: E402
from sync.contact import contact, until_empty  # noqa: E402
from sync.counter import Counter, vietnam_now  # noqa: E402
from sync.enrolment import enrol  # noqa: E402
from sync.events import hybrid  # noqa: E402
from sync.gateway_client import Traffic  # noqa: E402
from sync.store import log, projection  # noqa: E402
from tests.bench.link_client import OPERATOR, PASSPHRASE  # noqa: E402
from tests.conftest import GatewayProcess  # noqa: E402

SMALL, LARGE, TURNS = 1_000, 100_000, 30
_STEP, _CODES, _HOUR = 500, ("1.004873", "2.000815", "1.001193", "1.000894", "2.000908"), 3600.0


def main() -> int:
    large = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else LARGE
    with tempfile.TemporaryDirectory(prefix="motcua-growth-") as name:
        os.environ |= {"XDG_STATE_HOME": name, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        with ExitStack() as ending:
            gateways = []
            for size in (SMALL, large):
                gateways.append(GatewayProcess(Path(name) / f"gw{size}", "--numbers", "9000"))
                ending.callback(gateways[-1].stop)
            counters = [_filled(Path(name) / str(s), g, s) for s, g in zip((SMALL, large), gateways, strict=True)]
            began = time.monotonic()
            for counter, gateway in zip(counters, gateways, strict=True):
                until_empty(counter, gateway.url, time.monotonic() + _HOUR, Traffic())
            told = {"synced_s": round(time.monotonic() - began)}
            told |= _figures([_contacts(counters, gateways) for _ in range(TURNS)])
            print(json.dumps({"label": "ours-growth", "seed": 1, "rc": 0, "dossiers": [SMALL, large]} | told), flush=True)
            for counter in counters:
                counter.close()
    return 0


def _filled(data: Path, gateway: GatewayProcess, number: int) -> Counter:
    """A counter that has received so many dossiers in the last two months, folded by the program itself."""
    operator = enrol(data, gateway.url, gateway.code, OPERATOR, PASSPHRASE, vietnam_now())["operator"]
    counter = Counter.open(data, vault.unlock(data, operator, PASSPHRASE))
    until_empty(counter, gateway.url, time.monotonic() + 60, Traffic())  # the first contact of a counter comes before its work
    rng, now = random.Random(number), vietnam_now()
    lines = [next(examples(counter.catalogue, code, None, 1, seed)) for code in _CODES for seed in range(2, 6)]
    bodies = [reception.bodies(counter, line, now, [])[0].body for line in lines]
    for start in range(0, number, _STEP):
        with counter.store.write():
            for place in range(start, min(number, start + _STEP)):
                at = now - timedelta(days=60 * (1 - place / number))
                which = str(uuid.UUID(int=rng.getrandbits(128), version=4))
                body = rng.choice(bodies) | {"code": f"H38.27.09-{at:%y%m%d}-{place % 10_000:04d}", "register": place + 1}
                body |= {"received_at": at.isoformat()}
                tick = hybrid(round(at.timestamp() * 1000))
                log.append(counter.store, counter.counter_id, counter.epoch, which, "received", tick, operator, body)
                projection.project(counter.store, which)
    return counter


def _contacts(counters: list[Counter], gateways: list[GatewayProcess]) -> list[tuple[float, int, int]]:
    """(seconds, bytes up, bytes down) of one contact of each."""
    found = []
    for counter, gateway in zip(counters, gateways, strict=True):
        traffic, begin = Traffic(), time.perf_counter()
        outcome, complete = contact(counter, gateway.url, time.monotonic() + 30, traffic)
        found.append((time.perf_counter() - begin, traffic.up, traffic.down))
        assert complete
        assert not outcome.sent + outcome.heard
    return found


def _figures(turns: list[list[tuple[float, int, int]]]) -> dict[str, Any]:
    small, large = ([turn[place] for turn in turns] for place in (0, 1))
    middle = [[statistics.median(one[n] for one in many) for n in range(3)] for many in (small, large)]
    (few_s, few_up, few_down), (many_s, many_up, many_down) = middle
    more = max(0.0, many_up - few_up) + max(0.0, many_down - few_down)
    seconds = [round(few_s * 1000, 2), round(many_s * 1000, 2)]
    sizes = {"bytes_up": [few_up, many_up], "bytes_down": [few_down, many_down]}
    return {"ratio": round(many_s / few_s, 3), "more_bytes": more, "ms": seconds} | sizes


if __name__ == "__main__":
    sys.exit(main())
