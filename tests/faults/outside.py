"""Every surface where bytes from outside are read, and a world to read them in.

A surface is a method ``(chance) -> None`` that makes one input and hands it over. A Problem is a right answer, anything else that
is raised a failure.
"""

import asyncio
import base64
import io
import json
import random
import re
import threading
import time
import zipfile
from collections import Counter as TallyOf
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgpack
import sqlalchemy as sa
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms.catalogue import Catalogue
from forms.definition import read_definition
from forms.example import examples
from forms.pack import load, load_json, read, read_procedure
from forms.person import parse_card
from forms.portal_records import read_file
from forms.problem import Problem
from forms.sample import paper
from forms.validation import check
from forms.working_days import VIETNAM
from resources import path_of
from sync import cli, compact, decoding, enrolment, pac, scan_files, vault, vault_file, verbs, wire
from sync.contact import until_empty
from sync.counter import Counter
from sync.files import read_json
from sync.gateway import schema as tables
from sync.gateway.app import Gateway
from sync.gateway.ledger import Ledger
from sync.gateway_client import GatewayClient, Traffic
from sync.group import Group
from sync.replication import Exchange
from sync.store import backup, log
from sync.syllables import Syllables
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.faults.mutations import ODD, as_text, damaged, twisted
from tests.sync.scan_samples import LOCKED, jpeg, pdf, png

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 28)
_CARD = "001123456789|012345678|Nguyễn Văn A|01011990|Nam|Xã Yên Thượng, tỉnh Lào Cai|01012022"


class Outside:
    """One world for all inputs: a counter enrolled at a gateway, with dossiers; a second gateway application in this process."""

    def __init__(self, folder: Path, hub: GatewayProcess) -> None:
        self.folder, self.hub = folder, hub
        folder.mkdir(parents=True, exist_ok=True)
        enrolled(folder / "counter", hub, code=hub.new_code())
        self.counter: Counter = open_counter(folder / "counter")
        lines = list(examples(CATALOGUE, "2.000815", None, 4, 21))
        self.dossiers = [self.counter.receive(line, "CB001", date_confirmed=True).id for line in lines]
        until_empty(self.counter, hub.url, time.monotonic() + 60, Traffic())
        self.ledger = Ledger(folder / "gateway")
        self.ledger.begin()
        self.gateway = Gateway(self.ledger)
        self.identity = Ed25519PrivateKey.generate()
        self._admit()
        self.said: TallyOf[str] = TallyOf()

    def close(self) -> None:
        """Everything of it."""
        self.counter.close()
        self.gateway.writer.close()
        self.ledger.close()

    def _admit(self) -> None:
        """The same counter is one of the second gateway's, with a key that we have: what it signs is looked at."""
        commune = self.ledger.add_commune(read_json(path_of("communes", "sample.json"), "", ""))
        public = self.identity.public_key().public_bytes_raw()
        with self.ledger.writing() as db:
            db.execute(sa.insert(tables.counters).values(id=self.counter.counter_id, commune=commune, key=public))

    # What is valid, to begin with

    @cached_property
    def header(self) -> dict[str, Any]:
        """A header as this counter sends it."""
        payload = Exchange(self.counter.store, self.identity, "n" * 32, self.counter.clock()).header()
        return wire.read_header(payload)[0]

    @cached_property
    def group(self) -> Group:
        """Everything this counter has done."""
        store = self.counter.store
        events = log.read(store, self.counter.counter_id, self.counter.epoch)
        return Group(tuple(events), log.secrets_of(store, events))

    @cached_property
    def requests(self) -> tuple[bytes, ...]:
        """Whole requests: header, groups, bytes of a scan."""
        head = wire.Frame("H", wire.sign_header(self.header, self.identity)).encode()
        groups = wire.GroupWriter()
        body = head + groups.frame(self.group) + wire.ScanBytes("ab" * 32, 0, b"x" * 999).encode()
        return body, head

    @cached_property
    def answers(self) -> tuple[bytes, ...]:
        """Answers of this gateway and of somebody else's pages."""
        key = self.ledger.key
        value = {"counter": "c", "logs": [], "scans": [], "time": 1, "gateway_epoch": "e", "commit": [1, "x"], "feed_head": 0}
        page = b"HTTP/1.1 200 OK\r\n\r\n<html><title>Wi-Fi</title></html>"
        runs = {"from": 0, "to": 4, "runs": [self.group.as_value()]}
        return wire.answer("A", value, "n1", key), wire.answer("F", runs, "n1", key), page, b'{"problem": "x"}' * 50

    def file(self, name: str, data: bytes) -> Path:
        """Bytes as a file."""
        path = self.folder / name
        path.write_bytes(data)
        return path

    def written(self) -> tuple[Any, ...]:
        """What must be the same after an input that was refused."""
        store = self.counter.store
        tables = ("events", "dossiers", "drafts", "scans", "numbers", "secrets")
        return tuple(store.value(f"SELECT count(*) FROM {t}") for t in tables)

    # Surfaces: the wire

    def request(self, chance: random.Random) -> None:
        """A request to the gateway, damaged on its way: answered, never with a bug."""
        data = damaged(chance, chance.choice(self.requests), self.requests)
        self._posted("/v1/sync", data)

    def header_of_an_enemy(self, chance: random.Random) -> None:
        """A header that is signed and packed as it should be, and says odd things."""
        value = twisted(chance, self.header) if chance.random() < 0.8 else self.header | {"feed": chance.choice(ODD)}
        body = bytes([wire.DICTIONARY]) + zstandard.ZstdCompressor(dict_data=wire._dictionary(1)).compress(_packed(value))
        payload = self.identity.sign(b"motcua header\0" + body) + body
        self._posted("/v1/sync", wire.Frame("H", payload).encode())

    def bomb(self, chance: random.Random) -> None:
        """Little that becomes much: zeros, empty maps, nested lists, lengths that lie, in a header and in a group."""
        size = chance.choice((1 << 10, 1 << 18, 1 << 20, 1 << 24, 1 << 27))
        fill = chance.choice((b"\0", b"\x80", b"\x91", b"\xdd\x00\x01\x00\x00", b"\xdf\xff\xff\xff\xff", b"\xc7\xff\x07["))
        plain = (fill * (size // len(fill) + 1))[:size]
        packer = zstandard.ZstdCompressor(level=1, write_content_size=chance.random() < 0.5)
        packed = packer.compress(plain) if chance.random() < 0.7 else packer.compressobj().compress(plain)
        payload = bytes(64) + bytes([chance.choice((wire.DICTIONARY, 0, 255))]) + packed
        for act in (
            lambda: self._posted("/v1/sync", wire.Frame("H", payload).encode()),
            lambda: wire.GroupReader(wire.DICTIONARY).group(chance.choice((size, 1 << 20, 1)).to_bytes(4, "big") + packed),
            lambda: _unpacked(plain[: 1 << 20]),
        ):
            with suppress(Problem):
                act()

    def packed(self, chance: random.Random) -> None:
        """Packed values."""
        value = compact.pack(chance.choice((self.header, self.group.as_value())), Syllables.load(wire.DICTIONARY))
        odd = msgpack.packb([msgpack.ExtType(chance.randrange(40), chance.randbytes(chance.randrange(40)))])
        text = msgpack.ExtType(7, as_text(chance, twisted(chance, {"a": "x"})))
        data = chance.choice((damaged(chance, value, (odd,)), odd, msgpack.packb(text)))
        canonical = json.dumps(_unpacked(data), ensure_ascii=False, default=str)
        canonical.encode()  # what comes out can be kept

    def group_of_an_enemy(self, chance: random.Random) -> None:
        """A group that is packed as it should be, and holds odd rows."""
        group = Group.from_value(_unpacked(_packed(twisted(chance, self.group.as_value()))))
        assert all(0 < e.number < 1 << 63 for e in group.events)

    def answer(self, chance: random.Random) -> None:
        """What comes back is not the gateway's, or was damaged: nothing of it is believed."""
        exchange = Exchange(self.counter.store, self.identity, "n1", self.counter.clock())
        exchange.header()
        before = self.written()
        try:
            exchange.answer(damaged(chance, chance.choice(self.answers), self.answers))
        finally:
            assert self.written() == before and not exchange.outcome.acknowledged

    def enrolling(self, chance: random.Random) -> None:
        """Somebody asks the gateway for a place."""
        key = self.identity.public_key().public_bytes_raw().hex()
        asked = {"secret": "ABCDEFGHIJ", "public_key": key, "epoch": "e1", "operator": "Trần Thị Kiểm"}
        self._posted("/v1/enrol", as_text(chance, twisted(chance, asked)))

    def position(self, chance: random.Random) -> None:
        """Somebody asks the gateway where it stands."""
        self._posted("/v1/position", damaged(chance, self.requests[1][5:]))

    def _posted(self, path: str, data: bytes) -> None:
        async def over() -> httpx.Response:
            transport = httpx.ASGITransport(self.gateway.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
                if path == "/v1/position":
                    return await http.get(path, headers={"x-motcua": base64.b64encode(data).decode()})
                return await http.post(path, content=data)

        answer = asyncio.run(over())
        assert answer.status_code < 500, answer.status_code
        self.said[f"{path} {answer.status_code}"] += 1

    def reply(self, chance: random.Random) -> None:
        """Who answers an enrolment is anybody."""
        profile = {"unit": "H38.27.09", "centre": "x", "operators": []}
        said = {"counter": "c", "gateway_key": "00" * 32, "signature": "00" * 64, "profile": profile, "ranges": [[1, 9]]}
        problem = {"problem": "enrol_code_used", "details": {"code": 1, "x": "<b>"}}
        page = b"<html>" + b"x" * chance.choice((10, 5 << 20))
        body = chance.choice((as_text(chance, twisted(chance, said)), as_text(chance, twisted(chance, problem)), page))
        with _answering(body) as url, closing(GatewayClient(url)) as client:
            value = client.enrol({"secret": "x"})
        enrolment._check(value, "00" * 32, chance.choice(("x", "ABCDEFGHIJ")))

    # Surfaces: files

    def picture(self, chance: random.Random) -> None:
        """A picture that is none."""
        seeds = (png(), png(4000, 4000), jpeg(), jpeg(65_000, 9), png(noise=5000))
        found = scan_files.look(damaged(chance, chance.choice(seeds), seeds))
        assert found.pages <= scan_files.MOST_PAGES

    def document(self, chance: random.Random) -> None:
        """A PDF that is none, in the child."""
        seeds = (pdf(2), pdf(9), LOCKED, _PDF_DEEP, _PDF_LOOP)
        found = decoding.look(damaged(chance, chance.choice(seeds), seeds))
        assert found.pages <= scan_files.MOST_PAGES

    def pack(self, chance: random.Random) -> None:
        """A procedure or e-form of somebody's pack."""
        if chance.random() < 0.5:
            found = read(self.file("pack.json", as_text(chance, twisted(chance, chance.choice(_PACKS)))), read_procedure)
            assert found.cases and found.channels
        else:
            file = self.file("form.json", as_text(chance, twisted(chance, chance.choice(_FORMS))))
            form = read(file, lambda raw: read_definition(raw, _LISTS))
            line = next(examples(CATALOGUE, "1.001193", None, 1, 4))
            list(check(CATALOGUE.procedure("1.001193"), form, line | {"answers": {}}, TODAY))  # type: ignore[arg-type]

    def portal(self, chance: random.Random) -> None:
        """A table of the portal."""
        csv = b"CODE,NAME,FEE,CHANNELS,PROCESSING_TIME,TIME_UNIT\r\n1.001,Khai sinh,DIRECT: 8.000 d,DIRECT+ONLINE,3,DAY\r\n"
        record = [{"MATTHC": "1.001193", "TENTTHC": "Khai sinh", "CACHTHUCTHUCHIEN": [{"KENH": "1", "THOIGIAN": [{}]}]}]
        raw = damaged(chance, csv * 9) if chance.random() < 0.5 else as_text(chance, twisted(chance, record))
        read_file(self.file("portal", raw))

    def named_file(self, chance: random.Random) -> None:
        """A file that somebody names."""
        load_json(self.file("named.json", as_text(chance, twisted(chance, {"a": [1, {"b": "c"}]}))))

    def copy(self, chance: random.Random) -> None:
        """A back-up from elsewhere: nothing lands outside, nothing swells."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as box:
            for name in chance.choice(
                (("store.db", "vault.json"), ("../store.db", "vault.json"), ("store.db",), ("/tmp/x", "y"))
            ):
                box.writestr(name, bytes(chance.choice((9, 5000, 30 << 20))))
        source = self.file("copy.backup", damaged(chance, out.getvalue()) if chance.random() < 0.7 else out.getvalue())
        around, place = set(self.folder.iterdir()), self.folder / "unpacked"
        try:
            backup.unpack(source, place)
        finally:
            assert set(self.folder.iterdir()) - around <= {place}
            files = list(place.iterdir()) if place.exists() else []
            assert sum(f.stat().st_size for f in files) <= source.stat().st_size
            for file in files:
                file.unlink()

    def vault_of_an_enemy(self, chance: random.Random) -> None:
        """The vault of somebody's back-up, with the right check over it or without one."""
        value = twisted(chance, vault_file.read(self.folder / "counter" / "vault.json"))
        if chance.random() < 0.5 and isinstance(value, dict):
            value["check"] = vault_file._check_of(value)
        place = self.folder / "enemy"
        place.mkdir(exist_ok=True)
        self.file("enemy/vault.json", as_text(chance, value))
        assert json.dumps([vault.operators(place), vault.summary(place), vault.refusals(place)])
        vault.identity(place, bytes(32))

    # Surfaces: words

    def card(self, chance: random.Random) -> None:
        """The text of a QR code."""
        text = damaged(chance, _CARD.encode()).decode("utf-8", "replace")
        long, arabic = text * (10_000_000 // (len(text) + 1)), "٣" * 12 + _CARD[12:]
        text = chance.choice((text, long, "|" * 10_000_000, arabic, _CARD + "\n|" * 9))
        card = parse_card(text)
        assert re.fullmatch("[0-9]{12}", card.personal_id)

    def dossier(self, chance: random.Random) -> None:
        """A line to receive: kept as a dossier that can be read, or refused and nothing written."""
        line = twisted(chance, next(examples(CATALOGUE, "2.000815", None, 1, chance.randrange(10**6))))
        before = self.written()
        try:
            done = self.counter.receive(line, "CB001", allow_incomplete=chance.random() < 0.5, date_confirmed=True)
        except Problem:
            assert self.written() == before
            raise
        assert self.counter.dossier(done.id)["code"] == done.code

    def lines(self, chance: random.Random) -> None:
        """A file of lines."""
        line = json.dumps(next(examples(CATALOGUE, "2.000815", None, 1, 1)), ensure_ascii=False).encode()
        raw = damaged(chance, (line + b"\n") * 3)
        long = b"x" * chance.choice((1, 3 << 20)) + b"\n"
        found = list(cli._lines(self.file("lines.jsonl", raw + long + line)))
        assert len(found) >= 1

    def act(self, chance: random.Random) -> None:
        """An act with odd details: done, or refused and nothing written."""
        details = {"reason": "x", "items": [{"name": "a"}], "person": {"full_name": "A"}, "fields": {"applicant.phone": "1"}}
        before, name = self.written(), chance.choice(sorted(verbs.VERBS))
        try:
            verbs.run(self.counter, chance.choice(self.dossiers), "CB001", name, twisted(chance, details))
        except Problem:
            assert self.written() == before
            raise

    def receipt(self, chance: random.Random) -> None:
        """Words on paper are inert."""
        line = next(examples(CATALOGUE, "2.000815", None, 1, 3))
        odd = chance.choice(("#panic()", "$x^2$", "*a*", "= b", "`x`", "<label>", "@ref", '#include "/etc/passwd"', "\\u{41}"))
        line["applicant"] |= {"full_name": f"{odd} {chance.choice([o for o in ODD if isinstance(o, str)])[:40]}"}
        made, _pages = paper("receipt", line, CATALOGUE)
        assert made.startswith(b"%PDF-")

    def proxy_script(self, chance: random.Random) -> None:
        """A PAC file."""
        script = (
            b"function FindProxyForURL(url, host) { return isInNet(host, '10.0.0.0', '255.0.0.0') ? 'DIRECT' : 'PROXY p:1'; }"
        )
        odd = chance.choice((b"", b"while(1){}", b"var a=[];while(1)a.push(a+a)", b"function f(){f()};f()", b"JSON.stringify=0;"))
        text = (damaged(chance, script) + odd * (chance.random() < 0.1)).decode("utf-8", "replace")
        pac.evaluate(text, self.hub.url, datetime(2026, 11, 28, 9, 0, tzinfo=VIETNAM), lambda _: "10.1.2.3")


_PACKS = [load(f) for f in sorted(path_of("procedures").glob("*.json"))[:20]]
_FORMS = [load(path_of("forms", f"{name}.json")) for name in ("birth", "marital", "certified_copy")]
_LISTS = load(path_of("forms", "lists.json"))
_PDF_DEEP = b"%PDF-1.7\n1 0 obj" + b"<</A" * 20_000 + b">>" * 20_000 + b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
_PDF_LOOP = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000000000>>endobj\n"
    b"trailer<</Root 1 0 R/Size 3/Prev 9>>\nstartxref\n9\n%%EOF"
)


def _packed(value: Any) -> bytes:
    """As the product packs, or, where it refuses to, as JSON in msgpack: an enemy has a packer of his own."""
    try:
        return compact.pack(value, Syllables.load(wire.DICTIONARY))
    except (ValueError, TypeError):
        return bytes(msgpack.packb(msgpack.ExtType(7, json.dumps(value).encode())))


def _unpacked(data: bytes) -> Any:
    if len(data) > wire.MAX_GROUP:  # as GroupReader: so much is not even unpacked
        raise Problem("frame_malformed")
    try:
        return compact.unpack(data, Syllables.load(wire.DICTIONARY))
    except ValueError as error:  # what the callers, wire._unpacked and GroupReader, make of it
        raise Problem("frame_malformed") from error


@contextmanager
def _answering(body: bytes) -> Iterator[str]:
    """A server that answers every request with these bytes, once."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # who was asked has heard enough
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        thread.join()
        server.server_close()
