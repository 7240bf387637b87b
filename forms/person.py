"""The 12-digit personal number (số định danh cá nhân) and the QR text of the identity card."""

import re
from dataclasses import dataclass
from datetime import date

from forms.names import clean
from forms.problem import Problem

_NUMBER = re.compile(r"[0-9]{12}")
_OLD_NUMBER = re.compile(r"[0-9]{9}([0-9]{3})?")
_DAY = re.compile(r"[0-9]{8}")
_LONGEST = 2000
"""Characters of a card's text: ten times what one holds."""
# First three digits: province of birth registration, the 63 codes before the mergers of 2025 (kept on existing cards).
_PROVINCES = frozenset(
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044"
    " 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091"
    " 092 093 094 095 096".split()
)


@dataclass(frozen=True)
class Card:
    """What the QR of an identity card says. Dates are ISO; gender as printed on the card; ``rest`` = fields past the
    seventh, kept raw, because the order of the 2024 card's extra fields is not published."""

    personal_id: str
    old_id: str
    full_name: str
    birth_date: str
    gender: str
    address: str
    issued_on: str | None
    rest: tuple[str, ...]


def valid_number(number: str) -> bool:
    """Twelve digits. There is no check digit, and a foreign or new province code is not an error."""
    return bool(_NUMBER.fullmatch(number))


def check_number(number: str, birth_date: str | None = None, gender: str | None = None) -> list[str]:
    """Warning codes, never reasons to block: corrected records and changed genders exist (Điều 13 NĐ 137/2015).

    ``birth_date`` ``YYYY[-MM[-DD]]``; ``gender`` ``male``/``female``. The 4th digit tells century and sex, the 5th and
    6th the year of birth, the first three the place of registration.
    """
    if not valid_number(number):
        return ["personal_id_malformed"]
    found = [] if number[:3] in _PROVINCES else ["personal_id_province_unknown"]
    century, year = 1900 + int(number[3]) // 2 * 100, int(number[4:6])
    if isinstance(birth_date, str) and birth_date[:4].isdigit() and int(birth_date[:4]) != century + year:
        found.append("personal_id_year_differs")
    if gender in ("male", "female") and (int(number[3]) % 2 == 0) != (gender == "male"):
        found.append("personal_id_gender_differs")
    return found


def parse_card(text: str) -> Card:
    """Read the QR text ``number|old number|full name|ddMMyyyy|gender|address|ddMMyyyy issued[|…]``.

    :raises Problem: ``card_unreadable``: too few fields, a malformed number, name or date: better none than a wrong one.
    """
    if len(text) > _LONGEST:
        raise Problem("card_unreadable", field="length")
    parts = [clean(p) for p in text.strip().strip("\ufeff").split("|")]
    if len(parts) < 7 or not valid_number(parts[0]) or not parts[2]:
        raise Problem("card_unreadable", fields=len(parts))
    if parts[1] and not _OLD_NUMBER.fullmatch(parts[1]):
        raise Problem("card_unreadable", field="old_id")
    issued = _date(parts[6]) if parts[6] else None
    return Card(parts[0], parts[1], parts[2], _date(parts[3]), parts[4], parts[5], issued, tuple(parts[7:]))


def gender_of(card: Card) -> str | None:
    """``"Nam"`` -> ``"male"``, ``"Nữ"`` -> ``"female"``, anything else -> None."""
    return {"nam": "male", "nữ": "female"}.get(card.gender.lower())


def _date(digits: str) -> str:
    try:
        if not _DAY.fullmatch(digits):
            raise ValueError("not eight digits")
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2])).isoformat()
    except ValueError:
        raise Problem("card_unreadable", field="date") from None
