"""Keys: who may open the store, and who the counter is.

The random database key is wrapped once per operator with a key from Argon2id(PIN) and, where the operating system keeps
secrets (keyring), a device secret. Where it does not, a passphrase of at least 12 characters stands in for the PIN. The
counter's identity is an Ed25519 key: in the keystore, or wrapped with the database key. A code on paper (``recovery_code``)
wraps both once more without the keystore, so that it opens a restored store on a new PC. ``vault.json`` beside the store
holds names of staff, salts and wrapped keys: no personal data of residents, nothing that opens anything by itself.
"""

import base64
import json
import secrets
import time
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forms.problem import Problem
from forms.roles import CARE, may, of
from sync import keystore as keystore_here
from sync import recovery_code, vault_file
from sync.files import hold, write_atomic
from sync.incarnation import state_folder
from sync.keystore import kind_here as kind_here

PASSPHRASE_LENGTH = 12
PIN_LENGTH = 6
TRIES, LOCKED_AFTER = 5, 10
"""Wrong secrets in a row after which each further one costs a wait, and after which the slot is locked."""
_KEY_BYTES = 32


def make(data: Path, identity: Ed25519PrivateKey, counter: str, commune: str) -> bytes:
    """A fresh vault for a new counter: returns the database key. ``add_operator`` comes next."""
    key = secrets.token_bytes(_KEY_BYTES)
    vault: dict[str, Any] = {"counter": counter, "commune": commune, "keystore": "none", "slots": [], "identity": None}
    _move_here(vault, key, identity.private_bytes_raw())
    _save(data, vault)
    return key


def _move_here(vault: dict[str, Any], key: bytes, identity: bytes) -> None:
    """The counter lives on this machine: a new device secret and the identity into its keystore, if it has one."""
    vault["keystore"] = kind_here()
    if vault["keystore"] == "os":
        keystore_here.put(vault["counter"], secrets.token_bytes(32))
        keystore_here.put(_own(vault), identity)
    vault["identity"] = None if vault["keystore"] == "os" else _wrap(_expand(key, b"identity"), identity)


def _own(vault: dict[str, Any]) -> str:
    """Under which name a keystore keeps the counter's identity."""
    return f"{vault['counter']}/identity"


# Slots of operators


def add_operator(
    data: Path, key: bytes, operator: str, name: str, roles: Collection[str], secret: str, *, temporary: bool = False
) -> None:
    """Let an operator open the store with ``secret`` (PIN, or passphrase without a keystore), anew if they could before.
    ``temporary``: it must be changed at the next sign-in.

    :raises Problem: ``secret_too_short``.
    """
    check_secret(keystore(data), secret)
    with _changing(data) as vault:
        _put_slot(vault, key, {"operator": operator, "name": name, "roles": list(roles)}, secret, temporary)


def _put_slot(vault: dict[str, Any], key: bytes, who: dict[str, Any], secret: str, temporary: bool = False) -> None:
    salt = secrets.token_bytes(16)
    slot = who | {"salt": _text(salt), "wrapped": _wrap(_key_of(vault, secret, salt), key), "wrong": 0, "since": 0.0}
    slot |= {"must_change": True} if temporary else {}
    known = {s["operator"]: s for s in vault["slots"]}
    vault["slots"] = list((known | {who["operator"]: slot}).values())  # where it was, or last


def check_secret(kind: str, secret: str) -> None:
    """A PIN is six digits or more; without a keystore a passphrase of 12 characters. :raises Problem: ``secret_too_short``."""
    need = PIN_LENGTH if kind == "os" else PASSPHRASE_LENGTH
    if len(_plain(secret).decode()) < need:
        raise Problem("secret_too_short", need=need, keystore=kind)


def unlock(data: Path, operator: str, secret: str, now: float | None = None) -> bytes:
    """The database key. Takes about 0.3 s and 64 MiB: not on a GUI thread.

    ``now``: seconds of the machine's monotonic clock, which no hand sets: a wait lasts as long as it should whatever the time
    of day says. It begins again when the machine was started anew.

    :raises Problem: ``wrong_pin`` (``left`` tries), ``locked_until`` (``seconds``), ``slot_locked``, ``operator_unknown``,
        ``operator_revoked``, ``keystore_missing`` (the store was copied from another PC, or the keystore was emptied),
        ``not_enrolled``.
    """
    vault, now = _load(data), time.monotonic() if now is None else now
    slot = _slot(vault, operator)
    _check_open(data, vault, slot, now)
    try:
        key = _unwrap(_key_of(vault, secret, vault_file.unspelled(slot["salt"])), slot["wrapped"])
    except InvalidTag:
        raise _wrong(data, operator, now) from None
    if slot["wrong"]:
        with _changing(data) as vault:
            _slot(vault, operator).update(wrong=0, since=0.0)
    return key


def _slot(vault: dict[str, Any], operator: str) -> dict[str, Any]:
    found: dict[str, Any] | None = next((s for s in vault["slots"] if s["operator"] == operator), None)
    if found is None:
        raise Problem("operator_unknown", operator=operator)
    return found


def _check_open(data: Path, vault: dict[str, Any], slot: dict[str, Any], now: float) -> None:
    """:raises Problem: ``operator_revoked``, ``slot_locked``, ``locked_until``."""
    if slot.get("closed"):
        raise Problem("operator_revoked", operator=slot["operator"])
    if _locked(vault, slot):
        raise Problem("slot_locked", operator=slot["operator"])
    if slot["wrong"] < TRIES:
        return
    since = float(slot.get("since", 0.0))
    if since > now:  # the machine was started since
        since = now
        with _changing(data) as fresh:
            _slot(fresh, slot["operator"])["since"] = now
    rest = since + 30 * 2 ** min(slot["wrong"] - TRIES, 7) - now
    if rest > 0:
        raise Problem("locked_until", seconds=max(1, round(rest)))


def _locked(vault: dict[str, Any], slot: dict[str, Any]) -> bool:
    """Locked for good only where somebody else or a paper can open it again: a counter that nobody can open is a loss."""
    return not slot["wrapped"] or (slot["wrong"] >= LOCKED_AFTER and _another_way(vault, slot["operator"]))


def _another_way(vault: dict[str, Any], operator: str) -> bool:
    others = [s for s in vault["slots"] if s["operator"] != operator and s["wrong"] < LOCKED_AFTER]
    return bool(vault.get("recovery")) or any(s["wrapped"] and not s.get("closed") and may(of(s), CARE) for s in others)


def _wrong(data: Path, operator: str, now: float) -> Problem:
    """One more wrong secret, counted so that several at once count too."""
    with _changing(data) as vault:
        slot = _slot(vault, operator)
        slot["wrong"] += 1
        slot["since"] = now
        locked = _locked(vault, slot)
    return Problem("slot_locked", operator=operator) if locked else Problem("wrong_pin", left=max(0, TRIES - slot["wrong"]))


def change_secret(data: Path, operator: str, old: str, new: str) -> bytes:
    """The operator's own new PIN or passphrase; returns the database key.

    :raises Problem: ``secret_too_short``, ``secret_same``, as ``unlock``.
    """
    check_secret(keystore(data), new)
    if _plain(old) == _plain(new):
        raise Problem("secret_same")
    key = unlock(data, operator, old)
    with _changing(data) as vault:
        slot = _slot(vault, operator)
        _put_slot(vault, key, {"operator": operator, "name": slot["name"], "roles": list(of(slot))}, new)
    return key


def keep_in_line(data: Path, people: dict[str, tuple[str, Collection[str]] | None]) -> None:
    """Slots of people as they are called now (id -> name, roles), or gone (None). The last way into a store is not thrown away
    but closed: it opens again when its operator is let in again. Ids that are not named stay as they are."""
    slots = _load(data)["slots"]
    if not any(_out_of_line(slot, people) for slot in slots):
        return
    with _changing(data) as vault:
        for slot in list(vault["slots"]):
            told = people.get(slot["operator"], (slot["name"], of(slot)))
            if told is not None:
                slot.pop("closed", None)
                slot |= {"name": told[0], "roles": list(told[1])}
            elif any(s is not slot and s["wrapped"] for s in vault["slots"]):
                vault["slots"].remove(slot)
            else:
                slot["closed"] = True


def _out_of_line(slot: dict[str, Any], people: dict[str, tuple[str, Collection[str]] | None]) -> bool:
    if slot["operator"] not in people:
        return False
    told = people[slot["operator"]]
    if told is None:
        return not slot.get("closed")
    return bool(slot.get("closed")) or (slot["name"], of(slot)) != (told[0], tuple(told[1]))


# The paper in the safe


def make_recovery(data: Path, key: bytes) -> str:
    """A new recovery code, which is nowhere else: an earlier one opens nothing any more."""
    raw = recovery_code.fresh()
    own = identity(data, key).private_bytes_raw()
    with _changing(data) as vault:
        _put_recovery(vault, raw, key, own)
    return recovery_code.encode(raw)


def _put_recovery(vault: dict[str, Any], raw: bytes, key: bytes, own: bytes) -> None:
    salt = secrets.token_bytes(16)
    vault["recovery"] = {"salt": _text(salt), "wrapped": _wrap(_expand(raw + salt, b"recovery"), key + own)}


def has_recovery(data: Path) -> bool:
    """Whether a recovery code was made that has not been used."""
    return bool(_load(data).get("recovery"))


def recover(data: Path, code: str, operator: str, new: str) -> tuple[bytes, str]:
    """Open with the code on paper and give an operator a new PIN or passphrase: the database key, and the code that replaces the
    used one. Where the keystore of this machine does not know the counter (a new PC, after a restore), it moves here, and the
    other operators' slots stay locked until each gets a new PIN.

    :raises Problem: ``recovery_code_malformed``, ``recovery_none``, ``recovery_wrong``, ``operator_unknown``,
        ``operator_revoked``, ``secret_too_short``.
    """
    raw, vault = recovery_code.decode(code), _load(data)
    slot, kept = _slot(vault, operator), vault.get("recovery")
    if not kept:
        raise Problem("recovery_none")
    try:
        both = _unwrap(_expand(raw + vault_file.unspelled(kept["salt"]), b"recovery"), kept["wrapped"])
    except InvalidTag:
        raise Problem("recovery_wrong") from None
    if slot.get("closed"):
        raise Problem("operator_revoked", operator=operator)
    key, own, fresh = both[:_KEY_BYTES], both[_KEY_BYTES:], recovery_code.fresh()
    known = vault["keystore"] != "os" or keystore_here.knows(vault["counter"], _own(vault))
    check_secret(vault["keystore"] if known else kind_here(), new)
    with _changing(data) as vault:
        if not known:
            _move_here(vault, key, own)
            vault["slots"] = [s | {"wrapped": ""} for s in vault["slots"]]
        _put_slot(vault, key, {"operator": operator, "name": slot["name"], "roles": list(of(slot))}, new)
        _put_recovery(vault, fresh, key, own)
    return key, recovery_code.encode(fresh)


# What it says


def identity(data: Path, key: bytes) -> Ed25519PrivateKey:
    """The counter's signing key. :raises Problem: ``keystore_missing``, ``vault_damaged``."""
    vault = _load(data)
    try:
        own = vault["identity"]
        raw = _unwrap(_expand(key, b"identity"), own) if own else keystore_here.get(_own(vault))
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (InvalidTag, ValueError) as error:
        raise Problem("vault_damaged", part="identity") from error


def operators(data: Path) -> list[dict[str, Any]]:
    """Who may sign in here: ``[{id, name, roles, locked, must_change}]``, readable before sign-in. ``locked``: only by somebody
    else or the recovery paper."""
    vault = _load(data)
    return [
        {
            "id": slot["operator"],
            "name": slot["name"],
            "roles": list(of(slot)),
            "locked": bool(slot.get("closed")) or _locked(vault, slot),
            "must_change": bool(slot.get("must_change")),
        }
        for slot in vault["slots"]
    ]


def refusals(data: Path) -> dict[str, int]:
    """Wrong secrets in a row since each operator last came in; only of those who have some."""
    return {str(s["operator"]): int(s["wrong"]) for s in _load(data)["slots"] if s["wrong"]}


def keystore(data: Path) -> str:
    """``"os"`` or ``"none"``."""
    return str(_load(data)["keystore"])


def summary(data: Path) -> dict[str, str]:
    """``{counter, commune, keystore}`` of an enrolled data folder. :raises Problem: ``not_enrolled``."""
    vault = _load(data)
    return {k: str(vault[k]) for k in ("counter", "commune", "keystore")}


def is_enrolled(data: Path) -> bool:
    """Whether a counter lives in this folder (an enrolment cut half-way does not count)."""
    return _file(data).exists() and bool(_load(data)["slots"])


def vault_bytes(data: Path) -> bytes:
    """The vault for a back-up: without it the back-up could not be opened on a new disk. :raises Problem: ``vault_damaged``."""
    try:
        return _file(data).read_bytes()
    except OSError as error:
        raise Problem("vault_damaged", file=_file(data).name) from error


def put_vault(data: Path, raw: bytes) -> None:
    """Write the vault of a back-up. :raises Problem: ``backup_damaged``."""
    try:
        slots = json.loads(raw)["slots"]
    except (ValueError, KeyError, TypeError) as error:
        raise Problem("backup_damaged", part="vault") from error
    if not slots:
        raise Problem("backup_damaged", part="vault")
    write_atomic(_file(data), raw)


def _key_of(vault: dict[str, Any], secret: str, salt: bytes) -> bytes:
    stretched = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024).derive(_plain(secret))
    device = keystore_here.get(vault["counter"]) if vault["keystore"] == "os" else b""
    return _expand(stretched + device, b"slot")


def _plain(secret: str) -> bytes:
    """NFC and NFD are one passphrase."""
    return unicodedata.normalize("NFC", secret).encode()


def _expand(material: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"motcua " + purpose).derive(material)


def _wrap(key: bytes, plain: bytes) -> str:
    nonce = secrets.token_bytes(12)
    return _text(nonce + AESGCM(key).encrypt(nonce, plain, None))


def _unwrap(key: bytes, wrapped: str) -> bytes:
    raw = vault_file.unspelled(wrapped)
    return AESGCM(key).decrypt(raw[:12], raw[12:], None)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _file(data: Path) -> Path:
    return data / "vault.json"


def _load(data: Path) -> dict[str, Any]:
    return vault_file.read(_file(data))


@contextmanager
def _changing(data: Path) -> Iterator[dict[str, Any]]:
    """The vault, to be changed by nobody else meanwhile; written whole at the end."""
    lock = hold(state_folder(), f"{_load(data)['counter']}-vault", wait=10)
    try:
        vault = _load(data)
        yield vault
        _save(data, vault)
    finally:
        lock.release()


def _save(data: Path, vault: dict[str, Any]) -> None:
    vault_file.write(_file(data), vault)
