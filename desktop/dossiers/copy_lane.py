"""Chép sang hệ thống khác: the fields of a dossier in the other system's order. Enter puts the next value into the clipboard and
goes on; at the end stands the number which the other system gave."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLineEdit, QTableView, QWidget

from desktop import theme
from desktop.commands import Commands, Notice
from desktop.paged import Index, PagedRows
from desktop.track import Track
from desktop.widgets import Button, Elided, Glyph, column, frame, retone, row, side_width, text, tip
from sync import copying

_COLUMNS = (("", 40), ("Ô ở hệ thống kia", 330), ("Giá trị", 0))
_ON = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_BACK = (Qt.Key.Key_Backspace, Qt.Key.Key_Up)
_KEYS = (("Enter", "chép ô này, sang ô sau"), ("⌫ hoặc ↑", "lùi lại một ô"), ("↓", "bỏ qua, không chép"), ("Esc", "về hồ sơ"))
_ENDING = "Ghi số hồ sơ bên ấy cấp ở ô dưới rồi nhấn Enter."
_LONG = 300
"""Characters of a value that are shown beside the list; all of it is copied."""


class _Fields(PagedRows):
    """``rows`` of ``sync.copying.told``; ``done``: paths of those that were copied."""

    def __init__(self) -> None:
        super().__init__()
        self.done: set[str] = set()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one, copied = self.rows[index.row()], self.rows[index.row()]["path"] in self.done
        if index.column() == 0:
            if role == Qt.ItemDataRole.DecorationRole and copied:
                return theme.pixmap("check-circle-fill", "green", 16)
            return ("đã chép" if copied else "chưa chép") if role == Qt.ItemDataRole.AccessibleTextRole else None
        words = one["title"] if index.column() == 1 else " ".join(one["value"].split())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour("ink2" if copied or index.column() == 1 else "ink")
        return tip(f"{one['part']}: {words}" if one["part"] else words) if role == Qt.ItemDataRole.ToolTipRole else None


class _Table(QTableView):
    """The keys of the lane; every other letter does nothing here."""

    copy = Signal()
    back = Signal()
    skip = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return  # a key held down would run past what nobody has pasted
        if event.key() in _ON:
            self.copy.emit()
        elif event.key() in _BACK:
            self.back.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.skip.emit()
        elif event.modifiers() or event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            event.ignore()


class _Number(QLineEdit):
    """Up goes back to the fields."""

    back = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Up or (event.key() == Qt.Key.Key_Backspace and not self.text()):
            self.back.emit()
        else:
            super().keyPressEvent(event)


class CopyLane(QWidget):
    """One dossier on its way into another system. ``left``: the clerk goes back to it."""

    left = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._dossier: dict[str, Any] = {}
        self._model = _Fields()
        self._at, self._last = 0, -1
        self._table = _Table()
        self._number = _Number()
        self._lay_out()
        self._table.copy.connect(self._copy)
        self._table.back.connect(self._go_back)
        self._table.skip.connect(lambda: self._go(self._at + 1))
        self._table.clicked.connect(lambda index: self._go(index.row()))
        self._table.doubleClicked.connect(lambda _index: self._copy())
        self._number.back.connect(self._go_back)
        self._number.returnPressed.connect(self._finish)
        QShortcut(QKeySequence("Escape"), self, self.left.emit).setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @property
    def dossier(self) -> str:
        """The id of the dossier that is copied; "" before the first."""
        return str(self._dossier.get("id") or "")

    def show_dossier(self, dossier: dict[str, Any]) -> None:
        """Begin where it was left. The dossier that stands here already, told anew, keeps its place and its ticks, but of values
        that are others now: what was told may be older than the last keys."""
        lane, again = dossier["copying"], dossier["id"] == self.dossier and not self.isHidden()
        before = {r["path"]: r["value"] for r in self._model.rows} if again else {}
        rows = [r for r in lane["rows"] if r["value"]]
        changed = {r["path"] for r in rows if again and before.get(r["path"]) != r["value"]}
        self._dossier = dossier
        self._model.done = self._model.done - changed if again else set(lane["done"])
        self._model.show_rows(rows, self._commands.now(), False)
        if changed or not again:
            self._last = -1
        if changed:
            self._note()
        empty = [r["title"] for r in lane["rows"] if not r["value"]]
        name, who = dossier["road"]["name"], dossier["applicant"].get("full_name") or "–"
        self._title.setText(f"Chép sang {name}")
        self._about.setText(f"{dossier['code']} · {who} · {dossier['procedure'].get('name') or ''}")
        self._skipped.setText(f"Bỏ qua {len(empty)} ô trống: {', '.join(empty)}." if empty else "")
        if not again:
            self._number.setText(str(dossier["official_code"] or "") if dossier["verdict"] == "entered" else "")
        first = next((n for n, r in enumerate(self._model.rows) if r["path"] not in self._model.done), len(self._model.rows))
        self._go(min(self._at, len(self._model.rows)) if again else first)

    def focus_start(self) -> None:
        """The keyboard to the fields, or to the number once all are copied."""
        (self._table if self._at < len(self._model.rows) else self._number).setFocus(Qt.FocusReason.OtherFocusReason)

    # The keys

    def _copy(self) -> None:
        if self._at >= len(self._model.rows):
            return
        one = self._model.rows[self._at]
        QGuiApplication.clipboard().setText(one["value"])
        self._model.done.add(one["path"])
        self._last = self._at
        self._note()
        self._go(self._at + 1)

    def _go_back(self) -> None:
        """To the field before, which is to be copied again."""
        if self._at > 0:
            self._model.done.discard(self._model.rows[self._at - 1]["path"])
            self._note()
            self._go(self._at - 1)

    def _note(self) -> None:
        which, done = self.dossier, sorted(self._model.done)
        self._commands.act(lambda c, _who: copying.note(c, which, done))

    def _go(self, place: int) -> None:
        """Show the field that is next; past the last one the number is asked for."""
        rows = self._model.rows
        inside = self.isAncestorOf(self.focusWidget() or self)
        self._at = min(max(place, 0), len(rows))
        if self._at < len(rows):
            self._table.selectRow(self._at)
            self._table.scrollTo(self._model.index(min(self._at + 2, len(rows) - 1), 1))
            self._table.scrollTo(self._model.index(self._at, 1))
        else:
            self._table.clearSelection()
        self._tell()
        self._table.viewport().update()
        if inside and self.isVisible():
            self.focus_start()

    def _tell(self) -> None:
        rows, done = self._model.rows, len([r for r in self._model.rows if r["path"] in self._model.done])
        self._figure.setText(f"{done} / {len(rows)}")
        self._track.show_part(done / len(rows) if rows else 1.0)
        there = self._at < len(rows)
        one = rows[self._at] if there else {"part": "", "title": "Hết các ô", "value": _ENDING}
        self._part.setText(one["part"] or ("Tiếp theo" if there else "Xong phần chép"))
        self._field.setText(one["title"])
        self._value.setText(one["value"] if len(one["value"]) <= _LONG else one["value"][:_LONG] + "…")
        self._button.setVisible(there)
        retone(self._end_button, kind="" if there else "primary")
        self._held.setVisible(self._last >= 0)
        if self._last >= 0:
            self._held_words.setText(f"Trong bảng tạm: {rows[self._last]['title']}. Dán bằng Ctrl+V.")
        rest = len(rows) - done
        self._rest.setText(f"Còn {rest} ô chưa chép." if rest else "Đã chép đủ các ô.")

    def _finish(self) -> None:
        """Everything stands there: the number it has there, or none."""
        which, number, name = self.dossier, self._number.text(), self._dossier["road"]["name"]

        def done() -> None:
            said = f", số {number.strip()}" if number.strip() else ""
            self._commands.notice.emit(Notice(f"Đã ghi: hồ sơ đã nhập vào {name}{said}."))
            self.left.emit()

        self._commands.act(lambda c, who: copying.enter(c, which, who, number), done)

    # Looks

    def _lay_out(self) -> None:
        line = row(self, gap=0)
        left = QWidget()
        box = column(left, (24, 12, 16, 8), 8)
        head = row(gap=12)
        leave = Button("Về hồ sơ (Esc)", self.left.emit, "link", "arrow-left")
        leave.setObjectName("copy.leave")
        leave.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._title = Elided("", "h1")
        self._title.setObjectName("copy.title")
        head.addWidget(self._title, 1)
        head.addWidget(leave)
        box.addLayout(head)
        self._about = Elided("", "soft")
        box.addWidget(self._about)
        self._set_up_table()
        box.addWidget(self._table, 1)
        self._skipped = Elided("", "caption")
        self._skipped.setObjectName("copy.skipped")
        box.addWidget(self._skipped)
        line.addWidget(left, 1)
        line.addWidget(self._side())

    def _side(self) -> QFrame:
        self._panel = frame("side")
        box = column(self._panel, (15, 16, 16, 12), 8)
        top = row()
        self._figure = text("", "code")
        self._figure.setObjectName("copy.figure")
        top.addWidget(self._figure)
        top.addStretch()
        box.addLayout(top)
        self._track = Track()
        box.addWidget(self._track)
        box.addSpacing(8)
        box.addWidget(self._next())
        self._held = frame("safe")
        held = row(self._held, (12, 8, 12, 8), 8)
        held.addWidget(Glyph("clipboard-text", "green", 18), 0, Qt.AlignmentFlag.AlignTop)
        self._held_words = text("", "panel", "green", wrap=True)
        self._held_words.setObjectName("copy.held")
        held.addWidget(self._held_words, 1)
        box.addWidget(self._held)
        for key, does in _KEYS:
            pair = row(gap=8)
            cap = text(key)
            cap.setProperty("kind", "keycap")
            pair.addWidget(cap)
            pair.addWidget(text(does, "meta"))
            pair.addStretch()
            box.addLayout(pair)
        box.addStretch()
        box.addWidget(self._end())
        return self._panel

    def _next(self) -> QFrame:
        card = frame("tint")
        box = column(card, (12, 10, 12, 12), 4)
        self._part = text("", "label", "tint", wrap=True)
        self._field = text("", "h2", wrap=True)
        self._field.setObjectName("copy.field")
        self._value = text("", "say", wrap=True)
        self._value.setObjectName("copy.value")
        self._button = Button("Chép (Enter)", self._copy, "primary", "copy")
        self._button.setObjectName("copy.next")
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys belong to the list
        for label in (self._part, self._field, self._value):
            box.addWidget(label)
        box.addSpacing(4)
        box.addWidget(self._button)
        return card

    def _end(self) -> QFrame:
        holder = frame("quiet")
        box = column(holder, (12, 10, 12, 12), 6)
        self._rest = text("", "meta", wrap=True)
        self._rest.setObjectName("copy.rest")
        box.addWidget(self._rest)
        box.addWidget(text("Số hồ sơ bên ấy cấp (không có thì để trống)", "label", wrap=True))
        self._number.setObjectName("copy.number")
        self._number.setAccessibleName("Số hồ sơ do hệ thống kia cấp")
        self._number.setMaxLength(60)
        box.addWidget(self._number)
        self._end_button = Button("Đã nhập xong", self._finish)
        self._end_button.setObjectName("copy.done")
        box.addWidget(self._end_button)
        return holder

    def _set_up_table(self) -> None:
        table = self._table
        table.setObjectName("copy.table")
        table.setAccessibleName("Các ô cần chép, theo thứ tự của hệ thống kia")
        table.setModel(self._model)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(32)
        header = table.horizontalHeader()
        header.setFixedHeight(28)
        header.setSectionsClickable(False)
        for place, (_title, wide) in enumerate(_COLUMNS):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed if wide else QHeaderView.ResizeMode.Stretch)
            if wide:
                table.setColumnWidth(place, wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panel.setFixedWidth(side_width(self.window().width()))
