"""The road to the gateway, for the window: what is known of it, and what a person may decide."""

from collections.abc import Callable
from typing import Any

from desktop.events import Events
from desktop.tasks import Tasks
from forms.problem import Problem
from sync import travel
from sync.counter import Changes, Counter

Failed = Callable[[Problem], None]


class Travelling:
    """Part of ``Commands``. ``say`` tells the clerk what came of it, ``failed`` says a Problem that nobody else waits for."""

    def __init__(self, tasks: Tasks, events: Events, say: Callable[[str], None], failed: Failed) -> None:
        self._tasks, self._events, self._say, self._failed = tasks, events, say, failed

    def panel(self, done: Callable[[tuple[dict[str, Any], dict[str, Any]]], None]) -> None:
        """The figures of the status bar, and all that ``travel.view`` says of the road, in one look."""
        self._tasks.run(lambda c: (travel.status(c), travel.view(c)), done, self._failed)

    def send_now(self, dossier: str | None = None, name: str = "") -> None:
        """Gửi ngay; or Gửi trước: one dossier, which is called ``name``."""
        words = f"{name} sẽ đi trước các hồ sơ khác." if dossier else "Đang thử gửi. Kết quả hiện ở màn hình này."
        self._travel(lambda c: travel.send_now(c, dossier), words)

    def decide(self, words: str, **changes: Any) -> None:
        """``paused``, ``metered_scans``, ``cap_kbit``; and what to say when it is so."""
        self._travel(lambda c: travel.decide(c, **changes), words)

    def load_older(self) -> None:
        """Tải hồ sơ cũ hơn."""
        self._travel(travel.load_older, "Sẽ tải hồ sơ cũ hơn mỗi khi có mạng. Cứ làm việc bình thường.")

    def use_proxy(self, mode: str, address: str, done: Callable[[], None], failed: Failed) -> None:
        """Look at a proxy setting beside everything else (a PAC file comes over the network), then use it."""

        def look(counter: Counter, _tell: Callable[[int, int], None]) -> dict[str, str]:
            return travel.check_proxy(counter, mode, address)

        def keep(settings: dict[str, str]) -> None:
            self._travel(lambda c: travel.keep_proxy(c, settings), "Đã ghi cách ra mạng. Máy thử lại ngay.", done, failed)

        self._tasks.read_long(look, lambda _n, _most: None, keep, failed)

    def network_hint(self, connected: bool | None, metered: bool | None, captive: bool | None) -> None:
        """What the system believes of its networks: it only wakes the sync process, so one that gets lost is no loss."""
        self._tasks.run(lambda c: travel.hint(c, connected, metered, captive), lambda _none: None, lambda _problem: None)

    def _travel(
        self,
        verb: Callable[[Counter], Changes],
        words: str,
        done: Callable[[], None] = lambda: None,
        failed: Failed | None = None,
    ) -> None:
        def changed(changes: Changes) -> None:
            self._events.changed.emit(changes)
            self._say(words)
            done()

        self._tasks.run(verb, changed, failed or self._failed)
