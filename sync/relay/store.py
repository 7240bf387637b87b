"""What the relay remembers: how far it has read each feed, what each system was told of each dossier, its own log.

``relay.db`` beside the gateway's database; durable at every commit. It holds bodies of own events only (what was said in
dossiers), and those go when a dossier is erased by law.
"""

import json
import secrets as random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from forms.routing import PORTAL
from sync.events import GENESIS, Event, body_hash, tick
from sync.gateway import erasing
from sync.gateway.ledger import key_in
from sync.gateway.schema import durable
from sync.group import Group, parts
from sync.relay.systems import Told

FILE = "relay.db"
_T = sa.MetaData()
_meta = sa.Table("meta", _T, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.JSON))
_feeds = sa.Table("feeds", _T, sa.Column("commune", sa.Text, primary_key=True), sa.Column("position", sa.Integer, nullable=False))
_dossiers = sa.Table(
    "dossiers",
    _T,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("commune", sa.Text, nullable=False),
    sa.Column("system", sa.Text),
    sa.Column("told", sa.JSON),
    sa.Column("due", sa.Float, index=True),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("watch", sa.Float, index=True),
)
_logs = sa.Table(
    "logs",
    _T,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
_events = sa.Table(
    "events",
    _T,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("dossier", sa.Text, nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("body_hash", sa.Text, nullable=False),
    sa.Column("body", sa.Text),
)
_secrets = sa.Table(
    "secrets",
    _T,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("dossier", sa.Text, primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
)
_names = sa.Table(
    "names",
    _T,
    sa.Column("commune", sa.Text, primary_key=True),
    sa.Column("operator", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)
_listed = sa.Table("listed", _T, sa.Column("code", sa.Text, primary_key=True), sa.Column("facts", sa.JSON, nullable=False))


@dataclass(frozen=True)
class Work:
    """A dossier to look at. ``commune``: in whose name is spoken; ``system``: the one that was told of it, "" for none yet."""

    dossier: str
    commune: str
    system: str
    told: Told
    tries: int


@dataclass(frozen=True)
class OwnLog:
    """The relay's log for one commune: ``epoch``, its last event's number, hash and hybrid time."""

    epoch: str
    number: int
    head: str
    at: int


class RelayStore:
    """Used by one thread. Every method is one transaction, or joins the one of ``writing``."""

    def __init__(self, folder: Path) -> None:
        self.identity = key_in(folder / "relay.key")
        self._engine = durable(folder / FILE)
        self._db: sa.Connection | None = None
        with self._engine.begin() as db:
            _T.create_all(db)

    def close(self) -> None:
        """Close it."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, durable when the block has ended well; blocks inside join it."""
        if self._db is not None:
            yield self._db
            return
        with self._engine.begin() as db:
            self._db = db
            try:
                yield db
            finally:
                self._db = None

    # Small things

    def meta(self, name: str, default: Any = None) -> Any:
        """A remembered value."""
        with self.writing() as db:
            found = db.execute(sa.select(_meta.c.value).where(_meta.c.name == name)).first()
        return default if found is None else found[0]

    def set_meta(self, **values: Any) -> None:
        """Remember values."""
        with self.writing() as db:
            for name, value in values.items():
                _put(db, _meta, ["name"], name=name, value=value)

    def position(self, commune: str) -> int:
        """How far a commune's feed was read."""
        with self.writing() as db:
            return int(db.scalar(sa.select(_feeds.c.position).where(_feeds.c.commune == commune)) or 0)

    def set_position(self, commune: str, position: int) -> None:
        """It was read so far."""
        with self.writing() as db:
            _put(db, _feeds, ["commune"], commune=commune, position=position)

    def read_again(self) -> None:
        """Every feed from its start: the gateway was put back to an older state."""
        with self.writing() as db:
            db.execute(sa.update(_feeds).values(position=0))

    def learn_name(self, commune: str, operator: str, name: str) -> None:
        """What an operator is called."""
        with self.writing() as db:
            _put(db, _names, ["commune", "operator"], commune=commune, operator=operator, name=name)

    def names(self, commune: str) -> dict[str, str]:
        """Operators by id, as far as acts told of them."""
        with self.writing() as db:
            query = sa.select(_names.c.operator, _names.c.name).where(_names.c.commune == commune)
            return {str(r.operator): str(r.name) for r in db.execute(query)}

    def listed(self, code: str | None = None) -> dict[str, Any]:
        """What the national catalogue said of a procedure, {} when not asked yet; of all of them by code for None."""
        with self.writing() as db:
            if code is None:
                return {str(r.code): dict(r.facts) for r in db.execute(sa.select(_listed))}
            return dict(db.scalar(sa.select(_listed.c.facts).where(_listed.c.code == code)) or {})

    def set_listed(self, code: str, facts: dict[str, Any]) -> None:
        """What it says now."""
        with self.writing() as db:
            _put(db, _listed, ["code"], code=code, facts=facts)

    # Dossiers

    def touch(self, dossier: str, commune: str, due: float) -> None:
        """Something was said of a dossier: look at it from then on, or when it was to be looked at already."""
        with self.writing() as db:
            statement = insert(_dossiers).values(id=dossier, commune=commune, due=due, tries=0)
            sooner = sa.func.min(sa.func.coalesce(_dossiers.c.due, due), due)
            db.execute(statement.on_conflict_do_update(["id"], set_={"due": sooner}))

    def due(self, now: float, limit: int) -> list[Work]:
        """Dossiers to be looked at now, those that wait longest first."""
        return self._work(_dossiers.c.due, now, limit)

    def next_due(self) -> float | None:
        """When there is something to look at again; None: nothing waits."""
        with self.writing() as db:
            found: float | None = db.scalar(sa.select(sa.func.min(_dossiers.c.due)))
        return found

    def watched(self, now: float, limit: int) -> list[Work]:
        """Dossiers to be asked about at the other side now."""
        return self._work(_dossiers.c.watch, now, limit)

    def work(self, dossier: str) -> Work | None:
        """What is known of a dossier; None: nothing yet."""
        with self.writing() as db:
            row = db.execute(sa.select(_dossiers).where(_dossiers.c.id == dossier)).first()
        return None if row is None else _row_work(row)

    def _work(self, column: Any, now: float, limit: int) -> list[Work]:
        query = sa.select(_dossiers).where(column <= now).order_by(column).limit(limit)
        with self.writing() as db:
            return [_row_work(row) for row in db.execute(query)]

    def keep(self, dossier: str, told: Told, system: str) -> None:
        """What the other side was told; before a call that changes something there, with its doubt."""
        with self.writing() as db:
            change = sa.update(_dossiers).where(_dossiers.c.id == dossier)
            db.execute(change.values(told=told.as_json(), system=system or None))

    def look_again(self, dossier: str, due: float | None, tries: int) -> None:
        """When to look at it again; None: when something is said of it."""
        with self.writing() as db:
            db.execute(sa.update(_dossiers).where(_dossiers.c.id == dossier).values(due=due, tries=tries))

    def look_at_refused(self, due: float) -> None:
        """What was refused may be taken now: something that it leans on has changed."""
        with self.writing() as db:
            refused = sa.func.json_extract(_dossiers.c.told, "$.refused") != ""
            db.execute(sa.update(_dossiers).where(refused, _dossiers.c.due.is_(None)).values(due=due))

    def look_at_untold(self, due: float) -> None:
        """What no system was told of: there may be one for it now."""
        with self.writing() as db:
            nowhere = sa.or_(_dossiers.c.told.is_(None), sa.func.json_extract(_dossiers.c.told, "$.exists") == 0)
            db.execute(sa.update(_dossiers).where(nowhere, _dossiers.c.due.is_(None)).values(due=due))

    def bring_forward(self, latest: float) -> None:
        """Nothing is looked at later than then: a clock that ran ahead has put it off."""
        with self.writing() as db:
            for column in (_dossiers.c.due, _dossiers.c.watch):
                db.execute(sa.update(_dossiers).where(column > latest).values({column.name: latest}))

    def watch(self, dossier: str, at: float | None) -> None:
        """When to ask the other side about it; None: not again."""
        with self.writing() as db:
            db.execute(sa.update(_dossiers).where(_dossiers.c.id == dossier).values(watch=at))

    def erase(self, dossier: str) -> None:
        """Its data were erased by law: what was said in it goes, envelopes stay."""
        with self.writing() as db:
            db.execute(sa.update(_events).where(_events.c.dossier == dossier).values(body=None))
            db.execute(sa.delete(_secrets).where(_secrets.c.dossier == dossier))
            db.execute(sa.delete(_dossiers).where(_dossiers.c.id == dossier))

    def wipe(self) -> bool:
        """What was erased stands in the WAL no more; False while that cannot be done."""
        return erasing.wipe(self._engine)

    # The own log

    def log(self, commune: str) -> OwnLog:
        """The relay's log for a commune; a new epoch for the first act in it."""
        with self.writing() as db:
            row = db.execute(sa.select(_logs).where(_logs.c.commune == commune)).first()
            if row is None:
                fresh = OwnLog(random.token_hex(8), 0, GENESIS, 0)
                _put(db, _logs, ["commune"], commune=commune, epoch=fresh.epoch, number=0, head=GENESIS, at=0)
                return fresh
            return OwnLog(row.epoch, row.number, row.head, row.at)

    def communes(self) -> list[str]:
        """Those that something was said to."""
        with self.writing() as db:
            return list(db.scalars(sa.select(_logs.c.commune).where(_logs.c.number > 0)))

    def say(self, commune: str, dossier: str, name: str, body: dict[str, Any], now: int, after: int = 0) -> None:
        """Append an own act. ``now``: milliseconds since 1970; its hybrid time is behind ``after`` and what was said before."""
        with self.writing() as db:
            log = self.log(commune)
            self._append(db, commune, log, dossier, name, tick(max(log.at, after), now), body)

    def _append(
        self, db: sa.Connection, commune: str, log: OwnLog, dossier: str, name: str, at: int, body: dict[str, Any]
    ) -> None:
        number, secret = log.number + 1, self._secret(db, log.epoch, dossier)
        digest = body_hash(secret, log.epoch, number, body)
        event = Event(PORTAL, log.epoch, number, dossier, name, at, "", log.head, digest, body)
        row = {"epoch": event.epoch, "number": number, "dossier": dossier, "name": name, "at": at, "prev": event.prev}
        db.execute(sa.insert(_events).values(**row, body_hash=digest, body=event.text.decode()))
        _put(db, _logs, ["commune"], commune=commune, epoch=log.epoch, number=number, head=event.hash, at=at)

    def _secret(self, db: sa.Connection, epoch: str, dossier: str) -> bytes:
        mine = sa.and_(_secrets.c.epoch == epoch, _secrets.c.dossier == dossier)
        known = db.scalar(sa.select(_secrets.c.secret).where(mine))
        if known is None:
            known = random.token_hex(16)
            db.execute(sa.insert(_secrets).values(epoch=epoch, dossier=dossier, secret=known))
        return bytes.fromhex(str(known))

    def said(self, epoch: str, after: int, dossier: str | None = None) -> list[Event]:
        """Own acts behind a place of a log, of all dossiers or of one."""
        query = sa.select(_events).where(_events.c.epoch == epoch, _events.c.number > after)
        if dossier is not None:
            query = query.where(_events.c.dossier == dossier)
        with self.writing() as db:
            return [_event(r) for r in db.execute(query.order_by(_events.c.number))]

    def spoken(self, names: tuple[str, ...]) -> list[Event]:
        """Own acts of these names to whichever commune, oldest first."""
        found = sa.select(_events).where(_events.c.name.in_(names)).order_by(_events.c.at, _events.c.number)
        with self.writing() as db:
            return [_event(r) for r in db.execute(found)]

    def hash_at(self, epoch: str, number: int) -> str | None:
        """The hash of one own act; GENESIS for 0; None when there is none."""
        if number == 0:
            return GENESIS
        with self.writing() as db:
            row = db.execute(sa.select(_events).where(_events.c.epoch == epoch, _events.c.number == number)).first()
        return None if row is None else _event(row).hash

    def groups(self, epoch: str, after: int) -> list[Group]:
        """Own acts behind a place, as they travel."""
        with self.writing() as db:
            spoken = sa.select(_events.c.dossier).where(_events.c.epoch == epoch, _events.c.number > after)
            mine = sa.select(_secrets.c.dossier, _secrets.c.secret).where(_secrets.c.epoch == epoch)
            secrets = {str(r.dossier): str(r.secret) for r in db.execute(mine.where(_secrets.c.dossier.in_(spoken)))}
            found = list(parts(self.said(epoch, after)))
        return [Group.of(p, {e.dossier: secrets[e.dossier] for e in p if e.dossier in secrets}) for p in found]

    def begin_again(self, commune: str, after: int) -> None:
        """Another life of the relay has written on in this log: what was said behind ``after`` is said again in a new epoch."""
        with self.writing() as db:
            old = self.log(commune)
            tail = [e for e in self.said(old.epoch, after) if e.body is not None]
            db.execute(sa.delete(_logs).where(_logs.c.commune == commune))
            for event in tail:
                self._append(db, commune, self.log(commune), event.dossier, event.name, event.at, event.body or {})


def _row_work(row: Any) -> Work:
    return Work(row.id, row.commune, row.system or "", Told.from_json(row.told), row.tries)


def _event(r: Any) -> Event:
    body = None if r.body is None else json.loads(r.body)
    return Event(PORTAL, r.epoch, r.number, r.dossier, r.name, r.at, "", r.prev, r.body_hash, body)


def _put(db: sa.Connection, table: sa.Table, key: Iterable[str], **values: Any) -> None:
    db.execute(insert(table).values(**values).on_conflict_do_update(list(key), set_=values))
