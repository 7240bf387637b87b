"""Is there a line, how good is it, what kind of failure was that, and when to try again. Pure: time is an argument.

Only an answer signed over our nonce proves a line (design.md, "The wire"): a captive portal answers 200 too, and what the
operating system believes is a hint that wakes us and chooses the word for a failure.
"""

import random
import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from forms.problem import Problem
from sync.speed import Speed, forecast_words, number_between

__all__ = [
    "Backoff", "LinkSense", "Policy", "Speed", "forecast_words", "kind_of", "may_send_scans", "parse_retry_after", "tls_problem",
]  # fmt: skip

Kind = Literal["line", "busy", "record", "clock", "refused"]
State = Literal["unknown", "offline", "captive", "no_internet", "slow", "good"]

_LINE = frozenset({"no_line", "not_the_gateway", "deadline", "pac_unreadable", "base_differs"})
_BUSY = frozenset({"store_busy", "gateway_busy"})
_CLOCK = frozenset({"clock_wrong"})
_REFUSED = frozenset(
    "address_malformed certificate_wrong counter_revoked counter_unknown gateway_key_differs http_refused log_forked not_enrolled"
    " proxy_auth_needed proxy_unreadable signature_wrong".split()
)


def kind_of(problem: Problem) -> Kind:
    """Whose failure this is: the ``line`` and a ``busy`` gateway are tried again by themselves; a wrong ``clock`` and a counter
    that is ``refused`` as a whole (certificate, signature, proxy, address) need a person; else it is this ``record``."""
    named: tuple[tuple[Kind, frozenset[str]], ...]
    named = (("line", _LINE), ("busy", _BUSY), ("clock", _CLOCK), ("refused", _REFUSED))
    return next((kind for kind, codes in named if problem.code in codes), "record")


# Link sense

_SLOW_RATE, _FAST_RATE = 100_000 / 8, 130_000 / 8
"""Bytes a second below which a line is slow, and above which it stops being so: between them the word stays."""
_SLOW_RTT, _FAST_RTT = 1.0, 0.8
_PAGES = frozenset({200, 301, 302, 303, 307, 308, 511})
"""Status of a page that somebody puts in the gateway's place (RFC 6585: 511)."""
_REASONS = ("refused", "timeout", "unreachable", "dns", "reset", "stalled", "tls")
"""How a line fails (``no_line``), as ``sync.watched`` says it."""
_ON_THE_WAY = frozenset({"certificate_wrong", "clock_wrong", "pac_unreadable", "proxy_auth_needed", "proxy_unreadable"})
"""Something short of the gateway failed: there is no good word for the line then, but it is not proven any more."""


@dataclass(frozen=True)
class Hint:
    """What the operating system believes of its networks; None: it does not say."""

    connected: bool | None = None
    metered: bool | None = None
    captive: bool | None = None


@dataclass(frozen=True)
class _Failure:
    code: str
    reason: str | None = None
    status: int | None = None

    def word(self, hint: Hint) -> State:
        """The state this failure shows. A refusal, a reset and a broken TLS handshake came from something on the way, so they
        are neither "no network" nor "no internet"; silence is "no internet" only where the system says a network is there."""
        if self.code == "not_the_gateway":
            return "captive" if self.status is None or self.status in _PAGES or hint.captive else "unknown"
        if hint.connected is False or self.reason == "unreachable":
            return "offline"
        if hint.captive:
            return "captive"
        if self.reason in ("timeout", "dns", "stalled"):
            return "no_internet" if hint.connected else "offline"
        return "unknown"


class LinkSense:
    """What is known of the line: ``state``; ``up`` and ``down``, the speeds; ``seen``, Unix seconds of the last signed answer,
    and ``lost``, those of the first failure since, or None.

    Only :meth:`answered` can make the state ``slow`` or ``good``.
    """

    def __init__(self) -> None:
        self.up, self.down = Speed(), Speed()
        self.seen: float | None = None
        self.lost: float | None = None
        self.hints = Hint()
        self._quality: Literal["unknown", "slow", "good"] = "unknown"
        self._failure: _Failure | None = None

    @property
    def state(self) -> State:
        """The word to show."""
        return self._failure.word(self.hints) if self._failure else self._quality

    def answered(self, seconds: float, bytes_up: int, bytes_down: int, rtt: float | None, now: float) -> None:
        """A contact ended with an answer signed over our nonce. ``seconds``: how long it took; bytes: what was acknowledged and
        what came; ``rtt``: seconds, None where the platform does not tell; ``now``: Unix seconds."""
        self._failure, self.lost, self.seen = None, None, now
        self.up.acknowledged(bytes_up, seconds, rtt, now, other=bytes_down)
        self.down.acknowledged(bytes_down, seconds, rtt, now, other=bytes_up)
        self._judge()

    def _judge(self) -> None:
        speed = self.up if self.up.sure or not self.down.sure else self.down
        rate, rtt = speed.rate if speed.sure else None, self.up.rtt
        if (rate is not None and rate < _SLOW_RATE) or (rtt is not None and rtt > _SLOW_RTT):
            self._quality = "slow"
        elif self._quality != "slow" or ((rate is None or rate >= _FAST_RATE) and (rtt is None or rtt <= _FAST_RTT)):
            self._quality = "good"

    def failed(self, problem: Problem, now: float) -> None:
        """A contact ended without a signed answer. What is not about the line (busy, cancelled, a deadline of ours, a record)
        changes nothing. ``now``: Unix seconds."""
        if problem.code not in {"no_line", "not_the_gateway"} | _ON_THE_WAY:
            return
        self.lost = now if self.lost is None else self.lost
        reason, status = problem.details.get("reason"), problem.details.get("status")
        known = str(reason) if reason in _REASONS else None
        self._failure = _Failure(problem.code, known, status if isinstance(status, int) else None)

    def hint(self, connected: bool | None, metered: bool | None, captive: bool | None) -> bool:
        """The operating system's word. It may choose another word for the last failure, and never says that there is a line.

        Returns: whether it changed, so that now is a good moment to try.
        """
        before, self.hints = self.hints, Hint(connected, metered, captive)
        return self.hints != before

    def forecast(self, bytes_: int, now: float) -> float | None:
        """Seconds until ``bytes_`` of ours are acknowledged; None: not known."""
        return self.up.forecast(bytes_, now)

    def begin(self) -> None:
        """The program starts: what was proven before is not proven now. Speeds stay."""
        self._quality, self._failure, self.lost, self.hints = "unknown", None, None, Hint()

    def to_dict(self) -> dict[str, Any]:
        """For the store's meta: small, JSON-able, no personal data."""
        return {
            "quality": self._quality,
            "failure": asdict(self._failure) if self._failure else None,
            "hints": asdict(self.hints),
            "seen": self.seen,
            "lost": self.lost,
            "up": self.up.to_dict(),
            "down": self.down.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: Any) -> "LinkSense":
        """What :meth:`to_dict` gave; parts that are not that are as if nothing was known."""
        found, sense = _mapping(value), cls()
        sense.up, sense.down = Speed.from_dict(found.get("up")), Speed.from_dict(found.get("down"))
        sense.seen = number_between(found.get("seen"), 0, 1e11)
        if found.get("quality") in ("slow", "good") and sense.seen is not None:
            sense._quality = found["quality"]
        failure, hints = _mapping(found.get("failure")), _mapping(found.get("hints"))
        if isinstance(failure.get("code"), str):
            was = Problem(failure["code"], reason=failure.get("reason"), status=failure.get("status"))
            sense.failed(was, number_between(found.get("lost"), 0, 1e11) or 0.0)
        connected, metered, captive = (h if isinstance(h := hints.get(name), bool) else None for name in asdict(sense.hints))
        sense.hints = Hint(connected, metered, captive)
        return sense


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# When to try again

_EAGER_FOR = 30.0
_EAGER = (0.15, 0.5)
_LONGEST_ASKED = 3600.0


class Backoff:
    """The pause before the next try, in seconds: exponential with full jitter, so that counters cut off together do not come
    back together. For 30 s after the line was good it is 0.15–0.5 s, so that 20 s of 3G are found at once.

    ``first``, ``most``: upper bounds of the first pause and of all. ``now``: any clock that only goes forward.
    """

    def __init__(self, first: float = 1.0, most: float = 60.0, seed: int | None = None) -> None:
        self._first, self._most, self._failures = first, most, 0
        self._random = random.Random(seed)
        self._good_at: float | None = None
        self._asked = 0.0

    def pause(self, now: float | None = None) -> float:
        """How long to wait after one more failure. Without ``now`` no pause is eager."""
        if now is not None and self._good_at is not None and 0 <= now - self._good_at < _EAGER_FOR:
            drawn = self._random.uniform(*_EAGER)
        else:
            top = min(self._most, self._first * 2.0 ** min(self._failures, 60))
            self._failures += 1
            drawn = min(self._most, max(_EAGER[0], self._random.uniform(0, top)))
        asked, self._asked = self._asked, 0.0
        # Everybody was told the same time: up to a tenth later, so that they do not all come at once.
        return max(drawn, min(asked * self._random.uniform(1, 1.1), _LONGEST_ASKED))

    def retry_after(self, seconds: float | None) -> None:
        """The gateway asked for this much peace (at most an hour is given): the next pause is not shorter. None: it did not."""
        if seconds is not None and seconds > 0:
            self._asked = min(seconds, _LONGEST_ASKED)

    def reset(self, now: float | None = None) -> None:
        """The line is good, at ``now``."""
        self._failures, self._good_at, self._asked = 0, now, 0.0


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds of a ``Retry-After`` header (RFC 9110, 10.2.3): seconds or an HTTP date; 0 for a date gone by, at most an hour;
    None when it is neither. ``now``: aware."""
    text = (text or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_ASKED)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return min(max(0.0, seconds), _LONGEST_ASKED)


# What a person has decided

_CAP_KBIT = (16, 1_000_000)


@dataclass(frozen=True)
class Policy:
    """``paused``: nothing travels. ``metered_scans``: scans may cost money (dossiers always go). ``cap_kbit``: kbit/s that
    sending may use, None = all there is."""

    paused: bool = False
    metered_scans: bool = False
    cap_kbit: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """For the store."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Any) -> "Policy":
        """What :meth:`to_dict` gave. A part that is not that takes its default; a cap is brought within 16 kbit/s and 1 Gbit/s,
        so that none can stop the line for good: that is what ``paused`` says openly."""
        found = _mapping(value)
        cap = found.get("cap_kbit")
        least, most = _CAP_KBIT
        kbit = min(max(cap, least), most) if isinstance(cap, int) and not isinstance(cap, bool) else None
        return cls(found.get("paused") is True, found.get("metered_scans") is True, kbit)


def may_send_scans(policy: Policy, metered: bool | None) -> bool:
    """Whether scans may travel now. ``metered`` None (nobody can say) counts as not metered, or they would never go."""
    return not policy.paused and (policy.metered_scans or metered is not True)


# Certificates and clocks

_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_CLOSE = timedelta(minutes=10)
_VOUCHED = timedelta(hours=24)
_OLD_BUILD = timedelta(days=3 * 365)


def tls_problem(error: ssl.SSLCertVerificationError, now: datetime, build_date: date, last_gateway_ms: int | None) -> Problem:
    """What a failed certificate check means: ``clock_wrong`` when it failed on a date and our clock is not to be trusted in just
    that direction, else ``certificate_wrong``. No check is ever switched off for it.

    True time is never before the build nor before the gateway's last signed time, so a clock before either is behind. Later
    than a day after that signed time nobody vouches for the clock any more. ``now``: aware; ``last_gateway_ms``: Unix time in
    milliseconds, None before the first contact.
    """
    last = None if last_gateway_ms is None else datetime.fromtimestamp(last_gateway_ms / 1000, UTC)
    unvouched = last is not None and now > last + _VOUCHED
    suspected = None
    if error.verify_code == _NOT_YET_VALID:
        before = now.date() < build_date or (last is not None and now < last - _CLOSE)
        suspected = "behind" if before or unvouched else None
    elif error.verify_code == _EXPIRED:
        far = last is None and now.date() > build_date + _OLD_BUILD
        suspected = "ahead" if unvouched or far else None
    if suspected:
        return Problem("clock_wrong", now=now.isoformat(timespec="minutes"), suspected=suspected)
    return Problem("certificate_wrong", reason=error.verify_message or error.reason or "", verify_code=error.verify_code)
