"""Section 5: what it costs, who pays how, where the result is fetched, and when to come back."""

from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from desktop.fields.person import grid
from desktop.messages import day_words
from desktop.reception.sections import Section
from desktop.widgets import Button, column, retone, row, text, tip
from forms import fees
from forms.address import text_of
from forms.boundary import boundary
from forms.fees import FeeTotal
from forms.local_rules import LocalRules
from forms.names import money
from forms.procedure import UNIT_WORDS, Procedure
from sync.reception import Due, last_due

_PLACES = (("counter", "Tại quầy"), ("post", "Qua bưu chính"), ("elsewhere", "Nơi khác"))
_SPECS: dict[str, dict[str, Any]] = {
    "reason": {"title": "Miễn lệ phí vì", "x-kind": "choice", "x-width": 5, "oneOf": []},
    "evidence": {"title": "Giấy tờ chứng minh", "x-kind": "text", "x-width": 7, "maxLength": 200},
    "how": {
        "title": "Nhận kết quả",
        "x-kind": "choice",
        "x-width": 3,
        "oneOf": [{"const": c, "title": t} for c, t in _PLACES],
        "default": "counter",
    },
    "place": {"title": "Nơi nhận", "x-kind": "address", "x-width": 4},
    "competent": {"title": "Xã khác giải quyết (ngoài địa giới)", "x-kind": "address", "x-width": 5},
}
_UNLISTED = "phải có trong danh mục tiếp nhận toàn quốc (cần xác nhận; ghi ở Cài đặt khi có văn bản)"
_METHODS = (("cash", "Tiền mặt"), ("transfer", "Chuyển khoản"), ("later", "Thu sau"))


class FeeSection(Section):
    """``options()`` are the optional parts of the dossier line that this section knows."""

    def __init__(self) -> None:
        super().__init__(5, "Lệ phí, hẹn trả")
        box = column(self.body, gap=8)
        box.addWidget(self._make_figures())
        self._dues = text("", "soft", wrap=True)
        box.addWidget(self._dues)
        box.addWidget(self._make_payment())
        inner, self.fields = grid((("reason", "evidence"), ("how", "competent", "place")), _SPECS, (), ("options",))
        for name, path in (("reason", "exemption"), ("evidence", "exemption"), ("how", "return_to"), ("place", "return_to")):
            self.fields[name].move_to((path, name))
        self.fields["competent"].move_to(("competent", "unit"))
        holder = QWidget()
        holder.setLayout(inner)
        box.addWidget(holder)
        self._boundary = text("", "caption", wrap=True)
        self._boundary.setObjectName("boundary")
        box.addWidget(self._boundary)
        self._doubts = text("", "caption", wrap=True)
        box.addWidget(self._doubts)
        self._exemptions: list[str] = []
        self._method = "later"
        for field in self.fields.values():
            field.changed.connect(self._edited)
        self._ask()

    # The value

    def options(self) -> dict[str, Any]:
        """``payment``, ``exemption``, ``return_to``, ``competent`` of the line, without what is not so."""
        known = {name: field.value() for name, field in self.fields.items()}
        found: dict[str, Any] = {"payment": {"method": self._method}}
        if known["reason"]:
            found["exemption"] = {"reason": known["reason"], "evidence": known["evidence"] or ""}
        if known["how"] in ("post", "elsewhere"):
            unit = known["place"].get("unit", "") if isinstance(known["place"], dict) else ""
            found["return_to"] = {"how": known["how"], "place": text_of(known["place"])}
            if known["how"] == "elsewhere" and unit:
                found["return_to"]["unit"] = unit  # its counters hand the result out
        if known["competent"]:
            unit = known["competent"].get("unit", "") if isinstance(known["competent"], dict) else ""
            found["competent"] = {"unit": unit, "name": text_of(known["competent"])}
        return found

    def set_options(self, line: dict[str, Any]) -> None:
        """Show what a draft holds."""
        exemption, back = line.get("exemption") or {}, line.get("return_to") or {}
        self._offer([exemption["reason"]] if exemption.get("reason") else [])
        self.fields["reason"].set_value(exemption.get("reason"))
        self.fields["evidence"].set_value(exemption.get("evidence"))
        self.fields["how"].set_value(back.get("how") or "counter")
        self.fields["place"].set_value({"text": back["place"], "unit": back["unit"]} if back.get("unit") else back.get("place"))
        competent = line.get("competent") or {}
        whole = {"text": competent.get("name"), "unit": competent["unit"]} if competent.get("unit") else competent.get("name")
        self.fields["competent"].set_value(whole)
        self._pay((line.get("payment") or {}).get("method") or "later")
        self._ask()

    def another_procedure(self) -> None:
        """What was settled for one procedure says nothing of the next: why it is free, and who decides."""
        for name in ("reason", "evidence", "competent"):
            self.fields[name].set_value(None)
        self._ask()

    # What is said

    def show_figures(
        self,
        procedure: Procedure | None,
        line: dict[str, Any],
        total: FeeTotal | None,
        dues: list[Due],
        today: date,
        rules: LocalRules,
    ) -> None:
        """Fill in what is known; an unknown fee or time says so."""
        if procedure is None or total is None:
            self.heading.say("", "chờ thủ tục")
            for figure, note in zip(self._figures, self._notes, strict=True):
                figure.setText("–")
                note.setText("")
            for widget in (self._doubts, self._dues, self._payment):
                widget.hide()
            return
        self._offer([e.id for e in fees.possible_exemptions(procedure, line, today, rules)])
        self._payment.setVisible(bool(total.total))
        waits = total.total is None and not total.lines
        cost, when = total_words(total), self._say_due(dues, today)
        self._figures[0].setText("Chưa tính được" if waits else cost)
        retone(self._figures[0], tone="amber" if waits else "")
        self._notes[0].setText("còn thiếu số lượng" if waits else "\n".join(fee_lines(total)))
        retone(self._notes[0], tone="amber" if total.total is None else "")
        where = dict(_PLACES)[str(self.fields["how"].value() or "counter")]
        self._figures[2].setText(where)
        self._notes[2].setText(procedure.result)
        doubts = ".\n".join(procedure.to_confirm)
        self._doubts.setText(f"Có {len(procedure.to_confirm)} điểm của thủ tục này cần xác nhận (đưa chuột vào đây để xem).")
        self._doubts.setToolTip(tip(doubts))
        self._doubts.setAccessibleDescription(doubts)
        self._doubts.setVisible(bool(doubts))
        known = f"trả {when} · nhận {where.lower()}"
        self.heading.say(known if waits else f"{cost} · {known}", cost if waits else "")

    def _say_due(self, dues: list[Due], today: date) -> str:
        due = last_due(dues)
        when = f"{due.return_at:%H:%M} {day_words(due.return_at.date(), today)}" if due else "chưa rõ thời hạn"
        limit = f"{due.amount} {UNIT_WORDS[due.unit]}" if due else "thời hạn cần xác nhận: người quản trị chốt ở Cài đặt"
        if due and due.skipped:
            limit += f" · trừ {', '.join(due.skipped)}"
        if due and due.provisional:
            limit += " · dự kiến, lịch nghỉ chưa chính thức"
        if due and due.awaits_arrival:
            limit += " · tính lại khi cơ quan có thẩm quyền nhận"
        self._figures[1].setText(when)
        self._notes[1].setText(limit)
        retone(self._notes[1], tone="" if due else "amber")
        each = [(d.name, d.appointment) for d in dues] if len(dues) > 1 else []
        said = [f"{name}: {f'{a.return_at:%H:%M %d/%m/%Y}' if a else 'chưa rõ'}" for name, a in each]
        self._dues.setText(" · ".join(said))
        self._dues.setVisible(bool(said))
        return when

    # Parts

    def _make_figures(self) -> QWidget:
        box = QGridLayout()
        box.setContentsMargins(0, 0, 0, 0)
        box.setHorizontalSpacing(16)
        box.setVerticalSpacing(0)
        self._figures, self._notes = [], []
        for place, title in enumerate(("Lệ phí", "Hẹn trả", "Nhận kết quả")):
            figure, note = text("", "figure"), text("", "meta", wrap=True)
            box.addWidget(text(title, "label"), 0, place)
            box.addWidget(figure, 1, place)
            box.addWidget(note, 2, place, Qt.AlignmentFlag.AlignTop)
            box.setColumnStretch(place, 1)
            self._figures.append(figure)
            self._notes.append(note)
        holder = QWidget()
        holder.setLayout(box)
        return holder

    def _make_payment(self) -> QWidget:
        self._payment = QWidget()
        line = row(self._payment)
        line.addWidget(text("Thu bằng", "label"))
        self._group = QButtonGroup(self)
        self._chips: dict[str, Button] = {}
        for method, words in _METHODS:
            chip = Button(words, partial(self._chosen, method), "chip")
            chip.setObjectName(f"payment.{method}")
            chip.setCheckable(True)
            chip.setChecked(method == "later")
            self._group.addButton(chip)
            self._chips[method] = chip
            line.addWidget(chip)
        line.addStretch()
        return self._payment

    def _chosen(self, method: str) -> None:
        self._pay(method)
        self.changed.emit()

    def show_boundary(
        self, procedure: Procedure | None, line: dict[str, Any], profile: dict[str, Any], rules: LocalRules
    ) -> None:
        """Who decides, and whether a resident from elsewhere is received here."""
        if procedure is None:
            self._boundary.setText("")
            return
        found = boundary(procedure, line.get("applicant") or {}, profile, rules)
        other = (line.get("competent") or {}).get("name")
        words = f"Nơi giải quyết: {other or found.decides}."
        if found.where == "province":
            words += " Người nộp ở xã khác trong tỉnh: tiếp nhận tại đây (phi địa giới)."
        elif found.where == "country":
            listed = f"có trong danh mục tiếp nhận toàn quốc ({found.listed})" if found.listed else _UNLISTED
            words += f" Người nộp ở tỉnh khác: thủ tục {listed}."
        self._boundary.setText(words)
        retone(self._boundary, tone="amber" if found.doubtful else "")

    def _pay(self, method: str) -> None:
        self._method = method if method in dict(_METHODS) else "later"
        self._chips[self._method].setChecked(True)

    def _edited(self) -> None:
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        """Evidence only for a reason, a place only for a result that goes elsewhere, a reason only where one may count."""
        reason = self.fields["reason"].value()
        self.fields["reason"].setVisible(bool(self._exemptions or reason))
        self.fields["evidence"].setVisible(bool(reason))
        self.fields["place"].setVisible(self.fields["how"].value() in ("post", "elsewhere"))

    def _offer(self, ids: list[str]) -> None:
        """The exemptions that would take something off; the list is made anew only when they change."""
        if ids == self._exemptions:
            return
        kept = self.fields["reason"].value()
        self._exemptions = ids
        self.fields["reason"].offer([(i, fees.exemptions()[i].name) for i in ids if i in fees.exemptions()])  # type: ignore[attr-defined]
        self.fields["reason"].set_value(kept)
        self._ask()


def total_words(fees: FeeTotal) -> str:
    """``16.000 đ``, ``Miễn lệ phí``, or what the figure waits for: the province, or a quantity."""
    if fees.total is None:
        return "Cần xác nhận" if fees.lines else "chưa tính được: còn thiếu số lượng"
    return money(fees.total) if fees.total else "Miễn lệ phí"


def fee_lines(fees: FeeTotal) -> list[str]:
    """One short line a fee: name, quantity × price, and why it is less."""
    said = []
    for line in fees.lines:
        if line.amount is None:
            said.append(f"{line.name}: cần xác nhận ({line.basis})")
        elif line.reduced:
            said.append(f"{line.name}: miễn {money(line.full or 0)}, {line.reduced}")
        elif line.amount == 0:
            said.append(f"{line.name}: miễn")
        else:
            said.append(f"{line.name}: {line.quantity} × {money(line.unit_price)}")
    return said
