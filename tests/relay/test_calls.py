"""What kind of failure it was when a system gives no answer that can be read: over real sockets."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from forms.problem import Problem
from sync.relay.calls import Door
from sync.relay.systems import Reply, Request

Serve = Callable[[socket.socket], None]


@pytest.fixture
def door() -> Iterator[Callable[..., Door]]:
    """``door(script, …)``: each connection is served by the next script."""
    listening = socket.create_server(("127.0.0.1", 0))
    scripts: list[Serve] = []

    def run() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    scripts.pop(0)(connection)

    threading.Thread(target=run, daemon=True).start()

    def make(*wanted: Serve, timeout: float = 0.3) -> Door:
        scripts.extend(wanted)
        return Door(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout)

    yield make
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def read(connection: socket.socket) -> None:
    """The whole request."""
    seen = b""
    while b"TraCuuHoSo" not in seen:
        seen += connection.recv(65536)


def answer(status: str, body: str = "{}", *headers: str, times: int = 1) -> Serve:
    def serve(connection: socket.socket) -> None:
        read(connection)
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers])
        connection.sendall(f"{head}\r\n\r\n{body}".encode() * times)

    return serve


def silent(connection: socket.socket) -> None:
    read(connection)
    with suppress(OSError):
        connection.recv(1)  # until the other side gives up


def cut(connection: socket.socket) -> None:
    read(connection)


def trickle(connection: socket.socket) -> None:
    read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    with suppress(OSError):
        while not wait_closed(connection, 0.1):
            connection.sendall(b" ")


def wait_closed(connection: socket.socket, seconds: float) -> bool:
    return bool(select.select([connection], [], [], seconds)[0])


ASK = Request("POST", "/data", body={"service": "TraCuuHoSo"})


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (answer("502 Bad Gateway", "<html>"), "status"),
        (answer("503 Service Unavailable", '{"error_code": 0}'), "status"),
        (answer("200 OK", "<html><title>Bảo trì</title>"), "not_json"),
        (answer("200 OK", '{"error_code": 0'), "not_json"),
        (answer("200 OK", "[" * 100_000), "not_json"),
        (silent, "timeout"),
        (trickle, "timeout"),
        (cut, "line"),
    ],
)
def test_nobody_knows_whether_it_was_carried_out(door: Callable[..., Door], script: Serve, reason: str) -> None:
    with pytest.raises(Problem) as raised:
        door(script).send(ASK)
    assert (raised.value.code, raised.value.details["reason"]) == ("system_unreachable", reason)


def test_an_answer_sent_twice_is_not_the_answer_to_the_next_call(door: Callable[..., Door]) -> None:
    other = door(answer("200 OK", '{"n": 1}', times=2), answer("200 OK", '{"n": 2}'))
    assert other.send(ASK) == Reply(200, {"n": 1})
    assert other.send(ASK) == Reply(200, {"n": 2})


def test_a_system_that_counts_requests_says_that_this_one_was_not_carried_out(door: Callable[..., Door]) -> None:
    with pytest.raises(Problem, match="system_busy") as raised:
        door(answer("429 Too Many Requests", "{}", "Retry-After: 7")).send(ASK)
    assert raised.value.details["retry_after"] == 7


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(Problem) as raised:
            Door(f"http://127.0.0.1:{unused.getsockname()[1]}", 1).send(ASK)
    assert raised.value.details["reason"] == "refused"


def test_an_answer_without_end_is_not_taken(door: Callable[..., Door]) -> None:
    with pytest.raises(Problem) as raised:
        door(answer("200 OK", '"' + "x" * (17 << 20) + '"'), timeout=5).send(ASK)
    assert raised.value.details["reason"] == "too_large"
