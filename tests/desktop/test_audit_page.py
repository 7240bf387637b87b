"""Nhật ký on the screen: what was seen stands there, who reads it stands there too, and data go out only where it is said."""

import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QTableView

from desktop.settings.audit_page import KINDS, AuditPage, state_words
from desktop.task_list.reports import words_of
from desktop.widgets import Button
from forms.audit_words import ACTS, SEEN
from sync import audit, recovery
from sync.counter import vietnam_now
from sync.events import ANCHORED
from sync.store import audit as rows
from sync.store import log
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_acts_on_screen import received

KEY = Qt.Key


def page(one: Sitting) -> AuditPage:
    one.hands.press(KEY.Key_F10)
    chip = one.hands.find("topic.audit")
    assert isinstance(chip, Button)
    chip.click()
    assert one.app.window.desk is not None
    found = one.app.window.desk.settings.findChild(AuditPage)
    assert found is not None
    return found


def cells(found: AuditPage) -> list[list[str]]:
    return [[found.model.words(row, n) for n in range(5)] for row in found.model.rows]


def did(data: Path) -> list[str]:
    with closing(open_counter(data, writes=False)) as counter:
        now = vietnam_now()
        return [r.did for r in rows.between(counter.store, now - timedelta(days=1), now)]


def click(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button), name
    button.click()


def test_what_was_seen_and_done_stands_there_and_can_be_narrowed(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "2.000815")
    one = sitting()
    one.app.commands.show_wanted.emit("dossiers", which)
    one.hands.wait(lambda: "viewed" in did(data), what="the view")
    found = page(one)
    one.hands.wait(lambda: found.model.rows, what="rows")
    what = [row[2] for row in cells(found)]
    assert {"Tiếp nhận", "Xem hồ sơ", "Đăng nhập"} <= set(what)
    assert "nguyên vẹn" in one.text("audit_state") or "kiểm tra" in one.text("audit_state")
    one.hands.wait(lambda: "nguyên vẹn đến" in one.text("audit_state"), what="the state")
    code = next(row[3] for row in cells(found) if row[3])
    one.hands.go("audit.kind")
    one.hands.type("xem")
    one.hands.wait(lambda: {row[2] for row in cells(found)} == {"Xem hồ sơ"}, what="views only")
    one.hands.press(KEY.Key_Delete)
    one.hands.go("audit.code")
    one.hands.type(code)
    one.hands.wait(lambda: found.model.rows and {row[3] for row in cells(found)} == {code}, what="one dossier")
    one.hands.look("audit")
    table = one.hands.find("audit_table")
    assert isinstance(table, QTableView)
    table.setFocus()
    one.hands.press(KEY.Key_Return)
    desk = one.app.window.desk
    assert desk is not None
    one.hands.wait(lambda: desk.dossiers.isVisible(), what="the dossier")
    assert did(data).count("audit_read") >= 1


def test_a_search_is_noted_without_its_words_and_a_lock_anchors_what_was_seen(sitting: Callable[[], Sitting], data: Path) -> None:
    received(data, "2.000815")
    one = sitting()
    one.hands.press(KEY.Key_F3)
    one.hands.go("dossier_filter")
    one.hands.type("nguyễn bí mật")
    one.hands.wait(lambda: one.text("dossier_count") == "0 hồ sơ", what="what was found")
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    with closing(open_counter(data, writes=False)) as counter:
        assert did(data).count("searched") == 1
        head = rows.head(counter.store)
        assert head.did == "locked"
        anchors = log.of_counters(counter.store, ANCHORED)  # those of others, who share the commune in these tests, are heard too
        anchor = [e for e in anchors if e.counter == counter.counter_id][-1]
        assert anchor.body == {"n": head.n, "head": head.hash}
        kept = json.dumps(list(counter.store.rows("SELECT * FROM audit")))
        assert "bí mật" not in kept and "bi mat" not in kept
        assert recovery.verify(counter.store)["ok"]
    one.sign_in_again()


def test_wrong_secrets_are_noted_once_somebody_comes_in(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    for _ in range(2):
        one.hands.enter("không phải câu này")
        one.hands.wait(lambda: one.text("sign_in_message") not in ("", "Đang mở…"), what="refused")
    one.sign_in_again()
    with closing(open_counter(data, writes=False)) as counter:
        now = vietnam_now()
        found = [(r.did, r.about) for r in rows.between(counter.store, now - timedelta(days=1), now)]
    assert found[-2:] == [("sign_in_refused", "2"), ("signed_in", "")]


def test_a_persons_data_leave_by_the_page_and_the_task_goes(
    sitting: Callable[[], Sitting], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = received(data, "2.000815")
    with closing(open_counter(data, writes=False)) as counter:
        number = str(counter.dossier(which)["applicant"]["personal_id"])
    one = sitting()
    found = page(one)
    click(one, "hand_out.person")
    one.hands.type(number)
    click(one, "hand_out.ask")
    desk = one.app.window.desk
    assert desk is not None
    one.hands.wait(lambda: any(t["kind"] == "person_data_asked" for t in desk.tasks._shown or ()), what="the task")
    one.hands.look("handing_out")
    offered: list[str] = []

    def choose(_parent: Any, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        offered.append(start)
        return str(tmp_path / "out.zip"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    click(one, "hand_out.export_person")
    one.hands.wait(lambda: (tmp_path / "out.zip").exists(), what="the file")
    one.hands.wait(lambda: not any(t["kind"] == "person_data_asked" for t in desk.tasks._shown or ()), what="answered")
    assert number not in offered[0]
    with zipfile.ZipFile(tmp_path / "out.zip") as box:
        assert {"tom-tat.xlsx", "ai-da-xem.xlsx"} <= set(box.namelist())
    click(one, "hand_out.incident")
    click(one, "hand_out.export_incident")
    one.hands.wait(lambda: "exported_incident" in did(data), what="the incident")
    assert found.isVisible()


def test_a_changed_record_is_said_in_words(sitting: Callable[[], Sitting], data: Path) -> None:
    with closing(open_counter(data)) as counter:
        for _ in range(3):
            audit.note(counter, "CB001", "viewed", "d")
        with counter.store.write() as db:
            db.execute("UPDATE audit SET operator = 'CB009' WHERE n = 2")
    one = sitting()
    page(one)
    one.hands.wait(lambda: "không còn nguyên vẹn" in one.text("audit_state"), what="said")


def test_words_and_kinds_cover_everything() -> None:
    names = {name for _, kinds in KINDS.values() for name in kinds}
    assert names >= set(SEEN) | set(ACTS)
    told = {"rows": 3, "whole": True, "broken": "", "until": "2026-12-01T10:00:00+07:00", "anchored": None}
    assert state_words(told).startswith("Nhật ký nguyên vẹn đến 10:00 01/12/2026, chưa neo")
    assert state_words(told | {"anchored": "2026-12-01T09:00:00+07:00"}).endswith("đã neo tại máy chủ lúc 09:00 01/12/2026.")
    said = words_of({"kind": "clock_doubtful", "details": {"doubt": "ahead", "offset": 7200}})[1]
    assert "nhanh khoảng 2 giờ" in said
    assert "{" not in "".join(words_of({"kind": "incident_noted", "details": {}}))


def test_a_clock_in_doubt_is_told_in_the_story(sitting: Callable[[], Sitting], data: Path) -> None:
    with closing(open_counter(data, lambda: vietnam_now() - timedelta(days=500))) as counter:
        assert counter.status()["clock"] is not None
    which = ""
    with closing(open_counter(data, lambda: vietnam_now() - timedelta(hours=5))) as counter:
        from forms.catalogue import Catalogue
        from forms.example import examples

        line = next(examples(Catalogue.load(), "2.000815", None, 1, 3)) | {"id": f"{counter.counter_id}-clock"}
        which = counter.receive(line, "CB001", date_confirmed=True).id
    one = sitting()
    one.app.commands.show_wanted.emit("dossiers", which)
    desk = one.app.window.desk
    assert desk is not None
    story = desk.dossiers.story

    def said() -> str:
        return "\n".join(label.text() for label in story.findChildren(QLabel))

    one.hands.wait(lambda: "Giờ máy chưa chắc" in said(), what="the doubt")
