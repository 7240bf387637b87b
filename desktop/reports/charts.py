"""Charts of a report: columns for days and other short names, lying bars for long ones. Each bar opens its dossiers."""

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolTip, QWidget

from desktop import theme
from desktop.reports.words import behind, count, decimal, title_of_bar
from desktop.widgets import Elided, column, row, text, tip
from forms.report import Chart

_SHORT = 7  # characters a name may have to stand under a column
_SHOWN = 20  # lying bars that are drawn; the table has them all
_PLOT = 116  # height of the columns at least
_BAR, _NAMES = 18, 0.46  # thickness of a lying bar; part of the width that names may take
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_WRAP = Qt.TextFlag.TextWordWrap


class Bars(QWidget):
    """What both kinds share: one bar under the keyboard, one under the mouse, Enter or a click opens it.

    ``opened(title, dossiers)``; ``told(words)``: what is highlighted, in words, "" for nothing; ``left_at``: an arrow key
    leads out of the chart, above (-1) or below (1).
    """

    opened = Signal(str, tuple)
    told = Signal(str)
    left_at = Signal(int)
    back, on = Qt.Key.Key_Left, Qt.Key.Key_Right

    def __init__(self, chart: Chart, shown: int) -> None:
        super().__init__()
        self.chart = chart
        self.bars = chart.bars[:shown]
        self.most = max((figure.value for _name, figure in self.bars), default=0) or 1
        self.current, self.hover = 0, -1
        self.setMouseTracking(True)
        self.setProperty("ring", True)
        if any(behind(figure) for _name, figure in self.bars):
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.current = next(n for n, (_name, figure) in enumerate(self.bars) if behind(figure))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._name()

    def slot(self, place: int) -> QRectF:
        """The whole strip of a bar, in which it is highlighted and hit."""
        raise NotImplementedError

    def lit(self, place: int) -> bool:
        """Whether a bar is highlighted."""
        return place == self.hover or (place == self.current and self.hasFocus() and self.hover < 0)

    def words(self, place: int) -> str:
        """A bar in words."""
        name, figure = self.bars[place]
        return f"{name}: {count(figure.value, self.chart.unit)}"

    def draw(self, painter: QPainter, place: int) -> None:
        """One bar with its name and number."""
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(len(self.bars)):
            if self.lit(place):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("selection"))
                painter.drawRoundedRect(self.slot(place), 4, 4)
            self.draw(painter, place)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = Qt.Key(event.key()), len(self.bars) - 1
        steps = {self.back: -1, self.on: 1, Qt.Key.Key_Home: -self.current, Qt.Key.Key_End: last - self.current}
        if key in steps and 0 <= self.current + steps[key] <= last:
            self.current += steps[key]
            self._lit_changed()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.left_at.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self.current)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place >= 0:
            self.current = place
            self._open(place)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._lit_changed()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._lit_changed()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip(self.words(place)) if place >= 0 else "", self)
            return True
        return super().event(event)

    def ink(self, place: int) -> str:
        """The token of a bar: one that opens nothing is grey."""
        return "primary" if self.lit(place) else "keycap" if behind(self.bars[place][1]) else "control"

    def _at(self, spot: QPointF) -> int:
        return next((place for place in range(len(self.bars)) if self.slot(place).contains(spot)), -1)

    def _hover(self, place: int) -> None:
        if place != self.hover:
            self.hover = place
            link = place >= 0 and bool(behind(self.bars[place][1]))
            self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
            self._lit_changed()

    def _lit_changed(self) -> None:
        self._name()
        place = self.hover if self.hover >= 0 else self.current if self.hasFocus() else -1
        self.told.emit(self.words(place) if place >= 0 else "")
        self.update()

    def _name(self) -> None:
        where = f". {self.words(self.current)}, {self.current + 1} trên {len(self.bars)}" if self.bars else ""
        self.setAccessibleName(f"{self.chart.title}{where}")

    def _open(self, place: int) -> None:
        if behind(self.bars[place][1]):
            self.opened.emit(title_of_bar(self.chart, place), behind(self.bars[place][1]))


class Columns(Bars):
    """Standing bars. Where there is no room for every number or name, the largest and every so manieth are written; the one
    that is highlighted always is."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart, len(chart.bars))
        self.setMinimumHeight(_PLOT + 44)

    def sizeHint(self) -> QSize:
        return QSize(320, _PLOT + 44)

    def slot(self, place: int) -> QRectF:
        wide = self.width() / max(len(self.bars), 1)
        return QRectF(place * wide, 0, wide, self.height())

    def draw(self, painter: QPainter, place: int) -> None:
        slot, (name, figure) = self.slot(place), self.bars[place]
        floor = self.height() - 22.0
        tall = (floor - 22) * figure.value / self.most
        wide = max(min(slot.width() * 0.64, 40), 1)
        if place == 0:
            painter.fillRect(QRectF(0, floor, self.width(), 1), theme.colour("control"))
        if figure.value:
            bar = QRectF(slot.center().x() - wide / 2, floor - tall, wide, tall)
            painter.fillPath(_standing(bar), theme.colour(self.ink(place)))
            if self._room("number", slot.width(), place):
                self._write(painter, slot.center().x(), floor - tall - 20, decimal(figure.value), 600, "ink")
        if self._room("name", slot.width(), place):
            self._write(painter, slot.center().x(), floor + 3, name, 600 if self.lit(place) else 400, "ink2")

    def _room(self, what: str, slot: float, place: int) -> bool:
        if self.lit(place):
            return True
        metrics = QFontMetrics(theme.font(12, 600))
        shown = [decimal(figure.value) if what == "number" else name for name, figure in self.bars]
        wide = max(metrics.horizontalAdvance(words) for words in shown) + (2 if what == "number" else 8)
        if what == "number":
            return wide <= slot or self.bars[place][1].value == self.most
        lit_near = any(self.lit(n) and abs(n - place) * slot < wide for n in (self.current, self.hover) if n >= 0)
        return place % max(-(-wide // max(int(slot), 1)), 1) == 0 and not lit_near

    def _write(self, painter: QPainter, middle: float, top: float, words: str, weight: int, token: str) -> None:
        painter.setFont(theme.font(12, weight))
        painter.setPen(theme.colour(token))
        wide = painter.fontMetrics().horizontalAdvance(words) + 2
        left = min(max(middle - wide / 2, 0), self.width() - wide)
        painter.drawText(QRectF(left, top, wide, 18), Qt.AlignmentFlag.AlignCenter, words)


class Lying(Bars):
    """Lying bars: the name before, the number behind, as many lines as the longest name needs."""

    back, on = Qt.Key.Key_Up, Qt.Key.Key_Down

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart, _SHOWN)
        self._names, self._tops = 0, [0.0]
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._arrange(600)

    def sizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(600))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 30)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._arranged(width)[1][-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width())

    def slot(self, place: int) -> QRectF:
        return QRectF(0, self._tops[place], self.width(), self._tops[place + 1] - self._tops[place])

    def draw(self, painter: QPainter, place: int) -> None:
        slot, (name, figure) = self.slot(place), self.bars[place]
        lit = self.lit(place)
        painter.setFont(theme.font(14, 500 if lit else 400))
        painter.setPen(theme.colour("ink"))
        flags = int(_MIDDLE) | int(Qt.AlignmentFlag.AlignLeft) | int(_WRAP)
        painter.drawText(QRectF(6, slot.y(), self._names, slot.height()), flags, name)
        left = self._names + 18.0
        number = decimal(figure.value)
        painter.setFont(theme.font(14, 600))
        room = self.width() - left - painter.fontMetrics().horizontalAdvance(decimal(self.most)) - 16
        wide = max(room * figure.value / self.most, 2 if figure.value else 0)
        bar = QRectF(left, slot.center().y() - _BAR / 2, wide, _BAR)
        painter.fillPath(_lying(bar), theme.colour(self.ink(place)))
        painter.setPen(theme.colour("ink" if figure.value else "ink3"))
        spot = QRectF(bar.right() + 8, slot.y(), self.width() - bar.right() - 8, slot.height())
        painter.drawText(spot, int(_MIDDLE) | int(Qt.AlignmentFlag.AlignLeft), number)

    def _arrange(self, width: int) -> None:
        self._names, self._tops = self._arranged(width)

    def _arranged(self, width: int) -> tuple[int, list[float]]:
        metrics = QFontMetrics(theme.font(14, 500))
        longest = max((metrics.horizontalAdvance(name) for name, _figure in self.bars), default=0) + 4
        names = min(longest, int(width * _NAMES))
        tops = [0.0]
        for name, _figure in self.bars:
            tall = metrics.boundingRect(QRect(0, 0, names, 9999), int(_WRAP), name).height()
            tops.append(tops[-1] + max(tall + 8, 30))
        return names, tops


def _standing(box: QRectF) -> QPainterPath:
    """Round above, square on the floor."""
    soft = min(4.0, box.width() / 2, box.height())
    path = QPainterPath(box.bottomLeft())
    path.lineTo(box.left(), box.top() + soft)
    path.quadTo(box.topLeft(), QPointF(box.left() + soft, box.top()))
    path.lineTo(box.right() - soft, box.top())
    path.quadTo(box.topRight(), QPointF(box.right(), box.top() + soft))
    path.lineTo(box.bottomRight())
    path.closeSubpath()
    return path


def _lying(box: QRectF) -> QPainterPath:
    """Round at the end, square at the beginning."""
    soft = min(4.0, box.width(), box.height() / 2)
    path = QPainterPath(box.topLeft())
    path.lineTo(box.right() - soft, box.top())
    path.quadTo(box.topRight(), QPointF(box.right(), box.top() + soft))
    path.lineTo(box.right(), box.bottom() - soft)
    path.quadTo(box.bottomRight(), QPointF(box.right() - soft, box.bottom()))
    path.lineTo(box.bottomLeft())
    path.closeSubpath()
    return path


def draw(chart: Chart) -> Bars:
    """The kind of bars that suits the names."""
    return Columns(chart) if all(len(name) <= _SHORT for name, _figure in chart.bars) else Lying(chart)


class ChartCard(QFrame):
    """A chart under its title; at the right of the title what is highlighted, in words."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.bars = draw(chart)
        box = column(self, (16, 10, 16, 12), 6)
        head = row(gap=12)
        title = text(chart.title, "strong")
        head.addWidget(title)
        self._told = Elided("", "meta")
        self._told.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._unit = f"Đơn vị: {chart.unit}"
        head.addWidget(self._told, 1)
        box.addLayout(head)
        box.addWidget(self.bars, 1)
        more = len(chart.bars) - len(self.bars.bars)
        if more:
            box.addWidget(text(f"và {decimal(more)} dòng nữa trong bảng", "meta"))
        self.bars.told.connect(self._tell)
        self._tell("")

    def _tell(self, words: str) -> None:
        self._told.setText(words or self._unit)


def nothing_to_draw(chart: Chart) -> bool:
    """All its bars are nought: the table says so better."""
    return not any(figure.value for _name, figure in chart.bars)
