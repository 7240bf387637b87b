"""The road to the national systems as a clerk sees it: real gateway, real relay process, both systems behind real HTTP."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.crash import CrashGuard
from desktop.printing import Printing
from sync.relay.played.ministry import SETTINGS as MINISTRY
from sync.relay.played.national import SETTINGS as NATIONAL
from tests.conftest import ROOT, GatewayProcess, enrolled
from tests.desktop.conftest import Sitting
from tests.flows.test_a_dossiers_life import click, fill, line, look_at, task
from tests.relay.faulty import Faulty, faulty

NATIONAL_NAME, MINISTRY_NAME = "Cổng Dịch vụ công quốc gia", "Hệ thống một cửa của Bộ Tư pháp"
WRONG = "Số điện thoại không đúng định dạng"
OURS, ISSUED = "2.000635", "1.004873"
PAUSED = {"words": "Tạm dừng", "paused": True}


class World:
    """A gateway, both systems without faults, and the relay between them. ``refused``: the line whose telephone the national
    system does not take."""

    def __init__(self, folder: Path, systems: Faulty, refused: dict[str, Any]) -> None:
        self.folder, self.systems, self.refused = folder, systems, refused
        self.gateway = GatewayProcess(folder / "gateway")
        national = {**NATIONAL, "kind": "national", "name": NATIONAL_NAME, "url": f"{systems.url}/national", "tell_after": 0.5}
        ministry = {**MINISTRY, "kind": "ministry", "name": MINISTRY_NAME, "url": f"{systems.url}/ministry"}
        config = folder / "relay.json"
        config.write_text(json.dumps({"systems": {"national": national, "ministry": ministry}}), "utf-8")
        command = [sys.executable, "-m", "sync", "relay", "--data", str(self.gateway.data), "--config", str(config)]
        self.relay = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)

    def stop(self) -> None:
        self.relay.terminate()
        self.relay.wait(20)
        if self.gateway.process.poll() is None:
            self.gateway.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, refused = tmp_path_factory.mktemp("road"), line(OURS, seed=21, payment={"method": "cash"})
    script = folder / "script.json"
    rule = {"match": {"full_name": refused["applicant"]["full_name"]}, "raw": WRONG}
    script.write_text(json.dumps({"refuse": [rule]}, ensure_ascii=False), "utf-8")
    with faulty("--script", str(script)) as systems:
        whole = World(folder, systems, refused)
        yield whole
        whole.stop()


@pytest.fixture
def one(world: World, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sitting]:
    """Somebody signed in at a counter that is enrolled there."""
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    enrolled(tmp_path / "counter", world.gateway, code=world.gateway.new_code())
    sitting = Sitting(tmp_path / "counter", tmp_path, qtbot)
    sitting.sign_in()
    yield sitting
    sitting.stop()


def receive(one: Sitting, typed: dict[str, Any]) -> str:
    """At the screen; the code that it says. The receipt is printed."""
    assert one.app.window.desk is not None
    one.app.window.desk.show_screen("reception")
    one.app.window.desk.reception.show_line(typed)
    one.hands.press(Qt.Key.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    code = one.text("received_code")
    one.hands.wait(lambda: (one.prints / f"{code}.pdf").exists(), what="receipt")
    return code


def until(one: Sitting, condition: Callable[[], object], what: str) -> None:
    """Somebody who does not wait for the next contact but presses *Gửi ngay* again and again."""
    for _ in range(20):
        one.app.commands.travel.send_now()
        with suppress(TimeoutError):
            return one.hands.wait(condition, seconds=1.5)
    raise TimeoutError(what)


def tasks(one: Sitting, kind: str) -> list[dict[str, Any]]:
    assert one.app.window.desk is not None
    return [t for t in one.app.window.desk.tasks._shown or [] if t["kind"] == kind]


def words_of(one: Sitting, screen: str) -> str:
    """All that a screen says."""
    return "\n".join(label.text() for label in getattr(one.app.window.desk, screen).findChildren(QLabel))


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What goes to the printer, by the name of the print: on paper it is a picture."""
    seen, real = dict[str, bytes](), Printing.print_pdf

    def also(printing: Printing, pdf: bytes, name: str, *more: Any) -> None:
        seen[name] = pdf
        real(printing, pdf, name, *more)

    monkeypatch.setattr(Printing, "print_pdf", also)
    return seen


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return " ".join(found.split())


def found_by(one: Sitting, search: str) -> list[str]:
    """Ids of the rows that F3 shows for what is typed there."""
    assert one.app.window.desk is not None
    page = one.app.window.desk.dossiers
    page.search(search)
    one.hands.wait(lambda: page.filter.text() == search and len(page._model.rows) == 1, what=f"search {search}")
    return [row["id"] for row in page._model.rows]


def test_a_refusal_for_one_field_is_mended_from_the_task_and_accepted(world: World, one: Sitting) -> None:
    world.gateway.stop()
    code = receive(one, world.refused)
    which = look_at(one, world.refused["id"], stage="received", delivery="kept", verdict=None)
    assert (which["code"], "Đã giữ trên máy" in words_of(one, "dossiers")) == (code, True)
    world.gateway.start()
    until(one, lambda: tasks(one, "refused"), "the refusal")
    told = task(one, "refused")["details"]
    assert (told["system_name"], told["field"], told["raw"]) == (NATIONAL_NAME, "applicant.phone", WRONG)
    one.app.commands.show_wanted.emit("tasks", "")
    said = words_of(one, "tasks")
    assert f"{NATIONAL_NAME} từ chối" in said
    assert "“Thưa anh chị, số điện thoại trong hồ sơ chưa đúng." in said, "a sentence to be read aloud"
    click(one, "task_correct")
    look_at(one, world.refused["id"])
    one.hands.wait(lambda: one.hands.find("act.value").isVisible(), what="the field that is meant")
    fill(one, value="0912345678", reason="Anh chị đọc lại số")
    click(one, "act.go")
    look_at(one, world.refused["id"], refusal=None)
    until(one, lambda: "Đã chấp nhận" in words_of(one, "dossiers"), "accepted")
    after = look_at(one, world.refused["id"], verdict="accepted", delivery="accepted")
    assert after["applicant"]["phone"] == "0912345678"
    assert f"{NATIONAL_NAME} chấp nhận hồ sơ." in words_of(one, "dossiers")
    one.hands.wait(lambda: not tasks(one, "refused"), what="nothing left to do")
    [record] = [r for n, r in world.systems.state()["national"]["dossiers"].items() if n == code]
    assert record["SoDienThoai"] == "0912345678"


def test_a_number_issued_later_brings_a_task_and_a_paper_with_both(world: World, one: Sitting, printed: dict[str, bytes]) -> None:
    one.app.commands.travel.decide(**PAUSED)
    typed = line(ISSUED, seed=31)
    code = receive(one, typed)
    first, given = text_of(printed[code]), (one.prints / f"{code}.pdf").read_bytes()
    assert f"Mã tiếp nhận tạm: {code}" in first
    assert "Mã hồ sơ chính thức:" not in first
    look_at(one, typed["id"], stage="received")
    assert one.text("story_numbers") == "Mã tiếp nhận tạm, chờ mã chính thức"
    one.app.commands.travel.decide("Gửi – nhận tiếp.", paused=False)
    until(one, lambda: tasks(one, "numbered"), "the number")
    [number] = world.systems.state()["ministry"]["dossiers"]
    told = task(one, "numbered")
    assert (told["dossier"], told["details"]["number"], told["details"]["system_name"]) == (typed["id"], number, MINISTRY_NAME)
    one.app.commands.show_wanted.emit("tasks", "")
    assert f"{MINISTRY_NAME} cấp mã {number}." in words_of(one, "tasks")
    click(one, "task_print")
    one.hands.wait(lambda: list(one.prints.glob(f"{code}-receipt-*.pdf")), what="the new paper")
    [second] = printed.keys() - {code}
    said = text_of(printed[second])
    assert f"Mã tiếp nhận tạm: {code}" in said
    assert f"Mã hồ sơ chính thức: {number}" in said
    assert "(Bản in lại)" not in said, "it is a paper of its own"
    assert (one.prints / f"{code}.pdf").read_bytes() == given, "what was printed is never changed"
    one.hands.wait(lambda: not tasks(one, "numbered"), what="the task is done once the paper is printed")
    assert found_by(one, code) == found_by(one, number) == [typed["id"]]
    look_at(one, typed["id"], official_code=number)
    assert one.text("story_numbers") == f"Mã chính thức: {number}"
    assert f"{MINISTRY_NAME} chấp nhận hồ sơ, cấp số {number}." in words_of(one, "dossiers")


def test_the_handbook_tells_where_dossiers_go(one: Sitting) -> None:
    assert one.app.window.desk is not None
    until(one, lambda: [r for r in one.app.commands.routes.systems.values() if r.name == MINISTRY_NAME], "the routes")
    one.app.window.desk.show_screen("handbook")
    for code, name in ((ISSUED, MINISTRY_NAME), (OURS, NATIONAL_NAME)):
        one.app.window.desk.handbook.open_procedure(code)
        assert f"Hồ sơ được chuyển tới\n{name}" in words_of(one, "handbook")


def test_an_outage_of_the_national_system_shows_while_it_lasts(world: World, one: Sitting) -> None:
    world.systems.ask("faults", {"rate": 1, "kinds": ["gateway"]})
    try:
        receive(one, typed := line(OURS, seed=41, payment={"method": "cash"}))
        one.app.commands.show_wanted.emit("sync", "")
        until(one, lambda: NATIONAL_NAME in one.text("system_outage"), "the outage")
        assert one.hands.find("system_outage").isVisible()
    finally:
        world.systems.ask("faults", {"rate": 0})
    until(one, lambda: not one.hands.find("system_outage").isVisible(), "its end")
    until(one, lambda: look_at(one, typed["id"])["verdict"] == "accepted", "accepted after all")
