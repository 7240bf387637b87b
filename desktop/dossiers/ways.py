"""The acts as the clerk meets them: the words on each button, the small form it opens, the verb behind it. One table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from forms.problem import Problem
from forms.procedure import Procedure
from forms.working_days import VIETNAM
from sync import acts, erasure, intake, money
from sync.counter import Changes, Counter

_CLOSING = time(17, 0)  # the hour of a new date that the clerk gives by its day
Values = dict[str, Any]
Verb = Callable[[Counter, str, str, Values], Any]

ASKED: dict[str, dict[str, Any]] = {
    "reason": {"title": "Lý do, đọc được cho người dân", "x-kind": "text", "maxLength": 500},
    "own_words": {"title": "Đề nghị của người nộp", "x-kind": "text", "maxLength": 500},
    "other": {"title": "Giấy tờ khác (chỉ khi luật đòi)", "x-kind": "text", "maxLength": 300},
    "basis": {"title": "Căn cứ pháp lý", "x-kind": "text", "maxLength": 300},
    "guidance": {"title": "Hướng dẫn nộp ở đâu, làm gì tiếp", "x-kind": "text", "maxLength": 300},
    "date": {"title": "Hẹn trả mới, ngày", "x-kind": "date"},
    "reference": {"title": "Số tham chiếu trên sao kê", "x-kind": "text", "maxLength": 100},
    "to": {"title": "Bộ phận, cơ quan nhận", "x-kind": "text", "maxLength": 200},
    "taker": {"title": "Người nhận (nếu biết)", "x-kind": "name", "maxLength": 100},
    "note": {"title": "Ghi chú", "x-kind": "text", "maxLength": 300},
    "number": {"title": "Số, ký hiệu của kết quả", "x-kind": "text", "maxLength": 100},
    "about": {"title": "Trích yếu", "x-kind": "text", "maxLength": 300},
    "tracking": {"title": "Số hiệu bưu gửi", "x-kind": "text", "maxLength": 60},
    "full_name": {"title": "Họ tên người nhận", "x-kind": "name", "maxLength": 100},
    "personal_id": {"title": "Số định danh", "x-kind": "personal_number"},
    "phone": {"title": "Điện thoại", "x-kind": "phone"},
    "authority": {"title": "Nhận thay theo (giấy ủy quyền số…)", "x-kind": "text", "maxLength": 200},
    "given_back": {"title": "Giấy tờ gốc trả lại", "x-kind": "text", "maxLength": 300},
    "withheld": {"title": "Bản gốc thu lại", "x-kind": "text", "maxLength": 300},
    "place": {"title": "Nơi để hồ sơ giấy (tủ, ngăn)", "x-kind": "text", "maxLength": 100},
    "amount": {"title": "Số tiền", "x-kind": "money"},
    "name": {"title": "Tên khoản phải nộp", "x-kind": "text", "maxLength": 200},
    "approved_by": {"title": "Người đứng đầu đã đồng ý", "x-kind": "name", "maxLength": 100},
    "decision": {"title": "Căn cứ xoá (văn bản, số; không ghi tên người)", "x-kind": "text", "maxLength": 300},
    "code_again": {"title": "Gõ lại mã hồ sơ", "x-kind": "text", "maxLength": 60},
}
"""Field of a form -> its specification (``desktop.fields``)."""


@dataclass(frozen=True)
class Way:
    """One act. ``form``: title of its form, "" when it needs none; ``asks``: fields of the form; ``ticks``: it lists the papers
    of the case; ``icon`` of the button; ``go``: what the form's button says, "" for the usual words."""

    event: str
    words: str
    verb: Verb
    form: str = ""
    asks: tuple[str, ...] = ()
    ticks: bool = False
    icon: str = ""
    method: str = ""
    go: str = ""

    @property
    def name(self) -> str:
        """The object name of its button."""
        return f"act.{self.event}" + (f".{self.method}" if self.method else "")


def _day(values: Values) -> datetime:
    """The new date at closing time. :raises Problem: ``date_malformed``."""
    try:
        return datetime.combine(datetime.fromisoformat(str(values["date"] or "")), _CLOSING, VIETNAM)
    except ValueError as error:
        raise Problem("date_malformed") from error


def _items(values: Values) -> list[dict[str, Any]]:
    items = [{"paper": n.code, "name": n.name, "reason": values["reason"]} for n in values["papers"]]
    other = {"name": values["other"], "reason": values["reason"], "basis": values["basis"]}
    return items + ([other] if values["other"] else [])


def _person(values: Values) -> dict[str, Any]:
    return {k: values[k] for k in ("full_name", "personal_id", "phone") if values[k]}


def _pay(method: str) -> Verb:
    return lambda c, d, who, v: money.pay(c, d, who, method)


def _receive(counter: Counter, dossier: str, who: str, values: Values) -> Changes:
    return intake.receive_filed(counter, dossier, who).changes


def _brought(counter: Counter, dossier: str, who: str, values: Values) -> Changes:
    if not values["papers"]:
        raise Problem("nothing_brought")
    papers = [{"code": n.code, "name": n.name, **_counts(n)} for n in values["papers"]]
    return acts.receive_supplement(counter, dossier, who, papers)


def _counts(need: Any) -> dict[str, int]:
    found = {k: getattr(need, k) for k in ("originals", "certified", "copies") if getattr(need, k)}
    return found or {"copies": 1}


def _erase(counter: Counter, dossier: str, who: str, values: Values) -> Changes:
    """:raises Problem: ``code_differs``: what cannot be undone is not done by a slip."""
    if str(values["code_again"] or "").strip().upper() != str(counter.dossier(dossier)["code"]).upper():
        raise Problem("code_differs")
    return erasure.erase(counter, dossier, who, str(values["decision"] or ""))


def _results(values: Values) -> list[dict[str, Any]]:
    one = {k: values[k] for k in ("number", "about") if values[k]}
    return [one] if one else []


WAYS: tuple[Way, ...] = (
    Way("received", "Tiếp nhận hồ sơ trực tuyến", _receive, icon="file-plus"),
    Way(
        "guided",
        "Hướng dẫn bổ sung…",
        lambda c, d, w, v: intake.guide(c, {"id": d}, w, _items(v), v["reason"] or ""),
        "Cần bổ sung những gì?",
        ("reason", "other", "basis"),
        ticks=True,
        icon="file-arrow-up",
    ),
    Way(
        "declined",
        "Từ chối tiếp nhận…",
        lambda c, d, w, v: intake.decline(c, {"id": d}, w, v["reason"] or "", v["basis"] or "", v["guidance"] or ""),
        "Từ chối vì sao?",
        ("reason", "basis", "guidance"),
        icon="x-circle",
    ),
    Way(
        "supplement_received",
        "Đã nhận bổ sung…",
        _brought,
        "Những gì đã yêu cầu, đã mang đến đủ chưa?",
        (),
        ticks=True,
        icon="tray",
    ),
    Way(
        "returned",
        "Trả kết quả…",
        lambda c, d, w, v: acts.hand_over(c, d, w, v | {"receiver": _person(v)}),
        "Ai nhận kết quả? (ký trên giấy biên nhận)",
        ("full_name", "personal_id", "phone", "authority", "given_back", "withheld"),
        icon="hand",
    ),
    Way(
        "finished",
        "Có kết quả…",
        lambda c, d, w, v: acts.finish(c, d, w, _results(v)),
        "Kết quả đã về quầy",
        ("number", "about"),
        icon="check-square-offset",
    ),
    Way(
        "transferred",
        "Chuyển xử lý…",
        lambda c, d, w, v: acts.transfer(c, d, w, v["to"] or "", v["taker"] or "", v["note"] or ""),
        "Giao hồ sơ giấy cho ai?",
        ("to", "taker", "note"),
        icon="arrow-right",
    ),
    Way("arrived", "Nơi giải quyết đã nhận", lambda c, d, w, v: acts.arrive(c, d, w, v["now"]), icon="arrow-right"),
    Way(
        "supplement_requested",
        "Yêu cầu bổ sung…",
        lambda c, d, w, v: acts.request_supplement(c, d, w, _items(v), v["reason"] or ""),
        "Cần bổ sung những gì?",
        ("reason", "other", "basis"),
        ticks=True,
        icon="file-arrow-up",
    ),
    Way(
        "extended",
        "Xin lỗi, gia hạn…",
        lambda c, d, w, v: acts.extend(c, d, w, _day(v), v["reason"] or ""),
        "Hẹn lại ngày nào, vì sao?",
        ("date", "reason"),
        icon="clock-clockwise",
    ),
    Way("paid", "Thu tiền mặt", _pay("cash"), icon="money", method="cash"),
    Way("paid", "Đã chuyển khoản", _pay("transfer"), method="transfer"),
    Way(
        "reconciled",
        "Đối soát…",
        lambda c, d, w, v: money.reconcile(c, d, w, v["reference"] or ""),
        "Đã thấy tiền trên tài khoản",
        ("reference",),
    ),
    Way(
        "posted",
        "Gửi bưu chính…",
        lambda c, d, w, v: acts.post(c, d, w, v["tracking"] or ""),
        "Đã gửi qua bưu chính",
        ("tracking",),
        icon="envelope",
    ),
    Way(
        "post_failed",
        "Bưu chính hoàn lại…",
        lambda c, d, w, v: acts.post_failed(c, d, w, v["reason"] or ""),
        "Vì sao không phát được?",
        ("reason",),
    ),
    Way(
        "payment_requested",
        "Yêu cầu nộp phí…",
        lambda c, d, w, v: money.request_payment(c, d, w, v["amount"] or 0, v["name"] or "", v["basis"] or ""),
        "Khoản phải nộp thêm",
        ("name", "amount", "basis"),
    ),
    Way(
        "withdrawn",
        "Công dân rút hồ sơ…",
        lambda c, d, w, v: acts.withdraw(c, d, w, v["own_words"] or ""),
        "Người nộp đề nghị rút hồ sơ",
        ("own_words",),
    ),
    Way(
        "stopped",
        "Dừng xử lý…",
        lambda c, d, w, v: acts.stop(c, d, w, v["reason"] or "", v["basis"] or ""),
        "Dừng giải quyết vì sao?",
        ("reason", "basis"),
    ),
    Way(
        "refunded", "Hoàn trả tiền…", lambda c, d, w, v: money.refund(c, d, w, v["reason"] or ""), "Hoàn trả vì sao?", ("reason",)
    ),
    Way(
        "shelved", "Nơi để hồ sơ…", lambda c, d, w, v: acts.shelve(c, d, w, v["place"] or ""), "Hồ sơ giấy để ở đâu?", ("place",)
    ),
    Way(
        "authorised",
        "Ủy quyền…",
        lambda c, d, w, v: acts.authorise(c, d, w, _person(v), v["basis"] or ""),
        "Ai được nhận thay?",
        ("full_name", "personal_id", "phone", "basis"),
    ),
    Way(
        "annulled",
        "Huỷ mã (gõ nhầm)…",
        lambda c, d, w, v: acts.annul(c, d, w, v["reason"] or "", v["approved_by"] or ""),
        "Huỷ mã hồ sơ này? Mã không dùng lại",
        ("reason", "approved_by"),
    ),
)
"""Every act but the correction, which asks for a field of the dossier (``desktop.dossiers.correcting``)."""

ERASING = Way(
    "erased",
    "Xoá dữ liệu cá nhân…",
    _erase,
    "Xoá hẳn dữ liệu cá nhân của hồ sơ này? Không lấy lại được",
    ("decision", "code_again"),
    icon="eraser",
    go="Xoá hẳn",
)
"""Not an act of the dossier but about it; offered last, for what has ended."""
ERASING_SAID = (
    "Tên, số, địa chỉ, câu trả lời và bản quét bị xoá ở máy này, máy chủ và mọi quầy. Còn lại mã, thủ tục, ngày và số tiền. "
    "Trường hợp nào được xoá: cần xác nhận."
)


def suggested(event: str, dossier: dict[str, Any], procedure: Procedure | None) -> Values:
    """What a form begins with: the owner takes the result, the section is named by its field of administration."""
    who = dossier["applicant"]
    if event == "returned":
        return {k: who.get(k) for k in ("full_name", "personal_id", "phone")}
    if event == "transferred" and procedure is not None:
        decides = dossier["procedure"].get("decides")
        return {"to": decides or f"Công chức phụ trách {procedure.field}"}
    return {}
