"""What was told is missed: a WAL that a flipped bit cut short is damage, not an older truth."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from forms.problem import Problem
from sync.store import told
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.sync.test_hostile import line

Damage = Callable[[bytearray], None]


@pytest.fixture
def killed(tmp_path: Path, hub: GatewayProcess) -> Path:
    """The folder of a counter whose program was killed after three receptions, its acts in the WAL."""
    data, kept = tmp_path / "counter", tmp_path / "kept"
    enrolled(data, hub, code=hub.new_code())
    counter = open_counter(data)
    for seed in range(3):
        counter.receive(line(seed=seed), "CB001", date_confirmed=True)
    shutil.copytree(data, kept, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    counter.close()
    for file in data.glob("store.db*"):
        file.unlink()
    for file in kept.glob("store.db*"):
        shutil.copy(file, data / file.name)
    return data


def change(file: Path, damage: Damage) -> None:
    raw = bytearray(file.read_bytes())
    damage(raw)
    file.write_bytes(raw)


def test_after_a_kill_everything_is_there(killed: Path) -> None:
    counter = open_counter(killed)
    assert len(counter.dossiers(limit=-1)) == 3
    counter.close()


def test_an_act_that_a_damaged_wal_swallowed_is_missed(killed: Path) -> None:
    def flip(raw: bytearray) -> None:
        raw[-2000] ^= 1  # in the last page of the last act

    change(killed / "store.db-wal", flip)
    with pytest.raises(Problem) as caught:
        open_counter(killed)
    assert (caught.value.code, caught.value.details["reason"]) == ("store_damaged", "acts that were told are missing")


@pytest.mark.parametrize(
    "damage", [bytearray.clear, bytearray.pop, lambda raw: raw.__setitem__(20, 0), lambda raw: raw.extend(b"x")]
)
def test_a_note_that_was_torn_asks_nothing(killed: Path, damage: Damage) -> None:
    change(killed / "store.db-told", damage)
    open_counter(killed).close()


def test_an_older_store_put_in_its_place_is_another_life_and_no_damage(tmp_path: Path, hub: GatewayProcess) -> None:
    data = tmp_path / "counter"
    enrolled(data, hub, code=hub.new_code())
    counter = open_counter(data)
    counter.receive(line(seed=1), "CB001", date_confirmed=True)
    epoch = counter.epoch
    counter.close()
    shutil.copy(data / "store.db", tmp_path / "older")
    for seed in (2, 3):
        counter = open_counter(data)
        counter.receive(line(seed=seed), "CB001", date_confirmed=True)
        counter.close()
    (tmp_path / "older").replace(data / "store.db")
    counter = open_counter(data)
    assert counter.epoch != epoch and len(counter.dossiers(limit=-1)) == 1
    counter.close()
    open_counter(data).close()


def test_a_note_holds_hashes_only(killed: Path) -> None:
    raw = (killed / "store.db-told").read_text("utf-8")
    assert len(raw) < 250 and raw.isascii()
    nonces = ["a" * 32, "b" * 32]
    told.note(killed / "x.db", nonces, ("c", "e", 7, "h"))
    assert told.last(killed / "x.db", nonces) == ("c", "e", 7, "h") == told.last(killed / "x.db", [nonces[1], "later"])
    assert told.last(killed / "x.db", ["another life"]) is None
    assert nonces[1] not in (killed / "x.db-told").read_text("utf-8")
