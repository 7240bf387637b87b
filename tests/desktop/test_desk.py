"""The desk as a whole: from a figure to its dossiers, from the handbook to reception, from a scanned receipt to its dossier."""

import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.widgets import Button
from forms.catalogue import Catalogue
from forms.example import examples
from sync import acts
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting

KEY = Qt.Key
CATALOGUE = Catalogue.load()
Begin = Callable[[], Sitting]


def line(code: str = "1.004873", seed: int = 5, **more: Any) -> dict[str, Any]:
    return next(examples(CATALOGUE, code, None, 1, seed)) | {"id": str(uuid.uuid4())} | more


def receive(data: Path, *lines: dict[str, Any]) -> list[str]:
    counter = open_counter(data)
    done = [counter.receive(one, "CB001", date_confirmed=True).id for one in lines]
    counter.close()
    return done


def click(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button), name
    button.click()


def rows(one: Sitting) -> list[str]:
    assert one.app.window.desk is not None
    return [r["id"] for r in one.app.window.desk.dossiers._model.rows]


def test_a_scanned_receipt_opens_its_dossier(sitting: Begin, data: Path) -> None:
    which, _other = receive(data, line(), line(seed=6))
    counter = open_counter(data, writes=False)
    code = counter.dossier(which)["code"]
    counter.close()
    one = sitting()
    one.hands.press(KEY.Key_K, Qt.KeyboardModifier.ControlModifier)
    one.hands.type(f"{code}|1.004873|038187620809|Mẫu số 01")
    one.hands.wait(lambda: rows(one) == [which], what="the one dossier")
    assert one.app.window.desk is not None
    story = one.app.window.desk.dossiers.story
    one.hands.wait(lambda: (story._dossier or {}).get("id") == which, what="its story")


def test_typing_in_the_list_finds_and_chips_narrow(sitting: Begin, data: Path) -> None:
    late, waits = receive(data, line(seed=31), line(seed=32))
    counter = open_counter(data)
    acts.request_supplement(counter, waits, "CB001", [{"paper": "TK", "reason": "Chưa ký"}])
    name = counter.dossier(late)["applicant"]["full_name"]
    counter.close()
    one = sitting()
    one.hands.press(KEY.Key_F3)
    one.hands.type(name.lower())
    one.hands.wait(lambda: late in rows(one) and waits not in rows(one), what="by name")
    one.hands.press(KEY.Key_Escape)
    one.hands.wait(lambda: {late, waits} <= set(rows(one)), what="everything")
    one.hands.wait(lambda: one.hands.find("chip.supplement").isVisible(), what="chip with a number")
    one.hands.press(KEY.Key_6, Qt.KeyboardModifier.AltModifier)
    one.hands.wait(lambda: waits in rows(one) and late not in rows(one), what="only those that wait")
    one.hands.press(KEY.Key_6, Qt.KeyboardModifier.AltModifier)
    one.hands.wait(lambda: late in rows(one), what="off again")


def test_columns_are_chosen_and_remembered(sitting: Begin, data: Path) -> None:
    receive(data, line())
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.dossiers
    one.hands.press(KEY.Key_F3)
    page.chips._column_actions["phone"].trigger()
    page.chips._column_actions["due"].trigger()
    kept = ("code", "full_name", "procedure", "state", "phone", "sent")
    assert page._model.columns == kept
    one.hands.wait(lambda: rows(one), what="rows")
    phone = page._model.index(0, 4).data()
    assert phone.startswith("0") and phone.isdigit()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.sign_in_again()
    assert one.app.window.desk is not None
    again = one.app.window.desk.dossiers
    one.hands.wait(lambda: again._model.columns == kept, what="as they were")


def test_the_same_person_twice_is_said_at_entry(sitting: Begin, data: Path) -> None:
    typed = line(seed=41)
    (which,) = receive(data, typed)
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    page.show_line(typed | {"id": str(uuid.uuid4())})
    one.hands.wait(lambda: page.alike.isVisible(), what="the warning")
    assert "đã có hồ sơ thủ tục này" in one.text("alike")
    click(one, "alike_open")
    story = one.app.window.desk.dossiers.story
    one.hands.wait(lambda: (story._dossier or {}).get("id") == which, what="that dossier")
    page.show_line(line("1.000894", seed=42))
    one.hands.wait(lambda: not page.alike.isVisibleTo(page), what="no warning for another procedure")


def test_a_walk_in_is_guided_keeps_its_draft_and_is_received_later(sitting: Begin, data: Path) -> None:
    typed = line(seed=51)
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    page.show_line(typed)
    page.autosave.touch()
    click(one, "before.guided")
    one.hands.press(KEY.Key_Space)
    one.hands.go("act.reason")
    one.hands.type("Tờ khai chưa ký")
    click(one, "act.go")
    one.hands.wait(lambda: list(one.prints.glob("*supplement*.pdf")), what="Mẫu số 02")
    assert page.line()["applicant"]["full_name"] == typed["applicant"]["full_name"], "what was typed stays"
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="received after all")
    counter = open_counter(data, writes=False)
    assert [h["event"] for h in counter.dossier(typed["id"])["history"]] == ["guided", "received"]
    counter.close()


def test_a_resident_from_elsewhere_is_told_apart(sitting: Begin) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    typed = line(seed=61)
    there = {"text": "Thôn 2, xã Bát Xát, tỉnh Lào Cai", "unit": "02683", "detail": "Thôn 2"}
    page.show_line(typed | {"applicant": typed["applicant"] | {"address": there}})
    one.hands.wait(lambda: "phi địa giới" in one.text("boundary"), what="another commune of the province")
    far = {"text": "phường Hồng Hà, thành phố Hà Nội", "unit": "00097", "detail": ""}
    page.show_line(typed | {"applicant": typed["applicant"] | {"address": far}})
    one.hands.wait(lambda: "cần xác nhận" in one.text("boundary"), what="another province, no list known")
    done: list[bool] = []
    one.app.commands.set_rule(
        "nationwide", "1.004873", {"listed": True}, "QĐ 12/2026", lambda: done.append(True), lambda p: done.append(False)
    )
    one.hands.wait(lambda: done == [True], what="settled")
    one.hands.wait(lambda: "QĐ 12/2026" in one.text("boundary"), what="on the list")


def test_from_the_handbook_to_reception(sitting: Begin) -> None:
    one = sitting()
    one.hands.press(KEY.Key_F6)
    one.hands.type("giay doc than")
    one.hands.press(KEY.Key_Return)
    one.hands.press(KEY.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    one.hands.wait(lambda: page.procedure.procedure and page.procedure.procedure.code == "1.004873", what="chosen at F2")


def test_a_figure_opens_its_dossiers_and_the_report_is_saved(
    sitting: Begin, data: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    ids = receive(data, line(seed=71, payment={"method": "cash"}), line("2.000635", 72, payment={"method": "cash"}))
    counter = open_counter(data)
    acts.finish(counter, ids[1], "CB001")
    counter.close()
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reports
    one.hands.press(KEY.Key_F7)
    page.make("ii06a")
    one.hands.wait(lambda: page.sheet is not None and page.sheet.report.kind == "ii06a", what="the report")
    assert page.sheet is not None
    report = page.sheet.report
    assert all(c.holds for c in report.checks)
    page.sheet.opened.emit("Đã giải quyết", (ids[1],))
    one.hands.wait(lambda: rows(one) == [ids[1]], what="the dossiers behind it")
    assert "Đã giải quyết" in one.text("chip.figure")
    click(one, "chip.figure")
    one.hands.wait(lambda: set(ids) <= set(rows(one)), what="everything again")
    file = tmp_path / "bao-cao.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a: (str(file), ""))
    one.hands.press(KEY.Key_F7)
    page.save("xlsx")
    one.hands.wait(lambda: file.exists() and "Đã lưu" in one.text("notice"), what="saved")
    assert "xl/worksheets/sheet1.xml" in zipfile.ZipFile(file).namelist()


def test_the_drawer_is_counted(sitting: Begin, data: Path) -> None:
    receive(data, line("2.000635", 81, payment={"method": "cash"}))
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reports
    one.hands.press(KEY.Key_F7)
    page.make("cash")
    one.hands.wait(lambda: "phải có" in one.text("drawer_expected"), what="what should be there")
    one.hands.go("drawer.counted")
    one.hands.type("1000")
    click(one, "drawer_close")
    one.hands.wait(lambda: "khác số phải có" in one.text("notice"), what="a difference needs a word")
    one.hands.go("drawer.note")
    one.hands.type("Đã nộp kho bạc buổi trưa")
    click(one, "drawer_close")
    one.hands.wait(lambda: "Đã chốt ca" in one.text("notice"), what="closed")
    one.hands.wait(lambda: "phải có 0" in one.text("drawer_expected").replace("\u00a0", " "), what="empty for the next shift")
