"""The ministry's system: whole lives told to a strict server, with answers lost, refusals, and what it cannot be told."""

import dataclasses
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.scans import papers_of
from sync import acts, money
from sync.counter import Counter
from sync.relay.calls import Door
from sync.relay.ministry import Ministry
from sync.relay.played.ministry import SETTINGS, PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.relay.systems import Case, Reply, Request, Told
from sync.scans import attach_bytes
from sync.store import scans
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.relay import lives
from tests.relay.faulty import KINDS, faulty
from tests.relay.lives import WHO, Clock, Road
from tests.sync.scan_samples import pdf, png

MARITAL, COPIES = "1.004873", "2.000815"
Lost = Callable[[str], str]
"""A service -> ``before`` or ``after`` its effect the line is cut, "" for not at all."""


def never(_service: str) -> str:
    return ""


class Cut(Exception):
    """The line is cut, and the relay ends."""


class Desk(lives.Desk):
    """A counter, and a relay that tells of its dossiers; after a cut it is a new process that only has what was kept."""

    def __init__(self, counter: Counter, clock: Clock) -> None:
        super().__init__(counter, clock)
        self.begin()

    def begin(self, played: PlayedMinistry | None = None) -> None:
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.roads: dict[str, Road] = {}
        self.said = {}
        self.play(played or PlayedMinistry())

    def play(self, played: PlayedMinistry) -> None:
        self.played = played

    def send(self, request: Request) -> Reply:
        """One request to the server of this process, as it would go over the line."""
        files = [(field, (name, data, kind)) for field, name, data, kind in request.files]
        sent = httpx.Request(request.method, f"http://ministry{request.path}", headers=dict(request.headers), files=files or None)
        body = sent.read() if files else json.dumps(request.body).encode()
        status, _, answer = self.played.handle(request.method, request.path, dict(sent.headers), body)
        return Reply(status, json.loads(answer))

    def receive(self, code: str = MARITAL, seed: int = 1, pay: str = "later", **more: Any) -> str:
        self.clock.now += timedelta(minutes=1)
        return super().receive(code, seed, pay, **more)

    def paper(self, dossier: str) -> str:
        return next(iter(papers_of(Catalogue.load(), self.counter.dossier(dossier))))

    def scan(self, dossier: str, data: bytes) -> str:
        return str(attach_bytes(self.counter, dossier, self.paper(dossier), data, WHO)["sha256"])

    def case(self, dossier: str, **listed: str) -> Case:
        def read(sha256: str) -> bytes:
            return scans.read(self.counter.store, sha256, 0, 10**9)

        return dataclasses.replace(super().case(dossier, **listed), profile=self.counter.profile, scan=read)

    def verdicts(self, dossier: str) -> list[tuple[str, dict[str, Any]]]:
        return [(e.name, e.body or {}) for e in self.said.get(dossier, [])]

    def whats(self, dossier: str) -> list[str]:
        """What was said, in short."""
        return [body.get("what") or name for name, body in self.verdicts(dossier)]

    def road(self, dossier: str) -> Road:
        return self.roads.setdefault(dossier, Road(self, dossier, None, self.send))

    def round(self, dossier: str, lost: Lost = never) -> bool:
        """Until there is nothing to tell, or the line is cut; whether all is told."""

        def send(request: Request) -> Reply:
            fault = lost(request.path.partition("?")[0].removeprefix("/"))
            reply = self.send(request) if fault != "before" else None
            if fault or reply is None:
                raise Cut
            return reply

        road = self.road(dossier)
        road.system, road.send = Ministry(self.settings), send
        try:
            road.run()
        except Cut:
            return False
        return True

    def through(self, dossier: str, door: Door) -> None:
        """Until all is told by a door that fails."""
        road = self.road(dossier)
        for _ in range(400):
            road.system, road.send = Ministry(self.settings), door.send
            try:
                return road.run()
            except Problem as problem:
                if problem.code not in ("system_unreachable", "system_busy"):
                    raise
        raise AssertionError("never told")

    def tell(self, dossier: str, lost: Lost = never) -> str:
        """Rounds until all is told; the number it has there."""
        for _ in range(400):
            if self.round(dossier, lost):
                return self.road(dossier).told.number
        raise AssertionError("never told")


@pytest.fixture(scope="module")
def _desks() -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for one in made:
        one.counter.close()


@pytest.fixture
def desk(_desks: list[Desk], tmp_path: Path, hub: GatewayProcess) -> Desk:
    """One counter for all of these tests, with another ministry for each."""
    if not _desks:
        enrolled(tmp_path / "c", hub, code=hub.new_code())
        clock = Clock()
        _desks.append(Desk(open_counter(tmp_path / "c", clock), clock))
    _desks[0].begin()
    return _desks[0]


def step(number: int, desk: Desk, dossier: str) -> None:
    """One step of a whole life."""
    desk.clock.now += timedelta(minutes=1)
    STEPS[number](desk, dossier)


STEPS: list[Callable[[Desk, str], Any]] = [
    lambda d, o: acts.transfer(d.counter, o, WHO, "Tư pháp – Hộ tịch"),
    lambda d, o: acts.request_supplement(d.counter, o, WHO, [{"paper": d.paper(o), "reason": "Thiếu chữ ký"}]),
    lambda d, o: acts.receive_supplement(d.counter, o, WHO),
    lambda d, o: money.request_payment(d.counter, o, WHO, 15_000, "Phí xác minh", "Nghị quyết của HĐND tỉnh"),
    lambda d, o: money.pay(d.counter, o, WHO, "cash"),
    lambda d, o: acts.finish(d.counter, o, WHO, [{"name": "Giấy xác nhận", "number": "12/2026", "about": ""}]),
    lambda d, o: acts.hand_over(d.counter, o, WHO, {}),
]
LIFE = [1, 2, 4, 5, 4, 6, 4, 9, 10]


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
    number = desk.tell(one)
    for state, name, body in ((4, "transferred", {"to": "Vụ Hành chính tư pháp"}), (5, "supplement_requested", {"items": []})):
        desk.played.set_state(number, state)
        desk.say(one, name, body)
    desk.say(one, "supplement_received", {"at": desk.clock().isoformat()}, desk.counter.counter_id)
    desk.tell(one)
    assert desk.played.histories[number] == [1, 2, 4, 5, 4]
    assert [r["TrangThai"] for r in desk.played.progress(number)] == [2, 4]


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
    assert adapter.next(case, told) is None and adapter.waits(case, told)
    assert not adapter.waits(desk.case(one), told)


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


# The server's strictness


class Visitor:
    """Somebody who talks to the server by hand, with a record that was taken once as a pattern."""

    def __init__(self, desk: Desk) -> None:
        one = desk.receive()
        desk.scan(one, png())
        number = desk.tell(one)
        self.played, self.number = desk.played, number
        self.record = {k: v for k, v in (desk.played.dossier(number) or {}).items() if k != "TrangThai"}
        self.row, self.state = desk.played.progress(number)[0], {"IdHoSo": "", "MaHoSo": number, "TrangThai": 4}
        self.state |= dict.fromkeys(("NoiDungYKien", "PhongBanXuLy", "NoiDungXuLy"), "")
        secret = {k: SETTINGS[k] for k in ("client_id", "client_secret")}
        self.token = self.ask("POST", "/GetToken", secret)[1]["data"]["access_token"]

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or getattr(self, 'token', '')}"}
        status, _, answer = self.played.handle(method, path, headers, json.dumps(body).encode())
        return status, json.loads(answer)

    def new(self) -> dict[str, Any]:
        value = self.ask("GET", f"/GetNextValue?code={SETTINGS['code']}")[1]["value"]
        return json.loads(json.dumps(self.record)) | {"MaHoSo": value}  # type: ignore[no-any-return]


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    return Visitor(desk)


def _at(record: dict[str, Any], path: str, value: Any) -> None:
    *names, last = path.split(".")
    for name in names:
        record = record[int(name)] if name.isdigit() else record[name]  # type: ignore[call-overload]
    if value is ...:
        del record[last]
    else:
        record[last] = value


_WHO = "ThongTinNguoiNop.ThongTinChiTiet"
_FILE = "ThanhPhanHoSo.0.GiayToDinhKem.0"


def test_the_server_takes_exactly_its_fields(visitor: Visitor) -> None:
    wrong = [
        ("LoaiHoSo", "1"),
        ("LoaiDoiTuong", "0"),
        ("LoaiDoiTuong", True),
        ("LoaiDoiTuong", 3),
        ("NgayNop", "20261128093000"),
        ("NgayTiepNhan", ...),
        ("ChuHoSo", ""),
        ("EformThongTinChiTiet", []),
        ("ThanhPhanHoSo.0.LoaiBan", 3),
        ("ThanhPhanHoSo.0.SoLuong", "1"),
        (f"{_FILE}.HashTepTin", "0" * 64),
        (f"{_FILE}.IdGiayTo", "T99"),
        (f"{_WHO}.MaHuyen", "775"),
        (f"{_WHO}.NgaySinh", "1990-01-01"),
        (f"{_WHO}.SoDinhDanh", "12345"),
        (f"{_WHO}.DanToc", "Kinh"),
    ]
    for path, value in wrong:
        record = visitor.new()
        _at(record, path, value)
        status, answer = visitor.ask("POST", "/CreateDossier", record)
        assert status == 400 and path.rsplit(".", 1)[-1] in answer["message"], path
    assert len(visitor.played.dossiers) == 1
    record = visitor.new()
    _at(record, f"{_WHO}.SoDinhDanhChuHs", "000000000001")
    assert visitor.ask("POST", "/CreateDossier", record)[0] == 400 and visitor.played.fillers == 1
    assert visitor.ask("POST", "/CreateDossier", visitor.new())[0] == 200


def test_the_server_knows_its_numbers_tokens_and_paths(visitor: Visitor) -> None:
    assert visitor.ask("POST", "/CreateDossier", visitor.record)[1]["message"] == "Mã hồ sơ đã tồn tại"
    assert visitor.ask("POST", "/CreateDossier", visitor.record | {"MaHoSo": "T00.20-20261128-0009999"})[0] == 400
    assert visitor.ask("GET", "/GetNextValue?code=000.00.04.G18")[0] == 400
    assert visitor.ask("POST", "/GetToken", {"client_id": "x", "client_secret": "y"})[0] == 401
    assert visitor.ask("POST", "/CreateDossier", visitor.new(), token="wrong")[0] == 401
    assert visitor.ask("GET", "/CreateDossier")[0] == 404
    assert visitor.ask("POST", "/UploadFile", {})[0] == 400
    visitor.played.end_session()
    assert visitor.ask("GET", f"/GetNextValue?code={SETTINGS['code']}")[0] == 401


def test_the_server_takes_rows_once_and_ten_at_most_and_states_that_may_follow(visitor: Visitor) -> None:
    row, state = visitor.row, visitor.state
    assert visitor.ask("POST", "/CapNhatTienTrinh", [row])[1]["message"] == "Tiến trình đã tồn tại"
    many = [row | {"NoiDungXuLy": f"Việc {n}"} for n in range(11)]
    assert visitor.ask("POST", "/CapNhatTienTrinh", many)[0] == 400
    assert visitor.ask("POST", "/CapNhatTienTrinh", many[:10])[0] == 200
    for change in ({"TrangThai": "2"}, {"TrangThai": 11}, {"ThoiDiemXuLy": "2026-11-28"}, {"MaHoSo": "?"}, {"ChucDanh": ""}):
        assert visitor.ask("POST", "/CapNhatTienTrinh", [row | {"NoiDungXuLy": "Việc"} | change])[0] == 400, change
    assert visitor.ask("POST", "/CapNhatTienTrinh", row)[0] == 400
    results = [{"TenGiayTo": "Giấy"} | dict.fromkeys("MaThanhPhanHoSo GiayToId DuongDanTepTinKetQua MaGiayToKetQua".split(), "")]
    for change in ({"TrangThai": 10}, {"TrangThai": 8}, {"TrangThai": "4"}, {"DanhSachGiayToKetQua": results}):
        assert visitor.ask("POST", "/CapNhatTrangThai", [state | change])[0] == 400, change
    for change in ({}, {}, {"TrangThai": 9, "DanhSachGiayToKetQua": results}, {"TrangThai": 10}):
        assert visitor.ask("POST", "/CapNhatTrangThai", [state | change])[0] == 200, change
    assert visitor.ask("POST", "/CapNhatTrangThai", [state])[0] == 400
    assert visitor.played.histories[visitor.number] == [1, 2, 4, 9, 10]


def test_whoever_wants_is_told_what_happens_there(desk: Desk) -> None:
    heard: list[tuple[str, int]] = []
    desk.play(PlayedMinistry(told=lambda number, state: heard.append((number, state))))
    one = desk.receive()
    step(0, desk, one)
    number = desk.tell(one)
    assert heard == [(number, 1), (number, 2), (number, 4)]


# Over real HTTP


def test_a_life_through_a_server_that_fails_on_order(desk: Desk) -> None:
    """Every kind of fault: one dossier, in its right state, with its whole progress."""
    with faulty("--seed", "5", "--slow", "0.3", "--rate", "0.6") as server:
        one = desk.receive()
        desk.scan(one, pdf(1))
        for n in range(len(STEPS)):
            step(n, desk, one)
        desk.through(one, Door(f"{server.url}/ministry", timeout=0.2))
        server.ask("faults", {"rate": 0})
        state = server.state()
    number = desk.road(one).told.number
    assert set(state["faults"]) == set(KINDS)
    assert state["ministry"]["histories"] == {number: LIFE}
    assert [r["TrangThai"] for r in state["ministry"]["progress"][number]] == LIFE[1:]
    assert desk.whats(one) == ["accepted"] and list(state["ministry"]["dossiers"]) == [number]
    assert state["ministry"]["fillers"] == 0 and not state["national"]["dossiers"]


def test_both_systems_stand_behind_the_server_and_one_sees_the_other(desk: Desk) -> None:
    with faulty("--mirror") as server:
        one = desk.receive()
        desk.through(one, Door(f"{server.url}/ministry"))
        number = desk.road(one).told.number
        server.ask("move", {"system": "ministry", "number": number, "state": 4})
        national = PlayedNational().settings()
        login = {k: national[k] for k in ("username", "password")}
        asked = Request("POST", national["auth_endpoint"], {"dstcode": national["dstcode"]}, login)
        assert Door(f"{server.url}/national").send(asked).body["session"]
        state = server.state()
        assert (state["national"]["histories"][number], state["national"]["calls"]) == ([1, 2, 4], {"login": 1})
        server.ask("faults", {"rate": 1, "kinds": ["busy"]})
        with pytest.raises(Problem) as found:
            Door(f"{server.url}/national").send(asked)
        assert (found.value.code, found.value.details["retry_after"]) == ("system_busy", 0.0)
