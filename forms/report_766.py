"""The indicators of QĐ 766/QĐ-TTg that a commune's counter can move, by the Portal's published description of its sums.

What is not measured here has a row without a number: never an invented one.
"""

from dataclasses import dataclass, field

from forms.report import Column, Fact, Report
from forms.report_06a import ONLINE
from forms.report_counting import Scope, after, figure, percent

_COLUMNS = (
    Column("Chỉ số", width=7),
    Column("Tên chỉ tiêu", width=34),
    Column("Đạt", "count", "Số hồ sơ", 9),
    Column("Trên tổng", "count", "Số hồ sơ", 9),
    Column("Tỷ lệ", "percent", width=9),
    Column("Mục tiêu", "percent", width=9),
    Column("Ghi chú", width=52),
)
_NOTES = (
    "Số liệu của máy này để theo dõi hằng ngày; điểm chính thức do Cổng Dịch vụ công quốc gia tính.",
    "Đúng hạn (2.1) so theo giờ: lúc kết thúc xử lý với ngày hẹn trả. Hồ sơ chưa xong lấy thời điểm cuối kỳ; hồ sơ đang chờ "
    "người nộp lấy lúc yêu cầu; bị yêu cầu bổ sung hơn một lần tính quá hạn; không có ngày hẹn tính đúng hạn (cần xác nhận).",
    "Tình trạng đồng bộ (1.4) là của lúc lập báo cáo, không phải của ngày cuối kỳ.",
)
_SYNC = (
    "Cổng lấy mẫu số là số lớn hơn giữa hệ thống báo cáo và Cổng, máy này chỉ biết số của mình; "
    "Cổng tính từ lúc nào là đã đồng bộ: cần xác nhận."
)
_GATEWAY = "Hồ sơ đã có ở cổng xã; hệ thống quốc gia có thể chưa nhận hoặc đã trả lại."
_IN_TIME = "Hồ sơ tiếp nhận hoặc xử lý trong kỳ."
_ONLINE = "Cổng còn đòi kết quả điện tử và nhân với tỷ lệ đồng bộ (1.4): số của Cổng có thể thấp hơn."
_TRANSFER = "Chuyển khoản tại quầy không phải kênh thanh toán trực tuyến quốc gia, không tính vào 3.6; chỉ để tham khảo."
_NOT_MEASURED = "Chưa đo trên máy này."
_UNMEASURED = (
    ("4.2", "Hồ sơ thực hiện số hóa", 80.0),
    ("4.3", "Hồ sơ khai thác, sử dụng lại dữ liệu số hóa", 80.0),
    ("5.4", "Mức độ hài lòng trong tiếp nhận, giải quyết", 90.0),
)
_AT_GATEWAY = frozenset({"received", "accepted", "refused"})


@dataclass
class _Counts:
    """Ids by what they count for."""

    received: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    at_gateway: list[str] = field(default_factory=list)
    online: list[str] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    in_time: list[str] = field(default_factory=list)


def build(scope: Scope) -> Report:
    """One row an indicator: how many of how many, the share, the target where one is published, what to know."""
    counts = _counts(scope)
    paid, transferred = _paid(scope)
    measured = (
        ("1.4", "Hồ sơ hệ thống quốc gia đã chấp nhận", counts.accepted, counts.received, None, _SYNC),
        ("1.4", "Hồ sơ đã lên cổng xã", counts.at_gateway, counts.received, None, _GATEWAY),
        ("2.1", "Hồ sơ xử lý đúng hạn, trong hạn", counts.in_time, counts.handled, None, _IN_TIME),
        ("3.3", "Hồ sơ nộp trực tuyến", counts.online, counts.received, 50.0, _ONLINE),
        ("3.6", "Hồ sơ có thu tiền bằng chuyển khoản", transferred, paid, None, _TRANSFER),
    )
    rows = []
    for number, name, part_ids, whole_ids, target, remark in measured:
        part, whole = figure(part_ids), figure(whole_ids)
        rows.append((number, name, part, whole, percent(part, whole), target, remark))
    unknown = [(number, name, None, None, None, target, _NOT_MEASURED) for number, name, target in _UNMEASURED]
    shares = [(row[1], row[4]) for row in (rows[2], rows[0], rows[3])]
    summary = (("Tiếp nhận trong kỳ", figure(counts.received)), *shares)
    return scope.report(_COLUMNS, [*rows, *unknown], _NOTES, summary=summary)


def _counts(scope: Scope) -> _Counts:
    counts = _Counts()
    for fact in scope.dossiers():
        if scope.inside(fact.received_at):
            counts.received.append(fact.id)
            if fact.delivery == "accepted":
                counts.accepted.append(fact.id)
            if fact.delivery in _AT_GATEWAY:
                counts.at_gateway.append(fact.id)
            if fact.channel == ONLINE:
                counts.online.append(fact.id)
        if fact.finished_at and fact.finished_at[:10] < scope.first:
            continue
        counts.handled.append(fact.id)
        if in_time(fact, scope):
            counts.in_time.append(fact.id)
    return counts


def in_time(fact: Fact, scope: Scope) -> bool:
    """Indicator 2.1: whether the clock stopped by the due moment, or stands before it, at the end of the period."""
    if fact.supplements > 1:
        return False
    if not fact.return_at:
        return True
    ended = fact.finished_at if scope.over(fact.finished_at) else None
    return not after(ended or scope.awaited(fact) or scope.end, fact.return_at)


def _paid(scope: Scope) -> tuple[list[str], list[str]]:
    """Dossiers for which money was taken in the period, and those of them that paid by transfer."""
    taken = [m for m in scope.movements if m.kind == "taken" and m.amount and scope.inside(m.at)]
    return [m.dossier for m in taken], [m.dossier for m in taken if m.method == "transfer"]
