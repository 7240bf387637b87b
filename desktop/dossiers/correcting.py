"""Sửa thông tin: one field of a dossier is chosen, its present value stands there, another one is typed."""

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop import fields
from desktop.fields import Field
from desktop.widgets import clear, column, text
from forms.catalogue import Catalogue
from forms.definition import Definition
from forms.names import partial_date_vn

_PERSON: dict[str, dict[str, Any]] = {
    "applicant.full_name": {"title": "Họ, chữ đệm và tên", "x-kind": "name"},
    "applicant.personal_id": {"title": "Số định danh", "x-kind": "personal_number"},
    "applicant.birth_date": {"title": "Ngày sinh", "x-kind": "partial_date"},
    "applicant.phone": {"title": "Điện thoại", "x-kind": "phone"},
    "applicant.email": {"title": "Thư điện tử", "x-kind": "text", "maxLength": 100},
    "applicant.address": {"title": "Nơi cư trú", "x-kind": "address"},
}


def correctable(definition: Definition | None) -> dict[str, dict[str, Any]]:
    """Path -> specification of every single field of the applicant and of the e-form, persons opened; titles tell whose."""
    found = {path: spec | {"title": f"Người nộp: {spec['title']}"} for path, spec in _PERSON.items()}
    for name, spec in definition.properties.items() if definition else ():
        if spec["x-kind"] == "person":
            for part, inner in spec["properties"].items():
                found[f"answers.{name}.{part}"] = inner | {"title": f"{spec['title']}: {inner['title']}"}
        else:
            found[f"answers.{name}"] = spec
    return found


class Correction(QWidget):
    """``value()`` is ``({path: new value}, reason, {path: title})``; a path outside the form is shown and left alone."""

    def __init__(self, dossier: dict[str, Any], catalogue: Catalogue, wanted: str = "") -> None:
        super().__init__()
        self._dossier = dossier
        self._specs = correctable(catalogue.form_of(dossier))
        box = column(self, (4, 4, 8, 4), 6)
        entries = [{"const": p, "title": s["title"]} for p, s in self._specs.items()]
        self._which = fields.make(("act", "field"), {"title": "Mục cần sửa", "x-kind": "choice", "oneOf": entries}, False)
        self._which.changed.connect(self._draw)
        box.addWidget(self._which)
        self._place = column(gap=6)
        box.addLayout(self._place)
        self._reason = fields.make(("act", "reason"), {"title": "Lý do sửa", "x-kind": "text", "maxLength": 300}, False)
        box.addWidget(self._reason)
        box.addStretch()
        self._field: Field | None = None
        if wanted in self._specs:
            self._which.set_value(wanted)
            self._draw()

    def value(self) -> tuple[dict[str, Any], str, dict[str, str]]:
        """The new value by its path, the reason, and what the field is called."""
        path = self._which.value()
        if not path or self._field is None:
            return {}, "", {}
        return {path: self._field.value()}, str(self._reason.value() or ""), {path: str(self._specs[path]["title"])}

    def focus_start(self) -> None:
        """The new value, or first the field to choose."""
        (self._field or self._which).setFocus(Qt.FocusReason.TabFocusReason)

    def _draw(self) -> None:
        clear(self._place)
        path = self._which.value()
        self._field = None
        if not path:
            return
        now = self._now(path)
        self._place.addWidget(text(f"Đang ghi: {_words(now)}", "panel", wrap=True))
        spec = self._specs[path] | {"title": "Giá trị đúng"}
        self._field = fields.make(("act", "value"), {k: v for k, v in spec.items() if k != "default"}, False)
        self._field.set_value(now)
        self._place.addWidget(self._field)

    def _now(self, path: str) -> Any:
        value: Any = self._dossier
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("text") or "–")
    if isinstance(value, str) and re.fullmatch(r"\d{4}(-\d\d){1,2}", value):
        return partial_date_vn(value)
    return str(value) if value not in (None, "", []) else "–"
