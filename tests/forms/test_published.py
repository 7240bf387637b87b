"""What the portal has published, over what somebody has read: which version is in force, and what is said of the other."""

from datetime import date
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.handbook import guide
from forms.published import Version, standing
from tests.forms.portal_samples import channel, portal, time

PACKS = Catalogue.load()
READ = "1.004873"
TODAY = date(2026, 11, 28)


def said(code: str = "9.000001", version: str = "1/QĐ-THU", day: str = "2026-11-01", **more: Any) -> Version:
    return Version(
        {"code": code, "version": version, "valid_from": day, "record": portal(MaTTHC=code, QUYETDINH=version, **more)}
    )


def over(*acts: Any) -> Catalogue:
    return PACKS.with_published(*standing(acts))


def test_a_procedure_only_known_from_records_is_received_under_its_newest() -> None:
    later = said(version="1/QĐ-THU · ab12", day="2026-11-20", CACHTHUCTHUCHIEN=[channel("1", time("9", "Ngày làm việc"))])
    catalogue = over(said(), later)
    newest = catalogue.procedure("9.000001")
    assert newest and newest.version == "1/QĐ-THU · ab12" and newest.review == "imported"
    limit = newest.channels[0].time
    assert limit and limit.amount == 9
    before = catalogue.procedure("9.000001", on=date(2026, 11, 10))
    assert before == catalogue.procedure("9.000001", "1/QĐ-THU") and before and before.valid_from == "2026-11-01"
    assert [p.code for p in catalogue.search("chim bồ câu")] == ["9.000001"]
    assert len(catalogue.procedures) == len(PACKS.procedures) + 1
    assert any("01/11/2026" in text for text in before.to_confirm), "the record names no day: that is said"


def test_of_one_day_the_last_word_counts() -> None:
    """Published, changed and changed back on the same day."""
    other = said(version="1/QĐ-THU · ab12", TENTTHC="Tên khác")
    for acts, version in (((said(), other), "1/QĐ-THU · ab12"), ((said(), other, said()), "1/QĐ-THU")):
        found = over(*acts).procedure("9.000001", on=TODAY)
        assert found and found.version == version


def test_what_somebody_has_read_stays_in_force_and_says_that_there_is_another() -> None:
    read = PACKS.procedure(READ)
    assert read
    catalogue = over(said(READ, "2/QĐ-KHAC"))
    for found in (catalogue.procedure(READ), catalogue.procedure(READ, on=TODAY)):
        assert found and found.version == read.version and found.cases == read.cases and found.form == read.form
        assert [d.text for d in found.doubts if d not in read.doubts and "2/QĐ-KHAC" in d.text]
    page = guide(catalogue, {"procedure": READ}, TODAY)
    assert page and any("2/QĐ-KHAC" in text and "cần xác nhận" in text for _, text in page.doubts)
    received = {"procedure": {"code": READ, "version": "2/QĐ-KHAC"}}
    under = catalogue.procedure_of(received)
    assert under and under.version == "2/QĐ-KHAC", "a dossier that names it finds it"


@pytest.mark.parametrize(("decision", "other"), [("{}", False), ("Quyết định số {}", False), ("1{}", True), ("{} · ab12", True)])
def test_the_decision_that_was_read_is_no_other_one(decision: str, other: bool) -> None:
    read = PACKS.procedure(READ)
    assert read
    found = over(said(READ, decision.format(read.version))).procedure(READ)
    assert found and (found.doubts != read.doubts) is other
    assert found.cases == read.cases


def test_what_the_portal_takes_back_is_offered_no_more_and_comes_back() -> None:
    gone = {"code": "9.000001", "from": "2026-11-25"}
    catalogue = over(said(), gone, {"code": READ, "from": "2026-11-25"})
    assert catalogue.procedures and "9.000001" not in [p.code for p in catalogue.procedures]
    assert not catalogue.search("chim bồ câu")
    begun, read = catalogue.procedure("9.000001"), catalogue.procedure(READ)
    assert begun and read and all("25/11/2026" in p.to_confirm[-1] for p in (begun, read))
    assert READ in [p.code for p in catalogue.procedures], "somebody has read it: people decide"
    assert over(said(), gone, said()).search("chim bồ câu")


def test_papers_are_known_by_what_they_say_not_by_their_place() -> None:
    """A draft that was ticked under one version is read under the next."""
    papers = [
        {"TENGIAYTO": f"{name} nuôi chim", "SOBANCHINH": "1", "SOBANSAO": "0"} for name in ("Đơn", "Bản vẽ chuồng", "Giấy phép")
    ]
    cases = [[{"TRUONGHOP": "", "GIAYTO": some}] for some in (papers, [papers[2], papers[0]])]
    old, new = (over(said(THANHPHANHOSO=c)).procedure("9.000001") for c in cases)
    assert old and new and old.cases[0].id == new.cases[0].id
    names = [{p.code: p.name for p in one.cases[0].papers} for one in (old, new)]
    assert len(names[0]) == 3 and names[1].items() < names[0].items()


@pytest.mark.parametrize("broken", [{}, {"record": None}, {"record": {"MATTHC": "x"}}, {"record": []}])
def test_a_record_that_this_program_cannot_read_is_no_procedure(broken: dict[str, Any]) -> None:
    version = Version({"code": "9.000001", "version": "1", "valid_from": "2026-11-01"} | broken)
    catalogue = over(version)
    assert catalogue.procedure("9.000001") is None and catalogue.procedures == PACKS.procedures
    for part in ({"valid_from": "1/11/2026"}, {"code": ""}, {"version": None}):
        with pytest.raises(ValueError, match="published"):
            Version({"code": "9.000001", "version": "1", "valid_from": "2026-11-01"} | part)
