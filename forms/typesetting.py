"""Dated paper data + Typst template + facts -> PDF/A-2b. Numbers, titles, wording, size and QR content of every paper are
entries of ``papers.json``; templates are the ``*.typ`` files beside it. Nothing here knows what a paper says.

A missing glyph or font fails: a paper that lost a tone mark is worse than no paper.
"""

import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst

from forms.problem import Problem
from resources import path_of

COMMON = "common"
"""The entry whose words stand in every paper."""
DOTS = "……"
"""What stands where something is not known."""
LONGEST = 100_000
"""Characters of one text in a paper; more is a mistake, not a paper."""

Folders = tuple[Path, ...]


@lru_cache(maxsize=8)
def _entries(folders: Folders) -> tuple[dict[str, Any], ...]:
    """Every entry, in the order in which they came into force. An entry of the same name and date in a folder lies over the
    shipped one, and what an entry does not say it takes from the one in force before it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for folder in (path_of("papers"), *reversed(folders)):
        for raw in _read_entries(folder / "papers.json"):
            key = (raw["name"], raw["valid_from"])
            found[key] = _over(_titled_anew(found.get(key, {}), raw), raw)
    whole: dict[str, dict[str, Any]] = {}
    entries = []
    for name, valid_from in sorted(found, key=lambda key: key[1]):
        whole[name] = _over(_titled_anew(whole.get(name, {}), found[name, valid_from]), found[name, valid_from])
        missing = {"title", "size", "number_suffix", "qr", "words"} - set(whole[name]) if "template" in whole[name] else None
        if missing:
            raise Problem("pack_damaged", file="papers.json", reason=f"{name} lacks {', '.join(sorted(missing))}")
        entries.append(whole[name])
    return tuple(entries)


def _titled_anew(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """A new title does not stand on the lines of the old one."""
    return {k: v for k, v in below.items() if k != "title_lines" or "title" not in above}


def _over(below: Any, above: Any) -> Any:
    """One entry laid over another, key by key. A wording keeps its shape: a text, a list or a table of texts."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _over(below[key], value) if key in below else value for key, value in above.items()}
    if type(below) is not type(above):
        raise Problem("pack_damaged", file="papers.json", reason=f"{above!r:.60} stands where {below!r:.60} was")
    return above


def _read_entries(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    try:
        raw: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["papers"]
        for entry in raw:
            if not isinstance(entry["name"], str) or not isinstance(entry.get("words", {}), dict):
                raise TypeError("name or words")
            date.fromisoformat(entry["valid_from"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem("pack_damaged", file=file.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    return raw


def template(name: str, on: str, folders: Folders = ()) -> dict[str, Any]:
    """The version of a paper in force on the ISO date ``on``, with the common words. :param folders: places where a
    ``papers.json`` and templates stand before the shipped ones. :raises Problem: ``paper_unknown``, ``pack_damaged``."""
    entries = _entries(folders)
    versions = [t for t in entries if t["name"] == name and t["valid_from"] <= on and "template" in t]
    if not versions:
        raise Problem("paper_unknown", paper=name)
    common = [t["words"] for t in entries if t["name"] == COMMON and t["valid_from"] <= on]
    kind = versions[-1]
    return kind | {"words": _over(common[-1] if common else {}, kind["words"])}


def newest(folders: Folders = ()) -> dict[str, dict[str, Any]]:
    """The newest entry of every paper, by name."""
    return {t["name"]: t for t in _entries(folders) if "template" in t}


@lru_cache(maxsize=8)
def _sources(folders: Folders) -> dict[str, bytes]:
    """Every template by file name; a folder's stands before the shipped one of the same name."""
    places = (path_of("papers"), *reversed(folders))
    return {f.name: f.read_bytes() for place in places for f in sorted(place.glob("*.typ"))}


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(path_of("fonts"))])


def compile_paper(file: str, data: Mapping[str, Any], folders: Folders = (), tagged: bool = True) -> bytes:
    """Fill a template: PDF/A-2b bytes. Text is inert, and composed (NFC). Warnings (a missing font) are errors.

    :raises Problem: ``paper_failed`` with the template's name and what is wrong with it, never with a person's data.
    """
    sources = _sources(folders)
    if file not in sources:
        raise Problem("paper_failed", template=file, reason="no such template")
    if _PACKAGE.search(sources[file]):
        raise Problem("paper_failed", template=file, reason="packages are not fetched")
    if any(len(text) > LONGEST for text in _texts(data)):
        raise Problem("paper_failed", template=file, reason="a text is too long")
    inputs = {"data": unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))}
    files: Any = {name: source for name, source in sources.items() if name != file} | {"main.typ": sources[file]}
    try:
        pdf, warnings = typst.compile_with_warnings(
            files,  # a dict of files, as typst takes it; its stub does not know
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["a-2b"],
            pdf_tags=tagged,
        )
    except typst.TypstError as error:
        raise Problem("paper_failed", template=file, reason=_reason(str(error))) from error
    if warnings:
        raise Problem("paper_failed", template=file, reason=_reason(str(warnings[0])))
    return bytes(pdf)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _reason(message: str) -> str:
    """Typst quotes the text it could not show: that may be somebody's name."""
    return "a character has no glyph" if "could not be displayed" in message else message[:200]


_PACKAGE = re.compile(rb'"@[\w-]+/')
_HOLE = re.compile(r"\{(\w+)\}")


def fill(words: Any, facts: Mapping[str, Any]) -> Any:
    """``{name}`` in a wording becomes the fact of that name, dots where it is not known; lists and dicts throughout."""
    if isinstance(words, str):
        return _HOLE.sub(lambda hole: str(facts.get(hole[1]) or DOTS), words)
    if isinstance(words, Mapping):
        return {name: fill(inner, facts) for name, inner in words.items()}
    return [fill(inner, facts) for inner in words] if isinstance(words, list) else words


def qr_svg(text: str) -> str:
    """A QR symbol (TCVN 7322:2009 = ISO/IEC 18004) as SVG without a quiet zone."""
    svg = io.BytesIO()
    segno.make(text, error="m", micro=False).save(svg, kind="svg", border=0, scale=4)
    return svg.getvalue().decode()
