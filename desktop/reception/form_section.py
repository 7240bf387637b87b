"""Section 3: the e-form, drawn from its definition. Questions whose condition does not hold are not there."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.fields import Field, PersonField
from desktop.fields.person import BORROWED, grid
from desktop.reception.sections import Section
from desktop.widgets import Button, clear, column, row, rule, text
from forms import conditions, prefill
from forms.definition import Definition, shown_of
from forms.person import Card

_WORDS = {"male": "Nam", "female": "Nữ"}


class FormSection(Section):
    """The value is ``answers``. Values survive a change of case; a change of procedure starts a new form. ``met`` asks the
    page what earlier dossiers know of a person; ``print_wanted`` asks for the declaration, ready to sign."""

    met = Signal(object, str)
    print_wanted = Signal()

    def __init__(self, applicant: Callable[[], dict[str, Any]]) -> None:
        super().__init__(3, "Tờ khai")
        self._applicant = applicant
        self.fields: dict[str, Field] = {}
        self.definition: Definition | None = None
        self._filled: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._box = column(self.body, gap=10)
        self.show_definition(None)

    def show_definition(self, definition: Definition | None) -> None:
        """Draw another e-form, empty but for its defaults; None = this procedure has none."""
        clear(self._box)
        self.fields, self.definition, self._filled = {}, definition, {}
        if definition is None:
            self._box.addWidget(text("Thủ tục này không có tờ khai điện tử, hoặc chưa chọn thủ tục.", "soft"))
            return
        self._titles: list[tuple[QWidget, list[str]]] = []
        for number, section in enumerate(definition.layout):
            self._draw(section.title, section.rows, first=number == 0)
        if definition.signatures:
            self._box.addWidget(self._print_row())
        for field in self.fields.values():
            field.changed.connect(self._edited)
            if isinstance(field, PersonField):
                field.borrow.connect(self._lender(field))
                field.met.connect(lambda number, f=field: self.met.emit(f, number))
            else:
                field.scanned.connect(self._reader(field))
        self._ask()

    def _draw(self, title: str, rows: tuple[tuple[str, ...], ...], first: bool) -> None:
        assert self.definition is not None
        properties, required = self.definition.properties, self.definition.schema["required"]
        holder = QWidget()
        box = column(holder, gap=10)
        if not first:
            box.addWidget(rule())
        if not all(properties[n]["x-kind"] in ("person", "table") for r in rows[:1] for n in r):
            box.addWidget(text(title, "strong"))
        inner, made = grid(rows, properties, required, ("answers",))
        body = QWidget()
        body.setLayout(inner)
        box.addWidget(body)
        self._box.addWidget(holder)
        holder.show()  # at once, so that the keyboard may go there before the layout is done
        self._titles.append((holder, [n for r in rows for n in r]))
        self.fields |= made

    def _print_row(self) -> QWidget:
        holder = QWidget()
        line = row(holder)
        button = Button("In tờ khai để ký (Ctrl+T)", self.print_wanted.emit, icon="printer")
        button.setObjectName("print_declaration")
        button.careful = True  # Enter, which walks the page, passes it by
        line.addWidget(button)
        line.addStretch()
        return holder

    def value(self) -> dict[str, Any]:
        """The answers given so far to the questions that are asked."""
        return {name: one for name, one in self._known().items() if name in self._asked}

    def _known(self) -> dict[str, Any]:
        known = {name: field.value() for name, field in self.fields.items()}
        return {name: one for name, one in known.items() if one is not None}

    def set_value(self, answers: dict[str, Any]) -> None:
        """Show answers; properties that the form does not know are left out."""
        for name, field in self.fields.items():
            if name in answers:
                field.set_value(answers[name])
        self._ask()

    def all_fields(self) -> dict[tuple[str, ...], Field]:
        """Every field by its path, those inside persons and tables too."""
        return {f.path: f for field in self.fields.values() for f in {field, *field.controls()}}

    def refresh(self, missing: list[str]) -> None:
        """The heading; ``missing`` = titles of unanswered or wrong properties."""
        for field in self.fields.values():
            if isinstance(field, PersonField):
                field.compare(self._applicant())
        named = ", ".join(missing[:2]).lower() if len(missing) <= 2 else ""
        pill = f"còn {len(missing)} mục{': ' + named if named else ''}" if missing else ""
        source = self.definition.form or self.definition.title if self.definition else ""
        self.heading.say(source if self.fields else "không có tờ khai", pill)

    def applicant_changed(self) -> None:
        """Answers that the form takes from section 2, where nobody has typed another; then the persons who are the applicant."""
        if self.definition is None:
            return
        for name, one in prefill.from_applicant(self.definition, self._applicant()).items():
            field = self.fields[name]
            if field.value() is None or field.value() == self._filled.get(name):
                field.set_value(one)
                self._filled[name] = field.value()
        self._lend_where_it_is_said()
        self._ask()

    def _edited(self) -> None:
        self._lend_where_it_is_said()
        self._ask()
        self.changed.emit()

    def _lend_where_it_is_said(self) -> None:
        """ "Người nộp là mẹ đẻ" makes the applicant the mother without a further key."""
        known = self._known()
        for field in self.fields.values():
            wish = field.spec.get("x-applicant")
            if wish and isinstance(field, PersonField) and field.value() is None and conditions.holds(wish, known):
                self._lend(field)

    def _ask(self) -> None:
        """Show the questions whose condition holds, and no heading over nothing."""
        if self.definition is None:
            self._asked = set()
            return
        self._asked = shown_of(self.definition.properties, self._known())
        for name, field in self.fields.items():
            field.setVisible(name in self._asked)
        for holder, names in self._titles:
            holder.setVisible(any(n in self._asked for n in names))

    def _reader(self, field: Field) -> Callable[[Card], None]:
        def read(card: Card) -> None:
            field.set_value(card.full_name)
            self.changed.emit()

        return read

    def _lender(self, field: PersonField) -> Callable[[], None]:
        def lend() -> None:
            if self._lend(field):
                field.focus_what_is_left()

        return lend

    def _lend(self, field: PersonField) -> bool:
        who = self._applicant()
        if who.get("full_name"):
            field.fill(who | {"gender": _WORDS.get(str(who.get("gender")))}, BORROWED)
        return bool(who.get("full_name"))
