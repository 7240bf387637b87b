"""The world of one seed: a few counters, a gateway, bad days, then fair weather and the truth."""

from collections import Counter as TallyOf
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import Any

from sync import hearing
from sync.store import Store, log, scans
from tests.faults.simulation import truth
from tests.faults.simulation.chance import bound
from tests.faults.simulation.counters import Act, Living, Saved, World
from tests.faults.simulation.meeting import Meeting
from tests.faults.simulation.memory import BEGIN, Died, template
from tests.faults.simulation.office import Cut, Image, Office, Request
from tests.faults.simulation.road import Road, flipped

_CASTS = ((0,), (0, 1), (0, 1), (0, 1), (0, 1, 2), (0, 3), (0, 1, 3))
_MOST_LIVING = 4
_MOST_TRIPS = 12
"""In which a counter must have come to its end in fair weather (measured: 1 to 6)."""


class Day:
    """``run`` plays the seed; what went wrong is raised. ``faults`` counts what was done to it, ``trace`` tells the story."""

    def __init__(self, seed: int, say: Callable[[str], None] = lambda _: None) -> None:
        self.seed, self._tell = seed, say
        self.faults: TallyOf[str] = TallyOf()
        self.trips = 0
        self._step = 0

    def run(self) -> None:
        """:raises AssertionError: an invariant does not hold, or something unexpected was said."""
        template()
        with ExitStack() as stack, bound(self.seed, lambda: self.world.now_ms()) as self.chance, self._watched():
            self._begin()
            stack.callback(self.world.disks.close)
            # Every day has its mood: some things do not happen in it, others often, so that rare ones meet each other.
            mood = [weight * self.chance.choice((0.2, 0.5, 1, 1, 3)) for weight in _STEPS.values()]
            for step in range(1, self.chance.choice((6, 7, 8, 10, 12)) + 1):
                self._step = step
                self.world.now += timedelta(seconds=self.chance.choice((1, 30, 600, 3600)))
                getattr(self, self.chance.choices(list(_STEPS), mood)[0])()
                self._settle()
            self._fair()

    def _begin(self) -> None:
        self.world = World(self.chance, BEGIN)
        self.office = Office(self.say)
        self.acts: dict[int, Act] = {}
        self.moved: TallyOf[int] = TallyOf()
        self.copied: set[int] = set()
        self.images: list[Image] = [self.office.image()]
        cast = self.chance.choice(_CASTS)
        self.world.both_communes, self.national = 3 in cast, self.chance.random() < 0.25
        self.clean = True
        self.living: list[Living] = []
        old = self.world.old = self.chance.random() < 0.15
        self.absent = [n for n in cast[1:] if self.chance.random() < (0.9 if old else 0.3)]
        for number in cast:
            if number not in self.absent:
                self._arrive(number)
        if old:
            self._long_ago(self.living[0])
        self.saved: list[Saved] = [one.saved() for one in self.living if self.chance.random() < 0.2]

    def _arrive(self, number: int) -> Living:
        connection = self.world.disks.copy_of(template()[2][number])
        one = Living(self.world, f"c{number}", Saved(connection, number, {}, False))
        one.join()
        self.living.append(one)
        self.say("arrives", one.name)
        return one

    def _long_ago(self, one: Living) -> None:
        """Dossiers that were closed before all this: a counter that joins later need not hear of them first."""
        for _ in range(self.chance.choice((1, 2, 3))):
            self._acts(one)
            self.say(one.name, one.act(closes=True))
            self.acts |= one.kept
        self._finishes(one)
        self.world.now += timedelta(days=120)
        if self.absent and self.chance.random() < 0.7:
            self._finishes(self._arrive(self.absent.pop()))

    def say(self, what: str, about: str = "") -> None:
        """One line of the story."""
        self._tell(f"{self._step:3} {what} {about}")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Every fork is looked at in the moment in which it is made."""
        kept = log.move_tail

        def move(store: Store, counter: str, old: str, after: int, new: str) -> Any:
            tail = log.read(store, counter, old, after)
            truth.forks_well(counter, old, after, tail, log.position(store, counter, old, after).hash)
            self.moved.update(e.body["act"] for e in tail if e.body and "act" in e.body)
            self.say("forks", f"{counter} {old} after {after}: {len(tail)} move to {new}")
            return kept(store, counter, old, after, new)

        log.move_tail = move
        try:
            yield
        finally:
            log.move_tail = kept

    def _settle(self) -> None:
        """After each step: the writer has come to everything; what was said to be durable is."""
        try:
            self.office.commit()
        except Died:
            self.office.die()
        for one in self.living:
            truth.acknowledged(one, self.office, self.clean)

    def nonce(self) -> str:
        """What ``gateway_client.fresh_nonce`` draws."""
        return self.chance.randbytes(16).hex()

    # Steps

    def act(self) -> None:
        """Somebody works."""
        one = self.chance.choice(self.living)
        for _ in range(self.chance.choice((1, 1, 2, 3, 5))):
            if self.chance.random() < 0.05:
                one.store.ends = (0, self.chance.choice(("before", "after")))
            self._acts(one)
            one.store.ends = None

    def _acts(self, one: Living) -> None:
        said = one.act(scan=self.chance.random() < 0.2)
        self.acts |= one.kept
        self.faults["clerk's process died"] += one.store.died != "" and "died" in said
        self.say(one.name, said)

    def meet(self) -> None:
        """A contact over a bad road."""
        self._drive([self._meeting(self.chance.choice(self.living))])

    def meet_together(self) -> None:
        """Several at once."""
        self._drive([self._meeting(one) for one in self.living])

    def _meeting(self, one: Living) -> Meeting:
        self.trips += 1
        road = Road.bad(self.chance)
        self.clean = self.clean and road.flip_up is None
        return Meeting(one, self.office, road, self.nonce)

    def _drive(self, meetings: list[Meeting]) -> None:
        running = [(m, m.steps()) for m in meetings]
        while running:
            meeting, steps = pair = self.chance.choice(running)
            if self.chance.random() < 0.05:
                self._meanwhile(meeting.living)
            if next(steps, self) is self:
                running.remove(pair)
                self.say(f"{meeting.living.name} meets", f"{meeting.outcome} {dict(meeting.road.faults)} sent {meeting.sent}")
                self.faults += meeting.faults
                truth.acknowledged(meeting.living, self.office, self.clean)

    def _meanwhile(self, one: Living) -> None:
        what = self.chance.random()
        if what < 0.8:
            self.faults["acted between frames"] += 1
            self._acts(self.chance.choice([one, one, *self.living]))
        elif what < 0.9:
            self.faults["gateway killed"] += 1
            self.office.die()
        else:
            self.restore_gateway()

    def replay(self) -> None:
        """An old request arrives once more, whole, in part or damaged; nobody hears the answer."""
        if not self.office.recorded:
            return self.act()
        data, request = self.chance.choice(self.office.recorded[-8:]), Request(self.office)
        how = self.chance.choice(("whole", "whole", "part", "damaged"))
        if data and how != "whole":
            data = data[: self.chance.randrange(len(data))] if how == "part" else flipped(self.chance, data)
            self.clean = self.clean and how == "part"
        self.faults[f"replayed {how}"] += 1
        with suppress(Cut):
            request.take(data)
            if how == "part":
                request.gone()
            else:
                request.end()
                self.office.answers.append(b"".join(request.answer()))
        self.say("replay", how)
        return None

    def save(self) -> None:
        """A back-up of a counter."""
        one, automatic = self.chance.choice(self.living), self.chance.random() < 0.3
        self.saved.append(one.saved(automatic))
        self.say("back-up of", f"{one.name} {'automatic' if automatic else ''}")

    def restore(self) -> None:
        """A back-up is put in a store's place; the start that notices it may be cut short."""
        one = self.chance.choice(self.living)
        fitting = [s for s in self.saved if s.number == one.number]
        if not fitting:
            return self.save()
        source = self.chance.choice(fitting)
        self.living.remove(one)
        self._copied(source)
        again = self._copy(source, f"{one.name}r")
        origin = self.chance.choice(("restored", "restored", "copied", "copied_here"))
        self.say("restore of", f"{one.name} as {again.name} {origin}")
        self.faults["counter restored"] += 1
        self._begin_after(again, origin)
        return None

    def _copied(self, source: Saved) -> None:
        self.copied |= source.kept.keys()

    def _copy(self, source: Saved, name: str) -> Living:
        fresh = Saved(self.world.disks.copy_of(source.connection), source.number, dict(source.kept), source.joined)
        one = Living(self.world, name, fresh)
        one.join()
        self.living.append(one)
        return one

    def _begin_after(self, one: Living, origin: str) -> None:
        if self.chance.random() < 0.2:
            one.store.ends = (0, self.chance.choice(("before", "after")))
        for _ in range(2):
            try:
                one.begin_after(origin)
                return
            except Died:
                self.say("died at its start", one.store.died)

    def clone(self) -> None:
        """Two living copies of one store; the second is noticed by its nonce, or by nobody."""
        one = self.chance.choice(self.living)
        if len(self.living) >= _MOST_LIVING:
            return self.act()
        source, noticed = one.saved(), self.chance.random() < 0.4
        self._copied(source)
        other = self._copy(source, f"{one.name}'")
        self.faults[f"counter cloned, {'noticed' if noticed else 'not noticed'}"] += 1
        self.say("clone of", f"{one.name} noticed: {noticed}")
        if noticed:
            self._begin_after(other, "copied")
        return None

    def save_gateway(self) -> None:
        """A back-up of the gateway."""
        self.images.append(self.office.image())
        self.say("back-up of the gateway")

    def restore_gateway(self) -> None:
        """An older gateway is put back. It knows by itself when it was started again since that back-up, and its state folder is
        not as old."""
        how, before = self.chance.choice(("machine", "database", "database after a start")), self.office.ledger.epoch
        if how == "database after a start":
            self.office.start()
        self.office.restore(self.chance.choice(self.images), how == "machine")
        noticed = self.office.ledger.epoch != before
        self.faults[f"gateway restored, {'noticed' if noticed else 'not noticed'}"] += 1
        self.say("gateway restored", f"({how}), {'noticed' if noticed else 'not noticed'}")

    def kill_gateway(self) -> None:
        """kill -9 and a new start."""
        self.faults["gateway killed"] += 1
        self.office.die()

    def portal(self) -> None:
        """The national side answers, in those worlds that have one."""
        if not self.national:
            return self.act()
        self.office.portal_works()
        self.say("the portal answers")
        return None

    def joins(self) -> None:
        """A counter that was enrolled and starts only now."""
        if not self.absent:
            return self.meet()
        self.faults["joined late"] += 1
        self._arrive(self.absent.pop())
        return None

    def long_pause(self) -> None:
        """Months pass: what is closed by now will be left out by whoever joins."""
        self.world.now += timedelta(days=100)
        self.say("a hundred days pass")

    def wants_older(self) -> None:
        """A person asks for everything."""
        one = self.chance.choice(self.living)
        with one.store.write():
            hearing.want_all(one.store)
        self.say(one.name, "wants all")

    # In the end

    def _fair(self) -> None:
        self._step, self.office.ledger.ends = 99, None
        self.say("fair weather")
        while self.absent and self.chance.random() < 0.8:
            self._arrive(self.absent.pop())
        for one in self.living:
            if self.chance.random() < 0.5:
                with one.store.write():
                    hearing.want_all(one.store)
        for _ in range(4):
            for one in [one for one in self.living if not self._settled(one)] or self.living[:1]:
                self._finishes(one)
            if all(self._settled(one) for one in self.living):
                break
        else:
            raise truth.Untrue("there is no end to it")
        truth.whole(truth.Gateway(self.acts, self.moved, self.copied), self.living, thorough=self.seed % 8 == 0)

    def _settled(self, one: Living) -> bool:
        """Nothing waits, and the feed was read to where it ends now."""
        head, store = self.office.ledger.feed_head(one.commune), one.store
        heard = store.meta("feed", 0) == store.meta("feed_head", 0) == head and not hearing.asked(store)
        return one.life == self.office.life and heard and log.waiting(store) == scans.waiting(store)[0] == 0

    def _finishes(self, one: Living) -> None:
        """Contacts until nothing is left to do."""
        for _ in range(_MOST_TRIPS):
            meeting = Meeting(one, self.office, Road(self.chance), self.nonce)
            for _ in meeting.steps():
                pass
            self.trips += 1
            self.say(f"{one.name} meets", f"{meeting.outcome} heard {meeting.heard} sent {meeting.sent}")
            if meeting.complete:
                return
        raise truth.Untrue(f"{one.name} makes no progress")


_STEPS: dict[str, float] = {
    "act": 10,
    "meet": 9,
    "meet_together": 4,
    "replay": 1.5,
    "save": 1.5,
    "restore": 1.5,
    "clone": 1.3,
    "save_gateway": 1,
    "restore_gateway": 1.3,
    "kill_gateway": 0.5,
    "portal": 1.5,
    "joins": 1,
    "long_pause": 0.7,
    "wants_older": 0.5,
}
