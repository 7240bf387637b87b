"""The two workloads of the link bench: as acts of a counter, and as what the gateway must hold when all has arrived.

*product*: lines of the product's own generator over all its procedures, under another seed than the one the wire's dictionary
was trained with. *bench*: the neutral dossiers of ``../shared/bench/gen.py``, all fields of them: one ``received`` event for each
(applicant, form, documents), one ``noted`` event for each further row of its history, and one with fees, code and due date.
Not carried, because they follow from their place: ids of children, names of scans, ``status``, ``version``; nor the name
and the sector of a procedure, which its code stands for. The author of a row is the operator of its event.
"""

import hashlib
import itertools
import json
import random
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forms.example import examples
from forms.problem import Problem
from forms.working_days import VIETNAM, parse_moment
from sync.counter import Counter
from sync.events import Event
from sync.gateway.ledger import Ledger
from sync.replication import Exchange
from sync.scans import attach
from sync.store import log, scans

SEED = 20261
"""Of the product workload. The dictionary of the wire is trained under seed 1 and must never see these."""
START = {"product": datetime(2026, 11, 20, 7, 30, tzinfo=VIETNAM), "bench": datetime(2026, 10, 1, 7, 30, tzinfo=VIETNAM)}
"""When the counter of a workload is enrolled; the acts of 1,000 neutral dossiers one after another take three weeks."""
_DAY = timedelta(hours=7)
"""So long the counter receives on the day of the product workload, however many come."""
_CHANNELS = {"TRUC_TIEP": "1", "TRUC_TUYEN": "2", "BUU_CHINH": "3"}
_GENDERS = {"Nam": "male", "Nữ": "female"}
_COUNTS = {"ORIGINAL": "originals", "CERTIFIED": "certified", "COPY": "copies"}
_FIRST = "TIEP_NHAN"
"""The first row of every history in the neutral format: it is the ``received`` event itself."""


class Clock:
    """A clock that shows what it is set to, so that every run writes the same moments and the same codes."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def walk(self, before: str, after: str) -> None:
        """Let pass what lies between two ISO moments, at least a millisecond: acts of different dossiers follow each other
        here, and stay as far apart as they were within each."""
        first, last = parse_moment(before), parse_moment(after)
        self.now += max(timedelta(milliseconds=1), last - first) if first and last else timedelta(0)


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line."""
    with file.open(encoding="utf-8") as source:
        for text in source:
            yield json.loads(text)


# -- as acts -------------------------------------------------------------------------------------------------


def receive_product(counter: Counter, clock: Clock, operator: str, number: int, seed: int = SEED) -> None:
    """Receive ``number`` dossiers (those of a linked group counted one by one), spread over a day, to the microsecond."""
    rng, made = random.Random(f"link bench {seed}"), 0
    codes = [p.code for p in counter.catalogue.procedures]
    while made < number:
        code = rng.choice(codes)
        line = next(examples(counter.catalogue, code, None, 1, rng.randrange(2, 1 << 30)))
        size = max(1, len(counter.dues(line, clock())))
        if made + size > number:
            continue
        clock.now += _DAY / number * rng.uniform(0.5, 1.5)
        try:
            counter.receive(line, operator, date_confirmed=True)
            made += size
        except Problem as problem:
            if problem.code != "incomplete":
                raise
            codes.remove(code)  # its generated lines do not pass the window's own checks


def product_documents(counter: Counter) -> Iterator[dict[str, Any]]:
    """What was received as neutral documents, for the anchors and the comparison: the whole body of each reception."""
    for event in log.read(counter.store, counter.counter_id, counter.epoch):
        if event.name == "received":
            yield {"id": event.dossier, **(event.body or {}), "attachments": []}


def receive_bench(counter: Counter, clock: Clock, file: Path, blobs: Path) -> None:
    """Receive the neutral dossiers with their histories, fees and scans."""
    last = ""
    for source in read_lines(file):
        clock.walk(last, source["received_at"])
        last, author = source["received_at"], source["created_by"]
        counter.receive(_line(source), author, allow_incomplete=True, date_confirmed=True)
        with counter.store.write():
            for before, row in itertools.pairwise(source["history"]):
                clock.walk(before["at"], row["at"])
                body = {name: row[name] for name in ("type", "device", "note", "at")}
                counter.act_allowed(source["id"], "noted", row["actor"], body)
            clock.walk(row["at"], row["at"])
            counter.act_allowed(source["id"], "noted", author, _rest(source))
        for scan in source["attachments"]:
            attach(counter, source["id"], source["documents"][0]["name"], blobs / scan["file"], author)


def _line(source: dict[str, Any]) -> dict[str, Any]:
    who = source["applicant"]
    applicant = {name: who[name] for name in ("full_name", "phone", "address")}
    applicant |= {"personal_id": who["id_number"], "birth_date": who["dob"], "gender": _GENDERS[who["gender"]]}
    none = dict.fromkeys(_COUNTS.values(), 0)
    return {
        "id": source["id"],
        "procedure": source["procedure"]["code"],
        "channel": _CHANNELS[source["channel"]],
        "applicant": applicant,
        "answers": source["form"],
        "papers": [{"code": d["name"]} | none | {_COUNTS[d["kind"]]: d["copies"]} for d in source["documents"]],
        "received_at": source["received_at"],
    }


def _rest(source: dict[str, Any]) -> dict[str, Any]:
    """What no field of a reception holds; ``absent``: places of the documents that are listed but were not received."""
    first = {name: source["history"][0][name] for name in ("actor", "device", "note", "at")}
    absent = [place for place, d in enumerate(source["documents"]) if not d["received"]]
    return {"fees": source["fees"], "code": source["code"], "due_at": source["due_at"], "first": first, "absent": absent}


def once(counter: Counter) -> int:
    """Bytes of the body of one request that carries everything that waits, once: what a run has to send at the least."""
    positions = {s.sha256: 0 for s in scans.pending(counter.store)}
    exchange = Exchange(counter.store, counter.identity, "0" * 32, counter.clock(), positions=positions)
    return sum(map(len, exchange.frames()))


# -- as what must have arrived -------------------------------------------------------------------------------


def differences(gateway: Path, kind: str, source: Path, line: dict[str, Any] | None = None) -> list[str]:
    """What the gateway does not hold as the source says it, in words; nothing when all of it arrived, once.

    ``gateway``: its data folder. ``kind``: ``product`` or ``bench``. ``line``: of one further dossier that must be there.
    """
    also = frozenset([line["id"]] if line else [])
    with closing(Ledger(gateway)) as ledger:
        arrived = _arrived(ledger)
        wanted = {line["id"]: line for line in read_lines(source)}
        found = [f"{kind}: no dossier {one}" for one in (wanted.keys() | also) - arrived.keys()]
        found += [f"{kind}: a dossier nobody sent: {one}" for one in arrived.keys() - wanted.keys() - also]
        for one in wanted.keys() & arrived.keys():
            told, meant = (_rebuilt, _bare) if kind == "bench" else (_body, _document)
            if told(arrived[one]) != meant(wanted[one]):
                found.append(f"{kind}: dossier {one} differs")
        if line and line["id"] in arrived and not _as_typed(arrived[line["id"]], line):
            found.append(f"the further dossier {line['id']} differs")
        found += [f"scan {a['sha256']} differs" for a in _scans(wanted.values()) if not _same_bytes(ledger, a)]
    return found


def _arrived(ledger: Ledger) -> dict[str, list[Event]]:
    """The events at the gateway by dossier, in the order of its feed."""
    found: dict[str, list[Event]] = {}
    for commune in ledger.communes():
        after = 0
        while page := ledger.feed(commune, after, 1000):
            for after, event in page:  # noqa: B007 - where the next page begins
                if event.dossier:
                    found.setdefault(event.dossier, []).append(event)
    return found


def _as_typed(events: list[Event], line: dict[str, Any]) -> bool:
    body = events[0].body or {}
    return len(events) == 1 and all(body[part] == line[part] for part in ("channel", "applicant", "answers"))


def _body(events: list[Event]) -> Any:
    return [(e.name, e.body) for e in events]


def _document(wanted: dict[str, Any]) -> Any:
    return [("received", {name: value for name, value in wanted.items() if name not in ("id", "attachments")})]


def _bare(source: dict[str, Any]) -> dict[str, Any]:
    """A neutral dossier without what is not carried."""
    rows = {"documents": ("id",), "history": ("id",), "attachments": ("id", "name", "file")}
    kept = {n: [{k: v for k, v in row.items() if k not in drop} for row in source[n]] for n, drop in rows.items()}
    return source | kept | {"procedure": source["procedure"]["code"], "received_at": parse_moment(source["received_at"])}


def _rebuilt(events: list[Event]) -> dict[str, Any]:
    """The neutral dossier that these events tell, as :func:`_bare` has it."""
    received, notes = events[0], [e for e in events if e.name == "noted"]
    body, rest = received.body or {}, (notes[-1].body or {}) if notes else {}
    who = body["applicant"]
    history = [{"type": _FIRST} | rest["first"]]
    history += [{"actor": e.operator} | (e.body or {}) for e in notes[:-1]]
    scans = [e.body or {} for e in events if e.name == "attached"]
    person = {"id_number": who["personal_id"], "full_name": who["full_name"], "dob": who["birth_date"]}
    person |= {"gender": _key(_GENDERS, who["gender"]), "phone": who["phone"], "address": who["address"]}
    return {
        "id": received.dossier,
        "code": rest["code"],
        "procedure": body["procedure"]["code"],
        "channel": _key(_CHANNELS, body["channel"]),
        "status": history[-1]["type"],
        "applicant": person,
        "form": body["answers"],
        "documents": [_paper(p) | {"received": n not in rest["absent"]} for n, p in enumerate(body["papers"])],
        "fees": rest["fees"],
        "history": history,
        "received_at": parse_moment(body["received_at"]),
        "due_at": rest["due_at"],
        "created_by": received.operator,
        "version": len(history),
        "attachments": [{"mime": s["kind"], "size": s["size"], "sha256": s["sha256"]} for s in scans],
    }


def _paper(paper: dict[str, Any]) -> dict[str, Any]:
    kind = next(k for k, count in _COUNTS.items() if paper[count])
    return {"name": paper["code"], "kind": kind, "copies": paper[_COUNTS[kind]]}


def _key(table: dict[str, str], value: str) -> str:
    return next(k for k, v in table.items() if v == value)


def _scans(wanted: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for line in wanted:
        yield from line["attachments"]


def _same_bytes(ledger: Ledger, scan: dict[str, Any]) -> bool:
    """Whether the gateway holds a scan whole, and its bytes still have the hash it was sent under."""
    return any(
        hashlib.sha256(found).hexdigest() == scan["sha256"]
        for found in (ledger.scan(commune, scan["sha256"]) for commune in ledger.communes())
    )
