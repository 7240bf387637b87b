"""Is this PC's clock to be trusted? It is judged here only. Work goes on whatever the answer is: an act done in doubt says so.

What is known of the clock is one *reading* in the store: the wall clock and the steady clock (time since the PC was started,
which nobody sets) at one moment, and how far the wall clock was from true time then. A contact with the gateway makes a new
one. From a reading of the same start of the PC on, the steady clock tells every jump of the wall clock, by whichever process.

Moments that stand in bodies or on paper are never changed, and a return date is never moved. A contact shows by how much the
acts before it were wrong: ``clock_corrected {epoch, from, to, offset}`` says so of their places in the log, and the story of a
dossier shows the better moment beside the one that was written.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms.problem import Problem
from forms.working_days import parse_moment
from sync.events import Event, moment
from sync.store import Store, log

if TYPE_CHECKING:
    from sync.counter import Counter

CORRECTED = "clock_corrected"
"""The act of the counter itself that says how wrong its clock was: ``{epoch, from, to, offset}``, seconds ahead of true time."""
_ALONE = timedelta(days=30)
"""Longer than this without a contact, nobody has checked the clock: the clerk confirms the date."""
APART = timedelta(minutes=5)
"""A clock may differ so much from the gateway's, or move so much by itself."""
_BEHIND = timedelta(minutes=10)
"""The newest event may lie so far ahead: hybrid time follows peers up to there (``events.follow``)."""
_MOST = 500  # stretches of acts in doubt that are remembered until a contact
_SAME = 1000  # ms that two clocks drift apart while one stretch lasts
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PROCESS = secrets.token_hex(8)

Steady = Callable[[], tuple[float, str]]
"""Seconds since the PC was started, sleep included, and which start that was: readings of two starts cannot be compared."""
_Reading = dict[str, Any]
"""``wall``, ``steady`` (ms; None: there is no steady clock), ``boot``. The one that is kept has also ``offset`` (ms that the wall
clock was ahead), ``met`` (when the gateway last vouched for it, its own ms; None: never) and ``exact``."""


def system_steady() -> tuple[float, str]:
    """The system's own steady clock."""
    sleeping_too = getattr(time, "CLOCK_BOOTTIME", None)  # monotonic of Linux stands still while the PC sleeps
    return (time.monotonic() if sleeping_too is None else time.clock_gettime(sleeping_too)), _boot()


@lru_cache(maxsize=1)
def _boot() -> str:
    """Which start of the PC this is; where the system does not say, readings hold for this process only."""
    return _BOOT_ID.read_text("ascii").strip() if _BOOT_ID.exists() else _PROCESS


@dataclass(frozen=True)
class Doubt:
    """Why the clock is not sure. ``kind``: ``behind`` the last event, the build or the gateway; ``ahead`` of the gateway;
    ``jumped`` against the steady clock; ``long_alone``: too long without a contact. ``offset``: seconds ahead of true time,
    negative behind, None where nobody can say; ``exact``: measured, not guessed."""

    kind: str
    offset: int | None = None
    exact: bool = False

    def as_json(self) -> dict[str, Any]:
        """``{doubt, offset}``."""
        return {"doubt": self.kind, "offset": self.offset}


def doubt(counter: "Counter", now: datetime) -> Doubt | None:
    """What is wrong with the clock, None for nothing. ``now``: what it says."""
    known, contact = counter.store.meta("clock"), _last_contact(counter.store)
    met = bool(known and known["met"])
    if not met and (now < _newest(counter.store) - _BEHIND or now.date() < counter.build):
        return Doubt("behind")
    found = _since(known, _reading(counter, now)) if known else None
    if found is None and not met and contact and now - contact > _ALONE:
        return Doubt("long_alone")
    return found


def _since(known: _Reading, here: _Reading) -> Doubt | None:
    """The error of the wall clock now: what it was at the reading that is kept, and how it has moved since."""
    moved = _moved(known, here)
    error = known["offset"] + (min(0, here["wall"] - known["wall"]) if moved is None else moved)
    apart = APART.total_seconds() * 1000
    if abs(error) <= apart:
        alone = known["met"] is not None and here["wall"] - error - known["met"] > _ALONE.total_seconds() * 1000
        return Doubt("long_alone") if alone else None
    jumped = moved is not None and abs(moved) > apart
    kind = "jumped" if jumped else "ahead" if error > 0 else "behind"
    return Doubt(kind, round(error / 1000), bool(known["exact"]) and moved is not None)


def _reading(counter: "Counter", now: datetime) -> _Reading:
    steady, boot = counter.steady() if counter.steady else (None, "")
    return {"wall": _ms(now), "steady": None if steady is None else round(steady * 1000), "boot": boot}


def _moved(before: _Reading, here: _Reading) -> int | None:
    """Milliseconds by which the wall clock has jumped between two readings; None where they cannot be compared."""
    if before["boot"] != here["boot"] or before["steady"] is None or here["steady"] is None:
        return None
    return int(here["wall"] - before["wall"] - (here["steady"] - before["steady"]))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _newest(store: Store) -> datetime:
    """The newest moment that this store has seen: of an event or of a contact."""
    last, contact = moment(int(store.meta("hybrid", 0))), _last_contact(store)
    return max(last, contact) if contact else last


def _last_contact(store: Store) -> datetime | None:
    return parse_moment(store.meta("last_contact") or store.meta("enrolled_at") or "")


def check_date(counter: "Counter", now: datetime, confirmed: bool) -> None:
    """A wrong clock prints a wrong date and takes a wrong number: ask before, not after. Once a day is enough, and an error
    that is known to leave the date as it is asks nothing.

    :raises Problem: ``date_unsure`` (``reason``: the kind of the doubt).
    """
    if confirmed or counter.store.meta("date_confirmed") == now.date().isoformat():
        return
    found = doubt(counter, now)
    if found and (found.offset is None or (now - timedelta(seconds=found.offset)).date() != now.date()):
        raise Problem("date_unsure", now=now.isoformat(), reason=found.kind)


def tasks(counter: "Counter") -> list[dict[str, Any]]:
    """A doubt as a task for a person; none when the clock is trusted."""
    now = counter.clock()
    found = doubt(counter, now)
    task = {"id": "clock", "kind": "clock_doubtful", "dossier": None, "at": now.isoformat()}
    return [task | {"details": found.as_json()}] if found else []


# What an act carries


def mark(found: Doubt | None, now: datetime) -> dict[str, Any]:
    """What a body says of an act done in doubt: ``{"clock": {doubt, at, offset}}``; ``at``: what the clock said; ``offset`` only
    where it was measured. {} when the clock was trusted."""
    if found is None:
        return {}
    said = {"doubt": found.kind, "at": now.isoformat()}
    return {"clock": said | ({"offset": found.offset} if found.exact else {})}


def written(counter: "Counter", found: Doubt | None, now: datetime, event: Event) -> None:
    """An act was written: remember the first reading of each start of the PC, and which acts a contact may set right; inside
    ``write``."""
    store, here = counter.store, _reading(counter, now)
    if here["steady"] is None:
        return
    known = store.meta("clock")
    if known is None:
        store.set_meta(clock=here | {"offset": 0, "met": None, "exact": False})
    elif known["boot"] != here["boot"]:
        # Nothing says how the clock was set meanwhile, but that it did not stand before what it had said.
        offset = known["offset"] + min(0, here["wall"] - known["wall"])
        store.set_meta(clock=here | {"offset": offset, "met": known["met"], "exact": False})
    if found and not found.exact:
        store.set_meta(clock_open=_longer(store.meta("clock_open", []), here, event))


def _longer(stretches: list[dict[str, Any]], here: _Reading, event: Event) -> list[dict[str, Any]]:
    """Stretches of acts in doubt, each written by one setting of the clock."""
    last = stretches[-1] if stretches else None
    moved = _moved(last, here) if last else None
    if last and last["epoch"] == event.epoch and last["to"] == event.number - 1 and moved is not None and abs(moved) <= _SAME:
        return [*stretches[:-1], last | {"to": event.number}]
    return [*stretches, here | {"epoch": event.epoch, "from": event.number, "to": event.number}][-_MOST:]


# What a contact shows


def measured(counter: "Counter", seconds: float) -> bool:
    """The gateway has told its time within the last ``seconds``, the round trip: keep how far our clock is from it, and say of
    the acts done in doubt since the last contact how wrong their clock was. Whether anything was said.

    No error is claimed that the round trip may explain. Acts of an earlier start of the PC stay in doubt: nobody knows how
    its clock stood.
    """
    store, gateway, here = counter.store, int(counter.store.meta("gateway_time")), _reading(counter, counter.clock())
    first, last = here["wall"] - round(seconds * 1000), here["wall"]
    offset = first - gateway if gateway < first else last - gateway if gateway > last else 0
    with store.write():
        stretches = store.meta("clock_open", [])
        store.set_meta(clock=here | {"offset": offset, "met": gateway, "exact": True}, clock_open=[])
        known = [(s, moved) for s in stretches if (moved := _moved(s, here)) is not None]
        for stretch, moved in known:
            said = {k: stretch[k] for k in ("epoch", "from", "to")} | {"offset": round((offset - moved) / 1000)}
            counter.act("", CORRECTED, "", said)
    return bool(known)


def told(store: Store, dossier: dict[str, Any]) -> dict[str, Any]:
    """A whole fold with the better moment of each act done in doubt, where one is known: ``clock["about"]``, ISO, in its row of
    the history."""
    if not any("clock" in row for row in dossier["history"]):
        return dossier
    corrections = log.of_counters(store, CORRECTED)
    return dossier | {"history": [_better(row, corrections) if "clock" in row else row for row in dossier["history"]]}


def _better(row: dict[str, Any], corrections: list[Event]) -> dict[str, Any]:
    said = row["clock"]
    at, offset = parse_moment(str(said.get("at") or "")), said.get("offset")
    for act in corrections:
        body = act.body or {}
        places = (body.get("from"), body.get("to"))
        ours = act.counter == row["counter"] and body.get("epoch") == said["epoch"] and all(isinstance(p, int) for p in places)
        if ours and places[0] <= said["number"] <= places[1]:
            offset = body.get("offset")
    if at is None or not isinstance(offset, int):
        return row
    try:
        about = at - timedelta(seconds=offset)
    except OverflowError:  # a broken counter's word
        return row
    return row | {"clock": said | {"about": about.isoformat(timespec="seconds")}}
