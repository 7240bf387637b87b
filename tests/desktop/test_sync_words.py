"""What F5 and the status bar say of the line: true in every state, and "hai bên khớp số" only when it is so."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from desktop.line import LINES, line_words, link_now, sentence_parts
from desktop.sync_panel import words
from desktop.sync_panel.options import password_of, without_password
from desktop.sync_panel.progress import Run
from forms.working_days import VIETNAM
from sync.speed import forecast_words

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=VIETNAM)
HEARD = NOW - timedelta(seconds=30)
AGREE = "hai bên khớp số"


def status(**more: Any) -> dict[str, Any]:
    calm = {"link": "good", "last_contact": HEARD.isoformat(), "waiting": 0, "kept": 0, "refused": 0, "scans": 0}
    return calm | {"paused": False, "sending": False, "failing": False} | more


def row(**more: Any) -> dict[str, Any]:
    one = {"id": "a", "code": "T12-261123-0001", "full_name": "Giàng Văn Phúc", "procedure": "1", "procedure_name": "Khai sinh"}
    what = {"events": True, "scans": 0, "scan_bytes": 0, "delivery": "kept", "urgent": False}
    return one | what | {"kept_at": HEARD.isoformat()} | more


def contact(minutes: int, problem: str | None = None, sent: int = 0, heard: int = 0) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minutes)
    return {"at": at.isoformat(), "ok": problem is None, "sent": sent, "heard": heard, "problem": problem}


def view(*queue: dict[str, Any], seconds: float | None = 60.0, **more: Any) -> dict[str, Any]:
    scans, left = sum(r["scans"] for r in queue), sum(r["scan_bytes"] for r in queue)
    waiting = sum(r["events"] for r in queue)
    calm = {"paused": False, "metered_scans": False, "metered": None, "progress": None, "left_out": False, "older": None}
    told = {"waiting": waiting, "scans": scans, "scan_bytes": left, "bytes": left + 160 * waiting, "queue": list(queue)}
    whole = calm | told | {"agreed": None, "contacts": []} | more
    return whole | {"forecast": forecast_words(whole["bytes"], seconds)}


@pytest.mark.parametrize(
    ("link", "begins"),
    [
        ("offline", "Đang mất mạng: còn 1 hồ sơ, 3 tệp quét chờ gửi"),
        ("captive", "Wi-Fi đòi đăng nhập: còn"),
        ("no_internet", "Mạng không ra Internet: còn"),
        ("slow", "Mạng chậm: còn"),
        ("good", "Đang có mạng: còn"),
        ("paused", "Đang tạm dừng: còn"),
        ("unreached", "Chưa tới được máy chủ: còn"),
        ("unknown", "Đang thử liên lạc: còn"),
    ],
)
def test_the_large_sentence_names_the_line_and_what_waits(link: str, begins: str) -> None:
    waits = view(row(scans=3, scan_bytes=1_200_000))
    assert words.headline(status(), waits, link).startswith(begins)
    assert words.advice(status(), waits, link).endswith(".")
    assert AGREE not in words.headline(status(), waits | {"agreed": True}, link)


def test_agreement_is_only_said_when_nothing_waits_and_both_sides_counted_the_same() -> None:
    queues: list[list[dict[str, Any]]] = [[], [row()], [row(events=False, scans=1, scan_bytes=9)]]
    for queue, agreed, link, last in itertools.product(queues, (True, False, None), LINES, (HEARD.isoformat(), None)):
        said = words.headline(status(last_contact=last), view(*queue, agreed=agreed), link)
        assert (AGREE in said) == (not queue and agreed is True and link != "paused" and last is not None), said


def test_what_is_not_agreed_is_said_honestly() -> None:
    assert words.headline(status(), view(), "good") == "Đã gửi hết; chưa đối chiếu được số liệu"
    assert words.headline(status(), view(agreed=False), "good").endswith("số liệu hai bên chưa khớp, máy đang lấy lại")
    assert words.headline(status(), view(agreed=True), "good") == "Mọi hồ sơ đã được nhận, hai bên khớp số"
    assert (
        words.headline(status(refused=2), view(agreed=True), "good") == "Đã gửi hết, hai bên khớp số; 2 hồ sơ bị từ chối, xem F4"
    )
    assert "chưa tải" in words.advice(status(), view(left_out=True), "good")
    assert "mất mạng" in words.advice(status(), view(agreed=True), "offline")
    assert words.headline(status(last_contact=None), view(), "unknown").startswith("Chưa liên lạc lần nào")
    assert words.headline(status(), view(waiting=2), "good") == "Đang có mạng: còn 2 việc của quầy chờ gửi"


def test_the_forecast_says_under_which_condition() -> None:
    waits = view(row(scans=2, scan_bytes=18 << 20), seconds=1500)
    assert words.forecast(waits, "good") == "18 MB, khoảng 25 phút"
    assert words.forecast(waits, "offline") == "Khi có mạng: 18 MB, khoảng 25 phút"
    assert words.forecast(waits, "paused") == "Khi gửi tiếp: 18 MB, khoảng 25 phút"
    assert words.forecast(waits | {"metered": True}, "good") == "Kể cả tệp quét: 18 MB, khoảng 25 phút"
    assert words.forecast(view(row(), seconds=None), "good") == "1 KB, chưa biết bao lâu"
    assert words.forecast(view(), "good") == ""


def test_a_problem_that_is_not_the_lines_stands_in_words_until_something_moves() -> None:
    for code, part in (("clock_wrong", "Ngày giờ của máy này"), ("gateway_busy", "đang bận"), ("proxy_auth_needed", "Proxy")):
        failed = view(row(), contacts=[contact(1, code)])
        assert part in words.advice(status(), failed, "unreached")
        under_way = failed | {"progress": {"done": 1, "total": 9, "speed": 1, "left": 8.0}}
        assert part not in words.advice(status(), under_way, "unknown")
    for code in ("no_line", "not_the_gateway", "cancelled", "deadline"):
        assert words.trouble(view(row(), contacts=[contact(1, code)])) is None, code


def test_why_a_dossier_waits() -> None:
    only, both = row(events=False, scans=2, scan_bytes=9000), row(scans=2, scan_bytes=9000)
    going = {"done": 1, "total": 9, "speed": 1, "left": 8.0}
    assert words.reason(row(), view(row()), "offline") == "chờ có mạng"
    assert words.reason(row(), view(row()), "paused") == "chờ bấm Tiếp tục"
    assert words.reason(row(), view(row()), "captive") == "chờ đăng nhập Wi-Fi"
    assert words.reason(row(), view(row()), "good") == "sắp gửi"
    assert words.reason(only, view(only, metered=True), "good") == "chờ mạng không tính tiền"
    assert words.reason(only, view(only, metered=True, metered_scans=True), "good") == "sắp gửi"
    assert words.reason(both, view(both, metered=True), "good") == "sắp gửi; tệp chờ mạng không tính tiền"
    assert words.reason(row(), view(row(), contacts=[contact(1, "gateway_busy")]), "good").startswith("máy chủ đang bận")
    assert words.reason(row(), view(row(), contacts=[contact(1, "clock_wrong")]), "unreached") == "chờ gỡ điều nêu ở trên"
    assert words.reason(row(), view(row(), progress=going), "good") == "đang gửi"
    assert words.reason(only, view(only, progress=going), "good") == "đến lượt là gửi"
    assert words.parts_waiting(both) == "hồ sơ và 2 tệp, 9 KB"


def test_contacts_that_came_to_the_same_are_one_line() -> None:
    day = 24 * 60
    told = [contact(2 * day), contact(40, sent=12), contact(30, "no_line"), contact(20, "no_line"), contact(10, heard=3, sent=1)]
    told += [contact(3), contact(2), contact(1)]
    assert words.contact_lines(told, NOW, 20) == [
        ("09:27 – 09:29", "Liên lạc được (3 lần)", True),
        ("09:20", "Gửi 1 việc, nhận 3 việc", True),
        ("09:00 – 09:10", "Chưa liên lạc được với máy chủ (2 lần)", False),
        ("08:50", "Gửi 12 việc", True),
        ("09:30 21/11", "Liên lạc được", True),
    ]
    assert len(words.contact_lines([contact(n, sent=1) for n in range(60, 0, -1)], NOW, 20)) == 20


def test_progress_goes_on_over_requests_and_never_back() -> None:
    def going(done: int, total: int, wait: int) -> dict[str, Any]:
        told = {"done": done, "total": total, "speed": 100, "left": (total - done) / 100}
        return view(row(events=False, scans=1, scan_bytes=wait), progress=told)

    run, parts = Run(), []
    for n, seen in enumerate((going(200, 1000, 1000), going(500, 1000, 1000), going(0, 450, 450), going(400, 450, 450))):
        far = run.see(seen, NOW + timedelta(seconds=n))
        assert far is not None
        parts.append(far.done / far.total)
    assert parts == sorted(parts)
    assert parts[-1] == 0.95
    still = view(row(events=False, scans=1, scan_bytes=50))
    assert run.see(still, NOW + timedelta(seconds=5)) is not None, "between two contacts"
    assert run.see(still, NOW + timedelta(seconds=30)) is None, "nobody renews it"
    run.see(going(200, 1000, 1000), NOW)
    assert run.see(still | {"contacts": [contact(0, "no_line")]}, NOW) is None, "the line broke"
    run.see(going(200, 1000, 1000), NOW)
    assert run.see(view(), NOW) is None
    assert words.progress(1_258_291, 6_186_598, 47_104, 110.0) == "1,2 MB trên 5,9 MB · 46 KB/giây · còn khoảng 2 phút"
    assert words.progress(0, 100, 0, None).endswith("chưa biết còn bao lâu")


def test_an_old_answer_proves_no_line_unless_something_is_under_way() -> None:
    old = (NOW - timedelta(minutes=5)).isoformat()
    for link in ("good", "slow"):
        assert link_now(status(link=link), NOW) == link
        assert link_now(status(link=link, last_contact=old), NOW) == "unknown"
        assert link_now(status(link=link, last_contact=None), NOW) == "unknown"
        assert link_now(status(link=link, last_contact=old, sending=True), NOW) == link
    assert link_now(status(link="offline", last_contact=old), NOW) == "offline"
    assert link_now(status(paused=True), NOW) == "paused"
    assert link_now(status(link="unknown", failing=True), NOW) == "unreached"
    assert line_words("slow", True)[0] == "Mạng chậm, đang gửi"
    assert line_words("paused", True)[0] == "Đang tạm dừng gửi – nhận"
    assert not any(token == "red" for _words, _icon, token in LINES.values()), "no line is never an alarm"


def test_the_status_bar_counts_scans_too() -> None:
    said = " · ".join(sentence_parts(status(kept=2, scans=3), "offline", NOW))
    assert said.startswith("2 hồ sơ và 3 tệp quét chờ gửi · liên hệ gần nhất 09:29")
    assert said.endswith("cứ làm việc bình thường")
    assert sentence_parts(status(), "good", NOW)[0] == "không có hồ sơ chờ gửi"


def test_a_password_never_stands_on_the_screen() -> None:
    for address in ("http://lan:mật@khẩu@10.0.0.1:3128", "lan:s3cret@10.0.0.1:3128"):
        assert password_of(address) in address
        assert password_of(address) not in without_password(address)
        assert without_password(address).replace("•••", password_of(address)) == address
    for address in ("", "http://10.0.0.1:3128", "lan@10.0.0.1:3128"):
        assert without_password(address) == address
