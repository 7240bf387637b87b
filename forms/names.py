"""Vietnamese text: cleaning, folding for search, dates and amounts as people write them."""

import unicodedata
from datetime import date, datetime

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu", "tỷ")


class _Bare(dict[int, int | None]):
    """For ``str.translate``: marks go, everything else stays. Each character is looked up once; there are few."""

    def __missing__(self, character: int) -> int | None:
        self[character] = found = None if unicodedata.combining(chr(character)) else character
        return found


_BARE = _Bare()


def clean(text: str) -> str:
    """NFC, no leading, trailing or doubled white space: one spelling for one name."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Search key: lower case, no tone or vowel marks, đ = d. ``fold("Đặng Ẩn") == "dang an"``."""
    if not text.isascii():  # what was folded before mostly is
        text = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).translate(_BARE)
    return " ".join(text.lower().split())


def money(amount: int) -> str:
    """``8000`` -> ``"8.000 đ"`` with a no-break space."""
    return f"{amount:,}".replace(",", ".") + "\u00a0đ"


def date_vn(value: date | datetime) -> str:
    """``22/11/2026``."""
    return f"{value:%d/%m/%Y}"


def moment_vn(value: datetime) -> str:
    """The wording of the prescribed papers: ``09 giờ 16 phút, ngày 23/11/2026``."""
    return f"{value:%H} giờ {value:%M} phút, ngày {value:%d/%m/%Y}"


def partial_date_vn(text: str) -> str:
    """``"1996-08-14"`` -> ``"14/08/1996"``, ``"1996-08"`` -> ``"08/1996"``, ``"1996"`` stays."""
    return "/".join(reversed(text.split("-")))


def date_words(text: str) -> str:
    """``"2026-11-02"`` -> ``"ngày hai tháng mười một năm hai nghìn không trăm hai mươi sáu"``; what is not known is left out."""
    named = reversed([*zip(("năm", "tháng", "ngày"), text.split("-"), strict=False)])
    return " ".join(f"{name} {_number(int(number))}" for name, number in named)


def words(amount: int) -> str:
    """An amount of đồng in formal words: ``1005000`` -> ``"Một triệu không trăm linh năm nghìn đồng"``.

    :raises ValueError: negative, or 10^15 and above.
    """
    if not 0 <= amount < 10**15:
        raise ValueError(amount)
    text = _number(amount) + " đồng"
    return text[0].upper() + text[1:]


def _number(n: int) -> str:
    if n == 0:
        return _DIGITS[0]
    if n >= 10**9:  # the groups above a billion are read as a number of their own: "một nghìn tỷ"
        billions, rest = divmod(n, 10**9)
        tail = _groups(rest, full=True) if rest else []
        return " ".join([_number(billions), "tỷ", *tail])
    return " ".join(_groups(n, full=False))


def _groups(n: int, full: bool) -> list[str]:
    parts: list[str] = []
    for scale in (2, 1, 0):
        group = n // 1000**scale % 1000
        if group:
            parts += _three(group, full or bool(parts))
            parts += [_SCALES[scale]] if scale else []
    return parts


def _three(n: int, full: bool) -> list[str]:
    """Three digits; ``full`` says the hundreds (and "linh") are read although they are zero."""
    hundreds, tens, ones = n // 100, n // 10 % 10, n % 10
    parts = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        return parts + (["linh", _DIGITS[ones]] if ones and parts else [_DIGITS[ones]] if ones else [])
    parts += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 0:
        return parts
    after_ten = {1: "mốt" if tens > 1 else "một", 4: "tư" if tens > 1 else "bốn", 5: "lăm"}
    return [*parts, after_ten.get(ones, _DIGITS[ones])]
