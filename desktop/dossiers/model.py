"""The table of dossiers: rows as the store gives them, drawn by one delegate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop import theme
from desktop.dossiers.telling import PAYMENTS
from desktop.fields.texts import grouped
from desktop.paged import Index, PagedRows
from desktop.widgets import tip
from forms.names import date_vn
from forms.working_days import parse_moment
from sync.counter import vietnam_now


@dataclass(frozen=True)
class Column:
    """``wide``: px at 1366, and in a roomy window; 0 takes what is left."""

    title: str
    wide: tuple[int, int]


COLUMNS: dict[str, Column] = {
    "code": Column("Mã hồ sơ", (128, 216)),
    "full_name": Column("Chủ hồ sơ", (162, 200)),
    "procedure": Column("Thủ tục", (0, 0)),
    "received": Column("Tiếp nhận", (104, 120)),
    "due": Column("Hẹn trả", (202, 220)),
    "state": Column("Tình trạng", (124, 140)),
    "phone": Column("Điện thoại", (110, 120)),
    "personal_id": Column("Số định danh", (132, 144)),
    "official_code": Column("Mã chính thức", (190, 200)),
    "competent": Column("Nơi giải quyết", (140, 170)),
    "counter": Column("Quầy", (76, 90)),
    "payment": Column("Lệ phí", (96, 120)),
    "sent": Column("Gửi", (48, 56)),
}
"""All columns there are, in the order in which they stand."""
USUAL = ("code", "full_name", "procedure", "due", "state", "sent")
# delivery: icon, token, words of the legend
DELIVERY = {
    "kept": ("circle", "ink2", "Đã giữ trên máy"),
    "received": ("circle-half-fill", "amber", "Cổng xã đã nhận"),
    "accepted": ("check-circle-fill", "green", "Hệ thống nhận đã chấp nhận"),
    "refused": ("x-circle-fill", "red", "Bị từ chối"),
}
_STAGES = {
    "filed": ("Chờ tiếp nhận", "amber"),
    "guided": ("Đã hướng dẫn", "amber"),
    "declined": ("Không tiếp nhận", "quiet"),
    "received": ("Đã tiếp nhận", "tint"),
    "processing": ("Đang xử lý", "tint"),
    "supplement": ("Chờ bổ sung", "amber"),
    "payment": ("Chờ nộp phí", "amber"),
    "finished": ("Có kết quả", "green"),
    "returned": ("Đã trả kết quả", "quiet"),
    "withdrawn": ("Đã rút", "quiet"),
    "stopped": ("Dừng xử lý", "quiet"),
    "annulled": ("Đã huỷ mã", "quiet"),
    "unknown": ("Chưa rõ", "quiet"),
}
STAGES = {k: words for k, (words, _tone) in _STAGES.items() if k != "unknown"}
"""Stages in the list's short words, in the order of a dossier's life."""
ENDED = ("finished", "returned", "withdrawn", "stopped", "annulled", "declined")


def state_of(row: dict[str, Any]) -> tuple[str, str]:
    """The state pill: words and tone. A refusal that nobody has answered stands above the stage."""
    if row.get("review"):
        return "Cần xem lại", "red"
    if row.get("delivery") == "refused":
        return "Cổng từ chối", "red"
    return _STAGES.get(str(row.get("stage")), (str(row.get("stage")), "quiet"))


def due_words(row: dict[str, Any], now: datetime) -> tuple[str, str, str]:
    """As ``days_left``; what has ended or waits for the resident is not late."""
    day, left, tone = days_left(row.get("return_at"), now)
    if row.get("stage") in ENDED:
        return day, "đã trả" if row["stage"] == "returned" else "", ""
    return (day, "tạm dừng", "") if row.get("stage") in ("supplement", "payment") else (day, left, tone)


def days_left(return_at: str | None, now: datetime) -> tuple[str, str, str]:
    """Date, words for the days left, tone (``amber`` today, ``red`` late, empty else)."""
    due = parse_moment(return_at or "")
    if due is None:
        return "–", "", ""
    left = (due.date() - now.date()).days
    if left < 0:
        return date_vn(due), f"quá {-left} ngày", "red"
    return date_vn(due), "hôm nay" if left == 0 else f"còn {left} ngày", "amber" if left == 0 else ""


class DossierModel(PagedRows):
    """Rows of ``Counter.dossiers``; the row itself is the user data of every cell."""

    def __init__(self, counter_name: Callable[[str], str]) -> None:
        super().__init__()
        self.columns: tuple[str, ...] = USUAL
        self._counter_name = counter_name

    def show_columns(self, columns: tuple[str, ...]) -> None:
        """Which columns stand there."""
        self.beginResetModel()
        self.columns = columns
        self.endResetModel()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[self.columns[section]].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(row, self.columns[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(self.words(row, self.columns[index.column()]))
        return None

    def words(self, row: dict[str, Any], column: str) -> str:
        """One cell in words."""
        now = self.now or vietnam_now()
        if column == "due":
            return " ".join(w for w in due_words(row, now)[:2] if w)
        if column == "received":
            at = parse_moment(row.get("received_at") or row.get("filed_at") or "")
            return f"{at:%H:%M} hôm nay" if at and at.date() == now.date() else date_vn(at) if at else ""
        told = {
            "code": row.get("code") or row.get("official_code") or "chưa có mã",
            "procedure": row.get("procedure_name"),
            "state": state_of(row)[0],
            "sent": DELIVERY.get(str(row.get("delivery")), DELIVERY["kept"])[2],
            "counter": self._counter_name(str(row["counter"])) if row.get("counter") else "",
            "payment": PAYMENTS.get(str(row.get("payment")), ""),
            "personal_id": grouped(str(row.get("personal_id") or "")),
        }
        return str(told.get(column, row.get(column)) or "")


class RowDelegate(QStyledItemDelegate):
    """Draws text, pill and mark; a selected row has its own ground and a 3-px bar."""

    def __init__(self, parent: QObject, model: DossierModel) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, place = index.data(Qt.ItemDataRole.UserRole), index.column()
        column = self._model.columns[place]
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, theme.colour("selection"))
            if place == 0:
                painter.fillRect(QRect(rect.x(), rect.y(), 3, rect.height()), theme.colour("primary"))
        elif index.row() % 2:
            painter.fillRect(rect, theme.colour("zebra"))
        inner = rect.adjusted(8, 0, -8, 0)
        if column == "code":
            self._code(painter, inner, index.data(), rect.width() > 150)
        elif column == "due":
            self._due(painter, inner, row, self._model.now or vietnam_now())
        elif column == "state":
            self._pill(painter, inner, *state_of(row))
        elif column == "sent":
            icon, token, _words = DELIVERY.get(str(row.get("delivery")), DELIVERY["kept"])
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(inner.x() + 2, inner.center().y() - 7, theme.pixmap(icon, token, 16, ratio))
        else:
            self._text(painter, inner, index.data(), "ink", 500 if chosen and column == "full_name" else 400)
        painter.restore()

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        words: str,
        token: str,
        weight: int = 400,
        side: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        painter.setFont(theme.font(14, weight))
        painter.setPen(theme.colour(token))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(words, side, rect.width())
        painter.drawText(rect, flags, shown)
        return painter.fontMetrics().horizontalAdvance(shown)

    def _code(self, painter: QPainter, rect: QRect, code: str, whole: bool) -> None:
        unit, _dash, rest = code.partition("-")
        if whole and rest:
            wide = self._text(painter, rect, f"{unit}-", "ink2")
            rect = rect.adjusted(wide, 0, 0, 0)
        self._text(painter, rect, rest or code, "ink", 600, Qt.TextElideMode.ElideLeft)  # the end tells them apart

    def _due(self, painter: QPainter, rect: QRect, row: dict[str, Any], now: datetime) -> None:
        day, left, tone = due_words(row, now)
        wide = self._text(painter, rect, day, "ink")
        rest = rect.adjusted(wide + 8, 0, 0, 0)
        if tone:
            icon = theme.pixmap("clock", tone, 14, painter.device().devicePixelRatioF())
            painter.drawPixmap(rest.x(), rest.center().y() - 6, icon)
            rest = rest.adjusted(18, 0, 0, 0)
        painter.setFont(theme.font(13, 600 if tone else 400))
        painter.setPen(theme.colour(tone or "ink2"))
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, left)

    def _pill(self, painter: QPainter, rect: QRect, words: str, tone: str) -> None:
        painter.setFont(theme.font(13, 600))
        wide = min(painter.fontMetrics().horizontalAdvance(words) + 16, rect.width())
        spot = QRectF(rect.x(), rect.center().y() - 11, wide, 24)
        grounds = {"tint": "tint", "quiet": "sunken"}
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(grounds.get(tone, f"{tone}Bg")))
        painter.drawRoundedRect(spot, 6, 6)
        painter.setPen(theme.colour({"tint": "tintInk", "quiet": "ink2"}.get(tone, tone)))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)
