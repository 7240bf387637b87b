"""Rows that a list gets page by page, while it is scrolled."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Signal

Index = QModelIndex | QPersistentModelIndex


class PagedRows(QAbstractTableModel):
    """``more_wanted(offset)``: the list was scrolled to its end and there may be more. Heirs say what a cell shows."""

    more_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self.now: datetime | None = None
        self._more = False

    def show_rows(self, rows: list[dict[str, Any]], now: datetime, more: bool) -> None:
        """Replace everything. ``more``: there may be further rows."""
        self.beginResetModel()
        self.rows, self.now, self._more = list(rows), now, more
        self.endResetModel()

    def add_rows(self, rows: list[dict[str, Any]], more: bool) -> None:
        """The next page."""
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()
        self._more = more

    def canFetchMore(self, parent: Index) -> bool:
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self._more:
            self._more = False  # until the page has come
            self.more_wanted.emit(len(self.rows))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)
