"""The national "một cửa" service: what its answers mean to the adapter, what moves there, its catalogue."""

from dataclasses import replace
from typing import Any

import pytest

from forms.problem import Problem
from sync import acts
from sync.relay.national import MASTER, National
from sync.relay.played.national import SETTINGS, PlayedNational
from sync.relay.systems import Reply, Told
from tests.relay.lives import WHO, Desk, played
from tests.relay.nationals import PROGRESS, SYNC, road

# What answers mean

GOOD = {"error_code": "00", "message": "Đồng bộ hồ sơ thành công"}


def _heard(here: Desk, body: Any, status: int = 200) -> Any:
    system = National(SETTINGS | {"refusals": lambda raw: {"code": "other"}})
    system.entered(Reply(200, {"error_code": 0, "session": "s"}))
    case = here.case(next(iter(here.said)))
    call = system.next(replace(case, listed={"MaLinhVuc": "a", "TenLinhVuc": "b"}), Told())
    assert call
    told = Told(doubt={"call": call.name, **call.about})
    return system.heard(case, told, call, Reply(status, body))


def test_what_answers_mean(here: Desk) -> None:
    here.said[here.receive("1.004873")] = []
    for code in ("00", 0, "0"):
        assert _heard(here, GOOD | {"error_code": code}).verdicts[0][0] == "accepted"
    for body in (
        {"error_code": 0, "message": "Đồng bộ không thành công"},
        {"error_code": 0, "message": "Thiếu trường MaLinhVuc"},
        {"error_code": 17, "message": "Thiếu trường MaLinhVuc"},
    ):
        heard = _heard(here, body)
        assert heard.verdicts[0][0] == "refused" and heard.told.refused and heard.told.doubt is None, body
    heard = _heard(here, {"error_code": -3, "message": "Hồ sơ đã tồn tại"})
    assert heard.told.exists and heard.told.doubt and not heard.verdicts
    heard = _heard(here, {"error_code": -1, "message": "Phiên làm việc đã hết hạn"})
    assert (heard.told, heard.verdicts) == (Told(), ())
    for body, code in (
        ({"error_code": 1, "message": "Hệ thống đang bảo trì", "retry_after": 30}, "system_busy"),
        ({"error_code": 1, "message": "Vượt quá số lần gọi trong một phút"}, "system_busy"),
        ({"error_code": 1, "message": "Tài khoản không có quyền"}, "system_denied"),
        ({"error_code": 1}, "system_unreadable"),
        ({"error_code": 0}, "system_unreadable"),
        ({"ok": True}, "system_unreadable"),
        ([GOOD], "system_unreadable"),
        ("", "system_unreadable"),
    ):
        with pytest.raises(Problem) as caught:
            _heard(here, body)
        assert caught.value.code == code, body
        assert code != "system_busy" or caught.value.details["retry_after"] == body.get("retry_after")


@pytest.mark.parametrize(
    ("message", "means"),
    [
        ("Phiên bản biểu mẫu không hợp lệ", "refused"),
        ("Chủ hồ sơ không có quyền nộp thay", "refused"),
        ("Số điện thoại sai, vui lòng thử lại sau", "refused"),
        ("Vượt quá số lần bổ sung cho phép", "refused"),
        ("Giấy phép lưu hành xe quá tải chưa hợp lệ", "refused"),
        ("Phiên đăng nhập không hợp lệ", "renewed"),
        ("Phiên đã hết hạn", "renewed"),
        ("Invalid session", "renewed"),
        ("Đơn vị không có quyền gọi dịch vụ", "system_denied"),
        ("Sai tên đăng nhập hoặc mật khẩu", "system_denied"),
        ("Hệ thống bảo trì đến 6 giờ", "system_busy"),
        ("Dịch vụ quá tải, thử lại sau", "system_busy"),
        ("Vượt tần suất cho phép", "system_busy"),
        ("Hệ thống đang bận", "system_busy"),
    ],
)
def test_words_that_tell_answers_apart(here: Desk, message: str, means: str) -> None:
    here.said[here.receive("1.004873")] = []
    body = {"error_code": -1, "message": message}
    if means.startswith("system_"):
        with pytest.raises(Problem, match=means):
            _heard(here, body)
        return
    heard = _heard(here, body)
    assert [b["raw"] for _, b in heard.verdicts] == ([message] if means == "refused" else [])
    assert heard.told.doubt is None


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        (30, 30.0),
        (1e9, 3600.0),
        (float("inf"), 3600.0),
        (10**400, 3600.0),
        *((v, None) for v in (float("nan"), -1, True, "5", [])),
    ],
)
def test_a_rest_that_is_asked_for_is_believed_for_an_hour(here: Desk, said: Any, rest: float | None) -> None:
    here.said[here.receive("1.004873")] = []
    with pytest.raises(Problem) as caught:
        _heard(here, {"error_code": 1, "message": "Hệ thống đang bảo trì", "retry_after": said})
    assert caught.value.details == {"retry_after": rest}


def test_a_record_that_ends_every_session_is_refused(here: Desk) -> None:
    """Whatever its words are, what is answered again in a session that was just opened is about the record."""
    system = National(SETTINGS | {"refusals": lambda raw: {"code": "other"}})
    listed = {"MaLinhVuc": "a", "TenLinhVuc": "b"}
    one, two = (replace(here.case(here.receive("1.004873", seed)), listed=listed) for seed in (1, 2))
    over = Reply(200, {"error_code": -1, "message": "Phiên làm việc của chủ hồ sơ đã hết hạn"})

    def told(case: Any, reply: Reply) -> list[str]:
        call = system.next(case, Told())
        if call and call.name == "login":
            system.entered(Reply(200, {"error_code": 0, "session": "s"}))
            call = system.next(case, Told())
        assert call and call.name == SYNC
        return [name for name, _ in system.heard(case, Told(doubt={"call": SYNC, **call.about}), call, reply).verdicts]

    assert [told(case, over) for case in (one, two, one)] == [[], [], []]
    assert told(one, over) == ["refused"]
    assert told(one, over) == []
    with pytest.raises(Problem, match="system_denied"):
        told(one, Reply(401, None))
    assert system.login() is not None


def test_an_expired_session_is_renewed(here: Desk) -> None:
    server = PlayedNational(session_calls=1)
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    assert server.calls["login"] >= 3 and server.calls[SYNC] == 1 and here.folded(dossier).verdict == "accepted"


# What moves there, and the catalogue


@pytest.mark.parametrize(
    ("there", "event", "body"),
    [
        (4, "transferred", {"to": "Cổng Dịch vụ công quốc gia"}),
        (5, "supplement_requested", {"reason": "Bản sao mờ"}),
        (7, "withdrawn", {"reason": "Bản sao mờ"}),
        (9, "finished", {"results": []}),
        (8, None, {}),  # not from "received"
        (3, None, {}),
        (6, None, {}),
        (10, None, {}),
        (2, None, {}),
    ],
)
def test_what_happened_there(here: Desk, server: PlayedNational, there: int, event: str | None, body: dict[str, Any]) -> None:
    dossier = here.receive("1.004873")
    way = road(here, dossier, server)
    way.run()
    ma = str(here.folded(dossier).code)
    server.set_state(ma, there, "Bản sao mờ")
    system = National(server.settings())
    assert system.moved(here.case(dossier), way.told, way.send(system.watch(ma).request)) == ()  # the login
    found = system.moved(here.case(dossier), way.told, way.send(system.watch(ma).request))
    assert [name for name, _ in found] == ([event] if event else [])
    for name, said in found:
        assert said["system"] == "national" and said["at"] and body.items() <= said.items()
        here.say(dossier, name, said)
        assert here.folded(dossier).official == there and not here.folded(dossier).review
        assert system.moved(here.case(dossier), way.told, way.send(system.watch(ma).request)) == ()
    way.run()
    assert server.histories[ma][:2] == ([2, there] if there != 2 else [2])


def test_what_it_has_not_heard_yet_did_not_happen_there(here: Desk, server: PlayedNational) -> None:
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    item = {"name": "Sổ cũ", "reason": "Thiếu", "basis": "Luật Hộ tịch"}
    acts.request_supplement(here.counter, dossier, WHO, [item])
    way = road(here, dossier, server)
    way.run()
    acts.receive_supplement(here.counter, dossier, WHO)
    ma = str(here.folded(dossier).code)
    assert server.histories[ma] == [2, 4, 5]
    assert way.system.moved(here.case(dossier), way.told, way.send(way.system.watch(ma).request)) == ()


def test_what_we_told_ourselves_did_not_happen_there(here: Desk, server: PlayedNational) -> None:
    """An act that was told, and then does not count any more: the other side still has its state."""
    dossier = here.receive("1.004873")
    acts.transfer(here.counter, dossier, WHO, "Công chức tư pháp – hộ tịch")
    before = here.case(dossier)
    acts.finish(here.counter, dossier, WHO)
    way = road(here, dossier, server)
    way.run()
    after, ma = here.case(dossier), str(here.folded(dossier).code)
    facts = {"stage": before.dossier["stage"], "official": before.official}
    case = replace(after, acts=before.acts, dossier={**after.dossier, **facts})
    answer = way.send(way.system.watch(ma).request)
    assert way.told.state == 9 and [name for name, _ in way.system.moved(case, Told(), answer)] == ["finished"]
    finished = next(a.act for a in after.acts if a.event == "finished")
    doubt = {"call": PROGRESS, "rows": [finished, "another"], "state": 4}
    sync = {"call": SYNC, "record": "r", "state": 9, "updating": True}
    for told in (way.told, way.told.but(state=4), Told(number="T00.20-1", state=9), Told(doubt=doubt), Told(doubt=sync)):
        assert way.system.moved(case, told, answer) == ()


@pytest.mark.parametrize("name", MASTER)
def test_master_data(server: PlayedNational, name: str) -> None:
    system, send = National(server.settings()), played(server)
    login = system.login()
    assert login
    system.entered(send(login.request))
    call = system.master(name)
    assert call.safe and call.name == f"LayDanhMuc{name}" and call.request.path == server.settings()["share_endpoint"]
    found = system.result(send(call.request))
    assert ({"MALINHVUC", "TENLINHVUC"} == set(found[0])) if name == "LinhVuc" else found == []
    with pytest.raises(LookupError):
        system.master("ThuTuc")


def test_the_catalogue(server: PlayedNational) -> None:
    system, send = National(server.settings() | {"local_codes": {"9.9": "1.004873"}}), played(server)
    with pytest.raises(Problem) as caught:
        system.result(send(system.listing().request))
    assert (caught.value.code, caught.value.details) == ("system_busy", {"retry_after": 0.0})
    login = system.login()
    assert login and login.safe
    system.entered(send(login.request))
    assert system.login() is None
    assert {"MATTHC", "TENTTHC"} == set(system.result(send(system.listing().request))[0])
    assert system.result(send(system.procedure("9.9").request))[0]["MaTTHC"] == "1.004873"
    assert system.result(send(system.procedure("0.0").request)) == []
    with pytest.raises(Problem, match="system_denied"):
        system.entered(send(National(server.settings() | {"password": "x"}).login().request))  # type: ignore[union-attr]
