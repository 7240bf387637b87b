"""Counter (quầy): the clerk's verbs. Each is one transaction, each says what it changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms import prefill
from forms.catalogue import Catalogue
from forms.definition import Definition
from forms.erasure import target
from forms.fees import FeeTotal, compute
from forms.line import check_shape, normal
from forms.local_rules import EVENT as RULES
from forms.local_rules import LocalRules, fold_rules
from forms.problem import Problem
from forms.procedure import Procedure
from forms.validation import Finding, check, lacking
from forms.working_days import VIETNAM, Appointment, Calendar, parse_moment
from resources import path_of
from sync import clock, reception, roads, vault
from sync.clock import Steady, system_steady
from sync.epochs import begin_after
from sync.events import canonical, tick
from sync.files import read_json
from sync.glance import glance
from sync.group import EVENT_BYTES
from sync.incarnation import Incarnation
from sync.published import Published, catalogue_of
from sync.roster import Roster
from sync.store import Store, audit, ballast, dossiers, drafts, erasures, journal, log, numbers, projection
from sync.store.dossiers import PAGE, Wanted
from sync.store.drafts import Draft
from sync.store.opening import FILE

ALIKE_DAYS = 30
"""So long after its reception a finished dossier still counts when the same person files the same procedure again."""


@dataclass(frozen=True)
class Changes:
    """What a verb changed, for the one signal that tells every screen."""

    dossiers: frozenset[str] = field(default_factory=frozenset)
    drafts: bool = False
    status: bool = False
    rules: bool = False


@dataclass(frozen=True)
class Received:
    """A received dossier as the receipt will say it. ``return_at`` None when no time limit is known. ``parts``: the dossiers
    of a linked group, this one first; empty for an ordinary one."""

    id: str
    code: str
    return_at: datetime | None
    changes: Changes
    parts: tuple[dict[str, Any], ...] = ()


def vietnam_now() -> datetime:
    """The PC's clock as Vietnam time."""
    return datetime.now(VIETNAM)


BACKUPS = "backups"
"""Folder beside the store where its automatic back-ups lie."""


class Counter:
    """An open counter; used by one thread. ``clock`` gives the civil moment; beside the PC's own one stands its ``steady`` clock,
    beside one that is played there is none."""

    def __init__(
        self,
        data: Path,
        store: Store,
        identity: Ed25519PrivateKey,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
    ) -> None:
        self.data, self.store, self.identity, self.packs, self.clock = data, store, identity, catalogue, clock
        self.steady: Steady | None = system_steady if clock is vietnam_now else None
        self._rules, self._rules_mark = LocalRules(), (-1, 0)
        self._published = Published(store)
        self.roster, self.roads = Roster(store), roads.Roads(store)
        self.counter_id: str = store.meta("counter")
        self.profile: dict[str, Any] = store.meta("profile")
        self.incarnation = Incarnation(self.counter_id, store)
        self._calendar = Calendar.load(hours=self.profile.get("hours"))
        self.build = date.fromisoformat(read_json(path_of("build.json"), "pack_damaged", "pack_damaged")["date"])

    @classmethod
    def open(cls, data: Path, key: bytes, *, writes: bool = True, clock: Callable[[], datetime] = vietnam_now) -> "Counter":
        """Open an enrolled store. ``writes`` False reads only: the start is not marked, the origin not checked, and no look is
        taken at how sound it is.

        :raises Problem: as ``Store.open``, ``glance`` and ``vault.identity``; ``pack_damaged``.
        """
        ballast.tend(data)
        store = Store.open(data / FILE, key, backups=data / BACKUPS)
        try:
            if writes:
                glance(store)
            counter = cls(data, store, vault.identity(data, key), catalogue_of(data), clock)
            projection.refold(store)  # whoever only reads must not find an older program's rows, or none
            if writes:
                counter._start()
        except BaseException:
            store.close()  # whoever repairs it must be able to put the file away
            raise
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
        head = log.position(self.store, self.counter_id, self.epoch)
        if head.number:  # of the life that has begun now
            self.store.note_told((self.counter_id, self.epoch, head.number, head.hash))

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

    # What is settled here

    @property
    def rules(self) -> LocalRules:
        """What province and commune have settled, as far as this store has heard."""
        mark = log.mark_of_counters(self.store, RULES)
        if mark != self._rules_mark:
            self._rules, self._rules_mark = fold_rules(log.of_counters(self.store, RULES)), mark
        return self._rules

    @property
    def catalogue(self) -> Catalogue:
        """The packs, and what the national portal has published, as far as this store has heard."""
        return self._published.over(self.packs)

    @property
    def calendar(self) -> Calendar:
        """The calendar in force, with local closures."""
        return self._calendar.under(self.rules)

    # Reception

    def procedure(self, line: dict[str, Any]) -> Procedure | None:
        """The version a line is received under: the one in force at its reception."""
        moment_ = parse_moment(str(line.get("received_at") or "")) or self.clock()
        return self.catalogue.procedure(str(line.get("procedure")), on=moment_.date())

    def definition(self, procedure: Procedure, line: dict[str, Any]) -> Definition | None:
        """The e-form of a line: the version its draft began with, or the one in force."""
        began = line.get("form") or {}
        moment_ = parse_moment(str(line.get("received_at") or "")) or self.clock()
        return self.catalogue.definition(procedure, str(began.get("version") or "") or None, moment_.date())

    def appointment(self, line: dict[str, Any], now: datetime) -> Appointment | None:
        """When the result of this line is due (of a linked group: the last one); None when it is not settled."""
        return reception.last_due(reception.dues(self, line, now))

    def dues(self, line: dict[str, Any], now: datetime) -> list[reception.Due]:
        """Each dossier this line would make, with its date: one for an ordinary procedure, several for a linked group."""
        return reception.dues(self, line, now)

    def fees(self, line: dict[str, Any]) -> FeeTotal:
        """What this line costs today."""
        return compute(self.procedure(line), line, self.clock().date(), self.rules)

    def findings(self, line: dict[str, Any]) -> list[Finding]:
        """What the line lacks; the same for window and scripts."""
        procedure = self.procedure(line)
        if procedure is None:
            return [Finding(("procedure",), "unknown")]
        return check(procedure, self.definition(procedure, line), line, self.clock().date())

    def known_person(self, number: str) -> dict[str, Any]:
        """What earlier dossiers say of a person, {} for a stranger."""
        return prefill.known_person(dossiers.of_person(self.store, number), number)

    def receive(
        self,
        line: dict[str, Any],
        operator: str,
        *,
        draft_id: str | None = None,
        allow_incomplete: bool = False,
        date_confirmed: bool = False,
    ) -> Received:
        """Receive (tiếp nhận) a dossier, or those of a linked group: number, event, projection, search in one commit.

        The same id with the same content gives the same answer again.

        :raises Problem: ``incomplete`` (``findings``), ``id_reused``, ``date_unsure``, ``numbers_exhausted``,
            ``numbers_need_contact``, ``line_malformed``, ``line_too_large``, ``disk_full``, ``store_busy``.
        """
        check_shape(line)
        line = normal(line)
        again = reception.already(self, line)
        if again:
            return self.received(again, Changes())
        found = self.findings(line)
        if any(f.hard for f in found) and not allow_incomplete:
            raise Problem("incomplete", findings=[f.as_json() for f in found])
        received = self._received_at(line, self.clock(), date_confirmed)
        parts = reception.bodies(self, line, received, lacking(found))
        with reception.held_reserve(self, received) as reserve, self.store.write():
            again = reception.already(self, line)  # another process may have received the same line a moment ago
            if again:
                return self.received(again, Changes())
            reception.number(self, parts, received, reserve)
            for part in parts:
                self.act_allowed(part.id, "received", operator, part.body)
            if draft_id:
                drafts.drop(self.store, draft_id)
            if date_confirmed:
                self.store.set_meta(date_confirmed=self.clock().date().isoformat())
        touched = frozenset(part.id for part in parts)
        return self.received(parts[0], Changes(touched, drafts=draft_id is not None, status=True))

    def received(self, part: reception.Part, changes: Changes) -> Received:
        """A reception as its receipt will say it."""
        body = part.body
        members = tuple((body.get("linked") or {}).get("members", ()))
        return Received(part.id, body["code"], parse_moment(body["return_at"] or ""), changes, members)

    def _received_at(self, line: dict[str, Any], now: datetime, date_confirmed: bool) -> datetime:
        """The moment of reception: what the line says, or the clock, once it is not doubtful."""
        if not line.get("received_at"):
            clock.check_date(self, now, date_confirmed)
            return now
        said = parse_moment(str(line["received_at"]))
        if said is None:
            raise Problem("line_malformed", field="received_at")
        return said

    def act(self, dossier: str, name: str, operator: str, body: dict[str, Any]) -> None:
        """Append an event ("" for an act of the counter itself) and fold its dossier anew; inside ``store.write``. An act on a
        dossier that others have written about says how far it had heard them (``after``).

        :raises Problem: ``line_too_large``: what no frame would carry must not stand in the log; ``dossier_erased``; as
            ``Roster.check_act``: whoever does it must be let in for it.
        """
        self.roster.check_act(operator, name)
        if erasures.stands(self.store, dossier):
            raise Problem("dossier_erased")
        heard = log.heard(self.store, self.counter_id, dossier) if dossier else {}
        now = self.clock()
        unsure = clock.doubt(self, now)
        body = body | ({"after": heard} if heard else {}) | clock.mark(unsure, now)
        if len(canonical(body)) > EVENT_BYTES:
            raise Problem("line_too_large", most=EVENT_BYTES)
        own = tick(int(self.store.meta("hybrid", 0)), round(now.timestamp() * 1000))
        at = max(own, dossiers.latest(self.store, dossier) + 1)  # after what it answers, however fast that clock was
        event = log.append(self.store, self.counter_id, self.epoch, dossier, name, at, operator, body)
        self.store.set_meta(hybrid=own)
        clock.written(self, unsure, now, event)
        about = dossier or target(name, body)
        if about:
            projection.project(self.store, about)

    def act_allowed(self, dossier: str, name: str, operator: str, body: dict[str, Any]) -> None:
        """As ``act``, of something that the dossier's stage must allow. :raises Problem: ``not_now``, as ``act``."""
        self.act(dossier, name, operator, body)
        after = self.dossier(dossier)
        if any(r["act"] == after["history"][-1]["act"] for r in after["review"]):
            raise Problem("not_now", event=name)  # the transaction takes it back

    # Reading

    def remember(self, operator: str, name: str, value: Any) -> None:
        """Keep a habit of an operator on this machine."""
        with self.store.write():
            self.store.set_meta(habits=self.store.meta("habits", {}) | {f"{operator}/{name}": value})

    def recall(self, operator: str, name: str) -> Any:
        """A habit of an operator; None for none."""
        return self.store.meta("habits", {}).get(f"{operator}/{name}")

    def dossiers(self, wanted: Wanted | str = "", offset: int = 0, limit: int = PAGE) -> list[dict[str, Any]]:
        """A page of rows for a list, newest first (``sync.store.dossiers.Wanted``, or only words); ``limit`` -1: all."""
        asked = Wanted(wanted) if isinstance(wanted, str) else wanted
        found = dossiers.find(self.store, asked, self.clock(), offset, limit)
        return [r | {"procedure_name": r["procedure_name"] or self.procedure_name(r["procedure"])} for r in found]

    def chips(self) -> dict[str, int]:
        """How many dossiers each quick filter shows."""
        return dossiers.chip_counts(self.store, self.clock())

    def alike(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """Dossiers of the same person for the same procedure, open or of the last days: a duplicate warning."""
        number = str((line.get("applicant") or {}).get("personal_id") or "")
        since = (self.clock() - timedelta(days=ALIKE_DAYS)).isoformat()
        return dossiers.alike(self.store, number, str(line.get("procedure")), str(line.get("id")), since) if number else []

    def dossier(self, dossier_id: str) -> dict[str, Any]:
        """The whole fold. :raises Problem: ``dossier_unknown``."""
        found = dossiers.get(self.store, dossier_id)
        if found is None:
            raise Problem("dossier_unknown", id=dossier_id)
        return clock.told(self.store, found)

    def log_print(self, dossier_id: str, paper: str, operator: str) -> Changes:
        """A paper went to the printer."""
        with self.store.write():
            audit.append(self.store, operator, "printed", self.clock(), dossier_id, paper)
        return Changes(status=True)

    def printed(self, dossier_id: str, paper: str) -> int:
        """How often this paper was printed."""
        return audit.printed(self.store, dossier_id, paper)

    def status(self) -> dict[str, Any]:
        """The figures of the status bar (contract: ``status``)."""
        by = dossiers.counts(self.store)
        return {
            "counter": self.counter_id,
            "operator": [o["id"] for o in vault.operators(self.data)],
            "events": log.own_count(self.store),
            "waiting": log.waiting(self.store),
            "kept": by["kept"],
            "received": by["received"],
            "accepted": by["accepted"],
            "refused": by["refused"],
            "drafts": self.store.value("SELECT count(*) FROM drafts"),
            "last_contact": self.store.meta("last_contact"),
            "link": self.store.meta("link", "unknown"),
            "keystore": vault.keystore(self.data),
            "clock": unsure.as_json() if (unsure := clock.doubt(self, self.clock())) else None,
            "practice": bool(self.profile.get("practice")),
            "revoked": self.store.meta("revoked"),
            "epoch": self.epoch,
            "numbers_left": numbers.left(self.store, self.epoch, self.clock().date()),
            "alerts": [{"kind": t["kind"], **t["details"]} for t in journal.reports(self.store)],
        }

    def tasks(self) -> list[dict[str, Any]]:
        """What needs a person now: a clock that is not sure, then refusals, then the rest."""
        return [*clock.tasks(self), *roads.tasks(self)]

    def settle_task(self, task_id: int) -> Changes:
        """A person has dealt with a task."""
        with self.store.write():
            journal.settle(self.store, task_id)
        return Changes(status=True)

    @property
    def gateway_url(self) -> str:
        """Where the gateway is looked for. Its key was fixed at enrolment, whatever the address."""
        return str(self.store.meta("gateway_url"))

    def use_gateway(self, url: str) -> None:
        """Look for the same gateway elsewhere."""
        if url != self.gateway_url:
            with self.store.write():
                self.store.set_meta(gateway_url=url)

    def data_version(self) -> int:
        """Changes when another process has committed."""
        return self.store.data_version()

    def procedure_name(self, code: str | None) -> str:
        """The short name of a procedure; its code when it is not known."""
        procedure = self.catalogue.procedure(code or "")
        return procedure.short_name if procedure else code or ""

    def operator_name(self, operator: str) -> str:
        """The name of an operator of the commune; the id of an unknown one."""
        known = self.roster.people.get(operator)
        return known.name if known else operator
