"""Keys: wrong PINs slow down and then lock, whatever the clock says; a PIN is changed, reset, recovered by the paper."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from forms.problem import Problem
from forms.roles import FIRST, NEW
from sync import recovery_code, vault
from tests.conftest import PASSPHRASE

WRONG, OTHER = "sai rồi, sai rồi nữa", "câu khác cũng đủ dài"


class Drawer(KeyringBackend):
    """A keystore of one machine."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def machine() -> Iterator[Drawer]:
    """This PC keeps secrets: PINs are enough."""
    before = keyring.get_keyring()
    keyring.set_keyring(Drawer())
    yield keyring.get_keyring()  # type: ignore[misc]
    keyring.set_keyring(before)


def made(data: Path, *people: str, secret: str = PASSPHRASE) -> bytes:
    """A vault with these operators; the first lets in the others."""
    key = vault.make(data, Ed25519PrivateKey.generate(), "c1", "Trung tâm")
    for number, who in enumerate(people or ("CB001",)):
        vault.add_operator(data, key, who, f"Người {who}", NEW if number else FIRST, secret)
    return key


def wrong(data: Path, who: str, now: float) -> Problem:
    with pytest.raises(Problem) as caught:
        vault.unlock(data, who, WRONG, now=now)
    return caught.value


def slow_down(data: Path, who: str = "CB001") -> float:
    """Wrong ten times in a row, patiently; the moment of the last. (The first eight would take three seconds.)"""
    kept = json.loads((data / "vault.json").read_text("utf-8"))
    next(s for s in kept["slots"] if s["operator"] == who)["wrong"] = vault.LOCKED_AFTER - 2
    del kept["check"]  # written by hand
    (data / "vault.json").write_text(json.dumps(kept), "utf-8")
    assert wrong(data, who, 10_000.0).code == "wrong_pin"
    wrong(data, who, 20_000.0)
    return 20_000.0


def test_ten_wrong_in_a_row_lock_the_slot_until_somebody_opens_it(tmp_path: Path) -> None:
    key = made(tmp_path, "CB001", "CB002")
    slow_down(tmp_path, "CB002")
    with pytest.raises(Problem, match="slot_locked"):
        vault.unlock(tmp_path, "CB002", PASSPHRASE, now=1e9)
    assert [o["locked"] for o in vault.operators(tmp_path)] == [False, True]
    vault.add_operator(tmp_path, key, "CB002", "Người CB002", NEW, OTHER, temporary=True)
    assert vault.unlock(tmp_path, "CB002", OTHER) == key
    assert [(o["locked"], o["must_change"]) for o in vault.operators(tmp_path)] == [(False, False), (False, True)]
    assert vault.change_secret(tmp_path, "CB002", OTHER, PASSPHRASE) == key
    assert not vault.operators(tmp_path)[1]["must_change"]


def test_the_only_way_in_is_slowed_down_and_never_closed(tmp_path: Path) -> None:
    key = made(tmp_path, "CB001", "CB002")  # CB002 may not let anybody in
    last = slow_down(tmp_path)
    with pytest.raises(Problem) as caught:
        vault.unlock(tmp_path, "CB001", PASSPHRASE, now=last + 900)
    assert caught.value.code == "locked_until"
    assert vault.unlock(tmp_path, "CB001", PASSPHRASE, now=last + 5000) == key


def test_neither_the_clock_of_the_day_nor_a_restart_shortens_a_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    assert [wrong(tmp_path, "CB001", 5000.0).details["left"] for _ in range(vault.TRIES)] == [4, 3, 2, 1, 0]
    monkeypatch.setattr("time.time", lambda: 9e9)  # the date is set far ahead, or back
    with pytest.raises(Problem, match="locked_until"):
        vault.unlock(tmp_path, "CB001", PASSPHRASE, now=5029.0)
    for started, seconds in ((3.0, 30), (13.0, 20)):  # started anew: the machine's clock begins at nothing, and so does the wait
        with pytest.raises(Problem) as caught:
            vault.unlock(tmp_path, "CB001", PASSPHRASE, now=started)
        assert caught.value.details == {"seconds": seconds}
    assert vault.unlock(tmp_path, "CB001", PASSPHRASE, now=33.5)


def test_a_new_secret_needs_the_old_one_and_differs_from_it(tmp_path: Path) -> None:
    key = made(tmp_path)
    for old, new, said in (
        (WRONG, OTHER, "wrong_pin"),
        (PASSPHRASE, PASSPHRASE, "secret_same"),
        (PASSPHRASE, "ngắn", "too_short"),
    ):
        with pytest.raises(Problem, match=said):
            vault.change_secret(tmp_path, "CB001", old, new)
    assert vault.change_secret(tmp_path, "CB001", PASSPHRASE, OTHER) == key
    with pytest.raises(Problem, match="wrong_pin"):
        vault.unlock(tmp_path, "CB001", PASSPHRASE)
    assert vault.unlock(tmp_path, "CB001", OTHER) == key


def test_a_vault_of_the_first_version_opens(tmp_path: Path) -> None:
    key = made(tmp_path)
    file = tmp_path / "vault.json"
    old = json.loads(file.read_text("utf-8"))
    slot: dict[str, Any] = old["slots"][0]
    slot |= {"role": "clerk", "until": 0.0}
    del slot["roles"], slot["since"], old["check"]
    file.write_text(json.dumps(old), "utf-8")
    assert vault.operators(tmp_path)[0]["roles"] == ["clerk"]
    wrong(tmp_path, "CB001", 1.0)
    assert vault.unlock(tmp_path, "CB001", PASSPHRASE) == key


# The paper


def test_the_paper_opens_a_locked_slot_once_and_another_paper_takes_its_place(tmp_path: Path) -> None:
    key = made(tmp_path)
    code = vault.make_recovery(tmp_path, key)
    slow_down(tmp_path)
    with pytest.raises(Problem, match="slot_locked"):  # there is a paper, so it may be locked for good
        vault.unlock(tmp_path, "CB001", PASSPHRASE, now=1e9)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    got, fresh = vault.recover(tmp_path, typed, "CB001", OTHER)
    assert (got, vault.unlock(tmp_path, "CB001", OTHER)) == (key, key)
    with pytest.raises(Problem, match="recovery_wrong"):
        vault.recover(tmp_path, code, "CB001", PASSPHRASE)
    assert fresh != code
    assert vault.recover(tmp_path, fresh, "CB001", PASSPHRASE)[0] == key


def test_the_paper_moves_a_restored_counter_to_a_new_machine(tmp_path: Path, machine: Drawer) -> None:
    data = tmp_path / "old"
    key = made(data, "CB001", "CB002", secret="123456")
    own = vault.identity(data, key).private_bytes_raw()
    code = vault.make_recovery(data, key)
    machine.kept.clear()  # another PC: its keystore has never heard of this counter
    with pytest.raises(Problem, match="keystore_missing"):
        vault.unlock(data, "CB001", "123456")
    got, _ = vault.recover(data, code, "CB001", "654321")
    assert got == key == vault.unlock(data, "CB001", "654321")
    assert vault.identity(data, key).private_bytes_raw() == own
    with pytest.raises(Problem, match="slot_locked"):
        vault.unlock(data, "CB002", "123456")
    raw = (data / "vault.json").read_text("utf-8")
    for secret in (key, own, recovery_code.decode(code)):
        assert secret.hex() not in raw


def test_without_a_paper_or_with_a_wrong_one_nothing_opens(tmp_path: Path) -> None:
    key = made(tmp_path)
    code = recovery_code.encode(bytes(range(16)))
    with pytest.raises(Problem, match="recovery_none"):
        vault.recover(tmp_path, code, "CB001", OTHER)
    mine = vault.make_recovery(tmp_path, key)
    for who, typed, said in (("CB001", code, "recovery_wrong"), ("CB009", mine, "operator_unknown"), ("CB001", "x", "malformed")):
        with pytest.raises(Problem, match=said):
            vault.recover(tmp_path, typed, who, OTHER)
    assert vault.unlock(tmp_path, "CB001", PASSPHRASE) == key


@given(st.binary(min_size=16, max_size=16), st.integers(0, 26), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_code_survives_the_hand_and_one_wrong_symbol_is_noticed(raw: bytes, place: int, symbol: str) -> None:
    code = recovery_code.encode(raw)
    assert recovery_code.decode(code.lower().replace("-", "")) == raw
    bare = code.replace("-", "")
    if bare[place] != symbol:
        with pytest.raises(Problem, match="recovery_code_malformed"):
            recovery_code.decode(bare[:place] + symbol + bare[place + 1 :])


# In line with who is let in


def test_who_has_gone_is_out_but_the_last_way_in_is_only_closed(tmp_path: Path) -> None:
    key = made(tmp_path, "CB001", "CB002")
    vault.keep_in_line(tmp_path, {"CB001": None, "CB002": ("Người mới tên", NEW)})
    assert [(o["id"], o["name"]) for o in vault.operators(tmp_path)] == [("CB002", "Người mới tên")]
    vault.keep_in_line(tmp_path, {"CB002": None})
    with pytest.raises(Problem, match="operator_revoked"):
        vault.unlock(tmp_path, "CB002", PASSPHRASE)
    assert vault.is_enrolled(tmp_path)  # or the store would be taken for one that nobody can open, and made anew
    vault.keep_in_line(tmp_path, {"CB002": ("Người mới tên", FIRST)})
    assert vault.unlock(tmp_path, "CB002", PASSPHRASE) == key
    assert vault.operators(tmp_path)[0]["roles"] == list(FIRST)
