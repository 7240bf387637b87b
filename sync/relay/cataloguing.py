"""The catalogue of procedures fetched a little at a time, between dossiers, and told to every commune where it changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from forms.problem import Problem
from forms.published import PUBLISHED, WITHDRAWN
from forms.working_days import VIETNAM
from sync.relay import listing
from sync.relay.calls import Door
from sync.relay.pace import Pace
from sync.relay.store import RelayStore
from sync.relay.systems import Call, Reply
from sync.relay.voice import Voice

_AT_ONCE = 40
"""Procedures that are asked about in one round: dossiers come between."""
_LONG = 2.0
"""Seconds of a round after which dossiers come first."""
_AGAIN = 60.0
_STATE = "catalogue"
"""Under which name the store remembers when to look at the list again, and whom there is to ask about."""

_Found = tuple[str, dict[str, Any], listing.Look]
"""A procedure's code, what was known of it, what was learned."""


@dataclass(frozen=True)
class Looks:
    """``system``: key of the national service that is asked; ``every``: seconds between looks at its list; ``codes``: procedures
    that are wanted, none = those of the commune level, which ``levels`` names by code (none = by its name)."""

    system: str
    every: float
    codes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


class Cataloguing:
    """``system``, ``door``, ``pace``: of the national service."""

    def __init__(self, store: RelayStore, voice: Voice, system: Any, door: Door, pace: Pace, looks: Looks) -> None:
        self._store, self._voice, self._system, self._door, self._pace = store, voice, system, door, pace
        self._looks = looks

    def tell_again(self, commune: str) -> None:
        """A commune that was not there is told what is in force: of each procedure what was said of it last."""
        newest = {e.body["code"]: e for e in self._store.spoken((PUBLISHED, WITHDRAWN)) if e.body}
        for event in newest.values():
            if event.name == PUBLISHED:
                self._voice.say(commune, "", event.name, dict(event.body or {}))

    def work(self, now: float) -> int:
        """What may be asked now; how many answers came. A crash between asks again what it had not kept."""
        state: dict[str, Any] = self._store.meta(_STATE, {"next": 0.0, "todo": []})
        if state["todo"]:
            return self._procedures(state, now)
        return self._list(now) if now >= state["next"] else 0

    def _list(self, now: float) -> int:
        """Whom there is to ask about; of a list that cannot be read, a little later."""
        try:
            answer = self._asked(self._system.listing, now)
            if answer is None:
                return 0
            todo = listing.wanted(answer.body, self._store.listed(), self._looks.codes)
        except Problem as problem:
            if self._unreadable(problem, now):
                self._store.set_meta(**{_STATE: {"next": now + _AGAIN, "todo": []}})
            return 0
        self._store.set_meta(**{_STATE: {"next": now + self._looks.every, "todo": list(todo)}})
        return 1

    def _procedures(self, state: Mapping[str, Any], now: float) -> int:
        """Those that are asked about in this round, until something stands in the way."""
        day = datetime.fromtimestamp(now, VIETNAM).date().isoformat()
        todo, found, unread = state["todo"], list[_Found](), False
        try:
            until = time.monotonic() + _LONG
            for code in todo[:_AT_ONCE]:
                if time.monotonic() > until:
                    break
                answer = self._asked(partial(self._system.procedure, code), now)
                if answer is None:
                    break
                known = self._store.listed(code)
                look = listing.look(code, answer.body, known, day, self._looks.codes, self._looks.levels)
                found.append((code, known, look))
        except Problem as problem:
            unread = self._unreadable(problem, now)  # of this one nothing is learned today
        if found or unread:
            self._keep(found, {**state, "todo": todo[len(found) + unread :]}, now)
        return len(found)

    def _unreadable(self, problem: Problem, now: float) -> bool:
        """Whether the trouble is about the one thing that was asked; when it is not, everybody waits."""
        if problem.code == "system_unreadable":
            return True
        self._pace.troubled(now, problem)
        return False

    def _asked(self, question: Callable[[], Call], now: float) -> Reply | None:
        """The answer; None: not now. Without a session one is opened first, and the question, which names it, is made then."""
        while not self._pace.wait(now):
            door: Call | None = self._system.login()
            self._pace.goes(now)
            reply = self._door.send((door or question()).request)
            if door is None:
                self._pace.answered()
                self._system.result(reply)  # raises what a busy or ended session says
                return reply
            self._system.entered(reply)
        return None

    def _keep(self, found: list[_Found], left: dict[str, Any], now: float) -> None:
        """What a round has learned, what is said of it, and what there is to do then: at once, because a commit costs more than
        all that is in it."""
        with self._store.writing():
            for code, known, look in found:
                if look.facts != known:
                    self._store.set_listed(code, look.facts)
                if look.act is not None:
                    self._voice.say_everywhere(*look.act)
            if any(look.facts.get("listed") != known.get("listed") for _, known, look in found):
                self._store.look_at_refused(now)
            self._store.set_meta(**{_STATE: left})
