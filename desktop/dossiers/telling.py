"""What happened to a dossier, in sentences: one for each event, with the paper that belongs to it."""

from typing import Any

from forms.names import moment_vn, money
from forms.working_days import parse_moment

PAPERS = {
    "received": ("receipt", "Mẫu số 01 – Giấy hẹn"),
    "supplement_requested": ("supplement", "Mẫu số 02 – Yêu cầu bổ sung"),
    "supplement_received": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "extended": ("apology", "Mẫu số 04 – Xin lỗi, gia hạn"),
    "arrived": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "suspended": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "paid": ("slip", "Phiếu thu"),
}
"""Event -> its paper and what the button says."""

_METHODS = {"cash": "tiền mặt", "transfer": "chuyển khoản, chờ đối soát"}
PAYMENTS = {
    "none": "Không thu",
    "exempt": "Được miễn",
    "unpaid": "Chưa thu",
    "cash": "Đã thu tiền mặt",
    "transfer": "Chuyển khoản, chờ đối soát",
    "reconciled": "Chuyển khoản, đã đối soát",
}
"""State of the payment axis -> words."""

Told = tuple[str, str, str, str]
"""Words, icon, ground, colour."""


def sentence(event: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    """Words, icon, ground and colour of one thing that happened. ``where``: the counter, in words."""
    body = event.get("body") or {}
    if body.get("erased"):
        return "Nội dung đã xoá theo luật.", "eraser", "quiet", "ink2"
    tell = _TELLERS.get(event["event"])
    return tell(body, dossier, where) if tell else (f"Việc khác: {event['event']}.", "dots-three", "quiet", "ink2")


def _day(body: dict[str, Any]) -> str:
    due = parse_moment(str(body.get("return_at") or ""))
    return f" Hẹn trả mới: {moment_vn(due)}." if due else ""


def _received(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    linked = dossier.get("linked") or {}
    group = f" trong {linked['name']}" if linked.get("name") else ""
    return f"Tiếp nhận tại {where}, {len(dossier['papers'])} giấy tờ{group}.", "file-plus", "tint", "tintInk"


def _accepted(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    number = body.get("official_code")
    words = "Hệ thống quốc gia chấp nhận hồ sơ" + (f", cấp số {number}." if number else ".")
    return words, "check-circle", "safe", "green"


def _refused(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"Hệ thống quốc gia từ chối: {body.get('reason') or 'không nói lý do'}", "x-circle", "alarm", "red"


def _supplement_requested(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    names = ", ".join(str(i.get("name")) for i in body.get("items") or [])
    return f"Yêu cầu bổ sung: {names}. Thời hạn tạm dừng.", "file-arrow-up", "wait", "amber"


def _supplement_received(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"Đã nhận bổ sung, thời hạn chạy tiếp.{_day(body)}", "check-square-offset", "tint", "tintInk"


def _extended(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"Xin lỗi và gia hạn: {body.get('reason')}.{_day(body)}", "clock-clockwise", "wait", "amber"


def _arrived(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"{body.get('unit') or 'Cơ quan có thẩm quyền'} đã nhận hồ sơ.{_day(body)}", "arrow-right", "tint", "tintInk"


def _suspended(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"Thời hạn tạm dừng vì sự cố {body.get('system')} ({body.get('basis')}).{_day(body)}", "warning", "wait", "amber"


def _paid(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    method = _METHODS.get(str(body.get("method")), "")
    return f"Đã thu {money(body.get('amount') or 0)}, {method}.", "money", "safe", "green"


def _reconciled(body: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    return f"Đã đối soát chuyển khoản, số tham chiếu {body.get('reference')}.", "check", "safe", "green"


_TELLERS = {
    "received": _received,
    "accepted": _accepted,
    "refused": _refused,
    "supplement_requested": _supplement_requested,
    "supplement_received": _supplement_received,
    "extended": _extended,
    "arrived": _arrived,
    "suspended": _suspended,
    "paid": _paid,
    "reconciled": _reconciled,
}
