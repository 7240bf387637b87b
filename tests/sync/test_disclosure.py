"""A person's own data, and a data incident: what is in the box, what is not, and that the audit knew of it first."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import audit, disclosure, incident
from sync.counter import Counter, vietnam_now
from sync.scans import attach_bytes
from sync.store import audit as rows
from sync.store import log
from tests.conftest import GatewayProcess, enrolled, open_counter, run_sync
from tests.sync.scan_samples import pdf

CATALOGUE = Catalogue.load()
MOTHER, CHILD_OF = "001190012345", "1.001193"


class Clock:
    """A Friday morning."""

    def __init__(self) -> None:
        self.now = datetime(2026, 12, 4, 10, 0, tzinfo=VIETNAM)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def counter(tmp_path: Path, hub: GatewayProcess) -> Iterator[Counter]:
    enrolled(tmp_path / "c", hub, code=hub.new_code())
    one = open_counter(tmp_path / "c", Clock())
    yield one
    one.close()


def receive(counter: Counter, code: str, seed: int, **applicant: Any) -> str:
    line = next(examples(CATALOGUE, code, None, 1, seed))
    who = line["applicant"] | applicant
    return counter.receive(
        line | {"id": f"{counter.counter_id}-{seed}", "applicant": who}, "CB001", allow_incomplete=True, date_confirmed=True
    ).id


def inside(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as box:
        assert box.testzip() is None
        return {name: box.read(name) for name in box.namelist()}


def test_one_persons_data_with_scans_and_who_saw_them(counter: Counter, tmp_path: Path) -> None:
    one = receive(counter, "2.000815", 1, personal_id=MOTHER, full_name="Nguyễn Thị Thử")
    receive(counter, "2.000815", 2, personal_id="001085000999", full_name="Người Dưng Lạ")
    data = pdf(2)
    attach_bytes(counter, one, counter.dossier(one)["papers"][0]["code"], data, "CB001")
    audit.note(counter, "CB001", "viewed", one)
    counter.log_print(one, "receipt", "CB001")
    out = tmp_path / "out.zip"
    said = disclosure.export_person(counter, "CB001", " 001190 012345 ", out)
    parts = inside(out)
    code = counter.dossier(one)["code"]
    assert (said["dossiers"], said["mentions"], said["scans"]) == (1, 0, 1)
    assert json.loads(parts[f"ho-so/{code}/ho-so.json"])["applicant"]["personal_id"] == MOTHER
    assert data in parts.values()
    assert not any("Người Dưng" in p.decode("utf-8", "replace") for p in parts.values())
    with zipfile.ZipFile(io.BytesIO(parts["ai-da-xem.xlsx"])) as book:
        texts = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
    assert {"Tiếp nhận", "Thêm bản chụp", "Xem hồ sơ", "In giấy", "Xuất dữ liệu cá nhân"} <= set(texts)
    assert MOTHER not in " ".join(parts), "no number in a file's name"
    assert [r.did for r in rows.of_dossier(counter.store, one)][-1] == "exported_person"


def test_of_another_persons_dossier_only_the_part_about_the_asker(counter: Counter, tmp_path: Path) -> None:
    line = next(examples(CATALOGUE, CHILD_OF, None, 1, 3))
    answers = line["answers"] | {"mother": {"full_name": "Nguyễn Thị Thử", "personal_id": MOTHER}}
    who = {"full_name": "Ông Ngoại Nộp", "personal_id": "001060000111"}
    counter.receive(line | {"answers": answers, "applicant": who}, "CB001", allow_incomplete=True, date_confirmed=True)
    said = disclosure.export_person(counter, "CB001", MOTHER, tmp_path / "out.zip")
    parts = inside(tmp_path / "out.zip")
    assert (said["dossiers"], said["mentions"]) == (0, 1)
    [name] = [n for n in parts if n.startswith("ho-so/")]
    assert json.loads(parts[name])["parts"] == [answers["mother"]]
    assert not any(b"Ngo\xe1\xba\xa1i N" in p for p in parts.values())


def test_a_request_is_due_in_two_working_days_and_answered_by_the_export(counter: Counter, tmp_path: Path) -> None:
    receive(counter, "2.000815", 1, personal_id=MOTHER)
    said = disclosure.ask(counter, "CB001", MOTHER)
    assert said["due"].startswith("2026-12-08"), "Friday: Monday and Tuesday"
    [task] = [t for t in counter.tasks() if t["kind"] == "person_data_asked"]
    assert task["details"] == said
    acts = log.read(counter.store, counter.counter_id, counter.epoch)
    assert MOTHER not in json.dumps([e.body for e in acts if not e.dossier]), "the number does not travel"
    assert MOTHER not in json.dumps(counter.status())
    disclosure.export_person(counter, "CB001", MOTHER, tmp_path / "out.zip")
    assert disclosure.requests(counter) == []
    assert counter.store.meta("person_requests") == {}
    last = log.read(counter.store, counter.counter_id, counter.epoch)[-1]
    assert (last.name, last.body and last.body["requests"]) == ("person_data_given", [said["request"]])


def test_a_person_nobody_knows_and_a_place_that_cannot_be_written(counter: Counter, tmp_path: Path) -> None:
    receive(counter, "2.000815", 1, personal_id=MOTHER)
    with pytest.raises(Problem, match="person_unknown"):
        disclosure.export_person(counter, "CB001", "079099000000", tmp_path / "out.zip")
    (tmp_path / "file").write_text("")
    with pytest.raises(Problem, match="file_unwritable"):
        disclosure.export_person(counter, "CB001", MOTHER, tmp_path / "file" / "out.zip")
    assert list(tmp_path.glob("*.zip*")) + list(tmp_path.glob(".*.zip*")) == []


def test_an_incident_names_no_resident_unless_bodies_are_asked_for(counter: Counter, tmp_path: Path) -> None:
    one = receive(counter, "2.000815", 1, personal_id=MOTHER, full_name="Nguyễn Thị Thử")
    receive(counter, "2.000815", 2, personal_id=MOTHER)
    audit.note(counter, "CB001", "viewed", one)
    said = incident.note(counter, "CB001")
    now = counter.clock()
    assert said["due"] == (now + timedelta(hours=72)).isoformat()
    span = (now - timedelta(days=1), now + timedelta(days=1))
    told = incident.export_incident(counter, "CB001", *span, tmp_path / "a.zip")
    assert (told["dossiers"], told["persons"], told["whole"]) == (2, 1, True)
    parts = inside(tmp_path / "a.zip")
    everything = b"".join(parts.values()).decode()
    assert MOTHER not in everything and "Nguyễn Thị Thử" not in everything
    assert json.loads(parts["tong-hop.json"])["counter"] == counter.counter_id
    assert json.loads(parts["kiem-tra.json"])["ok"]
    acts = [json.loads(line) for line in parts["viec.jsonl"].splitlines()]
    assert len(acts) == told["acts"] and "body" not in acts[0] and acts[0]["hash"]
    assert "incident_noted" not in [t["kind"] for t in counter.tasks()]
    incident.export_incident(counter, "CB001", *span, tmp_path / "b.zip", with_bodies=True)
    assert MOTHER.encode() in inside(tmp_path / "b.zip")["viec.jsonl"]
    assert rows.head(counter.store).did == "exported_incident"
    with pytest.raises(Problem, match="period_reversed"):
        incident.export_incident(counter, "CB001", span[1], span[0], tmp_path / "c.zip")


def test_only_some_roles_may_take_data_out(counter: Counter, tmp_path: Path) -> None:
    with counter.store.write():
        counter.act("", "operator_set", "CB001", {"id": "CB077", "name": "Lò Thị Mới", "roles": ["clerk"]})
    now = vietnam_now()
    with pytest.raises(Problem, match="not_allowed"):
        disclosure.export_person(counter, "CB077", MOTHER, tmp_path / "a.zip")
    with pytest.raises(Problem, match="not_allowed"):
        incident.export_incident(counter, "CB077", now, now, tmp_path / "a.zip")


def test_the_headless_face(counter: Counter, tmp_path: Path) -> None:
    receive(counter, "2.000815", 1, personal_id=MOTHER)
    data = ("--data", str(tmp_path / "c"))
    asked = run_sync("ask-person-data", *data, "--number", MOTHER, check=True).lines[0]
    assert set(asked) == {"request", "due"}
    box = str(tmp_path / "a.zip")
    assert run_sync("export-person", *data, "--number", MOTHER, "--out", box, check=True).lines[0]["dossiers"] == 1
    box = str(tmp_path / "b.zip")
    span = ("--from", "2026-12-01T00:00", "--to", "2026-12-31T00:00")
    assert run_sync("export-incident", *data, *span, "--out", box, check=True).lines[0]["whole"]
    assert "person_data_asked" not in {t["kind"] for t in counter.tasks()}
