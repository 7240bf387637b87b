"""The clerk's desk on a large store, through the real window: ``desk.py STORE-FOLDER SECRET N``. Builds the store up to N
dossiers under SQLCipher (as events, folded by the program itself), then measures what a clerk feels. One JSON object.

The GUI thread's heartbeat: a timer of 5 ms; how much later than that it comes is how long the thread was blocked.
"""

import json
import os
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from forms.catalogue import Catalogue  # noqa: E402
from forms.example import examples  # noqa: E402
from sync import reception, vault  # noqa: E402
from sync.counter import Counter, vietnam_now  # noqa: E402
from sync.events import hybrid  # noqa: E402
from sync.store import log, projection  # noqa: E402

CODES = ("1.004873", "2.000635", "1.001193", "2.000815", "1.000894", "1.004884", "2.000908", "1.001612", "1.004222", "2.000884")
FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Giàng Vàng Lò Sùng Tẩn".split()
MIDDLE = "Văn Thị Đức Hồng Thanh Minh Quốc Thùy Ngọc Gia Diệu Xuân Hữu A Láo Seo".split()
GIVEN = "An Anh Bình Chi Cường Dung Dũng Giang Hà Hải Hiền Hoa Hùng Hương Khoa Lan Linh Long Mai Nam Nga Phúc Sơn Tâm Ửng".split()
STEP = 500
SEARCHES = ("nguyen", "tran thi", "giang a", "pham van hai", "le thi huong", "261120", "0912", "vo thu", "dang", "038")


def main() -> None:
    data, secret, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    counter = Counter.open(data, vault.unlock(data, vault.operators(data)[0]["id"], secret))
    built = time.perf_counter()
    build(counter, number)
    built = time.perf_counter() - built
    events = int(counter.store.value("SELECT count(*) FROM events"))
    size = (data / "store.db").stat().st_size
    counter.close()
    found = {"dossiers": number, "events": events, "store_mb": round(size / 2**20), "built_s": round(built)}
    print(json.dumps(found | Desk(data, secret).measure()), flush=True)
    os._exit(0)


def build(counter: Counter, number: int) -> None:
    """Dossiers of two years, most of them returned, 1 in 50 in each stage that is not."""
    have = int(counter.store.value("SELECT count(*) FROM dossiers"))
    today, rng = vietnam_now(), random.Random(have + 7)
    lines = [next(examples(Catalogue.load(), code, None, 1, n)) for code in CODES for n in range(4)]
    bodies = [reception.bodies(counter, line | {"id": str(n)}, today, [])[0].body for n, line in enumerate(lines)]
    while have < number:
        with counter.store.write():
            for place in range(have, min(have + STEP, number)):
                _dossier(counter, rng.choice(bodies), rng, today - timedelta(days=730 * (1 - place / number)), place)
        have = min(have + STEP, number)
    counter.use_gateway("http://127.0.0.1:9")  # nobody there: the desk is measured, not the line
    with counter.store.write():
        counter.store.db.execute("UPDATE logs SET acked = max(number - 200, acked)")
        counter.store.set_meta(hybrid=hybrid(round(vietnam_now().timestamp() * 1000)))


def _dossier(counter: Counter, template: dict[str, Any], rng: random.Random, at: Any, place: int) -> None:
    which, moment = str(uuid.UUID(int=rng.getrandbits(128))), at.isoformat()
    name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"
    who = template["applicant"] | {"full_name": name, "personal_id": f"0{rng.randrange(10**11):011d}"}
    who["phone"] = f"09{rng.randrange(10**8):08d}"
    due = (at + timedelta(days=rng.choice([1, 3, 5, 10]))).replace(hour=17, minute=0).isoformat()
    body = template | {"applicant": who, "code": f"H38.27.09-{at:%y%m%d}-{place % 10_000:04d}", "register": place + 1}
    body |= {"received_at": moment, "return_at": due, "line": ""}
    acts: list[tuple[str, dict[str, Any]]] = [("received", body)]
    fate = rng.random()
    if fate < 0.97:
        then = (at + timedelta(days=rng.choice([1, 2, 4, 12]))).isoformat()
        acts += [("finished", {"results": [], "at": then}), ("returned", {"receiver": {"full_name": name}, "at": then})]
    elif fate < 0.98:
        acts.append(("supplement_requested", {"items": [], "at": moment}))
    elif fate < 0.99:
        acts.append(("transferred", {"to": "Tư pháp – hộ tịch", "at": moment}))
    tick = hybrid(round(at.timestamp() * 1000))
    for later, (event, said) in enumerate(acts):
        log.append(counter.store, counter.counter_id, counter.epoch, which, event, tick + later, "CB001", said)
    projection.project(counter.store, which)


class Desk:
    """The real application on the store, with a clerk's hands and a stop-watch."""

    def __init__(self, data: Path, secret: str) -> None:
        from PySide6.QtCore import QElapsedTimer, QTimer
        from PySide6.QtWidgets import QApplication

        from desktop.app import Application
        from tests.demo.hands import Hands

        self.app = Application(["--data", str(data), "--theme", "light"])
        self.hands = Hands(lambda: self.app.window, data / "pictures")
        self.late: list[float] = []
        watch, beat = QElapsedTimer(), QTimer()

        def tick() -> None:
            self.late.append(max(0.0, watch.nsecsElapsed() / 1e6 - 5))
            watch.restart()

        self.app.start()
        self.hands.wait(QApplication.focusWidget)
        self.hands.enter(secret)
        self.hands.wait(lambda: self.app.window.desk, seconds=120)
        assert self.app.window.desk is not None
        self.desk = self.app.window.desk
        self.page = self.desk.dossiers
        beat.timeout.connect(tick)
        watch.start()
        beat.start(5)
        self._beat = beat
        self._settle()
        self.late.clear()

    def measure(self) -> dict[str, Any]:
        from PySide6.QtCore import Qt

        figures: dict[str, Any] = {"list_opened_ms": spread([self._list() for _ in range(10)])}
        figures["key_to_rows_ms"] = spread(self._keys())
        figures["dossier_opened_ms"] = spread(self._dossiers())
        figures["chip_to_rows_ms"] = spread(self._chips())
        figures |= self._report()
        figures["memory_mb"] = memory()
        ordered = sorted(self.late)
        figures["gui_blocked_ms"] = {
            "p99": round(ordered[int(len(ordered) * 0.99)], 1),
            "p99_9": round(ordered[int(len(ordered) * 0.999)], 1),
            "max": round(ordered[-1], 1),
            "beats": len(ordered),
        }
        self.hands.press(Qt.Key.Key_Escape)
        return figures

    def _painted(self, act: Callable[[], object], done: Callable[[], bool]) -> float:
        """Seconds from an act until its rows are in the list and painted."""
        from PySide6.QtWidgets import QApplication

        begin = time.perf_counter()
        act()
        self._until(done)
        self.page.table.viewport().repaint()
        took = time.perf_counter() - begin
        QApplication.processEvents()
        return took

    def _until(self, done: Callable[[], object]) -> None:
        """Wait as an idle window does: asleep until the next event, never spinning on the interpreter's lock."""
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        until = time.monotonic() + 120
        flags = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        while not done():
            QApplication.processEvents(flags)
            if time.monotonic() > until:
                raise TimeoutError("the window did not come about")

    def _settle(self, seconds: float = 0.6) -> None:
        until = time.monotonic() + seconds
        self._until(lambda: time.monotonic() > until and not self.page._reading)

    def _list(self) -> float:
        """F3 with its rows read anew, from the rail to the last pixel."""
        from PySide6.QtCore import Qt

        self.hands.press(Qt.Key.Key_F2)
        self._settle()

        def go() -> None:
            self.page._model.show_rows([], vietnam_now(), False)
            self.hands.press(Qt.Key.Key_F3)
            self.page.reload(frozenset())

        return self._painted(go, lambda: bool(self.page._model.rows))

    def _keys(self) -> list[float]:
        """Each key of several searches: until the rows for the words as they then stand are painted."""
        took, shown = [], []
        self.page._model.modelReset.connect(lambda: shown.append(self.page.filter.text()))
        for words in SEARCHES:
            self.page.filter.clear()
            self.page._read()
            self._settle()
            self.page.filter.setFocus()
            for end, letter in enumerate(words, 1):
                shown.clear()
                took.append(self._painted(lambda x=letter: self.hands.type(x), lambda n=end, w=words: w[:n] in shown))
                self._settle(0.12)  # a quick typist
        self.page.filter.clear()
        self.page._read()
        self._settle()
        return took

    def _dossiers(self) -> list[float]:
        """Down in the list until the next story stands at the right."""
        from PySide6.QtCore import Qt

        self.page.table.setFocus()
        took = []
        for _ in range(30):
            before = self.page._shown

            def told(before: str | None = before) -> bool:
                story = self.page.story._dossier
                return self.page._shown != before and story is not None and story["id"] == self.page._shown

            took.append(self._painted(lambda: self.hands.press(Qt.Key.Key_Down), told))
        return took

    def _chips(self) -> list[float]:
        took = []
        for name in ("today", "late", "due", "supplement", "ready", "unsent"):
            for _ in range(2):
                changed: list[bool] = []
                slot = self.page._model.modelReset.connect(lambda seen=changed: seen.append(True))
                took.append(self._painted(lambda n=name: self.page.chips.choose(n), lambda seen=changed: bool(seen)))
                self.page._model.modelReset.disconnect(slot)
                self._settle()
        return took

    def _report(self) -> dict[str, Any]:
        """II.06a over about 60,000 dossiers, with the window's own maker; and that it can be cancelled."""
        first = date.fromisoformat(self._since(60_000))
        took, told, rows, most = [], [0], 0, 0
        for _ in range(5):
            got: list[Any] = []
            begin = time.perf_counter()
            self.app.commands.make_report(
                "ii06a", first, vietnam_now().date(), lambda n, m: told.append(n), got.append, got.append
            )
            self._until(lambda got=got: got)
            took.append(time.perf_counter() - begin)
            rows, most = len(got[0].rows), got[0].total[2].value if hasattr(got[0].total[2], "value") else 0
        stopped: list[Any] = []
        begin = time.perf_counter()
        cancel = self.app.commands.make_report(
            "ii06a", first, vietnam_now().date(), lambda n, m: None, stopped.append, stopped.append
        )
        cancel()
        self._until(lambda: stopped)
        return {
            "ii06a_s": round(statistics.median(took), 3),
            "ii06a_dossiers": most,
            "ii06a_rows": rows,
            "ii06a_progress_steps": len(told) // 5,
            "cancelled": getattr(stopped[0], "code", "") == "cancelled",
            "cancel_ms": round((time.perf_counter() - begin) * 1000),
        }

    def _since(self, wanted: int) -> str:
        """The day since which about so many were received."""
        got: list[str] = []

        def day(counter: Counter) -> str:
            sql = "SELECT substr(received_at, 1, 10) FROM dossiers ORDER BY received_at DESC LIMIT 1 OFFSET ?"
            last = "SELECT substr(min(received_at), 1, 10) FROM dossiers"
            return str(counter.store.value(sql, wanted - 1) or counter.store.value(last))

        self.app.tasks.run(day, got.append)
        self._until(lambda: got)
        return got[0]


def memory() -> int:
    """Megabytes that the process holds now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = lambda q: round(ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1000, 1)  # noqa: E731
    return {"p50": at(0.5), "p95": at(0.95), "max": round(ordered[-1] * 1000, 1), "n": len(ordered)}


if __name__ == "__main__":
    main()
