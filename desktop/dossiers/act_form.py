"""The small form of an act, in place of the buttons: papers to tick, fields, the button that does it, and "Thôi"."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop import fields
from desktop.dossiers.telling import PAPERS
from desktop.dossiers.ways import ASKED, Values, Way
from desktop.fields import Field
from desktop.widgets import Button, Tick, column, frame, row, scrolling, text, tip
from forms.procedure import PaperRequirement


class FormFrame(QWidget):
    """A title, what is inside, and the two buttons. ``go`` and ``cancel`` are called by them. ``typed``: somebody has written
    in it."""

    def __init__(self, title: str, inside: QWidget, words: str, go: Callable[[], None], cancel: Callable[[], None]) -> None:
        super().__init__()
        self.typed = False
        holder = frame("quiet")
        column(self).addWidget(holder)
        box = column(holder, (12, 8, 8, 10), 6)
        box.addWidget(text(title, "strong", wrap=True))
        box.addWidget(scrolling(inside), 1)
        line = row()
        prints = words.endswith(" in")
        does = Button(words, go, "primary", "printer" if prints else "check")
        does.setObjectName("act.go")
        line.addWidget(does)
        leave = Button("Thôi", cancel, "link")
        leave.setObjectName("act.cancel")
        line.addWidget(leave)
        line.addStretch()
        box.addLayout(line)


class ActForm(FormFrame):
    """What a way asks for. ``done(values)`` gets every field by name, and the ticked papers as ``papers``; ``ticked``: they begin
    so."""

    def __init__(
        self,
        way: Way,
        needs: Sequence[PaperRequirement],
        done: Callable[[Values], None],
        cancel: Callable[[], None],
        suggested: Values | None = None,
        warning: str = "",
        ticked: bool = False,
    ) -> None:
        inside = QWidget()
        box = column(inside, (4, 4, 8, 4), 6)
        if warning:
            said = text(warning, "panel", "amber", wrap=True)
            said.setObjectName("act.warning")
            box.addWidget(said)
        self._ticks = [(need, Tick(need.name)) for need in needs]
        for number, (_need, tick) in enumerate(self._ticks):
            tick.setObjectName(f"act.paper.{number}")
            tick.setToolTip(tip(tick.text()))
            tick.setChecked(ticked)
            box.addWidget(tick)
        self._made: dict[str, Field] = {}
        for name in way.asks:
            field = fields.make(("act", name), ASKED[name], False)
            field.set_value((suggested or {}).get(name))
            field.changed.connect(self._edited)
            box.addWidget(field)
            self._made[name] = field
        box.addStretch()
        words = way.go or ("Ghi và in" if way.event in PAPERS else "Ghi")
        super().__init__(way.form, inside, words, lambda: done(self._values()), cancel)

    def _edited(self) -> None:
        self.typed = True

    def focus_start(self) -> None:
        """The first paper, or the first field."""
        first: QWidget = self._ticks[0][1] if self._ticks else next(iter(self._made.values()))
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def _values(self) -> Values:
        values = empty() | {n: f.value() for n, f in self._made.items()}
        for name in ("reason", "other", "basis", "own_words"):
            values[name] = str(values[name] or "")
        return values | {"papers": [need for need, tick in self._ticks if tick.isChecked()]}


def empty() -> Values:
    """The values of a form that asks for nothing."""
    values: dict[str, Any] = dict.fromkeys(ASKED)
    return values | {"papers": []}
