"""Every field that a receiving system knows: where it comes from in a dossier, or why it is empty. The tables stand in the
adapters' docstrings; they are printed here (``-s``), held against what the strict servers know and against what is sent."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sync.relay import ministry_record, national_record
from sync.relay.ministry import Ministry
from sync.relay.national_record import objections, record, row, told_acts
from sync.relay.played import ministry, ministry_table, national_tables
from sync.relay.systems import Case, Reply, Told
from tests.relay.lives import desk, varied

EMPTY = "—"


@dataclass(frozen=True)
class Side:
    """A receiving system. ``module``: the table stands in its docstring; ``known``: the fields that its server knows, by section;
    ``sent``: what is sent of a dossier, by section; ``whole``: fields that are not looked into."""

    module: ModuleType
    known: dict[str, set[str]]
    sent: Callable[[Case], Iterable[tuple[str, Any]]]
    whole: frozenset[str] = frozenset()


def _national(case: Case) -> Iterable[tuple[str, Any]]:
    acts = told_acts(case)
    listed = {"MaLinhVuc": "G15-HT01", "TenLinhVuc": "Hộ tịch", "TenTTHC": "Thủ tục đăng ký khai sinh"}
    if case.official and acts:
        for entry in (acts[0], None):
            whole = record(case, str(case.dossier["procedure"]["code"]), listed, entry)
            assert not objections(whole)
            yield "§4.3 DongBoHoSoMC", whole
    for act in acts:
        yield "§4.4 CapNhatTienDoHoSoMC", row(case, act)


def _ministry(case: Case) -> Iterable[tuple[str, Any]]:
    """The calls of a ministry's adapter up to CreateDossier, then what it would tell of each act."""
    if case.official is None or not case.dossier["received_at"]:
        return
    adapter, told = Ministry(ministry.SETTINGS), Told(number="T00.20-20261207-0000001")
    files = [
        {"sha256": hashlib.sha256(b"x").hexdigest(), "kind": "image/png", "paper": s["paper"]} for s in case.dossier["scans"]
    ]
    applicant = case.dossier["applicant"] | {"address": {"text": "phường Sa Pa", "unit": "03006", "detail": "Thôn Đông"}}
    for who in (case.dossier["applicant"], applicant):
        case = replace(case, dossier={**case.dossier, "scans": files, "applicant": who}, scan=lambda _sha: b"x")
        for known in (Told(), told, told.but(files={f["sha256"]: {"IdTepTin": "T1", "HashTepTin": "h"} for f in files})):
            while call := adapter.next(case, known):
                path, _, query = call.request.path.partition("?")
                sent = call.request.body or {name: text for name, text, *_ in call.request.files} or dict([query.split("=")])
                yield f"§4.5 {path[1:]}", sent
                if call.name != "login":
                    break
                adapter.heard(case, known, call, Reply(200, {"data": {"access_token": "t", "expires_in": 3600}}))
    for act in told_acts(case):
        yield "§4.5 CapNhatTienTrinh", ministry_record.row(case, told, act)
        yield "§4.5 CapNhatTrangThai", ministry_record.state(case, told, act)


SIDES = [
    Side(
        national_record,
        {
            "§4.3 DongBoHoSoMC": national_tables.fields(national_tables.RECORD),
            "§4.4 CapNhatTienDoHoSoMC": national_tables.fields(national_tables.ROW),
        },
        _national,
    ),
    Side(
        ministry_record,
        {
            "§4.5 GetToken": {"client_id", "client_secret"},
            "§4.5 GetNextValue": {"code"},
            "§4.5 UploadFile": {"files"},
            "§4.5 CreateDossier": ministry_table.fields(ministry_table.RECORD),
            "§4.5 CapNhatTienTrinh": ministry_table.fields(ministry_table.ROW),
            "§4.5 CapNhatTrangThai": ministry_table.fields(ministry_table.STATE),
        },
        _ministry,
        frozenset({"EformThongTinChiTiet"}),
    ),
    # one more Side for each further system: its module with the table, the fields of its server, what it sends
]


def tables(text: str) -> dict[str, dict[str, str]]:
    """``{section: {field: where from}}``: a line with § opens a section, ``name · words`` is a row, a blank line ends it."""
    found: dict[str, dict[str, str]] = {}
    section = ""
    for line in text.splitlines():
        name, parted, words = line.strip().partition(" · ")
        if line.startswith("§"):
            section = line.strip()
            found[section] = {}
        elif not line.strip():
            section = ""
        elif section:
            assert parted and words, line
            assert name not in found[section], f"{name} stands twice"
            found[section][name] = words
    return found


def names(sent: dict[str, Any], whole: frozenset[str], within: str = "") -> set[str]:
    """The fields of what is sent that say something, as the tables name them."""
    found = set[str]()
    for name, value in sent.items():
        inner = value if isinstance(value, list) else [value]
        if name not in whole and inner and all(isinstance(one, dict) for one in inner):
            found = found.union(*(names(one, whole, f"{within}{name}.") for one in inner))
        elif value not in ("", [], {}, None):
            found.add(within + name)
    return found


@pytest.mark.parametrize("side", SIDES, ids=lambda s: s.module.__name__.rsplit(".", 1)[-1])
def test_every_field_has_its_source_or_its_reason(side: Side, tmp_path: Path, hub: Any) -> None:
    said = tables(side.module.__doc__ or "")
    for section, fields in said.items():
        print(f"\n{section}")
        for name, words in fields.items():
            print(f"  {name:45} {words}")
    assert {k: set(v) for k, v in said.items()} == side.known
    seen: dict[str, set[str]] = {section: set() for section in said}
    with desk(tmp_path / "c", hub) as here:
        for case in varied(here):
            for section, sent in side.sent(case):
                seen[section] |= names(sent, side.whole)
    for section, fields in said.items():
        filled = {name for name, words in fields.items() if not words.startswith(EMPTY)}
        assert seen[section] == filled, section
