"""What a ministry's iGate-style system takes: the field table of one-stop-domain.md §4.5 as its played server checks it. A field
that is unknown, missing or of another type is wrong; only the lists of CapNhatTrangThai may be left out.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from forms.working_days import VIETNAM

Check = Callable[[Any], str]
"""A value -> what is wrong with it, "" for nothing."""


class Wrong(Exception):
    """Its message says which field, and why."""


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "không đúng kiểu dữ liệu"


def _said(value: Any) -> str:
    return _text(value) or ("" if value.strip() else "không được để trống")


def _int(values: range, value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return "không đúng kiểu dữ liệu" if not whole else "" if value in values else "có giá trị không hợp lệ"


def _one_of(values: str, value: Any) -> str:
    return _text(value) or ("" if value in values.split() else "có giá trị không hợp lệ")


def _moment(form: str, value: Any) -> str:
    try:
        same = (
            isinstance(value, str)
            and datetime.strptime(value, form).replace(tzinfo=VIETNAM).strftime(form)[: len(value)] == value
        )
    except ValueError:
        same = False
    return "" if same else "không đúng định dạng ngày"


def _or_empty(rule: Check, value: Any) -> str:
    return "" if value == "" else rule(value)


def _amount(value: Any) -> str:
    return _text(value) or ("" if value.isdecimal() else "có giá trị không hợp lệ")


def _number(value: Any) -> str:
    return _text(value) or ("" if re.fullmatch(r"([0-9]{12})?", value) else "có giá trị không hợp lệ")


def _code(value: Any) -> str:
    return _text(value) or ("" if re.fullmatch(r"[0-9]*", value) else "có giá trị không hợp lệ")


def _free(value: Any) -> str:
    return "" if isinstance(value, dict) else "không đúng kiểu dữ liệu"


def _empty(value: Any) -> str:
    return "" if value == "" else "không còn dùng từ 01/7/2025"


_ISO = partial(_moment, "%Y-%m-%dT%H:%M:%S.%f")
_SECOND = partial(_moment, "%Y-%m-%d %H:%M:%S")
_DAY = partial(_or_empty, partial(_moment, "%Y%m%d%H%M%S"))
_STATE = partial(_int, range(1, 11))
Table = dict[str, "Check | Table | list[Table]"]

RECORD: Table = {
    "MaHoSo": _said,
    "MaTTHC": _said,
    "MaDichVuCong": _said,
    "ChuHoSo": _said,
    "LoaiDoiTuong": partial(_int, range(3)),
    "MaDonViTiepNhan": _said,
    "NgayNop": _SECOND,
    "NgayTiepNhan": _SECOND,
    "EformThongTinChiTiet": _free,
    "ThanhPhanHoSo": [
        {
            "MaThanhPhanHoSo": _text,
            "TenThanhPhanHoSo": _said,
            "SoLuong": partial(_int, range(1, 10_000)),
            "LoaiBan": partial(_int, range(3)),
            "GiayToDinhKem": [{"IdGiayTo": _said, "MaKetQua": _text, "TenGiayTo": _said, "HashTepTin": _said}],
        }
    ],
    "ThongTinNguoiNop": {
        "LoaiDoiTuong": partial(_int, range(3)),
        "IdDoiTuong": _text,
        "ThongTinChiTiet": {
            "TenNguoiNop": _said,
            "SoDinhDanh": _number,
            "NgayCapDinhDanh": _DAY,
            "NgaySinh": _DAY,
            **dict.fromkeys("SoDienThoai Email Fax".split(), _text),
            "MaTinh": _code,
            "MaHuyen": _empty,
            "MaXa": _code,
            "DiaChiChiTiet": _text,
            "TenChuHs": _said,
            "SoDinhDanhChuHs": _number,
            "MaTinhChuHs": _code,
            "MaXaChuHs": _code,
            "DiaChiChiTietChuHs": _text,
        },
    },
}
"""CreateDossier."""
ROW: Table = {
    "IDHoSo": _text,
    "MaHoSo": _said,
    "NguoiXuLy": _text,
    "ThoiDiemXuLy": _ISO,
    "PhongBanXuLy": _text,
    "NoiDungXuLy": _said,
    "TrangThai": _STATE,
    "NgayBatDau": _ISO,
    "NgayKetThucTheoQuyDinh": partial(_or_empty, _ISO),
}
"""A row of CapNhatTienTrinh."""
STATE: Table = {
    "IdHoSo": _text,
    "MaHoSo": _said,
    "TrangThai": _STATE,
    **dict.fromkeys("NoiDungYKien PhongBanXuLy NoiDungXuLy".split(), _text),
    "DanhSachLePhi": [
        {
            "TenPhiLePhi": _said,
            "MaPhiLePhi": _text,
            "HinhThucThu": partial(_one_of, "1 2 4"),
            "Gia": _amount,
            "LoaiPhiLePhi": partial(_one_of, "1 2 3"),
            "TrangThaiThanhToan": partial(_int, range(2)),
        }
    ],
    "DanhSachGiayToKetQua": [
        {"TenGiayTo": _said, **dict.fromkeys("MaThanhPhanHoSo GiayToId DuongDanTepTinKetQua MaGiayToKetQua".split(), _text)}
    ],
}
"""An entry of CapNhatTrangThai."""
_OPTIONAL = frozenset({"DanhSachLePhi", "DanhSachGiayToKetQua", "HinhThucThu"})


def fields(table: Table, within: str = "") -> set[str]:
    """Names of a table, ``ThanhPhanHoSo.SoLuong`` for those of a list or an object."""
    found = set[str]()
    for name, rule in table.items():
        inner = rule[0] if isinstance(rule, list) else rule
        found |= fields(inner, f"{within}{name}.") if isinstance(inner, dict) else {within + name}
    return found


def check(value: Any, table: Table, within: str = "") -> None:
    """:raises Wrong: the first thing that is not as the table says."""
    if not isinstance(value, dict):
        raise Wrong(f"{f'Trường {within[:-1]}' if within else 'Dữ liệu'} không đúng kiểu dữ liệu")
    for name in (n for n in table if n not in value and n not in _OPTIONAL):
        raise Wrong(f"Thiếu trường bắt buộc {within}{name}")
    for name, one in value.items():
        rule, where = table.get(name), within + name
        if rule is None:
            raise Wrong(f"Trường {where} không có trong danh mục trường")
        if isinstance(rule, dict):
            check(one, rule, f"{where}.")
        elif isinstance(rule, list):
            if not isinstance(one, list):
                raise Wrong(f"Trường {where} không đúng kiểu dữ liệu")
            for inner in one:
                check(inner, rule[0], f"{where}.")
        elif wrong := rule(one):
            raise Wrong(f"Trường {where} {wrong}")
