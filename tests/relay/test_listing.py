"""The catalogue of procedures: what is asked, what is told, and what the counters make of it."""

import secrets
import time as watch
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.problem import Problem
from forms.published import PUBLISHED, WITHDRAWN
from sync.contact import until_empty
from sync.counter import Counter, vietnam_now
from sync.gateway.ledger import Ledger
from sync.gateway_client import Traffic
from sync.group import Group, parts
from sync.relay.listing import BODY, Look, left_out, look, wanted
from sync.relay.systems import Verdict
from sync.store import log
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay.listing_samples import PortalLog, answer, code, paper, record, time

DAY = "2026-11-28"


def first(number: int, **more: Any) -> Look:
    return look(code(number), answer(record(number, **more)), {}, DAY)


def body(found: Look) -> dict[str, Any]:
    assert found.act and found.act[0] == PUBLISHED
    return found.act[1]


def test_everything_listed_is_asked_about_new_ones_first_and_what_was_published_too() -> None:
    known = {code(2): first(2).facts, code(9): first(9).facts, code(5): {"listed": {}, "digest": ""}}
    listed = answer(*({"MATTHC": code(n), "TENTTHC": "x"} for n in (1, 2, 3)))
    assert wanted(listed, known) == (code(1), code(3), code(2), code(9))
    assert wanted(listed, known, [code(3), code(7)]) == (code(3),)


@pytest.mark.parametrize("broken", [None, [], answer(), {"error_code": "-3"}, {"error_code": "00"}, answer({"MATTHC": ""})])
def test_an_empty_list_is_no_list(broken: Any) -> None:
    with pytest.raises(Problem, match="system_unreadable"):
        wanted(broken, {code(2): first(2).facts})


def test_what_is_told_is_what_the_product_uses() -> None:
    said = body(first(1))
    assert said["version"] == "1/QĐ-THU" and said["valid_from"] == DAY and said["code"] == code(1)
    assert said["listed"] == {"MaLinhVuc": "LV1", "TenLinhVuc": "Lĩnh vực 1", "TenTTHC": record(1)["TENTTHC"]}
    assert "https://" not in str(said) and "TRINHTUTHUCHIEN" not in said["record"] and "YEUCAU" not in said["record"]
    assert body(first(1, VALID_FROM="2027-01-01"))["valid_from"] == "2027-01-01"


def test_only_a_change_of_what_is_used_is_a_change() -> None:
    known = first(1).facts
    same = look(code(1), answer(record(1, YEUCAU="Khác", MOTA="Khác", ID="khác")), known, "2026-12-01")
    assert same.act is None and same.facts == known


def test_each_content_of_a_decision_has_a_version_of_its_own() -> None:
    contents = [record(1), record(1, CACHTHUCTHUCHIEN=[{"KENH": "1", "THOIGIAN": [time("9")]}]), record(1, TENTTHC="Tên khác")]
    facts, versions = dict[str, Any](), list[str]()
    for content in (*contents, contents[1], contents[0], record(1, QUYETDINH="2/QĐ-THU")):
        found = look(code(1), answer(content), facts, DAY)
        facts = found.facts
        versions.append(body(found)["version"])
    assert versions[0] == "1/QĐ-THU" and versions[5] == "2/QĐ-THU"
    assert len(set(versions)) == 4, "the same content again is the same version again"
    assert versions[3] == versions[1] and versions[4] == versions[0]


def test_what_the_portal_takes_back_is_withdrawn_once_and_comes_back_once() -> None:
    known = first(1).facts
    for gone in (answer(), answer(record(2)), answer(record(1, TRANGTHAI="0"))):
        found = look(code(1), gone, known, DAY)
        assert found.act == (WITHDRAWN, {"code": code(1), "from": DAY})
        assert look(code(1), gone, found.facts, DAY).act is None
        assert body(look(code(1), answer(record(1)), found.facts, DAY))["version"] == "1/QĐ-THU"
    with pytest.raises(Problem, match="system_unreadable"):
        look(code(1), {"error_code": "-1", "result": []}, known, DAY)


def test_only_the_commune_level_unless_the_codes_are_chosen() -> None:
    province = [{"CAPTHUCHIEN": "2", "TENCAP": "Cấp tỉnh"}]
    both = [*province, {"CAPTHUCHIEN": "3", "TENCAP": "Xã/Phường"}]
    assert first(1, CAPTHUCHIEN=province).facts["left_out"] == "level"
    assert first(1, CAPTHUCHIEN=both).act and not first(1, CAPTHUCHIEN=[]).act
    chosen = look(code(1), answer(record(1, CAPTHUCHIEN=province)), {}, DAY, [code(1)])
    assert chosen.act
    assert look(code(1), answer(record(1, CAPTHUCHIEN=both)), {}, DAY, levels=["4"]).facts["left_out"] == "level"
    assert first(1, CAPTHUCHIEN=province).facts["listed"]["MaLinhVuc"] == "LV1", "a dossier may name it all the same"


def test_what_no_counter_could_use_is_left_out_and_counted() -> None:
    huge = [{"TRUONGHOP": "", "GIAYTO": [paper(f"Giấy tờ rất dài {n} " * 20) for n in range(200)]}]
    found = [first(1, THANHPHANHOSO=huge), first(2, CACHTHUCTHUCHIEN=[]), first(3, TENTTHC=""), first(4)]
    assert not any(one.act for one in found[:3])
    known = {code(n): one.facts for n, one in enumerate(found, 1)}
    assert left_out(known) == {"name_missing": 1, "no_channel": 1, "too_large": 1}
    back = look(code(1), answer(record(1)), known[code(1)], DAY)
    assert back.act and left_out(known | {code(1): back.facts}) == {"name_missing": 1, "no_channel": 1}
    assert BODY <= 64 * 1024


# What the counters make of it


def publish(hub: GatewayProcess, portal: PortalLog, acts: list[Verdict]) -> None:
    """Into the commune's feed, while the gateway does not run."""
    hub.stop()
    with closing(Ledger(hub.data)) as ledger:
        for some in parts(portal.say(acts)):
            group = Group.of(some, {"": portal.secret.hex()})
            ledger.store(lambda batch, group=group: batch.add_group(hub.commune, group))
    hub.start()


def fetched(contents: dict[str, dict[str, Any]], known: dict[str, Any], day: str) -> list[Verdict]:
    """A whole look at the portal's catalogue; ``known`` is brought up to date."""
    said = []
    listed = answer(*({"MATTHC": c, "TENTTHC": r["TENTTHC"]} for c, r in contents.items()))
    for one in wanted(listed, known):
        found = look(one, answer(contents[one]), known.get(one, {}), day)
        known[one] = found.facts
        said += [found.act] if found.act else []
    return said


def hear(counter: Counter, hub: GatewayProcess) -> None:
    until_empty(counter, hub.url, watch.monotonic() + 60, Traffic())


def line(counter: Counter, number: int) -> dict[str, Any]:
    procedure = counter.catalogue.procedure(code(number))
    assert procedure
    who = {"full_name": "Nguyễn Thị Thử", "no_id_reason": "Chưa được cấp số định danh cá nhân", "address": "Thôn Thử"}
    papers = [{"code": p.code, "originals": 1, "certified": 0, "copies": 0} for p in procedure.cases[0].papers]
    return {"id": secrets.token_hex(16), "procedure": code(number), "applicant": who, "answers": {}, "papers": papers}


def test_of_a_hundred_procedures_ten_change_and_ten_travel(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> None:
    hub, data, today = gateway("--portal", "off"), tmp_path / "counter", vietnam_now().date()
    enrolled(data, hub)
    portal, contents, known = PortalLog(), {code(n): record(n) for n in range(100)}, dict[str, Any]()
    said = fetched(contents, known, (today - timedelta(days=1)).isoformat())
    assert len(said) == 100 and not fetched(contents, known, today.isoformat()), "asked again, nothing is new"
    publish(hub, portal, said)
    with closing(open_counter(data)) as counter:
        before = counter.catalogue
        hear(counter, hub)
        assert counter.catalogue is not before, "without opening it again"
        assert len(counter.catalogue.procedures) == len(before.procedures) + 100
        old = counter.catalogue.procedure(code(7))
        received = counter.receive(line(counter, 7), "CB001")
        dossier = counter.dossier(received.id)

        for n in range(10):
            longer = [{"KENH": kind, "THOIGIAN": [time("15")]} for kind in ("1", "2", "3")]
            contents[code(n)] |= {"CACHTHUCTHUCHIEN": longer, "THANHPHANHOSO": [{"GIAYTO": [paper("Tờ khai mới")]}]}
        said = fetched(contents, known, today.isoformat())
        assert [act["code"] for _, act in said] == [code(n) for n in range(10)]
        publish(hub, portal, said)
        hear(counter, hub)
        assert len(log.of_counters(counter.store, PUBLISHED)) == 110
    with closing(open_counter(data)) as counter:
        assert counter.dossier(received.id) == dossier | {"delivery": "received"}, "nothing of it has moved"
        assert counter.catalogue.procedure_of(dossier) == old and old
        assert {p["name"] for p in dossier["papers"]} == {p.name for p in old.cases[0].papers}
        new = counter.catalogue.procedure(code(7))
        assert new and [p.name for p in new.cases[0].papers] == ["Tờ khai mới"]
        later = counter.receive(line(counter, 7), "CB001")
        assert later.return_at and received.return_at and later.return_at > received.return_at
        assert counter.dossier(later.id)["procedure"]["version"] == new.version != old.version


def test_only_the_portal_publishes(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> None:
    hub, data = gateway("--portal", "off"), tmp_path / "counter"
    enrolled(data, hub)
    with closing(open_counter(data)) as counter:
        known = counter.catalogue
        with counter.store.write():
            counter.act("", PUBLISHED, "", body(first(1)))
        assert counter.catalogue.procedure(code(1)) is None
        assert counter.catalogue.procedures == known.procedures
