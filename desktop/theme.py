"""Design tokens, palette, fonts and icons: the one place that knows a colour.

A token is a name ("ink", "amberBg"); the current theme gives its colour. Widgets that draw ask :func:`colour` and
:func:`pixmap` at paint time; everything else is styled by ``resources/style.qss``, in which ``@token`` stands for the
colour. Contrasts of every pair of text and ground are 4.5:1 or better (WCAG 2), of control borders 3:1 or better.
"""

import re
from functools import lru_cache
from pathlib import Path

import fontpkg_be_vietnam_pro
import qtawesome
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication
from qtawesome.iconic_font import IconicFont

from resources import path_of

THEMES = ("light", "dark", "contrast")

# token: light, dark, high contrast
_TOKENS: dict[str, tuple[str, str, str]] = {
    "ground": ("#F6F5F1", "#11181B", "#000000"),
    "surface": ("#FFFFFF", "#1A2327", "#000000"),
    "sunken": ("#EFEEE8", "#141C20", "#1A1A1A"),
    "zebra": ("#FAFAF7", "#1D272B", "#000000"),
    "line": ("#DEDCD3", "#313E43", "#FFFFFF"),
    "control": ("#838B89", "#76878E", "#FFFFFF"),
    "ink": ("#172226", "#E9EEEF", "#FFFFFF"),
    "ink2": ("#46555A", "#BAC6CA", "#FFFFFF"),
    "ink3": ("#5B686C", "#9AA9AE", "#E6E6E6"),
    "disabled": ("#8A9394", "#6C7B81", "#B0B0B0"),
    "primary": ("#0F5A70", "#5FC3D8", "#5FE3FF"),
    "primaryHover": ("#0B4759", "#7DD2E4", "#9FEEFF"),
    "onPrimary": ("#FFFFFF", "#04232B", "#000000"),
    "keycap": ("#2C7287", "#4BA3B6", "#2FB4D0"),
    "tint": ("#E4F0F3", "#173A44", "#00303A"),
    "tintInk": ("#0F5A70", "#8CD8E8", "#8FECFF"),
    "selection": ("#D9EAEF", "#1E4450", "#004A5C"),
    "amber": ("#8A5000", "#F2BC62", "#FFD166"),
    "amberBg": ("#FFF3DA", "#362A14", "#2B2000"),
    "amberLine": ("#E0A73A", "#8A6A2C", "#FFD166"),
    "green": ("#1C6A3C", "#83CF9A", "#7CF29B"),
    "greenBg": ("#E5F3E9", "#16301F", "#00280F"),
    "red": ("#A3271D", "#FFA397", "#FF9E94"),
    "redBg": ("#FCEBE8", "#3C1F1C", "#330805"),
    "rail": ("#0E3642", "#0B1113", "#000000"),
    "railInk": ("#C9DEE4", "#A9BDC3", "#FFFFFF"),
    "railOn": ("#FFFFFF", "#FFFFFF", "#000000"),
    "railSelected": ("#1B5566", "#1F4A56", "#5FE3FF"),
    "badge": ("#F2B85A", "#F2B85A", "#FFD166"),
    "onBadge": ("#2A1B00", "#2A1B00", "#000000"),
    "focus": ("#0F5A70", "#7DD2E4", "#FFFF00"),
    "practice": ("#F2B33D", "#F2B33D", "#F2B33D"),
    "onPractice": ("#3A2400", "#3A2400", "#3A2400"),
    "paper": ("#FFFFFF", "#EFEDE6", "#FFFFFF"),
    "paperInk": ("#161616", "#161616", "#000000"),
    "paperFaint": ("#666666", "#636363", "#444444"),
    "paperMissing": ("#8A5000", "#855000", "#6A3D00"),
}
_SERIF = ("Times New Roman", "Liberation Serif", "Tinos", "Noto Serif", "DejaVu Serif")
_state = {"name": "light"}


def current() -> str:
    """The theme in use: one of :data:`THEMES`."""
    return _state["name"]


def value(token: str) -> str:
    """The colour of a token as ``#RRGGBB``. :raises KeyError: no such token."""
    return _TOKENS[token][THEMES.index(current())]


def colour(token: str) -> QColor:
    """The colour of a token."""
    return QColor(value(token))


def apply(app: QApplication, name: str = "system") -> None:
    """Dress the application: palette, style sheet, base font. ``system`` follows the system's light or dark."""
    if name == "system":
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        name = "dark" if dark else "light"
    _state["name"] = name
    app.setStyle("Fusion")
    app.setFont(font(15))
    app.setPalette(_palette())
    sheet = path_of("style.qss").read_text(encoding="utf-8")
    app.setStyleSheet(re.sub(r"@(\w+)", lambda m: value(m.group(1)), sheet))


def load_fonts() -> None:
    """Register the interface fonts with Qt, once. The digits family stands first, so that Qt takes line metrics
    (tones above capitals) and equal-width digits from it, every other letter from Be Vietnam Pro."""
    folder = Path(str(fontpkg_be_vietnam_pro.ROOT)) / "files"
    for weight in ("Light", "Regular", "Medium", "SemiBold", "Bold"):
        QFontDatabase.addApplicationFont(str(folder / f"BeVietnamPro-{weight}.ttf"))
    for file in sorted(path_of("fonts").rglob("*.[to]tf")):
        QFontDatabase.addApplicationFont(str(file))


def font(size: int, weight: int = 400, tabular: bool = True) -> QFont:
    """The interface font at ``size`` px and ``weight`` 300–700."""
    made = QFont()
    made.setFamilies(["Quay So", "Be Vietnam Pro"] if tabular else ["Be Vietnam Pro"])
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    return made


@lru_cache(maxsize=1)
def serif() -> str:
    """The first family of the paper's type (Times metrics) that this machine has."""
    have = set(QFontDatabase.families())
    return next((family for family in _SERIF if family in have), "serif")


def pixmap(name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A Phosphor icon (``"house"``, ``"house-fill"``) in a token's colour, ``size`` logical px, for a pixel ratio.

    :raises Exception: no such icon; a test resolves every name used in this room.
    """
    return _pixmap(name, value(token), size, ratio)


@lru_cache(maxsize=1)
def _phosphor() -> IconicFont:
    """The one icon font this product uses; qtawesome by itself would load all twelve at the first icon."""
    return IconicFont(*(font for font in qtawesome._BUNDLED_FONTS if font[0] == "ph"))


@lru_cache(maxsize=600)
def _pixmap(name: str, paint: str, size: int, ratio: float) -> QPixmap:
    icon: QIcon = _phosphor().icon(f"ph.{name}", color=paint)
    return icon.pixmap(QSize(size, size), ratio)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    pairs = {
        role.Window: "ground", role.Base: "surface", role.AlternateBase: "zebra", role.Button: "surface",
        role.WindowText: "ink", role.Text: "ink", role.ButtonText: "ink", role.PlaceholderText: "ink3",
        role.Highlight: "primary", role.HighlightedText: "onPrimary", role.Accent: "primary", role.Link: "primary",
        role.ToolTipBase: "surface", role.ToolTipText: "ink", role.Mid: "line", role.BrightText: "red",
    }  # fmt: skip
    palette = QPalette()
    for which, token in pairs.items():
        palette.setColor(which, colour(token))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, colour("disabled"))
    return palette
