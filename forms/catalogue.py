"""The catalogue: procedures and e-form definitions, read from packs (JSON files), found by code or by what people say."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from forms.definition import Definition, read_definition
from forms.names import fold
from forms.problem import Problem
from forms.procedure import Case, Channel, Fee, PaperRequirement, Procedure, TimeLimit
from resources import path_of


class Catalogue:
    """Procedures by (code, version) and their e-form definitions. Immutable once loaded."""

    def __init__(self, procedures: Iterable[Procedure], definitions: Iterable[Definition]) -> None:
        self._versions = {(p.code, p.version): p for p in procedures}
        self._current = {p.code: p for p in sorted(self._versions.values(), key=lambda p: p.valid_from)}
        self._definitions = {d.id: d for d in definitions}
        self._keys = {p.code: fold(" ".join((p.name, p.short_name, p.code, *p.keywords))) for p in self._current.values()}

    @classmethod
    def load(cls, folder: Path | None = None) -> "Catalogue":
        """Read every pack below ``folder`` (default: the shipped resources).

        :raises Problem: ``pack_damaged`` with the file's name and what is wrong with it.
        """
        root = folder or path_of()
        lists = _read(root / "forms" / "lists.json")
        definitions = [
            _guard(f, lambda d: read_definition(d, lists))
            for f in sorted((root / "forms").glob("*.json"))
            if f.name != "lists.json"
        ]
        return cls([_guard(f, read_procedure) for f in sorted((root / "procedures").glob("*.json"))], definitions)

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """The version in force of every procedure, by code."""
        return tuple(self._current[c] for c in sorted(self._current))

    def procedure(self, code: str, version: str | None = None) -> Procedure | None:
        """The version asked for, or the newest one; None when unknown."""
        return self._versions.get((code, version)) if version else self._current.get(code)

    def definition(self, procedure: Procedure) -> Definition | None:
        """The e-form of a procedure, None when it has none."""
        return self._definitions.get(procedure.form) if procedure.form else None

    def search(self, text: str) -> list[Procedure]:
        """Procedures whose name, synonyms or code hold every word of ``text``, with or without marks; best first."""
        phrase = fold(text)
        hits = [p for p in self.procedures if _begins(phrase.split(), self._keys[p.code].split())]
        return sorted(hits, key=lambda p: (f" {phrase}" not in f" {self._keys[p.code]}", len(p.short_name)))


def _begins(wanted: list[str], words: list[str]) -> bool:
    """Every wanted word begins one of the words."""
    return all(any(w.startswith(x) for w in words) for x in wanted)


def read_procedure(raw: dict[str, Any]) -> Procedure:
    """A procedure from its pack. :raises KeyError, TypeError, ValueError: when the shape is not right."""
    return Procedure(
        **{k: raw[k] for k in ("code", "version", "name", "short_name", "field", "decision", "valid_from", "code_source")},
        form=raw["form"],
        result=raw["result"],
        cases=tuple(_case(c) for c in raw["cases"]),
        channels=tuple(_channel(c) for c in raw["channels"]),
        keywords=tuple(raw["keywords"]),
        to_confirm=tuple(raw["to_confirm"]),
    )


def _case(raw: dict[str, Any]) -> Case:
    papers = tuple(
        PaperRequirement(
            p["code"],
            p["name"],
            int(p.get("originals", 0)),
            int(p.get("certified", 0)),
            int(p.get("copies", 0)),
            bool(p["required"]),
            p.get("note", ""),
        )
        for p in raw["papers"]
    )
    return Case(raw["id"], raw["name"], papers, tuple(raw.get("optional_answers", ())))


def _channel(raw: dict[str, Any]) -> Channel:
    time = raw.get("time")
    limit = TimeLimit(int(time["amount"]), time["unit"], bool(time.get("same_day", False))) if time else None
    return Channel(raw["id"], raw["name"], limit, tuple(_fee(f) for f in raw["fees"]))


def _fee(raw: dict[str, Any]) -> Fee:
    def bound(key: str) -> tuple[str, int] | None:
        return (raw[key][0], int(raw[key][1])) if key in raw else None

    return Fee(
        raw["code"],
        raw["name"],
        raw["kind"],
        int(raw.get("amount", 0)),
        raw.get("quantity", ""),
        raw["basis"],
        bound("within_days"),
        bound("after_days"),
    )


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem("pack_damaged", file=file.name, reason=type(error).__name__) from error


def _guard(file: Path, read: Any) -> Any:
    raw = _read(file)
    try:
        return read(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem("pack_damaged", file=file.name, reason=f"{type(error).__name__}: {error}") from error
