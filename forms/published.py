"""What the national portal publishes of procedures, as the relay tells it to the counters: acts become versions of procedures.

``procedure_published {code, version, valid_from, record, listed}``: ``record`` as ``LayThuTuc`` gives it, without what the
product does not use. ``procedure_withdrawn {code, from}``: the portal no longer shows it. Every version stays, because a dossier
keeps the one it was received under.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from forms.names import date_vn
from forms.procedure import Case, Doubt, Procedure

PUBLISHED, WITHDRAWN = "procedure_published", "procedure_withdrawn"
_NOT_DATED = "Bản ghi của cổng không ghi ngày áp dụng; tạm tính từ ngày nhận bản ghi là {day}, cần xác nhận."


class Version:
    """One published version. It is read into a procedure when somebody asks for it: of thousands most are only counted. Any
    thread may ask."""

    review: Literal["imported"] = "imported"

    def __init__(self, body: Mapping[str, Any]) -> None:
        """:raises ValueError: no code, no version, or ``valid_from`` is no date."""
        self.code, self.version, self.valid_from = (str(body.get(k) or "") for k in ("code", "version", "valid_from"))
        if not self.code or not self.version or not is_date(self.valid_from):
            raise ValueError("no published version")
        self._body: Mapping[str, Any] = body
        self._procedure: Procedure | None = None

    @property
    def procedure(self) -> Procedure | None:
        """None for a record that this program cannot read."""
        body = self._body  # first: another thread may be letting go of it
        if self._procedure is None and body:
            self._procedure, self._body = _read(body, self.version, self.valid_from), {}
        return self._procedure


def _read(body: Mapping[str, Any], version: str, valid_from: str) -> Procedure | None:
    from forms.portal_records import import_records  # only where a portal has published something: 15 ms at every other start

    record = body.get("record")
    if not isinstance(record, Mapping):
        return None
    found = import_records([{**record, "VALID_FROM": valid_from}], "laythutuc").procedures
    if not found:
        return None
    one, doubts = found[0], found[0].doubts
    if record.get("VALID_FROM") != valid_from:
        doubts = (*doubts, Doubt("validity", _NOT_DATED.format(day=date_vn(date.fromisoformat(valid_from)))))
    return replace(one, version=version, doubts=doubts, cases=tuple(_named_by_content(case) for case in one.cases))


def _named_by_content(case: Case) -> Case:
    """Ids that say what they name: what a draft ticked under one version must never count for another paper, or another case,
    that stands at the same place in the next version."""
    papers = tuple(replace(p, code=f"P{_mark([p.name, p.originals, p.copies])}") for p in case.papers)
    return replace(case, id=f"case_{_mark(case.name)}", papers=papers)


def _mark(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:10]


def is_date(text: str) -> bool:
    """A day as ISO writes it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def standing(acts: Iterable[Version | Mapping[str, Any]]) -> tuple[list[Version], dict[str, str]]:
    """What a row of acts comes to.

    :param acts: a version that was published, or the body of a withdrawal, in the order in which they were said.
    :returns: every version, the present one of each procedure last; and which procedures are withdrawn: code -> since (ISO).
    """
    versions: dict[tuple[str, str], Version] = {}
    withdrawn: dict[str, str] = {}
    for act in acts:
        if isinstance(act, Version):
            versions.pop((act.code, act.version), None)  # said again: from now on it is the present one
            versions[(act.code, act.version)] = act
            withdrawn.pop(act.code, None)
        elif is_date(str(act.get("from"))):
            withdrawn[str(act.get("code"))] = str(act["from"])
    return list(versions.values()), withdrawn
