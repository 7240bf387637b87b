"""A file from outside is looked at in a process of its own: whatever is in it can neither crash, starve nor stop the window, and
that process holds no key, no store and no secret of the environment.

The child is ``python -m sync.decoding`` (frozen: the program itself with the word ``decoding``): bytes on stdin, one JSON line on
stdout, ``{"kind", "pages", "readable"}`` or ``{"problem", "details"}``. It is bounded in memory, processor time and wall time;
Windows has no ``resource``: there only wall time bounds it.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from forms.problem import Problem
from sync.scan_files import MOST_BYTES, Look, check_size
from sync.scan_files import look as look_here

MEMORY = 768 << 20
"""Bytes of address space: thirty times the largest file, and what a scan's pages need is a tenth."""
CPU, WALL = 10, 30.0
"""Seconds: a PDF of 500 pages takes half a second; an old PC under load may wait for its turn."""
_NO_MEMORY = 3
_ROOT = Path(__file__).resolve().parent.parent
_PASSED_ON = ("SYSTEMROOT", "TEMP", "TMP", "LANG")
"""Of the environment: what a process needs to start at all."""


def look(data: bytes) -> Look:
    """As ``scan_files.look``, in a child. Takes about 0.1 s: not on the GUI thread.

    :raises Problem: as ``scan_files.look``; ``scan_undecodable`` (``reason``: time | memory | crash) when the child did not live
        to say what it is; ``process_failed`` when none could be started.
    """
    check_size(data)
    command = [sys.executable, "decoding"] if getattr(sys, "frozen", False) else [sys.executable, "-m", "sync.decoding"]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    around = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL, creationflags=flags, cwd=_ROOT, env=around, check=False
        )
    except subprocess.TimeoutExpired:  # it has been killed
        raise Problem("scan_undecodable", reason="time") from None
    except OSError as error:
        raise Problem("process_failed", reason=error.strerror or "") from error
    return _answer(done.returncode, done.stdout)


def _answer(code: int, said: bytes) -> Look:
    if code:
        late = code == -getattr(signal, "SIGXCPU", 0)
        raise Problem("scan_undecodable", reason="time" if late else "memory" if code == _NO_MEMORY else "crash")
    try:
        value = json.loads(said)
        problem, details = value.pop("problem", None), value.pop("details", {})
        found = None if problem else Look(**value)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Problem("scan_undecodable", reason="crash") from error
    if found is None:
        raise Problem(str(problem), **details)
    return found


def main() -> int:
    """The child: 0 with its line, 3 without memory for it; anything else is a crash."""
    _limit()
    try:
        answer = asdict(look_here(sys.stdin.buffer.read(MOST_BYTES + 1)))
    except Problem as problem:
        answer = {"problem": problem.code, "details": problem.details}
    except MemoryError:
        return _NO_MEMORY
    sys.stdout.write(json.dumps(answer))
    return 0


def _limit() -> None:
    """What the system lets this process take; nothing on Windows."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))  # at the soft one SIGXCPU, which says why


if __name__ == "__main__":
    sys.exit(main())
