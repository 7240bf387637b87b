"""The national "một cửa" (MC) service, played: in memory, strict to its field tables (one-stop-domain.md §4.2–4.7). It imitates
what is known and decides what is not in the strictest way.

What it refuses, it refuses as a whole, with ``error_code`` -1 and a Vietnamese message. Fields: ``national_tables``.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from forms.catalogue import Catalogue
from sync.relay.played.keeping import Answer, Played, answer
from sync.relay.played.national_tables import NEEDED, RECORD, ROW, ROW_NEEDED, Refused, check

_Json = dict[str, Any]

SETTINGS: _Json = {
    "name": "national",
    "label": "Cổng Dịch vụ công quốc gia",
    "username": "practice",
    "password": "practice",
    "dstcode": "VN:GOV:000.00.00.PRACTICE:dvcqg",
    "madonvi": "000.00.00.T00",
    "auth_endpoint": "/mapi/login",
    "integration_endpoint": "/mapi/g",
    "share_endpoint": "/mapi/share",
}
"""What an adapter needs to know of it."""
MOST_ROWS = 10
_LASTS = 1800.0
"""Seconds that a session lasts."""
_LISTS = (
    "GioiTinh TinhThanh QuanHuyen PhuongXa CoQuan QuocGia DanToc TonGiao TinhTrangHonNhan DoiTuong LinhVuc CapThucHien"
    " CanCuPhapLy LePhi"
)
_FOLLOWS: dict[int, frozenset[int]] = {
    1: frozenset({2, 3, 5}),
    2: frozenset({4, 5, 6, 7, 9}),
    3: frozenset(),
    4: frozenset({5, 6, 7, 8, 9}),
    5: frozenset({2, 3, 4, 7, 8}),
    6: frozenset({2, 4, 7, 8}),
    7: frozenset(),
    8: frozenset(),
    9: frozenset({10}),
    10: frozenset(),
}
"""TrangThaiHoSo -> what may come after it. Back to 2 or 3 only while it was never in processing, or received."""


@dataclass
class _Held:
    """A dossier there. ``record``: the last one taken, {} for one that was only filed online; ``been``: states it was in;
    ``note``: what a lookup says besides."""

    state: int
    record: _Json = field(default_factory=dict)
    rows: list[_Json] = field(default_factory=list)
    been: set[int] = field(default_factory=set)
    note: str = ""


class PlayedNational(Played):
    """The server.

    ``script``: what practice refuses (``{"refuse": [{"match": {procedure, full_name, code}, "raw", "reason"}]}``): a first record
    that matches is refused until another one comes. ``catalogue``: MaTTHC -> its record (§4.6), else the shipped procedures.
    ``session_calls``: calls after which a session ends, None = only with its time. ``histories``: MaHoSo -> its states in order.
    ``calls``: services asked for, ``fillers``: invented personal numbers seen. ``clock``: seconds.
    """

    def __init__(
        self,
        script: Mapping[str, Any] | None = None,
        catalogue: Mapping[str, _Json] | None = None,
        clock: Callable[[], float] = time.monotonic,
        session_calls: int | None = None,
    ) -> None:
        super().__init__(script)
        self.catalogue: Mapping[str, _Json] | None = catalogue
        self.session_calls = session_calls
        self.dossiers: dict[str, _Held] = {}
        self._clock = clock
        self._session, self._left, self._since, self._sessions = "", 0, 0.0, 0

    # For whoever practises or tests

    def settings(self) -> _Json:
        """What an adapter needs to know."""
        return dict(SETTINGS)

    def dossier(self, ma: str) -> _Json | None:
        """The record it holds, with the state it is in there; None: it is not there."""
        with self._lock:
            held = self.dossiers.get(ma)
            return held.record | {"MaHoSo": ma, "TrangThaiHoSo": str(held.state)} if held else None

    def set_state(self, ma: str, state: int, text: str = "") -> None:
        """Something happens to it there."""
        with self._lock:
            held = self.dossiers[ma]
            held.note = text
            self._move(ma, held, state)

    def file_online(self, record: _Json) -> None:
        """A resident files a dossier on the portal: it is there, in state 1."""
        with self._lock:
            self.dossiers[record["MaHoSo"]] = _Held(1, {}, been={1})
            self.histories[record["MaHoSo"]] = [1]

    def memory(self) -> _Json:
        """What it holds, JSON: a practice that starts again goes on with it."""
        with self._lock:
            held = {ma: asdict(one) | {"been": sorted(one.been)} for ma, one in self.dossiers.items()}
            return {"dossiers": held, "histories": self.histories, "refused": self._refused}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what a former start held."""
        with self._lock:
            self.dossiers = {ma: _Held(**one | {"been": set(one["been"])}) for ma, one in memory.get("dossiers", {}).items()}
            self.histories, self._refused = dict(memory.get("histories", {})), dict(memory.get("refused", {}))

    def end_session(self) -> None:
        """The session ends now."""
        with self._lock:
            self._session = ""

    # The service

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request, answered."""
        with self._lock:
            services = {SETTINGS[k] for k in ("integration_endpoint", "share_endpoint")}
            if method != "POST" or path not in services | {SETTINGS["auth_endpoint"]}:
                return answer({"error_code": -1, "message": "Không tìm thấy đường dẫn"}, 404)
            try:
                said = json.loads(body)
                if not isinstance(said, dict):
                    raise Refused("Dữ liệu gửi lên không đúng định dạng JSON")
                lower = {k.lower(): v for k, v in headers.items()}
                if lower.get("dstcode") != SETTINGS["dstcode"]:
                    raise Refused("Mã định tuyến dstcode không đúng")
                return answer(self._serve(said, path) if path in services else self._login(said))
            except ValueError:
                return answer({"error_code": -1, "message": "Dữ liệu gửi lên không đúng định dạng JSON"})
            except Refused as refusal:
                return answer({"error_code": -1, "message": str(refusal)})

    def _login(self, said: _Json) -> _Json:
        self.calls["login"] += 1
        if said != {k: SETTINGS[k] for k in ("username", "password")}:
            raise Refused("Sai tên đăng nhập hoặc mật khẩu")
        self._sessions += 1
        self._session, self._left, self._since = f"session-{self._sessions}", self.session_calls or 0, self._clock()
        return {"error_code": 0, "session": self._session}

    def _serve(self, said: _Json, path: str) -> _Json:
        service = said.get("service")
        over = self._clock() - self._since > _LASTS or (self.session_calls is not None and self._left < 1)
        if not self._session or said.get("session") != self._session or over:
            self._session = "" if over else self._session
            raise Refused("Phiên làm việc đã hết hạn hoặc không hợp lệ")
        self._left -= 1
        if said.get("madonvi") != SETTINGS["madonvi"]:
            raise Refused("Mã đơn vị (madonvi) không đúng")
        data: dict[str, tuple[Callable[[_Json], _Json], set[str]]] = {
            "DongBoHoSoMC": (self._sync, {"isUpdating", "data"}),
            "CapNhatTienDoHoSoMC": (self._progress, {"data"}),
            "TraCuuHoSo": (self._lookup, {"mahoso"}),
        }
        share: dict[str, tuple[Callable[[_Json], _Json], set[str]]] = {
            "LayDanhSachTTHC": (self._listing, set()),
            "LayThuTuc": (self._procedure, {"maTTHC"}),
        } | {f"LayDanhMuc{name}": (partial(self._master, name), set()) for name in _LISTS.split()}
        found = (data if path == SETTINGS["integration_endpoint"] else share).get(str(service))
        if found is None:
            raise Refused(f"Không hỗ trợ dịch vụ {service}")
        self.calls[str(service)] += 1
        run, keys = found
        if set(said) != keys | {"session", "madonvi", "service"}:
            raise Refused("Tham số của dịch vụ không đúng")
        return run(said)

    # Records

    def _sync(self, said: _Json) -> _Json:
        updating, data = said["isUpdating"], said["data"]
        if updating not in ("True", "False") or not isinstance(data, list) or not data:
            raise Refused("Tham số isUpdating hoặc data không đúng kiểu dữ liệu")
        codes = [one.get("MaHoSo") if isinstance(one, dict) else None for one in data]
        if len(set(codes)) != len(codes):
            raise Refused("Mã hồ sơ bị lặp trong một lần gửi")
        for one in data:
            check(one, RECORD, NEEDED)
            self._check_record(one, updating == "True")
        for one in data:
            held = self.dossiers.setdefault(one["MaHoSo"], _Held(0))
            held.record = one
            self._move(one["MaHoSo"], held, int(one["TrangThaiHoSo"]))
        return {"error_code": "00", "message": "Đồng bộ hồ sơ thành công"}

    def _check_record(self, one: _Json, updating: bool) -> None:
        ma, state, held = one["MaHoSo"], int(one["TrangThaiHoSo"]), self.dossiers.get(one["MaHoSo"])
        self._check_numbers(one.get("DinhDanhCHS", []))
        if one.get("MaDoiTuong") and one.get("KenhThucHien") != "2":
            raise Refused("Trường MaDoiTuong chỉ gửi khi KenhThucHien là 2")
        if held is not None and not updating:
            raise Refused(f"Hồ sơ {ma} đã tồn tại")
        if held is None and updating:
            raise Refused(f"Hồ sơ {ma} không tồn tại")
        if held is None and state not in (1, 2, 3):
            raise Refused(f"Trạng thái hồ sơ không hợp lệ: hồ sơ mới không thể ở trạng thái {state}")
        if held is not None and state != held.state and state not in _reachable(held):
            raise Refused(f"Trạng thái hồ sơ không hợp lệ: không thể chuyển từ {held.state} sang {state}")
        self._check_dates(one, state, held)
        if not (held and held.record):
            self._practice(one)

    def _check_dates(self, one: _Json, state: int, held: _Held | None) -> None:
        """What belongs to a state stands in a record of that state, and in no other."""
        received = state not in (1, 3, 5) or (state == 5 and held is not None and 2 in held.been)
        if received and not one.get("NgayTiepNhan"):
            raise Refused("Thiếu trường bắt buộc NgayTiepNhan")
        for name, states in (("NgayTra", {10}), ("NgayKetThucXuLy", {7, 8, 9, 10}), ("NgayTuChoi", {3})):
            if (name in one) != (state in states):
                raise Refused(f"Trường {name} không phù hợp với trạng thái {state}")
        if "DanhSachGiayToKetQua" in one and state not in (9, 10):
            raise Refused(f"Trường DanhSachGiayToKetQua không phù hợp với trạng thái {state}")

    def _check_numbers(self, numbers: Iterable[_Json]) -> None:
        for one in numbers:
            number, most = one.get("SoDinhDanh", ""), 12 if one.get("LoaiDinhDanh") == "1" else 9
            if len(set(number)) < 2 or set(number[:-1]) == {"0"}:
                self.fillers += 1
                raise Refused("Trường SoDinhDanh có giá trị không hợp lệ: số định danh không có thật")
            if len(number) != most or not number.isdecimal():
                raise Refused("Trường SoDinhDanh có giá trị không hợp lệ")

    def _practice(self, one: _Json) -> None:
        content = one | {"TaiLieuNop": [{**f, "DuongDanTaiTepTin": ""} for f in one.get("TaiLieuNop", [])]}
        if raw := self._scripted(one, content):
            raise Refused(raw)

    # Progress

    def _progress(self, said: _Json) -> _Json:
        rows = said["data"]
        if not isinstance(rows, list) or not rows:
            raise Refused("Tham số data không đúng kiểu dữ liệu")
        if len(rows) > MOST_ROWS:
            raise Refused(f"Số dòng tiến độ vượt quá {MOST_ROWS} dòng một lần gửi")
        for one in rows:
            check(one, ROW, ROW_NEEDED)
        after: dict[str, _Held] = {}
        for one in rows:
            held = self.dossiers.get(one["MaHoSo"])
            if held is None:
                raise Refused(f"Hồ sơ {one['MaHoSo']} không tồn tại")
            then = after.setdefault(one["MaHoSo"], _Held(held.state, held.record, list(held.rows), set(held.been)))
            state = int(one["TrangThai"])
            if one in then.rows:
                raise Refused("Tiến độ đã tồn tại")
            if state != then.state and state not in _next(then):
                raise Refused(f"Trạng thái hồ sơ không hợp lệ: không thể chuyển từ {then.state} sang {state}")
            then.rows.append(one)
            then.state = state
            then.been.add(state)
        for one in rows:
            held = self.dossiers[one["MaHoSo"]]
            held.rows.append(one)
            self._move(one["MaHoSo"], held, int(one["TrangThai"]))
        return {"error_code": 0, "message": "Cập nhật tiến độ thành công"}

    def _move(self, ma: str, held: _Held, state: int) -> None:
        held.state = state
        held.been.add(state)
        history = self.histories.setdefault(ma, [])
        if not history or history[-1] != state:
            history.append(state)

    # Questions

    def _lookup(self, said: _Json) -> _Json:
        ma = said["mahoso"]
        held = self.dossiers.get(ma) if isinstance(ma, str) else None
        if held is None:
            return _ok([])
        result = held.record | {"MaHoSo": ma, "TrangThaiHoSo": str(held.state)}
        return _ok([result | ({"NoiDungXuLy": held.note} if held.note else {})])

    def _listing(self, _said: _Json) -> _Json:
        return _ok([{"MATTHC": code, "TENTTHC": one.get("TENTTHC", "")} for code, one in self._catalogue().items()])

    def _procedure(self, said: _Json) -> _Json:
        found = self._catalogue().get(str(said["maTTHC"]))
        return _ok([found] if found else [])

    def _master(self, name: str, _said: _Json) -> _Json:
        """A list of master data: the fields of the catalogue; what stands in the others is not known, so they are empty."""
        areas = [area for one in self._catalogue().values() for area in one.get("LINHVUCTHUCHIEN") or ()]
        return _ok(list({area["MALINHVUC"]: area for area in areas}.values()) if name == "LinhVuc" else [])

    def _catalogue(self) -> Mapping[str, _Json]:
        if self.catalogue is None:
            self.catalogue = {p.code: _listed(p.code, p.name, p.field) for p in Catalogue.load().procedures if not p.members}
        return self.catalogue


def _listed(code: str, name: str, its_field: str) -> _Json:
    """As much of a record of §4.6 as practice needs; the code of the field is played too."""
    number = f"G00-LV{hashlib.sha256(its_field.encode()).digest()[0]:03d}"
    return {
        "MaTTHC": code,
        "TENTTHC": name,
        "LINHVUCTHUCHIEN": [{"MALINHVUC": number, "TENLINHVUC": its_field}],
        "TRANGTHAI": "1",
    }


def _next(held: _Held) -> set[int]:
    """What may come after the state it is in. Back to "received" only what never was in processing, declined only what never
    was received."""
    never = ({2} if 4 in held.been else set()) | ({3} if 2 in held.been else set())
    return set(_FOLLOWS[held.state]) - never


def _reachable(held: _Held) -> set[int]:
    found, edge = set[int](), _next(held)
    while edge:
        found |= edge
        edge = set().union(*(_next(_Held(s, been=held.been | found)) for s in edge)) - found
    return found


def _ok(result: list[_Json]) -> _Json:
    return {"error_code": 0, "message": "Thành công", "result": result}
