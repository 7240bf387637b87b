"""Where the own log stood when the last act was said to be kept, noted beside the store once its COMMIT had returned.

SQLite reads a WAL up to the first page that does not fit, and takes the rest for a transaction that a power cut ended: after a
flipped bit, acts that a clerk was told of would be gone without a word. With the note, a store of the same life that does not
reach so far is damaged, and says so. Nothing waits for the note: one that a power cut made older asks for less, and one that it
tore is none. It holds hashes, nothing of a dossier.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

Place = tuple[str, str, int, str]
"""Counter, epoch, number and hash of an event."""


def note(file: Path, nonces: list[str], place: Place) -> None:
    """After COMMIT. ``file``: the store; ``nonces``: its life (``incarnation``), the newest last."""
    text = json.dumps([_digest(nonces[-1]), *place])
    with suppress(OSError):  # a net that could not be spread; the act itself is kept
        _beside(file).write_text(f"{text}\n{_digest(text)}", "utf-8")


def last(file: Path, nonces: list[str]) -> Place | None:
    """What must be in the store; None when nothing is noted of this life of it."""
    try:
        text, _, check = _beside(file).read_text("utf-8").partition("\n")
    except (OSError, UnicodeError):
        return None
    if check != _digest(text):
        return None
    life, counter, epoch, number, digest = json.loads(text)
    return (counter, epoch, number, digest) if life in {_digest(n) for n in nonces} else None


def _beside(file: Path) -> Path:
    """It goes wherever the store goes, as its WAL does."""
    return file.with_name(f"{file.name}-told")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
