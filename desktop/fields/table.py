"""A repeated table: rows of fields, a button that adds one, and on each row one that takes it away again."""

from typing import Any

from PySide6.QtWidgets import QWidget

from desktop import messages
from desktop.fields.base import Field
from desktop.fields.person import grid
from desktop.widgets import Button, Pill, column, retone, row, text
from forms.definition import ROWS


class TableField(Field):
    """The value is a list of rows with something in them, or None."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any], required: bool) -> None:
        super().__init__(path, spec, required)
        self._rows: list[tuple[QWidget, dict[str, Field]]] = []
        box = column(self, gap=4)
        head = row()
        self._name = text(self.title, "strong")
        self._pill = Pill("", "amber")
        self._pill.hide()
        self.add = Button("Thêm dòng", self._more, "link", "plus")
        self.add.setObjectName(f"{'.'.join(path)}.add")
        head.addWidget(self._name)
        head.addWidget(self._pill)
        head.addStretch()
        box.addLayout(head)
        self._box = column(gap=4)
        box.addLayout(self._box)
        box.addWidget(self.add)
        self.setFocusProxy(self.add)
        if required:
            self._append()

    def controls(self) -> list[Field]:
        """The fields of every row."""
        return [f for _, fields in self._rows for f in fields.values()]

    def value(self) -> list[dict[str, Any]] | None:
        found = []
        for _, fields in self._rows:
            known = {name: f.value() for name, f in fields.items()}
            filled = {name: v for name, v in known.items() if v is not None}
            if filled:
                found.append(filled)
        return found or None

    def set_value(self, value: Any) -> None:
        for number in reversed(range(len(self._rows))):
            self._remove(number)
        for known in value if isinstance(value, list) else [{}] if self.required else []:
            fields = self._append()
            for name, one in known.items():
                if name in fields:
                    fields[name].set_value(one)

    def show_finding(self, code: str | None, hard: bool, named: bool) -> None:
        """The table as a whole; its fields show their own."""
        shown = code is not None and (code != "missing" or named)
        self._pill.setVisible(shown)
        if code is not None:
            self._pill.say(messages.finding(code), "amber", "warning-circle")
        retone(self._name, tone="amber" if shown else "")

    def _append(self) -> dict[str, Field]:
        number = len(self._rows)
        holder = QWidget()
        line = row(holder, gap=8)
        needed = self.spec["items"]["required"]
        inner, fields = grid([self.spec["x-order"]], self.spec["x-columns"], needed, (*self.path, str(number)))
        body = QWidget()
        body.setLayout(inner)
        line.addWidget(body, 1)
        drop = Button("Bỏ", lambda: self._drop(holder), "link")
        drop.careful = True
        drop.setAccessibleName(f"Bỏ dòng {number + 1}")
        line.addWidget(drop)
        for field in fields.values():
            field.changed.connect(self.changed)
        self._box.addWidget(holder)
        holder.show()
        self._rows.append((holder, fields))
        self.add.raise_()  # Tab comes to it after the rows
        self.setFocusProxy(next(iter(fields.values())))
        self.add.setEnabled(len(self._rows) < ROWS)
        return fields

    def _more(self) -> None:
        fields = self._append()
        self.changed.emit()
        next(iter(fields.values())).setFocus()

    def _drop(self, holder: QWidget) -> None:
        self._remove(next(n for n, (h, _) in enumerate(self._rows) if h is holder))
        for number, (_, fields) in enumerate(self._rows):
            for name, field in fields.items():
                field.move_to((*self.path, str(number), name))
        self.add.setFocus()
        self.changed.emit()

    def _remove(self, number: int) -> None:
        holder, _ = self._rows.pop(number)
        self._box.removeWidget(holder)
        holder.hide()
        holder.setParent(None)  # its fields' names are free at once
        holder.deleteLater()
        self.setFocusProxy(next(iter(self._rows[0][1].values())) if self._rows else self.add)
        self.add.setEnabled(True)
