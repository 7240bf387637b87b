"""A filled declaration (tờ khai) from any e-form definition, ready to sign: the resident writes nothing but the signature."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from forms.address import text_of
from forms.conditions import at
from forms.definition import Definition, shown_of
from forms.names import date_words, moment_vn, money, partial_date_vn
from forms.paper_data import Occasion, facts, grouped, office_facts, other_label, person_number
from forms.paper_heading import heading
from forms.procedure import Procedure
from forms.typesetting import DOTS, Folders, compile_paper, fill, template
from forms.working_days import VIETNAM

_Json = dict[str, Any]


def declaration(
    definition: Definition,
    answers: Mapping[str, Any],
    applicant: Mapping[str, Any],
    profile: Mapping[str, Any],
    procedure: Procedure | None,
    on: date,
    practice: bool,
    folders: Folders = (),
) -> bytes:
    """The declaration (A4) of answers that may not belong to a dossier yet, as PDF/A-2b bytes.

    :param on: the day it is signed, Vietnam time. :raises Problem: ``paper_unknown``, ``paper_failed``.
    """
    kind = template("declaration", on.isoformat(), folders)
    noon = datetime.combine(on, time(12), VIETNAM)
    known = office_facts(profile, noon) | {"printed": f"ngày {on:%d/%m/%Y}"}
    dossier = {"applicant": applicant, "answers": answers, "procedure": {"code": procedure.code if procedure else ""}}
    return _compose(kind, dossier, definition, known, on, practice, folders)


def draw(kind: Mapping[str, Any], occasion: Occasion, definition: Definition, folders: Folders) -> bytes:
    """The declaration of a dossier; called by ``papers.draw``. :raises Problem: ``paper_failed``."""
    known = facts(occasion, kind["words"]) | {"printed": moment_vn(occasion.printed_at.astimezone(VIETNAM))}
    practice = bool(occasion.profile.get("practice"))
    more = {"reprint": occasion.reprint}
    return _compose(kind, occasion.dossier, definition, known, occasion.day.date(), practice, folders, more)


def _compose(
    kind: Mapping[str, Any],
    dossier: Mapping[str, Any],
    definition: Definition,
    known: Mapping[str, Any],
    day: date,
    practice: bool,
    folders: Folders,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    w, applicant, answers = kind["words"], dossier.get("applicant") or {}, dossier.get("answers") or {}
    legal = re.split("[;:]", definition.source)[0].strip()  # what follows is for whoever keeps the form
    titled = dict(kind) | {"title": definition.title, "title_lines": [definition.title.upper()]}
    data = heading(titled, dossier, dict(known) | {"title": definition.title}, day)
    data |= {
        "practice": practice,
        "form": definition.form,
        "addressee": fill(definition.addressee, known),
        "pledge": definition.pledge,
        "source": "" if legal in definition.form else legal,
        "sections": [*_requester(definition, applicant, answers, w), *sections(definition, answers, w)],
        "signatures": _signatures(definition, answers, applicant, w),
    }
    return compile_paper(kind["template"], data | dict(more or {}), folders)


def sections(definition: Definition, answers: Mapping[str, Any], w: Mapping[str, Any]) -> list[_Json]:
    """The layout with its answers in words: titled sections of blocks. A block is a ``line`` of labelled values, a
    ``person`` of such lines, or a ``table``. Questions that are not asked of these answers, and empty sections, are left out."""
    elsewhere = {n for n, p in definition.properties.items() if p.get("x-screen-only") or _with_requester(definition, p)}
    asked = definition.shown(answers) - elsewhere
    found = []
    for section in definition.layout:
        rows = [[name for name in row if name in asked] for row in section.rows]
        blocks = [block for row in rows for block in _blocks(row, definition.properties, answers, w)]
        if blocks and blocks[0].get("label") == section.title:
            blocks[0]["label"] = ""
        if blocks:
            found.append({"title": section.title, "blocks": blocks})
    return found


def _blocks(row: list[str], specs: Mapping[str, Any], answers: Mapping[str, Any], w: Mapping[str, Any]) -> Iterator[_Json]:
    """Simple values of a row share a line; persons and tables stand alone."""
    simple: list[_Json] = []
    for name in row:
        spec, value = specs[name], answers.get(name)
        if spec["x-kind"] not in ("person", "table"):
            simple.append(_cell(spec, value, w))
            continue
        if simple:
            yield {"kind": "line", "cells": simple}
            simple = []
        yield _person(spec, value, w) if spec["x-kind"] == "person" else _table(spec, value, w)
    if simple:
        yield {"kind": "line", "cells": simple}


def _cell(spec: Mapping[str, Any], value: Any, w: Mapping[str, Any]) -> _Json:
    said = value_text(spec["x-kind"], value, w)
    if spec.get("x-in-words") and said != DOTS:
        said += " " + fill(w["in_words"], {"words": date_words(str(value))})
    return {"label": _label(spec), "value": said, "width": int(spec.get("x-width", 12))}


def _label(spec: Mapping[str, Any]) -> str:
    return str(spec.get("x-paper") or spec["title"])


def _person(spec: Mapping[str, Any], value: Any, w: Mapping[str, Any]) -> _Json:
    given = value if isinstance(value, Mapping) else {}
    inner, asked = spec["properties"], shown_of(spec["properties"], given)
    shown = [n for n in asked if not inner[n].get("x-screen-only")]
    lines = [[_cell(inner[n], given.get(n), w) for n in row if n in shown] for row in spec["x-paper-layout"]]
    return {"kind": "person", "label": _label(spec), "lines": [line for line in lines if line]}


def _table(spec: Mapping[str, Any], value: Any, w: Mapping[str, Any]) -> _Json:
    columns = [(name, spec["x-columns"][name]) for name in spec.get("x-order") or spec["x-columns"]]
    rows = [row for row in value or () if isinstance(row, Mapping)] if isinstance(value, list) else []
    return {
        "kind": "table",
        "label": _label(spec),
        "columns": [{"label": _label(c), "kind": c["x-kind"], "width": int(c.get("x-width", 0))} for _, c in columns],
        "rows": [[value_text(c["x-kind"], row.get(name), w) for name, c in columns] for row in rows],
    }


def value_text(kind: str, value: Any, w: Mapping[str, Any]) -> str:
    """An answer as it is written on paper; dots for one that was not given."""
    if value in (None, "", [], {}):
        return DOTS
    if kind == "yes_no":
        return str(w["yes"] if value else w["no"])
    if kind in ("date", "partial_date"):
        return partial_date_vn(str(value))
    if kind == "time":
        hours, minutes = [*str(value).split(":"), DOTS][:2]
        return str(fill(w["time"], {"h": hours, "m": minutes}))
    if kind == "money" and isinstance(value, int):
        return money(value)
    if kind == "personal_number":
        return grouped(str(value))
    if kind == "address":
        old = text_of(value.get("old")) if isinstance(value, Mapping) else ""
        return text_of(value) + (" " + fill(w["old_address"], {"old": old}) if old else "")
    return text_of(value) if isinstance(value, Mapping) else str(value)


def _with_requester(definition: Definition, spec: Mapping[str, Any]) -> bool:
    return bool(definition.requester and spec.get("x-requester"))


def _requester(
    definition: Definition, applicant: Mapping[str, Any], answers: Mapping[str, Any], w: Mapping[str, Any]
) -> list[_Json]:
    """Who asks, as the counter noted it: the card or the number was seen, so nothing is written again; at the end what the
    form asks about this person. A form that asks for this person itself has no such block."""
    if not definition.requester:
        return []
    other = applicant.get("other_id") or {}
    id_label = str(w["personal_id"] if applicant.get("personal_id") or not other else other_label(other, w))
    rows: list[list[tuple[str, Any, str, int]]] = [
        [(w["full_name"], applicant.get("full_name"), "name", 8), (w["birth_date"], applicant.get("birth_date"), "date", 4)],
        [(w["address"], applicant.get("address"), "address", 12)],
        [(id_label, grouped(person_number(applicant)), "text", 12)],
    ]
    representative = applicant.get("representative") or {}
    if representative:
        number = grouped(person_number(representative))
        rows.append([(w["representative"], representative.get("full_name"), "name", 8), (w["personal_id"], number, "text", 4)])
    lines = [[{"label": a, "value": value_text(k, v, w), "width": n} for a, v, k, n in row] for row in rows]
    asked = [n for s in definition.layout for r in s.rows for n in r if _with_requester(definition, definition.properties[n])]
    lines += [[_cell(definition.properties[n], answers.get(n), w)] for n in asked]
    return [{"title": definition.requester, "blocks": [{"kind": "line", "cells": line} for line in lines]}]


def _signatures(
    definition: Definition, answers: Mapping[str, Any], applicant: Mapping[str, Any], w: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The boxes with the names that are known: of the person whose label the title repeats, or whom ``"TITLE|answer.path"``
    names; the declarer is who filed."""
    persons = {_label(p).upper(): f"{n}.full_name" for n, p in definition.properties.items() if p["x-kind"] == "person"}
    filed = str((applicant.get("representative") or {}).get("full_name") or applicant.get("full_name") or "")
    boxes = []
    for said in definition.signatures:
        title, _bar, path = said.partition("|")
        path = path or persons.get(title.upper(), "")
        alone = len(definition.signatures) == 1 or re.sub(r"\W+$", "", title).upper() in w["declarers"]
        name = str(at(answers, path) or "") if path else filed if alone else ""
        boxes.append({"title": title, "name": name})
    return boxes
