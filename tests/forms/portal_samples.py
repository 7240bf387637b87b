"""Invented records in the shape of a portal's LayThuTuc, for the tests of importing."""

from typing import Any


def portal(**more: Any) -> dict[str, Any]:
    """An invented record in the shape of LayThuTuc; all values are strings."""
    return {
        "MaTTHC": "9.000001",
        "TENTTHC": "Đăng ký nuôi chim bồ câu",
        "QUYETDINH": "1/QĐ-THU",
        "TRANGTHAI": "1",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "L1", "TENLINHVUC": "Thử"}],
        "KETQUATHUCHIEN": [{"MAKETQUA": "K1", "TENKETQUA": "Giấy thử"}],
        "COQUANCOTHAMQUYEN": [{"MADONVI": "D1", "TENDONVI": "Ủy ban nhân dân cấp xã"}],
        "CACHTHUCTHUCHIEN": [channel("1")],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [{"TENGIAYTO": "Đơn đề nghị", "SOBANCHINH": "1", "SOBANSAO": "0"}]}],
    } | more


def channel(kind: str, *times: dict[str, Any]) -> dict[str, Any]:
    return {"KENH": kind, "THOIGIAN": list(times) or [time("3", "Ngày làm việc")]}


def time(amount: str, unit: str, note: str = "", *fees: tuple[str, str, str]) -> dict[str, Any]:
    listed = [{"MAPHILEPHI": "1", "SOTIEN": a, "DONVI": u, "MOTA": n} for a, u, n in fees]
    return {"THOIGIANGIAIQUYET": amount, "DONVITINH": unit, "MOTA": note, "PHILEPHI": listed}
