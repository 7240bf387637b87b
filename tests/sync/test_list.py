"""The list of a store: what is found, by a plain recount; pages that neither repeat nor forget; the same person twice."""

import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.names import fold
from sync import acts, recovery
from sync.counter import Counter, vietnam_now
from sync.store import dossiers, facts
from sync.store.dossiers import CHIPS, Wanted
from tests.conftest import GatewayProcess, enrolled, open_counter

CATALOGUE = Catalogue.load()
CODES = ("1.004873", "2.000635", "1.001193", "2.000815")
NUMBER = 60


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A store of sixty dossiers of the last fortnight, in many stages; ids in the order of reception."""
    monkey, folder = pytest.MonkeyPatch(), tmp_path_factory.mktemp("list")
    monkey.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkey.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    hub = GatewayProcess(folder / "gateway")
    enrolled(folder / "counter", hub)
    hub.stop()
    rng, ids, now = random.Random(3), [], [vietnam_now()]
    counter = open_counter(folder / "counter", clock=lambda: now[0])
    for n in range(NUMBER):
        now[0] = vietnam_now() - timedelta(days=14 * (1 - n / NUMBER))
        line = next(examples(CATALOGUE, rng.choice(CODES), None, 1, n)) | {"id": str(uuid.uuid4())}
        ids.append(counter.receive(line, "CB001", date_confirmed=True).id)
        fate = rng.random()
        if fate < 0.2:
            acts.transfer(counter, ids[-1], "CB001", "Tư pháp")
        elif fate < 0.35:
            acts.request_supplement(counter, ids[-1], "CB001", [{"paper": "TK", "name": "x", "reason": "y", "basis": "z"}])
        elif fate < 0.6:
            acts.finish(counter, ids[-1], "CB001")
            if fate < 0.5:
                acts.hand_over(counter, ids[-1], "CB001", {})
    counter.close()
    yield folder / "counter", ids
    monkey.undo()


@pytest.fixture
def counter(world: tuple[Path, list[str]]) -> Iterator[Counter]:
    found = open_counter(world[0], writes=False)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _state(world: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(world[0].parent / "state"))


def whole(counter: Counter) -> list[dict[str, Any]]:
    return [counter.dossier(r["id"]) for r in counter.dossiers(limit=-1)]


def test_every_word_and_number_of_a_dossier_finds_it_and_nothing_else_does(counter: Counter) -> None:
    everything = whole(counter)
    for one in everything[::5]:
        who = one["applicant"]
        tail = one["code"].split("-")
        searches = [who["full_name"], fold(who["full_name"]).upper(), who["personal_id"], who["personal_id"][:7], who["phone"]]
        searches += [one["code"], "-".join(tail[1:]), tail[2], f"{one['code']}|{one['procedure']['code']}|x|Mẫu số 01"]
        searches += [
            " ".join(who["phone"][i : i + 3] for i in (0, 3, 6)),
            one["procedure"]["code"],
            who["full_name"].split()[0][:1],
        ]
        for words in searches:
            assert one["id"] in [r["id"] for r in counter.dossiers(words, limit=-1)], words
    wanted = fold("nguyễn")
    found = {r["id"] for r in counter.dossiers("NGUYỄN", limit=-1)}
    assert found == {d["id"] for d in everything if wanted in f" {fold(str(d['applicant']) + str(d['answers']))}"}


@pytest.mark.parametrize(
    "words",
    ['"', "'; DROP TABLE dossiers; --", "*", "a* OR b", "%", "_", "(", "NEAR(a b)", "ẩ" * 500, "😀", "\x00", "-", "|", "a|b"],
)
def test_no_search_breaks_the_list(counter: Counter, words: str) -> None:
    for chip in ("", "today"):
        assert isinstance(counter.dossiers(Wanted(words, chip)), list)


def test_pages_neither_repeat_nor_forget_and_the_newest_comes_first(counter: Counter, world: tuple[Path, list[str]]) -> None:
    pages = [counter.dossiers(Wanted(), offset, 7) for offset in range(0, NUMBER, 7)]
    ids = [r["id"] for page in pages for r in page]
    assert ids == world[1][::-1]
    wanted = Wanted(ids=tuple(world[1][:10]))
    assert [r["id"] for r in counter.dossiers(wanted)] == world[1][:10][::-1]
    assert len({r["id"] for o in (0, 4, 8) for r in counter.dossiers(wanted, o, 4)}) == 10


def test_each_chip_shows_what_it_counts_and_what_a_recount_finds(counter: Counter) -> None:
    counts, today, everything = counter.chips(), counter.clock().date().isoformat(), whole(counter)
    running = ("received", "processing")
    by_hand = {
        "today": [d for d in everything if d["received_at"][:10] == today],
        "late": [d for d in everything if d["stage"] in running and d["return_at"] and d["return_at"][:10] < today],
        "due": [d for d in everything if d["stage"] in running and d["return_at"] and d["return_at"][:10] == today],
        "supplement": [d for d in everything if d["stage"] == "supplement"],
        "ready": [d for d in everything if d["stage"] == "finished"],
        "unsent": everything,
        "review": [],
    }
    for chip in CHIPS:
        rows = {r["id"] for r in counter.dossiers(Wanted(chip=chip), limit=-1)}
        assert len(rows) == counts[chip], chip
        if chip in by_hand:
            assert rows == {d["id"] for d in by_hand[chip]}, chip
    late = [r["return_at"] for r in counter.dossiers(Wanted(chip="late"), limit=-1)]
    assert late == sorted(late), "the longest overdue first"
    assert all(r["stage"] == "finished" for r in counter.dossiers(Wanted(stage="finished"), limit=-1))


def test_the_same_person_for_the_same_procedure_is_noticed(counter: Counter, world: tuple[Path, list[str]]) -> None:
    one = counter.dossier(world[1][-1])
    line = {"id": "new", "procedure": one["procedure"]["code"], "applicant": one["applicant"]}
    assert [d["id"] for d in counter.alike(line)] == [one["id"]]
    assert counter.alike(line | {"id": one["id"]}) == [], "not of itself"
    assert counter.alike(line | {"procedure": "1.000894"}) == []


def test_facts_and_register_are_those_of_the_folds(counter: Counter) -> None:
    first, last = "2000-01-01", "2100-01-01"
    found = {f.id: f for f in facts.facts(counter.store, first, last, lambda _c, _n: "Hộ tịch")}
    for one in whole(counter):
        fact = found[one["id"]]
        assert (fact.code, fact.stage, fact.supplements) == (one["code"], one["stage"], one["supplements"])
        assert (fact.received_at, fact.finished_at, fact.returned_at) == (
            one["received_at"],
            one["finished_at"],
            one["returned_at"],
        )
        assert [list(p) for p in fact.pauses] == one["pauses"]
        assert fact.ended == ("finished" if one["stage"] == "returned" else one["stage"] if one["finished_at"] else "")
    lines = [d["register"] for d in facts.received_between(counter.store, first, last)]
    assert lines == list(range(1, NUMBER + 1))


def test_a_touched_projection_is_noticed(world: tuple[Path, list[str]], tmp_path: Path) -> None:
    counter = open_counter(world[0])
    assert recovery.verify(counter.store)["ok"]
    with counter.store.write():
        counter.store.db.execute("UPDATE dossiers SET stage = 'returned' WHERE id = ?", [world[1][0]])
    assert recovery.verify(counter.store)["problems"] == [f"projection differs for dossier {world[1][0]}"]
    with counter.store.write():
        dossiers_stage = counter.dossier(world[1][0])["stage"]
        counter.store.db.execute("UPDATE dossiers SET stage = ? WHERE id = ?", [dossiers_stage, world[1][0]])
    counter.close()


def test_a_store_of_the_first_schema_is_brought_up_and_folded_anew(tmp_path: Path, hub: GatewayProcess) -> None:
    from sync.store.migrations import _FIRST, _SECOND

    enrolled(tmp_path / "c", hub, code=hub.new_code())
    counter = open_counter(tmp_path / "c")
    done = counter.receive(
        next(examples(CATALOGUE, "1.004873", None, 1, 5)) | {"id": str(uuid.uuid4())}, "CB001", date_confirmed=True
    )
    counter.save_draft("d1", "CB001", {"procedure": "1.004873"})
    before = counter.dossier(done.id)
    db = counter.store.db
    for table in ("dossiers", "folds", "movements", "dossier_words", "scans", "scan_chunks", "erasures"):
        db.execute(f"DROP TABLE {table}")
    assert "dossier_words" in _SECOND
    for statement in (s for s in _FIRST.split(";\n") if "dossiers" in s or "dossier_names" in s):
        db.execute(statement)
    db.execute("DELETE FROM _sqlite_migrations WHERE name IN ('0002_desk', '0003_scans', '0006_erasures', '0007_numbered')")
    with counter.store.write():
        counter.store.set_meta(fold=2)
    counter.close()
    again = open_counter(tmp_path / "c")
    assert again.dossier(done.id) == before
    assert [r["id"] for r in again.dossiers(before["applicant"]["full_name"])] == [done.id]
    assert [d.id for d in again.drafts()] == ["d1"]
    assert recovery.verify(again.store)["ok"]
    again.close()


def test_a_search_is_one_page_of_work_whatever_the_store(counter: Counter) -> None:
    plan = " ".join(str(r) for r in counter.store.rows("EXPLAIN QUERY PLAN " + _page_of(counter)))
    assert "SCAN e" not in plan and "VIRTUAL TABLE INDEX" in plan, plan


def _page_of(counter: Counter) -> str:
    seen: list[str] = []
    tracer = counter.store.rows_named
    counter.store.rows_named = lambda sql, values: seen.append(sql) or tracer(sql, values)  # type: ignore[method-assign]
    dossiers.find(counter.store, Wanted("nguyen"), counter.clock())
    return seen[0].replace(":match", "'nguyen*'").replace(":limit", "200").replace(":offset", "0")
