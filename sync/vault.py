"""Keys: who may open the store, and who the counter is.

The random database key is wrapped once per operator with a key from Argon2id(PIN) and, where the operating system keeps
secrets (keyring), a device secret. Where it does not, a passphrase of at least 12 characters stands in for the PIN. The
counter's identity is an Ed25519 key: in the keystore, or wrapped with the database key. ``vault.json`` beside the store
holds names of staff, salts and wrapped keys: no personal data of residents, nothing that opens anything by itself.
"""

import base64
import json
import os
import secrets
import time
import unicodedata
from pathlib import Path
from typing import Any

import keyring
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.errors import KeyringError

from forms.problem import Problem
from sync.files import read_json, write_atomic

_SERVICE = "motcua"
PASSPHRASE_LENGTH = 12
PIN_LENGTH = 6
TRIES = 5


def make(data: Path, identity: Ed25519PrivateKey, counter: str, commune: str) -> bytes:
    """A fresh vault for a new counter: returns the database key. ``add_operator`` comes next."""
    key, kind, raw = secrets.token_bytes(32), kind_here(), identity.private_bytes_raw()
    vault: dict[str, Any] = {"counter": counter, "commune": commune, "keystore": kind, "slots": [], "identity": None}
    if kind == "os":
        keyring.set_password(_SERVICE, counter, secrets.token_hex(32))
        keyring.set_password(_SERVICE, f"{counter}/identity", raw.hex())
    else:
        vault["identity"] = _wrap(_expand(key, b"identity"), raw)
    _save(data, vault)
    return key


def kind_here() -> str:
    """``"os"`` or ``"none"``. A keystore counts only when a real set, get and delete work:
    a locked one says it is there and then fails."""
    name, value = f"probe-{os.getpid()}", secrets.token_hex(8)
    try:
        keyring.set_password(_SERVICE, name, value)
        works = keyring.get_password(_SERVICE, name) == value
        keyring.delete_password(_SERVICE, name)
    except KeyringError:
        return "none"
    return "os" if works else "none"


def add_operator(data: Path, key: bytes, operator: str, name: str, role: str, secret: str) -> None:
    """Let an operator open the store with ``secret`` (PIN, or passphrase without a keystore).

    :raises Problem: ``secret_too_short``.
    """
    vault = _load(data)
    check_secret(vault["keystore"], secret)
    salt = secrets.token_bytes(16)
    wrapped = _wrap(_key_of(vault, secret, salt), key)
    slot = {"operator": operator, "name": name, "role": role, "salt": _text(salt), "wrapped": wrapped, "wrong": 0, "until": 0.0}
    vault["slots"] = [s for s in vault["slots"] if s["operator"] != operator] + [slot]
    _save(data, vault)


def check_secret(kind: str, secret: str) -> None:
    """A PIN is six digits or more; without a keystore a passphrase of 12 characters. :raises Problem: ``secret_too_short``."""
    need = PIN_LENGTH if kind == "os" else PASSPHRASE_LENGTH
    if len(_plain(secret).decode()) < need:
        raise Problem("secret_too_short", need=need, keystore=kind)


def unlock(data: Path, operator: str, secret: str, now: float | None = None) -> bytes:
    """The database key. Takes about 0.3 s and 64 MiB: not on a GUI thread.

    :raises Problem: ``wrong_pin`` (``left`` tries), ``locked_until`` (``seconds``), ``operator_unknown``,
        ``keystore_missing`` (the store was copied from another PC, or the keystore was emptied), ``not_enrolled``.
    """
    vault, now = _load(data), time.time() if now is None else now
    slot = next((s for s in vault["slots"] if s["operator"] == operator), None)
    if slot is None:
        raise Problem("operator_unknown", operator=operator)
    if slot["until"] > now:
        raise Problem("locked_until", seconds=round(slot["until"] - now))
    try:
        key = _unwrap(_key_of(vault, secret, base64.b64decode(slot["salt"])), slot["wrapped"])
    except InvalidTag:
        slot["wrong"] += 1
        left = max(0, TRIES - slot["wrong"])
        slot["until"] = 0.0 if left else now + 30 * 2 ** min(slot["wrong"] - TRIES, 7)
        _save(data, vault)
        raise Problem("wrong_pin", left=left) from None
    if slot["wrong"]:
        slot["wrong"], slot["until"] = 0, 0.0
        _save(data, vault)
    return key


def identity(data: Path, key: bytes) -> Ed25519PrivateKey:
    """The counter's signing key. :raises Problem: ``keystore_missing``."""
    vault = _load(data)
    if vault["identity"]:
        raw = _unwrap(_expand(key, b"identity"), vault["identity"])
    else:
        raw = bytes.fromhex(_from_keystore(f"{vault['counter']}/identity"))
    return Ed25519PrivateKey.from_private_bytes(raw)


def operators(data: Path) -> list[dict[str, str]]:
    """Who may sign in here: ``[{id, name, role}]``, readable before sign-in."""
    return [{"id": s["operator"], "name": s["name"], "role": s["role"]} for s in _load(data)["slots"]]


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
    """The vault for a back-up: without it the back-up could not be opened on a new disk."""
    return _file(data).read_bytes()


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
    device = bytes.fromhex(_from_keystore(vault["counter"])) if vault["keystore"] == "os" else b""
    return _expand(stretched + device, b"slot")


def _plain(secret: str) -> bytes:
    """NFC and NFD are one passphrase."""
    return unicodedata.normalize("NFC", secret).encode()


def _from_keystore(name: str) -> str:
    try:
        found = keyring.get_password(_SERVICE, name)
    except KeyringError as error:
        raise Problem("keystore_missing", reason=type(error).__name__) from error
    if not found:
        raise Problem("keystore_missing", reason="empty")
    return found


def _expand(material: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"motcua " + purpose).derive(material)


def _wrap(key: bytes, plain: bytes) -> str:
    nonce = secrets.token_bytes(12)
    return _text(nonce + AESGCM(key).encrypt(nonce, plain, None))


def _unwrap(key: bytes, wrapped: str) -> bytes:
    raw = base64.b64decode(wrapped)
    return AESGCM(key).decrypt(raw[:12], raw[12:], None)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _file(data: Path) -> Path:
    return data / "vault.json"


def _load(data: Path) -> dict[str, Any]:
    return read_json(_file(data), missing="not_enrolled", damaged="vault_damaged")


def _save(data: Path, vault: dict[str, Any]) -> None:
    write_atomic(_file(data), json.dumps(vault, ensure_ascii=False, indent=1).encode())
