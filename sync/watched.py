"""A connection that is watched while it moves: httpcore's network layer with one tick for everything.

Nothing here blocks for more than a tick. Between ticks it is asked whether the person cancelled, whether the deadline has
passed, whether the line still breathes, and whether the other side has begun to answer before the request was whole (a
captive portal, a refusal): then the rest is not sent. Measured: a line that lost everything shows no segment for longer
than its own round trips explain; the kernel alone needs half a minute to say so.
"""

import errno
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore

from forms.problem import Problem

TICK = 0.25
_SHORTEST, _ANSWER, _BLIND = 3.0, 12.0, 15.0
"""Seconds of silence: the least that ends a contact; when all was taken and only the answer is missing; where the platform
tells nothing of its connections (Windows)."""
_CONNECT, _QUICK = 3.0, 0.6
_FRESH = 3600.0
"""Seconds for which an address that worked is tried without asking for its name again: asking has no time-out."""
_DOUBTED = 60.0
"""And one that did not answer is trusted so much longer: then its name is asked for again."""
_AHEAD, _QUEUE, _LEAST_AHEAD, _SEGMENT = 0.5, 0.25, 20 << 10, 1400
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_REASONS = {errno.ECONNREFUSED: "refused", errno.ENETUNREACH: "unreachable", errno.EHOSTUNREACH: "unreachable"}
_resolved: dict[tuple[str, int], tuple[float, list[Any]]] = {}


@dataclass
class Vitals:
    """What the platform tells of a connection. ``segments``: heard so far; ``unheard``: bytes under way or not yet sent;
    ``acked``: bytes the other side's kernel has; ``limit``: seconds of silence that its round trips explain; ``shortest``:
    seconds of the quickest round trip; ``rate``: bytes a second that were delivered of late."""

    segments: int
    unheard: int
    acked: int
    rtt: float
    limit: float
    shortest: float
    rate: int

    @classmethod
    def of(cls, sock: socket.socket) -> "Vitals | None":
        """None where the platform does not tell. Offsets: ``struct tcp_info`` of Linux."""
        if _TCP_INFO is None:
            return None
        try:
            raw = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 232)
            segment, unacked, beyond = struct.unpack_from("=I4xII", raw, 16)
            rtt, variance = struct.unpack_from("=II", raw, 68)
            acked, _received, _out, segments, waiting, shortest = struct.unpack_from("=QQIIII", raw, 120)
            rate = struct.unpack_from("=Q", raw, 160)[0]
        except (OSError, struct.error):
            return None
        seconds = rtt / 1e6
        limit = max(_SHORTEST, 2 * seconds + 4 * variance / 1e6 + 1)
        unheard = (unacked - beyond) * segment + waiting
        return cls(segments, unheard, acked, seconds, limit, shortest / 1e6, rate)


@dataclass
class Watch:
    """``deadline``: monotonic seconds; ``cancelled``: asked at every tick; ``cap``: bytes a second, None = all there is;
    ``moved``: told the bytes that have arrived on the other side (where the platform tells, else those that left)."""

    deadline: float = field(default_factory=lambda: time.monotonic() + 60)
    cancelled: Callable[[], bool] = lambda: False
    cap: int | None = None
    moved: Callable[[int], None] = lambda _: None
    rtt: float | None = None

    def tick(self) -> None:
        """:raises Problem: ``cancelled``, ``deadline``."""
        if self.cancelled():
            raise Problem("cancelled")
        if time.monotonic() > self.deadline:
            raise Problem("deadline")


class WatchedStream(httpcore.NetworkStream):
    """One connection, plain or TLS."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock, self._watch = sock, watch
        self._early = b""
        self._sent, self._began = 0, time.monotonic()
        self._heard, self._since = 0, time.monotonic()
        self._allowance, self._counted = 0.0, time.monotonic()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """:raises Problem: ``no_line`` (reason ``stalled``, ``reset``), ``cancelled``, ``deadline``; and ``WriteError`` when the
        other side answers before it has heard all."""
        left = memoryview(buffer)
        self._since = time.monotonic()
        while left:
            if self._answered():
                raise httpcore.WriteError("answered early")
            size = self._allowed(len(left))
            sent = self._try(lambda part: self._sock.send(part), left[:size], writing=True) if size else None
            if sent:
                left, self._sent, self._since = left[sent:], self._sent + sent, time.monotonic()
                self._allowance -= sent
                self._tell()
                continue
            self._breathe()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """:raises Problem: as :meth:`write`."""
        self._since = time.monotonic()
        while not self._early:
            got = self._try(self._sock.recv, max_bytes, writing=False)
            if got is not None:
                self._tell()
                return bytes(got)
            self._breathe()
        here, self._early = self._early[:max_bytes], self._early[max_bytes:]
        return here

    def _answered(self) -> bool:
        """Something of an answer is here. TLS may speak of itself meanwhile: only real bytes count."""
        if not self._early and select.select([self._sock], [], [], 0)[0]:
            self._early = self._try(self._sock.recv, 65536, writing=False, wait=False) or b""
            return True if self._early else not isinstance(self._sock, ssl.SSLSocket)
        return bool(self._early)

    def _try(self, act: Callable[[Any], Any], value: Any, *, writing: bool, wait: bool = True) -> Any:
        """The result, or None when it would block; then one tick was spent waiting."""
        try:
            return act(value)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            if wait:
                reads = isinstance(error, ssl.SSLWantReadError) or (isinstance(error, BlockingIOError) and not writing)
                watched = [self._sock]
                select.select(watched if reads or writing else [], [] if reads else watched, [], TICK)
            return None
        except OSError as error:
            raise Problem("no_line", reason="reset") from error

    def _breathe(self) -> None:
        """One look at the clock and at the line. :raises Problem: ``no_line`` reason ``stalled``."""
        self._watch.tick()
        self._tell()
        now, vitals = time.monotonic(), Vitals.of(self._sock)
        if vitals is None:
            limit = _BLIND
        else:
            self._watch.rtt = vitals.rtt
            if vitals.segments != self._heard:
                self._heard, self._since = vitals.segments, now
            limit = vitals.limit if vitals.unheard else _ANSWER
        if now - self._since > limit:
            # What the kernel still holds would be sent when the line returns, beside the new connection: it is dropped.
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Problem("no_line", reason="stalled")

    def _tell(self) -> None:
        vitals = Vitals.of(self._sock)
        self._watch.moved(vitals.acked if vitals else self._sent)

    def _allowed(self, wanted: int) -> int:
        """How many bytes may be handed over now. Once a queue builds up, what the line takes in a round trip and ``_AHEAD``
        seconds may be under way (more would fill its queue, be dropped there and sent again; and be lost at a cut); and what
        the cap lets go. Waits a little for none."""
        vitals = Vitals.of(self._sock)
        if vitals and vitals.rtt > vitals.shortest + _QUEUE:
            rate = max(vitals.rate, vitals.acked / max(TICK, time.monotonic() - self._began))
            room = int(max(_LEAST_AHEAD, rate * (_AHEAD + min(vitals.shortest, 1.0)))) - vitals.unheard
            if room < min(wanted, _SEGMENT):
                time.sleep(TICK / 5)
                return 0
            wanted = min(wanted, room)
        return wanted if self._watch.cap is None else self._capped(wanted, self._watch.cap)

    def _capped(self, wanted: int, cap: int) -> int:
        now = time.monotonic()
        self._allowance = min(cap * TICK, self._allowance + (now - self._counted) * cap)
        self._counted = now
        size = min(wanted, int(self._allowance))
        if size < min(wanted, _SEGMENT):
            time.sleep(TICK / 5)
            self._since = now
            return 0
        return size

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """:raises Problem: as :meth:`write`. :raises ssl.SSLCertVerificationError: for the caller to name."""
        wrapped = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname, do_handshake_on_connect=False)
        stream = WatchedStream(wrapped, self._watch)
        try:
            while True:
                try:
                    wrapped.do_handshake()
                    return stream
                except ssl.SSLWantReadError:
                    select.select([wrapped], [], [], TICK)
                except ssl.SSLWantWriteError:
                    select.select([], [wrapped], [], TICK)
                stream._breathe()
        except ssl.SSLCertVerificationError:
            wrapped.close()
            raise
        except (OSError, ValueError) as error:
            wrapped.close()
            raise Problem("no_line", reason="tls") from error
        except Problem:
            wrapped.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(self._early) or bool(select.select([self._sock], [], [], 0)[0])
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        return {"socket": self._sock, "client_addr": self._sock.getsockname()}.get(info) if info != "server_addr" else None


class Backend(httpcore.NetworkBackend):
    """Makes watched connections. IPv6 and IPv4 in the order the system prefers, the one that worked last first."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._attempts = 0

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """:raises Problem: ``no_line`` (reason dns, refused, unreachable, timeout), ``cancelled``, ``deadline``."""
        known = _addresses(host, port)
        last = Problem("no_line", reason="timeout")
        for address in known:
            try:
                sock = self._connect(address, timeout or self._patience(), socket_options or ())
            except Problem as problem:
                if problem.code != "no_line":
                    raise
                last = problem
                continue
            _resolved[host, port] = (time.monotonic(), [address, *(a for a in known if a is not address)])
            return WatchedStream(sock, self.watch)
        _resolved[host, port] = (time.monotonic() - _FRESH + _DOUBTED, known)
        raise last

    def _patience(self) -> float:
        """Seconds for one attempt: short ones when the line is known, so that it is found soon after it returns (the kernel asks
        again only each second); now and then a long one, because it may have become slow."""
        self._attempts += 1
        known = self.watch.rtt
        return _CONNECT if known is None or self._attempts % 8 == 0 else min(_CONNECT, max(_QUICK, 3 * known))

    def _connect(self, address: Any, timeout: float, options: Iterable[Any]) -> socket.socket:
        family, kind, protocol, _name, where = address
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for option in options:
                sock.setsockopt(*option)
            code, end = sock.connect_ex(where), time.monotonic() + timeout
            while code in (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY):
                self.watch.tick()
                if time.monotonic() > end:
                    raise Problem("no_line", reason="timeout")
                _, ready, failed = select.select([], [sock], [sock], TICK)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if ready or failed else errno.EINPROGRESS
            if code:
                raise Problem("no_line", reason=_REASONS.get(code, "unreachable"))
        except BaseException:
            sock.close()
            raise
        return sock

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _addresses(host: str, port: int) -> list[Any]:
    """:raises Problem: ``no_line`` reason ``dns``, when a name is not known and never was."""
    at, known = _resolved.get((host, port), (0.0, []))
    if known and time.monotonic() - at < _FRESH:
        return known
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except OSError as error:
        if not known:
            raise Problem("no_line", reason="dns") from error
    _resolved[host, port] = (time.monotonic(), known)
    return known
