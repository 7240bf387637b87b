"""A proxy and a web server on loopback, real sockets both: CONNECT, plain forwarding, a password, and pages that misbehave."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class _Quiet(BaseHTTPRequestHandler):
    timeout = 20

    def log_message(self, *_: Any) -> None:
        pass

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


class Proxy(ThreadingHTTPServer):
    """``names``: host → the address it stands for; ``asked``: the first line of each request; ``login``: user:password."""

    daemon_threads = True

    def __init__(self, login: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        self.names: dict[str, str] = {}
        self.asked: list[str] = []
        self.login = login

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _ProxyHandler(_Quiet):
    server: Proxy

    def allowed(self) -> bool:
        self.server.asked.append(self.requestline)
        wanted = self.server.login and "Basic " + base64.b64encode(self.server.login.encode()).decode()
        if not wanted or self.headers.get("Proxy-Authorization") == wanted:
            return True
        self.say(407, b"who are you?", **{"Proxy-Authenticate": "Basic"})
        return False

    def reach(self, where: str) -> socket.socket:
        parts = urlsplit(f"//{where}")
        host = parts.hostname or ""
        return socket.create_connection((self.server.names.get(host, host), parts.port or 80), 5)

    def do_CONNECT(self) -> None:
        if not self.allowed():
            return
        try:
            other = self.reach(self.path)
        except OSError:
            self.say(502)
            return
        self.send_response(200)
        self.end_headers()
        with other:
            back = threading.Thread(target=_pump, args=(other, self.connection), daemon=True)
            back.start()
            _pump(self.connection, other)
            back.join(5)

    def do_GET(self) -> None:
        if not self.allowed():
            return
        parts = urlsplit(self.path)
        with self.reach(parts.netloc) as other:
            other.sendall(f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
            other.shutdown(socket.SHUT_WR)
            _pump(other, self.connection)
        self.close_connection = True


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)


class Web(ThreadingHTTPServer):
    """``pages``: path → bytes; ``/trickle`` and ``/endless`` are as their names say. ``asked``: the paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _WebHandler)
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _WebHandler(_Quiet):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path in self.server.pages:
            self.say(200, self.server.pages[self.path])
        elif self.path in ("/trickle", "/endless"):
            self.pour(0.2 if self.path == "/trickle" else 0.0)
        elif self.path == "/elsewhere":
            self.say(302, location="/proxy.pac")
        else:
            self.say(404)

    def pour(self, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(10_000):
                self.wfile.write(b"x" * (1 if pause else 65536))
                time.sleep(pause)


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """It serves while the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def self_signed(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate of ``host`` for today, and its key, as files."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    )
    signed = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False).sign(key, hashes.SHA256())
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
