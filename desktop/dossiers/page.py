"""F3 Hồ sơ: list and story."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QStackedWidget, QTableView, QWidget

from desktop.commands import Commands
from desktop.dossiers.chips import Chips
from desktop.dossiers.copy_lane import CopyLane
from desktop.dossiers.model import COLUMNS, DELIVERY, DossierModel, RowDelegate
from desktop.dossiers.review import counter_name
from desktop.dossiers.story import Story
from desktop.widgets import Glyph, column, row, side_width, text
from sync.store.dossiers import PAGE

_ROOMY = 1700
"""From this width of the window the columns are wide beside the context panel."""
_REST_MS = 150
"""The story is told when the typing rests so long; a row chosen by hand tells it at once."""


class _Table(QTableView):
    """Typing filters, as if the filter had the keyboard; Enter goes on to what may be done with the dossier."""

    into_story = Signal()

    def __init__(self, filter_box: QLineEdit) -> None:
        super().__init__()
        self._filter = filter_box

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().strip() and event.text().isprintable() and not event.modifiers():
            self._filter.setFocus()
            self._filter.insert(event.text())
            self._filter.textEdited.emit(self._filter.text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.into_story.emit()
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
        self._reading, self._again = False, False
        session = commands.session
        self._model = DossierModel(lambda c: counter_name(session, c).removesuffix(" (máy này)"))
        self.filter = _Filter()
        self.table = _Table(self.filter)
        self.filter.table = self.table
        self.chips = Chips(list(session.profile.get("counters") or []) if session else [])
        self.story = Story(commands)
        self.lane = CopyLane(commands)
        self._count = text("", "meta")
        self._count.setObjectName("dossier_count")
        self._lay_out()
        self._set_up_table()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_REST_MS)
        self._pause.timeout.connect(self._tell)
        self._connect()
        commands.recall("columns", lambda kept: self._show_columns(tuple(kept)) if kept else None)
        self.reload(frozenset())

    def _connect(self) -> None:
        self.filter.textEdited.connect(lambda _words: self._read())
        self.chips.changed.connect(self._read)
        self.chips.columns_changed.connect(self._columns_chosen)
        self._model.more_wanted.connect(self._read_more)
        QShortcut(QKeySequence("Ctrl+P"), self, self.story.print_again)
        QShortcut(QKeySequence("Ctrl+D"), self, self.story.focus_papers)
        for place in range(10):
            QShortcut(QKeySequence(f"Alt+{(place + 1) % 10}"), self, lambda p=place: self.chips.choose_place(p))
        self.story.acted.connect(self.focus_start)
        self.table.into_story.connect(self.story.focus_acts)
        self.lane.left.connect(self._leave_lane)

    def search(self, words: str) -> None:
        """Filter by what was typed in the top bar, or scanned into it."""
        self.filter.setText(words)
        if words:
            self._faces.setCurrentIndex(0)
            self.chips.clear()  # whoever searches everything means everything
        else:
            self._read()

    def reload(self, dossiers: frozenset[str]) -> None:
        """Something changed: read the list again, and the story when it is one of these."""
        self._read()
        self._commands.chips(self.chips.show_counts)
        if self._shown and (self._shown in dossiers or "*" in dossiers):
            self._commands.dossier(self._shown, self._show)
        if self._copying and (self.lane.dossier in dossiers or "*" in dossiers):
            self._commands.dossier(self.lane.dossier, self._show_lane)

    def open_dossier(self, dossier: str) -> None:
        """Show this one, whatever the filter says."""
        self._faces.setCurrentIndex(0)
        self.filter.clear()
        self._wanted = self._shown = dossier
        self.chips.clear()

    def correct_dossier(self, dossier: str, field: str) -> None:
        """Show this one with its correction open at a field."""
        self.open_dossier(dossier)
        self.story.correct_when_shown(dossier, field)

    def attach_to(self, dossier: str) -> None:
        """Show this one at its papers, to add scans to them."""
        self.open_dossier(dossier)
        self.story.papers_when_shown(dossier)

    def copy_dossier(self, dossier: str) -> None:
        """Show this one's fields, to type them into the system that must have it."""
        self.open_dossier(dossier)
        self._commands.dossier(dossier, self._open_lane)

    @property
    def _copying(self) -> bool:
        return self._faces.currentWidget() is self.lane

    def _open_lane(self, dossier: dict[str, Any]) -> None:
        if dossier.get("copying"):
            self._faces.setCurrentWidget(self.lane)
            self._show_lane(dossier)
            self.lane.focus_start()

    def _show_lane(self, dossier: dict[str, Any]) -> None:
        if dossier.get("copying"):
            self.lane.show_dossier(dossier)
        else:
            self._leave_lane()  # it goes by another road now, or was erased

    def _leave_lane(self) -> None:
        self._faces.setCurrentIndex(0)
        self.focus_start()

    def show_figure(self, title: str, ids: tuple[str, ...]) -> None:
        """The dossiers behind a figure of a report."""
        self._faces.setCurrentIndex(0)
        self.filter.clear()
        self.chips.show_figure(title, ids)

    def show_chip(self, name: str) -> None:
        """One quick filter, from elsewhere."""
        self._faces.setCurrentIndex(0)
        self.filter.clear()
        self.chips.clear()
        self.chips.choose(name)

    def focus_start(self) -> None:
        """The list has the keyboard, typing filters; or the lane that is open."""
        if self._copying:
            self.lane.focus_start()
        else:
            self.table.setFocus()

    focus_list = focus_start

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size_columns()

    def _size_columns(self) -> None:
        window = self.window().width()
        self.story.setFixedWidth(side_width(window))
        wide = window >= 1500
        self.table.verticalHeader().setDefaultSectionSize(40 if wide else 32)
        header = self.table.horizontalHeader()
        stretched = next((c for c in ("procedure", "full_name") if c in self._model.columns), "")
        fixed = sum(COLUMNS[c].wide[window >= _ROOMY] or 160 for c in self._model.columns if c != stretched)
        roomy = self.table.viewport().width() - fixed >= 140
        for place, name in enumerate(self._model.columns):
            grows = name == stretched and roomy
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch if grows else QHeaderView.ResizeMode.Fixed)
            if not grows:
                self.table.setColumnWidth(place, COLUMNS[name].wide[window >= _ROOMY] or 160)

    def _lay_out(self) -> None:
        self._faces = QStackedWidget()
        column(self, gap=0).addWidget(self._faces)
        desk = QWidget()
        line = row(desk, gap=0)
        left = QWidget()
        box = column(left, (8, 8, 8, 4), 8)
        head = row()
        self.filter.setObjectName("dossier_filter")
        self.filter.setProperty("kind", "search")
        self.filter.setPlaceholderText("Họ tên, mã, số, điện thoại; quét giấy hẹn")
        self.filter.setAccessibleName("Lọc danh sách hồ sơ")
        self.filter.setMinimumWidth(200)
        self.filter.setMaximumWidth(480)
        self.filter.setFixedHeight(36)
        funnel = Glyph("funnel-simple", "ink2", 16)
        funnel.setParent(self.filter)
        funnel.move(12, 10)
        head.addWidget(self.filter, 1)
        head.addWidget(self.chips.menus)
        head.addStretch()
        head.addWidget(self._count)
        box.addLayout(head)
        box.addWidget(self.chips)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty())
        box.addWidget(self._stack, 1)
        box.addWidget(_legend())
        line.addWidget(left, 1)
        line.addWidget(self.story)
        self._faces.addWidget(desk)
        self._faces.addWidget(self.lane)

    def _set_up_table(self) -> None:
        table = self.table
        table.setObjectName("dossier_table")
        table.setAccessibleName("Danh sách hồ sơ")
        table.setModel(self._model)
        table.setItemDelegate(RowDelegate(table, self._model))
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setMinimumSectionSize(24)
        table.verticalHeader().setDefaultSectionSize(32)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setFixedHeight(28)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self._size_columns()
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

    # Reading: one page at a time, and never two at once; keys typed meanwhile are looked for together

    def _read(self) -> None:
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._commands.dossiers(self.chips.wanted(self.filter.text()), 0, self._have_read)

    def _have_read(self, rows: list[dict[str, Any]]) -> None:
        self._reading = False
        self._show_rows(rows)
        if self._again:
            self._again = False
            self._read()

    def _read_more(self, offset: int) -> None:
        wanted = self.chips.wanted(self.filter.text())

        def more(rows: list[dict[str, Any]]) -> None:
            if wanted == self.chips.wanted(self.filter.text()) and offset == len(self._model.rows):
                self._model.add_rows(rows, len(rows) == PAGE)
                self._say_count()

        self._commands.dossiers(wanted, offset, more)

    def _say_count(self) -> None:
        number = f"{len(self._model.rows):,}".replace(",", ".")
        self._count.setText(f"{number}+ hồ sơ" if self._model.canFetchMore(QModelIndex()) else f"{number} hồ sơ")

    def _show_rows(self, rows: list[dict[str, Any]]) -> None:
        keep = self._wanted or self._shown
        self._model.show_rows(rows, self._commands.now(), len(rows) == PAGE)
        self._stack.setCurrentIndex(0 if rows else 1)
        words = self.filter.text().strip()
        self._say_count()
        if words:
            self._nothing.setText(f"Không có hồ sơ nào khớp “{words}”.")
            self._hint.setText("Thử họ tên, mã, số định danh hoặc điện thoại.")
        elif self.chips.filtered:
            self._nothing.setText("Không có hồ sơ nào ở mục này.")
            self._hint.setText("Bấm lại vào mục đang chọn, hoặc chọn “Mọi…” ở Tình trạng và Quầy, để xem tất cả.")
        else:
            self._nothing.setText("Chưa có hồ sơ nào.")
            self._hint.setText("Bấm F2 để tiếp nhận hồ sơ đầu tiên.")
        place = next((n for n, r in enumerate(rows) if r["id"] == keep), None)
        if place is None and self._wanted:
            self._commands.dossier(self._wanted, self._show)
        elif not rows:
            self._shown = None
            self.story.show_dossier(None)
        else:
            table = self.table.selectionModel()
            table.blockSignals(True)  # the story follows when the typing rests
            self.table.selectRow(place or 0)
            table.blockSignals(False)
            if self._wanted:
                self.table.scrollTo(self._model.index(place or 0, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
            if rows[place or 0]["id"] != self._shown or self._wanted:
                self._shown = rows[place or 0]["id"]
                self._pause.start(0 if self._wanted else _REST_MS)
            self.table.viewport().update()
        self._wanted = None

    def _row_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._shown = self._model.rows[current.row()]["id"]
            self._pause.stop()
            self._tell()

    def _tell(self) -> None:
        if self._shown:
            self._commands.dossier(self._shown, self._show)

    def _show(self, dossier: dict[str, Any]) -> None:
        if self._shown == dossier["id"]:
            self.story.show_dossier(dossier)

    # Columns

    def _show_columns(self, columns: tuple[str, ...]) -> None:
        self.chips.show_columns(columns)
        self._model.show_columns(self.chips.columns)
        self._size_columns()

    def _columns_chosen(self) -> None:
        self._commands.remember("columns", list(self.chips.columns))
        self._show_columns(self.chips.columns)
        self._read()


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
