"""The road over HTTP: the only importer of httpx. Sends what ``replication`` gives, hands it what comes back."""

import base64
import json
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from forms.problem import Problem
from sync.proxies import HttpProxy, Tunnel
from sync.replication import Exchange
from sync.watched import Backend, Watch

_FIRST, _PIECE = 4 << 10, 16 << 10
_MOST_REPLY = 4 << 20
"""Bytes of the answer to an enrolment: a commune's profile is some 10 KB, and whoever answers is not known yet."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BUSY = (429, 502, 503, 504)


@dataclass
class Traffic:
    """Bytes of bodies that went up and came down."""

    up: int = 0
    down: int = 0


def check_url(url: str, allow_http: bool = False) -> str:
    """An address that may be used: https, or plain http to loopback. :raises Problem: ``address_malformed``, ``http_refused``."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - looked at because it raises for a port that is none
    except ValueError as error:
        raise Problem("address_malformed", address=url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Problem("address_malformed", address=url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_http:
        raise Problem("http_refused", address=url)
    return url.rstrip("/")


class GatewayClient:
    """One connection to one gateway. Make a new one after every failure: a half-dead connection is never reused.

    ``proxy``: through which to go, None = straight. ``traffic``: counts on.
    """

    def __init__(
        self, url: str, watch: Watch | None = None, *, proxy: HttpProxy | None = None, traffic: Traffic | None = None
    ) -> None:
        self.url = url
        self.traffic = traffic or Traffic()
        self.watch = watch or Watch()
        self.handed_over = 0
        self._client = httpx.Client(transport=_Transport(url, self.watch, proxy), trust_env=False)
        self._client.headers.clear()
        self._host = {"host": urlsplit(url).netloc.rpartition("@")[2]}

    def __enter__(self) -> "GatewayClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def exchange(self, exchange: Exchange, deadline: float, enough: Callable[[], bool] = lambda: False) -> None:
        """One round trip. ``deadline``: monotonic seconds; ``enough`` ends the request early, see ``Exchange.frames``.

        :raises Problem: ``no_line``, ``deadline``, ``cancelled``, ``not_the_gateway``, ``gateway_busy``, or what the answer says.
        """
        self.watch.deadline = deadline
        body = self._pieces(exchange.frames(enough))
        with self._client.stream("POST", f"{self.url}/v1/sync", content=body, headers=self._host) as response:
            self._hear(response, exchange)

    def position(self, exchange: Exchange, deadline: float) -> None:
        """``GET /v1/position``: the acknowledgement alone, to go on after a cut. :raises Problem: as :meth:`exchange`."""
        self.watch.deadline = deadline
        headers = self._host | {"x-motcua": base64.b64encode(exchange.header()).decode()}
        with self._client.stream("GET", f"{self.url}/v1/position", headers=headers) as response:
            self._hear(response, exchange)

    def enrol(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /v1/enrol``. :raises Problem: ``no_line``, ``not_the_gateway``, or what the gateway said."""
        body = bytearray()
        with self._client.stream("POST", f"{self.url}/v1/enrol", json=request) as response:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > _MOST_REPLY:
                    raise Problem("not_the_gateway", status=response.status_code)
        try:
            value = json.loads(body)
            details = value.get("details", {})
            problem = Problem(str(value["problem"]), **details) if "problem" in value else None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # a page, or JSON of somebody else
            raise Problem("not_the_gateway", status=response.status_code) from error
        if problem:
            raise problem
        return dict(value)

    def _pieces(self, frames: Iterator[bytes]) -> Iterator[bytes]:
        """Frames in pieces of about ``_PIECE``: fewer half-empty packets. The first goes early, so that the line has something
        to do while the next groups are packed."""
        gathered, enough = bytearray(), _FIRST
        for frame in frames:
            gathered += frame
            if len(gathered) >= enough:
                yield self._counted(gathered)
                gathered, enough = bytearray(), _PIECE
        if gathered:
            yield self._counted(gathered)

    def _counted(self, piece: bytearray) -> bytes:
        self.handed_over += len(piece)
        self.traffic.up += len(piece)
        return bytes(piece)

    def _hear(self, response: httpx.Response, exchange: Exchange) -> None:
        """The answer as it comes. Who is busy need not be able to sign it: a proxy before the gateway may say so."""
        try:
            for chunk in response.iter_raw():
                self.traffic.down += len(chunk)
                exchange.answer(chunk)
        except Problem as problem:
            if problem.code == "not_the_gateway":
                raise _somebody_else(response) from problem
            raise
        if not exchange.outcome.acknowledged:
            raise _somebody_else(response)


def _somebody_else(response: httpx.Response) -> Problem:
    if response.status_code in _BUSY:
        return Problem("gateway_busy", status=response.status_code, retry_after=response.headers.get("retry-after"))
    return Problem("not_the_gateway", status=response.status_code)


def fresh_nonce() -> str:
    """What the gateway has to sign in its answer."""
    return secrets.token_hex(16)


class _Transport(httpx.BaseTransport):
    """httpx over a watched connection; what breaks below becomes a Problem here."""

    def __init__(self, url: str, watch: Watch, proxy: HttpProxy | None) -> None:
        backend = Backend(watch)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_context() if url.startswith("https") else None,
            max_connections=1,
            keepalive_expiry=60,
            network_backend=Tunnel(backend, proxy) if proxy else backend,
            socket_options=_socket_options(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        asked = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.stream)
        try:
            answer = self._pool.handle_request(asked)
        except ssl.SSLCertVerificationError as error:
            raise Problem("certificate_wrong", reason=error.verify_message, verify_code=error.verify_code) from error
        except _BROKEN as error:
            raise Problem("no_line", reason="reset") from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


_BROKEN = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._answer.iter_stream()
        except _BROKEN as error:
            raise Problem("no_line", reason="reset") from error

    def close(self) -> None:
        self._answer.close()


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _socket_options() -> list[tuple[int, int, int]]:
    """Measured: a small send buffer loses least at a cut; keep-alive notices a dead line. Names differ by platform."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)]
    wanted = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 15_000))
    return options + [(socket.IPPROTO_TCP, getattr(socket, n), v) for n, v in wanted if hasattr(socket, n)]
