"""The gateway as a program: sockets, uvicorn, the played portal, a clean end at SIGTERM."""

import asyncio
import json
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from forms.problem import Problem
from resources import path_of
from sync.files import hold, read_json, write_atomic
from sync.gateway import admission
from sync.gateway.app import Gateway
from sync.gateway.ledger import Ledger
from sync.gateway.writer import Writer
from sync.hardening import report_to
from sync.logbook import Logbook

if TYPE_CHECKING:
    from sync.relay.practice import Practice

SERVING = "serving.json"
"""In the gateway's folder: ``{"url"}``, where it serves, or did last. The relay beside it reads it."""


def serve(
    data: Path,
    host: str,
    port: int,
    *,
    portal: str = "off",
    numbers: int = 1000,
    certificate: tuple[str, str] | None = None,
    practice: bool = False,
    communes: Path | None = None,
    announce: Callable[[dict[str, Any]], None],
) -> None:
    """Serve until SIGTERM. ``announce`` gets ``{url, enrol_code, commune}`` once requests are taken. ``communes``: a JSON file
    ``{"communes": [profile, …]}`` of those served besides the first; ``area`` in a profile is its code as administrative unit.

    :raises Problem: ``already_open``, ``port_taken``, ``portal_script_damaged``, ``communes_damaged``.
    """
    lock = hold(data, "gateway")
    report_to(Logbook(data / "gateway.log"))
    ledger = Ledger(data)
    ledger.set_numbers(numbers)
    ledger.begin()
    name = "practice.json" if practice else "sample.json"
    commune = ledger.add_commune(read_json(path_of("communes", name), "pack_damaged", "pack_damaged"))
    for profile in read_json(communes, "communes_damaged", "communes_damaged").get("communes", []) if communes else []:
        ledger.add_commune(profile)
    listening = _listen(host, port)
    plan = _plan(portal)
    scheme = "https" if certificate else "http"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"

    def ready() -> None:
        write_atomic(data / SERVING, json.dumps({"url": url}).encode())
        announce({"url": url, "enrol_code": admission.new_code(ledger, commune), "commune": commune})

    asyncio.run(_run(ledger, listening, plan, certificate, ready))
    ledger.close()
    lock.release()


def _plan(portal: str) -> dict[str, Any] | None:
    """What the played national side does; None: there is none, and nothing of it is loaded."""
    if portal == "off":
        return None
    from sync.relay.practice import script

    return script(portal)


async def _run(
    ledger: Ledger,
    listening: socket.socket,
    plan: dict[str, Any] | None,
    certificate: tuple[str, str] | None,
    ready: Callable[[], None],
) -> None:
    gateway = Gateway(ledger)
    practice = _practice(ledger, gateway.writer, plan)
    server = _Server(_config(gateway, certificate))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    ready()
    ended = asyncio.Event()
    playing = asyncio.create_task(_play(practice, ended)) if practice else None
    await serving
    ended.set()
    if playing:
        await playing  # its thread waits for the writer, which must outlive it
    gateway.writer.close()


class _Server(uvicorn.Server):
    """uvicorn raises the signal again when it has stopped: we still have a writer to finish."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "should_exit", True))
        yield


def _practice(ledger: Ledger, writer: Writer, plan: dict[str, Any] | None) -> "Practice | None":
    if plan is None:
        return None
    from sync.relay.practice import Practice

    return Practice(ledger, writer, plan)


async def _play(practice: "Practice", ended: asyncio.Event) -> None:
    """A round three times a second, or at once while there is something to do."""
    while not ended.is_set():
        if not await asyncio.to_thread(practice.work, ended.is_set):
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 0.3)
    practice.close()


def _config(gateway: Gateway, certificate: tuple[str, str] | None) -> uvicorn.Config:
    """Measured settings: keep-alive longer than the client's, no access log (addresses are personal data too)."""
    files = {"ssl_certfile": certificate[0], "ssl_keyfile": certificate[1]} if certificate else {}
    config = uvicorn.Config(
        gateway.app,
        http="httptools",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,  # the log is taken over: what is in an exception may be somebody's
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        backlog=512,
        timeout_graceful_shutdown=3,
        **files,  # type: ignore[arg-type]
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
        config.ssl.num_tickets = 0
    return config


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket whose options the accepted ones inherit: dead peers are noticed within half a minute."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 30_000)):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise Problem("port_taken", host=host, port=port) from error
    return listening
