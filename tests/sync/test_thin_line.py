"""What a bad line does to a contact: real sockets on loopback, real stores, and peers that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.example import examples
from forms.problem import Problem
from sync import acts, travel, watched
from sync.contact import Road, agreed, until_empty
from sync.counter import Counter, vietnam_now
from sync.enrolment import enrol
from sync.gateway.ledger import Ledger
from sync.gateway_client import GatewayClient, Traffic, fresh_nonce
from sync.replication import Exchange
from sync.scans import attach_bytes
from sync.store import log, scans
from sync.watched import Watch
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.test_day import lines
from tests.sync.test_scans import CATALOGUE, MARITAL, paper_of

PAGE = b"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwifi"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwait"


@pytest.fixture
def counter(tmp_path: Path, hub: GatewayProcess) -> Iterator[Counter]:
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    opened = open_counter(tmp_path / "c")
    yield opened
    opened.close()


def with_scans(counter: Counter, sizes: list[int], seed: int = 1) -> list[str]:
    """One dossier with scans of these sizes; their names."""
    done = counter.receive(lines(1, seed)[0], "CB001")
    paper, found = paper_of(counter, done.id), []
    for place, size in enumerate(sizes):
        data = b"\xff\xd8\xff\xe0" + bytes([seed, place]) + (bytes(range(256)) * (size // 256 + 1))[: size - 6]
        found.append(str(attach_bytes(counter, done.id, paper, data, "CB001")["sha256"]))
    return found


@contextmanager
def peer(answer: bytes | None, reads: int) -> Iterator[tuple[str, list[int]]]:
    """Somebody who takes ``reads`` bytes, then answers (None: falls silent). Yields the address and the bytes taken."""
    listening, over, counts = socket.create_server(("127.0.0.1", 0)), threading.Event(), [0]
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.settimeout(0.05)

    def serve(line: socket.socket) -> None:
        with line:
            while counts[0] < reads:
                counts[0] += len(line.recv(1024))
            if answer:
                line.sendall(answer)
            over.wait(20)

    def listen() -> None:
        while not over.is_set():
            try:
                line, _ = listening.accept()
            except TimeoutError:
                continue
            started.append(threading.Thread(target=serve, args=(line,)))
            started[-1].start()

    started = [threading.Thread(target=listen)]
    started[0].start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", counts
    over.set()
    for thread in started:
        thread.join()
    listening.close()


def meet(counter: Counter, url: str, watch: Watch, seconds: float = 20) -> tuple[Problem, float]:
    """The Problem that a contact ends with, and how long it took."""
    exchange = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock(), positions=everything(counter))
    begin = time.monotonic()
    with GatewayClient(url, watch) as client, pytest.raises(Problem) as told:
        client.exchange(exchange, begin + seconds)
    return told.value, time.monotonic() - begin


def everything(counter: Counter) -> dict[str, int]:
    """As if the gateway had said that it holds nothing of any scan."""
    return {s.sha256: 0 for s in scans.pending(counter.store)}


def test_a_page_in_between_is_heard_before_all_is_sent(counter: Counter) -> None:
    with_scans(counter, [3_000_000])
    with peer(PAGE, 30_000) as (url, counts):
        problem, took = meet(counter, url, Watch())
    assert (problem.code, problem.details) == ("not_the_gateway", {"status": 511})
    assert counts[0] < 1_000_000
    assert took < 3


def test_a_busy_gateway_says_when_to_come_again(counter: Counter) -> None:
    counter.receive(lines(1, 2)[0], "CB001")
    with peer(BUSY, 100) as (url, _):
        problem, _ = meet(counter, url, Watch())
    assert (problem.code, problem.details["retry_after"]) == ("gateway_busy", "7")


def test_a_line_that_lost_everything_is_left_after_a_few_round_trips(counter: Counter, monkeypatch: Any) -> None:
    monkeypatch.setattr(watched, "_SHORTEST", 0.5)
    monkeypatch.setattr(watched, "_ANSWER", 1.0)
    counter.receive(lines(1, 3)[0], "CB001")
    with peer(None, 100) as (url, _):
        problem, took = meet(counter, url, Watch())
    assert (problem.code, problem.details["reason"]) == ("no_line", "stalled")
    assert 0.9 < took < 4


def test_where_the_platform_tells_nothing_a_plain_limit_holds(counter: Counter, hub: GatewayProcess, monkeypatch: Any) -> None:
    monkeypatch.setattr(watched, "_TCP_INFO", None)
    monkeypatch.setattr(watched, "_BLIND", 1.0)
    with_scans(counter, [60_000], seed=10)
    assert until_empty(counter, hub.url, time.monotonic() + 20, Traffic()).complete
    counter.receive(lines(1, 13)[0], "CB001")
    with peer(None, 100) as (url, _):
        problem, took = meet(counter, url, Watch())
    assert (problem.code, problem.details["reason"], took < 4) == ("no_line", "stalled", True)


def test_cancel_works_within_a_second_and_the_deadline_holds(counter: Counter) -> None:
    with_scans(counter, [3_000_000])
    with peer(None, 1000) as (url, _):
        asked = time.monotonic() + 0.4
        problem, took = meet(counter, url, Watch(cancelled=lambda: time.monotonic() > asked))
        assert (problem.code, took < 1.4) == ("cancelled", True)
        problem, took = meet(counter, url, Watch(), seconds=0.5)
        assert (problem.code, took < 1.5) == ("deadline", True)


def test_nobody_listens(counter: Counter) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        problem, took = meet(counter, f"http://127.0.0.1:{unused.getsockname()[1]}", Watch())
    assert (problem.code, problem.details["reason"], took < 1) == ("no_line", "refused", True)


def test_a_cap_is_kept(counter: Counter, hub: GatewayProcess) -> None:
    with_scans(counter, [60_000], seed=4)
    until_empty_of_acts(counter, hub)
    travel.decide(counter, cap_kbit=256)
    begin = time.monotonic()
    assert until_empty(counter, hub.url, begin + 20, Traffic()).complete
    assert 1.4 < time.monotonic() - begin < 6  # 60 KB at 32 KB/s


def until_empty_of_acts(counter: Counter, hub: GatewayProcess) -> None:
    """The first round trip: acts, and what the gateway holds of the scans."""
    road = Road(counter, hub.url)
    road.contact(time.monotonic() + 20)
    road.close()


def test_scans_arrive_whole_once_and_go_on_at_the_byte(counter: Counter, hub: GatewayProcess, tmp_path: Path) -> None:
    names = with_scans(counter, [200_000, 70_000], seed=5)
    until_empty_of_acts(counter, hub)
    assert log.waiting(counter.store) == 0
    commune = counter.profile["unit"]
    with closing(Ledger(hub.data)) as ledger:
        road = Road(counter, hub.url, cancelled=lambda: sum(ledger.scan_held(commune, n) for n in names) > 60_000)
        travel.decide(counter, cap_kbit=1600)
        with pytest.raises(Problem, match="cancelled"):
            all_of(road)
        road.close()
    travel.decide(counter, cap_kbit=None)
    traffic = Traffic()
    assert until_empty(counter, hub.url, time.monotonic() + 20, traffic).complete
    assert traffic.up < 270_000 - 50_000  # not what had arrived before the cut
    with closing(Ledger(hub.data)) as ledger:
        for name in names:
            assert len(ledger.scan(commune, name)) in (200_000, 70_000)
            assert ledger.scan_held(commune, name) == len(ledger.scan(commune, name))
    enrolled(tmp_path / "second", hub, code=hub.new_code())
    with closing(open_counter(tmp_path / "second")) as other:
        with_scans(other, [200_000, 70_000], seed=5)
        again = Traffic()
        assert until_empty(other, hub.url, time.monotonic() + 20, again).complete
        assert again.up < 20_000  # the commune has them already


def all_of(road: Road) -> None:
    while not road.contact(time.monotonic() + 20)[1]:
        pass


def test_bytes_that_are_not_what_their_name_says_do_not_count(tmp_path: Path, counter: Counter, hub: GatewayProcess) -> None:
    name = with_scans(counter, [50_000], seed=6)[0]
    counter.store.db.execute("UPDATE scan_chunks SET bytes = zeroblob(length(bytes)) WHERE sha256 = ?", (name,))
    with pytest.raises(Problem, match="deadline"):
        until_empty(counter, hub.url, time.monotonic() + 2, Traffic())
    with closing(Ledger(hub.data)) as ledger:
        assert ledger.scan_held(counter.profile["unit"], name) < 50_000


def test_an_act_slips_in_between_scans_and_ends_the_request(counter: Counter) -> None:
    with_scans(counter, [400_000], seed=7)
    exchange = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock(), positions=everything(counter))
    frames, kinds = exchange.frames(), []
    for frame in frames:
        kinds.append(frame[:1])
        if kinds.count(b"S") == 3 and kinds[-1] == b"S":
            with closing(open_counter(counter.data, writes=False)) as window:
                window.receive(lines(1, 8)[0], "CB001")
    assert kinds == [b"H", b"G", b"S", b"S", b"S", b"G"]


def test_over_ipv6(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with closing(socket.socket(socket.AF_INET6)) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 loopback here")
    hub = GatewayProcess(tmp_path / "six", "--host", "::1")
    try:
        enrolled(tmp_path / "c", hub)
        with closing(open_counter(tmp_path / "c")) as counter:
            counter.receive(lines(1, 9)[0], "CB001")
            assert until_empty(counter, hub.url, time.monotonic() + 20, Traffic()).complete
    finally:
        hub.stop()


def ago(days: float) -> Callable[[], datetime]:
    return lambda: vietnam_now() - timedelta(days=days)


def test_a_new_counter_hears_first_what_is_open_or_recent(tmp_path: Path, gateway: Any) -> None:
    hub = gateway()
    enrol(tmp_path / "old", hub.url, hub.new_code(), "Người cũ", PASSPHRASE, ago(200)())
    closed, opened, late = examples(CATALOGUE, MARITAL, None, 3, 11)
    with closing(open_counter(tmp_path / "old", clock=ago(200))) as first:
        for row in (closed, opened):
            first.receive(row, "CB001", date_confirmed=True)
        run_act(tmp_path / "old", closed["id"], first)
        first.clock = ago(0)
        first.receive(late, "CB001", date_confirmed=True)
        assert until_empty(first, hub.url, time.monotonic() + 20, Traffic()).complete
        assert agreed(first) is True
        enrolled(tmp_path / "new", hub, "Người mới", hub.new_code())
        with closing(open_counter(tmp_path / "new")) as second:
            assert until_empty(second, hub.url, time.monotonic() + 20, Traffic()).complete
            assert {r["id"] for r in second.dossiers(limit=-1)} == {opened["id"], late["id"]}
            assert (travel.view(second)["left_out"], agreed(second)) == (True, None)
            run_sync("verify", "--data", str(tmp_path / "new"), check=True)
            with first.store.write():
                first.act(closed["id"], "noted", "CB001", {"note": "tìm lại"})
            assert until_empty(first, hub.url, time.monotonic() + 20, Traffic()).complete
            assert until_empty(second, hub.url, time.monotonic() + 20, Traffic()).complete
            assert second.dossier(closed["id"])["applicant"] == first.dossier(closed["id"])["applicant"]
            travel.load_older(second)
            assert until_empty(second, hub.url, time.monotonic() + 20, Traffic()).complete
            assert (travel.view(second)["left_out"], agreed(second)) == (False, True)
            assert len(second.dossiers(limit=-1)) == 3


def run_act(data: Path, dossier: str, counter: Counter) -> None:
    """The dossier is withdrawn: closed."""
    acts.withdraw(counter, dossier, "CB001", "người dân xin rút")
