"""Lives of a store that meet: restores, copies, kills between two steps, several processes at once, an old gateway."""

import json
import multiprocessing
import shutil
from pathlib import Path
from typing import Any

import pytest

from forms.problem import Problem
from sync import recovery, vault
from sync.fingerprint import split_code
from sync.gateway import admission
from sync.gateway.ledger import Ledger
from sync.incarnation import Incarnation
from tests.conftest import PASSPHRASE, enrolled, open_counter, run_sync
from tests.sync.test_day import lines, receive, status, sync, write


def test_the_same_line_received_again_after_a_restore_blocks_nobody(tmp_path: Path, gateway: Any) -> None:
    hub, one, two, box = gateway(), tmp_path / "one", tmp_path / "two", tmp_path / "b.motcua"
    enrolled(one, hub)
    enrolled(two, hub, "Nông Văn Dự", hub.new_code())
    run_sync("backup", "--data", str(one), "--to", str(box), check=True)
    receive(one, lines(3))
    sync(one)
    run_sync("restore", "--data", str(one), "--from", str(box), check=True)
    again = receive(one, lines(3))
    sync(one)
    sync(two)
    assert hub.run("gateway-report")[0]["codes_twice"] == []
    assert len({r["code"] for r in again}) == 3
    for data in (one, two):
        assert run_sync("verify", "--data", str(data), check=True).lines[0]["ok"]
        assert len(run_sync("dossiers", "--data", str(data)).lines) == 3


def test_a_restore_of_unsent_events_is_no_fork(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    receive(data, lines(3, 1))
    run_sync("backup", "--data", str(data), "--to", str(box), check=True)
    receive(data, lines(3, 2))
    sync(data)
    run_sync("restore", "--data", str(data), "--from", str(box), check=True)
    sync(data)
    assert [a["kind"] for a in status(data)["alerts"]] == ["store_restored"]
    assert len(run_sync("dossiers", "--data", str(data)).lines) == 6


class PlugPulled(BaseException):
    """Ends the process at a chosen place."""


@pytest.mark.parametrize("step", ["_write", "_renew"])
def test_a_kill_while_a_restored_store_starts_gives_no_code_twice(
    tmp_path: Path, gateway: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    hub.stop()
    counter = open_counter(data)
    recovery.backup(counter, vault.unlock(data, "CB001", PASSPHRASE), box)
    printed = [counter.receive(row, "CB001").code for row in lines(3, 1)]
    counter.close()
    with monkeypatch.context() as patch:

        def pull(*_: Any) -> None:
            raise PlugPulled

        patch.setattr(Incarnation, step, pull)
        with pytest.raises(PlugPulled):
            run_in_process_restore(box, data)
    counter = open_counter(data)
    printed += [counter.receive(row, "CB001").code for row in lines(3, 2)]
    assert len(set(printed)) == 6
    assert counter.tasks()[0]["kind"] == "store_restored"
    counter.close()


def run_in_process_restore(box: Path, data: Path) -> None:
    from sync.counter import vietnam_now

    recovery.restore(box, data, None, lambda _folder: PASSPHRASE, vietnam_now())


def _receive_all(data: str, rows: str, out: str, gate: Any) -> None:
    counter = open_counter(Path(data))
    gate.wait()
    codes = [counter.receive(row, "CB001").code for row in json.loads(rows)]
    Path(out).write_text(json.dumps(codes), "utf-8")
    counter.close()


def _together(tmp_path: Path, jobs: list[tuple[Path, list[dict[str, Any]]]]) -> list[list[str]]:
    """Real processes that begin at the same moment."""
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(len(jobs))
    outs = [tmp_path / f"out{i}.json" for i in range(len(jobs))]
    workers = [
        spawn.Process(target=_receive_all, args=(str(data), json.dumps(rows), str(out), gate))
        for (data, rows), out in zip(jobs, outs, strict=True)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    return [json.loads(out.read_text("utf-8")) for out in outs]


def test_two_processes_on_one_line_print_one_code(tmp_path: Path, hub: Any) -> None:
    data, rows = tmp_path / "counter", lines(20, 5)
    enrolled(data, hub, code=hub.new_code())
    one, two = _together(tmp_path, [(data, rows), (data, rows)])
    assert one == two
    assert len(set(one)) == 20


def test_two_restored_copies_at_once_share_no_reserve_number(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    run_sync("backup", "--data", str(data), "--to", str(box), check=True)
    copies = [tmp_path / "r1", tmp_path / "r2"]
    for copy in copies:
        run_sync("restore", "--data", str(copy), "--from", str(box), check=True)
    one, two = _together(tmp_path, [(copies[0], lines(15, 1)), (copies[1], lines(15, 2))])
    assert len({*one, *two}) == 30


def test_a_restore_beside_a_running_receive_loses_no_printed_code(tmp_path: Path, gateway: Any) -> None:
    hub, data, box = gateway(), tmp_path / "counter", tmp_path / "b.motcua"
    enrolled(data, hub)
    run_sync("backup", "--data", str(data), "--to", str(box), check=True)
    counter = open_counter(data)
    counter.receive(lines(1, 1)[0], "CB001")
    run_sync("restore", "--data", str(data), "--from", str(box), check=True)
    with pytest.raises(Problem, match="store_replaced"):
        counter.receive(lines(1, 2)[0], "CB001")
    counter.close()


def test_a_gateway_put_back_to_an_older_state_gets_everything_again(tmp_path: Path, gateway: Any) -> None:
    hub = gateway("--portal", "instant", "--numbers", "200")
    one, two = tmp_path / "one", tmp_path / "two"
    enrolled(one, hub)
    codes = [r["code"] for r in receive(one, lines(4, 1))]
    sync(one)
    hub.stop()
    shutil.copytree(hub.data, tmp_path / "old")
    hub.start()
    enrolled(two, hub, "Nông Văn Dự", hub.new_code())
    codes += [r["code"] for r in receive(one, lines(4, 2))]
    sync(one)
    hub.stop()
    shutil.rmtree(hub.data)
    shutil.copytree(tmp_path / "old", hub.data)
    hub.start()
    three = tmp_path / "three"
    enrolled(three, hub, "Lò Ổn", hub.new_code())
    codes += [r["code"] for r in receive(three, lines(4, 3))]
    codes += [r["code"] for r in receive(two, lines(4, 4))]
    sync(three)
    for _ in range(2):
        sync(one)
    sync(three)
    assert len(set(codes)) == 16
    assert "gateway_restored" in {a["kind"] for a in status(one)["alerts"]}
    report = hub.run("gateway-report")[0]
    assert (report["dossiers"], report["codes_twice"]) == (12, [])
    for data in (one, three):
        assert len(run_sync("dossiers", "--data", str(data)).lines) == 12
        assert run_sync("verify", "--data", str(data), check=True).lines[0]["ok"]


def test_a_code_admits_one_counter_however_many_try_at_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ledger = Ledger(tmp_path / "gateway")
    profile = {"unit": "H38.27.09", "name": "xã Yên Thượng", "centre": "Trung tâm", "operators": []}
    ledger.add_commune(profile)
    for turn in range(5):
        secret = split_code(admission.new_code(ledger, "H38.27.09"))[0]

        def one(thread: int, secret: str = secret, turn: int = turn) -> str:
            request = {"secret": secret, "public_key": "00" * 32, "epoch": f"{turn}-{thread}", "operator": f"Người {thread}"}
            try:
                return str(admission.enrol(ledger, request)["counter"])
            except Problem as problem:
                return problem.code

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(one, range(4)))
        assert answers.count("enrol_code_used") == 3
    ledger.close()


WEIRD = [
    {"applicant": {"birth_date": 19960814}},
    {"applicant": {"full_name": {"x": 1}}},
    {"applicant": {"personal_id": 10**30}},
    {"applicant": {"other_id": "hộ chiếu"}},
    {"applicant": {"other_id": {"kind": "hộ chiếu", "number": {}}}},
    {"papers": [{"code": ["TK"], "originals": "abc"}]},
    {"papers": [{"code": None, "originals": None}, {"code": "TK", "copies": 10**40}]},
    {"received_at": "0001-01-01T00:00:00+14:00"},
    {"received_at": "9999-12-31T23:00:00-10:00"},
    {"answers": {"a": json.loads("[" * 900 + "]" * 900)}},
    {"answers": {"a": "x" * 400_000}},
    {"answers": {"a": "\x00"}},
    {"case": ["x"]},
    {"channel": {"y": 1}},
    {"procedure": ""},
]


def test_no_line_however_strange_stops_the_others(tmp_path: Path, hub: Any) -> None:
    data = tmp_path / "counter"
    enrolled(data, hub, code=hub.new_code())
    good = lines(2 * len(WEIRD) + 2, 9)
    for extra in ([], ["--allow-incomplete"]):
        rows = [good.pop() | {"id": f"w{i}{len(extra)}"} | odd for i, odd in enumerate(WEIRD)]
        last = good.pop()
        file = write(tmp_path / "weird.jsonl", [*rows, last])
        ran = run_sync("receive", "--data", str(data), "--from", file, *extra)
        assert len(ran.lines) == len(WEIRD) + 1
        assert "code" in ran.lines[-1]
    assert run_sync("verify", "--data", str(data), check=True).lines[0]["ok"]


def test_a_mistyped_folder_does_not_become_a_gateway(tmp_path: Path) -> None:
    for command in ("gateway-report", "gateway-dossiers", "enrol-code"):
        ran = run_sync(command, "--data", str(tmp_path / "typo"))
        assert ran.problem["problem"] == "gateway_missing"
    assert not (tmp_path / "typo").exists()
