"""The quick filters above the list, with their numbers; stage, counter and columns behind one small menu each."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QWidget

from desktop.dossiers.model import COLUMNS, STAGES, USUAL
from desktop.flow import FlowLayout
from desktop.widgets import Button, row
from sync.store.dossiers import Wanted

CHIPS = {
    "today": "Hôm nay",
    "late": "Quá hạn",
    "due": "Đến hạn",
    "soon": "Sắp đến hạn",
    "filed": "Trực tuyến chờ",
    "supplement": "Chờ bổ sung",
    "ready": "Chờ trả",
    "unsent": "Chưa gửi",
    "refused": "Bị từ chối",
    "review": "Xem lại",
}
"""Quick filter of the store -> its words; the due board is the first line of them."""
_ALWAYS = ("today", "late", "due", "soon")


class Chips(QWidget):
    """``changed`` when another filter is wanted; ``columns_changed`` when other columns are. ``menus``: stage, counter and
    columns, to stand beside the words."""

    changed = Signal()
    columns_changed = Signal()

    def __init__(self, counters: list[dict[str, Any]]) -> None:
        super().__init__()
        self._chip, self._stage, self._counter = "", "", ""
        self.columns: tuple[str, ...] = USUAL
        self.figure: tuple[str, tuple[str, ...]] | None = None
        flow = FlowLayout(self, gap=6)
        self._buttons: dict[str, Button] = {}
        group = QButtonGroup(self)
        group.setExclusive(False)
        for place, (name, words) in enumerate(CHIPS.items(), 1):
            button = Button(words, kind="chip")
            button.setObjectName(f"chip.{name}")
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, n=name: self.choose(n))
            button.setToolTip(f"Alt+{place % 10}")
            self._buttons[name] = button
            flow.addWidget(button)
        self._figure = Button("", self._drop_figure, "chip", "x")
        self._figure.setObjectName("chip.figure")
        flow.addWidget(self._figure)
        self._figure.hide()
        self.menus = QWidget()
        line = row(self.menus, gap=6)
        self._stages = self._menu(line, "stage", "Tình trạng", [("", "Mọi tình trạng"), *STAGES.items()])
        shown = [(str(c["id"]), str(c["name"])) for c in counters]
        self._counters = self._menu(line, "counter", "Quầy", [("", "Mọi quầy"), *shown])
        self._counters.setVisible(len(shown) > 1)
        line.addWidget(self._columns_menu())
        self.show_counts({})

    def wanted(self, search: str) -> Wanted:
        """The filter as the store takes it."""
        return Wanted(search, self._chip, self._stage, self._counter, self.figure[1] if self.figure else None)

    @property
    def filtered(self) -> bool:
        """Whether anything but words narrows the list."""
        return bool(self._chip or self._stage or self._counter or self.figure)

    def show_counts(self, counts: dict[str, int]) -> None:
        """Numbers on the chips; those of nothing are not there, but for the due board and the one that is chosen."""
        for name, button in self._buttons.items():
            number = counts.get(name, 0)
            button.setText(f"{CHIPS[name]} {number}" if number else CHIPS[name])
            button.setVisible(bool(number) or name in _ALWAYS or name == self._chip)

    def choose(self, name: str) -> None:
        """This chip alone; the one that is on goes off."""
        self._chip = "" if name == self._chip else name
        self._show()

    def choose_place(self, place: int) -> None:
        """Alt+1 … Alt+0: the chip of this place."""
        name = list(CHIPS)[place]
        if self._buttons[name].isVisibleTo(self):
            self.choose(name)

    def show_figure(self, title: str, ids: tuple[str, ...]) -> None:
        """Only the dossiers behind a figure of a report, until it is taken away."""
        self._chip = self._stage = self._counter = ""
        self.figure = (title, ids)
        self._figure.setText(f"{title} ({len(ids)})")
        self._show()

    def clear(self) -> None:
        """Everything again."""
        self._chip = self._stage = self._counter = ""
        self.figure = None
        self._show()

    def show_columns(self, columns: tuple[str, ...]) -> None:
        """Which columns are chosen (as remembered)."""
        self.columns = tuple(c for c in COLUMNS if c in columns) or USUAL
        for name, action in self._column_actions.items():
            action.setChecked(name in self.columns)

    def _show(self) -> None:
        for name, button in self._buttons.items():
            button.setChecked(name == self._chip)
        self._figure.setVisible(self.figure is not None)
        self._stages.setText(STAGES.get(self._stage, "Tình trạng"))
        self._stages.setChecked(bool(self._stage))
        self._counters.setText(self._counter_words.get(self._counter, "Quầy") if self._counter else "Quầy")
        self._counters.setChecked(bool(self._counter))
        self.changed.emit()

    def _drop_figure(self) -> None:
        self.figure = None
        self._show()

    def _menu(self, line: QHBoxLayout, name: str, title: str, entries: list[tuple[str, str]]) -> Button:
        button = Button(title, kind="chip", icon="caret-down", token="ink2")
        button.setObjectName(f"chip.{name}")
        button.setCheckable(True)
        menu = QMenu(button)
        for key, words in entries:
            menu.addAction(words).triggered.connect(lambda _on=False, k=key: self._pick(name, k))
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        if name == "counter":
            self._counter_words = dict(entries)
        line.addWidget(button)
        return button

    def _pick(self, name: str, key: str) -> None:
        setattr(self, f"_{name}", key)
        self._show()

    def _columns_menu(self) -> Button:
        button = Button("Cột", kind="chip", icon="columns", token="ink2")
        button.setObjectName("chip.columns")
        menu = QMenu(button)
        self._column_actions: dict[str, QAction] = {}
        for name, column in COLUMNS.items():
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(name in self.columns)
            action.setEnabled(name not in ("code", "full_name"))
            action.triggered.connect(lambda _on=False: self._columns_picked())
            self._column_actions[name] = action
        button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    def _columns_picked(self) -> None:
        self.columns = tuple(n for n, a in self._column_actions.items() if a.isChecked())
        self.columns_changed.emit()
