"""Who works here, as a store has heard it: read again when an act or the gateway's profile has changed it. The one place where
an own act is held against the roles of whoever does it; what other counters wrote is never refused."""

from typing import Any

from forms.people import REMOVED, SET, Person, fold_people
from forms.problem import Problem
from forms.roles import acts, who_may
from sync.store import Store, log


class Roster:
    """The people of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._people: dict[str, Person] = {}
        self._mark: Any = None

    @property
    def people(self) -> dict[str, Person]:
        """Everybody who was ever let in, by id."""
        mark = (log.mark_of_counters(self._store, SET, REMOVED), self._store.meta("profile_mark", ""))
        if mark != self._mark:
            said = log.of_counters(self._store, SET, REMOVED)
            self._people, self._mark = fold_people(self._store.meta("profile"), said), mark
        return self._people

    def check(self, operator: str, act: str) -> None:
        """As ``check_act``, of care that writes no act. :raises ValueError: the table does not name it, a bug."""
        if act not in acts():
            raise ValueError(act)
        self._check(operator, act)

    def _check(self, operator: str, act: str) -> None:
        """:raises Problem: ``operator_unknown``, ``operator_revoked``, ``not_allowed`` (``act``, ``who``: the roles that may, in
        words)."""
        if not operator:
            return
        person = self.people.get(operator)
        if person is None:
            raise Problem("operator_unknown", operator=operator)
        if not person.active:
            raise Problem("operator_revoked", operator=operator)
        if not person.may(act):
            raise Problem("not_allowed", act=act, who=who_may(act))

    def check_act(self, operator: str, act: str) -> None:
        """Of what is about to be written.

        :raises Problem: ``operator_unknown``, ``operator_revoked``, ``not_allowed``; ``counter_revoked``: it would never reach
            anybody. Reading, and what the table does not name, stays possible.
        """
        self._check(operator, act)
        since = self._store.meta("revoked")
        if since and operator and act in acts():
            raise Problem("counter_revoked", since=since)
