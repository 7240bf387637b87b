"""The ministry's system: whole lives told to a strict server, with answers lost, refusals, and what it cannot be told."""

import dataclasses
import hashlib
import random
from datetime import datetime, timedelta

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from sync import acts
from sync.relay.ministry import Ministry
from sync.relay.played.ministry import PlayedMinistry
from sync.relay.systems import Case, Reply, Told
from sync.scans import attach_bytes
from tests.relay.lives import WHO
from tests.relay.ministries import COPIES, LIFE, MARITAL, STEPS, Desk, step
from tests.sync.scan_samples import pdf, png


def test_a_whole_life_is_told_once_and_in_its_order(desk: Desk) -> None:
    one = desk.receive()
    sha256 = desk.scan(one, pdf(2))
    number = desk.tell(one)
    assert desk.verdicts(one) == [("accepted", {"system": "ministry", "official_code": number})]
    for n in range(len(STEPS)):
        step(n, desk, one)
    desk.tell(one)
    dossier, held = desk.case(one).dossier, desk.played.dossier(number)
    assert held and (dossier["code"], dossier["official_code"]) != (None, None) and dossier["official_code"] == number
    assert desk.played.histories == {number: LIFE}
    rows = desk.played.progress(number)
    assert [r["TrangThai"] for r in rows] == [2, 4, 5, 4, 6, 4, 9, 10]
    assert rows == sorted(rows, key=lambda r: str(r["ThoiDiemXuLy"]))
    assert {r["NguoiXuLy"] for r in rows} == {"Trần Thị Kiểm"}
    assert rows[2]["NoiDungXuLy"] == "Yêu cầu bổ sung: Tờ khai cấp Giấy xác nhận tình trạng hôn nhân (Thiếu chữ ký)"
    assert rows[2]["PhongBanXuLy"] == "Tư pháp – Hộ tịch" and rows[6]["PhongBanXuLy"] == desk.counter.profile["centre"]
    assert rows[0]["NgayKetThucTheoQuyDinh"] == f"{dossier['return_at'][:19]}.000"
    assert held["DanhSachGiayToKetQua"][0]["TenGiayTo"] == "Giấy xác nhận số 12/2026"
    paid = {"TenPhiLePhi": "Phí xác minh", "HinhThucThu": "2", "Gia": "15000", "TrangThaiThanhToan": 1}
    assert [paid.items() <= f.items() for f in held["DanhSachLePhi"]] == [True]
    [paper] = held["ThanhPhanHoSo"]
    assert (paper["LoaiBan"], paper["SoLuong"], paper["GiayToDinhKem"][0]["HashTepTin"]) == (0, 1, sha256)
    assert held["EformThongTinChiTiet"] == dossier["answers"]
    assert desk.verdicts(one)[1:] == [] and desk.played.fillers == 0
    before = desk.played.calls.copy()
    desk.tell(one)
    assert desk.played.calls == before


def test_what_was_done_before_the_line_came_is_told_as_it_was(desk: Desk) -> None:
    one = desk.receive(COPIES, pay="cash")
    for n in (0, 5, 6):
        step(n, desk, one)
    number = desk.tell(one)
    assert desk.played.histories[number] == [1, 2, 4, 9, 10]
    held = desk.played.dossier(number)
    assert held and [(f["HinhThucThu"], f["TrangThaiThanhToan"]) for f in held["DanhSachLePhi"]] == [("1", 1)]
    assert sum(int(f["Gia"]) for f in held["DanhSachLePhi"]) == desk.case(one).dossier["payment"]["amount"] > 0


SERVICES = ["GetToken", "GetNextValue", "UploadFile", "CreateDossier", "CapNhatTienTrinh", "CapNhatTrangThai"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_each_answer_is_lost_once_and_nothing_is_told_twice_or_skipped(desk: Desk, when: str) -> None:
    one = desk.receive()
    desk.scan(one, png())
    for n in range(3):
        step(n, desk, one)
    cut = set[str]()

    def first(service: str) -> str:
        fault = "" if service in cut else when
        cut.add(service)
        return fault

    number = desk.tell(one, first)
    assert cut == set(SERVICES)
    assert desk.played.histories == {number: [1, 2, 4, 5, 4]}
    assert [r["TrangThai"] for r in desk.played.progress(number)] == [2, 4, 5, 4]
    assert desk.whats(one) == ["accepted"]


def test_lives_on_a_bad_line(desk: Desk) -> None:
    """A third of all calls is lost, half of those after their effect; acts come between, tokens end."""
    chance = random.Random(7)

    def lost(_service: str) -> str:
        if chance.random() < 0.05:
            desk.played.end_session()
        return chance.choice(["before", "after"]) if chance.random() < 0.35 else ""

    begun = [desk.receive(seed=n) for n in range(3)]
    desk.scan(begun[0], pdf(1))
    for n in range(-1, len(STEPS)):
        for one in begun:
            if n >= 0:
                step(n, desk, one)
            desk.round(one, lost)
    numbers = [desk.tell(one, lost) for one in begun]
    assert desk.played.histories == dict.fromkeys(numbers, LIFE) and len(set(numbers)) == len(begun)
    for one, number in zip(begun, numbers, strict=True):
        told = [a for a in desk.case(one).acts if a.official is not None]
        assert [r["TrangThai"] for r in desk.played.progress(number)] == [a.official for a in told]
        assert desk.whats(one) == ["accepted"]
    assert desk.played.fillers == 0


def test_rows_told_together_are_told_one_by_one_once_some_are_there(desk: Desk) -> None:
    """What the relay forgot is found there: the batch is refused, and nothing is kept twice."""
    one = desk.receive()
    step(0, desk, one)
    number = desk.tell(one)
    acts.transfer(desk.counter, one, WHO, "Lãnh đạo Ủy ban")
    told = desk.road(one).told
    desk.tell(one)
    desk.road(one).told = told
    acts.transfer(desk.counter, one, WHO, "Tư pháp – Hộ tịch")
    desk.tell(one)
    assert [r["PhongBanXuLy"] for r in desk.played.progress(number)][1:] == [
        "Tư pháp – Hộ tịch",
        "Lãnh đạo Ủy ban",
        "Tư pháp – Hộ tịch",
    ]


# Refused, and what cannot be told


def test_a_refusal_is_said_once_and_a_correction_is_sent_with_the_same_number(desk: Desk) -> None:
    one = desk.receive()
    who = desk.counter.dossier(one)["applicant"]["full_name"]
    desk.play(PlayedMinistry({"refuse": [{"match": {"full_name": who}, "raw": "Số điện thoại không hợp lệ"}]}))
    reading = {"code": "phone", "reason": "Số điện thoại", "field": "applicant.phone", "say": "Xin số khác."}
    desk.settings["refusals"] = lambda raw: reading
    number = desk.tell(one)
    [(name, body)] = desk.verdicts(one)
    assert name == "refused"
    assert body == reading | {"system": "ministry", "raw": "Số điện thoại không hợp lệ"}
    calls = desk.played.calls["CreateDossier"]
    desk.tell(one)
    assert desk.played.calls["CreateDossier"] == calls
    acts.correct(desk.counter, one, WHO, {"applicant.phone": "0912000111"})
    assert desk.tell(one) == number
    assert desk.verdicts(one)[1] == ("accepted", {"system": "ministry", "official_code": number})
    assert desk.played.calls["GetNextValue"] == 1 and desk.played.histories == {number: [1, 2]}


def test_the_same_refusal_again_is_no_second_event(desk: Desk) -> None:
    one = desk.receive()
    desk.settings["services"] = {MARITAL: {"LoaiDoiTuong": 9}}
    desk.tell(one)
    assert desk.case(one).dossier["refusal"]["raw"] == "Trường LoaiDoiTuong có giá trị không hợp lệ"
    desk.scan(one, png())
    desk.tell(one)
    assert desk.whats(one) == ["refused"]


def test_what_comes_after_the_record_is_said_to_be_missing_there_once(desk: Desk) -> None:
    one = desk.receive()
    desk.tell(one)
    acts.correct(desk.counter, one, WHO, {"applicant.phone": "0912000111"})
    desk.scan(one, png())
    step(1, desk, one)
    acts.receive_supplement(desk.counter, one, WHO, [{"code": "CT", "name": "Giấy tờ cư trú", "copies": 1}])
    number = desk.tell(one)
    assert desk.whats(one) == ["accepted", "correction", "papers", "scans"]
    desk.tell(one)
    assert len(desk.verdicts(one)) == 4 and all(v[1]["say"] for v in desk.verdicts(one)[1:])
    assert desk.played.histories[number] == [1, 2, 5, 2]
    acts.correct(desk.counter, one, WHO, {"applicant.phone": "0912000222"})
    desk.tell(one)
    assert desk.whats(one)[4:] == ["correction"]


def test_another_name_for_a_procedure_is_no_correction_but_a_reason_to_try_again(desk: Desk) -> None:
    one, two = desk.receive(), desk.receive(seed=2)
    desk.tell(one)
    desk.settings["services"] = {MARITAL: {"LoaiDoiTuong": 9}}
    desk.tell(two)
    desk.settings |= {"services": {MARITAL: {"LoaiDoiTuong": 2}}, "unit": "G15.01"}
    desk.tell(one)
    desk.tell(two)
    assert (desk.whats(one), desk.whats(two)) == (["accepted"], ["refused", "accepted"])


def test_an_annulled_code_is_told_nothing_more(desk: Desk) -> None:
    one, never_sent = desk.receive(), desk.receive(seed=2)
    acts.annul(desk.counter, never_sent, WHO, "Gõ nhầm", "Lãnh đạo Trung tâm")
    desk.tell(never_sent)
    assert desk.verdicts(never_sent) == [] and not desk.played.dossiers
    desk.tell(one)
    acts.annul(desk.counter, one, WHO, "Gõ nhầm", "Lãnh đạo Trung tâm")
    desk.tell(one)
    assert desk.whats(one) == ["accepted", "annulled"]


def test_what_the_other_side_has_when_a_correction_met_a_lost_answer_is_the_first_record(desk: Desk) -> None:
    one = desk.receive()
    assert not desk.round(one, lambda service: "after" if service == "CreateDossier" else "")
    acts.correct(desk.counter, one, WHO, {"applicant.phone": "0912000111"})
    desk.scan(one, png())
    desk.tell(one)
    assert desk.whats(one) == ["accepted", "correction", "scans"]


def test_an_act_that_does_not_count_any_more_is_said_and_no_state_is_made_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desk.receive()
    step(0, desk, one)
    step(5, desk, one)
    number = desk.tell(one)
    case = desk.case(one)
    gone = dataclasses.replace(case, acts=tuple(a for a in case.acts if a.event != "finished"))
    monkeypatch.setattr(desk, "case", lambda _dossier: gone)
    desk.tell(one)
    assert desk.whats(one) == ["accepted", "act_overruled", "state"]
    assert desk.verdicts(one)[-1][1]["raw"].endswith("không thể chuyển từ 9 sang 4")
    assert desk.played.histories[number][-1] == 9


def test_what_happened_there_is_not_told_back(desk: Desk) -> None:
    one = desk.receive()
    step(0, desk, one)
    number = desk.tell(one)
    desk.played.set_state(number, 5)
    desk.say(one, "supplement_requested", {"items": []})
    desk.tell(one)
    assert desk.played.calls["CapNhatTrangThai"] == 2
    desk.say(one, "supplement_received", {"at": desk.clock().isoformat()}, desk.counter.counter_id)
    desk.tell(one)
    assert desk.played.histories[number] == [1, 2, 4, 5, 4]
    assert [r["TrangThai"] for r in desk.played.progress(number)] == [2, 4, 4]


# Fields


def test_who_has_no_number_has_none_there_either(desk: Desk) -> None:
    line = next(examples(Catalogue.load(), MARITAL, None, 1, 3))["applicant"]
    who = {k: v for k, v in line.items() if k != "personal_id"} | {"other_id": {"kind": "passport", "number": "C1234567"}}
    unit = {"text": "Thôn Đông, phường Sa Pa, tỉnh Lào Cai", "unit": "03006", "detail": "Thôn Đông"}
    filing = {"full_name": "Vũ Đình Quân", "personal_id": "015096246364", "birth_date": "1996", "address": unit}
    one = desk.receive(applicant=who | {"representative": filing, "birth_date": "1990-05-01"})
    held = desk.played.dossier(desk.tell(one))
    assert held
    said = held["ThongTinNguoiNop"]["ThongTinChiTiet"]
    assert (said["SoDinhDanhChuHs"], said["TenChuHs"]) == ("", who["full_name"])
    assert (said["TenNguoiNop"], said["SoDinhDanh"], said["NgaySinh"]) == ("Vũ Đình Quân", "015096246364", "")
    assert (said["MaTinh"], said["MaXa"], said["DiaChiChiTiet"]) == ("15", "03006", "Thôn Đông")
    assert (said["MaTinhChuHs"], said["MaXaChuHs"], said["DiaChiChiTietChuHs"]) == ("", "", who["address"])
    assert held["LoaiDoiTuong"] == 0 and desk.played.fillers == 0


def test_what_a_ministry_calls_things(desk: Desk) -> None:
    desk.settings |= {
        "services": {MARITAL: {"MaTTHC": "1.004873.H1", "MaDichVuCong": "DV1", "LoaiDoiTuong": 2}},
        "papers": {f"{MARITAL}/TK": "000.00.00.G15-KQ000001"},
    }
    one = desk.receive(papers=[{"code": "TK", "originals": 1, "certified": 2, "copies": 1}])
    desk.scan(one, png())
    attach_bytes(desk.counter, one, "CT", pdf(1), WHO)
    held = desk.played.dossier(desk.tell(one))
    assert held and (held["MaTTHC"], held["MaDichVuCong"], held["LoaiDoiTuong"]) == ("1.004873.H1", "DV1", 2)
    found = [(p["MaThanhPhanHoSo"], p["LoaiBan"], p["SoLuong"], len(p["GiayToDinhKem"])) for p in held["ThanhPhanHoSo"]]
    assert found == [("000.00.00.G15-KQ000001", 0, 1, 1), ("000.00.00.G15-KQ000001", 1, 3, 0), ("", 2, 1, 1)]


# Files, tokens, and what is no answer


def test_a_scan_whose_bytes_are_not_here_yet_is_waited_for(desk: Desk) -> None:
    one = desk.receive()
    desk.scan(one, png())
    case = dataclasses.replace(desk.case(one), scan=lambda _sha: b"half")
    adapter, told = Ministry(desk.settings), Told(number="T00.20-20261128-0000001")
    assert adapter.next(case, told) is None
    assert adapter.next(desk.case(one), told) is not None


def test_scans_are_read_one_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, read = desk.receive(), list[str]()
    shas = [desk.scan(one, pdf(n)) for n in (1, 2, 3, 4)]
    whole = desk.case

    def case(dossier: str) -> Case:
        found = whole(dossier)
        return dataclasses.replace(found, scan=lambda sha: (read.append(sha), found.scan(sha))[1])

    monkeypatch.setattr(desk, "case", case)
    number = desk.tell(one)
    assert len(desk.played.files) == len(shas) and desk.played.histories[number] == [1, 2]
    assert len(read) == len(shas), "never all of them at each call"


@pytest.mark.parametrize("nested", [False, True])
def test_a_file_is_there_byte_for_byte(desk: Desk, nested: bool) -> None:
    desk.play(PlayedMinistry(nested=nested))
    one, data = desk.receive(), pdf(3)
    desk.scan(one, data)
    held = desk.played.dossier(desk.tell(one))
    assert held and desk.played.files == {"T00000001": hashlib.sha256(data).hexdigest()}
    assert held["ThanhPhanHoSo"][0]["GiayToDinhKem"][0]["IdGiayTo"] == "T00000001"


def test_a_token_is_renewed_before_it_ends_and_when_it_is_refused(desk: Desk) -> None:
    one, adapter = desk.receive(), Ministry(desk.settings)
    case = desk.case(one)

    def asks(at: datetime) -> str:
        call = adapter.next(dataclasses.replace(case, now=at), Told())
        assert call
        if call.name == "login":
            adapter.heard(dataclasses.replace(case, now=at), Told(), call, desk.send(call.request))
        return call.name

    assert [asks(case.now), asks(case.now), asks(case.now + timedelta(seconds=3560))] == ["login", "GetNextValue", "GetNextValue"]
    assert asks(case.now + timedelta(seconds=3575)) == "login"
    call, doubt = adapter.next(case, Told(number="N")), {"call": "CreateDossier", "record": "r"}
    assert call and call.name == "CreateDossier"
    assert adapter.heard(case, Told(number="N", doubt=doubt), call, Reply(401, None)).told == Told(number="N")
    assert asks(case.now) == "login"
    again = adapter.next(case, Told(number="N", doubt=doubt))
    assert again and adapter.heard(case, Told(number="N", doubt=doubt), again, Reply(401, None)).told.doubt == doubt


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(403, {"message": "Không có quyền"}), "system_denied"),
        (Reply(404, {"message": "Không tìm thấy API"}), "system_unreadable"),
        (Reply(500, {"message": "Lỗi"}), "system_unreadable"),
        (Reply(200, {"data": {}}), "system_unreadable"),
        (Reply(200, ["?"]), "system_unreadable"),
    ],
)
def test_what_is_no_answer_is_no_verdict(desk: Desk, reply: Reply, code: str) -> None:
    one = desk.receive()
    desk.round(one, lambda service: "before" if service == "CreateDossier" else "")
    adapter, case, told = Ministry(desk.settings), desk.case(one), desk.road(one).told
    login = adapter.next(case, told)
    assert login and login.name == "login"
    adapter.heard(case, told, login, desk.send(login.request))
    call = adapter.next(case, told)
    assert call and call.name == "CreateDossier"
    with pytest.raises(Problem) as found:
        adapter.heard(case, told, call, reply)
    assert found.value.code == code
