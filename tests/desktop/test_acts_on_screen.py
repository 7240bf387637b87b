"""F3: only what may follow is offered; each act is recorded, its paper printed, and nothing opens a dialog."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt

from desktop.widgets import Button, Tick
from forms.catalogue import Catalogue
from forms.example import examples
from sync import house_rules, money
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting

KEY = Qt.Key
_ABOUT = ("act.more", "act.go", "act.cancel")  # not acts: more of them, and the buttons of a form
CATALOGUE = Catalogue.load()


def received(data: Path, code: str, **more: Any) -> str:
    counter = open_counter(data)
    line = next(examples(CATALOGUE, code, None, 1, 5)) | more | {"id": str(uuid.uuid4())}  # the gateway is shared by tests
    done = counter.receive(line, "CB001", date_confirmed=True)
    account = {"bank": "970405", "number": "1234567890123", "holder": "UBND"}
    house_rules.set_rule(counter, "CB001", "account", "", account, "QĐ 3")
    counter.close()
    return done.id


def opened(sitting: Callable[[], Sitting], which: str) -> Sitting:
    """The dossier in view; others of the commune may stand in the list too."""
    one = sitting()
    one.app.commands.show_wanted.emit("dossiers", which)
    assert one.app.window.desk is not None
    story = one.app.window.desk.dossiers.story
    one.hands.wait(lambda: (story._dossier or {}).get("id") == which and offered(one), what="acts")
    return one


def offered(one: Sitting) -> list[str]:
    assert one.app.window.desk is not None
    found = one.app.window.desk.dossiers.story.findChildren(Button)
    return [b.objectName() for b in found if b.objectName().startswith("act.") and b.objectName() not in _ABOUT]


def click(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button)
    button.click()


def printed(one: Sitting, part: str) -> str:
    """The words of the newest print whose file name has this part."""
    one.hands.wait(lambda: list(one.prints.glob(f"*{part}*.pdf")), what=part)
    document = pypdfium2.PdfDocument(max(one.prints.glob(f"*{part}*.pdf"), key=lambda f: f.stat().st_mtime))
    size = document[0].get_size()
    document.close()
    return f"{round(size[0] / 72 * 25.4)}×{round(size[1] / 72 * 25.4)}"


def dossier(data: Path, which: str) -> dict[str, Any]:
    counter = open_counter(data, writes=False)
    found = counter.dossier(which)
    counter.close()
    return found


def test_a_supplement_is_asked_and_comes(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "1.004873")
    one = opened(sitting, which)
    assert {"act.supplement_requested", "act.extended"} <= set(offered(one))
    click(one, "act.supplement_requested")
    tick = one.hands.find("act.paper.0")
    assert isinstance(tick, Tick) and tick.hasFocus()
    one.hands.press(KEY.Key_Space)
    click(one, "act.go")
    one.hands.wait(lambda: "lý do" in one.text("notice").lower(), what="a reason is wanted")
    one.hands.go("act.reason")
    one.hands.type("Tờ khai chưa ký")
    click(one, "act.go")
    assert printed(one, "supplement") == "148×210"
    one.hands.wait(lambda: "act.supplement_received" in offered(one), what="what may follow")
    click(one, "act.supplement_received")
    click(one, "act.go")
    printed(one, "receipt-")
    one.hands.wait(lambda: "act.supplement_requested" in offered(one), what="clock runs again")
    assert [r["event"] for r in dossier(data, which)["history"]] == ["received", "supplement_requested", "supplement_received"]


def test_what_may_not_be_asked_is_said_and_nothing_is_recorded(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "1.004873")
    one = opened(sitting, which)
    click(one, "act.supplement_requested")
    for name, words in (("reason", "Cần"), ("other", "Giấy xác nhận địa chỉ cũ và mới"), ("basis", "Nghị quyết X")):
        one.hands.go(f"act.{name}")
        one.hands.type(words)
    click(one, "act.go")
    one.hands.wait(lambda: "Công điện 111" in one.text("notice"), what="the guard's sentence")
    assert one.hands.find("act.other").text() == "Giấy xác nhận địa chỉ cũ và mới"  # type: ignore[attr-defined]
    assert len(dossier(data, which)["history"]) == 1
    click(one, "act.cancel")
    assert {"act.supplement_requested", "act.extended"} <= set(offered(one))


def test_news_of_the_dossier_leave_what_is_being_typed_and_are_told_after(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "2.000635", payment={"method": "later"})
    one = opened(sitting, which)
    click(one, "act.extended")
    one.hands.go("act.reason")
    one.hands.type("Chờ xác minh")
    heard: list[bool] = []
    commands = one.app.commands

    def read_after_the_screen() -> None:  # the worker takes turns: list, this, the story, then this again
        commands.dossier(which, lambda _d: commands.dossier(which, lambda _d: heard.append(True)))

    commands.act(lambda c, who: money.pay(c, which, who, "transfer"), read_after_the_screen)
    one.hands.wait(lambda: heard, what="the screen has heard")
    assert one.hands.find("act.reason").text() == "Chờ xác minh"  # type: ignore[attr-defined]
    click(one, "act.cancel")
    one.hands.wait(lambda: "act.reconciled" in offered(one), what="the news")


def test_an_extension_prints_its_apology(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "1.004873")
    one = opened(sitting, which)
    click(one, "act.extended")
    one.hands.type("05012026")  # a working day, long past
    one.hands.go("act.reason")
    one.hands.type("Chờ xác minh")
    click(one, "act.go")
    one.hands.wait(lambda: "sau ngày hẹn" in one.text("notice"), what="not later")
    one.hands.go("act.date")
    one.hands.find("act.date").setText("")  # type: ignore[attr-defined]
    one.hands.type("31122027")
    click(one, "act.go")
    printed(one, "apology")
    assert dossier(data, which)["return_at"].startswith("2027-12-31T17:00")


def test_money_is_taken_and_found(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "2.000635", payment={"method": "later"})
    one = opened(sitting, which)
    assert {"act.paid.cash", "act.paid.transfer"} <= set(offered(one))
    click(one, "act.paid.transfer")
    printed(one, "slip")
    one.hands.wait(lambda: "act.reconciled" in offered(one), what="to be reconciled")
    click(one, "act.reconciled")
    one.hands.type("FT26341")
    click(one, "act.go")
    one.hands.wait(lambda: dossier(data, which)["payment"]["state"] == "reconciled", what="reconciled")
    one.hands.wait(lambda: "act.reconciled" not in offered(one), what="nothing more to do with money")


def test_arrival_at_the_competent_unit(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, "1.004873", competent={"unit": "00097", "name": "phường Hồng Hà, thành phố Hà Nội"})
    one = opened(sitting, which)
    click(one, "act.arrived")
    printed(one, "receipt-")
    found = dossier(data, which)
    assert found["arrived_at"], found["history"]
    assert found["clock"][0]["event"] == "arrived"


def test_a_linked_group_is_one_conversation(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    one.hands.enter("khai sinh liên thông")
    assert page.procedure.procedure and page.procedure.procedure.members
    line = next(examples(CATALOGUE, "lien-thong-khai-sinh", None, 1, 6))
    page.show_line(line | {"id": page.line()["id"]})
    one.hands.wait(lambda: one.text("still_missing") == "Đủ để tiếp nhận", what="nothing missing")
    one.hands.wait(lambda: "Đăng ký thường trú" in one.text("live_receipt"), what="every road on the live receipt")
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    parts = one.text("received_parts").splitlines()
    assert len(parts) == 3 + bool(line["answers"].get("identity_card"))
    one.hands.wait(lambda: list(one.prints.glob("*.pdf")), what="one receipt")
    counter = open_counter(data, writes=False)
    assert {p.split()[0] for p in parts} <= {r["code"] for r in counter.dossiers(limit=-1)}
    counter.close()


def test_a_declaration_is_printed_before_reception_and_counts_as_brought(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    page.show_line(next(examples(CATALOGUE, "1.001193", None, 1, 6)) | {"papers": []})
    one.hands.press(KEY.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert printed(one, "to-khai") == "210×297"
    one.hands.wait(lambda: [p["code"] for p in page.line()["papers"]] == ["TK"], what="the declaration is here")
    click(one, "print_guidance")
    assert printed(one, "huong-dan") == "148×210"


def test_vietqr_stands_on_the_screen_while_a_transfer_is_awaited(sitting: Callable[[], Sitting], data: Path) -> None:
    received(data, "1.001193")  # the account with it
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    line = next(examples(CATALOGUE, "2.000635", None, 1, 6))
    page.show_line(line)
    one.hands.wait(lambda: one.text("still_missing") == "Đủ để tiếp nhận", what="nothing missing")
    click(one, "payment.transfer")
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.hands.find("vietqr").isVisible(), what="VietQR")
    zxingcpp = pytest.importorskip("zxingcpp")
    image = one.hands.find("vietqr").pixmap().toImage()  # type: ignore[attr-defined]
    import numpy

    grey = image.convertToFormat(image.Format.Format_Grayscale8)
    cells = numpy.frombuffer(grey.constBits(), numpy.uint8).reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()]
    assert zxingcpp.read_barcodes(cells)[0].text.startswith("000201010212")


def test_a_draft_keeps_the_version_of_the_form_it_began_with(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    line = next(examples(CATALOGUE, "1.004222", None, 1, 6)) | {"form": {"id": "residence", "version": "TT53-2025"}}
    page.show_line(line)
    assert page.form.definition and page.form.definition.version == "TT53-2025"
    assert page.line()["form"] == {"id": "residence", "version": "TT53-2025"}
    page.show_line({k: v for k, v in line.items() if k != "form"})
    assert page.form.definition.version == "TT116-2026"
    assert json.dumps(page.line())
