"""The catalogue of procedures fetched a little at a time, between dossiers, and told to every commune where it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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
_AGAIN = 60.0
_STATE = "catalogue"
"""Under which name the store remembers when to look at the list again, and whom there is to ask about."""


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
        if not state["todo"] and now < state["next"]:
            return 0
        done = 0
        try:
            if not state["todo"]:
                answer = self._asked(self._system.listing(), now)
                todo = listing.wanted(answer.body, self._store.listed(), self._looks.codes) if answer else ()
                state = {"next": now + self._looks.every, "todo": list(todo)} if answer else state
                self._store.set_meta(**{_STATE: state})
                done += bool(answer)
            while state["todo"] and done < _AT_ONCE and (answer := self._asked(self._system.procedure(state["todo"][0]), now)):
                state = self._learn(state, answer, now)
                done += 1
        except Problem as problem:
            if problem.code != "system_unreadable":
                self._pace.failed(now, "busy" if problem.code == "system_busy" else "line", problem.details.get("retry_after"))
            elif state["todo"]:  # of this one nothing is learned today
                self._store.set_meta(**{_STATE: {**state, "todo": state["todo"][1:]}})
            else:
                self._store.set_meta(**{_STATE: {**state, "next": now + _AGAIN}})
        return done

    def _asked(self, call: Call, now: float) -> Reply | None:
        """The answer; None: not now. A session is opened before, where there is none."""
        while not self._pace.wait(now):
            door = self._system.login()
            self._pace.goes(now)
            reply: Reply = self._door.send((door or call).request)
            if door is None:
                self._pace.answered()
                self._system.result(reply)  # raises what a busy or ended session says
                return reply
            self._system.entered(reply)
        return None

    def _learn(self, state: Mapping[str, Any], answer: Reply, now: float) -> dict[str, Any]:
        """Keep what was learned of the first that was to be asked about, and say it; what there is to do then."""
        code, day = state["todo"][0], datetime.fromtimestamp(now, VIETNAM).date().isoformat()
        known = self._store.listed(code)
        found = listing.look(code, answer.body, known, day, self._looks.codes, self._looks.levels)
        with self._store.writing():
            if found.facts != known:
                self._store.set_listed(code, found.facts)
            if found.act is not None:
                self._voice.say_everywhere(*found.act)
            if found.facts.get("listed") != known.get("listed"):
                self._store.look_at_refused(now)
            left = {**state, "todo": state["todo"][1:]}
            self._store.set_meta(**{_STATE: left})
        return left
