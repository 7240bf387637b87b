"""The national "một cửa" service: the adapter against the strict server, with answers lost on the way."""

import random
from dataclasses import replace
from typing import Any

from sync import acts, intake
from sync.relay.national import National
from sync.relay.national_record import content, record, row, told_acts
from sync.relay.played.national import PlayedNational
from sync.relay.played.national_tables import NEEDED, RECORD, ROW, check
from tests.relay.lives import CODES, WHO, Desk, Road, faulty, varied
from tests.relay.nationals import LOOKUP, PROGRESS, SYNC, objections, road, verdicts


def states(here: Desk, dossier: str) -> list[int]:
    """The states it went through here."""
    found: list[int] = []
    for act in told_acts(here.case(dossier)):
        if act.official and found[-1:] != [act.official]:
            found.append(act.official)
    return found


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
    assert [(n, b["what"]) for n, b in objections(here, told)] == [("unexpressed", "annulled")]
    assert never not in here.said and second.made == []


def test_guided_and_declined_walk_ins(here: Desk, server: PlayedNational) -> None:
    line = {"id": "d-guided", "procedure": "1.004873", "applicant": {"full_name": "Lò Thị Ẩn"}, "answers": {}, "papers": []}
    item = {"name": "Giấy tờ khác", "reason": "Thiếu", "basis": "Luật Hộ tịch"}
    intake.guide(here.counter, line, WHO, [item])
    way = road(here, "d-guided", server)
    way.run()
    assert way.made == [] and "d-guided" not in here.said
    intake.decline(here.counter, {"id": "d-guided"}, WHO, "Không thuộc thẩm quyền")
    way.run()
    assert way.made == [] and [(n, b["what"]) for n, b in objections(here, "d-guided")] == [("unexpressed", "no_code")]


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
    assert [(n, b["what"]) for n, b in objections(here, dossier)] == [("unexpressed", "row"), ("unexpressed", "state")]
    assert all("Trạng thái hồ sơ không hợp lệ" in b["raw"] for _, b in objections(here, dossier))
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
    assert way.names() == [] and [(b["code"], b["field"]) for _, b in objections(here, dossier)] == [("not_listed", "procedure")]
    server = PlayedNational()
    other = here.receive("1.004873", 2)
    here.say(other, "corrected", {"fields": {"applicant.full_name": {"now": "Ẩn " * 170}}, "at": here.clock().isoformat()}, "K2")
    way = road(here, other, server)
    way.run()
    assert way.names() == [] and [b.get("code") for _, b in objections(here, other)] == [None, "too_long"]
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
