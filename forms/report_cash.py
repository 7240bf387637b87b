"""Closing the till: what each operator took in each shift, gave back, and has to hand over."""

from collections import defaultdict
from collections.abc import Iterable

from forms.report import Cell, Check, Column, Figure, Movement, Report
from forms.report_counting import Scope

NOON = "12"
"""The hour at which the morning shift ends."""
_SHIFTS = {"1": "Sáng", "2": "Chiều"}  # in their order

_TAKEN, _GIVEN_BACK, _TRANSFERS = "Đã thu", "Đã trả lại", "Đối soát chuyển khoản"
_COLUMNS = (
    Column("Ngày", "day", width=12),
    Column("Cán bộ", width=24),
    Column("Ca", width=7),
    Column("Tiền mặt", "money", _TAKEN, 13),
    Column("Chuyển khoản", "money", _TAKEN, 13),
    Column("Tiền mặt", "money", _GIVEN_BACK, 13),
    Column("Chuyển khoản", "money", _GIVEN_BACK, 13),
    Column("Đã đối soát", "money", _TRANSFERS, 13),
    Column("Chờ đối soát", "money", _TRANSFERS, 13),
    Column("Tiền mặt phải nộp", "money", width=14),
)
_PLACE = {
    ("taken", "cash"): 0,
    ("taken", "transfer"): 1,
    ("returned", "cash"): 2,
    ("returned", "transfer"): 3,
    ("reconciled", "transfer"): 4,
}
_CASH, _TRANSFER, _BACK, _, _RECONCILED, _AWAITED, _NET = range(7)
_NOTES = (
    "Đơn vị tính: đồng. Ca sáng: trước 12 giờ; ca chiều: từ 12 giờ.",
    "Chờ đối soát: chuyển khoản đã nhận trong ca mà đến cuối kỳ chưa đối soát. Tiền mặt phải nộp: tiền mặt thu trừ trả lại.",
    "Bảng chốt tiền là giấy nội bộ của quầy, không thay biên lai (NĐ 254/2026/NĐ-CP).",
)
_Paid = list[tuple[int, str]]  # amounts with their dossiers


def build(scope: Scope) -> Report:
    """One row a day, operator and shift in which money moved."""
    shifts: dict[tuple[str, str, str, str], list[_Paid]] = defaultdict(lambda: [[] for _ in range(5)])
    found: defaultdict[str, int] = defaultdict(int)  # dossier -> what of its transfers was found on the account
    moved = [0] * 5
    for move in scope.movements:
        place = _PLACE.get((move.kind, move.method))
        if place is None or not scope.over(move.at):
            continue
        if place == _RECONCILED:
            found[move.dossier] += move.amount
        if scope.inside(move.at):
            shifts[_shift(move, scope)][place].append((move.amount, move.dossier))
            moved[place] += move.amount
    order = sorted(shifts)
    sheets = [[*shifts[key], _awaited(shifts[key][_TRANSFER], found), _net(shifts[key])] for key in order]
    total = tuple(money(pair for sheet in sheets for pair in sheet[n]) for n in range(7))
    rows: list[tuple[Cell, ...]] = []
    for (day, name, _, shift), sheet in zip(order, sheets, strict=True):
        rows.append((day, name, _SHIFTS[shift], *map(money, sheet)))
    return scope.report(
        _COLUMNS,
        rows,
        _NOTES,
        total=("", "Tổng số", "", *total),
        checks=(
            Check("Tổng của các ca = tổng tiền đã ghi trong kỳ", [one.value for one in total[:5]] == moved),
            Check("Tiền mặt phải nộp = tiền mặt thu − tiền mặt trả lại", total[_NET].value == moved[_CASH] - moved[_BACK]),
        ),
        summary=(
            ("Tiền mặt phải nộp (đồng)", total[_NET]),
            ("Thu tiền mặt (đồng)", total[_CASH]),
            ("Thu chuyển khoản (đồng)", total[_TRANSFER]),
            ("Chờ đối soát (đồng)", total[_AWAITED]),
        ),
    )


def _shift(move: Movement, scope: Scope) -> tuple[str, str, str, str]:
    """What the rows are ordered by: two operators of one name stay two."""
    name = scope.house.operators.get(move.operator, move.operator)
    return move.at[:10], name, move.operator, "1" if move.at[11:13] < NOON else "2"


def _net(sheet: list[_Paid]) -> _Paid:
    return sheet[_CASH] + [(-amount, dossier) for amount, dossier in sheet[_BACK]]


def _awaited(transfers: _Paid, found: dict[str, int]) -> _Paid:
    """What of these transfers was not found on the account; what was found is used up, oldest day first."""
    left = []
    for amount, dossier in transfers:
        used = min(amount, found.get(dossier, 0))
        if used:
            found[dossier] -= used
        if amount > used:
            left.append((amount - used, dossier))
    return left


def money(paid: Iterable[tuple[int, str]]) -> Figure:
    """A sum in đồng and the dossiers it comes from, each once."""
    pairs = list(paid)
    return Figure(sum(amount for amount, _ in pairs), tuple(dict.fromkeys(dossier for _, dossier in pairs)))
