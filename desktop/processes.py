"""The child processes: the sync process of an open store and the gateway of practice, which are the headless face; and a window
that takes the place of one that locks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from forms.problem import Problem

_ROOT = Path(__file__).resolve().parent.parent


def start_window(arguments: list[str]) -> "subprocess.Popen[bytes]":
    """A fresh window, which waits until this one has left its place. :raises Problem: ``process_failed``."""
    return _start(arguments, [] if getattr(sys, "frozen", False) else ["-m", "desktop"])


def _start(arguments: list[str], face: list[str] | None = None, **pipes: Any) -> "subprocess.Popen[bytes]":
    """The headless face, or another. :raises Problem: ``process_failed``."""
    # Frozen, the application itself is the headless face when its first word is "sync".
    headless = ["sync"] if getattr(sys, "frozen", False) else ["-m", "sync"]
    head = [sys.executable, *(headless if face is None else face)]
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    cwd = None if getattr(sys, "frozen", False) else _ROOT
    try:
        return subprocess.Popen([*head, *arguments], creationflags=flags, cwd=cwd, text=False, **(quiet | pipes))
    except OSError as error:
        raise Problem("process_failed", reason=error.strerror or "") from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


class Follower:
    """The sync process. It meets the window in the store only, so it outlives a window that dies or locks."""

    def __init__(self, data: Path, key: bytes) -> None:
        """Start it and hand the key over its pipe. :raises Problem: ``process_failed``."""
        self._process = _start(["follow", "--data", str(data)], stdin=subprocess.PIPE)
        pipe = self._process.stdin
        if pipe is None:
            raise Problem("process_failed", reason="no pipe")
        try:
            pipe.write(key.hex().encode() + b"\n")
            pipe.close()
        except OSError as error:
            raise Problem("process_failed", reason=error.strerror or "") from error

    def end(self) -> None:
        """End it now (practice, tests). A real counter lets it go on until nothing waits."""
        _end(self._process)


class PracticeGateway:
    """A gateway of one's own with the national side played, on a free port of this machine. ``hello`` is its first line:
    ``{"url", "enrol_code", "commune"}``."""

    def __init__(self, data: Path) -> None:
        """Start it and wait until it serves: in the worker. :raises Problem: ``process_failed``."""
        data.mkdir(parents=True, exist_ok=True)
        words = ["gateway", "--data", str(data), "--port", "0", "--portal", "delayed", "--practice"]
        self._process = _start(words, stdout=subprocess.PIPE)
        first = self._process.stdout.readline() if self._process.stdout else b""
        if not first:
            self.end()
            raise Problem("process_failed", reason="practice gateway")
        self.hello: dict[str, str] = json.loads(first)

    def end(self) -> None:
        """Practice is over for now; its data stay."""
        _end(self._process)
        if self._process.stdout:
            self._process.stdout.close()
