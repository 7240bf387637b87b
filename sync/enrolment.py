"""Enrolment: a one-time code makes this PC a counter, with keys, profile, numbers and an empty encrypted store."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forms.problem import Problem
from forms.roles import of
from sync import epochs, hearing, vault
from sync.fingerprint import enrolment_message, fingerprint, split_code
from sync.gateway_client import GatewayClient, check_url
from sync.incarnation import Incarnation
from sync.store import Store, numbers
from sync.store.opening import FILE


def enrol(
    data: Path, url: str, code: str, operator: str, secret: str, now: datetime, *, allow_http: bool = False
) -> dict[str, Any]:
    """Enrol at the gateway; returns ``{counter, commune, operator, ranges, keystore}``.

    ``secret``: the operator's PIN, or passphrase where the system keeps no secrets.

    :raises Problem: ``already_enrolled``, ``enrol_code_*``, ``gateway_key_differs``, ``secret_too_short``, ``no_line``,
        ``not_the_gateway``, ``http_refused``.
    """
    if vault.is_enrolled(data):
        raise Problem("already_enrolled", counter=vault.summary(data)["counter"])
    url = check_url(url, allow_http)
    secret_part, wanted = split_code(code)
    vault.check_secret(vault.kind_here(), secret)
    identity, epoch = Ed25519PrivateKey.generate(), secrets.token_hex(8)
    public = identity.public_key().public_bytes_raw().hex()
    with GatewayClient(url) as client:
        reply = client.enrol({"secret": secret_part, "public_key": public, "epoch": epoch, "operator": operator})
    _check(reply, public, wanted)
    key = vault.make(data, identity, reply["counter"], reply["profile"]["centre"])
    person = reply["person"]
    _make_store(data, key, url, epoch, reply, now)
    vault.add_operator(data, key, person["id"], person["name"], of(person), secret)
    return {
        "counter": reply["counter"],
        "commune": reply["profile"]["unit"],
        "operator": person["id"],
        "ranges": reply["ranges"],
        "keystore": vault.keystore(data),
    }


def _make_store(data: Path, key: bytes, url: str, epoch: str, reply: dict[str, Any], now: datetime) -> None:
    for left_over in data.glob(FILE + "*"):
        left_over.unlink()  # of an enrolment that was cut before it had an operator: nobody could ever open it
    store = Store.open(data / FILE, key, create=True)
    with store.write():
        epochs.first(store, reply["counter"], epoch, now)
        numbers.set_leases(store, epoch, reply["ranges"])
        store.set_meta(
            counter=reply["counter"],
            profile=reply["profile"],
            gateway_url=url,
            gateway_key=reply["gateway_key"],
            gateway_epoch=reply["gateway_epoch"],
            enrolled_at=now.isoformat(),
        )
        if not reply["replaces"]:  # a PC in another's place hears everything
            hearing.begin(store, now)
    Incarnation(reply["counter"], store).born()
    store.close()


def _check(reply: dict[str, Any], public: str, wanted: str) -> None:
    """The key must be the one the code names, and it must have signed this very reply."""
    try:
        signature = bytes.fromhex(reply.pop("signature"))
        key = bytes.fromhex(reply["gateway_key"])
    except (KeyError, ValueError, TypeError) as error:
        raise Problem("not_the_gateway") from error
    if fingerprint(key) != wanted:
        raise Problem("gateway_key_differs")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, enrolment_message(reply, public))
    except (InvalidSignature, ValueError, RecursionError) as error:  # what has no canonical spelling was not signed
        raise Problem("gateway_key_differs") from error
