"""A ministry's iGate-style system: what is sent of a dossier and when, and what its answers mean. Sans-I/O.

Seen in a product, not in a published specification (one-stop-domain.md §4.5; what is told: ``ministry_record``, with the field
table): GetToken gives a Bearer token, GetNextValue the dossier's number, then come UploadFile, CreateDossier, and in turn
CapNhatTienTrinh and CapNhatTrangThai: a state is told after the act that led to it and before any later act, so there it only
ever moves as it did here.

It answers no questions: what became of a call whose answer was lost is learned by making it again, unchanged. *Cần xác nhận*:
that no number is issued twice; that the same progress row or state told again is kept once or answered "đã tồn tại"; which
``code`` of an answer is a success (``success``); how many rows a call may have (``batch``). It cannot be told of a correction, a
paper or a scan after CreateDossier, nor that a code was annulled or an act does not count: then the dossier says so, once.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from forms.names import fold
from forms.problem import Problem
from forms.refusals import kept, recognised
from forms.routing import PORTAL
from sync.relay import ministry_record
from sync.relay.ministry_record import Agreed
from sync.relay.shapes import answered, label, part, parts, seconds, text
from sync.relay.systems import Act, Call, Case, Heard, Json, Reply, Request, Told, Verdict, digest

_LOGIN, _NUMBER, _UPLOAD = "login", "GetNextValue", "UploadFile"
_CREATE, _ROWS, _STATE = "CreateDossier", "CapNhatTienTrinh", "CapNhatTrangThai"
_PATHS = {_LOGIN: "/GetToken"} | {name: f"/{name}" for name in (_NUMBER, _UPLOAD, _CREATE, _ROWS, _STATE)}
_SUCCESS = ("0", "00", "200")
_REFUSING = (400, 409, 422)
_EXPIRED, _DENIED = "401", "403"
_KNOWN = fold("đã tồn tại")
_TOKEN = re.compile("[!-~]{1,8192}")
_LIFE, _LONGEST_LIFE = 60.0, 86_400.0
"""Seconds that a token lasts of which that is not said, and that any may last."""
_EARLY = timedelta(seconds=30)
"""So long before its end a token is not used any more, or a tenth of its life when that is less."""


class Ministry:
    """The adapter. One object keeps one token; it is used by one thread.

    :param settings: ``name``, ``label``, ``client_id``, ``client_secret``, ``code``; optional ``unit``, ``services`` (our
        procedure code -> MaTTHC, MaDichVuCong, LoaiDoiTuong where they differ), ``papers`` (``"procedure/paper"`` or paper code
        -> MaThanhPhanHoSo), ``paths`` (service -> its path), ``batch``, ``success``, ``refusals`` (raw text -> code, reason,
        field, say).
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.name, self.label = str(settings["name"]), str(settings.get("label") or settings["name"])
        self._credentials = {k: str(settings[k]) for k in ("client_id", "client_secret")}
        self._code = str(settings["code"])
        services, papers = dict(settings.get("services") or {}), dict(settings.get("papers") or {})
        self._agreed = Agreed(str(settings.get("unit") or ""), services, papers)
        self._paths = _PATHS | dict(settings.get("paths") or {})
        self._most = int(settings.get("batch") or 10)
        self._success = frozenset(map(str, settings.get("success") or _SUCCESS))
        self._refusals: Callable[[str], Mapping[str, Any]] = settings.get("refusals") or recognised
        self._token, self._until = "", datetime.min.replace(tzinfo=UTC)
        self._singly = set[str]()

    def remarks(self, case: Case, told: Told) -> Heard:
        """What is known of the other side without asking it, and what it cannot be told: each is said once."""
        dossier = case.dossier
        if not told.number or dossier["erased"]:
            return Heard(told)
        told = _moved_there(case, told) if told.exists else told
        noted, verdicts = list(told.noted), list[Verdict]()
        for what, mark in self._unexpressed(case, told):
            key = f"{what} {mark}"
            if key not in noted:
                noted.append(key)
                verdicts += [("unexpressed", {"system": self.name, "what": what, "say": _SAY[what].format(self.label)})]
        return Heard(told.but(noted=tuple(noted)), tuple(verdicts)) if verdicts else Heard(told)

    def next(self, case: Case, told: Told) -> Call | None:
        """See :class:`sync.relay.systems.System`. None also while bytes of a scan are not here yet: after CreateDossier it could
        not follow."""
        received = case.official is not None and case.dossier["received_at"] and not case.dossier["erased"]
        if not received or told.refused == self._standing(case, told):
            return None
        if not told.number:
            call: Call | None = self._get(f"{self._paths[_NUMBER]}?code={quote(self._code)}")
        elif not told.exists:
            unsent = [] if _doubt(told, _CREATE) is not None else _unsent(case, told)
            call = self._uploading(case, unsent[0]) if unsent else self._creating(case, told)
        else:
            call = self._state(case, told) or self._progress(case, told)
        return self._login() if call and not (self._token and case.now < self._until) else call

    @answered
    def heard(self, case: Case, told: Told, call: Call, reply: Reply) -> Heard:
        """See :class:`sync.relay.systems.System`.

        :raises Problem: ``system_denied``, ``system_unreadable``.
        """
        body = dict(part(reply.body))
        code = str(body.get("code", "")) if reply.status == 200 else str(reply.status)
        if code == _DENIED or (code == _EXPIRED and call.name == _LOGIN):
            raise Problem("system_denied", system=self.name, status=code)
        if code == _EXPIRED:
            self._token = ""
            return Heard(told if call.safe or call.about.get("again") else told.but(doubt=None))
        message = kept(text(body.get("message")) or text(body.get("Message")))
        refused = reply.status in _REFUSING or (reply.status == 200 and "code" in body and code not in self._success)
        known = refused and _KNOWN in fold(message) and call.name in (_CREATE, _ROWS, _STATE)
        if refused and not known:
            return self._refused(case, told, call, message or kept(str(reply.body)))
        if not refused and reply.status != 200:
            raise Problem("system_unreadable", system=self.name, status=reply.status)
        if call.name in (_ROWS, _STATE):
            return self._told(case, told, call, known, bool(body))
        if known:
            return self._exists(told, told.number, call.about["record"])
        taken = {_LOGIN: self._logged_in, _NUMBER: self._numbered, _UPLOAD: self._uploaded, _CREATE: self._created}
        return taken[call.name](case, told, call, body)

    # What is sent

    def _login(self) -> Call:
        return Call(_LOGIN, Request("POST", self._paths[_LOGIN], body=self._credentials), safe=True)

    def _get(self, path: str) -> Call:
        return Call(_NUMBER, Request("GET", path, self._signed()), safe=True)

    def _post(self, name: str, body: Any, about: Json) -> Call:
        return Call(name, Request("POST", self._paths[name], self._signed(), body), about)

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _uploading(self, case: Case, scan: Mapping[str, Any]) -> Call | None:
        """None while not all of its bytes are here. One is read at a time: there may be many, and they are large."""
        data = case.scan(scan["sha256"])
        if hashlib.sha256(data).hexdigest() != scan["sha256"]:
            return None
        file = ("files", f"{scan['sha256'][:16]}.{scan['kind'].rpartition('/')[2]}", data, scan["kind"])
        request = Request("POST", self._paths[_UPLOAD], self._signed(), files=(file,))
        return Call(_UPLOAD, request, {"sha256": scan["sha256"]})

    def _creating(self, case: Case, told: Told) -> Call:
        """In doubt it is made again with the same number; what is then there already is the first record that was tried."""
        doubt = _doubt(told, _CREATE)
        about = {"record": _mark(case)} if doubt is None else {"record": doubt["record"], "again": True}
        return self._post(_CREATE, ministry_record.record(case, told, self._agreed), about)

    def _progress(self, case: Case, told: Told) -> Call | None:
        """Acts not told yet, in order, up to the first that changes the state: the state is told before what came after it."""
        doubt, ours = _doubt(told, _ROWS), _ours(case)
        if doubt is not None:
            batch = [a for a in ours if a.act in doubt["rows"]]
        else:
            batch = list[Act]()
            for act in (a for a in ours if a.act not in told.rows):
                batch.append(act)
                if act.official != told.state or len(batch) == (1 if case.dossier["id"] in self._singly else self._most):
                    break
        if not batch:
            return None
        about = {"rows": [a.act for a in batch]} | ({"again": True} if doubt is not None else {})
        return self._post(_ROWS, [ministry_record.row(case, told, act) for act in batch], about)

    def _state(self, case: Case, told: Told) -> Call | None:
        """The state that the last act told led to; never one that no act led to."""
        last = next((a for a in reversed(case.acts) if a.act in told.rows), None)
        if last is None or last.counter == PORTAL or last.official == told.state or f"state {last.official}" in told.noted:
            return None
        about = {"state": last.official} | ({"again": True} if _doubt(told, _STATE) is not None else {})
        return self._post(_STATE, [ministry_record.state(case, told, last)], about)

    # What is heard

    def _logged_in(self, case: Case, told: Told, call: Call, body: Json) -> Heard:
        data = part(body.get("data"))
        token = text(data.get("access_token"))
        if not _TOKEN.fullmatch(token):
            raise Problem("system_unreadable", system=self.name, reason="access_token")
        lasts = timedelta(seconds=seconds(data.get("expires_in"), _LONGEST_LIFE) or _LIFE)
        self._token, self._until = token, case.now + lasts - min(_EARLY, lasts / 10)
        return Heard(told)

    def _numbered(self, case: Case, told: Told, call: Call, body: Json) -> Heard:
        number = label(body.get("value") or part(body.get("data")).get("value"))
        if not number:
            raise Problem("system_unreadable", system=self.name, reason="value")
        return Heard(told.but(number=number))

    def _uploaded(self, case: Case, told: Told, call: Call, body: Json) -> Heard:
        """One product answers ``data[0]`` itself, through another its answer stands inside ``data[0].response``."""
        file = _first(body)
        file = _first(part(file["response"])) if part(file.get("response")) else file
        known = {k: label(file.get(k)) for k in ("IdTepTin", "HashTepTin")}
        if not all(known.values()):
            raise Problem("system_unreadable", system=self.name, reason="IdTepTin")
        return Heard(told.but(files={**told.files, call.about["sha256"]: known}, doubt=None))

    def _created(self, case: Case, told: Told, call: Call, body: Json) -> Heard:
        data = part(body.get("data"))
        number = label(data["maHoSo"]) if data.get("maHoSo") else told.number
        if not number or not (data.get("maHoSo") or data.get("idHoSo")):
            raise Problem("system_unreadable", system=self.name, reason="maHoSo")
        return self._exists(told, number, _mark(case))

    def _exists(self, told: Told, number: str, record: str) -> Heard:
        told = told.but(exists=True, number=number, record=record, refused="", doubt=None)
        return Heard(told, (("accepted", {"system": self.name, "official_code": number}),))

    def _told(self, case: Case, told: Told, call: Call, known: bool, readable: bool) -> Heard:
        if not known and not readable:
            raise Problem("system_unreadable", system=self.name, reason="code")
        if call.name == _STATE:
            return Heard(told.but(state=call.about["state"], refused="", doubt=None))
        rows, dossier = tuple(call.about["rows"]), case.dossier["id"]
        if known and len(rows) > 1:  # one of them is there: which, only one by one can tell
            self._singly.add(dossier)
            return Heard(told.but(doubt=None))
        told = told.but(rows=(*told.rows, *(r for r in rows if r not in told.rows)), refused="", doubt=None)
        if all(a.act in told.rows for a in _ours(case)):
            self._singly.discard(dossier)
        return Heard(told)

    def _refused(self, case: Case, told: Told, call: Call, raw: str) -> Heard:
        """Said once; nothing more is sent until the dossier is another one."""
        if call.safe:
            raise Problem("system_denied" if call.name == _LOGIN else "system_unreadable", system=self.name, reason=call.name)
        if call.name == _STATE and _uncounted(case, told):  # it was told of an act that does not count: no clerk can mend that
            body = {"system": self.name, "what": "state", "say": _SAY["state"].format(self.label), "raw": raw}
            noted = (*told.noted, f"state {call.about['state']}")
            return Heard(told.but(noted=noted, doubt=None), (("unexpressed", body),))
        told = told.but(refused=self._standing(case, told), doubt=None)
        found = {"raw": raw} | dict(self._refusals(raw))
        if (case.dossier["refusal"] or {}).get("raw") == found["raw"]:
            return Heard(told)
        said = {k: found.get(k) for k in ("code", "reason", "field", "say", "raw")}
        return Heard(told, (("refused", {"system": self.name} | said),))

    # How the dossier stands

    def _standing(self, case: Case, told: Told) -> str:
        """Another one whenever it makes sense to try again what was refused."""
        acts = [a.act for a in _ours(case)] if told.exists else []
        record = ministry_record.record(case, Told(), self._agreed)
        return digest([record, sorted(s["sha256"] for s in case.dossier["scans"]), acts])

    def _unexpressed(self, case: Case, told: Told) -> list[tuple[str, str]]:
        """(what, its mark) of all that the other side has otherwise than it is."""
        if case.dossier["stage"] == "annulled":
            return [("annulled", "")]
        if not told.exists:
            return []
        fields, papers = _mark(case).split(".")
        had = told.record.split(".")
        scans = sorted(s["sha256"] for s in _unsent(case, told))
        found = [("correction", fields)] if fields != had[0] else []
        found += [("papers", papers)] if papers != had[1] else []
        found += [("scans", digest(scans))] if scans else []
        return found + [("act_overruled", act) for act in _uncounted(case, told)]


_SAY = {
    "annulled": "{} không có thao tác huỷ mã: số đã cấp vẫn còn ở đó. Quầy báo hệ thống đó biết mã này không dùng.",
    "correction": "{} không nhận sửa đổi sau khi hồ sơ đã được tạo. Quầy sửa thông tin trực tiếp ở hệ thống đó.",
    "papers": "{} không nhận thêm giấy tờ sau khi hồ sơ đã được tạo. Quầy chuyển giấy tờ bổ sung bằng cách khác.",
    "scans": "{} không nhận thêm bản chụp sau khi hồ sơ đã được tạo. Quầy chuyển bản chụp bằng cách khác.",
    "act_overruled": "{} đã ghi một việc mà nay không được tính, và không có thao tác xoá. Quầy báo hệ thống đó đính chính.",
    "state": "{} không nhận trạng thái đúng, sau khi một việc đã báo không còn được tính. Quầy báo hệ thống đó đính chính.",
}


def _mark(case: Case) -> str:
    """Digests of what CreateDossier says of a dossier: its fields, and its papers."""
    fields, papers = ministry_record.comparable(case)
    return f"{digest(fields)}.{digest(papers)}"


def _doubt(told: Told, name: str) -> Mapping[str, Any] | None:
    """What is remembered of a call of this name that may have been carried out."""
    return told.doubt if told.doubt and told.doubt.get("call") == name else None


def _ours(case: Case) -> list[Act]:
    return [a for a in case.acts if a.official is not None and a.counter != PORTAL]


def _moved_there(case: Case, told: Told) -> Told:
    """What was said to have happened on the other side is known there, and so is the state after it."""
    for place, act in enumerate(case.acts):
        if act.counter == PORTAL and act.official is not None and act.act not in told.rows:
            later = any(a.act in told.rows for a in case.acts[place:])
            told = told.but(rows=(*told.rows, act.act), state=told.state if later else act.official)
    return told


def _uncounted(case: Case, told: Told) -> Sequence[str]:
    """Acts that were told and do not count; none while a clerk still has to decide."""
    counted = {a.act for a in case.acts}
    return [] if case.dossier["review"] else [r for r in told.rows if r not in counted]


def _unsent(case: Case, told: Told) -> list[Json]:
    return [s for s in case.dossier["scans"] if s["sha256"] not in told.files]


def _first(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(parts(body.get("data"))), {})
