"""What somebody typed, or a file says, is shown as it stands: never read as markup, in no label, tool tip or dialog."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop import widgets
from desktop.fields.texts import LongTextField
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_acts_on_screen import opened
from tests.sync.test_hostile import line

ROOT = Path(__file__).resolve().parents[2] / "desktop"
ODD = "<b>Lò</b> <img src='/etc/passwd'> &lt;Văn <h1>A"
KEY = Qt.Key


def shown(words: str) -> str:
    """What Qt makes of words where it decides by itself what they are."""
    document = QTextDocument()
    rich = Qt.mightBeRichText(words)
    (document.setHtml if rich else document.setPlainText)(words)
    return document.toPlainText().replace("\N{OBJECT REPLACEMENT CHARACTER}", "<picture>")


@pytest.mark.parametrize("words", [ODD, "<b>x", "a & b < c", "&lt;b>", "x\n<b>y</b>\n  z", "Nguyễn Thị Hoa", ""])
def test_a_tool_tip_shows_words_as_they_stand(words: str) -> None:
    assert shown(widgets.tip(words)) == words


def calls(name: str) -> list[tuple[str, ast.Call]]:
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and name in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
                found.append((f"{file.relative_to(ROOT)}:{node.lineno}", node))
    return found


def plain(argument: ast.expr) -> bool:
    """Words of our own, or ones that ``tip`` has made harmless."""
    if isinstance(argument, ast.IfExp):
        return plain(argument.body) and plain(argument.orelse)
    if isinstance(argument, ast.JoinedStr):
        return all(isinstance(v, ast.Constant) or ast.unparse(v.value) in ("number", "place % 10") for v in argument.values)  # type: ignore[attr-defined]
    return isinstance(argument, ast.Constant) or (isinstance(argument, ast.Call) and ast.unparse(argument.func) == "tip")


def test_every_tool_tip_is_ours_or_made_harmless() -> None:
    tips = [(place, call.args[0]) for place, call in calls("setToolTip")]
    tips += [(place, call.args[1]) for place, call in calls("showText")]
    assert len(tips) > 10
    assert [place for place, argument in tips if not plain(argument)] == []


def test_labels_are_made_in_one_place_and_dialogs_say_that_they_are_plain() -> None:
    places = {place.partition(":")[0] for place, call in calls("QLabel") if call.args}
    assert places == {"widgets.py"}, "elsewhere only labels without words: pictures, and the sheet that escapes"
    for place, call in calls("QMessageBox"):
        if len(call.args) > 1:
            file = ROOT / place.partition(":")[0]
            assert "setTextFormat(Qt.TextFormat.PlainText)" in file.read_text("utf-8"), place


def mistaken(window: QWidget) -> list[str]:
    """Labels and tool tips on the screen in which the odd words would be read as markup."""
    found = [
        f"label {label.objectName()}: {label.text()[:60]}"
        for label in window.findChildren(QLabel)
        if label.textFormat() != Qt.TextFormat.PlainText and label.text() and label.objectName() != "live_receipt"
    ]
    for widget in window.findChildren(QWidget):
        found += [f"tip {widget.objectName()}"] if "<picture>" in shown(widget.toolTip()) else []
    for view in window.findChildren(QAbstractItemView):
        model: QAbstractItemModel | None = view.model()
        for row in range(min(model.rowCount(QModelIndex()), 20) if model else 0):
            assert model is not None
            cells = (model.index(row, column) for column in range(12))
            tips = [cell.data(Qt.ItemDataRole.ToolTipRole) for cell in cells if cell.isValid()]
            found += [f"cell {view.objectName()} {row}" for words in tips if words and "<picture>" in shown(str(words))]
    return found


def test_an_odd_name_is_shown_as_it_stands_on_every_screen(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    typed = line()
    typed["applicant"] |= {"full_name": ODD, "phone": "<i>0912345678", "address": f"{ODD} 2"}
    which = counter.receive(typed, "CB001", allow_incomplete=True, date_confirmed=True).id
    counter.close()
    one = opened(sitting, which)
    one.hands.look("story")
    assert mistaken(one.app.window) == []
    assert any(ODD in label.text() for label in one.app.window.findChildren(QLabel)), "the name is on the screen"
    for key in (KEY.Key_F3, KEY.Key_F4, KEY.Key_F5, KEY.Key_F6, KEY.Key_F7, KEY.Key_F2):
        one.hands.press(key)
        one.hands.look(f"screen-{key}")
        assert mistaken(one.app.window) == []
    one.hands.enter("khai sinh")
    one.hands.go("applicant.full_name")
    one.hands.type(ODD)
    one.hands.wait(lambda: ODD in shown(one.text("live_receipt")), what="the name on the live receipt")


def test_a_paste_of_ten_megabytes_does_not_stop_the_window(qtbot: QtBot) -> None:
    field = LongTextField(("answers", "note"), {"title": "Ghi chú", "x-kind": "long_text"}, False)
    qtbot.addWidget(field)
    paste = QMimeData()
    paste.setText("ẩ" * 10_000_000)
    paste.setHtml("<img src='/etc/passwd'>")
    field._box.insertFromMimeData(paste)
    assert field.value() == "ẩ" * 10_000
