"""F3 Hồ sơ: list and story."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QStackedWidget, QTableView, QWidget

from desktop.commands import Commands
from desktop.dossiers.model import DELIVERY, DossierModel, RowDelegate
from desktop.dossiers.story import Story
from desktop.widgets import Glyph, column, row, side_width, text

_TYPING_MS = 120


class _Table(QTableView):
    """Typing filters, as if the filter had the keyboard."""

    def __init__(self, filter_box: QLineEdit) -> None:
        super().__init__()
        self._filter = filter_box

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().strip() and event.text().isprintable() and not event.modifiers():
            self._filter.setFocus()
            self._filter.insert(event.text())
            self._filter.textEdited.emit(self._filter.text())
        else:
            super().keyPressEvent(event)


class _Filter(QLineEdit):
    def __init__(self) -> None:
        super().__init__()
        self.table: QTableView | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and self.table is not None:
            self.table.setFocus()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)


class DossiersPage(QWidget):
    """The list filters as the clerk types; the row under the cursor tells its story on the right."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._wanted: str | None = None
        self._shown: str | None = None
        self._asked = 0
        self._model = DossierModel()
        self.filter = _Filter()
        self.table = _Table(self.filter)
        self.filter.table = self.table
        self.story = Story(commands)
        self._count = text("", "meta")
        self._count.setObjectName("dossier_count")
        self._lay_out()
        self._set_up_table()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_MS)
        self._pause.timeout.connect(self._read)
        self.filter.textEdited.connect(lambda _words: self._pause.start())
        QShortcut(QKeySequence("Ctrl+P"), self, self.story.print_again)
        self.story.acted.connect(self.focus_start)
        self._read()

    def search(self, words: str) -> None:
        """Filter by what was typed in the top bar."""
        self.filter.setText(words)
        self._pause.start()

    def reload(self, dossiers: frozenset[str]) -> None:
        """Something changed: read the list again, and the story when it is one of these."""
        self._read()
        if self._shown and (self._shown in dossiers or "*" in dossiers):
            self._commands.dossier(self._shown, self._show)

    def open_dossier(self, dossier: str) -> None:
        """Show this one, whatever the filter says."""
        self.filter.clear()
        self._wanted = self._shown = dossier
        self._read()

    def focus_start(self) -> None:
        """The list has the keyboard; typing filters."""
        self.table.setFocus()

    focus_list = focus_start

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        window = self.window().width()
        self.story.setFixedWidth(side_width(window))
        wide = window >= 1500
        self.table.verticalHeader().setDefaultSectionSize(40 if wide else 32)
        for place, size in enumerate((216, 200, 0, 210, 130, 56) if wide else (124, 168, 0, 190, 118, 48)):
            if size:
                self.table.setColumnWidth(place, size)

    def _lay_out(self) -> None:
        line = row(self, gap=0)
        left = QWidget()
        box = column(left, (8, 8, 8, 4), 8)
        head = row()
        self.filter.setObjectName("dossier_filter")
        self.filter.setProperty("kind", "search")
        self.filter.setPlaceholderText("Lọc danh sách")
        self.filter.setAccessibleName("Lọc danh sách hồ sơ")
        self.filter.setFixedSize(320, 36)
        funnel = Glyph("funnel-simple", "ink2", 16)
        funnel.setParent(self.filter)
        funnel.move(12, 10)
        head.addWidget(self.filter)
        head.addStretch()
        head.addWidget(self._count)
        box.addLayout(head)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty())
        box.addWidget(self._stack, 1)
        box.addWidget(_legend())
        line.addWidget(left, 1)
        line.addWidget(self.story)

    def _set_up_table(self) -> None:
        table = self.table
        table.setObjectName("dossier_table")
        table.setAccessibleName("Danh sách hồ sơ")
        table.setModel(self._model)
        table.setItemDelegate(RowDelegate(table, self._model))
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(24)
        table.verticalHeader().setDefaultSectionSize(32)
        header = table.horizontalHeader()
        header.setFixedHeight(28)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentRowChanged.connect(self._row_chosen)

    def _empty(self) -> QWidget:
        holder = QWidget()
        box = column(holder)
        box.addStretch(2)
        self._nothing = text("", "h2", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hint = text("", "soft", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self._nothing)
        box.addWidget(self._hint)
        box.addStretch(3)
        return holder

    def _read(self) -> None:
        self._asked += 1
        asked = self._asked
        self._commands.dossiers(self.filter.text(), lambda rows: self._show_rows(rows) if asked == self._asked else None)

    def _show_rows(self, rows: list[dict[str, Any]]) -> None:
        keep = self._wanted or self._shown
        self._model.show_rows(rows, self._commands.now())
        self._stack.setCurrentIndex(0 if rows else 1)
        words = self.filter.text().strip()
        self._count.setText(f"{len(rows)} hồ sơ")
        self._nothing.setText(f"Không có hồ sơ nào khớp “{words}”." if words else "Chưa có hồ sơ nào.")
        self._hint.setText("Thử họ tên, mã, số định danh hoặc điện thoại." if words else "Bấm F2 để tiếp nhận hồ sơ đầu tiên.")
        place = next((n for n, r in enumerate(rows) if r["id"] == keep), None)
        if place is None and self._wanted:
            self._commands.dossier(self._wanted, self._show)
        elif rows:
            self.table.selectRow(place or 0)
        self._wanted = None

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._shown = self._model.rows[current.row()]["id"]
            self._commands.dossier(self._shown, self._show)

    def _show(self, dossier: dict[str, Any]) -> None:
        if self._shown == dossier["id"]:
            self.story.show_dossier(dossier)


def _legend() -> QWidget:
    holder = QWidget()
    holder.setFixedHeight(22)
    line = row(holder, gap=6)
    for icon, token, words in DELIVERY.values():
        line.addWidget(Glyph(icon, token, 14))
        line.addWidget(text(words, "caption"))
        line.addSpacing(12)
    line.addStretch()
    return holder
