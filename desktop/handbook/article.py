"""The right side of the handbook: one readable page for a procedure, in the case and channel that the resident needs."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QVBoxLayout, QWidget

from desktop import theme
from desktop.flow import FlowLayout
from desktop.handbook import cards
from desktop.widgets import AlignV, Button, Pill, clear, column, row, scrolling, text, tip
from forms.handbook import Guide
from forms.names import fold

_TWO_COLUMNS = 780  # px of the page from which facts stand beside the checklist
_WIDEST = 1440
_LONGEST_CHIP = 72  # letters


class _Chip(Button):
    """As wide when it is not taken as when it is: taken, its letters are bolder, and no neighbour should move."""

    def sizeHint(self) -> QSize:
        bold = QFontMetrics(theme.font(14, 600)).horizontalAdvance(self.text()) + 28
        return super().sizeHint().expandedTo(QSize(bold, 0))


class Article(QWidget):
    """``turned(case, channel)`` when a chip is taken. The head is made anew for another procedure only, so that the keyboard
    stays on the chip."""

    turned = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.guide: Guide | None = None
        self._groups: list[QButtonGroup] = []
        page = QWidget()
        sheet = row(page, (16, 16, 24, 16), 0)
        inner = QWidget()
        inner.setMaximumWidth(_WIDEST)
        sheet.addWidget(inner, 1000)
        sheet.addStretch(1)  # what is left over on a very wide screen
        box = column(inner, gap=12)
        self._head = column(gap=8)
        box.addLayout(self._head)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(12)
        self._side = QWidget()
        self._left, self._right, self._foot = column(gap=12), column(self._side, gap=12), column(gap=12)
        self._columns.addLayout(self._left, 1)
        self._columns.addWidget(self._side)
        box.addLayout(self._columns)
        box.addLayout(self._foot)
        box.addStretch()
        self._scroll = scrolling(page)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column(self).addWidget(self._scroll)

    def show_guide(self, guide: Guide) -> None:
        """Show a page; nothing is redrawn when it says what it said before."""
        if guide == self.guide:
            return
        before, self.guide = self.guide, guide
        self.setUpdatesEnabled(False)
        if before is None or before.procedure != guide.procedure:
            self._show_head(guide)
            self._scroll.verticalScrollBar().setValue(0)
        for chip in (b for group in self._groups for b in group.buttons()):
            if chip.property("choice") == (guide.case.id if chip.property("about") == "case" else guide.channel.id):
                chip.setChecked(True)
        self._show_body(guide)
        self.setUpdatesEnabled(True)

    def first_stop(self) -> QWidget | None:
        """Where the keyboard goes first: the chip that is taken."""
        return next((b for group in self._groups if (b := group.checkedButton()) is not None), None)

    def take_case(self, place: int) -> None:
        """Take the case at a place, counted from 0, if there is one."""
        cases = self.guide.procedure.cases if self.guide else ()
        if place < len(cases) and len(cases) > 1:
            chip = self._groups[0].buttons()[place]
            chip.setChecked(True)
            self._scroll.ensureWidgetVisible(chip)
            self._turn()

    def scroll_by(self, pages: int) -> None:
        """Move the page by most of its height."""
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + pages * (bar.pageStep() - 48))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        two = self.width() >= _TWO_COLUMNS
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if two else QBoxLayout.Direction.TopToBottom)
        wide = 480 if self.width() >= 1200 else 344
        self._side.setMinimumWidth(wide if two else 0)
        self._side.setMaximumWidth(wide if two else 16_777_215)

    def _show_head(self, guide: Guide) -> None:
        clear(self._head)
        procedure = guide.procedure
        line = row(gap=12)
        title = text(procedure.short_name, "h1", wrap=True)
        title.setObjectName("handbook_title")
        line.addWidget(title, 1)
        if guide.imported or guide.doubts:
            doubt = "cần xác nhận, nhập từ Cổng" if guide.imported else "cần xác nhận"
            line.addWidget(Pill(doubt, "amber", "warning-circle"), 0, AlignV)
        top = QWidget()
        top.setLayout(line)
        _put(self._head, top)
        code = "" if guide.parts else guide.code
        known = (code, procedure.field, guide.published, guide.coming)
        _put(self._head, text(" · ".join(w for w in known if w), "soft", wrap=True))
        if fold(procedure.name).removeprefix("thu tuc ") != fold(procedure.short_name):
            _put(self._head, text(procedure.name, "meta", wrap=True))
        self._groups = []
        for words, kind, choices in (("Trường hợp", "case", procedure.cases), ("Cách nộp", "channel", procedure.channels)):
            if len(choices) > 1:
                _put(self._head, self._chips(words, kind, [(c.id, c.name) for c in choices]))

    def _chips(self, title: str, kind: str, choices: Iterable[tuple[str, str]]) -> QWidget:
        holder, chips = QWidget(), QWidget()
        line = row(holder, gap=8)
        label = text(title, "label")
        label.setFixedSize(84, 32)
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(chips, 1)
        flow = FlowLayout(chips)
        group = QButtonGroup(holder)
        for number, (key, name) in enumerate(choices, 1):
            chip = _Chip(_shortened(name), self._turn, "chip")
            chip.setObjectName(f"handbook.{kind}.{key}")
            chip.setProperty("about", kind)
            chip.setProperty("choice", key)
            chip.setToolTip(tip(f"{name} (Alt+{number})" if kind == "case" and number < 10 else name))
            chip.setAccessibleName(f"{title}: {name}")
            chip.setCheckable(True)
            group.addButton(chip)
            flow.addWidget(chip)
        self._groups.append(group)
        return holder

    def _turn(self) -> None:
        if self.guide is None:
            return
        taken = {"case": self.guide.case.id, "channel": self.guide.channel.id}
        for chip in (b for group in self._groups for b in group.buttons() if b.isChecked()):
            taken[str(chip.property("about"))] = str(chip.property("choice"))
        self.turned.emit(taken["case"], taken["channel"])

    def _show_body(self, guide: Guide) -> None:
        left: list[Callable[[Guide], QWidget]] = [cards.bring, *([cards.parts] if guide.parts else []), cards.steps]
        right: list[Callable[[Guide], QWidget]] = [cards.time, cards.fees]
        many = len(guide.prices) + len(guide.reliefs) > len(guide.bring) + len(guide.bring_if) + len(guide.parts) + 1
        (left if many else right).append(cards.facts)  # where there is room, so that no column hangs far below the other
        for box, makers in ((self._left, left), (self._right, right), (self._foot, [cards.doubts] if guide.doubts else [])):
            _fill(box, (partial(make, guide) for make in makers))


def _fill(box: QVBoxLayout, makers: Iterable[Callable[[], QWidget]]) -> None:
    clear(box)
    for make in makers:
        _put(box, make())
    box.addStretch()


def _put(box: QVBoxLayout, made: QWidget) -> None:
    """Add a widget and show it at once: a layout alone shows it only after the events that wait."""
    box.addWidget(made)
    made.show()


def _shortened(name: str) -> str:
    """A chip never wider than the page; its tool tip and accessible name say all of it."""
    return name if len(name) <= _LONGEST_CHIP else name[: _LONGEST_CHIP - 1].rsplit(" ", 1)[0] + "…"
