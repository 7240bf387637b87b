"""Every sentence about a failure: Problem code -> one Vietnamese sentence and one advice, the English beside it.

The one place, with the words themselves in ``failure_words``; a test finds every code that ``forms`` and ``sync`` raise and
asks for it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any

from desktop.failure_words import WORDS
from forms.names import date_vn
from forms.problem import Problem


@dataclass(frozen=True)
class Message:
    """What happened and what to do, for a clerk; the English for whoever supports them."""

    sentence: str
    advice: str
    english: str


class _Missing(Formatter):
    """A detail that is not there leaves a dash, never a broken message."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "–")


_FILL = _Missing()


def of(problem: Problem) -> Message:
    """The message of a problem. A code without one is a bug of ours and says so politely; the test prevents it."""
    found = MESSAGES.get(problem.code) or MESSAGES["unknown_problem"]
    fill = problem.details | {"code": problem.code}
    return Message(
        _FILL.vformat(found.sentence, (), fill),
        _FILL.vformat(found.advice, (), fill),
        _FILL.vformat(found.english, (), fill),
    )


def sentence(problem: Problem) -> str:
    """Sentence and advice in one line."""
    found = of(problem)
    return f"{found.sentence} {found.advice}".strip()


def finding(code: str, kind: str = "") -> str:
    """A finding of ``forms.validation`` in two to six words, to stand beside a label of a field of that ``kind``."""
    return FINDINGS.get(f"{code} {kind}") or FINDINGS.get(code, "cần xem lại")


def day_words(day: date, today: date) -> str:
    """``hôm nay, 23/11/2026``, ``mai, …``, or the date alone."""
    near = {0: "hôm nay, ", 1: "ngày mai, "}.get((day - today).days, "")
    return near + date_vn(day)


_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


def weekday(day: date | datetime) -> str:
    """``Thứ Hai``."""
    return _WEEKDAYS[day.weekday()]


FINDINGS = {
    "missing": "còn thiếu",
    "malformed": "chưa đúng dạng",
    "malformed personal_number": "cần đủ 12 chữ số",
    "malformed date": "chưa đúng",
    "malformed partial_date": "chưa đúng",
    "malformed phone": "chưa đúng số",
    "digits_in_name": "tên có chữ số",
    "not_in_list": "không có trong danh sách",
    "unknown": "không có trong thủ tục",
    "in_future": "ngày chưa tới",
    "too_long": "dài quá",
    "too_many": "nhiều dòng quá",
    "unprintable": "có ký tự không in được",
    "filler_number": "số giả, ghi lý do chưa có số",
    "malformed time": "chưa đúng giờ",
    "personal_id_malformed": "cần đủ 12 chữ số",
    "personal_id_province_unknown": "mã tỉnh lạ, xem lại",
    "personal_id_year_differs": "năm sinh khác với số",
    "personal_id_gender_differs": "giới tính khác với số",
}

MESSAGES = {code: Message(*words) for code, words in WORDS.items()}
