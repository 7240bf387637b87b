"""What F5 says, out of ``travel.status`` and ``travel.view``: every sentence must be true, also the one that all is well."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from desktop import messages
from desktop.line import APART
from forms.problem import Problem
from forms.working_days import parse_moment
from sync.link import kind_of
from sync.speed import duration_words, size_words

_LINKS = {
    "good": "Đang có mạng",
    "slow": "Mạng chậm",
    "offline": "Đang mất mạng",
    "captive": "Wi-Fi đòi đăng nhập",
    "no_internet": "Mạng không ra Internet",
    "unreached": "Chưa tới được máy chủ",
    "paused": "Đang tạm dừng",
    "unknown": "Đang thử liên lạc",
}
_APART = {
    "offline": "Mất mạng không sao: mọi thứ giữ ở đây, có mạng là máy tự gửi, phần đã gửi không phải gửi lại.",
    "captive": "Mở trình duyệt, đăng nhập Wi-Fi, rồi bấm Gửi ngay. Mọi thứ vẫn giữ ở đây.",
    "no_internet": "Có mạng nội bộ nhưng mạng ấy không ra Internet. Mọi thứ giữ ở đây, ra được là máy tự gửi.",
    "unreached": "Mọi thứ giữ ở đây. Máy tự thử lại, phần đã gửi không phải gửi lại.",
}
_WAITS_FOR = {
    "offline": "chờ có mạng",
    "captive": "chờ đăng nhập Wi-Fi",
    "no_internet": "chờ mạng ra Internet",
    "unreached": "chờ tới được máy chủ",
    "paused": "chờ bấm Tiếp tục",
    "unknown": "chờ liên lạc được",
}
_LOCAL_STOPS = ("cancelled", "deadline")
"""Ends of a contact that say nothing of the line or the gateway."""


def nothing_waits(view: dict[str, Any]) -> bool:
    """Neither acts nor scans."""
    return not view["waiting"] and not view["scans"]


def held_scans(view: dict[str, Any]) -> bool:
    """Scans wait for a network that costs nothing."""
    return bool(view["scans"] and view["metered"] and not view["metered_scans"])


def trouble(view: dict[str, Any]) -> Problem | None:
    """What the last contact failed of, if that is not the line: a busy gateway, or something that needs a person."""
    code = view["contacts"][-1]["problem"] if view["contacts"] else None
    if code is None or code in _LOCAL_STOPS:
        return None
    return None if kind_of(Problem(code)) == "line" else Problem(code)


def headline(status: dict[str, Any], view: dict[str, Any], link: str) -> str:
    """The one large sentence."""
    if not nothing_waits(view):
        sending = view["progress"] is not None and link != "paused"
        where = ("Mạng chậm, đang gửi" if link == "slow" else "Đang gửi") if sending else _LINKS[link]
        return f"{where}: còn {what_waits(view)}" + ("" if sending else " chờ gửi")
    if link == "paused":
        return "Đang tạm dừng: không gửi và không nhận gì"
    if not status["last_contact"]:
        return "Chưa liên lạc lần nào; không có gì chờ gửi"
    refused = f"; {status['refused']} hồ sơ bị từ chối, xem F4" if status["refused"] else ""
    if view["agreed"] is True:
        return f"Đã gửi hết, hai bên khớp số{refused}" if refused else "Mọi hồ sơ đã được nhận, hai bên khớp số"
    if view["agreed"] is False:
        return f"Đã gửi hết; số liệu hai bên chưa khớp, máy đang lấy lại{refused}"
    return f"Đã gửi hết; chưa đối chiếu được số liệu{refused}"


def what_waits(view: dict[str, Any]) -> str:
    """``12 hồ sơ, 3 tệp quét``; acts of the counter itself when there is nothing else."""
    number = sum(1 for row in view["queue"] if row["events"])
    found = [f"{number} hồ sơ"] if number else []
    if view["scans"]:
        found.append(f"{view['scans']} tệp quét")
    return ", ".join(found) or f"{view['waiting']} việc của quầy"


def forecast(view: dict[str, Any], link: str) -> str:
    """``18 MB, khoảng 25 phút`` and under which condition; nothing when nothing waits."""
    if nothing_waits(view):
        return ""
    size = size_words(view["bytes"])
    words = view["forecast"] if view["forecast"].startswith(size) else f"{size}, {view['forecast']}"
    if link == "paused":
        return f"Khi gửi tiếp: {words}"
    if link in APART:
        return f"Khi có mạng: {words}"
    return f"Kể cả tệp quét: {words}" if held_scans(view) else words


def advice(status: dict[str, Any], view: dict[str, Any], link: str) -> str:
    """What the large sentence means for whoever reads it, and what to do, if anything."""
    wrong = trouble(view) if view["progress"] is None else None
    if link == "paused":
        return "Không gửi và không nhận gì cho tới khi bấm Tiếp tục. Mọi hồ sơ vẫn giữ trên máy này."
    if wrong is not None:
        return messages.sentence(wrong)
    if nothing_waits(view):
        return _all_is_sent(status, view, link)
    if link in _APART:
        return _APART[link]
    if held_scans(view):
        return "Mạng đang dùng tính tiền: hồ sơ vẫn đi, tệp quét chờ mạng khác. Muốn gửi luôn thì cho phép ở Tuỳ chọn."
    return "Hồ sơ đi trước, tệp quét đi sau. Mất mạng giữa chừng cũng không sao: phần đã gửi không phải gửi lại."


def _all_is_sent(status: dict[str, Any], view: dict[str, Any], link: str) -> str:
    at = parse_moment(status["last_contact"] or "")
    if at is None:
        return "Có mạng là máy tự liên lạc. Cứ làm việc bình thường."
    checked = f"Đối chiếu lúc {at:%H:%M %d/%m}." if view["agreed"] is not None else ""
    if view["left_out"]:
        checked = "Hồ sơ cũ chưa tải về máy này nên chưa so được tất cả."
    elif view["agreed"] is None:
        checked = "Lần liên lạc sau máy sẽ đối chiếu."
    elif view["agreed"] is False:
        checked += " Không cần làm gì; nếu hôm sau vẫn vậy, báo người phụ trách."
    if link in APART:
        return f"{checked} {_LINKS[link]}; nối lại được là máy tự hỏi tin mới."
    return f"{checked} Máy vẫn tự hỏi tin mới từ máy chủ."


# A row of the queue


def parts_waiting(row: dict[str, Any]) -> str:
    """``hồ sơ, 3 tệp · 1,2 MB``: what of a dossier waits."""
    found = ["hồ sơ"] if row["events"] else []
    if row["scans"]:
        found.append(f"{row['scans']} tệp, {size_words(row['scan_bytes'])}")
    return " và ".join(found)


def reason(row: dict[str, Any], view: dict[str, Any], link: str) -> str:
    """Why it waits, or what comes next."""
    if link == "paused":
        return _WAITS_FOR[link]
    held = bool(row["scans"]) and held_scans(view)
    if held and not row["events"]:
        return "chờ mạng không tính tiền"
    if view["progress"] is not None:
        words = "đang gửi" if row["events"] else "đến lượt là gửi"
    elif (wrong := trouble(view)) is not None:
        words = "máy chủ đang bận, máy tự thử lại" if kind_of(wrong) == "busy" else "chờ gỡ điều nêu ở trên"
    else:
        words = _WAITS_FOR.get(link, "sắp gửi")
    return f"{words}; tệp chờ mạng không tính tiền" if held else words


def since(row: dict[str, Any], now: datetime) -> str:
    """``từ 08:51``, with the day when it is another one."""
    at = _moment(str(row["kept_at"]), now)
    return f"từ {at}" if at else ""


# Under way


def progress(done: int, total: int, speed: int, left: float | None) -> str:
    """``1,2 MB trên 5,9 MB · 46 KB/giây · còn khoảng 2 phút``."""
    words = [f"{size_words(done)} trên {size_words(total)}"]
    if speed:
        words.append(f"{size_words(speed)}/giây")
    words.append("chưa biết còn bao lâu" if left is None else f"còn {duration_words(left)}")
    return " · ".join(words)


# Contacts


def contact_lines(
    contacts: list[dict[str, Any]], now: datetime, most: int, outages: Sequence[dict[str, Any]] = ()
) -> list[tuple[str, str, bool]]:
    """``(when, what, ok)`` of the last contacts and of the outages of receiving systems, newest first. Contacts of a day that
    came to the same are one line."""
    told = [(run[0]["at"], (_when(run, now), _came_to(run), run[0]["ok"])) for run in _runs(contacts, most)]
    told += [(one["until"] or one["from"], (*_outage_line(one, now), False)) for one in outages]
    return [line for _at, line in sorted(told, key=lambda one: str(one[0]), reverse=True)[:most]]


def _runs(contacts: list[dict[str, Any]], most: int) -> list[list[dict[str, Any]]]:
    """The last contacts, newest first, those of a day that came to the same together."""
    runs: list[list[dict[str, Any]]] = []
    for contact in reversed(contacts):
        if runs and _alike(runs[-1][0], contact):
            runs[-1].append(contact)
        elif len(runs) == most:
            break
        else:
            runs.append([contact])
    return runs


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    told = any(c["sent"] or c["heard"] for c in (one, other))
    return not told and one["problem"] == other["problem"] and one["at"][:10] == other["at"][:10]


def _when(run: list[dict[str, Any]], now: datetime) -> str:
    last, first = parse_moment(run[0]["at"]), parse_moment(run[-1]["at"])
    if last is None or first is None:
        return ""
    day = "" if last.date() == now.date() else f" {last:%d/%m}"
    begin = f"{first:%H:%M}"
    return (begin if begin == f"{last:%H:%M}" else f"{begin} – {last:%H:%M}") + day


def _came_to(run: list[dict[str, Any]]) -> str:
    contact = run[0]
    if contact["problem"]:
        words = messages.of(Problem(contact["problem"])).sentence.removesuffix(".")
    else:
        words = _exchanged(contact)
    return f"{words} ({len(run)} lần)" if len(run) > 1 else words


def _exchanged(contact: dict[str, Any]) -> str:
    """Events are ``việc``: a dossier is at least one, and scans are not counted here."""
    told = (("gửi", contact["sent"]), ("nhận", contact["heard"]))
    words = ", ".join(f"{verb} {number} việc" for verb, number in told if number)
    return words[:1].upper() + words[1:] if words else "Liên lạc được"


# Receiving systems

_WHY = {
    "line": "mất liên lạc",
    "busy": "đang quá tải",
    "maintenance": "bảo trì",
    "denied": "chưa cho máy chủ đăng nhập",
}
_ANNOUNCED = "Việc này không dừng thời hạn hồ sơ. Nếu sự cố đã có thông báo thì ghi ở Cài đặt (F10), mục Sự cố."


def outage_words(outages: list[dict[str, Any]], status: dict[str, Any], link: str, now: datetime) -> str:
    """Which receiving systems take nothing now, since when, and that nobody need do anything; "" when all do, as far as is known.
    Where the gateway is not reached, when that was heard."""
    lasting = [one for one in outages if one["lasts"]]
    if not lasting:
        return ""
    heard = parse_moment(status["last_contact"] or "") if link in APART else None
    said = [f"{one['name']} chưa nhận được từ {_moment(one['from'], now)}{_why(one)}." for one in lasting]
    ends = "Hồ sơ đã ở máy chủ, sẽ tự gửi."
    if any(one["why"] == "denied" for one in lasting):
        ends += " Cần người phụ trách máy chủ xem lại tài khoản kết nối."
    return " ".join([*([f"Tin lúc {_moment(heard.isoformat(), now)}:"] if heard else []), *said, ends])


def announced_words(outages: list[dict[str, Any]]) -> str:
    """For whoever may enter an announced outage, which is another thing; "" while all systems take what they are sent."""
    return _ANNOUNCED if any(one["lasts"] for one in outages) else ""


def _outage_line(one: dict[str, Any], now: datetime) -> tuple[str, str]:
    """``(14:05 – 15:20, Cổng … không nhận (bảo trì))``."""
    what, start, until = f"{one['name']} không nhận", parse_moment(one["from"]), parse_moment(one["until"] or "")
    if start is None or until is None:
        ends = "chưa nhận lại" if one["lasts"] else "không rõ lúc nhận lại"
        return _moment(one["from"], now), f"{what}{_why(one)}, {ends}"
    if start.date() == until.date():
        return f"{start:%H:%M} – {_moment(one['until'], now)}", f"{what}{_why(one)}"
    return _moment(one["until"], now), f"{one['name']} nhận lại, đã không nhận từ {_moment(one['from'], now)}{_why(one)}"


def _why(one: dict[str, Any]) -> str:
    return f" ({_WHY[one['why']]})" if one["why"] in _WHY else ""


def _moment(said: str, now: datetime) -> str:
    """``14:05``, with the day when it is another one."""
    at = parse_moment(said)
    if at is None:
        return ""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%H:%M %d/%m}"
