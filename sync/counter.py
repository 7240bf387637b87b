"""Counter (quầy): the clerk's verbs. Each is one transaction, each says what it changed."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms import fees, papers
from forms.catalogue import Catalogue
from forms.line import check_shape, named_papers, procedure_facts
from forms.numbering import dossier_code
from forms.problem import Problem
from forms.validation import Finding, check
from forms.working_days import VIETNAM, Appointment, Calendar, parse_moment
from resources import path_of
from sync import vault
from sync.epochs import begin_after
from sync.events import canonical, moment, tick
from sync.files import read_json
from sync.incarnation import Incarnation, Reserve
from sync.store import Store, dossiers, drafts, journal, log, numbers
from sync.store.drafts import Draft
from sync.store.opening import FILE
from sync.wire import EVENT_BYTES

CONTACT_DAYS = 30
"""Longer than this without a contact, nobody has checked the clock: the clerk confirms the date."""


@dataclass(frozen=True)
class Changes:
    """What a verb changed, for the one signal that tells every screen."""

    dossiers: frozenset[str] = field(default_factory=frozenset)
    drafts: bool = False
    status: bool = False


@dataclass(frozen=True)
class Received:
    """A received dossier as the receipt will say it. ``return_at`` None when no time limit is known."""

    id: str
    code: str
    return_at: datetime | None
    changes: Changes


def vietnam_now() -> datetime:
    """The PC's clock as Vietnam time."""
    return datetime.now(VIETNAM)


class Counter:
    """An open counter; used by one thread. ``clock`` gives the civil moment."""

    def __init__(
        self,
        data: Path,
        store: Store,
        identity: Ed25519PrivateKey,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
    ) -> None:
        self.data, self.store, self.identity, self.catalogue, self.clock = data, store, identity, catalogue, clock
        self.counter_id: str = store.meta("counter")
        self.profile: dict[str, Any] = store.meta("profile")
        self.incarnation = Incarnation(self.counter_id, store)
        self.calendar = Calendar.load(hours=self.profile.get("hours"))
        self._build = str(read_json(path_of("build.json"), "pack_damaged", "pack_damaged")["date"])

    @classmethod
    def open(
        cls, data: Path, key: bytes, *, writes: bool = True, clock: Callable[[], datetime] = vietnam_now
    ) -> "Counter":
        """Open an enrolled store. ``writes`` False reads only: the start is not marked and the origin not checked.

        :raises Problem: as ``Store.open`` and ``vault.identity``; ``pack_damaged``.
        """
        counter = cls(data, Store.open(data / FILE, key), vault.identity(data, key), Catalogue.load(), clock)
        if writes:
            counter._start()
        return counter

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    @property
    def epoch(self) -> str:
        """The present epoch."""
        return str(self.store.meta("epoch"))

    def _start(self) -> None:
        self.incarnation.start(lambda origin: begin_after(self.store, self.counter_id, origin, self.clock()))

    # Drafts

    def save_draft(self, draft_id: str, operator: str, content: dict[str, Any]) -> datetime:
        """Keep what was typed; the moment returned is after COMMIT."""
        now = self.clock()
        with self.store.write():
            drafts.save(self.store, draft_id, operator, content, now)
        return now

    def drafts(self) -> list[Draft]:
        """Every draft, newest first."""
        return drafts.all_drafts(self.store)

    def drop_draft(self, draft_id: str) -> Changes:
        """Forget a draft."""
        with self.store.write():
            drafts.drop(self.store, draft_id)
        return Changes(drafts=True)

    # Reception

    def appointment(self, line: dict[str, Any], now: datetime) -> Appointment | None:
        """When the result of this line is due; None when procedure or time limit is unknown."""
        procedure = self.catalogue.procedure(str(line.get("procedure")))
        channel = procedure.channel(str(line.get("channel", "1"))) if procedure else None
        return self.calendar.appointment(channel.time, now) if channel and channel.time else None

    def findings(self, line: dict[str, Any]) -> list[Finding]:
        """What the line lacks; the same for window and scripts."""
        procedure = self.catalogue.procedure(str(line.get("procedure")))
        if procedure is None:
            return [Finding(("procedure",), "unknown")]
        return check(procedure, self.catalogue.definition(procedure), line, self.clock().date())

    def receive(
        self,
        line: dict[str, Any],
        operator: str,
        *,
        draft_id: str | None = None,
        allow_incomplete: bool = False,
        date_confirmed: bool = False,
    ) -> Received:
        """Receive (tiếp nhận) a dossier: number, event, projection and search in one commit.

        The same id with the same content gives the same answer again.

        :raises Problem: ``incomplete`` (``findings``), ``id_reused``, ``date_unsure``, ``numbers_exhausted``,
            ``numbers_need_contact``, ``line_malformed``, ``disk_full``, ``store_busy``.
        """
        check_shape(line)
        again = self._already(line)
        if again:
            return again
        found = self.findings(line)
        if any(f.hard for f in found) and not allow_incomplete:
            raise Problem("incomplete", findings=[f.as_json() for f in found])
        now = self.clock()
        received = self._received_at(line, now, date_confirmed)
        body = self._body(line, received, [f.as_json() for f in found if f.hard])
        with self._reserve(received) as reserve, self.store.write():
            again = self._already(line)  # another process may have received the same line a moment ago
            if again:
                return again
            body |= self._number(received, reserve)
            if len(canonical(body)) > EVENT_BYTES:
                raise Problem("line_too_large", most=EVENT_BYTES)
            self._act(line["id"], "received", operator, body)
            if draft_id:
                drafts.drop(self.store, draft_id)
            if date_confirmed:
                self.store.set_meta(date_confirmed=now.date().isoformat())
        changes = Changes(frozenset([line["id"]]), drafts=draft_id is not None, status=True)
        return Received(line["id"], body["code"], parse_moment(body["return_at"] or ""), changes)

    def _received_at(self, line: dict[str, Any], now: datetime, date_confirmed: bool) -> datetime:
        """The moment of reception: what the line says, or the clock, once it is not doubtful."""
        if not line.get("received_at"):
            self._check_date(now, date_confirmed)
            return now
        said = parse_moment(str(line["received_at"]))
        if said is None:
            raise Problem("line_malformed", field="received_at")
        return said

    def _already(self, line: dict[str, Any]) -> Received | None:
        """An id that is known: the same content is answered again, other content is refused."""
        first = next((e for e in log.of_dossier(self.store, line["id"]) if e.name == "received"), None)
        if first is None or first.body is None:
            return None
        body = first.body
        received = parse_moment(body["received_at"])
        same = self._body(line, received or self.clock(), body["incomplete"])
        if line.get("received_at") and parse_moment(str(line["received_at"])) != received:
            raise Problem("id_reused", id=line["id"])
        if any(canonical(body.get(k)) != canonical(same[k]) for k in ("channel", "applicant", "answers", "papers")):
            raise Problem("id_reused", id=line["id"])
        if body["procedure"]["code"] != line["procedure"] or body["procedure"]["case"] != same["procedure"]["case"]:
            raise Problem("id_reused", id=line["id"])
        return Received(line["id"], body["code"], parse_moment(body["return_at"] or ""), Changes())

    def _body(self, line: dict[str, Any], received: datetime, incomplete: list[dict[str, Any]]) -> dict[str, Any]:
        procedure = self.catalogue.procedure(str(line["procedure"]))
        answers, channel = line.get("answers") or {}, str(line.get("channel", "1"))
        due = self.appointment(line, received)
        total = fees.compute(procedure.channel(channel) if procedure else None, answers, received.date())
        limit = {"unit": due.unit, "amount": due.amount, "provisional": due.provisional} if due else None
        return {
            "procedure": procedure_facts(procedure, line),
            "channel": channel,
            "applicant": line.get("applicant") or {},
            "answers": answers,
            "papers": named_papers(procedure, line),
            "fees": total.as_json(),
            "received_at": received.isoformat(),
            "return_at": due.return_at.isoformat() if due else None,
            "appointment": limit,
            "incomplete": incomplete,
        }

    def _reserve(self, received: datetime) -> AbstractContextManager[Reserve | None]:
        """The reserve, held, where this store lives on what an earlier epoch leased."""
        if self.store.meta("inherited", "no") != "reserve":
            return nullcontext()
        return self.incarnation.reserve(received.date().isoformat())

    def _number(self, received: datetime, reserve: Reserve | None) -> dict[str, Any]:
        """Take the next number of the reception's Vietnam date, and the next line of the register (sổ theo dõi)."""
        day, year = received.date(), str(received.year)
        number, low = numbers.take(self.store, self.epoch, day, reserve.used if reserve else None)
        if reserve and low is not None:
            reserve.record(low, number)
        registers = self.store.meta("registers", {})
        line = int(registers.get(year, 0)) + 1
        self.store.set_meta(registers=registers | {year: line})
        return {"code": dossier_code(self.profile["unit"], day, number), "register": line}

    def _act(self, dossier: str, name: str, operator: str, body: dict[str, Any]) -> None:
        """Append an event and fold its dossier anew; inside ``write``."""
        at = tick(int(self.store.meta("hybrid", 0)), round(self.clock().timestamp() * 1000))
        log.append(self.store, self.counter_id, self.epoch, dossier, name, at, operator, body)
        self.store.set_meta(hybrid=at)
        dossiers.project(self.store, dossier)

    def _check_date(self, now: datetime, confirmed: bool) -> None:
        """A wrong clock prints a wrong date and takes a wrong number: ask before, not after."""
        if confirmed or self.store.meta("date_confirmed") == now.date().isoformat():
            return
        last = moment(int(self.store.meta("hybrid", 0)))
        contact = parse_moment(self.store.meta("last_contact") or self.store.meta("enrolled_at"))
        if now < last - timedelta(minutes=10) or now.date().isoformat() < self._build:
            raise Problem("date_unsure", now=now.isoformat(), last=last.isoformat(), reason="behind")
        if contact and now - contact > timedelta(days=CONTACT_DAYS):
            raise Problem("date_unsure", now=now.isoformat(), last=contact.isoformat(), reason="long_alone")

    # Reading

    def dossiers(self, search: str = "", limit: int = 200) -> list[dict[str, Any]]:
        """Rows for a list, newest first, with the procedure's short name."""
        return [r | {"procedure_name": self._name_of(r["procedure"])} for r in dossiers.find(self.store, search, limit)]

    def dossier(self, dossier_id: str) -> dict[str, Any]:
        """The whole fold. :raises Problem: ``dossier_unknown``."""
        found = dossiers.get(self.store, dossier_id)
        if found is None:
            raise Problem("dossier_unknown", id=dossier_id)
        return found

    def receipt(self, dossier_id: str, reprint: bool = False) -> bytes:
        """The receipt's PDF, drawn from the stored dossier. :raises Problem: ``dossier_unknown``, ``paper_failed``."""
        dossier = self.dossier(dossier_id)
        version = self.catalogue.procedure(dossier["procedure"]["code"], dossier["procedure"].get("version"))
        first = next(row for row in dossier["history"] if row["event"] == "received")
        clerk = self._operator_name(first["operator"])
        return papers.receipt(dossier, self.profile, version, clerk, self.clock(), reprint)

    def log_print(self, dossier_id: str, paper: str, operator: str) -> None:
        """A paper went to the printer."""
        with self.store.write():
            journal.log_print(self.store, dossier_id, paper, operator, self.clock())

    def printed(self, dossier_id: str, paper: str) -> int:
        """How often this paper was printed."""
        return journal.printed(self.store, dossier_id, paper)

    def status(self) -> dict[str, Any]:
        """The figures of the status bar (contract: ``status``)."""
        by = dossiers.counts(self.store)
        return {
            "counter": self.counter_id,
            "operator": [o["id"] for o in vault.operators(self.data)],
            "events": self.store.value("SELECT count(*) FROM events e JOIN logs l USING (counter, epoch) WHERE l.own = 1"),
            "waiting": log.waiting(self.store),
            "kept": by["kept"],
            "received": by["received"],
            "accepted": by["accepted"],
            "refused": by["refused"],
            "drafts": self.store.value("SELECT count(*) FROM drafts"),
            "last_contact": self.store.meta("last_contact"),
            "link": self.store.meta("link", "unknown"),
            "keystore": vault.keystore(self.data),
            "practice": bool(self.profile.get("practice")),
            "epoch": self.epoch,
            "numbers_left": numbers.left(self.store, self.epoch, self.clock().date()),
            "alerts": [{"kind": t["kind"], **t["details"]} for t in self.tasks() if t["kind"] != "refused"],
        }

    def tasks(self) -> list[dict[str, Any]]:
        """What needs a person now, refusals first."""
        return journal.tasks(self.store)

    def settle_task(self, task_id: int) -> Changes:
        """A person has dealt with a task."""
        with self.store.write():
            journal.settle(self.store, task_id)
        return Changes(status=True)

    def queue(self) -> list[dict[str, Any]]:
        """Dossiers the gateway has not got, oldest first."""
        return [r | {"procedure_name": self._name_of(r["procedure"])} for r in dossiers.waiting(self.store)]

    @property
    def gateway_url(self) -> str:
        """Where the gateway is looked for. Its key was fixed at enrolment, whatever the address."""
        return str(self.store.meta("gateway_url"))

    def use_gateway(self, url: str) -> None:
        """Look for the same gateway elsewhere."""
        if url != self.gateway_url:
            with self.store.write():
                self.store.set_meta(gateway_url=url)

    def ask_sync(self) -> None:
        """Ask the sync process for a contact now: it looks at the store, the only place where both meet."""
        with self.store.write():
            self.store.set_meta(sync_wish=self.clock().isoformat())

    def contacts(self, days: int = 7) -> list[dict[str, Any]]:
        """Attempts to reach the gateway, oldest first."""
        return journal.contacts(self.store, self.clock(), days)

    def data_version(self) -> int:
        """Changes when another process has committed."""
        return self.store.data_version()

    def _name_of(self, code: str | None) -> str:
        procedure = self.catalogue.procedure(code or "")
        return procedure.short_name if procedure else code or ""

    def _operator_name(self, operator: str) -> str:
        known = self.profile.get("operators", [])
        return next((str(o["name"]) for o in known if o["id"] == operator), operator)
