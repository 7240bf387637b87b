"""Which proxy leads to the gateway: settings, environment, PAC files good and hostile, and a real proxy on loopback."""

import json
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import proxies
from sync.proxies import (
    Choice,
    HttpProxy,
    Proxies,
    Tunnel,
    connect_problem,
    connect_request,
    read_connect_answer,
    read_pac_answer,
)
from sync.watched import Backend, Watch
from tests.sync.played_proxy import Proxy, Web, self_signed, serving

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=VIETNAM)  # a Saturday
GATEWAY = "https://gateway.xa.example.vn/v1/sync"
OFFICE = """
function FindProxyForURL(url, host) {
  if (isPlainHostName(host) || dnsDomainIs(host, ".noibo.example.vn")) return "DIRECT";
  if (isInNet(host, "10.20.0.0", "255.255.0.0")) return "PROXY in.example.vn:3128; DIRECT";
  if (shExpMatch(host, "*.xa.example.vn")) return "SOCKS5 10.0.0.1:1080; PROXY 10.0.0.2:3128; HTTPS x:443; proxy [fd00::2]:8080";
  return "PROXY out.example.vn:8080";
}
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "socks_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    with serving(server):
        yield server


def code_of(mode: str, address: str, url: str = GATEWAY) -> tuple[str, object]:
    with pytest.raises(Problem) as caught:
        Proxies({"mode": mode, "address": address}).choose(url, NOW)
    assert "geheim" not in json.dumps(caught.value.details)
    return caught.value.code, caught.value.details.get("reason")


def manual(address: str) -> tuple[object, ...]:
    return Proxies({"mode": "manual", "address": address}).choose(GATEWAY, NOW).candidates


def attempt(act: Callable[[Any], Any], value: object, code: str) -> Any:
    """What it gives, or None after the one Problem that is allowed."""
    try:
        return act(value)
    except Problem as problem:
        if problem.code != code:
            raise
        return None


# None, typed in, the system's


def test_none_and_loopback_are_direct() -> None:
    assert Proxies({}).choose(GATEWAY, NOW) == Choice(("direct",))
    for host in ("localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"):
        for mode in ("system", "manual", "pac"):
            found = Proxies({"mode": mode, "address": "http://10.0.0.1:3128"}).choose(f"http://{host}:8000/v1", NOW)
            assert found == Choice(("direct",))
    for host in ("localhost.example.vn", "10.0.0.1", "[::2]", "127.example.vn"):
        assert not proxies.is_loopback(host.strip("[]"))


def test_a_proxy_typed_in() -> None:
    assert manual("http://10.0.0.1:3128") == (("http", "10.0.0.1", 3128, None, None),)
    assert manual(" proxy.example.vn:8080 ") == (HttpProxy("http", "proxy.example.vn", 8080),)
    assert manual("http://an:ge%3Aheim%20%40@[fd00::1]:3128/") == (HttpProxy("http", "fd00::1", 3128, "an", "ge:heim @"),)


def test_what_was_typed_wrong_is_a_problem_that_does_not_repeat_the_password() -> None:
    for typed in ("", "http://", "10.0.0.1", "http://a:geheim@b:port", "http://a:geheim@b:99999", "http://a b:1", "http://x:0"):
        assert code_of("manual", typed) == ("proxy_unreadable", "address")
    for typed in ("http://a:geheim@b:1/path", "http://-:3128", "http://a\r\nb:1", "http://[::1:3128", "x" * 3000, "ho/st:80"):
        assert code_of("manual", typed) == ("proxy_unreadable", "address")
    for typed in ("socks5://an:geheim@10.0.0.1:1080", "https://10.0.0.1:3128"):
        assert code_of("manual", typed) == ("proxy_unreadable", "kind")
    assert code_of("guess", "") == ("proxy_unreadable", "mode")


@given(st.text(max_size=60))
def test_no_address_breaks_the_reading(typed: str) -> None:
    found = attempt(manual, typed, "proxy_unreadable")
    if found:
        assert isinstance(found[0], HttpProxy)
        assert manual(found[0].address) == found


@pytest.mark.skipif(sys.platform == "win32", reason="the registry is asked there")
def test_the_systems_proxy_and_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    system = Proxies({"mode": "system", "address": ""})
    assert system.choose(GATEWAY, NOW).candidates == ("direct",)
    monkeypatch.setenv("HTTPS_PROXY", "http://an:geheim@10.0.0.9:3128")
    monkeypatch.setenv("no_proxy", "noibo.example.vn,10.1.1.1")
    assert system.choose(GATEWAY, NOW).candidates == (HttpProxy("http", "10.0.0.9", 3128, "an", "geheim"),)
    assert system.choose("https://a.noibo.example.vn/", NOW).candidates == ("direct",)
    assert system.choose("https://10.1.1.1/", NOW).candidates == ("direct",)
    monkeypatch.setenv("https_proxy", "10.0.0.8:8080")  # without a scheme
    assert system.choose(GATEWAY, NOW).candidates == (HttpProxy("http", "10.0.0.8", 8080),)
    monkeypatch.delenv("https_proxy")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("all_proxy", "socks5://an:geheim@10.0.0.9:1080")
    assert code_of("system", "") == ("proxy_unreadable", "kind")


# PAC


def test_an_office_pac_file_served_and_read(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # a PAC file is fetched without any
    web.pages["/proxy.pac"] = ("\ufeff" + OFFICE).encode()
    chooser = Proxies({"mode": "pac", "address": f"{web.url}/proxy.pac"}, resolve=lambda _: "192.0.2.7")
    found = chooser.choose(GATEWAY, NOW)
    assert found.candidates == (HttpProxy("http", "10.0.0.2", 3128), HttpProxy("http", "fd00::2", 8080))
    assert found.skipped == ("SOCKS5 10.0.0.1:1080", "HTTPS x:443")
    assert chooser.choose("https://gateway/", NOW).candidates == ("direct",)
    assert chooser.choose("https://a.noibo.example.vn/", NOW).candidates == ("direct",)
    assert chooser.choose("https://10.20.3.4/", NOW).candidates == (HttpProxy("http", "in.example.vn", 3128), "direct")
    assert chooser.choose("https://other.vn/", NOW).candidates == (HttpProxy("http", "out.example.vn", 8080),)
    assert web.asked == ["/proxy.pac"]  # kept


def test_a_pac_file_is_kept_an_hour_and_longer_while_it_cannot_be_had(web: Web) -> None:
    web.pages["/proxy.pac"] = OFFICE.encode()
    chooser = Proxies({"mode": "pac", "address": f"{web.url}/proxy.pac"}, resolve=lambda _: None)
    chooser.choose(GATEWAY, NOW)
    chooser.choose(GATEWAY, NOW + timedelta(minutes=59))
    assert len(web.asked) == 1
    del web.pages["/proxy.pac"]
    assert len(chooser.choose(GATEWAY, NOW + timedelta(hours=2)).candidates) == 2
    assert len(web.asked) == 2
    chooser.forget()
    with pytest.raises(Problem, match="pac_unreadable"):
        chooser.choose(GATEWAY, NOW)


def test_a_pac_file_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "tệp của xã.pac"
    file.write_text(OFFICE, "utf-8")
    found = Proxies({"mode": "pac", "address": file.as_uri()}, resolve=lambda _: None).choose(GATEWAY, NOW)
    assert len(found.candidates) == 2
    assert code_of("pac", (tmp_path / "none.pac").as_uri()) == ("pac_unreadable", "file")
    assert code_of("pac", tmp_path.as_uri()) == ("pac_unreadable", "file")
    assert code_of("pac", "file://server/share/proxy.pac") == ("pac_unreadable", "address")


def test_a_pac_file_that_cannot_be_had_says_why(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert code_of("pac", f"http://127.0.0.1:{port}/") == ("pac_unreadable", "refused")
    assert code_of("pac", "http://no-such-host.invalid/") == ("pac_unreadable", "dns")
    assert code_of("pac", f"{web.url}/none") == ("pac_unreadable", "status")
    assert code_of("pac", f"{web.url}/elsewhere") == ("pac_unreadable", "status")
    for address in ("", "ftp://a/b", "proxy.pac", "http://", "http://[x/", "http://a:port/", "javascript:1"):
        assert code_of("pac", address) == ("pac_unreadable", "address")
    monkeypatch.setattr(proxies, "_FETCHING", 1.0)
    begun = time.monotonic()
    assert code_of("pac", f"{web.url}/trickle") == ("pac_unreadable", "timeout")
    assert time.monotonic() - begun < 5


def test_ten_megabytes_are_refused_before_they_are_here(web: Web, tmp_path: Path) -> None:
    (tmp_path / "big.pac").write_bytes(b"//" + b"x" * (10 << 20))
    web.pages["/big"] = (tmp_path / "big.pac").read_bytes()
    assert code_of("pac", f"{web.url}/big") == ("pac_unreadable", "too_large")
    assert code_of("pac", f"{web.url}/endless") == ("pac_unreadable", "too_large")
    assert code_of("pac", (tmp_path / "big.pac").as_uri()) == ("pac_unreadable", "too_large")


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["PROXY a:1", "DIRECT", "SOCKS b:2", "PROXY", ";", "proxy a:0"])).map("; ".join)
)
def test_no_answer_of_a_pac_file_breaks_the_reading(said: str) -> None:
    found = attempt(read_pac_answer, said, "pac_unreadable")
    if found:
        assert found.candidates
        assert all(c == "direct" or connect_request(c.host, c.port, c.user, c.password) for c in found.candidates)


def test_the_addresses_of_this_machine() -> None:
    assert proxies.resolve("localhost") == "127.0.0.1"
    assert proxies.resolve("no-such-host.invalid") is None
    assert proxies.resolve("a" * 80 + ".vn") is None
    socket.inet_aton(proxies.own_address())


# A real proxy


def tunnel(proxy: Proxy, request: bytes, hello: bytes = b"hello") -> tuple[int, bytes]:
    """Ask for a tunnel and, when it is given, say hello and hear what comes back."""
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
        line.sendall(request)
        data, status = b"", None
        while status is None:
            piece = line.recv(1)
            assert piece, "the proxy has hung up"
            data += piece
            status = read_connect_answer(data)
        if status != 200:
            return status, b""
        line.sendall(hello)
        line.shutdown(socket.SHUT_WR)
        return status, b"".join(iter(lambda: line.recv(4096), b""))


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that says back what it hears, on a port of loopback, IPv4 and IPv6."""
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    server.settimeout(10)

    def serve() -> None:
        try:
            while True:
                line, _ = server.accept()
                with line:
                    while piece := line.recv(4096):
                        line.sendall(piece.upper())
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(server.getsockname()[1])
    server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    server.close()


def test_a_tunnel_through_a_real_proxy_also_to_ipv6_and_with_a_password(echo: int) -> None:
    proxy = Proxy(login="an:mật khẩu:2")
    proxy.names["gateway.test"] = "127.0.0.1"
    with serving(proxy):
        assert tunnel(proxy, connect_request("gateway.test", echo)) == (407, b"")
        assert tunnel(proxy, connect_request("gateway.test", echo, "an", "wrong")) == (407, b"")
        for host in ("gateway.test", "::1", "[::1]"):
            assert tunnel(proxy, connect_request(host, echo, "an", "mật khẩu:2")) == (200, b"HELLO")
        assert tunnel(proxy, connect_request("127.0.0.1", 1, "an", "mật khẩu:2")) == (502, b"")
        assert proxy.asked[-2] == f"CONNECT [::1]:{echo} HTTP/1.1"
        problem = connect_problem(407)
        assert problem is not None and problem.code == "proxy_auth_needed"


def test_plain_forwarding_with_the_address_that_was_chosen(web: Web) -> None:
    web.pages["/page"] = b"through"
    proxy = Proxy(login="an:p@:ss/ word")
    proxy.names["web.test"] = "127.0.0.1"
    with serving(proxy):
        (found,) = manual(f"http://an:p%40%3Ass%2F%20word@127.0.0.1:{proxy.port}")
        assert isinstance(found, HttpProxy)
        with httpx.Client(proxy=found.address, trust_env=False) as client:
            answer = client.get(web.url.replace("127.0.0.1", "web.test") + "/page")
        assert (answer.status_code, answer.content) == (200, b"through")
        assert proxy.asked[0].startswith("GET http://web.test:")


@pytest.mark.parametrize("host", ["web.test", "[::1]"])
def test_a_pool_goes_through_the_tunnel_over_watched_connections(web: Web, host: str) -> None:
    web.pages["/page"] = b"through"
    proxy = Proxy(login="an:p@:ss/ word")
    proxy.names |= {"web.test": "127.0.0.1", "::1": "127.0.0.1"}
    url = web.url.replace("127.0.0.1", host) + "/page"

    def get(user: str, password: str) -> bytes:
        backend = Tunnel(Backend(Watch()), HttpProxy("http", "127.0.0.1", proxy.port, user, password))
        with httpcore.ConnectionPool(network_backend=backend) as pool:
            return pool.request("GET", url).content

    with serving(proxy):
        assert get("an", "p@:ss/ word") == b"through"
        assert proxy.asked == [f"CONNECT {host}:{web.server_address[1]} HTTP/1.1"]
        with pytest.raises(Problem, match="proxy_auth_needed"):
            get("an", "p@")
        web.shutdown()
        web.server_close()
        with pytest.raises(Problem, match="unreachable"):
            get("an", "p@:ss/ word")


def test_tls_goes_on_top_of_the_tunnel(web: Web, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, "web.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    web.pages["/page"] = b"sealed"
    proxy = Proxy()
    proxy.names["web.test"] = "127.0.0.1"
    with serving(proxy):
        backend = Tunnel(Backend(Watch()), HttpProxy("http", "127.0.0.1", proxy.port))
        url = f"https://web.test:{web.server_address[1]}/page"
        with httpcore.ConnectionPool(ssl_context=ssl.create_default_context(cafile=certificate), network_backend=backend) as pool:
            assert pool.request("GET", url).content == b"sealed"


def test_a_proxy_that_hangs_up_or_speaks_nonsense_is_a_problem() -> None:
    for said, problem in ((b"", "reset"), (b"HTTP/1.1 20", "reset"), (b"SSH-2.0-x\r\n", "proxy_unreadable")):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(10)

            def speak(server: socket.socket = server, said: bytes = said) -> None:
                line, _ = server.accept()
                with line:
                    line.recv(4096)
                    line.sendall(said)

            thread = threading.Thread(target=speak)
            thread.start()
            tunnel = Tunnel(Backend(Watch()), HttpProxy("http", "127.0.0.1", server.getsockname()[1]))
            with pytest.raises(Problem, match=problem):
                tunnel.connect_tcp("gateway.vn", 443)
            thread.join()


def test_connect_heads_are_written_exactly() -> None:
    assert connect_request("gateway.vn", 443) == b"CONNECT gateway.vn:443 HTTP/1.1\r\nHost: gateway.vn:443\r\n\r\n"
    assert connect_request("FE80:0:0:0:0:0:0:1%eth0", 8443).startswith(b"CONNECT [fe80::1]:8443 HTTP/1.1\r\n")
    assert connect_request("máy-chủ.vn", 443).split()[1].decode("idna") == "máy-chủ.vn:443"
    assert b"\r\nProxy-Authorization: Basic YTpi\r\n\r\n" in connect_request("a", 1, "a", "b")
    for host in ("", "a b", "a\r\nX: y", "[::1", "x" * 300, "a/b", "-a", ".."):
        with pytest.raises(Problem, match="address_malformed"):
            connect_request(host, 443)
    for port in (0, -1, 65536):
        with pytest.raises(Problem, match="address_malformed"):
            connect_request("a", port)
    for user in ("a:b", "a\nb"):
        with pytest.raises(Problem, match="proxy_unreadable"):
            connect_request("a", 443, user, "x")


def test_answers_to_connect() -> None:
    whole = b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"
    assert [read_connect_answer(whole[:n]) for n in range(len(whole))] == [None] * len(whole)
    assert read_connect_answer(whole) == 200
    assert read_connect_answer(b"HTTP/1.0 407\r\n\r\nwho are you?") == 407
    for lie in (
        whole + b"early",
        b"SSH-2.0-x\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 099 x\r\n\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 200" + b"x" * 20000,
    ):
        with pytest.raises(Problem, match="proxy_unreadable"):
            read_connect_answer(lie)
    assert connect_problem(204) is None
    assert [str(connect_problem(s).details["reason"]) for s in (502, 504, 403)] == ["unreachable", "timeout", "refused"]  # type: ignore[union-attr]


@given(st.binary(max_size=60) | st.binary(max_size=30).map(lambda b: b"HTTP/1.1 " + b))
def test_no_bytes_break_the_reading_of_an_answer(data: bytes) -> None:
    status = attempt(read_connect_answer, data, "proxy_unreadable")
    assert status is None or 200 <= status < 600
