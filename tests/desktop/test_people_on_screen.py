"""Letting people in at the screen, what roles hide, a forgotten PIN, and somebody whom the gateway has revoked."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from desktop.widgets import Button
from sync import house_rules, people, travel, vault
from tests.conftest import PASSPHRASE, GatewayProcess, open_counter, run_sync
from tests.desktop.conftest import Sitting

KEY = Qt.Key
OTHER = "câu của người mới đủ dài"


def page(one: Sitting, name: str) -> None:
    one.hands.press(KEY.Key_F10)
    click(one, f"topic.{name}")


def click(one: Sitting, name: str) -> None:
    found = one.hands.find(name)
    assert isinstance(found, Button) and found.isEnabled(), name
    found.click()


def fill(one: Sitting, **words: str) -> None:
    for name, said in words.items():
        one.hands.go(name.replace("_", ".", 1))
        one.hands.type(said)


def shown(one: Sitting) -> str:
    return "\n".join(w.text() for w in one.app.window.findChildren(QLabel) if w.isVisible())


def let_in(data: Path, name: str, *roles: str) -> str:
    with closing(open_counter(data)) as counter:
        return people.add(counter, "CB001", PASSPHRASE, name, roles, OTHER)


def sign_in_as(one: Sitting, who: str, secret: str) -> None:
    one.hands.wait(lambda: one.app.window.findChild(QWidget, f"operator.{who}"), what="a tile")
    one.hands.find(f"operator.{who}").click()  # type: ignore[attr-defined]
    one.hands.enter(secret)


def test_a_person_is_let_in_given_roles_a_new_secret_and_taken_out(sitting: Callable[[], Sitting]) -> None:
    one = sitting()
    page(one, "people")
    one.hands.wait(lambda: "Chuyên viên, Lãnh đạo Trung tâm, Quản trị máy" in shown(one), what="the first operator")
    fill(one, people_name="Nông Văn Dự", enrol_secret=OTHER, enrol_secret_again=OTHER, people_mine="câu sai nhưng đủ dài")
    click(one, "people.go")
    one.hands.wait(lambda: "Chưa đúng" in one.text("people.trouble"), what="a wrong secret of one's own")
    one.hands.find("people.mine").clear()  # type: ignore[attr-defined]
    fill(one, people_mine=PASSPHRASE)
    one.hands.look("people")
    click(one, "people.go")
    one.hands.wait(lambda: len(vault.operators(one.data)) == 2, what="let in")
    who = vault.operators(one.data)[1]["id"]
    one.hands.wait(lambda: one.app.window.findChild(QWidget, f"roles.{who}"), what="the list anew")
    click(one, f"roles.{who}")
    for role in ("role.clerk", "role.post"):
        tick = one.hands.find(role)
        assert isinstance(tick, QCheckBox)
        tick.click()
    click(one, "people.go")
    one.hands.wait(lambda: vault.operators(one.data)[1]["roles"] == ["post"], what="another role")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "people.name") is not None, what="the form again")
    click(one, f"reset.{who}")
    fill(one, people_mine=PASSPHRASE)
    click(one, "people.go")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "temporary_secret"), what="a temporary secret")
    given = one.text("temporary_secret")
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    sign_in_as(one, who, given)
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "new_secret_button"), what="the secret must be changed")
    fill(one, enrol_secret=OTHER + "!", enrol_secret_again=OTHER + "!")
    one.hands.look("must_change")
    click(one, "new_secret_button")
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    assert vault.unlock(one.data, who, OTHER + "!")
    page(one, "people")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, f"roles.{who}"), what="the list")
    assert not one.hands.find("people.go").isEnabled()
    assert "lãnh đạo Trung tâm, quản trị máy" in one.hands.find("people.go").toolTip()


def test_a_role_takes_away_what_it_does_not_allow_and_says_who_may(sitting: Callable[[], Sitting], data: Path) -> None:
    who = let_in(data, "Vàng A Páo", "post")
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    sign_in_as(one, who, OTHER)
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    one.hands.press(KEY.Key_F10)
    one.hands.wait(lambda: not one.hands.find("settings.save").isEnabled(), what="rules are not theirs")
    assert one.hands.find("settings.save").toolTip() == "Việc này do lãnh đạo Trung tâm, quản trị máy làm."


def test_a_forgotten_secret_is_replaced_by_the_paper_and_a_new_paper_is_printed(
    sitting: Callable[[], Sitting], data: Path
) -> None:
    with closing(open_counter(data)) as counter:
        code = people.new_recovery(counter, "CB001", PASSPHRASE)
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "forgotten"), what="sign in")
    click(one, "forgotten")
    fill(one, recovery_code=code[:-1] + ("A" if code[-1] != "A" else "B"), enrol_secret=OTHER, enrol_secret_again=OTHER)
    click(one, "new_secret_button")
    one.hands.wait(lambda: "27 ký tự" in one.text("new_secret_message"), what="a slip of the hand")
    one.hands.find("recovery.code").clear()  # type: ignore[attr-defined]
    fill(one, recovery_code=code.lower())
    one.hands.look("forgotten")
    click(one, "new_secret_button")
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    fresh = one.text("recovery_code")
    assert fresh and fresh != code
    one.hands.look("fresh_code")
    click(one, "secrets.print")
    one.hands.wait(lambda: list(one.prints.rglob("*.pdf")), what="the paper")
    one.hands.press(KEY.Key_F2)
    assert not one.text("recovery_code")  # said once
    assert vault.recover(data, fresh, "CB001", PASSPHRASE)


def test_a_counter_alone_too_long_opens_once_a_contact_has_come(sitting: Callable[[], Sitting], data: Path) -> None:
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "sign_in_button"), what="sign in")
    with closing(open_counter(data)) as counter:
        house_rules.set_rule(counter, "CB001", "offline_days", "", 3, "QĐ 9")
        travel.decide(counter, paused=True)
        ago = (counter.clock() - timedelta(days=9)).isoformat()
        since = [0.0]

        def alone() -> bool:
            """A contact that was under way when it was paused has ended, and is as good as forgotten."""
            if counter.store.meta("last_contact") != ago:
                since[0] = time.monotonic()
                with counter.store.write():
                    counter.store.set_meta(last_contact=ago)
            return time.monotonic() - since[0] > 2

        one.hands.wait(alone, what="peace")
        one.hands.enter(PASSPHRASE)
        one.hands.wait(lambda: "3 ngày" in one.text("sign_in_message"), what="how long it may be")
        assert one.app.window.desk is None
        travel.decide(counter, paused=False)
        one.hands.wait(lambda: counter.store.meta("last_contact") != ago, what="a contact of the sync process")
    one.hands.enter(PASSPHRASE)
    one.hands.wait(lambda: one.app.window.desk, what="desk")


def test_somebody_who_is_revoked_is_locked_out_while_at_work(
    sitting: Callable[[], Sitting], data: Path, hub: GatewayProcess
) -> None:
    who = let_in(data, "Lò Ổn", "clerk")
    run_sync("sync", "--data", str(data), "--until-empty", check=True)
    one = sitting()
    one.hands.press(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    sign_in_as(one, who, OTHER)
    one.hands.wait(lambda: one.app.window.desk, what="desk")
    hub.run("revoke", "--operator", who, "--commune", hub.commune)
    one.hands.wait(lambda: one.app.commands.staff.name_of(who) == "Lò Ổn", what="read")
    one.app.commands.travel.send_now()
    one.hands.wait(lambda: one.app.window.desk is None, what="locked")
    one.hands.wait(lambda: one.app.window.findChild(QWidget, "operator.CB001"), what="sign in")
    assert who not in [o["id"] for o in vault.operators(data)]
