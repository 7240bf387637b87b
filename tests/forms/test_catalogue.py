import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from forms.catalogue import Catalogue
from forms.example import examples
from forms.fees import certified_copy, compute
from forms.problem import Problem
from forms.validation import check
from resources import path_of

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)
CODES = [p.code for p in CATALOGUE.procedures]


@pytest.mark.parametrize("code", CODES)
def test_generated_dossiers_of_every_case_are_valid(code: str) -> None:
    procedure = CATALOGUE.procedure(code)
    assert procedure
    for case in procedure.cases:
        for line in examples(CATALOGUE, code, case.id, 8, 7):
            assert check(procedure, CATALOGUE.definition(procedure), line, TODAY) == []


@pytest.mark.parametrize("code", CODES)
def test_what_is_not_sourced_is_marked(code: str) -> None:
    procedure = CATALOGUE.procedure(code)
    assert procedure and procedure.to_confirm and procedure.decision


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("giay doc than", "1.004873"),
        ("KHAI SINH", "1.001193"),
        ("2.000815", "2.000815"),
        ("sao y", "2.000815"),
        ("trích lục", "2.000635"),
    ],
)
def test_found_by_what_people_say(said: str, code: str) -> None:
    assert CATALOGUE.search(said)[0].code == code


def findings(code: str, **changes: object) -> list[tuple[str, str]]:
    procedure = CATALOGUE.procedure(code)
    assert procedure
    line = next(examples(CATALOGUE, code, None, 1, 1)) | changes
    return [(".".join(f.path), f.code) for f in check(procedure, CATALOGUE.definition(procedure), line, TODAY)]


def test_what_is_missing_is_named_where_it_is_missing() -> None:
    assert ("applicant.full_name", "missing") in findings("1.001193", applicant={"address": "x"})
    assert ("applicant.personal_id", "missing") in findings("1.001193", applicant={"full_name": "Lò Ổn"})
    assert ("answers.mother", "missing") in findings("1.001193", answers={})
    assert ("papers.GCS", "missing") in findings("1.001193", papers=[{"code": "TK", "originals": 1}])
    assert findings("1.001193", case="khong_co") == [("case", "not_in_list")]


def test_nothing_outside_the_published_list_may_be_taken() -> None:
    papers = [{"code": "TK", "originals": 1}, {"code": "GCS", "originals": 1}, {"code": "SHK", "copies": 1}]
    assert findings("1.001193", papers=papers) == [("papers.SHK", "unknown")]


def test_an_abandoned_child_needs_no_mother() -> None:
    line = next(examples(CATALOGUE, "1.001193", "tre_bi_bo_roi", 1, 1))
    answers = {k: v for k, v in line["answers"].items() if k != "mother"}
    assert findings("1.001193", case="tre_bi_bo_roi", papers=line["papers"], answers=answers) == []


def test_dates_must_be_real_and_past() -> None:
    line = next(examples(CATALOGUE, "1.001193", None, 1, 1))
    for text, code in (("2026-02-30", "malformed"), ("2026", "malformed"), ("2027-01-01", "in_future")):
        assert ("answers.child_birth_date", code) in findings("1.001193", answers=line["answers"] | {"child_birth_date": text})


def test_fees_follow_the_circulars() -> None:
    assert [certified_copy(p, 1) for p in (1, 2, 3, 10, 500)] == [2000, 4000, 5000, 12000, 200000]
    extract = CATALOGUE.procedure("2.000635")
    assert extract and compute(extract, {"answers": {"copies": 2}}, TODAY).total == 16000
    assert compute(extract, {"answers": {}}, TODAY).total is None, "no quantity yet is not free of charge"


def test_a_fee_that_only_the_province_knows_stays_unknown() -> None:
    birth, marital = CATALOGUE.procedure("1.001193"), CATALOGUE.procedure("1.004873")
    assert birth and marital
    assert compute(marital, {}, TODAY).total is None
    assert compute(birth, {"answers": {"child_birth_date": "2026-11-01"}}, TODAY).total == 0
    assert compute(birth, {"answers": {"child_birth_date": "2026-01-01"}}, TODAY).total is None


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 2, "code": "1.001193"}', "\udcff", '{"format": 2, "code": Infinity}'])
def test_a_damaged_pack_is_named(tmp_path: Path, damage: str) -> None:
    shutil.copytree(path_of("procedures"), tmp_path / "procedures")
    shutil.copytree(path_of("forms"), tmp_path / "forms")
    (tmp_path / "procedures" / "1.001193.json").write_bytes(damage.encode(errors="surrogateescape"))
    with pytest.raises(Problem) as caught:
        Catalogue.load(tmp_path)
    assert caught.value.code == "pack_damaged"
    assert caught.value.details["file"] == "1.001193.json"


def test_a_layout_that_forgets_a_field_is_a_damaged_pack(tmp_path: Path) -> None:
    shutil.copytree(path_of("procedures"), tmp_path / "procedures")
    shutil.copytree(path_of("forms"), tmp_path / "forms")
    file = tmp_path / "forms" / "birth.json"
    pack = json.loads(file.read_text("utf-8"))
    pack["layout"][0]["rows"].pop()
    file.write_text(json.dumps(pack), "utf-8")
    with pytest.raises(Problem, match="pack_damaged"):
        Catalogue.load(tmp_path)


PRIORITY = "2.000815 1.001193 1.000894 1.000656 2.000635 1.004873 2.000884 1.004194 1.004222 1.001612 1.001776 1.014027 1.001699"
FORMS = {
    "F1": "birth",
    "F2": "birth_again",
    "F3": "marriage",
    "F4": "death",
    "F5": "extract",
    "F6": "marital",
    "F7": "residence",
    "F8": "lodging",
    "F9": "business",
    "F10": "social_aid",
    "F11": "civil_change",
    "F12": "guardianship_end",
}


def test_the_catalogue_is_as_wide_as_a_commune_needs() -> None:
    ordinary = [p for p in CATALOGUE.procedures if not p.members]
    assert len(ordinary) >= 40
    assert set(PRIORITY.split()) <= {p.code for p in ordinary}
    assert set(FORMS.values()) <= {d.id for d in CATALOGUE.definitions}
    assert set(FORMS.values()) <= {p.form for p in ordinary}
    kinds = {spec["x-kind"] for d in CATALOGUE.definitions for spec in d.properties.values()}
    assert kinds >= {"text", "name", "number", "money", "choice", "yes_no", "date", "partial_date", "time", "personal_number"}
    assert kinds >= {"phone", "address", "table", "long_text", "person"}


def test_nothing_open_hides_behind_a_figure() -> None:
    """An open limit gives no date, an open fee no amount, and both are said among the doubts."""
    for one in CATALOGUE.procedures:
        about = {d.about for d in one.doubts}
        for channel in one.channels:
            assert channel.time is not None or "time" in about, one.code
            assert not any(f.kind in ("local", "unstated") for f in channel.fees) or "fee" in about, one.code


def test_the_lists_hold_54_peoples_once() -> None:
    lists = json.loads(path_of("forms", "lists.json").read_text("utf-8"))["lists"]
    assert len(lists["ethnic_groups"]) == len(set(lists["ethnic_groups"])) == 54
    for name, entries in lists.items():
        assert len(entries) == len(set(entries)), name


def test_an_imported_record_never_hides_what_somebody_has_read(tmp_path: Path) -> None:
    (tmp_path / "procedures").mkdir()
    pack = json.loads((path_of("procedures") / "1.004873.json").read_text("utf-8"))
    for name, version in (("same", pack["version"]), ("other", "2/QĐ-KHAC")):
        imported = pack | {"version": version, "review": "imported", "short_name": f"Nhập từ Cổng, {name}"}
        (tmp_path / "procedures" / f"{name}.json").write_text(json.dumps(imported), "utf-8")
    both = Catalogue.load(path_of(), tmp_path)
    assert both.procedure("1.004873") == CATALOGUE.procedure("1.004873")
    other = both.procedure("1.004873", "2/QĐ-KHAC")
    assert other and other.short_name == "Nhập từ Cổng, other"
