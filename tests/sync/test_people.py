"""Who may do what: roles, people as acts that travel, and whom the gateway lets in no more."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forms import roles
from forms.catalogue import Catalogue
from forms.example import examples
from forms.people import REMOVED, SET, fold_people, merged
from forms.problem import Problem
from sync import acts, house_rules, intake, money, people, vault, verbs
from sync.cli import main
from sync.contact import contact
from sync.counter import Counter, vietnam_now
from sync.gateway_client import Traffic
from sync.store import audit as rows
from tests.conftest import PASSPHRASE, GatewayProcess, enrolled, open_counter, run_sync

OTHER = "câu của người mới đủ dài"
LINES = examples(Catalogue.load(), "2.000815", None, 40, 91)
AN, BE = {"id": "A", "name": "An", "roles": ["clerk", "head"]}, {"id": "B", "name": "Bé", "role": "clerk"}
BASE: dict[str, Any] = {"operators": [AN, BE]}


@dataclass(frozen=True)
class Act:
    at: int
    name: str
    body: dict[str, Any] | None
    counter: str = "c1"
    epoch: str = "e"
    number: int = 1
    operator: str = "A"


def meet(counter: Counter) -> None:
    """Contacts until nothing waits."""
    while not contact(counter, counter.gateway_url, time.monotonic() + 20, Traffic())[1]:
        pass


def until_refused(counter: Counter) -> Problem:
    """Contacts until one is refused."""
    while True:
        try:
            meet(counter)
        except Problem as problem:
            return problem


def refused(do: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as caught:
        do()
    return caught.value


# The table, and the fold


def test_every_act_a_person_can_do_stands_in_the_table() -> None:
    own = {SET, REMOVED, people.RESET, people.PAPER, "attached", "rule_set", money.CLOSED}
    assert (set(verbs.VERBS) | own) <= roles.acts()
    assert {role.id for role in roles.all_roles()} == {"clerk", "post", "head", "admin", "helper"}
    assert all(role.source or role.to_confirm for role in roles.all_roles())  # said by a source, or said to be open


@pytest.mark.parametrize(
    ("who", "may", "not_"),
    [
        ("clerk", "received returned refunded", "annulled rule_set operator_set erased"),
        ("post", "received paid returned posted", "declined corrected annulled settled rule_set"),
        ("head", "received annulled rule_set operator_set erased person_exported", ""),
        ("admin", "operator_set restored rule_set", "received annulled erased person_exported"),
        ("helper", "", "received returned annulled rule_set guided attached"),
    ],
)
def test_what_a_role_may(who: str, may: str, not_: str) -> None:
    assert all(roles.may([who], act) for act in may.split())
    assert not any(roles.may([who], act) for act in not_.split())
    assert roles.may([who], "of_a_newer_version")


def test_the_later_act_holds_whatever_the_order_and_nonsense_is_passed_over() -> None:
    told = [
        Act(3, SET, {"id": "C", "name": "Cúc", "roles": ["post", "of_a_newer_version"]}),
        Act(5, REMOVED, {"id": "B"}),
        Act(4, SET, {"id": "B", "name": "Bé", "roles": ["head"]}),
        Act(6, SET, {"id": "A", "name": 7, "roles": "head"}),
        Act(7, REMOVED, None),
        Act(8, REMOVED, {"id": "nobody"}),
        Act(9, REMOVED, {"id": "A"}),  # nobody would be left who may let anybody in
    ]
    found = fold_people(BASE, reversed(told))
    assert {k: (p.roles, p.active) for k, p in found.items()} == {
        "A": (("clerk", "head"), True),
        "B": (("head",), False),
        "C": (("post",), True),
    }
    gone = fold_people(BASE | {"revoked": ["A"]}, told)
    assert (gone["A"].active, gone["A"].revoked, gone["A"].name) == (False, True, "An")


def test_a_gateway_put_back_takes_nobodys_work_away() -> None:
    late = BASE | {"operators": [AN, BE, {"id": "C", "name": "Cúc", "roles": ["post"]}], "phone": "1"}
    found = merged(late, BASE | {"phone": "2", "revoked": ["B"]})
    assert [o["id"] for o in found["operators"]] == ["A", "B", "C"]
    assert (found["phone"], fold_people(found, [])["B"].active) == ("2", False)


def test_a_profile_of_the_first_version_leaves_somebody_who_may_let_others_in() -> None:
    old = {"operators": [{"id": "A", "name": "An", "role": "clerk"}, {"id": "B", "name": "Bé", "role": "clerk"}]}
    found = fold_people(old, [])
    assert (found["A"].roles, found["B"].roles) == (roles.FIRST, ("clerk",))


# At one counter


@pytest.fixture
def counter(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> Iterator[Counter]:
    """The only counter of its commune, and nobody else in it."""
    enrolled(tmp_path / "counter", gateway())
    with closing(open_counter(tmp_path / "counter")) as opened:
        yield opened


def test_what_a_role_does_not_allow_is_refused_before_anything_is_written(counter: Counter) -> None:
    clerk = people.add(counter, "CB001", PASSPHRASE, "  Nông  Văn Dự ", ["clerk"], OTHER)
    helper = people.add(counter, "CB001", PASSPHRASE, "Vàng A Páo", ["helper"], OTHER)
    events = counter.status()["events"]
    done = counter.receive(next(LINES), clerk, date_confirmed=True)
    for do in (
        lambda: acts.annul(counter, done.id, clerk, "gõ nhầm", "Trưởng"),
        lambda: house_rules.set_rule(counter, clerk, "nationwide", "1.004873", {"listed": True}, "QĐ 1"),
        lambda: counter.receive(next(LINES), helper),
        lambda: intake.guide(counter, next(LINES), helper, [{"name": "Ảnh thẻ", "reason": "thiếu", "basis": "QĐ 1"}]),
        lambda: people.add(counter, clerk, OTHER, "Lò Ổn", ["head"], OTHER),
    ):
        problem = refused(do)
        assert problem.code == "not_allowed" and problem.details["who"]
    assert refused(lambda: acts.shelve(counter, done.id, "CB099", "tủ")).code == "operator_unknown"
    assert counter.status()["events"] == events + 1
    number = done.code[-4:]
    assert int(counter.receive(next(LINES), clerk).code[-4:]) == int(number) + 1  # the refused one took no number
    assert counter.operator_name(clerk) == "Nông Văn Dự"
    acts.annul(counter, done.id, "CB001", "gõ nhầm", "Trưởng")


def test_people_are_let_in_changed_and_taken_out(counter: Counter) -> None:
    assert refused(lambda: people.add(counter, "CB001", "câu sai nhưng đủ dài", "Lò Ổn", ["clerk"], OTHER)).code == "wrong_pin"
    for name, held, secret, said in (
        ("  ", ["clerk"], OTHER, "name_missing"),
        ("Lò Ổn", ["king"], OTHER, "role_unknown"),
        ("Lò Ổn", [], OTHER, "role_missing"),
        ("Lò Ổn", ["clerk"], "ngắn", "secret_too_short"),
    ):
        assert refused(lambda n=name, h=held, s=secret: people.add(counter, "CB001", PASSPHRASE, n, h, s)).code == said  # type: ignore[misc]
    who = people.add(counter, "CB001", PASSPHRASE, "Lò Ổn", ["clerk", "post"], OTHER)
    assert vault.unlock(counter.data, who, OTHER) == vault.unlock(counter.data, "CB001", PASSPHRASE)
    assert refused(lambda: people.set_roles(counter, "CB001", "CB001", ["clerk"])).code == "last_head"
    assert refused(lambda: people.remove(counter, "CB001", "CB001")).code == "last_head"
    people.set_roles(counter, "CB001", who, ["head"], "Lò Văn Ổn")
    row = next(p for p in people.listed(counter) if p["id"] == who)
    assert row == {"id": who, "name": "Lò Văn Ổn", "roles": ["head"], "here": True, "locked": False, "must_change": False}
    assert vault.operators(counter.data)[1]["name"] == "Lò Văn Ổn"
    assert refused(lambda: people.remove(counter, "CB001", "CB001")).code == "own_removal"
    given = people.reset(counter, "CB001", PASSPHRASE, who)
    assert vault.unlock(counter.data, who, given) and vault.operators(counter.data)[1]["must_change"]
    assert (rows.head(counter.store).did, rows.head(counter.store).about) == ("slot_reset", who)
    people.remove(counter, "CB001", who)
    assert refused(lambda: vault.unlock(counter.data, who, given)).code == "operator_unknown"
    assert refused(lambda: counter.act("", "rule_set", who, {})).code == "operator_revoked"
    assert counter.operator_name(who) == "Lò Văn Ổn"  # what they did is still theirs


def test_a_counter_alone_too_long_opens_after_a_contact(counter: Counter) -> None:
    people.check_sign_in(counter, "CB001")
    house_rules.set_rule(counter, "CB001", "offline_days", "", 3, "QĐ 9")
    assert counter.rules.offline_days == 3
    counter.clock = lambda: vietnam_now() + timedelta(days=4)
    assert refused(lambda: people.check_sign_in(counter, "CB001")).details == {"days": 3}
    intake.guide(counter, next(LINES), "CB001", [{"name": "Ảnh thẻ", "reason": "thiếu", "basis": "QĐ 1"}])
    counter.clock = vietnam_now  # the clock is set back: what was done already stands later
    assert refused(lambda: people.check_sign_in(counter, "CB001")).code == "offline_too_long"
    counter.clock = lambda: vietnam_now() + timedelta(days=4)
    meet(counter)
    people.check_sign_in(counter, "CB001")
    assert refused(lambda: house_rules.set_rule(counter, "CB001", "offline_days", "", True, "QĐ 9")).code == "rule_malformed"


# Two counters and the gateway


@pytest.fixture
def pair(tmp_path: Path, gateway: Callable[..., GatewayProcess]) -> Iterator[tuple[Counter, Counter, GatewayProcess]]:
    process = gateway()
    enrolled(tmp_path / "one", process)
    enrolled(tmp_path / "two", process, "Nông Văn Dự", process.new_code())
    one, two = open_counter(tmp_path / "one"), open_counter(tmp_path / "two")
    yield one, two, process
    one.close()
    two.close()


def test_a_person_is_known_at_every_counter_and_leaves_every_counter(
    pair: tuple[Counter, Counter, GatewayProcess], tmp_path: Path
) -> None:
    one, two, process = pair
    assert two.roster.people["CB002"].roles == roles.ENROLLED
    assert refused(lambda: two.roster.check("CB002", "erased")).code == "not_allowed"
    who = people.add(one, "CB001", PASSPHRASE, "Lò Ổn", ["post"], OTHER)
    meet(one)  # hears of the second one's operator
    people.set_roles(one, "CB001", "CB002", ["head"])
    meet(one)
    meet(two)
    assert two.operator_name(who) == "Lò Ổn"
    two.roster.check("CB002", "erased")
    third = enrolled(tmp_path / "three", process, "Lò Ổn", process.new_code())
    assert third["operator"] == who  # the gateway has heard of the person too
    with closing(open_counter(tmp_path / "three")) as three:
        meet(three)
        assert three.roster.people[who].roles == ("post",)
    people.remove(two, "CB002", "CB001")
    meet(two)
    meet(one)
    assert [o["id"] for o in vault.operators(one.data)] == [who]
    assert refused(lambda: acts.shelve(one, "x", "CB001", "tủ")).code in ("operator_revoked", "dossier_unknown")


def test_a_revoked_counter_hears_it_signed_and_loses_nothing(pair: tuple[Counter, Counter, GatewayProcess]) -> None:
    one, two, process = pair
    done = one.receive(next(LINES), "CB001", date_confirmed=True)
    assert process.run("revoke", "--counter", one.counter_id)[0]["revoked"] == one.counter_id
    said = until_refused(one)  # a running gateway notices within a second
    assert said.code == "counter_revoked"
    assert one.status()["alerts"][0]["kind"] == "counter_revoked"
    problem = refused(lambda: one.receive(next(LINES), "CB001"))
    assert problem.code == "counter_revoked"
    assert [r["id"] for r in one.dossiers()] == [done.id]
    one.save_draft("d1", "CB001", {"x": 1})
    meet(two)  # the others go on
    process.run("revoke", "--counter", one.counter_id, "--undo")
    while one.store.meta("revoked"):
        with suppress(Problem):
            meet(one)
    one.receive(next(LINES), "CB001")


def test_a_revoked_operator_is_out_at_the_next_contact(pair: tuple[Counter, Counter, GatewayProcess]) -> None:
    one, two, process = pair
    process.run("revoke", "--operator", "CB002", "--commune", process.commune)
    while two.roster.people["CB002"].active:
        meet(two)
    assert refused(lambda: vault.unlock(two.data, "CB002", PASSPHRASE)).code == "operator_revoked"
    assert refused(lambda: two.receive(next(LINES), "CB002")).code == "operator_revoked"
    meet(one)
    assert not one.roster.people["CB002"].active
    ran = run_sync("revoke", "--data", str(process.data), "--operator", "CB099")
    assert ran.problem and ran.problem["problem"] == "operator_unknown"


def test_a_new_pc_takes_the_place_of_an_old_one(pair: tuple[Counter, Counter, GatewayProcess], tmp_path: Path) -> None:
    one, _, process = pair
    long_ago = vietnam_now() - timedelta(days=200)
    one.clock = lambda: long_ago
    closed = one.receive(next(LINES), "CB001", date_confirmed=True)
    acts.withdraw(one, closed.id, "CB001", "Người dân rút hồ sơ")
    one.clock = vietnam_now
    meet(one)
    code = process.run("enrol-code", "--replaces", one.counter_id)[0]["enrol_code"]
    meet(one)  # a code that is not used yet changes nothing
    enrolled(tmp_path / "new", process, code=code)
    with closing(open_counter(tmp_path / "new")) as new:
        meet(new)
        assert new.dossier(closed.id)["stage"] == "withdrawn"  # a new counter beside the others would leave it out
        assert new.receive(next(LINES), "CB001", date_confirmed=True).code != closed.code
    assert refused(lambda: meet(one)).code == "counter_revoked"


# The headless face


def test_the_headless_face_cares_for_people(
    tmp_path: Path, gateway: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "counter"
    enrolled(data, gateway())

    def run(*words: str, **more: str) -> Any:
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        code = main([*words, "--data", str(data)])
        said = capsys.readouterr()
        for name in more:
            monkeypatch.delenv(name)
        monkeypatch.setenv("MOTCUA_PASSPHRASE", PASSPHRASE)
        return json.loads((said.err if code else said.out).splitlines()[0])

    new = {"MOTCUA_NEW_PASSPHRASE": OTHER}
    who = run("operator-add", "--name", "Lò Ổn", "--roles", "clerk", **new)["id"]
    assert run("operator-set", "--id", who, "--roles", "post", "helper")["roles"] == ["post", "helper"]
    given = run("operator-reset", "--id", who)["temporary"]
    mine = {"MOTCUA_PASSPHRASE": given}
    assert run("operators", "--operator", who, **mine)["problem"] == "secret_temporary"
    assert run("change-pin", "--operator", who, **mine, **new) == {"changed": who}
    assert run("recovery-code", "--operator", who, MOTCUA_PASSPHRASE=OTHER)["problem"] == "not_allowed"
    code = run("recovery-code")["recovery_code"]
    done = run("recover", "--operator", who, MOTCUA_RECOVERY=code, MOTCUA_NEW_PASSPHRASE=PASSPHRASE)
    assert done["recovered"] == who and done["recovery_code"] != code
    box = str(tmp_path / "box.zip")
    run("backup", "--to", box)
    data = tmp_path / "new"
    assert run("restore", "--from", box, "--operator", who)["problem"] == "not_allowed"
    paper = {"MOTCUA_RECOVERY": done["recovery_code"], "MOTCUA_NEW_PASSPHRASE": OTHER}
    restored = run("restore", "--from", box, **paper)
    assert restored["events"] and restored["recovery_code"] != done["recovery_code"]
    assert vault.unlock(data, "CB001", OTHER)
    data = tmp_path / "counter"
    assert run("operator-remove", "--id", who) == {"removed": who}
    assert run("operators")["id"] == "CB001"
