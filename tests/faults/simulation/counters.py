"""A living store of a counter: the clerk's acts with the real verbs, and what stands in it for certain."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sync import epochs, hearing
from sync.counter import Counter
from sync.replication import Exchange
from sync.roster import Roster
from sync.store import backup, erasures, log, scans
from tests.faults.simulation.memory import BEGIN, COMMUNES, ELSEWHERE, HOMES, Died, Disks, MemoryStore, key_of

_WORDS = "Lò Văn Pản Vàng Thị Mỷ giấy khai sinh bản sao hộ tịch chờ ký Tủ 3 đã hẹn".split()
_ACTS = ("shelved", "corrected", "supplement_requested", "noted", "finished", "returned", "withdrawn", "transferred")

_MORE: dict[str, dict[str, Any]] = {
    "shelved": {"place": "Tủ 3"},
    "corrected": {"fields": {"applicant.phone": {"was": None, "now": "0912345678"}}},
    "transferred": {"to": "Phòng Tư pháp"},
}


@dataclass(frozen=True)
class Act:
    """What a clerk did: enough to know it again."""

    dossier: str
    name: str
    text: str


@dataclass
class Saved:
    """A back-up of a counter's store, and which acts it holds."""

    connection: Any
    number: int
    kept: dict[int, Act]
    joined: bool


@dataclass
class World:
    """What the clerks of all counters share: dossiers, scans, the calendar, how many acts there were. ``old``: there are dossiers
    from long ago."""

    chance: random.Random
    now: datetime = BEGIN
    dossiers: list[str] = field(default_factory=list)
    papers: list[bytes] = field(default_factory=list)
    acts: int = 0
    both_communes: bool = False
    old: bool = False
    disks: Disks = field(default_factory=Disks)

    def now_ms(self) -> int:
        """The true time, milliseconds since 1970."""
        return round(self.now.timestamp() * 1000)


class Living:
    """One store and the processes on it. ``kept``: acts that were committed here; ``life``: of the gateway, at the last
    acknowledgement; ``positions``: what the sync process remembers of the gateway's scans; ``doubt``: a line broke."""

    def __init__(self, world: World, name: str, saved: Saved) -> None:
        self.world, self.name, self.number = world, name, saved.number
        self.store = MemoryStore(saved.connection)
        self.kept = dict(saved.kept)
        self.joined = saved.joined
        self.identity = key_of(f"counter {saved.number}")
        self.counter_id = str(self.store.meta("counter"))
        self.roster = Roster(self.store)
        self.steady, self.build = None, BEGIN.date()
        self.commune = COMMUNES[HOMES[saved.number]]
        self.skew = timedelta(seconds=world.chance.choice((0, 0, 5, -5, 200, -200)))
        self.positions: dict[str, int] = {}
        self.doubt = False
        self.life = -1

    def clock(self) -> datetime:
        """This PC's clock."""
        return self.world.now + self.skew

    @property
    def epoch(self) -> str:
        """As ``Counter.epoch``."""
        return str(self.store.meta("epoch"))

    def join(self) -> None:
        """The first start: hear recent dossiers first."""
        if not self.joined:
            self.joined = True
            if self.world.chance.random() < 0.6:  # else one of before there was this: it hears all in order
                with self.store.write():
                    hearing.begin(self.store, self.clock())

    def saved(self, automatic: bool = False) -> Saved:
        """A back-up as of now; one that is ``automatic`` leaves out the bytes of scans that were acknowledged."""
        made = self.world.disks.copy_of(self.store.db.conn)
        if automatic:
            backup._leave_out_sent(made)
        return Saved(made, self.number, dict(self.kept), self.joined)

    def begin_after(self, origin: str) -> None:
        """The nonce outside is not this store's."""
        with self.store.write():
            epochs.begin_after(self.store, self.counter_id, origin, self.clock())

    # The sync process

    def exchange(self, nonce: str, with_scans: bool) -> Exchange:
        """One round trip of it."""
        return Exchange(self.store, self.identity, nonce, self.clock(), positions=self.positions, scans=with_scans)

    def hung_up(self) -> None:
        """The connection is gone, as ``contact.Road`` treats it."""
        self.positions.clear()
        self.doubt = True

    def reopen(self) -> None:
        """A new process: nothing is remembered that is not in the store."""
        self.store.ends = None
        self.hung_up()

    # The clerk

    def act(self, scan: bool = False, closes: bool = False) -> str:
        """Something is done at the window, in one transaction; whether it was kept is known even when the process died.
        ``closes``: the newest dossier comes to its end."""
        number = self.world.acts = self.world.acts + 1
        dossier, name, body = self._chosen(number, scan)
        if closes and not erasures.stands(self.store, self.world.dossiers[-1]):
            dossier, name, body = self.world.dossiers[-1], "withdrawn", {"act": number, "text": body["text"]}
        done = Act(dossier, name, body["text"])
        try:
            with self.store.write():
                if name == "attached":
                    data = self._paper(body)
                    scans.add(self.store, body["sha256"], data, "png", dossier, body["paper"], body["size"] % 3 == 0)
                Counter.act(self, dossier, name, "CB001", body)  # type: ignore[arg-type]
        except Died:
            if self.store.died != "after":
                return f"died before COMMIT of act {number}"
        self.store.versions += 1
        self.kept[number] = done
        return f"act {number} {name} of {dossier}"

    def _chosen(self, number: int, scan: bool) -> tuple[str, str, dict[str, Any]]:
        chance, world = self.world.chance, self.world
        if not scan and world.dossiers and chance.random() < 0.04:
            return "", "rule_set", {"act": number, "text": _text(chance)}
        known = [d for d in world.dossiers if log.begun(self.store, d) and not erasures.stands(self.store, d)]
        if not scan and known and chance.random() < 0.06:
            kept = {"code": "H38", "stage": "returned"}
            return "", "erased", {"act": number, "text": "", "dossier": chance.choice(known), "kept": kept}
        if not world.dossiers or chance.random() < 0.35:
            world.dossiers.append(f"{chance.getrandbits(48):012x}")
        dossier = world.dossiers[-1] if chance.random() < 0.3 else chance.choice(world.dossiers)
        left_out = world.old and not log.begun(self.store, dossier)  # it cannot be found here, nor begun twice
        if left_out or erasures.stands(self.store, dossier):
            world.dossiers.append(dossier := f"{chance.getrandbits(48):012x}")
            scan = False
        body: dict[str, Any] = {"act": number, "text": _text(chance)}
        if scan:
            return dossier, "attached", body | {"paper": "TK"}
        if not log.begun(self.store, dossier) and (world.old or chance.random() < 0.9):
            return dossier, "received", body | self._reception(number)
        name = chance.choice(_ACTS)
        return dossier, name, body | _MORE.get(name, {})

    def _reception(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = {"code": f"{self.commune}-{number}", "received_at": self.clock().isoformat()}
        body |= {"procedure": {"code": "2.000635"}, "applicant": {"full_name": _text(self.world.chance)}}
        if self.world.both_communes and self.world.chance.random() < 0.5:
            body["competent"] = {"unit": ELSEWHERE if self.commune == COMMUNES[0] else COMMUNES[0], "name": "xã"}
        return body

    def _paper(self, body: dict[str, Any]) -> bytes:
        papers, chance = self.world.papers, self.world.chance
        if not papers or chance.random() < 0.7:
            papers.append(chance.randbytes(chance.choice((1, 200, 600, 1500, 3000))))
        data = chance.choice(papers[-3:])
        body |= {"sha256": sha256(data).hexdigest(), "size": len(data), "pages": 1, "readable": True, "kind": "png"}
        return data


def _text(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=3))
