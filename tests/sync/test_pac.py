"""A PAC file runs: what it may call, what it may not, and that it ends."""

import json
import threading
import time
from datetime import UTC, datetime

import pytest

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import pac
from sync.proxies import read_pac_answer

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=VIETNAM)  # a Saturday
GATEWAY = "https://gateway.xa.example.vn/v1/sync"


def evaluated(script: str, url: str = GATEWAY, **known: str) -> str:
    """``known``: host with ``_`` for dots."""
    return pac.evaluate(script, url, NOW, lambda host: known.get(host.replace(".", "_")))


def test_what_a_pac_file_may_call() -> None:
    calls = {
        "shExpMatch(host, '*.xa.example.vn')": True, "shExpMatch(host, 'g?teway.*')": True, "shExpMatch('axb', 'a.b')": False,
        "shExpMatch('a(b[c', 'a(b[c')": True, "shExpMatch('ab', 'a*b*c')": False, "dnsDomainIs(host, '.EXAMPLE.vn')": True,
        "isPlainHostName('www')": True, "isPlainHostName(host)": False, "localHostOrDomainIs('www', 'www.a.vn')": True,
        "localHostOrDomainIs('www.b', 'www.a.vn')": False, "dnsDomainLevels(host)": 3, "isResolvable('known.vn')": True,
        "isResolvable('unknown.vn')": False, "dnsResolve('known.vn')": "10.1.2.3",
        "isInNet('known.vn', '10.1.0.0', '255.255.0.0')": True,
        "isInNet('unknown.vn', '0.0.0.0', '0.0.0.0')": False, "isInNet('200.1.2.3', '200.0.0.0', '255.0.0.0')": True,
        "isInNet('11.1.2.3', '10.0.0.0', '255.0.0.0')": False, "isInNet('300.1.1.1', '0.0.0.0', '0.0.0.0')": False,
        "myIpAddress()": "127.0.0.1", "weekdayRange('SAT')": True, "weekdayRange('MON', 'FRI')": False,
        "weekdayRange('FRI', 'SUN')": True, "timeRange(9)": True, "timeRange(2, 'GMT')": True, "timeRange(8, 59, 9, 0)": True,
        "timeRange(22, 6)": False, "timeRange(9, 0, 0, 9, 0, 0)": True, "dateRange(28)": True, "dateRange('NOV')": True,
        "dateRange(2026)": True, "dateRange(1, 'DEC', 1, 'JAN')": False, "dateRange('OCT', 'DEC')": True,
        "dateRange('DEC', 'JAN')": False, "dateRange(1, 'NOV', 2026, 30, 'NOV', 2026)": True, "url": "https://gateway.xa.example.vn/",
        "typeof alert('x')": "undefined",
        "[typeof fetch, typeof require, typeof console, typeof process, typeof lookup] + ''": "undefined," * 4 + "undefined",
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
    f"Array.prototype.toJSON = function () {{ throw {{ toString() {{ {HANGING} }} }} }}; var FindProxyForURL = () => ''",
    f"class E extends InternalError {{ toString() {{ {HANGING} }} }} throw new E('a')",
    f"function FindProxyForURL() {{ return {{ toString() {{ {HANGING} }} }} }}",
    "JSON.stringify = null; Array.prototype.toJSON = function () { return 5 }; function FindProxyForURL() { return '' }",
    "var a = []; for (;;) a.push({})",
    "var s = 'x'; for (;;) s += s",
    "function f() { f() } f()",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)",
    "function FindProxyForURL() { for (var i = 0; ; i++) dnsResolve('h' + i) }",
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


def test_memory_is_bounded() -> None:
    script = "function FindProxyForURL() { try { new Uint8Array(64 << 20); return 'HAD IT' } catch (e) { return 'DIRECT' } }"
    assert evaluated(script) == "DIRECT"


def test_only_some_names_are_looked_up_and_only_names() -> None:
    asked: list[str] = []

    def resolve(host: str) -> str:
        asked.append(host)
        return "10.0.0.1"

    def script(names: list[str]) -> str:
        return f"function FindProxyForURL() {{ return {json.dumps(names)}.map(dnsResolve).join() }}"

    strange = ["a b", "a\n", "x" * 300, "", "\ud800"]
    assert pac.evaluate(script(["a.vn", *strange, "b.vn", "a.vn"]), GATEWAY, NOW, resolve) == "10.0.0.1,,,,,,10.0.0.1,10.0.0.1"
    assert asked == ["a.vn", "b.vn"]
    assert pac.evaluate(script([f"n{i}" for i in range(12)]), GATEWAY, NOW, resolve).count("10.0.0.1") == 8
    with pytest.raises(Problem, match="pac_unreadable"):
        pac.evaluate(script([f"n{i}" for i in range(40)]), GATEWAY, NOW, resolve)


def test_the_time_of_a_pac_file_is_the_counters_whatever_the_zone_of_the_machine() -> None:
    script = "function FindProxyForURL() { return timeRange(9) + ' ' + timeRange(2, 'GMT') }"
    assert evaluated(script) == "true true"
    assert pac.evaluate(script, GATEWAY, NOW.astimezone(UTC), lambda _: None) == "false true"
