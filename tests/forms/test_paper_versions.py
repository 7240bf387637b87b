"""Dated paper data, a province's own papers, and what fails."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from forms.numbering import dossier_code, pattern_on
from forms.paper_data import event_moment
from forms.papers import names_of_papers
from forms.problem import Problem
from forms.working_days import VIETNAM
from tests.forms.test_papers import AT, EVENTS, HYBRID, PROFILE, SAYS, codes_in, dossier_of, event, paper, whole_text


def own(folder: Path, **entry: Any) -> tuple[Path, ...]:
    """A folder with a ``papers.json`` of one entry."""
    folder.mkdir(exist_ok=True)
    (folder / "papers.json").write_text(json.dumps({"papers": [entry]}), encoding="utf-8")
    return (folder,)


def test_a_later_version_takes_over_from_its_day(tmp_path: Path) -> None:
    changed = {"title": "GIẤY HẸN MỚI", "title_lines": ["GIẤY HẸN MỚI"], "form": "Mẫu số 1a", "qr": ["code", "paper"]}
    later = own(
        tmp_path / "later", name="receipt", valid_from="2026-11-24", words={"note": "Mẫu số 1a", "right": "NGƯỜI NHẬN"}, **changed
    )
    before, after = dossier_of(), dossier_of(received_at="2026-11-24T08:00:00+07:00")
    assert "GIẤY TIẾP NHẬN HỒ SƠ" in whole_text(paper("receipt", before, folders=later))
    pdf = paper("receipt", after, folders=later)
    assert "GIẤY HẸN MỚI" in whole_text(pdf)
    assert "NGƯỜI NHẬN" in whole_text(pdf)
    assert "Thành phần hồ sơ nộp gồm" in whole_text(pdf)  # what the new entry does not say stays
    assert codes_in(pdf) == ["H38.27.09-261123-2014|Mẫu số 1a"]
    assert names_of_papers(later)["receipt"] == "GIẤY HẸN MỚI"


def test_an_event_paper_is_of_the_version_of_its_event(tmp_path: Path) -> None:
    later = own(tmp_path / "later", name="stop", valid_from="2026-11-24", title="THÔNG BÁO KHÁC")
    assert "THÔNG BÁO KHÁC" in whole_text(paper("stop", folders=later))
    assert "THÔNG BÁO DỪNG" in whole_text(paper("stop", folders=later, event=event("stop", at="2026-11-23T23:59:00+07:00")))


def test_a_province_lays_its_own_template_over_the_shipped_one(tmp_path: Path) -> None:
    own_words = '#import "shared.typ": *\n#show: paper\n#header\n#title(code)\nMẫu của tỉnh: #f.owner'
    (tmp_path / "refusal.typ").write_text(own_words, encoding="utf-8")
    assert "Mẫu của tỉnh: Giàng Văn Ẩn" in whole_text(paper("refusal", folders=(tmp_path,)))
    assert "Mẫu của tỉnh" not in whole_text(paper("refusal"))


def test_a_broken_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "stop.typ").write_text('#import "shared.typ": *\n#show: paper\n#nothing_such', encoding="utf-8")
    with pytest.raises(Problem) as caught:
        paper("stop", folders=(tmp_path,))
    assert caught.value.code == "paper_failed"
    assert caught.value.details["template"] == "stop.typ"
    with pytest.raises(Problem, match="paper_failed"):
        paper("slip", folders=own(tmp_path / "gone", name="slip", valid_from="2025-09-15", template="gone.typ"))


def test_a_template_with_a_font_that_is_not_there_fails(tmp_path: Path) -> None:
    (tmp_path / "stop.typ").write_text('#import "shared.typ": *\n#show: paper\n#text(font: "Arial")[a]', encoding="utf-8")
    with pytest.raises(Problem, match="paper_failed"):
        paper("stop", folders=(tmp_path,))


def test_a_province_changes_one_wording_and_keeps_the_rest(tmp_path: Path) -> None:
    folders = own(tmp_path, name="receipt", valid_from="2025-09-15", words={"payment": {"unpaid": "nộp sau khi có kết quả"}})
    text = whole_text(paper("receipt", dossier_of(payment={"state": "unpaid"}), folders=folders))
    assert "nộp sau khi có kết quả" in text
    assert "đã thu tiền mặt" in whole_text(paper("receipt", dossier_of(payment={"state": "cash"}), folders=folders))
    with pytest.raises(Problem, match="pack_damaged"):
        paper("receipt", folders=own(tmp_path / "b", name="receipt", valid_from="2025-09-15", words={"payment": "chưa"}))
    with pytest.raises(Problem, match="pack_damaged"):
        names_of_papers(own(tmp_path / "c", name="letter", valid_from="2025-09-15", template="stop.typ", title="THƯ"))


@pytest.mark.parametrize("text", ['{"papers": [{}]}', "[]", "{", '{"papers": [{"name": "stop", "valid_from": "mai"}]}'])
def test_damaged_paper_data_is_a_problem(tmp_path: Path, text: str) -> None:
    (tmp_path / "papers.json").write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match="pack_damaged"):
        paper("stop", folders=(tmp_path,))


@pytest.mark.parametrize("name", list(SAYS))
def test_an_emoji_in_a_name_fails_and_is_not_repeated_in_the_problem(name: str) -> None:
    dossier = dossier_of()
    dossier["applicant"]["full_name"] = "Lò Văn Ổn \U0001f600"
    with pytest.raises(Problem, match="paper_failed") as caught:
        paper(name, dossier, event=event(name, receiver="\U0001f600") if name in EVENTS else None)
    assert "\U0001f600" not in str(caught.value)


def test_two_megabytes_of_text_fail_at_once() -> None:
    dossier = dossier_of()
    dossier["applicant"]["address"] = "Ẩ" * 2_000_000
    with pytest.raises(Problem, match="paper_failed"):
        paper("receipt", dossier)


@pytest.mark.parametrize("name", [*SAYS, "declaration"])
def test_a_word_without_end_and_a_long_commune_stay_on_the_page(name: str) -> None:
    dossier = dossier_of(competent={"unit": "1", "name": "Y" * 80})
    dossier["applicant"] |= {"full_name": "Công Tằng Tôn Nữ " * 4, "address": "X" * 300, "email": "x" * 90 + "@example.invalid"}
    long = PROFILE | {"name": "phường Nam Nha Trang Phan Rang Tháp Chàm", "centre": "Trung tâm Phục vụ hành chính công " * 3}
    for page in pypdfium2.PdfDocument(paper(name, dossier, long)):
        text, right = page.get_textpage(), page.get_size()[0]
        boxes = [text.get_charbox(i) for i in range(text.count_chars())]
        assert max(box[2] for box in boxes) < right - 10


def test_decomposed_text_prints_as_it_reads() -> None:
    dossier = dossier_of()
    dossier["applicant"]["full_name"] = "Gia\u0300ng Va\u0306n A\u0302\u0309n"
    assert "GIÀNG VĂN ẨN" in whole_text(paper("receipt", dossier))


def test_a_hybrid_time_is_read_where_a_body_has_none() -> None:
    moment = datetime(2026, 11, 24, 10, 5, tzinfo=VIETNAM)
    assert event_moment({"at": HYBRID, "body": {}}) == moment
    assert event_moment({"at": AT, "body": None}) == moment


def test_the_code_pattern_is_dated_data(tmp_path: Path) -> None:
    assert dossier_code("H38.27.09", date(2026, 11, 23), 14) == "H38.27.09-261123-0014"
    file = tmp_path / "codes.json"
    old = {"valid_from": "2018-01-01", "pattern": "{unit}-{day:%y%m%d}-{number:04d}", "width": 4}
    new = {"valid_from": "2027-01-01", "pattern": "{unit}-{day:%Y%m%d}-{number:07d}", "width": 7}
    file.write_text(json.dumps({"patterns": [new, old]}), encoding="utf-8")
    assert pattern_on(date(2026, 12, 31), file).width == 4
    assert pattern_on(date(2027, 1, 1), file).pattern == new["pattern"]
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"patterns": [old | {"pattern": "{unit}-{nothing}"}]}), encoding="utf-8")
    with pytest.raises(Problem, match="pack_damaged"):
        pattern_on(date(2026, 1, 1), bad)
