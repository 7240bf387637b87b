"""What is done after reception, on a real store: dates move once, stay moved, and reach the other counters."""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.pack import load
from forms.problem import Problem
from forms.working_days import VIETNAM
from resources import path_of
from sync import acts, house_rules, money, paperwork, recovery
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway_client import Traffic
from tests.conftest import enrolled, open_counter

CATALOGUE = Catalogue.load()


class Clock:
    """A civil clock that only moves when told."""

    def __init__(self, text: str) -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=VIETNAM)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock("2026-12-07T09:00")


@pytest.fixture
def counter(tmp_path: Path, hub: Any, clock: Clock) -> Iterator[Counter]:
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    one = open_counter(tmp_path / "c", clock)
    yield one
    assert recovery.verify(one.store)["ok"]
    one.close()


def receive(counter: Counter, code: str, seed: int = 1, **more: Any) -> str:
    line = next(examples(CATALOGUE, code, None, 1, seed)) | more | {"id": str(uuid.uuid4())}  # the gateway is shared by tests
    return counter.receive(line, "CB001", date_confirmed=True).id


def due(counter: Counter, dossier: str) -> str:
    return str(counter.dossier(dossier)["return_at"])[:16]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    words = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    return words


def refused(counter: Counter, verb: Any, *arguments: Any) -> str:
    with pytest.raises(Problem) as caught:
        verb(counter, *arguments)
    return caught.value.code


def test_a_supplement_stops_the_clock_and_back_it_goes_on(counter: Counter, clock: Clock) -> None:
    one = receive(counter, "1.004873")
    assert due(counter, one) == "2026-12-10T17:00"
    clock.set("2026-12-08T10:00")
    papers = counter.dossier(one)["procedure"]["case"], CATALOGUE.procedure("1.004873")
    assert papers[1]
    wanted = papers[1].cases[0].papers[0]
    acts.request_supplement(counter, one, "CB001", [{"paper": wanted.code, "reason": "Chưa ký"}])
    paused = counter.dossier(one)
    assert (paused["stage"], paused["paused"], due(counter, one)) == ("supplement", True, "2026-12-10T17:00")
    assert refused(counter, acts.extend, one, "CB001", datetime(2026, 12, 21, tzinfo=VIETNAM), "x") == "not_now"
    clock.set("2026-12-10T10:00")
    acts.receive_supplement(counter, one, "CB001", [{"code": wanted.code, "name": wanted.name, "originals": 2}])
    back = counter.dossier(one)
    assert (back["stage"], due(counter, one), back["first_return_at"][:10]) == ("received", "2026-12-14T17:00", "2026-12-10")
    assert next(p for p in back["papers"] if p["code"] == wanted.code)["originals"] == 2
    assert refused(counter, acts.receive_supplement, one, "CB001") == "not_now"
    asked = next(r for r in back["history"] if r["event"] == "supplement_requested")
    words = text_of(paperwork.paper(counter, one, "supplement", asked["act"]))
    assert wanted.name in words and "Chưa ký" in words
    again = next(r for r in back["history"] if r["event"] == "supplement_received")
    receipt = text_of(paperwork.paper(counter, one, "receipt", again["act"]))
    assert "17 giờ 00 phút, ngày 10/12/2026" in receipt and "17 giờ 00 phút, ngày 14/12/2026" in receipt


def test_the_guard_stands_before_the_event(counter: Counter) -> None:
    one = receive(counter, "1.001193")
    for item, code in (
        ({"name": "Xác nhận địa chỉ mới", "reason": "x", "basis": "y"}, "address_confirmation_asked"),
        ({"name": "Sổ hộ khẩu", "reason": "x"}, "paper_outside_case"),
        ({"name": "Bản chụp căn cước", "reason": "x", "basis": "y"}, "card_asked_again"),
    ):
        assert refused(counter, acts.request_supplement, one, "CB001", [item]) == code
    assert len(counter.dossier(one)["history"]) == 1


def test_an_extension_needs_a_later_date_and_a_reason(counter: Counter) -> None:
    one = receive(counter, "1.004873")
    old, new = datetime(2026, 12, 10, 17, tzinfo=VIETNAM), datetime(2026, 12, 15, 17, tzinfo=VIETNAM)
    assert refused(counter, acts.extend, one, "CB001", old, "Chờ xác minh") == "date_not_later"
    assert refused(counter, acts.extend, one, "CB001", new, " ") == "reason_missing"
    acts.extend(counter, one, "CB001", new, "Chờ xác minh")
    assert due(counter, one) == "2026-12-15T17:00"
    row = counter.dossier(one)["history"][-1]
    words = text_of(paperwork.paper(counter, one, "apology", row["act"]))
    assert "Chờ xác minh" in words, words
    assert "10/12/2026" in words and "15/12/2026" in words, words


def test_beyond_the_boundary_the_period_runs_from_arrival(counter: Counter, clock: Clock) -> None:
    competent = {"unit": "00097", "name": "phường Hồng Hà, thành phố Hà Nội"}
    one = receive(counter, "1.004873", competent=competent)
    assert counter.dossier(one)["appointment"]["awaits_arrival"]
    assert refused(counter, acts.arrive, receive(counter, "1.004873", 2), "CB001", clock()) == "not_now"
    assert refused(counter, acts.arrive, one, "CB001", datetime(2026, 12, 9, 8, tzinfo=VIETNAM)) == "moment_out_of_range"
    clock.set("2026-12-09T10:00")
    acts.arrive(counter, one, "CB001", datetime(2026, 12, 9, 8, tzinfo=VIETNAM))
    assert (due(counter, one), counter.dossier(one)["arrived_at"][:10]) == ("2026-12-14T17:00", "2026-12-09")
    assert refused(counter, acts.arrive, one, "CB001", clock()) == "not_now"


def test_no_edit_moves_the_date_of_what_is_received(counter: Counter) -> None:
    one = receive(counter, "1.004873")
    before = counter.dossier(one)
    key = f"1.004873/{before['procedure']['version']}/*/"
    house_rules.set_rule(counter, "CB001", "day", "2026-12-09", {"kind": "closed", "name": "Bão"}, "CV 1")
    house_rules.set_rule(counter, "CB001", "time", key, {"amount": 9, "unit": "working_day"}, "QĐ 2")
    assert counter.dossier(one) == before
    assert due(counter, receive(counter, "1.004873", 2)) == "2026-12-21T17:00", "9 days, one of them closed"


def test_an_unsettled_limit_gives_no_date_until_it_is_settled(counter: Counter) -> None:
    one = receive(counter, "1.000894")
    assert counter.dossier(one)["return_at"] is None
    marriage = CATALOGUE.procedure("1.000894")
    assert marriage
    value = {"amount": 1, "unit": "working_day", "same_day": True}
    house_rules.set_rule(counter, "CB001", "time", f"1.000894/{marriage.version}/*/", value, "QĐ 163")
    assert due(counter, receive(counter, "1.000894", 2)) == "2026-12-07T17:00"
    assert counter.dossier(one)["return_at"] is None, "the one before keeps what its paper says"


OUTAGE = {"start": "2026-12-08T08:00:00+07:00", "system": "Hộ tịch điện tử"}


def test_an_announced_outage_stops_the_clock_only_where_the_law_says_so(counter: Counter, clock: Clock) -> None:
    linked, plain = receive(counter, "lien-thong-khai-sinh"), receive(counter, "1.004873")
    parts = [m["id"] for m in counter.dossier(linked)["linked"]["members"]]
    before = {i: due(counter, i) for i in (*parts, plain)}
    house_rules.set_rule(counter, "CB001", "outage", "o1", OUTAGE | {"until": None}, "TB 5")
    assert {i: due(counter, i) for i in before} == before, "nobody knows yet how long"
    clock.set("2026-12-09T16:00")
    changes = house_rules.set_rule(counter, "CB001", "outage", "o1", OUTAGE | {"until": "2026-12-09T15:00:00+07:00"}, "TB 6")
    late = [i for i in parts if before[i] > "2026-12-08T08:00"]
    assert changes.dossiers == set(late)
    assert due(counter, plain) == before[plain]
    assert all(due(counter, i) > before[i] for i in late)
    assert house_rules.apply_outages(counter, "CB001") == frozenset(), "each outage counts once"
    row = counter.dossier(late[0])["history"][-1]
    assert row["body"]["basis"] == "NĐ 301/2026/NĐ-CP Điều 3"
    named = OUTAGE | {"until": "2026-12-09T15:00:00+07:00", "basis": "NQ 9", "procedures": ["1.004873"]}
    house_rules.set_rule(counter, "CB001", "outage", "o2", named, "TB 7")
    assert due(counter, plain) == "2026-12-11T17:00"


def test_two_reasons_to_stand_still_stand_still_once(counter: Counter, clock: Clock) -> None:
    one = receive(counter, "1.004873")
    clock.set("2026-12-08T09:00")
    acts.request_supplement(counter, one, "CB001", [{"paper": "TK", "reason": "Chưa ký"}])
    span = {"start": "2026-12-08T10:00:00+07:00", "system": "x", "basis": "NQ 9", "procedures": ["1.004873"]}
    clock.set("2026-12-10T09:00")
    house_rules.set_rule(counter, "CB001", "outage", "in", span | {"until": "2026-12-09T15:00:00+07:00"}, "TB")
    acts.receive_supplement(counter, one, "CB001")
    assert due(counter, one) == "2026-12-14T17:00", "two days of the pause; the outage lies inside it"
    longer = span | {"until": "2026-12-11T15:00:00+07:00"}
    clock.set("2026-12-11T16:00")
    house_rules.set_rule(counter, "CB001", "outage", "in", longer, "TB")
    assert due(counter, one) == "2026-12-15T17:00", "its corrected end adds the day that was not counted"
    house_rules.set_rule(counter, "CB001", "outage", "again", longer, "TB")
    assert due(counter, one) == "2026-12-15T17:00", "the same hours under another name"


def test_a_fee_that_was_open_is_taken_once_it_is_settled(counter: Counter) -> None:
    one = receive(counter, "1.004873")
    assert refused(counter, money.pay, one, "CB001", "cash") == "fee_unsettled"
    procedure = CATALOGUE.procedure("1.004873")
    assert procedure
    value = {"amount": 15_000, "valid_from": "2026-01-01"}
    house_rules.set_rule(counter, "CB001", "fee", f"1.004873/{procedure.channels[0].fees[0].code}/2026-01-01", value, "NQ 5")
    money.pay(counter, one, "CB001", "cash")
    assert counter.dossier(one)["payment"]["amount"] == 15_000


def test_what_another_counter_wrote_never_stops_this_one(counter: Counter) -> None:
    one = receive(counter, "1.004873")
    bad: list[dict[str, Any]] = [
        {"kind": "time", "key": "zz", "value": {"amount": 1, "unit": "week"}, "source": "x"},
        {"kind": "fee", "key": "zz", "value": {}, "source": "x"},
        {"kind": "hours", "key": "", "value": 7, "source": None},
        {"kind": ["x"], "key": "y"},
    ]
    with counter.store.write():
        for body in bad:
            counter.act("", "rule_set", "CB001", body)
        for name, body in (("supplement_requested", {"at": 7}), ("supplement_received", {"papers": ["TK"]}), ("paid", {})):
            counter.act(one, name, "CB001", body)
        counter.act("of-another", "received", "CB001", {"applicant": "x", "papers": "y", "payment": None, "code": 5})
    assert counter.rules.rows == {}
    assert counter.dossier(one)["stage"] == "received"
    assert counter.dossiers(limit=-1)
    assert receive(counter, "1.004873", 2)


def test_a_line_is_the_same_line_after_the_catalogue_has_changed(counter: Counter) -> None:
    line = next(examples(CATALOGUE, "1.004873", None, 1, 8))
    first = counter.receive(line, "CB001", date_confirmed=True)
    house_rules.set_rule(counter, "CB001", "day", "2026-12-09", {"kind": "closed", "name": "Bão"}, "CV 1")
    counter.packs = Catalogue([], [])
    assert counter.receive(line, "CB001").code == first.code
    counter.packs = CATALOGUE
    with pytest.raises(Problem, match="id_reused"):
        counter.receive(line | {"payment": {"method": "cash"}}, "CB001")


def test_a_counter_may_act_on_what_a_fast_clock_received(counter: Counter, clock: Clock) -> None:
    clock.set("2026-12-07T11:00")
    one = receive(counter, "1.004873")
    with counter.store.write():
        counter.store.set_meta(hybrid=0)  # another counter's clock was two hours ahead of ours
    clock.set("2026-12-07T09:00")
    acts.request_supplement(counter, one, "CB001", [{"paper": "TK", "reason": "Chưa ký"}])
    assert counter.dossier(one)["paused"]


def test_a_linked_group_is_received_once_in_one_commit(counter: Counter) -> None:
    line = next(examples(CATALOGUE, "lien-thong-khai-tu", None, 1, 3))
    line["answers"] |= {"aid_target": True, "aid_kind": "Người cao tuổi", "merit": False, "insured": False}
    first = counter.receive(line, "CB001", date_confirmed=True)
    again = counter.receive(line, "CB001", date_confirmed=True)
    assert first.parts == again.parts and len(first.parts) == 3
    assert [p["procedure"] for p in first.parts] == ["1.000656", "1.003197", "1.001731"]
    assert len({p["code"] for p in first.parts}) == 3
    assert len(counter.dossiers(limit=-1)) == 3
    with pytest.raises(Problem, match="id_reused"):
        counter.receive(line | {"answers": line["answers"] | {"insured": True}}, "CB001", allow_incomplete=True)
    second = counter.dossier(first.parts[1]["id"])
    assert second["answers"]["person_name"] == line["answers"]["dead"]["full_name"]
    assert second["linked"]["members"] == list(first.parts)
    assert (second["fees"]["total"], counter.dossier(first.id)["fees"]["lines"] != []) == (0, True)
    receipt = text_of(paperwork.paper(counter, first.id))
    assert all(p["code"].replace("-", "") in receipt.replace("-", "").replace(" ", "") for p in first.parts)


def test_a_dossier_keeps_the_version_it_was_received_under(counter: Counter, clock: Clock, tmp_path: Path) -> None:
    one = receive(counter, "1.004873")
    pack = load(path_of("procedures", "1.004873.json"))
    pack |= {"version": "999/QĐ-BTP", "valid_from": "2026-12-10", "short_name": "Tên mới"}
    pack["channels"][0]["time"] = {"amount": 1, "unit": "working_day"}
    folder = tmp_path / "c" / "packs" / "procedures"
    folder.mkdir(parents=True)
    (folder / "1.004873@999.json").write_text(json.dumps(pack), "utf-8")
    later = open_counter(tmp_path / "c", clock)
    assert later.procedure({"procedure": "1.004873"}).version == "163/QĐ-BTP"  # type: ignore[union-attr]
    clock.set("2026-12-10T09:00")
    fresh = receive(later, "1.004873", 2)
    assert later.dossier(fresh)["procedure"]["version"] == "999/QĐ-BTP"
    assert due(later, fresh) == "2026-12-11T17:00"
    assert later.dossier(one)["procedure"]["version"] == "163/QĐ-BTP"
    assert "Tên mới" not in text_of(paperwork.paper(later, one))
    assert "Tên mới" in text_of(paperwork.paper(later, fresh))
    later.close()


def test_a_province_changes_a_paper_without_touching_code(counter: Counter, tmp_path: Path) -> None:
    one = receive(counter, "2.000635")
    folder = tmp_path / "c" / "packs" / "papers"
    folder.mkdir(parents=True)
    own = {"name": "receipt", "valid_from": "2026-12-01", "title": "GIẤY HẸN THEO MẪU MỚI CỦA BỘ TƯ PHÁP"}
    (folder / "papers.json").write_text(json.dumps({"papers": [own]}, ensure_ascii=False), "utf-8")
    assert "GIẤY HẸN THEO MẪU MỚI" in text_of(paperwork.paper(counter, one))


def test_payment_goes_its_own_way(counter: Counter) -> None:
    one = receive(counter, "2.000635", payment={"method": "later"})
    account = {"bank": "970405", "number": "1234567890123", "holder": "UBND xã Yên Thượng"}
    assert paperwork.transfer(counter, one) == ""
    house_rules.set_rule(counter, "CB001", "account", "", account, "QĐ 3")
    assert paperwork.transfer(counter, one).startswith("000201010212")
    assert refused(counter, money.reconcile, one, "CB001", "FT1") == "not_now"
    money.pay(counter, one, "CB001", "transfer")
    assert refused(counter, money.pay, one, "CB001", "transfer") == "not_now"
    other = receive(counter, "2.000635", 2, payment={"method": "transfer"})
    money.pay(counter, other, "CB001", "cash")
    assert counter.dossier(other)["payment"]["state"] == "cash", "the transfer never came"
    assert refused(counter, money.reconcile, one, "CB001", " ") == "reference_missing"
    money.reconcile(counter, one, "CB001", "FT26341")
    payment = counter.dossier(one)["payment"]
    assert (payment["state"], payment["reference"]) == ("reconciled", "FT26341")
    assert paperwork.transfer(counter, one) == ""
    assert refused(counter, money.pay, receive(counter, "1.001193"), "CB001", "gold") == "not_now"


def test_a_reprint_is_marked_only_after_a_print_that_succeeded(counter: Counter) -> None:
    one = receive(counter, "2.000635")
    assert "in lại" not in text_of(paperwork.paper(counter, one))
    assert "in lại" not in text_of(paperwork.paper(counter, one)), "drawn again because the printer jammed"
    counter.log_print(one, paperwork.paper_key("receipt"), "CB001")
    assert "in lại" in text_of(paperwork.paper(counter, one))
    assert "in lại" not in text_of(paperwork.paper(counter, one, "control")), "another paper"


def test_decomposed_text_is_kept_composed_and_found_again(counter: Counter) -> None:
    import unicodedata

    line = next(examples(CATALOGUE, "2.000635", None, 1, 9))
    line["applicant"]["full_name"] = "Đặng Thị Ẩn"
    apart = json.loads(unicodedata.normalize("NFD", json.dumps(line, ensure_ascii=False)))
    assert counter.receive(apart, "CB001", date_confirmed=True).code == counter.receive(line, "CB001").code
    assert counter.dossier(line["id"])["applicant"]["full_name"] == "Đặng Thị Ẩn"


def test_what_a_person_said_before_is_known(counter: Counter) -> None:
    line = next(examples(CATALOGUE, "1.004873", None, 1, 4))
    counter.receive(line, "CB001", date_confirmed=True)
    known = counter.known_person(line["applicant"]["personal_id"])
    assert known["phone"] == line["applicant"]["phone"]
    assert counter.known_person("010196999999") == {}


def test_rules_and_moved_dates_reach_the_other_counter(tmp_path: Path, gateway: Any) -> None:
    hub, clock = gateway(), Clock("2026-12-07T09:00")
    counters = []
    for name in ("a", "b"):
        enrolled(tmp_path / name, hub, code=hub.new_code())
        counters.append(open_counter(tmp_path / name, clock))
    here, there = counters
    mine = receive(there, "lien-thong-khai-sinh")
    before = due(there, mine)
    span = {"start": "2026-12-07T10:00:00+07:00", "until": "2026-12-08T15:00:00+07:00"}
    clock.set("2026-12-08T15:30")
    house_rules.set_rule(here, "CB001", "outage", "o1", OUTAGE | span, "TB")
    for one in (here, there, here):
        until_empty(one, hub.url, time.monotonic() + 20, Traffic())
    assert [o.id for o in there.rules.outages] == ["o1"]
    assert due(there, mine) > before
    assert due(here, mine) == due(there, mine)
    moved = [r for r in here.dossier(mine)["history"] if r["event"] == "suspended"]
    assert len(moved) == 1, "only the counter that received it moves it"
    for one in counters:
        one.close()
