"""Download addresses of scans: opened by who has one, while it holds, for what the dossier names, from a gateway process."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from sync import acts, erasure
from sync.contact import until_empty
from sync.counter import Counter, vietnam_now
from sync.events import GENESIS, Event, body_hash
from sync.gateway import schema as t
from sync.gateway.files import file_of, link, open_link
from sync.gateway.ledger import Ledger
from sync.gateway.scans import ScanPiece
from sync.gateway_client import Traffic
from sync.group import Group
from sync.scans import attach_bytes
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.sync.scan_samples import pdf, png

HOUR = 3600
WHO = "CB001"
HOME, ELSEWHERE = "H38.27.09", "H38.27.10"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Sent:
    """A dossier whose two scans stand at a gateway, and a ledger of this process on the gateway's data."""

    hub: GatewayProcess
    counter: Counter
    ledger: Ledger
    dossier: str
    picture: bytes
    paper: bytes

    def link(self, data: bytes, seconds: int = HOUR, dossier: str = "") -> str:
        return link(self.ledger, self.hub.url + "/", dossier or self.dossier, _hash(data), seconds, vietnam_now())

    def sync(self) -> None:
        until_empty(self.counter, self.hub.url, time.monotonic() + 60, Traffic())


@pytest.fixture
def sent(tmp_path: Path, hub: GatewayProcess) -> Iterator[Sent]:
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    counter = open_counter(tmp_path / "c")
    typed = next(examples(Catalogue.load(), "1.004873", None, 1, 1))
    dossier = counter.receive(typed, WHO, allow_incomplete=True, date_confirmed=True).id
    place = counter.dossier(dossier)["papers"][0]["code"]
    with closing(Ledger(hub.data)) as ledger:
        one = Sent(hub, counter, ledger, dossier, png(noise=300_000), pdf(2))
        for data in (one.picture, one.paper):
            attach_bytes(counter, dossier, place, data, WHO)
        one.sync()
        yield one
    counter.close()


def asked(url: str) -> tuple[int, str]:
    """The status, and the problem when there is one."""
    answer = httpx.get(url)
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["problem"]


def changed(url: str, path: Callable[[str], str] = str, **query: str | None) -> str:
    """An address with another path, other values in its query, or without them (None)."""
    parts = urlsplit(url)
    values = dict(parse_qsl(parts.query)) | query
    return parts._replace(path=path(parts.path), query=urlencode({k: v for k, v in values.items() if v is not None})).geturl()


def test_an_address_gives_the_bytes_of_the_scan_and_says_nothing_of_anybody(sent: Sent) -> None:
    name = str(sent.counter.dossier(sent.dossier)["applicant"]["full_name"])
    for data, kind, ending in ((sent.picture, "image/png", "png"), (sent.paper, "application/pdf", "pdf")):
        url = sent.link(data)
        answer = httpx.get(url)
        assert (answer.status_code, answer.content) == (200, data)
        head = answer.headers
        assert (head["content-type"], head["content-length"]) == (kind, str(len(data)))
        assert (head["cache-control"], head["x-content-type-options"]) == ("no-store", "nosniff")
        assert head["content-disposition"] == f'attachment; filename="{_hash(data)[:16]}.{ending}"'
        assert urlsplit(url).path == f"/v1/files/{sent.dossier}/{_hash(data)}"
        assert not any(word in url for word in (name, WHO, sent.hub.commune))
    assert httpx.head(sent.link(sent.paper)).headers["content-length"] == str(len(sent.paper))
    logs = "".join(file.read_text("ascii") for file in sent.hub.data.glob("gateway.log*"))
    assert sent.dossier not in logs


def test_what_was_not_signed_opens_nothing(sent: Sent) -> None:
    url = sent.link(sent.picture)
    query = dict(parse_qsl(urlsplit(url).query))
    until, sig = query["until"], query["sig"]
    stranger = Ed25519PrivateKey.generate()
    own, sent.ledger.key = sent.ledger.key, stranger
    forged = sent.link(sent.picture)
    sent.ledger.key = own
    other = dict(parse_qsl(urlsplit(sent.link(sent.paper)).query))
    last = next(c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c != sig[-1])
    wrong = [
        forged,
        changed(url, until=str(int(until) + 1)),
        changed(url, until="0" + until),
        changed(url, until="+" + until),
        changed(url, until=until + ".0"),
        changed(url, until="9" * 400),
        changed(url, until="٣" * 10),
        changed(url, until=None),
        changed(url, sig=None),
        changed(url, sig=""),
        changed(url, sig=sig[:-1] + last),
        changed(url, sig=sig + "=="),
        changed(url, sig="A" * 5000),
        changed(url, sig="ký" * 43),
        changed(url, sig=sig[:-4]),
        changed(url, sig=other["sig"], until=other["until"]),
        changed(url, lambda path: path.replace(_hash(sent.picture), _hash(sent.paper))),
        changed(url, lambda path: path.replace(sent.dossier, "x")),
        changed(url, lambda path: path.replace(sent.dossier, "%ff%00")),
        changed(url, lambda path: path + "%22%0d%0aX"),
        changed(url, lambda path: path.upper().replace("/V1/FILES", "/v1/files")),
    ]
    for one in wrong:
        assert asked(one) == (403, "link_wrong"), one
    assert asked(url) == (200, "")
    assert httpx.get(changed(url, lambda path: path.replace("/files/", "/files/../sync/"))).status_code in (404, 405)
    assert httpx.post(url).status_code == 405
    assert httpx.get(wrong[0]).headers["cache-control"] == "no-store"


def test_an_address_holds_only_so_long(sent: Sent) -> None:
    assert asked(sent.link(sent.picture, 0)) == (410, "link_expired")
    parts = dict(parse_qsl(urlsplit(sent.link(sent.picture, 60)).query))
    late = vietnam_now() + timedelta(seconds=61)
    given = (sent.dossier, _hash(sent.picture), parts["until"], parts["sig"])
    assert open_link(sent.ledger, *given, vietnam_now()).size == len(sent.picture)
    with pytest.raises(Problem, match="link_expired"):
        open_link(sent.ledger, *given, late)


def test_a_signed_address_opens_only_what_the_dossier_names_and_the_gateway_holds(sent: Sent) -> None:
    other = next(examples(Catalogue.load(), "1.004873", None, 1, 2))
    second = sent.counter.receive(other, WHO, allow_incomplete=True, date_confirmed=True).id
    late = pdf(3)
    place = sent.counter.dossier(second)["papers"][0]["code"]
    attach_bytes(sent.counter, second, place, late, WHO)
    assert asked(sent.link(late, dossier=second)) == (404, "scan_unknown")  # neither the act nor the bytes have come
    sent.sync()
    assert asked(sent.link(late, dossier=second)) == (200, "")
    assert asked(sent.link(late)) == (404, "scan_unknown")  # another dossier's
    assert asked(sent.link(sent.picture, dossier=second)) == (404, "scan_unknown")
    assert asked(sent.link(b"never sent")) == (404, "scan_unknown")
    with sent.ledger.writing() as db:  # a flipped byte of the disk
        where = t.scan_chunks.c.sha256 == _hash(late)
        db.execute(sa.update(t.scan_chunks).where(where).values(bytes=b"x" * len(late)))
    assert asked(sent.link(late, dossier=second)) == (404, "scan_unknown")


def test_an_erased_dossier_gives_nothing(sent: Sent) -> None:
    acts.withdraw(sent.counter, sent.dossier, WHO, "thử")
    erasure.erase(sent.counter, sent.dossier, WHO, "Quyết định thử số 12")
    url = sent.link(sent.picture)
    assert asked(url) == (200, "")
    sent.sync()
    assert asked(url) == (404, "scan_unknown")


class Told:
    """A counter of a commune, as the gateway hears it."""

    def __init__(self, ledger: Ledger, commune: str, name: str) -> None:
        self.ledger, self.commune, self.name, self.number, self.head = ledger, commune, name, 0, GENESIS
        with ledger.writing() as db:
            db.execute(sa.insert(t.counters).values(id=name, commune=commune, key=b"k" * 32))

    def say(self, event: str, body: Any, dossier: str = "d") -> None:
        secret, self.number = self.name.encode().ljust(16, b"."), self.number + 1
        digest = body_hash(secret, "e", self.number, body)
        told = Event(self.name, "e", self.number, dossier, event, self.number << 12, WHO, self.head, digest, body)
        self.head = told.hash
        self.ledger.store(lambda batch: batch.add_group(self.commune, Group((told,), {dossier: secret.hex()})))

    def attach(self, data: bytes, kind: str = "application/pdf") -> None:
        scan = {"sha256": _hash(data), "size": len(data), "paper": "p", "kind": kind, "pages": 1, "readable": True}
        self.say("attached", scan)

    def send(self, data: bytes, most: int = 1 << 20) -> None:
        for at in range(0, len(data), most):
            piece = ScanPiece(self.commune, _hash(data), len(data), at, data[at : at + most])
            self.ledger.store(lambda batch, piece=piece: batch.add_scan(piece))  # type: ignore[misc]


@pytest.fixture
def communes(tmp_path: Path) -> Iterator[tuple[Ledger, Told, Told]]:
    """Two communes; the dossier ``d`` was received in the first."""
    with closing(Ledger(tmp_path / "gateway")) as ledger:
        for unit, area in ((HOME, "02680"), (ELSEWHERE, "02683")):
            ledger.add_commune({"unit": unit, "area": area, "name": unit})
        yield ledger, Told(ledger, HOME, "one"), Told(ledger, ELSEWHERE, "two")


@pytest.mark.parametrize("competent", [{}, {"competent": {"unit": "02683"}}])
def test_another_commune_that_knows_a_hash_opens_nothing_by_naming_it(
    communes: tuple[Ledger, Told, Told], competent: dict[str, Any]
) -> None:
    ledger, ours, others = communes
    data, theirs = b"of somebody else, held here", b"attached there"
    ours.say("received", {"code": "H38.27.09-261128-0001"} | competent)
    ours.send(data)
    others.attach(data)
    with pytest.raises(Problem, match="scan_unknown"):
        file_of(ledger, "d", _hash(data))
    others.attach(theirs)
    others.send(theirs)
    if competent:  # a commune of the dossier
        assert b"".join(file_of(ledger, "d", _hash(theirs)).pieces()) == theirs
    else:
        with pytest.raises(Problem, match="scan_unknown"):
            file_of(ledger, "d", _hash(theirs))
    ours.attach(data)
    assert b"".join(file_of(ledger, "d", _hash(data)).pieces()) == data


def test_what_is_under_way_ends_when_its_dossier_is_erased(communes: tuple[Ledger, Told, Told]) -> None:
    ledger, ours, _others = communes
    data = bytes(range(250)) * 8
    ours.say("received", {"code": "H38.27.09-261128-0001"})
    ours.attach(data)
    ours.send(data, most=500)
    begun = file_of(ledger, "d", _hash(data)).pieces()
    assert next(begun) == data[:500]
    ours.say("erased", {"dossier": "d", "basis": "Quyết định thử số 12"}, "")
    with pytest.raises(Problem, match="scan_unknown"):
        list(begun)


def test_what_a_counter_says_of_a_file_never_becomes_a_header(communes: tuple[Ledger, Told, Told]) -> None:
    ledger, ours, _others = communes
    ours.say("received", {"code": "H38.27.09-261128-0001"})
    ours.say("attached", ["no", "body"])
    ours.say("attached", {"sha256": _hash(b"z"), "size": -1})
    page = b"<script>alert(1)</script>"
    ours.attach(page, "text/html\r\nset-cookie: a=b")
    ours.send(page)
    found = file_of(ledger, "d", _hash(page))
    assert (found.kind, found.name) == ("application/octet-stream", f"{_hash(page)[:16]}.bin")
    assert json.dumps(found.name).isascii()
