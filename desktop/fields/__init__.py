"""Field kind -> widget: how one property of an e-form is typed. :func:`make` is the only door.

Every field shows its label above the control, gives its value in the shape that the dossier line wants, and shows a
finding beside the label. Names of the controls are the paths of the line: ``answers.mother.full_name``.
"""

from typing import Any

from desktop.fields.address import AddressField
from desktop.fields.base import Field
from desktop.fields.choices import ChoiceField, YesNoField
from desktop.fields.dates import DateField
from desktop.fields.numbers import NumberField
from desktop.fields.person import PersonField
from desktop.fields.table import TableField
from desktop.fields.texts import LongTextField, TextField
from desktop.fields.times import TimeField

_KINDS: dict[str, type[Field]] = {
    "text": TextField,
    "name": TextField,
    "phone": TextField,
    "personal_number": TextField,
    "address": AddressField,
    "time": TimeField,
    "table": TableField,
    "long_text": LongTextField,
    "date": DateField,
    "partial_date": DateField,
    "choice": ChoiceField,
    "yes_no": YesNoField,
    "number": NumberField,
    "money": NumberField,
    "person": PersonField,
}


def make(path: tuple[str, ...], spec: dict[str, Any], required: bool) -> Field:
    """The widget for a property. ``path`` from the root of the dossier line.

    :raises KeyError: a kind that ``forms.definition`` does not know either.
    """
    return _KINDS[spec["x-kind"]](path, spec, required)


__all__ = ["Field", "PersonField", "make"]
