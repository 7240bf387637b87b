"""Enrolment at the gateway: one-time codes, and counters that come with one."""

import base64
import hashlib
import secrets
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.dialects.sqlite import insert

from forms.names import clean
from forms.problem import Problem
from sync.fingerprint import enrolment_message, fingerprint
from sync.gateway import leasing, people
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger


def new_code(ledger: Ledger, commune: str, replaces: str | None = None) -> str:
    """A code not yet used. ``replaces``: the counter whose place the new PC takes; it is revoked once the code is used.

    :raises Problem: ``commune_unknown``, ``counter_unknown``.
    """
    ledger.profile(commune)
    if replaces and ledger.counter(replaces)[1] != commune:
        raise Problem("counter_unknown", counter=replaces)
    secret = base64.b32encode(secrets.token_bytes(10)).decode()[:10]
    with ledger.writing() as db:
        db.execute(sa.insert(t.codes).values(digest=_digest(secret), commune=commune))
        if replaces:
            db.execute(sa.insert(t.replacements).values(digest=_digest(secret), counter=replaces))
    text = secret + fingerprint(ledger.public_key)
    return "-".join(text[i : i + 5] for i in range(0, 20, 5))


def enrol(ledger: Ledger, request: dict[str, Any]) -> dict[str, Any]:
    """Admit a counter: its key, the commune's profile with the operator in it, its first lease. ``person``: who enrols, with
    their roles; ``replaces``: the counter that is revoked by it, or None.

    :raises Problem: ``enrol_code_unknown``, ``enrol_code_used``, ``frame_malformed``.
    """
    try:
        digest, key = _digest(str(request["secret"])), bytes.fromhex(request["public_key"])
        epoch, name = str(request["epoch"])[:64], clean(str(request["operator"]))[:200]
        Ed25519PublicKey.from_public_bytes(key)
    except (LookupError, ValueError, TypeError) as error:
        raise Problem("frame_malformed") from error
    counter = secrets.token_hex(6)
    with ledger.writing() as db:
        row = db.execute(sa.select(t.codes).where(t.codes.c.digest == digest)).first()
        if row is None:
            raise Problem("enrol_code_unknown")
        if row.used_by:
            raise Problem("enrol_code_used")
        db.execute(sa.update(t.codes).where(t.codes.c.digest == digest).values(used_by=counter))
        db.execute(sa.insert(t.counters).values(id=counter, commune=row.commune, key=key))
        profile = dict(db.scalar(sa.select(t.communes.c.profile).where(t.communes.c.unit == row.commune)) or {})
        person = people.admit(db, str(row.commune), profile, name)
        replaced = people.replace(db, str(row.commune), digest)
        ranges = leasing.widen(db, str(row.commune), counter, epoch)
        known = people.counters_of(db, str(row.commune))
    ledger.known.forget(("profile", str(row.commune)), ("ranges", counter, epoch), ("claims", counter))
    ledger.known.forget(("revoked", "counter", str(row.commune)))
    return {
        "counter": counter,
        "operator": person["id"],
        "person": person,
        "replaces": replaced,
        "profile": profile | {"counters": known},
        "ranges": ranges,
        "gateway_key": ledger.public_key.hex(),
        "gateway_epoch": ledger.epoch,
    }


def admit_relay(ledger: Ledger, counter: str, public_key: bytes) -> None:
    """The relay, which belongs to no commune and names the one it speaks to. Whoever may read the gateway's folder is let in."""
    with ledger.writing() as db:
        row = insert(t.counters).values(id=counter, commune="", key=public_key)
        db.execute(row.on_conflict_do_update(["id"], set_={"key": public_key}))
    ledger.known.forget(("counter", counter))


def signed(ledger: Ledger, reply: dict[str, Any], public_key: str) -> dict[str, Any]:
    """The reply with the gateway's signature over it and the counter's own key."""
    return reply | {"signature": ledger.key.sign(enrolment_message(reply, public_key)).hex()}


def _digest(secret: str) -> str:
    return hashlib.sha256(b"motcua code\0" + secret.encode()).hexdigest()
