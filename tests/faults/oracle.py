"""The oracle: what the clerk was told against what stands in the store and in the gateway's raw tables.

It imports nothing of the product, not even its shape of an event: raw SQL on both files, the chain computed anew
(``chain.py``, shared with the reader of crash images), lines as they were printed, receipts as they were drawn.
"""

import hashlib
import json
import sqlite3
from collections import Counter as TallyOf
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pypdfium2
from sqlcipher3 import dbapi2

from tests.faults import chain
from tests.faults.chain import Row


@dataclass
class Told:
    """What the clerk was told, and how often each act was asked for.

    ``runs``: the ids that one run of the program said it received, in its order; ``receipts``: id -> PDF.
    """

    received: dict[str, str] = field(default_factory=dict)
    scans: set[tuple[str, str, str]] = field(default_factory=set)
    acts: "TallyOf[tuple[str, str]]" = field(default_factory=TallyOf)
    asked: "TallyOf[tuple[str, str]]" = field(default_factory=TallyOf)
    runs: list[list[str]] = field(default_factory=list)
    receipts: dict[str, bytes] = field(default_factory=dict)

    def hear(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Lines that one run of ``receive``, ``attach`` or ``act`` printed."""
        lines = [line for line in lines if "problem" not in line]
        self.received |= {line["id"]: line["code"] for line in lines if "code" in line}
        self.scans |= {(line["dossier"], line["paper"], line["sha256"]) for line in lines if "sha256" in line}
        self.acts.update((line["dossier"], line["event"]) for line in lines if "event" in line)
        self.runs.append([line["id"] for line in lines if "code" in line])

    def __len__(self) -> int:
        return len(self.received) + len(self.scans) + self.acts.total() + len(self.receipts)


@dataclass
class Verdict:
    """Sentences, each naming codes and places, never a person. Green when there are none."""

    told: int = 0
    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def green(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.broken)

    def as_json(self) -> dict[str, Any]:
        """Figures for a line, with the first sentences of what is wrong."""
        found = self.lost + self.doubled + self.disordered + self.broken
        counts = {name: len(getattr(self, name)) for name in ("lost", "doubled", "disordered", "broken")}
        return {"told": self.told, "events": self.events, "green": self.green, **counts, "first": found[:5]}


def judge(told: Told, store: Path, key: bytes, gateway: Path | None = None) -> Verdict:
    """Compare. ``store``: the encrypted file, opened with the raw ``key``; ``gateway``: the gateway's database file."""
    verdict = Verdict(len(told))
    with closing(dbapi2.connect(str(store), timeout=10)) as db:
        db.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        rows, secrets = _read(db)
        logs = list(db.execute("SELECT counter, epoch, own, number, head, acked FROM logs"))
        meta = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM meta")}
        scans = list(db.execute("SELECT sha256, size, acked FROM scans"))
        whole = {sha256: size for sha256, size, _ in scans if _held(db, "scan_chunks", "seq", "sha256 = ?", sha256) == sha256}
    verdict.events = len(rows)
    own = {(counter, epoch) for counter, epoch, mine, *_ in logs if mine}
    _chains(rows, secrets, own, verdict)
    mine = [r for r in rows if r.counter == meta["counter"]]
    _heads(mine, logs, verdict)
    _unique("store", mine, verdict)
    safe = {*whole, *(sha256 for sha256, size, acked in scans if acked >= size)}
    if gateway is not None:
        missing = {sha256 for _, _, sha256 in told.scans} - safe
        safe |= _gateway(gateway, rows, logs, meta, scans, missing, verdict)
    _kept(told, mine, safe, verdict)
    return verdict


def _read(db: Any) -> tuple[list[Row], dict[tuple[str, str, str], bytes]]:
    rows = [Row(*row) for row in db.execute(f"SELECT {chain.COLUMNS} FROM events ORDER BY counter, epoch, number")]
    found = db.execute("SELECT counter, epoch, dossier, secret FROM secrets")
    return rows, {(c, e, d): bytes.fromhex(s) if isinstance(s, str) else bytes(s) for c, e, d, s in found}


def _held(db: Any, table: str, order: str, where: str, *values: Any) -> str:
    """What the bytes of a scan hash to, hex."""
    digest = hashlib.sha256()
    for (piece,) in db.execute(f"SELECT bytes FROM {table} WHERE {where} ORDER BY {order}", values):
        digest.update(piece)
    return digest.hexdigest()


def _chains(
    rows: Sequence[Row], secrets: Mapping[tuple[str, str, str], bytes], whole: set[tuple[str, str]] | None, verdict: Verdict
) -> None:
    """``whole``: the logs without gaps; None for all."""
    for log, events in groupby(rows, key=lambda r: (r.counter, r.epoch)):
        for sentence in chain.problems(events, secrets, whole is None or log in whole):
            (verdict.disordered if sentence.startswith("order") else verdict.broken).append(sentence)


def _heads(rows: Sequence[Row], logs: Sequence[Any], verdict: Verdict) -> None:
    ends = {(r.counter, r.epoch): (r.number, r.hash) for r in rows}
    for counter, epoch, own, number, head, acked in logs:
        if own and ends.get((counter, epoch), (0, chain.GENESIS)) != (number, head):
            verdict.broken.append(f"chain: {counter}/{epoch} does not end at its head")
        if own and acked > number:
            verdict.lost.append(f"{counter}/{epoch} counts {acked} as acknowledged and holds {number}")


def _bodies(rows: Sequence[Row], name: str) -> Iterator[tuple[Row, dict[str, Any]]]:
    return ((r, json.loads(r.body)) for r in rows if r.name == name and r.body is not None)


def _unique(where: str, rows: Sequence[Row], verdict: Verdict) -> None:
    """A place in a log, a reception, a code and a scan on a paper stand once."""
    places = TallyOf((r.counter, r.epoch, r.number) for r in rows)
    received = list(_bodies(rows, "received"))
    dossiers = TallyOf(r.dossier for r, _ in received)
    codes = TallyOf(body.get("code") for _, body in received)
    scans = TallyOf((r.dossier, body.get("paper"), body.get("sha256")) for r, body in _bodies(rows, "attached"))
    for what, tally in (("event", places), ("reception of", dossiers), ("code", codes), ("scan", scans)):
        verdict.doubled += [f"{where}: {what} {one} stands {times} times" for one, times in tally.items() if times > 1]


def _kept(told: Told, rows: Sequence[Row], scans: set[str], verdict: Verdict) -> None:
    """Everything that was said to be kept is, once, in the order in which it was said."""
    received = {r.dossier: (r, body) for r, body in _bodies(rows, "received")}
    for dossier, code in told.received.items():
        if dossier not in received or received[dossier][1].get("code") != code:
            verdict.lost.append(f"code {code} was told and is not kept")
    for run in told.runs:
        kept = [received[dossier][0] for dossier in run if dossier in received]
        for one, two in pairwise(kept):
            if one.epoch == two.epoch and one.number >= two.number and one.dossier != two.dossier:
                verdict.disordered.append(f"order: {two.epoch}/{two.number} was told after {one.number}")
    attached = {(r.dossier, body.get("paper"), body.get("sha256")) for r, body in _bodies(rows, "attached")}
    verdict.lost += [f"scan {s[2]} was told and is not kept" for s in told.scans if s not in attached or s[2] not in scans]
    acts = TallyOf((r.dossier, r.name) for r in rows)
    verdict.lost += [f"act {what} was told {n} times, kept {acts[what]}" for what, n in told.acts.items() if acts[what] < n]
    verdict.doubled += [f"act {what} asked {n} times, kept {acts[what]}" for what, n in told.asked.items() if acts[what] > n]
    for dossier, paper in told.receipts.items():
        code = received[dossier][1].get("code") if dossier in received else None
        if not code or code not in _text(paper):
            verdict.lost.append(f"a receipt was drawn whose code is not the kept one, {code}")


def _text(pdf: bytes) -> str:
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


def _gateway(
    file: Path,
    rows: Sequence[Row],
    logs: Sequence[Any],
    meta: Mapping[str, Any],
    scans: Sequence[Any],
    missing: set[str],
    verdict: Verdict,
) -> set[str]:
    """Which of the ``missing`` scans are whole there: a restored store does not hold what its lost life had sent."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        there, secrets = _read(db)
        _chains(there, secrets, None, verdict)
        _unique("gateway", there, verdict)
        _acknowledged(rows, there, logs, verdict)
        found = db.execute("SELECT commune FROM counters WHERE id = ?", (meta["counter"],)).fetchone()
        for sha256, size, acked in scans if found else ():
            held = db.execute("SELECT held FROM scans WHERE commune = ? AND sha256 = ?", (found[0], sha256)).fetchone()
            if acked > (held[0] if held else 0):
                verdict.lost.append(f"scan {sha256}: {acked} bytes count as acknowledged, held {held and held[0]}")
            elif acked == size and _held(db, "scan_chunks", "offset", "commune = ? AND sha256 = ?", found[0], sha256) != sha256:
                verdict.lost.append(f"scan {sha256} counts as acknowledged, and its bytes are others")
        if not found:
            return set()
        _feed(db, found[0], rows, meta, verdict)
        where = "commune = ? AND sha256 = ?"
        return {scan for scan in missing if _held(db, "scan_chunks", "offset", where, found[0], scan) == scan}


def _acknowledged(rows: Sequence[Row], there: Sequence[Row], logs: Sequence[Any], verdict: Verdict) -> None:
    """Every own event that counts as acknowledged is at the gateway, the same one: so both agree on the hash at that place."""
    held = {(r.counter, r.epoch, r.number): r.hash for r in there}
    acked = {(counter, epoch): number for counter, epoch, own, _, _, number in logs if own}
    for r in rows:
        if r.number <= acked.get((r.counter, r.epoch), 0) and held.get((r.counter, r.epoch, r.number)) != r.hash:
            verdict.lost.append(f"{r.counter}/{r.epoch}/{r.number} counts as acknowledged, and the gateway does not hold it")


def _feed(db: Any, commune: str, rows: Sequence[Row], meta: Mapping[str, Any], verdict: Verdict) -> None:
    """The feed of a commune has no gap and keeps the order of each log; up to the cursor the store holds all of it, but what a
    new counter left out."""
    sql = "SELECT f.seq, e.counter, e.epoch, e.number FROM feeds f JOIN events e ON e.id = f.event WHERE f.commune = ? ORDER BY 1"
    feed = list(db.execute(sql, (commune,)))
    here, last = {(r.counter, r.epoch, r.number) for r in rows}, {}
    left_out = int(meta.get("older", [0, 0])[1])
    for place, (seq, counter, epoch, number) in enumerate(feed, 1):
        if seq != place:
            verdict.disordered.append(f"order: place {place} of the feed is missing")
            break
        if number <= last.get((counter, epoch), 0):
            verdict.disordered.append(f"order: {counter}/{epoch}/{number} comes late in the feed")
        last[counter, epoch] = max(number, last.get((counter, epoch), 0))
        if left_out < seq <= int(meta.get("feed", 0)) and (counter, epoch, number) not in here:
            verdict.lost.append(f"{counter}/{epoch}/{number} lies before the cursor of the feed and was not kept")
