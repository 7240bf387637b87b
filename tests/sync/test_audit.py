"""What operators saw and printed: a chain that a changed or shortened one cannot pass for, anchored at the gateway."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from forms.audit_words import ACTS, SEEN
from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.stages import MAY
from sync import audit, money, recovery, vault
from sync.contact import Road
from sync.counter import Counter, vietnam_now
from sync.events import ANCHORED
from sync.store import Store, log
from sync.store import audit as rows
from sync.store.audit import Asked
from sync.store.migrations import MIGRATIONS
from sync.store.opening import FILE
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.cared import Moved

CATALOGUE = Catalogue.load()


@pytest.fixture
def later() -> Moved:
    return Moved()


@pytest.fixture
def counter(data: Path, later: Moved) -> Iterator[Counter]:
    one = open_counter(data, later)
    yield one
    one.close()


def receive(counter: Counter, seed: int = 1) -> str:
    line = next(examples(CATALOGUE, "2.000815", None, 1, seed))
    return counter.receive(line | {"id": f"{counter.counter_id}-{seed}"}, "CB001", date_confirmed=True).id


def sync(counter: Counter) -> None:
    road = Road(counter, counter.gateway_url)
    try:
        while not road.contact(time.monotonic() + 30)[1]:
            pass
    finally:
        road.close()


def everything(counter: Counter, **more: Any) -> list[dict[str, Any]]:
    """All pages of a look, one after the other."""
    now, place, found = counter.clock(), (0, 0), list[dict[str, Any]]()
    while True:
        wanted = Asked(now - timedelta(days=9), now + timedelta(days=9), **more)
        page, place = rows.page(counter.store, wanted, place, 7)
        found += page
        if not page:
            return found


def did(counter: Counter) -> list[str]:
    return [row["did"] for row in everything(counter) if not row["act"]]


def test_a_view_is_noted_once_in_five_minutes_and_a_print_each_time(counter: Counter, later: Moved) -> None:
    one = receive(counter)
    for _ in range(3):
        audit.note_once(counter, "CB001", "viewed", one)
        counter.log_print(one, "receipt", "CB001")
    audit.note_once(counter, "CB002", "viewed", one)
    later.by = timedelta(minutes=6)
    audit.note_once(counter, "CB001", "viewed", one)
    assert sorted(did(counter)) == ["printed"] * 3 + ["viewed"] * 3
    assert counter.printed(one, "receipt") == 3
    assert recovery.verify(counter.store)["ok"]


CHANGES = {
    "a person": "UPDATE audit SET operator = 'CB009' WHERE n = 2",
    "a row": "DELETE FROM audit WHERE n = 2",
    "the end": "DELETE FROM audit WHERE n > 2",
    "all of it": "DELETE FROM audit",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_a_changed_or_shortened_audit_is_a_problem(counter: Counter, statement: str) -> None:
    one = receive(counter)
    for name in ("viewed", "printed", "searched"):
        audit.note(counter, "CB001", name, one)
    audit.left(counter, "CB001", "locked")
    assert recovery.verify(counter.store)["ok"]
    with counter.store.write() as db:
        db.execute(statement)
    assert any("audit" in p for p in recovery.verify(counter.store)["problems"])
    assert not audit.state(counter)["whole"]


def test_a_chain_made_anew_does_not_fit_its_anchor(counter: Counter) -> None:
    one = receive(counter)
    audit.note(counter, "CB001", "viewed", one)
    audit.left(counter, "CB001", "locked")
    with counter.store.write() as db:
        db.execute("DELETE FROM audit")
        for name in ("searched", "locked"):  # as somebody with the key and this program could
            rows.append(counter.store, "CB001", name, counter.clock())
    [problem] = recovery.verify(counter.store)["problems"]
    assert "anchor" in problem


def test_the_head_is_anchored_when_somebody_leaves_and_each_day_and_reaches_the_gateway(counter: Counter, later: Moved) -> None:
    one = receive(counter)
    audit.note(counter, "CB001", "viewed", one)
    sync(counter)
    assert counter.status()["waiting"] == 0, "who only reads makes nothing to send"
    assert audit.state(counter)["anchored"] is None
    for _ in range(3):
        audit.left(counter, "CB001", "locked")  # the window locks itself again and again
    assert counter.status()["waiting"] == 1
    audit.left(counter, "CB001", "signed_out")
    before = counter.status()
    assert before["waiting"] == 2
    sync(counter)
    assert counter.status()["waiting"] == 0
    assert audit.state(counter)["anchored"] is not None
    later.by = timedelta(hours=30)
    audit.note(counter, "CB001", "viewed", one)
    assert counter.status()["events"] == before["events"], "a day after the first row without an anchor, not before"
    later.by = timedelta(hours=60)
    audit.note(counter, "CB001", "viewed", one)
    assert counter.status()["events"] == before["events"] + 1
    assert len(rows.anchors(counter.store)) == 3
    assert recovery.verify(counter.store)["ok"]


def test_an_anchor_disturbs_nothing_else(counter: Counter, tmp_path: Path, hub: GatewayProcess) -> None:
    one = receive(counter)
    audit.left(counter, "CB001", "locked")
    assert counter.rules.rows == {}
    assert counter.tasks() == []
    assert money.drawer(counter, "CB001")["since"] is None
    assert [r["id"] for r in counter.dossiers()] == [one]
    sync(counter)
    enrolled(tmp_path / "other", hub, "Nông Văn Dự", hub.new_code())
    other = open_counter(tmp_path / "other")
    sync(other)
    assert recovery.verify(other.store)["ok"], "an anchor of another counter is no anchor of this one's audit"
    assert len(log.of_counters(other.store, ANCHORED)) >= 1
    other.close()


def test_after_a_restore_the_audit_goes_on_and_only_the_lost_life_is_left_out(
    counter: Counter, data: Path, tmp_path: Path
) -> None:
    one = receive(counter)
    audit.note(counter, "CB001", "viewed", one)
    audit.left(counter, "CB001", "locked")
    run_sync("backup", "--data", str(data), "--to", str(tmp_path / "box"), check=True)
    for _ in range(3):
        audit.note(counter, "CB001", "viewed", one)
    audit.left(counter, "CB001", "signed_out")
    sync(counter)
    counter.close()
    run_sync("restore", "--data", str(data), "--from", str(tmp_path / "box"), check=True)
    again = open_counter(data)
    sync(again)  # the anchor of the lost life comes back from the gateway
    audit.note(again, "CB001", "viewed", one)
    audit.left(again, "CB001", "locked")
    assert recovery.verify(again.store)["problems"] == []
    with again.store.write() as db:
        db.execute("DELETE FROM audit WHERE n > 1")
    assert recovery.verify(again.store)["problems"] != []
    again.close()


def test_a_repair_brings_what_was_seen_since_the_backup(counter: Counter, data: Path, tmp_path: Path) -> None:
    key = vault.unlock(data, "CB001", PASSPHRASE)
    recovery.backup(counter, key, tmp_path / "box")
    one = receive(counter)
    audit.note(counter, "CB001", "viewed", one)
    audit.left(counter, "CB001", "locked")
    kept = rows.head(counter.store)
    counter.close()
    recovery.repair(tmp_path / "box", data, key, vietnam_now())
    again = open_counter(data)
    assert rows.row(again.store, kept.n) == kept
    assert rows.head(again.store).did == "restored"
    assert recovery.verify(again.store)["problems"] == []
    again.close()


def test_prints_of_an_older_store_are_the_beginning_of_the_chain(tmp_path: Path) -> None:
    store = Store.open(tmp_path / FILE, bytes(32), create=True)
    db = store.db
    db.execute("DROP TABLE audit")
    db.execute("CREATE TABLE prints(dossier TEXT NOT NULL, paper TEXT NOT NULL, at TEXT NOT NULL, operator TEXT NOT NULL)")
    for place in range(3):
        db.execute("INSERT INTO prints VALUES ('d', 'receipt', ?, 'CB001')", (f"2026-11-2{place}T08:00:00+07:00",))
    db.execute("DROP INDEX events_at")
    db.execute("DROP INDEX events_of_counters")
    next(m.fn for m in MIGRATIONS._migrations if m.name == "0005_audit")(Database(db.conn))
    assert rows.problems(store) == []
    assert [r.did for r in rows.of_dossier(store, "d")] == ["printed"] * 3
    assert rows.printed(store, "d", "receipt") == 3
    store.close()


def test_pages_join_acts_and_views_and_each_comes_once(counter: Counter) -> None:
    ids = [receive(counter, seed) for seed in range(1, 6)]
    for one in ids:
        audit.note(counter, "CB001", "viewed", one)
        audit.note(counter, "CB002", "printed", one, "receipt")
    audit.left(counter, "CB001", "locked")
    found = everything(counter)
    assert [r["at"] for r in found] == sorted((r["at"] for r in found), reverse=True)
    assert len(found) == 5 + 10 + 1 + 2  # receptions, views and prints, the lock, the start of the log and the anchor
    assert {r["did"] for r in everything(counter, kinds=("printed",))} == {"printed"}
    assert {r["operator"] for r in everything(counter, operator="CB002")} == {"CB002"}
    code = counter.dossier(ids[0])["code"]
    asked = audit.asked(counter, Asked(*audit.day_span(vietnam_now().date(), vietnam_now().date())), code)
    for _ in range(3):
        audit.look(counter, "CB001", asked)
    page, _ = audit.page(counter, "CB001", asked)
    assert sorted(r["did"] for r in page) == ["printed", "received", "viewed"]
    assert {r["code"] for r in page} == {code}
    assert did(counter).count("audit_read") == 1, "who reads it stands in it"


def test_only_some_roles_may_read_it(counter: Counter) -> None:
    with counter.store.write():
        counter.act("", "operator_set", "CB001", {"id": "CB077", "name": "Lò Thị Mới", "roles": ["clerk"]})
    now = counter.clock()
    with pytest.raises(Problem, match="not_allowed"):
        audit.page(counter, "CB077", Asked(now, now))
    with pytest.raises(Problem, match="not_allowed"):
        audit.look(counter, "CB077", Asked(now, now))


def test_the_headless_face_notes_what_it_shows(counter: Counter, data: Path) -> None:
    one = receive(counter)
    run_sync("dossiers", "--data", str(data), "--id", one, check=True)
    run_sync("dossiers", "--data", str(data), "--search", "nguyen", check=True)
    events = counter.status()["events"]
    lines = run_sync("audit", "--data", str(data), "--did", "viewed", "--dossier", one, check=True).lines
    assert [line["did"] for line in lines[:-1]] == ["viewed"]
    assert lines[-1]["state"]["whole"]
    assert counter.status()["events"] == events, "who only reads makes no act"
    assert did(counter).count("searched") == 1
    assert "nguyen" not in str(everything(counter))


def test_every_act_and_every_row_has_words() -> None:
    assert set(SEEN) == set(rows.DID)
    assert set(MAY) - set(ACTS) == set()
