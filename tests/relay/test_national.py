"""The national "một cửa" service: the adapter against the strict server, with answers lost on the way."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from forms.problem import Problem
from sync import acts, intake
from sync.relay.national import National
from sync.relay.national_record import content, record, row, told_acts
from sync.relay.played.national import SETTINGS, PlayedNational
from sync.relay.played.national_tables import NEEDED, RECORD, ROW, check
from sync.relay.systems import Reply, Told
from tests.relay.lives import CODES, WHO, Desk, Road, desk, faulty, played, varied

SYNC, PROGRESS, LOOKUP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"


@pytest.fixture(scope="module")
def _one_desk(tmp_path_factory: pytest.TempPathFactory, _hubs: Any) -> Iterator[Desk]:
    """Enrolling takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("national")
    with pytest.MonkeyPatch.context() as own:
        own.setenv("XDG_STATE_HOME", str(folder / "state"))
        own.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        with desk(folder / "c", _hubs()) as one:
            yield one


@pytest.fixture
def here(_one_desk: Desk) -> Desk:
    """A counter on another morning."""
    _one_desk.next_morning()
    _one_desk.said.clear()
    return _one_desk


@pytest.fixture
def server() -> PlayedNational:
    return PlayedNational()


def road(here: Desk, dossier: str, server: PlayedNational, **settings: Any) -> Road:
    return Road(here, dossier, National(server.settings() | settings), played(server))


def states(here: Desk, dossier: str) -> list[int]:
    """The states it went through here."""
    found: list[int] = []
    for act in told_acts(here.case(dossier)):
        if act.official and found[-1:] != [act.official]:
            found.append(act.official)
    return found


def verdicts(here: Desk, dossier: str) -> list[str]:
    return [e.name for e in here.said[dossier]]


# Whole lives


def test_whole_lives_with_lost_answers(here: Desk) -> None:
    server = PlayedNational(session_calls=25)
    for seed in range(24):
        chance = random.Random(seed)
        dossier = here.receive(CODES[seed % len(CODES)], seed)
        way = Road(here, dossier, National(server.settings()), faulty(server, chance, 0.3))
        way.run()
        while here.wander(dossier, chance):
            if chance.random() < 0.6:
                way.system = National(server.settings()) if chance.random() < 0.3 else way.system  # killed, started again
                way.run()
        way.run()
        case, ma = here.case(dossier), str(here.folded(dossier).code)
        assert server.histories[ma] == states(here, dossier), seed
        assert server.progress(ma) == [row(case, act) for act in told_acts(case)], seed
        listed = {k: v for k, v in (server.dossier(ma) or {}).items() if k in ("MaLinhVuc", "TenLinhVuc", "TenTTHC")}
        assert server.dossier(ma) == record(case, str(case.dossier["procedure"]["code"]), listed)
        assert verdicts(here, dossier) == ["accepted"] and not here.folded(dossier).review
    assert len(server.dossiers) == 24 and server.fillers == 0
    assert {10, 7, 8, 5, 6} <= {s for h in server.histories.values() for s in h}


def test_rows_go_in_order_ten_a_call(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    for day in range(23):
        here.say(dossier, "extended", {"at": f"2026-12-08T08:00:{day:02d}+07:00", "reason": f"lần {day}"}, "K2")
    way = road(here, dossier, server)
    way.run()
    assert [len(body["data"]) for name, body in way.made if name == PROGRESS] == [10, 10, 5]
    told = [r["NoiDungXuLy"] for r in server.progress(str(here.folded(dossier).code))]
    assert told[2:] == [f"Gia hạn thời gian giải quyết: lần {day}" for day in range(23)]
    assert way.names() == [SYNC, *[PROGRESS] * 3, SYNC]


def test_the_first_record_is_as_at_reception_and_nothing_is_said_twice(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("2.000815")
    here.attach(dossier, here.folded(dossier).papers[0]["code"])
    acts.finish(here.counter, dossier, WHO)
    acts.hand_over(here.counter, dossier, WHO, {})
    way = road(here, dossier, server)
    way.run()
    first, last = (body for name, body in way.made if name == SYNC)
    assert (first["isUpdating"], last["isUpdating"]) == ("False", "True")
    assert [d["data"][0]["TrangThaiHoSo"] for d in (first, last)] == ["2", "10"]
    for name in ("NgayTra", "NgayKetThucXuLy", "DanhSachGiayToKetQua", "ThongTinTra"):
        assert name not in first["data"][0] and last["data"][0][name]
    made = len(way.made)
    here.clock.now = here.clock.now.replace(hour=20)  # other links, another session
    way.system = National(server.settings() | {"refusals": None})
    way.run()
    assert [name for name, _ in way.made[made:]] == ["login", "LayThuTuc"]


def test_every_record_is_as_the_tables_say(here: Desk) -> None:
    listed = {"MaLinhVuc": "G15-HT01", "TenLinhVuc": "Hộ tịch"}
    for case in varied(here):
        check(record(case, "2.000815", listed), RECORD, NEEDED if case.acts and case.official != 1 else ())
        for act in told_acts(case):
            check(row(case, act), ROW, ("MaHoSo", "TrangThai"))


def test_a_relay_that_forgot_everything_moves_nothing_back(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("2.000815")
    acts.finish(here.counter, dossier, WHO)
    way = road(here, dossier, server)
    way.run()
    ma = str(here.folded(dossier).code)
    before = (server.dossier(ma), server.progress(ma), list(server.histories[ma]))
    again = road(here, dossier, server)
    again.run()
    assert (server.dossier(ma), server.progress(ma), server.histories[ma]) == before
    assert verdicts(here, dossier) == ["accepted"]
    del server.dossiers[ma], server.histories[ma]  # and it forgets
    acts.hand_over(here.counter, dossier, WHO, {})
    again.run()
    assert server.histories[ma] == [2, 9, 10] and again.told.exists


# What is lost, refused, not expressed


def test_a_lost_progress_answer_is_looked_up_first(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    case = here.case(dossier)
    call = way.system.next(case, way.told)
    assert call and call.name == PROGRESS
    way.told = way.told.but(doubt={"call": call.name, **call.about})
    way.send(call.request)  # carried out; the answer is lost
    way.run()
    assert way.names()[-2:] == [LOOKUP, SYNC] and len(server.progress(str(here.folded(dossier).code))) == 2


RULE = {"match": {"procedure": "1.004873"}, "raw": "Số điện thoại không đúng định dạng", "reason": "x"}


def test_refused_then_corrected_then_accepted(here: Desk) -> None:
    server = PlayedNational({"refuse": [RULE]})
    meant = {
        "code": "phone",
        "reason": "Số điện thoại sai",
        "field": "applicant.phone",
        "say": "Anh chị cho xin lại số điện thoại.",
    }
    dossier = here.receive("1.004873")
    way = road(here, dossier, server, refusals=lambda raw: meant)
    way.run()
    assert here.said[dossier][0].body == meant | {"system": "national", "raw": RULE["raw"]}
    assert here.folded(dossier).verdict == "refused" and not server.dossiers
    way.run()
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    way.run()
    assert verdicts(here, dossier) == ["refused"]  # refused again, and the same is not said again
    acts.correct(here.counter, dossier, WHO, {"applicant.phone": "0912345678"}, titles={"applicant.phone": "Điện thoại"})
    here.say(dossier, "corrected", here.events(dossier)[-1].body or {}, "K2")
    way.run()
    ma = str(here.folded(dossier).code)
    assert verdicts(here, dossier)[-1] == "accepted" and here.folded(dossier).refusal is None
    assert server.histories[ma] == [2, 4] and "Đã sửa lần" in server.dossiers[ma].record["GhiChu"]


def test_a_correction_of_what_is_not_sent_is_sent_all_the_same(here: Desk) -> None:
    server = PlayedNational({"refuse": [RULE]})
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    fields = {"answers.purpose": {"was": "", "now": "Vay vốn", "title": "Mục đích"}}
    here.say(dossier, "corrected", {"fields": fields, "at": here.clock().isoformat()}, "K2")
    way.run()
    assert verdicts(here, dossier) == ["refused", "corrected", "accepted"]
    assert "Mục đích" in server.dossiers[str(here.folded(dossier).code)].record["GhiChu"]


def test_what_it_took_before_is_accepted_without_asking(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    made = len(way.made)
    here.say(dossier, "refused", {"reason": "x", "raw": "y"})
    fields = {"applicant.note": {"was": "", "now": "z"}}
    here.say(dossier, "corrected", {"fields": fields, "at": here.clock().isoformat()}, "K2")
    way.told = way.told.but(record=content(_present(here, dossier, server)))
    way.run()
    assert here.folded(dossier).verdict == "accepted" and len(way.made) == made


def _present(here: Desk, dossier: str, server: PlayedNational) -> dict[str, Any]:
    case = here.case(dossier)
    held = server.dossiers[str(case.dossier["code"])].record
    return record(case, "1.004873", {k: held[k] for k in ("MaLinhVuc", "TenLinhVuc", "TenTTHC")})


def test_annulled_is_said_once_and_only_where_it_was_told(here: Desk, server: PlayedNational) -> None:
    told, never = here.receive("1.004873", 1), here.receive("1.004873", 2)
    first, second = road(here, told, server), road(here, never, server)
    first.run()
    for one in (told, never):
        acts.annul(here.counter, one, WHO, "Nhập nhầm", "Lãnh đạo trung tâm")
    for way in (first, second):
        way.run()
        way.run()
    assert [(n, b["what"]) for n, b in _said(here, told)] == [("unexpressed", "annulled")]
    assert never not in here.said and second.made == []


def _said(here: Desk, dossier: str) -> list[tuple[str, dict[str, Any]]]:
    return [(e.name, e.body or {}) for e in here.said[dossier] if e.name != "accepted"]


def test_guided_and_declined_walk_ins(here: Desk, server: PlayedNational) -> None:
    line = {"id": "d-guided", "procedure": "1.004873", "applicant": {"full_name": "Lò Thị Ẩn"}, "answers": {}, "papers": []}
    item = {"name": "Giấy tờ khác", "reason": "Thiếu", "basis": "Luật Hộ tịch"}
    intake.guide(here.counter, line, WHO, [item])
    way = road(here, "d-guided", server)
    way.run()
    assert way.made == [] and "d-guided" not in here.said
    intake.decline(here.counter, {"id": "d-guided"}, WHO, "Không thuộc thẩm quyền")
    way.run()
    assert way.made == [] and [(n, b["what"]) for n, b in _said(here, "d-guided")] == [("unexpressed", "no_code")]


def test_filed_online_is_updated_and_keeps_its_code(here: Desk, server: PlayedNational) -> None:
    taken, declined, unknown = (here.filed(seed=seed, account="TECH-0001") for seed in (1, 2, 3))
    for one in (taken, declined):
        server.file_online({"MaHoSo": here.folded(one).code})
    way = road(here, taken, server)
    way.run()
    assert way.made == []  # nothing was done with it yet
    at = {"at": here.clock().isoformat()}
    item = {"name": "Giấy chứng sinh", "reason": "Thiếu"}
    here.say(taken, "guided", {"items": [item], **at}, "K2")
    way.run()
    said = {"received_at": here.clock().isoformat(), "return_at": "2026-12-10T17:00:00+07:00"}
    for one in (taken, unknown):
        here.say(one, "received", {"code": here.folded(one).code, **said}, "K2")
    here.say(declined, "declined", {"reason": "Không thuộc thẩm quyền", **at}, "K2")
    ways = [way, road(here, declined, server), road(here, unknown, server)]
    for one in ways:
        one.run()
    codes = [str(here.folded(d).code) for d in (taken, declined, unknown)]
    assert [server.histories[c] for c in codes] == [[1, 5, 2], [1, 3], [2]]
    first = next(body for name, body in way.made if name == SYNC)
    assert (first["isUpdating"], first["data"][0]["NoiNopHoSo"], first["data"][0]["MaDoiTuong"]) == ("True", "1", "TECH-0001")
    assert first["data"][0]["TrangThaiHoSo"] == "5" and "NgayTiepNhan" not in first["data"][0]
    assert server.dossiers[codes[0]].record["DanhSachHoSoBoSung"][0]["TrangThaiBoSung"] == "True"
    assert "NgayTuChoi" in server.dossiers[codes[1]].record
    assert [n for n, b in ways[2].made if n == SYNC and b["isUpdating"] == "False"] == [SYNC]  # it was not there after all
    assert here.folded(unknown).verdict == "accepted"


def test_a_state_that_may_not_follow_there_is_said_once(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    ma = str(here.folded(dossier).code)
    server.set_state(ma, 9)
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    way.run()
    way.run()
    assert [(n, b["what"]) for n, b in _said(here, dossier)] == [("unexpressed", "row"), ("unexpressed", "state")]
    assert all("Trạng thái hồ sơ không hợp lệ" in b["raw"] for _, b in _said(here, dossier))
    assert server.histories[ma] == [2, 9]


# Never made up, never cut


def test_no_number_is_ever_made_up(here: Desk, server: PlayedNational) -> None:
    base = {"full_name": "Lò Thị Ẩn", "address": "Thôn Nà Lộc"}
    found = {}
    for seed, (name, more) in enumerate(
        {
            "none": {"no_id_reason": "Trẻ em chưa được cấp số định danh"},
            "old": {"other_id": {"kind": "old_id", "number": "063214587"}},
            "passport": {"other_id": {"kind": "passport", "number": "063214587"}},
            "firm": {"no_id_reason": "Tổ chức, không phải cá nhân"},
        }.items()
    ):
        dossier = here.receive("1.004873", seed, applicant=base | more)
        road(here, dossier, server).run()
        found[name] = server.dossiers[str(here.folded(dossier).code)].record
    case = here.case(dossier)
    for filler in ("000000001", "111111111"):
        who = case.dossier["applicant"] | {"other_id": {"kind": "old_id", "number": filler}}
        assert record(replace(case, dossier={**case.dossier, "applicant": who}), "1.004873", {})["DinhDanhCHS"] == []
    numbers = {"none": [], "old": [{"LoaiDinhDanh": "2", "SoDinhDanh": "063214587"}], "passport": [], "firm": []}
    assert {n: r["DinhDanhCHS"] for n, r in found.items()} == numbers
    assert {n: r["LoaiDoiTuong"] for n, r in found.items()} == {"none": "1", "old": "1", "passport": "1", "firm": "4"}
    assert "Trẻ em" in found["none"]["GhiChu"] and server.fillers == 0


def test_what_is_too_long_or_not_listed_is_refused_here_and_not_cut(here: Desk) -> None:
    dossier = here.receive("1.004873")
    server = PlayedNational(catalogue={"1.004873": {"TENTTHC": "x"}})
    way = road(here, dossier, server)
    way.run()
    way.run()
    assert way.names() == [] and [(b["code"], b["field"]) for _, b in _said(here, dossier)] == [("not_listed", "procedure")]
    server = PlayedNational()
    other = here.receive("1.004873", 2)
    here.say(other, "corrected", {"fields": {"applicant.full_name": {"now": "Ẩn " * 170}}, "at": here.clock().isoformat()}, "K2")
    way = road(here, other, server)
    way.run()
    assert way.names() == [] and [b.get("code") for _, b in _said(here, other)] == [None, "too_long"]
    assert here.folded(other).refusal == {**(here.folded(other).refusal or {}), "field": "applicant.full_name", "raw": ""}
    here.say(other, "corrected", {"fields": {"applicant.full_name": {"now": "Lò Thị Ẩn"}}, "at": here.clock().isoformat()}, "K2")
    way.run()
    assert here.folded(other).verdict == "accepted"


def test_remarks_are_cut_and_it_shows(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    acts.withdraw(here.counter, dossier, WHO, "Đổi ý")
    events = here.events(dossier)
    case = here.case(dossier)
    long = replace(case.acts[-1], body={"reason": "dài " * 900}, operator="Ẩn " * 20)
    told = row(replace(case, acts=(*case.acts[:-1], long)), long)
    assert len(told["NoiDungXuLy"]) <= 2000 and told["NoiDungXuLy"].endswith("…") and "NguoiXuLy" not in told
    assert len(events) == 3


# What answers mean

GOOD = {"error_code": "00", "message": "Đồng bộ hồ sơ thành công"}


def _heard(here: Desk, body: Any, status: int = 200) -> Any:
    system = National(SETTINGS | {"refusals": lambda raw: {"code": "other"}})
    system.entered(Reply(200, {"error_code": 0, "session": "s"}))
    case = here.case(next(iter(here.said)))
    call = system.next(replace(case, listed={"MaLinhVuc": "a", "TenLinhVuc": "b"}), Told())
    assert call
    told = Told(doubt={"call": call.name, **call.about})
    return system.heard(case, told, call, Reply(status, body))


def test_what_answers_mean(here: Desk) -> None:
    here.said[here.receive("1.004873")] = []
    for code in ("00", 0, "0"):
        assert _heard(here, GOOD | {"error_code": code}).verdicts[0][0] == "accepted"
    for body in (
        {"error_code": 0, "message": "Đồng bộ không thành công"},
        {"error_code": 0, "message": "Thiếu trường MaLinhVuc"},
        {"error_code": 17, "message": "Thiếu trường MaLinhVuc"},
    ):
        heard = _heard(here, body)
        assert heard.verdicts[0][0] == "refused" and heard.told.refused and heard.told.doubt is None, body
    heard = _heard(here, {"error_code": -3, "message": "Hồ sơ đã tồn tại"})
    assert heard.told.exists and heard.told.doubt and not heard.verdicts
    heard = _heard(here, {"error_code": -1, "message": "Phiên làm việc đã hết hạn"})
    assert (heard.told, heard.verdicts) == (Told(), ())
    for body, code in (
        ({"error_code": 1, "message": "Hệ thống đang bảo trì", "retry_after": 30}, "system_busy"),
        ({"error_code": 1, "message": "Vượt quá số lần gọi trong một phút"}, "system_busy"),
        ({"error_code": 1, "message": "Tài khoản không có quyền"}, "system_denied"),
        ({"error_code": 1}, "system_unreadable"),
        ({"error_code": 0}, "system_unreadable"),
        ({"ok": True}, "system_unreadable"),
        ([GOOD], "system_unreadable"),
        ("", "system_unreadable"),
    ):
        with pytest.raises(Problem) as caught:
            _heard(here, body)
        assert caught.value.code == code, body
        assert code != "system_busy" or caught.value.details["retry_after"] == body.get("retry_after")


# What moves there, and the catalogue


@pytest.mark.parametrize(
    ("there", "event", "body"),
    [
        (4, "transferred", {"to": "Cổng Dịch vụ công quốc gia"}),
        (5, "supplement_requested", {"reason": "Bản sao mờ"}),
        (7, "withdrawn", {"reason": "Bản sao mờ"}),
        (9, "finished", {"results": []}),
        (8, None, {}),  # not from "received"
        (3, None, {}),
        (6, None, {}),
        (10, None, {}),
        (2, None, {}),
    ],
)
def test_what_happened_there(here: Desk, server: PlayedNational, there: int, event: str | None, body: dict[str, Any]) -> None:
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    ma = str(here.folded(dossier).code)
    server.set_state(ma, there, "Bản sao mờ")
    system = National(server.settings())
    assert system.moved(here.case(dossier), way.send(system.watch(ma).request)) == ()  # the login
    found = system.moved(here.case(dossier), way.send(system.watch(ma).request))
    assert [name for name, _ in found] == ([event] if event else [])
    for name, said in found:
        assert said["system"] == "national" and said["at"] and body.items() <= said.items()
        here.say(dossier, name, said)
        assert here.folded(dossier).official == there and not here.folded(dossier).review
        assert system.moved(here.case(dossier), way.send(system.watch(ma).request)) == ()
    way.run()
    assert server.histories[ma][:2] == ([2, there] if there != 2 else [2])


def test_what_it_has_not_heard_yet_did_not_happen_there(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    item = {"name": "Sổ cũ", "reason": "Thiếu", "basis": "Luật Hộ tịch"}
    acts.request_supplement(here.counter, dossier, WHO, [item])
    way = road(here, dossier, server)
    way.run()
    acts.receive_supplement(here.counter, dossier, WHO)
    ma = str(here.folded(dossier).code)
    assert server.histories[ma] == [2, 4, 5]
    assert way.system.moved(here.case(dossier), way.send(way.system.watch(ma).request)) == ()


def test_the_catalogue(server: PlayedNational) -> None:
    system, send = National(server.settings() | {"local_codes": {"9.9": "1.004873"}}), played(server)
    with pytest.raises(Problem) as caught:
        system.result(send(system.listing().request))
    assert (caught.value.code, caught.value.details) == ("system_busy", {"retry_after": 0.0})
    login = system.login()
    assert login and login.safe
    system.entered(send(login.request))
    assert system.login() is None
    assert {"MATTHC", "TENTTHC"} == set(system.result(send(system.listing().request))[0])
    assert system.result(send(system.procedure("9.9").request))[0]["MaTTHC"] == "1.004873"
    assert system.result(send(system.procedure("0.0").request)) == []
    with pytest.raises(Problem, match="system_denied"):
        system.entered(send(National(server.settings() | {"password": "x"}).login().request))  # type: ignore[union-attr]


# The server is strict

WHOLE = {
    "MaHoSo": "H38.27.09-261207-0001",
    "MaTTHC": "1.001193",
    "TenTTHC": "Đăng ký khai sinh",
    "MaLinhVuc": "G15-HT01",
    "TenLinhVuc": "Hộ tịch",
    "KenhThucHien": "1",
    "ChuHoSo": "Lò Thị Ẩn",
    "NgayTiepNhan": "20261207080000",
    "TrangThaiHoSo": "2",
    "HinhThuc": "0",
    "DonViXuLy": "UBND xã Yên Thượng",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "010182585524"}],
}
STEP = {"MaHoSo": WHOLE["MaHoSo"], "ThoiDiemXuLy": "20261207080000", "NoiDungXuLy": "Tiếp nhận", "TrangThai": "2"}


class Bare:
    """The server without an adapter."""

    def __init__(self, server: PlayedNational) -> None:
        self.server = server
        self.session = self.post(SETTINGS["auth_endpoint"], {k: SETTINGS[k] for k in ("username", "password")})["session"]

    def post(self, path: str, body: Any, method: str = "POST", dstcode: str = SETTINGS["dstcode"]) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads(self.server.handle(method, path, {"DstCode": dstcode}, raw)[2])

    def ask(self, service: str, share: bool = False, **facts: Any) -> Any:
        body = {"session": self.session, "madonvi": SETTINGS["madonvi"], "service": service} | facts
        return self.post(SETTINGS["share_endpoint" if share else "integration_endpoint"], body)

    def sync(self, updating: str = "False", **changes: Any) -> str:
        whole = {k: v for k, v in (WHOLE | changes).items() if v is not None}
        return str(self.ask(SYNC, isUpdating=updating, data=[whole])["message"])

    def step(self, *rows: dict[str, Any]) -> str:
        return str(self.ask(PROGRESS, data=[STEP | r for r in rows])["message"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Ten": "x"}, "Ten không có trong danh mục"),
        ({"MaLinhVuc": None}, "Thiếu trường bắt buộc MaLinhVuc"),
        ({"NgayTiepNhan": None}, "Thiếu trường bắt buộc NgayTiepNhan"),
        ({"KenhThucHien": 1}, "KenhThucHien không đúng kiểu"),
        ({"KenhThucHien": "4"}, "KenhThucHien có giá trị không hợp lệ"),
        ({"NgayHenTra": "2026-12-07"}, "NgayHenTra không đúng định dạng ngày"),
        ({"NgayHenTra": "20261307080000"}, "NgayHenTra không đúng định dạng ngày"),
        ({"ChuHoSo": "x" * 501}, "ChuHoSo vượt quá 500"),
        ({"TrichYeuHoSo": "x" * 1001}, "TrichYeuHoSo vượt quá 1000"),
        ({"DanhSachLePhi": [{"Gia": 5000}]}, "Gia không đúng kiểu"),
        ({"DanhSachLePhi": {"Gia": "5000"}}, "DanhSachLePhi không đúng kiểu"),
        ({"TaiLieuNop": [{"Ten": "x"}]}, "Ten không có trong danh mục"),
        ({"TaiLieuNop": [{"DuongDanTaiTepTin": "C:/a.pdf"}]}, "DuongDanTaiTepTin có giá trị không hợp lệ"),
        ({"DanhSachHoSoBoSung": [{"HoSoBoSungId": "1"}]}, "HoSoBoSungId không đúng kiểu"),
        ({"DanhSachHoSoBoSung": [{"TrangThaiBoSung": True}]}, "TrangThaiBoSung không đúng kiểu"),
        ({"MaDoiTuong": "TECH-1"}, "MaDoiTuong chỉ gửi khi"),
        ({"NgayTra": "20261207080000"}, "NgayTra không phù hợp"),
        ({"TrangThaiHoSo": "4"}, "Trạng thái hồ sơ không hợp lệ"),
        ({"TrangThaiHoSo": "3"}, "NgayTuChoi không phù hợp"),
        ({"DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "063214587"}]}, "SoDinhDanh có giá trị không hợp lệ"),
        ({"DinhDanhCHS": [{"LoaiDinhDanh": "2", "SoDinhDanh": "000000001"}]}, "không có thật"),
        ({"DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "111111111111"}]}, "không có thật"),
    ],
)
def test_a_record_must_be_as_the_table_says(server: PlayedNational, changes: dict[str, Any], words: str) -> None:
    bare = Bare(server)
    said = bare.sync(**changes)
    assert words in said and "thành công" not in said and not server.dossiers
    assert server.fillers == ("không có thật" in said)
    assert "thành công" in bare.sync()


def test_a_record_is_new_once_and_moves_as_it_may(server: PlayedNational) -> None:
    bare = Bare(server)
    assert "không tồn tại" in bare.sync("True")
    assert "thành công" in bare.sync()
    assert "đã tồn tại" in bare.sync()
    ended = {"NgayKetThucXuLy": "20261208080000"}
    assert "không hợp lệ" in bare.sync("True", TrangThaiHoSo="3", NgayTuChoi="20261208080000")
    assert "thành công" in bare.sync("True", TrangThaiHoSo="9", **ended)
    assert "không hợp lệ" in bare.sync("True", TrangThaiHoSo="4")
    assert server.histories[WHOLE["MaHoSo"]] == [2, 9]


def test_progress_must_be_as_the_table_says(server: PlayedNational) -> None:
    bare = Bare(server)
    assert "không tồn tại" in bare.step({})
    bare.sync()
    assert "vượt quá 10 dòng" in bare.step(*({"NoiDungXuLy": str(n)} for n in range(11)))
    for wrong in (
        {"TrangThai": 2},
        {"TrangThai": "11"},
        {"ThoiDiemXuLy": "hôm nay"},
        {"NguoiXuLy": "x" * 51},
        {"Ma": "x"},
        {"NoiDungXuLy": ""},
    ):
        assert re.search("Trường|Thiếu", bare.step(wrong)), wrong
    assert "không thể chuyển từ 2 sang 10" in bare.step({"TrangThai": "10"})
    assert "không thể chuyển từ 9 sang 4" in bare.step({}, {"TrangThai": "9"}, {"TrangThai": "4"})
    assert server.progress(WHOLE["MaHoSo"]) == []  # a call is taken whole or not
    assert "thành công" in bare.step({}, {"TrangThai": "4"}, {"TrangThai": "5"}, {"TrangThai": "4", "NoiDungXuLy": "Đủ"})
    assert "đã tồn tại" in bare.step({"TrangThai": "4"})
    assert "không thể chuyển" in bare.step({"TrangThai": "2", "NoiDungXuLy": "Nhận lại"})
    assert server.histories[WHOLE["MaHoSo"]] == [2, 4, 5, 4]


def test_who_may_speak_to_it_and_how() -> None:
    seconds = [0.0]
    server = PlayedNational(clock=lambda: seconds[0], session_calls=3)
    bare = Bare(server)
    place, share = SETTINGS["integration_endpoint"], SETTINGS["share_endpoint"]
    assert "mật khẩu" in bare.post(SETTINGS["auth_endpoint"], {"username": "x", "password": "y"})["message"]
    assert "dstcode" in bare.post(place, {}, dstcode="x")["message"]
    assert "JSON" in bare.post(place, b"<html>")["message"] and "JSON" in bare.post(place, [])["message"]
    assert server.handle("GET", place, {}, b"")[0] == 404
    assert "Phiên" in bare.post(place, {"session": "x"})["message"]
    assert "Không hỗ trợ" in bare.ask("LayThuTuc", maTTHC="1.001193")["message"]  # shared elsewhere
    assert "madonvi" in bare.ask(LOOKUP, mahoso="x", madonvi="y")["message"]
    assert "Tham số" in bare.ask(LOOKUP, MaHoSo="x")["message"]
    assert "Phiên" in bare.ask(LOOKUP, mahoso="x")["message"]  # the fourth call
    for end in (lambda: server.end_session(), lambda: seconds.append(seconds.pop() + 1801)):
        bare = Bare(server)
        assert bare.ask("LayDanhMucDanToc", share=True)["error_code"] == 0
        end()
        assert "Phiên" in bare.ask("LayDanhMucDanToc", share=True)["message"]
    assert bare.post(share, {})["error_code"] == -1


def test_practice_refuses_the_first_record_and_takes_another(server: PlayedNational) -> None:
    server.refuse = [{"match": {"full_name": "Lò Thị Ẩn", "procedure": "1.001193"}, "raw": "error_code=17"}]
    bare = Bare(server)
    assert [bare.sync(), bare.sync()] == ["error_code=17"] * 2
    assert "thành công" in bare.sync(GhiChu="Đã sửa lần 1")
    assert "thành công" in bare.sync("True") and "thành công" in bare.sync(MaHoSo="H38.27.09-261207-0002", ChuHoSo="Lò Văn Bình")


def test_an_expired_session_is_renewed(here: Desk) -> None:
    server = PlayedNational(session_calls=1)
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    assert server.calls["login"] >= 3 and server.calls[SYNC] == 1 and here.folded(dossier).verdict == "accepted"
