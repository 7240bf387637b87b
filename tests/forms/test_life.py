"""The life of a dossier under four counters that were apart: ten thousand of them, legal and illegal, in any arrival order,
against a second, plainer account of what may follow what, written from the one-stop rules and not from the program."""

import random
from dataclasses import dataclass, field
from typing import Any

from forms.dossier import Dossier, fold
from forms.possible import possible
from forms.stages import MAY, OFFICIAL, Stage
from forms.steps import STEPS
from tests.forms.test_dossier import Act

CASES = 10_000

# stage -> event -> stage after it; "same" stays, "back" returns to where the pause began
RULES: dict[str, dict[str, str]] = {
    "unknown": {"filed": "filed", "guided": "guided", "declined": "declined", "received": "received"},
    "filed": {"guided": "guided", "declined": "declined", "received": "received"},
    "guided": {"guided": "same", "declined": "declined", "received": "received"},
    "declined": {},
    "received": {
        "transferred": "processing", "arrived": "processing", "supplement_requested": "supplement",
        "payment_requested": "payment", "extended": "same", "withdrawn": "withdrawn", "finished": "finished",
        "annulled": "annulled",
    },
    "processing": {
        "transferred": "same", "arrived": "same", "supplement_requested": "supplement", "payment_requested": "payment",
        "extended": "same", "withdrawn": "withdrawn", "stopped": "stopped", "finished": "finished",
    },
    "supplement": {"supplement_received": "back", "arrived": "same", "withdrawn": "withdrawn", "stopped": "stopped"},
    "payment": {"paid": "back", "arrived": "same", "withdrawn": "withdrawn", "stopped": "stopped"},
    "finished": {"posted": "same", "post_failed": "same", "returned": "returned"},
    "returned": {},
    "withdrawn": {},
    "stopped": {},
    "annulled": {},
}  # fmt: skip
for _stage, _row in RULES.items():
    _row |= {} if _stage in ("unknown", "annulled") else {"attached": "same"}
MONEY = {"unpaid": {"paid"}, "transfer": {"reconciled", "paid"}, "cash": set(), "reconciled": set(), "none": set()}
ALWAYS = {"accepted", "refused", "something_newer"}
EVENTS = sorted({e for row in RULES.values() for e in row} | {"paid", "reconciled"} | ALWAYS)


@dataclass
class Account:
    """The plainer account: where it stands, and which acts had no place."""

    stage: str = "unknown"
    before: str = "received"
    money: str = "none"
    owed: int = 0
    result: str = "none"
    arrived: bool = False
    competent: bool = False
    scans: list[str] = field(default_factory=list)
    marked: list[tuple[int, str]] = field(default_factory=list)

    def allows(self, event: str) -> bool:
        if event in ALWAYS:
            return True
        if event in ("paid", "reconciled"):
            alive = self.stage in (
                "received",
                "processing",
                "supplement",
                "payment",
                "finished",
                "returned",
                "withdrawn",
                "stopped",
            )
            return event in MONEY[self.money] and (alive or (event == "reconciled" and self.stage == "annulled"))
        if event == "payment_requested" and self.money == "transfer":
            return False
        if event == "arrived" and (self.arrived or not self.competent):
            return False
        if event in ("posted", "post_failed") and self.result != {"posted": "ready", "post_failed": "posted"}[event]:
            return False
        return event in RULES[self.stage]

    def take(self, act: Act) -> None:
        name, body = act.name, act.body or {}
        broken = name in ("transferred", "payment_requested") and "broken" in body
        broken = broken or (name == "attached" and not SCAN.keys() <= body.keys())
        broken = broken or (name == "paid" and self.money == "transfer" and body["method"] != "cash")  # it never came
        if broken or not self.allows(name):
            self.marked.append((act.at, act.counter))
            return
        if name == "received":
            self.competent = "competent" in body
            self.money = body.get("payment", {}).get("state", "none")
        elif name in ("posted", "finished", "post_failed"):
            self.result = "posted" if name == "posted" else "ready"
        elif name == "attached":
            self.scans += [body["sha256"]] if body["sha256"] not in self.scans else []
        elif name == "arrived":
            self.arrived = True
            self.before = "processing" if self.stage in ("supplement", "payment") else self.before
        elif name == "payment_requested":
            self.owed += self.money == "unpaid"
            self.money = "unpaid"
        elif name == "paid":
            self.money = body["method"]
        elif name == "reconciled":
            self.money = "reconciled"
        if name in ("paid", "reconciled") and self.owed and self.money in ("cash", "reconciled"):
            self.owed, self.money = self.owed - 1, "unpaid"  # a fee that was open before is owed again
        then = RULES[self.stage].get(name, "same")
        if then in ("supplement", "payment"):
            self.before = self.stage
        self.stage = {"same": self.stage, "back": self.before}.get(then, then)


SCAN: dict[str, Any] = {
    "sha256": "a" * 64, "size": 10, "paper": "TK", "kind": "image/png", "pages": 1, "readable": True
}  # fmt: skip


def body_of(name: str, rng: random.Random) -> dict[str, Any]:
    if name == "received":
        found: dict[str, Any] = {"code": f"H38-261123-{rng.randrange(10_000):04d}", "return_at": "2026-12-10T17:00:00+07:00"}
        found |= {"competent": {"name": "xã Bản Qua"}} if rng.random() < 0.5 else {}
        return found | {"payment": {"state": rng.choice(["none", "unpaid", "cash", "transfer"]), "amount": 8000}}
    if name in ("transferred", "payment_requested"):
        good = {"to": "Tư pháp – hộ tịch"} if name == "transferred" else {"amount": 8000, "name": "x", "basis": "y"}
        return good if rng.random() < 0.9 else {"broken": True}
    if name == "attached":
        good = SCAN | {"sha256": rng.choice("abcdef") * 64}
        lost = rng.choice([*SCAN, *[""] * 20])
        return {k: v for k, v in good.items() if k != lost}
    return {"method": rng.choice(["cash", "transfer"])} if name == "paid" else {}


def story(seed: int) -> list[Act]:
    """Acts in the order of their time: mostly such as may follow, often such as may not."""
    rng, account, acts, at = random.Random(seed), Account(), list[Act](), 0
    counters = [f"c{n}" for n in range(rng.randint(1, 4))]
    numbers = dict.fromkeys(counters, 0)
    for _ in range(rng.randint(3, 16)):
        fitting = [e for e in EVENTS if account.allows(e)]
        name = rng.choice(fitting if rng.random() < 0.65 else EVENTS)
        counter = rng.choice(counters)
        at, numbers[counter] = at + rng.randint(1, 3), numbers[counter] + 1
        body = {} if acts and rng.random() < 0.1 else body_of(name, rng)
        if name in ("transferred", "payment_requested") and not body:
            body = {"broken": True}
        if name == "paid" and not body:
            body = {"method": "cash"}
        acts.append(Act(counter, "e", numbers[counter], name, at, "CB001", body))
        account.take(acts[-1])
    wrong = [a for a in acts if (a.at, a.counter) in account.marked]
    inert = [a for a in acts if a.name in ALWAYS]
    for act in [*rng.sample(wrong, k=min(len(wrong), rng.choice([0, 0, 1, 2]))), *inert[: rng.choice([0, 1])]]:
        at += 1
        key = f"{act.at}.{act.counter}"  # what is not in dispute nobody can take back by naming it
        acts.append(Act("c9", "e", at, "settled", at, "CB002", {rng.choice(["counts", "overruled"]): [key]}))
    return acts


def plain(acts: list[Act]) -> Account:
    """The account of the same acts, without those that a clerk decided not to count."""
    decided: dict[str, bool] = {}
    for act in acts:
        if act.name == "settled" and act.body:
            decided |= {key: kind == "counts" for kind, keys in act.body.items() for key in keys}
    account = Account()
    for act in acts:
        if act.name in ALWAYS or (act.name != "settled" and decided.get(f"{act.at}.{act.counter}") is not False):
            account.take(act)
    return account


def marked(dossier: Dossier) -> list[tuple[int, str]]:
    return [(r["at"], r["counter"]) for r in dossier.review]


def test_ten_thousand_lives_fold_the_same_in_any_order_and_what_has_no_place_is_marked() -> None:
    wrong, illegal = [], 0
    for seed in range(CASES):
        acts = story(seed)
        first, account = fold("d", acts), plain(acts)
        shuffled = acts[:]
        random.Random(~seed).shuffle(shuffled)
        same = fold("d", shuffled) == first
        kept = [(r["event"], r["at"], r["counter"]) for r in first.history] == [(a.name, a.at, a.counter) for a in acts]
        illegal += bool(account.marked)
        told = (first.stage.value, marked(first), [s["sha256"] for s in first.scans])
        if not (same and kept and told == (account.stage, account.marked, account.scans)):
            wrong.append(seed)
    assert not wrong, f"{len(wrong)} of {CASES}, the first with seed {wrong[0]}"
    assert CASES * 0.3 < illegal < CASES


def test_every_event_has_its_stages_and_its_step() -> None:
    assert MAY.keys() == STEPS.keys()
    assert sorted(OFFICIAL.values()) == list(range(1, 11))
    assert set(RULES) == {s.value for s in Stage}


def act(name: str, at: int, counter: str = "c1", **body: Any) -> Act:
    return Act(counter, "e", at, name, at, "CB001", body)


def test_two_counters_apart_one_withdraws_one_hands_on() -> None:
    start = [act("received", 10, code="H38-261123-0001"), act("transferred", 20, to="Tư pháp")]
    acts = [*start, act("withdrawn", 30, "c1", after={"c1/e": 20}), act("finished", 40, "c2", after={"c1/e": 20}, results=[])]
    dossier = fold("d", acts)
    assert (dossier.stage, len(dossier.review)) == (Stage.WITHDRAWN, 1)
    assert [a["act"] for a in dossier.review[0]["against"]] == ["30.c1"]
    kept = fold("d", [*acts, act("settled", 50, counts=["30.c1"], overruled=["40.c2"])])
    assert (kept.stage, kept.review, kept.history[3].get("overruled")) == (Stage.WITHDRAWN, [], True)
    other = fold("d", [*acts, act("settled", 50, counts=["40.c2"], overruled=["30.c1"])])
    assert (other.stage, other.review, other.result["state"]) == (Stage.FINISHED, [], "ready")
    again = fold(
        "d",
        [
            *acts,
            act("settled", 50, counts=["40.c2"], overruled=["30.c1"]),
            act("settled", 60, overruled=["40.c2"], counts=["30.c1"]),
        ],
    )
    assert (again.stage, again.review) == (Stage.WITHDRAWN, [])


def test_two_dates_given_apart_are_shown_both_and_settled() -> None:
    start = act("received", 10, code="H38-261123-0001", return_at="2026-11-26T17:00:00+07:00")
    one = act("extended", 20, "c1", after={"c1/e": 10}, return_at="2026-11-30T17:00:00+07:00")
    two = act("extended", 30, "c2", after={"c1/e": 10}, return_at="2026-12-02T17:00:00+07:00")
    dossier = fold("d", [start, one, two])
    assert (dossier.return_at, [(r["act"], r["why"]) for r in dossier.review]) == (
        "2026-12-02T17:00:00+07:00",
        [("30.c2", "unseen")],
    )
    first = fold("d", [start, one, two, act("settled", 40, counts=["20.c1"], overruled=["30.c2"])])
    assert (first.return_at, first.review) == ("2026-11-30T17:00:00+07:00", [])
    both = fold("d", [start, one, two, act("settled", 40, counts=["20.c1", "30.c2"], overruled=[])])
    assert (both.return_at, both.review) == ("2026-12-02T17:00:00+07:00", [])
    seen = fold("d", [start, one, act("extended", 30, "c2", after={"c1/e": 20}, return_at="2026-12-02T17:00:00+07:00")])
    assert seen.review == []


def test_two_counters_receive_one_online_dossier_and_no_printed_code_is_lost() -> None:
    filed = act("filed", 10, "portal", code="G15-1", channel="2", applicant={"full_name": "Lò Ổn"})
    one = act("received", 20, "c1", code="G15-1", after={"portal/e": 10})
    two = act("received", 30, "c2", code="H38-261123-0900", after={"portal/e": 10})
    moved = act("transferred", 25, "c1", to="Tư pháp", after={"c1/e": 20})
    dossier = fold("d", [filed, one, moved, two])
    assert [a["act"] for a in dossier.review[0]["against"]] == ["20.c1", "25.c1"]
    settled = fold("d", [filed, one, moved, two, act("settled", 40, counts=["20.c1", "25.c1"], overruled=["30.c2"])])
    assert (settled.code, settled.other_codes, settled.stage) == ("G15-1", ["H38-261123-0900"], Stage.PROCESSING)


def test_money_taken_twice_is_given_back_once() -> None:
    acts = [act("received", 10, payment={"state": "unpaid", "amount": 8000})]
    acts += [act("paid", 20, "c1", method="cash", amount=8000), act("paid", 21, "c2", method="cash", amount=8000)]
    assert [r["act"] for r in fold("d", acts).review] == ["21.c2"]
    back = fold("d", [*acts, act("refunded", 30, "c2", of="21.c2", amount=8000, method="cash")])
    assert (back.review, back.payment["state"]) == ([], "cash")


def test_corrections_merge_field_by_field_and_answer_a_refusal() -> None:
    acts = [
        act("received", 10, answers={"mother": {"full_name": "A"}, "place": "x"}),
        act("refused", 20, "portal", reason="thiếu"),
    ]
    acts += [act("corrected", 30, "c1", fields={"answers.mother.full_name": {"was": "A", "now": "B"}})]
    acts += [act("corrected", 31, "c2", fields={"answers.place": {"was": "x", "now": "y"}})]
    dossier = fold("d", acts)
    assert dossier.answers == {"mother": {"full_name": "B"}, "place": "y"}
    assert (dossier.refusal, dossier.verdict, dossier.review) == (None, None, [])
    assert acts[0].body == {"answers": {"mother": {"full_name": "A"}, "place": "x"}}, "what was said is never edited"
    assert [r["event"] for r in fold("d", [*acts, act("corrected", 40, fields={"code": {"now": "X"}})]).review] == ["corrected"]


GOOD: dict[str, dict[str, Any]] = {
    "transferred": {"to": "Tư pháp"},
    "payment_requested": {"amount": 8000, "name": "x", "basis": "y"},
    "corrected": {"fields": {"applicant.phone": {"was": None, "now": "0912345678"}}},
    "shelved": {"place": "Tủ 1"},
    "authorised": {"person": {"full_name": "Lù Pẳn"}},
    "paid": {"method": "cash", "amount": 8000},
    "attached": SCAN,
    "entered_elsewhere": {"system": "moc", "number": "G09-1"},
}


def test_whatever_is_offered_may_follow_and_what_may_not_follow_is_not_offered() -> None:
    offered: set[str] = set()
    for seed in range(1500):
        acts = [a for a in story(seed) if a.name != "settled"]
        before = fold("d", acts)
        whole = before.as_json() | {"procedure": {"code": "1.004873"}, "applicant": {"full_name": "Lò Ổn"}}
        whole |= {"road": {"by_hand": True}}
        may = set(possible(whole))
        offered |= may
        for name in [n for n in STEPS if n not in ("settled", "accepted", "refused", "filed", "suspended")]:
            body = GOOD.get(name, {}) | {"amount": 8000} if name in ("refunded", "paid") else GOOD.get(name, {})
            after = fold("d", [*acts, Act("c1", "e2", 1, name, 10_000, "CB001", body)])
            marked_now = any(r["at"] == 10_000 for r in after.review)
            if name in may:
                assert not marked_now, (seed, name)
            elif name not in ("received", "guided", "declined", "refunded", "paid"):  # those need more than a place
                assert marked_now, (seed, name)
    assert offered >= set(STEPS) - {"settled", "accepted", "refused", "filed", "suspended"}
