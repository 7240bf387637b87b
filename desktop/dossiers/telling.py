"""What happened to a dossier, in sentences: one for each event, with the paper that belongs to it."""

from collections.abc import Callable
from typing import Any

from forms.names import moment_vn, money
from forms.numbering import numbered_by, official_beside
from forms.routing import PORTAL
from forms.working_days import parse_moment

PAPERS = {
    "guided": ("supplement", "Mẫu số 02 – Hướng dẫn bổ sung"),
    "declined": ("refusal", "Mẫu số 03 – Từ chối tiếp nhận"),
    "received": ("receipt", "Mẫu số 01 – Giấy hẹn"),
    "transferred": ("control", "Mẫu số 06 – Phiếu kiểm soát"),
    "supplement_requested": ("supplement", "Mẫu số 02 – Yêu cầu bổ sung"),
    "supplement_received": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "payment_requested": ("slip", "Phiếu báo phí"),
    "extended": ("apology", "Mẫu số 04 – Xin lỗi, gia hạn"),
    "arrived": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "suspended": ("receipt", "Mẫu số 01 – Hẹn trả mới"),
    "withdrawn": ("stop", "Mẫu số 05 – Dừng giải quyết"),
    "stopped": ("stop", "Mẫu số 05 – Dừng giải quyết"),
    "returned": ("handover", "Giấy biên nhận trả kết quả"),
    "paid": ("slip", "Phiếu thu"),
    "refunded": ("slip", "Phiếu hoàn trả"),
}
"""Event -> its paper and what the button says."""
_WITH_NUMBER = ("receipt", "Mẫu số 01 – Có mã chính thức")

_METHODS = {"cash": "tiền mặt", "transfer": "chuyển khoản, chờ đối soát"}
PAYMENTS = {
    "none": "Không thu",
    "exempt": "Được miễn",
    "unpaid": "Chưa thu",
    "cash": "Đã thu tiền mặt",
    "transfer": "Chuyển khoản, chờ đối soát",
    "reconciled": "Chuyển khoản, đã đối soát",
    "refunded": "Đã hoàn trả",
}
"""State of the payment axis -> words."""
RESULTS = {"none": "Chưa có kết quả", "ready": "Chờ trả", "posted": "Đã gửi bưu chính", "handed": "Đã trả"}
"""State of the result axis -> words."""

_OF_THE_SYSTEM = frozenset({"filed", "received", "accepted", "refused", "unexpressed"})
"""What ``portal`` says in sentences of its own; anything else it says has changed there."""

Told = tuple[str, str, str, str]
"""Words, icon, ground, colour."""
_Body = dict[str, Any]


def sentence(event: dict[str, Any], dossier: dict[str, Any], where: str) -> Told:
    """Words, icon, ground and colour of one thing that happened. ``where``: the counter, in words."""
    body = event.get("body") or {}
    if event["event"] == "erased":
        return f"Xoá dữ liệu cá nhân theo {_said(body.get('basis'))}.", "eraser", "alarm", "red"
    if body.get("erased"):
        return "Nội dung đã xoá theo luật.", "eraser", "quiet", "ink2"
    known = _TELLERS.get(event["event"])
    if known is None:
        return f"Việc khác: {event['event']}.", "dots-three", "quiet", "ink2"
    words, icon, kind = known
    said = words(body, dossier, where) if callable(words) else words
    if event.get("counter") == PORTAL and event["event"] not in _OF_THE_SYSTEM:
        said = f"{_system(body, dossier)}: {said[0].lower()}{said[1:]}"  # it was changed there
    if event.get("overruled"):
        return f"{said} (không tính, theo quyết định của cán bộ)", icon, "quiet", "ink3"
    return said, icon, kind, {"tint": "tintInk", "wait": "amber", "safe": "green", "alarm": "red", "quiet": "ink2"}[kind]


def paper_of(event: dict[str, Any], dossier: dict[str, Any]) -> tuple[str, str, str | None] | None:
    """The paper of one thing that happened, what its button says and the act it is drawn about; None for no paper, or one that
    another has taken the place of."""
    numbered, first = numbered_by(dossier), event["event"] == "received"
    if dossier["erased"] or event.get("overruled") or (first and (numbered or not has_receipt(dossier))):
        return None
    known = _WITH_NUMBER if event["act"] == numbered else PAPERS.get(event["event"])
    return None if known is None else (*known, None if first else event["act"])


def has_receipt(dossier: dict[str, Any]) -> bool:
    """Whether a receipt of this dossier still says something true."""
    return bool(dossier.get("received_at") and dossier.get("code")) and dossier["stage"] != "annulled" and not dossier["erased"]


def number_words(dossier: dict[str, Any]) -> str:
    """What there is to say of a number that is not the official one; "" where it is."""
    if dossier["procedure"].get("code_source") != "issued" or not has_receipt(dossier):
        return ""
    official = official_beside(dossier)
    return f"Mã chính thức: {official}" if official else "Mã tiếp nhận tạm, chờ mã chính thức"


def together(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history with scans that one clerk added to one paper in a row told once: ``files`` counts them, at the last one's
    time. What a clerk must decide about, or did, stays by itself."""
    found: list[dict[str, Any]] = []
    for event in history:
        last = found[-1] if found else {}
        same = all(event.get(k) == last.get(k) for k in ("event", "operator", "counter", "marked", "overruled"))
        body, before = event.get("body") or {}, last.get("body") or {}
        plain = event["event"] == "attached" and not any(event.get(k) for k in ("marked", "overruled"))
        if plain and same and "paper" in body and body["paper"] == before.get("paper"):
            whole = {"files": before.get("files", 1) + 1, "pages": _number(body) + _number(before)}
            found[-1] = event | {"body": body | whole | {"readable": body.get("readable") and before.get("readable")}}
        else:
            found.append(event)
    return found


def _number(body: _Body) -> int:
    pages = body.get("pages")
    return pages if isinstance(pages, int) else 0


def _day(body: _Body) -> str:
    due = parse_moment(str(body.get("return_at") or ""))
    return f" Hẹn trả mới: {moment_vn(due)}." if due else ""


def _said(text: Any) -> str:
    return str(text or "").rstrip(". ")


def _items(body: _Body) -> str:
    return ", ".join(str(i.get("name") or i.get("paper") or "") for i in body.get("items") or [])


def _received(body: _Body, dossier: _Body, where: str) -> str:
    linked = dossier.get("linked") or {}
    group = f" trong {linked['name']}" if linked.get("name") else ""
    online = ", hồ sơ nộp trực tuyến" if dossier.get("filed_at") else ""
    papers = f", {len(dossier['papers'])} giấy tờ" if "papers" in dossier else ""
    return f"Tiếp nhận tại {where}{online}{papers}{group}."


def _system(body: _Body, dossier: _Body) -> str:
    """What the system is called that a verdict speaks of; the national one where none is named."""
    key = str(body.get("system") or "")
    known = (dossier.get("road") or {}).get("systems") or {}
    return str(known.get(key) or body.get("name") or ("Hệ thống quốc gia" if key in ("", "national") else "Hệ thống nhận"))


def refused_by(dossier: _Body) -> str:
    """Who refused a dossier last."""
    last = next((r for r in reversed(dossier["history"]) if r["event"] == "refused"), None)
    body = (last or {}).get("body") or {}
    return _system(body, dossier) if body.get("system") else "Cổng quốc gia"


def road_words(dossier: _Body) -> str:
    """By which road a dossier goes, for its page; a dossier with its ``road``."""
    road = dossier["road"]
    if not road["by_hand"]:
        since = parse_moment((road.get("outage") or {}).get("from") or "")
        waits = since is not None and dossier["delivery"] == "received"
        return f"{road['name']} chưa nhận được từ {since:%H:%M %d/%m}" if waits else f"Đi đường: {road['name']}"
    return f"Nhập tay vào {road['name']}" + (" · đã nhập" if dossier.get("verdict") == "entered" else "")


def _accepted(body: _Body, dossier: _Body, where: str) -> str:
    number = body.get("official_code")
    return f"{_system(body, dossier)} chấp nhận hồ sơ" + (f", cấp số {number}." if number else ".")


def _entered(body: _Body, dossier: _Body, where: str) -> str:
    number = f", số bên ấy: {body['number']}" if body.get("number") else ""
    return f"Đã nhập tay vào {_system(body, dossier)}{number}."


def _transferred(body: _Body, dossier: _Body, where: str) -> str:
    note = f" {_said(body['note'])}." if body.get("note") else ""
    taker = f", {body['taker']} nhận" if body.get("taker") else ""
    return f"Chuyển {body.get('to')} xử lý{taker}.{note}"


def _finished(body: _Body, dossier: _Body, where: str) -> str:
    named = [" ".join(str(r[k]) for k in ("name", "number") if r.get(k)) for r in body.get("results") or []]
    return f"Có kết quả: {', '.join(n for n in named if n) or 'kết quả giải quyết'}."


def _returned(body: _Body, dossier: _Body, where: str) -> str:
    if body.get("how") == "post":
        return "Bưu chính đã phát kết quả."
    who = body.get("receiver") or {}
    right = f", theo {_said(who['authority'])}" if who.get("authority") else ""
    signed = " Đã ký giấy biên nhận." if body.get("signed") else ""
    return f"Trả kết quả cho {who.get('full_name') or 'người nhận'}{right}.{signed}"


def _corrected(body: _Body, dossier: _Body, where: str) -> str:
    changed = body.get("fields") or {}
    said = [
        f"{c.get('title') or path.split('.')[-1]}: {_value(c.get('was'))} → {_value(c.get('now'))}" for path, c in changed.items()
    ]
    return f"Sửa thông tin ({'; '.join(said)})."


def _value(value: Any) -> str:
    return str(value.get("text") or "…") if isinstance(value, dict) else str(value or "trống")


def _attached(body: _Body, dossier: _Body, where: str) -> str:
    named = {str(p.get("code")): p.get("name") for p in dossier.get("papers") or []} | (dossier.get("paper_names") or {})
    code, pages = str(body.get("paper") or ""), body.get("pages")
    doubt = "" if body.get("readable") is not False else " Có tệp cần mở xem lại."
    files = f"{body['files']} tệp " if body.get("files") else ""
    return f"Thêm {files}bản chụp {named.get(code) or code}{f', {pages} trang' if pages else ''}.{doubt}"


def _settled(body: _Body, dossier: _Body, where: str) -> str:
    return "Cán bộ đã quyết định việc nào được tính." if body.get("overruled") else "Cán bộ xác nhận cả hai việc đều đúng."


_Words = str | Callable[[_Body, _Body, str], str]
_TELLERS: dict[str, tuple[_Words, str, str]] = {
    "filed": ("Người dân nộp trực tuyến trên Cổng Dịch vụ công.", "cloud", "tint"),
    "guided": (lambda b, d, w: f"Hướng dẫn bổ sung trước khi tiếp nhận: {_items(b)}.", "file-arrow-up", "wait"),
    "declined": (lambda b, d, w: f"Từ chối tiếp nhận: {_said(b.get('reason'))}.", "x-circle", "alarm"),
    "received": (_received, "file-plus", "tint"),
    "accepted": (_accepted, "check-circle", "safe"),
    "refused": (lambda b, d, w: f"{_system(b, d)} từ chối: {b.get('reason') or 'không nói lý do'}", "x-circle", "alarm"),
    "unexpressed": (
        lambda b, d, w: f"{_said(b.get('say')) or _system(b, d) + ' không ghi được một điều của hồ sơ này'}.",
        "warning-circle",
        "wait",
    ),
    "entered_elsewhere": (_entered, "copy", "tint"),
    "transferred": (_transferred, "arrow-right", "tint"),
    "arrived": (lambda b, d, w: f"{b.get('unit') or 'Cơ quan có thẩm quyền'} đã nhận hồ sơ.{_day(b)}", "arrow-right", "tint"),
    "supplement_requested": (
        lambda b, d, w: f"Yêu cầu bổ sung: {_items(b) or _said(b.get('reason'))}. Thời hạn tạm dừng.",
        "file-arrow-up",
        "wait",
    ),
    "supplement_received": (lambda b, d, w: f"Đã nhận bổ sung, thời hạn chạy tiếp.{_day(b)}", "check-square-offset", "tint"),
    "payment_requested": (
        lambda b, d, w: f"Yêu cầu nộp {b.get('name')}: {money(b.get('amount') or 0)}. Thời hạn tạm dừng.",
        "money",
        "wait",
    ),
    "extended": (lambda b, d, w: f"Xin lỗi và gia hạn: {_said(b.get('reason'))}.{_day(b)}", "clock-clockwise", "wait"),
    "suspended": (
        lambda b, d, w: f"Thời hạn tạm dừng vì sự cố {b.get('system')} ({b.get('basis')}).{_day(b)}",
        "warning",
        "wait",
    ),
    "finished": (_finished, "check-square-offset", "safe"),
    "withdrawn": (
        lambda b, d, w: f"Công dân rút hồ sơ: {_said(b.get('request_of_owner') or b.get('reason')) or 'không nói lý do'}.",
        "arrow-counter-clockwise",
        "quiet",
    ),
    "stopped": (lambda b, d, w: f"Dừng xử lý: {_said(b.get('reason'))}.", "prohibit", "quiet"),
    "posted": (lambda b, d, w: f"Gửi kết quả qua bưu chính, số {b.get('tracking')}.", "envelope", "tint"),
    "post_failed": (lambda b, d, w: f"Bưu chính hoàn lại: {_said(b.get('reason'))}.", "envelope", "wait"),
    "returned": (_returned, "hand", "safe"),
    "annulled": (
        lambda b, d, w: f"Huỷ mã vì gõ nhầm: {_said(b.get('reason'))}. {b.get('approved_by')} đồng ý.",
        "x-circle",
        "quiet",
    ),
    "paid": (
        lambda b, d, w: f"Đã thu {money(b.get('amount') or 0)}, {_METHODS.get(str(b.get('method')), '')}.{_day(b)}",
        "money",
        "safe",
    ),
    "reconciled": (lambda b, d, w: f"Đã đối soát chuyển khoản, số tham chiếu {b.get('reference')}.", "check", "safe"),
    "refunded": (lambda b, d, w: f"Hoàn trả {money(b.get('amount') or 0)}: {_said(b.get('reason'))}.", "money", "wait"),
    "shelved": (lambda b, d, w: f"Hồ sơ giấy để ở {b.get('place')}.", "archive-box", "quiet"),
    "authorised": (
        lambda b, d, w: f"Ủy quyền cho {(b.get('person') or {}).get('full_name')} ({(b.get('person') or {}).get('basis')}).",
        "user",
        "quiet",
    ),
    "attached": (_attached, "paperclip", "quiet"),
    "corrected": (_corrected, "pencil-simple", "tint"),
    "settled": (_settled, "scales", "safe"),
}
"""Event -> words (or how to make them from body, dossier, counter), icon, ground."""
KEEP = {
    "received": "Giữ lần tiếp nhận này",
    "transferred": "Giữ việc chuyển xử lý",
    "withdrawn": "Giữ việc rút hồ sơ",
    "stopped": "Giữ việc dừng xử lý",
    "finished": "Giữ việc có kết quả",
    "returned": "Giữ việc trả kết quả",
    "paid": "Giữ khoản thu này",
    "supplement_requested": "Giữ yêu cầu bổ sung",
}
"""Event -> what the button says that lets it count."""
