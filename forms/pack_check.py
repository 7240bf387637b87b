"""Checking packs before a counter uses them: ``python -m forms check PACK``.

A pack is a procedure, an e-form definition, the list of papers, or a folder that holds ``procedures/``, ``forms/`` and
``papers/`` (or such files side by side). Everything wrong is one finding; only a bug raises.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from forms.definition import Definition, read_definition
from forms.pack import load, read, read_procedure
from forms.pack_rules import HARD, SOFT, Found, check_definition, check_procedure
from forms.problem import Problem
from resources import path_of

_FOLDERS = ("procedures", "forms", "papers")
_LISTS = "lists.json"
_PAPER = ("name", "template", "valid_from", "form", "title")
_WORDS = ("name", "valid_from")
_T = TypeVar("_T")


@dataclass
class _Review:
    """The findings so far, and what the files have in common: each e-form in its newest version, and which file took a name
    first."""

    root: Path
    findings: list[dict[str, Any]] = field(default_factory=list)
    forms: dict[str, Definition] = field(default_factory=dict)
    taken: dict[tuple[str, ...], str] = field(default_factory=dict)

    def say(self, file: Path, found: Found) -> None:
        path, code, subject = found
        name = file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else file.name
        text = (HARD.get(code) or SOFT.get(code) or "{}").format(subject)
        self.findings.append({"file": name, "path": path, "code": code, "hard": code not in SOFT, "text": text})

    def once(self, file: Path, code: str, *names: str) -> None:
        """A name that another file has taken is a finding."""
        if self.taken.setdefault(names, file.name) != file.name:
            self.say(file, ("", code, " ".join(names[1:])))


def check_pack(path: Path) -> list[dict[str, Any]]:
    """Findings ``{"file", "path", "code", "hard", "text"}``; an empty list for a pack without fault.

    Codes: those of ``forms.pack_rules``. ``hard``: the pack may not be used before it is mended.
    """
    review = _Review(path if path.is_dir() else path.parent)
    files = _files(path)
    if not files:
        review.say(path, ("", "nothing_to_check", path.name))
    lists = _lists(path)
    raws = [(file, raw) for file in files for raw in _loaded(review, file)]
    kinds = [(file, raw, _kind(file, raw)) for file, raw in raws]
    for definition in _known_forms(path, lists):
        nearest = review.forms.setdefault(definition.id, definition)
        if str(definition.valid_from) > str(nearest.valid_from):
            review.forms[definition.id] = definition
    for file, _, kind in kinds:
        if kind == "form":
            _check_form(review, file, lists)
    for file, raw, kind in kinds:
        if kind == "procedure":
            _check_procedure(review, file, raw)
        elif kind == "papers":
            _check_papers(review, file, raw)
        elif kind == "":
            review.say(file, ("", "pack_kind_unknown", file.name))
    return review.findings


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    folders = [path / name for name in _FOLDERS if (path / name).is_dir()] or [path]
    files = [file for folder in folders for file in sorted(folder.glob("*.json"))]
    return [file for file in files if file.parent.name != "papers" or file.name == "papers.json"]  # others: data of templates


def _loaded(review: _Review, file: Path) -> Iterable[Any]:
    """The JSON of a file, nothing when it has none."""
    return _attempt(review, file, partial(load, file))


def _attempt(review: _Review, file: Path, make: Callable[[], _T]) -> Iterator[_T]:
    """What ``make`` gives; a problem becomes a finding and gives nothing."""
    try:
        made = make()
    except Problem as problem:
        said = {k: v for k, v in problem.details.items() if k != "file"}
        review.say(file, ("", problem.code, ", ".join(f"{k} {_words(v)}" for k, v in said.items())[:200]))
    except (RecursionError, OverflowError) as error:
        review.say(file, ("", "pack_damaged", type(error).__name__))
    else:
        yield made


def _words(value: Any) -> str:
    return " → ".join(map(str, value)) if isinstance(value, list) else str(value)


def _kind(file: Path, raw: Any) -> str:
    """``procedure``, ``form``, ``papers``, ``lists``, or "" for what is none of them: by content, then by folder."""
    keys = set(raw) if isinstance(raw, dict) else set()
    if file.name == _LISTS and {"kinds", "lists"} & keys:
        return "lists"
    for kind, telling in (("form", {"properties", "layout"}), ("papers", {"papers"}), ("procedure", {"cases", "channels"})):
        if telling & keys:
            return kind
    return {"procedures": "procedure", "forms": "form", "papers": "papers"}.get(file.parent.name, "")


def _places(path: Path) -> list[Path]:
    """Where the e-forms that belong to a pack may lie, the nearest first; the shipped ones last."""
    here = path if path.is_dir() else path.parent
    return [here / "forms", here, here.parent / "forms", path_of("forms")]


def _lists(path: Path) -> Any:
    """The value lists for the e-forms: the pack's own, else the shipped ones."""
    for place in _places(path):
        try:
            found = load(place / _LISTS)
        except Problem:
            continue
        if isinstance(found, dict) and {"kinds", "lists", "person"} <= set(found):
            return found
    return {"kinds": {}, "lists": {}, "person": {"properties": {}, "x-layout": []}}


def _known_forms(path: Path, lists: Any) -> Iterator[Definition]:
    """The e-forms that a procedure of the pack may name. One that cannot be read is no finding here."""
    silent = _Review(path)
    for place in _places(path):
        for file in sorted(place.glob("*.json")) if place.is_dir() else []:
            for raw in _loaded(silent, file):
                if file.name != _LISTS and _kind(file, raw) == "form":
                    found = _attempt(silent, file, partial(_definition, file, lists))
                    yield from (definition for definition in found if isinstance(definition.id, str))


def _definition(file: Path, lists: Any) -> Definition:
    return read(file, lambda raw: read_definition(raw, lists))


def _check_form(review: _Review, file: Path, lists: Any) -> None:
    for definition in _attempt(review, file, partial(_definition, file, lists)):
        for found in check_definition(definition):
            review.say(file, found)
        review.once(file, "form_twice", "form", str(definition.id), str(definition.version))


def _check_procedure(review: _Review, file: Path, raw: Any) -> None:
    for procedure in _attempt(review, file, partial(read, file, read_procedure)):
        form = review.forms.get(procedure.form) if isinstance(procedure.form, str) else None
        for found in (*_twice(raw), *check_procedure(procedure, form)):
            review.say(file, found)
        review.once(file, "code_twice", "procedure", str(procedure.code), str(procedure.version))


def _twice(raw: Mapping[str, Any]) -> Iterator[Found]:
    """Ids of cases and channels that stand twice: the reader of packs keeps only the last channel."""
    for name in ("cases", "channels"):
        ids = [str(one["id"]) for one in raw[name]]
        for twice in dict.fromkeys(i for i in ids if ids.count(i) > 1):
            yield f"{name}.{twice}", "id_twice", twice


def _check_papers(review: _Review, file: Path, raw: Any) -> None:
    listed = raw.get("papers") if isinstance(raw, dict) else None
    if not isinstance(listed, list):
        review.say(file, ("papers", "pack_damaged", "papers"))
        return
    for place, one in enumerate(listed):
        entry = one if isinstance(one, dict) else {}
        needed = _WORDS if entry.get("name") == "common" else _PAPER  # the words that all papers share have no template
        for name in needed:
            if not isinstance(entry.get(name), str) or not (entry[name] or name == "form"):  # our own papers have no form number
                review.say(file, (f"papers.{place}.{name}", "paper_field_missing", name))
        template = entry.get("template")
        if isinstance(template, str) and template and not _is_here(file.parent, template):
            review.say(file, (f"papers.{place}.template", "template_missing", template[:120]))


def _is_here(folder: Path, name: str) -> bool:
    """A plain file name in the folder; nothing outside it is looked at."""
    return Path(name).name == name and "\0" not in name and (folder / name).is_file()
