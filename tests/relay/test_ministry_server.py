"""The played ministry's strictness, and both systems behind a server that fails on order."""

import json
from typing import Any

import pytest

from forms.problem import Problem
from sync.relay.calls import Door
from sync.relay.played.ministry import SETTINGS, PlayedMinistry
from sync.relay.played.national import PlayedNational
from sync.relay.systems import Request
from tests.relay.faulty import KINDS, faulty
from tests.relay.ministries import LIFE, STEPS, Desk, step
from tests.sync.scan_samples import pdf, png

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
