"""F3, the copy lane: a dossier that a clerk types into another system, field by field, with the keyboard alone; the number which
that gives is found by search; what the receiving systems say is told by their names."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from forms.catalogue import Catalogue
from forms.example import examples
from forms.routing import EVENT
from sync import acts, verbs
from sync.counter import Counter
from sync.events import Event, body_hash
from sync.store import dossiers, log, projection
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_acts_on_screen import offered, opened
from tests.desktop.test_layout import cut

KEY = Qt.Key
CATALOGUE = Catalogue.load()
BOOK = "Phần mềm hộ tịch điện tử"
ROUTES = {
    "systems": {
        "national": {"name": "Cổng Dịch vụ công quốc gia", "kind": "national"},
        "moc": {"name": "Hệ thống một cửa Bộ Xây dựng", "kind": "ministry"},
        "book": {"name": BOOK, "kind": "by_hand"},
    },
    "routes": [
        {"procedure": "*", "from": "2025-07-01", "system": "national"},
        {"procedure": "1.001193", "from": "2025-07-01", "system": "book"},
    ],
}
NUMBER = "HT-2026-00457"


def hear(counter: Counter, name: str, body: dict[str, Any], dossier: str = "") -> None:
    """Something that ``portal`` says, as the feed brings it."""
    held = log.position(counter.store, "portal", "e")
    number, secret = held.number + 1, b"s" * 16
    at = max(dossiers.latest(counter.store, dossier), int(counter.store.meta("hybrid", 0))) + number
    digest = body_hash(secret, "e", number, body)
    with counter.store.write():
        log.keep_secret(counter.store, "portal", "e", dossier, secret)
        log.add_heard(counter.store, Event("portal", "e", number, dossier, name, at, "", held.hash, digest, body))
        if dossier:
            projection.project(counter.store, dossier)


def received(counter: Counter, code: str = "1.001193") -> str:
    line = next(examples(CATALOGUE, code, None, 1, 5)) | {"id": str(uuid.uuid4())}
    return counter.receive(line, "CB001", date_confirmed=True).id


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def words_of(one: Sitting, page: str) -> str:
    """Everything that stands on a page of the desk."""
    return " ".join(label.text() for label in getattr(one.app.window.desk, page).findChildren(QLabel))


def begin(sitting: Callable[[], Sitting], which: str) -> Sitting:
    """The lane of this dossier, opened with the keyboard from the list."""
    one = opened(sitting, which)
    one.hands.press(KEY.Key_Return)  # the list has the keyboard: on to what may be done
    assert offered(one)[0] == "act.entered_elsewhere"
    one.hands.wait(lambda: one.hands.find("act.entered_elsewhere").hasFocus(), what="the first act")
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: one.hands.find("copy.table").hasFocus(), what="the lane")
    return one


def test_every_field_is_copied_in_order_and_both_numbers_are_found(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    hear(counter, EVENT, ROUTES)
    which = received(counter)
    code, who = counter.dossier(which)["code"], counter.dossier(which)["applicant"]["full_name"]
    counter.close()
    one = sitting()
    one.hands.press(KEY.Key_F4)
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "task_by_hand.0"), what="the task")
    one.hands.look("task")
    assert cut(one.app.window) == []
    one.app.commands.show_wanted.emit("dossiers", which)
    one = begin(lambda: one, which)
    assert one.text("story_road") == f"Nhập tay vào {BOOK}"
    assert one.text("copy.title") == f"Chép sang {BOOK}"
    total = int(one.text("copy.figure").split(" / ")[1])
    assert "Thư điện tử" in one.text("copy.skipped")
    one.hands.look("begun")
    assert cut(one.app.window) == []
    values = []
    for _ in range(total):
        one.hands.press(KEY.Key_Return)
        values.append(clipboard())
    assert values[0] == code and who in values and "Được tiếp nhận" in values
    assert all(values), "an empty field is never copied"
    assert one.text("copy.figure") == f"{total} / {total}"
    assert one.hands.find("copy.number").hasFocus()
    one.hands.look("copied")
    one.hands.enter(NUMBER)
    one.hands.wait(lambda: NUMBER in one.text("notice"), what="said")
    one.hands.wait(lambda: one.text("story_road").endswith("đã nhập"), what="the story knows")
    one.hands.look("entered")
    counter = open_counter(data, writes=False)
    assert [r["id"] for r in counter.dossiers(NUMBER)] == [which] == [r["id"] for r in counter.dossiers(code)]
    assert "by_hand" not in [t["kind"] for t in counter.tasks()]
    counter.close()


def test_one_key_goes_back_and_what_was_ticked_stays_over_another_screen_and_a_start(
    sitting: Callable[[], Sitting], data: Path
) -> None:
    counter = open_counter(data)
    hear(counter, EVENT, ROUTES)
    which = received(counter)
    counter.close()
    one = begin(sitting, which)
    for _ in range(4):
        one.hands.press(KEY.Key_Return)
    fourth = clipboard()
    assert one.text("copy.figure").startswith("4 / ")
    one.hands.press(KEY.Key_Backspace)
    assert one.text("copy.figure").startswith("3 / ")
    one.hands.press(KEY.Key_Return)
    assert clipboard() == fourth
    one.hands.press(KEY.Key_Down)  # the fifth is not wanted there
    one.hands.press(KEY.Key_Return)
    assert one.text("copy.figure").startswith("5 / ")
    place = one.text("copy.field")
    one.hands.press(KEY.Key_F2)
    one.hands.press(KEY.Key_F3)
    assert one.hands.find("copy.table").hasFocus() and one.text("copy.field") == place
    one.hands.press(KEY.Key_Escape)
    one.hands.wait(lambda: offered(one) and one.hands.find("dossier_table").hasFocus(), what="the story")
    one.stop()
    counter = open_counter(data)
    habit, told = str(counter.recall("", "copying")), counter.dossier(which)
    assert which in habit and told["code"] not in habit and told["applicant"]["full_name"] not in habit
    acts.correct(counter, which, "CB001", {"applicant.full_name": "Lù Thị Ẩn"})
    counter.close()
    again = begin(sitting, which)
    assert again.text("copy.figure").startswith("4 / "), "the name was typed before it was corrected"
    skipped = again.text("copy.field")
    again.hands.press(KEY.Key_Down)
    assert (skipped, again.text("copy.field")) == ("Kênh thực hiện", "Chủ hồ sơ")
    again.hands.press(KEY.Key_Return)
    assert clipboard() == "Lù Thị Ẩn"


def test_what_was_corrected_after_it_was_typed_is_asked_for_again(data: Path) -> None:
    counter = open_counter(data)
    hear(counter, EVENT, ROUTES)
    which = received(counter)
    verbs.run(counter, which, "CB001", "entered_elsewhere", {"number": NUMBER})
    assert counter.dossier(which)["verdict"] == "entered" and not counter.tasks()
    acts.correct(counter, which, "CB001", {"applicant.phone": "0912345678"})
    assert [t["kind"] for t in counter.tasks()] == ["by_hand"]
    verbs.run(counter, which, "CB001", "entered_elsewhere", {"number": NUMBER + "-B"})
    told = counter.dossier(which)
    assert (told["official_code"], told["other_codes"]) == (NUMBER + "-B", [NUMBER])
    assert [r["id"] for r in counter.dossiers(NUMBER)] == [which]
    counter.close()


def test_what_the_systems_say_is_told_by_their_names(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    hear(counter, EVENT, ROUTES)
    which = received(counter, "2.000635")
    say = "Hệ thống một cửa Bộ Xây dựng không nhận thêm giấy tờ sau khi hồ sơ đã được tạo."
    hear(counter, "accepted", {"system": "moc", "official_code": "G17-20261128-0000001"}, which)
    hear(counter, "unexpressed", {"system": "moc", "what": "papers", "say": say}, which)
    hear(counter, "transferred", {"system": "moc", "to": "Phòng Quản lý đô thị"}, which)
    hear(counter, "refused", {"system": "moc", "code": "field_missing", "reason": "Thiếu ngày sinh"}, which)
    counter.close()
    one = opened(sitting, which)
    words = words_of(one, "dossiers")
    for said in (
        "Hệ thống một cửa Bộ Xây dựng chấp nhận hồ sơ, cấp số G17-20261128-0000001.",
        "Hệ thống một cửa Bộ Xây dựng: chuyển Phòng Quản lý đô thị xử lý.",
        say,
        "Hệ thống một cửa Bộ Xây dựng từ chối",
    ):
        assert said in words
    assert one.text("story_road") == "Đi đường: Cổng Dịch vụ công quốc gia"
    assert "act.entered_elsewhere" not in offered(one)
    one.hands.look("said")
    one.hands.press(KEY.Key_F4)
    one.hands.wait(lambda: "Hệ thống một cửa Bộ Xây dựng từ chối" in words_of(one, "tasks"), what="the refusal")
