"""Biểu II.06a/VPCP/KSTT (TT 01/2020/TT-VPCP under NĐ 09/2019/NĐ-CP): what came in, what is done, what is open, by field."""

from collections.abc import Iterable

from forms.names import fold
from forms.report import Check, Column, Fact, Figure, Report
from forms.report_counting import DONE, Scope, Standing, Tally

FORM = "Biểu số II.06a/VPCP/KSTT"
TITLE = "Tình hình, kết quả giải quyết thủ tục hành chính tại cơ quan, đơn vị trực tiếp giải quyết"
ONLINE = "2"
"""KenhThucHien of a dossier filed online; all others came over the counter or by post."""

_IN, _DONE, _OPEN = "Số hồ sơ nhận giải quyết", "Số hồ sơ đã giải quyết", "Số hồ sơ đang giải quyết"
_COLUMNS = (
    Column("TT", "text", width=5),
    Column("Lĩnh vực giải quyết", "text", width=34),
    Column("Tổng số", "count", _IN, 10),
    Column("Trong kỳ, trực tuyến", "count", _IN, 11),
    Column("Trong kỳ, trực tiếp, bưu chính", "count", _IN, 13),
    Column("Từ kỳ trước", "count", _IN, 10),
    Column("Tổng số", "count", _DONE, 10),
    Column("Trước hạn", "count", _DONE, 10),
    Column("Đúng hạn", "count", _DONE, 10),
    Column("Quá hạn", "count", _DONE, 10),
    Column("Tổng số", "count", _OPEN, 10),
    Column("Trong hạn", "count", _OPEN, 10),
    Column("Quá hạn", "count", _OPEN, 10),
)
_FIRST = 3
"""Number that the form gives to the first counted column."""
_ALL, _ONLINE, _COUNTER, _BEFORE, _DONE_ALL, _EARLY, _ON_TIME, _LATE, _OPEN_ALL, _IN_TIME, _OVERDUE = range(11)
_PLACE = {
    Standing.EARLY: _EARLY,
    Standing.ON_TIME: _ON_TIME,
    Standing.LATE: _LATE,
    Standing.OPEN: _IN_TIME,
    Standing.OVERDUE: _OVERDUE,
}
_SUMS = (
    (_ALL, (_ONLINE, _COUNTER, _BEFORE)),
    (_DONE_ALL, (_EARLY, _ON_TIME, _LATE)),
    (_OPEN_ALL, (_IN_TIME, _OVERDUE)),
    (_ALL, (_DONE_ALL, _OPEN_ALL)),
)
_NOTES = (
    "Đơn vị tính: số hồ sơ thủ tục hành chính. Tình trạng hồ sơ tính tại ngày cuối kỳ.",
    "Cột theo biểu đang in ở các hệ thống một cửa; biểu hiện hành và nơi nhận báo cáo sau NĐ 309/2026/NĐ-CP cần xác nhận.",
    "Trước, đúng, quá hạn so theo ngày: ngày có kết quả với ngày hẹn trả đang có hiệu lực (đã tính tạm dừng, gia hạn).",
    "Hồ sơ người nộp rút, hồ sơ dừng giải quyết và hồ sơ không có ngày hẹn tính là đúng hạn (cách làm đang dùng, cần xác nhận).",
    "Hồ sơ đang chờ người nộp bổ sung hoặc nộp tiền tính là trong hạn (cách làm đang dùng, cần xác nhận).",
    "Không tính hồ sơ từ chối, hồ sơ mới được hướng dẫn và hồ sơ đã hủy.",
)


def build(scope: Scope) -> Report:
    """One row a field (lĩnh vực), a total, and the sums the form must show."""
    tally = Tally(len(_COLUMNS) - 2)
    for fact in scope.dossiers():
        standing = scope.standing(fact)
        if standing is not None:
            places = (_ALL, _source(fact, scope), _DONE_ALL if standing in DONE else _OPEN_ALL, _PLACE[standing])
            tally.add(fact.field, places, fact.id)
    fields = sorted(tally.rows, key=lambda field: (not field, fold(field)))
    lines = [(field or "Chưa rõ lĩnh vực", tally.figures(field)) for field in fields]
    total = tally.total()
    return scope.report(
        _COLUMNS,
        [(str(n), name, *figures) for n, (name, figures) in enumerate(lines, 1)],
        _NOTES,
        form=FORM,
        title=TITLE,
        total=("", "Tổng số", *total),
        checks=tuple(_checks([*lines, ("Tổng số", total)])),
        summary=(
            ("Nhận giải quyết", total[_ALL]),
            ("Đã giải quyết", total[_DONE_ALL]),
            ("Đã giải quyết quá hạn", total[_LATE]),
            ("Đang giải quyết", total[_OPEN_ALL]),
            ("Đang giải quyết quá hạn", total[_OVERDUE]),
        ),
    )


def _source(fact: Fact, scope: Scope) -> int:
    if fact.received_at[:10] < scope.first:
        return _BEFORE
    return _ONLINE if fact.channel == ONLINE else _COUNTER


def _checks(lines: list[tuple[str, tuple[Figure, ...]]]) -> Iterable[Check]:
    """The sums of the form, each over every line; a sum that fails names the lines it fails in."""
    for whole, parts in _SUMS:
        wrong = [name for name, row in lines if row[whole].value != sum(row[part].value for part in parts)]
        words = f"({whole + _FIRST}) = " + " + ".join(f"({part + _FIRST})" for part in parts)
        yield Check(words + (", sai ở: " + "; ".join(wrong) if wrong else ", mọi dòng"), not wrong)
