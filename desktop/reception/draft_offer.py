"""Drafts found at sign-in, offered with their time: go on, later, or drop (with a way back). Never a dialog."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from desktop.widgets import Button, Elided, Glyph, column, frame, row
from forms.catalogue import Catalogue
from sync.store.drafts import Draft


class DraftOffer(QWidget):
    """A quiet bar above the sections; shows the newest draft, and how many more there are."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        resume: Callable[[Draft], None],
        drop: Callable[[Draft], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__()
        self._catalogue, self._resume, self._drop, self._leave = catalogue, resume, drop, leave
        self._drafts: list[Draft] = []
        self._later: set[str] = set()
        bar = frame("wait")
        column(self, (24, 8, 24, 0)).addWidget(bar)
        line = row(bar, (16, 6, 8, 6), 8)
        line.addWidget(Glyph("clock-counter-clockwise", "amber", 20))
        self._words = Elided("", tone="amber")
        self._words.setObjectName("draft_offer")
        line.addWidget(self._words, 1)
        self.resume = Button("Tiếp tục", self._take, "primary")
        self.later = Button("Để sau", self._put_off)
        self.drop = Button("Bỏ", self._give_up, "link")
        self.drop.careful = True
        for name, button in (("resume", self.resume), ("later", self.later), ("drop", self.drop)):
            button.setObjectName(f"draft_{name}")
            line.addWidget(button)
        self.hide()

    def show_drafts(self, drafts: list[Draft]) -> None:
        """Offer the newest one that was not put off."""
        self._drafts = [d for d in drafts if d.id not in self._later]
        self.setVisible(bool(self._drafts))
        if self._drafts:
            first, more = self._drafts[0], len(self._drafts) - 1
            name = (first.content.get("applicant") or {}).get("full_name") or "chưa có tên"
            rest = f" · còn {more} nháp nữa" if more else ""
            what = self._name_of(str(first.content.get("procedure") or ""))
            self._words.setText(f"Làm dở: {name}{what}, giữ lúc {first.saved_at:%H:%M:%S %d/%m}{rest}")

    def _name_of(self, code: str) -> str:
        procedure = self._catalogue().procedure(code)
        return f" · {procedure.short_name}" if procedure else ""

    def _take(self) -> None:
        draft = self._drafts[0]
        self.hide()
        self._resume(draft)

    def _put_off(self) -> None:
        self._later.add(self._drafts[0].id)
        self._show_rest()

    def _give_up(self) -> None:
        draft = self._drafts.pop(0)
        self._show_rest()
        self._drop(draft)

    def _show_rest(self) -> None:
        self.show_drafts(self._drafts)
        if self.isHidden():
            self._leave()
        else:
            self.resume.setFocus()
