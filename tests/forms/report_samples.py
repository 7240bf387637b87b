"""Facts and movements for tests of reports, and a quarter with every boundary in it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from forms.report import Cell, Fact, Figure, House, Movement, Period, Report
from forms.reports import KINDS, build
from forms.working_days import VIETNAM

QUARTER = Period(date(2026, 9, 15), date(2026, 12, 14))
LATER = datetime(2027, 1, 5, 9, 0, tzinfo=VIETNAM)
PROFILE = {"unit": "H38.27.09", "name": "xã Yên Thượng", "province": "tỉnh Lào Cai"}
PROFILE |= {"centre": "Trung tâm Phục vụ hành chính công xã Yên Thượng"}
HOUSE = House(PROFILE, {"CB1": "Lò Thị Hạnh", "CB2": "Vàng A Páo"}, {"q1": "Quầy 1", "q2": "Quầy 2"}, "q1")
BUILT = [kind for kind in KINDS if kind != "register"]


def moment(day: str, hour: str = "09:00") -> str:
    """``"11-23"`` is a day of 2026."""
    return f"{day if len(day) == 10 else '2026-' + day}T{hour}:00+07:00"


def fact(one: str, received: str, due: str | None = None, finished: str | None = None, **more: Any) -> Fact:
    usual: dict[str, Any] = {"procedure": "1.001193", "procedure_name": "Đăng ký khai sinh", "field": "Hộ tịch", "channel": "1"}
    usual |= {"stage": "finished" if finished else "received", "ended": "finished" if finished else "", "returned_at": None}
    usual |= {"pauses": (), "supplements": 0, "counter": "q1", "operator": "CB1", "competent": "", "delivery": "accepted"}
    usual |= {"owner": f"chủ {one}", "owner_name": f"Chủ {one}", "submitter": "", "submitter_name": "", "phone": ""}
    moments = {"received_at": moment(received) if received else "", "return_at": moment(due, "17:00") if due else None}
    moments["finished_at"] = moment(finished) if finished else None
    return Fact(**({"id": one, "code": f"mã {one}"} | usual | moments | more))


def paid(at: str, kind: str, method: str, amount: int, dossier: str, operator: str = "CB1", hour: str = "09:00") -> Movement:
    return Movement(moment(at, hour), kind, method, amount, operator, "q1", dossier, f"mã {dossier}", "Chủ")


def made(kind: str, facts: Iterable[Fact], movements: Iterable[Movement] = (), period: Period = QUARTER) -> Report:
    return build(kind, period, iter(facts), iter(movements), HOUSE, LATER)


def plain(cells: Iterable[Cell]) -> list[Any]:
    return [cell.value if isinstance(cell, Figure) else cell for cell in cells]


def ids(cell: Cell) -> str:
    assert isinstance(cell, Figure)
    return " ".join(sorted(cell.dossiers))


DOSSIERS = [
    fact("first", "09-15", "09-18", "09-17", channel="2"),
    fact("last_day", "12-14", "12-17"),
    fact("next_day", "12-15", "12-18"),
    fact("due_day", "11-02", "11-05", "11-05", finished_at=moment("11-05", "17:30")),
    fact("closing", "12-01", "12-13", "12-14"),
    fact("after", "12-01", "12-14", "12-15"),
    fact("ended_before", "09-01", "09-14", "09-14"),
    fact("from_before", "09-01", "09-10", "09-15"),
    fact("overdue", "12-01", "12-13"),
    fact("waits", "11-20", "12-01", pauses=((moment("11-28"), None),), supplements=1),
    fact("waits_late", "11-20", "12-01", pauses=((moment("12-05"), moment("12-20")),), supplements=1),
    fact("went_on", "11-20", "12-01", pauses=((moment("11-28"), moment("12-02")),), supplements=1),
    fact("withdrawn", "11-20", "12-01", "12-10", ended="withdrawn", stage="withdrawn"),
    fact("stopped", "11-20", "12-01", "12-10", ended="stopped", stage="stopped"),
    fact("no_due", "11-20", None, "12-10"),
    fact("twice", "11-20", "12-10", "12-09", supplements=2),
    fact("annulled", "11-20", "12-10", stage="annulled"),
    fact("declined", "11-20", stage="declined"),
    fact("guided", "", stage="guided"),
]
"""Every boundary of a quarter once."""

ROW = {"code": "H38.27.09-261123-0002", "procedure_name": "Đăng ký khai sinh", "full_name": "Giàng Văn Ẩn", "how": "post"}
ROW |= {"contact": "Thôn Nà Lộc, 0900000111", "unit": None, "return_at": moment("11-24"), "returned_at": None, "note": ""}
"""A line of the register without its number and day."""
