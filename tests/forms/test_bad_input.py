"""What should not come, comes: each is a clear Problem or a finding, never a crash, never a hole on paper."""

import json
import shutil
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.definition import read_definition
from forms.example import examples
from forms.line import check_shape, normal
from forms.pack import load
from forms.papers import names_of_papers
from forms.problem import Problem
from forms.sample import paper
from forms.validation import check
from resources import path_of
from tests.conftest import run_sync

CATALOGUE = Catalogue.load()
TODAY = date(2026, 11, 23)


def line(**applicant: Any) -> dict[str, Any]:
    found = next(examples(CATALOGUE, "1.001193", None, 1, 4))
    return found | {"applicant": found["applicant"] | applicant}


def found(one: dict[str, Any]) -> list[tuple[str, str]]:
    procedure = CATALOGUE.procedure("1.001193")
    assert procedure
    return [(".".join(f.path), f.code) for f in check(procedure, CATALOGUE.definition(procedure), one, TODAY)]


def test_an_emoji_is_named_where_it_was_typed() -> None:
    assert found(line(full_name="Lò Văn Ổn 😀")) == [("applicant.full_name", "unprintable")]
    one = line()
    one["answers"]["child_name"] = "Lò 你好"
    one["answers"]["mother"]["full_name"] = "Lý ☃"
    assert found(one) == [("answers.child_name", "unprintable"), ("answers.mother.full_name", "unprintable")]


def test_a_field_of_two_megabytes_is_too_long() -> None:
    huge = "Ẩ" * 700_000
    assert found(line(full_name=huge)) == [("applicant.full_name", "too_long")]
    one = line()
    one["answers"]["child_home_town"] = {"text": huge}
    one["answers"]["marriage_number"] = huge
    assert found(one) == [("answers.child_home_town", "too_long"), ("answers.marriage_number", "too_long")]
    with pytest.raises(Problem, match="paper_failed"):
        paper("receipt", line(full_name=huge), CATALOGUE)


def test_decomposed_text_is_the_same_text() -> None:
    one = line(full_name="Đặng Thị Ẩn")
    apart = json.loads(unicodedata.normalize("NFD", json.dumps(one, ensure_ascii=False)))
    assert apart != one
    assert normal(apart) == one
    assert found(normal(apart)) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case": ["x"]}, "case"),
        ({"channel": 1}, "channel"),
        ({"exemption": "nghèo"}, "exemption"),
        ({"payment": {"method": 5}}, "payment"),
        ({"competent": []}, "competent"),
        ({"applicant": {"address": {"unit": "00001"}}}, "applicant.address"),
        ({"applicant": {"no_id_reason": 7}}, "applicant.no_id_reason"),
    ],
)
def test_a_line_of_another_shape_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as caught:
        check_shape(line() | change)
    assert caught.value.details == {"field": field}


def broken_catalogue(tmp_path: Path, file: str, **changes: Any) -> Problem:
    for room in ("procedures", "forms"):
        shutil.copytree(path_of(room), tmp_path / room, dirs_exist_ok=True)
    path = tmp_path / file
    path.write_text(json.dumps(load(path) | changes), "utf-8")
    with pytest.raises(Problem) as caught:
        Catalogue.load(tmp_path)
    return caught.value


@pytest.mark.parametrize("format_", [1, 3, None, "2"])
@pytest.mark.parametrize("file", ["procedures/1.001193.json", "forms/birth.json"])
def test_a_pack_of_another_version_is_named(tmp_path: Path, file: str, format_: Any) -> None:
    problem = broken_catalogue(tmp_path, file, format=format_)
    assert problem.code == "pack_version_unknown"
    assert problem.details["file"] == Path(file).name


def test_a_form_whose_conditions_go_in_a_circle_is_named(tmp_path: Path) -> None:
    properties = load(path_of("forms", "marital.json"))["properties"]
    properties["purpose"]["x-shown"] = {"answer": "evidence", "known": True}
    properties["evidence"]["x-shown"] = {"answer": "purpose", "known": True}
    problem = broken_catalogue(tmp_path, "forms/marital.json", properties=properties)
    assert problem.code == "conditions_cycle"
    assert problem.details["file"] == "marital.json"


def test_an_unknown_kind_or_list_is_a_damaged_form() -> None:
    raw = load(path_of("forms", "certified_copy.json"))
    for change in ({"x-kind": "hologram"}, {"x-kind": "choice", "x-list": "no such"}):
        raw["properties"]["issued_by"] = {"title": "x"} | change
        with pytest.raises((ValueError, KeyError)):
            read_definition(raw, load(path_of("forms", "lists.json")))


def test_a_template_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "papers.json").write_text('{"papers": []}', "utf-8")
    (tmp_path / "receipt.typ").write_text("#panic(1)", "utf-8")
    with pytest.raises(Problem) as caught:
        paper("receipt", line(), CATALOGUE, (tmp_path,))
    assert (caught.value.code, caught.value.details["template"]) == ("paper_failed", "receipt.typ")


@pytest.mark.parametrize("name", sorted(names_of_papers()))
def test_every_paper_of_a_line_can_be_tried_by_those_who_write_templates(name: str) -> None:
    pdf, pages = paper(name, line(), CATALOGUE)
    assert pdf.startswith(b"%PDF-") and pages >= 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["paper", "receipt", "--dossier", "{file}", "--out", "{out}"], "line_malformed"),
        (["paper", "no_such", "--dossier", "{file}", "--out", "{out}"], "paper_unknown"),
        (["paper", "receipt", "--dossier", "missing.json", "--out", "{out}"], "file_unreadable"),
        (["import", "{file}"], "import_unreadable"),
        (["words", "--", "-5"], "amount_out_of_range"),
        (["return-date", "--procedure", "1.000894", "--received", "2026-11-23"], "time_limit_unknown"),
        (["return-date", "--procedure", "1.001193", "--received", "hôm qua"], "moment_malformed"),
        (["fee", "--procedure", "1.001193", "--case", "no"], "case_unknown"),
        (["vietqr", "--bank", "1", "--account", "1", "--amount", "1", "--memo", "x"], "vietqr_malformed"),
    ],
)
def test_the_headless_face_says_what_is_wrong(tmp_path: Path, arguments: list[str], problem: str) -> None:
    (tmp_path / "file.json").write_text('"chỉ là chữ"', "utf-8")
    filled = [a.format(file=tmp_path / "file.json", out=tmp_path / "x.pdf") for a in arguments]
    ran = run_sync(*filled, module="forms")
    assert ran.code == 1 and ran.problem
    assert ran.problem["problem"] == problem
