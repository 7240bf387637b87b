"""The road over HTTP: the only importer of httpx. Sends what ``replication`` gives, hands it what comes back."""

import base64
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from forms.problem import Problem
from sync.replication import Exchange

_PIECE = 16 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    """One connection to one gateway. Make a new one after every failure: a half-dead connection is never reused."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.traffic = Traffic()
        context = ssl.create_default_context() if url.startswith("https") else False
        transport = httpx.HTTPTransport(
            verify=context,
            retries=0,
            limits=httpx.Limits(max_connections=1, keepalive_expiry=60),
            socket_options=_socket_options(),
            trust_env=False,
        )
        timeouts = httpx.Timeout(connect=3, write=15, read=15, pool=5)
        self._client = httpx.Client(transport=transport, timeout=timeouts, trust_env=False)
        self._client.headers.clear()

    def __enter__(self) -> "GatewayClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def exchange(self, exchange: Exchange, deadline: float) -> None:
        """One round trip. ``deadline``: monotonic seconds.

        :raises Problem: ``no_line``, ``deadline``, ``not_the_gateway``, or what the answer says.
        """
        frames = exchange.request()
        size = sum(map(len, frames))
        headers = {"content-length": str(size), "host": urlsplit(self.url).netloc}
        body = self._pieces(b"".join(frames), deadline)
        try:
            with self._client.stream("POST", f"{self.url}/v1/sync", content=body, headers=headers) as response:
                for chunk in response.iter_raw():
                    self.traffic.down += len(chunk)
                    exchange.answer(chunk)
                    _check_deadline(deadline)
        except httpx.TransportError as error:
            raise Problem("no_line", reason=type(error).__name__) from error
        if not exchange.outcome.acknowledged:
            raise Problem("not_the_gateway", status=response.status_code)

    def enrol(self, request: dict[str, Any]) -> dict[str, Any]:
        """``POST /v1/enrol``. :raises Problem: ``no_line``, ``not_the_gateway``, or what the gateway said."""
        try:
            response = self._client.post(f"{self.url}/v1/enrol", json=request)
            value = response.json()
        except httpx.TransportError as error:
            raise Problem("no_line", reason=type(error).__name__) from error
        except ValueError as error:
            raise Problem("not_the_gateway", status=response.status_code) from error
        if not isinstance(value, dict):
            raise Problem("not_the_gateway", status=response.status_code)
        if "problem" in value:
            raise Problem(str(value["problem"]), **dict(value.get("details", {})))
        return value

    def position(self, exchange: Exchange) -> None:
        """``GET /v1/position``: the acknowledgement alone, to go on after a cut. :raises Problem: as :meth:`exchange`."""
        headers = {"x-motcua": base64.b64encode(exchange.header()).decode()}
        try:
            response = self._client.get(f"{self.url}/v1/position", headers=headers)
        except httpx.TransportError as error:
            raise Problem("no_line", reason=type(error).__name__) from error
        exchange.answer(response.content)
        if not exchange.outcome.acknowledged:
            raise Problem("not_the_gateway", status=response.status_code)

    def _pieces(self, body: bytes, deadline: float) -> Iterator[bytes]:
        for start in range(0, len(body), _PIECE):
            _check_deadline(deadline)
            piece = body[start : start + _PIECE]
            self.traffic.up += len(piece)
            yield piece


def fresh_nonce() -> str:
    """What the gateway has to sign in its answer."""
    return secrets.token_hex(16)


def _check_deadline(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Problem("deadline")


def _socket_options() -> list[tuple[int, int, int]]:
    """Measured: a small send buffer loses least at a cut; keep-alive notices a dead line. Names differ by platform."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.SOL_SOCKET, socket.SO_SNDBUF, 32768)]
    wanted = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 15_000))
    return options + [(socket.IPPROTO_TCP, getattr(socket, n), v) for n, v in wanted if hasattr(socket, n)]
