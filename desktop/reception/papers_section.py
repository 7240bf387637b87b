"""Section 4: the checklist of the chosen case. Nothing outside the published list can be asked for."""

from typing import Any

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.fields.base import Line
from desktop.reception.sections import Section
from desktop.widgets import AlignV, Pill, Tick, clear, column, text, tip
from forms.procedure import Case, PaperRequirement

KINDS = (("originals", "Bản chính"), ("certified", "Chứng thực"), ("copies", "Bản chụp"))
_KEYS = {Qt.Key.Key_B: "originals", Qt.Key.Key_S: "certified", Qt.Key.Key_C: "copies"}


class _PaperTick(Tick):
    """Space ticks; B, S, C say chính, chứng thực (sao), chụp; Enter and the arrows go to the next paper."""

    kind_wanted = Signal(str)
    step = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS and not event.modifiers():
            self.kind_wanted.emit(_KEYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.step.emit(1)
        elif key == Qt.Key.Key_Up:
            self.step.emit(-1)
        else:
            super().keyPressEvent(event)


class PaperRow:
    """One paper: a tick, three counts, and whether it is still missing."""

    def __init__(self, need: PaperRequirement, grid: QGridLayout, line: int) -> None:
        self.need = need
        self.tick = _PaperTick(need.name)
        self.tick.setObjectName(f"paper.{need.code}.tick")
        self.tick.setToolTip(tip(". ".join(w for w in (need.name, need.note) if w)))
        self.pill = Pill("", "amber")
        grid.addWidget(self.tick, line, 0)
        grid.addWidget(self.pill, line, 1, AlignV | Qt.AlignmentFlag.AlignRight)
        self.counts: dict[str, Line] = {}
        for place, (kind, title) in enumerate(KINDS):
            count = Line()
            count.setObjectName(f"paper.{need.code}.{kind}")
            count.setAccessibleName(f"{need.name}: số {title.lower()}")
            count.setProperty("kind", "count")
            count.setAlignment(Qt.AlignmentFlag.AlignCenter)
            count.setFixedWidth(64)
            count.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,3}"), count))
            self.counts[kind] = count
            grid.addWidget(count, line, 2 + place, Qt.AlignmentFlag.AlignCenter)
        self.show({})

    def show(self, counts: dict[str, int]) -> None:
        """Show what was brought; nothing at all leaves the row unticked."""
        brought = any(counts.get(kind) for kind, _ in KINDS)
        self.tick.setChecked(brought)
        for kind, line in self.counts.items():
            line.setText(str(counts[kind]) if counts.get(kind) else "")
            line.setEnabled(brought)
        self._mark()

    def ticked(self, on: bool) -> None:
        """The clerk ticked: the counts wanted are the first guess."""
        wanted = {kind: getattr(self.need, kind) for kind, _ in KINDS}
        self.show((wanted if any(wanted.values()) else {"copies": 1}) if on else {})

    def only(self, kind: str) -> None:
        """Brought as this kind only."""
        most = max([1, *(getattr(self.need, k) for k, _ in KINDS)])
        self.show({kind: most})

    def value(self) -> dict[str, Any] | None:
        """The paper for the line, or None when it was not brought."""
        counts = {kind: int(line.text() or 0) for kind, line in self.counts.items()}
        return {"code": self.need.code} | counts if any(counts.values()) else None

    def _mark(self) -> None:
        if self.tick.isChecked():
            self.pill.hide()
        elif self.need.required:
            self.pill.say("chưa nhận", "amber", "warning-circle")
            self.pill.show()
        else:
            self.pill.say("nếu có", "quiet")
            self.pill.show()


class PapersSection(Section):
    """The value is ``papers`` of the dossier line: only what was brought."""

    def __init__(self) -> None:
        super().__init__(4, "Giấy tờ")
        self._box = column(self.body)
        self.rows: list[PaperRow] = []
        self.show_case(None)

    def show_case(self, case: Case | None) -> None:
        """The checklist of another case of the same procedure; ticks on papers that both lists hold stay. Show None
        between two procedures: the same code may name another paper there."""
        kept = {row.need.code: row.value() for row in self.rows}
        clear(self._box)
        self.rows = []
        if case is None:
            self._box.addWidget(text("Danh sách giấy tờ hiện ra sau khi chọn thủ tục.", "soft"))
            return
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for place, (_kind, title) in enumerate(KINDS):
            head: QLabel = text(title, "caption")
            head.setFixedSize(76, 20)
            head.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(head, 0, 2 + place, Qt.AlignmentFlag.AlignCenter)
        for number, need in enumerate(case.papers):
            row = PaperRow(need, grid, number + 1)
            row.show(kept.get(need.code) or {})
            self._connect(row, number)
            self.rows.append(row)
        self._box.addWidget(holder)
        holder.show()  # at once, so that the keyboard may go there before the layout is done

    def value(self) -> list[dict[str, Any]]:
        """The papers that were brought, in the order of the list."""
        return [brought for brought in (row.value() for row in self.rows) if brought]

    def set_value(self, papers: list[dict[str, Any]]) -> None:
        """Show what a draft says was brought."""
        brought = {p["code"]: p for p in papers}
        for row in self.rows:
            row.show(brought.get(row.need.code, {}))

    def refresh(self, missing: list[str]) -> None:
        """The heading; ``missing`` = names of required papers not brought."""
        required = [row for row in self.rows if row.need.required]
        here = sum(row.tick.isChecked() for row in required)
        words = f"đủ {here} trên {len(required)} giấy tờ bắt buộc" if required else ""
        pill = f"thiếu {missing[0]}" if len(missing) == 1 else f"thiếu {len(missing)} giấy tờ" if missing else ""
        self.heading.say(words, pill if self.rows else "chờ thủ tục")

    def _connect(self, row: PaperRow, number: int) -> None:
        def step(by: int) -> None:
            there = number + by
            if 0 <= there < len(self.rows):
                self.rows[there].tick.setFocus(Qt.FocusReason.TabFocusReason)
            elif by > 0:
                last = [c for c in self.rows[-1].counts.values() if c.isEnabled()]
                (last[-1] if last else row.tick).focusNextPrevChild(True)

        def ticked(on: bool) -> None:
            row.ticked(on)
            self.changed.emit()

        def only(kind: str) -> None:
            row.only(kind)
            self.changed.emit()

        row.tick.clicked.connect(ticked)
        row.tick.kind_wanted.connect(only)
        row.tick.step.connect(step)
        for line in row.counts.values():
            line.textEdited.connect(lambda _words: self.changed.emit())
