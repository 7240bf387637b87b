"""A clock that is wrong: it is said, work goes on, acts carry the doubt, and a contact sets right what can be set right."""

import ipaddress
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.working_days import parse_moment
from sync import clock, recovery
from sync.contact import Road
from sync.counter import Counter, vietnam_now
from sync.events import moment
from sync.store import log
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.sync.cared import Moved

CATALOGUE = Catalogue.load()


class Wrong(Moved):
    """A wall clock set wrong by ``by``, beside a steady clock that nobody sets, in one start of the PC after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.boot = "first"

    def steady(self) -> tuple[float, str]:
        return time.monotonic(), self.boot


@pytest.fixture
def wrong() -> Wrong:
    return Wrong()


@pytest.fixture
def counter(data: Path, wrong: Wrong) -> Iterator[Counter]:
    one = opened(data, wrong)
    yield one
    assert recovery.verify(one.store)["problems"] == []
    one.close()


def opened(data: Path, wrong: Wrong) -> Counter:
    one = open_counter(data, wrong)
    one.steady = wrong.steady
    return one


def receive(counter: Counter, seed: int) -> str:
    line = next(examples(CATALOGUE, "2.000815", None, 1, seed))
    return counter.receive(line | {"id": f"{counter.counter_id}-{seed}"}, "CB001", date_confirmed=True).id


def meet(counter: Counter) -> None:
    road = Road(counter, counter.gateway_url)
    try:
        while not road.contact(time.monotonic() + 30)[1]:
            pass
    finally:
        road.close()


def marks(counter: Counter, dossier: str) -> list[dict[str, Any]]:
    return [row["clock"] for row in counter.dossier(dossier)["history"] if "clock" in row]


def error_of(mark: dict[str, Any]) -> timedelta:
    """By how much the clock was ahead, as the story shows it."""
    at, about = parse_moment(mark["at"]), parse_moment(mark["about"])
    assert at is not None and about is not None
    return at - about


def events(counter: Counter) -> list[Any]:
    return [e for c, epoch, _ in log.own_logs(counter.store) for e in log.read(counter.store, c, epoch)]


def test_a_clock_that_is_right_leaves_no_mark(counter: Counter) -> None:
    one = receive(counter, 1)
    meet(counter)
    assert marks(counter, receive(counter, 2)) == marks(counter, one) == []
    assert counter.status()["clock"] is None
    assert counter.tasks() == []


@pytest.mark.parametrize(("hours", "kind"), [(2, "ahead"), (-2, "behind")])
def test_a_clock_apart_from_the_gateways_is_said_and_measured(counter: Counter, wrong: Wrong, hours: int, kind: str) -> None:
    wrong.by, wrong.boot = timedelta(hours=hours), "set while the PC was off"
    meet(counter)
    assert counter.status()["clock"] == {"doubt": kind, "offset": hours * 3600}
    [task] = counter.tasks()
    assert (task["kind"], task["details"]["doubt"]) == ("clock_doubtful", kind)
    one = receive(counter, 1)
    [mark] = marks(counter, one)
    assert (mark["doubt"], mark["offset"]) == (kind, hours * 3600)
    about, said = parse_moment(mark["about"]), parse_moment(counter.dossier(one)["received_at"])
    assert about is not None and said is not None
    assert abs((said - about) - wrong.by) < timedelta(seconds=2)
    wrong.by = timedelta()  # somebody sets it right: seen at once, before any contact
    assert counter.status()["clock"] is None
    assert marks(counter, receive(counter, 2)) == []


def test_a_jump_while_the_pc_runs_is_seen_by_the_steady_clock(counter: Counter, wrong: Wrong) -> None:
    receive(counter, 1)
    wrong.by = timedelta(minutes=40)
    one = receive(counter, 2)
    [mark] = marks(counter, one)
    assert mark["doubt"] == "jumped"
    assert "offset" not in mark  # nobody has vouched for the clock before it jumped
    assert "about" not in mark
    meet(counter)
    [mark] = marks(counter, one)
    assert abs(error_of(mark) - timedelta(minutes=40)) < timedelta(seconds=2)


def test_acts_before_a_contact_are_set_right_each_by_its_own_error(counter: Counter, wrong: Wrong) -> None:
    told = receive(counter, 1)
    received = counter.dossier(told)["received_at"]
    errors = {}
    for seed, by in enumerate((timedelta(days=3), timedelta(days=-800), timedelta(hours=5)), 2):
        wrong.by = by
        errors[receive(counter, seed)] = by
    wrong.by = timedelta()
    meet(counter)
    for one, by in errors.items():
        [mark] = marks(counter, one)
        assert abs(error_of(mark) - by) < timedelta(seconds=2)
    said = [e.body for e in events(counter) if e.name == clock.CORRECTED]
    assert [set(body) for body in said] == [{"epoch", "from", "to", "offset"}] * 3
    assert counter.dossier(told)["received_at"] == received
    meet(counter)
    assert len([e for e in events(counter) if e.name == clock.CORRECTED]) == 3, "said once"


def test_what_another_start_of_the_pc_did_stays_in_doubt(counter: Counter, wrong: Wrong) -> None:
    receive(counter, 1)
    wrong.by = timedelta(hours=3)
    one = receive(counter, 2)
    wrong.by, wrong.boot = timedelta(), "second"
    meet(counter)
    [mark] = marks(counter, one)
    assert "about" not in mark


def test_printed_moments_and_the_return_date_stay(counter: Counter, wrong: Wrong) -> None:
    receive(counter, 1)
    wrong.by = timedelta(hours=-9)
    one = receive(counter, 2)
    before = counter.dossier(one)
    wrong.by = timedelta()
    meet(counter)
    after = counter.dossier(one)
    for name in ("received_at", "return_at", "first_return_at", "appointment", "code"):
        assert after[name] == before[name]
    assert after["history"][0]["at"] == before["history"][0]["at"]


def test_a_year_ahead_and_back_keeps_the_order_and_asks_once(counter: Counter, wrong: Wrong) -> None:
    receive(counter, 1)
    for seed, days in enumerate((365, 0, -3000, 0), 2):
        wrong.by = timedelta(days=days)
        receive(counter, seed)
    times = [e.at for e in events(counter)]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    meet(counter)
    assert counter.status()["clock"] is None, "the gateway vouches for the clock, whatever the newest event says"
    line = next(examples(CATALOGUE, "2.000815", None, 1, 99))
    assert counter.receive(line | {"id": f"{counter.counter_id}-99"}, "CB001").code


def test_a_known_error_that_leaves_the_date_as_it_is_asks_nothing(counter: Counter, wrong: Wrong) -> None:
    now = vietnam_now()
    wrong.by, wrong.boot = timedelta(minutes=-20 if now.hour >= 12 else 20), "later"
    meet(counter)
    clock.check_date(counter, counter.clock(), confirmed=False)
    wrong.by, wrong.boot = timedelta(days=2), "later still"
    meet(counter)
    with pytest.raises(Problem, match="date_unsure") as caught:
        clock.check_date(counter, counter.clock(), confirmed=False)
    assert caught.value.details["reason"] == "ahead"


def test_nobody_follows_a_counter_whose_clock_is_far_ahead(
    counter: Counter, wrong: Wrong, tmp_path: Path, hub: GatewayProcess
) -> None:
    enrolled(tmp_path / "other", hub, "Nông Văn Dự", hub.new_code())
    other = open_counter(tmp_path / "other")
    wrong.by = timedelta(days=400)
    receive(counter, 1)
    meet(counter)
    meet(other)
    receive(other, 1)
    last = max(events(other), key=lambda e: e.at)
    assert moment(last.at) < vietnam_now() + timedelta(minutes=11)
    assert other.status()["clock"] is None
    other.close()


def certificate(folder: Path, first: datetime) -> tuple[str, str]:
    """A certificate of this machine that holds from a moment on, and its key: two files."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(first).not_valid_after(first + timedelta(days=30))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    signed = made.sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_a_certificate_that_fails_by_the_clock_is_named_and_nothing_is_sent(
    tmp_path: Path, gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = gateway()
    enrolled(tmp_path / "c", hub)
    hub.stop()
    cert, key = certificate(tmp_path, vietnam_now() + timedelta(days=400))
    hub.options = ("--cert", cert, "--key", key)
    hub.start()
    monkeypatch.setenv("SSL_CERT_FILE", cert)  # an authority that is trusted: only the dates are wrong
    wrong = Wrong()
    one = opened(tmp_path / "c", wrong)
    one.use_gateway(hub.url)
    receive(one, 1)
    waiting = log.waiting(one.store)
    for by, code in ((timedelta(days=-2000), "clock_wrong"), (timedelta(), "certificate_wrong")):
        wrong.by = by
        with pytest.raises(Problem, match=code):
            meet(one)
        assert log.waiting(one.store) == waiting
    one.close()
