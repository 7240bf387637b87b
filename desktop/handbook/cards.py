"""The cards of a page of the handbook. Each says a part of a :class:`forms.handbook.Guide`; nothing is computed here."""

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.widgets import Glyph, column, frame, row, rule, text
from forms.handbook import Guide, Limit, Paper, Part, Price, Relief

_TOP = Qt.AlignmentFlag.AlignTop
_MADE = {
    "printed": ("printer", "primary"),
    "filled": ("pencil-line", "primary"),
    "card": ("identification-card", "ink2"),
    "brought": ("file-text", "ink2"),
}
"""How a paper comes about -> icon and colour."""


def _card(title: str, icon: str, name: str, token: str = "tintInk") -> tuple[QFrame, QVBoxLayout]:
    made = frame("card")
    made.setObjectName(f"handbook.{name}")
    made.setAccessibleName(title)
    box = column(made, (16, 12, 16, 14), 8)
    head = row(gap=8)
    head.addWidget(Glyph(icon, token, 20))
    head.addWidget(text(title, "h2"), 1)
    box.addLayout(head)
    return made, box


def _line(icon: str, token: str, gap: int = 10) -> tuple[QHBoxLayout, QVBoxLayout]:
    """An icon at the left, and room for lines beside it."""
    line = row(gap=gap)
    mark = row(margins=(0, 3, 0, 0))
    mark.addWidget(Glyph(icon, token, 18), 0, _TOP)
    line.addLayout(mark)
    words = column(gap=0)
    line.addLayout(words, 1)
    return line, words


def bring(guide: Guide) -> QFrame:
    """Mang theo gì: what is always needed, what only in its case."""
    made, box = _card("Mang theo gì", "folder-open", "bring")
    always, depends = guide.bring, guide.bring_if
    if guide.imported:
        _label(box, "Theo bản ghi của Cổng, chưa đối chiếu: giấy nào bắt buộc cần xác nhận", "amber")
        always, depends = (*always, *depends), ()
    for paper in always:
        box.addLayout(_paper(paper))
    if depends:
        if always:
            box.addWidget(rule())
        _label(box, "Chỉ khi thuộc trường hợp nêu trong tên giấy tờ")
    for paper in depends:
        box.addLayout(_paper(paper))
    if (always or depends) and not guide.imported:
        box.addWidget(text("Quầy không yêu cầu thêm giấy tờ ngoài danh sách này.", "meta", wrap=True))
    elif not always:
        box.addWidget(text("Danh mục không ghi giấy tờ nào phải nộp.", "soft", wrap=True))
    return made


def _label(box: QVBoxLayout, words: str, tone: str = "") -> None:
    box.addWidget(text(words, "label", tone, wrap=True))


def _paper(paper: Paper) -> QHBoxLayout:
    line, words = _line(*_MADE[paper.made])
    words.addWidget(text(paper.name, wrap=True))
    for note in paper.notes:
        words.addWidget(text(note, "meta", wrap=True))
    count = text(paper.count, "panelStrong")
    line.addWidget(count, 0, _TOP)
    return line


def fees(guide: Guide) -> QFrame:
    """Phí, lệ phí: each with its condition and basis, and who is spared."""
    made, box = _card("Phí, lệ phí", "money", "fees")
    if not guide.prices:
        box.addWidget(text("Không thu", "figure"))
    for place, price in enumerate(guide.prices):
        if place:
            box.addWidget(rule())
        box.addLayout(_price(price, len(guide.prices) == 1))
    if guide.reliefs:
        box.addWidget(rule())
        _reliefs(box, guide)
    return made


def _reliefs(box: QVBoxLayout, guide: Guide) -> None:
    """Who is spared, those with the same reach and basis together."""

    def reach(relief: Relief) -> tuple[str, str]:
        fees = f"Được miễn {', '.join(_small(f) for f in relief.fees)}" if relief.fees else "Được miễn"
        return fees, " · ".join(w for w in (relief.basis, relief.until) if w)

    for (fees, basis), spared in groupby(guide.reliefs, key=reach):
        _label(box, fees)
        for relief in spared:
            line, words = _line("check", "green", 8)
            words.addWidget(text(relief.name, "panel", wrap=True))
            words.addWidget(text(relief.evidence, "meta", wrap=True))
            box.addLayout(line)
        box.addWidget(text(basis[0].upper() + basis[1:], "meta", wrap=True))


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _price(price: Price, alone: bool) -> QVBoxLayout:
    """One fee is a figure; of several each is a line, so that they are compared at a glance."""
    words = column(gap=0)
    if alone:
        words.addWidget(text(price.name, "panel", wrap=True))
        words.addLayout(_figure(price.words, price.settled))
    else:
        line = row(gap=12)
        line.addWidget(text(price.name, "panel", wrap=True), 1)
        line.addWidget(text(price.words, "strong", "" if price.settled else "amber"), 0, _TOP)
        words.addLayout(line)
    for said in (price.when, price.more, price.basis):
        if said:
            words.addWidget(text(said[0].upper() + said[1:], "meta", wrap=True))
    return words


def _figure(words: str, settled: bool) -> QHBoxLayout:
    line = row(gap=6)
    if not settled:
        line.addWidget(Glyph("warning-circle", "amber", 18))
    line.addWidget(text(words, "figure", "" if settled else "amber", wrap=True), 1)
    return line


def time(guide: Guide) -> QFrame:
    """Thời gian giải quyết."""
    made, box = _card("Thời gian", "clock", "time")
    box.addLayout(_limit(guide.limit))
    return made


def _limit(limit: Limit) -> QVBoxLayout:
    words = column(gap=0)
    words.addLayout(_figure(limit.words, limit.settled))
    for note in (*limit.notes, *([f"Theo {limit.basis}"] if limit.basis else [])):
        words.addWidget(text(note, "meta", wrap=True))
    return words


def parts(guide: Guide) -> QFrame:
    """The procedures of a linked group: road, limit, and when they are filed at all."""
    made, box = _card("Các thủ tục trong nhóm", "git-branch", "parts")
    for place, part in enumerate(guide.parts):
        if place:
            box.addWidget(rule())
        box.addLayout(_part(part, place + 1, guide.limit))
    return made


def _part(part: Part, number: int, whole: Limit) -> QHBoxLayout:
    """What holds for the whole group is not said again."""
    line = row(gap=10)
    line.addWidget(_number(number), 0, _TOP)
    words = column(gap=0)
    words.addWidget(text(part.name, wrap=True))
    words.addWidget(text(f"{part.code} · {part.road}" if part.road else part.code, "meta", wrap=True))
    for said in (part.only_if, *part.limit.notes):
        if said and said not in whole.notes:
            words.addWidget(text(said, "meta", wrap=True))
    line.addLayout(words, 1)
    line.addWidget(text(part.limit.words, "panelStrong", "" if part.limit.settled else "amber"), 0, _TOP)
    return line


def _number(number: int) -> QFrame:
    badge = frame("tint")
    badge.setFixedSize(26, 26)
    inside = row(badge)
    label = text(str(number), "strong", "tint")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    inside.addWidget(label)
    return badge


def steps(guide: Guide) -> QFrame:
    """Các bước, as the resident goes them."""
    made, box = _card("Các bước", "list-numbers", "steps")
    for number, step in enumerate(guide.steps, 1):
        line = row(gap=10)
        line.addWidget(_number(number), 0, _TOP)
        line.addWidget(text(step, wrap=True), 1)
        box.addLayout(line)
    return made


def facts(guide: Guide) -> QFrame:
    """Cách nộp, kết quả, cơ quan giải quyết, nơi hồ sơ được chuyển tới, căn cứ."""
    made, box = _card("Nộp và nhận", "tray", "facts")
    _label(box, "Cách nộp")
    for way in guide.ways:
        here = way.id == guide.channel.id
        line, words = _line("check-circle" if here else "circle", "primary" if here else "ink3", 8)
        words.addWidget(text(way.name, "panelStrong" if here else "panel", wrap=True))
        if way.words:
            words.addWidget(text(way.words, "meta", wrap=True))
        box.addLayout(line)
    procedure = guide.procedure
    said = [("Kết quả", (procedure.result,)), ("Cơ quan giải quyết", (procedure.competent,))]
    said += [("Hồ sơ được chuyển tới", (guide.road,))] if guide.road else []
    for title, lines in [*said, ("Căn cứ", guide.basis)]:
        box.addWidget(rule())
        words = column(gap=0)
        words.addWidget(text(title, "label"))
        for each in lines:
            words.addWidget(text(each or "Cần xác nhận", "panel", "" if each else "amber", wrap=True))
        box.addLayout(words)
    return made


def doubts(guide: Guide) -> QFrame:
    """Điểm còn cần xác nhận, each with what it touches."""
    made, box = _card("Điểm còn cần xác nhận", "warning-circle", "doubts", "amber")
    for about, said in guide.doubts:
        line = row(gap=12)
        label = text(about, "label")
        label.setFixedWidth(88)
        line.addWidget(label, 0, _TOP)
        line.addWidget(text(said, "panel", wrap=True), 1)
        box.addLayout(line)
    return made
