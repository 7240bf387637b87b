"""The line in words, for the status bar and F5: one place, so that both say the same. Offline is normal: amber, never red."""

from datetime import datetime, timedelta
from typing import Any

from forms.working_days import parse_moment

_FRESH = timedelta(minutes=2)
"""The sync process asks at least this often while there is a line."""

# link: words, icon, token
LINES: dict[str, tuple[str, str, str]] = {
    "good": ("Đang có mạng", "check-circle-fill", "green"),
    "slow": ("Mạng chậm", "cell-signal-low", "amber"),
    "offline": ("Ngoại tuyến", "cloud-slash", "amber"),
    "captive": ("Wi-Fi đòi đăng nhập", "wifi-x", "amber"),
    "no_internet": ("Mạng không ra Internet", "globe-hemisphere-east", "amber"),
    "unreached": ("Chưa tới được máy chủ", "cloud-slash", "amber"),
    "paused": ("Đang tạm dừng gửi – nhận", "pause-circle", "amber"),
    "unknown": ("Đang thử liên lạc", "cloud", "ink2"),
}
WORKS = ("good", "slow")
"""Links over which the gateway answered a moment ago."""
APART = ("offline", "captive", "no_internet", "unreached")
"""Links over which it did not."""


def link_now(status: dict[str, Any], now: datetime) -> str:
    """A key of :data:`LINES`. The store remembers the last attempt: an answer that is old proves no line now, unless something
    is under way; a try that failed and shows nothing of the line has only not reached the gateway (``unreached``)."""
    if status.get("paused"):
        return "paused"
    link, contact = str(status["link"]), parse_moment(status["last_contact"] or "")
    if link in WORKS and not status.get("sending") and (contact is None or now - contact > _FRESH):
        return "unknown"
    if link == "unknown" and status.get("failing"):
        return "unreached"
    return link if link in LINES else "unknown"


def line_words(link: str, sending: bool = False) -> tuple[str, str, str]:
    """The line in a few words, its icon and tone."""
    if sending and link != "paused":
        return ("Mạng chậm, đang gửi", "cell-signal-low", "amber") if link == "slow" else ("Đang gửi", "arrow-circle-up", "green")
    return LINES[link]


def sentence_parts(status: dict[str, Any], link: str, now: datetime) -> list[str]:
    """The parts of the sentence that is always true. Counts are of dossiers; ``last_contact`` None = never."""
    kept, scans = int(status.get("kept", status["waiting"])), int(status.get("scans", 0))
    contact = parse_moment(status["last_contact"] or "")
    waits = " và ".join(words for words, n in ((f"{kept} hồ sơ", kept), (f"{scans} tệp quét", scans)) if n)
    parts = [f"{waits} chờ gửi" if waits else "không có hồ sơ chờ gửi"]
    if contact is None:
        parts.append("chưa liên lạc lần nào")
    else:
        day = "" if contact.date() == now.date() else f" {contact:%d/%m}"
        parts.append(f"liên hệ gần nhất {contact:%H:%M}{day}")
    parts.append("đã giữ mọi thứ trên máy này")
    if status.get("revoked"):
        parts = ["máy chủ đã thu hồi quầy này, không tiếp nhận thêm", *parts]
    elif link in APART:
        parts.append("cứ làm việc bình thường")
    if status.get("practice"):
        parts = ["dữ liệu tập, không gửi ra ngoài", *parts]
    return parts
