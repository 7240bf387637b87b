"""The code of a counter's recovery paper: 128 random bits in Crockford's base 32 with his check symbol, in nine groups of three.

Letters that look like digits (I, L, O) are read as those, case and what stands between groups do not matter, and one wrong
or two swapped symbols are noticed before any key is tried (https://www.crockford.com/base32.html).
"""

import secrets
import unicodedata

from forms.problem import Problem

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _SYMBOLS + "*~$=U"
_BYTES, _DIGITS, _GROUP = 16, 26, 3
_ALIKE = str.maketrans("ILO", "110", " -–.\u00a0")


def fresh() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(_BYTES)


def encode(raw: bytes) -> str:
    """Sixteen bytes as 26 symbols and the check symbol, ``XXX-XXX-…`` nine times."""
    number = int.from_bytes(raw)
    digits = "".join(_SYMBOLS[number >> 5 * place & 31] for place in reversed(range(_DIGITS)))
    whole = digits + _CHECKS[number % 37]
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def decode(text: str) -> bytes:
    """The bytes of a typed code. :raises Problem: ``recovery_code_malformed``."""
    typed = unicodedata.normalize("NFC", text).upper().translate(_ALIKE)
    digits, check = typed[:_DIGITS], typed[_DIGITS:]
    if len(typed) != _DIGITS + 1 or any(symbol not in _SYMBOLS for symbol in digits):
        raise Problem("recovery_code_malformed")
    number = 0
    for symbol in digits:
        number = number << 5 | _SYMBOLS.index(symbol)
    if number >> 8 * _BYTES or _CHECKS[number % 37] != check:
        raise Problem("recovery_code_malformed")
    return number.to_bytes(_BYTES)
