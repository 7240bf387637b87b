"""What nobody should send: answers and records of other kinds, sizes and characters; bodies that another version wrote."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from forms.catalogue import Catalogue
from forms.problem import Problem
from forms.refusals import MOST
from forms.working_days import VIETNAM
from sync import acts
from sync.relay import ministry_record, national_record
from sync.relay.filing import code_of, filed
from sync.relay.listing import look, wanted
from sync.relay.ministry import Ministry
from sync.relay.national import National
from sync.relay.played.ministry import SETTINGS as MINISTRY
from sync.relay.played.national import SETTINGS
from sync.relay.systems import Call, Case, Reply, Told, digest
from tests.relay.listing_samples import answer, record
from tests.relay.listing_samples import code as _code
from tests.relay.lives import WHO, Desk, varied

SURROGATE = "Trích lục \ud83d"
_UNREAD = ("", "system_unreadable", "system_denied", "system_busy")
ODD: tuple[Any, ...] = (
    *(None, True, 5, -1, 10**400, 1.5, float("inf"), float("nan"), "nhiều", "", SURROGATE, "\x00", "x" * 300_000, "9" * 5000),
    *([], [5], [[]], ["x"], [None], {}, {"a": 1}, {"data": 5}, [{}], [{"a": []}]),
)
NOW = datetime(2026, 11, 28, 9, tzinfo=VIETNAM)


# Bodies of another version


_TOLD = (
    "to",
    "unit",
    "name",
    "amount",
    "request_of_owner",
    "items",
    "results",
    "reason",
    "papers",
    "fields",
    "return_at",
    "code",
)
_WHO = ("full_name", "phone", "email", "account", "personal_id", "other_id", "representative", "address", "birth_date")
_INNER: dict[str, tuple[str, ...]] = {
    "procedure": ("code", "name"),
    "applicant": (*_WHO, "no_id_reason"),
    "fees": ("lines",),
    "payment": ("state", "name", "amount", "at", "earlier"),
    "result": ("results", "how", "tracking"),
    "return_to": ("how",),
    "competent": ("name",),
}
_LISTS = {"fees": "lines", "payment": "earlier", "result": "results"}


def _everything(case: Case) -> str:
    """All that is told of a dossier."""
    told, agreed = Told(number="T00.20-1"), ministry_record.Agreed("", {}, {})
    said: list[Any] = [national_record.record(case, "1.004873", {}), ministry_record.record(case, told, agreed)]
    said += [national_record.objections(said[0]) and []]
    for act in national_record.told_acts(case):
        said += [national_record.row(case, act), ministry_record.row(case, told, act), ministry_record.state(case, told, act)]
    return digest(said)


def _inside(value: Any) -> list[dict[str, Any]]:
    return [dict.fromkeys(("name", "reason", "number", "code", "amount", "originals", "state", "at"), value)]


def test_what_another_version_wrote_is_told_as_far_as_it_is_understood(here: Desk) -> None:
    whole = next(c for c in varied(here) if c.official == 10)
    for odd in (o for o in ODD if not isinstance(o, str) or o.isprintable()):  # what no log can hold is not told either
        for part, names in _INNER.items():
            for name in names:
                _everything(replace(whole, dossier={**whole.dossier, part: {**(whole.dossier[part] or {}), name: odd}}))
        for part, name in _LISTS.items():
            _everything(replace(whole, dossier={**whole.dossier, part: {**whole.dossier[part], name: _inside(odd)}}))
        _everything(replace(whole, dossier={**whole.dossier, "papers": _inside(odd)}))
        for value in (odd, _inside(odd)):
            _everything(replace(whole, acts=tuple(replace(a, body=dict.fromkeys(_TOLD, value)) for a in whole.acts)))


def test_an_act_is_told_by_what_it_is_about(here: Desk) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    act = replace(here.case(dossier).acts[-1], body={"to": "Phòng Văn hoá", "amount": "nhiều"})
    assert ministry_record.said(act) == ("Chuyển xử lý", "Phòng Văn hoá")
    for body, words in (
        ({"name": "Phí", "amount": "nhiều"}, "Phí"),
        ({"name": 5, "amount": 15_000}, "15.000\u00a0đ"),
        ({"name": "Phí", "amount": 10**400}, "Phí"),
    ):
        assert ministry_record.said(replace(act, event="payment_requested", body=body))[1] == words


# Answers


def _national() -> National:
    system = National(SETTINGS | {"refusals": lambda raw: {"code": "other"}})
    system.entered(Reply(200, {"error_code": 0, "session": "s"}))
    return system


def _read(read: Callable[..., Any], *about: Any) -> tuple[Any, str]:
    """What is read, or the code of the problem it is; never a bug, which would be the clerk's task."""
    try:
        said = read(*about)
    except Problem as problem:
        json.dumps(problem.details).encode()
        return None, problem.code
    return said, ""


def _small(said: Any, most: int = 60_000) -> bool:
    """Whether it may be kept, and stand in an act."""
    return len(json.dumps(said, ensure_ascii=False, allow_nan=False).encode()) < most


def _heard(system: Any, case: Case, told: Told, call: Call, reply: Reply) -> None:
    heard, code = _read(system.heard, case, told, call, reply)
    assert code in _UNREAD
    assert code or _small([heard.told.as_json(), heard.verdicts])


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:12])
def test_no_answer_of_the_national_service_is_a_bug(here: Desk, odd: Any) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    bare = here.case(dossier)
    case = replace(bare, listed={"MaLinhVuc": "a", "TenLinhVuc": "b"})
    fine = {"error_code": 0, "message": "Thành công"}
    names = ("TrangThaiHoSo", "NoiDungXuLy", "DanhSachGiayToKetQua", "LINHVUCTHUCHIEN", "TENTTHC")
    state9 = {"TrangThaiHoSo": "9"}
    bodies = [odd, {"error_code": odd}, {"error_code": 1, "message": odd}, {"error_code": odd, "message": odd, "session": odd}]
    rows = [odd, [odd], [{n: odd} for n in names], [dict.fromkeys(names, odd)], [state9 | {"NoiDungXuLy": odd}]]
    rows += [[{"TENTTHC": odd, "LINHVUCTHUCHIEN": [{"MALINHVUC": odd, "TENLINHVUC": odd}]}]]
    rows += [[state9 | {"DanhSachGiayToKetQua": v}] for v in (odd, [odd], [{"TenGiayTo": odd}] * 200)]
    for reply in (Reply(200, body) for body in [*bodies, *(fine | {"result": r} for r in rows)]):
        doubt = {"call": "CapNhatTienDoHoSoMC", "rows": ["a"], "state": 4}
        for told in (Told(), Told(state=2, exists=True), Told(state=2, exists=True, doubt=doubt)):
            system = _national()
            call = system.next(case, told)
            assert call
            _heard(system, case, told, call, reply)
        system = _national()
        said, code = _read(system.moved, case, Told(), reply)
        assert code in _UNREAD and _small(said)
        assert _read(system.result, reply)[1] in _UNREAD
        known = system.next(bare, Told())
        assert known and known.name == "LayThuTuc"
        _heard(system, bare, Told(), known, reply)
        assert _small([system.remarks(bare, Told()).verdicts, [c.request.body for c in (system.next(bare, Told()),) if c]])
        assert _read(system.entered, reply)[1] in _UNREAD


@pytest.mark.parametrize("session", [SURROGATE, "s\x00", "", 5, ["s"], "x" * 9000])
def test_a_session_of_another_kind_is_not_used(session: Any) -> None:
    system = National(SETTINGS)
    with pytest.raises(Problem, match="system_unreadable"):
        system.entered(Reply(200, {"error_code": 0, "session": session}))
    assert system.login() is not None


def test_papers_of_a_result_are_bounded_and_the_rest_is_named(here: Desk) -> None:
    case = here.case(here.receive("1.004873"))
    for names, last in (
        (["Giấy xác nhận"] * 70, "Và 21 giấy tờ khác, xem ở hệ thống"),
        (["x" * 3000] * 12, "Và 5 giấy tờ khác, xem ở hệ thống"),
    ):
        papers = [{"TenGiayTo": name} for name in names]
        result = [{"TrangThaiHoSo": "9", "DanhSachGiayToKetQua": papers}]
        [(event, body)] = _national().moved(case, Told(), Reply(200, {"error_code": 0, "result": result}))
        assert event == "finished" and body["results"][-1] == {"name": last} and len(body["results"]) <= 50
        assert max(len(r["name"]) for r in body["results"]) <= MOST


def _ministry_calls(case: Case) -> list[tuple[Told, Call, Ministry]]:
    """Each call of a life, by an adapter that has a token, but for the first."""
    made = []
    for name in ("login", "GetNextValue", "CreateDossier", "CapNhatTienTrinh", "CapNhatTrangThai"):
        adapter, told = Ministry(MINISTRY), Told()
        if name != "login":
            first = adapter.next(case, told)
            assert first
            adapter.heard(case, told, first, Reply(200, {"data": {"access_token": "t", "expires_in": 3600}}))
        told = told.but(number="" if name in ("login", "GetNextValue") else "N-1", exists=name.startswith("Cap"))
        told = told.but(record="a.b", rows=(case.acts[0].act,) if name == "CapNhatTrangThai" else ())
        call = adapter.next(case, told)
        assert call and call.name == name
        made.append((told, call, adapter))
    upload = replace(call, name="UploadFile", about={"sha256": "0" * 64})
    return [*made, (Told(number="N-1"), upload, adapter)]


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:12])
def test_no_answer_of_a_ministry_is_a_bug(here: Desk, odd: Any) -> None:
    case = here.case(here.receive("1.004873"))
    file = {"IdTepTin": odd, "HashTepTin": odd}
    data = {"access_token": odd, "expires_in": odd, "maHoSo": odd, "idHoSo": 1, "value": odd}
    bodies = [odd, {"code": odd}, {"message": odd, "code": 1}, {"data": odd}, {"data": data}, {"value": odd}, {"data": [file]}]
    bodies += [{"data": [{"response": odd}]}, {"data": {"access_token": "t", "expires_in": odd}}]
    for told, call, adapter in _ministry_calls(case):
        for reply in (Reply(status, body) for status in (200, 400) for body in bodies):
            _heard(adapter, case, told, call, reply)


@pytest.mark.parametrize("life", [2**63 - 1, -5, "lâu", None, float("nan"), float("inf"), True, 10**400])
def test_a_token_lasts_a_day_at_most(here: Desk, life: Any) -> None:
    case, adapter = here.case(here.receive("1.004873")), Ministry(MINISTRY)
    call = adapter.next(case, Told())
    assert call
    adapter.heard(case, Told(), call, Reply(200, {"data": {"access_token": "t", "expires_in": life}}))
    again = adapter.next(replace(case, now=case.now + timedelta(days=1)), Told())
    assert again and again.name == "login"
    now = adapter.next(case, Told())
    assert now and now.name == "GetNextValue"


@pytest.mark.parametrize("token", ["mật mã", "a\r\nb: c", "a b", "", "\x7f", 5, ["t"], "x" * 9000])
def test_a_token_that_is_no_header_is_not_used(here: Desk, token: Any) -> None:
    case, adapter = here.case(here.receive("1.004873")), Ministry(MINISTRY)
    call = adapter.next(case, Told())
    assert call
    with pytest.raises(Problem, match="system_unreadable"):
        adapter.heard(case, Told(), call, Reply(200, {"data": {"access_token": token, "expires_in": 60}}))
    assert adapter.next(case, Told()) == call


@pytest.mark.parametrize("number", ["N" * 201, "N\n1\x00", SURROGATE, 5, ["N"], {"a": 1}])
def test_a_number_of_another_kind_is_not_taken(here: Desk, number: Any) -> None:
    case = here.case(here.receive("1.004873"))
    answers = {"GetNextValue": {"value": number}, "CreateDossier": {"data": {"maHoSo": number, "idHoSo": "1"}}}
    answers["UploadFile"] = {"data": [{"IdTepTin": number, "HashTepTin": "h"}]}
    for told, call, adapter in _ministry_calls(case):
        if call.name in answers:
            with pytest.raises(Problem, match="system_unreadable"):
                adapter.heard(case, told, call, Reply(200, answers[call.name]))


def test_a_refusal_is_kept_printable_and_short(here: Desk) -> None:
    case = here.case(here.receive("1.004873"))
    told, call, adapter = next(one for one in _ministry_calls(case) if one[1].name == "CreateDossier")
    for body in ({"message": "Sai\x00\ud83d " * 9000}, ["\x00" * 9000, "y" * 9000]):
        [(name, said)] = adapter.heard(case, told, call, Reply(400, body)).verdicts
        assert name == "refused" and said["raw"].isprintable() and len(said["raw"]) <= MOST and said["reason"].isprintable()


# The catalogue


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:12])
def test_no_answer_about_the_catalogue_is_a_bug(odd: Any) -> None:
    whole = record(1)
    answers = [
        odd,
        {"error_code": odd, "result": odd},
        answer(odd),
        *(answer(whole | {k: v}) for k in whole for v in (odd, [odd])),
    ]
    inner = ("CACHTHUCTHUCHIEN", "THANHPHANHOSO", "LINHVUCTHUCHIEN", "CAPTHUCHIEN", "COQUANCOTHAMQUYEN")
    answers += [answer(whole | {k: [dict.fromkeys(whole[k][0], odd)]}) for k in inner]
    for one in answers:
        for known in ({}, {"digest": "d"}):
            found, code = _read(look, _code(1), one, known, "2026-11-28", ["x"])
            assert code in ("", "system_unreadable")
            assert code or _small([found.facts, found.act], 70_000)
        codes, code = _read(wanted, one, {})
        assert code in ("", "system_unreadable") and _small(codes)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**400])
def test_a_number_that_is_none_makes_a_record_unreadable(number: Any) -> None:
    with pytest.raises(Problem, match="system_unreadable"):
        look(_code(1), answer(record(1, QUYETDINH=number)), {}, "2026-11-28")


# What was filed online

FILED = {"MaHoSo": "G15-1", "MaTTHC": "1.004873.000.00.00.H56", "ChuHoSo": "Lò Thị Ẩn"}


def _malformed(**more: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        filed(FILED | more, Catalogue.load(), NOW)
    assert caught.value.code == "filed_malformed"
    return caught.value


@pytest.mark.parametrize(
    "more",
    [
        {"MaHoSo": "x" * 51},
        {"MaHoSo": SURROGATE},
        {"MaHoSo": 5},
        {"ChuHoSo": "Ẩn " * 200},
        {"ChuHoSo": ["Lò"]},
        {"MaTTHC": "x"},
        {"MaTTHC": "1" * 60 + ".1"},
        {"SoDienThoai": 912345678},
        {"SoDienThoai": "0" * 51},
        {"Email": SURROGATE},
        {"NgayNopHoSo": {}},
        {"DinhDanhCHS": 5},
        {"DinhDanhCHS": [5]},
        {"TaiLieuNop": True},
        {"TaiLieuNop": ["x"]},
        {"TaiLieuNop": [{"MaThanhPhanHoSo": 5}]},
        {"TaiLieuNop": [{"MaThanhPhanHoSo": "x" * 121}]},
        {"TaiLieuNop": [{"MaThanhPhanHoSo": SURROGATE}]},
        {"TaiLieuNop": [{"MaThanhPhanHoSo": f"KQ{n}"} for n in range(101)]},
    ],
    ids=lambda m: repr(m)[:30],
)
def test_a_record_with_a_field_of_another_kind_is_left_for_a_person(more: dict[str, Any]) -> None:
    assert _malformed(**more).details["field"] in more


@pytest.mark.parametrize("odd", ODD, ids=lambda o: repr(o)[:12])
def test_whatever_is_filed_is_taken_or_left_for_a_person(odd: Any) -> None:
    names = ("SoDienThoai", "Email", "MaDoiTuong", "NgayNopHoSo", "DinhDanhCHS", "TaiLieuNop")
    inner = {"TaiLieuNop": [{"MaThanhPhanHoSo": odd}] * 3000, "DinhDanhCHS": [{"SoDinhDanh": odd}] * 3000}
    for whole in (odd, FILED | {"khác": odd}, *(FILED | {n: odd} for n in (*FILED, *names)), FILED | inner):
        body, code = _read(filed, whole, Catalogue.load(), NOW)
        assert code in ("", "filed_malformed") and _small(body)


def test_a_code_has_one_spelling_and_no_number_is_made_up() -> None:
    assert (
        code_of(FILED | {"MaHoSo": "  G15 -\u200b1 "})
        == "G15 -1"
        == filed(FILED | {"MaHoSo": "G15  -1"}, Catalogue.load(), NOW)["code"]
    )
    with pytest.raises(Problem, match="filed_malformed"):
        code_of({})
    numbers = [{"SoDinhDanh": n} for n in ("000000001", "111111111111", "063214587")]
    said = filed(FILED | {"DinhDanhCHS": numbers, "NgayNopHoSo": "20261128073000", "Email": " "}, Catalogue.load(), NOW)
    assert said["applicant"] == {"full_name": "Lò Thị Ẩn", "other_id": {"kind": "cmnd", "number": "063214587"}}
    assert said["filed_at"] == "2026-11-28T07:30:00+07:00"
