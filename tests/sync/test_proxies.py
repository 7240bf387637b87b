"""Which proxy leads to the gateway: settings, environment, PAC files good and hostile, and a real proxy on loopback."""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import pac, proxies
from sync.proxies import Choice, HttpProxy, Proxies, connect_problem, connect_request, read_connect_answer, read_pac_answer
from tests.sync.played_proxy import Proxy, Web, serving

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
    try:
        (found,) = manual(typed)
    except Problem as problem:
        assert problem.code == "proxy_unreadable"
    else:
        assert isinstance(found, HttpProxy)
        assert manual(found.address) == (found,)


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


def evaluated(script: str, url: str = GATEWAY, **known: str) -> str:
    return pac.evaluate(script, url, NOW, lambda host: known.get(host.replace(".", "_")))


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


def test_what_a_pac_file_may_call() -> None:
    calls = {
        "shExpMatch(host, '*.xa.example.vn')": True, "shExpMatch(host, 'g?teway.*')": True, "shExpMatch('axb', 'a.b')": False,
        "shExpMatch('a(b[c', 'a(b[c')": True, "shExpMatch('ab', 'a*b*c')": False, "dnsDomainIs(host, '.EXAMPLE.vn')": True,
        "isPlainHostName('www')": True, "isPlainHostName(host)": False, "localHostOrDomainIs('www', 'www.a.vn')": True,
        "localHostOrDomainIs('www.b', 'www.a.vn')": False, "dnsDomainLevels(host)": 3, "isResolvable('known.vn')": True,
        "isResolvable('unknown.vn')": False, "dnsResolve('known.vn')": "10.1.2.3", "isInNet('known.vn', '10.1.0.0', '255.255.0.0')": True,
        "isInNet('unknown.vn', '0.0.0.0', '0.0.0.0')": False, "isInNet('200.1.2.3', '200.0.0.0', '255.0.0.0')": True,
        "isInNet('11.1.2.3', '10.0.0.0', '255.0.0.0')": False, "isInNet('300.1.1.1', '0.0.0.0', '0.0.0.0')": False,
        "myIpAddress()": "127.0.0.1", "weekdayRange('SAT')": True, "weekdayRange('MON', 'FRI')": False,
        "weekdayRange('FRI', 'SUN')": True, "timeRange(9)": True, "timeRange(2, 'GMT')": True, "timeRange(8, 59, 9, 0)": True,
        "timeRange(22, 6)": False, "timeRange(9, 0, 0, 9, 0, 0)": True, "dateRange(28)": True, "dateRange('NOV')": True,
        "dateRange(2026)": True, "dateRange(1, 'DEC', 1, 'JAN')": False, "dateRange('OCT', 'DEC')": True,
        "dateRange('DEC', 'JAN')": False, "dateRange(1, 'NOV', 2026, 30, 'NOV', 2026)": True, "url": "https://gateway.xa.example.vn/",
        "typeof alert('x')": "undefined",
        "[typeof fetch, typeof require, typeof console, typeof process, typeof lookup, typeof std] + ''": "undefined," * 5 + "undefined",
    }  # fmt: skip
    script = f"function FindProxyForURL(url, host) {{ return JSON.stringify([{', '.join(calls)}]); }}"
    said = json.loads(evaluated(script, "https://an:geheim@gateway.xa.example.vn/secret?q#f", known_vn="10.1.2.3"))
    assert dict(zip(calls, said, strict=True)) == calls


@pytest.mark.parametrize(
    "script",
    [
        "'use strict'; function FindProxyForURL(u, h) { return 'DIRECT' } // the end",
        "const FindProxyForURL = (u, h) => null",
        "var NOW = 1, DAYS = 2, known = 3, wanted = 4; function FindProxyForURL() { return }",
        "function FindProxyForURL(u, h) { try { dnsResolve('a.b') } catch (e) {} return 'DIRECT' }",
    ],
)
def test_scripts_of_many_styles(script: str) -> None:
    assert evaluated(script) == "DIRECT"


def test_a_long_answer_is_read_and_an_endless_one_not() -> None:
    many = "function FindProxyForURL() { var s = ''; for (var i = 0; i < %d; i++) s += 'PROXY p' + i + ':80; '; return s }"
    assert len(read_pac_answer(evaluated(many % 500)).candidates) == 10
    with pytest.raises(Problem, match="pac_unreadable"):
        evaluated(many % 2_000_000)


HANGING = "while (true);"
HOSTILE = [
    HANGING,
    f"function FindProxyForURL() {{ {HANGING} }}",
    f"function FindProxyForURL() {{ try {{ {HANGING} }} catch (e) {{}} return 'DIRECT' }}",
    f"InternalError.prototype.toString = function () {{ {HANGING} }}; {HANGING}",
    f"Object.prototype[Symbol.toPrimitive] = function () {{ {HANGING} }}; {HANGING}",
    f"Error.prepareStackTrace = function () {{ {HANGING} }}; {HANGING}",
    f"Object.setPrototypeOf(InternalError.prototype, {{ toString() {{ {HANGING} }} }}); {HANGING}",
    f"Object.defineProperty(globalThis, 'FindProxyForURL', {{ get() {{ {HANGING} }} }})",
    f"Array.prototype.toJSON = function () {{ {HANGING} }}; function FindProxyForURL() {{ return 'DIRECT' }}",
    "function FindProxyForURL() { return /(a+)+b/.test('a'.repeat(40)) }",
    "function FindProxyForURL() { for (var i = 0; ; i++) try { dnsResolve('h' + i) } catch (e) {} }",
]
FAILING = [
    "",
    "syntax error (",
    "function Find() {}",
    f"throw {{ toString() {{ {HANGING} }} }}",
    f"Array.prototype.toJSON = function () {{ throw {{ toString() {{ {HANGING} }} }} }}; function FindProxyForURL() {{ return '' }}",
    f"class E extends InternalError {{ toString() {{ {HANGING} }} }} throw new E('a')",
    f"function FindProxyForURL() {{ return {{ toString() {{ {HANGING} }} }} }}",
    "JSON.stringify = null; Array.prototype.toJSON = function () { return 5 }; function FindProxyForURL() { return '' }",
    "String.prototype.toJSON = function () { return 5 }; function FindProxyForURL() { return 'x' }",
    "var a = []; for (;;) a.push({})",
    "var s = 'x'; for (;;) s += s",
    "function f() { f() } f()",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
    "function FindProxyForURL() { for (var i = 0; ; i++) dnsResolve('h' + i) }",
    "function FindProxyForURL() { return dnsResolve('\\ud800') }",
    "import('fs')",
]


@pytest.mark.parametrize("script", HOSTILE)
def test_a_pac_file_that_does_not_end_is_ended(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pac, "_SECONDS", 0.3)
    begun = time.process_time()
    with pytest.raises(Problem, match="pac_unreadable"):
        evaluated(script)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("script", FAILING)
def test_a_pac_file_that_fails_is_a_problem(script: str) -> None:
    before = threading.active_count()
    with pytest.raises(Problem, match="pac_unreadable"):
        evaluated(script)
    assert threading.active_count() == before


def test_only_some_names_are_looked_up_and_only_names() -> None:
    asked: list[str] = []

    def resolve(host: str) -> str:
        asked.append(host)
        return "10.0.0.1"

    def script(names: list[str]) -> str:
        return f"function FindProxyForURL() {{ return {json.dumps(names)}.map(dnsResolve).join() }}"

    strange = ["a b", "a\n", "x" * 300, ""]
    assert pac.evaluate(script(["a.vn", *strange, "b.vn", "a.vn"]), GATEWAY, NOW, resolve) == "10.0.0.1,,,,,10.0.0.1,10.0.0.1"
    assert asked == ["a.vn", "b.vn"]
    assert pac.evaluate(script([f"n{i}" for i in range(12)]), GATEWAY, NOW, resolve).count("10.0.0.1") == 8
    with pytest.raises(Problem, match="pac_unreadable"):
        pac.evaluate(script([f"n{i}" for i in range(40)]), GATEWAY, NOW, resolve)


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["PROXY a:1", "DIRECT", "SOCKS b:2", "PROXY", ";", "proxy a:0"])).map("; ".join)
)
def test_no_answer_of_a_pac_file_breaks_the_reading(said: str) -> None:
    try:
        found = read_pac_answer(said)
    except Problem as problem:
        assert problem.code == "pac_unreadable"
    else:
        assert found.candidates
        assert all(c == "direct" or connect_request("h", 1, c.user, c.password) for c in found.candidates)


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
            data += line.recv(1)
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


def test_connect_heads_are_written_exactly() -> None:
    assert connect_request("gateway.vn", 443) == b"CONNECT gateway.vn:443 HTTP/1.1\r\nHost: gateway.vn:443\r\n\r\n"
    assert connect_request("FE80:0:0:0:0:0:0:1%eth0", 8443).startswith(b"CONNECT [fe80::1]:8443 HTTP/1.1\r\n")
    assert connect_request("máy-chủ.vn", 443).startswith(b"CONNECT xn--my-ch-tqa8154e.vn:443 ")
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
    try:
        status = read_connect_answer(data)
    except Problem as problem:
        assert problem.code == "proxy_unreadable"
    else:
        assert status is None or 200 <= status < 600


def test_the_time_of_a_pac_file_is_the_counters_whatever_the_zone_of_the_machine() -> None:
    script = "function FindProxyForURL() { return timeRange(9) + ' ' + timeRange(2, 'GMT') }"
    assert evaluated(script) == "true true"
    assert pac.evaluate(script, GATEWAY, NOW.astimezone(UTC), lambda _: None) == "false true"
