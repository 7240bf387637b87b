"""``python -m forms`` as a province's IT staff uses it."""

import json
from pathlib import Path

import pypdfium2
import pytest

from tests.conftest import ROOT, run_sync

SHARED = ROOT.parent / "shared" / "data"


def forms(*arguments: str) -> list[dict[str, object]]:
    ran = run_sync(*arguments, module="forms")
    assert ran.code == 0, ran.errors
    return ran.lines


def test_what_a_procedure_asks() -> None:
    [found] = forms("describe", "--procedure", "1.004873")
    assert (found["procedure"], found["code"]) == ("1.004873", "issued")
    assert set(found["papers"]) == {c["id"] for c in found["cases"]}  # type: ignore[attr-defined, arg-type, call-overload]
    assert found["answers"]["properties"]["marital_status"]["enum"]  # type: ignore[index, call-overload]


def test_dates_fees_words_and_payloads() -> None:
    [due] = forms("return-date", "--procedure", "1.001193", "--received", "2026-11-20T15:01")
    assert (due["return_at"], due["unit"], due["amount"]) == ("2026-11-23T17:00:00+07:00", "working_day", 1)
    assert forms("fee", "--procedure", "2.000815", "--quantity", "pages=10", "copies=2")[0]["total"] == 24_000
    assert forms("fee", "--procedure", "2.000635", "--quantity", "copies=3")[0]["total"] == 24_000
    waived = forms("fee", "--procedure", "2.000635", "--quantity", "copies=3", "--exemption", "tt117_2026", "--on", "2026-11-23")
    assert waived[0]["total"] == 0
    assert forms("words", "1050000") == [{"words": "Một triệu không trăm năm mươi nghìn đồng"}]
    [qr] = forms("vietqr", "--bank", "970405", "--account", "1234567890123", "--amount", "50000", "--memo", "LePhi KS")
    assert str(qr["payload"]).startswith("000201010212")


def test_an_old_address_gives_all_its_new_communes() -> None:
    [found] = forms("address", "12 Cầu Giấy, P. Dịch Vọng Hậu, Q. Cầu Giấy, HN")
    first = found["matches"][0]  # type: ignore[index]
    assert first["from_old"]["name"] == "Phường Dịch Vọng Hậu"
    assert {u["name"] for u in first["units"]} == {"Phường Nghĩa Đô", "Phường Cầu Giấy"}
    assert forms("address", "nơi không có") == [{"matches": []}]


def test_a_paper_is_drawn_from_a_line_and_from_a_fold(tmp_path: Path) -> None:
    [line] = forms("example", "--procedure", "1.001193", "--n", "1")
    (tmp_path / "line.json").write_text(json.dumps(line), "utf-8")
    for name in ("receipt", "declaration", "slip", "guidance", "register"):
        out = tmp_path / f"{name}.pdf"
        [said] = forms("paper", name, "--dossier", str(tmp_path / "line.json"), "--out", str(out))
        document = pypdfium2.PdfDocument(out)
        assert (said["paper"], said["pages"]) == (name, len(document))
        assert "LUYỆN TẬP" in document[0].get_textpage().get_text_range(), "a line was never received"
        document.close()


def test_a_pack_is_checked_and_a_shipped_one_has_nothing_hard(tmp_path: Path) -> None:
    assert all(not f["hard"] for f in forms("check", str(ROOT / "resources")))
    pack = json.loads((ROOT / "resources" / "procedures" / "2.000815.json").read_text("utf-8"))
    pack["cases"][0]["papers"].append({"code": "VN", "name": "Ảnh tài khoản VNeID", "required": True, "copies": 1})
    (tmp_path / "2.000815.json").write_text(json.dumps(pack), "utf-8")
    ran = run_sync("check", str(tmp_path / "2.000815.json"), module="forms")
    assert ran.code == 1 and ran.problem
    assert [f["code"] for f in ran.lines if f["hard"]] == ["vneid_required"]


@pytest.mark.skipif(not SHARED.exists(), reason="the table of the portal is not beside the repository")
def test_the_portals_table_becomes_packs_or_reasons(tmp_path: Path) -> None:
    [said] = forms("import", str(SHARED / "procedures_commune_all.csv"), "--out", str(tmp_path))
    refused = said["refused"]
    assert said["imported"] + len(refused) == 1120  # type: ignore[operator, arg-type]
    assert all(r["row"] and r["reason"] for r in refused)  # type: ignore[attr-defined]
    assert len(list((tmp_path / "procedures").glob("*.json"))) == said["imported"]
    ran = run_sync("check", str(tmp_path), module="forms")
    assert not [f for f in ran.lines if f["hard"]]
