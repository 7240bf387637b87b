"""Section 3: the e-form, drawn from its definition."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.fields import Field, PersonField
from desktop.fields.person import BORROWED, grid
from desktop.reception.sections import Section
from desktop.widgets import clear, column, rule, text
from forms.definition import Definition
from forms.person import Card


class FormSection(Section):
    """The value is ``answers``. Values survive a change of case; a change of procedure starts a new form."""

    def __init__(self, applicant: Callable[[], dict[str, Any]]) -> None:
        super().__init__(3, "Tờ khai")
        self._applicant = applicant
        self.fields: dict[str, Field] = {}
        self._box = column(self.body, gap=10)
        self.show_definition(None)

    def show_definition(self, definition: Definition | None) -> None:
        """Draw another e-form, empty but for its defaults; None = this procedure has none."""
        clear(self._box)
        self.fields = {}
        if definition is None:
            self._box.addWidget(text("Tờ khai hiện ra sau khi chọn thủ tục.", "soft"))
            return
        schema = definition.schema
        for number, section in enumerate(definition.layout):
            if number:
                self._box.addWidget(rule())
            if not all(schema["properties"][n]["x-kind"] == "person" for r in section.rows[:1] for n in r):
                self._box.addWidget(text(section.title, "strong"))
            holder = QWidget()
            inner, made = grid(section.rows, schema["properties"], schema["required"], ("answers",))
            holder.setLayout(inner)
            self._box.addWidget(holder)
            holder.show()  # at once, so that the keyboard may go there before the layout is done
            self.fields |= made
        for field in self.fields.values():
            field.changed.connect(self.changed)
            if isinstance(field, PersonField):
                field.borrow.connect(self._lender(field))
            else:
                field.scanned.connect(self._reader(field))

    def value(self) -> dict[str, Any]:
        """The answers given so far."""
        known = {name: field.value() for name, field in self.fields.items()}
        return {name: one for name, one in known.items() if one is not None}

    def set_value(self, answers: dict[str, Any]) -> None:
        """Show answers; properties that the form does not know are left out."""
        for name, field in self.fields.items():
            if name in answers:
                field.set_value(answers[name])

    def all_fields(self) -> dict[tuple[str, ...], Field]:
        """Every field by its path, those inside persons too."""
        return {f.path: f for field in self.fields.values() for f in {field, *field.controls()}}

    def refresh(self, missing: list[str]) -> None:
        """The heading; ``missing`` = titles of unanswered or wrong properties."""
        for field in self.fields.values():
            if isinstance(field, PersonField):
                field.compare(self._applicant())
        named = ", ".join(missing[:2]).lower() if len(missing) <= 2 else ""
        pill = f"còn {len(missing)} mục{': ' + named if named else ''}" if missing else ""
        self.heading.say("" if self.fields else "chưa có", pill if self.fields else "chờ thủ tục")

    def _reader(self, field: Field) -> Callable[[Card], None]:
        def read(card: Card) -> None:
            field.set_value(card.full_name)
            self.changed.emit()

        return read

    def _lender(self, field: PersonField) -> Callable[[], None]:
        def lend() -> None:
            who = self._applicant()
            if who:
                field.fill(who, BORROWED)
                field.focus_what_is_left()

        return lend
