"""The VietQR payload (EMVCo, NAPAS): what a bank's app reads to fill in a transfer to the collection account."""

from forms.problem import Problem

_NAPAS = "A000000727"  # the application id of NAPAS
_TO_ACCOUNT = "QRIBFTTA"
MEMO = 99
"""The most characters of a field: its length has two digits."""


def payload(bank: str, account: str, amount: int, memo: str) -> str:
    """``bank``: BIN, 6 digits; ``account``: letters and digits; ``amount`` in đồng, 0 leaves it to the payer; the memo is
    encoded as given.

    :raises Problem: ``vietqr_malformed`` with the ``field``.
    """
    if not (bank.isascii() and bank.isdigit() and len(bank) == 6):
        raise Problem("vietqr_malformed", field="bank")
    if not (account.isascii() and account.isalnum() and len(account) <= 19):
        raise Problem("vietqr_malformed", field="account")
    if not 0 <= amount < 10**13:
        raise Problem("vietqr_malformed", field="amount")
    if len(memo) > MEMO - 4:
        raise Problem("vietqr_malformed", field="memo")
    beneficiary = _field("00", bank) + _field("01", account)
    merchant = _field("00", _NAPAS) + _field("01", beneficiary) + _field("02", _TO_ACCOUNT)
    fields = [("00", "01"), ("01", "12" if amount else "11"), ("38", merchant), ("53", "704")]
    fields += [("54", str(amount))] if amount else []
    fields += [("58", "VN")]
    fields += [("62", _field("08", memo))] if memo else []
    text = "".join(_field(name, value) for name, value in fields) + "6304"
    return f"{text}{_crc(text.encode()):04X}"


def memo_of(code: str) -> str:
    """The memo under which a dossier's transfer is found again: ``"LP H38.27.09 261123 0014"``: bank apps keep letters,
    digits and spaces."""
    return "LP " + " ".join("".join(c if c.isalnum() or c == "." else " " for c in code).split())


def _field(name: str, value: str) -> str:
    return f"{name}{len(value):02d}{value}"


def _crc(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
