"""Who did the work, and who brings dossiers for many owners. Numbers only: nothing here judges anybody."""

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

from forms.names import fold
from forms.report import Chart, Column, Figure, Report
from forms.report_cash import money
from forms.report_counting import Scope, figure

MANY_OWNERS = 5
"""Owners from which a submitter is listed: our own threshold, *cần xác nhận*; no law names one."""


def clerks(scope: Scope) -> Report:
    """What each operator received, and the money each took."""
    received: defaultdict[str, list[str]] = defaultdict(list)
    for fact in scope.dossiers():
        if scope.inside(fact.received_at):
            received[fact.operator].append(fact.id)
    cash, transfer = taken = (defaultdict[str, list[tuple[int, str]]](list), defaultdict[str, list[tuple[int, str]]](list))
    for move in scope.movements:
        if move.kind == "taken" and scope.inside(move.at):
            (cash if move.method == "cash" else transfer)[move.operator].append((move.amount, move.dossier))
    names = {one: scope.house.operators.get(one, one) for one in {*received, *cash, *transfer}}
    order = sorted(names, key=lambda one: (-len(received[one]), fold(names[one]), one))
    figures = {one: (figure(received[one]), money(cash[one]), money(transfer[one])) for one in order}
    total = (figure(chain(*received.values())), *(money(chain(*sums.values())) for sums in taken))
    bars = tuple((names[one], figures[one][0]) for one in order)
    return scope.report(
        (
            Column("Cán bộ", width=30),
            Column("Tiếp nhận", "count", width=12),
            Column("Tiền mặt", "money", "Đã thu (đồng)", 14),
            Column("Chuyển khoản", "money", "Đã thu (đồng)", 14),
        ),
        [(names[one], *figures[one]) for one in order],
        ("Hồ sơ tính cho người tiếp nhận; tiền tính cho người thu, chưa trừ tiền trả lại.",),
        total=("Tổng số", *total),
        charts=(Chart("Hồ sơ tiếp nhận theo cán bộ", bars),) if bars else (),
        summary=(("Tiếp nhận", total[0]), ("Thu tiền mặt (đồng)", total[1]), ("Thu chuyển khoản (đồng)", total[2])),
    )


class _Brought(NamedTuple):
    """What is kept of a dossier that somebody brought."""

    dossier: str
    owner: str
    name: str
    phone: str


_Group = list[_Brought]


_NOTES = (
    "Bảng này chỉ đếm, không kết luận về ai: người nộp hộ có thể là người thân, người được ủy quyền, nhân viên bưu chính hoặc "
    "tổ công nghệ số cộng đồng.",
    f"Liệt kê từ {MANY_OWNERS} chủ hồ sơ khác nhau trong kỳ; ngưỡng do phần mềm đặt, cần xác nhận. "
    "Lập để rà soát theo Công điện 111/CĐ-TTg, cách áp dụng cần xác nhận.",
    "Có dữ liệu cá nhân: chỉ người có trách nhiệm được xem, không niêm yết.",
)


def go_between(scope: Scope) -> Report:
    """Who filed for many different owners in the period; and telephone numbers that stand on the dossiers of many owners,
    unless one submitter already explains them."""
    people, phones = defaultdict[str, _Group](list), defaultdict[str, _Group](list)
    for fact in scope.dossiers():
        if not scope.inside(fact.received_at):
            continue
        one = _Brought(fact.id, fact.owner, fact.submitter_name or fact.owner_name, _number(fact.phone))
        if fact.submitter and fact.submitter != fact.owner:
            people[fact.submitter].append(one)
        if one.phone:
            phones[one.phone].append(one)
    persons, shared = _of_many(people), _of_many(phones)
    known = [{one.dossier for one in group} for group in persons]
    shared = [group for group in shared if not any(ids.issuperset(one.dossier for one in group) for ids in known)]
    rows = [_row("Người nộp", group) for group in persons] + [_row("Số điện thoại chung", group) for group in shared]
    brought = figure(one.dossier for group in (*persons, *shared) for one in group)
    return scope.report(
        (
            Column("Cách nhận ra", width=18),
            Column("Họ tên", width=36),
            Column("Số chủ hồ sơ", "count", width=10),
            Column("Số hồ sơ", "count", width=10),
            Column("Điện thoại", width=24),
        ),
        rows,
        _NOTES,
        summary=(
            (f"Người nộp cho từ {MANY_OWNERS} chủ hồ sơ", len(persons)),
            (f"Số điện thoại của từ {MANY_OWNERS} chủ hồ sơ", len(shared)),
            ("Hồ sơ liên quan", brought),
        ),
    )


def _number(phone: str) -> str:
    """One spelling for one telephone number."""
    digits = re.sub(r"\D", "", phone)
    return "0" + digits[2:] if digits.startswith("84") and len(digits) > 10 else digits


def _of_many(groups: Mapping[str, _Group]) -> list[_Group]:
    """Groups with dossiers of many owners, those with most owners first."""
    many = [group for group in groups.values() if len(group) >= MANY_OWNERS and _owners(group) >= MANY_OWNERS]
    return sorted(many, key=lambda group: (-_owners(group), fold(group[0].name)))


def _owners(group: _Group) -> int:
    return len({one.owner for one in group})


def _row(how: str, group: _Group) -> tuple[str, str, int, Figure, str]:
    """The first names and numbers are enough to know the group by."""
    names = list(dict.fromkeys(one.name for one in group))
    phones = list(dict.fromkeys(one.phone for one in group if one.phone))
    said = ", ".join(names[:3]) + (f" và {len(names) - 3} người khác" if len(names) > 3 else "")
    return how, said, _owners(group), figure(one.dossier for one in group), ", ".join(phones[:3])
