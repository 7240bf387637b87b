"""Section 5: what it costs and when to come back."""

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.messages import day_words
from desktop.reception.sections import Section
from desktop.widgets import column, retone, text
from forms.fees import FeeTotal
from forms.names import money
from forms.procedure import Procedure
from forms.working_days import Appointment

_UNITS = {"working_day": "ngày làm việc", "day": "ngày", "hour": "giờ làm việc", "month": "tháng"}


class FeeSection(Section):
    """Shows figures only; nothing to type, so Tab goes on to the big button."""

    def __init__(self) -> None:
        super().__init__(5, "Lệ phí, hẹn trả")
        box = column(self.body, gap=8)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(0)
        self._figures, self._notes = [], []
        for place, title in enumerate(("Lệ phí", "Hẹn trả", "Nhận kết quả")):
            figure, note = text("", "figure"), text("", "meta", wrap=True)
            grid.addWidget(text(title, "label"), 0, place)
            grid.addWidget(figure, 1, place)
            grid.addWidget(note, 2, place, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, 1)
            self._figures.append(figure)
            self._notes.append(note)
        holder = QWidget()
        holder.setLayout(grid)
        box.addWidget(holder)
        self._doubts = text("", "caption", wrap=True)
        box.addWidget(self._doubts)

    def show_figures(self, procedure: Procedure | None, fees: FeeTotal | None, due: Appointment | None, today: date) -> None:
        """Fill in what is known; an unknown fee or time says so."""
        if procedure is None or fees is None:
            self.heading.say("", "chờ thủ tục")
            for figure, note in zip(self._figures, self._notes, strict=True):
                figure.setText("–")
                note.setText("")
            self._doubts.hide()
            return
        cost = total_words(fees)
        when = f"{due.return_at:%H:%M} {day_words(due.return_at.date(), today)}" if due else "chưa rõ thời hạn"
        limit = f"{due.amount} {_UNITS[due.unit]}" if due else "thời hạn của thủ tục này cần xác nhận"
        waits = fees.total is None and not fees.lines
        self._figures[0].setText("Chưa tính được" if waits else cost)
        retone(self._figures[0], tone="amber" if waits else "")
        self._notes[0].setText("còn thiếu số lượng" if waits else "\n".join(fee_lines(fees)))
        retone(self._notes[0], tone="amber" if fees.total is None else "")
        self._figures[1].setText(when)
        self._notes[1].setText(limit + (" · dự kiến, lịch nghỉ chưa chính thức" if due and due.provisional else ""))
        self._figures[2].setText("Tại quầy")
        self._notes[2].setText(procedure.result)
        doubts = ".\n".join(procedure.to_confirm)
        self._doubts.setText(f"Có {len(procedure.to_confirm)} điểm của thủ tục này cần xác nhận (đưa chuột vào đây để xem).")
        self._doubts.setToolTip(doubts)
        self._doubts.setAccessibleDescription(doubts)
        self._doubts.setVisible(bool(doubts))
        known = f"trả {when} · nhận tại quầy"
        self.heading.say(known if waits else f"{cost} · {known}", cost if waits else "")


def total_words(fees: FeeTotal) -> str:
    """``16.000 đ``, ``Miễn lệ phí``, or what the figure waits for: the province, or a quantity."""
    if fees.total is None:
        return "Theo HĐND tỉnh" if fees.lines else "chưa tính được: còn thiếu số lượng"
    return money(fees.total) if fees.total else "Miễn lệ phí"


def fee_lines(fees: FeeTotal) -> list[str]:
    """One short line a fee: name, quantity × price."""
    said = []
    for line in fees.lines:
        if line.amount is None:
            said.append(f"{line.name}: cần xác nhận")
        elif line.amount == 0:
            said.append(f"{line.name}: miễn")
        else:
            said.append(f"{line.name}: {line.quantity} × {money(line.unit_price)}")
    return said
