"""Is this the store that ran here last, or a copy, or an older state of it? A nonce kept outside every back-up tells.

The nonce stands in the store and in the user's state folder, and both are rewritten at each start. A store whose nonce
is not the one outside was restored or copied: it begins a new epoch. The state folder also remembers, for all copies of
a counter on this machine, which reserve numbers were used, so that two restores of one back-up never print one code.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs

from forms.problem import Problem
from sync.files import hold, read_json, write_atomic
from sync.store import Store

Origin = Literal["same", "restored", "copied", "copied_here"]
_SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Reserve:
    """Reserve numbers used on a day by any copy here (range's low -> last), and the way to note a further one."""

    used: dict[int, int]
    record: Callable[[int, int], None]


@dataclass(frozen=True)
class Incarnation:
    """The state outside of one counter on this machine; ``store`` is one of its stores."""

    counter: str
    store: Store

    @property
    def _file(self) -> Path:
        return state_folder() / f"{self.counter}.json"

    @property
    def _place(self) -> str:
        return str(self.store.file.parent.resolve())

    def born(self) -> None:
        """First start after enrolment."""
        with self._state() as state:
            self._renew(state, "same", lambda _origin: None)

    def start(self, begin: Callable[[Origin], None]) -> Origin:
        """Compare, then renew. ``same``; ``restored``: an older state stands where this store ran, or ``restore`` wrote it;
        ``copied_here``: copied from another folder of this machine; ``copied``: from elsewhere.

        ``begin`` starts the new epoch of all but ``same``, in the transaction that renews the nonce: a kill leaves both
        undone, or an epoch too many, never a store that goes on in its old one.
        """
        with self._state() as state:
            origin = self._origin(state)
            if self.store.meta("restored"):
                # Whoever else held this counter here must not go on as if nothing had happened.
                state["places"] = dict.fromkeys(state["places"], _SUPERSEDED)
            self._renew(state, origin, begin)
        return origin

    @contextmanager
    def reserve(self, day: str) -> Iterator[Reserve]:
        """Hold the reserve of a day for one dossier, so that no other copy on this machine chooses at the same time.

        Taken before the store's transaction, as at every start: the other way round two processes could wait for each other.
        """
        with self._state() as state:
            used = {int(k): int(v) for k, v in state["reserve"].get(day, {}).items()}

            def record(low: int, number: int) -> None:
                state["reserve"] = {day: state["reserve"].get(day, {}) | {str(low): number}}
                self._write(state)  # durable before the dossier is: better a number unused than one twice

            yield Reserve(used, record)

    def erased(self) -> frozenset[str]:
        """Ids of dossiers of this counter that were erased by law, as this machine remembers them."""
        return frozenset(str(i) for i in self._read().get("erased", []))

    def remember_erased(self, dossiers: frozenset[str]) -> None:
        """Remember them, durably: a back-up of an earlier day must not bring them back."""
        with self._state() as state:
            state["erased"] = sorted(dossiers | set(state.get("erased", [])))

    def _origin(self, state: dict[str, Any]) -> Origin:
        if self.store.meta("restored"):
            return "restored"
        outside = state["places"].get(self._place)
        if outside in self.store.meta("nonces", []):
            return "same"
        if outside == _SUPERSEDED:
            return "copied_here"
        if outside is not None:
            return "restored"
        return "copied_here" if state["places"] else "copied"

    def _renew(self, state: dict[str, Any], origin: Origin, begin: Callable[[Origin], None]) -> None:
        """The store accepts the nonce outside and the new one until the outside is written: a kill between is no restore."""
        fresh = secrets.token_hex(16)
        outside = state["places"].get(self._place)
        with self.store.write():
            if origin != "same":
                begin(origin)
            self.store.set_meta(nonces=[outside, fresh] if origin == "same" and outside else [fresh], restored=None)
        state["places"][self._place] = fresh

    def _read(self) -> dict[str, Any]:
        if not self._file.exists():
            return {"places": {}, "reserve": {}}
        return read_json(self._file, missing="state_damaged", damaged="state_damaged")

    def _write(self, state: dict[str, Any]) -> None:
        write_atomic(self._file, json.dumps(state, indent=1).encode())

    @contextmanager
    def _state(self) -> Iterator[dict[str, Any]]:
        lock = hold(state_folder(), self.counter, wait=10)
        try:
            state = self._read()
            yield state
            self._write(state)
        finally:
            lock.release()


def state_folder() -> Path:
    """The user's state folder, never inside a data folder. :raises Problem: ``file_unwritable``."""
    folder = platformdirs.user_state_path("motcua")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem("file_unwritable", file=folder.name, reason=error.strerror or "") from error
    return folder
