"""Nothing is cut at 1366 × 768, and every icon is there."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import qtawesome
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from desktop import chrome, line, theme
from desktop.dossiers import telling
from desktop.dossiers.model import DELIVERY
from desktop.dossiers.ways import WAYS
from desktop.widgets import Elided
from tests.desktop.conftest import Sitting
from tests.desktop.test_reception import CARD

ROOT = Path(__file__).resolve().parents[2] / "desktop"
CONTROLS = (QAbstractButton, QComboBox, QLabel, QLineEdit)
# calls that take the name of an icon: name of the callee -> position
ICON_AT = {"Glyph": 0, "pixmap": 0, "show_icon": 0, "Pill": 2, "say": 2, "Button": 3, "BigButton": 1}


def cut(window: QWidget) -> list[str]:
    """Visible controls with less room than they need, by name and by how many px."""
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or not widget.isVisible() or isinstance(widget, Elided):
            continue
        need, have = widget.minimumSizeHint(), widget.size()
        if isinstance(widget, QLabel) and widget.wordWrap():
            need.setWidth(0)
            need.setHeight(widget.heightForWidth(have.width()))
        elif isinstance(widget, QLineEdit):
            need.setWidth(24)
        if have.height() < need.height() or have.width() < need.width():
            words = widget.text() if hasattr(widget, "text") else ""
            found.append(f"{type(widget).__name__} {widget.objectName()} {words!r}: {have.toTuple()} < {need.toTuple()}")
    return found


@pytest.mark.parametrize("size", [(1093, 614), (1366, 768), (1920, 1080)])
def test_nothing_is_cut(sitting: Callable[[], Sitting], size: tuple[int, int]) -> None:
    one = sitting()
    one.app.window.resize(*size)
    one.hands.look("empty")
    assert cut(one.app.window) == []
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    one.hands.go("answers.mother.scan")
    one.hands.type("Lý Thị Mẩy")
    one.hands.press(Qt.Key.Key_F9)
    one.hands.look("reception")
    assert cut(one.app.window) == []
    for key in (Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7):
        one.hands.press(key)
        one.hands.look("screen")
        assert cut(one.app.window) == []


def icon_names() -> set[str]:
    names = {icon for *_, icon in chrome.SCREENS} | {f"{icon}-fill" for *_, icon in chrome.SCREENS}
    names |= {icon for icon, _token, _words in DELIVERY.values()} | {icon for _words, icon, _token in line.LINES.values()}
    names.add(line.line_words("good", True)[1])
    for file in ROOT.rglob("*.py"):
        for call in (n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.Call)):
            callee = getattr(call.func, "id", getattr(call.func, "attr", ""))
            place = ICON_AT.get(callee)
            given = [call.args[place]] if place is not None and place < len(call.args) else []
            given += [k.value for k in call.keywords if k.arg == "icon" and callee in ICON_AT]
            for node in given:
                names |= {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    names |= {way.icon for way in WAYS} | {icon for _words, icon, _kind in telling._TELLERS.values()}
    return {n for n in names if n and " " not in n and not n.startswith("-")}


def test_every_icon_is_in_the_icon_font() -> None:
    folder = Path(qtawesome.__file__).parent / "fonts"
    known = json.loads(next(folder.glob("phosphor-charmap*.json")).read_text())
    names = icon_names() - {"problem", "ask"}
    assert len(names) > 30
    assert sorted(names - known.keys()) == []


def test_every_token_of_the_style_sheet_has_a_colour_in_every_theme(qapp: object) -> None:
    for name in theme.THEMES:
        theme.apply(qapp, name)  # type: ignore[arg-type]
        assert theme.current() == name
    theme.apply(qapp, "light")  # type: ignore[arg-type]
