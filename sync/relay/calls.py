"""A request to a receiving system over HTTP, and what kind of failure it was when there is no answer to read.

A connection a call: what a system sent twice, or too late, can never be taken for the answer to the next one.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx

from forms.problem import Problem
from sync.relay.systems import Reply, Request

_MOST_ANSWER = 16 << 20
"""Bytes of an answer: the list of all procedures is some megabytes."""
_WHOLE = 3.0
"""So many times the time without a byte may an answer take in all."""
_LATER = (429, 502, 503, 504)
_LONGEST_REST = 3600.0
Handle = Callable[[str, str, Mapping[str, str], bytes], tuple[int, dict[str, str], bytes]]
"""A played system: method, path with its query, headers, body -> status, headers, body."""


class Door:
    """Where a system is reached: ``url`` its address, ``timeout`` seconds without a byte. ``handle``: played in this process."""

    def __init__(self, url: str, timeout: float = 60.0, handle: Handle | None = None) -> None:
        transport = httpx.MockTransport(lambda request: _played(handle, request)) if handle else None
        self._url, self._timeout, self._transport = url.rstrip("/"), timeout, transport
        # Made once: it takes 40 ms. Where no TLS is spoken there is nothing to verify.
        self._trusted = ssl.create_default_context() if urlsplit(url).scheme == "https" else False

    def send(self, request: Request) -> Reply:
        """:raises Problem: ``system_unreachable`` (``reason``: ``refused``, ``timeout``, ``line``, ``status``, ``not_json``,
        ``too_large``): nobody knows whether it was carried out; ``system_busy`` (``retry_after`` seconds or None): it was not.
        """
        try:
            with httpx.Client(
                timeout=self._timeout,
                transport=self._transport,
                verify=self._trusted,
                trust_env=False,
                headers={"connection": "close"},
                follow_redirects=False,
            ) as client:
                answer, body = self._asked(client, request)
        except httpx.ConnectError as error:
            raise Problem("system_unreachable", reason="refused") from error
        except httpx.TimeoutException as error:
            raise Problem("system_unreachable", reason="timeout") from error
        except (httpx.RequestError, httpx.StreamError) as error:  # also an answer that cannot be unpacked
            raise Problem("system_unreachable", reason="line") from error
        return _read(answer, body)

    def _asked(self, client: httpx.Client, request: Request) -> tuple[httpx.Response, bytes]:
        files = [(field, (name, data, kind)) for field, name, data, kind in request.files]
        content = {"files": files} if files else {"json": request.body} if request.body is not None else {}
        body, until = bytearray(), time.monotonic() + _WHOLE * self._timeout
        with client.stream(request.method, self._url + request.path, headers=dict(request.headers), **content) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_ANSWER:
                    raise Problem("system_unreachable", reason="too_large")
                if time.monotonic() > until:
                    raise Problem("system_unreachable", reason="timeout")
        return answer, bytes(body)


def _read(answer: httpx.Response, body: bytes) -> Reply:
    if answer.status_code in _LATER:
        # Only who counts requests says truly that this one was not carried out; a proxy's 502 may come after it was.
        if answer.status_code == 429:
            raise Problem("system_busy", retry_after=_rest(answer.headers.get("retry-after")))
        raise Problem("system_unreachable", reason="status", status=answer.status_code)
    try:
        return Reply(answer.status_code, httpx.Response(200, content=body).json())
    except (ValueError, RecursionError) as error:
        raise Problem("system_unreachable", reason="not_json", status=answer.status_code) from error


def _rest(text: str | None) -> float | None:
    """``Retry-After`` in seconds, as far as it may be believed; a date is not looked at."""
    return min(float(text), _LONGEST_REST) if text and text.isascii() and text.isdigit() else None


def _played(handle: Handle | None, request: httpx.Request) -> httpx.Response:
    assert handle
    path = request.url.raw_path.decode()
    status, headers, body = handle(request.method, path, dict(request.headers), request.read())
    return httpx.Response(status, headers=headers, content=body)
