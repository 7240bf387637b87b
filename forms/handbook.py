"""Cẩm nang: a procedure told to people. What to bring in a case, what it costs, how long it takes, what happens next.

Everything comes from the published procedure and from what is settled here (``forms.local_rules``). What neither of them
says is told as *cần xác nhận*; nothing is made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from forms import conditions
from forms.catalogue import Catalogue
from forms.fees import Exemption, certified_copy, exemptions
from forms.local_rules import EVERY, NONE, LocalRules
from forms.names import date_vn, fold, money
from forms.procedure import UNIT_WORDS, Case, Channel, Fee, PaperRequirement, Procedure, TimeLimit
from forms.working_days import LATE

OPEN = "Cần xác nhận"
COUNTER, ONLINE, POST = "1", "2", "3"

_COUNTS = (("originals", "bản chính"), ("certified", "bản chứng thực"), ("copies", "bản chụp"))
_SINCE = {"child_birth_date": "ngày sinh", "death_date": "ngày chết"}
_EACH = {"copies": "bản", "members": "người", "cases": "văn bản"}
_FILLED = ("to khai", "don de nghi", "don xin", "don yeu cau", "giay de nghi", "phieu de nghi", "phieu thu thap", "phieu tu khai")
_ABOUT = {
    "time": "Thời hạn",
    "fee": "Phí, lệ phí",
    "papers": "Giấy tờ",
    "form": "Tờ khai",
    "validity": "Hiệu lực",
    "code": "Mã hồ sơ",
    "other": "Điểm khác",
}
"""What a doubt touches, in the order in which a clerk meets it."""


@dataclass(frozen=True)
class Paper:
    """A line of the checklist. ``made``: ``printed`` (the counter types and prints it), ``filled`` (the resident fills in a
    form), ``card`` (not asked of who showed an identity card), ``brought``."""

    name: str
    count: str
    made: Literal["printed", "filled", "card", "brought"]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Price:
    """A fee in words; ``when``: under what condition it is taken, ``more``: how it goes on. ``free``: nothing is paid."""

    name: str
    words: str
    when: str
    more: str
    basis: str
    settled: bool
    free: bool


@dataclass(frozen=True)
class Relief:
    """Who pays nothing, what is shown for it, and for which fees (empty = for all that cost something)."""

    name: str
    evidence: str
    basis: str
    fees: tuple[str, ...]
    until: str


@dataclass(frozen=True)
class Limit:
    """A time limit in words. ``basis``: the act that settled it here, "" for a published one."""

    words: str
    notes: tuple[str, ...]
    basis: str
    settled: bool


@dataclass(frozen=True)
class Way:
    """A channel; where channels differ, with its limit and its fee, so that they are seen side by side."""

    id: str
    name: str
    words: str


@dataclass(frozen=True)
class Part:
    """A procedure of a linked group: its road, its own limit, and when it is filed at all ("" = always)."""

    name: str
    code: str
    road: str
    limit: Limit
    only_if: str


@dataclass(frozen=True)
class Guide:
    """One readable page. ``published``: decision and first day; ``coming``: a later version that is known already;
    ``doubts``: (what it touches, text); ``road``: where its dossiers go (``routing.road_words``), "" where that is not known."""

    procedure: Procedure
    case: Case
    channel: Channel
    code: str
    published: str
    coming: str
    bring: tuple[Paper, ...]
    bring_if: tuple[Paper, ...]
    prices: tuple[Price, ...]
    reliefs: tuple[Relief, ...]
    limit: Limit
    steps: tuple[str, ...]
    ways: tuple[Way, ...]
    parts: tuple[Part, ...]
    basis: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...]
    road: str = ""

    @property
    def imported(self) -> bool:
        """Taken from a portal record as it is: nobody has compared it yet."""
        return self.procedure.review == "imported"


def guide(catalogue: Catalogue, line: Mapping[str, Any], on: date, rules: LocalRules = NONE) -> Guide | None:
    """The page of ``{"procedure", "case", "channel"}`` as it stands on a day; None for an unknown procedure. A case or channel
    that it does not have gives its first one."""
    procedure = catalogue.procedure(str(line.get("procedure")), on=on)
    if procedure is None:
        return None
    case = procedure.case(line.get("case")) or procedure.cases[0]
    channel = procedure.channel(str(line.get("channel") or COUNTER)) or procedure.channels[0]
    papers = tuple((p.required, _paper(p, channel.id)) for p in case.papers)
    prices = prices_of(procedure, channel, case.id, on, rules)
    parts = _parts(catalogue, procedure, channel, on, rules)
    limit = _group_limit(procedure, channel, parts) if parts else limit_of(procedure, channel.id, case.id, rules)
    listed = tuple(p for _, p in papers)
    return Guide(
        procedure,
        case,
        channel,
        code_words(procedure),
        _published(procedure),
        _coming(catalogue, procedure, on),
        tuple(p for required, p in papers if required),
        tuple(p for required, p in papers if not required),
        prices,
        _reliefs(procedure, channel, case.id, on, rules),
        limit,
        _steps(channel.id, listed, prices, limit, parts),
        _ways(procedure, case.id, on, rules),
        parts,
        _basis(procedure, limit),
        tuple((_ABOUT[k], d.text) for k in _ABOUT for d in procedure.doubts if d.about == k),
    )


def code_words(procedure: Procedure) -> str:
    """The published code; a linked group has none of its own, so its decree stands there."""
    return procedure.decision if procedure.members else procedure.code


def in_words(procedure: Procedure, channel: str, case: str, rules: LocalRules, on: date) -> tuple[str, str]:
    """Fees and time limit of a case in one line each, for the guidance sheet; "" for a limit that is not settled."""
    found = procedure.channel(channel)
    said = []
    for price in prices_of(procedure, found, case, on, rules) if found else ():
        name = f"{price.name} ({price.when})" if price.when else price.name
        said.append(
            f"{name}: " + ", ".join(w for w in (_lower(price.words), price.more, "" if price.settled else price.basis) if w)
        )
    limit = limit_of(procedure, channel, case, rules)
    when = ", ".join(_lower(w) for w in (limit.words, *limit.notes))
    return "; ".join(said), when if limit.settled else ""


# What to bring


def _paper(paper: PaperRequirement, channel: str) -> Paper:
    counts = [f"{n:02d} {words}" for key, words in _COUNTS if (n := getattr(paper, key))]
    notes = [paper.note] if paper.note else []
    made: Literal["printed", "filled", "card", "brought"] = "brought"
    if paper.declaration and channel == COUNTER:
        made = "printed"
        notes.append("Quầy nhập và in sẵn; người dân đọc lại rồi ký")
    elif paper.declaration and channel == ONLINE:
        made = "filled"
        notes.append("Khai ngay trên Cổng Dịch vụ công")
    elif paper.declaration or fold(paper.name).startswith(_FILLED):
        made = "filled"
        notes.append("Người dân điền theo mẫu rồi ký")
    elif paper.on_card:
        made = "card"
        notes.append("Đã xuất trình thẻ căn cước thì không phải nộp")
    return Paper(paper.name, ", ".join(counts) or "xuất trình", made, tuple(notes))


# What it costs


def prices_of(procedure: Procedure, channel: Channel, case: str, on: date, rules: LocalRules) -> tuple[Price, ...]:
    """The fees of a case in words, with what is settled here in the place of what is not published."""
    return tuple(_price(procedure, fee, on, rules) for fee in _fees(channel, case))


def _fees(channel: Channel, case: str) -> list[Fee]:
    return [f for f in channel.fees if not f.cases or case in f.cases]


def _price(procedure: Procedure, fee: Fee, on: date, rules: LocalRules) -> Price:
    open_ = fee.kind in ("local", "unstated")
    row = rules.fee(procedure.code, fee.code, on) if open_ else None
    amount = row.amount if row else None if open_ else fee.amount
    more = ""
    if fee.kind == "certified_copy":
        amount, later, most = (certified_copy(*pages) for pages in ((1, 1), (3, 1), (10_000, 1)))
        more = f"từ trang thứ 3 là {money(later - certified_copy(2, 1))}; nhiều nhất {money(most)} một bản"
    each = {"certified_copy": "trang", "per_unit": _EACH.get(fee.quantity, "đơn vị")}.get(fee.kind, "")
    words = OPEN if amount is None else money(amount) + (f" mỗi {each}" if each else "")
    if amount == 0:
        words = "Không thu" if row else "Miễn"
    return Price(fee.name, words, _bound(fee), more, row.basis if row else fee.basis, amount is not None, amount == 0)


def _bound(fee: Fee) -> str:
    """``trong 60 ngày kể từ ngày sinh``; "" for a fee that always counts."""
    bound = fee.within_days or fee.after_days
    if bound is None:
        return ""
    since = _SINCE.get(bound[0], "ngày ghi trong tờ khai")
    return f"{'trong' if fee.within_days else 'quá'} {bound[1]} ngày kể từ {since}"


def _reliefs(procedure: Procedure, channel: Channel, case: str, on: date, rules: LocalRules) -> tuple[Relief, ...]:
    """The exemptions that would take something off, in the order of the list."""
    costing = [f for f in _fees(channel, case) if not _price(procedure, f, on, rules).free]
    rows = {f.code: rules.fee(procedure.code, f.code, on) for f in costing}
    found = []
    for one in exemptions().values():
        here = {code: row for code, row in rows.items() if row and one.id in row.exempt}
        reached = [f for f in costing if one.reaches(f.code, (*f.exempt, *([one.id] if f.code in here else [])), on)]
        if reached:
            until = "" if one.valid_to.startswith("9999") else f"đến hết {date_vn(date.fromisoformat(one.valid_to))}"
            only = () if len(reached) == len(costing) else tuple(f.name for f in reached)
            local = here.get(reached[0].code)
            found.append(Relief(one.name, one.evidence, local.basis if local else _law_of(one, procedure), only, until))
    return tuple(found)


def _law_of(one: Exemption, procedure: Procedure) -> str:
    """The laws an exemption rests on; the one on civil status says nothing about other fields."""
    laws = one.basis.split("; ")
    return "; ".join(law for law in laws if "Hộ tịch" not in law or procedure.field in ("Hộ tịch", "Liên thông"))


# How long it takes


def limit_of(procedure: Procedure, channel: str, case: str | None, rules: LocalRules) -> Limit:
    """The limit of a case: the published one, or what is settled here; an open one says why it is open."""
    if found := rules.time_limit(procedure, channel, case):
        return _limit(found, _settled_by(procedure, channel, case, rules))
    why = tuple(d.text for d in procedure.doubts if d.about == "time")
    return Limit(OPEN, why or ("Chưa tính được ngày hẹn trả",), "", False)


def _limit(limit: TimeLimit, basis: str) -> Limit:
    notes = []
    if limit.same_day:
        notes.append(f"Nhận sau {LATE.hour} giờ thì trả vào ngày làm việc tiếp theo")
    elif limit.late_starts_next:
        notes.append(f"Nhận sau {LATE.hour} giờ thì tính từ ngày làm việc tiếp theo")
    if limit.unit == "hour":
        notes.append("Chỉ tính giờ mở cửa")
    words = "Trong ngày" if limit.same_day and limit.amount <= 1 else f"{limit.amount:02d} {UNIT_WORDS[limit.unit]}"
    return Limit(words, tuple(notes), basis, True)


def _settled_by(procedure: Procedure, channel: str, case: str | None, rules: LocalRules) -> str:
    """The document under which this limit was settled here, "" for a published one; looked up as ``time_limit`` does."""
    for way, key in ((channel, case or procedure.cases[0].id), (channel, ""), (EVERY, "")):
        row = rules.rows.get(("time", f"{procedure.code}/{procedure.version}/{way}/{key}"))
        if row is not None:
            return str(row["source"])
    return ""


def _group_limit(procedure: Procedure, channel: Channel, parts: tuple[Part, ...]) -> Limit:
    """A group's own limit where its decree sets one; the dates of its dossiers are those of its parts."""
    each = "Mỗi thủ tục trong nhóm có ngày trả riêng"
    if channel.time is None:
        open_ = [p.name for p in parts if not p.limit.settled]
        notes = (each, *(f"{name}: thời hạn cần xác nhận" for name in open_))
        return Limit("Theo từng thủ tục", notes, "", not open_)
    own = _limit(channel.time, "")
    return Limit(own.words, (*own.notes, each), "", True)


# What happens


def _steps(
    channel: str, papers: tuple[Paper, ...], prices: tuple[Price, ...], limit: Limit, parts: tuple[Part, ...]
) -> tuple[str, ...]:
    """The resident's way, from what is known of the channel, the papers and the fees."""
    pay = "Nộp phí, lệ phí nếu có" if any(not p.free for p in prices) else ""
    typed = [_lower(p.name) for p in papers if p.made == "printed"]
    filled = [_lower(p.name) for p in papers if p.made == "filled"]
    if channel == ONLINE:
        first = "Khai và nộp trên Cổng Dịch vụ công quốc gia, gửi kèm giấy tờ trong danh sách."
        other = "Không tự nộp được thì nộp tại quầy; nộp tại quầy không bắt buộc có tài khoản VNeID."
        return (first, other, *([f"{pay}."] if pay else []), "Nhận mã hồ sơ, rồi nhận kết quả theo thông báo của Cổng.")
    receipt = "một giấy hẹn ghi mã và ngày trả của từng thủ tục" if parts else "giấy hẹn ghi mã hồ sơ và ngày trả"
    if not limit.settled:
        receipt += " (ngày trả chỉ ghi khi thời hạn đã được xác nhận)"
    got = f"{pay}; nhận {receipt}." if pay else f"Nhận {receipt}."
    fetch = "Đến ngày hẹn, nhận kết quả tại quầy hoặc qua bưu chính như đã ghi trên giấy hẹn."
    if channel == POST:
        sign = f"Điền và ký {', '.join(filled)}; gửi cùng" if filled else "Gửi"
        sent = f"{sign} giấy tờ trong danh sách qua bưu chính công ích."
        return (sent, "Quầy nhận bưu gửi, kiểm tra giấy tờ theo danh sách.", got, fetch)
    second = "Quầy kiểm tra giấy tờ theo danh sách."
    if typed or filled:
        made = [f"quầy nhập và in {', '.join(typed)} để người dân đọc lại và ký"] if typed else []
        made += [f"người dân điền và ký {', '.join(filled)}"] if filled else []
        second = f"{made[0][0].upper()}{'; '.join(made)[1:]}."
    return ("Đưa giấy tờ trong danh sách, xuất trình thẻ căn cước hoặc giấy tờ tùy thân khác.", second, got, fetch)


def _ways(procedure: Procedure, case: str, on: date, rules: LocalRules) -> tuple[Way, ...]:
    found = []
    for channel in procedure.channels:
        prices = prices_of(procedure, channel, case, on, rules)
        limit = [] if procedure.members else [limit_of(procedure, channel.id, case, rules).words]
        said = [*limit, *(p.words for p in prices[:1] if len(prices) == 1)]
        found.append(Way(channel.id, channel.name, " · ".join(dict.fromkeys(said))))
    if len({way.words for way in found}) == 1:
        return tuple(replace(way, words="") for way in found)
    return tuple(found)


def _parts(catalogue: Catalogue, group: Procedure, channel: Channel, on: date, rules: LocalRules) -> tuple[Part, ...]:
    definition = catalogue.definition(group, on=on)
    questions = definition.properties if definition else {}
    found = []
    for member in group.members:
        known = catalogue.procedure(member.procedure, on=on)
        limit = Limit(OPEN, (), "", False)
        if member.time is not None:
            limit = _limit(member.time, "")
        elif known is not None:
            limit = limit_of(known, channel.id, member.case, rules)
        asked = [str(questions.get(n, {}).get("title") or n) for n in sorted(conditions.reads(member.when))]
        only_if = f"Chỉ khi: {', '.join(_lower(t) for t in asked)}" if asked else ""
        found.append(Part(known.short_name if known else member.procedure, member.procedure, member.road, limit, only_if))
    return tuple(found)


# Where it stands


def _published(procedure: Procedure) -> str:
    decision = procedure.decision if procedure.members else f"Quyết định {procedure.decision}"
    if not procedure.decision:
        decision = "Chưa rõ quyết định công bố"
    other = "" if procedure.version in procedure.decision or not procedure.decision else f", bản {procedure.version}"
    return f"{decision}{other}, áp dụng từ {date_vn(date.fromisoformat(procedure.valid_from))}"


def _coming(catalogue: Catalogue, procedure: Procedure, on: date) -> str:
    newest = catalogue.procedure(procedure.code)
    if newest is None or newest.version == procedure.version or newest.valid_from <= on.isoformat():
        return ""
    return f"Từ {date_vn(date.fromisoformat(newest.valid_from))} áp dụng bản {newest.version}"


def _basis(procedure: Procedure, limit: Limit) -> tuple[str, ...]:
    said = [_published(procedure)]
    if limit.basis:
        said.append(f"Thời hạn chốt tại đây theo {limit.basis}")
    if procedure.outage_basis:
        said.append(f"Sự cố hệ thống được thông báo thì thời hạn tạm dừng: {procedure.outage_basis}")
    return tuple(said)


def _lower(words: str) -> str:
    """The first letter small inside a sentence, unless an abbreviation begins it."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
