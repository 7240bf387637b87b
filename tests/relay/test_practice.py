"""The practice gateway: the real relay with both systems in its process."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sync import acts, erasure, intake
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway.incoming import FOLDER, let_in
from sync.gateway_client import Traffic
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay.soak import CATALOGUE, FILES, WHO, examples


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Callable[[GatewayProcess], Counter]]:
    opened: list[Counter] = []

    def make(hub: GatewayProcess) -> Counter:
        enrolled(tmp_path / "counter", hub)
        opened.append(open_counter(tmp_path / "counter"))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def received(counter: Counter, procedure: str, seed: int) -> str:
    line = next(examples(CATALOGUE, procedure, None, 1, seed)) | {"payment": {"method": "cash"}}
    return counter.receive(line, WHO, date_confirmed=True).id


def meet(counter: Counter, hub: GatewayProcess, until: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not until():
        assert time.monotonic() < end
        until_empty(counter, hub.url, time.monotonic() + 20, Traffic())


@pytest.mark.parametrize("procedure", ["1.001193", "1.004873"])
def test_it_goes_on_where_it_was_after_a_restart(
    counter: Callable[[GatewayProcess], Counter], gateway: Callable[..., GatewayProcess], procedure: str
) -> None:
    hub = gateway("--portal", "instant")
    desk = counter(hub)
    one = received(desk, procedure, 3)
    meet(desk, hub, lambda: desk.dossier(one)["verdict"] == "accepted")
    number = desk.dossier(one)["official_code"]
    hub.stop()
    hub.start()
    acts.transfer(desk, one, WHO, FILES)
    other = received(desk, procedure, 4)
    meet(desk, hub, lambda: desk.dossier(other)["verdict"] == "accepted")
    until_empty(desk, hub.url, time.monotonic() + 20, Traffic())
    whole = desk.dossier(one)
    assert (whole["verdict"], whole["official_code"]) == ("accepted", number)
    assert [r["event"] for r in whole["history"] if r["counter"] == "portal"] == ["accepted"]


RECORD = {
    "MaHoSo": "G15-20261128-0000017",
    "MaTTHC": "1.001193.000.00.00.H38",
    "ChuHoSo": "Lò Thị Nộp",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "015199000017"}],
    "SoDienThoai": "0912345670",
    "NgayNopHoSo": "20261128091500",
    "KenhThucHien": "2",
}


def test_a_dossier_filed_online_reaches_its_commune_once(
    counter: Callable[[GatewayProcess], Counter], gateway: Callable[..., GatewayProcess]
) -> None:
    hub = gateway("--portal", "instant")
    desk = counter(hub)
    address = f"{hub.url}/v1/filed?MaDinhDanhDV={hub.commune}"
    keys = {"Authorization": "Bearer chia-khoa"}
    assert httpx.post(address, json=[RECORD], headers=keys).status_code == 403
    let_in(hub.data, "chia-khoa")
    assert httpx.post(address, json=[RECORD], headers={"Authorization": "Bearer khac"}).status_code == 403
    assert httpx.post(address, content=b"[{", headers=keys).status_code == 400
    assert httpx.post(address, json=[{"MaHoSo": ""}], headers=keys).status_code == 400
    for _ in range(2):
        assert httpx.post(address, json=[RECORD], headers=keys).json()["error_code"] == 0
    assert httpx.post(address.replace(hub.commune, "H99"), json=[RECORD], headers=keys).json()["error_code"] == 0
    meet(desk, hub, lambda: len(desk.dossiers()) == 1)
    (row,) = desk.dossiers()
    whole = desk.dossier(row["id"])
    assert (whole["stage"], whole["code"], whole["channel"]) == ("filed", RECORD["MaHoSo"], "2")
    assert whole["applicant"] == {"full_name": "Lò Thị Nộp", "personal_id": "015199000017", "phone": "0912345670"}
    assert whole["filed_at"] == "2026-11-28T09:15:00+07:00"
    assert whole["procedure"]["version"] == CATALOGUE.procedure("1.001193").version  # type: ignore[union-attr]
    intake.receive_filed(desk, row["id"], WHO, allow_incomplete=True)
    meet(desk, hub, lambda: desk.dossier(row["id"])["verdict"] is not None)
    assert desk.dossier(row["id"])["verdict"] == "accepted"
    left = list((hub.data / FOLDER).iterdir())
    assert [p.suffix for p in left] == [".unread"], "what no commune here is meant by is left for a person"
    assert json.loads(left[0].read_text("utf-8"))["unit"] == "H99"


def test_what_was_erased_is_held_by_no_practice(
    counter: Callable[[GatewayProcess], Counter], gateway: Callable[..., GatewayProcess]
) -> None:
    hub = gateway("--portal", "instant")
    desk = counter(hub)
    one = received(desk, "1.001193", 5)
    name = desk.dossier(one)["applicant"]["full_name"]
    acts.withdraw(desk, one, WHO, "Theo nguyện vọng của gia đình")
    meet(desk, hub, lambda: desk.dossier(one)["verdict"] == "accepted")
    hub.stop()
    assert any(name in text for text in held(hub)), "the played side holds what it was told"
    hub.start()
    erasure.erase(desk, one, WHO, "Luật 91/2025/QH15 Điều 14")
    meet(desk, hub, lambda: not any(name in text for text in held(hub)))
    hub.stop()
    assert not any(name in text for text in held(hub))


def held(hub: GatewayProcess) -> list[str]:
    """Every byte of what the relay keeps, as text with its escapes read."""
    files = [f.read_bytes().decode("utf-8", "replace") for f in hub.data.glob("relay.db*")]
    return files + [re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text) for text in files]
