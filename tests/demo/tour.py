"""Screens that the day itself does not come to: a linked group, a divided commune, an act with its form, the settings."""

from typing import Protocol

from PySide6.QtCore import Qt

from desktop.app import Application
from forms.catalogue import Catalogue
from forms.example import examples
from tests.demo.hands import Hands

F2, F3, F10 = Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F10


class Seat(Protocol):
    """Who walks through: the application and the hands at it."""

    app: Application
    hands: Hands


def walk(seat: Seat, name: str) -> None:
    """Look at each of them; nothing is received and no draft stays. ``name`` begins the pictures' names."""
    hands, desk = seat.hands, seat.app.window.desk
    assert desk is not None
    hands.press(F2)
    desk.reception.start_next()
    line = next(examples(Catalogue.load(), "lien-thong-khai-sinh", None, 1, 6))
    desk.reception.show_line(line | {"id": desk.reception.line()["id"]})
    desk.reception.area.jump(4)
    hands.look(f"{name}_linked")
    hands.go("answers.child_home_town")
    desk.reception.form.fields["child_home_town"].set_value(None)
    hands.type("P. Dịch Vọng Hậu, Q. Cầu Giấy, HN")
    hands.look(f"{name}_divided_commune")
    hands.press(Qt.Key.Key_Escape)
    desk.reception.autosave.forget()
    desk.reception.show_line({"id": line["id"]})
    hands.press(F3)
    hands.wait(lambda: desk.dossiers.story.findChild(type(hands.find("reprint_button")), "act.supplement_requested"), what="acts")
    hands.look(f"{name}_acts")
    hands.find("act.supplement_requested").click()  # type: ignore[attr-defined]
    hands.look(f"{name}_supplement")
    hands.find("act.cancel").click()  # type: ignore[attr-defined]
    hands.press(F10)
    for topic in ("time", "fee", "day", "outage"):
        hands.find(f"topic.{topic}").click()  # type: ignore[attr-defined]
        hands.look(f"{name}_settings_{topic}")
