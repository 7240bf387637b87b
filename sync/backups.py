"""Back-ups that nobody has to think of: when one is due, where it goes, which of the older ones stay, which of them are good.

They lie in ``<data>/backups``, and a copy of the newest goes to a second place of the user's choice (a stick, a share), in a
folder of this counter's own. Where that is stands in a file beside them: it is asked for when the store cannot be read.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import recovery, vault
from sync.counter import BACKUPS, Changes, Counter
from sync.files import os_problem, put_in_place, read_json, write_atomic
from sync.store import backup as container
from sync.store import journal
from sync.store.backup import Tell, silent

EVERY = timedelta(minutes=30)
"""So old the last one is before the next, if anything was committed since."""
OLD = timedelta(days=2)
"""So old it is a person's business."""
_ALL = timedelta(hours=24)
_KEPT: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (14, lambda at: at.date()),
    (8, lambda at: at.isocalendar()[:2]),
    (12, lambda at: (at.year, at.month)),
)
"""How many of the latest days, weeks and months that have a back-up keep their last one."""
_NAME = re.compile(r"motcua-(\d{8}-\d{6})\.backup")
_STAMP = "%Y%m%d-%H%M%S"
_PLACE = "place.json"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A file and the moment at which it was made."""

    file: Path
    at: datetime


@dataclass(frozen=True)
class Good:
    """A back-up that was opened and held, with how many events and dossiers it has."""

    file: Path
    at: datetime
    events: int
    dossiers: int


# Which


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Of back-ups made at these moments, those that stay: all of 24 hours before the newest, the last of each of 14 days, of 8
    weeks, of 12 months. Days without a back-up do not count, so neither a long holiday nor a clock that was wrong takes any away.
    """
    newest_first = sorted(set(moments), reverse=True)
    stay = {at for at in newest_first if newest_first[0] - at < _ALL}
    for number, period in _KEPT:
        last: dict[object, datetime] = {}
        for at in newest_first:
            last.setdefault(period(at), at)
        stay |= set(list(last.values())[:number])
    return stay


def found(folder: Path) -> list[Backup]:
    """The back-ups in a folder, those before a migration too, newest first; none where there is no such folder."""
    try:
        files = [file for file in folder.iterdir() if file.suffix == ".backup"]
        return sorted((Backup(file, _made_at(file)) for file in files), key=lambda b: (b.at, b.file.name), reverse=True)
    except OSError:
        return []


def everywhere(data: Path) -> list[Backup]:
    """The back-ups of a counter, beside its store and in the second place if that can be told, newest first."""
    folders = [data / BACKUPS]
    with suppress(Problem):  # a disk that lost the one may have lost the other
        chosen = place(data)
        folders += [own(data, chosen)] if chosen else []
    return sorted((one for folder in folders for one in found(folder)), key=lambda b: b.at, reverse=True)


def _made_at(file: Path) -> datetime:
    named = _NAME.fullmatch(file.name)
    if named:
        return datetime.strptime(named[1], _STAMP).replace(tzinfo=VIETNAM)
    return datetime.fromtimestamp(file.stat().st_mtime, VIETNAM).replace(microsecond=0)


def good(candidates: Iterable[Backup], key: bytes, work: Path) -> Iterator[Good]:
    """Those that hold, in their order; each is unpacked below ``work`` and opened before it is named, so ask for few."""
    for one in candidates:
        tried = look(one.file, key, work)
        if tried is not None:
            yield tried


def look(file: Path, key: bytes, work: Path) -> Good | None:
    """A back-up really opened, in a folder of its own below ``work``; None when it does not hold."""
    with tempfile.TemporaryDirectory(prefix="try-", dir=work) as folder:
        try:
            container.unpack(file, Path(folder))
            store = recovery.opened(Path(folder), key, file)
        except Problem as problem:
            if problem.code == "disk_full":
                raise
            return None
        try:
            counts = recovery.counts(store)
            return Good(file, _made_at(file), counts["events"], counts["dossiers"])
        finally:
            store.close()


def _thin(folder: Path) -> None:
    """Take away what need not stay. The newest whose file is whole stays whatever its day."""
    automatic = [one for one in found(folder) if _NAME.fullmatch(one.file.name)]
    stay = kept(one.at for one in automatic)
    whole = next((one.at for one in automatic if container.whole(one.file)), None)
    for one in automatic:
        if one.at not in stay and one.at != whole:
            one.file.unlink(missing_ok=True)


# Making


def due(counter: Counter) -> bool:
    """Something was committed since the last one, and that is half an hour ago, or it is gone."""
    last = counter.store.meta("backup", {})
    if not last or not (counter.data / BACKUPS / last["file"]).exists():
        return True
    old = abs(counter.clock() - datetime.fromisoformat(last["at"])) >= EVERY
    return old and changed(counter)


def changed(counter: Counter) -> bool:
    """Something was committed that the last one does not hold."""
    return bool(counter.store.meta("backup", {}).get("state") != container.state(counter.store))


def make(counter: Counter, key: bytes, tell: Tell = silent) -> Path:
    """An automatic one now; the older ones are thinned.

    :raises Problem: ``disk_full``, ``file_unwritable``, ``store_damaged``; what ``tell`` raises.
    """
    folder, now = counter.data / BACKUPS, counter.clock()
    to, state = folder / f"motcua-{now:{_STAMP}}.backup", container.state(counter.store)
    _sweep(folder)
    recovery.backup(counter, key, to, automatic=True, tell=tell)
    with counter.store.write():
        counter.store.set_meta(backup={"file": to.name, "at": now.isoformat(), "state": state})
        journal.settle_kind(counter.store, "backup_failed", "backup_old")
    try:
        _thin(folder)
    except OSError as error:
        raise os_problem(error, to) from error
    return to


def _sweep(folder: Path) -> None:
    """What a kill left half done."""
    for pattern in ("*.part", "*.copy*"):
        for file in folder.glob(pattern):
            file.unlink(missing_ok=True)


def wish(counter: Counter) -> Changes:
    """A person wants one now: the sync process makes it."""
    with counter.store.write():
        counter.store.set_meta(backup_wish=counter.clock().isoformat())
    return Changes(status=True)


def view(counter: Counter) -> dict[str, Any]:
    """What a person should know of it: ``last`` (ISO moment, None for none yet), ``number`` of those here, ``asked`` (one is on
    its way), ``place`` (None for none), ``copied`` (it has the last one), ``verified`` as ``care.keep_report`` kept it."""
    store, chosen = counter.store, place(counter.data)
    last, asked = store.meta("backup", {}), store.meta("backup_wish")
    return {
        "last": last.get("at"),
        "number": len(found(counter.data / BACKUPS)),
        "asked": bool(asked) and (not last or last["at"] < asked),
        "place": str(chosen) if chosen else None,
        "copied": bool(last) and to_copy(counter) is None,
        "verified": store.meta("verified"),
    }


# The second place


def place(data: Path) -> Path | None:
    """The folder that a person chose for copies; None for none."""
    file = data / BACKUPS / _PLACE
    chosen = read_json(file, "place_missing", "state_damaged").get("folder") if file.exists() else None
    return Path(chosen) if chosen else None


def choose_place(data: Path, folder: Path | None) -> None:
    """Copies go there from now on, or nowhere.

    :raises Problem: ``file_unwritable``, ``disk_full``: nothing can be written there, and nothing is changed.
    """
    if folder is not None:
        try:
            own(data, folder).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=own(data, folder)) as probe:
                probe.write(b"?")
        except OSError as error:
            raise os_problem(error, folder) from error
    write_atomic(data / BACKUPS / _PLACE, json.dumps({"folder": str(folder) if folder else None}).encode())


def own(data: Path, folder: Path) -> Path:
    """This counter's part of a second place: several may share one."""
    return folder / f"motcua-{vault.summary(data)['counter']}"


def to_copy(counter: Counter) -> Path | None:
    """The newest back-up, if the second place has not got it."""
    last, chosen = counter.store.meta("backup", {}), place(counter.data)
    if not last or chosen is None or counter.store.meta("backup_copied") == [last["file"], str(chosen)]:
        return None
    return counter.data / BACKUPS / str(last["file"])


def copy(counter: Counter, file: Path, tell: Tell = silent) -> bool:
    """A back-up to the second place, whole and durable or not at all; the older ones there are thinned. A stick or share that is
    not there is reported, and stops nothing: False.

    :raises Problem: what ``tell`` raises.
    """
    chosen = place(counter.data)
    if chosen is None:
        return True
    folder = own(counter.data, chosen)
    try:
        folder.mkdir(exist_ok=True)  # not its parents: a stick that is away must not become a folder of this disk
        _sweep(folder)
        _copy(file, folder / file.name, tell)
        _thin(folder)
    except OSError as error:
        reason = error.strerror or ""
        with counter.store.write():
            journal.add_task(counter.store, "backup_place_missing", counter.clock(), folder=str(chosen), reason=reason)
        return False
    with counter.store.write():
        counter.store.set_meta(backup_copied=[file.name, str(chosen)])
        journal.settle_kind(counter.store, "backup_place_missing")
    return True


def _copy(file: Path, to: Path, tell: Tell) -> None:
    part = to.with_name(to.name + ".part")
    size = file.stat().st_size
    with file.open("rb") as source, part.open("wb") as out:
        while piece := source.read(_PIECE):
            out.write(piece)
            tell(out.tell(), size)
        out.flush()
        os.fsync(out.fileno())
    put_in_place(part, to)
