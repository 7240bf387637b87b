"""A number that is issued after a reception under a temporary one: who is asked to print a new receipt, and until when."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from sync import acts, copying, paperwork
from sync.counter import Counter
from sync.store.journal import TO_PRINT_ANEW
from tests.conftest import open_counter
from tests.desktop.test_copy_lane import hear

CATALOGUE = Catalogue.load()
NUMBER = "G01.20-20261128-0000417"


@pytest.fixture
def counter(data: Path) -> Iterator[Counter]:
    opened = open_counter(data)
    yield opened
    opened.close()


def received(counter: Counter, code: str = "1.004873") -> str:
    line = next(examples(CATALOGUE, code, None, 1, 5)) | {"id": str(uuid.uuid4())}
    return counter.receive(line, "CB001", date_confirmed=True).id


def numbered(counter: Counter, dossier: str, number: str = NUMBER) -> None:
    hear(counter, "accepted", {"system": "ministry", "official_code": number}, dossier)


def asked(counter: Counter) -> list[dict[str, Any]]:
    return [t for t in counter.tasks() if t["kind"] == "numbered"]


def test_the_task_lasts_until_a_receipt_with_the_number_was_printed(counter: Counter) -> None:
    one = received(counter)
    before = paperwork.draw(counter, one)
    assert asked(counter) == []
    numbered(counter, one)
    [task] = asked(counter)
    told = {k: task["details"][k] for k in ("number", "code", "system_name")}
    assert told == {"number": NUMBER, "code": counter.dossier(one)["code"], "system_name": "Hệ thống một cửa của bộ, ngành"}
    counter.log_print(one, before.key, "CB001")  # it was drawn before the number had come
    assert len(asked(counter)) == 1
    after = paperwork.draw(counter, one)
    counter.log_print(one, after.key, "CB001")
    assert (before.key, after.key) == ("receipt", f"receipt@{task['details']['act']}")
    assert asked(counter) == []
    numbered(counter, one)  # the same number once more, after a correction
    assert asked(counter) == []
    assert [r["id"] for r in counter.dossiers(NUMBER)] == [r["id"] for r in counter.dossiers(task["details"]["code"])] == [one]


def test_it_is_done_when_a_clerk_says_so_and_comes_again_with_another_number(counter: Counter) -> None:
    one = received(counter)
    numbered(counter, one)
    paperwork.told_number(counter, one, "CB001")
    assert asked(counter) == []
    numbered(counter, one, "G01.20-20261128-0000999")
    assert [t["details"]["number"] for t in asked(counter)] == ["G01.20-20261128-0000999"]


@pytest.mark.parametrize("end", ["withdrawn", "returned"])
def test_nobody_is_asked_about_what_has_ended(counter: Counter, end: str) -> None:
    one = received(counter)
    numbered(counter, one)
    if end == "withdrawn":
        acts.withdraw(counter, one, "CB001", "Theo nguyện vọng của gia đình")
    else:
        acts.finish(counter, one, "CB001", [{"name": "Giấy xác nhận", "number": "5/2026", "about": ""}])
        assert len(asked(counter)) == 1, "the result waits, the old paper is still out there"
        owner = counter.dossier(one)["applicant"]
        acts.hand_over(
            counter, one, "CB001", {"receiver": {k: owner.get(k) for k in ("full_name", "personal_id")}, "signed": True}
        )
    assert asked(counter) == []


def test_only_numbers_issued_elsewhere_for_dossiers_of_this_counter(counter: Counter) -> None:
    ours = received(counter, "2.000635")
    numbered(counter, ours)
    assert paperwork.draw(counter, ours).key == "receipt"
    hear(counter, "filed", {"code": "G01-261128-0001", "procedure": {"code": "1.004873", "code_source": "issued"}}, "elsewhere")
    numbered(counter, "elsewhere")
    assert asked(counter) == []


def test_a_number_that_a_clerk_brings_from_another_system_counts_too(counter: Counter) -> None:
    one = received(counter)
    systems = {"bo": {"name": "Hệ thống của bộ", "kind": "by_hand"}}
    row = {"procedure": "*", "version": "", "from": "2025-07-01", "system": "bo"}
    hear(counter, "routes_set", {"systems": systems, "routes": [row]})  # nobody but a clerk brings it there
    copying.enter(counter, one, "CB001", NUMBER)
    assert [(t["dossier"], t["details"]["number"]) for t in asked(counter)] == [(one, NUMBER)]


def test_the_question_reads_only_rows_that_bear_such_a_number(counter: Counter) -> None:
    plan = [str(r[-1]) for r in counter.store.rows(f"EXPLAIN QUERY PLAN SELECT id FROM dossiers WHERE {TO_PRINT_ANEW}", "K")]
    assert any("dossiers_numbered" in step for step in plan), plan
    assert not any("SCAN" in step for step in plan), plan
