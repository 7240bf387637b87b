"""A ministry's iGate-style system, played: in memory, strict to its field table (one-stop-domain.md §4.5). It imitates what is
known and decides what is not in the strictest way; it shares no table with the adapter that talks to it.

What it refuses, it refuses as a whole, with status 400 and a Vietnamese message.
"""

import email.parser
import email.policy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from forms.guard import filler_number
from forms.working_days import VIETNAM
from sync.relay.played.keeping import Answer, Played, answer
from sync.relay.played.ministry_table import RECORD, ROW, STATE, Wrong, check

_Json = dict[str, Any]
SETTINGS: _Json = {
    "name": "ministry",
    "label": "Hệ thống thông tin giải quyết TTHC của bộ",
    "client_id": "practice",
    "client_secret": "practice",
    "code": "000.00.00.T00",
    "unit": "T00.20",
}
"""What an adapter needs to know of it."""
MOST_ROWS = 10
_LIFE = 3600
_FOLLOWS: dict[int, frozenset[int]] = {
    1: frozenset({2, 3, 5}),
    2: frozenset({4, 5, 6, 7, 9}),
    4: frozenset({5, 6, 7, 8, 9}),
    5: frozenset({2, 4, 7, 8}),
    6: frozenset({2, 4, 7, 8}),
    9: frozenset({10}),
}
"""TrangThai -> what may come after it."""


class _Refused(Wrong):
    """Its message is the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class _Held:
    """A dossier there."""

    record: _Json
    id: str
    state: int = 1
    rows: list[_Json] = field(default_factory=list)
    lists: _Json = field(default_factory=dict)


class PlayedMinistry(Played):
    """The server. ``script``: what practice refuses (``{"refuse": [{"match": {procedure, full_name, code}, "raw"}]}``): a record
    that matches is refused until another one comes. ``told``: told of every dossier that comes to be and of every state it goes
    to (number, state). ``nested``: UploadFile answers as one product passes it on. ``histories``: number -> states in order.
    ``calls``: services asked for; ``fillers``: invented personal numbers seen."""

    def __init__(
        self,
        script: Mapping[str, Any] | None = None,
        told: Callable[[str, int], None] = lambda number, state: None,
        clock: Callable[[], datetime] = lambda: datetime.now(VIETNAM),
        nested: bool = False,
    ) -> None:
        super().__init__(script)
        self.dossiers: dict[str, _Held] = {}
        self.files: dict[str, str] = {}
        self._told, self._clock, self._nested = told, clock, nested
        self._issued: list[str] = []
        self._tokens: dict[str, datetime] = {}
        self._services: dict[tuple[str, str], Callable[[_Json, Mapping[str, str], bytes], _Json]] = {
            ("GET", "/GetNextValue"): self._next_value,
            ("POST", "/UploadFile"): self._upload,
            ("POST", "/CreateDossier"): self._create,
            ("POST", "/CapNhatTienTrinh"): self._progress,
            ("POST", "/CapNhatTrangThai"): self._states,
        }

    # For whoever practises or tests

    def settings(self) -> _Json:
        """What an adapter needs to know."""
        return dict(SETTINGS)

    def dossier(self, number: str) -> _Json | None:
        """The record it holds, with the state it is in there; None: it is not there."""
        with self._lock:
            held = self.dossiers.get(number)
            return held.record | {"TrangThai": held.state} | held.lists if held else None

    def set_state(self, number: str, state: int) -> None:
        """Something happens to it there."""
        with self._lock:
            self._move(number, state)

    def memory(self) -> _Json:
        """What it holds, JSON: a practice that starts again goes on with it."""
        with self._lock:
            held = {number: asdict(one) for number, one in self.dossiers.items()}
            kept = {"histories": self.histories, "files": self.files, "issued": self._issued, "refused": self._refused}
            return {"dossiers": held} | kept

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Hold what a former start held."""
        with self._lock:
            self.dossiers = {number: _Held(**one) for number, one in memory.get("dossiers", {}).items()}
            self.histories, self.files = dict(memory.get("histories", {})), dict(memory.get("files", {}))
            self._issued, self._refused = list(memory.get("issued", [])), dict(memory.get("refused", {}))

    def end_session(self) -> None:
        """Every token ends now."""
        with self._lock:
            self._tokens.clear()

    # The service

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One request, answered."""
        with self._lock:
            url, lower = urlsplit(path), {k.lower(): v for k, v in headers.items()}
            try:
                if (method, url.path) == ("POST", "/GetToken"):
                    return answer(self._token(body))
                service = self._services.get((method, url.path))
                if service is None:
                    raise _Refused("Không tìm thấy API", 404)
                if self._tokens.get(lower.get("authorization", "").removeprefix("Bearer "), self._clock()) <= self._clock():
                    raise _Refused("Chưa có hoặc không đúng token access", 401)
                self.calls[url.path[1:]] += 1
                return answer(service({k: v[0] for k, v in parse_qs(url.query).items()}, lower, body))
            except Wrong as refusal:
                status = refusal.status if isinstance(refusal, _Refused) else 400
                return answer({"code": status, "message": str(refusal), "data": None}, status)

    def _token(self, body: bytes) -> _Json:
        self.calls["GetToken"] += 1
        if _json(body) != {k: SETTINGS[k] for k in ("client_id", "client_secret")}:
            raise _Refused("Sai client_id hoặc client_secret", 401)
        token = hashlib.sha256(f"{id(self)} {self.calls['GetToken']}".encode()).hexdigest()
        self._tokens[token] = self._clock() + timedelta(seconds=_LIFE)
        return _ok({"access_token": token, "expires_in": _LIFE, "token_type": "Bearer", "scope": "default"})

    def _next_value(self, query: _Json, headers: Mapping[str, str], body: bytes) -> _Json:
        if query != {"code": SETTINGS["code"]}:
            raise _Refused("Tham số code không hợp lệ")
        self._issued.append(f"{SETTINGS['unit']}-{self._clock():%Y%m%d}-{len(self._issued) + 1:07d}")
        return {"value": self._issued[-1]}

    def _upload(self, query: _Json, headers: Mapping[str, str], body: bytes) -> _Json:
        kind = headers.get("content-type", "")
        whole = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        parts = list(whole.iter_parts()) if kind.startswith("multipart/form-data") else []
        names = [part.get_param("name", header="content-disposition") for part in parts]
        if not parts or any(name != "files" for name in names) or not all(part.get_filename() for part in parts):
            raise _Refused("Thiếu tệp tin trong trường files")
        data = []
        for part in parts:
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes) or not content:
                raise _Refused("Trường files có tệp tin trống")
            name = f"T{len(self.files) + 1:08d}"
            self.files[name] = hashlib.sha256(content).hexdigest()
            data.append({"IdTepTin": name, "HashTepTin": self.files[name]})
        return _ok([{"response": _ok(data)}] if self._nested else data)

    # Dossiers

    def _create(self, query: _Json, headers: Mapping[str, str], body: bytes) -> _Json:
        one = _json(body)
        check(one, RECORD)
        number, who = one["MaHoSo"], one["ThongTinNguoiNop"]["ThongTinChiTiet"]
        for name in ("SoDinhDanh", "SoDinhDanhChuHs"):
            if who[name] and filler_number(who[name]):
                self.fillers += 1
                raise _Refused(f"Trường {name} có giá trị không hợp lệ: số định danh không có thật")
        if number in self.dossiers:
            raise _Refused("Mã hồ sơ đã tồn tại")
        if number not in self._issued:
            raise _Refused("Trường MaHoSo có giá trị không do hệ thống cấp")
        for file in (f for paper in one["ThanhPhanHoSo"] for f in paper["GiayToDinhKem"]):
            if self.files.get(file["IdGiayTo"]) != file["HashTepTin"]:
                raise _Refused("Trường IdGiayTo hoặc HashTepTin không khớp tệp tin đã tải lên")
        self._practice(one)
        self.dossiers[number] = _Held(one, f"H{len(self.dossiers) + 1:08d}")
        self._move(number, 1)
        return _ok({"idHoSo": self.dossiers[number].id, "maHoSo": number})

    def _practice(self, one: _Json) -> None:
        papers = [{k: v for k, v in p.items() if k != "GiayToDinhKem"} for p in one["ThanhPhanHoSo"]]
        if raw := self._scripted(one, one | {"ThanhPhanHoSo": papers}):
            raise _Refused(raw)

    def _progress(self, query: _Json, headers: Mapping[str, str], body: bytes) -> _Json:
        rows = _list(body)
        if len(rows) > MOST_ROWS:
            raise _Refused(f"Số dòng tiến trình vượt quá {MOST_ROWS} dòng một lần gửi")
        for place, one in enumerate(rows):
            check(one, ROW)
            if one in self._held(one, "IDHoSo").rows or one in rows[:place]:
                raise _Refused("Tiến trình đã tồn tại")
        for one in rows:
            self.dossiers[one["MaHoSo"]].rows.append(one)
        return _ok(None)

    def _states(self, query: _Json, headers: Mapping[str, str], body: bytes) -> _Json:
        for one in (entries := _list(body)):
            check(one, STATE)
            now, state = self._held(one, "IdHoSo").state, one["TrangThai"]
            if state != now and state not in _FOLLOWS.get(now, ()):
                raise _Refused(f"Trường TrangThai có giá trị không hợp lệ: không thể chuyển từ {now} sang {state}")
            for name, states in (("DanhSachLePhi", {5, 6, 9}), ("DanhSachGiayToKetQua", {5, 6, 9})):
                if name in one and state not in states:
                    raise _Refused(f"Trường {name} không phù hợp với trạng thái {state}")
        if len({one["MaHoSo"] for one in entries}) != len(entries):
            raise _Refused("Mã hồ sơ bị lặp trong một lần gửi")
        for one in entries:
            held = self.dossiers[one["MaHoSo"]]
            held.lists |= {k: one[k] for k in ("DanhSachLePhi", "DanhSachGiayToKetQua") if k in one}
            self._move(one["MaHoSo"], one["TrangThai"])
        return _ok(None)

    def _held(self, one: _Json, its_id: str) -> _Held:
        held = self.dossiers.get(one["MaHoSo"])
        if held is None or one[its_id] not in ("", held.id):
            raise _Refused(f"Không tìm thấy hồ sơ theo {its_id}, MaHoSo")
        return held

    def _move(self, number: str, state: int) -> None:
        history = self.histories.setdefault(number, [])
        self.dossiers[number].state = state
        if not history or history[-1] != state:
            history.append(state)
            self._told(number, state)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise _Refused("Dữ liệu gửi lên không đúng định dạng JSON") from None


def _list(body: bytes) -> list[_Json]:
    found = _json(body)
    if not isinstance(found, list) or not found:
        raise _Refused("Dữ liệu gửi lên không đúng kiểu dữ liệu")
    return found


def _ok(data: Any) -> _Json:
    return {"code": 200, "message": "Thành công", "data": data}
