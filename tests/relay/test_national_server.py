"""The played national "một cửa" service is strict: it takes what the field tables say, and nothing else."""

import json
import re
from typing import Any

import pytest

from sync.relay.played.national import SETTINGS, PlayedNational
from tests.relay.nationals import LOOKUP, PROGRESS, SYNC

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
