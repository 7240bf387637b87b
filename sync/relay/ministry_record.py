"""What a ministry's iGate-style system is told of a dossier: the bodies of its calls.

The interface is not published; fields and types are those of a product that uses it (one-stop-domain.md §4.5). A field that is
not known is empty; a name or a number is never cut and never made up. Moments are Vietnam time.

THE FIELD TABLE: name · where it comes from in our dossier; or — and why it is empty.

§4.5 GetToken
client_id · configuration client_id
client_secret · configuration client_secret

§4.5 GetNextValue
code · configuration code

§4.5 UploadFile
files · bytes of one of scans, named by its SHA-256

§4.5 CreateDossier
MaHoSo · the number that GetNextValue issued
MaTTHC · procedure.code, or configuration services
MaDichVuCong · as MaTTHC, or configuration services
ChuHoSo · applicant.full_name, whole
LoaiDoiTuong · 1 when applicant.no_id_reason says an organisation (cần xác nhận), else 0; or configuration services (2: household)
MaDonViTiepNhan · configuration unit, else the commune's unit code
NgayNop · filed_at, else received_at
NgayTiepNhan · received_at
EformThongTinChiTiet · answers as they are
ThanhPhanHoSo.MaThanhPhanHoSo · configuration papers, else papers.code where it is an official one
ThanhPhanHoSo.TenThanhPhanHoSo · papers.name, else its code
ThanhPhanHoSo.SoLuong · originals, certified + copies, or the files of a paper that has none of them
ThanhPhanHoSo.LoaiBan · 0 originals, 1 certified and plain copies, 2 files only
ThanhPhanHoSo.GiayToDinhKem.IdGiayTo · IdTepTin that UploadFile answered
ThanhPhanHoSo.GiayToDinhKem.MaKetQua · — a code of a result that stands for the paper: not known at the counter
ThanhPhanHoSo.GiayToDinhKem.TenGiayTo · papers.name, else its code
ThanhPhanHoSo.GiayToDinhKem.HashTepTin · HashTepTin that UploadFile answered
ThongTinNguoiNop.LoaiDoiTuong · 0 for a person who files, else as the owner's
ThongTinNguoiNop.IdDoiTuong · — the account of an online portal: a walk-in has none
ThongTinNguoiNop.ThongTinChiTiet.TenNguoiNop · applicant.representative.full_name, else applicant.full_name
ThongTinNguoiNop.ThongTinChiTiet.SoDinhDanh · personal_id of who files; empty when there is none, never a filler
ThongTinNguoiNop.ThongTinChiTiet.NgayCapDinhDanh · — not asked at the counter
ThongTinNguoiNop.ThongTinChiTiet.NgaySinh · birth_date of who files when known whole; its form as in the one sample: cần xác nhận
ThongTinNguoiNop.ThongTinChiTiet.SoDienThoai · phone of who files
ThongTinNguoiNop.ThongTinChiTiet.Email · email of who files
ThongTinNguoiNop.ThongTinChiTiet.Fax · — not asked at the counter
ThongTinNguoiNop.ThongTinChiTiet.MaTinh · province of address.unit of who files
ThongTinNguoiNop.ThongTinChiTiet.MaHuyen · — no districts since 1/7/2025
ThongTinNguoiNop.ThongTinChiTiet.MaXa · address.unit of who files; empty when the address is only text
ThongTinNguoiNop.ThongTinChiTiet.DiaChiChiTiet · address.detail beside a unit, else the whole text
ThongTinNguoiNop.ThongTinChiTiet.TenChuHs · applicant.full_name
ThongTinNguoiNop.ThongTinChiTiet.SoDinhDanhChuHs · applicant.personal_id; empty when there is none, never a filler
ThongTinNguoiNop.ThongTinChiTiet.MaTinhChuHs · province of applicant.address.unit
ThongTinNguoiNop.ThongTinChiTiet.MaXaChuHs · applicant.address.unit
ThongTinNguoiNop.ThongTinChiTiet.DiaChiChiTietChuHs · applicant.address.detail beside a unit, else the whole text

§4.5 CapNhatTienTrinh
IDHoSo · — MaHoSo says which one
MaHoSo · the number that GetNextValue issued
NguoiXuLy · the operator's name of each act, whole
ThoiDiemXuLy · when it happened
PhongBanXuLy · handovers.to while it is being processed, else the commune's centre
NoiDungXuLy · the act in words, with its reason
TrangThai · official after the act
NgayBatDau · received_at
NgayKetThucTheoQuyDinh · return_at as it stood after the act; empty when none was promised

§4.5 CapNhatTrangThai
IdHoSo · — MaHoSo says which one
MaHoSo · the number that GetNextValue issued
TrangThai · official after the last act told as progress
NoiDungYKien · reason of that act
PhongBanXuLy · as in CapNhatTienTrinh
NoiDungXuLy · that act in words
DanhSachLePhi.TenPhiLePhi · payment.name of what was asked for, else fees.lines.name; in states 5, 6, 9
DanhSachLePhi.MaPhiLePhi · — its code in the national catalogue is not kept in a dossier
DanhSachLePhi.HinhThucThu · 1 taken at reception, 2 asked for later, 4 with the result; left out while it is open
DanhSachLePhi.Gia · payment.amount, else fees.lines.amount; a fee that is not settled is not told
DanhSachLePhi.LoaiPhiLePhi · 1, the ordinary kind
DanhSachLePhi.TrangThaiThanhToan · 1 for payment.state cash or reconciled, else 0; that it stands here: cần xác nhận
DanhSachGiayToKetQua.TenGiayTo · name and number of each of result.results; names of this list as in §4.3: cần xác nhận
DanhSachGiayToKetQua.MaThanhPhanHoSo · — a result is no paper of the dossier
DanhSachGiayToKetQua.GiayToId · — results are not scanned here
DanhSachGiayToKetQua.DuongDanTepTinKetQua · — results are not scanned here
DanhSachGiayToKetQua.MaGiayToKetQua · — its code is not known at the counter
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms.address import Gazetteer, text_of
from forms.audit_words import did_words
from forms.guard import NO_ID_REASONS, filler_number
from forms.names import money
from forms.person import valid_number
from forms.working_days import VIETNAM, parse_moment
from sync.relay.shapes import part, parts, quantity, text
from sync.relay.systems import Act, Case, Json, Told

_OFFICIAL_PAPER = re.compile(r"[0-9]{3}(\.[0-9]{2}){2}\.[A-Z][0-9]{2}-KQ[0-9]+|KQ\.[A-Z][0-9]{2}\.[0-9]+")
_PROCESSED = (4, 5, 6)
_WITH_LISTS = (5, 6, 9)
_FINISHED = 9
_ORIGINAL, _COPY, _ELECTRONIC = 0, 1, 2
_PERSON, _ENTERPRISE = 0, 1
_ORGANISATION = NO_ID_REASONS[-1]
_AT_RECEPTION, _ASKED_FOR, _WITH_RESULT = "1", "2", "4"
_ORDINARY_FEE = "1"


@dataclass(frozen=True)
class Agreed:
    """What a ministry calls things. ``unit``: the receiving unit, "" = as the commune's profile says. ``services``: our procedure
    code -> ``MaTTHC``, ``MaDichVuCong``, ``LoaiDoiTuong``. ``papers``: ``"procedure/paper"`` or paper code -> MaThanhPhanHoSo."""

    unit: str
    services: Mapping[str, Mapping[str, Any]]
    papers: Mapping[str, str]


def record(case: Case, told: Told, agreed: Agreed) -> Json:
    """The body of CreateDossier."""
    dossier, who = case.dossier, part(case.dossier["applicant"])
    code = text(part(dossier["procedure"]).get("code"))
    service = agreed.services.get(code) or {}
    listed = str(service.get("MaTTHC") or code)
    kind = _kind(who)
    return {
        "MaHoSo": told.number,
        "MaTTHC": listed,
        "MaDichVuCong": str(service.get("MaDichVuCong") or listed),
        "ChuHoSo": text(who.get("full_name")),
        "LoaiDoiTuong": int(service.get("LoaiDoiTuong") or kind),
        "MaDonViTiepNhan": agreed.unit or text(case.profile.get("unit")),
        "NgayNop": _second(dossier["filed_at"] or dossier["received_at"]),
        "NgayTiepNhan": _second(dossier["received_at"]),
        "EformThongTinChiTiet": dict(part(dossier["answers"])),
        "ThanhPhanHoSo": _papers(dossier, told, agreed),
        "ThongTinNguoiNop": {
            "LoaiDoiTuong": _PERSON if part(who.get("representative")) else kind,
            "IdDoiTuong": "",
            "ThongTinChiTiet": _persons(who),
        },
    }


def comparable(case: Case) -> tuple[Json, list[Json]]:
    """What a record says of a dossier, and of its papers, whatever the ministry calls things and whatever files it has."""
    whole = record(case, Told(), Agreed("", {}, {}))
    return {k: v for k, v in whole.items() if k not in ("MaDonViTiepNhan", "ThanhPhanHoSo")}, whole["ThanhPhanHoSo"]


def row(case: Case, told: Told, act: Act) -> Json:
    """An entry of CapNhatTienTrinh. It depends on nothing that comes after the act: told again it is the same."""
    words, reason = said(act)
    return {
        "IDHoSo": "",
        "MaHoSo": told.number,
        "NguoiXuLy": act.operator,
        "ThoiDiemXuLy": _millisecond(act.at),
        "PhongBanXuLy": _holder(case, act),
        "NoiDungXuLy": f"{words}: {reason}" if reason else words,
        "TrangThai": act.official,
        "NgayBatDau": _millisecond(parse_moment(text(case.dossier["received_at"]))),
        "NgayKetThucTheoQuyDinh": _due(case, act),
    }


def state(case: Case, told: Told, act: Act) -> Json:
    """An entry of CapNhatTrangThai: the state that an act led to."""
    words, reason = said(act)
    item = {
        "IdHoSo": "",
        "MaHoSo": told.number,
        "TrangThai": act.official,
        "NoiDungYKien": reason,
        "PhongBanXuLy": _holder(case, act),
        "NoiDungXuLy": words,
    }
    lists = {"DanhSachLePhi": _fees(case.dossier)} if act.official in _WITH_LISTS else {}
    if act.official == _FINISHED:
        lists["DanhSachGiayToKetQua"] = _results(case.dossier)
    return item | {k: v for k, v in lists.items() if v}


def said(act: Act) -> tuple[str, str]:
    """An act in words, and its reason or what it is about, "" for none."""
    reason = text(act.body.get("reason")) if act.event != "withdrawn" else ""
    return did_words(act.event), ". ".join(filter(None, (_about(act.event, act.body), reason)))


def _about(event: str, body: Mapping[str, Any]) -> str:
    """What an act is about, in words, as far as its body says so."""
    match event:
        case "transferred" | "arrived" | "withdrawn":
            return text(body.get({"transferred": "to", "arrived": "unit", "withdrawn": "request_of_owner"}[event]))
        case "payment_requested":
            amount = quantity(body.get("amount"))
            return ", ".join(filter(None, (text(body.get("name")), "" if amount is None else money(amount))))
        case "supplement_requested":
            return "; ".join(filter(None, map(_item, parts(body.get("items")))))
        case "finished":
            return "; ".join(filter(None, map(_result, parts(body.get("results")))))
    return ""


# Who


def _persons(who: Mapping[str, Any]) -> Json:
    """ThongTinChiTiet: who files (the one authorised to, else the owner), and the owner."""
    files = part(who.get("representative")) or who
    address, of_owner = _address(files.get("address")), _address(who.get("address"))
    return {
        "TenNguoiNop": text(files.get("full_name")),
        "SoDinhDanh": _number(files),
        "NgayCapDinhDanh": "",
        "NgaySinh": _birth(files.get("birth_date")),
        "SoDienThoai": text(files.get("phone")),
        "Email": text(files.get("email")),
        "Fax": "",
        "MaTinh": address[0],
        "MaHuyen": "",
        "MaXa": address[1],
        "DiaChiChiTiet": address[2],
        "TenChuHs": text(who.get("full_name")),
        "SoDinhDanhChuHs": _number(who),
        "MaTinhChuHs": of_owner[0],
        "MaXaChuHs": of_owner[1],
        "DiaChiChiTietChuHs": of_owner[2],
    }


def _kind(who: Mapping[str, Any]) -> int:
    return _ENTERPRISE if who.get("no_id_reason") == _ORGANISATION else _PERSON


def _number(person: Mapping[str, Any]) -> str:
    """The personal number of a person who has one."""
    number = text(person.get("personal_id"))
    return number if valid_number(number) and not filler_number(number) else ""


def _birth(day: Any) -> str:
    """``yyyyMMddHHmmss`` as in the one sample seen (*cần xác nhận*); a day that is known only in part is not completed."""
    return f"{str(day).replace('-', '')}000000" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(day)) else ""


def _address(value: Any) -> tuple[str, str, str]:
    """(province, unit, what stands before them); codes only where the commune was chosen, never read out of a text."""
    code = text(part(value).get("unit"))
    unit = Gazetteer.load().unit(code) if code else None
    if unit is None or not isinstance(value, Mapping):
        return "", "", text_of(value)
    return unit.province_code, unit.code, text(value.get("detail"))


# What was brought


def _papers(dossier: Mapping[str, Any], told: Told, agreed: Agreed) -> list[Json]:
    """ThanhPhanHoSo: a row for the originals of a paper and one for its copies; its files hang on the first."""
    scans: dict[str, list[Json]] = {}
    for scan in dossier["scans"]:
        if scan["sha256"] in told.files:
            scans.setdefault(scan["paper"], []).append(scan)
    brought = {text(p.get("code")): p for p in parts(dossier["papers"])}
    found = list[Json]()
    for code in dict.fromkeys([*brought, *scans]):
        paper, files = part(brought.get(code)), scans.get(code, [])
        name = text(paper.get("name")) or code
        originals, *copies = (quantity(paper.get(k)) or 0 for k in ("originals", "certified", "copies"))
        counts = [(_ORIGINAL, originals), (_COPY, sum(copies))]
        rows = [(kind, count) for kind, count in counts if count] or ([(_ELECTRONIC, len(files))] if files else [])
        for place, (kind, count) in enumerate(rows):
            attached = [_attached(name, told.files[s["sha256"]]) for s in files] if place == 0 else []
            found.append(_paper(_paper_code(dossier, code, agreed), name, count, kind, attached))
    return found


def _paper(code: str, name: str, count: int, kind: int, attached: list[Json]) -> Json:
    known = {"MaThanhPhanHoSo": code, "TenThanhPhanHoSo": name, "SoLuong": count, "LoaiBan": kind}
    return known | {"GiayToDinhKem": attached}


def _attached(name: str, file: Mapping[str, str]) -> Json:
    return {"IdGiayTo": file["IdTepTin"], "MaKetQua": "", "TenGiayTo": name, "HashTepTin": file["HashTepTin"]}


def _paper_code(dossier: Mapping[str, Any], code: str, agreed: Agreed) -> str:
    known = agreed.papers.get(f"{part(dossier['procedure']).get('code')}/{code}") or agreed.papers.get(code)
    return str(known or (code if _OFFICIAL_PAPER.fullmatch(code) else ""))


# Money and results


def _fees(dossier: Mapping[str, Any]) -> list[Json]:
    """DanhSachLePhi: what is owed or was paid, each with whether it was."""
    payment = dossier["payment"]
    rows = list[Json]()
    for one in [*parts(payment.get("earlier")), payment]:
        if one.get("state") not in ("unpaid", "cash", "transfer", "reconciled"):
            continue  # nothing to pay, or given back
        paid = one["state"] in ("cash", "reconciled")
        for name, amount in _amounts(dossier, one):
            when = {"HinhThucThu": how} if (how := _when(dossier, one)) else {}
            kind = {"Gia": str(amount), "LoaiPhiLePhi": _ORDINARY_FEE, "TrangThaiThanhToan": int(paid)}
            rows.append({"TenPhiLePhi": name, "MaPhiLePhi": ""} | when | kind)
    return rows


def _when(dossier: Mapping[str, Any], payment: Mapping[str, Any]) -> str:
    """At which step the money is taken, "" while that is open."""
    at, finished = text(payment.get("at")), dossier["finished_at"]
    if payment.get("name"):
        return _ASKED_FOR
    if at == dossier["received_at"]:
        return _AT_RECEPTION
    return _WITH_RESULT if at and finished and at >= finished else ""


def _amounts(dossier: Mapping[str, Any], payment: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(name, đồng) of what a payment is for; nothing while the amount is not settled."""
    whole = quantity(payment.get("amount"))
    if payment.get("name"):
        return [(text(payment["name"]), whole)] if whole else []
    lines = [(text(line.get("name")), quantity(line.get("amount"))) for line in parts(dossier["fees"].get("lines"))]
    known = [(name, amount) for name, amount in lines if amount is not None]
    if len(known) == len(lines) or not whole:
        return [(name, amount) for name, amount in known if amount]
    return [("; ".join(name for name, _ in lines), whole)]


def _results(dossier: Mapping[str, Any]) -> list[Json]:
    empty = dict.fromkeys(("MaThanhPhanHoSo", "GiayToId", "DuongDanTepTinKetQua", "MaGiayToKetQua"), "")
    named = [_result(r) for r in parts(part(dossier["result"]).get("results"))]
    return [{"TenGiayTo": name} | empty for name in named if name]


def _result(result: Mapping[str, Any]) -> str:
    name, number = (text(result.get(k)) for k in ("name", "number"))
    return f"{name} số {number}" if name and number else name or number


def _item(item: Mapping[str, Any]) -> str:
    name, reason = (text(item.get(k)) for k in ("name", "reason"))
    return f"{name} ({reason})" if name and reason else name or reason


# When and where


def _second(moment: Any) -> str:
    at = parse_moment(text(moment))
    return f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}" if at else ""


def _millisecond(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(VIETNAM).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _up_to(case: Case, act: Act) -> tuple[Act, ...]:
    place = next(i for i, a in enumerate(case.acts) if a.act == act.act)
    return case.acts[: place + 1]


def _holder(case: Case, act: Act) -> str:
    """The section or agency that had the dossier when the act was done."""
    handed = (a.body for a in _up_to(case, act) if a.event in ("transferred", "arrived"))
    taken = [text(b.get("to")) or text(b.get("unit")) for b in handed]
    centre = text(case.profile.get("centre")) or text(case.profile.get("name"))
    return (taken[-1] if taken and act.official in _PROCESSED else "") or centre


def _due(case: Case, act: Act) -> str:
    """The return date in force after the act."""
    dates = [d for a in _up_to(case, act) if (d := parse_moment(text(a.body.get("return_at"))))]
    return _millisecond(dates[-1]) if dates else ""
