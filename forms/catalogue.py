"""The catalogue: procedures and e-form definitions, read from packs (JSON files), found by code or by what people say."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from forms.definition import Definition, read_definition
from forms.names import fold
from forms.pack import load, read, read_procedure
from forms.procedure import Procedure
from resources import path_of


class Catalogue:
    """Procedures by (code, version) and e-form definitions by (id, version). Immutable once loaded. A later pack of the same
    code and version takes the place of an earlier one, but an imported record never that of one that somebody has read."""

    def __init__(self, procedures: Iterable[Procedure], definitions: Iterable[Definition]) -> None:
        self._versions: dict[tuple[str, str], Procedure] = {}
        for one in procedures:
            before = self._versions.get((one.code, one.version))
            if before is None or one.review != "imported" or before.review == "imported":
                self._versions[(one.code, one.version)] = one
        self._definitions = {(d.id, d.version): d for d in definitions}
        self._newest = {p.code: p for p in sorted(self._versions.values(), key=_age)}
        self._keys = {p.code: fold(" ".join((p.name, p.short_name, p.code, *p.keywords))) for p in self._newest.values()}

    @classmethod
    def load(cls, *folders: Path) -> "Catalogue":
        """Read every pack of the shipped resources, or of these folders: each may hold ``procedures/`` and ``forms/``, and
        the later one takes the place of the same code and version in an earlier one.

        :raises Problem: ``pack_damaged``, ``pack_version_unknown``, ``conditions_cycle`` with the file's name.
        """
        roots = folders or (path_of(),)
        lists = next(r / "forms" / "lists.json" for r in (*reversed(roots), path_of()) if (r / "forms" / "lists.json").exists())
        known = load(lists)
        forms = [f for r in roots for f in sorted((r / "forms").glob("*.json")) if f.name != "lists.json"]
        procedures = [f for r in roots for f in sorted((r / "procedures").glob("*.json"))]
        definitions = [read(f, lambda raw: read_definition(raw, known)) for f in forms]
        return cls([read(f, read_procedure) for f in procedures], definitions)

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """The newest version of every procedure, by code."""
        return tuple(self._newest[c] for c in sorted(self._newest))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Every version of every e-form."""
        return tuple(self._definitions[k] for k in sorted(self._definitions))

    def procedure(self, code: str, version: str | None = None, on: date | None = None) -> Procedure | None:
        """The version asked for; or the one in force on a day (the first one before its time, so that a wrong clock finds
        something); or the newest. None when unknown."""
        if version:
            return self._versions.get((code, version))
        if on is None:
            return self._newest.get(code)
        versions = sorted((p for p in self._versions.values() if p.code == code), key=_age)
        return next((p for p in reversed(versions) if p.valid_from <= on.isoformat()), versions[0] if versions else None)

    def procedure_of(self, dossier: Mapping[str, Any]) -> Procedure | None:
        """The version a dossier (``Dossier.as_json()``) was received under; None when it is not here."""
        facts = dossier["procedure"]
        return self.procedure(str(facts.get("code")), facts.get("version"))

    def group_of(self, dossier: Mapping[str, Any]) -> Procedure | None:
        """The linked group a dossier was received in, in its version; None for an ordinary one."""
        linked = dossier.get("linked") or {}
        return self.procedure(str(linked.get("group") or ""), linked.get("version"))

    def definition(self, procedure: Procedure, version: str | None = None, on: date | None = None) -> Definition | None:
        """The e-form of a procedure in a version, or in force on a day, or the newest; None when it has none."""
        if not procedure.form:
            return None
        if version and (procedure.form, version) in self._definitions:
            return self._definitions[(procedure.form, version)]
        versions = sorted((d for d in self._definitions.values() if d.id == procedure.form), key=lambda d: d.valid_from)
        if on is not None:
            versions = [d for d in versions if d.valid_from <= on.isoformat()] or versions[:1]
        return versions[-1] if versions else None

    def form_of(self, dossier: Mapping[str, Any]) -> Definition | None:
        """The e-form a dossier was typed in, in its version: its own procedure's, or the one of its linked group."""
        form = dossier.get("form") or {}
        for one in (self.procedure_of(dossier), self.group_of(dossier)):
            if one is not None and one.form == form.get("id"):
                return self.definition(one, form.get("version"))
        return None

    def search(self, text: str) -> list[Procedure]:
        """Procedures whose name, synonyms or code hold every word of ``text``, with or without marks; best first."""
        phrase = fold(text)
        hits = [p for p in self.procedures if _begins(phrase.split(), self._keys[p.code].split())]
        return sorted(hits, key=lambda p: self._distance(p, phrase))

    def _distance(self, procedure: Procedure, phrase: str) -> tuple[bool, bool, bool, int]:
        """Its name before what people call it, the whole phrase before its words apart, short before long."""
        in_name = f" {phrase}" in f" {fold(procedure.short_name)}" or phrase == procedure.code
        called = phrase in {fold(k) for k in procedure.keywords}
        return not in_name, not called, f" {phrase}" not in f" {self._keys[procedure.code]}", len(procedure.short_name)


def _age(procedure: Procedure) -> tuple[str, bool]:
    """Order of versions: by their first day; of one day, what was only imported stands behind what somebody has read."""
    return procedure.valid_from, procedure.review != "imported"


def _begins(wanted: list[str], words: list[str]) -> bool:
    """Every wanted word begins one of the words."""
    return all(any(w.startswith(x) for w in words) for x in wanted)
