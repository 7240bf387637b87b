"""The queue: a row for each dossier of which something waits. Rows stay while their dossier waits, so that the keyboard keeps
its place while figures change every second.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop.dossiers.model import DELIVERY
from desktop.sync_panel import words
from desktop.widgets import Button, Elided, Glyph, Pill, column, empty_state, frame, row, rule, text
from sync.speed import size_words

_SHOWN = 60  # rows that are drawn; the count tells the rest
_ROW, _CODE, _LAST = 56, 104, 92  # px: a row's height, the widths of a code and of the button

_HINT = "Hồ sơ mới tiếp nhận sẽ đứng ở đây cho tới khi máy chủ của xã ký nhận."


class Waiting(QWidget):
    """``hurry(id, name)`` sends one dossier before the others."""

    def __init__(self, hurry: Callable[[str, str], None]) -> None:
        super().__init__()
        self._hurry = hurry
        self._rows: dict[str, _Row] = {}
        box = column(self, gap=0)
        self._empty = empty_state("Hàng chờ trống.", _HINT, 24)
        self._empty.setContentsMargins(0, 0, 0, 24)
        box.addWidget(self._empty)
        self._card = frame("card")
        inside = column(self._card, gap=0)
        head = row(margins=(16, 0, 16, 0))
        head.addWidget(Glyph("clock", "amber", 18))
        head.addWidget(text("Chờ gửi", "strong", "amber"))
        self._count = text("", "soft")
        self._count.setFixedHeight(38)
        self._count.setObjectName("queue_count")
        head.addWidget(self._count)
        head.addStretch()
        inside.addLayout(head)
        self._list: QVBoxLayout = column(gap=0)
        inside.addLayout(self._list)
        self._more = _foot(inside, "queue_more")
        self._own = _foot(inside, "queue_own")
        box.addWidget(self._card)

    def show_view(self, view: dict[str, Any], link: str, now: datetime) -> bool:
        """What waits, and why. False when the row with the keyboard is gone and there is no other to take it."""
        queue = view["queue"]
        held = next((n for n, r in enumerate(self._rows.values()) if r.button.hasFocus()), None)
        self._empty.setVisible(words.nothing_waits(view))
        self._card.setVisible(not words.nothing_waits(view))
        files = f" · {view['scans']} tệp, {size_words(view['scan_bytes'])}" if view["scans"] else ""
        self._count.setText(f"{len(queue)} hồ sơ{files}")
        self._more.setVisible(len(queue) > _SHOWN)
        self._more.setText(f"và {len(queue) - _SHOWN} hồ sơ nữa")
        own = view["waiting"] and not any(row["events"] for row in queue)
        self._own.setVisible(bool(own))
        self._own.setText(f"{view['waiting']} việc của quầy (cài đặt, chốt ca) cũng chờ gửi")
        self._place([str(row["id"]) for row in queue[:_SHOWN]])
        for one in queue[:_SHOWN]:
            self._rows[one["id"]].show_row(one, view, link, now)
        return held is None or self._hold(held)

    def _hold(self, place: int) -> bool:
        """The keyboard stays about there."""
        buttons = [one.button for one in self._rows.values() if one.button.isVisibleTo(one)]
        if buttons and not any(button.hasFocus() for button in buttons):
            buttons[min(place, len(buttons) - 1)].setFocus()
        return bool(buttons)

    def _place(self, ids: list[str]) -> None:
        """The rows of these, in this order; the others go."""
        if list(self._rows) == ids:
            return
        kept = {i: self._rows.get(i) or _Row(self._hurry) for i in ids}
        for gone in self._rows.keys() - kept.keys():
            self._rows[gone].leave()
        for place, one in enumerate(kept.values()):
            self._list.insertWidget(place, one)
        self._rows = kept


def _foot(inside: QVBoxLayout, name: str) -> QLabel:
    label = text("", "soft")
    label.setObjectName(name)
    label.setFixedHeight(36)
    label.setContentsMargins(44, 0, 16, 0)
    inside.addWidget(label)
    return label


class _Row(QWidget):
    """Whose dossier, where it is, since when, what waits and for what; and *Gửi trước*."""

    def __init__(self, hurry: Callable[[str, str], None]) -> None:
        super().__init__()
        self._hurry, self._id, self._code = hurry, "", ""
        self.setFixedHeight(_ROW)
        box = column(self, gap=0)
        box.addWidget(rule())
        line = row(margins=(16, 0, 16, 0), gap=10)
        box.addLayout(line, 1)
        self._mark = Glyph("circle", "ink2", 18)
        line.addWidget(self._mark)
        two = column(gap=0)
        upper = row(gap=10)
        self._number, self._who, self._where = text("", "panelStrong"), Elided("", "panel"), Elided("", "meta")
        self._number.setFixedSize(_CODE, 23)
        self._where.setFixedHeight(22)
        upper.addWidget(self._number)
        upper.addWidget(self._who, 1)
        two.addStretch()
        two.addLayout(upper)
        two.addWidget(self._where)
        two.addStretch()
        line.addLayout(two, 1)
        self._what = text("", "panel")
        line.addWidget(self._what)
        self.button = Button("Gửi trước", self._press, "link")
        self._first = Pill("Đi trước", "tint", "arrow-up")
        last = QWidget()
        last.setFixedWidth(_LAST)
        ends = row(last)
        ends.addStretch()
        ends.addWidget(self.button)
        ends.addWidget(self._first)
        line.addWidget(last)

    def show_row(self, one: dict[str, Any], view: dict[str, Any], link: str, now: datetime) -> None:
        """As it is now."""
        code = str(one["code"] or "")
        self._id, self._code = str(one["id"]), code.partition("-")[2] or code
        self.setObjectName(f"queue.{self._id}")
        self.button.setObjectName(f"queue_hurry.{self._id}")
        self.button.setAccessibleName(f"Gửi trước hồ sơ {self._code}, {one['full_name'] or ''}")
        where = "kept" if one["events"] else one["delivery"]
        icon, token, told = DELIVERY[where]
        self._mark.show_icon(icon, token)
        self._number.setText(self._code)
        self._who.setText(" · ".join(str(word) for word in (one["full_name"], one["procedure_name"]) if word))
        told += f" {words.since(one, now)} · " if one["events"] else " · còn tệp quét, "
        self._where.setText(told + words.reason(one, view, link))
        self._what.setText(words.parts_waiting(one))
        self.button.setVisible(not one["urgent"])
        self._first.setVisible(one["urgent"])

    def leave(self) -> None:
        """Its dossier waits no more."""
        self.hide()
        self.setParent(None)
        self.deleteLater()

    def _press(self) -> None:
        self._hurry(self._id, f"Hồ sơ {self._code}")
