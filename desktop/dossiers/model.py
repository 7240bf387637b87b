"""The table of dossiers: rows as the store gives them, drawn by one delegate."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop import theme
from forms.names import date_vn
from forms.working_days import parse_moment
from sync.counter import vietnam_now

COLUMNS = ("Mã hồ sơ", "Chủ hồ sơ", "Thủ tục", "Hẹn trả", "Tình trạng", "Gửi")
# delivery: icon, token, words of the legend
DELIVERY = {
    "kept": ("circle", "ink2", "Đã giữ trên máy"),
    "received": ("circle-half-fill", "amber", "Cổng xã đã nhận"),
    "accepted": ("check-circle-fill", "green", "Quốc gia đã chấp nhận"),
    "refused": ("x-circle-fill", "red", "Bị từ chối"),
}
_STAGES = {"received": ("Đã tiếp nhận", "tint"), "supplement": ("Chờ bổ sung", "amber"), "unknown": ("Chưa rõ", "quiet")}
_Index = QModelIndex | QPersistentModelIndex


def state_of(row: dict[str, Any]) -> tuple[str, str]:
    """The state pill: words and tone. A refusal that nobody has answered stands above the stage."""
    if row.get("delivery") == "refused":
        return "Cổng từ chối", "red"
    return _STAGES.get(str(row.get("stage")), (str(row.get("stage")), "quiet"))


def days_left(return_at: str | None, now: datetime) -> tuple[str, str, str]:
    """Date, words for the days left, tone (``amber`` today, ``red`` late, empty else)."""
    due = parse_moment(return_at or "")
    if due is None:
        return "–", "", ""
    left = (due.date() - now.date()).days
    if left < 0:
        return date_vn(due), f"quá {-left} ngày", "red"
    return date_vn(due), "hôm nay" if left == 0 else f"còn {left} ngày", "amber" if left == 0 else ""


class DossierModel(QAbstractTableModel):
    """Rows of ``Counter.dossiers``; the row itself is the user data of every cell."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self.now: datetime | None = None

    def show_rows(self, rows: list[dict[str, Any]], now: datetime) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.rows, self.now = rows, now
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._words(row, index.column())
        return None

    def _words(self, row: dict[str, Any], place: int) -> str:
        if place == 3 and self.now is not None:
            day, left, _tone = days_left(row.get("return_at"), self.now)
            return f"{day} {left}".strip()
        code = row.get("code") or row.get("official_code") or ""
        last = DELIVERY.get(str(row.get("delivery")), DELIVERY["kept"])[2]
        return str((code, row.get("full_name"), row.get("procedure_name"), "", state_of(row)[0], last)[place] or "")


class RowDelegate(QStyledItemDelegate):
    """Draws text, pill and mark; a selected row has its own ground and a 3-px bar."""

    def __init__(self, parent: QObject, model: DossierModel) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, place = index.data(Qt.ItemDataRole.UserRole), index.column()
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
        if place == 0:
            self._code(painter, inner, index.data(), rect.width() > 150)
        elif place == 3:
            self._due(painter, inner, row, self._model.now or vietnam_now())
        elif place == 4:
            self._pill(painter, inner, *state_of(row))
        elif place == 5:
            icon, token, _words = DELIVERY.get(str(row.get("delivery")), DELIVERY["kept"])
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(inner.x() + 2, inner.center().y() - 7, theme.pixmap(icon, token, 16, ratio))
        else:
            self._text(painter, inner, index.data(), "ink", 500 if chosen and place == 1 else 400)
        painter.restore()

    def _text(self, painter: QPainter, rect: QRect, words: str, token: str, weight: int = 400) -> int:
        painter.setFont(theme.font(14, weight))
        painter.setPen(theme.colour(token))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, flags, shown)
        return painter.fontMetrics().horizontalAdvance(shown)

    def _code(self, painter: QPainter, rect: QRect, code: str, whole: bool) -> None:
        unit, _dash, rest = code.partition("-")
        if whole and rest:
            wide = self._text(painter, rect, f"{unit}-", "ink2")
            rect = rect.adjusted(wide, 0, 0, 0)
        self._text(painter, rect, rest or code, "ink", 600)

    def _due(self, painter: QPainter, rect: QRect, row: dict[str, Any], now: datetime) -> None:
        day, left, tone = days_left(row.get("return_at"), now)
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
