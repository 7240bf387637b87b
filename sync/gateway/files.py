"""Scans of a dossier for a receiving system: an address that opens one file for a while, signed by the gateway.

``GET /v1/files/{dossier}/{sha256}?until={unix seconds}&sig={base64url of an Ed25519 signature}``. Whoever has the address has the
file until then, so it is made for one system and told to it alone; it names no person. It opens only what its dossier names now:
a scan that a commune of the dossier attached itself, whose bytes that commune sent whole, and nothing once it was erased by law.

Needs the database and the key only, so a process beside the gateway may use it with a ``Ledger`` of its own.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature

from forms.dossier import fold
from forms.problem import Problem
from sync.events import canonical
from sync.gateway import schema as t
from sync.gateway.ledger import Ledger
from sync.scan_files import JPEG, PDF, PNG

_C = t.scan_chunks.c
_ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_OTHER = ("application/octet-stream", "bin")


@dataclass(frozen=True)
class ScanFile:
    """A scan that is held whole and was proven a moment ago. ``kind``: media type; ``name``: for whoever saves it, no personal
    data; ``size``: bytes."""

    kind: str
    name: str
    size: int
    _ledger: Ledger
    _place: tuple[str, str]
    _offsets: tuple[int, ...]

    def pieces(self) -> Iterator[bytes]:
        """The bytes from the start, each piece read when it is asked for, in no transaction that would outlast it.

        :raises Problem: ``scan_unknown``: erased meanwhile, what was not read is gone.
        """
        for offset in self._offsets:
            wanted = sa.select(_C.bytes).where(sa.tuple_(_C.commune, _C.sha256) == self._place, _C.offset == offset)
            with self._ledger.engine.connect() as db:
                piece = db.scalar(wanted)
            if piece is None:
                raise Problem("scan_unknown")
            yield bytes(piece)


def file_of(ledger: Ledger, dossier: str, sha256: str) -> ScanFile:
    """A scan that this dossier names. One that was erased by law names none.

    :raises Problem: ``scan_unknown``: it names none of that hash, or the bytes are not all here.
    """
    with ledger.engine.connect() as db:
        communes = list(db.scalars(sa.select(t.routes.c.commune).where(t.routes.c.dossier == dossier)))
    for commune in sorted(communes):
        kind = _named(ledger, commune, dossier, sha256)
        found = _whole(ledger, commune, sha256) if kind is not None else ()
        if kind is not None and found:
            media, ending = (kind, _ENDINGS[kind]) if kind in _ENDINGS else _OTHER
            offsets = tuple(offset for offset, _ in found)
            size = sum(length for _, length in found)
            return ScanFile(media, f"{sha256[:16]}.{ending}", size, ledger, (commune, sha256), offsets)
    raise Problem("scan_unknown")


def link(ledger: Ledger, base_url: str, dossier: str, sha256: str, seconds: int, now: datetime) -> str:
    """The address under which a scan can be downloaded for so many seconds; ``base_url``: the gateway as the receiving system
    reaches it."""
    until = int(now.timestamp()) + seconds
    signature = base64.urlsafe_b64encode(ledger.key.sign(_message(dossier, sha256, until))).rstrip(b"=").decode()
    return f"{base_url.rstrip('/')}/v1/files/{quote(dossier, safe='')}/{sha256}?until={until}&sig={signature}"


def open_link(ledger: Ledger, dossier: str, sha256: str, until: str, sig: str, now: datetime) -> ScanFile:
    """The file behind an address, of which these are the parts as they came.

    :raises Problem: ``link_wrong``: not signed by this gateway; ``link_expired``; as ``file_of``.
    """
    moment = int(until) if until.isascii() and until.isdigit() and len(until) <= 12 else -1
    try:
        raw = base64.urlsafe_b64decode(sig + "=" * (-len(sig) % 4))
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != sig or str(moment) != until:
            raise ValueError("another spelling")
        ledger.key.public_key().verify(raw, _message(dossier, sha256, moment))
    except (ValueError, InvalidSignature) as error:
        raise Problem("link_wrong") from error
    if now.timestamp() >= moment:
        raise Problem("link_expired")
    return file_of(ledger, dossier, sha256)


def _message(dossier: str, sha256: str, until: int) -> bytes:
    return b"motcua file\0" + canonical([dossier, sha256, until])


def _named(ledger: Ledger, commune: str, dossier: str, sha256: str) -> str | None:
    """The media type of a scan that the dossier, as this commune hears it, names and a counter of this commune attached: what
    another commune says of a hash gives no right to bytes that are here."""
    folded = fold(dossier, ledger.of_dossier(commune, dossier))
    with ledger.engine.connect() as db:
        own = set(db.scalars(sa.select(t.counters.c.id).where(t.counters.c.commune == commune)))
    attached = [r for r in folded.history if r["event"] == "attached" and not {"overruled", "marked"} & r.keys()]
    if not any(row["counter"] in own and row["body"].get("sha256") == sha256 for row in attached):
        return None
    return next((str(scan["kind"]) for scan in folded.scans if scan["sha256"] == sha256), None)


def _whole(ledger: Ledger, commune: str, sha256: str) -> tuple[tuple[int, int], ...]:
    """``(offset, length)`` of the pieces of a scan that hash to its name; () when they do not."""
    digest, found = hashlib.sha256(), []
    query = sa.select(_C.offset, _C.bytes).where(_C.commune == commune, _C.sha256 == sha256).order_by(_C.offset)
    with ledger.engine.connect() as db:
        for row in db.execute(query.execution_options(yield_per=4)):
            digest.update(row.bytes)
            found.append((row.offset, len(row.bytes)))
    return tuple(found) if digest.hexdigest() == sha256 else ()
