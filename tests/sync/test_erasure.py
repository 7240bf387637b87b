"""Deletion by law: the persons are gone everywhere and for good; the chain, the code, the days and the sums stay."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalogue import Catalogue
from forms.dossier import fold
from forms.erasure import EVENT, remains
from forms.example import examples
from forms.names import fold as folded
from forms.possible import possible
from forms.problem import Problem
from sync import acts, erasure, money, paperwork, recovery, vault
from sync.contact import agreed, until_empty
from sync.counter import Counter
from sync.events import GENESIS, Event, body_hash
from sync.gateway.ledger import Ledger
from sync.gateway.scans import ScanPiece
from sync.gateway_client import Traffic
from sync.group import Group
from sync.scans import attach_bytes
from sync.store import erasures, facts, log, scans
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess, enrolled, open_counter, run_sync
from tests.faults.pages import in_the_clear
from tests.sync.scan_samples import png

NAME, NUMBER, PHONE, STREET = "Quàng Thị Wộckmar", "011199033517", "0977031468", "bản Khoá Thí Điểm"
MARKS = tuple(mark.encode() for mark in (NAME, folded(NAME), "wockmar", "ockmar", NUMBER, PHONE, STREET, "Khoá Thí"))
BASIS = "Quyết định thử số 12 của toà"
WHO = "CB001"


def marked(seed: int = 1) -> dict[str, Any]:
    line = next(iter(examples(Catalogue.load(), "2.000815", None, 1, seed)))
    line["applicant"] |= {"full_name": NAME, "personal_id": NUMBER, "phone": PHONE, "address": STREET}
    return line


def ended(counter: Counter, line: dict[str, Any], scan: bytes | None = None) -> str:
    """Received, paid, with a scan, and withdrawn with words that name somebody: the dossier's id."""
    done = counter.receive(line, WHO, allow_incomplete=True, date_confirmed=True)
    attach_bytes(counter, done.id, line["papers"][0]["code"], scan or png(noise=70_000) + STREET.encode(), WHO)
    money.pay(counter, done.id, WHO, "cash")
    acts.withdraw(counter, done.id, WHO, f"{NAME} tự rút")
    return done.id


def sync(counter: Counter, gateway: GatewayProcess) -> None:
    until_empty(counter, gateway.url, time.monotonic() + 60, Traffic())


def marks_in(counter: Counter) -> list[bytes]:
    """Which marks stand anywhere in the decrypted pages of a store: used, free, and of the WAL."""
    key = vault.unlock(counter.data, vault.operators(counter.data)[0]["id"], PASSPHRASE)
    raw = in_the_clear(counter.store.file, key)
    return [mark for mark in MARKS if mark in raw]


def marks_at(gateway: GatewayProcess) -> list[bytes]:
    raw = b"".join(file.read_bytes() for file in gateway.data.iterdir() if file.is_file())
    return [mark for mark in MARKS if mark in raw]


@pytest.fixture
def open_at(tmp_path: Path) -> Iterator[Callable[[GatewayProcess, str], Counter]]:
    """Enrols and opens counters by name."""
    opened: list[Counter] = []

    def begin(gateway: GatewayProcess, name: str) -> Counter:
        enrolled(tmp_path / name, gateway, code=gateway.new_code())
        opened.append(open_counter(tmp_path / name))
        return opened[-1]

    yield begin
    for counter in opened:
        counter.close()


@pytest.fixture
def counter(hub: GatewayProcess, open_at: Callable[[GatewayProcess, str], Counter]) -> Counter:
    return open_at(hub, "a")


def test_nothing_of_the_persons_is_left_in_the_store(counter: Counter) -> None:
    line = marked()
    one = ended(counter, line)
    counter.save_draft(one, WHO, line)
    counter.save_draft("another", WHO, {"continues": one, "applicant": {"full_name": NAME}})
    before, cash = counter.dossier(one), [list(m) for m in facts.movements(counter.store, "2020", "2099")]
    assert set(MARKS) <= {*marks_in(counter), STREET.encode()}
    erasure.erase(counter, one, WHO, BASIS)
    assert marks_in(counter) == []
    after = counter.dossier(one)
    assert recovery.verify(counter.store)["problems"] == []
    assert counter.drafts() == []
    assert counter.dossiers("Wộckmar") == []
    assert [d["id"] for d in counter.dossiers(before["code"])] == [one]
    same = ("code", "stage", "received_at", "return_at", "finished_at", "register", "received_by", "channel")
    assert {k: after[k] for k in same} == {k: before[k] for k in same}
    assert after["procedure"]["code"] == before["procedure"]["code"]
    assert after["erased"]["basis"] == BASIS
    assert [r["event"] for r in after["history"]][-1] == EVENT
    money_after = [list(m) for m in facts.movements(counter.store, "2020", "2099")]
    assert [m[:-1] for m in money_after] == [m[:-1] for m in cash] != []
    assert json.dumps(remains(before)).find(NUMBER) < 0


def test_an_erased_dossier_takes_no_act_and_no_paper(counter: Counter) -> None:
    line = marked()
    one = ended(counter, line)
    erasure.erase(counter, one, WHO, BASIS)
    events = log.own_count(counter.store)
    erasure.erase(counter, one, WHO, BASIS)
    for forbidden in (
        lambda: acts.shelve(counter, one, WHO, "kệ 2"),
        lambda: attach_bytes(counter, one, line["papers"][0]["code"], png(), WHO),
        lambda: paperwork.paper(counter, one),
        lambda: counter.receive(line, WHO, allow_incomplete=True, date_confirmed=True),
    ):
        with pytest.raises(Problem, match="dossier_erased"):
            forbidden()
    assert possible(counter.dossier(one)) == ()
    assert log.own_count(counter.store) == events


def test_from_the_command_line(counter: Counter) -> None:
    one = ended(counter, marked())
    which = ("--data", str(counter.data), "--dossier", one)
    assert run_sync("erase", *which, "--basis", " ").problem["problem"] == "basis_missing"
    [line] = run_sync("erase", *which, "--basis", BASIS, check=True).lines
    assert (line["dossier"], line["erased"]["basis"]) == (one, BASIS)
    assert marks_in(counter) == []


def test_details_of_an_act_need_not_be_an_argument(counter: Counter) -> None:
    """Arguments of a process can be read by everybody on the machine."""
    done = counter.receive(marked(), WHO, allow_incomplete=True, date_confirmed=True)
    command = [sys.executable, "-m", "sync", "act", "--data", str(counter.data), "--dossier", done.id]
    details = json.dumps({"person": {"full_name": NAME}, "basis": "giấy ủy quyền số 5"})
    told = subprocess.run([*command, "--event", "authorised", "--with", "-"], input=details, text=True, cwd=ROOT, check=False)
    assert told.returncode == 0
    assert counter.dossier(done.id)["authorised"]["full_name"] == NAME


def test_only_what_has_ended_is_erased_and_only_with_a_basis(counter: Counter) -> None:
    done = counter.receive(marked(), WHO, allow_incomplete=True, date_confirmed=True)
    with pytest.raises(Problem, match="erase_not_ended"):
        erasure.erase(counter, done.id, WHO, BASIS)
    with pytest.raises(Problem, match="basis_missing"):
        erasure.erase(counter, done.id, WHO, "  ")
    assert counter.dossier(done.id)["full_name"] == NAME


def test_a_scan_that_another_dossier_names_stays(counter: Counter) -> None:
    scan = png(noise=70_000)
    one, two = ended(counter, marked(1), scan), ended(counter, marked(2), scan)
    erasure.erase(counter, one, WHO, BASIS)
    assert [s.size for s in scans.of_dossier(counter.store, two)] == [len(scan)]
    assert recovery.verify(counter.store)["ok"]
    erasure.erase(counter, two, WHO, BASIS)
    assert scans.held(counter.store) == 0
    assert recovery.verify(counter.store)["ok"]


def test_gateway_and_other_counters_forget_too(
    gateway: Callable[..., GatewayProcess], open_at: Callable[[GatewayProcess, str], Counter]
) -> None:
    here = gateway()
    a, b = open_at(here, "a"), open_at(here, "b")
    one = ended(a, marked())
    sync(a, here)
    sync(b, here)
    assert b.dossier(one)["full_name"] == NAME
    assert NAME.encode() in marks_at(here)
    attach_bytes(b, one, marked()["papers"][0]["code"], png() + NAME.encode(), WHO)  # away while the other one erases
    acts.shelve(b, one, WHO, f"kệ của {NAME}")
    erasure.erase(a, one, WHO, BASIS)
    for counter in (a, b, a):
        sync(counter, here)
    assert marks_at(here) == marks_in(a) == marks_in(b) == []
    for counter in (a, b):
        assert recovery.verify(counter.store)["problems"] == []
        assert agreed(counter)
        assert scans.held(counter.store) == 0
    assert a.dossier(one) == b.dossier(one) | {"delivery": a.dossier(one)["delivery"]}
    assert [e.body for e in log.read(b.store, b.counter_id, b.epoch) if e.dossier == one] == [None, None]
    report = here.run("gateway-report")[0]
    assert not any(e["gaps"] for c in report["counters"].values() for e in c["epochs"])
    assert here.run("gateway-dossiers", "--id", one)[0]["history"] == a.dossier(one)["history"]


def test_a_counter_that_comes_later_never_hears_of_the_persons(
    gateway: Callable[..., GatewayProcess], open_at: Callable[[GatewayProcess, str], Counter]
) -> None:
    here = gateway()
    a = open_at(here, "a")
    one = ended(a, marked())
    erasure.erase(a, one, WHO, BASIS)  # before its first contact
    sync(a, here)
    late = open_at(here, "late")
    sync(late, here)
    assert late.dossier(one)["code"] == a.dossier(one)["code"]
    assert late.dossier(one)["erased"]["basis"] == BASIS
    assert marks_at(here) == marks_in(late) == []
    assert recovery.verify(late.store)["ok"]


@pytest.mark.parametrize("beside", [True, False])
def test_a_restore_does_not_bring_them_back(counter: Counter, tmp_path: Path, beside: bool) -> None:
    one, two = ended(counter, marked(1)), ended(counter, marked(2))
    key = vault.unlock(counter.data, vault.operators(counter.data)[0]["id"], PASSPHRASE)
    recovery.backup(counter, key, tmp_path / "copy.zip")
    erasure.erase(counter, one, WHO, BASIS)
    counter.close()
    if not beside:
        (counter.data / erasure.FILE).unlink()  # another folder: the user's state folder remembers as well
    recovery.restore(tmp_path / "copy.zip", counter.data, None, lambda _folder: PASSPHRASE, counter.clock())
    with closing(open_counter(counter.data)) as again:
        assert again.dossier(one)["applicant"] == {}
        assert again.dossier(two)["full_name"] == NAME
        assert erasures.all_of(again.store) == [one]
        assert recovery.verify(again.store)["problems"] == []
        acts.shelve(again, two, WHO, "kệ 1")
    copies = [file for file in counter.data.rglob("*") if file.is_file() and "before-restore" not in str(file)]
    assert not any(mark in file.read_bytes() for file in copies for mark in MARKS)


def test_a_repair_does_not_bring_them_back(counter: Counter, tmp_path: Path) -> None:
    one = ended(counter, marked())
    key = vault.unlock(counter.data, vault.operators(counter.data)[0]["id"], PASSPHRASE)
    recovery.backup(counter, key, tmp_path / "copy.zip")
    erasure.erase(counter, one, WHO, BASIS)
    after = counter.dossier(one)
    counter.close()
    done = recovery.repair(tmp_path / "copy.zip", counter.data, key, counter.clock())
    assert done["salvaged"] >= 1, "the erasure itself was done since that back-up"
    with closing(open_counter(counter.data)) as again:
        assert again.dossier(one)["code"] == after["code"]
        assert again.dossier(one)["applicant"] == {}
        assert marks_in(again) == []
        assert recovery.verify(again.store)["problems"] == []


def test_a_fork_keeps_an_erased_body_away(counter: Counter) -> None:
    from sync.epochs import begin_fork

    one = ended(counter, marked())
    parent = counter.epoch
    erasure.erase(counter, one, WHO, BASIS)
    begin_fork(counter.store, counter.counter_id, parent, 1, counter.clock())
    assert marks_in(counter) == []
    assert counter.dossier(one)["code"]
    assert recovery.verify(counter.store)["problems"] == []


# The gateway alone


class Told:
    """A counter of a commune, as the gateway hears it."""

    def __init__(self, ledger: Ledger, commune: str, name: str) -> None:
        self.ledger, self.commune, self.name, self.number, self.head = ledger, commune, name, 0, GENESIS

    def say(self, dossier: str, event: str, body: dict[str, Any]) -> None:
        secret, self.number = self.name.encode().ljust(16, b".") + dossier.encode(), self.number + 1
        digest = body_hash(secret, "e", self.number, body)
        told = Event(self.name, "e", self.number, dossier, event, self.number << 12, WHO, self.head, digest, body)
        self.head = told.hash
        self.ledger.store(lambda batch: batch.add_group(self.commune, Group((told,), {dossier: secret.hex()})))

    def send(self, sha256: str, data: bytes) -> None:
        self.ledger.store(lambda batch: batch.add_scan(ScanPiece(self.commune, sha256, len(data), 0, data)))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path / "gateway")) as ledger:
        for unit, area in (("H38.27.09", "02680"), ("H38.27.10", "02683")):
            ledger.add_commune({"unit": unit, "area": area, "name": unit})
        yield ledger


def test_only_a_commune_of_the_dossier_may_erase_it(ledger: Ledger) -> None:
    ours, others = Told(ledger, "H38.27.09", "one"), Told(ledger, "H38.27.10", "two")
    ours.say("d", "received", {"code": "H38.27.09-261128-0001", "applicant": {"full_name": NAME}})
    others.say("", EVENT, {"dossier": "d", "basis": BASIS})
    found = ledger.dossier("d")
    assert found is not None
    assert found.applicant == {"full_name": NAME}
    assert ledger.feed_head("H38.27.09") == 1  # who has no part in it is not heard
    ours.say("", EVENT, {"dossier": "d", "basis": BASIS})
    found = ledger.dossier("d")
    assert found is not None
    assert found.applicant == {}
    assert found.erased == {"basis": BASIS, "asked_at": ""}


def test_the_erasure_goes_wherever_the_dossier_went(ledger: Ledger) -> None:
    ours, others = Told(ledger, "H38.27.09", "one"), Told(ledger, "H38.27.10", "two")
    ours.say("d", "received", {"code": "H38.27.09-261128-0001", "competent": {"unit": "02683"}})
    others.say("", EVENT, {"dossier": "d", "basis": BASIS})
    assert [e.name for _, e in ledger.feed("H38.27.09", 0, 9)] == ["received", EVENT]
    assert [e.name for _, e in ledger.feed("H38.27.10", 0, 9)] == ["received", EVENT]


def test_a_scan_is_asked_for_again_when_a_living_dossier_names_it(ledger: Ledger) -> None:
    import hashlib

    ours, data = Told(ledger, "H38.27.09", "one"), png(noise=5_000)
    sha256 = hashlib.sha256(data).hexdigest()
    said = {"sha256": sha256, "size": len(data), "paper": "P1"}
    ours.say("d", "received", {"code": "x"})
    ours.say("d", "attached", said)
    ours.send(sha256, data)
    ours.say("", EVENT, {"dossier": "d", "basis": BASIS})
    assert ledger.scan("H38.27.09", sha256) == b""
    ours.send(sha256, data)  # a counter that has not heard
    assert ledger.scan("H38.27.09", sha256) == b""
    assert ledger.scan_held("H38.27.09", sha256) == len(data)  # it need not send it
    ours.say("d2", "received", {"code": "y"})
    ours.say("d2", "attached", said)
    assert ledger.scan_held("H38.27.09", sha256) == 0
    ours.send(sha256, data)
    assert ledger.scan("H38.27.09", sha256) == data


# The fold

_NAMES = (
    "received",
    "attached",
    "withdrawn",
    "paid",
    "corrected",
    "finished",
    "returned",
    "settled",
    "accepted",
    "refused",
    "what",
)


@given(
    st.lists(st.tuples(st.sampled_from(_NAMES), st.integers(1, 50), st.booleans()), max_size=12),
    st.integers(1, 60),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda one: st.lists(one) | st.dictionaries(st.text(max_size=5), one)
    ),
)
def test_a_fold_takes_events_without_bodies_in_any_order(events: list[tuple[str, int, bool]], at: int, kept: Any) -> None:
    kinds = [Event("c", "e", n, "d", name, when << 12, WHO, "", "", None if bare else {"code": "X", "at": "y"})
             for n, (name, when, bare) in enumerate(events, 1)]  # fmt: skip
    told = Event("c", "e", 99, "", EVENT, at << 12, WHO, "", "", {"dossier": "d", "basis": BASIS, "kept": kept})
    found = fold("d", [*kinds, told])
    assert found.erased is not None
    assert len(found.history) == len(events) + 1
    whole = Event("c", "e", 99, "", EVENT, at << 12, WHO, "", "", {"dossier": "d", "kept": {"code": "K", "stage": "returned"}})
    assert (fold("d", [*kinds, whole]).code, fold("d", [*kinds, whole]).stage) == ("K", "returned")
    assert fold("d", [*kinds, told]) == fold("d", [told, *reversed(kinds)])
