"""What the national "một cửa" (MC) service is told of a dossier: ``DongBoHoSoMC`` records and ``CapNhatTienDoHoSoMC`` rows.

The interface is not published; fields, types and lengths are those seen in working products (one-stop-domain.md §4.3, 4.4, 4.7).
All values are strings, but where the table says (int); booleans are "True" or "False"; dates are yyyyMMddHHmmss in Vietnam time.
A field that is not known, or not true in the dossier's state, is left out: there is never a filler. Remarks (TrichYeuHoSo,
NoiDungXuLy, NoiDungBoSung, GhiChu) are cut with "…"; a name, a number, a title never: :func:`objections`.

THE FIELD TABLE: name · where it comes from in our dossier; or — and why it is never sent.

§4.3 DongBoHoSoMC
MaHoSo · code, as printed on the receipt; of one filed online the code it has there
MaTTHC · procedure.code, or what the configuration calls it on that side (local_codes)
TenTTHC · the national catalogue (LayThuTuc), else procedure.name
MaLinhVuc · the national catalogue (LayThuTuc)
TenLinhVuc · the national catalogue (LayThuTuc)
KenhThucHien · channel
SoBienNhan · — one product knows it; our receipt has no number but the dossier's
ChuHoSo · applicant.full_name
LoaiDoiTuong · "4" when applicant.no_id_reason says an organisation, else "1"; which kind of organisation: cần xác nhận
MaDoiTuong · applicant.account of a dossier that came from the portal, only with KenhThucHien "2"
ThongTinKhac · — nothing in a dossier is "other"
Email · applicant.email
Fax · — not asked
SoDienThoai · applicant.phone
TrichYeuHoSo · procedure.name, as on the receipt; cut
NgayTiepNhan · received_at; not before reception and not when declined (products say required there too: cần xác nhận)
NgayHenTra · return_at; in the first record the date that the receipt promised
NgayTra · returned_at, in state 10
NgayKetThucXuLy · finished_at, in states 7–10
NgayTuChoi · when it was declined, in state 3
NgayNopHoSo · filed_at, of one filed online
TrangThaiHoSo · official
ThongTinTra · result.how and its tracking number, in state 10
HinhThuc · "1" when return_to.how is post, else "0"
DonViXuLy · competent.name, else the centre's name
GhiChu · what was corrected (times, last, fields), applicant.no_id_reason; cut
TaiLieuNop.TepDinhKemId · SHA-256 of the scan
TaiLieuNop.TenTepDinhKem · the paper's name and the file's kind
TaiLieuNop.IsDeleted · "False": nothing attached is taken back
TaiLieuNop.MaThanhPhanHoSo · the paper's code, where it is a national one (000.00.00.G15-KQ000122)
TaiLieuNop.DuongDanTaiTepTin · an expiring link at the gateway; without one the file is left out
TaiLieuNop.DuocSoHoa · "1": it was scanned here
TaiLieuNop.DuocTaiSuDung · "0": not taken from another dossier
TaiLieuNop.DuocLayTuKhoDMQG · "0": not taken from the warehouse
TaiLieuNop.MaKetQuaThayThe · — nothing stands in for a paper
DanhSachLePhi.TenPhiLePhi · the fee lines' names; names of payments asked for later
DanhSachLePhi.MaPhiLePhi · — national fee codes are not kept with a dossier
DanhSachLePhi.HinhThucThu · "1" paid at reception, "4" paid with the result, else left out (cần xác nhận)
DanhSachLePhi.Gia · amount in đồng; a line whose amount is not settled is left out
DanhSachLePhi.LoaiPhiLePhi · "1" ordinary
DanhSachTepDinhKemKhac.TenGiayTo · — every file belongs to a paper
DanhSachTepDinhKemKhac.SoLuong · — as above
DanhSachTepDinhKemKhac.LoaiGiayTo · — as above; its codes are not known
DanhSachHoSoBoSung.HoSoBoSungId · 1, 2 … in the order of the requests (int)
DanhSachHoSoBoSung.NguoiYeuCauBoSung · name of who asked
DanhSachHoSoBoSung.NoiDungBoSung · items asked for with their reasons; cut
DanhSachHoSoBoSung.NgayBoSung · when it was asked
DanhSachHoSoBoSung.NguoiTiepNhanBoSung · name of who took what came
DanhSachHoSoBoSung.ThongTinTiepNhan · names of the papers that came
DanhSachHoSoBoSung.NgayTiepNhanBoSung · when it came
DanhSachHoSoBoSung.TrangThaiBoSung · "True" once it came
DanhSachHoSoBoSung.DanhSachGiayToBoSung · — the shape of its entries is not known
DanhSachHoSoBoSung.DanhSachLePhiBoSung · — as above
DanhSachHoSoBoSung.NgayHenTraTruoc · return date when it was asked
DanhSachHoSoBoSung.NgayHenTraMoi · return date given when it came
DanhSachGiayToKetQua.TenGiayTo · name and number of each of result.results, in states 9 and 10
DanhSachGiayToKetQua.MaThanhPhanHoSo · — no such code of a result is known
DanhSachGiayToKetQua.GiayToId · — as above
DanhSachGiayToKetQua.DuongDanTepTinKetQua · — results are paper; their files are not here
DanhSachGiayToKetQua.MaGiayToKetQua · — the result's code of the catalogue is not kept with a dossier
NoiNopHoSo · "1" filed online, else "2"; the meaning of "1": cần xác nhận
HoSoCoThanhPhanSoHoa · "1" when TaiLieuNop has a file, else "0"
TaiKhoanDuocXacThucVoiVNeID · — we do not know it, and may not ask (Công điện 111)
DuocThanhToanTrucTuyen · "0": counter money is not online; left out for one filed online
DinhDanhCHS.LoaiDinhDanh · "1" the personal number, "2" the old number of nine digits
DinhDanhCHS.SoDinhDanh · applicant.personal_id, else applicant.other_id of that kind; the list is empty where there is none
DSKetNoiCSDL.MaCSDL · — the list of codes is not known

§4.4 CapNhatTienDoHoSoMC
MaHoSo · as above
NguoiXuLy · name of who did it, when it fits in 50 letters
ChucDanh · — titles are not kept
ThoiDiemXuLy · when it was done
PhongBanXuLy · who had it then: the last hand-over's receiver, else the centre
NoiDungXuLy · the act in words, with its reason; cut
TrangThai · the official state after the act
NgayBatDau · received_at
NgayKetThucTheoQuyDinh · the return date as it stood after the act
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms.guard import NO_ID_REASONS, filler_number
from forms.person import valid_number
from forms.routing import PORTAL
from forms.stages import OFFICIAL, STAGE_WORDS, Stage
from forms.working_days import VIETNAM, parse_moment
from sync.relay.shapes import part, parts, quantity, text
from sync.relay.systems import Act, Case, Json, cut, digest

_S = Stage
_REFUSED, _RETURNED = OFFICIAL[_S.DECLINED], OFFICIAL[_S.RETURNED]
_ENDED = frozenset(OFFICIAL[s] for s in (_S.WITHDRAWN, _S.STOPPED, _S.FINISHED, _S.RETURNED))
_WITH_RESULT = frozenset({OFFICIAL[_S.FINISHED], _RETURNED})
_STATES = {OFFICIAL[stage]: STAGE_WORDS[stage] for stage in OFFICIAL}
_ORGANISATION = NO_ID_REASONS[-1]
_OLD_CARDS = ("old_id", "cmnd")
_OLD_ID = re.compile(r"[0-9]{9}")
_NATIONAL_PAPER = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-KQ\d+")
_KINDS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_ABSTRACT, _NOTE, _ASKED, _DONE, _OFFICER = 1000, 500, 1500, 2000, 50
_LONGEST = {"MaHoSo": 50, "MaTTHC": 50, "ChuHoSo": 500, "SoDienThoai": 50, "Email": 100}
_LONGEST_IN = {"TaiLieuNop": ("TenTepDinhKem", 4000), "DanhSachGiayToKetQua": ("TenGiayTo", 2000)}
_NEEDED = ("TenTTHC", "MaLinhVuc", "TenLinhVuc")
_OURS = {
    "MaHoSo": ("code", "Mã hồ sơ"),
    "MaTTHC": ("procedure", "Mã thủ tục"),
    "ChuHoSo": ("applicant.full_name", "Tên chủ hồ sơ"),
    "SoDienThoai": ("applicant.phone", "Số điện thoại"),
    "Email": ("applicant.email", "Thư điện tử"),
    "TaiLieuNop": ("papers", "Tên giấy tờ nộp"),
    "DanhSachGiayToKetQua": ("result", "Tên giấy tờ kết quả"),
}
_ACTS = {
    "guided": "Hướng dẫn bổ sung hồ sơ",
    "received": "Tiếp nhận hồ sơ",
    "declined": "Từ chối tiếp nhận hồ sơ",
    "transferred": "Chuyển xử lý",
    "arrived": "Cơ quan có thẩm quyền đã nhận hồ sơ",
    "supplement_requested": "Yêu cầu bổ sung hồ sơ",
    "supplement_received": "Đã nhận hồ sơ bổ sung",
    "payment_requested": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "paid": "Đã thực hiện nghĩa vụ tài chính",
    "extended": "Gia hạn thời gian giải quyết",
    "withdrawn": "Công dân yêu cầu rút hồ sơ",
    "stopped": "Dừng xử lý hồ sơ",
    "finished": "Đã có kết quả",
    "returned": "Đã trả kết quả",
}


@dataclass(frozen=True)
class Objection:
    """Why a record is not sent as it is: ``code`` (``too_long``, ``not_listed``), our ``field``, words for clerk and resident."""

    code: str
    field: str
    reason: str
    say: str


def number(dossier: Mapping[str, Any]) -> str:
    """MaHoSo of a dossier, "" when it has none."""
    return text((dossier["official_code"] if dossier["filed_at"] else None) or dossier["code"])


def told_acts(case: Case) -> list[Act]:
    """The acts that are its progress: with an official state, and not said by the other side."""
    return [a for a in case.acts if a.official is not None and a.counter != PORTAL]


def record(case: Case, code: str, listed: Mapping[str, str], entry: Act | None = None) -> Json:
    """A record of ``DongBoHoSoMC``: the dossier as it is now; with ``entry`` as it was at that act, and what was corrected since.

    :param code: MaTTHC. :param listed: as ``Case.listed``.
    """
    dossier = case.dossier
    state = entry.official if entry else case.official
    acts = case.acts[: case.acts.index(entry) + 1] if entry else case.acts
    facts: Json = {"MaHoSo": number(dossier), "MaTTHC": code, "KenhThucHien": str(dossier["channel"])}
    facts |= {"TenTTHC": listed.get("TenTTHC") or _title(dossier), "MaLinhVuc": listed.get("MaLinhVuc")}
    facts |= {"TenLinhVuc": listed.get("TenLinhVuc"), "TrichYeuHoSo": cut(_title(dossier) or code, _ABSTRACT)}
    facts |= {"TrangThaiHoSo": str(state), "DonViXuLy": _unit(case), "NoiNopHoSo": "1" if dossier["filed_at"] else "2"}
    facts |= {"HinhThuc": "1" if part(dossier["return_to"]).get("how") == "post" else "0", "GhiChu": cut(_note(case), _NOTE)}
    facts |= {"DuocThanhToanTrucTuyen": "" if dossier["filed_at"] else "0", "DanhSachLePhi": _fees(dossier)}
    facts |= _owner(dossier) | _dates(case, acts, state, entry is not None) | _result(dossier, state)
    files = _files(case)
    facts |= {"TaiLieuNop": files, "HoSoCoThanhPhanSoHoa": "1" if files else "0", "DanhSachHoSoBoSung": _supplements(case, acts)}
    return {k: v for k, v in facts.items() if v or k == "DinhDanhCHS"}


def row(case: Case, act: Act) -> Json:
    """A row of ``CapNhatTienDoHoSoMC``."""
    before = case.acts[: case.acts.index(act) + 1]
    holders = [to for a in before if a.event == "transferred" and (to := text(a.body.get("to")))]
    due = _due(case.dossier, before)
    officer = act.operator if len(act.operator) <= _OFFICER else ""
    facts = {
        "MaHoSo": number(case.dossier),
        "NguoiXuLy": officer,
        "ThoiDiemXuLy": _day(act.at),
        "PhongBanXuLy": holders[-1] if holders else text(case.profile.get("centre")),
        "NoiDungXuLy": cut(_words(act), _DONE),
        "TrangThai": str(act.official),
        "NgayBatDau": _date(case.dossier["received_at"]),
        "NgayKetThucTheoQuyDinh": _date(due),
    }
    return {k: v for k, v in facts.items() if v}


def content(whole: Json) -> str:
    """Digest of a record: of what it says, not of the links by which its files are fetched today."""
    files = [{k: v for k, v in one.items() if k != "DuongDanTaiTepTin"} for one in whole.get("TaiLieuNop", [])]
    return digest(whole | {"TaiLieuNop": files})


def objections(whole: Json) -> list[Objection]:
    """What cannot be sent, and may not be cut or made up."""
    found = []
    if not all(whole.get(name) for name in _NEEDED):
        say = "Thủ tục này chưa có trong danh mục của hệ thống nhận; quầy báo bộ phận kỹ thuật, anh chị không phải đi lại."
        found.append(Objection("not_listed", "procedure", "Thủ tục chưa có lĩnh vực trong danh mục quốc gia", say))
    long = [(name, most) for name, most in _LONGEST.items() if len(whole.get(name, "")) > most]
    for name, (inner, most) in _LONGEST_IN.items():
        long += [(name, most) for one in whole.get(name, []) if len(one[inner]) > most][:1]
    for name, most in long:
        field, title = _OURS[name]
        say = f"{title} dài hơn mức hệ thống nhận; quầy ghi lại cho gọn theo giấy tờ rồi gửi lại, anh chị không phải đi lại."
        found.append(Objection("too_long", field, f"{title} dài quá {most} ký tự", say))
    return found


def _day(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S") if moment else ""


def _date(moment: Any) -> str:
    return _day(parse_moment(text(moment)))


def _title(dossier: Mapping[str, Any]) -> str:
    return text(part(dossier["procedure"]).get("name"))


def _unit(case: Case) -> str:
    return text(part(case.dossier["competent"]).get("name")) or text(case.profile.get("centre"))


def _owner(dossier: Mapping[str, Any]) -> Json:
    who = part(dossier["applicant"])
    other = part(who.get("other_id"))
    own, old = text(who.get("personal_id")), text(other.get("number"))
    ids = []
    if valid_number(own) and not filler_number(own):
        ids = [{"LoaiDinhDanh": "1", "SoDinhDanh": own}]
    elif other.get("kind") in _OLD_CARDS and _OLD_ID.fullmatch(old) and not filler_number(old.zfill(12)) and len(set(old)) > 1:
        ids = [{"LoaiDinhDanh": "2", "SoDinhDanh": old}]
    return {
        "ChuHoSo": text(who.get("full_name")),
        "LoaiDoiTuong": "4" if who.get("no_id_reason") == _ORGANISATION else "1",
        "MaDoiTuong": text(who.get("account")) if dossier["channel"] == "2" and dossier["filed_at"] else None,
        "Email": text(who.get("email")),
        "SoDienThoai": text(who.get("phone")),
        "DinhDanhCHS": ids,
    }


def _note(case: Case) -> str:
    """What a reader there should know besides: corrections, so that what was refused is seen to be another record; why there is
    no number."""
    corrections = [a for a in case.acts if a.event == "corrected"]
    words = []
    if corrections:
        last = corrections[-1]
        titles = [t for f in part(last.body.get("fields")).values() if (t := text(part(f).get("title")))]
        about = f": {', '.join(titles)}" if titles else ""
        words.append(f"Đã sửa lần {len(corrections)} lúc {last.at.astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}{about}")
    reason = text(part(case.dossier["applicant"]).get("no_id_reason"))
    words += [f"Không có số định danh: {reason}"] if reason and reason != _ORGANISATION else []
    return ". ".join(words)


def _dates(case: Case, acts: Sequence[Act], state: int | None, entry: bool) -> Json:
    dossier = case.dossier
    received = any(a.event == "received" for a in acts)
    declined = [a for a in acts if a.event == "declined"]
    found = {"NgayNopHoSo": _date(dossier["filed_at"])}
    if received:
        found["NgayTiepNhan"] = _date(dossier["received_at"])
        found["NgayHenTra"] = _date(dossier["first_return_at"] if entry else dossier["return_at"])
    if state == _REFUSED and declined:
        found["NgayTuChoi"] = _day(declined[-1].at)
    if state in _ENDED:
        found["NgayKetThucXuLy"] = _date(dossier["finished_at"])
    if state == _RETURNED:
        found["NgayTra"] = _date(dossier["returned_at"])
    return found


def _result(dossier: Mapping[str, Any], state: int | None) -> Json:
    found: Json = {}
    if state in _WITH_RESULT:
        named = [(text(r.get("name")), text(r.get("number"))) for r in parts(part(dossier["result"]).get("results"))]
        found["DanhSachGiayToKetQua"] = [{"TenGiayTo": f"{n} số {k}" if k else n} for n, k in named if n]
    if state == _RETURNED:
        tracking = text(dossier["result"].get("tracking"))
        post = "Qua bưu chính công ích" + (f", mã {tracking}" if tracking else "")
        found["ThongTinTra"] = post if dossier["result"].get("how") == "post" else "Tại quầy"
    return found


def _files(case: Case) -> list[Json]:
    names = {text(p.get("code")): text(p.get("name")) for p in parts(case.dossier["papers"])}
    found = []
    for scan in case.dossier["scans"]:
        link = case.link(scan["sha256"])
        if link:
            title = f"{names.get(scan['paper']) or scan['paper']}.{_KINDS.get(scan['kind'], 'bin')}"
            code = {"MaThanhPhanHoSo": scan["paper"]} if _NATIONAL_PAPER.fullmatch(scan["paper"]) else {}
            facts = {"TepDinhKemId": scan["sha256"], "TenTepDinhKem": title, "IsDeleted": "False", "DuongDanTaiTepTin": link}
            found.append(facts | code | {"DuocSoHoa": "1", "DuocTaiSuDung": "0", "DuocLayTuKhoDMQG": "0"})
    return found


def _fees(dossier: Mapping[str, Any]) -> list[Json]:
    """The fee lines of reception, and what was asked for later, with when each was paid."""
    payment = dossier["payment"]
    every = [*parts(payment.get("earlier")), {k: v for k, v in payment.items() if k != "earlier"}]
    first: Mapping[str, Any] = next((p for p in every if not p.get("name")), {})
    due = [(text(line.get("name")), quantity(line.get("amount")), first) for line in parts(dossier["fees"].get("lines"))]
    due += [(text(p.get("name")), quantity(p.get("amount")), p) for p in every]
    found = []
    for name, amount, paid in due:
        if name and amount is not None:
            how = {"HinhThucThu": _when(dossier, paid)} if _when(dossier, paid) else {}
            found.append({"TenPhiLePhi": name, "Gia": str(amount), "LoaiPhiLePhi": "1"} | how)
    return found


def _when(dossier: Mapping[str, Any], paid: Mapping[str, Any]) -> str:
    at = parse_moment(text(paid.get("at")))
    finished = parse_moment(text(dossier["finished_at"]))
    if at is None or paid.get("state") not in ("cash", "transfer", "reconciled"):
        return ""
    if at == parse_moment(text(dossier["received_at"])):
        return "1"
    return "4" if finished and at >= finished and part(dossier["result"]).get("results") else ""


def _due(dossier: Mapping[str, Any], acts: Sequence[Act]) -> str | None:
    """The return date after these acts."""
    if not any(a.event == "received" for a in acts):
        return None
    moved = [a.body["return_at"] for a in acts if a.event != "received" and isinstance(a.body.get("return_at"), str)]
    return str(moved[-1]) if moved else dossier["first_return_at"]


def _supplements(case: Case, acts: Sequence[Act]) -> list[Json]:
    found: list[Json] = []
    waits = False
    for place, act in enumerate(acts):
        due = _date(_due(case.dossier, acts[: place + 1]))
        if act.official == OFFICIAL[_S.SUPPLEMENT] and act.event in ("supplement_requested", "guided") and act.counter != PORTAL:
            asked = {"NguoiYeuCauBoSung": act.operator, "NoiDungBoSung": cut(_asked(act.body) or _words(act), _ASKED)}
            asked |= {"NgayBoSung": _day(act.at), "TrangThaiBoSung": "False", "NgayHenTraTruoc": due}
            found.append({"HoSoBoSungId": len(found) + 1} | {k: v for k, v in asked.items() if v})
            waits = True
        elif waits and act.event in ("supplement_received", "received"):
            papers = parts(act.body.get("papers")) if act.event != "received" else []
            brought = {"NguoiTiepNhanBoSung": act.operator, "NgayTiepNhanBoSung": _day(act.at), "NgayHenTraMoi": due}
            named = filter(None, (text(p.get("name")) or text(p.get("code")) for p in papers))
            brought["ThongTinTiepNhan"] = cut("; ".join(named), _ASKED)
            found[-1] |= {k: v for k, v in brought.items() if v} | {"TrangThaiBoSung": "True"}
            waits = False
    return found


def _asked(body: Mapping[str, Any]) -> str:
    named = [": ".join(filter(None, (text(i.get("name")), text(i.get("reason"))))) for i in parts(body.get("items"))]
    return "; ".join(filter(None, (*named, text(body.get("reason")))))


def _words(act: Act) -> str:
    """The act in words."""
    said = _ACTS.get(act.event) or _STATES[act.official or 0]
    about = text(act.body.get("to" if act.event == "transferred" else "reason"))
    about = _asked(act.body) if act.event in ("guided", "supplement_requested") else about
    return f"{said}: {about}" if about else said
