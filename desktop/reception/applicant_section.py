"""Section 2: who hands the dossier in. A card is scanned, or the fields beside the target are typed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.fields.person import grid, of_card
from desktop.fields.scan_target import ScanTarget
from desktop.reception.sections import Section
from desktop.widgets import row
from forms import prefill
from forms.guard import NO_ID_REASONS
from forms.person import Card, gender_of, valid_number

_KINDS = (("", "Số định danh"), ("passport", "Hộ chiếu"), ("old_id", "CMND 9 số"), ("other", "Giấy tờ khác"))
_SPECS: dict[str, dict[str, Any]] = {
    "full_name": {"title": "Họ, chữ đệm và tên", "x-kind": "name", "x-width": 8},
    "gender": {
        "title": "Giới tính",
        "x-kind": "choice",
        "x-width": 4,
        "oneOf": [{"const": c, "title": t} for c, t in (("male", "Nam"), ("female", "Nữ"), ("other", "Khác"))],
    },
    "personal_id": {"title": "Số định danh", "x-kind": "personal_number", "x-width": 5},
    "birth_date": {"title": "Ngày sinh", "x-kind": "partial_date", "x-width": 3},
    "phone": {"title": "Điện thoại", "x-kind": "phone", "x-width": 4},
    "address": {"title": "Nơi cư trú", "x-kind": "address", "x-width": 12},
    "other_kind": {
        "title": "Không có số định danh: giấy tờ",
        "x-kind": "choice",
        "x-width": 4,
        "oneOf": [{"const": c, "title": t} for c, t in _KINDS[1:]],
    },
    "other_number": {"title": "Số giấy tờ", "x-kind": "text", "x-width": 3},
    "no_id_reason": {
        "title": "hoặc lý do chưa có số",
        "x-kind": "choice",
        "x-width": 5,
        "oneOf": [{"const": r, "title": r} for r in NO_ID_REASONS],
    },
}
_ROWS = (
    ("full_name", "gender"),
    ("personal_id", "birth_date", "phone"),
    ("address",),
    ("other_kind", "other_number", "no_id_reason"),
)
_NEEDED = ("full_name", "personal_id", "address")
_WITHOUT_NUMBER = ("other_kind", "other_number", "no_id_reason")
_TITLES = {"full_name": "họ tên", "birth_date": "ngày sinh", "gender": "giới tính", "phone": "điện thoại", "address": "địa chỉ"}


class ApplicantSection(Section):
    """The value is the ``applicant`` of the dossier line. ``met`` tells a personal number that has just been given."""

    met = Signal(str)

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(2, "Người nộp")
        line = row(self.body, gap=16)
        self.target = ScanTarget("Quét thẻ căn cước", "Đặt mã QR của thẻ vào máy đọc (F8), hoặc gõ tay bên cạnh")
        self.target.setObjectName("applicant.scan")
        self.target.setFixedWidth(216)
        line.addWidget(self.target)
        inner, self.fields = grid(_ROWS, _SPECS, _NEEDED, ("applicant",))
        holder = QWidget()
        holder.setLayout(inner)
        line.addWidget(holder, 1)
        self._now, self._scanned_at, self._met = now, "", ""
        self._earlier: dict[str, Any] = {}
        self.target.scanned.connect(self._scanned)
        self.target.by_hand.connect(self._type_by_hand)
        for field in self.fields.values():
            field.changed.connect(self._edited)
            field.scanned.connect(self._scanned)
        self._ask()

    def value(self) -> dict[str, Any]:
        """What is known, without empty entries; a document other than the personal number as ``other_id``."""
        known = {name: field.value() for name, field in self.fields.items()}
        kind, number = known.pop("other_kind"), known.pop("other_number")
        if known.get("personal_id"):
            known["no_id_reason"] = None
        elif kind or number:
            known["other_id"] = {"kind": kind or "", "number": number or ""}
        return {name: one for name, one in known.items() if one is not None}

    def set_value(self, who: dict[str, Any]) -> None:
        """Show an applicant; an empty dict empties the section."""
        other = who.get("other_id") or {}
        flat = who | {"other_kind": other.get("kind"), "other_number": other.get("number")}
        for name, field in self.fields.items():
            field.set_value(flat.get(name))
        self._scanned_at, self._met, self._earlier = "", str(who.get("personal_id") or ""), {}
        self.target.complain("")
        self._ask()

    def refresh(self, missing: list[str]) -> None:
        """The heading; ``missing`` = titles of what must still be asked."""
        who = self.value()
        differs = [_TITLES[n] for n in prefill.differences(who, self._earlier) if n in _TITLES]
        words = [who.get("full_name", ""), self._scanned_at]
        words += [f"khác hồ sơ trước: {', '.join(differs)}"] if differs else []
        self.heading.say(" · ".join(w for w in words if w), _pill(missing))

    def complete(self, number: str, earlier: dict[str, Any]) -> None:
        """What earlier dossiers know of this person: where nothing stands yet it is taken, what differs is said."""
        if number != self.fields["personal_id"].value():
            return  # another person stands here by now
        self._earlier = earlier
        for name in ("full_name", "birth_date", "gender", "phone", "address"):
            if earlier.get(name) and self.fields[name].value() is None:
                self.fields[name].set_value(earlier[name])
        self.changed.emit()

    def _edited(self) -> None:
        number = str(self.fields["personal_id"].value() or "")
        if number != self._met and valid_number(number):
            self.met.emit(number)
        self._met = number
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        """Another paper, or the reason for none, is asked only of who has given no personal number."""
        without = not valid_number(str(self.fields["personal_id"].value() or ""))
        for name in _WITHOUT_NUMBER:
            self.fields[name].setVisible(without)

    def _type_by_hand(self, letter: str) -> None:
        name = self.fields["full_name"]
        name.begin(letter)
        self.changed.emit()

    def _scanned(self, card: Card) -> None:
        for name, one in (of_card(card) | {"gender": gender_of(card)}).items():
            if one:
                self.fields[name].set_value(one)
        self._scanned_at = f"đã quét thẻ {self._now():%H:%M}"
        self._edited()
        QTimer.singleShot(0, self.fields["phone"].setFocus)


def _pill(missing: list[str]) -> str:
    return f"còn {len(missing)} mục" if len(missing) > 1 else f"còn {missing[0]}" if missing else ""
