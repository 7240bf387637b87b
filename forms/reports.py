"""The reports of a counter by kind: what they are called, and which builder makes them of what happened in a period."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from forms import report_06a, report_766, report_cash, report_people, report_register, report_work
from forms.names import fold
from forms.problem import Problem
from forms.report import Fact, House, Movement, Period, Report
from forms.report_counting import Scope

__all__ = ["KINDS", "build", "kind_of", "register"]

KINDS: dict[str, str] = {
    "register": "Sổ theo dõi hồ sơ",
    "ii06a": "Biểu II.06a: kết quả giải quyết thủ tục hành chính",
    "766": "Bộ chỉ số 766: phục vụ người dân, doanh nghiệp",
    "daily": "Số liệu theo ngày",
    "procedures": "Kết quả theo thủ tục",
    "clerks": "Kết quả theo cán bộ",
    "cash": "Chốt tiền theo ca",
    "competent": "Hồ sơ tiếp nhận phi địa giới",
    "go_between": "Người nộp hộ cho nhiều chủ hồ sơ",
}
"""Kind -> title, in the order of the menu."""

_BUILDERS: dict[str, Callable[[Scope], Report]] = {
    "ii06a": report_06a.build,
    "766": report_766.build,
    "daily": report_work.daily,
    "procedures": report_work.procedures,
    "clerks": report_people.clerks,
    "cash": report_cash.build,
    "competent": report_work.competent,
    "go_between": report_people.go_between,
}
"""All kinds but the register, which lists whole dossiers: ``register``."""


def build(
    kind: str,
    period: Period,
    facts: Iterable[Fact],
    movements: Iterable[Movement],
    house: House,
    now: datetime,
) -> Report:
    """The report of a kind. Facts and movements are read once, in one pass, and may come from before and after the period.

    :param kind: as ``kind_of`` gives it, but ``register``.
    :param now: with its zone. A period that still runs is told as it stands now.
    :raises Problem: ``report_unknown``, ``period_reversed``.
    """
    if kind not in _BUILDERS:
        raise Problem("report_unknown", kinds=list(_BUILDERS))
    _check(period)
    return _BUILDERS[kind](Scope.of(kind, KINDS[kind], period, facts, movements, house, now))


def register(rows: Iterable[Mapping[str, object]], period: Period, house: House) -> Report:
    """The register (Mẫu số 07) of a period. :param rows: as ``forms.papers.register_row`` makes them; ``counter`` (id) where
    they come from several counters, ``id`` of the dossier where it is known. :raises Problem: ``period_reversed``."""
    _check(period)
    return report_register.build(rows, period, house, KINDS["register"])


def _check(period: Period) -> None:
    if period.first > period.last:
        raise Problem("period_reversed", first=period.first.isoformat(), last=period.last.isoformat())


_OTHER_NAMES = {
    "register": "so sotheodoi sotheodoihoso 07 mau07",
    "ii06a": "06a 6a ii6a 06",
    "766": "qd766 chiso766 bochiso766 bochiso",
    "daily": "ngay theongay sotheongay",
    "procedures": "thutuc theothutuc procedure",
    "clerks": "canbo theocanbo clerk",
    "cash": "tien chottien chotca quy chotquy",
    "competent": "phidiagioi thamquyen coquan",
    "go_between": "nopho nguoinopho",
}


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


_KIND_OF = {name: kind for kind, names in _OTHER_NAMES.items() for name in names.split()}
_KIND_OF |= {_bare(said): kind for kind, title in KINDS.items() for said in (kind, title)}
_AROUND = re.compile(r"^(baocao|bieumau|bieuso|bieu|mauso|form|report)|(vpcpkstt|qdttg)$")


def kind_of(text: str) -> str:
    """The kind that somebody means: ``II.06a``, ``Biểu II.06a/VPCP/KSTT``, ``766/QĐ-TTg``, ``so-theo-doi``, ``chốt ca`` …

    :raises Problem: ``report_unknown`` with the kinds there are.
    """
    bare = _bare(text)
    kind = _KIND_OF.get(bare) or _KIND_OF.get(_AROUND.sub("", bare))
    if kind is None:
        raise Problem("report_unknown", kinds=list(KINDS))
    return kind
