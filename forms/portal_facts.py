"""What a portal record says in words, made into facts where the words leave no choice, and into doubts where they do.

The traps are known (``domain/reference-data.md`` §5 of the sources): a deadline without a unit, several deadlines for one
channel, a fee of 0 that means "see text", amounts written in thousands, notes among the papers. A deadline or a fee that
is read wrongly binds a resident; so what is not said plainly stays unknown until an official has settled it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms.guard import asks_address_confirmation, asks_vneid
from forms.names import clean, fold
from forms.procedure import Case, Channel, Doubt, Fee, PaperRequirement, TimeLimit, Unit

CHANNEL_NAMES = {"1": "Trực tiếp tại quầy", "2": "Trực tuyến", "3": "Bưu chính công ích"}
_UNITS: dict[str, Unit] = {
    "ngay lam viec": "working_day",
    "working_day": "working_day",
    "ngay": "day",
    "day": "day",
    "gio": "hour",
    "hour": "hour",
    "thang": "month",
    "month": "month",
}
_DURATION = re.compile(r"\b([0-9]+(?:[.,][0-9]+)?) ?(ngay lam viec|ngay|gio|thang|nam|phut|tuan)\b")
_OTHERWISE = re.compile(r"\bkhac theo\b|\bngay khi\b|\bngay sau khi\b|\bngay trong\b|\btrong ngay\b|\bkhong quy dinh\b")
_NOTHING_TO_PAY = frozenset(
    "khong|khong thu|khong thu phi|khong thu le phi|khong thu phi, le phi|mien phi|mien le phi|mien phi, le phi".split("|")
)
_COUNCIL = re.compile(r"\bhoi dong nhan dan\b|\bhdnd\b")
_DONG = r"(?:d|dong|vnd)"
_ONE_DOSSIER = re.compile(rf"(?:{_DONG})? ?/ ?(?:ho so|lan)\.?")
_CLEAR_FEE = re.compile(rf"(?P<label>[a-z ,]*?) ?:? ?(?P<amount>[0-9]+(?:[.,][0-9]+)*) ?{_DONG} ?/ ?(?:ho so|lan) ?\.?")
_LABEL = re.compile(r"[a-z ,]{0,80}")
_BARGAIN = re.compile(r"\b(mien|giam|truong hop|doi voi|tu|duoi|tren|neu|tru|toi da|toi thieu|moi|khac|tang|theo|hoac|tuy)\b")
_LEAST_FEE = 1000
"""No fee of the sources is lower; "20 đ" stands beside the text "20.000 đ"."""

_MARK = re.compile(
    r"\A(?:[-–+*•.;:]\s*|\(?(?:[0-9]{1,2}|[a-zđ]|[ivx]{1,4})\)\s*|[0-9]{1,2}(?:\.[0-9]{1,2})*\.\s+|[A-ZĐ]\.\s+)+", re.IGNORECASE
)
_HEADING = re.compile(
    r"\A(?:(?:thành phần )?hồ sơ(?: [0-9]{1,2})?(?: \(nếu có\))?(?: nộp)?(?: gồm| bao gồm)?(?: có)?"
    r"|giấy tờ phải (?:nộp|xuất trình))\s*(?::|\+)\s*",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(?:luu y|ghi chu|chu y|chu thich|nguoi tiep nhan|can bo tiep nhan|cong chuc tiep nhan|so luong|thoi han|thoi gian"
    r"|thanh phan ho so|cach thuc|khong quy dinh|khong co|khong yeu cau|chua quy dinh|khi nop|khi den|luc nop|tru truong hop"
    r"|yeu cau doi voi|(?:giay|phieu|mau|to khai) nay|giay to phai (?:nop|xuat trinh))\b"
)
_ACTOR = re.compile(
    r"(?:nguoi|can bo|cong chuc|co quan|cong dan|uy ban nhan dan|to chuc|ca nhan|cha me|ho gia dinh|truong hop|cac truong hop"
    r"|doi voi|rieng doi voi|neu|ngoai|khi)\b"
)
_DOCUMENT = re.compile(
    r"\b(?:giay|van ban|ban sao|ban chinh|ban goc|ban chup|to khai|don|ho so|bien ban|quyet dinh|hop dong|chung tu|phieu"
    r"|danh sach|tai lieu|hoa don|ho chieu|bao cao|ban ve|so do|trich luc|ban khai|bang ke|mau so|hoc ba|chung chi|phu luc"
    r"|the|cam ket|thong bao|de an|phuong an|to trinh|ban an|giay phep|ban dich|ban trich|so thuyen vien)\b"
)
_NOTHING_ASKED = re.compile(
    r"\b(?:khong phai (?:nop|xuat trinh)|khong yeu cau|khong can|duoc mien|chiu trach nhiem|co the uy quyen|khai thac thong tin"
    r"|khai thac du lieu|co trach nhiem|thi khong)\b"
)
_LIST_FOLLOWS = re.compile(r"\b(?:gom|sau|sau day|cu the|bo sung|mau so [0-9.]+):\Z")
_MORE = re.compile(r"\(\+([0-9]+) mục\)")


@dataclass(frozen=True)
class TimeText:
    """A deadline as the record has it: number, unit and what is said beside them."""

    amount: str
    unit: str
    note: str


@dataclass(frozen=True)
class FeeText:
    """A fee as the record has it."""

    amount: str
    unit: str
    note: str

    def words(self) -> str:
        """What an official should read: ``8.000 đ (…)``."""
        priced = clean(f"{self.amount} {self.unit}")
        return f"{priced} ({self.note})" if priced and self.note else priced or self.note


@dataclass(frozen=True)
class PaperText:
    """A paper as the record has it; counts as written."""

    name: str
    originals: str = ""
    copies: str = ""
    form: str = ""


@dataclass(frozen=True)
class Record:
    """One record of a portal, of whatever source, in clean text. ``channels``: id -> its deadlines and fees; ``cases``:
    name -> papers; ``doubts``: what its reader already found."""

    code: str
    name: str
    field: str
    decision: str
    result: str
    competent: str
    valid_from: str
    keywords: tuple[str, ...]
    channels: Mapping[str, tuple[Sequence[TimeText], Sequence[FeeText]]]
    cases: Mapping[str, Sequence[PaperText]]
    case_ids: str
    doubts: tuple[Doubt, ...] = ()


def clip(text: str, size: int) -> str:
    """At most ``size`` characters, cut between words, the cut shown as "…"."""
    if len(text) <= size:
        return text
    head = text[: size - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[size // 2 :] else head).rstrip(" ,;:(") + "…"


def read_time(texts: Sequence[TimeText]) -> tuple[TimeLimit | None, str]:
    """The one deadline that these texts give, or None and why not.

    Several texts count as one only when number and unit agree. A note that names another duration, "at once" or
    "differs by …" leaves the deadline unsettled.
    """
    stated = [t for t in texts if t.amount or t.unit or t.note]
    if not stated:
        return None, "cổng không ghi thời hạn"
    limits = [_one_time(t) for t in stated]
    first = limits[0]
    if first is not None and all(limit == first for limit in limits):
        return first, ""
    said = "; ".join(dict.fromkeys(_time_words(t) for t in stated))
    several = len({(t.amount, t.unit) for t in stated}) > 1
    return None, f"cổng ghi {'nhiều thời hạn ' if several else ''}“{clip(said, 120)}”{_why_no_time(stated)}"


def _time_words(text: TimeText) -> str:
    counted = clean(f"{text.amount} {text.unit}")
    return f"{counted} ({text.note})" if counted and text.note else counted or text.note


def _why_no_time(texts: Sequence[TimeText]) -> str:
    unknown = [t.unit for t in texts if t.amount and fold(t.unit) not in _UNITS]
    return ", không rõ đơn vị" if unknown else ""


def _one_time(text: TimeText) -> TimeLimit | None:
    unit = _UNITS.get(fold(text.unit))
    if unit is None or not re.fullmatch(r"0*[1-9][0-9]{0,2}", text.amount):
        return None
    note, own = fold(text.note), (int(text.amount), unit)
    others = [(n, _UNITS.get(u)) for n, u in _DURATION.findall(note)]
    if _OTHERWISE.search(note) or any(not n.isdigit() or (int(n), u) != own for n, u in others):
        return None
    return TimeLimit(own[0], unit, False)


def read_fees(texts: Sequence[FeeText]) -> tuple[Fee, str]:
    """The one fee rule that these texts give, and what is doubtful about it ("" for nothing).

    ``fixed`` only for one amount in đồng that the text itself calls a price for a dossier (``…/hồ sơ``, ``…/lần``), or for
    the plain word that nothing is taken. A bare amount is not enough: the portal gives 8.000 đ for a *copy* that way.
    """
    stated = list(dict.fromkeys(t for t in texts if t.amount or t.note))
    said = clip(" | ".join(t.words() for t in stated), 120)
    if not stated:
        return _unsettled("unstated", "Cổng không ghi mức phí"), "cổng không ghi mức phí"
    if any(_COUNCIL.search(fold(t.note)) for t in stated):
        return _unsettled("local", f"Cổng ghi: “{said}”"), f"do Hội đồng nhân dân cấp tỉnh quy định, cổng ghi “{said}”"
    amount = _amount(stated[0]) if len(stated) == 1 else None
    if amount is None:
        return _unsettled("unstated", f"Cổng ghi: “{said}”"), f"cổng ghi “{said}”, chưa rõ mức thu"
    return Fee("phi", "Phí, lệ phí", "fixed", amount, "", f"Cổng ghi: “{said}”", None, None), ""


def _unsettled(kind: str, basis: str) -> Fee:
    return Fee("phi", "Phí, lệ phí", "local" if kind == "local" else "unstated", 0, "", basis, None, None)


def _amount(text: FeeText) -> int | None:
    """What is to be paid for a dossier, None when the words leave it open."""
    note, unit = fold(text.note).strip(" ."), fold(text.unit)
    priced = _dong(text.amount)
    if note in _NOTHING_TO_PAY:
        return 0 if not priced else None
    if not priced or priced < _LEAST_FEE or not re.fullmatch(rf"{_DONG}|{_ONE_DOSSIER.pattern}", unit) or _BARGAIN.search(note):
        return None
    if found := _CLEAR_FEE.fullmatch(note):
        return priced if _dong(found["amount"]) == priced else None
    for_one = _ONE_DOSSIER.fullmatch(unit) and _LABEL.fullmatch(note)
    return priced if for_one or _ONE_DOSSIER.fullmatch(note) else None


def _dong(text: str) -> int:
    """``8.000``, ``8,000`` or ``8000``; 0 for anything else."""
    plain = text.replace(",", ".")
    whole = re.fullmatch(r"[0-9]{1,9}|[0-9]{1,3}(?:\.[0-9]{3}){1,2}", plain)
    return int(plain.replace(".", "")) if whole else 0


def read_channels(record: Record) -> tuple[tuple[Channel, ...], tuple[Doubt, ...]]:
    """The channels of a record with what is settled about their deadlines and fees, and the rest as doubts."""
    channels, reasons = [], dict[tuple[str, str], list[str]]()
    for key in sorted(record.channels):
        times, fees = record.channels[key]
        time, time_doubt = read_time(times)
        fee, fee_doubt = read_fees(fees)
        channels.append(Channel(key, CHANNEL_NAMES[key], time, (fee,)))
        for about, reason in (("Thời hạn giải quyết", time_doubt), ("Phí, lệ phí", fee_doubt)):
            if reason:
                reasons.setdefault((about, reason), []).append(CHANNEL_NAMES[key].lower())
    doubts = []
    for (about, reason), names in reasons.items():
        where = "" if len(names) == len(channels) else f" ({', '.join(names)})"
        doubts.append(Doubt("time" if about.startswith("Thời") else "fee", f"{about}{where}: {reason}; cần xác nhận."))
    return tuple(channels), tuple(doubts)


def read_cases(record: Record) -> tuple[tuple[Case, ...], tuple[Doubt, ...]]:
    """The checklist of each case, and as doubts what is no paper or may not be asked for."""
    codes, doubts = dict[tuple[str, int, int], str](), list[Doubt]()
    cases = []
    for place, (name, texts) in enumerate(record.cases.items(), 1):
        papers, more = _checklist(texts, codes)
        doubts += more
        case_id = record.case_ids if record.case_ids == "chung" else f"{record.case_ids}_{place}"
        cases.append(Case(case_id, clip(name, 300), papers, ()))
        if not papers:
            doubts.append(Doubt("papers", f"{clip(name, 120)}: cổng không ghi giấy tờ nào đọc được; cần xác nhận."))
    return tuple(cases), tuple(dict.fromkeys(doubts))


def _checklist(
    texts: Iterable[PaperText], codes: dict[tuple[str, int, int], str]
) -> tuple[tuple[PaperRequirement, ...], list[Doubt]]:
    papers, doubts = dict[str, PaperRequirement](), list[Doubt]()
    for text in texts:
        name, doubt = _paper_name(text.name)
        if doubt:
            doubts.append(Doubt("papers", doubt))
        if name:
            originals, copies = _count(text.originals), _count(text.copies)
            if originals is None or copies is None:
                said = f"{text.originals}/{text.copies}"
                doubts.append(Doubt("papers", f"Số bản của “{clip(name, 120)}” cổng ghi “{clip(said, 40)}”; cần xác nhận."))
            key = (name, originals or 0, copies or 0)
            code = codes.setdefault(key, f"P{len(codes) + 1:02d}")
            note = f"Mẫu: {clip(text.form, 120)}" if text.form else ""
            papers[code] = PaperRequirement(code, name, key[1], 0, key[2], False, note)
    return tuple(papers.values()), doubts


def _paper_name(text: str) -> tuple[str, str]:
    """The name for the checklist ("" when it is none), and the sentence of what is doubtful ("" for nothing)."""
    if found := _MORE.fullmatch(text):
        return "", f"Nguồn cắt bớt {found[1]} mục cuối của thành phần hồ sơ; cần bổ sung từ cổng."
    name = _MARK.sub("", _HEADING.sub("", _MARK.sub("", text))).strip(" ;,.")
    shown, said = clip(text, 300), fold(name)
    if len(said) < 3 or _is_note(said):
        return "", f"Dòng ghi chú trong thành phần hồ sơ, không đưa vào danh mục: “{shown}”." if shown else ""
    name = name.rstrip(" :")
    if asks_vneid(said):
        return "", f"Không được bắt buộc tài khoản VNeID khi nộp tại quầy, nên không đưa vào danh mục: “{shown}”."
    if asks_address_confirmation(said):
        return "", f"Không được yêu cầu xác nhận địa chỉ cũ, mới là một, nên không đưa vào danh mục: “{shown}”."
    cut = text.endswith("…") or len(name) > 300
    return clip(name, 300), "Tên của một số giấy tờ bị cắt ngắn trong nguồn; cần đối chiếu với cổng." if cut else ""


def _is_note(line: str) -> bool:
    """Whether a folded line only explains: a remark, a heading, a sentence about somebody that names no document."""
    if _REMARK.match(line) or _LIST_FOLLOWS.search(line):
        return True
    if _DOCUMENT.match(line):
        return False
    if _NOTHING_ASKED.search(line):
        return True
    if not _ACTOR.match(line):
        return False
    where, colon, what = line.partition(":")
    named = what.strip() if colon else where
    return not named or (bool(_ACTOR.match(named)) and not _DOCUMENT.search(named))


def _count(text: str) -> int | None:
    """A number of copies; blank is none, anything but a small number is not readable."""
    return 0 if not text else int(text) if re.fullmatch(r"[0-9]{1,2}", text) else None
