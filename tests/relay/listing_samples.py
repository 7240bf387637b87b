"""Invented records of the national catalogue, in the shape of LayThuTuc (one-stop-domain.md §4.6) with all its fields, and a log
of the counter ``portal`` that tells of them."""

import random
import secrets
import time as watch
from collections.abc import Iterable
from typing import Any

from forms.names import words
from forms.routing import PORTAL
from sync.events import GENESIS, Event, body_hash, hybrid
from sync.relay.systems import Verdict

_DOES = ("Cấp", "Cấp lại", "Đăng ký", "Xác nhận", "Gia hạn", "Thu hồi", "Hỗ trợ", "Công nhận", "Điều chỉnh")
_WHAT = (
    "giấy phép",
    "giấy chứng nhận",
    "hộ kinh doanh",
    "việc nuôi",
    "việc sử dụng đất",
    "trợ cấp",
    "di chuyển hài cốt",
    "tổ hòa giải",
)
_OF = ("thủy sản", "trẻ em", "người cao tuổi", "nhà ở", "chợ phiên", "cây trồng", "hợp tác xã", "lễ hội", "thư viện", "bến khách")
_PAPERS = (
    "Đơn đề nghị",
    "Bản sao giấy phép",
    "Biên bản kiểm tra",
    "Văn bản cam kết",
    "Danh sách thành viên",
    "Giấy chứng nhận cũ",
)


def record(number: int, **more: Any) -> dict[str, Any]:
    """The record of an invented procedure, always the same for a number."""
    some = random.Random(number)
    name = f"{some.choice(_DOES)} {some.choice(_WHAT)} {some.choice(_OF)} số {words(number)[:-5].strip().lower()}"
    papers = [f"{paper} {name.lower()}, loại {n}" for n, paper in enumerate(some.sample(_PAPERS, some.randint(2, 5)), 1)]
    return {
        "ID": f"id-{number}",
        "MaTTHC": code(number),
        "TENTTHC": name,
        "QUYETDINH": f"{number}/QĐ-THU",
        "TRANGTHAI": "1",
        "TUKHOA": "",
        "YEUCAU": "Yêu cầu, điều kiện: " + "không có. " * some.randint(1, 40),
        "MOTA": "",
        "CAPTHUCHIEN": [{"CAPTHUCHIEN": "3", "TENCAP": "Cấp xã"}],
        "LINHVUCTHUCHIEN": [{"MALINHVUC": f"LV{number % 7}", "TENLINHVUC": f"Lĩnh vực {number % 7}"}],
        "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Nộp hồ sơ tại quầy. " * 9}]}],
        "CACHTHUCTHUCHIEN": [{"KENH": kind, "THOIGIAN": [time("5")]} for kind in ("1", "2", "3")],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [paper(text) for text in papers]}],
        "KETQUATHUCHIEN": [{"MAKETQUA": f"KQ{number}", "TENKETQUA": f"Quyết định về {name.lower()}", "TENTEP": "", "URL": ""}],
        "CANCUPHAPLY": [{"SOVANBAN": "1/2026/NĐ-THU", "TENVANBAN": "Nghị định thử", "DIACHITRUYCAP": "https://example.vn/1"}],
        "COQUANCOTHAMQUYEN": [{"MADONVI": "XA", "TENDONVI": "Ủy ban nhân dân cấp xã"}],
    } | more


def code(number: int) -> str:
    return f"9.{number:06d}"


def paper(name: str) -> dict[str, Any]:
    url = {"TENMAUDON": "", "URL": "https://example.vn/mau.docx", "MA_KQ_THAYTHE": ""}
    return {"MAGIAYTO": "G1", "TENGIAYTO": name, "SOBANCHINH": "1", "SOBANSAO": "0"} | url


def time(days: str) -> dict[str, Any]:
    fee = {"MAPHILEPHI": "P1", "SOTIEN": "0", "DONVI": "đồng", "MOTA": "Không thu", "TENTEP": "", "URL": ""}
    return {"THOIGIANGIAIQUYET": days, "DONVITINH": "Ngày làm việc", "MOTA": "", "PHILEPHI": [fee]}


def answer(*records: dict[str, Any]) -> dict[str, Any]:
    """Of the service."""
    return {"error_code": "00", "result": list(records)}


class PortalLog:
    """Acts without a dossier, one behind the other."""

    def __init__(self) -> None:
        self.epoch, self.secret = secrets.token_hex(8), secrets.token_bytes(16)
        self._head, self._number = GENESIS, 0

    def say(self, acts: Iterable[Verdict]) -> list[Event]:
        said = []
        for name, body in acts:
            self._number += 1
            at = hybrid(watch.time_ns() // 1_000_000, self._number % 4096)
            digest = body_hash(self.secret, self.epoch, self._number, body)
            said.append(Event(PORTAL, self.epoch, self._number, "", name, at, "", self._head, digest, body))
            self._head = said[-1].hash
        return said
