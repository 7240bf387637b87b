"""One-time enrolment codes, as both sides read them.

A code is ``XXXXX-XXXXX-FFFFF-FFFFF``: 50 random bits, then 50 bits of the gateway key's fingerprint, so that who types it
also says which gateway is meant.
"""

import base64
import hashlib
from typing import Any

from forms.problem import Problem
from sync.events import canonical


def fingerprint(key: bytes) -> str:
    """Ten letters of the gateway key."""
    return base64.b32encode(hashlib.sha256(b"motcua gateway\0" + key).digest()).decode()[:10]


def split_code(code: str) -> tuple[str, str]:
    """(secret, fingerprint) of a typed code. :raises Problem: ``enrol_code_malformed``."""
    text = "".join(code.upper().replace("-", " ").split())
    if len(text) != 20:
        raise Problem("enrol_code_malformed")
    return text[:10], text[10:]


def enrolment_message(reply: dict[str, Any], public_key: str) -> bytes:
    """What the gateway signs at enrolment."""
    return b"motcua enrolment\0" + public_key.encode() + canonical(reply)
