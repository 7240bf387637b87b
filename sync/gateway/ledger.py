"""What the gateway knows: logs with their chains, one gapless feed a commune, enrolments, leases. All SQL of the gateway."""

import hashlib
import json
import secrets as random
from collections import Counter as TallyOf
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.dialects.sqlite import insert

from forms.dossier import Dossier, fold
from forms.numbering import LAST
from forms.problem import Problem
from sync.events import ANCHORED, Event, canonical, hybrid
from sync.files import read_json, write_atomic
from sync.gateway import erasing, feeding, leasing, people, scans, storing
from sync.gateway import schema as t
from sync.gateway.known import Known
from sync.gateway.storing import Batch, Held
from sync.incarnation import state_folder

T = TypeVar("T")
_FEED_BYTES = 1 << 20
_LATEST = 1000
"""Entries of a feed that are remembered: as many as one counter brings at once on most days."""
_COMMITS, _PRUNE = 200_000, 10_000
"""Commits whose marks are remembered, and after how many the older ones go."""
BACKED = "backed_up"
CLOSING = ("returned", "withdrawn", "declined", "stopped", "annulled")
"""After these a dossier is closed, unless something is said of it later."""


class Ledger:
    """The gateway's database and key. Reads from any thread; ``store`` from the one writer thread."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.engine, self.writer = t.connect(data)
        self.key = key_in(data / "gateway.key")
        self.known = Known()
        self.epoch = self._setting("epoch", random.token_hex(8))
        self.commit, self._first_commit = self._last_commit()
        self._unwiped = True  # a former process may have ended before it was

    def begin(self) -> None:
        """At each start of the server: an older database put back, or a copy, serves under a new epoch, and leaves room
        for the leases it may have forgotten until the counters have said what they hold."""
        file = state_folder() / f"gateway-{hashlib.sha256(self.public_key).hexdigest()[:16]}.json"
        outside = read_json(file, "state_damaged", "state_damaged") if file.exists() else {}
        place, fresh = str(self.data.resolve()), random.token_hex(16)
        with self.writing() as db:
            known = json.loads(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == "nonces")) or "[]")
            if known and outside.get(place) not in known:
                self._put_back(db)
            _put(db, nonces=json.dumps([n for n in (outside.get(place), fresh) if n]))
        write_atomic(file, json.dumps(outside | {place: fresh}).encode())
        self._warm()

    def _put_back(self, db: sa.Connection) -> None:
        """A new epoch, and room for the leases that may have been forgotten; in a writing transaction."""
        self.epoch = random.token_hex(8)
        given = int(db.scalar(sa.select(sa.func.max(t.leases.c.high))) or 0)
        size = int(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == "numbers")) or 1000)
        _put(db, epoch=self.epoch, lease_floor=str(min(LAST, given + 2 * size)))

    def _warm(self) -> None:
        """Read at once what every counter's first request would ask for one by one, when all come back after an outage."""
        self.known.active = True
        heads, tops = sa.select(t.logs), sa.select(t.feeds.c.commune, sa.func.max(t.feeds.c.seq)).group_by(t.feeds.c.commune)
        ranges: dict[tuple[str, ...], list[list[int]]] = {}
        claims: dict[str, set[tuple[int, str]]] = {}
        with self.engine.connect() as db:
            for low, high, counter, epoch in db.execute(
                sa.select(t.leases.c.low, t.leases.c.high, t.leases.c.counter, t.leases.c.epoch)
            ):
                ranges.setdefault(("ranges", counter, epoch), []).append([low, high])
                claims.setdefault(counter, set()).add((low, epoch))
            self.known.publish({("head", r.counter, r.epoch): Held(r.number, r.head) for r in db.execute(heads)})
            self.known.publish({("top", commune): int(top) for commune, top in db.execute(tops)})
            communes = set(db.scalars(sa.select(t.counters.c.commune)))
            for commit in db.execute(sa.select(t.commits).where(t.commits.c.n > self.commit[0] - _LATEST)):
                self.known.publish({("commit", str(commit.n)): commit.mark})
            for row in db.execute(sa.select(t.counters)):
                self.known.publish({("counter", row.id): (bytes(row.key), str(row.commune))})
        for commune in communes - {""}:  # the relay belongs to none
            self.marked_profile(commune)
        self.known.publish({key: sorted(found) for key, found in ranges.items()})
        self.known.publish({("claims", counter): frozenset(found) for counter, found in claims.items()})

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that is the only writer from its first moment: what it reads stays so until it commits."""
        return self.writer.begin()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.writer.dispose()

    @property
    def public_key(self) -> bytes:
        """32 raw bytes."""
        return self.key.public_key().public_bytes_raw()

    def _setting(self, name: str, default: str) -> str:
        with self.writing() as db:
            db.execute(insert(t.meta).values(name=name, value=default).on_conflict_do_nothing())
            return str(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == name)))

    def _last_commit(self) -> tuple[tuple[int, str], int]:
        """(number, mark) of the last transaction, and the oldest number that is still known."""
        c = t.commits.c
        with self.engine.connect() as db:
            last = db.execute(sa.select(c.n, c.mark).order_by(c.n.desc()).limit(1)).first()
            return ((last.n, last.mark) if last else (0, "")), int(db.scalar(sa.select(sa.func.min(c.n))) or 0)

    @property
    def backed(self) -> int:
        """The newest transaction that a back-up holds, 0 before the first. Another process writes it down: read once a second."""
        return self.known.lately(("backed",), self._read_backed, 1)

    def _read_backed(self) -> int:
        with self.engine.connect() as db:
            return int(db.scalar(sa.select(t.meta.c.value).where(t.meta.c.name == BACKED)) or 0)

    def note_backed(self, commit: int) -> None:
        """A back-up that holds everything up to a transaction is durable."""
        with self.writing() as db:
            _put(db, **{BACKED: str(commit)})

    def set_numbers(self, size: int) -> None:
        """The size of a fresh lease."""
        with self.writing() as db:
            _put(db, numbers=str(size))

    # Communes

    def add_commune(self, profile: dict[str, Any]) -> str:
        """Register a commune by its unit code; a known one keeps its profile. Returns the unit."""
        with self.writing() as db:
            db.execute(insert(t.communes).values(unit=profile["unit"], profile=profile).on_conflict_do_nothing())
            feeding.register(db, profile)
        return str(profile["unit"])

    def communes(self) -> list[str]:
        """Unit codes."""
        with self.engine.connect() as db:
            return list(db.scalars(sa.select(t.communes.c.unit).order_by(t.communes.c.unit)))

    def profile(self, commune: str) -> dict[str, Any]:
        """A commune's profile with its operators. :raises Problem: ``commune_unknown``."""
        with self.engine.connect() as db:
            found = db.scalar(sa.select(t.communes.c.profile).where(t.communes.c.unit == commune))
            if found is None:
                raise Problem("commune_unknown", commune=commune)
            return dict(found) | {"counters": people.counters_of(db, commune)}

    def marked_profile(self, commune: str) -> tuple[dict[str, Any], str]:
        """The profile, and 16 hex digits that change when it does."""

        def load() -> tuple[dict[str, Any], str]:
            profile = self.profile(commune)
            return profile, _mark(profile)

        profile, mark = self.known.get(("profile", commune), load)
        out = people.revoked(self, "operator", commune)
        return (profile | {"revoked": out}, _mark([mark, out])) if out else (profile, mark)

    # Logs

    def counter(self, counter: str) -> tuple[bytes, str]:
        """(public key, commune) of an enrolled counter. :raises Problem: ``counter_unknown``."""

        def load() -> tuple[bytes, str]:
            query = sa.select(t.counters.c.key, t.counters.c.commune).where(t.counters.c.id == counter)
            with self.engine.connect() as db:
                row = db.execute(query).first()
            if row is None:
                raise Problem("counter_unknown", counter=counter)
            return bytes(row.key), str(row.commune)

        return self.known.get(("counter", counter), load)

    def held(self, counter: str, epoch: str) -> Held:
        """The end of a log as it is held; number 0 when it is not known."""
        return self.known.get(("head", counter, epoch), lambda: self._read(storing.held, counter, epoch))

    def hash_at(self, counter: str, epoch: str, number: int) -> str | None:
        """The hash of one held event; GENESIS for 0; None when it is not held."""
        held = self.held(counter, epoch)
        return held.head if number == held.number else self._read(storing.hash_at, counter, epoch, number)

    def check_base(self, counter: str, number: int, digest: str, epoch: str) -> None:
        """The counter says where it believes we stand. Another hash there means two stores wrote one log.

        :raises Problem: ``base_differs``: it is to send from the start, and the groups will show where they part.
        """
        if self.hash_at(counter, epoch, number) not in (None, digest):
            raise Problem("base_differs", epoch=epoch)

    def check_commit(self, number: int, mark: str) -> None:
        """The last commit that a counter heard of under this epoch must be ours: if it is not, this database was put back
        and nothing outside could tell. A new epoch begins, under which all is asked for again."""
        if number < self._first_commit or self._known_commit(number) == mark:
            return
        with self.writing() as db:
            self._put_back(db)

    def _known_commit(self, number: int) -> str | None:
        return self.known.get(("commit", str(number)), lambda: self._read(storing.mark_of, number))

    def _read(self, question: Callable[..., T], *about: Any) -> T:
        with self.engine.connect() as db:
            return question(db, *about)

    def scan_held(self, commune: str, sha256: str) -> int:
        """Bytes of a scan that are durable, from its start."""
        with self.engine.connect() as db:
            return scans.held(db, commune, sha256)

    def scan(self, commune: str, sha256: str) -> bytes:
        """All bytes of a scan that are held."""
        with self.engine.connect() as db:
            return scans.read(db, commune, sha256)

    def store(self, take: Callable[[Batch], None]) -> None:
        """One transaction of the writer: ``take`` puts into the batch what is to be stored."""
        with self.writing() as db:
            batch = Batch(db)
            take(batch)
            changed = batch.write()
            commit = (self.commit[0] + 1, random.token_hex(8))
            db.execute(sa.insert(t.commits).values(n=commit[0], mark=commit[1]))
            if commit[0] % _PRUNE == 0:
                db.execute(sa.delete(t.commits).where(t.commits.c.n < commit[0] - _COMMITS))
        self._unwiped = (self._unwiped or changed.erased) and not self._wipe()
        self.commit = commit
        self.known.publish({("commit", str(commit[0])): commit[1]})
        self.known.forget(("commit", str(commit[0] - _LATEST)))
        learned: dict[tuple[str, ...], Any] = {("head", *log): held for log, held in batch.heads.items()}
        for commune, entries in changed.entries.items():
            learned["top", commune] = entries[-1].place
            learned["latest", commune] = (*self.latest(commune), *entries)[-_LATEST:]
        self.known.publish(learned)
        self._count(changed.numbers)

    def _wipe(self) -> bool:
        return erasing.wipe(self.writer)

    def _count(self, numbers: dict[str, TallyOf[str]]) -> None:
        """Numbers that were used, where their epoch's count is known already."""
        for epoch, fresh in numbers.items():
            used = self.known.get(("days", epoch), lambda epoch=epoch: self._read(leasing.days, epoch))  # type: ignore[misc]
            self.known.publish({("days", epoch): dict(TallyOf(used) + fresh)})

    # Feed

    def feed_head(self, commune: str) -> int:
        """The last number of a commune's feed."""
        return self.known.get(("top", commune), lambda: self._read(feeding.top, commune))

    def latest(self, commune: str) -> tuple[feeding.Entry, ...]:
        """The last entries of a commune's feed, without gaps, as far as this process has written them itself."""
        return self.known.get(("latest", commune), lambda: ())

    def feed(self, commune: str, after: int, limit: int) -> list[tuple[int, Event]]:
        """``(seq, event)`` after a place of the feed: at most ``limit`` events, and about a megabyte of bodies."""
        c = t.feeds.c
        source = sa.select(c.seq, t.events).join(t.events, t.events.c.id == c.event)
        query = source.where(c.commune == commune, c.seq > after).order_by(c.seq).limit(limit)
        found: list[tuple[int, Event]] = []
        size = 0
        with self.engine.connect() as db:
            for row in db.execute(query):
                size += len(row.body or "")
                if found and size > _FEED_BYTES:
                    break
                found.append((row.seq, _event(row)))
        return found

    def recent(self, commune: str, head: int, since: int, limit: int) -> Iterator[list[Event]]:
        """Whole dossiers of a feed up to ``head`` that are open, or of which something was said after ``since`` (milliseconds
        since 1970), and what concerns no dossier: in portions of about ``limit`` events."""
        e, f = t.events.c, t.feeds.c
        here = sa.and_(f.commune == commune, f.seq <= head)
        closed = sa.func.sum(sa.case((e.name.in_(CLOSING), 1), else_=0))
        listed = sa.select(e.dossier, sa.func.min(f.seq).label("first")).join(t.feeds, f.event == e.id).where(here)
        wanted = listed.group_by(e.dossier).having(sa.or_(sa.func.max(e.at) >= hybrid(since), closed == 0, e.dossier == ""))
        w = wanted.subquery()
        news = sa.or_(e.name != ANCHORED, e.at >= hybrid(since))  # whose audit stood where long ago can wait
        source = sa.select(t.events).join(t.feeds, f.event == e.id).join(w, w.c.dossier == e.dossier).where(here, news)
        portion: list[Event] = []
        with self.engine.connect() as db:
            for row in db.execute(source.order_by(w.c.first, f.seq).execution_options(yield_per=limit)):
                if len(portion) >= limit and row.dossier != portion[-1].dossier:
                    yield portion
                    portion = []
                portion.append(_event(row))
        if portion:
            yield portion

    def of_dossier(self, commune: str, dossier: str) -> list[Event]:
        """What stands of a dossier in a commune's feed, in its order."""
        f = t.feeds.c
        source = sa.select(t.events).join(t.feeds, f.event == t.events.c.id)
        query = source.where(f.commune == commune, t.events.c.dossier == dossier).order_by(f.seq)
        with self.engine.connect() as db:
            return [_event(row) for row in db.execute(query)]

    def secrets_of(self, events: list[Event]) -> dict[str, str]:
        """Secrets of events of one log, by dossier."""
        if not events:
            return {}
        c = t.secrets.c
        wanted = {e.dossier for e in events}
        mine = sa.and_(c.counter == events[0].counter, c.epoch == events[0].epoch)
        query = sa.select(c.dossier, c.secret).where(mine, c.dossier.in_(wanted))
        with self.engine.connect() as db:
            return {str(r.dossier): str(r.secret) for r in db.execute(query)}

    def secret(self, counter: str, epoch: str, dossier: str) -> bytes | None:
        """The secret that one log's events of a dossier are salted with; None before the first of them."""
        c = t.secrets.c
        query = sa.select(c.secret).where(c.counter == counter, c.epoch == epoch, c.dossier == dossier)
        with self.engine.connect() as db:
            found = db.scalar(query)
        return None if found is None else bytes.fromhex(found)

    def dossier(self, dossier_id: str) -> Dossier | None:
        """The fold of everything heard of a dossier."""
        with self.engine.connect() as db:
            rows = [_event(r) for r in db.execute(sa.select(t.events).where(t.events.c.dossier == dossier_id))]
            rows += [_event(r) for r in erasing.acts(db, dossier_id)] if rows else []
        return fold(dossier_id, rows) if rows else None

    def dossier_ids(self) -> list[str]:
        """Every dossier heard of, in the order of arrival."""
        c = t.events.c
        query = sa.select(c.dossier).where(c.dossier != "").group_by(c.dossier).order_by(sa.func.min(c.id))
        with self.engine.connect() as db:
            return list(db.scalars(query))

    # Leases

    def leases(self, commune: str, counter: str, epoch: str) -> list[list[int]]:
        """The ranges of an epoch; a new epoch gets its own, a busy one (by its fullest day) a further one."""
        mine = self.known.get(("ranges", counter, epoch), lambda: self._read(leasing.ranges, counter, epoch))
        if not leasing.scarce(mine, self.known.get(("days", epoch), lambda: self._read(leasing.days, epoch))):
            return mine
        with self.writing() as db:
            wider = leasing.widen(db, commune, counter, epoch)
        self.known.publish({("ranges", counter, epoch): wider})
        self.known.forget(("claims", counter))
        return wider

    def keep_leases(self, commune: str, counter: str, claimed: list[list[Any]]) -> None:
        """What a counter says it holds: a gateway put back to an older state learns again what it had given away."""
        given = self.known.get(("claims", counter), lambda: self._read(leasing.claims, counter))
        lost = [x for x in claimed if (x[0], x[2]) not in given]
        if lost:
            with self.writing() as db:
                leasing.keep(db, commune, counter, lost)
            self.known.forget(("claims", counter), *(("ranges", counter, epoch) for _, _, epoch in lost))


def _mark(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def _put(db: sa.Connection, **values: str) -> None:
    for name, value in values.items():
        statement = insert(t.meta).values(name=name, value=value)
        db.execute(statement.on_conflict_do_update(["name"], set_={"value": value}))


def _event(r: Any) -> Event:
    body = None if r.body is None else json.loads(r.body)
    return Event(r.counter, r.epoch, r.number, r.dossier, r.name, r.at, r.operator, r.prev, r.body_hash, body)


def key_in(file: Path) -> Ed25519PrivateKey:
    """The key of a file, made at the first time."""
    if not file.exists():
        write_atomic(file, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
