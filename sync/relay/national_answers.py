"""What an answer of the national "một cửa" (MC) service says. Sans-I/O.

No list of error codes is known: answers are told apart by whole words of their message (*cần xác nhận*, every one of them). A
word that may as well stand in a refusal of one dossier is not enough for a meaning that stops all of them.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from forms.problem import Problem
from forms.refusals import kept
from forms.stages import OFFICIAL, Stage
from sync.relay.shapes import parts, seconds, text
from sync.relay.systems import Json, Reply

DONE, REFUSED, EXPIRED, DENIED, EXISTS, MISSING, STATE = "done", "refused", "expired", "denied", "exists", "missing", "state"
_BUSY = "busy"
_FINE = frozenset({"0", "00"})
_OVER = ("hết hạn", "không hợp lệ", "không tồn tại", "không đúng")
_MACHINES = ("hệ thống", "máy chủ", "thử lại sau")
_WORDS: dict[str, tuple[tuple[str, ...], ...]] = {
    EXPIRED: (
        *((session, over) for session in ("phiên làm việc", "phiên đăng nhập") for over in _OVER),
        *((f"phiên {over}",) for over in (*_OVER, "đã hết hạn")),
        ("session",),
    ),
    DENIED: (
        ("dstcode",),
        ("madonvi",),
        ("mật khẩu",),
        *((f"{who} không có quyền",) for who in ("đơn vị", "tài khoản", "hệ thống")),
        ("không hỗ trợ dịch vụ",),
    ),
    _BUSY: (
        *((what, state) for what in _MACHINES for state in ("bảo trì", "quá tải")),
        ("đang bảo trì",),
        ("đang quá tải",),
        ("đang bận",),
        *((way, many) for way in ("gọi", "truy cập", "vượt") for many in ("tần suất", "quá số lần gọi", "quá số lần truy cập")),
        ("quá nhiều yêu cầu", "thử lại sau"),
    ),
    EXISTS: (("đã tồn tại",),),
    REFUSED: (("thành phần hồ sơ",),),
    MISSING: (("hồ sơ", "không tồn tại"), ("không tìm thấy hồ sơ",)),
    STATE: (("trạng thái", "không hợp lệ"), ("trạng thái", "không thể"), ("trạng thái", "không được")),
}
"""What an answer says -> words of which all stand in its message. The first that fits counts."""
_LONGEST_REST = 3600.0
"""Seconds: an answer that asks for a longer rest is not believed."""
_RESULTS, _ROOM = 50, 15_000
"""Papers of a result, and characters of their names, that an act may hold."""


def mood(reply: Reply) -> tuple[str, str]:
    """(``DONE`` or what stands in the way, its message as it may be kept).

    :raises Problem: ``system_busy`` (``retry_after``: seconds, at most an hour, or None), ``system_unreadable``.
    """
    body = reply.body
    if reply.status in (401, 403):
        return (EXPIRED if reply.status == 401 else DENIED), ""
    if not isinstance(body, dict) or not isinstance(body.get("error_code"), int | str):
        raise Problem("system_unreadable", status=reply.status)
    raw, fine = kept(text(body.get("message"))), str(body["error_code"]).strip() in _FINE
    said = _words(raw)
    meant = next((m for m, ways in _WORDS.items() if any(all(f" {w} " in said for w in way) for way in ways)), REFUSED)
    if fine and meant != EXISTS:
        return (REFUSED if " không thành công " in said else DONE), raw
    if meant == _BUSY:
        raise Problem("system_busy", retry_after=seconds(body.get("retry_after"), _LONGEST_REST))
    if not raw:
        raise Problem("system_unreadable", status=reply.status)
    return meant, raw


def succeeded(raw: str) -> bool:
    """Whether a message says that a record was taken."""
    return " thành công " in _words(raw).replace(" không thành công ", " ")


def rows(reply: Reply) -> list[Json]:
    """The records of an answer."""
    found = reply.body.get("result") if isinstance(reply.body, dict) else None
    return [dict(one) for one in parts(found)]


def state(found: Mapping[str, Any]) -> int:
    """TrangThaiHoSo of a record of an answer, 0 where it names none."""
    said = text(at(found, "TrangThaiHoSo"))
    return int(said) if re.fullmatch("[1-9]|10", said) else 0


def at(found: Mapping[str, Any], name: str) -> Any:
    """A field of a record, however its name is written."""
    return next((v for k, v in found.items() if k.casefold() == name.casefold()), None)


def happened(found: Mapping[str, Any], label: str) -> Json:
    """The body of the act that led there to the state of a record. ``label``: what people call the service."""
    there, said = state(found), kept(text(at(found, "NoiDungXuLy")))
    if there == OFFICIAL[Stage.PROCESSING]:
        return {"to": label}
    if there == OFFICIAL[Stage.SUPPLEMENT]:
        name = said or "Giấy tờ theo yêu cầu của hệ thống"
        return {"items": [{"name": name, "reason": said, "basis": "", "paper": None}], "reason": said}
    if there == OFFICIAL[Stage.FINISHED]:
        return {"results": _results(at(found, "DanhSachGiayToKetQua"))}
    return {"reason": said} | ({"basis": ""} if there == OFFICIAL[Stage.STOPPED] else {})


def _results(value: Any) -> list[Json]:
    """Names of the papers of a result; how many there is no room for stands at the end."""
    listed = [one for one in parts(value) if text(at(one, "TenGiayTo"))]
    named, room = list[Json](), _ROOM
    for one in listed[:_RESULTS]:
        name = kept(text(at(one, "TenGiayTo")))
        room -= len(name)
        if room < 0:
            break
        named.append({"name": name})
    if len(named) == len(listed):
        return named
    named = named[: _RESULTS - 1]
    return [*named, {"name": f"Và {len(listed) - len(named)} giấy tờ khác, xem ở hệ thống"}]


def _words(raw: str) -> str:
    """Its words, each between two spaces."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", raw).casefold())
    return f" {' '.join(words)} "
