"""The field tables of the played national service, written from one-stop-domain.md §4.3, 4.4, 4.7 and from nothing else: the
adapter that talks to it shares none of this."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

Check = Callable[[Any], str]
"""A value -> what is wrong with it, "" for nothing."""
Table = dict[str, "Check | Table"]
"""Field -> its check, or the table of the entries of its list."""

_DATE = re.compile(r"\d{14}")


class Refused(Exception):
    """Its message is the answer."""


def check(one: Any, table: Table, needed: Iterable[str] = ()) -> None:
    """:raises Refused: the first thing that is not as the table says."""
    if not isinstance(one, dict):
        raise Refused("Tham số data không đúng kiểu dữ liệu")
    for name in needed:
        if one.get(name) in (None, "", []):
            raise Refused(f"Thiếu trường bắt buộc {name}")
    for name, value in one.items():
        rule = table.get(name)
        if rule is None:
            raise Refused(f"Trường {name} không có trong danh mục trường")
        if isinstance(rule, dict):
            if not isinstance(value, list):
                raise Refused(f"Trường {name} không đúng kiểu dữ liệu")
            for inner in value:
                check(inner, rule)
        elif wrong := rule(value):
            raise Refused(f"Trường {name} {wrong}")


def _text(value: Any, most: int = 4000) -> str:
    if not isinstance(value, str):
        return "không đúng kiểu dữ liệu"
    return f"vượt quá {most} ký tự" if len(value) > most else ""


def _date(value: Any) -> str:
    try:
        good = isinstance(value, str) and _DATE.fullmatch(value) and datetime.strptime(value + "+0700", "%Y%m%d%H%M%S%z")
    except ValueError:
        good = None
    return "" if good else "không đúng định dạng ngày yyyyMMddHHmmss"


def _one_of(values: str, value: Any) -> str:
    return _text(value) or ("" if value in values.split() else "có giá trị không hợp lệ")


def _amount(value: Any) -> str:
    return _text(value) or ("" if value.isdecimal() else "có giá trị không hợp lệ")


def _int(value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) else "không đúng kiểu dữ liệu"


def _url(value: Any) -> str:
    return _text(value) or ("" if re.match(r"https?://", value) else "có giá trị không hợp lệ")


def _empty(value: Any) -> str:
    return "" if value == [] else "không đúng kiểu dữ liệu"


def _of(most: int) -> Check:
    return partial(_text, most=most)


def _enum(values: str) -> Check:
    return partial(_one_of, values)


_YES, _BOOL, _STATE = _enum("0 1"), _enum("True False"), _enum("1 2 3 4 5 6 7 8 9 10")
RECORD: Table = {
    "MaHoSo": _of(50),
    "MaTTHC": _of(50),
    "TenTTHC": _text,
    "MaLinhVuc": _text,
    "TenLinhVuc": _text,
    "KenhThucHien": _enum("1 2 3"),
    "SoBienNhan": _text,
    "ChuHoSo": _of(500),
    "LoaiDoiTuong": _enum("1 2 3 4"),
    "MaDoiTuong": _text,
    "ThongTinKhac": _text,
    "Email": _of(100),
    "Fax": _text,
    "SoDienThoai": _of(50),
    "TrichYeuHoSo": _of(1000),
    **dict.fromkeys("NgayTiepNhan NgayHenTra NgayTra NgayKetThucXuLy NgayTuChoi NgayNopHoSo".split(), _date),
    "TrangThaiHoSo": _STATE,
    "ThongTinTra": _text,
    "HinhThuc": _YES,
    "DonViXuLy": _text,
    "GhiChu": _of(500),
    "TaiLieuNop": {
        "TepDinhKemId": _text,
        "TenTepDinhKem": _of(4000),
        "IsDeleted": _BOOL,
        "MaThanhPhanHoSo": _text,
        "DuongDanTaiTepTin": _url,
        "DuocSoHoa": _YES,
        "DuocTaiSuDung": _enum("0 1 2"),
        "DuocLayTuKhoDMQG": _YES,
        "MaKetQuaThayThe": _text,
    },
    "DanhSachLePhi": {
        "TenPhiLePhi": _text,
        "MaPhiLePhi": _text,
        "HinhThucThu": _enum("1 2 4"),
        "Gia": _amount,
        "LoaiPhiLePhi": _enum("1 2 3"),
    },
    "DanhSachTepDinhKemKhac": {"TenGiayTo": _text, "SoLuong": _int, "LoaiGiayTo": _int},
    "DanhSachHoSoBoSung": {
        "HoSoBoSungId": _int,
        "NguoiYeuCauBoSung": _text,
        "NoiDungBoSung": _of(1500),
        "NgayBoSung": _date,
        "NguoiTiepNhanBoSung": _text,
        "ThongTinTiepNhan": _text,
        "NgayTiepNhanBoSung": _date,
        "TrangThaiBoSung": _BOOL,
        "DanhSachGiayToBoSung": _empty,
        "DanhSachLePhiBoSung": _empty,
        "NgayHenTraTruoc": _date,
        "NgayHenTraMoi": _date,
    },
    "DanhSachGiayToKetQua": {
        "TenGiayTo": _of(2000),
        "MaThanhPhanHoSo": _text,
        "GiayToId": _text,
        "DuongDanTepTinKetQua": _url,
        "MaGiayToKetQua": _text,
    },
    "NoiNopHoSo": _enum("1 2"),
    "HoSoCoThanhPhanSoHoa": _YES,
    "TaiKhoanDuocXacThucVoiVNeID": _YES,
    "DuocThanhToanTrucTuyen": _enum("0 1 2 3"),
    "DinhDanhCHS": {"LoaiDinhDanh": _enum("1 2"), "SoDinhDanh": _text},
    "DSKetNoiCSDL": {"MaCSDL": _text},
}
"""§4.3, a record of DongBoHoSoMC."""
NEEDED = tuple("MaHoSo MaTTHC TenTTHC MaLinhVuc TenLinhVuc TrangThaiHoSo HinhThuc DonViXuLy".split())
"""Required ("bb"); NgayTiepNhan too, of a dossier that was received."""
ROW: Table = {
    "MaHoSo": _of(50),
    "NguoiXuLy": _of(50),
    "ChucDanh": _text,
    "ThoiDiemXuLy": _date,
    "PhongBanXuLy": _text,
    "NoiDungXuLy": _of(2000),
    "TrangThai": _STATE,
    "NgayBatDau": _date,
    "NgayKetThucTheoQuyDinh": _date,
}
"""§4.4, a row of CapNhatTienDoHoSoMC."""
ROW_NEEDED = ("MaHoSo", "ThoiDiemXuLy", "NoiDungXuLy", "TrangThai")


def fields(table: Table, within: str = "") -> set[str]:
    """Names of a table, ``TaiLieuNop.TenTepDinhKem`` for those of a list."""
    named = [fields(v, f"{k}.") if isinstance(v, dict) else {within + k} for k, v in table.items()]
    return set().union(*named)
