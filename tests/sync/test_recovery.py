"""Restores from every kind of back-up, a damaged store repaired, a gateway put back: nothing missing, no code twice."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.problem import Problem
from sync import backups, epochs, recovery, vault
from sync.counter import Counter, vietnam_now
from sync.files import hold
from sync.store import Store, log, scans, told
from sync.store.migrations import MIGRATIONS
from sync.store.opening import FILE
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.cared import Desk, codes_here, held, lines, meet, ours, receive
from tests.sync.scan_samples import pdf, png
from tests.sync.test_follow import follow, until
from tests.sync.test_scans import put

_ = follow  # the fixture


@pytest.fixture
def desk(data: Path) -> Iterator[Desk]:
    made = Desk(data)
    yield made
    made.counter.close()


# Restored from each


def _manual(desk: Desk, data: Path, tmp_path: Path) -> Path:
    recovery.backup(desk.counter, desk.key, tmp_path / "hand.motcua")
    return tmp_path / "hand.motcua"


def _automatic(desk: Desk, data: Path, _tmp_path: Path) -> Path:
    return backups.make(desk.counter, desk.key)


def _before_migration(desk: Desk, data: Path, _tmp_path: Path) -> Path:
    steps = MIGRATIONS._migrations
    MIGRATIONS(name="9999_next")(lambda db: db.execute("CREATE TABLE of_the_next_version(x)"))
    try:
        desk.open().close()
    finally:
        steps.pop()
    return next((data / "backups").glob("before-9999_next*.backup"))


def _thinned(desk: Desk, data: Path, _tmp_path: Path) -> Path:
    first = backups.make(desk.counter, desk.key)
    for day in range(20):
        later = data / "backups" / f"motcua-{desk.now + (day + 1) * timedelta(days=1):%Y%m%d-%H%M%S}.backup"
        shutil.copy(first, later)
    desk.now += timedelta(days=21)
    backups.make(desk.counter, desk.key)
    desk.now -= timedelta(days=21)
    stay = backups.found(data / "backups")
    assert 14 <= len(stay) < 22
    return stay[-1].file


def _second_place(desk: Desk, data: Path, tmp_path: Path) -> Path:
    (tmp_path / "share").mkdir()
    backups.choose_place(data, tmp_path / "share")
    backups.copy(desk.counter, backups.make(desk.counter, desk.key))
    return backups.found(backups.own(data, tmp_path / "share"))[0].file


KINDS: list[Callable[[Desk, Path, Path], Path]] = [_manual, _automatic, _before_migration, _thinned, _second_place]


@pytest.mark.parametrize("make", KINDS)
def test_whatever_it_is_restored_from_nothing_is_missing_and_no_code_comes_twice(
    data: Path, desk: Desk, tmp_path: Path, hub: GatewayProcess, make: Callable[[Desk, Path, Path], Path]
) -> None:
    counter = desk.counter
    one = counter.receive(lines(1, 1)[0], "CB001", date_confirmed=True)
    codes, sent = [one.code], put(counter, one.id, png(noise=900_000))
    meet(counter)
    kept = put(counter, one.id, pdf())
    box = make(desk, data, tmp_path)
    small = make is not _manual and make is not _before_migration
    codes += receive(counter, 2, 2)
    meet(counter)
    counter.close()
    assert recovery.restore(box, data, None, lambda _: PASSPHRASE, vietnam_now())["scans"] == (1 if small else 2)
    with closing(desk.open()) as again:
        assert "store_restored" in [t["kind"] for t in again.tasks()]
        codes += receive(again, 2, 3)
        assert all(int(code.rsplit("-", 1)[1]) % 50 in (0, 46, 47, 48, 49) for code in codes[-2:]), "from the reserve"
        meet(again)
        codes += receive(again, 1, 4)
        meet(again)
        assert len(set(codes)) == 6
        assert codes_here(again) >= set(codes)
        assert ours(again) == held(hub, again)
        assert recovery.verify(again.store)["ok"]
        assert {s.sha256 for s in scans.of_dossier(again.store, one.id)} == {sent, kept}
        assert not log.waiting(again.store)


# Damaged


def spoil(data: Path, counter: Counter, table: str) -> None:
    """The page with which a table begins is overwritten; the store is closed."""
    page = counter.store.value("SELECT rootpage FROM sqlite_master WHERE name = ?", table)
    size = int(counter.store.value("PRAGMA page_size"))
    counter.store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    counter.close()
    with (data / FILE).open("rb+") as file:
        file.seek((page - 1) * size + 100)
        file.write(b"\0" * 64)


def repaired(desk: Desk) -> dict[str, int]:
    best = next(backups.good(backups.everywhere(desk.data), desk.key, desk.data))
    return recovery.repair(best.file, desk.data, desk.key, vietnam_now())


def test_a_look_at_the_start_finds_what_would_mislead(data: Path, desk: Desk) -> None:
    receive(desk.counter, 30, 1)
    size = (data / FILE).stat().st_size
    desk.counter.close()
    whole = (data / FILE).read_bytes()
    for change in ("UPDATE logs SET number = number - 1", "UPDATE events SET body = '{}' WHERE number = 25", "DELETE FROM meta"):
        with closing(Store.open(data / FILE, desk.key)) as store, store.write() as db:
            db.execute(change)
        with pytest.raises(Problem, match="store_damaged"):
            desk.open()
        (data / FILE).write_bytes(whole)
    (data / FILE).write_bytes(whole[: size - 8192])
    with pytest.raises(Problem, match="store_damaged"):
        desk.open()
    (data / FILE).write_bytes(whole)
    desk.open().close()


def test_a_fork_that_a_kill_kept_from_being_noted_is_no_damage(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(desk.counter, 3, 2)
    store, counter = desk.counter.store, desk.counter.counter_id
    monkeypatch.setattr(told, "note", lambda *_: None)
    epochs.begin_fork(store, counter, desk.counter.epoch, 2, desk.now)
    desk.counter.close()
    monkeypatch.undo()
    desk.counter = desk.open()
    assert len(codes_here(desk.counter)) == 3


def test_a_repair_saves_what_was_done_since_the_back_up(data: Path, desk: Desk, hub: GatewayProcess) -> None:
    counter = desk.counter
    codes = receive(counter, 2, 1)
    backups.make(counter, desk.key)
    codes += receive(counter, 2, 2)
    meet(counter)
    offline = [counter.receive(line, "CB001", date_confirmed=True) for line in lines(3, 3)]
    picture = put(counter, offline[0].id, png())
    counter.save_draft("later", "CB001", {"id": "later"})
    vault.change_secret(data, "CB001", PASSPHRASE, PASSPHRASE + "!")
    fresh = vault.unlock(data, "CB001", PASSPHRASE + "!")
    spoil(data, counter, "dossiers")
    best = next(backups.good(backups.everywhere(data), fresh, data))
    assert best.dossiers == 2
    assert recovery.repair(best.file, data, fresh, vietnam_now())["salvaged"] == 6
    assert vault.unlock(data, "CB001", PASSPHRASE + "!") == fresh, "a PIN does not go back"
    with closing(Counter.open(data, fresh)) as again:
        assert codes_here(again) >= {*codes, *(d.code for d in offline)}
        assert [d.id for d in again.drafts()] == ["later"]
        assert scans.read(again.store, picture, 0, 10**6)
        new = receive(again, 1, 4)
        meet(again)
        assert len({*codes, *(d.code for d in offline), *new}) == 8
        assert ours(again) == held(hub, again)
        assert recovery.verify(again.store)["ok"]
    assert list(data.glob("before-restore-*/" + FILE))


def test_a_chain_that_broke_is_saved_up_to_there_and_the_gateway_tells_the_rest(
    data: Path, desk: Desk, hub: GatewayProcess
) -> None:
    counter = desk.counter
    backups.make(counter, desk.key)
    codes = receive(counter, 6, 1)
    meet(counter)
    with counter.store.write() as db:
        changed = "UPDATE events SET body = json_set(body, '$.more', 1) WHERE number = 4 AND counter = ?"
        db.execute(changed, (counter.counter_id,))
    counter.close()
    assert repaired(desk)["salvaged"] == 2
    with closing(desk.open()) as again:
        meet(again)
        assert codes_here(again) >= set(codes)
        assert ours(again) == held(hub, again)
        assert recovery.verify(again.store)["ok"]


def test_a_store_that_is_gone_comes_back_although_the_sync_process_runs(data: Path, desk: Desk, follow: Any) -> None:
    codes = receive(desk.counter, 2, 1)
    backups.make(desk.counter, desk.key)
    desk.counter.close()
    window = hold(data, "window")
    process = follow(data)
    with closing(Counter.open(data, desk.key, writes=False)) as counter:
        until(lambda: counter.store.meta("sync_owner"))
    for file in data.glob(FILE + "*"):
        file.unlink()
    assert repaired(desk)["salvaged"] == 0
    assert process.wait(20) == 0
    window.release()
    with closing(desk.open()) as again:
        assert codes_here(again) >= set(codes)


# The gateway


def test_a_gateway_put_back_from_its_own_back_up_is_survived(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "gateway.backup"
    enrolled(data, hub)
    with closing(open_counter(data)) as counter:
        codes = receive(counter, 3, 1)
        meet(counter)
        assert counter.store.meta("gateway_backed") is None
        covered = run_sync("gateway-backup", "--data", str(hub.data), "--to", str(box), check=True).lines[0]
        assert covered["events"] == 4
        until(lambda: meet(counter) or counter.store.meta("gateway_backed"))
        assert counter.store.meta("gateway_backed") == covered["commit"] == counter.store.meta("commit")[0]
        codes += receive(counter, 3, 2)
        meet(counter)
        assert counter.store.meta("commit")[0] > counter.store.meta("gateway_backed")
        before = counter.store.meta("gateway_epoch")
        hub.stop()
        for file in hub.data.glob("gateway.db*"):
            file.unlink()
        shutil.copy(box, hub.data / "gateway.db")
        hub.start()
        codes += receive(counter, 1, 3)
        meet(counter)
        assert counter.store.meta("gateway_epoch") != before, "noticed at its start, not only by what counters tell"
        assert [t["kind"] for t in counter.tasks()] == ["gateway_restored"]
        report = hub.run("gateway-report")[0]
        assert (report["dossiers"], report["codes_twice"]) == (len(set(codes)), []) == (7, [])
        assert recovery.verify(counter.store)["ok"]


def test_support_sees_the_back_ups_and_whether_they_hold_without_the_store(desk: Desk, tmp_path: Path) -> None:
    share, data = tmp_path / "share", str(desk.data)
    share.mkdir()
    assert run_sync("backup-place", "--data", data, "--to", str(share), check=True).lines == [{"place": str(share)}]
    made = backups.make(desk.counter, desk.key)
    backups.copy(desk.counter, made)
    copied = backups.own(desk.data, share) / made.name
    copied.write_bytes(copied.read_bytes()[:-1])
    desk.counter.close()
    (desk.data / FILE).unlink()
    rows = run_sync("backups", "--data", data, check=True).lines
    at = backups.found(desk.data / "backups")[0].at.isoformat()
    assert sorted(rows, key=lambda row: not row["good"]) == [
        {"file": str(made), "at": at, "events": 1, "good": True},
        {"file": str(copied), "at": at, "events": None, "good": False},
    ]
    run_sync("backup-place", "--data", data, "--to", "none", check=True)
    assert backups.place(desk.data) is None
