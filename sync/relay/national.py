"""The national "một cửa" (MC) service: what is sent of a dossier and when, and what its answers mean. Sans-I/O.

Seen in working products, not in a published specification (one-stop-domain.md §4.2; what is told: ``national_record``):
a POST of username and password gives a session; every call is a POST with the header ``dstcode`` and ``{session, madonvi,
service, …}``; ``error_code`` is "00" or 0 when all is well, and a ``DongBoHoSoMC`` is taken only when the message says so too.

A dossier is told as it came about: the record as it was at its first official act, then its progress (at most ten rows a call,
in order), then the record as it is. So its state there only ever moves as it did here. A lost answer is followed by
``TraCuuHoSo``. *Cần xác nhận*: that identical rows are kept once there; the names in the answer of ``TraCuuHoSo`` (read without
regard to case); every word by which answers are told apart (``national_answers``); that a list of master data is asked for
without parameters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from forms.problem import Problem
from forms.refusals import kept, recognised
from forms.stages import OFFICIAL, Stage, may
from sync.relay import national_answers as said
from sync.relay.national_record import Objection, content, number, objections, record, row, told_acts
from sync.relay.shapes import answered, label, part, parts, title
from sync.relay.systems import Act, Call, Case, Heard, Json, Reply, Request, Told, Verdict

_SETTINGS = "username password dstcode madonvi auth_endpoint integration_endpoint share_endpoint".split()
ROWS = 10
"""The most progress rows of a call."""
_SYNC, _PROGRESS, _LOOKUP, _PROCEDURE, _LIST = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo", "LayThuTuc", "LayDanhSachTTHC"
_LOGIN = "login"
_LONGEST_SESSION = 8192
MASTER = tuple(
    "GioiTinh TinhThanh QuanHuyen PhuongXa CoQuan QuocGia DanToc TonGiao TinhTrangHonNhan DoiTuong LinhVuc CapThucHien"
    " CanCuPhapLy LePhi".split()
)
"""Lists of master data: LayDanhMucGioiTinh, …"""
_THERE: dict[int, str] = {4: "transferred", 5: "supplement_requested", 7: "withdrawn", 8: "stopped", 9: "finished"}
"""What must have happened there when a dossier has moved on to this state."""
_LED = {event: state for state, event in _THERE.items()} | {"arrived": OFFICIAL[Stage.PROCESSING]}
"""The other way round, for acts that were told and do not count any more."""
_ANNULLED, _NO_CODE, _ABSENT = "annulled", "no_code", "absent"
"""In ``Told.noted``; ``absent``: one that was filed online and yet is not known there."""


class National:
    """The adapter. One object keeps one session; it is used by one thread.

    :param settings: ``name``, ``label``, ``username``, ``password``, ``dstcode``, ``madonvi``, ``auth_endpoint``,
        ``integration_endpoint``, ``share_endpoint`` (paths), ``local_codes`` (our procedure code -> MaTTHC, where it differs),
        ``refusals`` (what a raw refusal means: ``forms.refusals.recognised``).
    :raises LookupError: one of them is missing; the last two may be.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.name, self.label = str(settings["name"]), str(settings["label"])
        self._settings = {name: str(settings[name]) for name in _SETTINGS}
        self._codes: Mapping[str, str] = dict(settings.get("local_codes") or {})
        self._refusals: Callable[[str], Json] = settings.get("refusals") or recognised
        self._session = self._ended = ""
        self._listed: dict[str, dict[str, str]] = {}
        self._alone: set[str] = set()

    # The session

    def login(self) -> Call | None:
        """The call that opens a session; None while there is one."""
        if self._session:
            return None
        body = {k: self._settings[k] for k in ("username", "password")}
        return Call(_LOGIN, Request("POST", self._settings["auth_endpoint"], self._headers(), body), safe=True)

    @answered
    def entered(self, reply: Reply) -> None:
        """Keep the session of an answer to ``login``.

        :raises Problem: ``system_denied``, ``system_busy``, ``system_unreadable``.
        """
        mood, _raw = said.mood(reply)
        session = label(part(reply.body).get("session"), _LONGEST_SESSION)
        if mood != said.DONE:
            raise Problem("system_denied", system=self.name, why="login")
        if not session:
            raise Problem("system_unreadable", system=self.name)
        self._session = session

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Charset": "utf-8", "dstcode": self._settings["dstcode"]}

    def _call(self, service: str, facts: Json, about: Json | None = None, safe: bool = False, share: bool = False) -> Call:
        path = self._settings["share_endpoint" if share else "integration_endpoint"]
        body = {"session": self._session, "madonvi": self._settings["madonvi"], "service": service} | facts
        return Call(service, Request("POST", path, self._headers(), body), about or {}, safe)

    # What is sent

    def next(self, case: Case, told: Told) -> Call | None:
        """See ``System``."""
        call = self._lookup(case, told) if told.doubt else self._due(case, told)
        return call and (self.login() or call)

    def _lookup(self, case: Case, told: Told) -> Call:
        return self._call(_LOOKUP, {"mahoso": number(case.dossier)}, dict(told.doubt or {}), safe=True)

    def _due(self, case: Case, told: Told) -> Call | None:
        acts, code = told_acts(case), self._code(case)
        if not _tellable(case, acts):
            return None
        if not self._knows(case):
            return self._call(_PROCEDURE, {"maTTHC": code}, {"code": code}, safe=True, share=True)
        present = self._record(case)
        now = content(present)
        if now == told.refused:
            return None
        updating = told.exists or bool(case.dossier["filed_at"] and _ABSENT not in told.noted)
        if not told.record and not told.rows and told.state <= (acts[0].official or 0):
            return self._sync(self._record(case, acts[0]), updating)
        unsaid = [a for a in acts if a.act not in told.rows]
        if unsaid:
            return self._progress(case, unsaid[: 1 if case.dossier["id"] in self._alone else ROWS])
        self._alone.discard(case.dossier["id"])
        return self._sync(present, updating) if now != told.record else None

    def _sync(self, whole: Json, updating: bool) -> Call:
        about = {"record": content(whole), "state": int(whole["TrangThaiHoSo"]), "updating": updating}
        return self._call(_SYNC, {"isUpdating": str(updating), "data": [whole]}, about)

    def _progress(self, case: Case, acts: list[Act]) -> Call:
        about = {"rows": [a.act for a in acts], "state": acts[-1].official}
        return self._call(_PROGRESS, {"data": [row(case, a) for a in acts]}, about)

    def _code(self, case: Case) -> str:
        ours = str(case.dossier["procedure"].get("code"))
        return self._codes.get(ours, ours)

    def _knows(self, case: Case) -> bool:
        """Whether the catalogue's words about the procedure are here, or known to be missing there."""
        return bool(case.listed.get("MaLinhVuc") and case.listed.get("TenLinhVuc")) or self._code(case) in self._listed

    def _record(self, case: Case, entry: Act | None = None) -> Json:
        code = self._code(case)
        return record(case, code, self._listed.get(code, {}) | dict(case.listed), entry)

    def remarks(self, case: Case, told: Told) -> Heard:
        """What is to be said of the dossier without asking anybody: what this system cannot express, what may not be sent."""
        acts, noted = told_acts(case), told.noted
        if case.dossier["erased"] or told.doubt:
            return Heard(told)
        if case.dossier["stage"] == Stage.ANNULLED and told.exists and _ANNULLED not in noted:
            say = "Hồ sơ đã huỷ mã ở quầy, nhưng hệ thống quốc gia không có trạng thái huỷ: cần báo đơn vị quản lý hệ thống."
            return Heard(told.but(noted=(*noted, _ANNULLED)), (self._unexpressed(_ANNULLED, say),))
        if acts and case.official and not number(case.dossier) and _NO_CODE not in noted:
            say = "Hồ sơ không được tiếp nhận nên không có mã; hệ thống quốc gia chỉ nhận hồ sơ có mã."
            return Heard(told.but(noted=(*noted, _NO_CODE)), (self._unexpressed(_NO_CODE, say),))
        if not _tellable(case, acts) or not self._knows(case):
            return Heard(told)
        return self._looked_over(case, told)

    def _looked_over(self, case: Case, told: Told) -> Heard:
        present = self._record(case)
        now, found = content(present), objections(present)
        if found and now != told.refused:
            return Heard(told.but(refused=now), self._objected(case, found[0]))
        if told.exists and told.record == now and case.dossier["verdict"] is None:  # set right to what was taken before
            return Heard(told, self._accepted())
        return Heard(told)

    # What is heard

    @answered
    def heard(self, case: Case, told: Told, call: Call, reply: Reply) -> Heard:
        """See ``System``. :raises Problem: also ``system_denied``: this program is not let in."""
        if call.name == _LOGIN:
            self.entered(reply)
            return Heard(told)
        mood, raw = self._asked(reply, str(case.dossier["id"]) if call.name in (_SYNC, _PROGRESS) else "")
        if mood == said.EXPIRED:
            return Heard(told if call.safe else told.but(doubt=None))
        if call.name == _PROCEDURE:
            self._learn(str(call.about["code"]), reply)
            return Heard(told)
        if call.name == _LOOKUP:
            return Heard(self._found(told, mood, reply))
        if mood == said.MISSING:
            return Heard(_from_the_start(told))
        return (self._synced if call.name == _SYNC else self._progressed)(case, told, call.about, mood, raw)

    def _asked(self, reply: Reply, dossier: str = "") -> tuple[str, str]:
        """What an answer says. ``dossier``: whose record was told, "" for a question. What the same record is answered once more
        in a session that was just opened is about the record, whatever its words are.

        :raises Problem: ``system_busy``, ``system_denied``, ``system_unreadable``.
        """
        mood, raw = said.mood(reply)
        expired, before = mood == said.EXPIRED, self._ended
        self._ended = dossier if expired else ""
        again = expired and bool(dossier) and before == dossier
        if again and raw:
            self._ended = ""
            return said.REFUSED, raw
        self._session = "" if expired else self._session
        if mood == said.DENIED or again:
            raise Problem("system_denied", system=self.name)
        return mood, raw

    def _synced(self, case: Case, told: Told, about: Mapping[str, Any], mood: str, raw: str) -> Heard:
        if mood == said.EXISTS and not about["updating"]:
            return Heard(told.but(exists=True))  # the doubt stays: first, how far is it there?
        if mood == said.DONE and said.succeeded(raw):
            after = told.but(exists=True, record=about["record"], refused="", state=about["state"], doubt=None)
            return Heard(after, self._accepted() if case.dossier["verdict"] != "accepted" else ())
        if mood == said.STATE:
            return self._not_so(case, told.but(refused=content(self._record(case)), doubt=None), f"state {about['state']}", raw)
        if not raw:
            raise Problem("system_unreadable", system=self.name)
        return self._refused(case, told, raw)

    def _progressed(self, case: Case, told: Told, about: Mapping[str, Any], mood: str, raw: str) -> Heard:
        rows = tuple(about["rows"])
        after = told.but(rows=told.rows + rows, state=about["state"], doubt=None)
        if mood == said.DONE:
            return Heard(after)
        if len(rows) > 1:  # which of them it is about, each tells by itself
            self._alone.add(str(case.dossier["id"]))
            return Heard(told.but(doubt=None))
        if mood == said.EXISTS:
            return Heard(after)
        if mood == said.STATE:
            return self._not_so(case, after.but(state=told.state), f"row {rows[0]}", raw)
        return self._refused(case, told, raw)

    def _found(self, told: Told, mood: str, reply: Reply) -> Told:
        """What a lookup tells about the call whose answer was lost."""
        doubt = told.doubt or {}
        there = said.rows(reply)
        if mood not in (said.DONE, said.MISSING):
            raise Problem("system_unreadable", system=self.name)
        if mood == said.MISSING or not there:
            return told.but(doubt=None)  # told again; whether it should be an update, that answer says
        state = said.state(there[0])
        if doubt.get("call") == _PROGRESS:
            arrived = state == doubt.get("state") != told.state
            return told.but(rows=told.rows + tuple(doubt["rows"]), state=state, doubt=None) if arrived else told.but(doubt=None)
        return told.but(exists=True, state=state or told.state, doubt=None)

    def _learn(self, code: str, reply: Reply) -> None:
        found = {k.upper(): v for k, v in (said.rows(reply) or [{}])[0].items()}
        field = next(iter(parts(found.get("LINHVUCTHUCHIEN"))), {})
        known = {"MaLinhVuc": field.get("MALINHVUC"), "TenLinhVuc": field.get("TENLINHVUC"), "TenTTHC": found.get("TENTTHC")}
        self._listed[code] = {k: t for k, v in known.items() if (t := title(v))}

    # What is said

    def _accepted(self) -> tuple[Verdict, ...]:
        return (("accepted", {"system": self.name}),)

    def _unexpressed(self, what: str, say: str, raw: str = "") -> Verdict:
        return "unexpressed", {"system": self.name, "what": what, "say": say} | ({"raw": kept(raw)} if raw else {})

    def _not_so(self, case: Case, told: Told, what: str, raw: str) -> Heard:
        """It has no such state after the one it is in there: said once."""
        if what in told.noted:
            return Heard(told)
        say = "Hệ thống quốc gia không nhận trạng thái này sau trạng thái đang có ở đó: cần đối chiếu với đơn vị quản lý."
        return Heard(told.but(noted=(*told.noted, what)), (self._unexpressed(what.split()[0], say, raw),))

    def _refused(self, case: Case, told: Told, raw: str) -> Heard:
        meant = self._refusals(raw)
        known = {k: meant.get(k) for k in ("code", "reason", "field", "say")} | {"raw": meant.get("raw") or kept(raw)}
        again = (case.dossier["refusal"] or {}).get("raw") == known["raw"]
        verdict: Verdict = ("refused", {"system": self.name} | known)
        return Heard(told.but(refused=content(self._record(case)), doubt=None), () if again else (verdict,))

    def _objected(self, case: Case, found: Objection) -> tuple[Verdict, ...]:
        open_now = case.dossier["refusal"] or {}
        if (open_now.get("reason"), open_now.get("field")) == (found.reason, found.field):
            return ()
        body = {"code": found.code, "reason": found.reason, "field": found.field, "say": found.say, "raw": ""}
        return (("refused", {"system": self.name} | body),)

    # What became of a dossier there, and the catalogue

    def watch(self, number: str) -> Call:
        """The question what became of a dossier; a login first, when there is no session."""
        return self.login() or self._call(_LOOKUP, {"mahoso": number}, safe=True)

    @answered
    def moved(self, case: Case, told: Told, reply: Reply) -> tuple[Verdict, ...]:
        """What has happened there and not here, of an answer to ``watch``; nothing of an answer to its login. ``told``: what the
        system of this dossier was told, this one or a ministry's: that never comes back as something that happened there.

        :raises Problem: ``system_busy``, ``system_denied``, ``system_unreadable``.
        """
        if not self._session:
            self.entered(reply)
            return ()
        mood, _raw = self._asked(reply)
        there = said.rows(reply)[:1] if mood == said.DONE else []
        state = said.state(there[0]) if there else 0
        event = _THERE.get(state)
        here = case.official is not None and state not in _been(case, told)
        if event is None or not here or not may(event, Stage(case.dossier["stage"])):
            return ()
        body = said.happened(there[0], self.label)
        return ((event, body | {"at": case.now.isoformat(), "system": self.name}),)

    def listing(self) -> Call:
        """The list of procedures: ``{MATTHC, TENTTHC}`` each. Needs a session: see ``login``."""
        return self._call(_LIST, {}, safe=True, share=True)

    def procedure(self, code: str) -> Call:
        """The catalogue's record of a procedure (§4.6), by our code. Needs a session: see ``login``."""
        return self._call(_PROCEDURE, {"maTTHC": self._codes.get(code, code)}, safe=True, share=True)

    def master(self, name: str) -> Call:
        """A list of master data (``MASTER``), its records as they come. Needs a session: see ``login``.

        :raises LookupError: there is no such list.
        """
        if name not in MASTER:
            raise LookupError(name)
        return self._call(f"LayDanhMuc{name}", {}, safe=True, share=True)

    @answered
    def result(self, reply: Reply) -> list[Json]:
        """The records of an answer to ``listing``, ``procedure`` or ``master``; none where it knows none.

        :raises Problem: ``system_busy`` (``retry_after`` 0 when only the session had ended: log in and ask again),
            ``system_denied``, ``system_unreadable``.
        """
        mood, _raw = self._asked(reply)
        if mood == said.EXPIRED:
            raise Problem("system_busy", retry_after=0.0)
        if mood not in (said.DONE, said.MISSING):
            raise Problem("system_unreadable", system=self.name)
        return said.rows(reply)


def _tellable(case: Case, acts: list[Act]) -> bool:
    """Whether there is something to tell: an official act of ours, of a dossier with a code that is neither void nor erased."""
    return bool(acts) and case.official is not None and not case.dossier["erased"] and bool(number(case.dossier))


def _from_the_start(told: Told) -> Told:
    """It is not there, whatever we thought: everything is told anew."""
    return Told(number=told.number, files=told.files, noted=tuple(dict.fromkeys((*told.noted, _ABSENT))))


def _been(case: Case, told: Told) -> set[int | None]:
    """The states it was in as far as we know: here, and as told, though an act that was told may not count any more."""
    doubt = told.doubt or {}
    rows = {*told.rows, *doubt.get("rows", ())}
    states = {case.official, told.state, doubt.get("state"), *(a.official for a in case.acts)}
    return states | {_LED.get(a["event"]) for a in case.dossier["history"] if a["act"] in rows}
