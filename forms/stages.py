"""Where a dossier (hồ sơ) stands, the official numbers of that, and what may follow what. Nothing else decides it: the fold
marks what this table forbids, the screen offers what it allows."""

from enum import StrEnum


class Stage(StrEnum):
    """The business axis, in our words. ``GUIDED``: told what is still missing, before reception. ``SUPPLEMENT`` and
    ``PAYMENT``: the resident completes or pays, the clock stands still. ``ANNULLED``: typed by mistake, its code is void."""

    UNKNOWN = "unknown"
    FILED = "filed"
    GUIDED = "guided"
    DECLINED = "declined"
    RECEIVED = "received"
    PROCESSING = "processing"
    SUPPLEMENT = "supplement"
    PAYMENT = "payment"
    FINISHED = "finished"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    ANNULLED = "annulled"


_S = Stage
OFFICIAL: dict[Stage, int] = {
    _S.FILED: 1,
    _S.RECEIVED: 2,
    _S.DECLINED: 3,
    _S.PROCESSING: 4,
    _S.SUPPLEMENT: 5,
    _S.PAYMENT: 6,
    _S.WITHDRAWN: 7,
    _S.STOPPED: 8,
    _S.FINISHED: 9,
    _S.RETURNED: 10,
}
"""TrangThaiHoSo of the national service. A walk-in that was only guided, and an annulled one, have none."""

RUNNING = frozenset({_S.RECEIVED, _S.PROCESSING})
"""The clock runs."""
PAUSED = frozenset({_S.SUPPLEMENT, _S.PAYMENT})
"""The clock stands still, the resident is awaited."""
OPEN = RUNNING | PAUSED
"""Received, and no end yet."""
ENDED = frozenset({_S.FINISHED, _S.RETURNED, _S.WITHDRAWN, _S.STOPPED})
_BEFORE = frozenset({_S.UNKNOWN, _S.FILED, _S.GUIDED})
_TAKEN_IN = OPEN | ENDED
_ANY = frozenset(Stage)

MAY: dict[str, frozenset[Stage]] = {
    "filed": frozenset({_S.UNKNOWN}),
    "guided": _BEFORE,
    "declined": _BEFORE,
    "received": _BEFORE,
    "transferred": RUNNING,
    "arrived": OPEN,
    "supplement_requested": RUNNING,
    "supplement_received": frozenset({_S.SUPPLEMENT}),
    "payment_requested": RUNNING,
    "extended": RUNNING,
    "suspended": _TAKEN_IN,
    "withdrawn": OPEN,
    "stopped": OPEN - {_S.RECEIVED},
    "finished": RUNNING,
    "posted": frozenset({_S.FINISHED}),
    "post_failed": frozenset({_S.FINISHED}),
    "returned": frozenset({_S.FINISHED}),
    "annulled": frozenset({_S.RECEIVED}),
    "paid": _TAKEN_IN,
    "reconciled": _TAKEN_IN | {_S.ANNULLED},
    "refunded": _TAKEN_IN | {_S.ANNULLED},
    "shelved": _TAKEN_IN - {_S.RETURNED},
    "authorised": OPEN | {_S.FINISHED},
    "corrected": _TAKEN_IN,
    "attached": _ANY - {_S.UNKNOWN, _S.ANNULLED},
    "settled": _ANY,
    "accepted": _ANY,
    "refused": _ANY,
    "entered_elsewhere": _TAKEN_IN,
}
"""Event -> stages in which it may come (one-stop rules, TrangThaiHoSo and the transitions between them). An event of a newer
version, not named here, moves nothing and is allowed everywhere. Conditions on money, result and dates stand with the steps."""


def may(event: str, stage: Stage) -> bool:
    """Whether the table lets this event come in this stage."""
    return stage in MAY.get(event, _ANY)


STAGE_WORDS: dict[Stage, str] = {
    _S.UNKNOWN: "Chưa rõ",
    _S.FILED: "Mới đăng ký",
    _S.GUIDED: "Đã hướng dẫn bổ sung",
    _S.DECLINED: "Không được tiếp nhận",
    _S.RECEIVED: "Được tiếp nhận",
    _S.PROCESSING: "Đang xử lý",
    _S.SUPPLEMENT: "Yêu cầu bổ sung giấy tờ",
    _S.PAYMENT: "Yêu cầu thực hiện nghĩa vụ tài chính",
    _S.FINISHED: "Đã xử lý xong",
    _S.RETURNED: "Đã trả kết quả",
    _S.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    _S.STOPPED: "Dừng xử lý",
    _S.ANNULLED: "Đã huỷ mã",
}
"""The official names (national service), where there is one."""
