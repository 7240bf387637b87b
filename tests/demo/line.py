"""A line that can be cut: a small relay on loopback between a counter and its gateway."""

import selectors
import socket
import threading


class Line:
    """Forwards bytes while it is up; ``cut`` drops every connection and refuses new ones, ``restore`` takes them again."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._up, self._over = True, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """From now on the far end is out of reach."""
        self._up = False

    def restore(self) -> None:
        """The line is back."""
        self._up = True

    def close(self) -> None:
        """End the relay."""
        self._over.set()
        self._thread.join()
        for end in (*self._pairs, self._listening):
            end.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(timeout=0.05):
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._listening:
                    self._accept()
                elif end in self._pairs:
                    self._forward(end)
            if not self._up:
                for end in list(self._pairs):
                    self._drop(end)

    def _accept(self) -> None:
        near, _ = self._listening.accept()
        if not self._up:
            near.close()
            return
        far = socket.create_connection(("127.0.0.1", self._target))
        for end, other in ((near, far), (far, near)):
            self._pairs[end] = other
            self._selector.register(end, selectors.EVENT_READ)

    def _forward(self, end: socket.socket) -> None:
        try:
            data = end.recv(65536)
            if data and self._up:
                self._pairs[end].sendall(data)
                return
        except OSError:
            pass
        self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        for one in (end, self._pairs.get(end)):
            if one is not None and self._pairs.pop(one, None) is not None:
                self._selector.unregister(one)
                one.close()
