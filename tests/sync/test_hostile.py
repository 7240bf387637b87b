"""What a broken, newer or hostile counter may write, and what it may not do by it."""

import json
import random
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.steps import STEPS
from sync import acts, intake, money, recovery, reporting
from sync.contact import until_empty
from sync.counter import Counter, vietnam_now
from sync.events import Event, body_hash, hybrid
from sync.gateway_client import Traffic
from sync.store import log, projection
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.sync.test_desk import ELSEWHERE

CATALOGUE = Catalogue.load()
_NUMBERS: list[Any] = [None, True, 5, -1, 10**30, 0.5]
_TEXTS: list[Any] = ["", "x", "9999-12-31T23:59:59+07:00", "0001-01-01", "ẩ" * 50]
_SHAPES: list[Any] = [[], [1], ["a", 3], {}, {"a": 1}, [[1, 2], ["a", 3]]]
ODD = _NUMBERS + _TEXTS + _SHAPES
KEYS = (
    "at return_at amount method of official_code person fields items papers to unit place receiver results payment code register"
    " applicant answers procedure received_at competent return_to counts overruled after filed_at event"
).split()


def line(code: str = "1.004873", seed: int = 5, **more: Any) -> dict[str, Any]:
    return next(examples(CATALOGUE, code, None, 1, seed)) | {"id": str(uuid.uuid4())} | more


@pytest.fixture
def counter(tmp_path: Path, hub: GatewayProcess) -> Iterator[Counter]:
    enrolled(tmp_path / "counter", hub, code=hub.new_code())
    found = open_counter(tmp_path / "counter")
    yield found
    found.close()


class Other:
    """Another counter's log, written by hand into a store as if it had come in the feed."""

    def __init__(self, store: Any, name: str = "other") -> None:
        self.store, self.name, self.epoch, self.head, self.number = store, name, "e1", "0" * 64, 0

    def write(self, dossier: str, name: str, body: Any, at: int | None = None) -> str:
        when = at if at is not None else hybrid(round(time.time() * 1000) + 1000) + self.number
        secret, self.number = secrets.token_bytes(16), self.number + 1
        digest = body_hash(secret, self.epoch, self.number, body)
        event = Event(self.name, self.epoch, self.number, dossier, name, when, "CB009", self.head, digest, body)
        self.head = event.hash
        with self.store.write():
            log.keep_secret(self.store, self.name, self.epoch, dossier, secret)
            log.add_heard(self.store, event)
            projection.project(self.store, dossier)
        return f"{when}.{self.name}"


def test_no_body_stops_a_store_from_hearing_showing_or_opening(counter: Counter, tmp_path: Path) -> None:
    rng, other = random.Random(9), Other(counter.store)
    ids = [counter.receive(line(seed=n), "CB001", date_confirmed=True).id for n in range(3)] + [
        str(uuid.uuid4()) for _ in range(3)
    ]
    for _ in range(400):
        name = rng.choice([*STEPS, "something_newer"])
        body = {k: rng.choice(ODD) for k in rng.sample(KEYS, k=rng.randint(0, 8))}
        other.write(rng.choice(ids), name, body)
    for one in ids:
        assert counter.dossier(one)["id"] == one
    assert isinstance(counter.tasks(), list) and isinstance(counter.chips(), dict) and counter.dossiers("x") is not None
    for kind in ("ii06a", "766", "cash", "register"):
        reporting.make(counter, kind, vietnam_now().date() - timedelta(days=1), vietnam_now().date())
    with counter.store.write():
        counter.store.set_meta(fold=1)
    counter.close()
    again = open_counter(tmp_path / "counter")  # folds everything anew
    assert len(again.dossiers(limit=-1)) == len(ids)
    again.close()


def test_naming_an_act_does_not_take_it_back(counter: Counter) -> None:
    which = counter.receive(line("2.000635", payment={"method": "cash"}), "CB001", date_confirmed=True).id
    acts.shelve(counter, which, "CB001", "Tủ 1")
    before = counter.dossier(which)
    Other(counter.store).write(which, "settled", {"overruled": [h["act"] for h in before["history"]]})
    after = counter.dossier(which)
    assert {k: after[k] for k in ("stage", "code", "shelf", "payment", "review")} == {
        k: before[k] for k in ("stage", "code", "shelf", "payment", "review")
    }


def test_money_taken_at_two_windows_never_costs_the_reception(counter: Counter) -> None:
    which = counter.receive(line("2.000635", payment={"method": "transfer"}), "CB001", date_confirmed=True).id
    money.pay(counter, which, "CB001", "cash")
    owed = counter.dossier(which)["payment"]["amount"]
    act = Other(counter.store).write(which, "paid", {"method": "cash", "amount": owed})
    marked = counter.dossier(which)["review"]
    assert [(r["event"], [a["event"] for a in r["against"]]) for r in marked] == [("paid", ["paid"])]
    acts.settle(counter, which, "CB001", act, "act")
    after = counter.dossier(which)
    assert (after["stage"], after["review"], after["payment"]["state"]) == ("received", [], "cash")
    assert after["code"], "the printed code stands"


def test_money_taken_twice_goes_back_once_and_no_more(counter: Counter) -> None:
    which = counter.receive(line("2.000635", payment={"method": "cash"}), "CB001", date_confirmed=True).id
    act = Other(counter.store).write(which, "paid", {"method": "cash", "amount": 8000})
    assert counter.dossier(which)["review"][0]["against"] == []
    money.refund(counter, which, "CB001", "Thu hai lần", of=act)
    with pytest.raises(Problem, match="not_now"):
        money.refund(counter, which, "CB001", "Lần nữa", of=act)
    found = reporting.make(counter, "cash", vietnam_now().date(), vietnam_now().date())
    assert found.checks and all(c.holds for c in found.checks)


def test_a_first_fee_is_owed_again_when_the_second_is_paid(counter: Counter) -> None:
    which = counter.receive(line("2.000635", payment={"method": "later"}), "CB001", date_confirmed=True).id
    first = counter.dossier(which)["payment"]["amount"]
    money.request_payment(counter, which, "CB001", 150_000, "Phí xác minh", "Nghị quyết số 9")
    money.pay(counter, which, "CB001", "cash")
    assert (counter.dossier(which)["payment"]["state"], counter.dossier(which)["payment"]["amount"]) == ("unpaid", first)
    money.pay(counter, which, "CB001", "cash")
    assert money.drawer(counter, "CB001")["cash"] == first + 150_000
    for _ in range(2):
        money.refund(counter, which, "CB001", "Rút hồ sơ")
    with pytest.raises(Problem, match="not_now"):
        money.refund(counter, which, "CB001", "Rút hồ sơ")
    assert money.drawer(counter, "CB001")["expected"] == 0


def test_the_drawer_holds_what_came_after_its_last_close_whatever_the_clock_says(tmp_path: Path, hub: GatewayProcess) -> None:
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    now = [vietnam_now()]
    counter = open_counter(tmp_path / "c", clock=lambda: now[0])
    money.close_drawer(counter, "CB001", 0)
    now[0] -= timedelta(minutes=5)  # somebody set the clock right
    counter.receive(line("2.000635", payment={"method": "cash"}), "CB001", date_confirmed=True)
    early = (now[0] - timedelta(days=2)).isoformat()
    counter.receive(line("2.000635", 6, payment={"method": "cash"}, received_at=early), "CB001")
    assert money.drawer(counter, "CB001")["cash"] == sum(
        counter.dossier(r["id"])["payment"]["amount"] for r in counter.dossiers(limit=-1)
    )
    counter.close()


def test_a_declined_dossier_is_not_received_and_takes_no_number(counter: Counter) -> None:
    typed = line()
    intake.decline(counter, typed, "CB001", "Không thuộc thẩm quyền")
    with pytest.raises(Problem, match="not_now"):
        counter.receive(typed, "CB001", date_confirmed=True)
    other = counter.receive(line(seed=8), "CB001", date_confirmed=True)
    assert other.code.endswith("1"), "the number was not lost"


def test_another_name_with_the_owners_number_needs_authority(counter: Counter) -> None:
    which = counter.receive(line(), "CB001", date_confirmed=True).id
    acts.finish(counter, which, "CB001")
    owner = counter.dossier(which)["applicant"]
    with pytest.raises(Problem, match="authority_missing"):
        acts.hand_over(counter, which, "CB001", {"receiver": {"full_name": "Lù Thị Pẳn", "personal_id": owner["personal_id"]}})
    acts.hand_over(
        counter, which, "CB001", {"receiver": {"full_name": owner["full_name"].upper(), "personal_id": owner["personal_id"]}}
    )


def test_the_same_act_from_a_forked_log_counts_once(counter: Counter) -> None:
    which = counter.receive(line(), "CB001", date_confirmed=True).id
    one, two = Other(counter.store, "fork"), Other(counter.store, "fork")
    two.epoch, at = "e2", hybrid(round(time.time() * 1000) + 5000)
    one.write(which, "supplement_requested", {"items": []}, at)
    two.write(which, "supplement_requested", {"items": []}, at)
    after = counter.dossier(which)
    assert (after["stage"], after["supplements"], after["review"]) == ("supplement", 1, [])
    assert len({h["act"] for h in after["history"]}) == len(after["history"]) == 3


def test_a_date_given_apart_is_noticed_whatever_else_was_done_meanwhile(counter: Counter) -> None:
    which = counter.receive(line(), "CB001", date_confirmed=True).id
    at = hybrid(round(time.time() * 1000))
    other = Other(counter.store)
    base = counter.dossier(which)["history"][-1]
    heard = {f"{base['counter']}/{counter.epoch}": 1}
    later = vietnam_now() + timedelta(days=30)
    acts.extend(
        counter,
        which,
        "CB001",
        next(later + timedelta(days=n) for n in range(9) if counter.calendar.is_working((later + timedelta(days=n)).date())),
        "Chờ",
    )
    other.write(which, "shelved", {"place": "Tủ 2", "after": heard}, at + (60_000 << 12))
    other.write(which, "extended", {"return_at": "2031-01-02T17:00:00+07:00", "after": heard}, at + (61_000 << 12))
    assert [r["why"] for r in counter.dossier(which)["review"]] == ["unseen"]


def meet(counter: Counter, hub: GatewayProcess) -> None:
    until_empty(counter, hub.url, time.monotonic() + 60, Traffic())


def test_a_commune_hears_nothing_of_a_dossier_by_naming_it_and_counts_only_its_own(
    tmp_path: Path, gateway: Callable[..., GatewayProcess]
) -> None:
    file = tmp_path / "communes.json"
    file.write_text(json.dumps({"communes": [ELSEWHERE]}, ensure_ascii=False), "utf-8")
    hub = gateway("--communes", str(file))
    enrolled(tmp_path / "here", hub)
    enrolled(tmp_path / "there", hub, "Vàng A Páo", code=hub.run("enrol-code", "--commune", "H38.27.10")[0]["enrol_code"])
    here, there = open_counter(tmp_path / "here"), open_counter(tmp_path / "there")
    secret = here.receive(line(seed=3), "CB001", date_confirmed=True).id
    shared = here.receive(
        line("2.000635", 4, payment={"method": "cash"}, competent={"unit": "02683", "name": "xã Bản Qua"}), "CB001"
    )
    meet(here, hub)
    with there.store.write():
        there.act(secret, "noise", "CB001", {})
    meet(there, hub)
    assert [h["event"] for h in there.dossier(secret)["history"]] == ["noise"]
    acts.correct(here, secret, "CB001", {"applicant.phone": "0912345678"})
    meet(here, hub)
    meet(there, hub)
    assert there.dossier(secret)["applicant"] == {}
    assert [h["event"] for h in here.dossier(secret)["history"]] == ["received", "corrected"], "nor are its words heard"
    assert there.dossier(shared.id)["code"] == shared.code
    today = vietnam_now().date()
    for kind in ("cash", "clerks", "ii06a", "register"):
        made = reporting.make(there, kind, today, today)
        assert all(getattr(c, "value", 0) == 0 for c in made.total[2:]), kind
    assert recovery.verify(there.store)["ok"]
    here.close()
    there.close()
