"""A person in an e-form: a scan target until a card is read, the applicant is taken over, or the clerk types."""

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop import fields, messages
from desktop.fields.base import Field
from desktop.fields.scan_target import ScanTarget
from desktop.widgets import Button, Pill, column, retone, row, text
from forms.definition import shown_of
from forms.person import Card, valid_number

COLUMNS = 12
BORROWED = "lấy từ mục 2"
_SAME = ("full_name", "personal_id", "birth_date")


def grid(rows: Any, specs: dict[str, Any], required: Any, base: tuple[str, ...]) -> tuple[QGridLayout, dict[str, Field]]:
    """Rows of property ids as fields on twelve columns, each ``x-width`` wide, the last of a row filling it up."""
    box = QGridLayout()
    box.setContentsMargins(0, 0, 0, 0)
    box.setHorizontalSpacing(12)
    box.setVerticalSpacing(8)
    made: dict[str, Field] = {}
    for place in range(COLUMNS):
        box.setColumnStretch(place, 1)
        box.setColumnMinimumWidth(place, 8)
    for line, names in enumerate(rows):
        left = 0
        for name in names:
            field = fields.make((*base, name), specs[name], name in required)
            wide = min(int(specs[name].get("x-width", COLUMNS)), COLUMNS - left)
            box.addWidget(field, line, left, 1, max(wide, 1))
            left += wide
            made[name] = field
    return box, made


class PersonField(Field):
    """The value is a dict of what is known, or None. ``borrow`` asks the page to hand over the applicant, ``met`` tells it a
    personal number that has just been given, should earlier dossiers know that person. Questions whose condition does not
    hold for this person are not asked."""

    borrow = Signal()
    met = Signal(str)

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        rows, needed = spec["x-layout"], spec.get("required", [])
        inner, self._fields = grid(rows, spec["properties"], needed, path)
        name = ".".join(path)
        self.target = ScanTarget(f"Quét thẻ căn cước: {self.title.lower()}", "Quét mã QR, Enter để gõ, Insert: lấy từ mục 2")
        self.target.setObjectName(f"{name}.scan")
        self._pill = Pill("", "amber")
        self._borrow = Button("Lấy từ mục 2", self.borrow.emit, "link", "user")
        self._borrow.setObjectName(f"{name}.borrow")
        self._again = Button("Bỏ, quét lại", self._start_over, "link", "arrow-counter-clockwise")
        self._undo = Button("Lấy lại", self._take_back, "link", "arrow-u-up-left")
        self._undo.setObjectName(f"{name}.undo")
        for button in (self._borrow, self._again, self._undo):
            button.careful = True
        self._given_up: dict[str, Any] | None = None
        self._again.setObjectName(f"{name}.again")
        self._lay_out(inner)
        self._said, self._met = "", ""
        self.target.scanned.connect(self._scanned)
        self.target.by_hand.connect(self._type_by_hand)
        self.target.borrow.connect(self.borrow)
        for field in self._fields.values():
            field.changed.connect(self._edited)
            field.scanned.connect(self._scanned)
        self._open(False)
        self._ask()

    def _lay_out(self, inner: QGridLayout) -> None:
        box = column(self, gap=4)
        head = row()
        self.name_label = text(self.title, "strong")
        head.addWidget(self.name_label)
        head.addWidget(self._pill)
        head.addStretch()
        for button in (self._undo, self._borrow, self._again):
            head.addWidget(button)
        box.addLayout(head)
        self._body = QWidget()
        self._body.setLayout(inner)
        box.addWidget(self.target)
        box.addWidget(self._body)
        box.addStretch()
        self.target.setFixedHeight(104)
        for link in (self._undo, self._borrow, self._again):
            link.raise_()  # Tab comes to the links after the fields, so that Enter, Enter never borrows by accident
        self.setFocusProxy(self.target)

    def controls(self) -> list[Field]:
        """The person's own fields."""
        return list(self._fields.values())

    def value(self) -> dict[str, Any] | None:
        if not self._body.isVisibleTo(self):
            return None
        return {name: one for name, one in self._known().items() if name in self._asked}

    def _known(self) -> dict[str, Any]:
        """Everything typed, asked for or not."""
        known = {name: field.value() for name, field in self._fields.items()}
        return {name: one for name, one in known.items() if one is not None}

    def _ask(self) -> None:
        """Show the questions whose condition holds."""
        self._asked = shown_of(self.spec["properties"], self._known())
        for name, field in self._fields.items():
            field.setVisible(name in self._asked)

    def _edited(self) -> None:
        self._ask()
        number = str(self._fields["personal_id"].value() or "") if "personal_id" in self._fields else ""
        if number != self._met and valid_number(number):
            self.met.emit(number)
        self._met = number
        self.changed.emit()

    def set_value(self, value: Any) -> None:
        known = value if isinstance(value, dict) else {}
        for name, field in self._fields.items():
            field.set_value(known.get(name, field.spec.get("default") if not known else None))
        self._said, self._met = "", str(known.get("personal_id") or "")
        self._ask()
        self._open(bool(known))

    def fill(self, known: dict[str, Any], said: str) -> None:
        """Take over what a card or the applicant says, leave the rest as it is; ``said`` stands in the pill."""
        for name, one in known.items():
            if name in self._fields and one:
                self._fields[name].set_value(one)
        self._open(True)
        self._said = said
        self.show_finding(None, False, False)
        self._edited()

    def complete(self, earlier: dict[str, Any]) -> None:
        """Answers from earlier dossiers, only where nothing stands yet."""
        empty = {n: v for n, v in earlier.items() if n in self._fields and self._fields[n].value() is None}
        for name, one in empty.items():
            self._fields[name].set_value(one)
        if empty:
            self._said = self._said or "theo hồ sơ trước"
            self.show_finding(None, False, False)
            self._edited()

    def show_finding(self, code: str | None, hard: bool, named: bool) -> None:
        """A person is missing as a whole; its parts show their own findings."""
        if code is None:
            self._pill.say(self._said or "đã có", "green", "check")
            self._pill.setVisible(bool(self._said))
        else:
            self._pill.say(messages.finding(code), "amber", "warning-circle")
            self._pill.show()
        retone(self.name_label, tone="amber" if code and named else "")

    def compare(self, applicant: dict[str, Any]) -> None:
        """Say so when a person taken over from section 2 is not the one who stands there any more."""
        known = self.value() or {}
        if self._said == BORROWED and any(known.get(k) != applicant.get(k) for k in _SAME if k in self._fields):
            self._pill.say("khác mục 2", "amber", "warning-circle")

    def _open(self, fields_shown: bool) -> None:
        self.target.setVisible(not fields_shown)
        self._body.setVisible(fields_shown)
        self._again.setVisible(fields_shown)
        self._borrow.setVisible(not fields_shown)
        self._undo.setVisible(not fields_shown and self._given_up is not None)
        self.setFocusProxy(next(iter(self._fields.values())) if fields_shown else self.target)

    def _scanned(self, card: Card) -> None:
        self.fill(of_card(card), "đã quét thẻ")
        QTimer.singleShot(0, self.focus_what_is_left)

    def _type_by_hand(self, letter: str) -> None:
        self._open(True)
        first = next(iter(self._fields.values()))
        first.begin(letter)
        self.changed.emit()

    def _start_over(self) -> None:
        self._given_up = self.value()
        self.set_value(None)
        self.target.setFocus()
        self.changed.emit()

    def _take_back(self) -> None:
        known, self._given_up = self._given_up, None
        self.set_value(known)
        self.focus_what_is_left()
        self.changed.emit()

    def focus_what_is_left(self) -> None:
        """The first part of the person that nobody has answered yet."""
        empty = [f for n, f in self._fields.items() if f.value() is None and n in self._asked]
        (empty or list(self._fields.values()))[0].setFocus()


def of_card(card: Card) -> dict[str, Any]:
    """What a card says, by the names of the shared person block."""
    return {
        "gender": card.gender,
        "full_name": card.full_name,
        "birth_date": card.birth_date,
        "personal_id": card.personal_id,
        "address": card.address,
    }
