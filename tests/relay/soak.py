"""Many lives through the real relay process, with both systems behind a line that fails on order and the relay killed again and
again. What came of it is judged from both ends: what the systems hold, and what the counters were told.

``dev.py faults --nightly --only relay`` plays 2,000 of them and 20 kills; a share of it is in the tests.
"""

import json
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter as Tally
from contextlib import ExitStack, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.dossier import fold
from forms.example import examples
from forms.working_days import parse_moment
from sync import acts
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from sync.relay.cases import case_of, ordered
from sync.relay.played.ministry import SETTINGS as MINISTRY
from sync.relay.played.national import SETTINGS as NATIONAL
from tests.conftest import ROOT, GatewayProcess, enrolled, open_counter
from tests.relay.faulty import Faulty, faulty

CATALOGUE, WHO = Catalogue.load(), "CB001"
OURS, ISSUED = ("1.001193", "2.000635", "1.000894", "2.000815"), ("1.004873", "1.001612")
FILES = "Tư pháp – Hộ tịch"
LIVES: dict[str, tuple[str, ...]] = {
    "returned": ("transfer", "finish", "hand_over"),
    "supplemented": ("transfer", "request", "bring", "finish", "hand_over"),
    "moved on": ("transfer", "pass_on", "extend", "finish", "hand_over"),
    "withdrawn": ("transfer", "withdraw"),
    "withdrawn at once": ("withdraw",),
    "stopped": ("transfer", "stop"),
    "open": ("transfer",),
    "just received": (),
}
REFUSED = "Số điện thoại không đúng định dạng"
_PATIENCE = 900.0


class Soak:
    """Two counters, a gateway, the relay, both systems."""

    def __init__(self, folder: Path, dossiers: int, kills: int, rate: float, seed: int, stack: ExitStack) -> None:
        self.chance, self.kills, self.folder = random.Random(seed), kills, folder
        self.lines = [self._line(n) for n in range(dossiers)]
        names = [x["applicant"]["full_name"] for x in self.chance.sample(self.lines, max(1, dossiers // 25))]
        script = folder / "script.json"
        rules = [{"match": {"full_name": name}, "raw": REFUSED} for name in names]
        script.write_text(json.dumps({"refuse": rules}, ensure_ascii=False), "utf-8")
        self.systems: Faulty = stack.enter_context(
            faulty("--rate", str(rate), "--seed", str(seed), "--slow", "0.5", "--script", str(script))
        )
        self.gateway = GatewayProcess(folder / "gateway", "--numbers", "4000")
        stack.callback(self.gateway.stop)
        self.counters = [self._counter(n) for n in range(2)]
        for counter in self.counters:
            stack.callback(counter.close)
        self.config = folder / "relay.json"
        self.config.write_text(json.dumps(self._config()), "utf-8")
        self.relay = self._start()
        stack.callback(self._end)
        self.owner: dict[str, Counter] = {}
        self.corrected = self.killed = 0

    def _line(self, n: int) -> dict[str, Any]:
        code = self.chance.choice(OURS if self.chance.random() < 0.6 else ISSUED)
        line = next(examples(CATALOGUE, code, None, 1, self.chance.randrange(1 << 30)))
        if n % 20 == 3:  # somebody without a personal number
            line["applicant"].pop("personal_id", None)
            line["applicant"] |= {"other_id": {"kind": "hộ chiếu", "number": f"B{n:07d}"}}
        return line | {"payment": {"method": "cash"}, "id": str(uuid.UUID(int=self.chance.getrandbits(128)))}

    def _counter(self, n: int) -> Counter:
        data = self.folder / f"counter{n}"
        enrolled(data, self.gateway, code=self.gateway.new_code())
        return open_counter(data)

    def _config(self) -> dict[str, Any]:
        more = {"timeout": 0.25, "tell_after": 5}
        national = {**NATIONAL, **more, "kind": "national", "name": "Cổng Dịch vụ công quốc gia"}
        ministry = {**MINISTRY, **more, "kind": "ministry", "name": "Hệ thống của Bộ"}
        url = self.systems.url
        return {"systems": {"national": national | {"url": f"{url}/national"}, "ministry": ministry | {"url": f"{url}/ministry"}}}

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sync", "relay", "--data", str(self.gateway.data), "--config", str(self.config)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True, cwd=ROOT)

    def kill(self) -> None:
        """The relay dies where it stands and is started again."""
        if self.killed < self.kills:
            self.relay.send_signal(signal.SIGKILL)
            self.relay.wait()
            self.killed += 1
            self.relay = self._start()

    def _end(self) -> None:
        self.relay.terminate()
        self.relay.wait(20)

    # The day

    def run(self) -> None:
        """All lives, in turns, with contacts between; then until both ends are at rest."""
        lives = {x["id"]: list(LIVES[self.chance.choice(list(LIVES))]) for x in self.lines}
        waiting = [(x, None) for x in self.lines]
        steps: list[tuple[dict[str, Any], str | None]] = list(waiting)
        each = max(1, (len(self.lines) + sum(map(len, lives.values()))) // (self.kills + 6))
        done = 0
        while steps:
            line, step = steps.pop(self.chance.randrange(min(len(steps), 40)))
            self._do(line, step)
            if lives[line["id"]]:
                steps.insert(self.chance.randrange(len(steps) + 1), (line, lives[line["id"]].pop(0)))
            done += 1
            if done % each == 0:
                self.meet()
                self.kill()
        self._rest()

    def _do(self, line: dict[str, Any], step: str | None) -> None:
        if step is None:
            counter = self.owner[line["id"]] = self.chance.choice(self.counters)
            counter.receive(line, WHO, date_confirmed=True)
            return
        counter, dossier = self.owner[line["id"]], line["id"]
        whole = counter.dossier(dossier)
        owner = {k: whole["applicant"].get(k) for k in ("full_name", "personal_id")}
        paper = (whole["papers"] or [{"code": None}])[0]["code"]
        todo = {
            "transfer": lambda: acts.transfer(counter, dossier, WHO, FILES),
            "pass_on": lambda: acts.transfer(counter, dossier, WHO, "Văn phòng", note="Trình ký"),
            "request": lambda: acts.request_supplement(counter, dossier, WHO, [{"paper": paper, "reason": "Mờ, không đọc được"}]),
            "bring": lambda: acts.receive_supplement(counter, dossier, WHO, []),
            "extend": lambda: self._extend(counter, dossier),
            "finish": lambda: acts.finish(counter, dossier, WHO, [{"name": "Giấy tờ", "number": "12/2026", "about": ""}]),
            "hand_over": lambda: acts.hand_over(counter, dossier, WHO, {"receiver": owner, "signed": True}),
            "withdraw": lambda: acts.withdraw(counter, dossier, WHO, "Theo nguyện vọng của gia đình"),
            "stop": lambda: acts.stop(counter, dossier, WHO, "Công dân đề nghị dừng", ""),
        }
        todo[step]()

    def _extend(self, counter: Counter, dossier: str) -> None:
        due = parse_moment(counter.dossier(dossier)["return_at"] or "")
        if due is not None:
            later = datetime.combine(counter.calendar.next_working(due.date() + timedelta(days=7)), due.timetz())
            acts.extend(counter, dossier, WHO, later, "Cần xác minh thêm")

    def meet(self) -> None:
        """Both counters meet the gateway; what was refused is set right."""
        for counter in self.counters:
            until_empty(counter, self.gateway.url, time.monotonic() + 60, Traffic())
            for task in counter.tasks():
                if task["kind"] == "refused" and self.owner.get(task["dossier"]) is counter:
                    phone = f"09{self.chance.randrange(10**8):08d}"
                    acts.correct(counter, task["dossier"], WHO, {"applicant.phone": phone}, "Số điện thoại ghi sai")
                    self.corrected += 1

    def _rest(self) -> None:
        """Until everything was told and every verdict has come back."""
        until = time.monotonic() + _PATIENCE
        while True:
            self.meet()
            self.kill()
            left = [d for d in self.owner if self.owner[d].dossier(d)["verdict"] != "accepted"]
            if not left and not self._differing():
                return
            with suppress(subprocess.TimeoutExpired):
                self.relay.wait(0.3)  # it goes on; both ends are asked again a little later
            assert time.monotonic() < until, f"{len(left)} verdicts are missing, {len(self._differing())} differ"

    def _differing(self) -> list[str]:
        """What one end holds otherwise than the other: a sentence each."""
        state, found = self.systems.state(), list[str]()
        seen: Tally[str] = Tally()
        with closing(Ledger(self.gateway.data)) as ledger:
            for dossier in self.owner:
                events = ordered(ledger.of_dossier(self.gateway.commune, dossier))
                whole = fold(dossier, events)
                ministry = whole.procedure["code"] in ISSUED
                side, number = state["ministry" if ministry else "national"], (whole.official_code if ministry else whole.code)
                seen["ministry" if ministry else "national"] += 1
                there = side["dossiers"].get(number)
                if there is None:
                    found.append(f"{number} is not there")
                    continue
                case = case_of(whole, events, {}, {}, {}, lambda _: "", lambda _: b"", self.counters[0].clock())
                wanted = [(a.official, f"{a.at:%Y%m%d%H%M%S}") for a in case.acts if a.official and a.counter != "portal"]
                told = [(int(r["TrangThai"]), _digits(r["ThoiDiemXuLy"])) for r in side["progress"][number]]
                if told != wanted:
                    found.append(f"{number}: history {told} instead of {wanted}")
                if side["histories"][number][-1] != whole.official:
                    found.append(f"{number}: state {side['histories'][number]} instead of {whole.official}")
        for name, wanted_n in seen.items():
            if len(state[name]["dossiers"]) != wanted_n:
                found.append(f"{name} holds {len(state[name]['dossiers'])} dossiers instead of {wanted_n}")
        return found

    def figures(self) -> dict[str, Any]:
        """What was seen."""
        state, verdicts = self.systems.state(), Tally[str]()
        with closing(Ledger(self.gateway.data)) as ledger:
            for dossier in self.owner:
                verdicts.update(e.name for e in ledger.of_dossier(self.gateway.commune, dossier) if e.counter == "portal")
        doubled = [d for d in self.owner if self.owner[d].dossier(d)["review"]]
        return {
            "dossiers": len(self.owner),
            "calls": state["calls"],
            "faulty": sum(state["faults"].values()),
            "killed": self.killed,
            "corrected": self.corrected,
            "said": dict(verdicts),
            "differing": len(self._differing()),
            "to_review": len(doubled),
            "fillers": state["national"]["fillers"] + state["ministry"]["fillers"],
        }


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())[:14]


def soak(folder: Path, dossiers: int, kills: int, rate: float = 0.3, seed: int = 1) -> dict[str, Any]:
    """Run it; the figures."""
    with ExitStack() as stack:
        world = Soak(folder, dossiers, kills, rate, seed, stack)
        world.run()
        return world.figures()
