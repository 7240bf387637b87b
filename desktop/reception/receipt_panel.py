"""The live receipt: fills as the clerk types, so clerk and resident check it together; below it the big button."""

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QStackedLayout, QWidget

from desktop import theme
from desktop.fields.texts import grouped
from desktop.reception.fee_section import total_words
from desktop.widgets import Button, Elided, Glyph, Pill, column, row, scrolling, text
from forms.address import text_of
from forms.fees import FeeTotal
from forms.names import moment_vn
from forms.procedure import Case, Procedure
from sync.reception import Due

_KINDS = (("originals", "bản chính"), ("certified", "bản chứng thực"), ("copies", "bản chụp"))


class _Paper(QFrame):
    """The sheet: a screen version of the prescribed form, with a watermark in practice."""

    def __init__(self, practice: bool) -> None:
        super().__init__()
        self.setProperty("kind", "paper")
        self._practice = practice
        self.words = QLabel()
        self.words.setObjectName("live_receipt")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column(self, (16, 14, 12, 12)).addWidget(self.words)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._practice:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(0.28)
            painter.setPen(theme.colour("practice"))
            painter.setFont(theme.font(52, 700))
            painter.translate(QPointF(self.width() / 2, self.height() / 2))
            painter.rotate(-35)
            wide = painter.fontMetrics().horizontalAdvance("LUYỆN TẬP")
            painter.drawText(QPointF(-wide / 2, 18), "LUYỆN TẬP")
            painter.end()


class BigButton(QPushButton):
    """56 px high, always enabled: pressed too early it explains. The key it answers to stands on it."""

    def __init__(self, words: str, icon: str, key: str) -> None:
        super().__init__()
        self.setProperty("kind", "big")
        self.setAccessibleName(words)
        line = row(self, (20, 0, 16, 0), 12)
        line.addWidget(Glyph(icon, "onPrimary", 20))
        said, cap = text(words, "big"), text(key)
        cap.setProperty("kind", "bigcap")
        cap.setFixedHeight(30)
        line.addWidget(said)
        line.addStretch()
        line.addWidget(cap)
        for label in (said, cap):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


class ReceiptPanel(QFrame):
    """The right side of F2. ``show_line`` redraws the sheet; ``missing`` and ``kept`` stand around the big button."""

    def __init__(self, profile: dict[str, Any], receive: Callable[[], None], put_aside: Callable[[], None]) -> None:
        super().__init__()
        self.setProperty("kind", "side")
        self._profile = profile
        practice = bool(profile.get("practice"))
        self._pages = QStackedLayout(self)
        content = QWidget()
        self._pages.addWidget(content)
        self._form: QWidget | None = None
        box = column(content, (15, 12, 16, 12), 8)
        head = row()
        head.addWidget(text("Giấy hẹn", "h2"))
        head.addStretch()
        head.addWidget(Pill("Xem trước cùng người dân", "tint", "eye"))
        box.addLayout(head)
        self._paper = _Paper(practice)
        scroll = scrolling(self._paper)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        box.addWidget(scroll, 1)
        self._missing = Elided("", tone="amber")
        self._missing.setObjectName("still_missing")
        self._mark = Glyph("warning-circle", "amber", 18)
        box.addWidget(_line(self._mark, self._missing))
        self.button = BigButton("Tiếp nhận (tập)" if practice else "Tiếp nhận và in giấy hẹn", "printer", "F9")
        self.button.setObjectName("receive_button")
        self.button.clicked.connect(lambda _on=False: receive())
        box.addWidget(self.button)
        self._disk = Glyph("floppy-disk", "ink3", 18)
        self._kept = Elided("Chưa có gì để giữ", "soft")
        self._kept.setObjectName("draft_state")
        aside = Button("Để sau", put_aside, "link")
        aside.setObjectName("put_aside_button")
        aside.setToolTip("Giữ nháp này và làm hồ sơ khác (Ctrl+N)")
        box.addWidget(_line(self._disk, self._kept, aside))
        self._ways = row(gap=8)
        self._ways.addStretch()
        box.addLayout(self._ways)

    def add_way(self, name: str, words: str, does: Callable[[], None]) -> None:
        """Another end of the visit than reception, as a quiet button below."""
        button = Button(words, does, "link")
        button.setObjectName(f"before.{name}")
        self._ways.addWidget(button)

    def show_form(self, form: QWidget) -> None:
        """A form in the receipt's place, until :meth:`show_receipt`."""
        holder = QWidget()
        column(holder, (15, 12, 16, 12)).addWidget(form)
        self._form = holder
        self._pages.addWidget(holder)
        self._pages.setCurrentWidget(holder)

    def show_receipt(self) -> None:
        """The receipt again."""
        if self._form is not None:
            self._pages.removeWidget(self._form)
            self._form.deleteLater()
            self._form = None
        self._pages.setCurrentIndex(0)

    def show_missing(self, titles: list[str], wrong: str = "") -> None:
        """What is still missing, by name; ``wrong`` says of the first one why it is wrong. No titles: all is there."""
        if titles:
            one = wrong or f"Còn {titles[0]}"
            self._missing.setText(one if len(titles) == 1 else f"Còn {len(titles)} mục; trước hết: {wrong or titles[0]}")
            self._missing.setProperty("tone", "amber")
            self._mark.show_icon("warning-circle", "amber")
        else:
            self._missing.setText("Đủ để tiếp nhận")
            self._missing.setProperty("tone", "green")
            self._mark.show_icon("check-circle", "green")
        self._missing.style().unpolish(self._missing)
        self._missing.style().polish(self._missing)

    def show_kept(self, words: str, safe: bool) -> None:
        """Whether the draft is on the disk; "Đã giữ" only after COMMIT."""
        self._kept.setText(words)
        self._disk.show_icon("floppy-disk", "green" if safe else "ink3")

    def show_line(
        self,
        line: dict[str, Any],
        procedure: Procedure | None,
        fees: FeeTotal | None,
        dues: list[Due],
        now: datetime,
    ) -> None:
        """Redraw the sheet from what is known."""
        case = procedure.case(line.get("case")) if procedure else None
        body = _heading(self._profile) + _facts(line, procedure) + _papers(line, case) + _end(fees, dues, now)
        self._paper.words.setText(
            f"<div style=\"font-family:'{theme.serif()}'; font-size:15px; color:{theme.value('paperInk')}\">{body}</div>"
        )


def _line(mark: QWidget, words: QWidget, more: QWidget | None = None) -> QWidget:
    holder = QWidget()
    holder.setFixedHeight(28)
    inside = row(holder)
    inside.addWidget(mark)
    inside.addWidget(words, 1)
    if more is not None:
        inside.addWidget(more)
    return holder


def _p(words: str, style: str = "") -> str:
    return f'<p style="margin:0; line-height:21px; -qt-line-height-type:fixed; {style}">{words}</p>'


def _or_missing(value: Any, words: str) -> str:
    if value:
        return f"<b>{escape(str(value))}</b>"
    return f'<i style="color:{theme.value("paperMissing")}">{words}</i>'


def _heading(profile: dict[str, Any]) -> str:
    small = "font-size:12px; line-height:16px; -qt-line-height-type:fixed; margin:0"
    office = escape(str(profile.get("name", "")).upper())
    left = f'<p align="center" style="{small}">UBND {office}<br><b>TRUNG TÂM PHỤC VỤ<br>HÀNH CHÍNH CÔNG</b></p>'
    right = (
        f'<p align="center" style="{small}"><b>CỘNG HÒA XÃ HỘI<br>CHỦ NGHĨA VIỆT NAM</b><br>'
        "<b><u>Độc lập – Tự do – Hạnh phúc</u></b></p>"
    )
    faint = theme.value("paperFaint")
    title = "font-size:16px; line-height:22px; -qt-line-height-type:fixed; margin:0"
    return (
        f'<table width="100%"><tr><td width="47%">{left}</td><td>{right}</td></tr></table>'
        f'<p align="center" style="{title}; margin-top:10px"><b>GIẤY TIẾP NHẬN HỒ SƠ<br>VÀ HẸN TRẢ KẾT QUẢ</b></p>'
        + f'<p align="center" style="margin:0 0 8px 0; line-height:21px; -qt-line-height-type:fixed">'
        f'Mã hồ sơ: <i style="color:{faint}">có sau khi tiếp nhận</i></p>'
    )


def _facts(line: dict[str, Any], procedure: Procedure | None) -> str:
    who = line.get("applicant") or {}
    other = who.get("other_id") or {}
    number = grouped(str(who.get("personal_id") or "")) or str(other.get("number") or "")
    facts = [
        ("Tiếp nhận hồ sơ của", _or_missing(who.get("full_name"), "chưa có họ tên")),
        ("Số định danh", _or_missing(number, "chưa có")),
        ("Địa chỉ", _or_missing(text_of(who.get("address")), "chưa có")),
        ("Nội dung yêu cầu", _or_missing(procedure.short_name if procedure else "", "chưa chọn thủ tục")),
    ]
    if who.get("phone"):
        facts.insert(3, ("Điện thoại", f"<b>{escape(str(who['phone']))}</b>"))
    return "".join(_p(f"{name}: {value}") for name, value in facts)


def _papers(line: dict[str, Any], case: Case | None) -> str:
    if case is None:
        return ""
    brought = {p["code"]: p for p in line.get("papers") or []}
    rows = [need for need in case.papers if need.required or need.code in brought]
    said = [_p("Thành phần hồ sơ nộp gồm:")]
    for number, need in enumerate(rows, 1):
        here = brought.get(need.code)
        counts = ", ".join(f"{here[k]:02d} {w}" for k, w in _KINDS if here and here.get(k))
        said.append(_p(f"{number}. {escape(need.name)} – {counts or _or_missing('', 'chưa nhận')}", "margin-left:8px"))
    return "".join(said)


def _end(fees: FeeTotal | None, dues: list[Due], now: datetime) -> str:
    known = fees is not None and (fees.total is not None or fees.lines)
    cost = f"<b>{escape(total_words(fees))}</b>" if fees and known else _or_missing("", total_words(fees) if fees else "chưa rõ")
    if fees and known and fees.total is None:
        cost += f" – {_or_missing('', 'cần xác nhận')}"
    said = [(d.name, _when(d)) for d in dues]
    back = said[0][1] if said else _or_missing("", "chưa rõ")
    each = [_p(f"– {escape(name)}: {when}", "margin-left:8px") for name, when in said] if len(said) > 1 else []
    small = "font-size:12px; line-height:18px; -qt-line-height-type:fixed; margin:0"
    sign = (
        f'<table width="100%" style="margin-top:14px"><tr>'
        f'<td width="50%"><p align="center" style="{small}"><b>NGƯỜI NỘP HỒ SƠ</b><br><i>(ký, ghi rõ họ tên)</i></p></td>'
        f'<td><p align="center" style="{small}"><b>NGƯỜI TIẾP NHẬN</b><br><i>(ký, ghi rõ họ tên)</i></p></td></tr></table>'
    )
    back = _p("Trả kết quả:") + "".join(each) if each else _p(f"Trả kết quả: {back}")
    return _p(f"Lệ phí: {cost}") + _p(f"Nhận lúc: <b>{moment_vn(now)}</b>") + back + sign


def _when(due: Due) -> str:
    known = due.appointment
    return f"<b>{moment_vn(known.return_at)}</b>" if known else _or_missing("", "chưa rõ")
