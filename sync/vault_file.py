"""The file of the vault: read whole or not at all. A check over its content tells a flipped bit; it proves no author."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from forms.problem import Problem
from sync.events import canonical
from sync.files import read_json, write_atomic

_CHECK = "check"
_NEEDED = {"counter", "commune", "keystore", "slots", "identity"}
_NAMES = _NEEDED | {"recovery"}
_ALWAYS = ("operator", "name", "salt", "wrapped", "wrong")
_KINDS: dict[str, Any] = dict.fromkeys(_ALWAYS, str) | {"wrong": int, "since": (int, float), "roles": list}
"""What stands in a slot, and of which kind it is."""


def read(file: Path) -> dict[str, Any]:
    """What a vault says; one of before the check has none. :raises Problem: ``not_enrolled``, ``vault_damaged``."""
    vault = read_json(file, missing="not_enrolled", damaged="vault_damaged")
    told = vault.pop(_CHECK, None)
    if not _shaped(vault) or told not in (None, _check_of(vault)):
        raise Problem("vault_damaged", file=file.name)
    return vault


def write(file: Path, vault: dict[str, Any]) -> None:
    """Durably, with its check. :raises Problem: ``disk_full``, ``file_unwritable``."""
    content = json.dumps(vault | {_CHECK: _check_of(vault)}, ensure_ascii=False, indent=1)
    write_atomic(file, content.encode())


def unspelled(text: Any) -> bytes:
    """Base64 of a vault. :raises Problem: ``vault_damaged``."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Problem("vault_damaged") from error


def _shaped(vault: dict[str, Any]) -> bool:
    if not _NEEDED <= vault.keys() <= _NAMES or not isinstance(vault["slots"], list):
        return False
    texts = all(isinstance(vault[name], str) for name in ("counter", "commune", "keystore"))
    return texts and all(isinstance(slot, dict) and _is_slot(slot) for slot in vault["slots"])


def _is_slot(slot: dict[str, Any]) -> bool:
    return slot.keys() >= set(_ALWAYS) and all(isinstance(slot[name], kind) for name, kind in _KINDS.items() if name in slot)


def _check_of(vault: dict[str, Any]) -> str:
    try:
        return hashlib.sha256(canonical(vault)).hexdigest()[:32]
    except (ValueError, RecursionError) as error:  # half a character, no number: nothing that we wrote
        raise Problem("vault_damaged") from error
