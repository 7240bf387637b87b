"""Back-ups nobody has to think of: when they are made, which stay, where else they go; the weekly check."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import backups, recovery
from sync.store.opening import FILE
from tests.sync.cared import MINUTE, Desk, lines, receive
from tests.sync.test_follow import follow

_ = follow  # the fixture
NOON = datetime(2026, 11, 20, 12, tzinfo=VIETNAM)


@pytest.fixture
def desk(data: Path) -> Iterator[Desk]:
    made = Desk(data)
    yield made
    made.counter.close()


# Which stay


MOMENTS = st.lists(st.integers(0, 600 * 48).map(lambda n: NOON - n * 30 * MINUTE), min_size=1, max_size=120)


@given(MOMENTS)
def test_what_is_kept_is_enough_and_not_more(moments: list[datetime]) -> None:
    stay, newest = backups.kept(moments), max(moments)
    assert newest in stay <= set(moments)
    assert {m for m in moments if newest - m < timedelta(hours=24)} <= stay
    for days in sorted({m.date() for m in moments})[-14:]:
        assert max(m for m in moments if m.date() == days) in stay
    assert {m.isocalendar()[:2] for m in stay} >= set(sorted({m.isocalendar()[:2] for m in moments})[-8:])
    assert {(m.year, m.month) for m in stay} >= set(sorted({(m.year, m.month) for m in moments})[-12:])
    assert len({m for m in stay if newest - m >= timedelta(hours=24)}) <= 14 + 8 + 12
    assert backups.kept(stay) == stay


@given(st.integers(1, 90), st.integers(0, 23))
def test_thinned_again_and_again_nothing_of_a_year_is_missing(every: int, jump: int) -> None:
    """As it grows: each is thinned when the next is made, and once the clock is years ahead for a moment."""
    there: set[datetime] = set()
    for step in range(400 * 24 // every):
        at = NOON + step * every * timedelta(hours=1)
        there = backups.kept({*there, at + timedelta(days=3650 if step == jump * 10 + 5 else 0)})
    months = {(m.year, m.month) for m in there if m.year < 2030}
    assert len(months) >= 11
    assert len(there) <= 24 + 14 + 8 + 12 + 1


# Made by themselves


def test_half_an_hour_after_something_was_done_there_is_another(data: Path, desk: Desk) -> None:
    desk.care.look()
    assert not desk.names, "the window and the first contact go first"
    desk.later(1)
    assert len(desk.names) == 1
    desk.later(45)
    assert len(desk.names) == 1, "nothing was done"
    receive(desk.counter, 1, 1)
    desk.later(1)
    assert len(desk.names) == 2
    desk.counter.save_draft("d1", "CB001", {"id": "d1"})
    desk.later(29)
    assert len(desk.names) == 2
    desk.later(1)
    assert len(desk.names) == 3
    assert desk.names[0] == f"motcua-{desk.now:%Y%m%d-%H%M%S}.backup"
    (data / "backups" / desk.names[0]).unlink()
    desk.later(1)
    assert len(desk.names) == 3, "one that is gone is made again"
    backups.wish(desk.counter)
    desk.later(1)
    assert len(desk.names) == 4


def test_what_is_urgent_goes_first_but_not_for_ever(data: Path, desk: Desk) -> None:
    receive(desk.counter, 3, 1)
    desk.urgent = True
    backups.wish(desk.counter)
    for tries in range(3):
        desk.later(2)
        assert backups.view(desk.counter)["asked"]
        assert not desk.names, tries
    assert not list((data / "backups").iterdir()), "nothing half done stays"
    desk.later(2)
    assert len(desk.names) == 1


def test_a_back_up_that_cannot_be_made_is_said_and_after_two_days_again(data: Path, desk: Desk) -> None:
    (data / "backups").write_text("in the way")
    desk.later(1)
    assert desk.reports == ["backup_failed"]
    backups.wish(desk.counter)
    desk.later(1)
    assert not backups.view(desk.counter)["asked"]
    desk.later(60 * 49)
    assert set(desk.reports) == {"backup_failed", "backup_old"}
    (data / "backups").unlink()
    desk.later(20)
    assert desk.reports == []
    assert len(desk.names) == 1


def test_the_second_place_gets_each_whole_and_one_that_is_away_stops_nothing(data: Path, desk: Desk, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    backups.choose_place(data, stick)
    there = backups.own(data, stick)
    desk.later(1)
    assert [b.file.name for b in backups.found(there)] == desk.names
    assert (there / desk.names[0]).read_bytes() == (data / "backups" / desk.names[0]).read_bytes()
    stick.rename(tmp_path / "pulled")
    receive(desk.counter, 1, 1)
    desk.later(31)
    assert desk.reports == ["backup_place_missing"]
    assert len(desk.names) == 2
    assert not stick.exists(), "a stick that is away does not become a folder of this disk"
    (tmp_path / "pulled").rename(stick)
    desk.later(11)
    assert desk.reports == []
    assert [b.file.name for b in backups.found(there)] == desk.names
    with pytest.raises(Problem, match="file_unwritable"):
        backups.choose_place(data, data / FILE)
    assert backups.place(data) == stick
    (data / "backups" / "place.json").write_text("{")
    desk.later(11)
    assert desk.reports == ["backup_place_missing"]
    assert len(backups.everywhere(data)) == 2


def test_the_newest_good_one_stays_when_later_ones_are_spoilt(data: Path, desk: Desk) -> None:
    desk.later(1)
    good, folder = desk.names[0], data / "backups"
    for days in (*range(1, 16), *range(20, 420, 5)):
        (folder / f"motcua-{desk.now + timedelta(days=days):%Y%m%d-%H%M%S}.backup").write_bytes(b"not one")
    assert [one.file.name for one in desk.good()] == [good]
    assert not list(data.glob("try-*")), "what was tried is taken away"
    (folder / good).rename(folder / "motcua-20260101-000000.backup")  # so old that its day and month are long over
    receive(desk.counter, 1, 1)
    desk.later(31)
    made = desk.names[[name.startswith(f"motcua-{desk.now:%Y%m%d-%H%M}") for name in desk.names].index(True)]
    assert desk.good()[0].file.name == made, "the one just made is older than the spoilt ones, and stays"
    assert len(desk.names) < 14 + 8 + 12 + 2


def test_once_a_week_everything_is_looked_at(data: Path, desk: Desk) -> None:
    one = desk.counter.receive(lines(1, 1)[0], "CB001", date_confirmed=True)
    desk.later(60 * 24 * 6)
    assert desk.counter.store.meta("verified") is None
    desk.later(60 * 24)
    assert desk.counter.store.meta("verified") == {"at": desk.now.isoformat(), "ok": True, "problems": 0}
    with desk.counter.store.write() as db:
        db.execute("UPDATE dossiers SET full_name = 'Ai đó' WHERE id = ?", (one.id,))
    desk.later(60 * 24 * 7)
    assert desk.counter.store.meta("verified")["ok"] is False
    assert desk.reports == ["store_damaged_found"]


def test_the_check_tells_how_far_it_is_and_can_be_cancelled(desk: Desk) -> None:
    with closing(desk.open()) as counter:
        receive(counter, 8, 1)
        told: list[tuple[int, int]] = []
        assert recovery.verify(counter.store, lambda done, most: told.append((done, most)))["ok"]
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1] == 9 + 8

        def stop(done: int, _most: int) -> None:
            if done > 10:
                raise Problem("cancelled")

        with pytest.raises(Problem, match="cancelled"):
            recovery.verify(counter.store, stop)
        receive(counter, 1, 2)


def test_the_sync_process_leaves_a_back_up_behind_when_the_desk_is_closed(desk: Desk, follow: Any) -> None:
    receive(desk.counter, 2, 1)
    assert follow(desk.data).wait(30) == 0
    assert desk.good()[0].dossiers >= 2
