"""What a running gateway need not ask its database twice: only its one writer changes it, and says so after each commit."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")
_NOTHING = object()


class Known:
    """Values by key. A value that is asked for the first time is loaded; whoever loads while the writer publishes keeps the
    writer's. ``active`` only in the process that is the writer: any other one asks every time."""

    def __init__(self) -> None:
        self.active = False
        self._values: dict[tuple[str, ...], Any] = {}

    def get(self, key: tuple[str, ...], load: Callable[[], T]) -> T:
        """The value; ``load()`` when it is not known. What ``load`` raises is not kept."""
        if not self.active:
            return load()
        found = self._values.get(key, _NOTHING)
        value: T = self._values.setdefault(key, load()) if found is _NOTHING else found
        return value

    def lately(self, key: tuple[str, ...], load: Callable[[], T], seconds: float) -> T:
        """As ``get``, of something that a command beside may change: loaded again when it is older than that."""
        loaded, value = self.get(key, lambda: (time.monotonic(), load()))
        if time.monotonic() - loaded > seconds:
            self.forget(key)
            return self.get(key, lambda: (time.monotonic(), load()))[1]
        return value

    def publish(self, values: Mapping[tuple[str, ...], Any]) -> None:
        """After a commit: what is so now."""
        self._values.update(values)

    def forget(self, *keys: tuple[str, ...]) -> None:
        """Ask again next time."""
        for key in keys:
            self._values.pop(key, None)
