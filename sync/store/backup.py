"""Back-ups by the backup API (never a file copy): one file holding the encrypted store and its vault."""

import os
import zipfile
from pathlib import Path

from sqlcipher3 import dbapi2

from forms.problem import Problem
from sync.files import os_problem
from sync.store.opening import FILE, Store, problems

_VAULT = "vault.json"


def write(store: Store, key: bytes, vault: bytes, to: Path, sent_scans: bool = True) -> None:
    """A consistent copy while others go on writing; complete and durable or not there at all. ``sent_scans`` False leaves out
    the bytes of scans that the gateway has signed for.

    :raises Problem: ``disk_full``, ``file_unwritable``.
    """
    copy, part = to.with_name(to.name + ".copy"), to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        with problems():
            target = dbapi2.connect(str(copy))
            target.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            store.db.conn.backup(target)
            if not sent_scans:
                _leave_out_sent(target)
            target.close()
        with part.open("wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as box:
                box.write(copy, FILE)
                box.writestr(_VAULT, vault)
            out.flush()
            os.fsync(out.fileno())
        part.replace(to)
    except OSError as error:
        raise os_problem(error, to) from error
    finally:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)


def _leave_out_sent(copy: dbapi2.Connection) -> None:
    """Only the copy is touched; it shrinks, and nothing of it is written unencrypted meanwhile."""
    for statement in (
        "PRAGMA temp_store=MEMORY",
        "DELETE FROM scan_chunks WHERE sha256 IN (SELECT sha256 FROM scans WHERE acked >= size)",
    ):
        copy.execute(statement)
    copy.commit()
    copy.execute("VACUUM")


def unpack(source: Path, folder: Path) -> bytes:
    """Put the store of a back-up into ``folder``; returns the vault. :raises Problem: ``backup_damaged``, ``disk_full``."""
    try:
        with zipfile.ZipFile(source) as box:
            if box.testzip() or set(box.namelist()) != {FILE, _VAULT}:
                raise Problem("backup_damaged", file=source.name)
            folder.mkdir(parents=True, exist_ok=True)
            box.extract(FILE, folder)
            return box.read(_VAULT)
    except (zipfile.BadZipFile, FileNotFoundError) as error:
        raise Problem("backup_damaged", file=source.name) from error
    except OSError as error:
        raise os_problem(error, source) from error
