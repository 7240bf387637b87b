"""The file of a back-up: the encrypted store, by the backup API (never a file copy), and its vault."""

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from sqlcipher3 import dbapi2

from forms.problem import Problem
from sync.files import os_problem, put_in_place
from sync.store.opening import FILE, Store, problems

VAULT = "vault.json"
_PAGES = 512
"""Pages of one step (2 MB): between two of them somebody may say that something else is more urgent."""
Tell = Callable[[int, int], None]
"""Hears how far something is (done, of how much); what it raises ends the work."""


def silent(_done: int, _most: int) -> None:
    """Nobody looks on."""


def write(store: Store, key: bytes, vault: bytes, to: Path, sent_scans: bool = True, tell: Tell = silent) -> None:
    """A consistent copy while others go on writing; complete and durable or not there at all. ``sent_scans`` False leaves out
    the bytes of scans that the gateway has signed for.

    :raises Problem: ``disk_full``, ``file_unwritable``, ``store_damaged``; what ``tell`` raises.
    """
    copy, part = to.with_name(to.name + ".copy"), to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        with problems(), closing(dbapi2.connect(str(copy))) as target:
            target.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            with store.snapshot():
                store.meta("counter")  # the snapshot begins with the first read: no commit begins the copy anew
                store.db.conn.backup(target, pages=_PAGES, progress=lambda _status, left, most: tell(most - left, most), sleep=0)
            if not sent_scans:
                _leave_out_sent(target)
        with part.open("wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as box:
                box.write(copy, FILE)
                box.writestr(VAULT, vault)
            out.flush()
            os.fsync(out.fileno())
        put_in_place(part, to)
    except OSError as error:
        raise os_problem(error, to) from error
    finally:
        for left_over in (copy, part):
            with suppress(OSError):  # encrypted, and taken away by the next one
                left_over.unlink(missing_ok=True)


def write_before(store: Store, key: bytes, migration: str, folder: Path) -> Path:
    """A back-up of a store that is about to be changed by a ``migration``, named after it; an earlier one stays.

    :raises Problem: as :func:`write`: then nothing is changed.
    """
    names = (f"before-{migration}{'' if n == 1 else f'-{n}'}.backup" for n in count(1))
    to = next(folder / name for name in names if not (folder / name).exists())
    write(store, key, store.file.with_name(VAULT).read_bytes(), to)
    return to


def _leave_out_sent(copy: dbapi2.Connection) -> None:
    """Only the copy is touched; it shrinks, and nothing of it is written unencrypted meanwhile."""
    copy.execute("PRAGMA temp_store=MEMORY")
    gone = copy.execute("DELETE FROM scan_chunks WHERE sha256 IN (SELECT sha256 FROM scans WHERE acked >= size)").rowcount
    copy.commit()
    if gone:
        copy.execute("VACUUM")


def state(store: Store) -> list[object]:
    """Changes with everything that would be missed: acts, own and heard, drafts, scans, what was seen."""
    return [
        store.value("SELECT coalesce(sum(number + held), 0) FROM logs"),
        store.value("SELECT count(*) || coalesce(max(saved_at), '') FROM drafts"),
        store.value("SELECT count(*) FROM scans"),
        store.value("SELECT coalesce(max(n), 0) FROM audit"),
    ]


def whole(file: Path) -> bool:
    """Whether a back-up's bytes are those that were written (CRC); it is not opened."""
    try:
        with _read(file):
            return True
    except Problem:
        return False


def unpack(source: Path, folder: Path) -> bytes:
    """Put the store of a back-up into ``folder``; returns the vault. :raises Problem: ``backup_damaged``, ``disk_full``."""
    with _read(source) as box:
        folder.mkdir(parents=True, exist_ok=True)
        box.extract(FILE, folder)
        return box.read(VAULT)


@contextmanager
def _read(source: Path) -> Iterator[zipfile.ZipFile]:
    """A back-up that is as :func:`write` makes them, nothing in it packed: no file from elsewhere swells.

    :raises Problem: ``backup_damaged``, ``disk_full``, ``file_unwritable``.
    """
    try:
        with zipfile.ZipFile(source) as box:
            parts = box.infolist()
            plain = all(p.compress_type == zipfile.ZIP_STORED and p.compress_size == p.file_size for p in parts)
            if not plain or sorted(p.filename for p in parts) != sorted((FILE, VAULT)) or box.testzip():
                raise Problem("backup_damaged", file=source.name)
            yield box
    except (zipfile.BadZipFile, FileNotFoundError, EOFError, RuntimeError, ValueError) as error:
        raise Problem("backup_damaged", file=source.name) from error
    except OSError as error:
        raise os_problem(error, source) from error
