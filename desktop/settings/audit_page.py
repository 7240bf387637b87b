"""Nhật ký: who saw and did what, whether the record is whole, and what is handed out of it by law."""

from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget
from shiboken6 import isValid

from desktop import messages
from desktop.commands import Commands
from desktop.dossiers.review import counter_name
from desktop.fields.person import grid
from desktop.settings.audit_table import COLUMNS, AuditModel
from desktop.settings.handing_out import HandingOut
from desktop.widgets import Elided, Glyph, column, empty_state, row, text, tip
from forms.audit_words import ACTS
from forms.names import date_vn
from forms.problem import Problem
from forms.working_days import parse_moment
from sync.audit import day_span
from sync.store.audit import PAGE, Asked, Place

_DAYS = 7
_PAUSE = 200  # ms in which keys typed into a filter come together
_HOUSE = (
    "rule_set", "cash_closed", "operator_set", "operator_removed", "slot_reset", "recovery_printed", "epoch_started",
    "clock_corrected", "audit_anchored", "procedure_published", "procedure_withdrawn",
)  # fmt: skip
_OUT = ("exported_person", "exported_incident", "person_data_asked", "person_data_given", "incident_noted", "report_made")
_SECRETS = ("secret_changed", "slot_reset", "recovery_printed", "recovered")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "acts": ("Việc với hồ sơ", tuple(name for name in ACTS if name not in (*_HOUSE, *_OUT))),
    "viewed": ("Xem hồ sơ", ("viewed",)),
    "printed": ("In giấy, báo mã", ("printed", "number_told")),
    "searched": ("Tìm kiếm", ("searched",)),
    "entry": ("Đăng nhập, khoá máy", ("signed_in", "signed_out", "locked", "sign_in_refused", *_SECRETS)),
    "out": ("Xuất dữ liệu, báo cáo", _OUT),
    "house": ("Quy định, người làm việc, máy", (*_HOUSE, "backup_made", "restored", "audit_read")),
}
"""What may be looked for: title, and the names of acts and rows."""


class _Table(QTableView):
    """Enter opens the dossier of the row."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class AuditPage(QWidget):
    """Filters, the table, and below it what is handed out."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        session = commands.session
        if session is None:
            raise RuntimeError("the audit needs a session")
        self._people = {str(o["id"]): str(o["name"]) for o in session.profile.get("operators", [])}
        self.model = AuditModel(
            lambda who: self._people.get(who, who),
            lambda c: counter_name(session, c or session.counter).replace(" (máy này)", ""),
        )
        self.model.more_wanted.connect(self._read_more)
        self._place: Place = (0, 0)
        self._asked = 0
        box = column(self, gap=8)
        box.addLayout(self._head())
        box.addLayout(self._filters(commands.now().date()))
        self._stack = QStackedWidget()
        self.table = self._set_up_table()
        self._nothing = empty_state("Không có dòng nào.", "Đổi ngày, người hoặc loại việc ở trên.", 48)
        self._refused = text("", "soft", wrap=True)
        self._refused.setObjectName("audit_refused")
        for page in (self.table, self._nothing, self._refused):
            self._stack.addWidget(page)
        box.addWidget(self._stack, 1)
        box.addWidget(HandingOut(commands, self._span))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self.reload)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()
        self._state.setText("Đang kiểm tra nhật ký…")
        self._commands.audit.state(lambda said: self._show_state(said) if isValid(self) else None)

    def reload(self) -> None:
        """Read from the newest row on."""
        self._asked += 1
        self._place = (0, 0)
        self._read(self._asked)

    def _head(self) -> Any:
        line = row(gap=8)
        line.addWidget(text("Nhật ký", "h1"))
        line.addSpacing(8)
        self._mark = Glyph("circle", "ink2", 18)
        line.addWidget(self._mark)
        self._state = Elided("")
        self._state.setObjectName("audit_state")
        line.addWidget(self._state, 1)
        return line

    def _filters(self, today: date) -> Any:
        people = [{"const": who, "title": name} for who, name in self._people.items()]
        kinds = [{"const": name, "title": title} for name, (title, _) in KINDS.items()]
        first = (today - timedelta(days=_DAYS - 1)).isoformat()
        specs: dict[str, dict[str, Any]] = {
            "first": {"title": "Từ ngày", "x-kind": "date", "x-width": 2, "default": first},
            "last": {"title": "Đến ngày", "x-kind": "date", "x-width": 2, "default": today.isoformat()},
            "operator": {"title": "Người làm", "x-kind": "choice", "x-width": 3, "oneOf": people},
            "kind": {"title": "Loại việc", "x-kind": "choice", "x-width": 3, "oneOf": kinds},
            "code": {"title": "Mã hồ sơ", "x-kind": "text", "x-width": 2, "maxLength": 60},
        }
        inner, self.fields = grid((tuple(specs),), specs, (), ("audit",))
        for name, field in self.fields.items():
            field.set_value(specs[name].get("default"))
            field.changed.connect(lambda: self._pause.start())
        return inner

    def _set_up_table(self) -> QTableView:
        table = _Table()
        table.setObjectName("audit_table")
        table.setAccessibleName("Nhật ký")
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setStyleSheet("QTableView::item { padding-left: 5px; }")  # under the words of its heading
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(30)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setFixedHeight(28)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for place, (_title, wide) in enumerate(COLUMNS):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed if wide else QHeaderView.ResizeMode.Stretch)
            if wide:
                table.setColumnWidth(place, wide)
        table.activated.connect(self._open)
        return table

    def _open(self, index: QModelIndex) -> None:
        dossier = self.model.rows[index.row()]["dossier"] if index.isValid() else ""
        if dossier:
            self._commands.show_wanted.emit("dossiers", dossier)

    # Reading

    def _span(self) -> tuple[date, date]:
        """The days that are looked at; an end that is no day does not narrow."""
        found = [_day(self.fields[name].value()) for name in ("first", "last")]
        today = self._commands.now().date()
        return found[0] or today - timedelta(days=_DAYS - 1), found[1] or today

    def _wanted(self) -> Asked:
        first, last = day_span(*self._span())
        kind = KINDS.get(str(self.fields["kind"].value()), ("", ()))[1]
        return Asked(first, last, str(self.fields["operator"].value() or ""), kind)

    def _read(self, asked: int) -> None:
        code, place = str(self.fields["code"].value() or ""), self._place

        def read(found: tuple[list[dict[str, Any]], Place]) -> None:
            if isValid(self) and asked == self._asked:
                self._show(*found, place == (0, 0))

        self._commands.audit.page(self._wanted(), code, place, read, self._failed)

    def _read_more(self) -> None:
        self._read(self._asked)

    def _show(self, rows: list[dict[str, Any]], place: Place, first: bool) -> None:
        self._place = place
        if first:
            self.model.show_rows(rows, self._commands.now(), len(rows) == PAGE)
            self.table.selectRow(0)
            self._stack.setCurrentWidget(self.table if rows else self._nothing)
        else:
            self.model.add_rows(rows, len(rows) == PAGE)

    def _failed(self, problem: Problem) -> None:
        if isValid(self) and problem.code != "cancelled":
            self._refused.setText(messages.sentence(problem))
            self._stack.setCurrentWidget(self._refused)

    def _show_state(self, said: dict[str, Any]) -> None:
        icon, tone = ("check-circle", "green") if said["whole"] else ("warning-circle", "red")
        self._mark.show_icon(icon, tone)
        self._state.setText(state_words(said))
        self._state.setToolTip(tip(said["broken"]))


def state_words(said: dict[str, Any]) -> str:
    """Whether the record is whole, in one sentence (``sync.audit.state``)."""
    if not said["whole"]:
        return "Nhật ký không còn nguyên vẹn: có dòng bị sửa hoặc bị mất. Báo người phụ trách, đừng xoá gì trên máy này."
    if not said["rows"]:
        return "Nhật ký chưa có dòng nào."
    until, there = _when(said["until"]), _when(said["anchored"])
    anchored = f"đã neo tại máy chủ lúc {there}." if there else "chưa neo tại máy chủ: neo khi khoá máy, gửi khi có mạng."
    return f"Nhật ký nguyên vẹn đến {until}, {anchored}"


def _when(text: str | None) -> str:
    at = parse_moment(text or "")
    return f"{at:%H:%M} {date_vn(at)}" if at else ""


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
