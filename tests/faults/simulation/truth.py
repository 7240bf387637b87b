"""What must be true, whatever happened: while the world runs, and when the weather has become fair."""

import json
from collections import Counter as TallyOf
from collections.abc import Iterable, Iterator
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from sync import contact, hearing, recovery
from sync.events import GENESIS, Event, body_hash, check_chain
from sync.gateway.ledger import CLOSING
from sync.store import erasures, log, numbers, scans
from tests.faults.simulation.counters import Act, Living
from tests.faults.simulation.memory import engine
from tests.faults.simulation.office import Office

Place = tuple[str, str, int]
_COLUMNS = "counter, epoch, number, dossier, name, at, operator, prev, body_hash, body"


class Untrue(AssertionError):
    """An invariant does not hold."""


def demand(good: object, what: str, *about: object) -> None:
    """:raises Untrue: when it is not so."""
    if not good:
        raise Untrue(" ".join([what, *map(repr, about)]))


# While the world runs


def acknowledged(living: Living, office: Office, clean: bool) -> None:
    """What this store believes to be durable at the gateway is, unless an older gateway was put back since.

    ``clean``: no bit of a request was changed, so that no scan was ever thrown away again.
    """
    if living.life != office.life:
        return
    raw, store = engine().raw, living.store
    for counter, epoch, acked in log.own_logs(store):
        ours = log.position(store, counter, epoch, acked).hash
        sql = "SELECT hash FROM events WHERE counter = ? AND epoch = ? AND number = ?"
        row = raw.execute(sql, (counter, epoch, acked)).fetchone()
        demand(not acked or (row and row[0] == ours), "acknowledged and not durable:", living.name, epoch, acked)
    for name, size, acked in store.rows("SELECT sha256, size, acked FROM scans WHERE acked > 0"):
        if clean or acked == size:
            row = raw.execute("SELECT held FROM scans WHERE commune = ? AND sha256 = ?", (living.commune, name)).fetchone()
            demand(row and row[0] >= acked, "scan acknowledged and not durable:", living.name, name[:8], acked, row)


def forks_well(counter: str, epoch: str, after: int, tail: list[Event], ours: str) -> None:
    """A fork moves nothing that the gateway holds as ours, and leaves nothing at a place where it holds something else."""
    raw = engine().raw
    sql = "SELECT number, hash FROM events WHERE counter = ? AND epoch = ?"
    held = dict(raw.execute(sql, (counter, epoch)))
    moved = [e.number for e in tail if held.get(e.number) == e.hash]
    demand(not moved, "a fork moves what the gateway holds:", epoch, moved)
    demand(not after or held.get(after, ours) == ours, "a fork leaves what differs:", epoch, after)


# In the end


class Gateway:
    """What is durable there, checked while it is read."""

    def __init__(self, acts: dict[int, Act], moved: "TallyOf[int]", copied: set[int]) -> None:
        raw = engine().raw
        self.events = [Event(*row[:-1], _body(row[-1])) for row in raw.execute(f"SELECT {_COLUMNS} FROM events ORDER BY id")]
        self.erased = {str(row[0]) for row in raw.execute("SELECT dossier FROM erasures")}
        self.hashes: dict[Place, str] = {(e.counter, e.epoch, e.number): e.hash for e in self.events}
        self._chains(raw)
        self._bodies(raw)
        self._contents(acts, moved, copied)
        self.feeds = _feeds(raw)
        home = dict(raw.execute("SELECT id, commune FROM counters"))
        for place in self.hashes:
            commune = home.get(place[0])  # the played portal has none
            told = commune is None or place in self.feeds.get(commune, ([], []))[1]
            demand(told, "not in the feed of its own commune", place)

    def _chains(self, raw: Any) -> None:
        logs: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            logs.setdefault((event.counter, event.epoch), []).append(event)
        for key, events in logs.items():
            demand([e.number for e in events] == list(range(1, len(events) + 1)), "gap or disorder at the gateway", key)
            demand(not list(check_chain(events, GENESIS)), "chain broken at the gateway", key)
            acts = [e.body["act"] for e in events if e.body and "act" in e.body]
            demand(acts == sorted(set(acts)), "acts of a log out of order", key, acts)
        heads = {(c, e): (n, h) for c, e, n, h in raw.execute("SELECT counter, epoch, number, head FROM logs")}
        demand(heads == {k: (v[-1].number, v[-1].hash) for k, v in logs.items()}, "heads differ at the gateway")

    def _bodies(self, raw: Any) -> None:
        secrets = {
            (c, e, d): bytes.fromhex(s) for c, e, d, s in raw.execute("SELECT counter, epoch, dossier, secret FROM secrets")
        }
        for e in self.events:
            if e.body is None:
                left = e.dossier in self.erased and (e.counter, e.epoch, e.dossier) in secrets  # erased elsewhere: moves nothing
                demand(not left, "a secret outlives its body", e.dossier)
                continue
            demand(e.dossier not in self.erased, "an erased body at the gateway", e.counter, e.epoch, e.number)
            digest = body_hash(secrets[e.counter, e.epoch, e.dossier], e.epoch, e.number, e.body or {})
            demand(digest == e.body_hash, "body differs at the gateway", e.counter, e.epoch, e.number)

    def _contents(self, acts: dict[int, Act], moved: "TallyOf[int]", copied: set[int]) -> None:
        self.acts: TallyOf[int] = TallyOf()
        for event in self.events:
            number = (event.body or {}).get("act")
            if number is not None:
                self.acts[number] += 1
                said = Act(event.dossier, event.name, str((event.body or {})["text"]))
                demand(acts.get(number) == said, "the gateway holds what nobody did", number)
        for number, times in self.acts.items():
            most = 1 + moved[number] if number in copied else 1
            demand(times <= most, "act at the gateway more than once", number, times, moved[number])


def _body(text: str | None) -> dict[str, Any] | None:
    return None if text is None else dict(json.loads(text))


def _feeds(raw: Any) -> dict[str, tuple[list[int], list[Place]]]:
    feeds: dict[str, tuple[list[int], list[Place]]] = {}
    sql = "SELECT f.commune, f.seq, counter, epoch, number FROM feeds f JOIN events e ON e.id = f.event ORDER BY f.commune, f.seq"
    for commune, seq, *place in raw.execute(sql):
        numbers, places = feeds.setdefault(commune, ([], []))
        numbers.append(seq)
        places.append((str(place[0]), str(place[1]), int(place[2])))
    for commune, (numbers, places) in feeds.items():
        demand(numbers == list(range(1, len(numbers) + 1)), "feed with gaps", commune)
        demand(len(set(places)) == len(places), "event twice in a feed", commune)
    return feeds


def whole(gateway: Gateway, living: list[Living], thorough: bool) -> None:
    """Every living store and the gateway hold the same, as far as anybody alive could still bring it. ``thorough``: also by the
    product's own check, which folds everything anew."""
    owned = {place for one in living for place in _owned(one)}
    demand(owned <= gateway.hashes.keys(), "own events missing at the gateway", sorted(owned - gateway.hashes.keys())[:3])
    gateway.erased |= {dossier for one in living for dossier in erasures.all_of(one.store)}
    for one in living:
        _store(gateway, one, owned)
    _scans(living)
    _numbers(living)
    folds: dict[Any, list[Any]] = {}
    for one in living:
        bare = one.store.rows("SELECT counter, epoch, number FROM events WHERE body IS NULL")  # who told of it may be lost
        key = (one.commune, frozenset(_hashes(one)), frozenset(bare), frozenset(erasures.all_of(one.store)))
        rows = one.store.rows("SELECT d.id, f.fold FROM dossiers d JOIN folds f USING (rowid) ORDER BY d.id")
        demand(folds.setdefault(key, rows) == rows, "the same events are folded otherwise", one.name)
    if thorough:
        report = recovery.verify(living[-1].store)
        demand(report["ok"], "verify", living[-1].name, report["problems"][:3])


def _numbers(living: list[Living]) -> None:
    """What two lives may still print never meets: ranges of the present epochs."""
    taken: list[tuple[str, str, int, int]] = []
    for one in living:
        present = one.epoch
        for range_ in numbers.ranges(one.store):
            if range_.epoch == present:
                mine = (one.commune, present, range_.low, range_.high)
                meets = [t for t in taken if t[0] == mine[0] and t[1] != present and t[2] <= mine[3] and mine[2] <= t[3]]
                demand(not meets, "numbers leased twice", mine, meets)
                taken.append(mine)


def _owned(one: Living) -> Iterator[Place]:
    sql = "SELECT counter, epoch, number FROM events JOIN logs l USING (counter, epoch) WHERE l.own = 1"
    for counter, epoch, number in one.store.rows(sql.replace("number FROM", "events.number FROM")):
        yield str(counter), str(epoch), int(number)


def _hashes(one: Living) -> dict[Place, str]:
    rows = one.store.rows("SELECT counter, epoch, number, hash FROM events")
    return {(str(c), str(e), int(n)): str(h) for c, e, n, h in rows}


def _store(gateway: Gateway, one: Living, owned: set[Place]) -> None:
    store, here = one.store, _hashes(one)
    feed = set(gateway.feeds.get(one.commune, ([], []))[1])
    # Of another commune's counter a store may hold what the gateway has lost and now holds otherwise, for other eyes only.
    differs = [p for p, digest in here.items() if p in feed and gateway.hashes[p] != digest]
    demand(not differs, "another event at a place", one.name, differs[:3])
    missing = feed - here.keys()
    left_out = hearing.left_out(store)
    if left_out:
        missing = _unexplained(gateway, missing, here)
    demand(not missing, "not heard", one.name, sorted(missing)[:3], len(missing))
    more = here.keys() - feed
    demand(not more & owned - gateway.hashes.keys(), "own events that were not sent", one.name)
    demand(log.waiting(store) == 0 and scans.waiting(store) == (0, 0), "waiting", one.name, scans.waiting(store))
    agreed = contact.agreed(SimpleNamespace(store=store))  # type: ignore[arg-type]
    demand(agreed is (None if left_out else not more), "counts", one.name, agreed, log.common(store), len(feed), len(more))
    done = {a: n for a, n in one.kept.items() if not gateway.acts[a] and n.dossier not in gateway.erased}
    demand(not done, "acts lost", one.name, sorted(done))
    _local(one)


def _unexplained(gateway: Gateway, missing: set[Place], here: dict[Place, str]) -> set[Place]:
    """A new counter leaves out whole dossiers that are closed, and nothing else."""
    said: dict[str, list[Event]] = {}
    for event in gateway.events:
        said.setdefault(event.dossier, []).append(event)
    found = set()
    for events in said.values():
        places = {(e.counter, e.epoch, e.number) for e in events}
        closed = events[0].dossier and any(e.name in CLOSING for e in events)
        if not closed or places & here.keys():
            found |= places & missing
    return found


def _local(one: Living) -> None:
    """Chains and bodies of what stands here only, or first: what equals the gateway's was checked there."""
    store = one.store
    left = "SELECT e.dossier FROM events e JOIN erasures x ON x.dossier = e.dossier WHERE e.body IS NOT NULL"
    demand(not store.rows(left), "an erased body", one.name)
    demand(not store.rows(left.replace("events e", "secrets e").replace("e.body", "e.secret")), "an erased secret", one.name)
    for counter, epoch, _ in log.own_logs(store):
        events = log.read(store, counter, epoch)
        demand(not list(check_chain(events, GENESIS)), "chain broken", one.name, epoch)
        head = log.position(store, counter, epoch)
        demand((head.number, head.hash) == ((events[-1].number, events[-1].hash) if events else (0, GENESIS)), "head", one.name)
        demand(not [p for e in events for p in log.body_problems(store, e)], "body differs", one.name, epoch)


def _scans(living: Iterable[Living]) -> None:
    raw = engine().raw
    held = {(c, s): (size, have) for c, s, size, have in raw.execute("SELECT commune, sha256, size, held FROM scans")}
    for (commune, name), (size, have) in held.items():
        sql = "SELECT bytes FROM scan_chunks WHERE commune = ? AND sha256 = ? ORDER BY offset"
        data = b"".join(row[0] for row in raw.execute(sql, (commune, name)))
        if have == size and not data:
            said = (
                "SELECT 1 FROM events e JOIN counters c ON c.id = e.counter"
                " WHERE e.name = 'attached' AND json_extract(e.body, '$.sha256') = ? AND c.commune = ?"
            )
            demand(not raw.execute(said, (name, commune)).fetchone(), "a scan that somebody needs was taken", name[:8])
            continue
        demand(len(data) == have <= size, "scan of another size", name[:8], len(data), have, size)
        demand(have < size or sha256(data).hexdigest() == name, "scan differs", name[:8])
    for one in living:
        sql = "SELECT sha256, size FROM scans s WHERE EXISTS (SELECT 1 FROM scan_chunks c WHERE c.sha256 = s.sha256)"
        for name, size in one.store.rows(sql):
            demand(held.get((one.commune, name)) == (size, size), "scan missing at the gateway", one.name, name[:8])
