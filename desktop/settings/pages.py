"""The pages of the settings that are more than a list of rules: each is a widget of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from desktop.commands import Commands
from desktop.settings.audit_page import AuditPage
from desktop.settings.care_page import CarePage
from desktop.settings.people_page import PeoplePage
from desktop.settings.secrets_page import SecretsPage


@dataclass(frozen=True)
class Page:
    """``name``: of its chip (``topic.NAME``); ``make``: the widget, made when it is first chosen. A page reads what it shows
    in ``showEvent``, so that it is never older than the moment somebody came to it."""

    name: str
    title: str
    make: Callable[[Commands], QWidget]


PAGES: tuple[Page, ...] = (
    Page("people", "Nhân viên", PeoplePage),
    Page("secrets", "Mã và khoá máy", SecretsPage),
    Page("care", "Sao lưu, kiểm tra", CarePage),
    Page("audit", "Nhật ký", AuditPage),
)
"""In the order of the menu, below the topics."""
