"""Back-ups by the backup API (never a file copy): one file holding the encrypted store and its vault."""

import os
import zipfile
from pathlib import Path

from sqlcipher3 import dbapi2

from forms.problem import Problem
from sync.files import os_problem
from sync.store.opening import FILE, Store, problems

_VAULT = "vault.json"


def write(store: Store, key: bytes, vault: bytes, to: Path) -> None:
    """A consistent copy while others go on writing; complete and durable or not there at all.

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
