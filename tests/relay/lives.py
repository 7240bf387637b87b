"""Real dossiers for the relay's adapters: received and moved on at a real counter, told as the engine tells them."""

import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2

from forms.catalogue import Catalogue
from forms.dossier import Dossier, fold
from forms.example import examples
from forms.problem import Problem
from forms.working_days import VIETNAM
from sync import acts, money, scans
from sync.counter import Counter
from sync.events import Event
from sync.relay.cases import case_of, ordered
from sync.relay.systems import Case, Reply, Told
from sync.store import log
from tests.conftest import GatewayProcess, enrolled, open_counter

CATALOGUE = Catalogue.load()
WHO, PORTAL = "CB001", "portal"
CODES = ("1.001193", "1.004873", "2.000815", "2.000635", "1.000894")


class Clock:
    """A clock that a test sets; each look at it is a second later."""

    def __init__(self, text: str = "2026-12-07T08:00") -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=VIETNAM)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Desk:
    """A counter and what the portal says beside it, as the relay sees them."""

    def __init__(self, counter: Counter, clock: Clock) -> None:
        self.counter, self.clock = counter, clock
        self.said: dict[str, list[Event]] = {}
        self.links = True

    def next_morning(self) -> None:
        """Eight o'clock of the next working day."""
        self.clock.now = _later(self.clock.now, self.clock.now).replace(hour=8, minute=0, second=0)

    def receive(self, code: str = "1.001193", seed: int = 1, pay: str = "cash", **more: Any) -> str:
        """A walk-in, received."""
        line = next(examples(CATALOGUE, code, None, 1, seed)) | {"payment": {"method": pay}} | more | {"id": str(uuid.uuid4())}
        return self.counter.receive(line, WHO, date_confirmed=True).id

    def filed(self, code: str = "1.001193", seed: int = 1, **applicant: Any) -> str:
        """A dossier filed online, as the portal says it; nobody here has done anything with it yet."""
        line, dossier = next(examples(CATALOGUE, code, None, 1, seed)), str(uuid.uuid4())
        body = {"procedure": {"code": code, "version": None, "case": None, "name": "Đăng ký khai sinh"}, "channel": "2"}
        body |= {"applicant": line["applicant"] | applicant, "answers": line["answers"], "papers": []}
        self.say(dossier, "filed", body | {"code": f"G15-20261207-{seed:07d}", "filed_at": "2026-12-07T07:00:00+07:00"})
        return dossier

    def say(self, dossier: str, name: str, body: dict[str, Any], counter: str = PORTAL) -> None:
        """An event that this counter has not written itself."""
        said = self.said.setdefault(dossier, [])
        at = max([int(self.clock().timestamp() * 1000) << 12, *(e.at + 1 for e in self.events(dossier))])
        said.append(Event(counter, "epoch", len(said) + 1, dossier, name, at, "" if counter == PORTAL else WHO, "", "", body))

    def events(self, dossier: str) -> list[Event]:
        """All of a dossier, in the order of the fold."""
        return ordered([*log.of_dossier(self.counter.store, dossier), *self.said.get(dossier, [])])

    def folded(self, dossier: str) -> Dossier:
        return fold(dossier, self.events(dossier))

    def case(self, dossier: str, **listed: str) -> Case:
        """As the engine makes it."""
        link: Callable[[str], str] = (
            (lambda sha: f"https://gateway.example/f/{sha}?t={self.clock.now:%H%M%S}") if self.links else _none
        )
        profile = {"centre": "Trung tâm Phục vụ hành chính công xã Yên Thượng"}
        names = {WHO: "Trần Thị Kiểm"}
        found = (self.folded(dossier), self.events(dossier), names, listed, profile, link, lambda _sha: b"", self.clock.now)
        return case_of(*found)

    def attach(self, dossier: str, paper: str) -> None:
        """A scan of a paper."""
        document, data = pypdfium2.PdfDocument.new(), io.BytesIO()
        document.new_page(200 + self.clock.now.minute, 200)
        document.save(data)
        document.close()
        scans.attach_bytes(self.counter, dossier, paper, data.getvalue(), WHO)

    def wander(self, dossier: str, chance: random.Random) -> bool:
        """One act that its stage allows, by chance; False when nothing is left to be done."""
        stage, c = str(self.folded(dossier).stage), self.counter
        self.clock.now += timedelta(minutes=chance.randrange(5, 90))
        return_at = self.folded(dossier).return_at
        later = _later(self.clock.now, datetime.fromisoformat(return_at) if return_at else self.clock.now)
        item = {"name": "Sổ hộ khẩu cũ", "reason": "Thiếu trang 3", "basis": "Thông tư 04/2020/TT-BTP"}
        ways: dict[str, list[Callable[[], object]]] = {
            "received": [
                lambda: acts.transfer(c, dossier, WHO, "Công chức tư pháp – hộ tịch"),
                lambda: acts.correct(c, dossier, WHO, {"applicant.phone": f"09{chance.randrange(10**8):08d}"}),
                lambda: acts.finish(c, dossier, WHO),
            ],
            "supplement": [
                lambda: acts.receive_supplement(c, dossier, WHO, [{"code": "SHK", "name": "Sổ hộ khẩu cũ", "copies": 1}])
            ],
            "payment": [lambda: money.pay(c, dossier, WHO, "cash")],
            "finished": [lambda: acts.hand_over(c, dossier, WHO, {})],
        }
        ways["processing"] = [
            *ways["received"],
            lambda: acts.request_supplement(c, dossier, WHO, [item], "Thiếu giấy tờ"),
            lambda: acts.extend(c, dossier, WHO, later, "Chờ xác minh"),
            *[lambda: money.request_payment(c, dossier, WHO, 50_000, "Phí thẩm định", "Nghị quyết 10/2025/NQ-HĐND")] * 2,
            lambda: acts.withdraw(c, dossier, WHO, "Đổi ý"),
            lambda: acts.stop(c, dossier, WHO, "Có đơn tranh chấp", "Điều 17"),
        ]
        if stage not in ways:
            return False
        try:
            chance.choice(ways[stage])()
        except Problem as problem:
            if problem.code not in ("not_now", "nothing_changed", "date_not_later", "date_off"):
                raise
        return True


def _none(_sha: str) -> str:
    return ""


def _later(now: datetime, due: datetime) -> datetime:
    """A working day after both."""
    day = max(now, due) + timedelta(days=1)
    while day.weekday() > 4 or (day.month, day.day) in ((1, 1), (12, 31)):
        day += timedelta(days=1)
    return day.replace(hour=16)


@contextmanager
def desk(folder: Path, hub: GatewayProcess, clock: Clock | None = None) -> Iterator[Desk]:
    """A counter of its own."""
    clock = clock or Clock()
    enrolled(folder, hub, code=hub.new_code())
    counter = open_counter(folder, clock)
    yield Desk(counter, clock)
    counter.close()


class Lost(Exception):
    """Nothing came back."""


class Road:
    """One dossier told to a system, by the engine's rules. ``send``: one request to the server; it raises ``Lost`` when nothing
    comes back. ``told`` is kept as JSON, as the engine keeps it."""

    def __init__(self, desk: Desk, dossier: str, system: Any, send: Callable[[Any], Reply]) -> None:
        self.desk, self.dossier, self.system, self.send = desk, dossier, system, send
        self._told = "null"
        self.made: list[tuple[str, Any]] = []

    @property
    def told(self) -> Told:
        return Told.from_json(json.loads(self._told))

    @told.setter
    def told(self, told: Told) -> None:
        self._told = json.dumps(told.as_json())

    def names(self) -> list[str]:
        """The services called so far, without logins and questions about the catalogue."""
        return [name for name, _ in self.made if name not in ("login", "LayThuTuc")]

    def run(self, most: int = 120) -> None:
        """Until there is nothing to tell, or an answer is lost."""
        for _ in range(most):
            if not self._step():
                return
        raise AssertionError(f"never done: {self.names()[-12:]}")

    def _step(self) -> bool:
        case, told = self.desk.case(self.dossier), self.told
        remarks = self.system.remarks(case, told)
        if remarks.verdicts or remarks.told != told:
            self._keep(remarks)
            return True
        call = self.system.next(case, told)
        if call is None:
            return False
        self.made.append((call.name, call.request.body))
        asked = told if call.safe else told.but(doubt={"call": call.name, **call.about})
        self.told = asked
        try:
            reply = self.send(call.request)
        except Lost:
            return True
        self._keep(self.system.heard(case, asked, call, reply))
        return True

    def _keep(self, heard: Any) -> None:
        self.told = heard.told
        for name, body in heard.verdicts:
            self.desk.say(self.dossier, name, body)


def played(server: Any) -> Callable[[Any], Reply]:
    """A way to a played server that loses nothing."""

    def send(request: Any) -> Reply:
        body = json.dumps(request.body, ensure_ascii=False).encode()
        status, _headers, answer = server.handle(request.method, request.path, request.headers, body)
        return Reply(status, json.loads(answer))

    return send


def faulty(server: Any, chance: random.Random, share: float) -> Callable[[Any], Reply]:
    """A way that loses questions before, and answers after they were carried out."""
    good = played(server)

    def send(request: Any) -> Reply:
        lost = chance.random()
        if lost < share / 2:
            raise Lost
        reply = good(request)
        if lost < share:
            raise Lost
        return reply

    return send


def varied(desk: Desk) -> list[Case]:
    """Dossiers that have, together, everything a record of any receiving system may hold."""
    return [*_whole_life(desk), *_other_owners(desk)]


def _whole_life(desk: Desk) -> list[Case]:
    """One dossier with everything that may happen on the way to its end."""
    c, code, line = desk.counter, "000.00.00.G15-KQ000122", next(examples(CATALOGUE, "2.000815", None, 1, 3))
    mail = line["applicant"] | {"email": "an@example.vn"}
    asked = [{"name": "Sổ hộ khẩu cũ", "reason": "Thiếu trang 3", "basis": "Thông tư 04/2020/TT-BTP"}]
    return _after_each(
        desk,
        desk.receive("2.000815", 3, applicant=mail, return_to={"how": "post", "place": "Thôn Nà Lộc"}),
        lambda d: desk.attach(d, line["papers"][0]["code"]),
        lambda d: acts.transfer(c, d, WHO, "Công chức tư pháp – hộ tịch"),
        lambda d: acts.request_supplement(c, d, WHO, asked, "Thiếu giấy tờ"),
        lambda d: acts.receive_supplement(c, d, WHO, [{"code": code, "name": "Trích lục khai sinh", "copies": 1}]),
        lambda d: desk.attach(d, code),
        lambda d: money.request_payment(c, d, WHO, 50_000, "Phí thẩm định", "Nghị quyết 10/2025/NQ-HĐND"),
        lambda d: money.pay(c, d, WHO, "cash"),
        lambda d: acts.correct(c, d, WHO, {"applicant.phone": "0912345678"}, titles={"applicant.phone": "Điện thoại"}),
        lambda d: acts.finish(c, d, WHO, [{"number": "12/2026"}]),
        lambda d: acts.post(c, d, WHO, "EK123456789VN"),
        lambda d: acts.hand_over(c, d, WHO, {}),
    )


def _other_owners(desk: Desk) -> list[Case]:
    """Somebody with an old paper who withdraws, an organisation that pays later, one who filed online and is declined."""
    c, place = desk.counter, "Thôn Nà Lộc, xã Yên Thượng"
    old = {"full_name": "Lò Thị Ẩn", "address": place, "other_id": {"kind": "old_id", "number": "063214587"}}
    firm = {"full_name": "Hợp tác xã Đồng Ẻn", "address": "Khu 5, xã Yên Thượng", "no_id_reason": "Tổ chức, không phải cá nhân"}

    def decline(dossier: str) -> None:
        desk.say(dossier, "declined", {"reason": "Không thuộc thẩm quyền", "at": c.clock().isoformat()}, c.counter_id)

    withdrawn = _after_each(desk, desk.receive("2.000815", 4, applicant=old), lambda d: acts.withdraw(c, d, WHO, "Đổi ý"))
    paid_late = _after_each(
        desk,
        desk.receive("2.000815", 5, applicant=firm, pay="later"),
        lambda d: acts.finish(c, d, WHO),
        lambda d: money.pay(c, d, WHO, "cash"),
    )
    return [*withdrawn, *paid_late, *_after_each(desk, desk.filed("1.001193", 6, account="TECH-0001"), decline)]


def _after_each(desk: Desk, dossier: str, *steps: Callable[[str], object]) -> list[Case]:
    """A dossier as it is at first and after each step."""
    found = [desk.case(dossier)]
    for step in steps:
        desk.clock.now += timedelta(minutes=7)
        step(dossier)
        found.append(desk.case(dossier))
    return found
