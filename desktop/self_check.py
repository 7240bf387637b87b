"""``--self-check``: does this copy of the product work on this machine? A short practice session for real: its own
gateway in a second process, an encrypted store, a sign-in, a dossier received, its receipt drawn, the window painted;
in a folder that is gone afterwards and without touching the system's keystore. Installers read the JSON line."""

import json
import os
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from desktop.app import PRACTICE_SECRET, Application
from desktop.printing import rasterise
from desktop.sign_in import SignInPage
from forms.example import examples
from forms.problem import Problem
from sync.counter import Counter
from sync.incarnation import state_folder
from sync.paperwork import paper
from sync.store.opening import FILE

PATIENCE = 60_000  # ms for the whole session: an old disk may be slow


def main() -> int:
    """Exit code 0 and ``{"ok": true, …}``, or 1 and ``{"ok": false, "problem": …}``; a bug shows its traceback."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    with tempfile.TemporaryDirectory(prefix="motcua-", ignore_cleanup_errors=True) as folder:
        found = _Session(Path(folder)).run()
    print(json.dumps(found, ensure_ascii=False), flush=True)
    return 0 if found["ok"] else 1


class _Session:
    """One practice session; each step starts the next, and the last one ends the loop."""

    def __init__(self, folder: Path) -> None:
        self._app = Application(["--practice", "--data", str(folder), "--theme", "light"])
        self._loop = QEventLoop()
        self._steps: dict[str, Callable[[], None]] = {"sign_in": self._sign_in, "desk": self._work}
        self._found: dict[str, Any] = {"ok": False, "problem": "self_check_too_slow"}

    def run(self) -> dict[str, Any]:
        """From the start of the application to its end; what the line will say."""
        self._app.ready.connect(lambda page: self._steps.get(page, self._no_practice)())
        QTimer.singleShot(PATIENCE, self._loop.quit)
        self._app.start()
        self._app.guard.remove()  # its dialog would wait for somebody
        self._app.tasks.bug.disconnect()
        self._app.tasks.bug.connect(self._bug)
        self._loop.exec()
        self._app.stop()
        session = self._app.commands.session
        for file in state_folder().glob(f"{session.counter}.*") if session else ():
            file.unlink()
        return self._found

    def _sign_in(self) -> None:
        page = self._app.window.page
        if isinstance(page, SignInPage):
            page.phrase.setText(PRACTICE_SECRET["none"])
            page.button.click()

    def _work(self) -> None:
        self._app.tasks.run(_receive, self._paint, self._problem)

    def _paint(self, found: dict[str, Any]) -> None:
        picture = self._app.window.grab().toImage().scaled(160, 90)
        colours = {picture.pixel(x, y) for x in range(160) for y in range(90)}
        self._end({"ok": len(colours) > 16, "painted": len(colours)} | found)

    def _no_practice(self) -> None:
        self._problem(Problem("process_failed", reason="practice gateway"))

    def _problem(self, problem: Problem) -> None:
        self._end({"ok": False, "problem": problem.code, "details": problem.details})

    def _bug(self, error: BaseException) -> None:
        traceback.print_exception(error)
        self._end({"ok": False, "problem": "bug", "details": {"type": type(error).__name__}})

    def _end(self, found: dict[str, Any]) -> None:
        self._found = found
        self._loop.quit()


def _receive(counter: Counter) -> dict[str, Any]:
    """In the worker: take a generated dossier, print it, look at the bytes on the disk.

    :raises Problem: ``store_not_encrypted`` and whatever the verbs raise.
    """
    procedure = counter.catalogue.procedures[0]
    line = next(examples(counter.catalogue, procedure.code, None, 1, 1))
    received = counter.receive(line, counter.profile["operators"][0]["id"])
    pdf = paper(counter, received.id)
    for file in counter.data.glob(f"{FILE}*"):
        raw = file.read_bytes()
        if raw.startswith(b"SQLite format 3") or line["applicant"]["full_name"].encode() in raw:
            raise Problem("store_not_encrypted", file=file.name)
    cipher = counter.store.value("PRAGMA cipher_version")
    return {"cipher": cipher, "code": received.code, "pdf_bytes": len(pdf), "pages": len(rasterise(pdf, 72))}
