"""Through the headless face, with a real gateway process: what the contract promises."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.gateway_client import GatewayClient, fresh_nonce
from sync.replication import Exchange
from tests.conftest import GatewayProcess, enrolled, open_counter, run_sync

CODES = ("1.001193", "1.004873", "2.000635", "2.000815")


def lines(n: int, seed: int = 1) -> list[dict[str, Any]]:
    """``n`` generated dossier lines over the four procedures."""
    from forms.catalogue import Catalogue
    from forms.example import examples

    catalogue = Catalogue.load()
    each = [examples(catalogue, code, None, n, seed) for code in CODES]
    return [next(each[i % 4]) for i in range(n)]


def write(file: Path, rows: list[dict[str, Any]]) -> str:
    file.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return str(file)


def receive(data: Path, rows: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    file = write(data.with_suffix(".jsonl"), rows)
    return run_sync("receive", "--data", str(data), "--from", file, check=True, **options).lines


def sync(data: Path, **options: Any) -> dict[str, Any]:
    return run_sync("sync", "--data", str(data), "--until-empty", "--deadline", "30", check=True, **options).lines[0]


def test_fifty_without_a_gateway_arrive_once_and_equal(tmp_path: Path, gateway: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    hub.stop()
    sent = lines(50)
    printed = receive(data, sent)
    assert run_sync("sync", "--data", str(data), "--until-empty", "--deadline", "1").problem["problem"] == "deadline"
    hub.start()
    assert sync(data)["waiting"] == 0
    report = hub.run("gateway-report")[0]
    assert (report["dossiers"], report["codes_twice"], report["events"]) == (50, [], 51)
    arrived = {d["id"]: d for d in hub.run("gateway-dossiers")}
    for row, printed_row in zip(sent, printed, strict=True):
        there = arrived[row["id"]]
        assert (there["code"], there["applicant"], there["answers"]) == (printed_row["code"], row["applicant"], row["answers"])
        assert [{k: v for k, v in p.items() if k != "name"} for p in there["papers"]] == row["papers"]
    again = sync(data)
    assert (again["sent"], again["heard"]) == (0, 0)
    assert hub.run("gateway-report")[0] == report


def test_kept_received_accepted_and_a_refusal_with_its_words(tmp_path: Path, gateway: Any) -> None:
    rows = lines(4)
    say = {"reason": "Thiếu số Giấy chứng sinh", "field": "answers.child_name", "say": "Thưa bác…", "raw": "ERR-17"}
    script = tmp_path / "portal.json"
    script.write_text(json.dumps({"delay": 0, "refuse": [{"match": {"full_name": rows[0]["applicant"]["full_name"]}, **say}]}))
    hub, data = gateway("--portal", str(script)), tmp_path / "counter"
    enrolled(data, hub)
    receive(data, rows)
    by_id = {r["id"]: r["delivery"] for r in run_sync("dossiers", "--data", str(data)).lines}
    assert set(by_id.values()) == {"kept"}
    sync(data)
    wait_for(lambda: sync(data) and status(data)["accepted"] == 3)
    assert status(data)["refused"] == 1
    whole = run_sync("dossiers", "--data", str(data), "--id", rows[0]["id"]).lines[0]
    assert whole["refusal"] == say
    marital = next(r for r in rows if r["procedure"] == "1.004873")
    issued = run_sync("dossiers", "--data", str(data), "--id", marital["id"]).lines[0]
    assert issued["official_code"].startswith("T00.20-")  # the played ministry system gives the number
    found = run_sync("dossiers", "--data", str(data), "--search", issued["official_code"]).lines
    assert [r["id"] for r in found] == [marital["id"]]


def status(data: Path) -> dict[str, Any]:
    return run_sync("status", "--data", str(data)).lines[0]


def wait_for(condition: Any, tries: int = 30) -> None:
    """The played portal answers within its half second; each try is a whole contact."""
    for _ in range(tries):
        if condition():
            return
    raise AssertionError("did not come about")


def test_a_restored_store_is_noticed_and_gets_back_what_it_forgot(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway("--numbers", "2000"), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    before = receive(data, lines(10, 1))
    sync(data)
    run_sync("backup", "--data", str(data), "--to", str(box), check=True)
    lost = receive(data, lines(50, 2))
    sync(data)
    run_sync("restore", "--data", str(data), "--from", str(box), check=True)
    assert status(data)["alerts"][0]["kind"] == "store_restored"
    offline = receive(data, lines(20, 3))
    sync(data)
    after = receive(data, lines(20, 4))
    sync(data)
    codes = [r["code"] for r in before + lost + offline + after]
    assert len(set(codes)) == 100
    report = hub.run("gateway-report")[0]
    assert (report["dossiers"], report["codes_twice"]) == (100, [])
    assert len(run_sync("dossiers", "--data", str(data)).lines) == 100
    assert run_sync("verify", "--data", str(data), check=True).lines[0]["ok"]
    assert any(d.name.startswith("before-restore") for d in data.iterdir())


def test_two_restores_of_one_back_up_print_no_code_twice(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    run_sync("backup", "--data", str(data), "--to", str(box), check=True)
    codes = []
    for seed in (1, 2, 3):
        run_sync("restore", "--data", str(data), "--from", str(box), check=True)
        codes += [r["code"] for r in receive(data, lines(5, seed))]
    assert len(set(codes)) == 15


def test_a_copy_on_a_second_pc_is_noticed_and_prints_no_code_of_the_first(tmp_path: Path, gateway: Any) -> None:
    hub, one, two = gateway(), tmp_path / "one", tmp_path / "two"
    enrolled(one, hub)
    first = receive(one, lines(10, 1))
    shutil.copytree(one, two)
    elsewhere = {"XDG_STATE_HOME": str(tmp_path / "second-pc")}
    stopped = run_sync("receive", "--data", str(two), "--from", write(tmp_path / "x.jsonl", lines(3, 2)), **elsewhere)
    assert (stopped.code, {r["problem"] for r in stopped.lines}) == (3, {"numbers_need_contact"})
    told = run_sync("status", "--data", str(two), **elsewhere).lines[0]
    assert told["alerts"][0]["kind"] == "store_copied"
    sync(two, **elsewhere)
    second = receive(two, lines(10, 3), **elsewhere)
    first += receive(one, lines(10, 4))
    sync(two, **elsewhere)
    sync(one)
    sync(two, **elsewhere)
    codes = [r["code"] for r in first + second]
    assert len(set(codes)) == 30
    report = hub.run("gateway-report")[0]
    assert (report["dossiers"], report["codes_twice"]) == (30, [])
    for data, world in ((one, {}), (two, elsewhere)):
        assert len(run_sync("dossiers", "--data", str(data), **world).lines) == 30
        assert run_sync("verify", "--data", str(data), check=True, **world).lines[0]["ok"]


def test_a_machine_image_put_back_forks_the_log_loudly_and_loses_nothing(tmp_path: Path, gateway: Any) -> None:
    """Store and outside state both from yesterday: nothing on this PC can tell, the gateway can."""
    hub, data, state = gateway(), tmp_path / "counter", tmp_path / "state"
    enrolled(data, hub)
    receive(data, lines(5, 1))
    shutil.copytree(data, tmp_path / "image")
    shutil.copytree(state, tmp_path / "image-state")
    receive(data, lines(5, 2))
    sync(data)
    for old, image in ((data, "image"), (state, "image-state")):
        shutil.rmtree(old)
        shutil.copytree(tmp_path / image, old)
    forgotten = receive(data, lines(5, 3))
    forked = run_sync("sync", "--data", str(data), "--until-empty", "--deadline", "20")
    assert forked.problem["problem"] == "log_forked"
    assert status(data)["alerts"][0]["kind"] == "log_forked"
    sync(data)
    assert len(run_sync("dossiers", "--data", str(data)).lines) == 15
    arrived = {d["id"] for d in hub.run("gateway-dossiers")}
    assert {r["id"] for r in forgotten} <= arrived
    assert len(arrived) == 15
    assert run_sync("verify", "--data", str(data), check=True).lines[0]["ok"]
    assert len({r["code"] for r in receive(data, lines(5, 4))}) == 5


def test_bad_lines_are_refused_one_by_one(tmp_path: Path, gateway: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    good, bad = lines(2)
    file = tmp_path / "mixed.jsonl"
    rows = [json.dumps(good), "{broken", json.dumps(bad | {"applicant": {}}), '{"id": "\\ud800", "procedure": "x"}', "[1]"]
    file.write_text("\n".join(rows), "utf-8")
    ran = run_sync("receive", "--data", str(data), "--from", str(file))
    assert ran.code == 3
    assert [r.get("problem") for r in ran.lines] == [None, "line_malformed", "incomplete", "line_malformed", "line_malformed"]
    assert ran.lines[2]["findings"]


def test_a_second_enrolment_and_a_used_or_wrong_code_are_refused(tmp_path: Path, gateway: Any) -> None:
    hub = gateway()
    enrolled(tmp_path / "one", hub)
    base = ("enrol", "--gateway", hub.url, "--operator", "Lò Ổn", "--code")
    cases = {
        "already_enrolled": (hub.code, "one"),
        "enrol_code_used": (hub.code, "two"),
        "enrol_code_unknown": ("AAAAA-AAAAA-" + hub.code[12:], "two"),
        "enrol_code_malformed": ("ABC", "two"),
    }
    for problem, (code, folder) in cases.items():
        assert run_sync(*base, code, "--data", str(tmp_path / folder)).problem["problem"] == problem
    fresh = hub.run("enrol-code")[0]["enrol_code"]
    other = fresh[:12] + "AAAAA-AAAAA"
    assert run_sync(*base, other, "--data", str(tmp_path / "two")).problem["problem"] == "gateway_key_differs"


def test_secrets_are_asked_for_by_name(tmp_path: Path, gateway: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    wrong = run_sync("status", "--data", str(data), MOTCUA_PASSPHRASE="không phải thế này")
    assert wrong.problem == {"problem": "wrong_pin", "details": {"left": 4}}
    none = run_sync("status", "--data", str(data), MOTCUA_PASSPHRASE="")
    assert none.problem["details"]["variable"] == "MOTCUA_PASSPHRASE"
    assert run_sync("status", "--data", str(tmp_path / "nowhere")).problem["problem"] == "not_enrolled"
    assert run_sync("frobnicate").code == 2


def test_plain_http_leaves_the_loopback_only_when_told(tmp_path: Path, gateway: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    refused = run_sync("sync", "--data", str(data), "--gateway", "http://gateway.invalid:80")
    assert refused.problem["problem"] == "http_refused"


@pytest.fixture
def router() -> Iterator[str]:
    """A captive portal: answers everything with its own page and 200."""
    page = b"<html><body>Chao mung den voi Wifi</body></html>"
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(page)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                peer, _ = listening.accept()
            except TimeoutError:
                continue
            with peer:
                peer.recv(65536)
                peer.sendall(answer + page)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    over.set()
    thread.join()
    listening.close()


def test_a_page_of_a_router_is_neither_a_line_nor_a_receipt(tmp_path: Path, gateway: Any, router: str) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    receive(data, lines(3))
    fooled = run_sync("sync", "--data", str(data), "--gateway", router)
    assert fooled.problem["problem"] == "not_the_gateway"
    said = status(data)
    assert (said["kept"], said["last_contact"], said["link"]) == (3, None, "captive")
    assert sync_to(data, hub)["waiting"] == 0


def sync_to(data: Path, hub: GatewayProcess) -> dict[str, Any]:
    return run_sync("sync", "--data", str(data), "--gateway", hub.url, "--until-empty", check=True).lines[0]


def test_the_position_alone_tells_what_has_arrived(tmp_path: Path, gateway: Any) -> None:
    hub, data = gateway(), tmp_path / "counter"
    enrolled(data, hub)
    receive(data, lines(3))
    counter = open_counter(data, writes=False)
    with GatewayClient(hub.url) as client:
        before = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())
        client.position(before, time.monotonic() + 20)
        assert (before.outcome.acknowledged, counter.status()["waiting"]) == (True, 4)
        sync(data)
        counter.store.db.execute("UPDATE logs SET acked = 0")
        after = Exchange(counter.store, counter.identity, fresh_nonce(), counter.clock())
        client.position(after, time.monotonic() + 20)
    assert (after.outcome.sent, counter.status()["waiting"]) == (4, 0)
    counter.close()


def test_another_gateway_at_the_same_address_is_not_believed(tmp_path: Path, gateway: Any) -> None:
    hub, false, data = gateway(), gateway(name="false"), tmp_path / "counter"
    enrolled(data, hub)
    receive(data, lines(2))
    ran = run_sync("sync", "--data", str(data), "--gateway", false.url)
    assert ran.problem["problem"] == "not_the_gateway"
    assert status(data)["kept"] == 2


def test_two_counters_of_a_commune_hear_of_each_other(tmp_path: Path, gateway: Any) -> None:
    hub = gateway()
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, name in zip(folders, ("Trần Thị Kiểm", "Nông Văn Dự"), strict=True):
        enrolled(folder, hub, name, hub.new_code())
    rows = [receive(folder, lines(3, seed)) for seed, folder in enumerate(folders, 1)]
    for folder in (*folders, folders[0]):
        sync(folder)
    everything = {r["code"] for part in rows for r in part}
    assert len(everything) == 6
    for folder in folders:
        assert {r["code"] for r in run_sync("dossiers", "--data", str(folder)).lines} == everything
        assert run_sync("verify", "--data", str(folder)).lines[0]["ok"]
