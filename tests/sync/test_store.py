"""The store, the log, drafts, numbers: what is said to be kept is kept, and damage is noticed."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import recovery, vault
from sync.counter import Counter
from sync.events import Event, follow, hybrid, tick
from sync.files import hold
from sync.store import Store, log
from sync.store.opening import FILE
from tests.conftest import PASSPHRASE, open_counter

CATALOGUE = Catalogue.load()


def line(code: str = "2.000635", seed: int = 1) -> dict[str, Any]:
    return next(examples(CATALOGUE, code, None, 1, seed))


@pytest.fixture
def counter(data: Path) -> Counter:
    return open_counter(data)


def test_a_received_dossier_is_there_after_the_process_is_gone(data: Path, counter: Counter) -> None:
    done = counter.receive(line(), "CB001")
    counter.close()
    again = open_counter(data)
    assert again.dossier(done.id)["code"] == done.code
    assert again.status()["kept"] == 1
    assert recovery.verify(again.store)["ok"]


def test_the_same_id_gives_the_same_answer_and_other_content_is_refused(counter: Counter) -> None:
    one = line()
    first = counter.receive(one, "CB001")
    assert counter.receive(json.loads(json.dumps(one)), "CB001").code == first.code
    for changed in ({"answers": one["answers"] | {"copies": 9}}, {"channel": "3"}, {"received_at": "2026-11-01T09:00"}):
        with pytest.raises(Problem, match="id_reused"):
            counter.receive(one | changed, "CB001")


def test_codes_run_without_a_gap_and_carry_the_vietnam_date(counter: Counter) -> None:
    codes = [counter.receive(line(seed=s) | {"received_at": "2026-11-23T23:30:00+00:00"}, "CB001").code for s in range(3)]
    numbers = [int(c[-4:]) for c in codes]
    assert [c[:-4] for c in codes] == ["H38.27.09-261124-"] * 3
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_an_incomplete_dossier_takes_no_number(counter: Counter) -> None:
    with pytest.raises(Problem, match="incomplete") as caught:
        counter.receive(line() | {"applicant": {}}, "CB001")
    assert {"field": "applicant.full_name", "code": "missing", "hard": True} in caught.value.details["findings"]
    first = counter.receive(line(), "CB001").code
    assert int(first[-4:]) % 50 == 1


def test_unknown_things_are_kept_verbatim_when_told_to(counter: Counter) -> None:
    odd = {"id": "x-1", "procedure": "9.999999", "answers": {"a": 1.5, "b": [None, "Ẩ"]}, "papers": [{"code": "?", "n": 1}]}
    done = counter.receive(odd, "CB001", allow_incomplete=True)
    kept = counter.dossier(done.id)
    assert (done.return_at, kept["answers"], kept["papers"]) == (None, odd["answers"], odd["papers"])
    assert kept["incomplete"]


@pytest.mark.parametrize("search", ["dang", "Đặng", "ĐẶNG thi", "ung", "0909 123 456", "001096"])
def test_search_finds_with_and_without_marks_by_number_and_phone(counter: Counter, search: str) -> None:
    wanted = line()
    wanted["applicant"] |= {"full_name": "Đặng Thị Ửng", "personal_id": "001096000318", "phone": "0909123456"}
    done = counter.receive(wanted, "CB001")
    other = line(seed=2)
    other["applicant"] |= {"full_name": "Bùi Văn Ổn", "personal_id": "010097000111", "phone": "0911111111"}
    counter.receive(other | {"answers": other["answers"] | {"subject_name": "Bùi Văn Ổn"}}, "CB001")
    assert [r["id"] for r in counter.dossiers(search)] == [done.id]
    assert [r["id"] for r in counter.dossiers(done.code)] == [done.id]
    assert [r["id"] for r in counter.dossiers(done.code[-4:])] == [done.id]


def test_a_draft_is_kept_until_its_dossier_is_received(data: Path, counter: Counter) -> None:
    counter.save_draft("d1", "CB001", {"applicant": {"full_name": "Lò Ổn"}})
    saved = counter.save_draft("d1", "CB001", {"applicant": {"full_name": "Lò Văn Ổn"}})
    counter.close()
    again = open_counter(data)
    [draft] = again.drafts()
    assert (draft.content, draft.saved_at) == ({"applicant": {"full_name": "Lò Văn Ổn"}}, saved)
    again.receive(line(), "CB001", draft_id="d1")
    assert again.drafts() == []


def test_numbers_end_before_the_reserve(data: Path, counter: Counter) -> None:
    with counter.store.write() as db:
        db.execute("UPDATE leases SET low = 1, high = 10")
    assert [counter.receive(line(seed=s), "CB001").code[-4:] for s in range(9)][-1] == "0009"
    with pytest.raises(Problem, match="numbers_exhausted"):
        counter.receive(line(seed=99), "CB001")


def clock_at(text: str) -> Any:
    return lambda: datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_a_clock_that_stands_behind_is_asked_about_before_a_number_is_taken(data: Path, counter: Counter) -> None:
    counter.receive(line(), "CB001")
    counter.clock = lambda: datetime.now(VIETNAM) - timedelta(hours=3)
    with pytest.raises(Problem, match="date_unsure") as caught:
        counter.receive(line(seed=2), "CB001")
    assert caught.value.details["reason"] == "behind"
    counter.clock = lambda: datetime.now(VIETNAM) + timedelta(days=40)
    with pytest.raises(Problem, match="date_unsure"):
        counter.receive(line(seed=2), "CB001")
    assert counter.receive(line(seed=2), "CB001", date_confirmed=True).code
    assert counter.receive(line(seed=3), "CB001").code  # once a day is enough


def test_hybrid_time_always_moves_on_and_follows_nobody_far() -> None:
    assert tick(hybrid(1000), 900) == hybrid(1000) + 1
    assert tick(hybrid(1000), 2000) == hybrid(2000)
    assert follow(hybrid(1000), hybrid(10**12), gateway_ms=5000) == hybrid(5000 + 600_000)
    assert follow(hybrid(9000), hybrid(5000), gateway_ms=5000) == hybrid(9000)


def test_a_changed_event_breaks_the_chain(counter: Counter) -> None:
    counter.receive(line(), "CB001")
    counter.receive(line(seed=2), "CB001")
    with counter.store.write() as db:
        db.execute("UPDATE events SET operator = 'CB666' WHERE number = 2")
    report = recovery.verify(counter.store)
    assert not report["ok"]
    assert any("chain broken" in p for p in report["problems"])


def test_a_changed_body_or_projection_is_noticed(counter: Counter) -> None:
    done = counter.receive(line(), "CB001")
    with counter.store.write() as db:
        db.execute("UPDATE events SET body = replace(body, '\"copies\":', '\"copiez\":') WHERE number = 2")
    problems = recovery.verify(counter.store)["problems"]
    assert any("body differs" in p for p in problems)
    assert f"projection differs for dossier {done.id}" in problems


def test_the_file_is_encrypted_and_a_flipped_bit_is_noticed(data: Path, counter: Counter) -> None:
    applicant = line()["applicant"]["full_name"].encode()
    counter.receive(line(), "CB001")
    counter.close()
    store = data / FILE
    raw = store.read_bytes()
    for file in data.iterdir():
        assert applicant not in file.read_bytes()
    assert not raw.startswith(b"SQLite format 3")
    middle = len(raw) // 2
    store.write_bytes(raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :])
    with pytest.raises(Problem, match="store_damaged"):
        recovery.verify(open_counter(data, writes=False).store)


def test_a_wrong_secret_counts_down_and_then_waits(data: Path) -> None:
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Problem) as caught:
            vault.unlock(data, "CB001", "sai rồi, sai rồi", now=1000.0)
        assert (caught.value.code, caught.value.details) == ("wrong_pin", {"left": left})
    with pytest.raises(Problem, match="locked_until"):
        vault.unlock(data, "CB001", PASSPHRASE, now=1010.0)
    assert vault.unlock(data, "CB001", PASSPHRASE, now=1031.0)
    assert vault.unlock(data, "CB001", PASSPHRASE)  # the count began anew


def test_a_store_of_a_newer_version_is_refused_and_left_alone(data: Path, counter: Counter) -> None:
    with counter.store.write() as db:
        db["_sqlite_migrations"].insert({"migration_set": "store", "name": "9999_later", "applied_at": "2030"})
    with pytest.raises(Problem, match="store_too_new"):
        open_counter(data)


def test_a_second_instance_is_told(data: Path) -> None:
    first = hold(data, "window")
    with pytest.raises(Problem, match="already_open"):
        hold(data, "window")
    first.release()
    hold(data, "window").release()


def test_a_full_disk_loses_nothing_and_says_so(counter: Counter) -> None:
    kept = counter.receive(line(), "CB001")
    pages = counter.store.value("PRAGMA page_count")
    counter.store.db.execute(f"PRAGMA max_page_count = {pages + 1}")
    codes = []
    while len(codes) < 40:
        try:
            codes.append(counter.receive(line(seed=len(codes) + 2), "CB001").code)
        except Problem as problem:
            full = problem.code
            break
    assert full == "disk_full"
    counter.store.db.execute("PRAGMA max_page_count = 1000000")
    after = counter.receive(line(seed=99), "CB001")
    assert recovery.verify(counter.store)["ok"]
    assert counter.dossier(kept.id)
    assert int(after.code[-4:]) == int((codes or [kept.code])[-1][-4:]) + 1


def test_an_event_says_what_it_hashes() -> None:
    event = Event("c", "e", 1, "d", "received", 5, "CB001", "0" * 64, "f" * 64, None)
    assert event.hash != Event("c", "e", 1, "d", "received", 6, "CB001", "0" * 64, "f" * 64, None).hash


def test_erased_bodies_leave_the_chain_whole(counter: Counter) -> None:
    done = counter.receive(line(), "CB001")
    with counter.store.write() as db:
        db.execute("UPDATE events SET body = NULL WHERE dossier = ?", [done.id])
        db.execute("DELETE FROM secrets WHERE dossier = ?", [done.id])
    assert not any("chain" in p or "body" in p for p in recovery.verify(counter.store)["problems"])
    assert log.of_dossier(counter.store, done.id)[0].body is None


def test_a_missing_store_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="store_missing"):
        Store.open(tmp_path / "nothing.db", b"k" * 32)


def test_folds_of_an_older_program_are_made_anew(data: Path, counter: Counter) -> None:
    done = counter.receive(line(), "CB001", date_confirmed=True)
    whole = counter.dossier(done.id)
    with counter.store.write():
        counter.store.db.execute("UPDATE folds SET fold = json_remove(fold, '$.payment')")
        counter.store.set_meta(fold=1)
    assert not recovery.verify(counter.store)["ok"]
    counter.close()
    again = open_counter(data)
    assert again.dossier(done.id) == whole
    assert recovery.verify(again.store)["ok"]
    again.close()
