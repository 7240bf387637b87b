"""Enrolment at the gateway: one-time codes, and counters that come with one."""

import base64
import hashlib
import secrets
from typing import Any

import sqlalchemy as sa

from forms.names import clean, fold
from forms.problem import Problem
from sync.fingerprint import enrolment_message, fingerprint
from sync.gateway import leasing
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger, counters_of


def new_code(ledger: Ledger, commune: str) -> str:
    """A code not yet used. :raises Problem: ``commune_unknown``."""
    ledger.profile(commune)
    secret = base64.b32encode(secrets.token_bytes(10)).decode()[:10]
    with ledger.writing() as db:
        db.execute(sa.insert(t.codes).values(digest=_digest(secret), commune=commune))
    text = secret + fingerprint(ledger.public_key)
    return "-".join(text[i : i + 5] for i in range(0, 20, 5))


def enrol(ledger: Ledger, request: dict[str, Any]) -> dict[str, Any]:
    """Admit a counter: its key, the commune's profile with the operator in it, its first lease.

    :raises Problem: ``enrol_code_unknown``, ``enrol_code_used``, ``frame_malformed``.
    """
    try:
        digest, key = _digest(str(request["secret"])), bytes.fromhex(request["public_key"])
        epoch, name = str(request["epoch"]), clean(str(request["operator"]))
    except (KeyError, ValueError) as error:
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
        operator = _operator(profile, name)
        db.execute(sa.update(t.communes).where(t.communes.c.unit == row.commune).values(profile=profile))
        ranges = leasing.widen(db, str(row.commune), counter, epoch)
        known = counters_of(db, str(row.commune))
    ledger.known.forget(("profile", str(row.commune)), ("ranges", counter, epoch), ("claims", counter))
    return {
        "counter": counter,
        "operator": operator,
        "profile": profile | {"counters": known},
        "ranges": ranges,
        "gateway_key": ledger.public_key.hex(),
        "gateway_epoch": ledger.epoch,
    }


def _operator(profile: dict[str, Any], name: str) -> str:
    """The id of an operator by name; a new name becomes a new clerk of the commune."""
    known = list(profile.get("operators", []))
    for person in known:
        if fold(person["name"]) == fold(name):
            return str(person["id"])
    fresh = {"id": f"CB{len(known) + 1:03d}", "name": name, "role": "clerk"}
    profile["operators"] = [*known, fresh]
    return str(fresh["id"])


def signed(ledger: Ledger, reply: dict[str, Any], public_key: str) -> dict[str, Any]:
    """The reply with the gateway's signature over it and the counter's own key."""
    return reply | {"signature": ledger.key.sign(enrolment_message(reply, public_key)).hex()}


def _digest(secret: str) -> str:
    return hashlib.sha256(b"motcua code\0" + secret.encode()).hexdigest()
