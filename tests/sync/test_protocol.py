"""The exchange when somebody lies, drops a piece, or sends too much: real gateway code, frames handled by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forms.problem import Problem
from sync import wire
from sync.counter import Counter
from sync.gateway.app import Gateway
from sync.gateway.ledger import Ledger
from sync.gateway.report import report
from sync.gateway_client import check_url, fresh_nonce
from sync.group import EVENT_BYTES
from sync.replication import Exchange
from sync.store import log
from tests.conftest import carry, enrolled, open_counter
from tests.sync.test_day import lines


class Office:
    """A gateway in this process and counters enrolled at it."""

    def __init__(self, process: Any, folder: Path) -> None:
        self.folders = [folder / f"counter{i}" for i in range(2)]
        for data in self.folders:
            enrolled(data, process, f"Người {data.name}", process.new_code())
        process.stop()
        self.ledger = Ledger(process.data)
        self.gateway = Gateway(self.ledger)
        self.counters = [open_counter(d) for d in self.folders]

    def post(self, body: bytes) -> bytes:
        return carry(self.gateway, body)

    def exchange(self, counter: Counter) -> Exchange:
        return Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())

    def meet(self, counter: Counter) -> Exchange:
        one = self.exchange(counter)
        one.answer(self.post(b"".join(one.request())))
        return one


@pytest.fixture
def office(tmp_path: Path, gateway: Any) -> Iterator[Office]:
    made = Office(gateway(), tmp_path)
    yield made
    for counter in made.counters:
        counter.close()
    made.gateway.writer.close()
    made.ledger.close()


def test_large_dossiers_travel_in_smaller_groups_and_pieces(office: Office) -> None:
    one, two = office.counters
    text = "Ổ" * 60_000
    for row in lines(40, 3):
        one.receive(row | {"answers": row["answers"] | {"note": text}}, "CB001", allow_incomplete=True)
    while not office.meet(one).complete:
        pass
    assert log.waiting(one.store) == 0
    assert office.meet(two).complete
    assert len(two.dossiers(limit=-1)) == 40


def test_a_dossier_that_could_never_be_sent_is_not_received(office: Office) -> None:
    row = lines(1, 3)[0]
    with pytest.raises(Problem, match="line_too_large"):
        office.counters[0].receive(row | {"answers": {"note": "x" * EVENT_BYTES}}, "CB001", allow_incomplete=True)


def test_a_missing_piece_of_the_feed_is_noticed_and_asked_for_again(office: Office) -> None:
    one, two = office.counters
    for row in lines(60, 4):
        one.receive(row | {"answers": row["answers"] | {"note": "y" * 40_000}}, "CB001", allow_incomplete=True)
    while not office.meet(one).complete:
        pass
    with two.store.write():
        two.store.set_meta(since=0)  # the whole feed, in its order
    torn = office.exchange(two)
    answer = office.post(b"".join(torn.request()))
    frames = list(wire.FrameReader().feed(answer))
    first = next(i for i, f in enumerate(frames) if f.kind == "F")
    assert sum(f.kind == "F" for f in frames) >= 2
    with pytest.raises(Problem, match="frame_malformed"):
        torn.answer(b"".join(f.encode() for i, f in enumerate(frames) if i != first))
    assert not torn.complete
    assert office.meet(two).complete
    assert len(two.dossiers(limit=-1)) == 60


def test_refusals_are_signed_and_understood(office: Office) -> None:
    counter = office.counters[0]
    stranger = Exchange(counter.store, Ed25519PrivateKey.generate(), fresh_nonce(), counter.clock())
    with pytest.raises(Problem, match="signature_wrong"):
        stranger.answer(office.post(b"".join(stranger.request())))
    with counter.store.write():
        counter.store.set_meta(counter="nobody")
    unknown = office.exchange(counter)
    with pytest.raises(Problem, match="counter_unknown"):
        unknown.answer(office.post(b"".join(unknown.request())))


def test_a_counter_speaks_for_itself_only(office: Office) -> None:
    one, two = office.counters
    one.receive(lines(1, 5)[0], "CB001")
    foreign = office.exchange(two)
    body = wire.Frame("H", foreign.header()).encode() + office.exchange(one).request()[1]
    with pytest.raises(Problem, match="frame_malformed"):
        foreign.answer(office.post(body))
    assert report(office.ledger)["dossiers"] == 0


@pytest.mark.parametrize("body", [b"", b"GET / HTTP/1.1", b"H\x00\x00\x00\x05hello", b"\xff" * 64])
def test_rubbish_gets_an_answer_and_changes_nothing(office: Office, body: bytes) -> None:
    office.post(body)
    assert report(office.ledger)["events"] == 0


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999", "ftp://x", "nonsense", "http://"])
def test_an_address_that_is_none_is_a_problem(url: str) -> None:
    with pytest.raises(Problem, match="address_malformed"):
        check_url(url)
