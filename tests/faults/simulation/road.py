"""A bad road, as one request and its answer meet it: chopped, cut at a byte, flipped, lied to, delivered twice, not at all."""

import random
from collections import Counter as TallyOf
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.simulation.office import Cut

_PAGE = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html><title>Wi-Fi</title><form action=login></html>"
_CHUNKS = (*(1 << 20,) * 7, 900, 900, 300, 300, 60, 11)
LIES = ("page", "old", "flipped", "dropped", "swapped", "truncated", "nothing")


@dataclass
class Road:
    """``cut_up``: after so many frames of the request, and which part of the next one still comes through; ``cut_down`` the same
    of the answer; ``flip_up``: in which frame one bit flips, -1: in the first of a scan; ``lie``: what comes instead of the
    answer; ``twice``: the request arrives twice. ``enough``: frames after which the counter ends its request; ``scans``: it may
    send them. ``*_ends``: as ``MemoryStore.ends``; ``commits``: how often the writer comes to what is queued."""

    chance: random.Random
    chunk: int = 1 << 20
    cut_up: tuple[int, float] | None = None
    cut_down: tuple[int, float] | None = None
    flip_up: int | None = None
    lie: str = ""
    twice: bool = False
    asks_position: bool = True
    scans: bool = True
    enough: int = 1 << 20
    client_ends: tuple[int, str] | None = None
    gateway_ends: tuple[int, str] | None = None
    commits: float = 0.0
    faults: "TallyOf[str]" = field(default_factory=TallyOf)

    @classmethod
    def bad(cls, chance: random.Random) -> "Road":
        """One or a few faults."""
        road = cls(chance, chunk=chance.choice(_CHUNKS), commits=chance.choice((0.0, 0.2, 1.0)))
        road.asks_position = chance.random() < 0.8
        for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3))):
            _FAULTS[chance.choices(range(len(_FAULTS)), _WEIGHTS)[0]](road)
        return road

    @property
    def clean(self) -> bool:
        """Whatever arrives is what was sent."""
        return not self.lie and self.flip_up is None

    def up(self, number: int, frame: bytes) -> Iterator[bytes]:
        """What of a frame of the request arrives, in pieces. :raises Cut: and then nothing more."""
        if number == self.flip_up or (self.flip_up == -1 and frame[:1] == b"S"):
            self.flip_up = number
            frame = flipped(self.chance, frame)
            self.faults["bit flipped up"] += 1
        yield from self._over(number, frame, self.cut_up, "cut up")

    def down(self, number: int, frame: bytes) -> Iterator[bytes]:
        """The same of the answer."""
        yield from self._over(number, frame, self.cut_down, "cut down")

    def _over(self, number: int, frame: bytes, cut: tuple[int, float] | None, name: str) -> Iterator[bytes]:
        whole = cut is None or number < cut[0]
        if cut is not None and not whole:
            frame = frame[: round(len(frame) * cut[1])] if number == cut[0] else b""
        if self.chunk < len(frame):
            self.faults["chopped"] += 1
        for start in range(0, len(frame), self.chunk):
            yield frame[start : start + self.chunk]
        if not whole:
            self.faults[name] += 1
            raise Cut

    def told(self, frames: Iterator[bytes], old: list[bytes]) -> Iterator[bytes]:
        """The answer, or what somebody made of it."""
        if self.lie:
            self.faults[f"answer {self.lie}"] += 1
        if self.lie == "page":
            yield _PAGE
            return
        if self.lie == "old":
            yield self.chance.choice(old) if old else _PAGE
            return
        if self.lie in ("", "nothing"):
            yield from frames if not self.lie else ()
            return
        yield from self._changed(list(frames))

    def _changed(self, frames: list[bytes]) -> list[bytes]:
        at = self.chance.randrange(len(frames))
        if self.lie == "flipped":
            frames[at] = flipped(self.chance, frames[at])
        elif self.lie == "dropped":
            del frames[at]
        elif self.lie == "swapped":
            other = self.chance.randrange(len(frames))
            frames[at], frames[other] = frames[other], frames[at]
        else:
            frames[at:] = [frames[at][: self.chance.randrange(len(frames[at]))]]
        return frames


def flipped(chance: random.Random, data: bytes) -> bytes:
    """One bit of it is another."""
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _cut_up(road: Road) -> None:
    road.cut_up = (road.chance.choice((0, 0, 1, 1, 2, 3, 4, 6)), road.chance.random())


def _cut_down(road: Road) -> None:
    road.cut_down = (road.chance.choice((0, 0, 1, 1, 2, 3, 5)), road.chance.random())


def _flip_up(road: Road) -> None:
    road.flip_up = road.chance.choice((0, 1, 1, 2, 3, 4, -1, -1, -1))


def _lie(road: Road) -> None:
    road.lie = road.chance.choice(LIES)


def _twice(road: Road) -> None:
    road.twice = True


def _enough(road: Road) -> None:
    road.enough = road.chance.choice((0, 1, 2, 3, 5))


def _no_scans(road: Road) -> None:
    road.scans = False


def _client_ends(road: Road) -> None:
    road.client_ends = (road.chance.choice((0, 0, 1, 1, 2, 3, 4, 6)), road.chance.choice(("before", "after")))


def _gateway_ends(road: Road) -> None:
    road.gateway_ends = (road.chance.choice((0, 0, 0, 1, 1, 2)), road.chance.choice(("before", "after")))


_FAULTS = (_cut_up, _cut_down, _flip_up, _lie, _twice, _enough, _no_scans, _client_ends, _gateway_ends)
_WEIGHTS = (4, 4, 1, 2, 1, 1, 0.5, 3, 3)
