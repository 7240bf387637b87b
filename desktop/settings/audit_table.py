"""The rows of the audit as a table: acts and what was seen, newest first, page by page."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from desktop.paged import Index, PagedRows
from desktop.printing import PAPER_WORDS
from forms.audit_words import did_words
from forms.names import date_vn
from forms.working_days import parse_moment

COLUMNS = (("Lúc", 168), ("Người làm", 190), ("Việc", 0), ("Hồ sơ", 176), ("Nơi làm", 120))
"""Title, and px at 1366; 0 takes what is left."""


class AuditModel(PagedRows):
    """Rows of ``sync.audit.page``. ``counter_name``: of an id, "" for this one."""

    def __init__(self, operator_name: Callable[[str], str], counter_name: Callable[[str], str]) -> None:
        super().__init__()
        self._operator_name, self._counter_name = operator_name, counter_name

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(self.rows[index.row()], index.column())
        return None

    def words(self, row: dict[str, Any], column: int) -> str:
        """One cell in words."""
        code = str(row["code"] or "")
        cells = (
            self._when(str(row["at"])),
            self._operator_name(str(row["operator"])) or "Tự động",
            what(row),
            code.partition("-")[2] or code,
            self._counter_name(str(row["counter"])),
        )
        return cells[column]

    def _when(self, text: str) -> str:
        at = parse_moment(text)
        if at is None:
            return text
        day = "hôm nay" if self.now and at.date() == self.now.date() else date_vn(at)
        return f"{at:%H:%M:%S} {day}"


def what(row: dict[str, Any]) -> str:
    """What was done: ``In giấy: giấy hẹn``, ``Tìm kiếm: 3 hồ sơ``."""
    about, did = str(row["about"] or ""), str(row["did"])
    if did == "printed":
        about = PAPER_WORDS.get(about.partition("@")[0], about)
    elif did == "searched":
        about = f"{about} hồ sơ" if about != "0" else "không có hồ sơ nào"
    elif did in ("audit_read", "exported_incident"):
        about = ""  # days and kinds, for whoever checks by machine
    return f"{did_words(did)}: {about}" if about else did_words(did)
