"""The national "một cửa" service: what its answers mean to the adapter, what moves there, its catalogue."""

from dataclasses import replace
from typing import Any

import pytest

from forms.problem import Problem
from sync import acts
from sync.relay.national import National
from sync.relay.played.national import SETTINGS, PlayedNational
from sync.relay.systems import Reply, Told
from tests.relay.lives import WHO, Desk, played
from tests.relay.nationals import SYNC, road

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
    assert system.moved(here.case(dossier), way.send(system.watch(ma).request)) == ()  # the login
    found = system.moved(here.case(dossier), way.send(system.watch(ma).request))
    assert [name for name, _ in found] == ([event] if event else [])
    for name, said in found:
        assert said["system"] == "national" and said["at"] and body.items() <= said.items()
        here.say(dossier, name, said)
        assert here.folded(dossier).official == there and not here.folded(dossier).review
        assert system.moved(here.case(dossier), way.send(system.watch(ma).request)) == ()
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
    assert way.system.moved(here.case(dossier), way.send(way.system.watch(ma).request)) == ()


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
