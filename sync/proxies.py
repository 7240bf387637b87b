"""Which proxy leads to the gateway: none, the system's, one typed in, or what a PAC file says; and the two heads of CONNECT.

A proxy is an ``http://`` one, and https goes through it by CONNECT, so it sees neither dossiers nor keys. SOCKS and TLS to the
proxy itself are left out and named in ``Choice.skipped``.
"""

import base64
import ipaddress
import re
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import httpcore

from forms.problem import Problem
from sync import pac
from sync.watched import Backend, Watch

MODES = ("none", "system", "pac", "manual")
_LONGEST = 2048
_NAME = re.compile(r"(?=.{1,253}$)\w([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?", re.ASCII)
_KEPT = timedelta(hours=1)
_FETCHING = 10.0
_HEAD = 16 << 10
_MOST = 10
"""Candidates that are tried at most."""


class HttpProxy(NamedTuple):
    """A proxy that is spoken to in plain HTTP. ``host``: a name or an address without brackets."""

    scheme: Literal["http"]
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    @property
    def address(self) -> str:
        """``http://user:password@host:port``, as ``GatewayClient`` takes it. Never for a log: it holds the password."""
        who = "" if self.user is None else f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@"
        return f"http://{who}{_authority(self.host, self.port)}"


Candidate = Literal["direct"] | HttpProxy


@dataclass(frozen=True)
class Choice:
    """``candidates``: to be tried in this order, never empty. ``skipped``: what was offered and cannot be used, as written."""

    candidates: tuple[Candidate, ...]
    skipped: tuple[str, ...] = ()


_DIRECT = Choice(("direct",))


def resolve(host: str) -> str | None:
    """The first IPv4 address of a host, as PAC files ask for it; None when there is none."""
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError):
        return None


def own_address() -> str:
    """The address that this machine would use towards the internet. Nothing is sent: a UDP socket is only pointed there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as pointed:
        try:
            pointed.connect(("192.0.2.1", 9))  # RFC 5737: nobody's
            return str(pointed.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def read_pac(address: str, cancelled: Callable[[], bool] = lambda: False) -> str:
    """The text of a PAC file: ``http(s)://`` without any proxy, or ``file://`` of this machine. At most 1 MB, 10 s.

    :raises Problem: ``cancelled``; ``pac_unreadable`` with ``reason`` ``address``, ``too_large``, ``status``, ``file``, or how
        the line failed (as ``no_line``).
    """
    parts = _split(address, "pac_unreadable")
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise Problem("pac_unreadable", reason="address")  # another machine would be asked for it in our name
        pieces: Iterator[bytes] = _of_file(Path(urllib.request.url2pathname(parts.path)))
    elif parts.scheme in ("http", "https") and parts.hostname:
        pieces = _of_web(address.strip(), Watch(time.monotonic() + _FETCHING, cancelled))
    else:
        raise Problem("pac_unreadable", reason="address")
    text = bytearray()
    for piece in pieces:
        text += piece
        if len(text) > pac.MOST_BYTES:
            raise Problem("pac_unreadable", reason="too_large")
    return text.decode("utf-8-sig", "replace")


def _of_file(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            yield opened.read(pac.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Problem("pac_unreadable", reason="file") from error


def _of_web(address: str, watch: Watch) -> Iterator[bytes]:
    context = ssl.create_default_context() if address.lower().startswith("https") else None
    try:
        with (
            httpcore.ConnectionPool(ssl_context=context, network_backend=Backend(watch)) as pool,
            pool.stream("GET", address, headers={"accept-encoding": "identity"}) as answer,
        ):
            if answer.status != 200:
                raise Problem("pac_unreadable", reason="status", status=answer.status)
            yield from answer.iter_stream()
    except Problem as problem:
        if problem.code in ("no_line", "deadline"):
            raise Problem("pac_unreadable", reason=problem.details.get("reason", "timeout")) from problem
        raise
    except ssl.SSLCertVerificationError as error:
        raise Problem("pac_unreadable", reason="tls") from error
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError) as error:
        raise Problem("pac_unreadable", reason="reset") from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol, UnicodeError) as error:
        raise Problem("pac_unreadable", reason="address") from error


class Proxies:
    """What the settings say, from contact to contact. ``settings``: ``{"mode": "none" | "system" | "pac" | "manual", "address":
    str}``. A PAC file is kept for an hour, and longer while it cannot be had anew."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        read: Callable[[str], str] = read_pac,
        resolve: Callable[[str], str | None] = resolve,
        own_address: Callable[[], str] = own_address,
    ) -> None:
        self._mode, self._address = settings.get("mode") or "none", settings.get("address") or ""
        self._read, self._resolve, self._own_address = read, resolve, own_address
        self._script: tuple[datetime, str] | None = None

    def choose(self, url: str, now: datetime) -> Choice:
        """The ways to ``url``; loopback is always direct. ``now``: aware, the civil time of the counter.

        :raises Problem: ``proxy_unreadable`` (``reason``: ``mode``, ``address``, ``kind``), ``pac_unreadable``.
        """
        if self._mode not in MODES or not isinstance(self._address, str):
            raise Problem("proxy_unreadable", reason="mode")
        host = urlsplit(url).hostname or ""
        if self._mode == "none" or is_loopback(host):
            return _DIRECT
        if self._mode == "system":
            return _system(url, host)
        if self._mode == "manual":
            return _usable([read_address(self._address, port_needed=True)], self._address)
        said = pac.evaluate(self._fresh(now), url, now, self._resolve, self._own_address())
        return read_pac_answer(said)

    def forget(self) -> None:
        """The network is another one: the PAC file is fetched anew."""
        self._script = None

    def _fresh(self, now: datetime) -> str:
        known = self._script
        if known and timedelta() <= now - known[0] < _KEPT:
            return known[1]
        try:
            self._script = (now, self._read(self._address))
        except Problem:
            if known is None:
                raise
            return known[1]
        return self._script[1]


def is_loopback(host: str) -> bool:
    """``localhost`` (RFC 6761) or an address of this machine itself."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or bool(
        isinstance(address, ipaddress.IPv6Address) and (m := address.ipv4_mapped) and m.is_loopback
    )


def _system(url: str, host: str) -> Choice:
    """Environment on Linux, the registry on Windows, as Python reads them (its list of exceptions included)."""
    try:
        if urllib.request.proxy_bypass(host):
            return _DIRECT
        found = urllib.request.getproxies()
    except (OSError, ValueError) as error:
        raise Problem("proxy_unreadable", reason="system") from error
    address = found.get(urlsplit(url).scheme) or found.get("all") or found.get("socks")
    return _usable([read_address(address)], address) if address else _DIRECT


def _usable(found: list[HttpProxy | None], written: str) -> Choice:
    known = tuple(proxy for proxy in found if proxy)
    if not known:
        raise Problem("proxy_unreadable", reason="kind", kind=written.partition(":")[0][:20])
    return Choice(known)


def read_pac_answer(said: str) -> Choice:
    """``PROXY 10.0.0.1:3128; SOCKS5 …; DIRECT`` → what is tried, in order.

    :raises Problem: ``pac_unreadable`` (``reason`` ``answer``) when nothing of it can be used.
    """
    candidates: list[Candidate] = []
    skipped: list[str] = []
    for entry in filter(None, (part.strip() for part in said.split(";"))):
        kind, _, where = entry.partition(" ")
        found = _pac_entry(kind.upper(), where.strip())
        if found is None:
            skipped.append(entry[:100])
        elif found not in candidates:
            candidates.append(found)
    if not candidates:
        raise Problem("pac_unreadable", reason="answer", skipped=skipped[:_MOST])
    return Choice(tuple(candidates[:_MOST]), tuple(skipped[:_MOST]))


def _pac_entry(kind: str, where: str) -> Candidate | None:
    if kind == "DIRECT":
        return "direct"
    if kind not in ("PROXY", "HTTP"):
        return None
    try:
        return read_address(f"http://{where}")
    except Problem:
        return None


def _split(address: str, code: str) -> Any:
    try:
        if len(address) > _LONGEST or not address.isprintable():
            raise ValueError("address")
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018 - looked at because it raises for a port that is none
    except ValueError as error:
        raise Problem(code, reason="address") from error
    return parts


def read_address(address: str, port_needed: bool = False) -> HttpProxy | None:
    """``[http://][user:password@]host[:port]``; None when it is another kind of proxy. Details never hold what was typed: it
    may hold a password. :raises Problem: ``proxy_unreadable`` reason ``address``."""
    address = address.strip()
    parts = _split(address if "://" in address else f"http://{address}", "proxy_unreadable")
    if parts.scheme != "http":
        return None
    host, user, password = parts.hostname or "", parts.username, parts.password
    user, password = (None if text is None else unquote(text) for text in (user, password))
    if not _is_host(host) or (port_needed and parts.port is None) or parts.port == 0 or parts.path not in ("", "/"):
        raise Problem("proxy_unreadable", reason="address")
    return HttpProxy("http", host, parts.port or 80, user, password)


def _is_host(host: str) -> bool:
    try:
        _wire_host(host)
    except Problem:
        return False
    return True


# CONNECT


def connect_request(host: str, port: int, user: str | None = None, password: str | None = None) -> bytes:
    """The head that asks a proxy for a tunnel to ``host``, a name or an address with or without brackets (RFC 9110, 9.3.6).

    :raises Problem: ``address_malformed`` for a host or port that is none; ``proxy_unreadable`` for a user that cannot be said.
    """
    if not 0 < port < 65536:
        raise Problem("address_malformed")
    where = _authority(_wire_host(host), port)
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    if user is not None:
        if ":" in user or not (user + (password or "")).isprintable():
            raise Problem("proxy_unreadable", reason="user")
        said = base64.b64encode(f"{user}:{password or ''}".encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {said}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _wire_host(host: str) -> str:
    """An address in its shortest form without brackets and zone, or a name in ASCII. :raises Problem: ``address_malformed``."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Problem("address_malformed") from error
    if not _NAME.fullmatch(name):
        raise Problem("address_malformed")
    return name


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_connect_answer(data: bytes) -> int | None:
    """The status of a proxy's answer to CONNECT; None while its head is not all there.

    :raises Problem: ``proxy_unreadable`` when that is no answer, or when bytes follow the head of a tunnel: nobody may speak in
        it before we do.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end and len(data) <= _HEAD and (not head or b"HTTP/1."[: len(head)] == head[:7]):
        return None
    status = re.match(rb"HTTP/1\.[01] ([2-5]\d\d)[ \r\n]", head + b"\r\n")
    if not end or status is None or len(head) > _HEAD or (rest and status[1][:1] == b"2"):
        raise Problem("proxy_unreadable", reason="answer")
    return int(status[1])


def connect_problem(status: int) -> Problem | None:
    """What a status other than 2xx means: ``proxy_auth_needed``, or a line that ends at the proxy."""
    if 200 <= status < 300:
        return None
    if status == 407:
        return Problem("proxy_auth_needed")
    return Problem("no_line", reason={504: "timeout", 502: "unreachable"}.get(status, "refused"), proxy_status=status)


class Tunnel(httpcore.NetworkBackend):
    """Makes connections through a proxy by CONNECT, over connections that ``below`` makes: a ``ConnectionPool`` takes it where
    it would take ``below``, and TLS goes on top. (``httpcore.HTTPProxy`` asks for ``::1:443`` without brackets, and its 407
    cannot be told from a broken line.)"""

    def __init__(self, below: httpcore.NetworkBackend, proxy: HttpProxy) -> None:
        self._below, self._proxy = below, proxy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """:raises Problem: ``proxy_auth_needed``, ``proxy_unreadable``, ``no_line``, and as ``below``."""
        proxy = self._proxy
        stream = self._below.connect_tcp(proxy.host, proxy.port, timeout, local_address, socket_options)
        try:
            stream.write(connect_request(host, port, proxy.user, proxy.password), timeout)
            said = b""
            while (status := read_connect_answer(said)) is None:
                piece = stream.read(4096, timeout)
                if not piece:
                    raise Problem("no_line", reason="reset")
                said += piece
            if problem := connect_problem(status):
                raise problem
        except BaseException:
            stream.close()
            raise
        return stream

    def sleep(self, seconds: float) -> None:
        self._below.sleep(seconds)
