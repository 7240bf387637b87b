"""The life of a dossier as a clerk lives it at the screen: what is offered, what is printed, where it ends."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.crash import CrashGuard
from desktop.widgets import Button, Tick
from forms.catalogue import Catalogue
from forms.example import examples
from sync import acts
from sync.contact import until_empty
from sync.counter import Counter, vietnam_now
from sync.gateway_client import Traffic
from tests.conftest import GatewayProcess, enrolled, open_counter
from tests.desktop.conftest import Sitting

CATALOGUE = Catalogue.load()
Begin = Callable[[], Sitting]


def line(code: str = "1.004873", seed: int = 5, **more: Any) -> dict[str, Any]:
    return next(examples(CATALOGUE, code, None, 1, seed)) | {"id": str(uuid.uuid4())} | more


def received(data: Path, typed: dict[str, Any], days_ago: int = 0) -> str:
    counter = open_counter(data, clock=lambda: vietnam_now() - timedelta(days=days_ago))
    done = counter.receive(typed, "CB001", date_confirmed=True)
    counter.close()
    return done.id


def look_at(one: Sitting, which: str, **wanted: Any) -> dict[str, Any]:
    """Wait until the dossier stands at the right, as it should be; its fold."""
    assert one.app.window.desk is not None
    story = one.app.window.desk.dossiers.story
    if (story._dossier or {}).get("id") != which:
        one.app.commands.show_wanted.emit("dossiers", which)

    def there() -> bool:
        found = story._dossier or {}
        return found.get("id") == which and all(found.get(k) == v for k, v in wanted.items())

    one.hands.wait(there, what=f"{wanted}")
    return dict(story._dossier or {})


def click(one: Sitting, name: str) -> None:
    button = one.hands.find(name)
    assert isinstance(button, Button), name
    button.click()


def fill(one: Sitting, **fields: str) -> None:
    for name, words in fields.items():
        one.hands.go(f"act.{name}")
        one.hands.find(f"act.{name}").setText("")  # type: ignore[attr-defined]
        one.hands.type(words)


def do(one: Sitting, event: str, tick: int | None = None, **fields: str) -> None:
    """One act with its form."""
    click(one, f"act.{event}")
    if tick is not None:
        found = one.hands.find(f"act.paper.{tick}")
        assert isinstance(found, Tick)
        found.click()
    fill(one, **fields)
    click(one, "act.go")


def printed(one: Sitting, part: str) -> None:
    one.hands.wait(lambda: list(one.prints.glob(f"*{part}*.pdf")), what=f"print of {part}")


def offers(one: Sitting) -> set[str]:
    assert one.app.window.desk is not None
    names = {b.objectName() for b in one.app.window.desk.dossiers.story.findChildren(Button)}
    return {n.removeprefix("act.") for n in names if n.startswith("act.")} - {"more"}


def test_supplement_and_back_and_a_second_request_is_warned_of(sitting: Begin, data: Path) -> None:
    which = received(data, line())
    one = sitting()
    look_at(one, which, stage="received")
    do(one, "supplement_requested", tick=0, reason="Tờ khai chưa ký")
    found = look_at(one, which, stage="supplement")
    printed(one, "supplement")
    assert found["paused"] and {"supplement_received", "withdrawn", "stopped"} <= offers(one)
    assert not {"extended", "finished", "transferred"} & offers(one), "only what may follow"
    do(one, "supplement_received")  # what was asked for is ticked already
    look_at(one, which, stage="received")
    printed(one, "receipt-")
    click(one, "act.supplement_requested")
    assert "766" in one.text("act.warning")


def test_a_walk_in_is_refused_with_its_paper_and_no_draft_of_it_stays(sitting: Begin, data: Path) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    click(one, "before.declined")
    one.hands.wait(lambda: "họ tên" in one.text("notice"), what="who and what first")
    page.show_line(typed := line())
    click(one, "before.declined")
    click(one, "act.go")
    one.hands.wait(lambda: "lý do" in one.text("notice").lower(), what="a reason is wanted")
    fill(one, reason="Không thuộc thẩm quyền của xã", guidance="Nộp tại xã nơi cư trú")
    click(one, "act.go")
    printed(one, "refusal")
    found = look_at(one, typed["id"], stage="declined")
    assert (found["official"], found["code"], offers(one)) == (3, None, set())
    one.stop()
    counter = open_counter(data, writes=False)
    assert [d for d in counter.drafts() if d.id == typed["id"]] == []
    counter.close()


def test_late_with_an_apology_on_the_due_board(sitting: Begin, data: Path) -> None:
    which = received(data, line(seed=11), days_ago=30)
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.dossiers
    page.show_chip("late")
    one.hands.wait(lambda: which in [r["id"] for r in page._model.rows], what="the due board")
    look_at(one, which, stage="received")
    counter = open_counter(data, writes=False)
    day = vietnam_now().date() + timedelta(days=9)
    while not counter.calendar.is_working(day):
        day += timedelta(days=1)
    counter.close()
    do(one, "extended", date=f"{day:%d%m%Y}", reason="Chờ xác minh nơi đăng ký trước đây")
    found = look_at(one, which, return_at=f"{day.isoformat()}T17:00:00+07:00")
    printed(one, "apology")
    assert found["first_return_at"] != found["return_at"]
    page.show_chip("late")
    one.hands.wait(lambda: which not in [r["id"] for r in page._model.rows], what="not late any more")


def test_withdrawal_with_the_owners_words(sitting: Begin, data: Path) -> None:
    which = received(data, line("2.000635", payment={"method": "cash"}))
    one = sitting()
    look_at(one, which, stage="received")
    do(one, "withdrawn", own_words="Tôi đã có bản sao, xin rút hồ sơ")
    found = look_at(one, which, stage="withdrawn")
    printed(one, "stop")
    assert (found["official"], found["history"][-1]["body"]["stage"]) == (7, "Được tiếp nhận")
    assert {"refunded", "corrected", "shelved", "erased"} == offers(one)
    do(one, "refunded", reason="Rút trước khi giải quyết")
    look_at(one, which, stage="withdrawn")
    one.hands.wait(lambda: "refunded" not in offers(one), what="given back once")


def test_a_result_goes_by_post_comes_back_and_goes_again(sitting: Begin, data: Path) -> None:
    which = received(data, line("2.000635", return_to={"how": "post", "place": "Thôn 3, xã Bản Qua"}))
    one = sitting()
    look_at(one, which, stage="received")
    do(one, "transferred", taker="Nông Văn Dự")
    look_at(one, which, stage="processing")
    printed(one, "control")
    do(one, "finished", number="12/TLKS-BS")
    look_at(one, which, stage="finished")
    do(one, "posted", tracking="EP123456789VN")
    one.hands.wait(lambda: "post_failed" in offers(one), what="at the post")
    do(one, "post_failed", reason="Không có người nhận")
    one.hands.wait(lambda: "posted" in offers(one), what="here again")
    do(one, "posted", tracking="EP987654321VN")
    one.hands.wait(lambda: "post_failed" in offers(one), what="at the post again")
    click(one, "act.returned")
    found = look_at(one, which, stage="returned")
    printed(one, "handover")
    assert (found["official"], found["result"]["how"], found["result"]["tracking"]) == (10, "post", "EP987654321VN")


def test_somebody_else_may_take_the_result_only_with_authority(sitting: Begin, data: Path) -> None:
    which = received(data, line())
    one = sitting()
    look_at(one, which, stage="received")
    do(one, "finished", number="5/2026")
    look_at(one, which, stage="finished")
    do(one, "returned", full_name="Lù Thị Pẳn", personal_id="")
    one.hands.wait(lambda: "ủy quyền" in one.text("notice"), what="by what right")
    fill(one, authority="Giấy ủy quyền số 15/2026")
    click(one, "act.go")
    found = look_at(one, which, stage="returned")
    assert found["result"]["receiver"]["authority"] == "Giấy ủy quyền số 15/2026"
    printed(one, "handover")


def meet(counter: Counter, hub: GatewayProcess) -> None:
    until_empty(counter, hub.url, time.monotonic() + 60, Traffic())


def test_two_counters_in_conflict_are_settled_at_the_tasks(
    sitting: Begin, data: Path, tmp_path: Path, hub: GatewayProcess
) -> None:
    enrolled(tmp_path / "other", hub, "Nông Văn Dự", code=hub.new_code())
    which = received(data, line())
    here, there = open_counter(data), open_counter(tmp_path / "other")
    meet(here, hub)
    meet(there, hub)
    acts.withdraw(here, which, "CB001", "Xin rút")  # no line between them
    acts.finish(there, which, "CB002", [{"number": "16/2026"}])
    meet(here, hub)
    meet(there, hub)
    here.close()
    there.close()
    one = sitting()
    assert one.app.window.desk is not None
    tasks = one.app.window.desk.tasks
    one.hands.wait(
        lambda: any(t["kind"] == "review" and t["dossier"] == which for t in tasks._shown or []), seconds=60, what="task"
    )
    look_at(one, which)
    story = one.app.window.desk.dossiers.story
    one.hands.wait(lambda: [r["event"] for r in (story._dossier or {}).get("review", [])] == ["finished"], what="both sides")
    one.app.commands.show_wanted.emit("tasks", "")
    cards = [b for b in tasks.findChildren(Button) if b.objectName() == "review.act"]
    mine = next(b for b in cards if b.parentWidget()._dossier == which)  # type: ignore[union-attr]
    mine.click()
    found = look_at(one, which, stage="finished")
    assert [r["event"] for r in found["history"] if r.get("overruled")] == ["withdrawn"]
    one.hands.wait(lambda: not any(t["dossier"] == which for t in tasks._shown or []), what="settled")


@pytest.fixture
def online(
    tmp_path: Path, qtbot: QtBot, gateway: Callable[..., GatewayProcess], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sitting]:
    """A counter whose commune has an online dossier waiting, and a portal that refuses one person's walk-in once."""
    typed = line(seed=21)
    filed = {k: v for k, v in line(seed=22).items() if k != "id"}
    rule = {
        "match": {"full_name": typed["applicant"]["full_name"]},
        "reason": "Điện thoại sai",
        "field": "applicant.phone",
        "say": "Thưa bác, số điện thoại chưa đúng.",
        "raw": "E17",
    }
    script = tmp_path / "portal.json"
    script.write_text(json.dumps({"delay": 0, "refuse": [rule], "file": [filed]}, ensure_ascii=False), "utf-8")
    hub = gateway("--portal", str(script))
    data = tmp_path / "counter"
    enrolled(data, hub)
    received(data, typed)
    monkeypatch.setattr(CrashGuard, "_tell", lambda _self: None)
    one = Sitting(data, tmp_path, qtbot)
    one.typed = typed  # type: ignore[attr-defined]
    one.sign_in()
    yield one
    one.stop()


def task(one: Sitting, kind: str) -> dict[str, Any]:
    assert one.app.window.desk is not None
    tasks = one.app.window.desk.tasks
    one.hands.wait(lambda: any(t["kind"] == kind for t in tasks._shown or []), seconds=60, what=kind)
    return next(t for t in tasks._shown or [] if t["kind"] == kind)


def test_an_online_dossier_is_received_at_the_counter(online: Sitting) -> None:
    waiting = task(online, "filed")
    click(online, "task_filed")
    found = look_at(online, waiting["dossier"], stage="filed")
    assert offers(online) >= {"received", "guided", "declined"}
    click(online, "act.received")
    after = look_at(online, waiting["dossier"], stage="received")
    assert (after["code"], after["channel"], after["register"]) == (found["code"], "2", 2)
    online.hands.wait(lambda: list(online.prints.glob(f"{after['code']}.pdf")), what="the receipt")


def test_a_portal_refusal_is_mended_where_it_says_and_accepted(online: Sitting) -> None:
    refused = task(online, "refused")
    assert refused["details"]["say"].startswith("Thưa bác")
    click(online, "task_correct")
    look_at(online, refused["dossier"])
    online.hands.wait(lambda: online.hands.find("act.value").isVisible(), what="the field that is meant")
    fill(online, value="0912345678", reason="Bác đọc lại số")
    click(online, "act.go")
    found = look_at(online, refused["dossier"], refusal=None)
    assert found["applicant"]["phone"] == "0912345678"
    online.app.commands.travel.send_now()
    look_at(online, refused["dossier"], verdict="accepted")
