"""The guard: what may not be asked of a resident (Công điện 111/CĐ-TTg of 17/7/2025; Luật Căn cước 2023 Điều 20 khoản 3).

Only papers of the chosen case may be asked for, or another one with the law that demands it; never VNeID; never a
confirmation that an old and a new address are the same; never again what the identity card carries; never an invented
personal number in place of a missing one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from forms.names import fold
from forms.problem import Problem
from forms.procedure import Case

NO_ID_REASONS = (
    "Trẻ em chưa được cấp số định danh",
    "Người nước ngoài hoặc người không quốc tịch",
    "Người gốc Việt Nam chưa xác định được quốc tịch",
    "Chưa được cấp số định danh cá nhân",
    "Có số nhưng không nhớ, chưa tra cứu được vì mất kết nối",
    "Tổ chức, không phải cá nhân",
)
"""Why a dossier may carry no personal number. The last resort is honest; a filler number never is."""

_FILLERS = frozenset({"123456789012", "012345678901", "000000000001", "000000001000"})
_CARD = re.compile(r"\b(can cuoc|cccd|cmnd|chung minh nhan dan)\b")
_COPY = re.compile(r"\b(ban sao|ban chup|photo|photocopy|ban chinh|xuat trinh|the)\b")
_MORE = re.compile(r"\b(ho chieu|giay to khac|hoac cac giay to|nguoi nuoc ngoai|phuong tien|thay the)\b")
_OTHERS = re.compile(r"\b(cua|cho) (nguoi|cha|me|vo|chong|con|tre|ca nhan|chu ho|thanh vien|nguoi duoc)\b")
_PLACE = r"(dia chi|dia gioi|don vi hanh chinh|noi cu tru cu|ten (xa|phuong) moi|sap nhap)"
_SAY = r"(xac nhan|cam ket|cam doan)"
_CONFIRM = re.compile(rf"\b{_SAY}\b.*\b{_PLACE}\b|\b{_PLACE}\b.*\b{_SAY} (la )?(mot|trung|giong)\b")
_CHANGE = re.compile(r"\b(cu|moi|sap nhap|dia gioi|thay doi|la mot|xac nhan dia chi|don vi hanh chinh)\b")
_OWN_PLACE = re.compile(
    r"\b(cho o hop phap|noi o hop phap|tinh trang cho o|phuong tien|tru so|kinh doanh|moi truong|lien he"
    r"|thong tin ve cu tru|dau do)\b"
)


def asks_vneid(text: str) -> bool:
    """Whether a paper or a field asks for a VNeID account: never required of who files in person (CĐ 111, footnote 4)."""
    words = fold(text)
    return "vneid" in words.replace(" ", "") or bool(re.search(r"\bdinh danh (dien tu )?muc\b|ung dung dinh danh dien tu", words))


def asks_address_confirmation(text: str) -> bool:
    """Whether a paper would confirm that an address before and after the mergers of 2025 is the same (CĐ 111, IV.5).

    Papers about a dwelling or a parking place are something else: the residence law itself asks for those.
    """
    words = fold(text)
    return bool(_CONFIRM.search(words) and _CHANGE.search(words)) and not _OWN_PLACE.search(words)


def only_on_card(text: str) -> bool:
    """Whether a paper says nothing but what the identity card says: the card itself, or a copy of it."""
    words = fold(text)
    asked = _CARD.search(words) and (_COPY.search(words) or len(words.split()) <= 4)
    return bool(asked) and not _MORE.search(words) and not _OTHERS.search(words)


def filler_number(number: str) -> bool:
    """Whether a personal number was made up to fill the field: one digit repeated, a count, or almost only zeros."""
    return len(number) == 12 and (len(set(number)) == 1 or number in _FILLERS or number[:8] == "0" * 8)


def check_supplement(case: Case | None, items: Iterable[Mapping[str, Any]], card_shown: bool) -> None:
    """What a supplement request (Mẫu số 02) asks for.

    :param items: ``{"paper": code | None, "name", "reason", "basis"}``; without a code of the case a ``basis`` is needed.
    :param card_shown: the resident has shown the identity card, or its number is known.
    :raises Problem: ``nothing_asked``, ``reason_missing``, ``paper_outside_case``, ``vneid_asked``,
        ``address_confirmation_asked``, ``card_asked_again``; details name the item by its place, from 1.
    """
    asked = list(items)
    if not asked:
        raise Problem("nothing_asked")
    known = {p.code: p for p in case.papers} if case else {}
    for place, item in enumerate(asked, 1):
        need = known.get(str(item.get("paper") or ""))
        name = need.name if need else str(item.get("name") or "")
        if not str(item.get("reason") or "").strip():
            raise Problem("reason_missing", item=place)
        if need is None and not (name.strip() and str(item.get("basis") or "").strip()):
            raise Problem("paper_outside_case", item=place)
        if asks_vneid(name):
            raise Problem("vneid_asked", item=place)
        if asks_address_confirmation(name):
            raise Problem("address_confirmation_asked", item=place)
        if card_shown and ((need is not None and need.on_card) or only_on_card(name)):
            raise Problem("card_asked_again", item=place)
