"""A group: a run of consecutive events of one log, as it travels in both directions.

Numbers, hashes and body hashes are left out: whoever receives it computes them, and so checks the chain.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms.problem import Problem
from sync.events import LATEST, Event, body_hash, canonical, hybrid, split

EVENTS = 60
"""Events of a group, about ten dossiers: what a cut throws away, at a price of 1-2 % against ever larger ones (measured)."""
BYTES = 96 << 10
"""And at most about this much plain text, unless one event alone is larger."""
EVENT_BYTES = 256 << 10
"""The most one event's body may hold: a dossier is 3 KB, and one that is never sendable must not be received."""


@dataclass(frozen=True)
class Group:
    """``secrets``: what the salts of its events derive from, hex by dossier."""

    events: tuple[Event, ...]
    secrets: Mapping[str, str]

    @classmethod
    def of(cls, events: Iterable[Event], secrets: Mapping[str, str]) -> "Group":
        """Events as they were read, and their secrets as they are a moment later: one whose secret is gone was erased meanwhile,
        and travels without its content."""
        return cls(tuple(e if e.body is None or e.dossier in secrets else replace(e, body=None) for e in events), secrets)

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def last(self) -> Event:
        return self.events[-1]

    def as_value(self) -> list[Any]:
        """``[counter, epoch, first number, prev, head, rows, secrets]``; a row is ``[dossier, name, operator, milliseconds
        since the one before, body]`` with the logical part of its time beside them when there is one, and the body's hash
        when the body was erased; secrets in the order in which the dossiers come."""
        rows, before = [], 0
        for event in self.events:
            milliseconds, logical = split(event.at)
            since = milliseconds - before
            row = [event.dossier, event.name, event.operator, [since, logical] if logical else since, event.body]
            rows.append(row if event.body is not None else [*row, event.body_hash])
            before = milliseconds
        secrets = [self.secrets.get(d) for d in dict.fromkeys(e.dossier for e in self.events)]
        first = self.first
        return [first.counter, first.epoch, first.number, first.prev, self.last.hash, rows, secrets]

    @classmethod
    def from_value(cls, raw: Any) -> "Group":
        """Rebuild the events; the hash of the last must be the head that was sent.

        :raises Problem: ``frame_malformed``, ``chain_broken``.
        """
        try:
            counter, epoch, first, prev, head, rows, told = raw
            secrets = dict(zip(dict.fromkeys(row[0] for row in rows), told, strict=True))
            known = {d: s for d, s in secrets.items() if s is not None}
            salts = {d: bytes.fromhex(s) for d, s in known.items()}
            events = tuple(_events(counter, epoch, first, prev, rows, salts))
            good = bool(events) and events[-1].hash == head
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise Problem("frame_malformed") from error
        if not good:
            raise Problem("chain_broken", counter=counter, first=first)
        return cls(events, known)


def parts(events: list[Event]) -> Iterator[list[Event]]:
    """Runs of at most ``EVENTS`` events and about ``BYTES`` of bodies."""
    part: list[Event] = []
    size = 0
    for event in events:
        weight = len(event.text)
        if part and (len(part) == EVENTS or size + weight > BYTES):
            yield part
            part, size = [], 0
        part.append(event)
        size += weight
    if part:
        yield part


def _events(counter: str, epoch: str, number: int, prev: str, rows: Any, salts: dict[str, bytes]) -> Iterator[Event]:
    if not all(isinstance(text, str) for text in (counter, epoch, prev)) or type(number) is not int or number < 1:
        raise TypeError("envelope")
    before = 0
    for dossier, name, operator, since, body, *erased in rows:
        milliseconds, logical = since if isinstance(since, list) else (since, 0)
        before += milliseconds
        at = hybrid(before, logical)
        if not all(isinstance(text, str) for text in (dossier, name, operator, *erased)) or not _possible(before, logical, at):
            raise TypeError("envelope")  # before it is durable somewhere: whoever reads it later could not
        text = _text(body)
        digest = erased[0] if body is None else body_hash(salts[dossier], epoch, number, text)
        event = Event(counter, epoch, number, dossier, name, at, operator, prev, digest, body)
        event.__dict__["text"] = text
        yield event
        prev, number = event.hash, number + 1


def _possible(milliseconds: Any, logical: Any, at: int) -> bool:
    return type(milliseconds) is int and type(logical) is int and split(at) == (milliseconds, logical) and 0 <= at < LATEST


def _text(body: Any) -> bytes:
    text = canonical(body)
    if not isinstance(body, dict | None) or len(text) > EVENT_BYTES:
        raise TypeError("body")
    return text
