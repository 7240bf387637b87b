"""Marked persons, a day at the real window, the plug pulled, and then every byte on the disk is read: nothing of them may stand
outside the encrypted store.

Each person carries stems that occur nowhere else: a syllable of the name (also in addresses, free text and scans), the first
digits of the number and of the phone. They are looked for as UTF-8, composed and decomposed, without diacritics, as UTF-16, as
JSON and percent escapes, in base64 and hex. What the clerk asked for in the clear (printed PDFs, the exported report, the files
that were attached) and the gateway's own disk lie in a folder of their own; there only the erased persons may not be.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch
from urllib.parse import quote

from forms.catalogue import Catalogue
from forms.example import examples
from forms.names import fold
from sync import erasure, recovery, vault
from sync.contact import until_empty
from sync.counter import Counter
from sync.gateway_client import Traffic
from tests.conftest import PASSPHRASE, ROOT, GatewayProcess, enrolled
from tests.faults.pages import in_the_clear
from tests.sync.scan_samples import png

NAME, NUMBER, PHONE = "Wộckmar", "01119903", "09770314"
_LETTERS = "bcdghiklmn"


def person(place: int) -> dict[str, str]:
    """The ``place``-th marked person (0–99)."""
    own = f"{_LETTERS[place // 10]}{_LETTERS[place % 10]}"
    digits = f"{place:04d}"
    return {
        "full_name": f"Giàng Thị {NAME}{own}",
        "personal_id": NUMBER + digits,
        "phone": PHONE + digits[2:],
        "address": f"Thôn {NAME}{own}, xã Yên Thượng",
    }


def forms_of(stem: str) -> dict[str, list[bytes]]:
    """In how many ways a stem may stand on a disk: name -> the bytes."""
    bare = fold(stem)
    words = {
        unicodedata.normalize("NFC", stem),
        unicodedata.normalize("NFD", stem),
        stem.lower(),
        stem.upper(),
        bare,
        bare.upper(),
    }
    found: dict[str, list[bytes]] = {"utf-8": [w.encode() for w in words], "utf-16": [w.encode("utf-16-le") for w in words]}
    found["json"] = [json.dumps(w)[1:-1].encode() for w in words]
    found["percent"] = [quote(w).encode() for w in words] + [quote(w).lower().encode() for w in words]
    found["base64"] = [_aligned(w.encode(), lead) for w in words for lead in range(3)]
    found["hex"] = [w.encode().hex().encode() for w in words]
    return found


def _aligned(data: bytes, lead: int) -> bytes:
    """What is the same in base64 whatever stands before and behind."""
    text = base64.b64encode(bytes(lead) + data + bytes(-(lead + len(data)) % 3))
    return text[(lead * 8 + 5) // 6 : (lead + len(data)) * 8 // 6]


STEMS = {stem: forms_of(stem) for stem in (NAME, NUMBER, PHONE)}


def marks(data: bytes, stems: dict[str, dict[str, list[bytes]]] = STEMS) -> list[str]:
    """Which stems stand in these bytes, and how written."""
    return [f"{stem} as {how}" for stem, ways in stems.items() for how, texts in ways.items() if any(t in data for t in texts)]


def leaks(folder: Path) -> dict[str, list[str]]:
    """Every file below a folder in whose bytes, or name, a mark stands."""
    found = {}
    for file in sorted(folder.rglob("*")):
        here = marks(str(file.relative_to(folder)).encode(errors="surrogateescape"))
        here += marks(file.read_bytes()) if file.is_file() else []
        if here:
            found[str(file.relative_to(folder))] = here
    return found


class Day:
    """The folders of one day: ``world`` is what a thief of the PC finds; ``aside`` what was asked for in the clear, and the
    gateway."""

    def __init__(self, folder: Path, persons: int) -> None:
        self.world, self.aside = folder / "world", folder / "aside"
        self.data, self.persons = self.world / "counter", [person(n) for n in range(persons)]
        for part in ("home", "tmp", "run", "state", "cache", "config", "share"):
            (self.world / part).mkdir(parents=True)
        for part in ("prints", "scans", "export"):
            (self.aside / part).mkdir(parents=True)
        self.lines = self._lines()

    @contextmanager
    def around(self) -> Iterator[None]:
        """Everything that a process may write by habit goes into the world."""
        w = self.world
        places = {"HOME": w / "home", "TMPDIR": w / "tmp", "XDG_RUNTIME_DIR": w / "run", "XDG_STATE_HOME": w / "state"}
        places |= {"XDG_CACHE_HOME": w / "cache", "XDG_CONFIG_HOME": w / "config", "XDG_DATA_HOME": w / "share"}
        (w / "run").chmod(0o700)
        more = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "MOTCUA_PASSPHRASE": PASSPHRASE}
        more["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        with patch.dict(os.environ, {name: str(place) for name, place in places.items()} | more):
            yield

    def _lines(self) -> list[dict[str, Any]]:
        """A dossier for each person; free text names them too."""
        made = list(examples(Catalogue.load(), "2.000815", None, len(self.persons), 7))
        for line, who in zip(made, self.persons, strict=True):
            line["applicant"] |= who
            line["answers"]["document_name"] = f"Giấy tờ của {who['full_name']}"
        return made

    def scan_of(self, place: int) -> Path:
        """A picture with the person's marks in it."""
        file = self.aside / "scans" / f"{place}.png"
        file.write_bytes(png(noise=20_000) + json.dumps(self.persons[place], ensure_ascii=False).encode())
        return file

    def plan(self) -> dict[str, Any]:
        """What the clerk's process is told, over its pipe."""
        scans = {line["id"]: str(self.scan_of(n)) for n, line in enumerate(self.lines) if n % 3 == 0}
        places = {"data": self.data, "prints": self.aside / "prints", "export": self.aside / "export"}
        said = {name: str(place) for name, place in places.items()}
        return said | {"lines": self.lines, "scans": scans, "secret": PASSPHRASE, "by_hand": person(len(self.lines))}


def canaries(persons: int, folder: Path | None = None) -> dict[str, Any]:
    """Play the day in an empty folder, a temporary one by default: figures, with ``leaked`` (file -> marks), ``processes`` (what
    was seen of them from outside), ``clipboard``, ``seen`` (how many forms of the erased person's marks stood in the decrypted
    store before) and ``erased_left`` (after; none may)."""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return canaries(persons, Path(made))
    begin, day = time.monotonic(), Day(folder, persons)
    with day.around():
        hub = GatewayProcess(day.aside / "gateway", "--numbers", "500")
        try:
            enrolled(day.data, hub)
            told, processes = _play(day, hub)
            late = _after(day, told["erase"])
        finally:
            hub.stop()
    found = leaks(day.world)
    files = [file for file in day.world.rglob("*") if file.is_file()]
    return {
        "fault": "marked persons on a stolen PC",
        "persons": persons + 1,
        "files": len(files),
        "bytes": sum(file.stat().st_size for file in files),
        "forms": sum(len(texts) for ways in STEMS.values() for texts in ways.values()),
        "leaked": found,
        "processes": processes,
        "clipboard": told["clipboard"],
        "refused": told["said"],
        **late,
        "seconds": round(time.monotonic() - begin, 1),
    }


def _play(day: Day, hub: GatewayProcess) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The clerk's day, and the plug pulled in the middle of it; what the processes showed to others meanwhile."""
    log = (day.world / "tmp" / "stderr.txt").open("w+b")
    command = [sys.executable, "-m", "tests.faults.canary_day"]
    clerk = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert clerk.stdin
        clerk.stdin.write(json.dumps(day.plan()) + "\n")
        clerk.stdin.flush()
        told = _told(clerk.stdout, log)
        shown = {f"{pid}": _shown(pid) for pid in [clerk.pid, hub.process.pid, *_children(clerk.pid)]}
    finally:
        children = _children(clerk.pid)
        clerk.kill()
        for pid in children:  # the sync process would go on: in the dark it does not
            os.kill(pid, 9)
        clerk.wait()
        for pipe in (clerk.stdin, clerk.stdout, log):
            if pipe:
                pipe.close()
    return told, {pid: found for pid, found in shown.items() if found}


def _told(lines: IO[str] | None, log: IO[bytes]) -> dict[str, Any]:
    text = lines.readline() if lines else ""
    if not text:
        log.seek(0)
        raise RuntimeError(log.read().decode(errors="replace")[-3000:])
    return dict(json.loads(text))


def _children(pid: int) -> list[int]:
    """The processes that one has started, and theirs."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and words[0] != "Z":
            found += [int(file.parent.name), *_children(int(file.parent.name))]
    return found


def _shown(pid: int) -> list[str]:
    """Marks that everybody (arguments) or the same user (environment) can read of a process; and whether it may leave a core."""
    found = []
    for name in ("cmdline", "environ"):
        try:
            found += [f"{name}: {mark}" for mark in marks(Path(f"/proc/{pid}/{name}").read_bytes())]
        except OSError:
            continue  # not ours to read: so it should be
    limits = Path(f"/proc/{pid}/limits").read_text()
    core = next(line.split() for line in limits.splitlines() if line.startswith("Max core file size"))
    return found + ([] if core[4] == "0" else ["would leave a core"])


def _after(day: Day, dossier: str) -> dict[str, Any]:
    """The next morning: everything is whole; a back-up is made; one person is erased, here and at the gateway."""
    who = next(p for line, p in zip(day.lines, day.persons, strict=True) if line["id"] == dossier)
    one = {text: forms_of(text) for text in (who["full_name"].split()[-1], who["personal_id"], who["phone"])}
    key = vault.unlock(day.data, vault.operators(day.data)[0]["id"], PASSPHRASE)
    with closing(Counter.open(day.data, key)) as counter:
        found = {"verify_ok": recovery.verify(counter.store)["ok"], "drafts": len(counter.drafts())}
        recovery.backup(counter, key, day.world / "copy.zip")
        found["seen"] = len(marks(in_the_clear(counter.store.file, key), one))
        erasure.erase(counter, dossier, vault.operators(day.data)[0]["id"], "Quyết định thử")
        until_empty(counter, counter.gateway_url, time.monotonic() + 60, Traffic())
        left = [f"store: {m}" for m in marks(in_the_clear(counter.store.file, key), one)]
    for file in (day.aside / "gateway").iterdir():
        left += [f"{file.name}: {m}" for m in marks(file.read_bytes(), one)]
    return found | {"erased_left": left}
