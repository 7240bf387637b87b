"""What a clerk does with a received dossier: each act one transaction, each says what it changed. A new return date is
computed here, at the time of the act, and stays with it: no later edit of calendar or catalogue moves it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from forms import guard
from forms.line import check_shape, normal
from forms.names import fold
from forms.problem import Problem
from forms.procedure import TimeLimit
from forms.stages import STAGE_WORDS, Stage
from forms.steps import CORRECTABLE
from forms.validation import check
from forms.working_days import VIETNAM, parse_moment
from sync.counter import Changes, Counter
from sync.house_rules import after_pause, apply_outages, counted

_AHEAD = timedelta(minutes=10)  # two counters' clocks may differ by so much
Body = Callable[[dict[str, Any]], dict[str, Any]]


def perform(counter: Counter, dossier_id: str, operator: str, name: str, body: Body, at: datetime | None = None) -> Changes:
    """Append an act that the dossier's stage allows; its body is made inside the transaction, from what then stands.

    :raises Problem: ``not_now``, ``dossier_unknown``, ``dossier_erased``, ``line_too_large``.
    """
    with counter.store.write():
        when = {"at": (at or counter.clock()).isoformat()}
        before = counter.dossier(dossier_id)
        if before["erased"] or not before["procedure"].get("code"):
            raise Problem("dossier_erased")
        counter.act_allowed(dossier_id, name, operator, normal(when | body(before)))
        if len(counter.dossier(dossier_id)["review"]) > len(before["review"]):
            raise Problem("not_now", event=name)  # what it would settle leaves more to be settled
    return Changes(frozenset([dossier_id]), status=True)


def _text(value: str, problem: str) -> str:
    """The text without white space around it. :raises Problem: ``problem`` when nothing is left."""
    if not value.strip():
        raise Problem(problem)
    return value.strip()


# On its way


def transfer(counter: Counter, dossier_id: str, operator: str, to: str, taker: str = "", note: str = "") -> Changes:
    """Chuyển xử lý: the paper dossier is handed over to a section or agency (a line of Mẫu số 06).

    :raises Problem: ``receiver_missing``, as ``perform``.
    """
    to = _text(to, "receiver_missing")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        last = dossier["handovers"][-1]["to"] if dossier["handovers"] else counter.profile.get("centre")
        giver = counter.operator_name(operator)
        return {"from": str(last or ""), "to": to, "giver": giver, "taker": taker.strip(), "note": note.strip()}

    return perform(counter, dossier_id, operator, "transferred", body)


def arrive(counter: Counter, dossier_id: str, operator: str, at: datetime) -> Changes:
    """The competent unit has received the dossier: the period runs from then (NĐ 309/2026/NĐ-CP).

    :raises Problem: ``moment_out_of_range``, as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        received = parse_moment(dossier["received_at"] or "")
        if received is None or not received <= at <= counter.clock() + _AHEAD:
            raise Problem("moment_out_of_range")
        limit = _limit(dossier)
        due = counter.calendar.appointment(limit, at).return_at if limit else None
        if limit and due:  # what stood still since, and a later date that was promised, still count
            due = counter.calendar.moved(limit.unit, due, [(max(a, at), b) for a, b in counted(dossier) if b > at])
            promised = parse_moment(dossier["return_at"] or "")
            extended = any(c["event"] == "extended" for c in dossier["clock"])
            due = max(due, promised) if extended and promised else due
        unit = (dossier.get("competent") or {}).get("name")
        return {"unit": unit, "return_at": due.isoformat() if due else None}

    done = perform(counter, dossier_id, operator, "arrived", body, at)
    return Changes(done.dossiers | apply_outages(counter, operator), status=True)


def request_supplement(
    counter: Counter, dossier_id: str, operator: str, items: Sequence[dict[str, Any]], reason: str = ""
) -> Changes:
    """Yêu cầu bổ sung (Mẫu số 02), in one go: the clock stops now.

    :param items: ``{"paper": code | None, "name", "reason", "basis"}``.
    :raises Problem: what ``guard.check_supplement`` refuses; as ``perform``.
    """
    asked = supplement_items(counter, counter.dossier(dossier_id), items)
    return perform(counter, dossier_id, operator, "supplement_requested", lambda _now: {"items": asked, "reason": reason})


def supplement_items(counter: Counter, dossier: dict[str, Any], items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a request may ask for, each with its name. :raises Problem: what ``guard.check_supplement`` refuses."""
    procedure, group = counter.catalogue.procedure_of(dossier), counter.catalogue.group_of(dossier)
    case = group.cases[0] if group else procedure.case(dossier["procedure"].get("case")) if procedure else None
    guard.check_supplement(case, items, bool(dossier["applicant"].get("personal_id")))
    names = {p.code: p.name for p in case.papers} if case else {}
    return [{"name": names.get(str(i.get("paper")), ""), "basis": "", "paper": None} | _filled(i) for i in items]


def receive_supplement(counter: Counter, dossier_id: str, operator: str, papers: Sequence[dict[str, Any]] = ()) -> Changes:
    """What was asked for has come: the clock goes on, and the return date moves by the time it stood; an outage that was
    announced meanwhile counts only where it stood longer.

    :raises Problem: as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        return {"papers": list(papers), "return_at": after_pause(counter, dossier)}

    done = perform(counter, dossier_id, operator, "supplement_received", body)
    moved = apply_outages(counter, operator)
    return Changes(done.dossiers | moved, status=True)


def extend(counter: Counter, dossier_id: str, operator: str, return_at: datetime, reason: str) -> Changes:
    """Xin lỗi và gia hạn (Mẫu số 04): a new date with its reason.

    :raises Problem: ``reason_missing``, ``date_not_later``, ``date_off``, as ``perform``.
    """
    reason = _text(reason, "reason_missing")
    new = return_at if return_at.tzinfo else return_at.replace(tzinfo=VIETNAM)
    if not counter.calendar.is_working(new.astimezone(VIETNAM).date()):
        raise Problem("date_off")

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        old = parse_moment(dossier["return_at"] or "")
        if new <= counter.clock() or (old and new <= old):
            raise Problem("date_not_later")
        return {"reason": reason, "return_at": new.isoformat()}

    return perform(counter, dossier_id, operator, "extended", body)


def shelve(counter: Counter, dossier_id: str, operator: str, place: str) -> Changes:
    """Where the paper dossier lies. :raises Problem: ``place_missing``, as ``perform``."""
    place = _text(place, "place_missing")
    return perform(counter, dossier_id, operator, "shelved", lambda _now: {"place": place})


def authorise(counter: Counter, dossier_id: str, operator: str, person: dict[str, Any], basis: str) -> Changes:
    """Somebody else may act for the owner and take the result (người được ủy quyền), by a paper that is named.

    :raises Problem: ``name_missing``, ``basis_missing``, as ``perform``.
    """
    person = {k: v for k, v in person.items() if v} | {"full_name": _text(str(person.get("full_name") or ""), "name_missing")}
    basis = _text(basis, "basis_missing")
    return perform(counter, dossier_id, operator, "authorised", lambda _now: {"person": person | {"basis": basis}})


def correct(
    counter: Counter,
    dossier_id: str,
    operator: str,
    fields: Mapping[str, Any],
    reason: str = "",
    titles: Mapping[str, str] | None = None,
) -> Changes:
    """Set fields right, each by itself: ``{"answers.mother.full_name": value}``. It answers a refusal of the portal.
    ``titles``: what the fields are called on the screen, for whoever reads the story.

    :raises Problem: ``field_unknown``, ``value_refused`` (``field``, ``finding``), as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for path, value in fields.items():
            part, *inner = path.split(".")
            if part not in CORRECTABLE or not all(inner) or not inner:
                raise Problem("field_unknown", field=path)
            called = {"title": titles[path]} if titles and path in titles else {}
            changed[path] = {"was": _at(dossier.get(part), inner), "now": value} | called
        if not changed or all(c["was"] == c["now"] for c in changed.values()):
            raise Problem("nothing_changed")
        whole = {k: _with(dossier.get(k) or {}, k, changed) for k in CORRECTABLE}
        check_shape({"id": dossier_id, "procedure": dossier["procedure"]["code"]} | {k: v for k, v in whole.items() if v})
        _check_values(counter, dossier, changed)
        return {"fields": changed, "reason": reason.strip()}

    return perform(counter, dossier_id, operator, "corrected", body)


def _check_values(counter: Counter, dossier: dict[str, Any], changed: Mapping[str, Any]) -> None:
    """What reception would refuse of the new values is refused here too."""
    procedure = counter.catalogue.procedure_of(dossier)
    received = parse_moment(dossier["received_at"] or "") or counter.clock()
    if procedure is None:
        return
    line = {k: dossier[k] for k in ("channel", "papers")} | {"case": dossier["procedure"].get("case")}
    line |= {k: _with(dossier.get(k) or {}, k, changed) for k in ("applicant", "answers")}
    for finding in check(procedure, counter.catalogue.form_of(dossier), line, received.date()):
        path = ".".join(str(p) for p in finding.path)
        if finding.hard and any(path == c or path.startswith(c + ".") for c in changed):
            raise Problem("value_refused", field=path, finding=finding.code)


def _at(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _with(whole: dict[str, Any], part: str, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The part with its changes, without touching what was given."""
    for path, change in changed.items():
        first, *names = path.split(".")
        if first == part:
            whole = _put(whole, names, change["now"])
    return whole


def _put(whole: Any, names: Sequence[str], value: Any) -> Any:
    if not names:
        return value
    inner = whole if isinstance(whole, dict) else {}
    return inner | {names[0]: _put(inner.get(names[0]), names[1:], value)}


# Its end


def withdraw(counter: Counter, dossier_id: str, operator: str, reason: str) -> Changes:
    """Công dân rút hồ sơ (Mẫu số 05), with the owner's own request. :raises Problem: ``reason_missing``, as ``perform``."""
    reason = _text(reason, "reason_missing")
    words = {"reason": "người nộp hồ sơ đề nghị rút hồ sơ", "request_of_owner": reason}
    return perform(counter, dossier_id, operator, "withdrawn", lambda now: words | _standing(now))


def stop(counter: Counter, dossier_id: str, operator: str, reason: str, basis: str = "") -> Changes:
    """Dừng xử lý (Mẫu số 05). :raises Problem: ``reason_missing``, as ``perform``."""
    words = {"reason": _text(reason, "reason_missing"), "basis": basis.strip()}
    return perform(counter, dossier_id, operator, "stopped", lambda now: words | _standing(now))


def _standing(dossier: dict[str, Any]) -> dict[str, str]:
    """At which stage the dossier ended, for its paper."""
    return {"stage": STAGE_WORDS[Stage(dossier["stage"])]}


def annul(counter: Counter, dossier_id: str, operator: str, reason: str, approved_by: str) -> Changes:
    """Typed by mistake: the code is void and never used again; the head of the centre has approved.

    :raises Problem: ``reason_missing``, ``approval_missing``, as ``perform``.
    """
    body = {"reason": _text(reason, "reason_missing"), "approved_by": _text(approved_by, "approval_missing")}
    return perform(counter, dossier_id, operator, "annulled", lambda _now: body)


def finish(counter: Counter, dossier_id: str, operator: str, results: Sequence[dict[str, Any]] = ()) -> Changes:
    """Có kết quả: it lies at the one-stop unit, the clock ends. Without ``results`` (``{"name", "number", "about"}``) the
    procedure's published result is meant.

    :raises Problem: as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        procedure = counter.catalogue.procedure_of(dossier)
        expected = procedure.result if procedure else ""
        given = [{"name": expected} | {k: v for k, v in r.items() if v} for r in results]
        return {"results": given or [{"name": expected}]}

    return perform(counter, dossier_id, operator, "finished", body)


def post(counter: Counter, dossier_id: str, operator: str, tracking: str) -> Changes:
    """The result goes by post. :raises Problem: ``reference_missing``, as ``perform``."""
    tracking = _text(tracking, "tracking_missing")
    return perform(counter, dossier_id, operator, "posted", lambda _now: {"tracking": tracking})


def post_failed(counter: Counter, dossier_id: str, operator: str, reason: str) -> Changes:
    """The parcel came back. :raises Problem: ``reason_missing``, as ``perform``."""
    reason = _text(reason, "reason_missing")
    return perform(counter, dossier_id, operator, "post_failed", lambda _now: {"reason": reason})


def hand_over(counter: Counter, dossier_id: str, operator: str, details: Mapping[str, Any]) -> Changes:
    """Trả kết quả: who took it. ``details``: ``receiver {full_name, personal_id | other_id, phone}`` (the owner when left
    out), ``authority`` (by what right, for somebody else), ``signed`` (on the paper slip), ``given_back`` and ``withheld``
    (originals given back, originals the office keeps), all optional. A posted result is returned when the post says so.

    :raises Problem: ``authority_missing``, ``signature_missing``, as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        who = dossier["applicant"]
        posted = dossier["result"].get("state") == "posted"
        taker = {k: v for k, v in dict(details.get("receiver") or {}).items() if v}
        taker = taker or {k: who[k] for k in ("full_name", "personal_id", "other_id", "phone") if who.get(k)}
        authority = str(details.get("authority") or "").strip()
        if not posted and not authority and not _entitled(dossier, taker):
            raise Problem("authority_missing", name=taker.get("full_name"))
        if not posted and not details.get("signed", True):
            raise Problem("signature_missing")
        texts = {k: str(details.get(k) or "").strip() for k in ("given_back", "withheld")}
        said = {"receiver": taker | ({"authority": authority} if authority else {}), "results": dossier["result"].get("results")}
        return said | texts | {"signed": not posted, "how": "post" if posted else "counter"}

    return perform(counter, dossier_id, operator, "returned", body)


def _entitled(dossier: dict[str, Any], taker: Mapping[str, Any]) -> bool:
    """Whether the taker is the owner, the one who filed, or somebody authorised: by name, and by number where one is shown."""
    who, shown = dossier["applicant"], _number(taker)
    for person in (p for p in (who, who.get("representative"), dossier.get("authorised")) if isinstance(p, dict)):
        named = fold(str(person.get("full_name") or "")) == fold(str(taker.get("full_name") or ""))
        if named and (not shown or not _number(person) or shown == _number(person)):
            return True
    return False


def _number(person: Mapping[str, Any]) -> str:
    """The personal number, or that of another paper."""
    other = person.get("other_id")
    return str(person.get("personal_id") or (other.get("number") if isinstance(other, dict) else "") or "")


# Conflicts


def settle(counter: Counter, dossier_id: str, operator: str, act: str, counts: str) -> Changes:
    """Settle what two counters did apart. ``act``: the marked act; ``counts``: ``against`` (it does not count), ``act`` (it
    does, and what stood against it does not), ``both`` (of two dates the later shows).

    :raises Problem: ``nothing_to_settle``, as ``perform``.
    """

    def body(dossier: dict[str, Any]) -> dict[str, Any]:
        marked = next((r for r in dossier["review"] if r["act"] == act), None)
        if marked is None or counts not in ("against", "act", "both"):
            raise Problem("nothing_to_settle")
        against = [r["act"] for r in marked["against"]]
        if counts == "both":
            return {"counts": [act, *against], "overruled": []}
        one, other = ([act], against) if counts == "act" else (against, [act])
        return {"counts": one, "overruled": other}

    return perform(counter, dossier_id, operator, "settled", body)


def _limit(dossier: dict[str, Any]) -> TimeLimit | None:
    """The limit the dossier was received under, as its receipt says it."""
    said = dossier.get("appointment")
    if said is None:
        return None
    return TimeLimit(said["amount"], said["unit"], bool(said.get("same_day")), bool(said.get("late_starts_next")))


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in item.items() if k in ("paper", "name", "reason", "basis") and v}
