"""What each process of the product does first, so that what it holds in memory stays there: no core dumps, no reading of its
memory and environment by the user's other programs, and no values in what Python says of an error nobody expected.

What it cannot do: keep memory out of the swap file. Python strings can neither be locked nor wiped; a PC of a counter encrypts
its disk (BitLocker, LUKS), and the window ends when it locks.
"""

import atexit
import ctypes
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType

from sync.logbook import Logbook, facts_of, take_over

_PR_SET_DUMPABLE = 4
_SEM = 0x0001 | 0x0002 | 0x8000
"""SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX: no dialog, and with it no dump of the process."""


def harden() -> None:
    """At the entry of the window, the sync process and the gateway."""
    sys.excepthook = _say
    sys.unraisablehook = _say_unraisable
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetErrorMode(kernel.GetErrorMode() | _SEM)
        kernel.WerSetFlags(0x0004)  # WER_FAULT_REPORTING_FLAG_NOHEAP: a report holds no memory
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def report_to(book: Logbook) -> None:
    """From now on an error nobody expected is written down, too, and so is what libraries want to log."""

    def bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        book.error("bug", kind, error, trace)
        _say(kind, error, trace)

    sys.excepthook = bug
    take_over(book)


def private_temp() -> Path | None:
    """A folder of this process for what others (the printing system) put into files for a moment: in memory, for this user only,
    gone at the end. What a killed process left there is taken away. None where the system has no such place."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if sys.platform != "linux" or not Path(runtime).is_dir():
        return None
    folder = Path(runtime) / "motcua"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for left in folder.iterdir():
            if not Path(f"/proc/{left.name}").exists():
                shutil.rmtree(left, ignore_errors=True)
        own = folder / str(os.getpid())
        own.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None  # full, or not ours: the system's own folder for such files serves
    os.environ["TMPDIR"] = str(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    facts = facts_of(kind, error, trace)
    print("Traceback, without values:", facts["kind"], *facts["places"], sep="\n  ", file=sys.stderr)  # noqa: T201


def _say_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    if failure.exc_value is not None:
        _say(failure.exc_type, failure.exc_value, failure.exc_traceback)
