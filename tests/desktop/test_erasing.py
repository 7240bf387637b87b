"""Erasing a person's data at the window: only what has ended, only after the code was typed again, and then nobody is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.widgets import Button
from forms.catalogue import Catalogue
from forms.example import examples
from sync import acts
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting

CATALOGUE = Catalogue.load()


@pytest.fixture
def dossier(data: Path) -> str:
    """One that was withdrawn."""
    counter = open_counter(data)
    line = next(examples(CATALOGUE, "2.000815", None, 1, 5))
    done = counter.receive(line, "CB001", date_confirmed=True, allow_incomplete=True)
    acts.withdraw(counter, done.id, "CB001", "đổi ý")
    counter.close()
    return done.id


def press(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button)
    button.click()


def test_the_code_is_typed_again_and_nobody_is_named_any_more(sitting: Callable[[], Sitting], data: Path, dossier: str) -> None:
    one = sitting()
    one.app.commands.show_wanted.emit("dossiers", dossier)
    assert one.app.window.desk is not None
    story = one.app.window.desk.dossiers.story
    one.hands.wait(lambda: one.app.window.findChild(Button, "act.erased"), what="the offer")
    shown = story._dossier or {}
    press(one, "act.erased")
    assert "Không" in one.text("act.warning") or "xoá" in one.text("act.warning")
    for name, words in (("decision", "Quyết định thử số 12"), ("code_again", "H38.27.09-000000-0000")):
        one.hands.go(f"act.{name}")
        one.hands.type(words)
    one.hands.look("erasing_form")
    press(one, "act.go")
    one.hands.wait(lambda: "không khớp" in one.text("notice"), what="another code")
    one.hands.find("act.code_again").clear()  # type: ignore[attr-defined]
    one.hands.go("act.code_again")
    one.hands.type(str(shown["code"]).lower())
    press(one, "act.go")
    one.hands.wait(lambda: (story._dossier or {}).get("erased"), what="erased")
    one.hands.look("erased")
    names = [b.objectName() for b in story.findChildren(Button) if b.isVisibleTo(story)]
    assert not [n for n in names if n.startswith(("act.", "paper_", "scan.add", "reprint"))]
    counter = open_counter(data, writes=False)
    found = counter.dossier(dossier)
    counter.close()
    assert found["applicant"] == {}
    assert found["code"] == shown["code"]
    assert found["erased"]["basis"] == "Quyết định thử số 12"


def test_what_is_still_open_is_not_offered(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    line = next(examples(CATALOGUE, "2.000815", None, 1, 6))
    done = counter.receive(line, "CB001", date_confirmed=True, allow_incomplete=True)
    counter.close()
    one = sitting()
    one.app.commands.show_wanted.emit("dossiers", done.id)
    one.hands.wait(lambda: one.app.window.findChild(Button, "act.withdrawn"), what="acts")
    assert one.app.window.findChild(Button, "act.erased") is None
