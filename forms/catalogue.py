"""The catalogue: procedures and e-form definitions, read from packs (JSON files) or published by the national portal, found by
code or by what people say."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from forms.definition import Definition, read_definition
from forms.names import date_vn, fold
from forms.pack import load, read, read_procedure
from forms.procedure import Doubt, Procedure
from forms.published import Version
from resources import path_of

_OTHER = (
    "Cổng công bố theo bản {version} (từ {day}), khác bản {read} đã đối chiếu; quầy vẫn nhận theo bản đã đối chiếu, cần xác nhận."
)
_GONE = "Cổng không còn công khai thủ tục này cho cấp xã từ {day}; cần xác nhận trước khi tiếp nhận."


class Catalogue:
    """Procedures by (code, version) and e-form definitions by (id, version). What it says never changes.

    **Which version is in force.** A pack that somebody has read (``review`` not ``imported``) was compared with the law: its
    e-form, checklist and time limits. So of one version the read one stands, whatever else brings it; and a procedure of
    which any version was read is received under the newest of those. A newer record of the portal does not replace it, it is
    said as a doubt (*cần xác nhận*) of the procedure until somebody has read that one, too. A procedure that is only known
    from records is received under the newest of them, its open deadlines and fees open. Every version stays to be found by
    (code, version), for the dossiers that were received under it.

    :param published: versions that the portal has published, in that order (``forms.published``).
    :param withdrawn: what it no longer shows: code -> since. That is not offered any more where it is only known from
        records, and a doubt where it was read.
    """

    def __init__(
        self,
        procedures: Iterable[Procedure],
        definitions: Iterable[Definition],
        published: Iterable[Version] = (),
        withdrawn: Mapping[str, str] | None = None,
    ) -> None:
        self._packs, self._withdrawn = tuple(procedures), withdrawn or {}
        self._versions: dict[tuple[str, str], Procedure | Version] = {}
        brought: tuple[Procedure | Version, ...] = (*self._packs, *published)
        for one in brought:
            before = self._versions.get((one.code, one.version))
            if before is None or one.review != "imported" or before.review == "imported":
                self._versions[(one.code, one.version)] = one
        self._definitions = {(d.id, d.version): d for d in definitions}
        self._all: dict[str, list[Procedure | Version]] = {}
        for one in sorted(self._versions.values(), key=_age):
            self._all.setdefault(one.code, []).append(one)
        self._in_force = {code: [v for v in all_ if v.review != "imported"] or all_ for code, all_ in self._all.items()}

    def with_published(self, published: Iterable[Version], withdrawn: Mapping[str, str]) -> "Catalogue":
        """These packs, and what the portal has published."""
        return Catalogue(self._packs, self._definitions.values(), published, withdrawn)

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

    @cached_property
    def procedures(self) -> tuple[Procedure, ...]:
        """The newest version of every procedure, by code."""
        offered = (self.procedure(c) for c in sorted(self._in_force) if c not in self._withdrawn or self._was_read(c))
        return tuple(p for p in offered if p)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Every version of every e-form."""
        return tuple(self._definitions[k] for k in sorted(self._definitions))

    def procedure(self, code: str, version: str | None = None, on: date | None = None) -> Procedure | None:
        """The version asked for; or the one in force on a day (the first one before its time, so that a wrong clock finds
        something); or the newest. None when unknown."""
        if version:
            return _procedure(self._versions.get((code, version)))
        versions = self._in_force.get(code)
        if versions is None:
            return None
        day = "9999" if on is None else on.isoformat()
        found = _procedure(next((v for v in reversed(versions) if v.valid_from <= day), versions[0]))
        notes = self._notes(code) if found else ()
        return replace(found, doubts=(*found.doubts, *notes)) if found and notes else found

    def _was_read(self, code: str) -> bool:
        return self._in_force[code][0].review != "imported"

    def _notes(self, code: str) -> tuple[Doubt, ...]:
        """What the portal has said of a procedure since somebody read it, and that it no longer shows it."""
        newest, read = self._all[code][-1], self._in_force[code][-1]
        notes = []
        if newest.review == "imported" and read.review != "imported" and not _same_decision(newest.version, read.version):
            notes.append(_OTHER.format(version=newest.version, day=_day(newest.valid_from), read=read.version))
        if code in self._withdrawn:
            notes.append(_GONE.format(day=_day(self._withdrawn[code])))
        return tuple(Doubt("validity", text) for text in notes)

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

    @cached_property
    def _said(self) -> dict[str, "_Said"]:
        return {p.code: _Said.of(p) for p in self.procedures}

    def search(self, text: str) -> list[Procedure]:
        """Procedures whose name, synonyms or code hold every word of ``text``, with or without marks; best first."""
        phrase = fold(text)
        hits = [p for p in self.procedures if _begins(phrase.split(), self._said[p.code].words)]
        return sorted(hits, key=lambda p: self._distance(p, phrase))

    def _distance(self, procedure: Procedure, phrase: str) -> tuple[bool, bool, bool, int]:
        """Its name before what people call it, the whole phrase before its words apart, short before long."""
        said = self._said[procedure.code]
        in_name = f" {phrase}" in f" {said.short_name}" or phrase == procedure.code
        whole = f" {phrase}" in f" {' '.join(said.words)}"
        return not in_name, phrase not in said.keywords, not whole, len(procedure.short_name)


@dataclass(frozen=True)
class _Said:
    """What people may call a procedure, folded: folding a thousand at each letter would be felt."""

    words: tuple[str, ...]
    short_name: str
    keywords: frozenset[str]

    @classmethod
    def of(cls, one: Procedure) -> "_Said":
        key = fold(" ".join((one.name, one.short_name, one.code, *one.keywords)))
        return cls(tuple(key.split()), fold(one.short_name), frozenset(fold(k) for k in one.keywords))


def _age(one: Procedure | Version) -> tuple[str, bool]:
    """Order of versions: by their first day; of one day, what was only imported stands behind what somebody has read."""
    return one.valid_from, one.review != "imported"


def _procedure(one: Procedure | Version | None) -> Procedure | None:
    return one.procedure if isinstance(one, Version) else one


def _same_decision(published: str, read: str) -> bool:
    """Whether a record gives the decision that was read, "Quyết định số 163/QĐ-BTP" for "163/QĐ-BTP"; one that was changed since
    its first publication has a mark behind it."""
    return bool(re.fullmatch(rf"(?:.*[^0-9])?{re.escape(fold(read))}", fold(published)))


def _day(text: str) -> str:
    return date_vn(date.fromisoformat(text))


def _begins(wanted: list[str], words: tuple[str, ...]) -> bool:
    """Every wanted word begins one of the words."""
    return all(any(w.startswith(x) for w in words) for x in wanted)
