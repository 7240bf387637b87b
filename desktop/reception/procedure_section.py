"""Section 1: which procedure, by what people say or by code, and which of its published cases."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QListWidget, QListWidgetItem, QWidget

from desktop.fields.base import Line
from desktop.flow import FlowLayout
from desktop.reception.sections import Section
from desktop.widgets import Button, Glyph, clear, column, text, tip
from forms.catalogue import Catalogue
from forms.procedure import Procedure

_SHOWN = 6  # rows of the list of hits


class _Search(Line):
    """Up and down move in the list of hits while the text keeps the keyboard; Enter takes the marked one."""

    moved = Signal(int)
    taken = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.moved.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.moved.emit(-1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
        else:
            super().keyPressEvent(event)


class ProcedureSection(Section):
    """``chosen`` is emitted when another procedure, ``changed`` when another case is taken; ``guidance_wanted`` asks for the
    sheet that says what to bring."""

    chosen = Signal()
    guidance_wanted = Signal()

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        super().__init__(1, "Thủ tục")
        self._catalogue = catalogue
        self.procedure: Procedure | None = None
        self.case_id: str | None = None
        box = column(self.body, gap=8)
        self._search = _Search()
        self._search.setObjectName("procedure_search")
        self._search.setProperty("kind", "search")
        self._search.setAccessibleName("Tìm thủ tục: gõ tên, cách gọi hằng ngày hoặc mã số")
        self._search.setPlaceholderText("Gõ “khai sinh”, “giấy độc thân”, “sao y” hoặc mã thủ tục…")
        self._search.setFixedHeight(36)
        glass = Glyph("magnifying-glass", "ink3", 18)
        glass.setParent(self._search)
        glass.move(12, 9)
        box.addWidget(self._search)
        self._hits = QListWidget()
        self._hits.setObjectName("procedure_results")
        self._hits.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._hits.setUniformItemSizes(True)
        box.addWidget(self._hits)
        self._cases = QWidget()
        self._chips = FlowLayout(self._cases)
        self._group = QButtonGroup(self)
        box.addWidget(self._cases)
        self._guidance = Button("In phiếu hướng dẫn cho người dân", self.guidance_wanted.emit, "link", "printer")
        self._guidance.setObjectName("print_guidance")
        self._guidance.careful = True
        box.addWidget(self._guidance, 0, Qt.AlignmentFlag.AlignLeft)
        self._search.textEdited.connect(lambda words: self._offer(words))
        self._search.moved.connect(self._move)
        self._search.taken.connect(self._take)
        self._hits.itemClicked.connect(lambda _item: self._take())
        self._offer("")

    def show_choice(self, procedure: Procedure | None, case_id: str | None) -> None:
        """Show a choice that was made elsewhere (a draft), without a signal."""
        self.procedure = procedure
        case = procedure.case(case_id) or procedure.cases[0] if procedure else None  # a newer version may not have that case
        self.case_id = case.id if case else None
        self._search.setText(procedure.short_name if procedure else "")
        self._hits.setVisible(procedure is None)
        if procedure is None:
            self._offer("")
        self._show_cases()

    def renew(self) -> bool:
        """The catalogue is another one. Whether the chosen procedure is now received under another version."""
        chosen = self.procedure
        if chosen is None:
            self._offer(self._search.text())
            return False
        now = self._catalogue().procedure(chosen.code)
        if now is None or now.version == chosen.version:
            return False
        self.show_choice(now, self.case_id)
        return True

    def refresh(self) -> None:
        """The heading: what was chosen, or that it is missing."""
        chosen = self.procedure
        case = chosen.case(self.case_id) if chosen else None
        words = [chosen.short_name, _code(chosen), _origin(chosen)] if chosen else []
        words += [case.name] if chosen and case and len(chosen.cases) > 1 else []
        self.heading.say(" · ".join(w for w in words if w), "" if chosen else "chưa chọn")

    def _offer(self, words: str) -> None:
        """The hits of a search; with nothing typed, every procedure at hand (few are installed at a counter)."""
        self._hits.clear()
        catalogue = self._catalogue()
        found = catalogue.search(words) if words.strip() else list(catalogue.procedures)
        for procedure in found[:_SHOWN]:
            said = (procedure.short_name, _code(procedure), procedure.field, _origin(procedure))
            item = QListWidgetItem("   ·   ".join(w for w in said if w))
            item.setData(Qt.ItemDataRole.UserRole, procedure.code)
            item.setSizeHint(QSize(0, 36))
            item.setToolTip(tip(procedure.name))
            self._hits.addItem(item)
        if not found:
            nothing = QListWidgetItem("Không có thủ tục nào như vậy ở quầy này. Thử từ khác hoặc mã số, ví dụ 1.001193.")
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            nothing.setSizeHint(QSize(0, 36))
            self._hits.addItem(nothing)
        self._hits.setCurrentRow(0 if found else -1)
        self._hits.setFixedHeight(10 + 36 * max(min(len(found), _SHOWN), 1))
        self._hits.show()

    def _move(self, step: int) -> None:
        if self._hits.isVisibleTo(self):
            self._hits.setCurrentRow(min(max(self._hits.currentRow() + step, 0), self._hits.count() - 1))
        else:
            self._offer("")

    def _take(self) -> None:
        item = self._hits.currentItem()
        if not self._hits.isVisibleTo(self):
            self._search.focusNextPrevChild(True)
            return
        if item is None or not item.data(Qt.ItemDataRole.UserRole):
            return
        self.show_choice(self._catalogue().procedure(item.data(Qt.ItemDataRole.UserRole)), None)
        self.chosen.emit()

    def _show_cases(self) -> None:
        clear(self._chips)  # type: ignore[arg-type]
        cases = self.procedure.cases if self.procedure else ()
        self._cases.setVisible(len(cases) > 1)
        self._guidance.setVisible(self.procedure is not None)
        if len(cases) < 2:
            return
        label = text("Trường hợp", "label")
        label.setFixedHeight(32)
        self._chips.addWidget(label)
        for case in cases:
            chip = Button(case.name, self._case_taker(case.id), "chip")
            chip.setObjectName(f"case.{case.id}")
            chip.setCheckable(True)
            chip.setChecked(case.id == self.case_id)
            self._group.addButton(chip)
            self._chips.addWidget(chip)

    def _case_taker(self, case_id: str) -> Callable[[], None]:
        def take() -> None:
            self.case_id = case_id
            self.changed.emit()

        return take


def _origin(procedure: Procedure) -> str:
    return "nhập từ Cổng" if procedure.review == "imported" else ""


def _code(procedure: Procedure) -> str:
    """The published code; a linked group has none of its own, so its decree stands there."""
    return procedure.decision if procedure.members else procedure.code
