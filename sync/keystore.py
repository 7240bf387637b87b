"""The operating system's keystore (``keyring``), where there is one that works."""

import os
import secrets

import keyring
from keyring.errors import KeyringError

from forms.problem import Problem

_SERVICE = "motcua"


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


def put(name: str, secret: bytes) -> None:
    """Keep a secret on this machine."""
    keyring.set_password(_SERVICE, name, secret.hex())


def get(name: str) -> bytes:
    """A secret that was kept. :raises Problem: ``keystore_missing``."""
    try:
        found = keyring.get_password(_SERVICE, name)
    except KeyringError as error:
        raise Problem("keystore_missing", reason=type(error).__name__) from error
    if not found:
        raise Problem("keystore_missing", reason="empty")
    return bytes.fromhex(found)


def knows(*names: str) -> bool:
    """Whether this machine keeps all of these."""
    try:
        return all(get(name) for name in names)
    except Problem:
        return False
