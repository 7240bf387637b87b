"""What stays of a dossier (hồ sơ) after the data of its persons were erased by law: enough for the register, statistics and the
cash book, nothing about anybody.

The act is ``erased``: an act of the counter, not of the dossier, so that its own body stays readable: ``{"dossier", "basis",
"asked_at", "kept", "money"}``. Which basis obliges an office to erase, and how that stands to the duty to keep records (Luật Lưu
trữ 33/2024/QH15), is *cần xác nhận*: the program asks for the basis and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from forms.stages import ENDED, Stage

if TYPE_CHECKING:
    from forms.dossier import Act, Dossier

EVENT = "erased"
STAGES = ENDED | {Stage.ANNULLED, Stage.DECLINED}
"""Only what has come to an end: an open dossier is withdrawn or stopped first, by an act of its own."""
_TEXTS = (
    "code official_code channel filed_at received_at return_at first_return_at finished_at returned_at arrived_at verdict".split()
)
_PARTS = {
    "procedure": ("code", "version", "name", "decides"),
    "received_by": ("counter", "operator"),
    "competent": ("unit", "name"),
    "return_to": ("unit",),
    "fees": ("total",),
    "payment": ("state", "amount", "method"),
    "result": ("state",),
}
_NUMBERS = ("register", "supplements")


def target(name: str, body: Mapping[str, Any] | None) -> str:
    """The dossier that an act of the counter erases, or "" when it erases none."""
    wanted = (body or {}).get("dossier") if name == EVENT else None
    return wanted if isinstance(wanted, str) else ""


def remains(dossier: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of ``Dossier.as_json()``: codes, procedure, days, units, sums. No name, number, phone, answer or reason."""
    kept: dict[str, Any] = {name: dossier[name] for name in _TEXTS if isinstance(dossier.get(name), str)}
    for name, parts in _PARTS.items():
        value = dossier.get(name) or {}
        kept[name] = {part: value[part] for part in parts if isinstance(value.get(part), str | int)}
    kept |= {name: dossier[name] for name in _NUMBERS if _whole(dossier.get(name))}
    return kept | {"stage": str(dossier["stage"]), "pauses": [list(span) for span in dossier["pauses"]]}


def leave(dossier: Dossier, events: Iterable[Act]) -> None:
    """Make the fold of a dossier what its erasure left of it, if one of these events is one; of several the first counts. What a
    broken counter wrote moves nothing."""
    told = next((e for e in events if target(e.name, e.body) == dossier.id), None)
    if told is None or told.body is None:
        return
    dossier.erased = {name: str(told.body.get(name) or "") for name in ("asked_at", "basis")}
    dossier.refusal, dossier.review, dossier.incomplete = None, [], []
    kept = told.body.get("kept")
    if not isinstance(kept, dict):
        return
    for name in _TEXTS:
        if isinstance(kept.get(name), str):
            setattr(dossier, name, kept[name])
    for name, parts in _PARTS.items():
        value = kept.get(name)
        if isinstance(value, dict) and value:
            setattr(dossier, name, {k: v for k, v in value.items() if k in parts and isinstance(v, str | int)})
    for name in _NUMBERS:
        if _whole(kept.get(name)):
            setattr(dossier, name, kept[name])
    if kept.get("stage") in set(Stage):
        dossier.stage = Stage(kept["stage"])
    spans = kept.get("pauses")
    dossier.pauses = [s for s in spans if _span(s)] if isinstance(spans, list) else []


def _span(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(part is None or isinstance(part, str) for part in value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15
