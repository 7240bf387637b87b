"""How fast a receiving system may be asked, and whether it answers at all: rate, maintenance windows, back-off, circuit breaker.

Pure: times are seconds since 1970, chance is an argument. After ``BREAK`` failures in a row nothing more is sent but one call
now and then, until one is answered. What that means for people is an outage: told once it has lasted, and ended.
"""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forms.problem import Problem
from forms.working_days import VIETNAM

BREAK = 5
"""Failures in a row after which the circuit opens."""
_FIRST, _MOST = 2.0, 600.0
"""Seconds of rest after the circuit opened; doubled up to the second."""
_MINUTE, _LONGEST = 60.0, 3600.0
_DAY = 24 * 60


@dataclass(frozen=True)
class Outage:
    """``begun``, ``ended`` (None: it lasts): seconds since 1970. ``why``: ``line`` | ``busy`` | ``maintenance`` | ``denied``."""

    begun: float
    ended: float | None
    why: str


class Pace:
    """Of one system. ``per_minute``: most calls in a minute, 0 = no limit. ``windows``: daily spans ``(HH:MM, HH:MM)`` of Vietnam
    time in which it is looked after and not asked. ``tell_after``: seconds after which an outage is worth telling."""

    def __init__(
        self,
        per_minute: int = 0,
        windows: Sequence[Sequence[str]] = (),
        tell_after: float = 60.0,
        chance: random.Random | None = None,
    ) -> None:
        self._per_minute, self._tell_after = per_minute, tell_after
        self._windows = [(_minutes(a), _minutes(b)) for a, b in windows]
        self._chance = chance or random.Random()
        self._went: deque[float] = deque(maxlen=per_minute or 1)
        self._failures = 0
        self._rest_until = 0.0
        self._begun: float | None = None
        self._why = ""
        self._told: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until it may be asked; 0: now."""
        rest = self._rest_until - now
        waits = [rest if rest <= _LONGEST else 0.0, self._window(now)]  # a longer one is a clock that was set back
        if self._per_minute and len(self._went) == self._per_minute:
            waits.append(min(_MINUTE, self._went[0] + _MINUTE - now))
        return max(0.0, *waits)

    def goes(self, now: float) -> None:
        """A call is made."""
        self._went.append(now)

    def answered(self) -> None:
        """It was answered, whatever the answer."""
        self._failures, self._rest_until, self._begun = 0, 0.0, None

    def failed(self, now: float, why: str, retry_after: float | None = None) -> float:
        """It was not; seconds to rest before this call is tried again. ``why``: see :class:`Outage`."""
        self._failures += 1
        if self._begun is None:
            self._begun, self._why = now, why
        if retry_after is not None:
            self._rest_until = max(self._rest_until, now + retry_after)
            return retry_after
        if self._failures >= BREAK:
            most = min(_MOST, _FIRST * 2 ** min(self._failures - BREAK, 20))
            rest = self._chance.uniform(most / 2, most)
            self._rest_until = now + rest
            return rest
        return self._chance.uniform(0, 0.2 * 2**self._failures)

    def troubled(self, now: float, problem: Problem) -> float:
        """As ``failed``, of what a call raised."""
        why = {"system_busy": "busy", "system_denied": "denied"}.get(problem.code, "line")
        return self.failed(now, why, problem.details.get("retry_after"))

    @property
    def open(self) -> bool:
        """So many calls failed in a row that it is asked only now and then."""
        return self._failures >= BREAK

    def resume(self, outage: Outage) -> None:
        """An outage that a former process had told, and that has not ended since."""
        self._begun = self._told = outage.begun
        self._why = outage.why

    def outage(self, now: float) -> Outage | None:
        """What there is to tell of an outage now, once each: that it has begun, that it has ended; None for nothing."""
        inside = self._window(now) > 0
        resumed = self._why == "maintenance" and not self._failures  # told by a window that is over
        if (self._begun is None or resumed) and not inside:
            told, self._told, self._begun = self._told, None, None
            return Outage(told, max(told, now), self._why) if told is not None else None
        begun = self._begun if self._begun is not None else now
        if self._told is None and (inside or (self.open and now - begun >= self._tell_after)):
            self._told, self._why = begun, self._why if self._begun is not None else "maintenance"
            return Outage(begun, None, self._why)
        return None

    def _window(self, now: float) -> float:
        """Seconds until the maintenance window that ``now`` lies in is over; 0 outside."""
        at = datetime.fromtimestamp(now, VIETNAM)
        minute = at.hour * 60 + at.minute + at.second / 60
        left = [((b - minute) % _DAY) * 60 for a, b in self._windows if (minute - a) % _DAY < (b - a) % _DAY]
        return max(left, default=0.0)


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
