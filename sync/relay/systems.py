"""What the relay and a receiving system say to each other, whatever system it is: sans-I/O.

A system is asked for its ``next`` call about a dossier, somebody carries it out, and what came back is given to ``heard``. What
the other side has is a :class:`Told`, kept durably by the relay: before a call that changes something there, ``Told.doubt``
names it; whoever finds a doubt after a cut or a crash must learn first what became of it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

Json = dict[str, Any]
Verdict = tuple[str, Json]
"""(event name, body) to be said in the dossier by the counter ``portal``."""
LOGIN = "login"
"""The name of the call that opens a session."""


@dataclass(frozen=True)
class Act:
    """What happened to the dossier, in the order of the fold; acts that do not count (overruled, marked, written twice) are left
    out. ``act``: its name for good (``forms.dossier.act_of``); ``at``: ISO, Vietnam time; ``operator``: the name of who did it,
    "" for none; ``official``: TrangThaiHoSo 1–10 after it, None where there is none; ``counter``: who said it."""

    act: str
    event: str
    at: datetime
    operator: str
    official: int | None
    body: Mapping[str, Any]
    counter: str = ""


@dataclass(frozen=True)
class Case:
    """One dossier, with all that is needed to tell a system of it. Nothing here is read from elsewhere.

    ``dossier``: ``Dossier.as_json()``. ``listed``: what the national catalogue says of its procedure: ``MaLinhVuc``,
    ``TenLinhVuc``, ``TenTTHC`` (missing keys are not known). ``profile``: the commune's. ``link``: SHA-256 of a scan -> address
    from which the receiving system may download it, "" when files cannot be given. ``scan``: SHA-256 -> its bytes.
    """

    dossier: Mapping[str, Any]
    acts: tuple[Act, ...]
    listed: Mapping[str, str]
    profile: Mapping[str, Any]
    link: Callable[[str], str]
    scan: Callable[[str], bytes]
    now: datetime

    @property
    def official(self) -> int | None:
        """TrangThaiHoSo now."""
        found: int | None = self.dossier["official"]
        return found


@dataclass(frozen=True)
class Told:
    """What the other side has of a dossier, as far as is known here.

    ``exists``: it is there. ``number``: the number issued there. ``record``: digest of the record last taken; ``refused``: of the
    one last refused. ``state``: TrangThaiHoSo last told. ``rows``: acts told as progress. ``files``: SHA-256 -> what the other
    side calls it. ``noted``: what it cannot express and was said in the dossier already. ``doubt``: the call that is, or was,
    under way: its name and what it is about.
    """

    exists: bool = False
    number: str = ""
    record: str = ""
    refused: str = ""
    state: int = 0
    rows: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    doubt: Mapping[str, Any] | None = None

    def as_json(self) -> Json:
        """For keeping."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any] | None) -> "Told":
        """As it was kept; nothing told for None."""
        kept = dict(raw or {})
        return cls(**kept | {k: tuple(kept.get(k, ())) for k in ("rows", "noted")})

    def but(self, **changes: Any) -> "Told":
        """With these changes."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Request:
    """An HTTP request to a system: ``path`` below its address (with its query), a JSON body or ``files``
    ``(field, file name, bytes, media type)``."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: tuple[tuple[str, str, bytes, str], ...] = ()


@dataclass(frozen=True)
class Reply:
    """What came back: an HTTP status and a JSON value. Anything that is no JSON never gets this far."""

    status: int
    body: Any


@dataclass(frozen=True)
class Call:
    """``name``: the service. ``about``: what is remembered in ``Told.doubt`` with the name, JSON, no personal data. ``safe``:
    repeating it changes nothing there (a login, a question, a number that nobody misses)."""

    name: str
    request: Request
    about: Mapping[str, Any] = field(default_factory=dict)
    safe: bool = False


@dataclass(frozen=True)
class Heard:
    """What an answer means: what is now told, and what is to be said in the dossier."""

    told: Told
    verdicts: tuple[Verdict, ...] = ()


class System(Protocol):
    """A receiving system. ``name`` is its key in the configuration, ``label`` what people call it."""

    name: str
    label: str

    def remarks(self, case: Case, told: Told) -> Heard:
        """What there is to say without asking: what the other side cannot be told, each once (``Told.noted``)."""
        ...

    def next(self, case: Case, told: Told) -> Call | None:
        """What to send now; None when the other side has all it should have, or waits for a correction."""
        ...

    def heard(self, case: Case, told: Told, call: Call, reply: Reply) -> Heard:
        """What the answer to ``call`` means.

        :raises Problem: ``system_busy`` (``retry_after`` seconds or None): ask again later, ``told`` stays as it was before the
            call; ``system_unreadable``: an answer of no known meaning, the doubt stays.
        """
        ...


@runtime_checkable
class Board(Protocol):
    """A system that says what became of a dossier there, its own or another system's."""

    def watch(self, number: str) -> Call:
        """The question."""
        ...

    def moved(self, case: Case, told: Told, reply: Reply) -> tuple[Verdict, ...]:
        """What happened there that is not known here; what we told ourselves never comes back as theirs.

        :raises Problem: as ``System.heard``.
        """
        ...


def digest(value: Any) -> str:
    """16 hex digits that change when the value does."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cut(text: str, most: int) -> str:
    """At most ``most`` characters; a cut is shown as "…". For remarks only, never for a name, a number or a title."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
