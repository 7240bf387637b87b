"""The papers in a dossier's story: what was brought, how many scans each has and whether they are sent, and *Thêm tệp*."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from desktop.attaching import file_words
from desktop.commands import Session
from desktop.widgets import Button, Glyph, column, frame, row, text
from forms.names import date_vn
from forms.possible import possible
from forms.procedure import PaperRequirement
from forms.scans import papers_of
from forms.working_days import parse_moment

_KINDS = (("originals", "chính"), ("certified", "chứng thực"), ("copies", "chụp"))
FIRST = "scan.add."
"""What the object name of every *Thêm tệp* begins with; the paper's code follows."""


def needs_of(session: Session | None, dossier: dict[str, Any]) -> tuple[PaperRequirement, ...]:
    """The papers of the dossier's case, or of the whole linked group."""
    if session is None:
        return ()
    group = session.catalogue.group_of(dossier)
    procedure = group or session.catalogue.procedure_of(dossier)
    case = procedure.case(None if group else dossier["procedure"].get("case")) if procedure else None
    return case.papers if case else ()


def names_of(session: Session | None, dossier: dict[str, Any]) -> dict[str, str]:
    """Names of the papers that a dossier may speak of, by code; as they were called at its reception where that is known."""
    known = papers_of(session.catalogue, dossier) if session else {}
    return known | {str(p.get("code")): str(p["name"]) for p in dossier["papers"] if p.get("name")}


def sent_words(scans: Sequence[dict[str, Any]]) -> str:
    """``đã gửi``, ``chưa gửi``, ``1 chưa gửi``; of scans that other counters attached nothing is said but that."""
    ours = [s for s in scans if s.get("sent") is not None]
    waiting = sum(not s["sent"] for s in ours)
    if not ours:
        return "từ quầy khác" if scans else ""
    return "đã gửi" if not waiting else "chưa gửi" if waiting == len(scans) else f"{waiting} chưa gửi"


def purged_words(scans: Sequence[dict[str, Any]]) -> str:
    """``2 tệp đã xoá khỏi máy này ngày 28/11/2026, máy chủ giữ đủ``; "" while all are here."""
    days = sorted(s["purged_at"] for s in scans if s.get("purged_at"))
    last = parse_moment(days[-1]) if days else None
    return f"{len(days)} tệp đã xoá khỏi máy này ngày {date_vn(last)}, máy chủ giữ đủ" if last else ""


class PapersBox(QFrame):
    """One row a paper: brought ones first, then those that have scans, the others of the case behind a button. ``add(code,
    name)`` is called by *Thêm tệp*, which is there unless the dossier's code is void."""

    def __init__(self, session: Session | None, dossier: dict[str, Any], add: Callable[[str, str], None]) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self._add = add if "attached" in possible(dossier) else None
        self._names = names_of(session, dossier)
        self._scans: dict[str, list[dict[str, Any]]] = {}
        for scan in dossier["scans"]:
            self._scans.setdefault(scan["paper"], []).append(scan)
        box = column(self, (12, 8, 4, 8), 2)
        box.addWidget(text("Giấy tờ", "panelStrong"))
        brought = {str(p.get("code") or ""): p for p in dossier["papers"]}
        shown = [*brought, *(code for code in self._scans if code not in brought)]
        for code in shown:
            box.addWidget(self._row(code, brought.get(code, {})))
        others = [need.code for need in needs_of(session, dossier) if need.code not in shown]
        if others and self._add:
            more = QWidget()
            rest = column(more, gap=2)
            for code in others:
                rest.addWidget(self._row(code, {}))
            toggle = Button(f"Giấy tờ khác của thủ tục ({len(others)})", kind="link", icon="caret-down")
            toggle.setObjectName("scan.more")
            toggle.setCheckable(True)
            toggle.toggled.connect(more.setVisible)
            box.addWidget(toggle, 0, Qt.AlignmentFlag.AlignLeft)
            box.addWidget(more)
            more.setVisible(not shown)
            toggle.setChecked(not shown)

    def _row(self, code: str, paper: dict[str, Any]) -> QWidget:
        """``paper``: as it was received, {} for one that was not."""
        name = str(paper.get("name") or self._names.get(code) or code or "giấy tờ")
        scans = self._scans.get(code, [])
        holder = QWidget()
        line = row(holder, gap=4)
        words = column(gap=0)
        words.addWidget(text(name, "panel", wrap=True))
        counts = ", ".join(f"{paper[k]} {w}" for k, w in _KINDS if paper.get(k))
        said = [counts, file_words(scans) if scans else "", sent_words(scans), purged_words(scans)]
        if any(said):
            about = text(" · ".join(w.replace(" ", "\N{NO-BREAK SPACE}") for w in said if w), "meta", wrap=True)
            about.setObjectName(f"scan.told.{code}")
            words.addWidget(about)
        doubtful = sum(not s["readable"] for s in scans)
        if doubtful:
            words.addWidget(_doubt(doubtful))
        line.addLayout(words, 1)
        if self._add is not None and code:
            button = Button("Thêm tệp", partial(self._add, code, name), "link", "paperclip")
            button.setObjectName(FIRST + code)
            button.setAccessibleName(f"Thêm tệp: {name}")
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return holder


def _doubt(number: int) -> QFrame:
    box = frame("plain")
    line = row(box, gap=6)
    line.addWidget(Glyph("warning-circle", "amber", 16), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(text(f"{number} tệp cần mở xem lại", "meta", "amber", wrap=True), 1)
    return box
