"""A pack: one procedure in a JSON file, read and written. The format is numbered; another number is refused by name."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from forms.problem import Problem
from forms.procedure import UNIT_WORDS, Case, Channel, Doubt, Fee, Member, PaperRequirement, Procedure, TimeLimit

FORMAT = 2
MOST_BYTES = 8 << 20
"""Of one JSON file: a hundred times the largest pack there is."""
_KINDS = ("fixed", "per_unit", "certified_copy", "local", "unstated")
_ABOUT = ("time", "fee", "papers", "form", "code", "validity", "other")
_FACTS = "code version name short_name field decision valid_from code_source form result".split()
_Pack = TypeVar("_Pack")


def load(file: Path) -> Any:
    """The JSON of a resource file. :raises Problem: ``pack_damaged``."""
    try:
        return json.loads(_bytes_of(file).decode())
    except (OSError, ValueError, RecursionError) as error:
        raise Problem("pack_damaged", file=file.name, reason=type(error).__name__) from error


def load_json(file: Path) -> Any:
    """The JSON of a file that somebody named. :raises Problem: ``file_unreadable``."""
    try:
        return json.loads(_bytes_of(file).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise Problem("file_unreadable", file=file.name) from error


def _bytes_of(file: Path) -> bytes:
    """:raises OSError, ValueError: no ordinary file (a pipe would make us wait for ever), or one that is no pack by its size."""
    if not file.is_file():
        raise FileNotFoundError(file.name)
    with file.open("rb") as source:
        raw = source.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise ValueError("too large")
    return raw


def write_file(file: Path, content: bytes) -> None:
    """:raises Problem: ``file_unwritable``."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Problem("file_unwritable", file=file.name) from error


def write_packs(procedures: Iterable[Procedure], folder: Path) -> None:
    """A pack for each procedure, named by its code and version. :raises Problem: ``file_unwritable``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem("file_unwritable", file=folder.name) from error
    for one in procedures:
        name = re.sub(r"[^\w.-]+", "_", f"{one.code}@{one.version}") if one.version else one.code
        text = json.dumps(write_procedure(one), ensure_ascii=False, indent=2) + "\n"
        write_file(folder / f"{name}.json", text.encode())


def read(file: Path, read_one: Callable[[Any], _Pack]) -> _Pack:
    """What ``read_one`` makes of a file's JSON. :raises Problem: ``pack_damaged``, ``pack_version_unknown``, with the file."""
    raw = load(file)
    try:
        return read_one(raw)
    except Problem as problem:
        raise Problem(problem.code, **problem.details | {"file": file.name}) from problem
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        raise Problem("pack_damaged", file=file.name, reason=f"{type(error).__name__}: {error}") from error


def check_format(raw: dict[str, Any]) -> None:
    """:raises Problem: ``pack_version_unknown`` when a pack was written for another version of the program."""
    if raw.get("format") != FORMAT:
        raise Problem("pack_version_unknown", format=raw.get("format"), known=FORMAT)


def read_procedure(raw: dict[str, Any]) -> Procedure:
    """A procedure from its pack.

    :raises Problem: ``pack_version_unknown``. :raises KeyError, TypeError, ValueError: when the shape is not right.
    """
    check_format(raw)
    channels: dict[str, Channel] = {}
    for one in raw["channels"]:
        channels[one["id"]] = _channel(one, channels.get(one.get("as", "")))
    procedure = Procedure(
        **{k: raw[k] for k in _FACTS},
        cases=tuple(_case(c) for c in raw["cases"]),
        channels=tuple(channels.values()),
        keywords=tuple(raw["keywords"]),
        doubts=tuple(Doubt(_one_of(d["about"], _ABOUT), d["text"]) for d in raw["to_confirm"]),
        competent=raw.get("competent", "Ủy ban nhân dân cấp xã"),
        review=_one_of(raw.get("review", "sourced"), ("sourced", "imported", "confirmed")),
        outage_basis=raw.get("outage_basis", ""),
        members=tuple(_member(m) for m in raw.get("members", ())),
    )
    if not procedure.cases or not procedure.channels:
        raise ValueError("a procedure needs a case and a channel")
    return procedure


def write_procedure(procedure: Procedure) -> dict[str, Any]:
    """The pack of a procedure: ``read_procedure`` gives the same procedure again."""
    shape = asdict(procedure)
    doubts = shape.pop("doubts")
    for channel in shape["channels"]:
        channel["case_times"] = dict(channel["case_times"])
        channel["fees"] = [{k: v for k, v in fee.items() if v not in (None, (), "")} for fee in channel["fees"]]
    for member in shape["members"]:
        member["answers"] = dict(member["answers"])
    return {"format": FORMAT} | shape | {"to_confirm": doubts}


def _one_of(value: Any, known: tuple[str, ...]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is not one of {', '.join(known)}")
    return value


def _case(raw: dict[str, Any]) -> Case:
    papers = tuple(_paper(p) for p in raw["papers"])
    if len({p.code for p in papers}) != len(papers):
        raise ValueError(f"a paper code stands twice in case {raw['id']}")
    return Case(raw["id"], raw["name"], papers, tuple(raw.get("optional_answers", ())))


def _paper(raw: dict[str, Any]) -> PaperRequirement:
    counts: dict[str, Any] = {k: int(raw.get(k, 0)) for k in ("originals", "certified", "copies")}
    flags: dict[str, Any] = {k: bool(raw.get(k, False)) for k in ("declaration", "on_card", "digitise")}
    facts: dict[str, Any] = {"required": bool(raw["required"]), "note": raw.get("note", "")}
    return PaperRequirement(raw["code"], raw["name"], **counts, **facts, **flags)


def read_time(raw: dict[str, Any] | None) -> TimeLimit | None:
    """A time limit ``{amount, unit, same_day, late_starts_next}``; None for one that is not settled.

    :raises ValueError: no such unit, a negative amount.
    """
    if raw is None:
        return None
    amount = int(raw["amount"])
    if amount < 0:
        raise ValueError("a time limit is not negative")
    flags = [bool(raw.get(k, False)) for k in ("same_day", "late_starts_next")]
    return TimeLimit(amount, _one_of(raw["unit"], tuple(UNIT_WORDS)), *flags)


def _channel(raw: dict[str, Any], like: Channel | None) -> Channel:
    """``"as": "1"`` takes time and fees of a channel named before."""
    if "as" in raw:
        if like is None:
            raise ValueError(f"channel {raw['id']} is like one that is not there")
        return Channel(raw["id"], raw["name"], like.time, like.fees, like.case_times)
    times = {case: read_time(time) for case, time in raw.get("case_times", {}).items()}
    known = tuple((case, time) for case, time in times.items() if time is not None)
    return Channel(raw["id"], raw["name"], read_time(raw["time"]), tuple(_fee(f) for f in raw["fees"]), known)


def _fee(raw: dict[str, Any]) -> Fee:
    def bound(key: str) -> tuple[str, int] | None:
        return (raw[key][0], int(raw[key][1])) if raw.get(key) else None

    amount = int(raw.get("amount", 0))
    if amount < 0:
        raise ValueError("a fee is not negative")
    return Fee(
        raw["code"],
        raw["name"],
        _one_of(raw["kind"], _KINDS),
        amount,
        raw.get("quantity", ""),
        raw["basis"],
        bound("within_days"),
        bound("after_days"),
        tuple(raw.get("cases", ())),
        tuple(raw.get("exempt", ())),
    )


def _member(raw: dict[str, Any]) -> Member:
    pairs = tuple((str(k), str(v)) for k, v in raw.get("answers", {}).items())
    time = read_time(raw.get("time"))
    return Member(raw["procedure"], raw.get("case"), time, pairs, raw.get("when"), raw.get("road", ""))
