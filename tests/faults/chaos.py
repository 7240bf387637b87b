"""A chaos proxy between real processes: ``python -m sync follow`` on one side, ``python -m sync gateway`` on the other.

On loopback, with real sockets. Each request meets the fault that is armed; what happens is drawn from a seed, when it happens
is up to the processes. Afterwards the weather is fair, and everything is compared.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_CHUNK = 4096
_PAGE = b"<html><head><title>Wi-Fi</title></head><body><form action='/login'>Mat khau</form></body></html>"
_SPOKEN = {
    "page": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%b" % (len(_PAGE), _PAGE),
    "redirect": b"HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n",
    "502": b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
    "503, asked to wait": b"HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
    "502, asked to wait": b"HTTP/1.1 502 Bad Gateway\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
}
"""What somebody before the gateway says in its place."""
_BREAKS = ("reset", "closed", "stalled", "killed counter", "killed gateway")
_KINDS = (*_SPOKEN, *_BREAKS, "delayed", "chopped", "twice", "killed counter", "killed gateway", "reset", "closed")


@dataclass
class Fault:
    """``kind``; for those that break a line: after how many bytes of the request (``up``) or of the answer (``down``)."""

    kind: str
    way: str = "up"
    at: int = 0

    @classmethod
    def drawn(cls, chance: random.Random) -> "Fault":
        """One of all kinds; more often in the first kilobyte, where heads end and frames begin."""
        way = chance.choice(("up", "up", "down"))
        most = chance.choice((1, 300, 300, 1000, 1000, 5000)) if way == "up" else chance.choice((1, 150, 300))
        return cls(chance.choice(_KINDS), way, chance.randrange(most))


class _Broken(Exception):
    """This line is at its end."""


class Chaos:
    """Runs in a thread of its own. ``arm`` a fault; ``happened`` is set when a request met it. A line that has met a fault that
    kills waits, so that the process dies in the middle of it, until ``go_on``."""

    def __init__(self, upstream: int) -> None:
        self.upstream, self.port = upstream, 0
        self.stall = 2.0
        self.happened, self.go_on = threading.Event(), threading.Event()
        self.unexpected: list[BaseException] = []
        self._armed: Fault | None = None
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="chaos", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def url(self) -> str:
        """Where the counters look for the gateway."""
        return f"http://127.0.0.1:{self.port}"

    def arm(self, fault: Fault | None) -> None:
        """For the next request; None: fair weather."""
        self.happened.clear()
        self.go_on.clear()
        self._armed = fault

    def take(self) -> Fault | None:
        """What a request that begins now will meet. One that breaks later stays armed until it did."""
        return self._armed

    def met(self) -> None:
        """It happened."""
        self._armed = None
        self.happened.set()

    def close(self) -> None:
        """No line is left."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self, reader, writer)
        try:
            await line.run()
        except (_Broken, OSError, asyncio.CancelledError):
            pass
        except Exception as error:  # noqa: BLE001 - told to whoever compares in the end
            self.unexpected.append(error)
        finally:
            line.close()


class _Line:
    """One connection of a counter, and what it is to the gateway."""

    def __init__(self, chaos: Chaos, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.chaos, self.reader, self.writer = chaos, reader, writer
        self.fault: Fault | None = None
        self.moved = {"up": 0, "down": 0}
        self.answered = True
        self.ups: list[asyncio.StreamWriter] = []
        self.downs: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Until one side ends it."""
        while data := await self.reader.read(_CHUNK):
            if self.answered:
                await self._begins()
            await self._pass("up", data, self.ups)

    async def _begins(self) -> None:
        """A request: it meets what is armed."""
        self.answered, self.moved = False, {"up": 0, "down": 0}
        fault = self.fault = self.chaos.take()
        if fault and fault.kind in _SPOKEN:
            self.chaos.met()
            await self._speaks(_SPOKEN[fault.kind])
        if fault and fault.kind == "delayed":
            self.chaos.met()
            await asyncio.sleep(0.3)
        if not self.ups:
            await self._connects(self._back)
        if fault and fault.kind == "twice":
            self.chaos.met()
            await self._connects(self._unheard)

    async def _connects(self, hears: Callable[[asyncio.StreamReader], "asyncio.Future[None]"]) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.chaos.upstream)
        except OSError as error:
            raise _Broken from error
        self.ups.append(writer)
        self.downs.append(asyncio.ensure_future(hears(reader)))

    async def _speaks(self, words: bytes) -> None:
        """Somebody else answers, hears the rest for a moment, and hangs up."""
        self.writer.write(words)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while await self.reader.read(_CHUNK):
                    pass
        raise _Broken

    async def _back(self, reader: asyncio.StreamReader) -> None:
        with suppress(_Broken, OSError):
            while data := await reader.read(_CHUNK):
                self.answered = True
                await self._pass("down", data, [self.writer])
        self.writer.close()

    async def _unheard(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while await reader.read(_CHUNK):
                pass

    async def _pass(self, way: str, data: bytes, to: list[asyncio.StreamWriter]) -> None:
        fault, moved = self.fault, self.moved[way]
        self.moved[way] += len(data)
        breaks = fault and fault.kind in _BREAKS and fault.way == way and moved + len(data) > fault.at
        here = data[: fault.at - moved] if breaks and fault else data
        if fault and fault.kind == "chopped" and fault.way == way and not moved:
            self.chaos.met()
            for place in range(min(len(here), 400)):
                await self._write(here[place : place + 1], to)
                await asyncio.sleep(0)
            here = here[400:]
        if here:
            await self._write(here, to)
        if breaks and fault:
            await self._breaks(fault)

    async def _write(self, data: bytes, to: list[asyncio.StreamWriter]) -> None:
        for writer in list(to):
            writer.write(data)
            await writer.drain()

    async def _breaks(self, fault: Fault) -> None:
        if self.chaos.take() is not fault:  # another line of the same moment had it
            return
        self.chaos.met()
        if fault.kind == "stalled":
            await asyncio.sleep(self.chaos.stall)
        elif fault.kind.startswith("killed"):
            for _ in range(200):
                await asyncio.sleep(0.01)
                if self.chaos.go_on.is_set():
                    break
        elif fault.kind == "reset":
            for writer in (self.writer, *self.ups):
                _reset(writer)
        raise _Broken

    def close(self) -> None:
        """Both sides."""
        for task in self.downs:
            task.cancel()
        for writer in (self.writer, *self.ups):
            with suppress(OSError):
                writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """An RST instead of a FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
