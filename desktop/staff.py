"""Who works here, as the window knows it: names, what whoever is signed in may do, and the verbs of letting people in."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from desktop.events import Events
from desktop.tasks import Tasks
from forms.people import Person
from forms.problem import Problem
from forms.roles import who_may
from sync.counter import Changes, Counter

T = TypeVar("T")


class Staff:
    """``who`` gives the id of whoever is signed in, None for nobody; ``gone`` is called when that person is let in no more."""

    def __init__(self, tasks: Tasks, events: Events, who: Callable[[], str | None], gone: Callable[[], None]) -> None:
        self._tasks, self._events, self._who, self._gone = tasks, events, who, gone
        self._people: Mapping[str, Person] = {}

    def take(self, people: Mapping[str, Person]) -> None:
        """As the store has it now."""
        self._people = people
        person = people.get(self._who() or "")
        if person is not None and not person.active:
            self._gone()

    def name_of(self, operator: str) -> str:
        """The name of an operator; the id of an unknown one."""
        known = self._people.get(operator)
        return known.name if known else operator

    def denied(self, act: str) -> str:
        """Why whoever is signed in may not do this, in words, "" when they may. The verb decides; this only saves a vain try."""
        person = self._people.get(self._who() or "")
        return "" if person is None or person.may(act) else f"Việc này do {who_may(act)} làm."

    def changed(self) -> None:
        """Somebody was let in, changed or taken out here: every screen reads again."""
        self._events.changed.emit(Changes(status=True, rules=True))

    def ask(self, verb: Callable[[Counter, str], T], done: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
        """A verb of ``sync.people`` by whoever is signed in, in the worker: it stretches PINs."""
        who = self._who()
        if who is not None:
            self._tasks.run(lambda c: verb(c, who), done, failed)
