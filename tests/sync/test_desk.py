"""Several counters of one commune, dossiers filed online, dossiers for another commune: real gateway, real stores."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.routing import PORTAL
from sync import acts, intake, money, recovery
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway import schema
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from sync.store.dossiers import Wanted
from tests.conftest import GatewayProcess, enrolled, open_counter, run_sync

CATALOGUE = Catalogue.load()
ELSEWHERE = {
    "unit": "H38.27.10", "area": "02683", "name": "xã Bản Qua", "province": "tỉnh Lào Cai", "phone": "", "practice": False,
    "centre": "Trung tâm Phục vụ hành chính công xã Bản Qua", "hours": [["07:30", "11:30"], ["13:30", "17:00"]], "operators": [],
}  # fmt: skip


def line(code: str, seed: int = 5, **more: Any) -> dict[str, Any]:
    return next(examples(CATALOGUE, code, None, 1, seed)) | {"id": str(uuid.uuid4())} | more


def meet(counter: Counter, hub: GatewayProcess) -> None:
    until_empty(counter, hub.url, time.monotonic() + 60, Traffic())


Pair = tuple[Counter, Counter, GatewayProcess]


@pytest.fixture
def pair(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> Iterator[Callable[..., Pair]]:
    """Two counters of one commune: ``pair("--portal", FILE)``."""
    opened: list[Counter] = []

    def make(*options: str) -> Pair:
        hub = gateway(*options)
        for name in ("one", "two"):
            enrolled(tmp_path / name, hub, {"one": "Trần Thị Kiểm", "two": "Nông Văn Dự"}[name], code=hub.new_code())
            opened.append(open_counter(tmp_path / name))
        return opened[-2], opened[-1], hub

    yield make
    for counter in opened:
        counter.close()


def test_what_the_other_counter_did_is_heard_searched_and_named(pair: Callable[..., Pair]) -> None:
    one, two, hub = pair()
    done = one.receive(line("1.004873"), "CB001", date_confirmed=True)
    acts.shelve(one, done.id, "CB001", "Tủ 2, ngăn 3")
    meet(one, hub)
    meet(two, hub)
    person = one.dossier(done.id)["applicant"]
    for words in (
        person["full_name"],
        person["personal_id"],
        done.code,
        done.code.rsplit("-", 1)[1],
        f"{done.code}|1.004873|x|Mẫu số 01",
    ):
        assert [r["id"] for r in two.dossiers(words)] == [done.id], words
    assert two.dossier(done.id)["shelf"] == "Tủ 2, ngăn 3"
    assert [c["name"] for c in two.profile["counters"]] == ["Quầy 1", "Quầy 2"]
    assert two.dossiers(Wanted(counter=one.counter_id)) and not two.dossiers(Wanted(counter=two.counter_id))


def test_acts_of_counters_apart_end_in_a_review_that_a_clerk_settles(pair: Callable[..., Pair]) -> None:
    one, two, hub = pair()
    done = one.receive(line("1.004873"), "CB001", date_confirmed=True)
    acts.transfer(one, done.id, "CB001", "Tư pháp – hộ tịch")
    meet(one, hub)
    meet(two, hub)
    acts.withdraw(one, done.id, "CB001", "Tôi xin rút hồ sơ")  # while the line is down
    acts.finish(two, done.id, "CB002")
    acts.shelve(two, done.id, "CB002", "Tủ 1")
    for counter in (one, two, one):
        meet(counter, hub)
    for counter in (one, two):
        whole = counter.dossier(done.id)
        assert (whole["stage"], [r["event"] for r in whole["review"]]) == ("withdrawn", ["finished"])
        task = next(t for t in counter.tasks() if t["kind"] == "review")
        assert [s["event"] for s in task["details"]["sides"]] == ["finished", "withdrawn"]
    with pytest.raises(Problem, match="nothing_to_settle"):
        acts.settle(two, done.id, "CB002", "1.x", "act")
    acts.settle(two, done.id, "CB002", task["details"]["act"], "act")
    meet(two, hub)
    meet(one, hub)
    for counter in (one, two):
        whole = counter.dossier(done.id)
        assert (whole["stage"], whole["review"], whole["shelf"]) == ("finished", [], "Tủ 1")
        assert recovery.verify(counter.store)["ok"]
    hub_side = hub.run("gateway-dossiers", "--id", done.id)[0]
    assert {k: hub_side[k] for k in ("stage", "history", "review")} == {k: whole[k] for k in ("stage", "history", "review")}


def test_money_taken_at_both_counters_comes_back_once(pair: Callable[..., Pair]) -> None:
    one, two, hub = pair()
    done = one.receive(line("2.000635", payment={"method": "later"}), "CB001", date_confirmed=True)
    meet(one, hub)
    meet(two, hub)
    money.pay(one, done.id, "CB001", "cash")
    money.pay(two, done.id, "CB002", "cash")
    for counter in (one, two, one):
        meet(counter, hub)
    act = two.dossier(done.id)["review"][0]["act"]
    assert money.drawer(two, "CB002")["cash"] > 0
    money.refund(two, done.id, "CB002", "Thu hai lần", of=act)
    assert two.dossier(done.id)["review"] == []
    found = money.drawer(two, "CB002")
    assert found["expected"] == 0, found
    with pytest.raises(Problem, match="difference_unexplained"):
        money.close_drawer(two, "CB002", 5000)
    assert money.close_drawer(two, "CB002", 0)["difference"] == 0
    assert money.drawer(two, "CB002")["cash"] == 0, "the next shift begins with an empty drawer"


@pytest.fixture
def online(tmp_path: Path, pair: Callable[..., Pair]) -> Pair:
    """A resident has filed two dossiers on the portal; one refusal is scripted."""
    filed = [
        {k: v for k, v in line("1.004873", n).items() if k not in ("id", "papers")} | {"papers": [{"code": "TK", "originals": 1}]}
        for n in (7, 8)
    ]
    file = tmp_path / "portal.json"
    file.write_text(json.dumps({"delay": 0, "refuse": [], "file": filed}, ensure_ascii=False), "utf-8")
    one, two, hub = pair("--portal", str(file))
    while len(one.dossiers()) < 2:
        meet(one, hub)
    return one, two, hub


def test_an_online_dossier_is_received_here_under_its_own_code(online: Pair) -> None:
    one, two, hub = online
    waiting = one.dossiers(Wanted(chip="filed"))
    assert len(waiting) == 2
    assert all(r["code"].startswith("G15-") and r["stage"] == "filed" for r in waiting)
    assert {t["dossier"] for t in one.tasks() if t["kind"] == "filed"} == {r["id"] for r in waiting}
    first, second = (r["id"] for r in waiting)
    done = intake.receive_filed(one, first, "CB001")
    whole = one.dossier(first)
    assert (whole["code"], whole["stage"], whole["official"], whole["register"]) == (waiting[0]["code"], "received", 2, 1)
    assert whole["return_at"] and whole["channel"] == "2" and done.code == whole["code"]
    with pytest.raises(Problem, match="not_now"):
        intake.receive_filed(one, first, "CB001")
    items = [{"paper": "TK", "reason": "Tờ khai chưa ký"}]
    intake.guide(one, {"id": second}, "CB001", items)
    assert (one.dossier(second)["stage"], one.dossier(second)["official"]) == ("guided", 5)
    intake.decline(one, {"id": second}, "CB001", "Không thuộc thẩm quyền", guidance="Nộp tại xã nơi cư trú")
    assert (one.dossier(second)["stage"], one.dossier(second)["official"]) == ("declined", 3)
    with pytest.raises(Problem, match="not_now"):
        intake.receive_filed(one, second, "CB001")
    while two.dossiers() == [] or one.dossier(first)["verdict"] is None:
        meet(one, hub)
        meet(two, hub)
    assert {r["id"]: r["stage"] for r in two.dossiers()} == {first: "received", second: "declined"}


def test_two_counters_receive_the_same_online_dossier(online: Pair) -> None:
    one, two, hub = online
    meet(two, hub)
    which = one.dossiers(Wanted(chip="filed"))[0]["id"]
    intake.receive_filed(one, which, "CB001")
    intake.receive_filed(two, which, "CB002")
    for counter in (one, two, one):
        meet(counter, hub)
    marked = two.dossier(which)["review"]
    assert [r["event"] for r in marked] == ["received"]
    acts.settle(one, which, "CB001", marked[0]["act"], "against")
    meet(one, hub)
    meet(two, hub)
    assert [c.dossier(which)["review"] for c in (one, two)] == [[], []]


def test_before_reception_a_walk_in_is_guided_then_received_under_the_same_id(pair: Callable[..., Pair]) -> None:
    one, _two, _hub = pair()
    typed = line("1.004873")
    intake.guide(one, typed, "CB001", [{"paper": "TK", "reason": "Chưa ký"}])
    assert one.dossiers(typed["applicant"]["full_name"])[0]["stage"] == "guided"
    assert one.dossier(typed["id"])["code"] is None
    done = one.receive(typed, "CB001", date_confirmed=True)
    whole = one.dossier(typed["id"])
    assert (whole["code"], whole["review"], [h["event"] for h in whole["history"]]) == (done.code, [], ["guided", "received"])
    with pytest.raises(Problem, match="not_now"):
        intake.decline(one, typed, "CB001", "Muộn rồi")
    with pytest.raises(Problem, match="line_too_large"):  # no frame would carry it, so it never stands in the log
        acts.transfer(one, typed["id"], "CB001", "Tư pháp", note="x" * 300_000)
    with pytest.raises(Problem, match="vneid_asked"):
        intake.guide(one, line("1.004873"), "CB001", [{"name": "Tài khoản VNeID mức 2", "reason": "x", "basis": "y"}])


def test_a_refusal_is_answered_by_a_correction_and_asked_again(tmp_path: Path, pair: Callable[..., Pair]) -> None:
    typed = line("1.004873")
    file = tmp_path / "portal.json"
    rule = {
        "match": {"full_name": typed["applicant"]["full_name"]},
        "reason": "Thiếu",
        "field": "answers.purpose",
        "say": "x",
        "raw": "E",
    }
    file.write_text(json.dumps({"delay": 0, "refuse": [rule]}, ensure_ascii=False), "utf-8")
    one, _two, hub = pair("--portal", str(file))
    one.receive(typed, "CB001", date_confirmed=True)
    while one.dossier(typed["id"])["verdict"] != "refused":
        meet(one, hub)
    assert one.tasks()[0]["kind"] == "refused"
    with pytest.raises(Problem, match="value_refused"):
        acts.correct(one, typed["id"], "CB001", {"applicant.personal_id": "12"})
    with pytest.raises(Problem, match="field_unknown"):
        acts.correct(one, typed["id"], "CB001", {"code": "X"})
    acts.correct(one, typed["id"], "CB001", {"applicant.phone": "0912345678"}, "Portal đòi")
    assert one.dossier(typed["id"])["refusal"] is None
    while one.dossier(typed["id"])["verdict"] != "accepted":
        meet(one, hub)
    assert "refused" not in [t["kind"] for t in one.tasks()]


def test_a_record_that_cannot_be_read_is_held_and_answered_and_the_rest_flows(pair: Callable[..., Pair]) -> None:
    one, _two, hub = pair("--portal", "instant")
    bare = line("1.004873", 3) | {"applicant": {}}
    one.receive(bare, "CB001", allow_incomplete=True, date_confirmed=True)
    with one.store.write():
        one.act(bare["id"], "spoken_of_in_a_later_version", "CB001", {"procedure": 7})
    typed = line("1.004873", 4)
    one.receive(typed, "CB001", date_confirmed=True)
    while one.dossier(typed["id"])["verdict"] != "accepted":
        meet(one, hub)
    assert one.dossier(bare["id"])["refusal"]["field"] == "applicant.full_name"
    assert [t["dossier"] for t in one.tasks() if t["kind"] == "refused"] == [bare["id"]]


def test_a_gateway_told_to_stop_ends_in_the_middle_of_its_portals_answers(pair: Callable[..., Pair]) -> None:
    one, _, hub = pair("--portal", "instant")
    for n in range(60):
        one.receive(line("1.004873", n), "CB001", date_confirmed=True)
    meet(one, hub)
    with closing(Ledger(hub.data)) as ledger:
        said = sa.select(sa.func.count()).where(schema.events.c.counter == PORTAL, schema.events.c.name == "accepted")
        until, begun = time.monotonic() + 20, 0
        while not begun:
            assert time.monotonic() < until
            with ledger.engine.connect() as db:
                begun = int(db.scalar(said) or 0)
    assert begun < 60
    hub.stop()  # raises when the process does not end


def test_a_dossier_for_another_commune_reaches_its_counters_from_the_start(
    tmp_path: Path, gateway: Callable[..., GatewayProcess]
) -> None:
    file = tmp_path / "communes.json"
    file.write_text(json.dumps({"communes": [ELSEWHERE]}, ensure_ascii=False), "utf-8")
    hub = gateway("--communes", str(file))
    enrolled(tmp_path / "here", hub)
    there_code = hub.run("enrol-code", "--commune", "H38.27.10")[0]["enrol_code"]
    enrolled(tmp_path / "there", hub, "Vàng A Páo", code=there_code)
    here, there = open_counter(tmp_path / "here"), open_counter(tmp_path / "there")
    done = here.receive(line("1.004873", competent={"unit": "02683", "name": "xã Bản Qua"}), "CB001", date_confirmed=True)
    other = here.receive(line("1.004873", 6), "CB001", date_confirmed=True)
    meet(here, hub)
    meet(there, hub)
    assert [r["id"] for r in there.dossiers()] == [done.id], "only what concerns that commune"
    acts.arrive(there, done.id, "CB001", there.clock())
    acts.finish(there, done.id, "CB001")
    meet(there, hub)
    meet(here, hub)
    whole = here.dossier(done.id)
    assert (whole["stage"], [h["event"] for h in whole["history"]]) == ("finished", ["received", "arrived", "finished"])
    assert here.dossier(other.id)["stage"] == "received"
    assert hub.run("gateway-report")[0]["codes_twice"] == []
    here.close()
    there.close()


def test_every_act_from_the_command_line(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> None:
    hub, data = gateway(), str(tmp_path / "counter")
    enrolled(tmp_path / "counter", hub)
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps(line("2.000635", payment={"method": "later"}), ensure_ascii=False) + "\n", "utf-8")
    which = run_sync("receive", "--data", data, "--from", str(file), "--confirm-date", check=True).lines[0]["id"]

    def act(event: str, **details: Any) -> dict[str, Any]:
        ran = run_sync("act", "--data", data, "--dossier", which, "--event", event, "--with", json.dumps(details))
        return ran.lines[0] if ran.code == 0 else dict(ran.problem or {})

    assert act("transferred", to="Tư pháp – hộ tịch") == {"dossier": which, "event": "transferred", "stage": "processing"}
    assert act("supplement_requested", items=[{"paper": "TK", "reason": "Chưa ký"}])["stage"] == "supplement"
    assert act("extended", return_at="2030-01-02T17:00", reason="x") == {"problem": "not_now", "details": {"event": "extended"}}
    assert act("supplement_received")["stage"] == "processing"
    assert act("payment_requested", amount=0, name="x", basis="y")["problem"] == "amount_out_of_range"
    assert act("paid", method="cash")["stage"] == "processing"
    assert act("finished", results=[{"number": "12/TLKS"}])["stage"] == "finished"
    assert act("returned", receiver={"full_name": "Người Lạ"})["problem"] == "authority_missing"
    assert act("posted", tracking="EP123456789VN")["stage"] == "finished"
    assert act("post_failed", reason="Không có người nhận")["stage"] == "finished"
    assert act("authorised", person={"full_name": "Người Lạ"}, basis="Giấy ủy quyền số 5/2026")["stage"] == "finished"
    assert act("returned", receiver={"full_name": "Người Lạ"}, signed=True)["stage"] == "returned"
    assert run_sync("act", "--data", data, "--dossier", which, "--event", "danced").code == 2
    assert run_sync("act", "--data", data, "--dossier", which, "--event", "shelved", "--with", "{").code == 2
    assert act("returned", receiver="x")["problem"] == "details_malformed"
    assert act("shelved", place="\ud800")["problem"] == "details_malformed"
    assert act("shelved", place=5)["problem"] == "details_malformed"
    whole = run_sync("dossiers", "--data", data, "--id", which, check=True).lines[0]
    assert (whole["official"], whole["result"]["receiver"]["full_name"], whole["review"]) == (10, "Người Lạ", [])
    assert run_sync("verify", "--data", data).code == 0


def test_reports_from_the_command_line(tmp_path: Path, hub: GatewayProcess) -> None:
    data = str(tmp_path / "counter")
    enrolled(tmp_path / "counter", hub, code=hub.new_code())
    counter = open_counter(tmp_path / "counter")
    counter.receive(line("2.000635", payment={"method": "cash"}), "CB001", date_confirmed=True)
    counter.close()
    for kind, suffix in (("register", "pdf"), ("II.06a", "xlsx"), ("766", "pdf"), ("cash", "xlsx")):
        out = tmp_path / f"{kind}.{suffix}"
        ran = run_sync(
            "report", "--data", data, "--kind", kind, "--from", "2026-01-01", "--to", "2027-12-31", "--out", str(out), check=True
        )
        assert ran.lines[0]["rows"] >= 1
        assert out.stat().st_size > 2000
    assert (
        run_sync("report", "--data", data, "--kind", "x", "--from", "2026-01-01", "--to", "2026-12-31", "--out", "x.pdf").code
        == 2
    )
