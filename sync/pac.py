"""Running a proxy auto-config (PAC) file: somebody else's JavaScript, in an engine without files, network, clock or waiting.

The engine is QuickJS-NG (``_quickjs`` of quickjs-ng; the package around it would start a thread). What a script may do is
bounded: processor time, memory, stack, names looked up. A name is not resolved while the script runs: it is noted, resolved
here, and the script runs again, as Chromium does it.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from forms.problem import Problem

MOST_BYTES = 1 << 20
"""Of a PAC file, as Chromium has it."""
_MEMORY = 32 << 20
_STACK = 256 << 10
_SECONDS = 2.0
"""Of processor time for all runs together."""
_RESOLVING = 10.0
"""Seconds after which no further name is resolved."""
_NAMES = 8
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,253}")


@cache
def _runner() -> str:
    return Path(__file__).with_name("pac.js").read_text("utf-8")


def evaluate(script: str, url: str, now: datetime, resolve: Callable[[str], str | None], own_address: str = "127.0.0.1") -> str:
    """What the script's ``FindProxyForURL`` says of ``url``: ``PROXY host:port; DIRECT``, not yet read.

    The script hears the scheme, host and port, never a path or a name of a person. ``now``: aware, the civil time of the
    counter; ``resolve``: a host's IPv4 address or None.

    :raises Problem: ``pac_unreadable`` with ``reason`` ``script`` (it fails, says no text, or does not end in time).
    """
    parts = urlsplit(url)
    asked = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    known: dict[str, str | None] = {}
    processor, clock = time.process_time(), time.monotonic()
    while len(known) < 2 * _NAMES:
        left = _SECONDS - (time.process_time() - processor)
        kind, text = _run(script, asked, parts.hostname or "", known, now, own_address, left)
        if kind == "answer":
            return text
        late = len(known) >= _NAMES or time.monotonic() - clock > _RESOLVING
        known[text] = None if late or not _NAME.fullmatch(text) else resolve(text)
    raise Problem("pac_unreadable", reason="script")


def _run(
    script: str, url: str, host: str, known: dict[str, str | None], now: datetime, own_address: str, seconds: float
) -> tuple[str, str]:
    """One run: ``answer`` and its text, or ``name`` and the host to resolve first. :raises Problem: ``pac_unreadable``."""
    import _quickjs  # only who uses a PAC file pays for the engine

    zone = now.utcoffset() or timedelta()
    arguments = [script, url, host, known, now.timestamp() * 1000, zone.total_seconds() * 1000, own_address]
    engine = _quickjs.Context()
    engine.set_memory_limit(_MEMORY)
    engine.set_max_stack_size(_STACK)
    engine.set_time_limit(max(0.01, seconds))
    try:
        said = json.loads(engine.eval(f"{_runner()}({', '.join(map(json.dumps, arguments))})"))
    except (_quickjs.JSException, UnicodeError, ValueError, TypeError) as error:  # TypeError: no text that the wrapper knows
        raise Problem("pac_unreadable", reason="script") from error
    if not (isinstance(said, list) and len(said) == 2 and all(isinstance(word, str) for word in said)):
        raise Problem("pac_unreadable", reason="script")  # it has taken JSON apart
    return said[0], said[1]
