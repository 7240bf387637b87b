"""Small files beside the store: written whole and durable or not at all, and locks that die with their process."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from forms.problem import Problem

_MOST = 8 << 20
"""Bytes of a JSON file beside the store."""


def write_atomic(file: Path, content: bytes) -> None:
    """Replace ``file`` durably. :raises Problem: as :func:`replacing`."""
    with replacing(file) as out:
        out.write(content)


@contextmanager
def replacing(file: Path) -> Iterator[BinaryIO]:
    """What is written inside replaces ``file`` when the block has ended well, durably: temp file, fsync, rename, fsync of the
    folder. Readable by its owner only.

    :raises Problem: ``disk_full``, ``file_unwritable``.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        put_in_place(temporary, file)
    except OSError as error:
        raise os_problem(error, file) from error
    finally:
        with suppress(OSError):  # a name that is too long cannot be taken away either
            temporary.unlink(missing_ok=True)


def put_in_place(temporary: Path, file: Path) -> None:
    """Give a synced file its name, durably: until its folder is synced, too, a power cut may take the name away.

    :raises OSError: it could not be done.
    """
    temporary.replace(file)
    sync_names(file.parent)


def sync_names(folder: Path) -> None:
    """The names in a folder are durable. :raises OSError: it could not be done."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def os_problem(error: OSError, file: Path) -> Problem:
    """What an operating system error means to a clerk. Names the file, never its content."""
    return Problem("disk_full" if error.errno == 28 else "file_unwritable", file=file.name, reason=error.strerror or "")


def read_json(file: Path, missing: str, damaged: str) -> dict[str, Any]:
    """A JSON object from a file. :raises Problem: with the given codes."""
    try:
        with file.open("rb") as source:
            value = json.loads(source.read(_MOST + 1).decode())  # of a longer one the end is missing
    except FileNotFoundError as error:
        raise Problem(missing, file=file.name) from error
    except (OSError, ValueError, RecursionError) as error:
        raise Problem(damaged, file=file.name) from error
    if not isinstance(value, dict):
        raise Problem(damaged, file=file.name)
    return value


def held(folder: Path, role: str) -> bool:
    """Whether a process holds that place now."""
    lock = FileLock(folder / f"{role}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


def hold(folder: Path, role: str, wait: float = 0) -> FileLock:
    """Hold the one place of a ``role`` (``window``, ``sync``) on a store until the process ends or ``release()``.

    filelock uses the system's advisory locks: a killed process leaves nothing behind.

    :raises Problem: ``already_open``, ``disk_full``, ``file_unwritable``.
    """
    lock = FileLock(folder / f"{role}.lock", timeout=wait)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise Problem("already_open", role=role) from None
    except OSError as error:
        raise os_problem(error, Path(lock.lock_file)) from error
    return lock
